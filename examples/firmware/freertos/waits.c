/* Waiting in tasks: who is woken, when, and in which order. */

#include <string.h>

#include "interrupts.h"
#include "stage.h"

/* --- waiting */

static void an_interrupt_wakes(void) {
    begin();
    actor_begin(0, DIRECTOR + 1u, wait_and_name);
    note("director: the task is",
         eTaskGetState(actor_task(0)) == eBlocked ? "blocked" : "not blocked");
    interrupt(cancel_in_interrupt);
    note("director: goes on", "");
    EXPECT(actors_are_done());
    end_cancelled();
    notes_print("a cancel from an interrupt wakes a blocked task");
}

static void time_out_cancels_nothing(void) {
    quell_told_t told;
    quell_status_t status;
    uint64_t before = quell_port_1_now_us();
    TickType_t ticks_before = xTaskGetTickCount();
    begin();
    note("wait",
         quell_verdict_name(quell_wait(&owner, QUELL_EVENT_REQUEST, 40u * MILLISECOND, &told)));
    /* On boards whose tick has 32 bits it has wrapped meanwhile. */
    EXPECT(sizeof(TickType_t) > sizeof(uint32_t) || xTaskGetTickCount() < ticks_before);
    EXPECT(quell_port_1_now_us() - before >= 40u * MILLISECOND);
    EXPECT(quell_port_1_now_us() - before < LATE);
    EXPECT((TickType_t)(xTaskGetTickCount() - ticks_before) >= 40u);
#if !defined(__unix__) /* where another program may be in the way */
    EXPECT((TickType_t)(xTaskGetTickCount() - ticks_before) <= 42u);
#endif
    EXPECT(quell_op_status(&owner, &status) == QUELL_OK);
    note("phase", quell_phase_name(status.phase));
    note("level", quell_level_name(status.level));
    note("finish", quell_verdict_name(quell_op_finish(&worker)));
    retire();
    notes_print("a time-out cancels nothing");
}

/* An interrupt at every instant of a wait's beginning: also between its last look
 * and its going to sleep. On POSIX the instants are rather what comes. */
#define INSTANTS 3000u

static volatile uint32_t while_running, while_blocked;

static void cancel_at_instant(void) {
    *(xTaskGetCurrentTaskHandle() == director ? &while_running : &while_blocked) += 1u;
    interrupt_told =
        quell_cancel_from_isr(&owner, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_FAULT, NULL);
}

static void no_wake_is_lost(void) {
    quell_told_t told;
    in_interrupt = cancel_at_instant;
    for (uint32_t instant = 1; instant <= INSTANTS && failures == 0u; instant++) {
        uint64_t before = quell_port_1_now_us();
        begin();
        interrupt_timer(INTERRUPT_LOW, instant);
        EXPECT(quell_wait(&owner, QUELL_EVENT_REQUEST, 2u * LATE, &told) == QUELL_OK);
        EXPECT(quell_port_1_now_us() - before < LATE);
        EXPECT(interrupt_told == QUELL_CANCELLING && told.cause == QUELL_CAUSE_FAULT);
        end_cancelled();
    }
    EXPECT(while_running + while_blocked == INSTANTS && while_blocked != 0u);
#if !defined(__unix__)
    EXPECT(while_running != 0u);
#endif
    notes_print("no wake is lost, whenever the interrupt comes");
}

/* --- priorities */

static void three_wait(void) {
    begin();
    actor_begin(0, DIRECTOR + 1u, wait_for_request);
    actor_begin(1, DIRECTOR + 3u, wait_for_request);
    actor_begin(2, DIRECTOR + 2u, wait_for_request);
}

static void highest_first_from_interrupt(void) {
    three_wait();
    interrupt(cancel_in_interrupt);
    EXPECT(actors_are_done());
    end_cancelled();
    notes_print("all wake, the highest runs first: cancelled from an interrupt");
}

static void highest_first_from_above(void) {
    three_wait();
    vTaskPrioritySet(NULL, configMAX_PRIORITIES - 1);
    note("director: cancel", quell_verdict_name(cancel()));
    vTaskPrioritySet(NULL, DIRECTOR);
    EXPECT(actors_are_done());
    end_cancelled();
    notes_print("all wake, the highest runs first: cancelled by a task above them");
}

