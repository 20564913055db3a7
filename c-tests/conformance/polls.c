#define QUELL_NO_INLINE
#include "polls.h"

quell_level_t symbol_op_poll(const quell_op_t *op) { return quell_op_poll(op); }

quell_level_t symbol_worker_poll(const quell_worker_t *worker) {
    return quell_worker_poll(worker);
}
