/* The controller: a submission and a completion queue for I/O, a pair for
 * administration, and what its firmware does in a thread and in two interrupts.
 *
 * A reset answers every command with Command Aborted due to SQ Deletion, by
 * force, and at once; the dies stop when they can, and only then does each let
 * go of its command's slot. (A real controller posts nothing after a reset, for
 * its queues are gone; here the host counts completions.) */

#ifndef CONTROLLER_H
#define CONTROLLER_H

#include <stdbool.h>
#include <stdint.h>

#include "machine.h"
#include "queue.h"

#define CONTROLLER_IO_QUEUE 1u
#define CONTROLLER_DEPTH 16u /* of the I/O queues, in entries */
#define CONTROLLER_ADMIN_DEPTH 16u
/* Aborts that are executed at a time: what Identify says in AERL, plus one. */
#define CONTROLLER_ABORTS 4u

struct controller {
    struct submission_queue io, admin;
    struct completion_queue io_done, admin_done;
};

/* The host's view of it: its registers. */
extern struct controller controller;

void controller_init(uint32_t abort_profile);
/* Thread: fetches, starts and commits, resets. */
enum machine_progress controller_step(void);
/* Completion interrupt: time passes, and the dies report. */
void controller_completion_interrupt(void);
/* Abort interrupt: the admin queue's doorbell. */
void controller_abort_interrupt(void);
/* The host's reset, for the next step to do. Until it is done, the host submits
 * nothing. Any context. */
void controller_reset(void);
bool controller_is_resetting(void);
/* Thread: whether it has nothing left to do, and power. */
bool controller_is_quiet(void);
/* Thread: requires that nothing is left: no command, no hold, no Abort. */
void controller_require_empty(void);

#endif
