#include "ledger.h"

#include <string.h>

#include "quell.h"
#include "violation.h"

#define NO_STATUS UINT32_MAX
#define UNTOUCHED 0x5EED5EEDu

struct command_record {
    bool out;
    bool valid;
    uint32_t serial;
    struct image_change change;
    uint32_t aborts;        /* that named this very command */
    bool promised;          /* one of them was answered: aborted */
    uint32_t resets, power; /* how many there had been */
};

struct abort_record {
    bool out;
    uint32_t serial;  /* of the command that it named; zero: none */
    uint32_t command; /* its identifier */
    uint32_t status;  /* how that command completed */
    uint32_t others;  /* that had not been answered when it was sent */
    bool confirmed;   /* another Abort of it was answered: aborted */
};

static struct command_record commands[LEDGER_COMMANDS];
static struct abort_record aborts[LEDGER_ABORTS];
static uint32_t buffers[LEDGER_COMMANDS][NVME_PAGE_WORDS];
static struct ledger_counts counts;
static bool aborts_wait;

void ledger_init(bool waits) {
    memset(commands, 0, sizeof commands);
    memset(aborts, 0, sizeof aborts);
    memset(&counts, 0, sizeof counts);
    aborts_wait = waits;
    image_init();
}

uint32_t *ledger_buffer(uint32_t command) { return buffers[command]; }

bool ledger_is_out(uint32_t command) {
    return __atomic_load_n(&commands[command].out, __ATOMIC_ACQUIRE);
}

bool ledger_abort_is_out(uint32_t abort) {
    return __atomic_load_n(&aborts[abort].out, __ATOMIC_ACQUIRE);
}

void ledger_submitted(uint32_t command, const struct image_change *change, bool valid) {
    struct command_record *record = &commands[command];
    require(!record->out, "an identifier in use", command);
    record->serial = ++counts.submitted;
    record->change = *change;
    record->valid = valid;
    record->aborts = 0;
    record->promised = false;
    record->resets = counts.resets;
    record->power = counts.power_failures;
    for (uint32_t word = 0; word < NVME_PAGE_WORDS; word++) {
        buffers[command][word] = change->opcode == NVME_WRITE ? change->words[word] : UNTOUCHED;
    }
    __atomic_store_n(&record->out, true, __ATOMIC_RELEASE);
}

void ledger_abort_sent(uint32_t abort, uint32_t command) {
    struct abort_record *record = &aborts[abort];
    record->serial = 0;
    record->command = command;
    record->status = NO_STATUS;
    record->confirmed = false;
    record->others = 0;
    for (uint32_t other = 0; other < LEDGER_ABORTS; other++) {
        record->others += other != abort && ledger_abort_is_out(other) ? 1u : 0u;
    }
    if (command != LEDGER_NO_COMMAND && ledger_is_out(command)) {
        record->serial = commands[command].serial;
        commands[command].aborts++;
    }
    counts.aborts_sent++;
    __atomic_store_n(&record->out, true, __ATOMIC_RELEASE);
}

void ledger_reset(void) { counts.resets++; }

void ledger_power_failure(void) { counts.power_failures++; }

static bool is_aborted(uint32_t status) {
    return status == QUELL_NVME_ABORT_REQUESTED || status == QUELL_NVME_ABORTED_POWER_LOSS;
}

/* Of a Read that delivered nothing, and of every other command as it was. */
static bool buffer_is_untouched(uint32_t command, const struct image_change *change) {
    bool untouched = true;
    for (uint32_t word = 0; word < NVME_PAGE_WORDS; word++) {
        untouched &= buffers[command][word] ==
                     (change->opcode == NVME_WRITE ? change->words[word] : UNTOUCHED);
    }
    return untouched;
}

static void judge_success(uint32_t command, const struct command_record *record) {
    const struct image_change *change = &record->change;
    require(record->valid, "an invalid command is said to be good", command);
    if (change->opcode == NVME_READ) {
        const struct flash_page *page = image_page(change->block, change->page);
        require(page->state != FLASH_PAGE_TORN, "a torn page was read", command);
        require(memcmp(buffers[command], page->words, sizeof page->words) == 0,
                "read something else", command);
    }
    image_done(change);
    counts.succeeded++;
}

static void judge_cancelled(uint32_t command, const struct command_record *record,
                            uint32_t effects) {
    require(buffer_is_untouched(command, &record->change),
            "aborted, and its memory was written", command);
    if (!record->valid) {
        return;
    }
    if (effects == QUELL_EFFECTS_PARTIAL) {
        image_torn(&record->change);
        counts.torn++;
    } else {
        require(effects == QUELL_EFFECTS_NONE, "its effects are not known", command);
        image_unchanged(&record->change);
    }
}

static void judge_failure(uint32_t command, const struct command_record *record,
                          uint32_t status) {
    const struct image_change *change = &record->change;
    switch (status) {
    case QUELL_NVME_INVALID_FIELD | QUELL_NVME_DO_NOT_RETRY:
        require(!record->valid, "a valid command was refused", command);
        break;
    case NVME_WRITE_FAULT:
        image_write_failed(change);
        break;
    case NVME_UNRECOVERED_READ_ERROR:
        require(change->opcode == NVME_READ &&
                    image_page(change->block, change->page)->state == FLASH_PAGE_TORN,
                "a good page could not be read", command);
        break;
    default:
        violation("completed with a status that there is no reason for", status);
    }
    require(buffer_is_untouched(command, change), "failed, and its memory was written",
            command);
    counts.failed++;
}

