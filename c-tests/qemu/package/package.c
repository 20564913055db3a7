/* A program as somebody with only the package would write it: an interrupt
 * cancels what the program waits for, the drain tells the hook, and a wait runs
 * out by the ready-made clock. */

#include "board.h"

#include <quell.h>
#include <stdio.h>

static quell_source_t source = QUELL_SOURCE_INIT;
static quell_handle_t owner;
static volatile uint32_t told;

void board_interrupt(void) {
    (void)quell_cancel_from_isr(&owner, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_PEER, NULL);
}

static void tells(void *context, const quell_told_t *what) {
    (void)context;
    told = what->level;
}

static int fail(const char *what) {
    printf("package: %s\n", what);
    return 1;
}

int main(void) {
    quell_hook_t hook = QUELL_HOOK_INIT;
    quell_worker_t worker;
    quell_told_t seen;
    uint64_t begun, took;
    if (quell_source_arm(&source, QUELL_MODE_DECISIVE, &owner) != QUELL_OK ||
        quell_op_start(&owner, &worker) != QUELL_OK ||
        quell_hook_add(&owner, &hook, tells, NULL, QUELL_EVENT_REQUEST, NULL) != QUELL_OK) {
        return fail("could not begin");
    }
    begun = quell_port_1_now_us();
    if (quell_wait(&owner, QUELL_EVENT_REQUEST, 5000u, &seen) != QUELL_TIMED_OUT) {
        return fail("a wait for nothing did not run out");
    }
    took = quell_port_1_now_us() - begun;
    if (took < 5000u || took > 8000u) {
        printf("package: 5000 us took %lu\n", (unsigned long)took);
        return 1;
    }
    board_raise();
    if (quell_wait(&owner, QUELL_EVENT_REQUEST, QUELL_FOREVER, &seen) != QUELL_OK ||
        seen.level != QUELL_LEVEL_IMMEDIATE || seen.cause != QUELL_CAUSE_PEER) {
        return fail("the request did not arrive");
    }
    if (quell_settle(&owner) != QUELL_OK || told != QUELL_LEVEL_IMMEDIATE) {
        return fail("the hook was not told");
    }
    if (quell_op_commit(&worker) != QUELL_CANCELLING ||
        quell_op_acknowledge(&worker, QUELL_EFFECTS_NONE) != QUELL_OK ||
        quell_hook_detach(&owner, &hook) == QUELL_RUNNING ||
        quell_op_retire(&owner) != QUELL_OK) {
        return fail("could not end");
    }
    printf("package: cancelled by an interrupt, and told\n");
    return 0;
}
