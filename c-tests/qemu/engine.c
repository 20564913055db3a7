/* Hooks, scopes and waiting without an operating system. Thread mode arms,
 * listens, detaches, cancels and ends; a timer interrupt cancels or ends the
 * same operation, at instants swept over the whole of a round, so that it falls
 * between any two instructions; what it leaves is told by the drain.
 *
 * both: a requester was promised a cancellation, and the work stands.
 * neither: it was told that the work stands, and it was cancelled. */

#include "board.h"
#include "port.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define ROUNDS 1024u
#define PATIENCE 1000000u
#define HOOKS 3u
/* In ticks: several for each instruction. */
#define ASLEEP_BY_THEN 200000u
#define NOT_YET UINT32_MAX

static quell_source_t source = QUELL_SOURCE_INIT;
static quell_handle_t owner;
static quell_worker_t worker;
static void (*volatile on_tick)(void);

void board_timer(void) {
    board_interrupt_no_more();
    on_tick();
}

static bool holds(bool condition, const char *what) {
    if (!condition) {
        printf("engine: does not hold: %s\n", what);
    }
    return condition;
}
#define HOLDS(condition) holds(condition, #condition)

/* What a hook was told, and in which mode it ran. */
struct count {
    quell_hook_t hook;
    volatile uint32_t requests, ends, in_interrupt;
    quell_phase_t phase;
};

static struct count counts[HOOKS];

static void count_it(void *context, const quell_told_t *told) {
    struct count *count = context;
    count->requests += (told->events & QUELL_EVENT_REQUEST) != 0u ? 1u : 0u;
    count->ends += (told->events & QUELL_EVENT_END) != 0u ? 1u : 0u;
    count->in_interrupt += quell_port_1_in_interrupt();
    count->phase = told->phase;
}

static bool begin(void) {
    memset(counts, 0, sizeof counts);
    return quell_source_arm(&source, QUELL_MODE_DECISIVE, &owner) == QUELL_OK &&
           quell_op_start(&owner, &worker) == QUELL_OK;
}

static bool listen_to(const quell_handle_t *to, struct count *count) {
    return quell_hook_add(to, &count->hook, count_it, count,
                          QUELL_EVENT_REQUEST | QUELL_EVENT_END, NULL) == QUELL_OK;
}

static bool retire(void) {
    return quell_settle(&owner) == QUELL_OK && quell_op_retire(&owner) == QUELL_OK;
}

/* --- thread mode alone */

static bool told_before_the_cancel_returns(void) {
    uint32_t pends = port_pends;
    return HOLDS(begin()) && HOLDS(listen_to(&owner, &counts[0])) &&
           HOLDS(listen_to(&owner, &counts[1])) &&
           HOLDS(quell_hook_detach(&owner, &counts[1].hook) == QUELL_OK) &&
           HOLDS(quell_cancel(&owner, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL) ==
                 QUELL_CANCELLING) &&
           HOLDS(counts[0].requests == 1u && counts[0].in_interrupt == 0u) &&
           HOLDS(quell_op_acknowledge(&worker, QUELL_EFFECTS_NONE) == QUELL_OK) &&
           HOLDS(counts[0].ends == 1u && counts[0].phase == QUELL_PHASE_CANCELLED) &&
           HOLDS(counts[1].requests == 0u && counts[1].ends == 0u) &&
           HOLDS(port_pends == pends) && HOLDS(retire());
}

#define DEPTH 64u

static bool down_a_chain(void) {
    static quell_scope_t chain[DEPTH];
    quell_handle_t last;
    bool sound = true;
    memset(counts, 0, sizeof counts);
    for (uint32_t i = 0; i < DEPTH; i++) {
        sound &= quell_scope_open(&chain[i], i == 0u ? NULL : &chain[i - 1u]) == QUELL_OK;
    }
    sound =
        HOLDS(sound) &&
        HOLDS(quell_scope_handle(&chain[DEPTH - 1u], QUELL_RIGHT_OBSERVE, &last) == QUELL_OK) &&
        HOLDS(listen_to(&last, &counts[0])) &&
        HOLDS(quell_scope_cancel(&chain[0], QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_USER) ==
              QUELL_CANCELLING) &&
        HOLDS(quell_scope_poll(&chain[DEPTH - 1u]) == QUELL_LEVEL_IMMEDIATE) &&
        HOLDS(counts[0].requests == 1u);
    for (uint32_t i = 0; i < DEPTH; i++) {
        sound = sound && HOLDS(quell_scope_close(&chain[i]) == QUELL_OK);
    }
    return sound && HOLDS(counts[0].ends == 1u);
}

