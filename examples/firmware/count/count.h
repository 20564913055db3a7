/* Figures of calls: each is made once inside a window of the emulator's plugin,
 * which counts its instructions (plugin.c), on a stack that was painted, which
 * says how much of it the call used. A line is printed for each:
 *
 *     count NAME <tab> CALL <tab> stack bytes <tab> instructions by the core's counter, or 0
 *
 * Where NAME ends in ": 8 hooks", as in "cancel: 8 hooks", the same call is made with
 * other numbers as well. */

#ifndef COUNT_H
#define COUNT_H

#include <quell.h>

#include <stdbool.h>
#include <stdint.h>

#define PAINTED_WORDS 768u
#define PAINT 0xA5C35A3Cu

/* The plugin's marks; on RISC-V they note minstret as well. */
void count_begin(void);
void count_end(void);
void count_report(const char *name, const char *call, uint32_t depth);

/* What the call answered, kept from the optimiser. */
extern volatile uint32_t count_told;

/* Says so where it does not hold; and `count_main` fails. */
void count_holds(bool condition, const char *what, int line);
#define HOLDS(condition) count_holds(condition, #condition, __LINE__)

/* Nothing may be called between this and the call that is measured, nor before
 * the look afterwards. */
static inline __attribute__((always_inline)) volatile uint32_t *count_paint(void) {
    volatile uint32_t *top;
#if defined(__ARM_ARCH)
    __asm__ volatile("mov %0, sp" : "=r"(top)::"memory");
#else
    __asm__ volatile("mv %0, sp" : "=r"(top)::"memory");
#endif
    for (uint32_t below = 1; below <= PAINTED_WORDS; below++) {
        *(top - below) = PAINT;
    }
    return top;
}

static inline __attribute__((always_inline)) uint32_t count_depth(volatile uint32_t *top) {
    uint32_t words = PAINTED_WORDS;
    while (words != 0u && *(top - words) == PAINT) {
        words--;
    }
    return words * 4u;
}

#define COUNT(name, call, answer)                                                              \
    do {                                                                                       \
        volatile uint32_t *count_top = count_paint();                                          \
        uint32_t count_used;                                                                   \
        count_begin();                                                                         \
        count_told = (uint32_t)(call);                                                         \
        count_end();                                                                           \
        count_used = count_depth(count_top);                                                   \
        count_report(name, #call, count_used);                                                 \
        HOLDS(count_told == (uint32_t)(answer));                                               \
    } while (0)

/* measured.c: what the header inlines, and the floors. */
uint32_t measured_flag(const uint32_t *flag);
quell_level_t measured_op_poll(const quell_op_t *op);
quell_level_t measured_worker_poll(const quell_worker_t *worker);
uint32_t measured_floor(uint32_t *word, uint32_t unless, uint32_t set);

/* The parts: each counts the calls of some nouns. */
void count_operations(void);
void count_hooks(void);
void count_scopes(void);
void count_tables(void);
void count_sessions(void);
void count_deadlines(void);

#endif
