/*
 * Taking hooks off in every state, from everywhere: before and after they were
 * told, inside their own function, from another hook, from another thread; what
 * a hook may do to its operation, and who may free what inside it. Run under
 * AddressSanitizer and valgrind, which see a touch of what was freed.
 */
#define _GNU_SOURCE /* for usleep, in C99 */

#include <pthread.h>
#include <unistd.h>

#include "parties.h"
#include "telling.h"

static void each_state(void) {
    telling_t t;
    ear_t ear;
    running_source(&t);
    memset(&ear, 0, sizeof ear);
    CHECK_EQ(quell_hook_detach(&t.owner, &ear.hook), QUELL_NOT_FOUND);
    CHECK_EQ(quell_hook_detach_sync(&t.owner, &ear.hook), QUELL_NOT_FOUND);

    CHECK_EQ(listen(&t.owner, &ear, QUELL_EVENT_ALL), QUELL_OK);
    CHECK_EQ(quell_hook_detach(&t.owner, &ear.hook), QUELL_OK);
    CHECK_EQ(quell_hook_detach(&t.owner, &ear.hook), QUELL_NOT_FOUND);
    CHECK_EQ(listen(&t.owner, &ear, QUELL_EVENT_ALL), QUELL_OK);
    CHECK_EQ(quell_hook_detach_sync(&t.owner, &ear.hook), QUELL_OK);
    CHECK_EQ(quell_hook_detach_sync(&t.owner, &ear.hook), QUELL_NOT_FOUND);
    CHECK_EQ(ask(&t, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLING);
    CHECK_EQ(ear.calls, 0);

    /* Told of some: off. Told of all, or of all that can be: it was off. */
    CHECK_EQ(listen(&t.owner, &ear, QUELL_EVENT_RAISE | QUELL_EVENT_END), QUELL_OK);
    CHECK_EQ(ask(&t, QUELL_LEVEL_IMMEDIATE), QUELL_RAISED);
    CHECK_EQ(ear.calls, 1);
    CHECK_EQ(quell_hook_detach(&t.owner, &ear.hook), QUELL_OK);
    CHECK_EQ(listen(&t.owner, &ear, QUELL_EVENT_RAISE), QUELL_HAPPENED);
    CHECK_EQ(ask(&t, QUELL_LEVEL_EMERGENCY), QUELL_RAISED);
    CHECK_EQ(ear.calls, 1);
    CHECK_EQ(quell_hook_detach(&t.owner, &ear.hook), QUELL_RAN);
    CHECK_EQ(quell_hook_detach_sync(&t.owner, &ear.hook), QUELL_RAN);
    CHECK_EQ(quell_op_acknowledge(&t.worker, QUELL_EFFECTS_NONE), QUELL_OK);
    CHECK_EQ(ear.calls, 1);

    /* It ended without what the hook asked for. */
    running_source(&t);
    CHECK_EQ(listen(&t.owner, &ear, QUELL_EVENT_REQUEST | QUELL_EVENT_RAISE), QUELL_OK);
    CHECK_EQ(quell_op_finish(&t.worker), QUELL_OK);
    CHECK_EQ(ear.calls, 0);
    CHECK_EQ(quell_hook_detach(&t.owner, &ear.hook), QUELL_RAN);
    CHECK_EQ(quell_hook_detach_sync(&t.owner, &ear.hook), QUELL_RAN);
}

/* --- inside a hook */

typedef struct {
    quell_hook_t hook;
    telling_t *of;
    uint32_t *calls;
    int sync;
} own_t;

static void detaches_itself_and_is_freed(void *context, const quell_told_t *told) {
    own_t *self = (own_t *)context;
    const quell_handle_t owner = self->of->owner;
    ++*self->calls;
    CHECK_EQ(told->events, QUELL_EVENT_REQUEST);
    CHECK_EQ(self->sync ? quell_hook_detach_sync(&owner, &self->hook)
                        : quell_hook_detach(&owner, &self->hook),
             QUELL_RUNNING);
    memset(self, 0xA5, sizeof *self);
    free(self);
}

static void detach_inside_itself(void) {
    telling_t t;
    ear_t before, after;
    uint32_t calls = 0;
    int sync;
    for (sync = 0; sync <= 1; ++sync) {
        own_t *own = (own_t *)calloc(1, sizeof *own);
        CHECK(own != NULL);
        running_source(&t);
        own->of = &t;
        own->calls = &calls;
        own->sync = sync;
        CHECK_EQ(listen(&t.owner, &before, QUELL_EVENT_ALL), QUELL_OK);
        CHECK_EQ(quell_hook_add(&t.owner, &own->hook, detaches_itself_and_is_freed, own,
                                QUELL_EVENT_ALL, NULL),
                 QUELL_OK);
        CHECK_EQ(listen(&t.owner, &after, QUELL_EVENT_ALL), QUELL_OK);
        CHECK_EQ(ask(&t, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLING);
        CHECK_EQ(quell_op_acknowledge(&t.worker, QUELL_EFFECTS_NONE), QUELL_OK);
        CHECK_EQ(calls, (uint32_t)sync + 1u);
        CHECK(before.calls == 2 && after.calls == 2);

        /* In a function that is run by the call that adds it. */
        own = (own_t *)calloc(1, sizeof *own);
        CHECK(own != NULL);
        running_source(&t);
        CHECK_EQ(ask(&t, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLING);
        own->of = &t;
        own->calls = &calls;
        own->sync = sync;
        calls = 0;
        CHECK_EQ(quell_hook_add_and_tell(&t.owner, &own->hook, detaches_itself_and_is_freed,
                                         own, QUELL_EVENT_ALL),
                 QUELL_HAPPENED);
        CHECK_EQ(calls, 1);
        CHECK_EQ(quell_op_acknowledge(&t.worker, QUELL_EFFECTS_NONE), QUELL_OK);
        CHECK_EQ(calls, 1);
    }
}

static void adds_itself_again(void *context, const quell_told_t *told) {
    ear_t *self = (ear_t *)context;
    const quell_handle_t *owner = &((telling_t *)(void *)(self + 1))->owner;
    self->told[self->calls++] = *told;
    if (self->calls == 1u) {
        CHECK_EQ(quell_hook_add(owner, &self->hook, write_down, self, QUELL_EVENT_END, NULL),
                 QUELL_BAD_STATE);
        CHECK_EQ(quell_hook_detach(owner, &self->hook), QUELL_RUNNING);
        CHECK_EQ(quell_hook_detach(owner, &self->hook), QUELL_NOT_FOUND);
        CHECK_EQ(quell_hook_add(owner, &self->hook, write_down, self, QUELL_EVENT_END, NULL),
                 QUELL_OK);
    }
}

/* Off inside its own function, a hook is free to be added again at once. */
static void added_again_inside_itself(void) {
    struct {
        ear_t ear;
        telling_t of;
    } both;
    running_source(&both.of);
    memset(&both.ear, 0, sizeof both.ear);
    CHECK((void *)&both.of == (void *)(&both.ear + 1));
    CHECK_EQ(quell_hook_add(&both.of.owner, &both.ear.hook, adds_itself_again, &both.ear,
                            QUELL_EVENT_ALL, NULL),
             QUELL_OK);
    CHECK_EQ(ask(&both.of, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLING);
    CHECK_EQ(both.ear.calls, 1);
    CHECK_EQ(ask(&both.of, QUELL_LEVEL_IMMEDIATE), QUELL_RAISED);
    CHECK_EQ(both.ear.calls, 1);
    CHECK_EQ(quell_op_acknowledge(&both.of.worker, QUELL_EFFECTS_NONE), QUELL_OK);
    CHECK_EQ(both.ear.calls, 2);
    CHECK_EQ(both.ear.told[1].events, QUELL_EVENT_END);
}

/* Two hooks, of which the one that is told first takes the other off. */
typedef struct {
    ear_t ear;
    const quell_handle_t *owner;
    quell_hook_t *other;
    quell_verdict_t said;
} rival_t;

static void takes_the_other_off(void *context, const quell_told_t *told) {
    rival_t *self = (rival_t *)context;
    write_down(&self->ear, told);
    self->said = quell_hook_detach(self->owner, self->other);
}

/* Queued but not reached is removed. */
static void race_04_queued_counts_as_removable(void) {
    telling_t t;
    rival_t rival[2];
    int i;
    running_source(&t);
    memset(rival, 0, sizeof rival);
    for (i = 0; i < 2; ++i) {
        rival[i].owner = &t.owner;
        rival[i].other = &rival[1 - i].ear.hook;
        CHECK_EQ(quell_hook_add(&t.owner, &rival[i].ear.hook, takes_the_other_off, &rival[i],
                                QUELL_EVENT_REQUEST, NULL),
                 QUELL_OK);
    }
    CHECK_EQ(ask(&t, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLING);
    CHECK_EQ(rival[0].ear.calls + rival[1].ear.calls, 1);
    i = rival[0].ear.calls == 1u ? 0 : 1;
    CHECK_EQ(rival[i].said, QUELL_OK);
    CHECK_EQ(quell_hook_detach(&t.owner, &rival[i].ear.hook), QUELL_RAN);
    CHECK_EQ(quell_hook_detach(&t.owner, &rival[1 - i].ear.hook), QUELL_NOT_FOUND);
}

/* A hook that does to its operation what anyone may. */
typedef struct {
    ear_t ear;
    telling_t *of;
    ear_t added;
    int depth;
} meddler_t;

static void meddles(void *context, const quell_told_t *told) {
    meddler_t *self = (meddler_t *)context;
    telling_t *t = self->of;
    uint32_t happened = 0;
    write_down(&self->ear, told);
    CHECK_EQ(self->depth, 0);
    ++self->depth;
    switch (self->ear.calls) {
    case 1:
        CHECK_EQ(quell_op_poll(&t->source.op), QUELL_LEVEL_GRACEFUL);
        CHECK_EQ(ask(t, QUELL_LEVEL_GRACEFUL), QUELL_ALREADY_CANCELLING);
        CHECK_EQ(ask(t, QUELL_LEVEL_EMERGENCY), QUELL_RAISED);
        break;
    case 2:
        CHECK_EQ(quell_hook_add(&t->owner, &self->added.hook, write_down, &self->added,
                                QUELL_EVENT_ALL, &happened),
                 QUELL_HAPPENED);
        CHECK(happened != 0 && (happened & QUELL_EVENT_END) == 0);
        CHECK_EQ(quell_op_acknowledge(&t->worker, QUELL_EFFECTS_NONE), QUELL_OK);
        CHECK_EQ(self->added.calls, 0);
        break;
    default:
        break;
    }
    --self->depth;
}

/* Each event once, after the function that made it happen has returned. */
static void race_07_cancel_inside_a_hook(void) {
    telling_t t;
    meddler_t meddler;
    running_source(&t);
    memset(&meddler, 0, sizeof meddler);
    meddler.of = &t;
    CHECK_EQ(
        quell_hook_add(&t.owner, &meddler.ear.hook, meddles, &meddler, QUELL_EVENT_ALL, NULL),
        QUELL_OK);
    CHECK_EQ(ask(&t, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLING);
    CHECK_EQ(meddler.ear.calls, 3);
    CHECK_EQ(meddler.ear.told[0].events, QUELL_EVENT_REQUEST);
    CHECK_EQ(meddler.ear.told[1].events, QUELL_EVENT_RAISE);
    CHECK_EQ(meddler.ear.told[1].level, QUELL_LEVEL_EMERGENCY);
    CHECK_EQ(meddler.ear.told[2].events, QUELL_EVENT_END);
    CHECK_EQ(meddler.added.calls, 1);
    CHECK_EQ(meddler.added.told[0].events, QUELL_EVENT_END);
    CHECK_EQ(quell_op_retire(&t.owner), QUELL_OK);
}

/* --- what its last hook frees */

typedef struct {
    telling_t of;
    ear_t first;
    quell_hook_t last;
    uint32_t *ends;
} mortal_t;

static void frees_all(void *context, const quell_told_t *told) {
    mortal_t *self = (mortal_t *)context;
    CHECK_EQ(told->events, QUELL_EVENT_END);
    CHECK_EQ(self->first.calls, 1);
    ++*self->ends;
    CHECK_EQ(quell_hook_detach(&self->of.owner, &self->last), QUELL_RUNNING);
    CHECK_EQ(quell_op_retire(&self->of.owner), QUELL_OK);
    memset(self, 0xA5, sizeof *self);
    free(self);
}

/* However it ends, the call that ends it does not touch it after. */
static void race_05_the_source_dies_in_its_last_hook(void) {
    uint32_t ends = 0;
    int way;
    for (way = 0; way < 5; ++way) {
        mortal_t *m = (mortal_t *)calloc(1, sizeof *m);
        quell_worker_t worker;
        quell_handle_t owner;
        CHECK(m != NULL);
        m->ends = &ends;
        if (way == 0)
            pending_source(&m->of, QUELL_MODE_DECISIVE);
        else
            running_source(&m->of);
        CHECK_EQ(listen(&m->of.owner, &m->first, QUELL_EVENT_END), QUELL_OK);
        CHECK_EQ(quell_hook_add(&m->of.owner, &m->last, frees_all, m, QUELL_EVENT_END, NULL),
                 QUELL_OK);
        /* What is handed to the call is not in what it frees. */
        worker = m->of.worker;
        owner = m->of.owner;
        if (way == 0)
            CHECK_EQ(quell_cancel(&owner, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL),
                     QUELL_CANCELLED);
        else if (way == 1)
            CHECK_EQ(quell_op_finish(&worker), QUELL_OK);
        else if (way == 2)
            CHECK_EQ(quell_op_fail(&worker, 7u), QUELL_OK);
        else if (way == 3)
            CHECK_EQ(quell_op_acknowledge(&worker, QUELL_EFFECTS_NONE), QUELL_OK);
        else
            CHECK_EQ(quell_op_force(&owner, 7u), QUELL_OK);
        CHECK_EQ(ends, (uint32_t)way + 1u);
    }
}

/* --- from another thread */

typedef struct {
    quell_hook_t hook;
    uint32_t entered, released;
    unsigned written;
} slow_t;

static void takes_its_time(void *context, const quell_told_t *told) {
    slow_t *self = (slow_t *)context;
    (void)told;
    STORE(&self->entered, 1u);
    while (!LOAD(&self->released))
        usleep(100);
    self->written = 42;
    PUBLISH(self);
}

static void *asks(void *of) {
    CHECK_EQ(ask((const telling_t *)of, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLING);
    return NULL;
}

static void *releases(void *slow) {
    usleep(5000);
    STORE(&((slow_t *)slow)->released, 1u);
    return NULL;
}

static void from_another_thread(void) {
    static const uint32_t events[] = {QUELL_EVENT_REQUEST, QUELL_EVENT_ALL};
    static const quell_verdict_t last[] = {QUELL_RAN, QUELL_OK};
    size_t i;
    for (i = 0; i < COUNT(events); ++i) {
        static telling_t t;
        static slow_t slow;
        pthread_t asking, releasing;
        running_source(&t);
        memset(&slow, 0, sizeof slow);
        UNCHECKED(slow.entered);
        UNCHECKED(slow.released);
        CHECK_EQ(quell_hook_add(&t.owner, &slow.hook, takes_its_time, &slow, events[i], NULL),
                 QUELL_OK);
        CHECK(pthread_create(&asking, NULL, asks, &t) == 0);
        while (!LOAD(&slow.entered))
            usleep(100);
        CHECK_EQ(quell_hook_detach(&t.owner, &slow.hook), QUELL_RUNNING);
        CHECK_EQ(quell_hook_detach(&t.owner, &slow.hook), QUELL_RUNNING);
        CHECK(pthread_create(&releasing, NULL, releases, &slow) == 0);
        CHECK_EQ(quell_hook_detach_sync(&t.owner, &slow.hook), last[i]);
        SEEN_AFTER(&slow);
        CHECK_EQ(slow.written, 42);
        CHECK(pthread_join(asking, NULL) == 0);
        CHECK(pthread_join(releasing, NULL) == 0);
    }
}

int main(void) {
    UNCHECKED(checks_made);
    each_state();
    detach_inside_itself();
    added_again_inside_itself();
    race_04_queued_counts_as_removable();
    race_07_cancel_inside_a_hook();
    race_05_the_source_dies_in_its_last_hook();
    from_another_thread();
    return check_report("detach");
}
