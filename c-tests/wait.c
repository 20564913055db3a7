/*
 * Waiting: every answer of quell_wait, on one thread and on several; time that
 * runs out cancels nothing, and all who wait are woken. Times are only held to
 * be no shorter than what was asked for.
 */
#define _GNU_SOURCE /* for clocks and usleep, in C99 */

#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "parties.h"
#include "telling.h"

#define WAITERS 8

static uint64_t now_us(void) {
    struct timespec now;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static quell_told_t dirty(void) {
    quell_told_t told;
    memset(&told, 0xAA, sizeof told);
    return told;
}

/* A wait that is refused, and leaves nothing told. */
static void refused(const quell_handle_t *handle, uint32_t events, uint64_t limit,
                    quell_verdict_t verdict) {
    quell_told_t told = dirty();
    CHECK_EQ(quell_wait(handle, events, limit, &told), verdict);
    CHECK(is_nothing_told(&told));
    CHECK_EQ(quell_wait(handle, events, limit, NULL), verdict);
}

static void bad_input(void) {
    static const uint32_t bad[] = {0, 8, 9, 15, 0x80000001u, 0xFFFFFFFFu};
    telling_t t;
    quell_op_t plain = QUELL_OP_INIT;
    quell_source_t vacant = QUELL_SOURCE_INIT;
    quell_handle_t none = {NULL, NULL, 0}, handle, spare[2];
    quell_told_t told[2];
    size_t i;
    running_source(&t);
    spare[0] = t.owner;
    spare[1] = t.owner;
    refused(NULL, QUELL_EVENT_END, QUELL_FOREVER, QUELL_INVALID);
    refused(MISALIGNED(quell_handle_t, spare[0]), QUELL_EVENT_END, QUELL_FOREVER,
            QUELL_INVALID);
    refused(&none, QUELL_EVENT_END, QUELL_FOREVER, QUELL_INVALID);
    for (i = 0; i < COUNT(bad); ++i)
        refused(&t.owner, bad[i], QUELL_FOREVER, QUELL_INVALID);
    told[0] = dirty();
    told[1] = dirty();
    LEAVES(
        told,
        quell_wait(&t.owner, QUELL_EVENT_END, QUELL_FOREVER, MISALIGNED(quell_told_t, told[0])),
        QUELL_INVALID);

    CHECK_EQ(quell_op_arm(&plain, QUELL_MODE_DECISIVE, &handle), QUELL_OK);
    refused(&handle, QUELL_EVENT_END, QUELL_FOREVER, QUELL_UNSUPPORTED);
    CHECK_EQ(quell_source_open(&vacant, QUELL_RIGHT_OBSERVE, &handle), QUELL_OK);
    refused(&handle, QUELL_EVENT_END, QUELL_FOREVER, QUELL_BAD_STATE);

    CHECK_EQ(quell_op_finish(&t.worker), QUELL_OK);
    CHECK_EQ(quell_op_retire(&t.owner), QUELL_OK);
    refused(&t.owner, QUELL_EVENT_END, QUELL_FOREVER, QUELL_STALE);
    handle = t.owner;
    CHECK_EQ(quell_source_arm(&t.source, QUELL_MODE_DECISIVE, &t.owner), QUELL_OK);
    refused(&handle, QUELL_EVENT_ALL, 0, QUELL_STALE);
    refused(&handle, QUELL_EVENT_ALL, QUELL_FOREVER, QUELL_STALE);
}

/* What has happened is told at once, whatever the limit. */
static void happened_already(void) {
    static const uint64_t limits[] = {0, 1, 1000000u, QUELL_FOREVER};
    telling_t t;
    quell_told_t told;
    size_t i;
    running_source(&t);
    CHECK_EQ(quell_op_shield(&t.worker), QUELL_OK);
    CHECK_EQ(ask(&t, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLING);
    for (i = 0; i < COUNT(limits); ++i) {
        told = dirty();
        CHECK_EQ(quell_wait(&t.owner, QUELL_EVENT_ALL, limits[i], &told), QUELL_OK);
        check_told(&told, QUELL_EVENT_REQUEST, QUELL_PHASE_RUNNING, QUELL_LEVEL_GRACEFUL,
                   QUELL_CAUSE_USER, QUELL_EFFECTS_UNSTATED, 0);
        CHECK_EQ(quell_wait(&t.owner, QUELL_EVENT_REQUEST, limits[i], NULL), QUELL_OK);
    }
    refused(&t.owner, QUELL_EVENT_RAISE, 0, QUELL_TIMED_OUT);
    CHECK_EQ(ask(&t, QUELL_LEVEL_EMERGENCY), QUELL_RAISED);
    CHECK_EQ(quell_op_fail(&t.worker, 9u), QUELL_CANCELLED);
    for (i = 0; i < COUNT(limits); ++i) {
        CHECK_EQ(quell_wait(&t.owner, QUELL_EVENT_RAISE, limits[i], &told), QUELL_OK);
        check_told(&told, QUELL_EVENT_RAISE, QUELL_PHASE_CANCELLED, QUELL_LEVEL_EMERGENCY,
                   QUELL_CAUSE_USER, QUELL_EFFECTS_UNKNOWN, 9u);
        CHECK_EQ(quell_wait(&t.owner, QUELL_EVENT_END, limits[i], &told), QUELL_OK);
        check_told(&told, QUELL_EVENT_END, QUELL_PHASE_CANCELLED, QUELL_LEVEL_EMERGENCY,
                   QUELL_CAUSE_USER, QUELL_EFFECTS_UNKNOWN, 9u);
    }
    /* It ended without that. */
    running_source(&t);
    CHECK_EQ(quell_op_finish(&t.worker), QUELL_OK);
    for (i = 0; i < COUNT(limits); ++i)
        refused(&t.owner, QUELL_EVENT_REQUEST | QUELL_EVENT_RAISE, limits[i], QUELL_RAN);
}

static void time_that_runs_out_cancels_nothing(void) {
    static const uint64_t limits[] = {0, 1, 999, 20000};
    telling_t t;
    quell_status_t status;
    size_t i;
    running_source(&t);
    for (i = 0; i < COUNT(limits); ++i) {
        const uint64_t begun = now_us();
        quell_told_t told = dirty();
        CHECK_EQ(quell_wait(&t.owner, QUELL_EVENT_ALL, limits[i], &told), QUELL_TIMED_OUT);
        CHECK(now_us() - begun >= limits[i]);
        CHECK(is_nothing_told(&told));
        CHECK_EQ(quell_op_status(&t.owner, &status), QUELL_OK);
        CHECK(status.phase == QUELL_PHASE_RUNNING && status.level == QUELL_LEVEL_NONE);
    }
    CHECK_EQ(quell_op_finish(&t.worker), QUELL_OK);
    CHECK_EQ(quell_op_retire(&t.owner), QUELL_OK);
}

/* --- several threads */

typedef struct {
    pthread_t thread;
    const telling_t *of;
    uint32_t events;
    uint64_t limit;
    quell_verdict_t verdict;
    quell_told_t told;
    uint64_t note_seen;
} waiter_t;

/* Plain memory, published by the end, or the request. */
static uint64_t note;

static void *waits(void *argument) {
    waiter_t *self = (waiter_t *)argument;
    self->verdict = quell_wait(&self->of->owner, self->events, self->limit, &self->told);
    SEEN_AFTER(&note);
    self->note_seen = self->verdict == QUELL_TIMED_OUT ? 0 : note;
    return NULL;
}

static void begin(waiter_t *waiter, const telling_t *of, uint32_t events, uint64_t limit) {
    memset(waiter, 0, sizeof *waiter);
    waiter->of = of;
    waiter->events = events;
    waiter->limit = limit;
    CHECK(pthread_create(&waiter->thread, NULL, waits, waiter) == 0);
}

static void join(waiter_t *waiter, quell_verdict_t verdict) {
    CHECK(pthread_join(waiter->thread, NULL) == 0);
    CHECK_EQ(waiter->verdict, verdict);
    if (verdict == QUELL_OK)
        CHECK_EQ(waiter->told.events & waiter->events, waiter->told.events);
    else
        CHECK(is_nothing_told(&waiter->told));
}

/* All of them, whatever each waits for; half of them asleep for sure. */
static void race_12_all_waiters_wake(void) {
    static const uint32_t events[] = {QUELL_EVENT_END, QUELL_EVENT_REQUEST, QUELL_EVENT_RAISE,
                                      QUELL_EVENT_ALL};
    waiter_t waiter[WAITERS];
    telling_t t;
    uint32_t i;
    int way;
    for (way = 0; way < 3; ++way) {
        running_source(&t);
        for (i = 0; i < WAITERS; ++i) {
            begin(&waiter[i], &t, events[i % COUNT(events)],
                  i % 2u ? QUELL_FOREVER : 60000000u);
            if (i == WAITERS / 2)
                usleep(20000);
        }
        note = 7;
        PUBLISH(&note);
        if (way == 0) {
            CHECK_EQ(ask(&t, QUELL_LEVEL_IMMEDIATE), QUELL_CANCELLING);
            CHECK_EQ(quell_op_acknowledge(&t.worker, QUELL_EFFECTS_NONE), QUELL_OK);
        } else if (way == 1) {
            CHECK_EQ(quell_op_finish(&t.worker), QUELL_OK);
        } else {
            CHECK_EQ(ask(&t, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLING);
            CHECK_EQ(quell_op_fail(&t.worker, 3u), QUELL_CANCELLED);
        }
        for (i = 0; i < WAITERS; ++i) {
            const uint32_t waited_for = events[i % COUNT(events)];
            const int came = (waited_for & QUELL_EVENT_END) != 0 || way == 0 ||
                             (way == 2 && waited_for == QUELL_EVENT_REQUEST);
            join(&waiter[i], came ? QUELL_OK : QUELL_RAN);
            CHECK_EQ(waiter[i].note_seen, 7);
        }
        CHECK_EQ(quell_settle(&t.owner), QUELL_OK);
        CHECK_EQ(quell_op_retire(&t.owner), QUELL_OK);
    }
}

/* One whose time runs out does not take the others' wake-up along. */
static void some_run_out(void) {
    waiter_t patient[2], hasty[2];
    telling_t t;
    size_t i;
    running_source(&t);
    for (i = 0; i < 2; ++i) {
        begin(&hasty[i], &t, QUELL_EVENT_END, 1000);
        begin(&patient[i], &t, QUELL_EVENT_END, QUELL_FOREVER);
    }
    for (i = 0; i < 2; ++i)
        join(&hasty[i], QUELL_TIMED_OUT);
    note = 8;
    PUBLISH(&note);
    CHECK_EQ(quell_op_finish(&t.worker), QUELL_OK);
    for (i = 0; i < 2; ++i) {
        join(&patient[i], QUELL_OK);
        CHECK_EQ(patient[i].told.phase, QUELL_PHASE_FINISHED);
        CHECK_EQ(patient[i].note_seen, 8);
    }
    CHECK_EQ(quell_settle(&t.owner), QUELL_OK);
    CHECK_EQ(quell_op_retire(&t.owner), QUELL_OK);
}

static void *works_until_asked(void *argument) {
    waiter_t *self = (waiter_t *)argument;
    quell_worker_t worker;
    quell_handle_t own;
    CHECK_EQ(quell_op_start(&self->of->owner, &worker), QUELL_OK);
    CHECK_EQ(quell_worker_handle(&worker, &own), QUELL_OK);
    self->verdict = quell_wait(&own, QUELL_EVENT_REQUEST, QUELL_FOREVER, &self->told);
    CHECK_EQ(quell_worker_poll(&worker), self->told.level);
    note = 9;
    PUBLISH(&note);
    CHECK_EQ(quell_op_acknowledge(&worker, QUELL_EFFECTS_PARTIAL), QUELL_OK);
    return NULL;
}

/* A worker that sleeps until it is asked to stop, and a requester that waits for
 * what became of it. */
static void worker_and_requester(void) {
    waiter_t worker, requester;
    telling_t t;
    quell_told_t told;
    quell_status_t status;
    pending_source(&t, QUELL_MODE_DECISIVE);
    memset(&worker, 0, sizeof worker);
    worker.of = &t;
    CHECK(pthread_create(&worker.thread, NULL, works_until_asked, &worker) == 0);
    do {
        usleep(1000);
        CHECK_EQ(quell_op_status(&t.owner, &status), QUELL_OK);
    } while (status.phase != QUELL_PHASE_RUNNING);
    CHECK_EQ(quell_wait(&t.owner, QUELL_EVENT_END, 2000, &told), QUELL_TIMED_OUT);
    CHECK_EQ(ask(&t, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLING);
    begin(&requester, &t, QUELL_EVENT_END, QUELL_FOREVER);
    join(&requester, QUELL_OK);
    CHECK_EQ(requester.note_seen, 9);
    check_told(&requester.told, QUELL_EVENT_END, QUELL_PHASE_CANCELLED, QUELL_LEVEL_GRACEFUL,
               QUELL_CAUSE_USER, QUELL_EFFECTS_PARTIAL, 0);
    CHECK(pthread_join(worker.thread, NULL) == 0);
    CHECK_EQ(worker.verdict, QUELL_OK);
    check_told(&worker.told, QUELL_EVENT_REQUEST, QUELL_PHASE_RUNNING, QUELL_LEVEL_GRACEFUL,
               QUELL_CAUSE_USER, QUELL_EFFECTS_UNSTATED, 0);
    CHECK_EQ(quell_settle(&t.owner), QUELL_OK);
    CHECK_EQ(quell_op_retire(&t.owner), QUELL_OK);
}

int main(void) {
    UNCHECKED(checks_made);
    bad_input();
    happened_already();
    time_that_runs_out_cancels_nothing();
    race_12_all_waiters_wake();
    some_run_out();
    worker_and_requester();
    return check_report("wait");
}