static void preempted_at_once(void) {
    quell_verdict_t verdict;
    begin();
    actor_begin(0, DIRECTOR + 1u, wait_for_request);
    note("director: cancels", "");
    verdict = cancel();
    note("director: cancel", quell_verdict_name(verdict));
    EXPECT(actors_are_done());
    end_cancelled();
    notes_print("a waiter above the canceller runs before the cancel returns");
}

static void below_runs_later(void) {
    begin();
    actor_begin(0, DIRECTOR - 1u, wait_for_request);
    while (eTaskGetState(actor_task(0)) != eBlocked) {
        vTaskDelay(1);
    }
    note("director: cancel", quell_verdict_name(cancel()));
    EXPECT(!actors_are_done());
    for (uint32_t patience = PATIENCE; patience != 0u && !actors_are_done(); patience--) {
        vTaskDelay(1);
    }
    EXPECT(actors_are_done());
    end_cancelled();
    notes_print("a waiter below the canceller runs when that one blocks");
}

/* --- who must not wait */

static void wait_in_interrupt(void) {
    note("interrupt: wait", quell_verdict_name(wait_a_moment()));
}

static void some_must_not_wait(void) {
    begin();
    interrupt(wait_in_interrupt);
    vTaskSuspendAll();
    note("scheduler suspended: wait", quell_verdict_name(wait_a_moment()));
    (void)xTaskResumeAll();
    note("task: wait", quell_verdict_name(wait_a_moment()));
    EXPECT(quell_op_finish(&worker) == QUELL_OK);
    retire();
    notes_print("an interrupt, and who has stopped the scheduler, must not wait");
}

/* --- the program's own notification */

static void index_0_is_the_programs(void) {
    begin();
    actor_begin(0, DIRECTOR + 1u, wait_for_request);
    (void)xTaskNotifyGiveIndexed(actor_task(0), 0);
    (void)xTaskNotifyGiveIndexed(actor_task(0), 0);
    note("director: notified twice, the task is",
         eTaskGetState(actor_task(0)) == eBlocked ? "blocked" : "not blocked");
    EXPECT(cancel() == QUELL_CANCELLING);
    EXPECT(ulTaskNotifyValueClearIndexed(actor_task(0), 0, UINT32_MAX) == 2u);
    end_cancelled();
    notes_print("notification 0 neither wakes a waiter nor is taken by it");
}

/* --- a task that is gone */

static StaticTask_t mortal_memory;
static StackType_t mortal_stack[configMINIMAL_STACK_SIZE + 64];

static void sleep_for_ever(void *nothing) {
    (void)nothing;
    vTaskSuspend(NULL);
}

static void gone_is_left_alone(void) {
    StaticTask_t before;
    TaskHandle_t mortal =
        xTaskCreateStatic(sleep_for_ever, "mortal", configMINIMAL_STACK_SIZE + 64, NULL,
                          DIRECTOR + 1u, mortal_stack, &mortal_memory);
    vTaskDelete(mortal);
    memset(&mortal_memory, 0xA5, sizeof mortal_memory);
    before = mortal_memory;
    begin();
    actor_begin(0, DIRECTOR + 1u, wait_for_request);
    quell_port_1_wake((uintptr_t)mortal);
    EXPECT(memcmp(&before, &mortal_memory, sizeof before) == 0);
    EXPECT(cancel() == QUELL_CANCELLING);
    quell_port_1_wake((uintptr_t)mortal);
    EXPECT(memcmp(&before, &mortal_memory, sizeof before) == 0);
    end_cancelled();
    notes_print("a wake of a task that has been deleted touches nothing");
}

void scenarios_of_waits(void) {
    time_out_cancels_nothing();
    an_interrupt_wakes();
    no_wake_is_lost();
    highest_first_from_interrupt();
    highest_first_from_above();
    preempted_at_once();
    below_runs_later();
    some_must_not_wait();
    index_0_is_the_programs();
    gone_is_left_alone();
}
