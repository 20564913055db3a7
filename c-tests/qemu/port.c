/* The two hooks that quell asks of a target without compare-and-swap: save the
 * interrupt mask and set it, put it back. They nest, because what is put back
 * is what was found. */

#include "port.h"

extern uint32_t quell_port_critical_enter(void);
extern void quell_port_critical_exit(uint32_t saved);

uint32_t quell_port_critical_enter(void) {
    uint32_t saved = interrupts_masked();
    mask_interrupts();
    return saved;
}

void quell_port_critical_exit(uint32_t saved) {
    if (saved == 0u) {
        unmask_interrupts();
    }
}
