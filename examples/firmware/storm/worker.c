/* The worker's calls, and the interrupt as a requester: once, through a queue
 * of deadlines, or twice with a raise. */

#include "life.h"

enum { NOBODY_BEFORE, REQUESTED_BEFORE, COMMITTED_BEFORE };

static quell_deadlines_t deadlines;
static quell_deadline_t deadline_slots[1];
static uint32_t way_to_strike, shields;
static quell_level_t visible;
static quell_status_t seen;

/* --- the interrupt */

enum { ONCE, BY_DEADLINE, TWICE };

static void expired(void *context, uint32_t id, quell_verdict_t verdict, uint32_t code) {
    (void)context, (void)id;
    life.asked[ASKED_IN_INTERRUPT].level = QUELL_LEVEL_IMMEDIATE;
    life.asked[ASKED_IN_INTERRUPT].cause = QUELL_CAUSE_DEADLINE;
    life.asked[ASKED_IN_INTERRUPT].code = code;
    life.asked[ASKED_IN_INTERRUPT].verdict = struck = verdict;
}

static void strike(void) {
    uint32_t count;
    switch (way_to_strike) {
    case ONCE:
        struck = life_ask(ASKED_IN_INTERRUPT, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER);
        break;
    case BY_DEADLINE:
        MUST(quell_deadlines_expire(&deadlines, 10u, expired, NULL, &count) == QUELL_OK);
        MUST(count == 1u);
        break;
    default:
        struck = life_ask(ASKED_IN_INTERRUPT, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_PEER);
        (void)life_ask(ASKED_AGAIN, QUELL_LEVEL_EMERGENCY, QUELL_CAUSE_SHUTDOWN);
    }
}

/* --- what the call finds */

/* The operation, and how it is struck. */
static const struct {
    bool plain;
    uint32_t mode, hooks, way;
} forms[] = {
    {true, QUELL_MODE_DECISIVE, 0, ONCE},
    {true, QUELL_MODE_DECISIVE, 0, BY_DEADLINE},
    {true, QUELL_MODE_DECISIVE, 0, TWICE},
    {true, QUELL_MODE_BEST_EFFORT, 0, ONCE},
    {false, QUELL_MODE_BEST_EFFORT, 0, TWICE},
    {false, QUELL_MODE_DECISIVE, 1, TWICE},
    {false, QUELL_MODE_BEST_EFFORT, 3, BY_DEADLINE},
    {false, QUELL_MODE_DECISIVE, MOST_HOOKS, ONCE},
};
#define FORMS ((uint32_t)(sizeof forms / sizeof forms[0]))
#define FORMS_OF_FEW_HOOKS (FORMS - 1u)

static void with_variant(uint32_t variant, uint32_t before_of, bool start) {
    uint32_t before = take(&variant, before_of);
    uint32_t form = take(&variant, FORMS);
    way_to_strike = forms[form].way;
    life_arm(forms[form].plain, forms[form].mode, forms[form].hooks);
    if (start) {
        MUST(quell_op_start(&life.owner, &life.worker) == QUELL_OK);
    }
    if (before == REQUESTED_BEFORE) {
        (void)life_ask(ASKED_BEFORE, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_FAULT);
    } else if (before == COMMITTED_BEFORE) {
        MUST(quell_op_commit(&life.worker) == QUELL_OK);
    }
    if (way_to_strike == BY_DEADLINE) {
        MUST(quell_deadlines_init(&deadlines, deadline_slots, 1u, 32u) == QUELL_OK);
        MUST(quell_deadlines_add(&deadlines, 0u, 10u, QUELL_LEVEL_IMMEDIATE, &life.owner,
                                 NULL) == QUELL_OK);
    }
}

static void pending(uint32_t variant) { with_variant(variant, 1u, false); }
static void running(uint32_t variant) { with_variant(variant, 1u, true); }
static void running_or_requested(uint32_t variant) { with_variant(variant, 2u, true); }
static void going(uint32_t variant) { with_variant(variant, 3u, true); }

