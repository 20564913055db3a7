/* A timer interrupt cancels an operation while the main loop arms, starts,
 * commits and ends it. The instant of the interrupt is swept over the whole of
 * a round, in steps of a fraction of an instruction, so that it falls between
 * any two. What the interrupt was told is compared with what became of the
 * operation and with what the worker was told.
 *
 * both: the requester was promised a cancellation, and the work stands.
 * neither: the requester was told that the work stands, and it was cancelled. */

#include "board.h"
#include "port.h"

#include <stdbool.h>
#include <stdio.h>

#define ROUNDS 2048u
#define PATIENCE 1000000u
#define OWN_CODE 77u
#define NOT_YET UINT32_MAX
#define VERDICTS 32u

static quell_op_t op = QUELL_OP_INIT;
static quell_handle_t canceller;
static volatile uint32_t told;
static volatile uint32_t told_code;

/* The timer is this program's. */
uint64_t quell_port_1_now_us(void) { return 0; }

void board_timer(void) {
    uint32_t code = 0;
    board_interrupt_no_more();
    told = quell_cancel(&canceller, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, &code);
    told_code = code;
}

/* Each worker answers the phase in which, by what it was told, it left the
 * operation; VACANT where it was told what it must not be. */

static quell_phase_t acknowledged(quell_worker_t *worker) {
    return quell_op_acknowledge(worker, QUELL_EFFECTS_PARTIAL) == QUELL_OK
               ? QUELL_PHASE_CANCELLED
               : QUELL_PHASE_VACANT;
}

static quell_phase_t finishes(quell_worker_t *worker) {
    quell_verdict_t verdict = quell_op_finish(worker);
    if (verdict == QUELL_CANCELLING) {
        return acknowledged(worker);
    }
    return verdict == QUELL_OK ? QUELL_PHASE_FINISHED : QUELL_PHASE_VACANT;
}

static quell_phase_t commits(quell_worker_t *worker) {
    bool asked = told == QUELL_CANCELLING;
    quell_verdict_t verdict;
    if (asked && quell_worker_poll(worker) != QUELL_LEVEL_GRACEFUL) {
        return QUELL_PHASE_VACANT;
    }
    verdict = quell_op_commit(worker);
    if (verdict == QUELL_CANCELLING) {
        return acknowledged(worker);
    }
    if (verdict != QUELL_OK || quell_op_finish(worker) != QUELL_OK) {
        return QUELL_PHASE_VACANT;
    }
    return QUELL_PHASE_FINISHED;
}

static quell_phase_t fails(quell_worker_t *worker) {
    quell_verdict_t verdict = quell_op_fail(worker, OWN_CODE);
    if (verdict == QUELL_CANCELLED) {
        return QUELL_PHASE_CANCELLED;
    }
    return verdict == QUELL_OK ? QUELL_PHASE_FAILED : QUELL_PHASE_VACANT;
}

static quell_phase_t shields(quell_worker_t *worker) {
    quell_level_t seen = QUELL_LEVEL_NONE;
    bool asked;
    if (quell_op_shield(worker) != QUELL_OK || quell_worker_poll(worker) != QUELL_LEVEL_NONE) {
        return QUELL_PHASE_VACANT;
    }
    asked = told == QUELL_CANCELLING;
    if (quell_op_unshield(worker, &seen) != QUELL_OK ||
        (asked && seen != QUELL_LEVEL_GRACEFUL)) {
        return QUELL_PHASE_VACANT;
    }
    return seen != QUELL_LEVEL_NONE ? acknowledged(worker) : commits(worker);
}

struct scenario {
    const char *name;
    uint32_t mode;
    quell_phase_t (*work)(quell_worker_t *worker);
    /* What the interrupt is to be told, each at least once: before the start,
     * while it runs, after the end; and past the commit point, if any. */
    quell_verdict_t meets[4];
};

static const struct scenario scenarios[] = {
    {"commit",
     QUELL_MODE_DECISIVE,
     commits,
     {QUELL_CANCELLED, QUELL_CANCELLING, QUELL_FINISHED, QUELL_TOO_LATE}},
    {"finish",
     QUELL_MODE_DECISIVE,
     finishes,
     {QUELL_CANCELLED, QUELL_CANCELLING, QUELL_FINISHED, QUELL_FINISHED}},
    {"fail",
     QUELL_MODE_DECISIVE,
     fails,
     {QUELL_CANCELLED, QUELL_CANCELLING, QUELL_FAILED, QUELL_FAILED}},
    {"shield",
     QUELL_MODE_DECISIVE,
     shields,
     {QUELL_CANCELLED, QUELL_CANCELLING, QUELL_FINISHED, QUELL_TOO_LATE}},
    {"best-effort",
     QUELL_MODE_BEST_EFFORT,
     finishes,
     {QUELL_CANCELLED, QUELL_REQUESTED, QUELL_FINISHED, QUELL_FINISHED}},
};

struct tally {
    uint32_t both, neither, wrong;
    uint32_t of[VERDICTS];
};

/* From arm to the worker's end. */
static quell_phase_t live_through(const struct scenario *scenario, uint32_t ticks,
                                  quell_handle_t *owner) {
    quell_worker_t worker;
    quell_verdict_t started;
    if (quell_op_arm(&op, scenario->mode, owner) != QUELL_OK ||
        quell_handle_narrow(owner, QUELL_RIGHT_CANCEL, &canceller) != QUELL_OK) {
        return QUELL_PHASE_VACANT;
    }
    board_interrupt_after(ticks);
    started = quell_op_start(owner, &worker);
    if (started == QUELL_CANCELLED) {
        return QUELL_PHASE_CANCELLED;
    }
    return started == QUELL_OK ? scenario->work(&worker) : QUELL_PHASE_VACANT;
}

