/* FreeRTOS as a machine for ../controller: the host, which submits, and the
 * controller, which does the work, are tasks; the two interrupts are those of
 * interrupts.h; quell's drain is the port's task, above both.
 *
 * Pace of timers: the tasks run as the kernel has it, the controller above the
 * host, and an idle one sleeps until it is notified. Pace of steps: they take
 * turns, one step each, as they do without an operating system, so that all that
 * happens is the same as there, though every interrupt is a real one and every
 * turn a switch of tasks. */

#include "machine.h"

#include <FreeRTOS.h>

#include <task.h>

#include <quell_port_freertos.h>
#include <stdio.h>
#include <stdlib.h>

#include "interrupts.h"

#define PROGRAM_PRIORITY 4u
#define PARTY_STACK (configMINIMAL_STACK_SIZE + 256)
#define PROGRAM_STACK (configMINIMAL_STACK_SIZE + 512)
#define ENOUGH_LEFT 16u /* words of a stack that were never used */
#define IDLE_AT_MOST pdMS_TO_TICKS(10)

struct party {
    StaticTask_t memory;
    StackType_t stack[PARTY_STACK];
    TaskHandle_t task;
    machine_step step;
    volatile bool runs;
};

static struct party parties[MACHINE_TASKS];
static StaticTask_t program_memory;
static StackType_t program_stack[PROGRAM_STACK];
static TaskHandle_t program_task;
static volatile bool timers_run;
static int given_count;
static char **given;

/* --- interrupts */

static const enum interrupt interrupt_of[MACHINE_INTERRUPTS] = {
    [MACHINE_COMPLETION] = INTERRUPT_LOW,
    [MACHINE_ABORT] = INTERRUPT_HIGH,
};

static volatile BaseType_t woken; /* by machine_notify() in an interrupt */

static BaseType_t handled(void) {
    BaseType_t was = woken;
    woken = pdFALSE;
    return was;
}

static BaseType_t on_completion(void) {
    completion_interrupt();
    return handled();
}

static BaseType_t on_abort(void) {
    abort_interrupt();
    return handled();
}

void machine_pend(enum machine_interrupt interrupt) { interrupt_pend(interrupt_of[interrupt]); }

void machine_timer(enum machine_interrupt interrupt, uint32_t ticks) {
    timers_run = ticks != 0u;
    interrupt_timer(interrupt_of[interrupt], ticks);
}

/* --- masking: of tasks by the kernel's count, for a notification may come in a
 * masked section. A switch of tasks that it asks for waits until the end. */

static uint32_t masked_by_task;
static bool switch_wanted;

uint32_t machine_mask(void) {
    if (quell_freertos_inside_interrupt() != pdFALSE) {
        return (uint32_t)taskENTER_CRITICAL_FROM_ISR();
    }
    taskENTER_CRITICAL();
    masked_by_task++;
    return 0;
}

void machine_unmask(uint32_t saved) {
    bool switches;
    if (quell_freertos_inside_interrupt() != pdFALSE) {
        taskEXIT_CRITICAL_FROM_ISR(saved);
        return;
    }
    masked_by_task--;
    switches = masked_by_task == 0u && switch_wanted;
    switch_wanted = switch_wanted && !switches;
    taskEXIT_CRITICAL();
    if (switches) {
        taskYIELD();
    }
}

void machine_notify(enum machine_task task) {
    const struct party *party = &parties[task];
    uint32_t saved;
    BaseType_t higher = pdFALSE;
    if (!timers_run || !party->runs) {
        return;
    }
    saved = machine_mask();
    vTaskNotifyGiveFromISR(party->task, &higher);
    if (quell_freertos_inside_interrupt() != pdFALSE) {
        woken |= higher;
    } else {
        switch_wanted = switch_wanted || higher != pdFALSE;
    }
    machine_unmask(saved);
}

/* --- tasks */

static void run_freely(struct party *self) {
    enum machine_progress progress;
    while ((progress = self->step()) != MACHINE_OVER) {
        if (progress == MACHINE_IDLE) {
            (void)ulTaskNotifyTake(pdTRUE, IDLE_AT_MOST);
        }
    }
    self->runs = false;
    (void)ulTaskNotifyTake(pdTRUE, 0); /* what came before that */
    (void)xTaskNotifyGive(program_task);
}

static void take_turn(struct party *self) {
    const struct party *other =
        &parties[self == &parties[MACHINE_HOST] ? MACHINE_CONTROLLER : MACHINE_HOST];
    self->runs = self->step() != MACHINE_OVER;
    (void)xTaskNotifyGive(other->runs ? other->task : self->runs ? self->task : program_task);
}

static void act(void *argument) {
    struct party *self = argument;
    for (;;) {
        (void)ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
        if (timers_run) {
            run_freely(self);
        } else {
            take_turn(self);
        }
    }
}

void machine_run(const machine_step steps[MACHINE_TASKS]) {
    uint32_t ends = timers_run ? MACHINE_TASKS : 1u;
    for (uint32_t task = 0; task < MACHINE_TASKS; task++) {
        parties[task].step = steps[task];
        parties[task].runs = true;
    }
    (void)xTaskNotifyGive(parties[MACHINE_HOST].task);
    if (timers_run) {
        (void)xTaskNotifyGive(parties[MACHINE_CONTROLLER].task);
    }
    while (ends != 0u) {
        ends -= ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    }
}

/* On POSIX the kernel's stacks are not those that the tasks run on. */
static bool stacks_are_enough(void) {
    bool enough = true;
#if !defined(__unix__)
    const TaskHandle_t tasks[] = {program_task, quell_freertos_drain_task(),
                                  parties[MACHINE_HOST].task, parties[MACHINE_CONTROLLER].task};
    for (uint32_t index = 0; index < sizeof tasks / sizeof tasks[0]; index++) {
        UBaseType_t left = uxTaskGetStackHighWaterMark(tasks[index]);
        if (left < ENOUGH_LEFT) {
            printf("stack of %s: %lu words left\n", pcTaskGetName(tasks[index]),
                   (unsigned long)left);
            enough = false;
        }
    }
#endif
    return enough;
}

static void run_program(void *nothing) {
    int status;
    (void)nothing;
    status = program(given_count, given);
    exit(stacks_are_enough() ? status : 1);
}

int main(int argc, char **argv) {
    static char buffer[512];
    static const char *const names[MACHINE_TASKS] = {"host", "controller"};
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    given_count = argc;
    given = argv;
    interrupts_begin(on_completion, on_abort);
    quell_freertos_start();
    for (uint32_t task = 0; task < MACHINE_TASKS; task++) {
        parties[task].task = xTaskCreateStatic(act, names[task], PARTY_STACK, &parties[task],
                                               PROGRAM_PRIORITY - (MACHINE_TASKS - task),
                                               parties[task].stack, &parties[task].memory);
    }
    program_task = xTaskCreateStatic(run_program, "program", PROGRAM_STACK, NULL,
                                     PROGRAM_PRIORITY, program_stack, &program_memory);
    vTaskStartScheduler();
    return 1;
}
