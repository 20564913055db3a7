// The floor of a wake-up: one word and Linux's futex, with a mark that tells
// the one who wakes whether anybody waits.
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vector>

#include "state.hpp"

namespace {

constexpr std::uint32_t quiet = 0, waited_for = 1, cancelled = 2;

using word = std::atomic<std::uint32_t>;

void futex(word &at, int operation, std::uint32_t value) {
    syscall(SYS_futex, &at, operation | FUTEX_PRIVATE_FLAG, value, nullptr, nullptr, 0);
}

[[gnu::noinline]] void cancel(word &at) {
    if (at.exchange(cancelled, std::memory_order_acq_rel) == waited_for)
        futex(at, FUTEX_WAKE, 1);
}

[[gnu::noinline]] void wait(word &at) {
    std::uint32_t found = quiet;
    if (!at.compare_exchange_strong(found, waited_for, std::memory_order_acquire))
        return;
    while (at.load(std::memory_order_acquire) == waited_for)
        futex(at, FUTEX_WAIT, waited_for);
}

struct sides {
    explicit sides(std::size_t size)
        : words_{std::vector<word>(size), std::vector<word>(size)} {}
    void cancel(int side, std::size_t turn) { ::cancel(words_[side][turn]); }
    void wait(int side, std::size_t turn) { ::wait(words_[side][turn]); }
    ~sides() {
        for (auto &side : words_)
            for (word &each : side)
                BENCH_MUST(each.load() == cancelled);
    }
    std::vector<word> words_[2];
};

} // namespace

const bench_library_t *bench_floor_wake() {
    static constexpr bench_work_t works[] = {
        bench::work<bench::ping_pong<sides>>("wake", sizeof(word)),
    };
    static constexpr bench_library_t floor = bench::library("floor", works);
    return &floor;
}
