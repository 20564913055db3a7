#include "host.h"

#include "controller.h"
#include "ledger.h"
#include "pace.h"
#include "power.h"
#include "random.h"
#include "trace.h"
#include "violation.h"

/* One in so many: steps, and abort interrupts. */
#define RESET_ONE_IN 700u
#define POWER_FAILS_ONE_IN 500u
#define SUBMITTED_AT_ONCE_LONGEST 3u
#define INVALID_ONE_IN 64u
#define WRITTEN_TWICE_ONE_IN 32u
#define ABORTS_AT_ONCE_LONGEST 5u
/* Steps without a completion after which the host gives up. */
#define PATIENCE 4000000u

#define NO_SUCH_QUEUE 7u
#define BLOCKS_TRIED 4u

static uint32_t remaining;
static uint32_t patience;
static uint32_t draws, interrupt_draws;
static uint32_t free_commands[LEDGER_COMMANDS];
static uint32_t free_count;
static bool block_is_used[FLASH_BLOCKS];
static uint32_t block_of[LEDGER_COMMANDS];
static uint32_t last_aborted;

void host_init(uint32_t seed, uint32_t commands) {
    remaining = commands;
    patience = PATIENCE;
    draws = random_start(seed, 1);
    interrupt_draws = random_start(seed, 2);
    free_count = 0;
    while (free_count < LEDGER_COMMANDS) {
        free_commands[free_count] = LEDGER_COMMANDS - 1u - free_count;
        free_count++;
    }
    for (uint32_t block = 0; block < FLASH_BLOCKS; block++) {
        block_is_used[block] = false;
    }
    last_aborted = 0;
}

static bool one_in(uint32_t many) { return random_below(&draws, many) == 0u; }

/* A block that nothing is under way for, and what is done with it: mostly
 * writes to the next erased page, reads, and an erase when it is full. */
static bool choose(struct image_change *change) {
    uint32_t erased, tries = BLOCKS_TRIED;
    do {
        if (tries-- == 0u) {
            return false;
        }
        change->block = random_below(&draws, FLASH_BLOCKS);
    } while (block_is_used[change->block] || !image_settled(change->block));
    erased = image_first_erased(change->block);
    change->page = random_below(&draws, FLASH_PAGES);
    if (erased == FLASH_PAGES ? one_in(2) : one_in(16)) {
        change->opcode = NVME_ERASE;
    } else if (one_in(WRITTEN_TWICE_ONE_IN)) {
        change->opcode = NVME_WRITE;
    } else if (erased != FLASH_PAGES && one_in(2)) {
        change->opcode = NVME_WRITE;
        change->page = erased;
    } else {
        change->opcode = NVME_READ;
    }
    for (uint32_t word = 0; word < NVME_PAGE_WORDS; word++) {
        change->words[word] = random_next(&draws);
    }
    return true;
}

static bool submit(void) {
    struct image_change change;
    struct nvme_submission entry;
    uint32_t command;
    bool valid = !one_in(INVALID_ONE_IN);
    if (!choose(&change)) {
        return false;
    }
    command = free_commands[--free_count];
    block_of[command] = change.block;
    block_is_used[change.block] = true;
    entry.opcode = valid ? change.opcode : (uint8_t)0x7F;
    entry.command = (uint16_t)command;
    entry.dword10 = nvme_address(change.block, change.page);
    entry.data = ledger_buffer(command);
    ledger_submitted(command, &change, valid);
    trace(TRACE_SUBMIT, command, entry.opcode, entry.dword10);
    require(submission_put(&controller.io, &entry), "no room for command", command);
    machine_notify(MACHINE_CONTROLLER);
    remaining--;
    pace_checkpoint();
    return true;
}

static bool submit_some(void) {
    uint32_t number = 1u + random_below(&draws, SUBMITTED_AT_ONCE_LONGEST);
    bool submitted = false;
    while (number-- != 0u && remaining != 0u && free_count != 0u &&
           !controller_is_resetting() && submit()) {
        submitted = true;
    }
    return submitted;
}

static bool take_completions(void) {
    struct nvme_completion completion;
    bool taken = false;
    while (completion_take(&controller.io_done, &completion)) {
        uint32_t command = completion.command;
        bool was_out = command < LEDGER_COMMANDS && ledger_is_out(command);
        ledger_completed(&completion);
        if (was_out) {
            block_is_used[block_of[command]] = false;
            free_commands[free_count++] = command;
        }
        patience = PATIENCE;
        taken = true;
        pace_checkpoint();
    }
    while (completion_take(&controller.admin_done, &completion)) {
        ledger_abort_answered(&completion);
        taken = true;
    }
    return taken;
}

static bool all_answered(void) {
    for (uint32_t abort = 0; abort < LEDGER_ABORTS; abort++) {
        if (ledger_abort_is_out(abort)) {
            return false;
        }
    }
    return free_count == LEDGER_COMMANDS;
}

enum machine_progress host_step(void) {
    bool worked = take_completions();
    pace_checkpoint();
    if (remaining != 0u && one_in(RESET_ONE_IN) && !controller_is_resetting()) {
        ledger_reset();
        controller_reset();
    }
    worked |= submit_some();
    if (remaining == 0u && all_answered()) {
        return MACHINE_OVER;
    }
    if (--patience == 0u) {
        violation("nothing completes any more; commands under way",
                  LEDGER_COMMANDS - free_count);
        return MACHINE_OVER;
    }
    return worked ? MACHINE_WORKED : MACHINE_IDLE;
}

/* Of any identifier, used or not; now and then of another queue; and often of
 * the one that was named last. */
static void send_abort(uint32_t abort) {
    struct nvme_submission entry = {0};
    uint32_t drawn = random_next(&interrupt_draws);
    uint32_t queue = CONTROLLER_IO_QUEUE;
    if ((drawn & 3u) != 0u) {
        last_aborted = random_below(&interrupt_draws, LEDGER_COMMANDS);
    }
    if ((drawn >> 8 & 63u) == 0u) {
        queue = NO_SUCH_QUEUE;
    }
    entry.opcode = NVME_ABORT;
    entry.command = (uint16_t)abort;
    entry.dword10 = nvme_name(queue, last_aborted);
    ledger_abort_sent(abort, queue == CONTROLLER_IO_QUEUE ? last_aborted : LEDGER_NO_COMMAND);
    require(submission_put(&controller.admin, &entry), "no room for Abort", abort);
}

void host_abort_interrupt(void) {
    uint32_t number = random_below(&interrupt_draws, ABORTS_AT_ONCE_LONGEST + 1u);
    if (free_count == LEDGER_COMMANDS) {
        return; /* nothing is under way: let the last Aborts come to their end */
    }
    for (uint32_t abort = 0; abort < LEDGER_ABORTS && number != 0u; abort++) {
        if (!ledger_abort_is_out(abort)) {
            send_abort(abort);
            number--;
        }
    }
    if (random_below(&interrupt_draws, POWER_FAILS_ONE_IN) == 0u && power_fails()) {
        ledger_power_failure();
    }
}
