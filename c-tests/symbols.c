/* A translation unit of its own: QUELL_NO_INLINE holds for a whole one. */
#define QUELL_NO_INLINE
#include "symbols.h"

op_poll_function *const exported_op_poll = quell_op_poll;
worker_poll_function *const exported_worker_poll = quell_worker_poll;
scope_poll_function *const exported_scope_poll = quell_scope_poll;
