/*
 * Adding hooks: bad input, what has happened already, and what each hook is
 * told. detach.c takes them off again; source.c has members.
 */
#include "telling.h"

static void nothing_to_do(void *context, const quell_told_t *told) {
    (void)context;
    (void)told;
}

/* --- bad input */

/* Every call that takes a handle of a source and a hook. */
static void all_hook_calls(const quell_handle_t *handle, quell_hook_t *hook,
                           quell_verdict_t verdict) {
    quell_hook_t before;
    uint32_t happened = 77u;
    const int readable = hook != NULL && (uintptr_t)hook % 8u == 0;
    if (readable)
        before = *hook;
    CHECK_EQ(quell_hook_add(handle, hook, nothing_to_do, NULL, QUELL_EVENT_ALL, &happened),
             verdict);
    CHECK_EQ(happened, 0);
    CHECK_EQ(quell_hook_add(handle, hook, nothing_to_do, NULL, QUELL_EVENT_END, NULL), verdict);
    CHECK_EQ(quell_hook_add_and_tell(handle, hook, nothing_to_do, NULL, QUELL_EVENT_ALL),
             verdict);
    if (readable)
        CHECK(memcmp(&before, hook, sizeof before) == 0);
}

static void bad_pointers(void) {
    telling_t t;
    quell_hook_t hook[2] = {QUELL_HOOK_INIT, QUELL_HOOK_INIT};
    quell_member_t member[2];
    quell_handle_t none = {NULL, NULL, 0}, forged, spare[2];
    const quell_handle_t *bad_handle[4];
    size_t i;
    running_source(&t);
    memset(member, 0, sizeof member);
    spare[0] = t.owner;
    spare[1] = t.owner;
    forged = t.owner;
    forged.ticket |= 0x80000000u;
    bad_handle[0] = NULL;
    bad_handle[1] = MISALIGNED(quell_handle_t, spare[0]);
    bad_handle[2] = &none;
    bad_handle[3] = &forged;
    for (i = 0; i < COUNT(bad_handle); ++i) {
        all_hook_calls(bad_handle[i], &hook[0], QUELL_INVALID);
        LEAVES(hook, quell_hook_detach(bad_handle[i], &hook[0]), QUELL_INVALID);
        LEAVES(hook, quell_hook_detach_sync(bad_handle[i], &hook[0]), QUELL_INVALID);
        LEAVES(member[0].hook, quell_member_add(bad_handle[i], &member[0], &t.owner),
               QUELL_INVALID);
        LEAVES(member[0].hook, quell_member_add(&t.owner, &member[0], bad_handle[i]),
               QUELL_INVALID);
        CHECK_EQ(quell_settle(bad_handle[i]), QUELL_INVALID);
    }
    for (i = 0; i < 2; ++i) {
        quell_hook_t *bad = i == 0 ? NULL : MISALIGNED(quell_hook_t, hook[0]);
        quell_member_t *no_member = i == 0 ? NULL : MISALIGNED(quell_member_t, member[0]);
        all_hook_calls(&t.owner, bad, QUELL_INVALID);
        LEAVES(hook, quell_hook_detach(&t.owner, bad), QUELL_INVALID);
        LEAVES(hook, quell_hook_detach_sync(&t.owner, bad), QUELL_INVALID);
        LEAVES(member, quell_member_add(&t.owner, no_member, &t.owner), QUELL_INVALID);
    }
    LEAVES(hook, quell_hook_add(&t.owner, &hook[0], NULL, NULL, QUELL_EVENT_ALL, NULL),
           QUELL_INVALID);
    LEAVES(hook, quell_hook_add_and_tell(&t.owner, &hook[0], NULL, NULL, QUELL_EVENT_ALL),
           QUELL_INVALID);
    CHECK_EQ(quell_op_finish(&t.worker), QUELL_OK);
}

