/* The host's ledger: what it asked for, what it was told, and whether that can
 * be. It knows the queues' entries and the flash, and nothing of the controller.
 *
 * Never both: a command whose Abort was answered as aborted completes as aborted
 * and has left what its completion says. Never neither: each command completes
 * once; aborted only if an Abort named that very command, and not another that
 * had its identifier before; for power loss only if power failed since it was
 * submitted, and for a reset only if there was one. */

#ifndef LEDGER_H
#define LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "controller.h"
#include "image.h"
#include "nvme.h"

/* Commands and Aborts that the host has under way at most: identifiers of the
 * one and of the other are below these. */
#define LEDGER_COMMANDS 12u
#define LEDGER_ABORTS 8u
/* The target of an Abort of nothing. */
#define LEDGER_NO_COMMAND UINT32_MAX

struct ledger_counts {
    uint32_t submitted, completed;
    uint32_t succeeded, aborted, power_lost, reset, failed;
    uint32_t torn; /* of those aborted or lost to power: an erase that was under way */
    uint32_t aborts_sent, aborts_answered, aborts_refused;
    uint32_t resets, power_failures;
};

/* `waits`: each Abort completes after the end of the command that it is for. */
void ledger_init(bool waits);

/* The memory that a Write takes from and a Read goes to. */
uint32_t *ledger_buffer(uint32_t command);
/* Thread, before the doorbell. */
void ledger_submitted(uint32_t command, const struct image_change *change, bool valid);
/* Abort interrupt, before the doorbell. */
void ledger_abort_sent(uint32_t abort, uint32_t command);
/* Before the reset, and before the failure or just after it. */
void ledger_reset(void);
void ledger_power_failure(void);
/* Thread. */
void ledger_completed(const struct nvme_completion *completion);
void ledger_abort_answered(const struct nvme_completion *completion);

/* Any context. */
bool ledger_is_out(uint32_t command);
bool ledger_abort_is_out(uint32_t abort);
/* Thread: requires that everything has been answered. */
void ledger_require_closed(void);
const struct ledger_counts *ledger_counts(void);

#endif
