/* Deferred work is PendSV's, at the lowest priority: it runs when all other
 * interrupts have returned. A system with a PendSV_Handler of its own (an RTOS)
 * defines quell_port_1_pend_drain as well; the linker calls it a multiple
 * definition otherwise. */

#include <quell.h>

#define INTERRUPT_CONTROL (*(volatile uint32_t *)0xE000ED04u)
#define PEND_PENDSV (1u << 28)
#define SYSTEM_PRIORITY_3 0xE000ED20u

void PendSV_Handler(void);

#if defined(__ARM_ARCH_6M__)
/* Only whole words can be written, and SysTick's priority is in the same one. */
static void lowest_priority(void) {
    volatile uint32_t *priorities = (volatile uint32_t *)SYSTEM_PRIORITY_3;
    uint32_t saved = quell_port_1_critical_enter();
    *priorities |= 0xFFu << 16;
    quell_port_1_critical_exit(saved);
}
#else
static void lowest_priority(void) { *(volatile uint8_t *)(SYSTEM_PRIORITY_3 + 2u) = 0xFFu; }
#endif

void quell_port_1_pend_drain(void) {
    lowest_priority();
    INTERRUPT_CONTROL = PEND_PENDSV;
}

void PendSV_Handler(void) { quell_drain(); }
