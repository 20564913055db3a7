/*
 * The polls as symbols, beside the ones that the header inlines: one program
 * cannot name both.
 */
#ifndef QUELL_CONFORMANCE_POLLS_H
#define QUELL_CONFORMANCE_POLLS_H

#include "quell.h"

#ifdef __cplusplus
extern "C" {
#endif

quell_level_t symbol_op_poll(const quell_op_t *op);
quell_level_t symbol_worker_poll(const quell_worker_t *worker);

#ifdef __cplusplus
}
#endif

#endif