/* --- what must not wait in an interrupt */

static volatile bool ticked;
static volatile bool tick_sound;
static struct count slow;
static quell_scope_t open_scope = QUELL_SCOPE_INIT;

static void must_not_wait(void) {
    quell_told_t told;
    tick_sound =
        HOLDS(quell_wait(&owner, QUELL_EVENT_END, QUELL_FOREVER, &told) == QUELL_WOULD_BLOCK) &&
        HOLDS(quell_wait(&owner, QUELL_EVENT_REQUEST, 0, &told) == QUELL_OK) &&
        HOLDS(told.level == QUELL_LEVEL_GRACEFUL) &&
        HOLDS(quell_settle(&owner) == QUELL_WOULD_BLOCK) &&
        HOLDS(quell_scope_close(&open_scope) == QUELL_WOULD_BLOCK) &&
        HOLDS(quell_hook_detach(&owner, &slow.hook) == QUELL_RUNNING) &&
        HOLDS(quell_hook_detach_sync(&owner, &slow.hook) == QUELL_WOULD_BLOCK) &&
        HOLDS(quell_op_retire(&owner) == QUELL_BAD_STATE);
    ticked = true;
}

static void waits_for_a_tick(void *context, const quell_told_t *told) {
    count_it(context, told);
    board_interrupt_after(1000u);
    for (uint32_t waited = 0; !ticked && waited < PATIENCE; waited++) {
    }
}

static bool interrupts_do_not_wait(void) {
    on_tick = must_not_wait;
    ticked = false;
    memset(&slow, 0, sizeof slow);
    return HOLDS(begin()) && HOLDS(quell_scope_open(&open_scope, NULL) == QUELL_OK) &&
           HOLDS(quell_hook_add(&owner, &slow.hook, waits_for_a_tick, &slow,
                                QUELL_EVENT_REQUEST, NULL) == QUELL_OK) &&
           HOLDS(quell_cancel(&owner, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL) ==
                 QUELL_CANCELLING) &&
           HOLDS(ticked && tick_sound) && HOLDS(slow.requests == 1u) &&
           HOLDS(quell_hook_detach_sync(&owner, &slow.hook) == QUELL_RAN) &&
           HOLDS(quell_scope_close(&open_scope) == QUELL_OK) &&
           HOLDS(quell_op_acknowledge(&worker, QUELL_EFFECTS_NONE) == QUELL_OK) &&
           HOLDS(retire());
}

/* --- waiting */

static uint64_t clock_us;
static uint32_t clock_step;

uint64_t quell_port_1_now_us(void) { return clock_us += clock_step; }

static volatile quell_verdict_t tick_verdict;

static void cancel_on_tick(void) {
    tick_verdict =
        quell_cancel_from_isr(&owner, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_DEADLINE, NULL);
}

static void finish_on_tick(void) { tick_verdict = quell_op_finish(&worker); }

static void only_tick(void) { board_interrupt_after(1000u); }

