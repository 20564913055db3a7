/* What quell's port promises to tasks of FreeRTOS: one scenario after another,
 * directed by one task, with others above and below it, and an interrupt.
 *
 * Everything that is printed follows from the priorities alone, so it is the
 * same on every board: tasks.out. */

#include <FreeRTOS.h>

#include <task.h>

#include <quell_port_freertos.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interrupts.h"
#include "stage.h"

#define DIRECTOR_STACK (configMINIMAL_STACK_SIZE + 384)
#define ENOUGH_LEFT 16u /* words of a stack that were never used */

static BaseType_t interrupted(void) {
    in_interrupt();
    return pdFALSE;
}

static volatile uint32_t high_handled;

static BaseType_t interrupted_high(void) {
    high_handled++;
    return pdFALSE;
}

/* --- critical sections */

static void nothing_to_do(void) { high_handled++; }

/* HIGH is held off by LOW's section only where handlers nest, and by LOW's
 * handler where they do not: and until then. */
static void section_in_interrupt(void) {
    uint32_t handled = high_handled;
    uint32_t outer = quell_port_1_critical_enter();
    uint32_t inner = quell_port_1_critical_enter();
    interrupt_raise(INTERRUPT_HIGH);
    quell_port_1_critical_exit(inner);
    EXPECT(high_handled == handled);
    quell_port_1_critical_exit(outer);
    EXPECT(high_handled == handled + (INTERRUPTS_NEST ? 1u : 0u));
}

static void sections_nest(void) {
    uint32_t outer, inner;
    in_interrupt = nothing_to_do;
    high_handled = 0;
    outer = quell_port_1_critical_enter();
    inner = quell_port_1_critical_enter();
    interrupt_raise(INTERRUPT_LOW);
    quell_port_1_critical_exit(inner);
    note("inner section left", high_handled == 0u ? "masked" : "interrupted");
    quell_port_1_critical_exit(outer);
    note("outer section left", high_handled == 0u ? "masked" : "interrupted");
    taskENTER_CRITICAL();
    outer = quell_port_1_critical_enter();
    interrupt_raise(INTERRUPT_LOW);
    quell_port_1_critical_exit(outer);
    note("section in one of the kernel's left", high_handled == 1u ? "masked" : "interrupted");
    taskEXIT_CRITICAL();
    note("kernel's section left", high_handled == 1u ? "masked" : "interrupted");
    interrupt(section_in_interrupt);
    EXPECT(high_handled == 3u); /* once by HIGH */
    notes_print("critical sections nest, in tasks and in interrupts");
}

/* --- before the scheduler starts */

static void before_the_scheduler(void) {
    begin();
    EXPECT(quell_hook_add(&owner, &hook, note_who, NULL, QUELL_EVENT_REQUEST, NULL) ==
           QUELL_OK);
    note("main: wait", quell_verdict_name(wait_a_moment()));
    note("main: cancel", quell_verdict_name(cancel()));
}

static void before_the_director(void) {
    end_cancelled();
    notes_print("before the scheduler starts nobody waits, and hooks are left to the drain");
}

#if INTERRUPTS_NEST
/* Here interrupts come before the scheduler starts, and do after a section. */
static void sections_before_the_scheduler(void) {
    uint32_t saved = quell_port_1_critical_enter();
    in_interrupt = nothing_to_do;
    interrupt_raise(INTERRUPT_LOW);
    EXPECT(high_handled == 0u);
    quell_port_1_critical_exit(saved);
    EXPECT(high_handled == 1u);
}
#endif

/* On POSIX the kernel's stacks are not those that the tasks run on. */
static void stacks_are_enough(void) {
#if !defined(__unix__)
    const TaskHandle_t tasks[] = {director, quell_freertos_drain_task(), actor_task(0),
                                  actor_task(1), actor_task(2)};
    bool enough = true;
    for (uint32_t index = 0; index < sizeof tasks / sizeof tasks[0]; index++) {
        UBaseType_t left = uxTaskGetStackHighWaterMark(tasks[index]);
        if (left < ENOUGH_LEFT) {
            printf("stack of task %lu: %lu words left\n", (unsigned long)index,
                   (unsigned long)left);
            failures++;
            enough = false;
        }
    }
    printf("stacks: %s\n", enough ? "enough" : "NOT ENOUGH");
#endif
}

static void direct(void *nothing) {
    (void)nothing;
    before_the_director();
    scenarios_of_waits();
    scenarios_of_hooks();
    sections_nest();
    stacks_are_enough();
    printf("tasks: %s\n", failures == 0u ? "all hold" : "FAILED");
    exit(failures == 0u ? 0 : 1);
}

static StaticTask_t director_memory;
static StackType_t director_stack[DIRECTOR_STACK];

int main(void) {
    static char buffer[256];
    setvbuf(stdout, buffer, _IOLBF, sizeof buffer);
    interrupts_begin(interrupted, interrupted_high);
#if INTERRUPTS_NEST
    sections_before_the_scheduler();
#endif
    before_the_scheduler();
    quell_freertos_start();
    actors_create();
    director = xTaskCreateStatic(direct, "director", DIRECTOR_STACK, NULL, DIRECTOR,
                                 director_stack, &director_memory);
    vTaskStartScheduler();
    return 1;
}
