/* Hooks, scopes and waiting without an operating system: what thread mode alone
 * is told, what must not wait in an interrupt, what an interrupt wakes, and that
 * a mask is left as it was found. Interrupts between any two instructions are
 * examples/firmware/storm's. */

#include "board.h"
#include "port.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define PATIENCE 1000000u
#define HOOKS 2u
/* In ticks: several for each instruction. */
#define ASLEEP_BY_THEN 200000u

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

/* --- the mask */

static bool mask_is_kept(void) {
    static quell_op_t op = QUELL_OP_INIT;
    quell_handle_t holder;
    quell_worker_t runner;
    bool kept;
    mask_interrupts();
    kept = HOLDS(quell_op_arm(&op, QUELL_MODE_DECISIVE, &holder) == QUELL_OK) &&
           HOLDS(interrupts_masked()) && HOLDS(quell_op_start(&holder, &runner) == QUELL_OK) &&
           HOLDS(interrupts_masked()) && HOLDS(quell_op_finish(&runner) == QUELL_OK) &&
           HOLDS(interrupts_masked()) && HOLDS(quell_op_retire(&holder) == QUELL_OK) &&
           HOLDS(interrupts_masked()) && HOLDS(begin()) &&
           HOLDS(listen_to(&owner, &counts[0])) && HOLDS(interrupts_masked()) &&
           HOLDS(quell_cancel(&owner, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL) ==
                 QUELL_CANCELLING) &&
           HOLDS(interrupts_masked()) &&
           HOLDS(quell_op_acknowledge(&worker, QUELL_EFFECTS_NONE) == QUELL_OK) &&
           HOLDS(retire()) && HOLDS(interrupts_masked());
    unmask_interrupts();
    return kept;
}

int main(void) {
    bool sound = told_before_the_cancel_returns() && down_a_chain() &&
                 interrupts_do_not_wait() && woken_by_an_interrupt() && mask_is_kept() &&
                 HOLDS(!interrupts_masked());
    printf("engine: %s\n", sound ? "all holds" : "FAILED");
    return sound ? 0 : 1;
}