static void judge(quell_verdict_t requester, uint32_t code, quell_phase_t worker,
                  const quell_status_t *end, struct tally *tally) {
    bool cancelled = end->phase == QUELL_PHASE_CANCELLED;
    bool agreed;
    switch (requester) {
    case QUELL_CANCELLED:
    case QUELL_CANCELLING:
        tally->both += cancelled ? 0u : 1u;
        agreed = cancelled && end->level == QUELL_LEVEL_GRACEFUL &&
                 end->cause == QUELL_CAUSE_USER &&
                 (end->effects == QUELL_EFFECTS_NONE) == (requester == QUELL_CANCELLED);
        break;
    case QUELL_TOO_LATE:
    case QUELL_FINISHED:
        tally->neither += cancelled ? 1u : 0u;
        agreed = end->phase == QUELL_PHASE_FINISHED;
        break;
    case QUELL_FAILED:
        tally->neither += cancelled ? 1u : 0u;
        agreed = end->phase == QUELL_PHASE_FAILED && code == OWN_CODE && end->code == OWN_CODE;
        break;
    case QUELL_REQUESTED:
        agreed = end->phase == QUELL_PHASE_FINISHED && end->level == QUELL_LEVEL_GRACEFUL;
        break;
    default:
        agreed = false;
    }
    tally->wrong += agreed && worker == end->phase ? 0u : 1u;
    tally->of[requester % VERDICTS]++;
}

/* One life of the operation, cancelled after so many ticks; false where it
 * could not be judged. */
static bool round_of(const struct scenario *scenario, uint32_t ticks, struct tally *tally) {
    quell_handle_t owner;
    quell_phase_t worker;
    quell_status_t end;
    told = NOT_YET;
    worker = live_through(scenario, ticks, &owner);
    for (uint32_t waited = 0; told == NOT_YET; waited++) {
        if (waited == PATIENCE) {
            printf("interrupt: %s: the interrupt never came\n", scenario->name);
            return false;
        }
    }
    if (quell_op_status(&owner, &end) != QUELL_OK) {
        printf("interrupt: %s: no status\n", scenario->name);
        return false;
    }
    judge(told, told_code, worker, &end, tally);
    if (quell_op_retire(&owner) != QUELL_OK) {
        printf("interrupt: %s: not ended, but %s\n", scenario->name,
               quell_phase_name(end.phase));
        return false;
    }
    return true;
}

/* How many ticks a round takes where nobody cancels it: what is to be swept. */
static uint32_t ticks_undisturbed(const struct scenario *scenario) {
    quell_handle_t owner;
    uint32_t left;
    live_through(scenario, BOARD_LONGEST_DELAY, &owner);
    left = board_ticks_left();
    board_interrupt_no_more();
    quell_op_retire(&owner);
    return BOARD_LONGEST_DELAY - left;
}

static bool sweep(const struct scenario *scenario) {
    struct tally tally = {0};
    /* A little beyond the end, to meet the ended operation as well. */
    uint32_t span = ticks_undisturbed(scenario) / 16u * 17u;
    bool sound = true;
    for (uint32_t number = 0; number < ROUNDS; number++) {
        if (!round_of(scenario, 1u + number * span / ROUNDS, &tally)) {
            return false;
        }
    }
    printf("interrupt: %s: %u rounds over %u ticks, %u both, %u neither, %u otherwise wrong;",
           scenario->name, (unsigned)ROUNDS, (unsigned)span, (unsigned)tally.both,
           (unsigned)tally.neither, (unsigned)tally.wrong);
    for (uint32_t verdict = 0; verdict < VERDICTS; verdict++) {
        if (tally.of[verdict] != 0u) {
            printf(" %s %u", quell_verdict_name(verdict), (unsigned)tally.of[verdict]);
        }
    }
    printf("\n");
    for (uint32_t met = 0; met < 4u; met++) {
        if (tally.of[scenario->meets[met]] == 0u) {
            printf("interrupt: %s: never told %s: the race was not met\n", scenario->name,
                   quell_verdict_name(scenario->meets[met]));
            sound = false;
        }
    }
    return sound && tally.both == 0u && tally.neither == 0u && tally.wrong == 0u;
}

/* Called with interrupts masked, every verb leaves them masked. */
static bool mask_is_kept(void) {
    quell_handle_t owner;
    quell_worker_t worker;
    bool kept = true;
    mask_interrupts();
    kept &= quell_op_arm(&op, QUELL_MODE_DECISIVE, &owner) == QUELL_OK && interrupts_masked();
    kept &= quell_op_start(&owner, &worker) == QUELL_OK && interrupts_masked();
    kept &= quell_op_finish(&worker) == QUELL_OK && interrupts_masked();
    kept &= quell_op_retire(&owner) == QUELL_OK && interrupts_masked();
    unmask_interrupts();
    if (!kept) {
        printf("interrupt: a call with interrupts masked unmasked them\n");
    }
    return kept;
}

int main(void) {
    bool sound = mask_is_kept();
    for (uint32_t which = 0; sound && which < sizeof scenarios / sizeof scenarios[0]; which++) {
        sound = sweep(&scenarios[which]);
    }
    if (interrupts_masked()) {
        printf("interrupt: interrupts were left masked\n");
        sound = false;
    }
    printf("interrupt: %s\n", sound ? "never both, never neither" : "FAILED");
    return sound ? 0 : 1;
}
