/* What the ready-made port of a single RISC-V hart in machine mode, without an
 * operating system, needs of the program. Each part is replaced by defining its
 * quell_port_1_ functions. */

#ifndef QUELL_PORT_RISCV_H
#define QUELL_PORT_RISCV_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where the hart's timer and software interrupt are (a CLINT, or an ACLINT's
 * MTIMER and MSWI). The program defines it:
 *
 *     const quell_riscv_timer_t quell_riscv_timer = {
 *         .msip = (volatile uint32_t *)0x02000000,
 *         .mtime = (volatile uint32_t *)0x0200BFF8,
 *         .mtime_hz = 10000000,
 *     };
 *
 * mtime_hz is in Hz, a multiple of 1,000,000. */
typedef struct {
    volatile uint32_t *msip;
    volatile uint32_t *mtime;
    uint32_t mtime_hz;
} quell_riscv_timer_t;

extern const quell_riscv_timer_t quell_riscv_timer;

/* The first and the last thing that the program's trap handler does, with
 * interrupts masked: no register of RISC-V says that a handler runs.
 *
 * Context: the trap handler. Progress: wait-free. */
void quell_riscv_trap_enter(void);
void quell_riscv_trap_exit(void);

/* What the trap handler does at mcause 0x80000003, machine software interrupt:
 * takes it back and drains. The program enables it (mie.MSIE). Handlers that
 * admit others in between MUST not admit this one.
 *
 * Context: the trap handler. Progress: as quell_drain. */
void quell_riscv_software_interrupt(void);

#ifdef __cplusplus
}
#endif

#endif
