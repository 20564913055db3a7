/* Timers 0 and 1 of the board, which raise the two interrupts. The vector table
 * is copied to RAM, with the kernel's handlers and these in it, so that any
 * start-up code will do. */

#include "interrupts.h"

#include <task.h>

#include <quell_port_freertos.h>
#include <string.h>

#include "semihosting.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define VECTOR_TABLE REGISTER(0xE000ED08u)
#define NVIC_ENABLE ((volatile uint32_t *)0xE000E100u)
#define NVIC_PEND ((volatile uint32_t *)0xE000E200u)
#define NVIC_UNPEND ((volatile uint32_t *)0xE000E280u)
#define NVIC_PRIORITY ((volatile uint8_t *)0xE000E400u)
#define PRIORITY_OF_LOW 0x80u
#define PRIORITY_OF_HIGH 0x40u

#define SVC_EXCEPTION 11u
#define PENDSV_EXCEPTION 14u
#define SYSTICK_EXCEPTION 15u
#define SYSTEM_EXCEPTIONS 16u
#define VECTORS 64u

typedef void (*vector)(void);

void SVC_Handler(void);
void PendSV_Handler(void);
void SysTick_Handler(void);

static vector vectors[VECTORS] __attribute__((aligned(VECTORS * sizeof(vector))));
static interrupt_handler handlers[INTERRUPTS];

#if defined(BOARD_LM3S6965EVB)

/* General-purpose timers of the LM3S6965, each as one of 32 bits. */
static const uint32_t lines[INTERRUPTS] = {19u, 21u};
static const uint32_t timers[INTERRUPTS] = {0x40030000u, 0x40031000u};

static void timer_begin(uint32_t timer, uint32_t number) {
    REGISTER(0x400FE104u) |= 1u << (16u + number); /* RCGC1: its clock */
    REGISTER(timer + 0x00Cu) = 0;                  /* CTL: off */
    REGISTER(timer + 0x000u) = 0;                  /* CFG: 32 bits */
    REGISTER(timer + 0x004u) = 1;                  /* TAMR: one shot */
    REGISTER(timer + 0x018u) = 1;                  /* IMR: time-out */
}

static void timer_stop(uint32_t timer) {
    REGISTER(timer + 0x00Cu) = 0;
    REGISTER(timer + 0x024u) = 1; /* ICR */
}

static void timer_start(uint32_t timer, uint32_t ticks) {
    REGISTER(timer + 0x028u) = ticks; /* TAILR */
    REGISTER(timer + 0x00Cu) = 1;
}

#else

/* Timers of the CMSDK, on the AN505. */
static const uint32_t lines[INTERRUPTS] = {3u, 4u};
static const uint32_t timers[INTERRUPTS] = {0x40000000u, 0x40001000u};

static void timer_begin(uint32_t timer, uint32_t number) {
    (void)number;
    REGISTER(timer) = 0;
}

static void timer_stop(uint32_t timer) {
    REGISTER(timer) = 0;
    REGISTER(timer + 0x00Cu) = 1; /* INTCLEAR */
}

static void timer_start(uint32_t timer, uint32_t ticks) {
    REGISTER(timer + 0x008u) = 0; /* RELOAD: it happens once */
    REGISTER(timer + 0x004u) = ticks;
    REGISTER(timer) = 1u | 1u << 3; /* CTRL: enabled, interrupting */
}

#endif

static void handle(enum interrupt which) {
    BaseType_t woken;
    timer_stop(timers[which]);
    woken = handlers[which]();
    portYIELD_FROM_ISR(woken | quell_freertos_woken());
}

static void low(void) { handle(INTERRUPT_LOW); }
static void high(void) { handle(INTERRUPT_HIGH); }

void interrupts_begin(interrupt_handler of_low, interrupt_handler of_high) {
    const vector *from = (const vector *)(uintptr_t)VECTOR_TABLE;
    handlers[INTERRUPT_LOW] = of_low;
    handlers[INTERRUPT_HIGH] = of_high;
    memcpy(vectors, from, SYSTEM_EXCEPTIONS * sizeof(vector));
    vectors[SVC_EXCEPTION] = SVC_Handler;
    vectors[PENDSV_EXCEPTION] = PendSV_Handler;
    vectors[SYSTICK_EXCEPTION] = SysTick_Handler;
    vectors[SYSTEM_EXCEPTIONS + lines[INTERRUPT_LOW]] = low;
    vectors[SYSTEM_EXCEPTIONS + lines[INTERRUPT_HIGH]] = high;
    VECTOR_TABLE = (uint32_t)(uintptr_t)vectors;
    NVIC_PRIORITY[lines[INTERRUPT_LOW]] = PRIORITY_OF_LOW;
    NVIC_PRIORITY[lines[INTERRUPT_HIGH]] = PRIORITY_OF_HIGH;
    for (uint32_t which = 0; which < INTERRUPTS; which++) {
        timer_begin(timers[which], which);
        NVIC_ENABLE[lines[which] / 32u] = 1u << lines[which] % 32u;
    }
    __asm__ volatile("dsb\n\tisb" ::: "memory");
}

/* The barriers have the exception taken before the next instruction, and a
 * switch of tasks that it asked for as well. */
void interrupt_raise(enum interrupt which) {
    NVIC_PEND[lines[which] / 32u] = 1u << lines[which] % 32u;
    __asm__ volatile("dsb\n\tisb" ::: "memory");
}

void interrupt_pend(enum interrupt which) { interrupt_raise(which); }

void interrupt_timer(enum interrupt which, uint32_t ticks) {
    timer_stop(timers[which]);
    if (ticks != 0u) {
        timer_start(timers[which], ticks);
    } else {
        NVIC_UNPEND[lines[which] / 32u] = 1u << lines[which] % 32u;
    }
}
