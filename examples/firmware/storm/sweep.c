/* The sweep. The timer is set, by one step more in each round, before a call is
 * made; a step is shorter than an instruction, so the interrupt is due at each
 * boundary between two instructions in turn. Where interrupts are masked it is
 * taken at the unmasking instead.
 *
 * That no boundary is left out is not taken on trust. The handler notes the
 * program counter that it met, and the timer: the number of the boundary, in
 * instructions from the start. From one round to the next that number is the
 * same, or the next one, or the instruction met before was one that masks, and
 * this one comes behind one that unmasks. A boundary is counted, once in a
 * variant, where it lies within the call, that is, outside this program's own
 * code around it. */

#include "storm.h"

#include <stdio.h>
#include <stdlib.h>

#define PATIENCE 1000000u
/* Rounds of a scenario that sleeps, from when it does. */
#define ROUNDS_ASLEEP 64u
#define MOST_OUTCOMES 48u

/* Of this many instructions the timer's ticks are taken at the start. */
#define MEASURED 4096u

/* Between the start of the timer and the call. */
#define PRELUDE 32u
#define FIRST 64u

volatile quell_verdict_t answered, struck;
volatile uint32_t port_waits;
volatile bool drain_is_held;

extern const char __start_storm_swept[], __stop_storm_swept[];
extern void storm_end(void);

/* The scenario under way, and what its interrupt met. */
static const struct scenario *current;
static uint32_t current_variant;
static volatile uint32_t current_ticks;
static struct {
    volatile bool came, after_return, asleep;
    volatile uint32_t pc, elapsed;
} hit;
static volatile bool returned;

/* Ticks in MEASURED instructions; a step; and from when an interrupt is due to
 * when the timer is read in it. */
static uint32_t ticks_measured, step, ticks_to_enter;

static uint32_t ticks_of(uint32_t instructions) {
    return ticks_measured * instructions / MEASURED;
}

static struct { quell_verdict_t call, interrupt; } outcomes[MOST_OUTCOMES];
static uint32_t outcome_count;

/* The timer is this program's. */
uint64_t quell_port_1_now_us(void) { return 0; }

void must(bool condition, const char *what) {
    if (!condition) {
        printf("storm: %s, variant %u, at %x after %u ticks: told %s and %s: "
               "does not hold: %s\nstorm: FAILED\n",
               current->name, (unsigned)current_variant, (unsigned)hit.pc,
               (unsigned)current_ticks, quell_verdict_name(answered),
               quell_verdict_name(struck), what);
        exit(1);
    }
}

void met(quell_verdict_t call, quell_verdict_t interrupt) {
    uint32_t i = 0;
    while (i < outcome_count &&
           (outcomes[i].call != call || outcomes[i].interrupt != interrupt)) {
        i++;
    }
    if (i == outcome_count) {
        MUST(outcome_count < MOST_OUTCOMES);
        outcomes[outcome_count].call = call;
        outcomes[outcome_count++].interrupt = interrupt;
    }
}

/* --- the interrupt */

static void strike(uint32_t pc, uint32_t elapsed) {
    hit.pc = pc;
    hit.elapsed = elapsed;
    hit.after_return = returned;
    hit.asleep = port_waits != 0u;
    current->strike();
    hit.came = true;
}

#if defined(__ARM_ARCH)

void SysTick_Handler(void);
void storm_taken(const uint32_t *frame);

void storm_taken(const uint32_t *frame) {
    uint32_t elapsed = current_ticks + BOARD_LONGEST_DELAY - SYSTICK_VALUE;
    board_interrupt_no_more();
    strike(frame[6], elapsed);
}

/* The interrupted program counter is in the frame on the stack. */
__attribute__((naked)) void SysTick_Handler(void) {
    __asm__ volatile("mov r0, sp\n\tldr r1, =storm_taken\n\tbx r1\n\t.ltorg");
}

static inline bool interrupts_masked(void) {
    uint32_t primask;
    __asm__ volatile("mrs %0, primask" : "=r"(primask)::"memory");
    return (primask & 1u) != 0u;
}

#define STEP_LOST 0u

static uint32_t halfword(uint32_t address) {
    return *(const volatile uint16_t *)(uintptr_t)address;
}

/* cpsid i; msr primask, rN. */
static bool masks(uint32_t pc) { return halfword(pc) == 0xB672u; }
static bool unmasked_before(uint32_t pc) {
    return (halfword(pc - 4u) & 0xFFF0u) == 0xF380u && halfword(pc - 2u) == 0x8810u;
}

