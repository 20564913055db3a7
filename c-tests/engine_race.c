/*
 * Races around hooks, scopes and waiting, round after round, by the numbers that
 * they have in the list of what others got wrong:
 *
 *    4  a hook is taken off while it is told; two hooks take each other off
 *    5  the source dies in its last hook
 *    7  a cancel inside a hook, while two others ask
 *    8  a child is added while its parent is cancelled; others leave
 *   12  many wait, and the time of one runs out
 *
 *   engine_race [ROUNDS]    of each
 *
 * Hooks write plain memory, which is read after detach_sync or wait: that these
 * order it is for ThreadSanitizer to see. Each race has two sides; the program
 * fails if one of them won less than one round in a thousand.
 */
#define _GNU_SOURCE /* for the processor that a thread runs on */

#include "rounds.h"
#include "telling.h"

static telling_t t;
static quell_verdict_t told[OTHERS + 1];
static quell_told_t seen[OTHERS + 1];
static uint64_t note, note_seen[OTHERS + 1];

static void arm(telling_t *source) {
    CHECK_EQ(quell_source_arm(&source->source, QUELL_MODE_DECISIVE, &source->owner), QUELL_OK);
    CHECK_EQ(quell_op_start(&source->owner, &source->worker), QUELL_OK);
}

static void end(telling_t *source) {
    CHECK_EQ(quell_op_acknowledge(&source->worker, QUELL_EFFECTS_NONE), QUELL_OK);
    CHECK_EQ(quell_settle(&source->owner), QUELL_OK);
    CHECK_EQ(quell_op_retire(&source->owner), QUELL_OK);
}

/* --- 4: a hook is taken off while it is told */

typedef struct {
    quell_hook_t hook;
    uint32_t calls;
    uint64_t round;
} noting_t;

static noting_t noting[2];
static unsigned long told_running;

static void notes(void *context, const quell_told_t *now) {
    noting_t *self = (noting_t *)context;
    (void)now;
    ++self->calls;
    wait_before_deciding(self->round % 16u == 0 ? LONGEST_WAIT : 50u);
    note = self->round;
    PUBLISH(&note);
}

static void prepare_detach(uint64_t round) {
    memset(&noting[0], 0, sizeof noting[0]);
    noting[0].round = round;
    arm(&t);
    CHECK_EQ(
        quell_hook_add(&t.owner, &noting[0].hook, notes, &noting[0], QUELL_EVENT_REQUEST, NULL),
        QUELL_OK);
}

static void detach(uint64_t round, uint32_t wait) {
    wait_before_deciding(wait);
    if (round % 2u == 0)
        told[0] = quell_hook_detach(&t.owner, &noting[0].hook);
    else
        told[0] = quell_hook_detach_sync(&t.owner, &noting[0].hook);
    if (told[0] == QUELL_RUNNING && round % 2u == 0) {
        ++told_running;
        told[0] = quell_hook_detach_sync(&t.owner, &noting[0].hook);
        WRONG_UNLESS(told[0] == QUELL_RAN);
    }
    SEEN_AFTER(&note);
    note_seen[0] = told[0] == QUELL_RAN ? note : 0;
}

static void cancel(uint64_t round, int which) {
    (void)round;
    told[which + 1] = ask(&t, QUELL_LEVEL_GRACEFUL);
}

static int judge_detach(uint64_t round) {
    const int removed = told[0] == QUELL_OK;
    WRONG_UNLESS(removed || told[0] == QUELL_RAN);
    WRONG_UNLESS(noting[0].calls == (removed ? 0u : 1u));
    WRONG_UNLESS(note_seen[0] == (removed ? 0 : round));
    WRONG_UNLESS(told[1] == QUELL_CANCELLING);
    end(&t);
    return removed;
}

/* --- 4: two hooks take each other off */

typedef struct {
    quell_hook_t hook;
    telling_t of;
    uint32_t calls;
    quell_verdict_t said;
} duel_t;

static duel_t duel[2];

static void takes_the_other_off(void *context, const quell_told_t *now) {
    duel_t *self = (duel_t *)context, *other = self == &duel[0] ? &duel[1] : &duel[0];
    (void)now;
    ++self->calls;
    self->said = quell_hook_detach(&other->of.owner, &other->hook);
}

static void prepare_duel(uint64_t round) {
    int i;
    (void)round;
    for (i = 0; i < 2; ++i) {
        duel[i].calls = 0;
        duel[i].said = QUELL_INVALID;
        arm(&duel[i].of);
        CHECK_EQ(quell_hook_add(&duel[i].of.owner, &duel[i].hook, takes_the_other_off, &duel[i],
                                QUELL_EVENT_REQUEST, NULL),
                 QUELL_OK);
    }
}

