/* Microseconds from mtime. */

#include "quell_port_riscv.h"

#include <quell.h>

uint64_t quell_port_1_now_us(void) {
    const volatile uint32_t *mtime = quell_riscv_timer.mtime;
    uint32_t high, low;
    do {
        high = mtime[1];
        low = mtime[0];
    } while (high != mtime[1]);
    return (((uint64_t)high << 32) | low) / (quell_riscv_timer.mtime_hz / 1000000u);
}
