/* What the programs of this directory share of a board under an emulator: main()
 * with the arguments of the semihosting command line, printf, exit codes, one
 * timer that interrupts once, and an interrupt that software raises.
 *
 * The timer counts the emulator's time: with a shift of 10 (see build.sh) an
 * instruction lasts longer than a tick, so that a delay swept by one tick stops
 * a program between any two of its instructions. */

#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

/* In the program, where it uses the timer, or raises the interrupt. On a
 * Cortex-M the timer is SysTick: the program that takes it from the ready-made
 * port's clock defines quell_port_1_now_us. */
void board_timer(void);
void board_interrupt(void);

/* Raises board_interrupt, at a priority below the timer's and above the drain's;
 * before the next instruction of a context that is below it. On RISC-V traps do
 * not preempt each other: it is taken when the trap has returned. */
void board_raise(void);

#if defined(__ARM_ARCH)

#define SYSTICK_CONTROL (*(volatile uint32_t *)0xE000E010u)
#define SYSTICK_RELOAD (*(volatile uint32_t *)0xE000E014u)
#define SYSTICK_VALUE (*(volatile uint32_t *)0xE000E018u)
#define SYSTICK_OF_CORE_CLOCK 4u
#define SYSTICK_ENABLE_WITH_INTERRUPT 3u
#define INTERRUPT_CONTROL (*(volatile uint32_t *)0xE000ED04u)
#define SYSTICK_UNPEND (1u << 25)
#define BOARD_LONGEST_DELAY 0xFFFFFFu

/* In ticks, from 1 to BOARD_LONGEST_DELAY. */
static inline void board_interrupt_after(uint32_t ticks) {
    SYSTICK_RELOAD = ticks;
    SYSTICK_VALUE = 0;
    SYSTICK_CONTROL = SYSTICK_OF_CORE_CLOCK | SYSTICK_ENABLE_WITH_INTERRUPT;
}

/* In the handler. The shortest delays run out a second time before this line. */
static inline void board_interrupt_no_more(void) {
    SYSTICK_CONTROL = SYSTICK_OF_CORE_CLOCK;
    INTERRUPT_CONTROL = SYSTICK_UNPEND;
}

/* The ticks until it interrupts. */
static inline uint32_t board_ticks_left(void) { return SYSTICK_VALUE; }

#else

#include "zicsr.h"

#define CLINT_MSIP ((volatile uint32_t *)0x02000000u)
#define CLINT_MTIMECMP ((volatile uint32_t *)0x02004000u)
#define CLINT_MTIME ((volatile uint32_t *)0x0200BFF8u)
#define CLINT_HZ 10000000u
#define BOARD_LONGEST_DELAY 0xFFFFFFu
#define MIE_TIMER (1u << 7)

/* Programs run for less than the seven minutes in which the lower word wraps. */
static inline void board_interrupt_after(uint32_t ticks) {
    CLINT_MTIMECMP[0] = CLINT_MTIME[0] + ticks;
    CLINT_MTIMECMP[1] = 0;
    __asm__ volatile(ZICSR("csrs mie, %0")::"r"(MIE_TIMER) : "memory");
}

static inline void board_interrupt_no_more(void) {
    __asm__ volatile(ZICSR("csrc mie, %0")::"r"(MIE_TIMER) : "memory");
}

static inline uint32_t board_ticks_left(void) { return CLINT_MTIMECMP[0] - CLINT_MTIME[0]; }

#endif

#endif