static bool woken_by_an_interrupt(void) {
    quell_told_t told;
    uint32_t waits = port_waits, pends = port_pends;
    bool sound;
    clock_step = 0;
    on_tick = cancel_on_tick;
    sound = HOLDS(begin());
    board_interrupt_after(ASLEEP_BY_THEN);
    sound = sound &&
            HOLDS(quell_wait(&owner, QUELL_EVENT_REQUEST, QUELL_FOREVER, &told) == QUELL_OK) &&
            HOLDS(tick_verdict == QUELL_CANCELLING) &&
            HOLDS(told.events == QUELL_EVENT_REQUEST && told.level == QUELL_LEVEL_IMMEDIATE &&
                  told.cause == QUELL_CAUSE_DEADLINE) &&
            HOLDS(port_waits > waits && port_pends == pends + 1u) &&
            HOLDS(quell_op_acknowledge(&worker, QUELL_EFFECTS_NONE) == QUELL_OK) &&
            HOLDS(retire()) && HOLDS(begin());
    on_tick = finish_on_tick;
    board_interrupt_after(ASLEEP_BY_THEN);
    sound = sound && HOLDS(quell_wait(&owner, QUELL_EVENT_END, 1000000u, &told) == QUELL_OK) &&
            HOLDS(tick_verdict == QUELL_OK && told.phase == QUELL_PHASE_FINISHED) &&
            HOLDS(retire()) && HOLDS(begin());
    /* Nothing but ticks, and a clock that goes on with each look. */
    clock_step = 100;
    on_tick = only_tick;
    board_interrupt_after(1000u);
    sound = sound &&
            HOLDS(quell_wait(&owner, QUELL_EVENT_ALL, 1000u, &told) == QUELL_TIMED_OUT) &&
            HOLDS(told.events == 0u) && HOLDS(quell_op_finish(&worker) == QUELL_OK) &&
            HOLDS(retire());
    board_interrupt_no_more();
    return sound;
}

/* --- the sweep */

static volatile uint32_t told_in_tick;
static volatile bool worker_ready;

static void tick_cancels(void) {
    told_in_tick = quell_cancel_from_isr(&owner, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL);
}

/* What the worker was told: OK, or that it was cancelled. */
static quell_verdict_t end_it(void) {
    quell_verdict_t verdict = quell_op_finish(&worker);
    if (verdict == QUELL_CANCELLING) {
        (void)quell_op_acknowledge(&worker, QUELL_EFFECTS_PARTIAL);
    }
    return verdict;
}

/* The interrupt is the worker, once there is one. */
static void tick_finishes(void) { told_in_tick = worker_ready ? end_it() : QUELL_BAD_STATE; }

struct scenario {
    const char *name;
    void (*tick)(void);
    bool cancel_in_thread;
};

static const struct scenario scenarios[] = {
    {"cancel in the interrupt", tick_cancels, false},
    {"finish in the interrupt", tick_finishes, true},
};

struct tally {
    uint32_t both, neither, wrong, cancelled, stood;
};

/* From arm to the end of the thread's part; what the requester and the worker
 * were told, as far as it was the thread. */
static bool live_through(const struct scenario *scenario, uint32_t ticks,
                         quell_verdict_t *told) {
    quell_hook_t passer_by = QUELL_HOOK_INIT;
    quell_verdict_t started, detached;
    bool sound = quell_source_arm(&source, QUELL_MODE_DECISIVE, &owner) == QUELL_OK;
    memset(counts, 0, sizeof counts);
    worker_ready = false;
    board_interrupt_after(ticks);
    for (uint32_t i = 0; i < HOOKS; i++) {
        quell_verdict_t added =
            quell_hook_add_and_tell(&owner, &counts[i].hook, count_it, &counts[i],
                                    QUELL_EVENT_REQUEST | QUELL_EVENT_END);
        sound = sound && (added == QUELL_OK || added == QUELL_HAPPENED);
    }
    (void)quell_hook_add(&owner, &passer_by, count_it, NULL, QUELL_EVENT_RAISE, NULL);
    started = quell_op_start(&owner, &worker);
    worker_ready = started == QUELL_OK;
    detached = quell_hook_detach(&owner, &passer_by);
    sound = sound && (detached == QUELL_OK || detached == QUELL_RAN);
    if (scenario->cancel_in_thread) {
        *told = quell_cancel(&owner, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL);
    } else {
        *told = worker_ready ? end_it() : started;
    }
    return sound;
}

