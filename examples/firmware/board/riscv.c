/* Traps of a RISC-V hart in machine mode under an emulator: timer and software
 * interrupts to the program and to quell's port, any fault to a failed exit.
 * From reset to main() is the C library's, but for the arguments. */

#include "board.h"
#include "quell_port_riscv.h"
#include "semihosting.h"
#include "zicsr.h"

#define CAUSE_SOFTWARE_INTERRUPT 0x80000003u
#define CAUSE_TIMER_INTERRUPT 0x80000007u
#define ENABLE_SOFTWARE 8u

const quell_riscv_timer_t quell_riscv_timer = {
    .msip = CLINT_MSIP,
    .mtime = CLINT_MTIME,
    .mtime_hz = CLINT_HZ,
};

static volatile uint32_t raised;

__attribute__((weak)) void board_timer(void) { semihosting_abort(); }
__attribute__((weak)) void board_interrupt(void) { semihosting_abort(); }
__attribute__((weak)) void quell_riscv_trap_enter(void) {}
__attribute__((weak)) void quell_riscv_trap_exit(void) {}
__attribute__((weak)) void quell_riscv_software_interrupt(void) { *CLINT_MSIP = 0; }

void board_raise(void) {
    raised = 1;
    *CLINT_MSIP = 1;
}

__attribute__((interrupt("machine"), aligned(4))) static void trap(void) {
    uint32_t cause;
    __asm__ volatile(ZICSR("csrr %0, mcause") : "=r"(cause));
    quell_riscv_trap_enter();
    if (cause == CAUSE_TIMER_INTERRUPT) {
        board_timer();
    } else if (cause == CAUSE_SOFTWARE_INTERRUPT) {
        if (raised != 0u) {
            raised = 0;
            board_interrupt();
        }
        quell_riscv_software_interrupt();
    } else {
        semihosting_abort();
    }
    quell_riscv_trap_exit();
}

__attribute__((constructor)) static void begin(void) {
    board_interrupt_no_more();
    __asm__ volatile(ZICSR("csrw mtvec, %0\n\tcsrs mie, %1\n\tcsrsi mstatus, 8")::"r"(trap),
                     "r"(ENABLE_SOFTWARE)
                     : "memory");
}

int __real_main(int argc, char **argv);
int __wrap_main(void);

int __wrap_main(void) {
    char **argv;
    int argc = semihosting_arguments(&argv);
    return __real_main(argc, argv);
}
