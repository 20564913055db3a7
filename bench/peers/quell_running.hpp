// A running operation of quell's that tells its hooks.
#ifndef BENCH_QUELL_RUNNING_HPP
#define BENCH_QUELL_RUNNING_HPP

#include <quell.h>

#include "state.hpp"

namespace bench {

struct running {
    running() {
        BENCH_MUST(quell_source_arm(&source, QUELL_MODE_DECISIVE, &owner) == QUELL_OK);
        BENCH_MUST(quell_op_start(&owner, &worker) == QUELL_OK);
    }
    running(const running &) = delete;
    running &operator=(const running &) = delete;

    quell_verdict_t cancel() {
        return quell_cancel(&owner, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, nullptr);
    }
    bool is_cancelled() const { return quell_op_poll(&source.op) == QUELL_LEVEL_GRACEFUL; }

    quell_source_t source = QUELL_SOURCE_INIT;
    quell_handle_t owner{};
    quell_worker_t worker{};
};

} // namespace bench

#endif
