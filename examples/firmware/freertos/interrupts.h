/* Two interrupts of the board, beside the kernel's tick: interrupts_cortex_m.c,
 * interrupts_riscv.c, interrupts_posix.c. Each is raised by software or by a
 * timer of its own. HIGH has the higher priority, and interrupts LOW's handler
 * where the kernel's port lets handlers nest: on a Cortex-M. */

#ifndef INTERRUPTS_H
#define INTERRUPTS_H

#include <FreeRTOS.h>

#include <stdbool.h>
#include <stdint.h>

enum interrupt { INTERRUPT_LOW, INTERRUPT_HIGH, INTERRUPTS };

#if defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M'
#define INTERRUPTS_NEST 1
#else
#define INTERRUPTS_NEST 0
#endif

/* A handler says what its calls of the kernel said: that a task is to run. */
typedef BaseType_t (*interrupt_handler)(void);

/* In main(), before the scheduler starts. */
void interrupts_begin(interrupt_handler low, interrupt_handler high);

/* Any context. It is handled as soon as the mask, and what runs, allow. */
void interrupt_raise(enum interrupt which);
/* The same, and returns when it has been handled, with what that woke above the
 * caller. In a task, unmasked; and of HIGH in the handler of LOW. */
void interrupt_pend(enum interrupt which);

/* Raises it once, after so many ticks of the timer; 0: not any more. Any context. */
void interrupt_timer(enum interrupt which, uint32_t ticks);

#endif
