/* The warning that power is failing: a source of quell's, which an interrupt
 * cancels in a constant time, however many commands there are. Its hook runs in
 * the drain, below all interrupts, and asks every command to cancel at level
 * EMERGENCY. What has passed its commit point finishes, on what the capacitor
 * holds. While power is failing nothing is fetched; it is back when no command
 * is left. */

#ifndef POWER_H
#define POWER_H

#include <stdbool.h>

void power_init(void);
/* Any interrupt. False: it had been failing. */
bool power_fails(void);
/* Thread: false while power is failing. */
bool power_is_good(void);

#endif
