/* quell on FreeRTOS V11, one core: the port, compiled with the program, for it
 * depends on FreeRTOSConfig.h. Its files, each of which may be replaced by one
 * that defines the same quell_port_1_ functions:
 *
 *   critical_section.c  the kernel's own mask of interrupts
 *   context.c           task handles, numbers of interrupts
 *   wait.c              a task notification, with an index of its own
 *   clock.c             the tick
 *   drain.c             a task that runs the hooks of what interrupts cancelled
 *
 * Why the drain is a task: a notification cannot be lost or find a queue full,
 * as xTimerPendFunctionCallFromISR() can; the hooks have a priority and a stack
 * of their own; and no heap is used.
 *
 * FreeRTOSConfig.h MUST have
 *
 *   configUSE_TASK_NOTIFICATIONS           1
 *   configTASK_NOTIFICATION_ARRAY_ENTRIES  2 or more: index 0 stays the program's
 *   configSUPPORT_STATIC_ALLOCATION        1
 *   INCLUDE_xTaskGetSchedulerState         1
 *   INCLUDE_xTaskGetCurrentTaskHandle      1
 *
 * and, for a wait without a limit to block until it is woken,
 * INCLUDE_vTaskSuspend 1; for a woken task to run at once, configUSE_PREEMPTION 1.
 * configNUMBER_OF_CORES MUST be 1.
 *
 * On a Cortex-M, interrupts that call quell MUST have a priority at which they may
 * call the kernel: configMAX_SYSCALL_INTERRUPT_PRIORITY or below. Tasks that call
 * quell MUST be privileged.
 *
 * The program MUST
 *
 *   - call quell_freertos_start() before the scheduler starts;
 *   - end an interrupt handler that calls quell with
 *     portYIELD_FROM_ISR(quell_freertos_woken()), combined by | with what the
 *     kernel's calls have said. Left out, a woken task waits for the next tick;
 *   - not delete a task that is in a call of quell. A task that has returned
 *     from it may be deleted at any time.
 *
 * A wake goes to a task as the kernel has it: one of a higher priority than the
 * caller's runs at once, before the call that woke it returns. So a task that
 * cancels is preempted by each waiter above it, in the order in which quell
 * tells them. Where the highest has to run first whatever the order, the cancel
 * comes from a task that is not below it, or from an interrupt: the drain task
 * is above all of them by default. */

#ifndef QUELL_PORT_FREERTOS_H
#define QUELL_PORT_FREERTOS_H

#include <FreeRTOS.h>

#include <task.h>

#include <quell.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Each of these may be defined in FreeRTOSConfig.h. */

/* The notification that quell waits for. Stream buffers use 0. */
#ifndef QUELL_FREERTOS_NOTIFICATION_INDEX
#define QUELL_FREERTOS_NOTIFICATION_INDEX (configTASK_NOTIFICATION_ARRAY_ENTRIES - 1)
#endif

/* The drain task, which runs hooks and wakes who waits, after a cancel from an
 * interrupt. Below a task that waits it would delay that one's wake-up by all
 * that is between them, so it is the highest. */
#ifndef QUELL_FREERTOS_DRAIN_PRIORITY
#define QUELL_FREERTOS_DRAIN_PRIORITY (configMAX_PRIORITIES - 1)
#endif

/* In words. The hooks of the program run on it. */
#ifndef QUELL_FREERTOS_DRAIN_STACK
#define QUELL_FREERTOS_DRAIN_STACK (configMINIMAL_STACK_SIZE + 128)
#endif

/* QUELL_FREERTOS_INSIDE_INTERRUPT() says whether an interrupt handler calls, and
 * QUELL_FREERTOS_INTERRUPT_NUMBER() which: from 0, another one for each that may
 * be under way at the same time. Both are known for Cortex-M, for RISC-V with
 * configISR_STACK_SIZE_WORDS (else QUELL_FREERTOS_ISR_STACK_WORDS says how large
 * the interrupts' stack is), and for the simulator on POSIX systems; a port of
 * the kernel that is none of these needs definitions. On POSIX a handler is one
 * that runs with SIGINT blocked, as the kernel's do: handlers of the program
 * MUST block all signals, and tasks MUST leave SIGINT alone. */

/* Creates the drain task. Once.
 *
 * Context: thread, before vTaskStartScheduler(). Progress: as xTaskCreateStatic. */
void quell_freertos_start(void);

/* The drain task, for its stack's high-water mark. */
TaskHandle_t quell_freertos_drain_task(void);

/* pdTRUE where quell, since this was last asked, has woken a task in this
 * interrupt that is to run when the handler returns: for portYIELD_FROM_ISR.
 *
 * Context: interrupt, the last line of a handler. Progress: wait-free. */
BaseType_t quell_freertos_woken(void);

/* Between the port's own files. */
BaseType_t quell_freertos_inside_interrupt(void);
void quell_freertos_notify(TaskHandle_t task);

#ifdef __cplusplus
}
#endif

#endif