static void first_of_duel(uint64_t round, uint32_t wait) {
    (void)round;
    wait_before_deciding(wait);
    told[0] = ask(&duel[0].of, QUELL_LEVEL_GRACEFUL);
}

static void other_of_duel(uint64_t round, int which) {
    (void)round;
    told[which + 1] = ask(&duel[1].of, QUELL_LEVEL_GRACEFUL);
}

static int judge_duel(uint64_t round) {
    int i;
    (void)round;
    WRONG_UNLESS(duel[0].calls + duel[1].calls > 0);
    for (i = 0; i < 2; ++i) {
        const duel_t *self = &duel[i], *other = &duel[1 - i];
        WRONG_UNLESS(told[i] == QUELL_CANCELLING);
        /* Removed is not told, and what is told was not removed. */
        WRONG_UNLESS(self->calls == (other->said == QUELL_OK ? 0u : 1u));
        WRONG_UNLESS(self->calls == 0 || self->said == QUELL_OK ||
                     self->said == QUELL_RUNNING || self->said == QUELL_RAN);
    }
    for (i = 0; i < 2; ++i)
        end(&duel[i].of);
    return duel[0].calls == duel[1].calls ? NEUTRAL : (int)duel[0].calls;
}

/* --- 5: the source dies in its last hook */

typedef struct {
    quell_source_t source;
    quell_hook_t hook;
    quell_handle_t owner;
    uint32_t held_by;
} mortal_t;

static mortal_t *mortal;
static quell_handle_t of_mortal;
static quell_worker_t worker_of_mortal;
static uint32_t deaths, died_in_hook, ends_told;

/* Whoever lets go last frees it. */
static int let_go(mortal_t *m) {
    if (__atomic_sub_fetch(&m->held_by, 1u, __ATOMIC_ACQ_REL) != 0) {
        PUBLISH(m);
        return 0;
    }
    SEEN_AFTER(m);
    {
        const quell_handle_t owner = m->owner;
        while (quell_op_retire(&owner) == QUELL_BUSY)
            (void)quell_settle(&owner);
    }
    memset(m, 0xA5, sizeof *m);
    free(m);
    STORE(&deaths, deaths + 1u);
    return 1;
}

static void dies(void *context, const quell_told_t *now) {
    mortal_t *self = (mortal_t *)context;
    ends_told += now->events == QUELL_EVENT_END ? 1u : 0u;
    WRONG_UNLESS(quell_hook_detach(&self->owner, &self->hook) == QUELL_RUNNING);
    died_in_hook = let_go(self) ? 1u : 0u;
}

static void prepare_death(uint64_t round) {
    mortal_t *m = (mortal_t *)calloc(1, sizeof *m);
    (void)round;
    CHECK(m != NULL);
    UNCHECKED(m->held_by);
    m->held_by = 2;
    deaths = died_in_hook = ends_told = 0;
    CHECK_EQ(quell_source_arm(&m->source, QUELL_MODE_DECISIVE, &m->owner), QUELL_OK);
    CHECK_EQ(quell_op_start(&m->owner, &worker_of_mortal), QUELL_OK);
    CHECK_EQ(quell_hook_add(&m->owner, &m->hook, dies, m, QUELL_EVENT_END, NULL), QUELL_OK);
    of_mortal = m->owner;
    mortal = m;
}

static void finish_or_undo(uint64_t round, uint32_t wait) {
    (void)round;
    wait_before_deciding(wait);
    told[0] = quell_op_finish(&worker_of_mortal);
    if (told[0] == QUELL_CANCELLING)
        WRONG_UNLESS(quell_op_acknowledge(&worker_of_mortal, QUELL_EFFECTS_NONE) == QUELL_OK);
}

static void cancel_once(uint64_t round, int which) {
    (void)round;
    told[which + 1] = quell_cancel(&of_mortal, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL);
    (void)let_go(mortal);
}

static int judge_death(uint64_t round) {
    (void)round;
    WRONG_UNLESS(deaths == 1u && ends_told == 1u);
    WRONG_UNLESS((told[0] == QUELL_CANCELLING && told[1] == QUELL_CANCELLING) ||
                 (told[0] == QUELL_OK && told[1] == QUELL_FINISHED));
    return !died_in_hook;
}

/* --- 7: a cancel inside a hook, while two others ask and a third ends it */

static ear_t loud;
static uint32_t inside;
static quell_verdict_t raised_inside;

