/* Hooks: whose context they run in, who waits for them, and that the drain misses
 * none. */

#include "interrupts.h"
#include "stage.h"

/* --- hooks */

static void hooks_run_where_they_should(void) {
    begin();
    EXPECT(quell_hook_add(&owner, &hook, note_who, NULL, QUELL_EVENT_REQUEST, NULL) ==
           QUELL_OK);
    note("director: cancel", quell_verdict_name(cancel()));
    end_cancelled();
    notes_print("hooks of a task's cancel run in that task");
    begin();
    EXPECT(quell_hook_add(&owner, &hook, note_who, NULL, QUELL_EVENT_REQUEST, NULL) ==
           QUELL_OK);
    interrupt(cancel_in_interrupt);
    end_cancelled();
    notes_print("hooks of an interrupt's cancel run in the drain task");
    begin();
    EXPECT(quell_hook_add(&owner, &hook, note_who, NULL, QUELL_EVENT_REQUEST, NULL) ==
           QUELL_OK);
    vTaskSuspendAll();
    note("director: cancel", quell_verdict_name(cancel()));
    (void)xTaskResumeAll();
    note("director: scheduler resumed", "");
    end_cancelled();
    notes_print("hooks of a cancel while the scheduler is suspended run in the drain task");
}

static volatile bool hook_may_return;

static void slow_hook(void *context, const quell_told_t *told) {
    (void)context;
    (void)told;
    note("hook: begins in", who());
    while (!hook_may_return) {
        vTaskDelay(1);
    }
    note("hook: returns", "");
}

/* Below the others, so when they all wait. */
static void let_hook_return(uint32_t actor) {
    (void)actor;
    note("lowest task: lets it return", "");
    hook_may_return = true;
}

static void cancel_it(uint32_t actor) {
    (void)actor;
    note("other task: cancel", quell_verdict_name(quell_cancel(&owner, QUELL_LEVEL_GRACEFUL,
                                                               QUELL_CAUSE_PEER, NULL)));
}

static void detach_it(uint32_t actor) {
    (void)actor;
    note("third task: detach_sync", quell_verdict_name(quell_hook_detach_sync(&owner, &hook)));
}

static void detach_in_interrupt(void) {
    note("interrupt: detach_sync", quell_verdict_name(quell_hook_detach_sync(&owner, &hook)));
}

static void detach_sync_waits(void) {
    begin();
    EXPECT(quell_hook_add(&owner, &hook, slow_hook, NULL, QUELL_EVENT_REQUEST, NULL) ==
           QUELL_OK);
    actor_begin(0, DIRECTOR + 1u, cancel_it);
    note("director: detach", quell_verdict_name(quell_hook_detach(&owner, &hook)));
    interrupt(detach_in_interrupt);
    actor_begin(1, DIRECTOR + 2u, detach_it);
    actor_begin(2, DIRECTOR - 1u, let_hook_return);
    note("director: detach_sync", quell_verdict_name(quell_hook_detach_sync(&owner, &hook)));
    EXPECT(actors_are_done());
    end_cancelled();
    notes_print("detach_sync from two tasks waits until the hook has returned");
}

/* --- what the drain is asked for while a hook waits in it */

static quell_source_t other = QUELL_SOURCE_INIT;
static quell_handle_t other_owner;
static quell_hook_t other_hook = QUELL_HOOK_INIT;

static void wait_in_hook(void *context, const quell_told_t *told) {
    quell_told_t nothing;
    (void)context;
    (void)told;
    note("hook: begins to wait in", who());
    note("hook: waited", quell_verdict_name(quell_wait(&other_owner, QUELL_EVENT_END,
                                                       5u * MILLISECOND, &nothing)));
}

static void cancel_other_in_interrupt(void) {
    interrupt_told =
        quell_cancel_from_isr(&other_owner, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_FAULT, NULL);
    note("interrupt: cancels another one", quell_verdict_name(interrupt_told));
}

static void no_drain_is_lost(void) {
    quell_worker_t other_worker;
    begin();
    EXPECT(quell_source_arm(&other, QUELL_MODE_DECISIVE, &other_owner) == QUELL_OK);
    EXPECT(quell_op_start(&other_owner, &other_worker) == QUELL_OK);
    EXPECT(quell_hook_add(&owner, &hook, wait_in_hook, NULL, QUELL_EVENT_REQUEST, NULL) ==
           QUELL_OK);
    EXPECT(quell_hook_add(&other_owner, &other_hook, note_who, NULL, QUELL_EVENT_REQUEST,
                          NULL) == QUELL_OK);
    interrupt(cancel_in_interrupt);
    interrupt(cancel_other_in_interrupt);
    vTaskDelay(10);
    end_cancelled();
    EXPECT(quell_op_acknowledge(&other_worker, QUELL_EFFECTS_NONE) == QUELL_OK);
    EXPECT(quell_settle(&other_owner) == QUELL_OK);
    EXPECT(quell_op_retire(&other_owner) == QUELL_OK);
    notes_print("a drain that is asked for while a hook waits is not lost");
}

/* --- a deadline */

#define DEADLINE 7u /* in ticks */

static void deadline_passes(void) {
    quell_deadline_t slot;
    quell_deadlines_t deadlines;
    uint64_t expiry;
    uint32_t count = 0;
    TickType_t left, now = xTaskGetTickCount();
    begin();
    EXPECT(quell_deadlines_init(&deadlines, &slot, 1, 8u * (uint32_t)sizeof(TickType_t)) ==
           QUELL_OK);
    EXPECT(quell_deadlines_add(&deadlines, now, DEADLINE, QUELL_LEVEL_GRACEFUL, &owner, NULL) ==
           QUELL_OK);
    actor_begin(0, DIRECTOR + 1u, wait_and_name);
    while (count == 0u) {
        EXPECT(quell_deadlines_next(&deadlines, &expiry) == QUELL_OK);
        left = (TickType_t)((TickType_t)expiry - xTaskGetTickCount());
        vTaskDelay(left <= DEADLINE ? left : 0); /* it may have passed */
        EXPECT(quell_deadlines_expire(&deadlines, xTaskGetTickCount(), NULL, NULL, &count) ==
               QUELL_OK);
    }
    EXPECT((TickType_t)(xTaskGetTickCount() - now) >= DEADLINE && actors_are_done());
    end_cancelled();
    notes_print("a deadline, from a task that sleeps until it is due");
}

void scenarios_of_hooks(void) {
    hooks_run_where_they_should();
    detach_sync_waits();
    no_drain_is_lost();
    deadline_passes();
}
