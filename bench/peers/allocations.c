/*
 * Counts what is asked of the heap, from every library of the process:
 * preloaded, in front of the C library's own functions.
 */
#include <stddef.h>
#include <stdint.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

struct allocated {
    unsigned long calls, bytes;
};
static struct allocated allocated;

struct allocated bench_allocations(void);
struct allocated bench_allocations(void) {
    return allocated;
}

static void count(size_t bytes) {
    __atomic_fetch_add(&allocated.calls, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&allocated.bytes, bytes, __ATOMIC_RELAXED);
}

void *malloc(size_t size) {
    count(size);
    return __libc_malloc(size);
}

void *calloc(size_t items, size_t size) {
    count(items * size);
    return __libc_calloc(items, size);
}

void *realloc(void *old, size_t size) {
    count(size);
    return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
    count(size);
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **out, size_t alignment, size_t size) {
    *out = memalign(alignment, size);
    return *out ? 0 : 12; /* ENOMEM */
}
