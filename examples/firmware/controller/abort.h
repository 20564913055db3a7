/* Abort commands. Each names a command by queue and identifier, which says
 * nothing of a generation. So the name is resolved when the Abort is fetched,
 * to a handle; the cancel that comes later, with the next interrupt, is of that
 * one command, or is told that it is stale.
 *
 * The first Abort of a command asks gracefully; another asks for an immediate
 * stop. */

#ifndef ABORT_H
#define ABORT_H

#include <stdint.h>

#include "quell.h"
#include "queue.h"

/* `profile`: QUELL_NVME_PROFILE_…. */
void aborts_init(const struct submission_queue *submissions,
                 struct completion_queue *completions, uint32_t profile);
/* Abort interrupt. */
void abort_fetch(const struct nvme_submission *entry);
/* Abort interrupt: cancels by all Aborts that have been fetched. */
void aborts_execute(void);
/* Answers the Aborts that have waited for this command's end. Any context. */
void aborts_ended(uint32_t slot, const quell_status_t *end);
/* Whether no Abort is being executed. */
bool aborts_none(void);

/* How many Aborts were told each verdict; those above the limit QUELL_FULL. */
#define ABORT_VERDICTS ((uint32_t)QUELL_IGNORED + 1u)
const uint32_t *abort_verdicts(void);

#endif