static void shielded(uint32_t variant) {
    shields = 1u + take(&variant, 2u);
    with_variant(variant, 2u, true);
    for (uint32_t i = 0; i < shields; i++) {
        MUST(quell_op_shield(&life.worker) == QUELL_OK);
    }
}

/* --- the calls */

SWEPT static void start(void) { answered = quell_op_start(&life.owner, &life.worker); }
SWEPT static void commit(void) { answered = quell_op_commit(&life.worker); }
SWEPT static void finish(void) { answered = quell_op_finish(&life.worker); }
SWEPT static void fail(void) { answered = quell_op_fail(&life.worker, OWN_CODE); }
SWEPT static void acknowledge(void) {
    answered = quell_op_acknowledge(&life.worker, QUELL_EFFECTS_UNKNOWN);
}
SWEPT static void shield(void) { answered = quell_op_shield(&life.worker); }
SWEPT static void unshield(void) { answered = quell_op_unshield(&life.worker, &visible); }
SWEPT static void status(void) { answered = quell_op_status(&life.owner, &seen); }

/* --- and what follows from their answers */

static void concluded(void (*by)(quell_verdict_t told)) {
    met(answered, struck);
    by(answered);
    life_conclude();
}

static void start_concluded(void) { concluded(life_started); }
static void commit_concluded(void) { concluded(life_committed); }
static void finish_concluded(void) { concluded(life_finished); }
static void fail_concluded(void) { concluded(life_failed); }

static void acknowledge_concluded(void) { concluded(life_acknowledged); }

static void shield_concluded(void) {
    met(answered, struck);
    MUST(answered == QUELL_OK);
    life_polls(true);
    MUST(quell_op_unshield(&life.worker, &visible) == QUELL_OK && visible == life_level());
    life_conclude();
}

static void unshield_concluded(void) {
    met(answered, struck);
    MUST(answered == QUELL_OK);
    MUST(shields == 1u || visible == QUELL_LEVEL_NONE);
    MUST(shields != 1u || visible == QUELL_LEVEL_NONE || visible <= life_level());
    MUST(shields != 1u || !life_accepted(ASKED_BEFORE) || visible != QUELL_LEVEL_NONE);
    life_polls(shields == 2u);
    if (shields == 2u) {
        MUST(quell_op_unshield(&life.worker, &visible) == QUELL_OK && visible == life_level());
    }
    life_conclude();
}

static void status_concluded(void) {
    quell_level_t before =
        life_accepted(ASKED_BEFORE) ? QUELL_LEVEL_GRACEFUL : QUELL_LEVEL_NONE;
    met(answered, struck);
    MUST(answered == QUELL_OK && seen.phase == QUELL_PHASE_RUNNING);
    MUST(seen.level == before || seen.level == life_level());
    MUST((seen.level == QUELL_LEVEL_NONE) == (seen.cause == QUELL_CAUSE_NONE));
    life_conclude();
}

const struct scenario worker_scenarios[] = {
    {"start", FORMS_OF_FEW_HOOKS, pending, start, strike, start_concluded, false},
    {"commit", FORMS * 2u, running_or_requested, commit, strike, commit_concluded, false},
    {"finish", FORMS * 3u, going, finish, strike, finish_concluded, false},
    {"fail", FORMS_OF_FEW_HOOKS * 3u, going, fail, strike, fail_concluded, false},
    {"acknowledge", FORMS_OF_FEW_HOOKS * 2u, running_or_requested, acknowledge, strike,
     acknowledge_concluded, false},
    {"shield", FORMS_OF_FEW_HOOKS, running, shield, strike, shield_concluded, false},
    {"unshield", FORMS_OF_FEW_HOOKS * 4u, shielded, unshield, strike, unshield_concluded,
     false},
    {"status", FORMS_OF_FEW_HOOKS * 2u, running_or_requested, status, strike, status_concluded,
     false},
    {NULL, 0, NULL, NULL, NULL, NULL, false},
};
