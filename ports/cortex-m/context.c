/* Who calls, on a Cortex-M without an operating system: the number of the
 * exception. No exception preempts itself, and thread mode is one context.
 * Where tasks share thread mode, the system defines these two itself. */

#include <quell.h>

#define EXCEPTION_NUMBER 0x1FFu

static uint32_t exception_number(void) {
    uint32_t ipsr;
    __asm__ volatile("mrs %0, ipsr" : "=r"(ipsr));
    return ipsr & EXCEPTION_NUMBER;
}

uintptr_t quell_port_1_context(void) { return exception_number() + 1u; }

uint32_t quell_port_1_in_interrupt(void) { return exception_number() != 0u ? 1u : 0u; }
