// quell: waiting for a request.
#include <vector>

#include "quell_running.hpp"

namespace {

struct sides {
    using side = std::vector<bench::running>;
    explicit sides(std::size_t size) : sides_{side(size), side(size)} {}
    void cancel(int of, std::size_t turn) { sides_[of][turn].cancel(); }
    void wait(int of, std::size_t turn) {
        BENCH_MUST(quell_wait(&sides_[of][turn].owner, QUELL_EVENT_REQUEST, QUELL_FOREVER,
                              nullptr) == QUELL_OK);
    }
    ~sides() {
        for (side &each_side : sides_)
            for (bench::running &each : each_side)
                BENCH_MUST(each.is_cancelled());
    }
    side sides_[2];
};

} // namespace

const bench_library_t *bench_quell_wait() {
    static constexpr bench_work_t works[] = {
        bench::work<bench::ping_pong<sides>>("wake", sizeof(quell_source_t)),
    };
    static constexpr bench_library_t quell = bench::library("quell", works);
    return &quell;
}
