/* Critical sections of one RISC-V hart in machine mode: mstatus.MIE. They nest,
 * because what is put back is what was found. */

#include <quell.h>

uint32_t quell_port_1_critical_enter(void) {
    uint32_t saved;
    __asm__ volatile(".option push\n\t.option arch, +zicsr\n\tcsrrci %0, mstatus, 8\n\t.option pop"
                     : "=r"(saved)::"memory");
    return saved & 8u;
}

void quell_port_1_critical_exit(uint32_t saved) {
    __asm__ volatile(".option push\n\t.option arch, +zicsr\n\tcsrs mstatus, %0\n\t.option pop" ::"r"(
                         saved)
                     : "memory");
}
