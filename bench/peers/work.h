/*
 * What every library is measured at, and the form in which each brings its
 * own way of doing it: C++ in the files beside this one, Rust in src/.
 *
 * `prepare` and `tidy` stand outside of what is measured. `tidy` also makes
 * sure that what was measured has happened: every callback run, every child
 * told.
 */
#ifndef BENCH_WORK_H
#define BENCH_WORK_H

#include <stddef.h>
#include <stdint.h>

/* The names of the works; of `size` things each, one after the other:
 *   create       a source made and destroyed
 *   callback     a callback added to a source, and removed
 *   cancel       a source without callbacks cancelled
 *   cancel_many  a source with `size` callbacks cancelled
 *   child        a source made as the child of another, and destroyed
 *   tree         a source with `size` children cancelled
 *   chain        a source cancelled below which `size` levels hang
 *   poll         a source asked whether it is cancelled
 *   poll_shared  the same, while a second thread asks as well
 *   wake         two threads, each cancelling what the other waits for
 */
typedef struct bench_work {
    const char *work;
    /* What the caller holds of one such thing, without what lies on the heap. */
    size_t bytes;
    void *(*prepare)(size_t size);
    void (*act)(void *state, size_t size);
    void (*tidy)(void *state, size_t size);
} bench_work_t;

typedef struct bench_library {
    const char *name;
    const bench_work_t *works;
    size_t count;
} bench_library_t;

#ifdef __cplusplus
extern "C" {
#endif
const bench_library_t *bench_floor(void);
const bench_library_t *bench_floor_wake(void);
const bench_library_t *bench_std(void);
const bench_library_t *bench_glib(void);
const bench_library_t *bench_asio(void);
const bench_library_t *bench_tokio(void);
const bench_library_t *bench_quell_core(void);
const bench_library_t *bench_quell_polls(void);
const bench_library_t *bench_quell_hooks(void);
const bench_library_t *bench_quell_scopes(void);
const bench_library_t *bench_quell_wait(void);
#ifdef __cplusplus
}
#endif

#endif
