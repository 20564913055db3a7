/* Whoever listens, asks and waits in thread mode, and the interrupt as the
 * worker that ends the operation, as a second requester, or as both. */

#include "life.h"

#include <string.h>

/* What the interrupt does. */
enum { ASKS, FINISHES, COMMITS, FAILS, ACKNOWLEDGES, RAISES, ASKS_AND_ENDS, DEEDS };

static uint32_t deed;
static struct listener extra;
static uint32_t happened;
static quell_told_t told_to_waiter;
static struct listener before_detach;

static void interrupt_asks(quell_level_t level) {
    struck = life_ask(ASKED_IN_INTERRUPT, level, QUELL_CAUSE_USER);
}

static void strike(void) {
    switch (deed) {
    case ASKS:
        interrupt_asks(QUELL_LEVEL_GRACEFUL);
        break;
    case FINISHES:
        life_finished(struck = quell_op_finish(&life.worker));
        break;
    case COMMITS:
        life_committed(struck = quell_op_commit(&life.worker));
        break;
    case FAILS:
        life_failed(struck = quell_op_fail(&life.worker, OWN_CODE));
        break;
    case ACKNOWLEDGES:
        life_acknowledged(struck = quell_op_acknowledge(&life.worker, QUELL_EFFECTS_NONE));
        break;
    case RAISES:
        interrupt_asks(QUELL_LEVEL_EMERGENCY);
        break;
    default:
        interrupt_asks(QUELL_LEVEL_IMMEDIATE);
        life_finished(quell_op_finish(&life.worker));
    }
}

/* --- adding a hook: each event is told or reported once, whatever comes between */

static const uint8_t add_deeds[] = {ASKS, FINISHES, ASKS_AND_ENDS, RAISES};

static void with_extra(uint32_t variant) {
    uint32_t hooks = take(&variant, 2u) * 3u;
    uint32_t before = take(&variant, 2u);
    deed = add_deeds[take(&variant, 4u)];
    memset(&extra, 0, sizeof extra);
    life_begin(false, QUELL_MODE_DECISIVE, hooks);
    if (before != 0u) {
        (void)life_ask(ASKED_BEFORE, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_PEER);
    }
}

SWEPT static void add(void) {
    answered = quell_hook_add(&life.owner, &extra.hook, life_hears, &extra, QUELL_EVENT_ALL,
                              &happened);
}

SWEPT static void add_and_tell(void) {
    answered =
        quell_hook_add_and_tell(&life.owner, &extra.hook, life_hears, &extra, QUELL_EVENT_ALL);
}

/* The answer says how often it is told of what; what `reported` has, never. */
static void added(uint32_t reported) {
    bool requested;
    met(answered, struck);
    MUST(answered == QUELL_OK || answered == QUELL_HAPPENED);
    MUST((answered == QUELL_OK) == (reported == 0u) || answered == QUELL_HAPPENED);
    life_conclude();
    requested = life_level() != QUELL_LEVEL_NONE;
    MUST(extra.requests + ((reported & QUELL_EVENT_REQUEST) != 0u ? 1u : 0u) ==
         (requested ? 1u : 0u));
    MUST(extra.ends + ((reported & QUELL_EVENT_END) != 0u ? 1u : 0u) == 1u);
}

static void add_concluded(void) {
    MUST((answered == QUELL_HAPPENED) == (happened != 0u));
    added(happened);
}

static void add_and_tell_concluded(void) { added(0u); }

/* --- detaching: nothing is told after it, and nothing twice */

static void with_detached(uint32_t variant) {
    uint32_t place, hooks;
    deed = add_deeds[take(&variant, 3u)];
    place = take(&variant, 3u);
    hooks = 1u + take(&variant, 2u) * 6u;
    memset(&extra, 0, sizeof extra);
    life_begin(false, QUELL_MODE_DECISIVE, 0u);
    for (uint32_t i = 0; i <= hooks; i++) {
        bool is_extra = i == place * hooks / 2u;
        struct listener *listener = is_extra ? &extra : &life.listeners[life.hooks++];
        MUST(quell_hook_add(&life.owner, &listener->hook, life_hears, listener, QUELL_EVENT_ALL,
                            NULL) == QUELL_OK);
    }
}

SWEPT static void detach(void) { answered = quell_hook_detach(&life.owner, &extra.hook); }
SWEPT static void detach_sync(void) {
    answered = quell_hook_detach_sync(&life.owner, &extra.hook);
}

