#include "controller.h"

#include "abort.h"
#include "command.h"
#include "flash.h"
#include "lane.h"
#include "pace.h"
#include "power.h"
#include "trace.h"
#include "violation.h"

struct controller controller;

static struct nvme_submission io_entries[CONTROLLER_DEPTH];
static struct nvme_submission admin_entries[CONTROLLER_ADMIN_DEPTH];
static struct nvme_completion io_completions[CONTROLLER_DEPTH];
static struct nvme_completion admin_completions[CONTROLLER_ADMIN_DEPTH];
static bool reset_wanted;

void controller_init(uint32_t abort_profile) {
    submission_queue_init(&controller.io, CONTROLLER_IO_QUEUE, io_entries, CONTROLLER_DEPTH);
    submission_queue_init(&controller.admin, 0, admin_entries, CONTROLLER_ADMIN_DEPTH);
    completion_queue_init(&controller.io_done, io_completions, CONTROLLER_DEPTH);
    completion_queue_init(&controller.admin_done, admin_completions, CONTROLLER_ADMIN_DEPTH);
    flash_init();
    commands_init(&controller.io, &controller.io_done);
    aborts_init(&controller.admin, &controller.admin_done, abort_profile);
    lanes_init();
    power_init();
    reset_wanted = false;
}

static bool valid(const struct nvme_submission *entry) {
    bool known = entry->opcode == NVME_READ || entry->opcode == NVME_WRITE ||
                 entry->opcode == NVME_ERASE;
    return known && nvme_block(entry->dword10) < FLASH_BLOCKS &&
           nvme_page(entry->dword10) < FLASH_PAGES;
}

/* Even a command that cannot be run can be aborted before it is found to be so. */
static void refuse(struct command *command) {
    quell_verdict_t verdict = quell_op_start(&command->owner, &command->worker);
    pace_checkpoint();
    if (verdict == QUELL_OK) {
        verdict =
            quell_op_fail(&command->worker, QUELL_NVME_INVALID_FIELD | QUELL_NVME_DO_NOT_RETRY);
    }
    require(verdict == QUELL_OK || verdict == QUELL_CANCELLED, "a refusal was told", verdict);
    command_end(command);
    command_let_go(command);
}

static bool fetch(void) {
    const struct nvme_submission *entry;
    struct command *command;
    if (!power_is_good() || (entry = submission_peek(&controller.io)) == NULL) {
        return false;
    }
    command = command_claim(entry);
    if (command == NULL) {
        return false;
    }
    submission_fetched(&controller.io);
    pace_checkpoint();
    if (valid(&command->entry)) {
        lane_append(flash_die_of(nvme_block(command->entry.dword10)), command);
    } else {
        refuse(command);
    }
    return true;
}

/* What has not been fetched has no operation yet. */
static void answer_unfetched(void) {
    const struct nvme_submission *entry;
    while ((entry = submission_peek(&controller.io)) != NULL) {
        uint32_t identifier = entry->command;
        submission_fetched(&controller.io);
        trace(TRACE_END, identifier, QUELL_NVME_ABORTED_SQ_DELETION, QUELL_EFFECTS_NONE);
        require(completion_post(&controller.io_done, &controller.io, identifier,
                                QUELL_NVME_ABORTED_SQ_DELETION, QUELL_EFFECTS_NONE),
                "no room for the completion of", identifier);
    }
}

static void do_reset(void) {
    trace(TRACE_RESET, 0, 0, 0);
    for (uint32_t slot = 0; slot < COMMAND_SLOTS; slot++) {
        command_force(command_of_slot(slot));
        pace_checkpoint();
    }
    for (uint32_t die = 0; die < FLASH_DIES; die++) {
        lane_stop(die);
        pace_checkpoint();
    }
    answer_unfetched();
}

void controller_reset(void) {
    __atomic_store_n(&reset_wanted, true, __ATOMIC_RELEASE);
    machine_notify(MACHINE_CONTROLLER);
}

bool controller_is_resetting(void) { return __atomic_load_n(&reset_wanted, __ATOMIC_ACQUIRE); }

enum machine_progress controller_step(void) {
    bool worked = false;
    if (controller_is_resetting()) {
        do_reset();
        __atomic_store_n(&reset_wanted, false, __ATOMIC_RELEASE);
        machine_notify(MACHINE_HOST);
        worked = true;
    }
    while (fetch()) {
        worked = true;
    }
    for (uint32_t die = 0; die < FLASH_DIES; die++) {
        worked |= lane_service(die);
        pace_checkpoint();
    }
    return worked ? MACHINE_WORKED : MACHINE_IDLE;
}

void controller_completion_interrupt(void) {
    flash_tick();
    for (uint32_t die = 0; die < FLASH_DIES; die++) {
        lane_collect(die);
    }
    machine_notify(MACHINE_CONTROLLER);
}

void controller_abort_interrupt(void) {
    const struct nvme_submission *entry;
    aborts_execute();
    while ((entry = submission_peek(&controller.admin)) != NULL) {
        require(entry->opcode == NVME_ABORT, "no Abort", entry->command);
        abort_fetch(entry);
        submission_fetched(&controller.admin);
    }
}

bool controller_is_quiet(void) { return power_is_good() && commands_none() && aborts_none(); }

void controller_require_empty(void) {
    const struct command_counts *counts = command_counts();
    require(commands_none(), "commands, or holds, are left in the table", 0);
    require(aborts_none(), "Aborts are left", 0);
    require(counts->holds_taken == counts->holds_released, "holds are left",
            counts->holds_taken - counts->holds_released);
}