static void judge(const struct scenario *scenario, quell_verdict_t thread,
                  struct tally *tally) {
    quell_verdict_t requester = scenario->cancel_in_thread ? thread : told_in_tick;
    quell_verdict_t ended_by = scenario->cancel_in_thread ? told_in_tick : thread;
    bool promised = requester == QUELL_CANCELLED || requester == QUELL_CANCELLING;
    quell_status_t end;
    bool cancelled, agreed;
    agreed = quell_op_status(&owner, &end) == QUELL_OK;
    cancelled = end.phase == QUELL_PHASE_CANCELLED;
    agreed = agreed && (cancelled || end.phase == QUELL_PHASE_FINISHED) &&
             (ended_by == QUELL_OK) != cancelled && (promised || requester == QUELL_FINISHED);
    for (uint32_t i = 0; i < HOOKS; i++) {
        agreed = agreed && counts[i].ends == 1u && counts[i].phase == end.phase &&
                 counts[i].requests == (promised ? 1u : 0u);
    }
    tally->both += promised && !cancelled ? 1u : 0u;
    tally->neither += !promised && cancelled ? 1u : 0u;
    tally->cancelled += cancelled ? 1u : 0u;
    tally->stood += cancelled ? 0u : 1u;
    tally->wrong += agreed ? 0u : 1u;
}

static bool round_of(const struct scenario *scenario, uint32_t ticks, struct tally *tally) {
    quell_verdict_t thread;
    told_in_tick = NOT_YET;
    on_tick = scenario->tick;
    if (!HOLDS(live_through(scenario, ticks, &thread))) {
        return false;
    }
    for (uint32_t waited = 0; told_in_tick == NOT_YET; waited++) {
        if (!HOLDS(waited < PATIENCE)) {
            return false;
        }
    }
    if (scenario->cancel_in_thread && told_in_tick == QUELL_BAD_STATE) {
        told_in_tick = end_it();
    }
    if (!HOLDS(quell_settle(&owner) == QUELL_OK)) {
        return false;
    }
    judge(scenario, thread, tally);
    return HOLDS(quell_op_retire(&owner) == QUELL_OK);
}

/* How many ticks a round takes that no interrupt disturbs: what is swept. */
static uint32_t ticks_undisturbed(const struct scenario *scenario) {
    quell_verdict_t thread;
    uint32_t left;
    live_through(scenario, BOARD_LONGEST_DELAY, &thread);
    left = board_ticks_left();
    board_interrupt_no_more();
    if (scenario->cancel_in_thread) {
        end_it();
    }
    retire();
    return BOARD_LONGEST_DELAY - left;
}

static bool sweep(const struct scenario *scenario) {
    struct tally tally = {0};
    uint32_t span = ticks_undisturbed(scenario) / 16u * 17u;
    uint32_t pends = port_pends;
    for (uint32_t number = 0; number < ROUNDS; number++) {
        if (!round_of(scenario, 1u + number * span / ROUNDS, &tally)) {
            return false;
        }
    }
    printf("engine: %s: %u rounds over %u ticks, %u cancelled, %u not, %u drains pended; "
           "%u both, %u neither, %u otherwise wrong\n",
           scenario->name, (unsigned)ROUNDS, (unsigned)span, (unsigned)tally.cancelled,
           (unsigned)tally.stood, (unsigned)(port_pends - pends), (unsigned)tally.both,
           (unsigned)tally.neither, (unsigned)tally.wrong);
    return HOLDS(tally.cancelled > 0u && tally.stood > 0u && port_pends > pends) &&
           tally.both == 0u && tally.neither == 0u && tally.wrong == 0u;
}

int main(void) {
    bool sound;
    sound = told_before_the_cancel_returns() && down_a_chain() && interrupts_do_not_wait() &&
            woken_by_an_interrupt();
    for (uint32_t which = 0; sound && which < sizeof scenarios / sizeof scenarios[0]; which++) {
        sound = sweep(&scenarios[which]);
    }
    sound = sound && HOLDS(!interrupts_masked());
    printf("engine: %s\n", sound ? "never both, never neither" : "FAILED");
    return sound ? 0 : 1;
}
