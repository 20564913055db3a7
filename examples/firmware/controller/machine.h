/* What the controller asks of the machine that it runs on: machine_host.c,
 * machine_cortex_m.c. All the rest is the same source everywhere.
 *
 * There are two interrupts. The abort interrupt has the higher priority: it may
 * interrupt the completion handler, and the completion interrupt may not
 * interrupt the abort handler. The drain of quell runs below both. */

#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>
#include <stdint.h>

enum machine_interrupt { MACHINE_COMPLETION, MACHINE_ABORT, MACHINE_INTERRUPTS };

/* Defined by the program, called by the machine: in thread context, from main(),
 * which is the machine's, and whose result is this one's; and in each interrupt. */
int program(int argc, char **argv);
void completion_interrupt(void);
void abort_interrupt(void);

/* Both interrupts off, and as they were. They nest. Any context. */
uint32_t machine_mask(void);
void machine_unmask(uint32_t saved);

/* Makes an interrupt happen, by a real exception where there are any: when this
 * returns, it has been handled, and so has a drain that it asked for unless the
 * caller is a handler itself. Called with interrupts unmasked, in thread
 * context for either, and in the completion handler for the abort interrupt. */
void machine_pend(enum machine_interrupt interrupt);

/* Has the interrupt happen once, after about so many of the timer's ticks; 0
 * stops its timer. Any context. */
void machine_timer(enum machine_interrupt interrupt, uint32_t ticks);

/* The program's two tasks, which run until both have said that they are over. A
 * step that says MACHINE_IDLE need not be called before machine_notify() of its
 * task, or some time. */
enum machine_task { MACHINE_HOST, MACHINE_CONTROLLER, MACHINE_TASKS };
enum machine_progress { MACHINE_WORKED, MACHINE_IDLE, MACHINE_OVER };
typedef enum machine_progress (*machine_step)(void);
void machine_run(const machine_step steps[MACHINE_TASKS]);

/* There is something for this task to do. Any context, and with interrupts masked. */
void machine_notify(enum machine_task task);

#endif
