/*
 * Scopes: bad input, what a scope is told by its parents, what a hook may do to
 * the tree, and trees so deep that a walk by recursion would not come back.
 * scope_orders.c has every order of the calls.
 *
 *   scope [LEVELS [CHILDREN]]
 */
#define _GNU_SOURCE /* for the stack of a thread */

#include <limits.h>
#include <pthread.h>

#include "telling.h"

#define STACK (64u * 1024u)

static void bad_input(void) {
    static const uint32_t no_number[] = {0, 16, 0x100, 0x80000001u, 0xFFFFFFFFu};
    quell_scope_t scope[2] = {QUELL_SCOPE_INIT, QUELL_SCOPE_INIT};
    quell_scope_t parent = QUELL_SCOPE_INIT;
    quell_handle_t of_parent, handle, none = {NULL, NULL, 0};
    quell_handle_t spare[2];
    size_t i;
    CHECK_EQ(quell_scope_open(&parent, NULL), QUELL_OK);
    CHECK_EQ(quell_scope_handle(&parent, QUELL_RIGHT_CANCEL, &of_parent), QUELL_OK);
    for (i = 0; i < 2; ++i) {
        quell_scope_t *bad = i == 0 ? NULL : MISALIGNED(quell_scope_t, scope[0]);
        quell_handle_t *nowhere = i == 0 ? NULL : MISALIGNED(quell_handle_t, spare[0]);
        LEAVES(scope, quell_scope_open(bad, NULL), QUELL_INVALID);
        LEAVES(scope, quell_scope_open(bad, &parent), QUELL_INVALID);
        LEAVES(scope, quell_scope_open_below(bad, &of_parent, 0), QUELL_INVALID);
        LEAVES(scope, quell_scope_open_below(&scope[0], nowhere, 0), QUELL_INVALID);
        LEAVES(scope, quell_scope_shield(bad, 1), QUELL_INVALID);
        LEAVES(scope, quell_scope_cancel(bad, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER),
               QUELL_INVALID);
        LEAVES(scope, quell_scope_close(bad), QUELL_INVALID);
        CHECK_EQ(quell_scope_poll(bad), QUELL_LEVEL_NONE);
        memset(&handle, 0xAA, sizeof handle);
        CHECK_EQ(quell_scope_handle(bad, QUELL_RIGHT_CANCEL, &handle), QUELL_INVALID);
        CHECK(is_no_handle(&handle));
        CHECK_EQ(quell_scope_handle(&parent, QUELL_RIGHT_CANCEL, nowhere), QUELL_INVALID);
    }
    LEAVES(scope, quell_scope_open(&scope[0], MISALIGNED(quell_scope_t, scope[1])),
           QUELL_INVALID);
    LEAVES(scope, quell_scope_open_below(&scope[0], &none, 0), QUELL_INVALID);
    for (i = 0; i < COUNT(no_number); ++i) {
        LEAVES(parent, quell_scope_cancel(&parent, QUELL_LEVEL_GRACEFUL, no_number[i]),
               QUELL_INVALID);
        LEAVES(parent, quell_scope_cancel(&parent, no_number[i], QUELL_CAUSE_USER),
               QUELL_INVALID);
    }
    for (i = 0; i < 2; ++i) {
        static const uint32_t no_right[] = {QUELL_RIGHT_WORK, QUELL_RIGHT_ALL};
        memset(&handle, 0xAA, sizeof handle);
        CHECK_EQ(quell_scope_handle(&parent, no_right[i], &handle), QUELL_INVALID);
        CHECK(is_no_handle(&handle));
    }
    CHECK_EQ(quell_scope_close(&parent), QUELL_OK);
}

