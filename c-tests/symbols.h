/* The polls as the library exports them, beside the header's inlined ones. */
#ifndef SYMBOLS_H
#define SYMBOLS_H

#include "quell.h"

typedef quell_level_t op_poll_function(const quell_op_t *op);
typedef quell_level_t worker_poll_function(const quell_worker_t *worker);
typedef quell_level_t scope_poll_function(const quell_scope_t *scope);

extern op_poll_function *const exported_op_poll;
extern worker_poll_function *const exported_worker_poll;
extern scope_poll_function *const exported_scope_poll;

#endif
