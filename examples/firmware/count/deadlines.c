/* Deadlines and progress. */

#include "count.h"

#define ROOM 8u

static quell_op_t op;
static quell_handle_t owner;
static quell_worker_t worker;

static void expired(void *context, uint32_t id, quell_verdict_t verdict, uint32_t code) {
    (void)context;
    (void)id;
    (void)verdict;
    (void)code;
}

static void deadlines(void) {
    static quell_deadline_t slots[ROOM];
    static quell_deadlines_t queue;
    uint64_t next;
    uint32_t id, count;
    HOLDS(quell_op_arm(&op, QUELL_MODE_DECISIVE, &owner) == QUELL_OK);
    HOLDS(quell_op_start(&owner, &worker) == QUELL_OK);
    HOLDS(quell_deadlines_init(&queue, slots, ROOM, 32) == QUELL_OK);
    for (uint64_t i = 1; i < ROOM; i++) {
        HOLDS(quell_deadlines_add(&queue, 0, 100u * i, QUELL_LEVEL_GRACEFUL, &owner, NULL) ==
              QUELL_OK);
    }
    COUNT("deadline add (the eighth)",
          quell_deadlines_add(&queue, 0, 50u, QUELL_LEVEL_GRACEFUL, &owner, &id), QUELL_OK);
    COUNT("deadline next", quell_deadlines_next(&queue, &next), QUELL_OK);
    COUNT("deadline disarm", quell_deadlines_disarm(&queue, id), QUELL_OK);
    COUNT("deadlines expire (one of seven)",
          quell_deadlines_expire(&queue, 100u, expired, NULL, &count), QUELL_OK);
    HOLDS(count == 1u);
    HOLDS(quell_op_acknowledge(&worker, QUELL_EFFECTS_NONE) == QUELL_OK);
}

static void progress(void) {
    static quell_progress_t said;
    static quell_reporter_t reporter;
    quell_reading_t reading;
    HOLDS(quell_reporter_init(&reporter, &said, NULL) == QUELL_OK);
    HOLDS(quell_report_total(&reporter, 100u) == QUELL_OK);
    COUNT("progress report", quell_report(&reporter, 42u), QUELL_OK);
    COUNT("progress read", quell_progress_read(&said, &reading), QUELL_OK);
    HOLDS(reading.done == 42u && reading.total == 100u);
}

void count_deadlines(void) {
    deadlines();
    progress();
}