/* Closed scopes, parents that are none, and what is done twice. */
static void bad_states(void) {
    quell_scope_t scope = QUELL_SCOPE_INIT, closed = QUELL_SCOPE_INIT;
    quell_source_t source = QUELL_SOURCE_INIT;
    quell_op_t plain = QUELL_OP_INIT;
    quell_handle_t handle, stale;
    CHECK_EQ(quell_scope_close(&scope), QUELL_BAD_STATE);
    CHECK_EQ(quell_scope_shield(&scope, 1), QUELL_BAD_STATE);
    CHECK_EQ(quell_scope_cancel(&scope, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER),
             QUELL_BAD_STATE);
    CHECK_EQ(quell_scope_poll(&scope), QUELL_LEVEL_NONE);
    CHECK_EQ(quell_scope_open(&scope, &closed), QUELL_BAD_STATE);
    CHECK_EQ(quell_scope_open(&scope, &scope), QUELL_BAD_STATE);
    CHECK_EQ(quell_source_open(&scope.source, QUELL_RIGHT_CANCEL, &handle), QUELL_OK);
    CHECK_EQ(quell_scope_open_below(&scope, &handle, 0), QUELL_BAD_STATE);
    CHECK_EQ(quell_scope_close(&scope), QUELL_BAD_STATE);

    CHECK_EQ(quell_op_arm(&plain, QUELL_MODE_DECISIVE, &handle), QUELL_OK);
    CHECK_EQ(quell_scope_open_below(&scope, &handle, 0), QUELL_UNSUPPORTED);
    CHECK_EQ(quell_source_open(&source, QUELL_RIGHT_OBSERVE, &handle), QUELL_OK);
    CHECK_EQ(quell_scope_open_below(&scope, &handle, 0), QUELL_BAD_STATE);
    CHECK_EQ(quell_source_arm(&source, QUELL_MODE_DECISIVE, &stale), QUELL_OK);
    CHECK_EQ(quell_op_force(&stale, 5u), QUELL_OK);
    CHECK_EQ(quell_scope_open_below(&scope, &stale, 0), QUELL_BAD_STATE);
    CHECK_EQ(quell_op_retire(&stale), QUELL_OK);
    CHECK_EQ(quell_scope_open_below(&scope, &stale, 0), QUELL_STALE);

    CHECK_EQ(quell_scope_open(&scope, NULL), QUELL_OK);
    CHECK_EQ(quell_scope_open(&scope, NULL), QUELL_BAD_STATE);
    CHECK_EQ(quell_scope_open(&closed, &scope), QUELL_OK);
    CHECK_EQ(quell_scope_open(&scope, &closed), QUELL_BAD_STATE);
    CHECK_EQ(quell_scope_shield(&scope, 1), QUELL_BAD_STATE);
    CHECK_EQ(quell_scope_close(&scope), QUELL_OK);
    CHECK_EQ(quell_scope_close(&scope), QUELL_BAD_STATE);
    /* Its parent is gone. */
    CHECK_EQ(quell_scope_shield(&closed, 1), QUELL_BAD_STATE);
    CHECK_EQ(quell_scope_cancel(&closed, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER),
             QUELL_CANCELLING);
    CHECK_EQ(quell_scope_close(&closed), QUELL_OK);
}

/* A scope is an operation: its handle looks, waits, cancels, and listens. */
static void handles(void) {
    quell_scope_t scope = QUELL_SCOPE_INIT;
    quell_handle_t looks, cancels, old;
    quell_status_t status;
    ear_t ear;
    CHECK_EQ(quell_scope_open(&scope, NULL), QUELL_OK);
    CHECK_EQ(quell_scope_handle(&scope, QUELL_RIGHT_OBSERVE, &looks), QUELL_OK);
    CHECK_EQ(quell_scope_handle(&scope, QUELL_RIGHT_CANCEL, &cancels), QUELL_OK);
    CHECK_EQ(listen(&looks, &ear, QUELL_EVENT_ALL), QUELL_OK);
    CHECK_EQ(quell_cancel(&looks, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL), QUELL_DENIED);
    CHECK_EQ(quell_cancel(&cancels, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_DEADLINE, NULL),
             QUELL_CANCELLING);
    CHECK_EQ(quell_op_status(&looks, &status), QUELL_OK);
    CHECK_EQ(status.phase, QUELL_PHASE_RUNNING);
    CHECK_EQ(status.cause, QUELL_CAUSE_DEADLINE);
    CHECK_EQ(quell_scope_close(&scope), QUELL_OK);
    CHECK_EQ(ear.calls, 2);
    check_told(&ear.told[1], QUELL_EVENT_END, QUELL_PHASE_CANCELLED, QUELL_LEVEL_GRACEFUL,
               QUELL_CAUSE_DEADLINE, QUELL_EFFECTS_NONE, 0);
    CHECK_EQ(quell_op_status(&looks, &status), QUELL_STALE);
    CHECK_EQ(quell_cancel(&cancels, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL), QUELL_STALE);
    old = looks;
    CHECK_EQ(quell_scope_open(&scope, NULL), QUELL_OK);
    CHECK_EQ(quell_scope_handle(&scope, QUELL_RIGHT_OBSERVE, &looks), QUELL_OK);
    CHECK_EQ(listen(&old, &ear, QUELL_EVENT_ALL), QUELL_STALE);
    CHECK_EQ(listen(&looks, &ear, QUELL_EVENT_END), QUELL_OK);
    CHECK_EQ(quell_scope_close(&scope), QUELL_OK);
    CHECK_EQ(ear.calls, 1);
    CHECK_EQ(ear.told[0].phase, QUELL_PHASE_FINISHED);
}

