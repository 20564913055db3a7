/* Two signals, and POSIX timers that send them. A signal is the process's, and
 * only the thread of the task that runs has signals unblocked: so it interrupts
 * whatever runs, as an interrupt does, and a critical section keeps it pending.
 * A handler blocks all signals, as the kernel's do. */

#define _POSIX_C_SOURCE 200809L

#include "interrupts.h"

#include <task.h>

#include <pthread.h>
#include <quell_port_freertos.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NANOSECONDS_PER_TICK 1000

static interrupt_handler handlers[INTERRUPTS];
static timer_t timers[INTERRUPTS];
static BaseType_t woken_inside; /* by a handler that another one called */

static int signal_of(enum interrupt which) {
    return which == INTERRUPT_LOW ? SIGRTMIN : SIGRTMIN + 1;
}

/* Counted as a critical section, as the kernel's handler is, so that none of the
 * kernel's own in it unblocks signals. */
static void on_signal(int number) {
    taskENTER_CRITICAL();
    {
        BaseType_t woken = handlers[number == SIGRTMIN ? INTERRUPT_LOW : INTERRUPT_HIGH]();
        woken |= woken_inside | quell_freertos_woken();
        woken_inside = pdFALSE;
        portYIELD_FROM_ISR(woken);
    }
    taskEXIT_CRITICAL();
}

static void fail(const char *what) {
    perror(what);
    exit(2);
}

void interrupts_begin(interrupt_handler low, interrupt_handler high) {
    handlers[INTERRUPT_LOW] = low;
    handlers[INTERRUPT_HIGH] = high;
    for (uint32_t number = 0; number < INTERRUPTS; number++) {
        enum interrupt which = (enum interrupt)number;
        struct sigaction action = {0};
        struct sigevent event = {0};
        action.sa_handler = on_signal;
        sigfillset(&action.sa_mask);
        event.sigev_notify = SIGEV_SIGNAL;
        event.sigev_signo = signal_of(which);
        if (sigaction(signal_of(which), &action, NULL) != 0 ||
            timer_create(CLOCK_MONOTONIC, &event, &timers[which]) != 0) {
            fail("interrupts");
        }
    }
}

void interrupt_raise(enum interrupt which) { pthread_kill(pthread_self(), signal_of(which)); }

void interrupt_pend(enum interrupt which) {
    if (quell_freertos_inside_interrupt() != pdFALSE) {
        woken_inside |= handlers[which]();
        return;
    }
    interrupt_raise(which);
}

void interrupt_timer(enum interrupt which, uint32_t ticks) {
    struct itimerspec when = {{0, 0}, {0, 0}};
    when.it_value.tv_nsec = (long)ticks * NANOSECONDS_PER_TICK;
    if (timer_settime(timers[which], 0, &when, NULL) != 0) {
        fail("timer_settime");
    }
}
