/* One machine timer for the tick and the two interrupts' timers, and the machine
 * software interrupt for raising one. Traps do not nest: what is raised in a
 * handler comes after it. */

#include "interrupts.h"

#include <task.h>

#include <quell_port_freertos.h>

#include "board.h"
#include "semihosting.h"

#define CAUSE_SOFTWARE 0x80000003u
#define CAUSE_TIMER 0x80000007u
#define ENABLE_TIMER_AND_SOFTWARE ((1u << 7) | (1u << 3))
#define TICK (configCPU_CLOCK_HZ / configTICK_RATE_HZ)
#define NEVER UINT64_MAX

void vPortSetupTimerInterrupt(void);
void freertos_risc_v_trap_handler(void);
void freertos_risc_v_application_interrupt_handler(uint32_t cause);
void freertos_risc_v_application_exception_handler(uint32_t cause);

static interrupt_handler handlers[INTERRUPTS];
static uint64_t next_tick = NEVER;
static uint64_t due[INTERRUPTS] = {NEVER, NEVER};
static volatile bool raised[INTERRUPTS];
static BaseType_t woken_inside; /* by a handler that another one called */

static uint64_t now(void) {
    uint32_t high, low;
    do {
        high = CLINT_MTIME[1];
        low = CLINT_MTIME[0];
    } while (high != CLINT_MTIME[1]);
    return (uint64_t)high << 32 | low;
}

/* With interrupts masked. */
static void set_timer(void) {
    uint64_t next = next_tick;
    for (uint32_t which = 0; which < INTERRUPTS; which++) {
        next = due[which] < next ? due[which] : next;
    }
    CLINT_MTIMECMP[0] = UINT32_MAX;
    CLINT_MTIMECMP[1] = (uint32_t)(next >> 32);
    CLINT_MTIMECMP[0] = (uint32_t)next;
}

void interrupts_begin(interrupt_handler low, interrupt_handler high) {
    handlers[INTERRUPT_LOW] = low;
    handlers[INTERRUPT_HIGH] = high;
}

/* The scheduler's, which has masked interrupts. */
void vPortSetupTimerInterrupt(void) {
    __asm__ volatile("csrw mtvec, %0" ::"r"(freertos_risc_v_trap_handler));
    next_tick = now() + TICK;
    set_timer();
    __asm__ volatile("csrs mie, %0" ::"r"(ENABLE_TIMER_AND_SOFTWARE));
}

static BaseType_t handle(enum interrupt which) {
    raised[which] = false;
    return handlers[which]();
}

void freertos_risc_v_application_interrupt_handler(uint32_t cause) {
    BaseType_t woken = pdFALSE;
    if (cause == CAUSE_TIMER) {
        uint64_t time = now();
        for (uint32_t which = 0; which < INTERRUPTS; which++) {
            if (due[which] <= time) {
                due[which] = NEVER;
                raised[which] = true;
            }
        }
        if (next_tick <= time) {
            next_tick += TICK;
            woken |= xTaskIncrementTick();
        }
        set_timer();
    } else if (cause == CAUSE_SOFTWARE) {
        *CLINT_MSIP = 0;
    } else {
        config_assert_failed(__FILE__, __LINE__);
    }
    while (raised[INTERRUPT_HIGH] || raised[INTERRUPT_LOW]) {
        woken |= handle(raised[INTERRUPT_HIGH] ? INTERRUPT_HIGH : INTERRUPT_LOW);
    }
    woken |= woken_inside | quell_freertos_woken();
    woken_inside = pdFALSE;
    portYIELD_FROM_ISR(woken);
}

void freertos_risc_v_application_exception_handler(uint32_t cause) {
    (void)cause;
    semihosting_abort();
}

void interrupt_raise(enum interrupt which) {
    raised[which] = true;
    *CLINT_MSIP = 1;
}

void interrupt_pend(enum interrupt which) {
    if (quell_freertos_inside_interrupt() != pdFALSE) {
        woken_inside |= handle(which);
        return;
    }
    interrupt_raise(which);
    while (raised[which]) {
    }
}

void interrupt_timer(enum interrupt which, uint32_t ticks) {
    uint32_t saved = quell_port_1_critical_enter();
    due[which] = ticks != 0u ? now() + ticks : NEVER;
    raised[which] = raised[which] && ticks != 0u;
    set_timer();
    quell_port_1_critical_exit(saved);
}
