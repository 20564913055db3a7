/*
 * Two Rust static libraries in one program, on the same operation: the C
 * program arms and works through one, its neighbour cancels through the other.
 */
#include "check.h"
#include "quell.h"

uint32_t neighbour_cancel(quell_op_t *op, uint32_t level);
uint32_t neighbour_catches_its_panic(uint32_t value);

int main(void) {
    quell_op_t op = QUELL_OP_INIT;
    quell_handle_t owner;
    quell_worker_t worker;
    quell_status_t status;

    CHECK_EQ(neighbour_cancel(&op, QUELL_LEVEL_GRACEFUL), QUELL_BAD_STATE);
    CHECK_EQ(quell_op_arm(&op, QUELL_MODE_DECISIVE, &owner), QUELL_OK);
    CHECK_EQ(quell_op_start(&owner, &worker), QUELL_OK);
    CHECK_EQ(neighbour_cancel(&op, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLING);
    CHECK_EQ(quell_worker_poll(&worker), QUELL_LEVEL_GRACEFUL);
    CHECK_EQ(neighbour_cancel(&op, QUELL_LEVEL_IMMEDIATE), QUELL_RAISED);
    CHECK_EQ(quell_op_commit(&worker), QUELL_CANCELLING);
    CHECK_EQ(quell_op_acknowledge(&worker, QUELL_EFFECTS_NONE), QUELL_OK);
    CHECK_EQ(neighbour_cancel(&op, QUELL_LEVEL_GRACEFUL), QUELL_ALREADY_CANCELLED);
    CHECK_EQ(quell_op_status(&owner, &status), QUELL_OK);
    CHECK_EQ(status.level, QUELL_LEVEL_IMMEDIATE);
    CHECK_EQ(status.cause, QUELL_CAUSE_PEER);
    CHECK_EQ(quell_op_retire(&owner), QUELL_OK);
    CHECK_EQ(neighbour_catches_its_panic(0), 0);
    CHECK_EQ(neighbour_catches_its_panic(42), 8);
    return check_report("two_archives");
}
