/* From reset to main() on a Cortex-M under an emulator with semihosting, and
 * from any fault to a failed exit. A program takes SysTick by defining
 * systick(); port.c takes PendSV. */

#include <stdint.h>
#include <stdlib.h>

#define SEMIHOSTING_EXIT 0x18
#define STOPPED_BY_ERROR 0x20023

extern uint32_t stack_top, data_load, data_start, data_end, bss_start, bss_end;

extern int main(void);
extern void initialise_monitor_handles(void);
extern void pendsv(void);
extern void systick(void);
void reset(void);

__attribute__((noreturn)) static void fault(void) {
    register uint32_t call __asm__("r0") = SEMIHOSTING_EXIT;
    register uint32_t reason __asm__("r1") = STOPPED_BY_ERROR;
    for (;;) {
        __asm__ volatile("bkpt 0xAB" : "+r"(call) : "r"(reason) : "memory");
    }
}

__attribute__((weak)) void systick(void) { fault(); }

void reset(void) {
    const uint32_t *from = &data_load;
    for (uint32_t *to = &data_start; to < &data_end;) {
        *to++ = *from++;
    }
    for (uint32_t *to = &bss_start; to < &bss_end;) {
        *to++ = 0;
    }
    initialise_monitor_handles();
    exit(main());
}

struct vectors {
    const uint32_t *stack;
    void (*handlers[15])(void);
};

extern const struct vectors vectors;
__attribute__((section(".vectors"), used)) const struct vectors vectors = {
    &stack_top,
    {reset, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault,
     pendsv, systick},
};
