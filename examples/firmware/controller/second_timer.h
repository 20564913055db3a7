/* A timer of the board that interrupts once, beside SysTick. */

#ifndef SECOND_TIMER_H
#define SECOND_TIMER_H

#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))

#if defined(BOARD_LM3S6965EVB)

/* General-purpose timer 0 of the LM3S6965, as one timer of 32 bits. */
#define SECOND_TIMER_IRQ 19u
#define TIMER0 0x40030000u

static inline void second_timer_begin(void) {
    REGISTER(0x400FE104u) |= 1u << 16; /* RCGC1: its clock */
    REGISTER(TIMER0 + 0x00Cu) = 0;     /* CTL: off */
    REGISTER(TIMER0 + 0x000u) = 0;     /* CFG: 32 bits */
    REGISTER(TIMER0 + 0x004u) = 1;     /* TAMR: one shot */
    REGISTER(TIMER0 + 0x018u) = 1;     /* IMR: time-out */
}

static inline void second_timer_stop(void) {
    REGISTER(TIMER0 + 0x00Cu) = 0;
    REGISTER(TIMER0 + 0x024u) = 1; /* ICR */
}

static inline void second_timer_start(uint32_t ticks) {
    REGISTER(TIMER0 + 0x028u) = ticks; /* TAILR */
    REGISTER(TIMER0 + 0x00Cu) = 1;
}

#else

/* Timer 0 of the CMSDK, on the MPS2 boards. */
#define TIMER0 0x40000000u
#if defined(BOARD_MPS2_AN505)
#define SECOND_TIMER_IRQ 3u
#else
#define SECOND_TIMER_IRQ 8u
#endif

static inline void second_timer_begin(void) { REGISTER(TIMER0) = 0; }

static inline void second_timer_stop(void) {
    REGISTER(TIMER0) = 0;
    REGISTER(TIMER0 + 0x00Cu) = 1; /* INTCLEAR */
}

static inline void second_timer_start(uint32_t ticks) {
    REGISTER(TIMER0 + 0x008u) = 0; /* RELOAD: it happens once */
    REGISTER(TIMER0 + 0x004u) = ticks;
    REGISTER(TIMER0) = 1u | 1u << 3; /* CTRL: enabled, interrupting */
}

#endif

#endif
