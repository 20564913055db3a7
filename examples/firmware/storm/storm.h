/* The interrupt storm: a call of quell is made again and again from the same
 * state, and an interrupt strikes one instruction later each time, from before
 * the call until after it. sweep.c has the sweep; the scenarios are what is
 * called, what the interrupt does, and what has to be true of both. */

#ifndef STORM_H
#define STORM_H

#include "board.h"

#include <quell.h>

#include <stdbool.h>

/* Code of the storm that a call under the sweep is made from: an interrupt that
 * hits it is not counted as one within the call. */
#define SWEPT __attribute__((section("storm_swept"), noinline))

/* Whether an interrupt within the call masks the timer's. */
#if defined(__ARM_ARCH)
#define TRAPS_DO_NOT_NEST false
#else
#define TRAPS_DO_NOT_NEST true
#endif

struct scenario {
    const char *name;
    uint32_t variants;
    /* Makes the state that the call finds. */
    void (*prepare)(uint32_t variant);
    /* SWEPT: the call, its answer left in `answered`. */
    void (*call)(void);
    /* In the interrupt: leaves what it was told in `struck`. */
    void (*strike)(void);
    /* After both: brings everything to its end and judges it. */
    void (*conclude)(void);
    /* Another interrupt comes within the call, and masks this one. */
    bool traps;
};

/* What the call, and the interrupt, were told in this round. */
#define NOT_TOLD UINT32_MAX
extern volatile quell_verdict_t answered, struck;

/* The interrupts that quell's port was asked to wait for in this round. */
extern volatile uint32_t port_waits;
/* While it is set, a drain that quell asks for does not come. */
extern volatile bool drain_is_held;

/* Says what does not hold, once, and ends the storm as failed. */
void must(bool condition, const char *what);
#define MUST(condition) must((condition), #condition)

/* Adds to the outcomes of the scenario that were met. */
void met(quell_verdict_t call, quell_verdict_t interrupt);

/* A number of 0 to `of` - 1 from a variant, of which it is taken. */
static inline uint32_t take(uint32_t *variant, uint32_t of) {
    uint32_t taken = *variant % of;
    *variant /= of;
    return taken;
}

extern const struct scenario worker_scenarios[], hook_scenarios[], table_scenarios[],
    scope_scenarios[], session_scenarios[];

#endif
