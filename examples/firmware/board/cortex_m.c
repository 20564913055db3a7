/* From reset to main() on a Cortex-M under an emulator with semihosting, and
 * from any fault to a failed exit. */

#include "board.h"
#include "semihosting.h"

#include <stdlib.h>

#define COPROCESSOR_ACCESS (*(volatile uint32_t *)0xE000ED88u)
#define FPU_FULL_ACCESS (0xFu << 20)
#define NVIC_ENABLE (*(volatile uint32_t *)0xE000E100u)
#define NVIC_PEND (*(volatile uint32_t *)0xE000E200u)
#define NVIC_PRIORITY (*(volatile uint32_t *)0xE000E400u)

/* An interrupt line of the device, raised by software alone. */
#define RAISED_LINE 0u
#define RAISED_PRIORITY 0x80u

extern uint32_t stack_top, data_load, data_start, data_end, bss_start, bss_end;

extern int main(int argc, char **argv);
extern void initialise_monitor_handles(void);
void PendSV_Handler(void);
void SysTick_Handler(void);
void reset(void);

/* For the ready-made port's clock: the emulator's SysTick counts this. */
extern uint32_t SystemCoreClock;
uint32_t SystemCoreClock = BOARD_CLOCK_HZ;

__attribute__((weak)) void board_timer(void) { semihosting_abort(); }
__attribute__((weak)) void board_interrupt(void) { semihosting_abort(); }
/* The ready-made port has its own where a program waits or defers. */
__attribute__((weak)) void PendSV_Handler(void) { semihosting_abort(); }
__attribute__((weak)) void SysTick_Handler(void) { board_timer(); }

void board_raise(void) { NVIC_PEND = 1u << RAISED_LINE; }

void reset(void) {
    char **argv;
    int argc;
    const uint32_t *from = &data_load;
    for (uint32_t *to = &data_start; to < &data_end;) {
        *to++ = *from++;
    }
    for (uint32_t *to = &bss_start; to < &bss_end;) {
        *to++ = 0;
    }
#if defined(__ARM_FP)
    COPROCESSOR_ACCESS |= FPU_FULL_ACCESS;
    __asm__ volatile("dsb\n\tisb" ::: "memory");
#endif
    NVIC_PRIORITY = RAISED_PRIORITY << (8u * RAISED_LINE);
    NVIC_ENABLE = 1u << RAISED_LINE;
    /* The emulator's counter takes its clock over only while it stands. */
    board_interrupt_no_more();
    initialise_monitor_handles();
    argc = semihosting_arguments(&argv);
    exit(main(argc, argv));
}

struct vectors {
    const uint32_t *stack;
    void (*handlers[16])(void);
};

extern const struct vectors vectors;
__attribute__((section(".vectors"), used)) const struct vectors vectors = {
    &stack_top,
    {reset, semihosting_abort, semihosting_abort, semihosting_abort, semihosting_abort,
     semihosting_abort, semihosting_abort, semihosting_abort, semihosting_abort,
     semihosting_abort, semihosting_abort, semihosting_abort, semihosting_abort, PendSV_Handler,
     SysTick_Handler, board_interrupt},
};