/* Below an operation: heard or not, and left alone by its end. */
static void below_an_operation(void) {
    telling_t t;
    quell_scope_t heard = QUELL_SCOPE_INIT, deaf = QUELL_SCOPE_INIT, late = QUELL_SCOPE_INIT;
    running_source(&t);
    CHECK_EQ(quell_scope_open_below(&heard, &t.owner, 0), QUELL_OK);
    CHECK_EQ(quell_scope_open_below(&deaf, &t.owner, 1), QUELL_OK);
    CHECK_EQ(ask(&t, QUELL_LEVEL_IMMEDIATE), QUELL_CANCELLING);
    CHECK_EQ(quell_scope_poll(&heard), QUELL_LEVEL_IMMEDIATE);
    CHECK_EQ(quell_scope_poll(&deaf), QUELL_LEVEL_NONE);
    CHECK_EQ(quell_scope_shield(&deaf, 0), QUELL_OK);
    CHECK_EQ(quell_scope_poll(&deaf), QUELL_LEVEL_IMMEDIATE);
    CHECK_EQ(quell_scope_open_below(&late, &t.owner, 0), QUELL_OK);
    CHECK_EQ(quell_scope_poll(&late), QUELL_LEVEL_IMMEDIATE);
    CHECK_EQ(quell_op_acknowledge(&t.worker, QUELL_EFFECTS_NONE), QUELL_OK);
    CHECK_EQ(quell_settle(&t.owner), QUELL_OK);
    CHECK_EQ(quell_op_retire(&t.owner), QUELL_OK);
    CHECK_EQ(quell_scope_shield(&heard, 1), QUELL_BAD_STATE);
    CHECK_EQ(quell_scope_cancel(&heard, QUELL_LEVEL_EMERGENCY, QUELL_CAUSE_USER), QUELL_RAISED);
    CHECK_EQ(quell_scope_close(&heard), QUELL_OK);
    CHECK_EQ(quell_scope_close(&deaf), QUELL_OK);
    CHECK_EQ(quell_scope_close(&late), QUELL_OK);
}

/* --- from inside a hook */

typedef struct {
    ear_t ear;
    quell_scope_t *cancels, *closes, *opens_below;
    quell_scope_t opened;
    quell_verdict_t cancelled, closed;
} insider_t;

static void from_inside(void *context, const quell_told_t *told) {
    insider_t *self = (insider_t *)context;
    write_down(&self->ear, told);
    if (self->cancels != NULL)
        self->cancelled =
            quell_scope_cancel(self->cancels, QUELL_LEVEL_EMERGENCY, QUELL_CAUSE_FAULT);
    if (self->opens_below != NULL) {
        CHECK_EQ(quell_scope_open(&self->opened, self->opens_below), QUELL_OK);
        CHECK_EQ(quell_scope_poll(&self->opened), told->level);
        CHECK_EQ(quell_scope_close(&self->opened), QUELL_OK);
    }
    if (self->closes != NULL)
        self->closed = quell_scope_close(self->closes);
}

static void listen_inside(quell_scope_t *to, insider_t *insider, uint32_t events) {
    quell_handle_t handle;
    CHECK_EQ(quell_scope_handle(to, QUELL_RIGHT_OBSERVE, &handle), QUELL_OK);
    CHECK_EQ(quell_hook_add(&handle, &insider->ear.hook, from_inside, insider, events, NULL),
             QUELL_OK);
}

/* Three levels; a hook on the lowest cancels one of them, at a higher level, or
 * opens one, or closes its own. */
static void inside_a_hook(void) {
    int which;
    for (which = 0; which < 5; ++which) {
        quell_scope_t tree[3] = {QUELL_SCOPE_INIT, QUELL_SCOPE_INIT, QUELL_SCOPE_INIT};
        insider_t insider;
        int i;
        memset(&insider, 0, sizeof insider);
        for (i = 0; i < 3; ++i)
            CHECK_EQ(quell_scope_open(&tree[i], i == 0 ? NULL : &tree[i - 1]), QUELL_OK);
        if (which < 3)
            insider.cancels = &tree[which];
        else if (which == 3)
            insider.opens_below = &tree[2];
        else
            insider.closes = &tree[2];
        listen_inside(&tree[2], &insider, QUELL_EVENT_ALL);
        CHECK_EQ(quell_scope_cancel(&tree[0], QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER),
                 QUELL_CANCELLING);
        for (i = 0; i < 3; ++i)
            if (which != 4 || i != 2)
                CHECK_EQ(quell_scope_poll(&tree[i]), which < 3 && i >= which
                                                         ? QUELL_LEVEL_EMERGENCY
                                                         : QUELL_LEVEL_GRACEFUL);
        CHECK_EQ(insider.ear.told[0].cause, QUELL_CAUSE_PARENT);
        if (which < 3) {
            CHECK_EQ(insider.ear.calls, 2);
            CHECK_EQ(insider.cancelled, QUELL_ALREADY_CANCELLING);
            CHECK_EQ(insider.ear.told[1].events, QUELL_EVENT_RAISE);
            CHECK_EQ(insider.ear.told[1].cause,
                     which == 2 ? QUELL_CAUSE_FAULT : QUELL_CAUSE_PARENT);
        } else {
            CHECK_EQ(insider.ear.calls, 1);
        }
        if (which == 4) {
            CHECK_EQ(insider.closed, QUELL_OK);
            CHECK_EQ(quell_scope_close(&tree[2]), QUELL_BAD_STATE);
            CHECK_EQ(insider.ear.calls, 1);
        } else {
            CHECK_EQ(quell_scope_close(&tree[2]), QUELL_OK);
        }
        CHECK_EQ(quell_scope_close(&tree[0]), QUELL_OK);
        CHECK_EQ(quell_scope_close(&tree[1]), QUELL_OK);
    }
}

