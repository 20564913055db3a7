#include "pace.h"

#include "random.h"

/* In checkpoints, and in ticks of the timer. */
static const uint32_t longest[][MACHINE_INTERRUPTS] = {
    [PACE_STEPS] = {[MACHINE_COMPLETION] = 16, [MACHINE_ABORT] = 64},
    [PACE_TIMERS] = {[MACHINE_COMPLETION] = 40, [MACHINE_ABORT] = 120},
};

static enum pace current;
static bool under_way;
static uint32_t remaining[MACHINE_INTERRUPTS];
static uint32_t draws[MACHINE_INTERRUPTS];
/* Of the interrupts that are being handled, the one of the highest priority. */
static enum machine_interrupt inside = MACHINE_INTERRUPTS;

static uint32_t delay(enum machine_interrupt interrupt) {
    return 1u + random_below(&draws[interrupt], longest[current][interrupt]);
}

void pace_begin(enum pace pace, uint32_t seed) {
    current = pace;
    for (uint32_t number = 0; number < MACHINE_INTERRUPTS; number++) {
        enum machine_interrupt interrupt = (enum machine_interrupt)number;
        draws[number] = random_start(seed, 16u + number);
        remaining[number] = delay(interrupt);
    }
    under_way = true;
    if (pace == PACE_TIMERS) {
        machine_timer(MACHINE_COMPLETION, delay(MACHINE_COMPLETION));
        machine_timer(MACHINE_ABORT, delay(MACHINE_ABORT));
    }
}

void pace_end(void) {
    uint32_t saved = machine_mask();
    under_way = false;
    machine_timer(MACHINE_COMPLETION, 0);
    machine_timer(MACHINE_ABORT, 0);
    machine_unmask(saved);
}

static void count_down(enum machine_interrupt interrupt) {
    if (--remaining[interrupt] == 0u) {
        remaining[interrupt] = delay(interrupt);
        machine_pend(interrupt);
    }
}

void pace_checkpoint(void) {
    if (current != PACE_STEPS || inside == MACHINE_ABORT) {
        return;
    }
    if (inside == MACHINE_INTERRUPTS) {
        count_down(MACHINE_COMPLETION);
    }
    count_down(MACHINE_ABORT);
}

static enum machine_interrupt interrupted[MACHINE_INTERRUPTS];

void pace_enter(enum machine_interrupt interrupt) {
    interrupted[interrupt] = inside;
    inside = interrupt;
}

void pace_leave(enum machine_interrupt interrupt) {
    inside = interrupted[interrupt];
    if (current == PACE_TIMERS && under_way) {
        machine_timer(interrupt, delay(interrupt));
    }
}
