/* Waiting is WFI, entered with interrupts masked and left, served, through an
 * open mask: what comes after the look at the signal is pending then, and a
 * pending interrupt that is enabled in mie ends a WFI whatever the mask.
 * Waking needs nothing beyond the interrupt that wakes.
 *
 * A limit is kept only by an interrupt that comes: without the timer's enabled
 * in mie, a wait with a limit looks again and again instead. */

#include "zicsr.h"

#include <quell.h>

#define MACHINE_TIMER_ENABLE (1u << 7)

static uint32_t enabled_interrupts(void) {
    uint32_t mie;
    __asm__ volatile(ZICSR("csrr %0, mie") : "=r"(mie));
    return mie;
}

void quell_port_1_wait(const uint32_t *signal, uint64_t limit_us) {
    uint32_t saved;
    if (limit_us != UINT64_MAX && (enabled_interrupts() & MACHINE_TIMER_ENABLE) == 0u) {
        return;
    }
    saved = quell_port_1_critical_enter();
    if (*(const volatile uint32_t *)signal == 0u) {
        __asm__ volatile("wfi" ::: "memory");
    }
    quell_port_1_critical_exit(saved);
}

void quell_port_1_wake(uintptr_t context) { (void)context; }
