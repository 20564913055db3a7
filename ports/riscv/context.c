/* Who calls, on one hart without an operating system: how deep in traps it is.
 * Traps nest, so no two contexts that are under way have the same depth. */

#include "quell_port_riscv.h"

#include <quell.h>

static volatile uint32_t depth;

void quell_riscv_trap_enter(void) { depth++; }

void quell_riscv_trap_exit(void) { depth--; }

uintptr_t quell_port_1_context(void) { return (uintptr_t)depth + 1u; }

uint32_t quell_port_1_in_interrupt(void) { return depth != 0u ? 1u : 0u; }
