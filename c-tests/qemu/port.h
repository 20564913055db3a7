/* The interrupt mask of a single-core Cortex-M. */

#ifndef PORT_H
#define PORT_H

#include <stdint.h>

static inline uint32_t interrupts_masked(void) {
    uint32_t primask;
    __asm__ volatile("mrs %0, PRIMASK" : "=r"(primask)::"memory");
    return primask & 1u;
}

static inline void mask_interrupts(void) { __asm__ volatile("cpsid i" ::: "memory"); }

static inline void unmask_interrupts(void) { __asm__ volatile("cpsie i" ::: "memory"); }

#endif
