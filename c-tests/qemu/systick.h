/* SysTick as a timer that interrupts once. */

#ifndef SYSTICK_H
#define SYSTICK_H

#include <stdint.h>

#define SYSTICK_CONTROL (*(volatile uint32_t *)0xE000E010u)
#define SYSTICK_RELOAD (*(volatile uint32_t *)0xE000E014u)
#define SYSTICK_VALUE (*(volatile uint32_t *)0xE000E018u)
#define SYSTICK_ENABLE 1u
#define SYSTICK_INTERRUPT 2u
#define SYSTICK_CORE_CLOCK 4u
#define INTERRUPT_STATE (*(volatile uint32_t *)0xE000ED04u)
#define SYSTICK_UNPEND (1u << 25)
#define SYSTICK_LONGEST 0xFFFFFFu

static inline void interrupt_after(uint32_t ticks) {
    SYSTICK_RELOAD = ticks;
    SYSTICK_VALUE = 0;
    SYSTICK_CONTROL = SYSTICK_ENABLE | SYSTICK_INTERRUPT | SYSTICK_CORE_CLOCK;
}

/* In the handler. The shortest delays run out a second time before this line. */
static inline void interrupt_no_more(void) {
    SYSTICK_CONTROL = 0;
    INTERRUPT_STATE = SYSTICK_UNPEND;
}

#endif
