/*
 * Whether somebody waits for the end of an operation: who does has left a mark
 * in its source, behind the op. The source has no other hooks here.
 */
#ifndef MARKS_H
#define MARKS_H

#include <sched.h>
#include <stddef.h>
#include <stdint.h>

#include "quell.h"

enum { MARK_WORDS = (sizeof(quell_source_t) - sizeof(quell_op_t)) / sizeof(uint32_t) };

typedef struct {
    uint32_t words[MARK_WORDS];
} marks_t;

static inline marks_t marks_of(quell_source_t *source) {
    uint32_t *from = (uint32_t *)(void *)((char *)source + sizeof(quell_op_t));
    marks_t seen;
    size_t n;
    for (n = 0; n < MARK_WORDS; n++)
        seen.words[n] = __atomic_load_n(&from[n], __ATOMIC_RELAXED);
    return seen;
}

static inline int marks_differ(const marks_t *a, const marks_t *b) {
    size_t n;
    for (n = 0; n < MARK_WORDS; n++)
        if (a->words[n] != b->words[n])
            return 1;
    return 0;
}

/* Until somebody else waits, 1; until `*done`, 0. */
static inline int marks_wait(quell_source_t *source, const marks_t *before, const int *done) {
    for (;;) {
        const marks_t now = marks_of(source);
        if (marks_differ(before, &now))
            return 1;
        if (__atomic_load_n(done, __ATOMIC_ACQUIRE))
            return 0;
        sched_yield();
    }
}

#endif
