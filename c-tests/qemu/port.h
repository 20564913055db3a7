/* The interrupt mask and the exception number of a single-core Cortex-M, and
 * what port.c keeps for programs to look at. */

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

/* Zero in thread mode. */
static inline uint32_t exception_number(void) {
    uint32_t ipsr;
    __asm__ volatile("mrs %0, IPSR" : "=r"(ipsr)::"memory");
    return ipsr & 0x1FFu;
}

/* How often quell waited for an event, and asked for a drain. */
extern volatile uint32_t port_waits, port_pends;

/* The drain comes by PendSV, at the lowest priority. */
void port_begin(void);

#endif
