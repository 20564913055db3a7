// quell: polls. How the worker's own poll compares is loops.h's question.
#include "quell_running.hpp"

namespace {

bool quiet(const quell_op_t *polled) { return quell_op_poll(polled) == QUELL_LEVEL_NONE; }

struct poll {
    explicit poll(std::size_t) {}
    void act(std::size_t size) {
        BENCH_MUST(bench::poll_loop<quiet>(&running_.source.op, size) == 0);
    }
    bench::running running_;
};

struct poll_shared : poll {
    using poll::poll;
    bench::second_poller second_{bench::poll_loop<quiet, quell_op_t>, &running_.source.op};
};

} // namespace

const bench_library_t *bench_quell_polls() {
    static constexpr bench_work_t works[] = {
        bench::work<poll>("poll", sizeof(quell_op_t)),
        bench::work<poll_shared>("poll_shared", sizeof(quell_op_t)),
    };
    static constexpr bench_library_t quell = bench::library("quell", works);
    return &quell;
}
