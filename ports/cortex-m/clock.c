/* Microseconds from SysTick, which interrupts once per millisecond: a limit of a
 * wait is kept to within that. The first look at the time starts it, with the
 * core's clock as CMSIS gives it, `SystemCoreClock` in Hz: at least 1 MHz, and
 * not changed afterwards.
 *
 * A system with a SysTick_Handler of its own (a tick, an RTOS) defines
 * quell_port_1_now_us from that; the linker calls it a multiple definition
 * otherwise. */

#include <quell.h>

#define SYSTICK_CONTROL (*(volatile uint32_t *)0xE000E010u)
#define SYSTICK_RELOAD (*(volatile uint32_t *)0xE000E014u)
#define SYSTICK_VALUE (*(volatile uint32_t *)0xE000E018u)
#define OF_CORE_CLOCK 4u
#define ENABLE_WITH_INTERRUPT 3u
#define INTERRUPT_CONTROL (*(volatile uint32_t *)0xE000ED04u)
#define SYSTICK_IS_PENDING (1u << 26)

extern uint32_t SystemCoreClock;
void SysTick_Handler(void);

static volatile uint64_t milliseconds;

void SysTick_Handler(void) { milliseconds++; }

static void start(void) {
    SYSTICK_RELOAD = SystemCoreClock / 1000u - 1u;
    SYSTICK_VALUE = 0;
    /* The clock first: some counters take it over only while they stand. */
    SYSTICK_CONTROL = OF_CORE_CLOCK;
    SYSTICK_CONTROL = OF_CORE_CLOCK | ENABLE_WITH_INTERRUPT;
}

/* The counter runs down, and a millisecond begins at zero. Where that comes while
 * interrupts are masked, it is not counted yet: the pending bit says so, and the
 * counter is read again after it. */
uint64_t quell_port_1_now_us(void) {
    uint32_t saved = quell_port_1_critical_enter();
    uint32_t left;
    uint64_t now;
    if ((SYSTICK_CONTROL & ENABLE_WITH_INTERRUPT) == 0u) {
        start();
    }
    left = SYSTICK_VALUE;
    now = milliseconds;
    if ((INTERRUPT_CONTROL & SYSTICK_IS_PENDING) != 0u) {
        left = SYSTICK_VALUE;
        now++;
    }
    now *= 1000u;
    if (left != 0u) {
        now += (SYSTICK_RELOAD + 1u - left) / (SystemCoreClock / 1000000u);
    }
    quell_port_1_critical_exit(saved);
    return now;
}
