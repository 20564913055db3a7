/* The commands of one die: one on the die, and those that wait for it.
 *
 * The thread starts them, watches them, and commits those that wait for the
 * confirmation; the completion interrupt, which the die raises, ends them. A
 * worker is one party's at a time: the thread's up to the start and while the
 * die waits for the confirmation, the interrupt's when the die is done or has
 * stopped. So the thread, once it has told the die to stop, leaves it alone. */

#ifndef LANE_H
#define LANE_H

#include <stdbool.h>
#include <stdint.h>

#include "command.h"

void lanes_init(void);
/* Thread. */
void lane_append(uint32_t die, struct command *command);
/* Thread: does what there is to do now. False: nothing. */
bool lane_service(uint32_t die);
/* Thread: has the die stop as soon as it can. */
void lane_stop(uint32_t die);
/* Completion interrupt: ends what the die is done with. */
void lane_collect(uint32_t die);

#endif