/* Once it has begun to count down, it is given what it begins anew with: so that
 * it says how late the interrupt was, however long that was masked. */
static inline void begin_timer(uint32_t ticks) {
    board_interrupt_after(ticks);
    __asm__ volatile("nop");
    SYSTICK_RELOAD = BOARD_LONGEST_DELAY;
}
static inline void rewind_timer(void) {}

#else

#define STEP_LOST 1u

static uint32_t instruction(uint32_t address) {
    const volatile uint16_t *halves = (const volatile uint16_t *)(uintptr_t)address;
    return halves[0] | (uint32_t)halves[1] << 16;
}

/* csrrci rN, mstatus, 8; csrs mstatus, rN. */
static bool masks(uint32_t pc) { return (instruction(pc) & 0xFFFFF07Fu) == 0x30047073u; }
static bool unmasked_before(uint32_t pc) {
    return (instruction(pc - 4u) & 0xFFF07FFFu) == 0x30002073u;
}

static uint32_t started_at;

/* Before the lower word wraps. */
static void rewind_timer(void) {
    if (CLINT_MTIME[0] >> 31 != 0u) {
        CLINT_MTIME[0] = 0;
    }
}

static inline void begin_timer(uint32_t ticks) {
    started_at = CLINT_MTIME[0];
    board_interrupt_after(ticks);
}

void board_timer(void) {
    uint32_t elapsed = CLINT_MTIME[0] - started_at;
    uint32_t pc;
    __asm__ volatile(".option push\n\t.option arch, +zicsr\n\tcsrr %0, mepc\n\t.option pop"
                     : "=r"(pc)::"memory");
    board_interrupt_no_more();
    strike(pc, elapsed);
}

static inline bool interrupts_masked(void) {
    uint32_t mstatus;
    __asm__ volatile(".option push\n\t.option arch, +zicsr\n\tcsrr %0, mstatus\n\t.option pop"
                     : "=r"(mstatus)::"memory");
    return (mstatus & 8u) == 0u;
}

#endif

/* --- the port, as far as the storm looks into it: the linker's --wrap */

void __real_quell_port_1_wait(const uint32_t *signal, uint64_t limit_us);
void __wrap_quell_port_1_wait(const uint32_t *signal, uint64_t limit_us);
void __real_quell_port_1_pend_drain(void);
void __wrap_quell_port_1_pend_drain(void);

SWEPT void __wrap_quell_port_1_wait(const uint32_t *signal, uint64_t limit_us) {
    port_waits++;
    __real_quell_port_1_wait(signal, limit_us);
}

SWEPT void __wrap_quell_port_1_pend_drain(void) {
    if (!drain_is_held) {
        __real_quell_port_1_pend_drain();
    }
}

/* --- a round */

void storm_expose(void (*call)(void), uint32_t ticks);

SWEPT __attribute__((noclone)) void storm_expose(void (*call)(void), uint32_t ticks) {
    begin_timer(ticks);
    for (uint32_t i = 0; i < PRELUDE; i++) {
        __asm__ volatile("nop");
    }
    call();
    __asm__ volatile(".global storm_end\nstorm_end:");
    returned = true;
}

static bool within_the_call(uint32_t pc) {
    uintptr_t at = (uintptr_t)pc;
    return at < (uintptr_t)__start_storm_swept || at >= (uintptr_t)__stop_storm_swept;
}

static void round_of(uint32_t ticks) {
    current_ticks = ticks;
    answered = struck = NOT_TOLD;
    hit.came = returned = false;
    port_waits = 0;
    drain_is_held = false;
    rewind_timer();
    current->prepare(current_variant);
    storm_expose(current->call, ticks);
    MUST(!interrupts_masked());
    for (uint32_t waited = 0; !hit.came && waited < PATIENCE; waited++) {
    }
    MUST(hit.came);
    current->conclude();
    MUST(!interrupts_masked());
}

/* --- a scenario */

struct tally {
    uint32_t boundaries, masked, rounds;
};

/* The last delay that was over before the call; scenarios differ by how many
 * arguments the call takes. */
static uint32_t before_the_call;
#define ARGUMENTS 12u

/* The number of the boundary, in instructions. */
static uint32_t number_met(void) {
    return (hit.elapsed - ticks_to_enter + ticks_of(1) / 2u) * MEASURED / ticks_measured;
}

/* The delay of the next round. One that was over while interrupts were masked
 * was met at their unmasking: the delays up to that would be met there as well. */
static uint32_t next_delay(uint32_t ticks) {
    uint32_t met_at = hit.elapsed - ticks_to_enter - ticks_of(2);
    return (met_at > ticks ? met_at : ticks) + step;
}

