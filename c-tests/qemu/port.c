/* The ready-made port, with its calls counted: the linker's --wrap. */

#include "port.h"

volatile uint32_t port_waits, port_pends;

void __real_quell_port_1_wait(const uint32_t *signal, uint64_t limit_us);
void __wrap_quell_port_1_wait(const uint32_t *signal, uint64_t limit_us);
void __real_quell_port_1_pend_drain(void);
void __wrap_quell_port_1_pend_drain(void);

void __wrap_quell_port_1_wait(const uint32_t *signal, uint64_t limit_us) {
    port_waits++;
    __real_quell_port_1_wait(signal, limit_us);
}

void __wrap_quell_port_1_pend_drain(void) {
    port_pends++;
    __real_quell_port_1_pend_drain();
}
