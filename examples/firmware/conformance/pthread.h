/* Threads of one core, which give way to each other where they wait: as much of
 * POSIX as the fronts of c-tests/conformance use. See threads.c. */

#ifndef PTHREAD_H
#define PTHREAD_H

#include <stddef.h>
#include <sys/types.h>

/* Some C libraries have types of these names, for systems that have threads. */
#define pthread_t board_thread_t
#define pthread_mutex_t board_mutex_t
#define pthread_cond_t board_condition_t

typedef unsigned pthread_t;
typedef int pthread_mutex_t;
typedef int pthread_cond_t;

/* 0, or not where there is no room for another thread. */
int pthread_create(pthread_t *thread, const void *attributes, void *(*run)(void *),
                   void *argument);
int pthread_join(pthread_t thread, void **result);

int pthread_mutex_init(pthread_mutex_t *mutex, const void *attributes);
int pthread_mutex_lock(pthread_mutex_t *mutex);
int pthread_mutex_unlock(pthread_mutex_t *mutex);
int pthread_mutex_destroy(pthread_mutex_t *mutex);

/* A wait returns whenever another thread has had its turn. */
int pthread_cond_init(pthread_cond_t *condition, const void *attributes);
int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex);
int pthread_cond_broadcast(pthread_cond_t *condition);
int pthread_cond_destroy(pthread_cond_t *condition);

#endif