static void detach_concluded(void) {
    met(answered, struck);
    MUST(answered == QUELL_OK || answered == QUELL_RAN);
    before_detach = extra;
    life_conclude();
    MUST(extra.requests == before_detach.requests && extra.ends == before_detach.ends);
    MUST(extra.requests <= 1u && extra.ends <= 1u);
    /* It was off because all had been told, or it is off before the end. */
    MUST((answered == QUELL_RAN) == (extra.ends == 1u));
}

/* --- a requester in thread mode */

static const uint8_t cancel_deeds[] = {FINISHES, RAISES, ACKNOWLEDGES, FAILS, ASKS, COMMITS};

static void with_worker_in_interrupt(uint32_t variant) {
    uint32_t form = take(&variant, 3u);
    deed = cancel_deeds[take(&variant, 6u)];
    life_begin(form == 0u, QUELL_MODE_DECISIVE, hooks_of(form));
}

static void with_eight_hooks(uint32_t variant) {
    deed = take(&variant, 2u) == 0u ? FINISHES : RAISES;
    life_begin(false, QUELL_MODE_DECISIVE, MOST_HOOKS);
}

SWEPT static void cancel(void) {
    life.asked[ASKED_IN_CALL].verdict = answered = quell_cancel(
        &life.owner, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_USER, &life.asked[ASKED_IN_CALL].code);
}

SWEPT static void cancel_from_isr(void) {
    life.asked[ASKED_IN_CALL].verdict = answered = quell_cancel_from_isr(
        &life.owner, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_USER, &life.asked[ASKED_IN_CALL].code);
}

static void cancel_concluded(void) {
    life.asked[ASKED_IN_CALL].level = QUELL_LEVEL_IMMEDIATE;
    life.asked[ASKED_IN_CALL].cause = QUELL_CAUSE_USER;
    met(answered, struck);
    life_conclude();
}

/* --- a requester in an interrupt that the timer's preempts, and the drain behind
 * it; where traps do not nest, the timer's comes after both */

SWEPT void board_interrupt(void) { cancel_from_isr(); }
SWEPT static void raise_interrupt(void) {
    board_raise();
    while (answered == NOT_TOLD) {
    }
}

/* --- the drain and settling, with what an interrupt has left to them */

static void with_word_left(uint32_t variant) {
    uint32_t hooks = hooks_of(1u + take(&variant, 2u) * 2u);
    deed = take(&variant, 2u) == 0u ? FINISHES : RAISES;
    drain_is_held = true;
    life_begin(false, QUELL_MODE_BEST_EFFORT, hooks);
    life.asked[ASKED_BEFORE].level = QUELL_LEVEL_GRACEFUL;
    life.asked[ASKED_BEFORE].cause = QUELL_CAUSE_PEER;
    life.asked[ASKED_BEFORE].verdict =
        quell_cancel_from_isr(&life.owner, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_PEER, NULL);
    MUST(life.asked[ASKED_BEFORE].verdict == QUELL_REQUESTED);
    MUST(hooks == 0u || life.listeners[0].requests == 0u);
}

SWEPT static void drain(void) {
    quell_drain();
    answered = QUELL_OK;
}

SWEPT static void settle(void) { answered = quell_settle(&life.owner); }

static void drain_concluded(void) {
    met(answered, struck);
    MUST(answered == QUELL_OK);
    for (uint32_t i = 0; i < life.hooks; i++) {
        MUST(life.listeners[i].requests == 1u);
    }
    /* The interrupt came after it: its drain is asked for once more. */
    drain_is_held = false;
    quell_port_1_pend_drain();
    life_conclude();
}

/* --- waiting: woken by what comes between the look and the sleep, too */

static void with_waiter(uint32_t variant) {
    static const uint8_t wait_deeds[] = {ASKS, FINISHES, ASKS_AND_ENDS};
    uint32_t hooks = hooks_of(take(&variant, 2u));
    deed = wait_deeds[take(&variant, 3u)];
    life_begin(false, QUELL_MODE_DECISIVE, hooks);
}

SWEPT static void wait_begins(void) {
    answered = quell_wait(&life.owner, QUELL_EVENT_REQUEST | QUELL_EVENT_END, QUELL_FOREVER,
                          &told_to_waiter);
}

