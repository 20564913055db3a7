/* The interrupt mask of the core, and how often quell waited and asked for a
 * drain. */

#ifndef PORT_H
#define PORT_H

#include <quell.h>

#include <stdbool.h>

#if defined(__ARM_ARCH)

static inline bool interrupts_masked(void) {
    uint32_t primask;
    __asm__ volatile("mrs %0, primask" : "=r"(primask)::"memory");
    return (primask & 1u) != 0u;
}

static inline void mask_interrupts(void) { __asm__ volatile("cpsid i" ::: "memory"); }
static inline void unmask_interrupts(void) { __asm__ volatile("cpsie i" ::: "memory"); }

#else

#include "zicsr.h"

static inline bool interrupts_masked(void) {
    uint32_t mstatus;
    __asm__ volatile(ZICSR("csrr %0, mstatus") : "=r"(mstatus)::"memory");
    return (mstatus & 8u) == 0u;
}

static inline void mask_interrupts(void) { quell_port_1_critical_enter(); }
static inline void unmask_interrupts(void) { quell_port_1_critical_exit(8u); }

#endif

/* Counted by port.c, which the program is linked with */
extern volatile uint32_t port_waits, port_pends;

#endif
