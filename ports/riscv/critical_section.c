/* Critical sections of one RISC-V hart in machine mode: mstatus.MIE. They nest,
 * because what is put back is what was found. */

#include "zicsr.h"

#include <quell.h>

#define MSTATUS_MIE 8u

uint32_t quell_port_1_critical_enter(void) {
    uint32_t saved;
    __asm__ volatile(ZICSR("csrrci %0, mstatus, 8") : "=r"(saved)::"memory");
    return saved & MSTATUS_MIE;
}

void quell_port_1_critical_exit(uint32_t saved) {
    __asm__ volatile(ZICSR("csrs mstatus, %0")::"r"(saved) : "memory");
}