static void wait_concluded(void) {
    met(answered, struck);
    MUST(answered == QUELL_OK);
    MUST(told_to_waiter.level == life_level());
    MUST(deed == ASKS || told_to_waiter.phase == life.believed ||
         told_to_waiter.phase == QUELL_PHASE_RUNNING);
    MUST(deed != FINISHES || told_to_waiter.events == QUELL_EVENT_END);
    MUST(deed != ASKS || told_to_waiter.events == QUELL_EVENT_REQUEST);
    life_conclude();
}

/* --- arm and retire, and a handle of this generation or of the next */

static quell_handle_t stranger;

static void stranger_asks(void) {
    struck = quell_cancel_from_isr(&stranger, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_PEER, NULL);
}

static void vacant(uint32_t variant) {
    life_begin(variant != 0u, QUELL_MODE_DECISIVE, 0u);
    life_finished(quell_op_finish(&life.worker));
    life_conclude();
    MUST((life.plain
              ? quell_op_open(&life.op, QUELL_RIGHT_CANCEL, &stranger)
              : quell_source_open(&life.source, QUELL_RIGHT_CANCEL, &stranger)) == QUELL_OK);
    life.worker.op = NULL;
    life.believed = QUELL_PHASE_VACANT;
}

SWEPT static void arm(void) {
    answered = life.plain ? quell_op_arm(&life.op, QUELL_MODE_DECISIVE, &life.owner)
                          : quell_source_arm(&life.source, QUELL_MODE_DECISIVE, &life.owner);
}

static void arm_concluded(void) {
    met(answered, struck);
    MUST(answered == QUELL_OK);
    MUST(struck == QUELL_CANCELLED || struck == QUELL_BAD_STATE);
    life.asked[ASKED_IN_INTERRUPT].level = QUELL_LEVEL_GRACEFUL;
    life.asked[ASKED_IN_INTERRUPT].cause = QUELL_CAUSE_PEER;
    life.asked[ASKED_IN_INTERRUPT].verdict = struck == QUELL_CANCELLED ? struck : NOT_TOLD;
    life_conclude();
}

static void ended(uint32_t variant) {
    uint32_t hooks = hooks_of(take(&variant, 4u));
    bool plain = take(&variant, 2u) != 0u;
    life_begin(plain, QUELL_MODE_DECISIVE, plain ? 0u : hooks);
    life_finished(quell_op_finish(&life.worker));
    stranger = life.owner;
}

SWEPT static void retire(void) { answered = quell_op_retire(&life.owner); }

static void retire_concluded(void) {
    met(answered, struck);
    MUST(struck == QUELL_FINISHED || struck == QUELL_STALE);
    MUST(answered == QUELL_OK);
    for (uint32_t i = 0; i < life.hooks; i++) {
        MUST(life.listeners[i].ends == 1u && life.listeners[i].requests == 0u);
    }
}

const struct scenario hook_scenarios[] = {
    {"hook add", 16u, with_extra, add, strike, add_concluded, false},
    {"hook add_and_tell", 16u, with_extra, add_and_tell, strike, add_and_tell_concluded, false},
    {"hook detach", 18u, with_detached, detach, strike, detach_concluded, false},
    {"hook detach_sync", 6u, with_detached, detach_sync, strike, detach_concluded, false},
    {"cancel", 15u, with_worker_in_interrupt, cancel, strike, cancel_concluded, false},
    {"cancel of 8 hooks", 2u, with_eight_hooks, cancel, strike, cancel_concluded, false},
    {"cancel_from_isr", 6u, with_worker_in_interrupt, cancel_from_isr, strike, cancel_concluded,
     TRAPS_DO_NOT_NEST},
    {"cancel in an interrupt below", 6u, with_worker_in_interrupt, raise_interrupt, strike,
     cancel_concluded, TRAPS_DO_NOT_NEST},
    {"drain", 4u, with_word_left, drain, strike, drain_concluded, false},
    {"settle", 4u, with_word_left, settle, strike, drain_concluded, false},
    {"wait", 6u, with_waiter, wait_begins, strike, wait_concluded, false},
    {"arm", 2u, vacant, arm, stranger_asks, arm_concluded, false},
    {"retire", 8u, ended, retire, stranger_asks, retire_concluded, false},
    {NULL, 0, NULL, NULL, NULL, NULL, false},
};
