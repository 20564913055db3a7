/* A model of the host's driver: it keeps commands under way, with the identifier
 * that was freed last for the next one, sends Aborts from the abort interrupt as
 * another processor would at any time, resets the controller, and sees power
 * fail. */

#ifndef HOST_H
#define HOST_H

#include <stdint.h>

#include "machine.h"

/* Submits so many commands in all. */
void host_init(uint32_t seed, uint32_t commands);
/* Thread: takes completions, submits. */
enum machine_progress host_step(void);
/* Abort interrupt, before the controller looks at its doorbell. */
void host_abort_interrupt(void);

#endif
