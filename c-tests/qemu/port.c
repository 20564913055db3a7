/* What quell asks of a single-core Cortex-M without an operating system.
 *
 * Critical sections save the interrupt mask and set it, and put it back: they
 * nest, because what is put back is what was found. Waiting is WFE, waking SEV:
 * the event register remembers a wake-up that comes just before the wait, and
 * leaving an interrupt sets it too. Deferred work is PendSV's, at the lowest
 * priority, so that it runs when all other interrupts have returned. */

#include "port.h"
#include "quell.h"

#define INTERRUPT_STATE (*(volatile uint32_t *)0xE000ED04u)
#define PEND_PENDSV (1u << 28)
#define PRIORITY_OF_PENDSV (*(volatile uint32_t *)0xE000ED20u)
#define LOWEST_PRIORITY (0xFFu << 16)

volatile uint32_t port_waits, port_pends;

extern void pendsv(void);

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

/* No two handlers of one number are under way at once, and thread mode is one
 * context. */
uintptr_t quell_port_context(void) { return exception_number() + 1u; }

uint32_t quell_port_in_interrupt(void) { return exception_number() != 0u ? 1u : 0u; }

/* Returning early is allowed: after any interrupt. */
void quell_port_wait(const uint32_t *signal, uint64_t limit_us) {
    (void)limit_us;
    port_waits++;
    if (*(const volatile uint32_t *)signal == 0u) {
        __asm__ volatile("wfe" ::: "memory");
    }
}

void quell_port_wake(uintptr_t context) {
    (void)context;
    __asm__ volatile("dsb\n\tsev" ::: "memory");
}

/* A program that waits with a limit has a clock of its own. */
__attribute__((weak)) uint64_t quell_port_now_us(void) { return 0; }

void quell_port_pend_drain(void) {
    port_pends++;
    INTERRUPT_STATE = PEND_PENDSV;
}

void port_begin(void) { PRIORITY_OF_PENDSV |= LOWEST_PRIORITY; }

void pendsv(void) { quell_drain(); }
