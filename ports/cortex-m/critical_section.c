/* Critical sections of one Cortex-M core: PRIMASK.
 *
 * They nest, because what is put back is what was found. An NMI and HardFault
 * are not masked and must not call quell. A system of several cores, or one
 * whose topmost priorities must never be masked (BASEPRI, with no call of quell
 * at those), defines these two itself. */

#include <quell.h>

uint32_t quell_port_1_critical_enter(void) {
    uint32_t saved;
    __asm__ volatile("mrs %0, primask\n\tcpsid i" : "=r"(saved)::"memory");
    return saved;
}

void quell_port_1_critical_exit(uint32_t saved) {
    __asm__ volatile("msr primask, %0" ::"r"(saved) : "memory");
}
