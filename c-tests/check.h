/*
 * How a test program says what it expects, in C99 and in C++11 alike.
 *
 * Not a test library: those leave a failed test by longjmp or by an exception,
 * and these programs hold C++ objects with destructors, run without exceptions,
 * and check from several threads. Here the first check that does not hold ends
 * the program, and a program that checked nothing does not pass.
 */
#ifndef CHECK_H
#define CHECK_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned long checks_made;

/* Checks are made on several threads. */
static inline void count_check(void) {
    __atomic_fetch_add(&checks_made, 1ul, __ATOMIC_RELAXED);
}

static inline void check_that(int holds, const char *what, const char *file, int line) {
    count_check();
    if (!holds) {
        fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
        exit(1);
    }
}

static inline void check_equal(uint64_t actual, uint64_t expected, const char *what,
                               const char *file, int line) {
    count_check();
    if (actual != expected) {
        fprintf(stderr, "%s:%d: %s: is %" PRIu64 " (0x%" PRIX64 "), not %" PRIu64 "\n", file,
                line, what, actual, actual, expected);
        exit(1);
    }
}

static inline void check_text(const char *actual, const char *expected, const char *what,
                              const char *file, int line) {
    count_check();
    if (actual == NULL || strcmp(actual, expected) != 0) {
        fprintf(stderr, "%s:%d: %s: is \"%s\", not \"%s\"\n", file, line, what,
                actual == NULL ? "(null)" : actual, expected);
        exit(1);
    }
}

#define CHECK(condition) check_that((condition) ? 1 : 0, #condition, __FILE__, __LINE__)
#define CHECK_EQ(actual, expected)                                                             \
    check_equal((uint64_t)(actual), (uint64_t)(expected), #actual, __FILE__, __LINE__)
#define CHECK_TEXT(actual, expected)                                                           \
    check_text((actual), (expected), #actual, __FILE__, __LINE__)

/* What main returns. */
static inline int check_report(const char *program) {
    if (checks_made == 0) {
        fprintf(stderr, "%s: nothing was checked\n", program);
        return 1;
    }
    printf("%s: %lu checks\n", program, checks_made);
    return 0;
}

#endif
