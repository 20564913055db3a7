/* The host as a machine. In the pace of steps an interrupt is a call of its
 * handler. In the pace of timers it is a signal that a POSIX timer sends to the
 * only thread, which it interrupts anywhere: what a handler may call of quell is
 * what a signal handler may. */

#define _POSIX_C_SOURCE 200809L

#include "machine.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "quell.h"

#define NANOSECONDS_PER_TICK 400

static timer_t timers[MACHINE_INTERRUPTS];
static sigset_t both;
static uint32_t drain_wanted;
static uint32_t depth; /* of handlers that machine_pend() calls */

static void fail(const char *what) {
    perror(what);
    exit(2);
}

static void want_drain(void) { __atomic_store_n(&drain_wanted, 1u, __ATOMIC_RELEASE); }

static void drain_if_wanted(void) {
    while (__atomic_exchange_n(&drain_wanted, 0u, __ATOMIC_ACQUIRE) != 0u) {
        quell_drain();
    }
}

static void on_completion(int number) {
    (void)number;
    completion_interrupt();
}

static void on_abort(int number) {
    (void)number;
    abort_interrupt();
}

static void take(int number, void (*handler)(int), const sigset_t *masked) {
    struct sigaction action = {0};
    struct sigevent event = {0};
    action.sa_handler = handler;
    action.sa_mask = *masked;
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = number;
    if (sigaction(number, &action, NULL) != 0 ||
        timer_create(CLOCK_MONOTONIC, &event,
                     &timers[number == SIGUSR1 ? MACHINE_COMPLETION : MACHINE_ABORT]) != 0) {
        fail("timer");
    }
}

int main(int argc, char **argv) {
    sigset_t none;
    sigemptyset(&none);
    sigemptyset(&both);
    sigaddset(&both, SIGUSR1);
    sigaddset(&both, SIGUSR2);
    take(SIGUSR1, on_completion, &none);
    take(SIGUSR2, on_abort, &both);
    quell_set_pend_drain(want_drain);
    return program(argc, argv);
}

/* Signals stay unblocked in the pace of steps, where there are none: a system
 * call for each would be for nothing. */
static bool signals_come;

uint32_t machine_mask(void) {
    sigset_t before;
    if (!signals_come) {
        return 0;
    }
    sigprocmask(SIG_BLOCK, &both, &before);
    return (sigismember(&before, SIGUSR1) == 1 ? 1u : 0u) |
           (sigismember(&before, SIGUSR2) == 1 ? 2u : 0u);
}

void machine_unmask(uint32_t saved) {
    sigset_t allowed;
    if (!signals_come) {
        return;
    }
    sigemptyset(&allowed);
    if ((saved & 1u) == 0u) {
        sigaddset(&allowed, SIGUSR1);
    }
    if ((saved & 2u) == 0u) {
        sigaddset(&allowed, SIGUSR2);
    }
    sigprocmask(SIG_UNBLOCK, &allowed, NULL);
}

void machine_pend(enum machine_interrupt interrupt) {
    depth++;
    if (interrupt == MACHINE_ABORT) {
        abort_interrupt();
    } else {
        completion_interrupt();
    }
    depth--;
    if (depth == 0u) {
        drain_if_wanted();
    }
}

void machine_timer(enum machine_interrupt interrupt, uint32_t ticks) {
    struct itimerspec when = {{0, 0}, {0, 0}};
    when.it_value.tv_nsec = (long)ticks * NANOSECONDS_PER_TICK;
    signals_come |= ticks != 0u;
    if (timer_settime(timers[interrupt], 0, &when, NULL) != 0) {
        fail("timer_settime");
    }
}

void machine_run(const machine_step steps[MACHINE_TASKS]) {
    bool over[MACHINE_TASKS] = {false, false};
    while (!over[MACHINE_HOST] || !over[MACHINE_CONTROLLER]) {
        for (uint32_t task = 0; task < MACHINE_TASKS; task++) {
            over[task] = over[task] || steps[task]() == MACHINE_OVER;
            drain_if_wanted();
        }
    }
}

void machine_notify(enum machine_task task) { (void)task; }
