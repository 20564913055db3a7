/* The commands of one die: one on the die, and those that wait for it.
 *
 * The thread starts, watches and commits them; the completion interrupt, which
 * the die raises, ends them. */

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
/* Thread: has the die stop as soon as it can, because of a reset. */
void lane_stop(uint32_t die);
/* Completion interrupt: ends what the die is done with. */
void lane_collect(uint32_t die);

#endif
