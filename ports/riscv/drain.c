/* Deferred work is the machine software interrupt's. */

#include "quell_port_riscv.h"

#include <quell.h>

void quell_port_1_pend_drain(void) { *quell_riscv_timer.msip = 1u; }

void quell_riscv_software_interrupt(void) {
    *quell_riscv_timer.msip = 0u;
    quell_drain();
}
