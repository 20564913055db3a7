// quell: the operation by itself, polled, and cancelled with nobody to tell.
// How the worker's own poll compares is loops.h's question.
#include <quell.h>

#include <vector>

#include "state.hpp"

namespace {

bool quiet(const quell_op_t *polled) { return quell_op_poll(polled) == QUELL_LEVEL_NONE; }

struct running {
    running() {
        BENCH_MUST(quell_op_arm(&op, QUELL_MODE_DECISIVE, &owner) == QUELL_OK);
        BENCH_MUST(quell_op_start(&owner, &worker) == QUELL_OK);
    }
    running(const running &) = delete;
    running &operator=(const running &) = delete;
    quell_op_t op = QUELL_OP_INIT;
    quell_handle_t owner{};
    quell_worker_t worker{};
};

struct cancel {
    explicit cancel(std::size_t size) : operations_(size) {}
    void act(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i)
            quell_cancel(&operations_[i].owner, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER,
                         nullptr);
    }
    ~cancel() {
        for (running &each : operations_)
            BENCH_MUST(quell_worker_poll(&each.worker) == QUELL_LEVEL_GRACEFUL);
    }
    std::vector<running> operations_;
};

struct poll {
    explicit poll(std::size_t) {}
    void act(std::size_t size) { BENCH_MUST(bench::poll_loop<quiet>(&running_.op, size) == 0); }
    running running_;
};

struct poll_shared : poll {
    using poll::poll;
    bench::second_poller second_{bench::poll_loop<quiet, quell_op_t>, &running_.op};
};

} // namespace

const bench_library_t *bench_quell_op() {
    static constexpr bench_work_t works[] = {
        bench::work<cancel>("cancel", sizeof(quell_op_t)),
        bench::work<poll>("poll", sizeof(quell_op_t)),
        bench::work<poll_shared>("poll_shared", sizeof(quell_op_t)),
    };
    static constexpr bench_library_t quell = bench::library("quell", works);
    return &quell;
}