static void judge(uint32_t command, const struct command_record *record, uint32_t status,
                  uint32_t effects) {
    switch (status) {
    case QUELL_NVME_SUCCESS:
        judge_success(command, record);
        break;
    case QUELL_NVME_ABORT_REQUESTED:
        require(record->aborts != 0u, "aborted, and nobody asked for it", command);
        judge_cancelled(command, record, effects);
        counts.aborted++;
        break;
    case QUELL_NVME_ABORTED_POWER_LOSS:
        require(record->power != counts.power_failures, "power had not failed", command);
        judge_cancelled(command, record, effects);
        counts.power_lost++;
        break;
    case QUELL_NVME_ABORTED_SQ_DELETION:
        require(record->resets != counts.resets, "there was no reset", command);
        require(buffer_is_untouched(command, &record->change), "reset, and memory was written",
                command);
        if (record->valid) {
            image_unsettle(&record->change);
        }
        counts.reset++;
        break;
    default:
        judge_failure(command, record, status);
    }
    require(!record->promised || is_aborted(status), "both: it was said to be aborted",
            command);
}

/* How many Aborts of the command of this serial have not been answered. */
static uint32_t aborts_out(uint32_t serial) {
    uint32_t out = 0;
    for (uint32_t abort = 0; abort < LEDGER_ABORTS; abort++) {
        out += ledger_abort_is_out(abort) && aborts[abort].serial == serial ? 1u : 0u;
    }
    return out;
}

/* Where an Abort waits for the end, one of them at least is told of it. */
static void require_told(uint32_t serial, uint32_t status, bool confirmed, uint32_t command) {
    if (aborts_wait && status == QUELL_NVME_ABORT_REQUESTED && !confirmed) {
        require(aborts_out(serial) != 0u, "neither: aborted, and no Abort was told so",
                command);
    }
}

void ledger_completed(const struct nvme_completion *completion) {
    uint32_t command = completion->command;
    struct command_record *record = &commands[command];
    counts.completed++;
    if (command >= LEDGER_COMMANDS || completion->sq != CONTROLLER_IO_QUEUE) {
        violation("completed, and is no command", command);
        return;
    }
    if (!record->out) {
        violation("completed twice", command);
        return;
    }
    /* From here on an Abort of this identifier is of nothing. */
    __atomic_store_n(&record->out, false, __ATOMIC_RELEASE);
    for (uint32_t abort = 0; abort < LEDGER_ABORTS; abort++) {
        if (ledger_abort_is_out(abort) && aborts[abort].serial == record->serial) {
            aborts[abort].status = completion->status;
            aborts[abort].confirmed |= record->promised;
        }
    }
    judge(command, record, completion->status, completion->dword0);
    require_told(record->serial, completion->status, record->promised, command);
}

static void abort_said_aborted(const struct abort_record *said) {
    struct command_record *record;
    if (said->serial == 0u) {
        violation("aborted, and was not under way", said->command);
        return;
    }
    for (uint32_t abort = 0; abort < LEDGER_ABORTS; abort++) {
        if (ledger_abort_is_out(abort) && aborts[abort].serial == said->serial) {
            aborts[abort].confirmed = true;
        }
    }
    record = &commands[said->command];
    if (said->status != NO_STATUS) {
        require(is_aborted(said->status), "both: said to be aborted, and it had completed",
                said->command);
    } else {
        require(record->out && record->serial == said->serial, "aborted, and never completed",
                said->command);
        record->promised = true;
    }
}

void ledger_abort_answered(const struct nvme_completion *completion) {
    uint32_t abort = completion->command;
    struct abort_record said;
    if (abort >= LEDGER_ABORTS || completion->sq != 0u || !ledger_abort_is_out(abort)) {
        violation("an answer to no Abort", abort);
        return;
    }
    counts.aborts_answered++;
    /* From here on the interrupt may use the record for another. */
    said = aborts[abort];
    __atomic_store_n(&aborts[abort].out, false, __ATOMIC_RELEASE);
    if (completion->status == QUELL_NVME_ABORT_LIMIT_EXCEEDED) {
        counts.aborts_refused++;
        require(completion->dword0 == QUELL_NVME_NOT_ABORTED, "refused, and aborted", abort);
        require(said.others >= CONTROLLER_ABORTS, "refused below the limit", abort);
    } else {
        require(completion->status == QUELL_NVME_SUCCESS, "an Abort failed",
                completion->status);
    }
    if (completion->dword0 == 0u) {
        abort_said_aborted(&said);
    } else if (said.serial != 0u && said.status != NO_STATUS) {
        require_told(said.serial, said.status, said.confirmed, said.command);
    }
}

void ledger_require_closed(void) {
    for (uint32_t command = 0; command < LEDGER_COMMANDS; command++) {
        require(!commands[command].out, "neither: never completed", command);
    }
    for (uint32_t abort = 0; abort < LEDGER_ABORTS; abort++) {
        require(!aborts[abort].out, "an Abort was never answered", abort);
    }
    require(counts.submitted == counts.completed, "completions and commands differ",
            counts.completed);
    require(counts.completed == counts.succeeded + counts.aborted + counts.power_lost +
                                    counts.reset + counts.failed,
            "the statuses do not add up", 0);
    require(counts.aborts_sent == counts.aborts_answered, "answers and Aborts differ",
            counts.aborts_answered);
    image_require_whole();
}

const struct ledger_counts *ledger_counts(void) { return &counts; }
