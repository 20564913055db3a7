/*
 * The polls as symbols, and their floor: a call of a function that does
 * nothing. Built twice: into the program, beside the static library
 * (CALLS=call), and into a shared object above the shared one (CALLS=plt).
 */
#define QUELL_NO_INLINE
#include "loops.h"

#define PASTE(a, b) a##b
#define NAME(a, b) PASTE(a, b)
#define EMPTY NAME(CALLS, _empty)

uint32_t EMPTY(const void *polled);

BENCH_LOOP(NAME(CALLS, _loop_empty), quell_op_t, EMPTY(polled) == 0u)
BENCH_LOOP(NAME(CALLS, _loop_op), quell_op_t, quell_op_poll(polled) == QUELL_LEVEL_NONE)
BENCH_LOOP(NAME(CALLS, _loop_worker), quell_worker_t,
           quell_worker_poll(polled) == QUELL_LEVEL_NONE)
