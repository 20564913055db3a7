/* C in a Rust firmware: the driver of a sector erase, which knows quell by its
 * header alone. The critical section, the port and the interrupts are Rust's. */

#include "quell.h"

static quell_source_t erase = QUELL_SOURCE_INIT;
static quell_handle_t owner;
static quell_hook_t hook;
static uint32_t told_of;

/* The host's abort line. */
quell_verdict_t mixed_abort(void);
/* Erases until somebody cancels, and commits unless somebody has: how it ended,
 * or QUELL_PHASE_VACANT where quell has answered something unexpected. */
quell_phase_t mixed_erase(uint32_t wait_us);
/* Of what the hook of the last erase was told. */
uint32_t mixed_told(void);

static void note(void *context, const quell_told_t *told) {
    *(uint32_t *)context |= told->events;
}

quell_verdict_t mixed_abort(void) {
    return quell_cancel_from_isr(&owner, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_PEER, NULL);
}

uint32_t mixed_told(void) { return told_of; }

quell_phase_t mixed_erase(uint32_t wait_us) {
    quell_worker_t worker;
    quell_status_t status;
    told_of = 0;
    if (quell_source_arm(&erase, QUELL_MODE_DECISIVE, &owner) != QUELL_OK ||
        quell_hook_add(&owner, &hook, note, &told_of, QUELL_EVENT_REQUEST | QUELL_EVENT_END,
                       NULL) != QUELL_OK ||
        quell_op_start(&owner, &worker) != QUELL_OK) {
        return QUELL_PHASE_VACANT;
    }
    /* Instead of polling between two sectors: sleeps until there is a request. */
    (void)quell_wait(&owner, QUELL_EVENT_REQUEST, wait_us, NULL);
    if (quell_op_commit(&worker) == QUELL_OK) {
        (void)quell_op_finish(&worker);
    } else {
        (void)quell_op_acknowledge(&worker, QUELL_EFFECTS_PARTIAL);
    }
    if (quell_op_status(&owner, &status) != QUELL_OK || quell_settle(&owner) != QUELL_OK ||
        quell_op_retire(&owner) != QUELL_OK) {
        return QUELL_PHASE_VACANT;
    }
    return status.phase;
}