static void asks_for_more(void *context, const quell_told_t *now) {
    ear_t *self = (ear_t *)context;
    SEEN_AFTER(self);
    WRONG_UNLESS(inside == 0);
    inside = 1;
    if (self->calls < NOTES)
        self->told[self->calls++] = *now;
    if ((now->events & QUELL_EVENT_REQUEST) != 0)
        raised_inside = ask(&t, QUELL_LEVEL_EMERGENCY);
    inside = 0;
    PUBLISH(self);
}

static void prepare_loud(uint64_t round) {
    (void)round;
    memset(&loud, 0, sizeof loud);
    arm(&t);
    CHECK_EQ(quell_hook_add(&t.owner, &loud.hook, asks_for_more, &loud, QUELL_EVENT_ALL, NULL),
             QUELL_OK);
}

static void ask_softly(uint64_t round, uint32_t wait) {
    (void)round;
    wait_before_deciding(wait);
    told[0] = ask(&t, QUELL_LEVEL_GRACEFUL);
}

static void ask_or_end(uint64_t round, int which) {
    uint32_t spins = 0;
    (void)round;
    if (which == 0) {
        told[1] = ask(&t, QUELL_LEVEL_IMMEDIATE);
        return;
    }
    while (quell_worker_poll(&t.worker) == QUELL_LEVEL_NONE)
        pause_for(&spins);
    told[2] = quell_op_acknowledge(&t.worker, QUELL_EFFECTS_NONE);
}

static int judge_loud(uint64_t round) {
    quell_level_t level = QUELL_LEVEL_NONE;
    uint32_t i, requests = 0, ends = 0;
    (void)round;
    CHECK_EQ(quell_settle(&t.owner), QUELL_OK);
    WRONG_UNLESS(quell_hook_detach_sync(&t.owner, &loud.hook) == QUELL_RAN);
    SEEN_AFTER(&loud);
    for (i = 0; i < loud.calls; ++i) {
        const quell_told_t *now = &loud.told[i];
        requests += (now->events & QUELL_EVENT_REQUEST) != 0 ? 1u : 0u;
        ends += (now->events & QUELL_EVENT_END) != 0 ? 1u : 0u;
        WRONG_UNLESS(now->level > level || now->events == QUELL_EVENT_END);
        WRONG_UNLESS(ends == 0 || i == loud.calls - 1u);
        level = now->level;
    }
    WRONG_UNLESS(requests == 1u && ends == 1u && told[2] == QUELL_OK);
    WRONG_UNLESS(raised_inside != QUELL_RAISED || level == QUELL_LEVEL_EMERGENCY);
    WRONG_UNLESS(raised_inside == QUELL_RAISED || raised_inside == QUELL_ALREADY_CANCELLED);
    CHECK_EQ(quell_op_retire(&t.owner), QUELL_OK);
    /* A request that came second and was the higher one may be told with it. */
    return told[0] == QUELL_CANCELLING;
}

/* --- 8: a child is added while its parent is cancelled; another one leaves */

static quell_scope_t parent, child[2];
static ear_t ear_of[2];
static quell_level_t at_once[2];

static void hears(void *ear, const quell_told_t *now) {
    SEEN_AFTER(ear);
    write_down(ear, now);
    PUBLISH(ear);
}

static void join(int which) {
    quell_handle_t handle;
    memset(&ear_of[which], 0, sizeof ear_of[which]);
    PUBLISH(&ear_of[which]);
    WRONG_UNLESS(quell_scope_open(&child[which], &parent) == QUELL_OK);
    at_once[which] = quell_scope_poll(&child[which]);
    WRONG_UNLESS(quell_scope_handle(&child[which], QUELL_RIGHT_OBSERVE, &handle) == QUELL_OK);
    (void)quell_hook_add_and_tell(&handle, &ear_of[which].hook, hears, &ear_of[which],
                                  QUELL_EVENT_ALL);
}

/* Leaves, and checks what it was told till then; 1 where it was asked. */
static uint32_t leave(int which) {
    ear_t *ear = &ear_of[which];
    quell_handle_t handle;
    uint32_t i, requests = 0, ends = 0;
    (void)quell_scope_handle(&child[which], QUELL_RIGHT_OBSERVE, &handle);
    WRONG_UNLESS(quell_scope_close(&child[which]) == QUELL_OK);
    WRONG_UNLESS(quell_hook_detach_sync(&handle, &ear->hook) == QUELL_RAN);
    SEEN_AFTER(ear);
    for (i = 0; i < ear->calls; ++i) {
        requests += (ear->told[i].events & QUELL_EVENT_REQUEST) != 0 ? 1u : 0u;
        ends += (ear->told[i].events & QUELL_EVENT_END) != 0 ? 1u : 0u;
        WRONG_UNLESS(requests == 0 || ear->told[i].cause == QUELL_CAUSE_PARENT);
    }
    WRONG_UNLESS(ends == 1u && requests <= 1u);
    WRONG_UNLESS(at_once[which] == QUELL_LEVEL_NONE || requests == 1u);
    return requests;
}

