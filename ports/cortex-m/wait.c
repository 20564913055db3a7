/* Waiting is WFE and waking is SEV: the event register remembers a wake-up that
 * comes between the look at the signal and the WFE, and every return from an
 * interrupt sets it too, so that the tick of the clock ends a wait whose limit
 * has run out. */

#include <quell.h>

void quell_port_1_wait(const uint32_t *signal, uint64_t limit_us) {
    (void)limit_us;
    if (*(const volatile uint32_t *)signal == 0u) {
        __asm__ volatile("wfe" ::: "memory");
    }
}

void quell_port_1_wake(uintptr_t context) {
    (void)context;
    __asm__ volatile("dsb\n\tsev" ::: "memory");
}
