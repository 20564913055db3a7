/*
 * What the programs on bad input share: that a call is answered as it should
 * be, that its out-parameters are blank, and that the op's 8 bytes are as they
 * were.
 *
 * The polls are the symbols here: the inlined ones do not check their pointer.
 */
#ifndef REJECTS_H
#define REJECTS_H

#define QUELL_NO_INLINE
#include "check.h"
#include "quell.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Makes the call, and checks its answer and that it left the op alone. */
#define REJECTS(op, call, verdict)                                                             \
    do {                                                                                       \
        quell_op_t before_;                                                                    \
        memcpy(&before_, &(op), sizeof before_);                                               \
        CHECK_EQ(call, verdict);                                                               \
        CHECK(memcmp(&before_, &(op), sizeof before_) == 0);                                   \
    } while (0)

static inline int is_no_handle(const quell_handle_t *handle) {
    return handle->op == NULL && handle->gate == NULL && handle->ticket == 0;
}

static inline int is_no_worker(const quell_worker_t *worker) {
    return worker->op == NULL && worker->left == 0;
}

static inline int is_no_status(const quell_status_t *status) {
    quell_status_t nothing;
    memset(&nothing, 0, sizeof nothing);
    return memcmp(status, &nothing, sizeof nothing) == 0;
}

/* Every call that takes a handle, with one that is to be told `verdict`. */
static inline void all_calls_of_handle(quell_op_t *op, const quell_handle_t *handle,
                                       quell_verdict_t verdict) {
    quell_worker_t worker = {op, 77u};
    quell_status_t status;
    uint32_t code = 77u;
    memset(&status, 0xAA, sizeof status);

    REJECTS(*op, quell_op_start(handle, &worker), verdict);
    CHECK(is_no_worker(&worker));
    REJECTS(*op, quell_cancel(handle, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, &code), verdict);
    CHECK_EQ(code, 0);
    REJECTS(*op, quell_cancel(handle, QUELL_LEVEL_EMERGENCY, QUELL_CAUSE_FAULT, NULL), verdict);
    REJECTS(*op, quell_op_status(handle, &status), verdict);
    CHECK(is_no_status(&status));
    REJECTS(*op, quell_op_force(handle, 5u), verdict);
    REJECTS(*op, quell_op_retire(handle), verdict);
}

/* Every call that takes a worker, with one that is to be told `verdict`. */
static inline void all_calls_of_worker(quell_op_t *op, quell_worker_t *worker,
                                       quell_verdict_t verdict) {
    quell_level_t visible = QUELL_LEVEL_EMERGENCY;

    REJECTS(*op, quell_op_shield(worker), verdict);
    REJECTS(*op, quell_op_unshield(worker, &visible), verdict);
    CHECK_EQ(visible, QUELL_LEVEL_NONE);
    REJECTS(*op, quell_op_unshield(worker, NULL), verdict);
    REJECTS(*op, quell_op_commit(worker), verdict);
    REJECTS(*op, quell_op_finish(worker), verdict);
    REJECTS(*op, quell_op_fail(worker, 5u), verdict);
    REJECTS(*op, quell_op_acknowledge(worker, QUELL_EFFECTS_PARTIAL), verdict);
}

#endif
