// quell: polls. How the worker's own poll compares is loops.h's question.
#include <quell.h>

#include "state.hpp"

namespace {

bool quiet(const quell_op_t *polled) { return quell_op_poll(polled) == QUELL_LEVEL_NONE; }

struct poll {
    explicit poll(std::size_t) {
        BENCH_MUST(quell_op_arm(&op_, QUELL_MODE_DECISIVE, &owner_) == QUELL_OK);
        BENCH_MUST(quell_op_start(&owner_, &worker_) == QUELL_OK);
    }
    void act(std::size_t size) { BENCH_MUST(bench::poll_loop<quiet>(&op_, size) == 0); }
    quell_op_t op_ = QUELL_OP_INIT;
    quell_handle_t owner_{};
    quell_worker_t worker_{};
};

struct poll_shared : poll {
    using poll::poll;
    bench::second_poller second_{bench::poll_loop<quiet, quell_op_t>, &op_};
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
