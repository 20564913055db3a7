/*
 * One loop, once for each way of polling: nothing but the poll and a count, so
 * that whatever else a poll costs shows, in the machine code and on the clock.
 * Each runs at least once, and returns the rounds that were left when it was
 * told to stop. (Of a loop that may not run at all, a compiler at -Os does not
 * read ahead what a round needs; what a round needs is the question here.)
 */
#ifndef BENCH_LOOPS_H
#define BENCH_LOOPS_H

#include <stdint.h>

#include <quell.h>

#define BENCH_LOOP(name, type, quiet)                                                          \
    uint32_t name(const type *polled, uint32_t rounds);                                        \
    uint32_t name(const type *polled, uint32_t rounds) {                                       \
        do {                                                                                   \
            if (!(quiet))                                                                      \
                break;                                                                         \
        } while (--rounds != 0u);                                                              \
        return rounds;                                                                         \
    }

#endif
