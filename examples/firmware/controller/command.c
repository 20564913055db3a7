#include "command.h"

#include <string.h>

#include "abort.h"
#include "machine.h"
#include "pace.h"
#include "trace.h"
#include "violation.h"

static uint32_t storage[QUELL_TABLE_STORAGE(COMMAND_SLOTS) / sizeof(uint32_t)];
static quell_table_t table;
static struct command commands[COMMAND_SLOTS];
static const struct submission_queue *submissions;
static struct completion_queue *completions;
static struct command_counts counts;

void commands_init(const struct submission_queue *from, struct completion_queue *to) {
    quell_table_config_t config = QUELL_TABLE_CONFIG_INIT;
    config.slots = COMMAND_SLOTS;
    config.storage = storage;
    config.storage_size = sizeof storage;
    require(quell_table_init(&config, &table) == QUELL_OK, "no table", 0);
    memset(commands, 0, sizeof commands);
    memset(&counts, 0, sizeof counts);
    submissions = from;
    completions = to;
}

struct command *command_of_slot(uint32_t slot) {
    return &commands[slot];
}

static uint32_t name_of(const struct command *command) {
    return nvme_name(submissions->id, command->entry.command);
}

struct fetched {
    const struct nvme_submission *entry;
};

/* Before an Abort can find the command. */
static void prepare(void *context, uint32_t slot) {
    const struct fetched *fetched = context;
    commands[slot].entry = *fetched->entry;
}

struct command *command_claim(const struct nvme_submission *entry) {
    struct fetched fetched = {entry};
    quell_table_claim_t claim = QUELL_TABLE_CLAIM_INIT;
    quell_handle_t owner;
    uint32_t slot;
    quell_verdict_t verdict;
    claim.tag = nvme_name(submissions->id, entry->command);
    claim.mode = QUELL_MODE_DECISIVE;
    claim.prepare = prepare;
    claim.context = &fetched;
    verdict = quell_table_claim(&table, &claim, &owner, &slot);
    if (verdict != QUELL_OK) {
        require(verdict == QUELL_FULL, "a claim was told", verdict);
        return NULL;
    }
    commands[slot].owner = owner;
    require(quell_table_hold(&table, &owner) == QUELL_OK, "no hold for slot", slot);
    counts.holds_taken++;
    pace_checkpoint();
    return &commands[slot];
}

quell_verdict_t command_find(uint32_t name, quell_handle_t *handle, uint32_t *slot) {
    quell_verdict_t verdict = quell_table_find(&table, name, QUELL_RIGHT_CANCEL, handle);
    if (verdict == QUELL_OK) {
        require(quell_table_slot(&table, handle, slot) == QUELL_OK, "no slot of", name);
    }
    return verdict;
}

/* The tag is retired before the completion is posted: the host may use it again
 * as soon as it sees that, and no Abort of the new command may find this one. */
void command_end(struct command *command) {
    uint32_t identifier = command->entry.command;
    uint32_t slot = (uint32_t)(command - commands);
    quell_status_t end;
    quell_reply_t reply;
    require(quell_op_status(&command->owner, &end) == QUELL_OK, "no end of", identifier);
    pace_checkpoint();
    reply = quell_nvme_command_status(&end);
    require(reply.after_end == 0u, "completed before its end", identifier);
    require(quell_table_retire(&table, &command->owner) == QUELL_OK, "not retired", identifier);
    pace_checkpoint();
    trace(TRACE_END, identifier, reply.code, end.effects);
    require(completion_post(completions, submissions, identifier, reply.code, end.effects),
            "no room for the completion of", identifier);
    machine_notify(MACHINE_HOST);
    pace_checkpoint();
    aborts_ended(slot, &end);
}

void command_force(struct command *command) {
    quell_verdict_t verdict = quell_op_force(&command->owner, QUELL_NVME_ABORTED_SQ_DELETION);
    if (verdict == QUELL_OK) {
        counts.forced++;
        pace_checkpoint();
        command_end(command);
    } else {
        /* Never claimed, ended, or retired. */
        require(verdict == QUELL_INVALID || verdict == QUELL_BAD_STATE ||
                    verdict == QUELL_STALE,
                "a force was told", verdict);
    }
}

void command_outlasted(void) { counts.outlasted++; }

void command_let_go(struct command *command) {
    uint32_t saved;
    require(quell_table_release(&table, &command->owner) == QUELL_OK, "no hold to release",
            name_of(command));
    saved = machine_mask(); /* the thread counts, and the completion interrupt */
    counts.holds_released++;
    machine_unmask(saved);
    machine_notify(MACHINE_CONTROLLER);
}

void commands_cancel_all(quell_level_t level, quell_cause_t cause) {
    for (uint32_t slot = 0; slot < COMMAND_SLOTS; slot++) {
        quell_table_entry_t entry;
        if (quell_table_look(&table, slot, QUELL_RIGHT_CANCEL, &entry) == QUELL_OK &&
            quell_cancel(&entry.handle, level, cause, NULL) == QUELL_TOO_LATE) {
            counts.told_too_late++;
        }
    }
}

bool commands_none(void) {
    quell_table_counts_t in_table;
    require(quell_table_counts(&table, &in_table) == QUELL_OK, "no counts", 0);
    return in_table.in_use == 0u;
}

const struct command_counts *command_counts(void) { return &counts; }