static void prepare_join(uint64_t round) {
    (void)round;
    CHECK_EQ(quell_scope_open(&parent, NULL), QUELL_OK);
}

static void join_late(uint64_t round, uint32_t wait) {
    (void)round;
    wait_before_deciding(wait);
    join(0);
}

static void cancel_or_visit(uint64_t round, int which) {
    (void)round;
    if (which == 0) {
        told[1] = quell_scope_cancel(&parent, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_USER);
        return;
    }
    join(1);
    (void)leave(1);
}

static int judge_join(uint64_t round) {
    (void)round;
    WRONG_UNLESS(told[1] == QUELL_CANCELLING);
    WRONG_UNLESS(quell_scope_poll(&child[0]) == QUELL_LEVEL_IMMEDIATE);
    WRONG_UNLESS(leave(0) == 1u);
    CHECK_EQ(quell_scope_close(&parent), QUELL_OK);
    return at_once[0] == QUELL_LEVEL_NONE;
}

/* --- 12: many wait, and the time of one runs out */

/* In microseconds; what a race waits is this one's patience. */
static uint32_t limit;

static void prepare_wait(uint64_t round) {
    (void)round;
    arm(&t);
}

static void finish(uint64_t round, uint32_t wait) {
    int i;
    STORE(&limit, wait / 4u);
    for (i = 0; i < 8; ++i)
        wait_before_deciding(LONGEST_WAIT);
    note = round;
    PUBLISH(&note);
    told[0] = quell_op_finish(&t.worker);
}

static void wait_for_the_end(uint64_t round, int which) {
    const uint64_t patience = which == 0 ? QUELL_FOREVER : (uint64_t)LOAD(&limit);
    (void)round;
    told[which + 1] = quell_wait(&t.owner, QUELL_EVENT_END, patience, &seen[which + 1]);
    SEEN_AFTER(&note);
    note_seen[which + 1] = told[which + 1] == QUELL_OK ? note : 0;
}

static int judge_wait(uint64_t round) {
    const int ran_out = told[2] == QUELL_TIMED_OUT;
    WRONG_UNLESS(told[0] == QUELL_OK && told[1] == QUELL_OK);
    WRONG_UNLESS(seen[1].phase == QUELL_PHASE_FINISHED && note_seen[1] == round);
    if (ran_out)
        WRONG_UNLESS(is_nothing_told(&seen[2]));
    else
        WRONG_UNLESS(told[2] == QUELL_OK && seen[2].phase == QUELL_PHASE_FINISHED &&
                     note_seen[2] == round);
    CHECK_EQ(quell_settle(&t.owner), QUELL_OK);
    CHECK_EQ(quell_op_retire(&t.owner), QUELL_OK);
    return ran_out;
}

static const race_t races[] = {
    {"4, detach", {"told", "removed"}, 1, prepare_detach, detach, cancel, judge_detach},
    {"4, duel", {"b", "a"}, 1, prepare_duel, first_of_duel, other_of_duel, judge_duel},
    {"5, death",
     {"in it", "outside"},
     1,
     prepare_death,
     finish_or_undo,
     cancel_once,
     judge_death},
    {"7, inside", {"high", "low"}, 2, prepare_loud, ask_softly, ask_or_end, judge_loud},
    {"8, child", {"at once", "later"}, 2, prepare_join, join_late, cancel_or_visit, judge_join},
    {"12, waiters",
     {"woken", "ran out"},
     2,
     prepare_wait,
     finish,
     wait_for_the_end,
     judge_wait},
};

int main(int argc, char **argv) {
    const uint64_t rounds = argc > 1 ? strtoull(argv[1], NULL, 10) : 20000u;
    size_t i;
    CHECK(rounds >= 1000u);
    UNCHECKED(limit);
    UNCHECKED(deaths);
    begin_races();
    for (i = 0; i < COUNT(races); ++i)
        run_race(&races[i], rounds);
    /* A detach has met the hook's function running. */
    CHECK(told_running > 0);
    return check_report("engine_race");
}
