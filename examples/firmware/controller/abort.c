#include "abort.h"

#include <string.h>

#include "command.h"
#include "controller.h"
#include "machine.h"
#include "trace.h"
#include "violation.h"

struct abort_command {
    bool used;
    bool waiting; /* for the end of the command to abort */
    uint16_t command;
    uint32_t target; /* that command's identifier, and its slot */
    uint32_t slot;
    quell_handle_t handle;
};

static struct abort_command aborts[CONTROLLER_ABORTS];
static uint32_t verdicts[ABORT_VERDICTS];
static const struct submission_queue *submissions;
static struct completion_queue *completions;
static uint32_t profile;

void aborts_init(const struct submission_queue *from, struct completion_queue *to,
                 uint32_t chosen) {
    memset(aborts, 0, sizeof aborts);
    memset(verdicts, 0, sizeof verdicts);
    submissions = from;
    completions = to;
    profile = chosen;
}

static void answer(uint32_t command, const quell_nvme_abort_t *with) {
    trace(TRACE_ABORT_ANSWER, command, with->status, with->dword0);
    require(completion_post(completions, submissions, command, with->status, with->dword0),
            "no room for the completion of Abort", command);
    machine_notify(MACHINE_HOST);
}

/* True: it has been answered. */
static bool told(uint32_t command, uint32_t target, quell_verdict_t verdict, uint32_t code) {
    quell_nvme_abort_t with = quell_nvme_abort_completion(verdict, code, profile);
    verdicts[verdict]++;
    trace(TRACE_ABORT, target, verdict, 0);
    if (with.after_end != 0u) {
        return false;
    }
    answer(command, &with);
    return true;
}

static struct abort_command *free_abort(void) {
    for (uint32_t index = 0; index < CONTROLLER_ABORTS; index++) {
        if (!aborts[index].used) {
            return &aborts[index];
        }
    }
    return NULL;
}

void abort_fetch(const struct nvme_submission *entry) {
    struct abort_command *fetched = free_abort();
    uint32_t target = entry->dword10 >> 16;
    quell_verdict_t verdict;
    if (fetched == NULL) {
        told(entry->command, target, QUELL_FULL, 0);
        return;
    }
    verdict = command_find(entry->dword10, &fetched->handle, &fetched->slot);
    if (verdict != QUELL_OK) {
        told(entry->command, target, verdict, 0);
        return;
    }
    fetched->command = entry->command;
    fetched->target = target;
    fetched->waiting = false;
    fetched->used = true;
}

static void execute(struct abort_command *abort) {
    uint32_t code = 0;
    quell_verdict_t verdict =
        quell_cancel_from_isr(&abort->handle, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, &code);
    if (verdict == QUELL_ALREADY_CANCELLING) {
        verdict = quell_cancel_from_isr(&abort->handle, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_USER,
                                        &code);
    }
    if (told(abort->command, abort->target, verdict, code)) {
        abort->used = false;
    } else {
        __atomic_store_n(&abort->waiting, true, __ATOMIC_RELEASE);
    }
    machine_notify(MACHINE_CONTROLLER);
}

void aborts_execute(void) {
    for (uint32_t index = 0; index < CONTROLLER_ABORTS; index++) {
        if (aborts[index].used && !aborts[index].waiting) {
            execute(&aborts[index]);
        }
    }
}

/* An Abort that waits here must not be answered by two: a first look, and, with
 * interrupts masked, a second one at all of it together. */
static void end_of_wait(struct abort_command *abort, uint32_t slot, const quell_status_t *end) {
    uint32_t saved = machine_mask();
    if (abort->waiting && abort->slot == slot) {
        quell_nvme_abort_t with = quell_nvme_abort_end_completion(end);
        abort->waiting = false;
        abort->used = false;
        answer(abort->command, &with);
    }
    machine_unmask(saved);
}

/* No Abort begins to wait for a command that has ended; and until the slot is let
 * go of, which comes after this, no other command is in it. */
void aborts_ended(uint32_t slot, const quell_status_t *end) {
    for (uint32_t index = 0; index < CONTROLLER_ABORTS; index++) {
        if (__atomic_load_n(&aborts[index].waiting, __ATOMIC_ACQUIRE)) {
            end_of_wait(&aborts[index], slot, end);
        }
    }
}

bool aborts_none(void) {
    bool none = true;
    for (uint32_t index = 0; index < CONTROLLER_ABORTS; index++) {
        none &= !aborts[index].used;
    }
    return none;
}

const uint32_t *abort_verdicts(void) { return verdicts; }
