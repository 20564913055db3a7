/* Critical sections are the kernel's: they keep out every interrupt that may
 * call it, and no other.
 *
 * On a Cortex-M one pair of macros saves the mask and puts it back, wherever it
 * is used. So a section leaves interrupts as it found them before the scheduler
 * starts, too, where taskEXIT_CRITICAL() keeps them masked. Elsewhere that pair
 * is for interrupts only, and tasks have the pair that counts; before the
 * scheduler starts the first section masks until then, as the kernel's calls
 * do. quell calls nothing of the kernel inside a section. */

#include "quell_port_freertos.h"

#if defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M'

uint32_t quell_port_1_critical_enter(void) { return (uint32_t)taskENTER_CRITICAL_FROM_ISR(); }

void quell_port_1_critical_exit(uint32_t saved) { taskEXIT_CRITICAL_FROM_ISR(saved); }

#else

uint32_t quell_port_1_critical_enter(void) {
    if (quell_freertos_inside_interrupt() != pdFALSE) {
        return (uint32_t)taskENTER_CRITICAL_FROM_ISR();
    }
    taskENTER_CRITICAL();
    return 0;
}

void quell_port_1_critical_exit(uint32_t saved) {
    if (quell_freertos_inside_interrupt() != pdFALSE) {
        taskEXIT_CRITICAL_FROM_ISR(saved);
        return;
    }
    taskEXIT_CRITICAL();
}

#endif
