// quell: hooks on a source, and a cancel that tells them.
#include <vector>

#include "quell_running.hpp"

namespace {

extern "C" void count(void *counter, const quell_told_t *) {
    ++*static_cast<std::size_t *>(counter);
}

struct callback {
    explicit callback(std::size_t) {}
    void act(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) {
            quell_hook_t added = QUELL_HOOK_INIT;
            quell_hook_add(&running_.owner, &added, count, &ran_, QUELL_EVENT_REQUEST, nullptr);
            bench::escape(added);
            removed_ += quell_hook_detach(&running_.owner, &added) == QUELL_OK;
        }
        BENCH_MUST(removed_ == size);
    }
    ~callback() { BENCH_MUST(ran_ == 0); }
    bench::running running_;
    std::size_t ran_ = 0, removed_ = 0;
};

struct cancel {
    explicit cancel(std::size_t size) : operations_(size) {}
    void act(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i)
            operations_[i].cancel();
    }
    ~cancel() {
        for (bench::running &each : operations_)
            BENCH_MUST(each.is_cancelled());
    }
    std::vector<bench::running> operations_;
};

struct cancel_many {
    explicit cancel_many(std::size_t size) : hooks_(size) {
        for (quell_hook_t &each : hooks_)
            BENCH_MUST(quell_hook_add(&running_.owner, &each, count, &ran_, QUELL_EVENT_REQUEST,
                                      nullptr) == QUELL_OK);
    }
    void act(std::size_t) { BENCH_MUST(running_.cancel() == QUELL_CANCELLING); }
    ~cancel_many() {
        BENCH_MUST(ran_ == hooks_.size());
        for (quell_hook_t &each : hooks_)
            BENCH_MUST(quell_hook_detach(&running_.owner, &each) == QUELL_RAN);
    }
    bench::running running_;
    std::vector<quell_hook_t> hooks_;
    std::size_t ran_ = 0;
};

} // namespace

const bench_library_t *bench_quell_hooks() {
    static constexpr bench_work_t works[] = {
        bench::work<callback>("callback", sizeof(quell_hook_t)),
        bench::work<cancel>("cancel", sizeof(quell_source_t)),
        bench::work<cancel_many>("cancel_many", sizeof(quell_hook_t)),
    };
    static constexpr bench_library_t quell = bench::library("quell", works);
    return &quell;
}
