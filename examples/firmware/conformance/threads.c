/* Threads of one core without an operating system, and quell's waits in them.
 *
 * Each has a stack of its own and goes on until it waits: for another thread, for
 * a mutex, a condition, or in quell, whose port's wait is the turn of the others
 * where there are others and the ready-made port's otherwise. Interrupts come on
 * the stack of whoever runs. The linker wraps the two functions of the port
 * (--wrap) that have to know of threads. */

#include "pthread.h"
#include "sched.h"

#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <quell.h>

enum { THREADS = 4, STACK_WORDS = 256 };
#define UNTOUCHED 0x5AFE57AC5AFE57ACu

enum { FREE, NEW, UNDER_WAY, ENDED };

typedef struct {
    jmp_buf resumes;
    void *(*run)(void *);
    void *argument;
    int state;
} thread_t;

/* The first is main's. */
static thread_t threads[THREADS] = {{.state = UNDER_WAY}};
__attribute__((aligned(16))) static uint64_t stacks[THREADS - 1][STACK_WORDS];
static volatile unsigned current;

/* --- whose turn it is */

/* The last two words are there to be found untouched. */
static void look_at_the_stack(unsigned thread) {
    const uint64_t *stack = stacks[thread - 1u];
    if (stack[0] != UNTOUCHED || stack[1] != UNTOUCHED) {
        puts("a thread's stack is too small");
        exit(1);
    }
}

static void run_current(void) {
    thread_t *self = &threads[current];
    (void)self->run(self->argument);
    self->state = ENDED;
    for (;;)
        sched_yield();
}

__attribute__((noreturn)) static void begin_on(uint64_t *stack_end) {
#if defined(__ARM_ARCH)
    __asm__ volatile("mov sp, %0\n\tbx %1" ::"r"(stack_end), "r"(run_current));
#else
    __asm__ volatile("mv sp, %0\n\tjr %1" ::"r"(stack_end), "r"(run_current));
#endif
    __builtin_unreachable();
}

static unsigned next(void) {
    unsigned thread = current;
    do
        thread = (thread + 1u) % THREADS;
    while (threads[thread].state != NEW && threads[thread].state != UNDER_WAY &&
           thread != current);
    return thread;
}

__attribute__((noreturn)) static void resume_current(void) {
    thread_t *self = &threads[current];
    if (self->state == UNDER_WAY)
        longjmp(self->resumes, 1);
    self->state = UNDER_WAY;
    begin_on(stacks[current - 1u] + STACK_WORDS);
}

/* No local is used after setjmp: it would not be what it was. */
int sched_yield(void) {
    thread_t *self = &threads[current];
    const unsigned to = next();
    if (to == current)
        return 0;
    if (current != 0u)
        look_at_the_stack(current);
    current = to;
    if (setjmp(self->resumes) == 0)
        resume_current();
    return 0;
}

/* --- threads */

int pthread_create(pthread_t *thread, const void *attributes, void *(*run)(void *),
                   void *argument) {
    unsigned n;
    (void)attributes;
    for (n = 1; n < THREADS; n++) {
        if (threads[n].state == FREE) {
            threads[n].run = run;
            threads[n].argument = argument;
            threads[n].state = NEW;
            stacks[n - 1u][0] = stacks[n - 1u][1] = UNTOUCHED;
            *thread = n;
            return 0;
        }
    }
    puts("one thread too many");
    return 1;
}

int pthread_join(pthread_t thread, void **result) {
    (void)result;
    while (threads[thread].state != ENDED)
        sched_yield();
    threads[thread].state = FREE;
    return 0;
}

int pthread_mutex_init(pthread_mutex_t *mutex, const void *attributes) {
    (void)attributes;
    *mutex = 0;
    return 0;
}

int pthread_mutex_lock(pthread_mutex_t *mutex) {
    while (*mutex != 0)
        sched_yield();
    *mutex = 1;
    return 0;
}

int pthread_mutex_unlock(pthread_mutex_t *mutex) {
    *mutex = 0;
    return 0;
}

int pthread_mutex_destroy(pthread_mutex_t *mutex) { return *mutex; }

int pthread_cond_init(pthread_cond_t *condition, const void *attributes) {
    (void)attributes;
    *condition = 0;
    return 0;
}

int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
    (void)condition;
    pthread_mutex_unlock(mutex);
    sched_yield();
    return pthread_mutex_lock(mutex);
}

int pthread_cond_broadcast(pthread_cond_t *condition) { return *condition; }

int pthread_cond_destroy(pthread_cond_t *condition) { return *condition; }

/* --- quell's port, with threads */

uintptr_t __real_quell_port_1_context(void);
uintptr_t __wrap_quell_port_1_context(void);
void __real_quell_port_1_wait(const uint32_t *signal, uint64_t limit_us);
void __wrap_quell_port_1_wait(const uint32_t *signal, uint64_t limit_us);

/* Above the numbers of interrupts; main's is the port's own. */
uintptr_t __wrap_quell_port_1_context(void) {
    const uintptr_t context = __real_quell_port_1_context();
    return quell_port_1_in_interrupt() != 0u ? context : context + 0x1000u * current;
}

void __wrap_quell_port_1_wait(const uint32_t *signal, uint64_t limit_us) {
    if (next() == current)
        __real_quell_port_1_wait(signal, limit_us);
    else
        sched_yield();
}
