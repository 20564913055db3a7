/*
 * quell_cancel_from_isr from a real signal handler, told by quell_drain on a
 * thread of its own.
 *
 *   interrupt_form [ROUNDS]
 *
 * In each round the first thread arms a source, adds hooks, works and ends it,
 * while a timer's signal interrupts it anywhere in that, inside quell too, and
 * cancels. The pipe that the pend function writes to wakes the drainer. What the
 * handler was told is held against the outcome (both: it was promised a
 * cancellation, and the work stands; neither: it was told that the work stands,
 * and it was cancelled), and every hook is to have heard each thing once.
 *
 * The signal is blocked on the drainer, so that what it interrupts is the work.
 * Its instant creeps to where both sides win.
 */
#define _GNU_SOURCE /* for timers, and the processor that a thread runs on */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "parties.h"
#include "telling.h"

#define HOOKS 3
#define NOT_YET UINT32_MAX
#define OWN_CODE 77u

static int pipe_of_drain[2];
static int closing;
static timer_t timer;

/* What the handler works on, and what it was told. */
static quell_handle_t canceller;
static volatile uint32_t told;
static volatile quell_level_t level;
static volatile uint32_t pended, drained;

/* One hook: counted by whoever runs it, read by the first thread after it has
 * settled. */
typedef struct {
    quell_hook_t hook;
    uint32_t requests, raises, ends, wrong;
    quell_level_t highest;
    quell_phase_t phase;
} count_t;

static count_t counts[HOOKS];
static count_t passer_by;

static void pend(void) {
    const char one = 1;
    const int kept = errno;
    ++pended;
    while (write(pipe_of_drain[1], &one, 1) < 0 && errno == EINTR) {
    }
    errno = kept;
}

static void handler(int number) {
    (void)number;
    told = quell_cancel_from_isr(&canceller, level, QUELL_CAUSE_USER, NULL);
}

static void *drains(void *unused) {
    char some[16];
    (void)unused;
    while (!LOAD(&closing)) {
        const ssize_t got = read(pipe_of_drain[0], some, sizeof some);
        if (got > 0) {
            quell_drain();
            STORE(&drained, drained + 1u);
        }
    }
    return NULL;
}

static void counts_once(void *context, const quell_told_t *now) {
    count_t *self = (count_t *)context;
    SEEN_AFTER(self);
    self->requests += (now->events & QUELL_EVENT_REQUEST) != 0 ? 1u : 0u;
    self->raises += (now->events & QUELL_EVENT_RAISE) != 0 ? 1u : 0u;
    self->highest = now->level;
    /* Long enough to be interrupted in. */
    wait_before_deciding(now->events == QUELL_EVENT_REQUEST ? 200u : 0u);
    if ((now->events & QUELL_EVENT_END) != 0) {
        ++self->ends;
        self->phase = now->phase;
    }
    PUBLISH(self);
}

static void interrupt_after_ns(uint32_t delay) {
    struct itimerspec once;
    memset(&once, 0, sizeof once);
    once.it_value.tv_nsec = (long)delay + 1;
    CHECK(timer_settime(timer, 0, &once, NULL) == 0);
}

/* ThreadSanitizer and valgrind put a signal off to the next call that may block:
 * this is one. Elsewhere it comes at any instruction. */
static void let_it_come(void) { CHECK(poll(NULL, 0, 0) >= -1); }

/* ASK: the first thread asks as well, and the signal for more. */
typedef enum { FINISH, COMMIT, FAIL, ASK, PLANS } plan_t;

/* A raise that comes while the hooks are told of the request, and is not left to
 * the drain, is told before that call returns. */
static void ask_as_well(const quell_handle_t *owner) {
    const uint32_t before = pended;
    int i;
    (void)quell_cancel(owner, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL);
    if (told == QUELL_RAISED && pended == before)
        for (i = 0; i < HOOKS; ++i)
            counts[i].wrong += counts[i].highest != level ? 1u : 0u;
}

/* The worker's part; the verdict of its decisive call. */
static quell_verdict_t work(const quell_handle_t *owner, plan_t plan) {
    quell_worker_t worker;
    quell_verdict_t verdict = quell_op_start(owner, &worker);
    if (verdict != QUELL_OK)
        return verdict;
    let_it_come();
    if (plan == ASK)
        ask_as_well(owner);
    if (plan == FAIL)
        return quell_op_fail(&worker, OWN_CODE);
    if (plan == COMMIT) {
        verdict = quell_op_commit(&worker);
        if (verdict == QUELL_OK) {
            CHECK_EQ(quell_op_finish(&worker), QUELL_OK);
            return verdict;
        }
    } else {
        verdict = quell_op_finish(&worker);
    }
    if (verdict == QUELL_CANCELLING)
        CHECK_EQ(quell_op_acknowledge(&worker, QUELL_EFFECTS_PARTIAL), QUELL_OK);
    return verdict;
}

typedef struct {
    unsigned long cancelled, stood, never_started, both, neither, wrong;
} tally_t;

