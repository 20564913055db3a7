/* Who calls: a task by its handle, main() before the scheduler starts, and
 * interrupts by number. Handles are addresses beyond all of these. */

#if defined(__unix__) || defined(__APPLE__)
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#endif

#include "quell_port_freertos.h"

#if configNUMBER_OF_CORES != 1
#error "quell's port is for one core: configNUMBER_OF_CORES MUST be 1"
#endif
#if INCLUDE_xTaskGetSchedulerState != 1 || INCLUDE_xTaskGetCurrentTaskHandle != 1
#error "INCLUDE_xTaskGetSchedulerState and INCLUDE_xTaskGetCurrentTaskHandle MUST be 1"
#endif

QUELL_PORT_1;

#define MAIN_CONTEXT 1u
#define FIRST_INTERRUPT 2u

#if defined(QUELL_FREERTOS_INSIDE_INTERRUPT)

BaseType_t quell_freertos_inside_interrupt(void) { return QUELL_FREERTOS_INSIDE_INTERRUPT(); }
static uintptr_t interrupt_number(void) { return QUELL_FREERTOS_INTERRUPT_NUMBER(); }

#elif defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M'

BaseType_t quell_freertos_inside_interrupt(void) { return xPortIsInsideInterrupt(); }

static uintptr_t interrupt_number(void) {
    uint32_t ipsr;
    __asm__ volatile("mrs %0, ipsr" : "=r"(ipsr));
    return ipsr;
}

#elif defined(__riscv)

#if defined(QUELL_FREERTOS_ISR_STACK_WORDS)
#define ISR_STACK_WORDS QUELL_FREERTOS_ISR_STACK_WORDS
#elif defined(configISR_STACK_SIZE_WORDS)
#define ISR_STACK_WORDS configISR_STACK_SIZE_WORDS
#else
#error "the interrupts' stack is the linker script's: define QUELL_FREERTOS_ISR_STACK_WORDS"
#endif

/* The kernel's: handlers run on a stack of their own, and no task does. main()
 * does where it is the linker script's, but not once tasks run. */
extern const StackType_t xISRStackTop;

BaseType_t quell_freertos_inside_interrupt(void) {
    uintptr_t below_top = (uintptr_t)xISRStackTop - (uintptr_t)__builtin_frame_address(0);
    return below_top <= sizeof(StackType_t) * (ISR_STACK_WORDS) &&
                   xTaskGetSchedulerState() != taskSCHEDULER_NOT_STARTED
               ? pdTRUE
               : pdFALSE;
}

/* Traps do not nest. */
static uintptr_t interrupt_number(void) { return 0; }

#elif defined(__unix__) || defined(__APPLE__)

/* The kernel leaves SIGINT open in its critical sections, and blocks it in its
 * handlers. */
BaseType_t quell_freertos_inside_interrupt(void) {
    sigset_t blocked;
    pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    return sigismember(&blocked, SIGINT) == 1 ? pdTRUE : pdFALSE;
}

/* Handlers block each other. */
static uintptr_t interrupt_number(void) { return 0; }

#else
#error "define QUELL_FREERTOS_INSIDE_INTERRUPT() and QUELL_FREERTOS_INTERRUPT_NUMBER()"
#endif

uintptr_t quell_port_1_context(void) {
    if (quell_freertos_inside_interrupt() != pdFALSE) {
        return FIRST_INTERRUPT + interrupt_number();
    }
    if (xTaskGetSchedulerState() == taskSCHEDULER_NOT_STARTED) {
        return MAIN_CONTEXT;
    }
    return (uintptr_t)xTaskGetCurrentTaskHandle();
}

uint32_t quell_port_1_in_interrupt(void) {
    return quell_freertos_inside_interrupt() != pdFALSE ||
                   xTaskGetSchedulerState() != taskSCHEDULER_RUNNING
               ? 1u
               : 0u;
}