/* --- deep and wide */

typedef struct {
    size_t levels;
    quell_scope_t *chain;
} deep_t;

/* Opened from the top; cancelled at the top; closed from the top, from the
 * bottom, and in the middle first. */
static void *deep(void *argument) {
    const deep_t *d = (const deep_t *)argument;
    quell_scope_t *chain = d->chain;
    const size_t last = d->levels - 1;
    size_t i, pass;
    for (pass = 0; pass < 3; ++pass) {
        CHECK_EQ(quell_scope_open(&chain[0], NULL), QUELL_OK);
        for (i = 1; i <= last; ++i)
            CHECK_EQ(quell_scope_open(&chain[i], &chain[i - 1]), QUELL_OK);
        CHECK_EQ(quell_scope_cancel(&chain[0], QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER),
                 QUELL_CANCELLING);
        for (i = 0; i <= last; ++i)
            CHECK_EQ(quell_scope_poll(&chain[i]), QUELL_LEVEL_GRACEFUL);
        if (pass == 2)
            CHECK_EQ(quell_scope_close(&chain[last / 2]), QUELL_OK);
        CHECK_EQ(quell_scope_cancel(&chain[0], QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_USER),
                 QUELL_RAISED);
        CHECK_EQ(quell_scope_poll(&chain[last]),
                 pass == 2 ? QUELL_LEVEL_GRACEFUL : QUELL_LEVEL_IMMEDIATE);
        for (i = 0; i <= last; ++i)
            if (pass != 2 || i != last / 2)
                CHECK_EQ(quell_scope_close(&chain[pass == 1 ? last - i : i]), QUELL_OK);
    }
    return NULL;
}

static void deep_on_a_small_stack(size_t levels) {
    deep_t d;
    pthread_attr_t attributes;
    pthread_t thread;
    size_t stack = STACK;
    d.levels = levels;
    d.chain = (quell_scope_t *)calloc(levels, sizeof *d.chain);
    CHECK(d.chain != NULL && levels > 3);
#if defined(PTHREAD_STACK_MIN)
    if (stack < (size_t)PTHREAD_STACK_MIN)
        stack = (size_t)PTHREAD_STACK_MIN;
#endif
    CHECK(pthread_attr_init(&attributes) == 0);
    CHECK(pthread_attr_setstacksize(&attributes, stack) == 0);
    CHECK(pthread_create(&thread, &attributes, deep, &d) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(pthread_attr_destroy(&attributes) == 0);
    free(d.chain);
}

/* One parent of many; then each the parent of ten others. */
static void wide(size_t children, size_t each) {
    quell_scope_t *tree = (quell_scope_t *)calloc(children + 1, sizeof *tree);
    size_t i;
    CHECK(tree != NULL);
    for (i = 0; i <= children; ++i)
        CHECK_EQ(quell_scope_open(&tree[i], i == 0 ? NULL : &tree[(i - 1) / each]), QUELL_OK);
    /* Children that end leave the list. */
    for (i = children; i > children / 2; --i)
        CHECK_EQ(quell_scope_close(&tree[i]), QUELL_OK);
    CHECK_EQ(quell_scope_cancel(&tree[0], QUELL_LEVEL_EMERGENCY, QUELL_CAUSE_USER),
             QUELL_CANCELLING);
    for (i = 0; i <= children / 2; ++i)
        CHECK_EQ(quell_scope_poll(&tree[i]), QUELL_LEVEL_EMERGENCY);
    for (i = 0; i <= children / 2; ++i)
        CHECK_EQ(quell_scope_close(&tree[i]), QUELL_OK);
    free(tree);
}

int main(int argc, char **argv) {
    const size_t levels = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000u;
    const size_t children = argc > 2 ? strtoul(argv[2], NULL, 10) : 100000u;
    bad_input();
    bad_states();
    handles();
    below_an_operation();
    inside_a_hook();
    deep_on_a_small_stack(levels);
    wide(children, children);
    wide(children, 10);
    return check_report("scope");
}