static void sweep_variant(struct tally *tally) {
    uint32_t last_pc = 0, last = 0, asleep = 0, boundaries = 0;
    uint32_t begun = before_the_call - ticks_of(ARGUMENTS);
    for (uint32_t ticks = begun;; ticks = next_delay(ticks)) {
        uint32_t number;
        bool inside;
        round_of(ticks);
        tally->rounds++;
        number = number_met();
        inside = within_the_call(hit.pc);
        MUST(!inside || ticks > begun);
        if (hit.after_return || (hit.asleep && ++asleep == ROUNDS_ASLEEP)) {
            break;
        }
        if (hit.asleep || (number == last && hit.pc == last_pc)) {
            continue;
        }
        MUST(number > last);
        if (ticks != begun && number != last + 1u) {
            MUST(current->traps || (masks(last_pc) && unmasked_before(hit.pc)));
            tally->masked += number - last - 1u;
        }
        if (inside) {
            boundaries++;
        } else if (boundaries == 0u) {
            before_the_call = ticks;
        }
        last_pc = hit.pc;
        last = number;
    }
    MUST(boundaries != 0u);
    tally->boundaries += boundaries;
}

static int by_name(const void *left, const void *right) {
    const quell_verdict_t *a = left, *b = right;
    uint32_t x = a[0] * 64u + a[1], y = b[0] * 64u + b[1];
    return (x > y) - (x < y);
}

static const char *name_of(quell_verdict_t verdict) {
    return verdict == NOT_TOLD ? "-" : quell_verdict_name(verdict);
}

static uint32_t sweep(const struct scenario *scenario) {
    struct tally tally = {0};
    current = scenario;
    outcome_count = 0;
    for (current_variant = 0; current_variant < scenario->variants; current_variant++) {
        sweep_variant(&tally);
    }
    qsort(outcomes, outcome_count, sizeof outcomes[0], by_name);
    printf("storm: %s: %u variants:", scenario->name, (unsigned)scenario->variants);
    for (uint32_t i = 0; i < outcome_count; i++) {
        printf(" %s/%s", name_of(outcomes[i].call), name_of(outcomes[i].interrupt));
    }
    printf(": %u boundaries, %u masked, %u rounds\n", (unsigned)tally.boundaries,
           (unsigned)tally.masked, (unsigned)tally.rounds);
    return tally.boundaries;
}

/* --- the timer's pace */

static volatile uint32_t paced;

static void pace_met(void) { paced = hit.elapsed; }
SWEPT static void call_nothing(void) { __asm__ volatile("nop"); }

/* Two instructions, so many times. */
static uint32_t ticks_of_loop(uint32_t times) {
    uint32_t before, after;
    board_interrupt_after(BOARD_LONGEST_DELAY);
    before = board_ticks_left();
#if defined(__ARM_ARCH)
    __asm__ volatile(".syntax unified\n1:\tsubs %0, %0, #1\n\tbne 1b" : "+l"(times)::"cc");
#else
    __asm__ volatile("1:\taddi %0, %0, -1\n\tbnez %0, 1b" : "+r"(times));
#endif
    after = board_ticks_left();
    board_interrupt_no_more();
    return before - after;
}

static void measure_pace(void) {
    static const struct scenario nothing = {"pace", 0, NULL, NULL, pace_met, NULL, false};
    uint32_t delay, entered = BOARD_LONGEST_DELAY;
    ticks_measured = ticks_of_loop(MEASURED) - ticks_of_loop(MEASURED / 2u);
    /* The start lies anywhere between two ticks: one less. */
    step = ticks_of(1) - STEP_LOST;
    current = &nothing;
    for (uint32_t i = 0; i < 16u; i++) {
        delay = ticks_of(FIRST) + i;
        paced = 0;
        current_ticks = delay;
        storm_expose(call_nothing, delay);
        MUST(paced != 0u);
        entered = paced - delay < entered ? paced - delay : entered;
    }
    ticks_to_enter = entered;
    before_the_call = ticks_of(FIRST + ARGUMENTS);
}

int main(void) {
    static const struct scenario *const all[] = {
        worker_scenarios, hook_scenarios, table_scenarios, scope_scenarios, session_scenarios};
    uint32_t boundaries = 0;
    measure_pace();
    for (uint32_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        for (const struct scenario *scenario = all[i]; scenario->name != NULL; scenario++) {
            boundaries += sweep(scenario);
        }
    }
    printf("storm: never both, never neither: %u boundaries\n", (unsigned)boundaries);
    return 0;
}