static void bad_events(void) {
    static const uint32_t bad[] = {0, 8, 9, 15, 0x80000000u, 0x80000001u, 0xFFFFFFFFu};
    telling_t t;
    quell_hook_t hook = QUELL_HOOK_INIT;
    uint32_t happened[2] = {77u, 77u};
    size_t i;
    running_source(&t);
    CHECK_EQ(ask(&t, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLING);
    for (i = 0; i < COUNT(bad); ++i) {
        happened[0] = 77u;
        LEAVES(hook, quell_hook_add(&t.owner, &hook, nothing_to_do, NULL, bad[i], &happened[0]),
               QUELL_INVALID);
        CHECK_EQ(happened[0], 0);
        LEAVES(hook, quell_hook_add_and_tell(&t.owner, &hook, nothing_to_do, NULL, bad[i]),
               QUELL_INVALID);
    }
    happened[0] = 77u;
    LEAVES(hook,
           quell_hook_add(&t.owner, &hook, nothing_to_do, NULL, QUELL_EVENT_ALL,
                          MISALIGNED(uint32_t, happened[0])),
           QUELL_INVALID);
    CHECK(happened[0] == 77u && happened[1] == 77u);
    CHECK_EQ(quell_hook_detach(&t.owner, &hook), QUELL_NOT_FOUND);
}

/* Operations without a source, vacant ones, and handles of an earlier life. */
static void nothing_to_listen_to(void) {
    telling_t t, now;
    quell_op_t plain = QUELL_OP_INIT;
    quell_source_t vacant = QUELL_SOURCE_INIT;
    quell_handle_t handle;
    quell_hook_t hook = QUELL_HOOK_INIT;
    quell_member_t member;
    memset(&member, 0, sizeof member);

    running_source(&t);
    CHECK_EQ(quell_op_arm(&plain, QUELL_MODE_DECISIVE, &handle), QUELL_OK);
    all_hook_calls(&handle, &hook, QUELL_UNSUPPORTED);
    LEAVES(hook, quell_hook_detach(&handle, &hook), QUELL_UNSUPPORTED);
    LEAVES(hook, quell_hook_detach_sync(&handle, &hook), QUELL_UNSUPPORTED);
    CHECK_EQ(quell_member_add(&handle, &member, &t.owner), QUELL_UNSUPPORTED);
    CHECK_EQ(quell_settle(&handle), QUELL_OK);

    CHECK_EQ(quell_source_open(&vacant, QUELL_RIGHT_ALL, &handle), QUELL_OK);
    all_hook_calls(&handle, &hook, QUELL_BAD_STATE);
    CHECK_EQ(quell_hook_detach(&handle, &hook), QUELL_NOT_FOUND);
    CHECK_EQ(quell_member_add(&handle, &member, &t.owner), QUELL_BAD_STATE);
    CHECK_EQ(quell_settle(&handle), QUELL_OK);

    CHECK_EQ(quell_op_finish(&t.worker), QUELL_OK);
    CHECK_EQ(quell_op_retire(&t.owner), QUELL_OK);
    all_hook_calls(&t.owner, &hook, QUELL_STALE);
    CHECK_EQ(quell_source_arm(&t.source, QUELL_MODE_DECISIVE, &now.owner), QUELL_OK);
    all_hook_calls(&t.owner, &hook, QUELL_STALE);
    CHECK_EQ(quell_member_add(&t.owner, &member, &now.owner), QUELL_STALE);
    CHECK_EQ(quell_hook_detach(&t.owner, &hook), QUELL_NOT_FOUND);
    CHECK_EQ(quell_hook_detach_sync(&t.owner, &hook), QUELL_NOT_FOUND);
    CHECK_EQ(quell_settle(&t.owner), QUELL_OK);
    /* A handle of any generation takes a hook off. */
    CHECK_EQ(quell_hook_add(&now.owner, &hook, nothing_to_do, NULL, QUELL_EVENT_END, NULL),
             QUELL_OK);
    CHECK_EQ(quell_hook_detach(&t.owner, &hook), QUELL_OK);
    CHECK_EQ(ask(&now, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLED);
    CHECK_EQ(quell_op_retire(&now.owner), QUELL_OK);
}

/* --- what is told */

static void told_once_each(void) {
    telling_t t;
    ear_t request, raise, end, all, level;
    running_source(&t);
    CHECK_EQ(listen(&t.owner, &request, QUELL_EVENT_REQUEST), QUELL_OK);
    CHECK_EQ(listen(&t.owner, &raise, QUELL_EVENT_RAISE), QUELL_OK);
    CHECK_EQ(listen(&t.owner, &end, QUELL_EVENT_END), QUELL_OK);
    CHECK_EQ(listen(&t.owner, &all, QUELL_EVENT_ALL), QUELL_OK);
    CHECK_EQ(listen(&t.owner, &level, QUELL_EVENT_REQUEST | QUELL_EVENT_RAISE), QUELL_OK);

    /* A shield keeps a request from the worker, not from hooks. */
    CHECK_EQ(quell_op_shield(&t.worker), QUELL_OK);
    CHECK_EQ(ask(&t, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLING);
    CHECK_EQ(quell_op_unshield(&t.worker, NULL), QUELL_OK);
    CHECK_EQ(ask(&t, QUELL_LEVEL_GRACEFUL), QUELL_ALREADY_CANCELLING);
    CHECK(request.calls == 1 && raise.calls == 0 && end.calls == 0);
    CHECK(all.calls == 1 && level.calls == 1);
    check_told(&request.told[0], QUELL_EVENT_REQUEST, QUELL_PHASE_RUNNING, QUELL_LEVEL_GRACEFUL,
               QUELL_CAUSE_USER, QUELL_EFFECTS_UNSTATED, 0);
    check_told(&all.told[0], QUELL_EVENT_REQUEST, QUELL_PHASE_RUNNING, QUELL_LEVEL_GRACEFUL,
               QUELL_CAUSE_USER, QUELL_EFFECTS_UNSTATED, 0);

    CHECK_EQ(quell_cancel(&t.owner, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_FAULT, NULL),
             QUELL_RAISED);
    CHECK_EQ(quell_cancel(&t.owner, QUELL_LEVEL_EMERGENCY, QUELL_CAUSE_SHUTDOWN, NULL),
             QUELL_RAISED);
    CHECK(request.calls == 1 && raise.calls == 2 && end.calls == 0);
    CHECK(all.calls == 3 && level.calls == 3);
    check_told(&raise.told[0], QUELL_EVENT_RAISE, QUELL_PHASE_RUNNING, QUELL_LEVEL_IMMEDIATE,
               QUELL_CAUSE_FAULT, QUELL_EFFECTS_UNSTATED, 0);
    check_told(&raise.told[1], QUELL_EVENT_RAISE, QUELL_PHASE_RUNNING, QUELL_LEVEL_EMERGENCY,
               QUELL_CAUSE_SHUTDOWN, QUELL_EFFECTS_UNSTATED, 0);

    CHECK_EQ(quell_op_acknowledge(&t.worker, QUELL_EFFECTS_PARTIAL), QUELL_OK);
    CHECK(request.calls == 1 && raise.calls == 2 && end.calls == 1);
    CHECK(all.calls == 4 && level.calls == 3);
    check_told(&end.told[0], QUELL_EVENT_END, QUELL_PHASE_CANCELLED, QUELL_LEVEL_EMERGENCY,
               QUELL_CAUSE_SHUTDOWN, QUELL_EFFECTS_PARTIAL, 0);
    check_told(&all.told[3], QUELL_EVENT_END, QUELL_PHASE_CANCELLED, QUELL_LEVEL_EMERGENCY,
               QUELL_CAUSE_SHUTDOWN, QUELL_EFFECTS_PARTIAL, 0);
    CHECK_EQ(quell_op_retire(&t.owner), QUELL_OK);
}

/* A request that is high at once is a request, and no raise, but for a hook
 * that asked for raises alone. */
static void high_at_once(void) {
    telling_t t;
    ear_t raise, level;
    running_source(&t);
    CHECK_EQ(listen(&t.owner, &raise, QUELL_EVENT_RAISE), QUELL_OK);
    CHECK_EQ(listen(&t.owner, &level, QUELL_EVENT_REQUEST | QUELL_EVENT_RAISE), QUELL_OK);
    CHECK_EQ(ask(&t, QUELL_LEVEL_IMMEDIATE), QUELL_CANCELLING);
    CHECK(raise.calls == 1 && level.calls == 1);
    CHECK_EQ(raise.told[0].events, QUELL_EVENT_RAISE);
    CHECK_EQ(level.told[0].events, QUELL_EVENT_REQUEST);
    CHECK_EQ(ask(&t, QUELL_LEVEL_EMERGENCY), QUELL_RAISED);
    CHECK(raise.calls == 2 && level.calls == 2);
    CHECK_EQ(level.told[1].events, QUELL_EVENT_RAISE);
    CHECK_EQ(level.told[1].level, QUELL_LEVEL_EMERGENCY);
    CHECK_EQ(quell_op_acknowledge(&t.worker, QUELL_EFFECTS_NONE), QUELL_OK);
}

/* Each way to end, as a hook for all of it is told. */
static void every_end(void) {
    telling_t t;
    ear_t ear;
    pending_source(&t, QUELL_MODE_DECISIVE);
    CHECK_EQ(listen(&t.owner, &ear, QUELL_EVENT_ALL), QUELL_OK);
    CHECK_EQ(ask(&t, QUELL_LEVEL_IMMEDIATE), QUELL_CANCELLED);
    CHECK_EQ(ear.calls, 1);
    check_told(&ear.told[0], QUELL_EVENT_REQUEST | QUELL_EVENT_END, QUELL_PHASE_CANCELLED,
               QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_USER, QUELL_EFFECTS_NONE, 0);

    running_source(&t);
    CHECK_EQ(listen(&t.owner, &ear, QUELL_EVENT_ALL), QUELL_OK);
    CHECK_EQ(quell_op_commit(&t.worker), QUELL_OK);
    CHECK_EQ(ask(&t, QUELL_LEVEL_EMERGENCY), QUELL_TOO_LATE);
    CHECK_EQ(ear.calls, 0);
    CHECK_EQ(quell_op_finish(&t.worker), QUELL_OK);
    CHECK_EQ(ear.calls, 1);
    check_told(&ear.told[0], QUELL_EVENT_END, QUELL_PHASE_FINISHED, QUELL_LEVEL_NONE,
               QUELL_CAUSE_NONE, QUELL_EFFECTS_UNSTATED, 0);

    running_source(&t);
    CHECK_EQ(listen(&t.owner, &ear, QUELL_EVENT_ALL), QUELL_OK);
    CHECK_EQ(quell_op_fail(&t.worker, 0x80070005u), QUELL_OK);
    CHECK_EQ(ear.calls, 1);
    check_told(&ear.told[0], QUELL_EVENT_END, QUELL_PHASE_FAILED, QUELL_LEVEL_NONE,
               QUELL_CAUSE_NONE, QUELL_EFFECTS_UNSTATED, 0x80070005u);

    running_source(&t);
    CHECK_EQ(ask(&t, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLING);
    CHECK_EQ(listen(&t.owner, &ear, QUELL_EVENT_END), QUELL_OK);
    CHECK_EQ(quell_op_fail(&t.worker, 9u), QUELL_CANCELLED);
    CHECK_EQ(ear.calls, 1);
    check_told(&ear.told[0], QUELL_EVENT_END, QUELL_PHASE_CANCELLED, QUELL_LEVEL_GRACEFUL,
               QUELL_CAUSE_USER, QUELL_EFFECTS_UNKNOWN, 9u);

    running_source(&t);
    CHECK_EQ(listen(&t.owner, &ear, QUELL_EVENT_END), QUELL_OK);
    CHECK_EQ(quell_op_force(&t.owner, 7u), QUELL_OK);
    CHECK_EQ(ear.calls, 1);
    check_told(&ear.told[0], QUELL_EVENT_END, QUELL_PHASE_FAILED, QUELL_LEVEL_NONE,
               QUELL_CAUSE_NONE, QUELL_EFFECTS_UNKNOWN, 7u);

    running_source(&t);
    CHECK_EQ(listen(&t.owner, &ear, QUELL_EVENT_END), QUELL_OK);
    CHECK_EQ(quell_op_acknowledge(&t.worker, QUELL_EFFECTS_NONE), QUELL_OK);
    CHECK_EQ(ear.calls, 1);
    check_told(&ear.told[0], QUELL_EVENT_END, QUELL_PHASE_CANCELLED, QUELL_LEVEL_GRACEFUL,
               QUELL_CAUSE_SELF, QUELL_EFFECTS_NONE, 0);
}

static uint32_t refuse(void *context, quell_level_t level, quell_cause_t cause) {
    (void)level;
    (void)cause;
    return *(const uint32_t *)context;
}

/* What changes nothing is not told; an open outcome is told as it comes out. */
static void modes(void) {
    telling_t t;
    ear_t ear;
    uint32_t code = 5u;
    quell_gate_t gate;
    quell_handle_t gated;
    gate.ask = refuse;
    gate.context = &code;

    pending_source(&t, QUELL_MODE_UNCANCELLABLE);
    CHECK_EQ(listen(&t.owner, &ear, QUELL_EVENT_ALL), QUELL_OK);
    CHECK_EQ(ask(&t, QUELL_LEVEL_EMERGENCY), QUELL_UNSUPPORTED);
    CHECK_EQ(ear.calls, 0);

    pending_source(&t, QUELL_MODE_GATED);
    CHECK_EQ(quell_op_start(&t.owner, &t.worker), QUELL_OK);
    CHECK_EQ(listen(&t.owner, &ear, QUELL_EVENT_ALL), QUELL_OK);
    CHECK_EQ(quell_handle_with_gate(&t.owner, &gate, &gated), QUELL_OK);
    CHECK_EQ(ask(&t, QUELL_LEVEL_GRACEFUL), QUELL_DENIED);
    CHECK_EQ(quell_cancel(&gated, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL), QUELL_REFUSED);
    CHECK_EQ(ear.calls, 0);
    code = 0;
    CHECK_EQ(quell_cancel(&gated, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL),
             QUELL_CANCELLING);
    CHECK_EQ(ear.calls, 1);

    pending_source(&t, QUELL_MODE_BEST_EFFORT);
    CHECK_EQ(quell_op_start(&t.owner, &t.worker), QUELL_OK);
    CHECK_EQ(listen(&t.owner, &ear, QUELL_EVENT_ALL), QUELL_OK);
    CHECK_EQ(ask(&t, QUELL_LEVEL_GRACEFUL), QUELL_REQUESTED);
    CHECK_EQ(quell_op_finish(&t.worker), QUELL_OK);
    CHECK_EQ(ear.calls, 2);
    CHECK_EQ(ear.told[0].events, QUELL_EVENT_REQUEST);
    CHECK_EQ(ear.told[1].events, QUELL_EVENT_END);
    CHECK_EQ(ear.told[1].phase, QUELL_PHASE_FINISHED);
    CHECK_EQ(ear.told[1].level, QUELL_LEVEL_GRACEFUL);
}

/* --- added when it has happened */

static void happened_already(void) {
    telling_t t;
    ear_t ear;
    uint32_t happened = 77u;
    running_source(&t);
    memset(&ear, 0, sizeof ear);
    CHECK_EQ(quell_hook_add(&t.owner, &ear.hook, write_down, &ear, QUELL_EVENT_ALL, &happened),
             QUELL_OK);
    CHECK_EQ(happened, 0);
    CHECK_EQ(quell_hook_detach(&t.owner, &ear.hook), QUELL_OK);

    /* Reported, and told of the rest. */
    CHECK_EQ(ask(&t, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLING);
    CHECK_EQ(quell_hook_add(&t.owner, &ear.hook, write_down, &ear, QUELL_EVENT_ALL, &happened),
             QUELL_HAPPENED);
    CHECK_EQ(happened, QUELL_EVENT_REQUEST);
    CHECK_EQ(ear.calls, 0);
    CHECK_EQ(ask(&t, QUELL_LEVEL_IMMEDIATE), QUELL_RAISED);
    CHECK_EQ(ear.calls, 1);
    CHECK_EQ(ear.told[0].events, QUELL_EVENT_RAISE);
    CHECK_EQ(quell_hook_detach(&t.owner, &ear.hook), QUELL_OK);

    /* Nothing is left to tell: not added. */
    CHECK_EQ(
        quell_hook_add(&t.owner, &ear.hook, write_down, &ear, QUELL_EVENT_REQUEST, &happened),
        QUELL_HAPPENED);
    CHECK_EQ(quell_hook_detach(&t.owner, &ear.hook), QUELL_RAN);

    /* Told before the call returns, and of the rest when it comes. */
    memset(&ear, 0, sizeof ear);
    CHECK_EQ(quell_hook_add_and_tell(&t.owner, &ear.hook, write_down, &ear, QUELL_EVENT_ALL),
             QUELL_HAPPENED);
    CHECK_EQ(ear.calls, 1);
    check_told(&ear.told[0], QUELL_EVENT_REQUEST, QUELL_PHASE_RUNNING, QUELL_LEVEL_IMMEDIATE,
               QUELL_CAUSE_USER, QUELL_EFFECTS_UNSTATED, 0);
    CHECK_EQ(quell_op_acknowledge(&t.worker, QUELL_EFFECTS_NONE), QUELL_OK);
    CHECK_EQ(ear.calls, 2);
    CHECK_EQ(ear.told[1].events, QUELL_EVENT_END);

    /* After the end. */
    happened = 77u;
    CHECK_EQ(quell_hook_add(&t.owner, &ear.hook, write_down, &ear, QUELL_EVENT_END, &happened),
             QUELL_HAPPENED);
    CHECK_EQ(happened, QUELL_EVENT_END);
    CHECK_EQ(quell_hook_add_and_tell(&t.owner, &ear.hook, write_down, &ear, QUELL_EVENT_END),
             QUELL_HAPPENED);
    CHECK_EQ(ear.calls, 3);
    CHECK_EQ(quell_hook_detach(&t.owner, &ear.hook), QUELL_RAN);
    CHECK_EQ(quell_op_retire(&t.owner), QUELL_OK);

    /* It ended without that. */
    running_source(&t);
    CHECK_EQ(quell_op_finish(&t.worker), QUELL_OK);
    happened = 77u;
    CHECK_EQ(
        quell_hook_add(&t.owner, &ear.hook, write_down, &ear, QUELL_EVENT_REQUEST, &happened),
        QUELL_RAN);
    CHECK_EQ(happened, 0);
    CHECK_EQ(quell_hook_add_and_tell(&t.owner, &ear.hook, write_down, &ear, QUELL_EVENT_RAISE),
             QUELL_RAN);
    CHECK_EQ(ear.calls, 3);
}

/* A second registration is refused, and the first one stands. */
static void added_twice(void) {
    telling_t one, other;
    ear_t ear, second;
    running_source(&one);
    running_source(&other);
    memset(&second, 0, sizeof second);
    CHECK_EQ(listen(&one.owner, &ear, QUELL_EVENT_REQUEST), QUELL_OK);
    LEAVES(ear.hook,
           quell_hook_add(&one.owner, &ear.hook, nothing_to_do, &second, QUELL_EVENT_ALL, NULL),
           QUELL_BAD_STATE);
    LEAVES(ear.hook,
           quell_hook_add_and_tell(&other.owner, &ear.hook, nothing_to_do, &second,
                                   QUELL_EVENT_ALL),
           QUELL_BAD_STATE);
    CHECK_EQ(ask(&other, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLING);
    CHECK_EQ(ear.calls, 0);
    CHECK_EQ(ask(&one, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLING);
    CHECK_EQ(ear.calls, 1);
    /* It has been told all: it may be added again, elsewhere too. */
    CHECK_EQ(quell_hook_add(&other.owner, &ear.hook, write_down, &ear, QUELL_EVENT_END, NULL),
             QUELL_OK);
    CHECK_EQ(quell_op_acknowledge(&other.worker, QUELL_EFFECTS_NONE), QUELL_OK);
    CHECK_EQ(ear.calls, 2);
}

int main(void) {
    bad_pointers();
    bad_events();
    nothing_to_listen_to();
    told_once_each();
    high_at_once();
    every_end();
    modes();
    happened_already();
    added_twice();
    return check_report("hook");
}
