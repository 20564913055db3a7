#include "stage.h"

#include <quell.h>

#include "interrupts.h"

static quell_source_t source = QUELL_SOURCE_INIT;
quell_handle_t owner;
quell_worker_t worker;
quell_hook_t hook = QUELL_HOOK_INIT;
TaskHandle_t director;
uint32_t failures;
void (*volatile in_interrupt)(void);
volatile quell_verdict_t interrupt_told;

void expect(bool holds, const char *what) {
    if (!holds) {
        failures++;
        note("DOES NOT HOLD", what);
    }
}

void begin(void) {
    EXPECT(quell_source_arm(&source, QUELL_MODE_DECISIVE, &owner) == QUELL_OK);
    EXPECT(quell_op_start(&owner, &worker) == QUELL_OK);
}

void retire(void) {
    EXPECT(quell_settle(&owner) == QUELL_OK);
    EXPECT(quell_op_retire(&owner) == QUELL_OK);
}

void end_cancelled(void) {
    EXPECT(quell_op_finish(&worker) == QUELL_CANCELLING);
    EXPECT(quell_op_acknowledge(&worker, QUELL_EFFECTS_NONE) == QUELL_OK);
    retire();
}

quell_verdict_t cancel(void) {
    return quell_cancel(&owner, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL);
}

quell_verdict_t wait_a_moment(void) {
    quell_told_t told;
    return quell_wait(&owner, QUELL_EVENT_REQUEST, MILLISECOND, &told);
}

void cancel_in_interrupt(void) {
    interrupt_told =
        quell_cancel_from_isr(&owner, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_FAULT, NULL);
    note("interrupt: cancel_from_isr", quell_verdict_name(interrupt_told));
}

void interrupt(void (*does)(void)) {
    in_interrupt = does;
    interrupt_pend(INTERRUPT_LOW);
}

const char *who(void) {
    TaskHandle_t task = xTaskGetCurrentTaskHandle();
    return quell_freertos_inside_interrupt() != pdFALSE ? "an interrupt"
           : task == quell_freertos_drain_task()        ? "the drain task"
           : task == director                           ? "the director"
                                                        : "another task";
}

void note_who(void *context, const quell_told_t *told) {
    (void)context;
    (void)told;
    note("hook: runs in", who());
}

static const char *const names[ACTORS] = {"first waiter", "second waiter", "third waiter"};

void wait_for_request(uint32_t actor) {
    quell_told_t told;
    quell_verdict_t verdict = quell_wait(&owner, QUELL_EVENT_REQUEST, FOR_EVER, &told);
    note(names[actor], quell_verdict_name(verdict));
    EXPECT(told.level != QUELL_LEVEL_NONE && told.phase == QUELL_PHASE_RUNNING);
}

void wait_and_name(uint32_t actor) {
    quell_told_t told;
    quell_verdict_t verdict = quell_wait(&owner, QUELL_EVENT_REQUEST, FOR_EVER, &told);
    note(names[actor], quell_verdict_name(verdict));
    note("  level", quell_level_name(told.level));
    note("  cause", quell_cause_name(told.cause));
}