static void judge(quell_verdict_t worker, plan_t plan, const quell_status_t *end,
                  tally_t *tally) {
    const int cancelled = end->phase == QUELL_PHASE_CANCELLED;
    const int promised = plan == ASK || told == QUELL_CANCELLED || told == QUELL_CANCELLING;
    int i;
    tally->cancelled += cancelled ? 1u : 0u;
    tally->stood += cancelled ? 0u : 1u;
    tally->never_started += told == QUELL_CANCELLED ? 1u : 0u;
    tally->both += promised && !cancelled ? 1u : 0u;
    tally->neither += !promised && cancelled ? 1u : 0u;
    tally->wrong +=
        promised != (worker == QUELL_CANCELLING || worker == QUELL_CANCELLED) ? 1u : 0u;
    for (i = 0; i < HOOKS; ++i) {
        const count_t *count = &counts[i];
        SEEN_AFTER(count);
        tally->wrong += count->requests != (promised ? 1u : 0u) ? 1u : 0u;
        /* A request that was raised before it was told is told as one. */
        tally->wrong += count->raises > (told == QUELL_RAISED ? 1u : 0u) ? 1u : 0u;
        tally->wrong += told == QUELL_RAISED && count->highest != level ? 1u : 0u;
        tally->wrong += count->ends != 1u || count->phase != end->phase ? 1u : 0u;
        tally->wrong += count->wrong;
    }
}

static void round_of(quell_source_t *source, plan_t plan, skew_t *skew, tally_t *tally) {
    quell_handle_t owner;
    quell_status_t end;
    quell_verdict_t worker;
    uint32_t spins = 0;
    int i;
    CHECK_EQ(quell_source_arm(source, QUELL_MODE_DECISIVE, &owner), QUELL_OK);
    canceller = owner;
    told = NOT_YET;
    level = plan == ASK ? QUELL_LEVEL_IMMEDIATE : QUELL_LEVEL_GRACEFUL;
    memset(counts, 0, sizeof counts);
    for (i = 0; i < HOOKS; ++i)
        PUBLISH(&counts[i]);
    for (i = 0; i < HOOKS - 1; ++i)
        CHECK_EQ(quell_hook_add(&owner, &counts[i].hook, counts_once, &counts[i],
                                QUELL_EVENT_ALL, NULL),
                 QUELL_OK);
    interrupt_after_ns(skew->wait * 32u);
    /* The last hook comes when it may have happened already, and one that is
     * taken off again keeps the list busy. */
    (void)quell_hook_add_and_tell(&owner, &counts[i].hook, counts_once, &counts[i],
                                  QUELL_EVENT_ALL);
    (void)quell_hook_add(&owner, &passer_by.hook, counts_once, &passer_by, QUELL_EVENT_ALL,
                         NULL);
    let_it_come();
    worker = work(&owner, plan);
    CHECK(quell_hook_detach_sync(&owner, &passer_by.hook) != QUELL_RUNNING);
    while (told == NOT_YET) {
        let_it_come();
        pause_for(&spins);
    }
    CHECK_EQ(quell_settle(&owner), QUELL_OK);
    /* The very last hook that is told is waited for by name. */
    for (i = 0; i < HOOKS; ++i)
        CHECK_EQ(quell_hook_detach_sync(&owner, &counts[i].hook), QUELL_RAN);
    CHECK_EQ(quell_op_status(&owner, &end), QUELL_OK);
    judge(worker, plan, &end, tally);
    adapt(skew,
          plan == ASK ? told != QUELL_ALREADY_CANCELLED : end.phase == QUELL_PHASE_CANCELLED);
    CHECK_EQ(quell_op_retire(&owner), QUELL_OK);
}

int main(int argc, char **argv) {
    const unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000u;
    static quell_source_t source = QUELL_SOURCE_INIT;
    tally_t tally = {0, 0, 0, 0, 0, 0};
    skew_t skew[PLANS];
    struct sigaction action;
    sigset_t alarm;
    pthread_t drainer;
    unsigned long round;
    const char last = 0;
    CHECK(rounds >= 100u);
    UNCHECKED(checks_made);
    UNCHECKED(closing);
    UNCHECKED(drained);
    /* Hooks' storage is quell's, and atomic. */
    UNCHECKED(passer_by);
    for (round = 0; round < HOOKS; ++round)
        UNCHECKED(counts[round].hook);
    choose_processors();
    run_on(pthread_self(), first_processor);
    CHECK(pipe(pipe_of_drain) == 0);
    CHECK(sigemptyset(&alarm) == 0 && sigaddset(&alarm, SIGALRM) == 0);
    CHECK(pthread_sigmask(SIG_BLOCK, &alarm, NULL) == 0);
    CHECK(pthread_create(&drainer, NULL, drains, NULL) == 0);
    run_on(drainer, other_processor);
    CHECK(pthread_sigmask(SIG_UNBLOCK, &alarm, NULL) == 0);
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    CHECK(timer_create(CLOCK_MONOTONIC, NULL, &timer) == 0);
    quell_set_pend_drain(pend);

    memset(skew, 0, sizeof skew);
    for (round = 0; round < rounds; ++round)
        round_of(&source, (plan_t)(round % PLANS), &skew[round % PLANS], &tally);

    STORE(&closing, 1);
    CHECK(write(pipe_of_drain[1], &last, 1) == 1);
    CHECK(pthread_join(drainer, NULL) == 0);
    CHECK(timer_delete(timer) == 0);
    quell_set_pend_drain(NULL);
    printf("interrupt_form: %lu rounds: %lu cancelled (%lu before the start), %lu not; %u left "
           "to the drain; both %lu, neither %lu, otherwise wrong %lu\n",
           rounds, tally.cancelled, tally.never_started, tally.stood, (unsigned)pended,
           tally.both, tally.neither, tally.wrong);
    CHECK(tally.both == 0 && tally.neither == 0 && tally.wrong == 0);
    CHECK(tally.cancelled >= rounds / 1000u && tally.stood >= rounds / 1000u);
    CHECK(pended > 0 && LOAD(&drained) > 0);
    return check_report("interrupt_form");
}
