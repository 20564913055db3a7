/* The turn of the next thread. See threads.c. */

#ifndef SCHED_H
#define SCHED_H

int sched_yield(void);

#endif
