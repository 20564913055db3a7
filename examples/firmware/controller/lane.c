#include "lane.h"

#include <string.h>

#include "flash.h"
#include "machine.h"
#include "pace.h"
#include "trace.h"
#include "violation.h"

struct lane {
    struct command *waiting;
    struct command *running; /* null again when the die has been collected */
    bool stopping;           /* the die has been told to stop */
};

static struct lane lanes[FLASH_DIES];

void lanes_init(void) { memset(lanes, 0, sizeof lanes); }

static struct command *running_of(const struct lane *lane) {
    return __atomic_load_n(&lane->running, __ATOMIC_ACQUIRE);
}

void lane_append(uint32_t die, struct command *command) {
    struct command **last = &lanes[die].waiting;
    while (*last != NULL) {
        last = &(*last)->next;
    }
    command->next = NULL;
    *last = command;
}

/* A command that was cancelled before it started has no worker that would end
 * it: it completes without waiting for the die. */
static bool end_cancelled(struct lane *lane) {
    bool worked = false;
    struct command **link = &lane->waiting;
    while (*link != NULL) {
        struct command *command = *link;
        quell_worker_t none;
        if (quell_op_poll(command->owner.op) == QUELL_LEVEL_NONE) {
            link = &command->next;
            continue;
        }
        *link = command->next;
        require(quell_op_start(&command->owner, &none) == QUELL_CANCELLED,
                "started after its cancel", command->entry.command);
        command_end(command);
        command_let_go(command);
        worked = true;
    }
    return worked;
}

static void begin(struct lane *lane, uint32_t die, struct command *command) {
    const struct nvme_submission *entry = &command->entry;
    enum flash_work work = entry->opcode == NVME_READ    ? FLASH_READ
                           : entry->opcode == NVME_WRITE ? FLASH_PROGRAM
                                                         : FLASH_ERASE;
    trace(TRACE_START, entry->command, die, 0);
    pace_checkpoint();
    lane->stopping = false;
    __atomic_store_n(&lane->running, command, __ATOMIC_RELEASE);
    require(flash_begin(die, work, nvme_block(entry->dword10), nvme_page(entry->dword10),
                        entry->data),
            "the die is busy", die);
}

static void start_next(struct lane *lane, uint32_t die) {
    struct command *command = lane->waiting;
    quell_verdict_t verdict = quell_op_start(&command->owner, &command->worker);
    lane->waiting = command->next;
    pace_checkpoint();
    switch (verdict) {
    case QUELL_OK:
        begin(lane, die, command);
        break;
    case QUELL_CANCELLED:
        command_end(command);
        command_let_go(command);
        break;
    default:
        require(verdict == QUELL_STALE, "a start was told", verdict);
        command_let_go(command); /* a reset has ended it while it waited */
    }
}

void lane_stop(uint32_t die) {
    lanes[die].stopping = true;
    flash_stop(die);
}

/* The commit comes before the confirmation, for which there is no way back. What
 * cannot be committed is stopped, and ended when the die has stopped. */
static bool commit(struct command *command, uint32_t die) {
    quell_verdict_t verdict = quell_op_commit(&command->worker);
    pace_checkpoint();
    if (verdict == QUELL_OK) {
        trace(TRACE_COMMIT, command->entry.command, 0, 0);
        require(flash_confirm(die), "cannot be confirmed", die);
        return true;
    }
    require(verdict == QUELL_CANCELLING || verdict == QUELL_STALE, "a commit was told",
            verdict);
    lane_stop(die);
    return false;
}

bool lane_service(uint32_t die) {
    struct lane *lane = &lanes[die];
    bool worked = end_cancelled(lane);
    struct command *command = running_of(lane);
    if (command == NULL) {
        if (lane->waiting == NULL) {
            return worked;
        }
        start_next(lane, die);
        return true;
    }
    if (lane->stopping) {
        return worked;
    }
    switch (flash_stage(die)) {
    case FLASH_SETUP:
        /* A graceful request waits for the commit or the end to find it. */
        if (quell_op_poll(command->owner.op) >= QUELL_LEVEL_IMMEDIATE) {
            lane_stop(die);
        }
        return worked;
    case FLASH_READY:
        return commit(command, die) || worked;
    default:
        return worked;
    }
}

/* Each answers what the last verb was told. */

static quell_verdict_t end_stopped(struct command *command, const struct flash_result *result) {
    return quell_op_acknowledge(&command->worker, result->left_something ? QUELL_EFFECTS_PARTIAL
                                                                         : QUELL_EFFECTS_NONE);
}

static quell_verdict_t end_done(struct command *command, const struct flash_result *result,
                                uint32_t error) {
    return result->failed ? quell_op_fail(&command->worker, error)
                          : quell_op_finish(&command->worker);
}

/* The act without a way back is the write to the host's memory, which must not
 * happen to a command that has been aborted or whose queue has been reset. */
static quell_verdict_t end_read(struct command *command, const struct flash_result *result) {
    quell_verdict_t verdict = quell_op_commit(&command->worker);
    pace_checkpoint();
    if (verdict == QUELL_CANCELLING) {
        return quell_op_acknowledge(&command->worker, QUELL_EFFECTS_NONE);
    }
    if (verdict != QUELL_OK) {
        return verdict;
    }
    trace(TRACE_COMMIT, command->entry.command, 0, 0);
    if (!result->failed) {
        memcpy(command->entry.data, result->words, sizeof result->words);
    }
    return end_done(command, result, NVME_UNRECOVERED_READ_ERROR);
}

void lane_collect(uint32_t die) {
    struct lane *lane = &lanes[die];
    struct command *command = running_of(lane);
    struct flash_result result;
    quell_verdict_t verdict;
    if (!flash_collect(die, &result)) {
        return;
    }
    pace_checkpoint();
    if (result.stopped) {
        verdict = end_stopped(command, &result);
    } else if (result.work == FLASH_READ) {
        verdict = end_read(command, &result);
    } else {
        verdict = end_done(command, &result, NVME_WRITE_FAULT);
    }
    pace_checkpoint();
    if (verdict == QUELL_OK) {
        command_end(command);
    } else {
        /* A reset was first; until now the hold kept the slot from reuse. */
        require(verdict == QUELL_STALE || verdict == QUELL_BAD_STATE, "an end was told",
                verdict);
        trace(TRACE_STOPPED, die, 0, 0);
        command_outlasted();
    }
    __atomic_store_n(&lane->running, NULL, __ATOMIC_RELEASE);
    command_let_go(command);
}
