/* What happened, in order: a hash over all of it, and the first events in words.
 * With the pace of steps it is the same for the same seed on every machine. */

#ifndef TRACE_H
#define TRACE_H

#include <stdint.h>

/* The most events that are kept for printing. */
#define TRACE_LONGEST 512u

enum trace_event {
    TRACE_SUBMIT,       /* command, opcode, address */
    TRACE_START,        /* command, die */
    TRACE_COMMIT,       /* command */
    TRACE_END,          /* command, status, dword 0 */
    TRACE_ABORT,        /* command to abort, verdict */
    TRACE_ABORT_ANSWER, /* the Abort command, status, dword 0 */
    TRACE_STOPPED,      /* die: a reset's hardware has stopped */
    TRACE_RESET,
    TRACE_POWER_FAILS,
    TRACE_POWER_IS_BACK
};

/* Keeps the first `wanted` events for trace_print(). */
void trace_init(uint32_t wanted);
/* Any context. */
void trace(enum trace_event event, uint32_t subject, uint32_t first, uint32_t second);
uint32_t trace_hash(void);
void trace_print(void);

#endif
