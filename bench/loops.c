/* The inlined polls of C, and their floor: a bare flag, read relaxed. */
#include "loops.h"

BENCH_LOOP(loop_c_flag, uint32_t, __atomic_load_n(polled, __ATOMIC_RELAXED) == 0u)
BENCH_LOOP(loop_c_op, quell_op_t, quell_op_poll(polled) == QUELL_LEVEL_NONE)
BENCH_LOOP(loop_c_worker, quell_worker_t, quell_worker_poll(polled) == QUELL_LEVEL_NONE)
