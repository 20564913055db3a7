/* The verbs of a plain operation, in each phase in which they do another thing. */

#include "count.h"

static quell_op_t op;
static quell_handle_t owner;
static quell_worker_t worker;

static void arm(uint32_t mode) { HOLDS(quell_op_arm(&op, mode, &owner) == QUELL_OK); }

static void start(uint32_t mode) {
    arm(mode);
    HOLDS(quell_op_start(&owner, &worker) == QUELL_OK);
}

static void retire(void) { HOLDS(quell_op_retire(&owner) == QUELL_OK); }

static void floors(void) {
    uint32_t word = 0;
    COUNT("floor: a relaxed load", measured_flag(&word), 0);
    COUNT("floor: one bit set unless another is", measured_floor(&word, 2u, 1u), 0);
    HOLDS(word == 1u);
}

static void life(void) {
    quell_status_t status;
    quell_level_t visible;
    COUNT("arm", quell_op_arm(&op, QUELL_MODE_DECISIVE, &owner), QUELL_OK);
    COUNT("start", quell_op_start(&owner, &worker), QUELL_OK);
    COUNT("poll (op, inline)", measured_op_poll(&op), QUELL_LEVEL_NONE);
    COUNT("poll (worker, inline)", measured_worker_poll(&worker), QUELL_LEVEL_NONE);
    COUNT("status", quell_op_status(&owner, &status), QUELL_OK);
    COUNT("shield", quell_op_shield(&worker), QUELL_OK);
    COUNT("unshield", quell_op_unshield(&worker, &visible), QUELL_OK);
    COUNT("commit", quell_op_commit(&worker), QUELL_OK);
    COUNT("cancel (committed)",
          quell_cancel(&owner, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL), QUELL_TOO_LATE);
    COUNT("finish (committed)", quell_op_finish(&worker), QUELL_OK);
    COUNT("cancel (finished)",
          quell_cancel(&owner, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL), QUELL_FINISHED);
    COUNT("retire", quell_op_retire(&owner), QUELL_OK);
}

static void cancelled(void) {
    start(QUELL_MODE_DECISIVE);
    COUNT("cancel", quell_cancel(&owner, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL),
          QUELL_CANCELLING);
    COUNT("cancel (again)", quell_cancel(&owner, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL),
          QUELL_ALREADY_CANCELLING);
    COUNT("cancel (a higher level)",
          quell_cancel(&owner, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_USER, NULL), QUELL_RAISED);
    COUNT("poll (op, inline, requested)", measured_op_poll(&op), QUELL_LEVEL_IMMEDIATE);
    COUNT("poll (worker, inline, requested)", measured_worker_poll(&worker),
          QUELL_LEVEL_IMMEDIATE);
    COUNT("commit (requested)", quell_op_commit(&worker), QUELL_CANCELLING);
    COUNT("finish (requested)", quell_op_finish(&worker), QUELL_CANCELLING);
    COUNT("acknowledge", quell_op_acknowledge(&worker, QUELL_EFFECTS_NONE), QUELL_OK);
    retire();
    arm(QUELL_MODE_DECISIVE);
    COUNT("cancel (pending)",
          quell_cancel(&owner, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL), QUELL_CANCELLED);
    retire();
    start(QUELL_MODE_DECISIVE);
    COUNT("cancel_from_isr",
          quell_cancel_from_isr(&owner, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL),
          QUELL_CANCELLING);
    HOLDS(quell_op_acknowledge(&worker, QUELL_EFFECTS_NONE) == QUELL_OK);
    retire();
}

static void other_ends(void) {
    start(QUELL_MODE_DECISIVE);
    COUNT("finish", quell_op_finish(&worker), QUELL_OK);
    retire();
    start(QUELL_MODE_DECISIVE);
    COUNT("fail", quell_op_fail(&worker, 77u), QUELL_OK);
    retire();
    start(QUELL_MODE_DECISIVE);
    COUNT("force", quell_op_force(&owner, QUELL_CODE_ABANDONED), QUELL_OK);
    retire();
}

void count_operations(void) {
    floors();
    life();
    cancelled();
    other_ends();
}
