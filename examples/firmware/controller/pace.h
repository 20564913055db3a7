/* When the two interrupts happen.
 *
 * Steps: at checkpoints in the program, whose number is drawn from the seed. The
 * interrupt is pended there, so that it is a real exception at a point that is
 * the same on every machine.
 *
 * Timers: two timers run, for times that are drawn from the seed, and interrupt
 * wherever the program is. The checkpoints do nothing. */

#ifndef PACE_H
#define PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "machine.h"

enum pace { PACE_STEPS, PACE_TIMERS };

void pace_begin(enum pace pace, uint32_t seed);
void pace_end(void);

/* Thread context, and the completion handler. */
void pace_checkpoint(void);

/* The first thing, and the last, in the handler of each interrupt. */
void pace_enter(enum machine_interrupt interrupt);
void pace_leave(enum machine_interrupt interrupt);

#endif
