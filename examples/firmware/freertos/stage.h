/* What the scenarios share: one operation, what an interrupt does to it, and what
 * has to hold. */

#ifndef STAGE_H
#define STAGE_H

#include <quell_port_freertos.h>
#include <stdbool.h>
#include <stdint.h>

#include "actors.h"

#define DIRECTOR 3u /* its priority */
#define FOR_EVER UINT64_MAX
#define PATIENCE 1000u /* in ticks */
#define MILLISECOND 1000u
/* Above it somebody has slept until another limit, or the clock is wrong. */
#define LATE (1000u * MILLISECOND)

extern TaskHandle_t director;
extern uint32_t failures;

/* Notes what does not hold. */
void expect(bool holds, const char *what);
#define EXPECT(condition) expect(condition, #condition)

/* The operation, and its hook. */
extern quell_handle_t owner;
extern quell_worker_t worker;
extern quell_hook_t hook;

void begin(void);
void retire(void);
/* Once it has been asked to. */
void end_cancelled(void);
/* By the director: QUELL_CAUSE_USER. */
quell_verdict_t cancel(void);
quell_verdict_t wait_a_moment(void);

/* Has the interrupt do this, at once. */
extern void (*volatile in_interrupt)(void);
void interrupt(void (*does)(void));
/* One of those: QUELL_CAUSE_FAULT. */
extern volatile quell_verdict_t interrupt_told;
void cancel_in_interrupt(void);

/* Whose context this is. */
const char *who(void);
/* A hook that notes that. */
void note_who(void *context, const quell_told_t *told);

/* Jobs of actors: wait for a request, note what they were told, or more of it. */
void wait_for_request(uint32_t actor);
void wait_and_name(uint32_t actor);

/* The scenarios, each of which prints what it noted: waits.c, hooks.c. */
void scenarios_of_waits(void);
void scenarios_of_hooks(void);

#endif
