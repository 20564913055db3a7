/* A single Cortex-M without an operating system. Completion is SysTick; abort is
 * the interrupt of a second timer, at a higher priority; quell's drain is
 * PendSV's, at the lowest, by the port of quell for Cortex-M.
 *
 * The vector table is copied to RAM, with the two handlers in it, so that any
 * start-up code will do whose PendSV is the port's. */

#include "machine.h"

#include <quell.h>
#include <string.h>

#include "second_timer.h"

#define VECTOR_TABLE (*(volatile uint32_t *)0xE000ED08u)
#define SYSTICK_CONTROL (*(volatile uint32_t *)0xE000E010u)
#define SYSTICK_RELOAD (*(volatile uint32_t *)0xE000E014u)
#define SYSTICK_VALUE (*(volatile uint32_t *)0xE000E018u)
/* The core's clock, which some counters take over only while they stand. */
#define SYSTICK_STAND 4u
#define SYSTICK_RUN (SYSTICK_STAND | 3u) /* with its interrupt */
#define INTERRUPT_STATE (*(volatile uint32_t *)0xE000ED04u)
#define PEND_SYSTICK (1u << 26)
#define UNPEND_SYSTICK (1u << 25)
#define PRIORITY_OF_SYSTEM (*(volatile uint32_t *)0xE000ED20u)
#define PRIORITY_OF_SYSTICK (0x80u << 24)
#define PRIORITY_OF_PENDSV (0xFFu << 16)
#define NVIC_ENABLE ((volatile uint32_t *)0xE000E100u)
#define NVIC_PEND ((volatile uint32_t *)0xE000E200u)
#define NVIC_UNPEND ((volatile uint32_t *)0xE000E280u)
#define NVIC_PRIORITY ((volatile uint8_t *)0xE000E400u)
#define PRIORITY_OF_SECOND_TIMER 0x40u

#define SYSTEM_EXCEPTIONS 16u
#define SYSTICK_EXCEPTION 15u
#define VECTORS 64u

typedef void (*vector)(void);

static vector vectors[VECTORS] __attribute__((aligned(VECTORS * sizeof(vector))));
static bool timers_run;

static void systick(void) {
    SYSTICK_CONTROL = SYSTICK_STAND; /* it happens once */
    completion_interrupt();
}

static void second_timer(void) {
    second_timer_stop();
    abort_interrupt();
}

int main(int argc, char **argv) {
    const vector *from = (const vector *)(uintptr_t)VECTOR_TABLE;
    memcpy(vectors, from, SYSTEM_EXCEPTIONS * sizeof(vector));
    vectors[SYSTICK_EXCEPTION] = systick;
    vectors[SYSTEM_EXCEPTIONS + SECOND_TIMER_IRQ] = second_timer;
    VECTOR_TABLE = (uint32_t)(uintptr_t)vectors;
    PRIORITY_OF_SYSTEM = PRIORITY_OF_SYSTICK | PRIORITY_OF_PENDSV;
    NVIC_PRIORITY[SECOND_TIMER_IRQ] = PRIORITY_OF_SECOND_TIMER;
    second_timer_begin();
    NVIC_ENABLE[SECOND_TIMER_IRQ / 32u] = 1u << SECOND_TIMER_IRQ % 32u;
    __asm__ volatile("dsb\n\tisb" ::: "memory");
    return program(argc, argv);
}

uint32_t machine_mask(void) { return quell_port_1_critical_enter(); }

void machine_unmask(uint32_t saved) { quell_port_1_critical_exit(saved); }

/* The barriers have the exception taken before the next instruction. */
void machine_pend(enum machine_interrupt interrupt) {
    if (interrupt == MACHINE_ABORT) {
        NVIC_PEND[SECOND_TIMER_IRQ / 32u] = 1u << SECOND_TIMER_IRQ % 32u;
    } else {
        INTERRUPT_STATE = PEND_SYSTICK;
    }
    __asm__ volatile("dsb\n\tisb" ::: "memory");
}

void machine_timer(enum machine_interrupt interrupt, uint32_t ticks) {
    timers_run = ticks != 0u;
    if (interrupt == MACHINE_ABORT) {
        second_timer_stop();
        if (ticks != 0u) {
            second_timer_start(ticks);
        } else {
            NVIC_UNPEND[SECOND_TIMER_IRQ / 32u] = 1u << SECOND_TIMER_IRQ % 32u;
        }
        return;
    }
    SYSTICK_CONTROL = SYSTICK_STAND;
    if (ticks != 0u) {
        SYSTICK_RELOAD = ticks;
        SYSTICK_VALUE = 0;
        SYSTICK_CONTROL = SYSTICK_RUN;
    } else {
        INTERRUPT_STATE = UNPEND_SYSTICK;
    }
}

/* While timers run there is always a next interrupt to wait for. */
void machine_run(const machine_step steps[MACHINE_TASKS]) {
    bool over[MACHINE_TASKS] = {false, false};
    while (!over[MACHINE_HOST] || !over[MACHINE_CONTROLLER]) {
        bool idle = true;
        for (uint32_t task = 0; task < MACHINE_TASKS; task++) {
            if (!over[task]) {
                enum machine_progress progress = steps[task]();
                over[task] = progress == MACHINE_OVER;
                idle &= progress == MACHINE_IDLE;
            }
        }
        if (idle && timers_run) {
            __asm__ volatile("wfi" ::: "memory");
        }
    }
}

void machine_notify(enum machine_task task) { (void)task; }
