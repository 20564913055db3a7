/*
 * Parties of a race: threads on processors of their own that meet round after
 * round, and what keeps both sides winning.
 *
 * A race is only one if either side can win. One party waits a little before
 * its decisive call: longer after it won, shorter after it lost, and on a
 * single core it gives way; so both sides win again and again on any machine.
 *
 * What the parties say to each other about an operation is plain memory that
 * quell's own ordering publishes. The round counters only keep rounds apart;
 * ThreadSanitizer sees the difference. helgrind knows no atomics: with
 * QUELL_HELGRIND it is told which words are atomic, and, by PUBLISH and
 * SEEN_AFTER, which orderings quell promises.
 */
#ifndef PARTIES_H
#define PARTIES_H

#ifndef _GNU_SOURCE
#error "the processor that a thread runs on: #define _GNU_SOURCE first"
#endif

#include <pthread.h>
#include <sched.h>
#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN /* windows.h has a `listen` of its own */
#include <windows.h>
#endif

#include "check.h"

#define LOAD(place) __atomic_load_n((place), __ATOMIC_ACQUIRE)
#define STORE(place, value) __atomic_store_n((place), (value), __ATOMIC_RELEASE)

#ifdef QUELL_HELGRIND
#include <valgrind/helgrind.h>
#define UNCHECKED(word) VALGRIND_HG_DISABLE_CHECKING(&(word), sizeof(word))
#define PUBLISH(what) ANNOTATE_HAPPENS_BEFORE(what)
/* Below this frame lay that of a call which has returned: whoever woke it wrote
 * there, and what comes to lie there next is no race. */
#define SEEN_AFTER(what)                                                                       \
    do {                                                                                       \
        ANNOTATE_HAPPENS_AFTER(what);                                                          \
        VALGRIND_HG_CLEAN_MEMORY((char *)__builtin_frame_address(0) - 4096, 4096);             \
    } while (0)
#else
#define UNCHECKED(word) (void)(word)
#define PUBLISH(what) (void)(what)
#define SEEN_AFTER(what) (void)(what)
#endif

#define LONGEST_WAIT 2000u

/* Spins for a moment, then gives way: with fewer cores than parties, whoever
 * is waited for has to run first. */
static inline void pause_for(uint32_t *spins) {
    if (++*spins > 1000u) {
        *spins = 0;
        sched_yield();
    }
}

/* The first party's processor and the others'. They differ where there are two:
 * a busy scheduler would have the parties take turns on one, and never race. */
static int first_processor = -1, other_processor = -1;

#if defined(_WIN32)
#define PROCESSORS (int)(8 * sizeof(DWORD_PTR))
typedef DWORD_PTR processors_t;

static inline int allowed_processors(processors_t *allowed) {
    processors_t present;
    return GetProcessAffinityMask(GetCurrentProcess(), allowed, &present) ? 0 : -1;
}

static inline int is_among(int processor, const processors_t *set) {
    return (int)(*set >> processor & 1u);
}

static inline void run_on(pthread_t thread, int processor) {
    CHECK(SetThreadAffinityMask(pthread_gethandle(thread), (DWORD_PTR)1 << processor) != 0);
}
#else
#define PROCESSORS CPU_SETSIZE
typedef cpu_set_t processors_t;

static inline int allowed_processors(processors_t *allowed) {
    return sched_getaffinity(0, sizeof *allowed, allowed);
}

static inline int is_among(int processor, const processors_t *set) {
    return CPU_ISSET((size_t)processor, set) != 0;
}

static inline void run_on(pthread_t thread, int processor) {
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET((size_t)processor, &only);
    CHECK(pthread_setaffinity_np(thread, sizeof only, &only) == 0);
}
#endif

static inline void choose_processors(void) {
    processors_t allowed;
    int processor;
    CHECK(allowed_processors(&allowed) == 0);
    for (processor = 0; processor < PROCESSORS; ++processor) {
        if (!is_among(processor, &allowed))
            continue;
        if (first_processor < 0)
            first_processor = processor;
        other_processor = processor;
    }
}

/* The wait creeps to where the two sides are even: in single steps while they
 * take turns, ever faster while one side wins. */
typedef struct {
    uint32_t wait, step;
    int came_first;
} skew_t;

static inline void adapt(skew_t *skew, int came_first) {
    const int again = came_first == skew->came_first;
    skew->step = !again ? 1u : skew->step >= LONGEST_WAIT ? LONGEST_WAIT : skew->step * 2u;
    skew->came_first = came_first;
    if (!came_first)
        skew->wait = skew->wait < skew->step ? 0u : skew->wait - skew->step;
    else
        skew->wait =
            skew->wait + skew->step > LONGEST_WAIT ? LONGEST_WAIT : skew->wait + skew->step;
}

static inline void wait_before_deciding(uint32_t wait) {
    static uint32_t nothing;
    uint32_t i;
    for (i = 0; i < wait; ++i)
        (void)LOAD(&nothing);
    if (wait >= LONGEST_WAIT)
        sched_yield();
}

#endif
