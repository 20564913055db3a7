/*
 * Sources: bad input, settling and retiring while hooks are told, and members,
 * operations that are asked when another one is.
 */
#include "telling.h"

static void bad_sources(void) {
    static const uint32_t no_bits[] = {8, 9, 15, 0x100, 0x80000000u, 0xFFFFFFFFu};
    quell_source_t source[2] = {QUELL_SOURCE_INIT, QUELL_SOURCE_INIT};
    quell_handle_t owner, spare[2];
    size_t i;
    for (i = 0; i < COUNT(no_bits); ++i) {
        memset(&owner, 0xAA, sizeof owner);
        LEAVES(source, quell_source_arm(&source[0], no_bits[i], &owner), QUELL_INVALID);
        CHECK(is_no_handle(&owner));
        memset(&owner, 0xAA, sizeof owner);
        LEAVES(source, quell_source_open(&source[0], no_bits[i], &owner), QUELL_INVALID);
        CHECK(is_no_handle(&owner));
    }
    for (i = 0; i < 2; ++i) {
        quell_source_t *bad = i == 0 ? NULL : MISALIGNED(quell_source_t, source[0]);
        quell_handle_t *nowhere = i == 0 ? NULL : MISALIGNED(quell_handle_t, spare[0]);
        memset(&owner, 0xAA, sizeof owner);
        LEAVES(source, quell_source_arm(bad, QUELL_MODE_DECISIVE, &owner), QUELL_INVALID);
        CHECK(is_no_handle(&owner));
        memset(&owner, 0xAA, sizeof owner);
        LEAVES(source, quell_source_open(bad, QUELL_RIGHT_ALL, &owner), QUELL_INVALID);
        CHECK(is_no_handle(&owner));
        LEAVES(source, quell_source_arm(&source[0], QUELL_MODE_DECISIVE, nowhere),
               QUELL_INVALID);
        LEAVES(source, quell_source_open(&source[0], QUELL_RIGHT_ALL, nowhere), QUELL_INVALID);
    }
    CHECK_EQ(quell_source_arm(&source[0], QUELL_MODE_DECISIVE, &owner), QUELL_OK);
    memset(&spare[0], 0xAA, sizeof spare[0]);
    LEAVES(source, quell_source_arm(&source[0], QUELL_MODE_DECISIVE, &spare[0]),
           QUELL_BAD_STATE);
    CHECK(is_no_handle(&spare[0]));

    /* Whoever goes past the source can only look. */
    CHECK_EQ(quell_op_open(&source[0].op, QUELL_RIGHT_ALL, &spare[0]), QUELL_OK);
    LEAVES(source, quell_cancel(&spare[0], QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL),
           QUELL_DENIED);
    LEAVES(source, quell_op_force(&spare[0], 5u), QUELL_DENIED);
    CHECK_EQ(quell_source_open(&source[0], QUELL_RIGHT_CANCEL, &spare[0]), QUELL_OK);
    CHECK_EQ(quell_cancel(&spare[0], QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL),
             QUELL_CANCELLED);
    CHECK_EQ(quell_op_retire(&owner), QUELL_OK);
}

/* --- settling and retiring */

typedef struct {
    ear_t ear;
    telling_t *of;
    const ear_t *other;
    quell_verdict_t retired_at_once, settled, retired;
    uint32_t other_before, other_after;
} closer_t;

static void closes_from_inside(void *context, const quell_told_t *told) {
    closer_t *self = (closer_t *)context;
    write_down(&self->ear, told);
    self->other_before = self->other->calls;
    self->retired_at_once = quell_op_retire(&self->of->owner);
    self->settled = quell_settle(&self->of->owner);
    self->other_after = self->other->calls;
    self->retired = quell_op_retire(&self->of->owner);
}

/* A hook that is not the last one has the others told before it retires. */
static void settled_inside_a_hook(void) {
    telling_t t;
    closer_t closer;
    ear_t other;
    running_source(&t);
    memset(&closer, 0, sizeof closer);
    closer.of = &t;
    closer.other = &other;
    CHECK_EQ(quell_hook_add(&t.owner, &closer.ear.hook, closes_from_inside, &closer,
                            QUELL_EVENT_END, NULL),
             QUELL_OK);
    CHECK_EQ(listen(&t.owner, &other, QUELL_EVENT_END), QUELL_OK);
    CHECK_EQ(quell_op_retire(&t.owner), QUELL_BAD_STATE);
    CHECK_EQ(quell_op_finish(&t.worker), QUELL_OK);
    CHECK_EQ(closer.other_before, 0);
    CHECK_EQ(closer.retired_at_once, QUELL_BUSY);
    CHECK_EQ(closer.settled, QUELL_OK);
    CHECK_EQ(closer.other_after, 1);
    CHECK_EQ(closer.retired, QUELL_OK);
    CHECK(closer.ear.calls == 1 && other.calls == 1);
    CHECK_EQ(quell_hook_detach(&t.owner, &other.hook), QUELL_RAN);
    CHECK_EQ(quell_op_retire(&t.owner), QUELL_STALE);
    /* It is vacant, and lives again. */
    CHECK_EQ(quell_source_arm(&t.source, QUELL_MODE_DECISIVE, &t.owner), QUELL_OK);
    CHECK_EQ(listen(&t.owner, &other, QUELL_EVENT_ALL), QUELL_OK);
    CHECK_EQ(ask(&t, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLED);
    CHECK(closer.ear.calls == 1 && other.calls == 1);
    CHECK_EQ(quell_settle(&t.owner), QUELL_OK);
    CHECK_EQ(quell_op_retire(&t.owner), QUELL_OK);
}

/* A hook of one life hears nothing of the next. */
static void lives(void) {
    telling_t t;
    ear_t ear;
    uint32_t life;
    memset(&t, 0, sizeof t);
    for (life = 0; life < 100; ++life) {
        quell_status_t status;
        CHECK_EQ(quell_source_arm(&t.source, QUELL_MODE_DECISIVE, &t.owner), QUELL_OK);
        CHECK_EQ(listen(&t.owner, &ear, QUELL_EVENT_ALL), QUELL_OK);
        CHECK_EQ(quell_op_start(&t.owner, &t.worker), QUELL_OK);
        CHECK_EQ(quell_op_finish(&t.worker), QUELL_OK);
        CHECK_EQ(ear.calls, 1);
        CHECK_EQ(quell_op_status(&t.owner, &status), QUELL_OK);
        CHECK_EQ(status.generation, life);
        CHECK_EQ(quell_op_retire(&t.owner), QUELL_OK);
    }
}

/* --- members */

typedef struct {
    telling_t parent;
    quell_member_t member;
} family_t;

static family_t *family(family_t *f) {
    memset(&f->member, 0, sizeof f->member);
    running_source(&f->parent);
    return f;
}

static quell_status_t status_of(const quell_handle_t *handle) {
    quell_status_t status;
    CHECK_EQ(quell_op_status(handle, &status), QUELL_OK);
    return status;
}

static void plain_member(void) {
    family_t f;
    quell_op_t child = QUELL_OP_INIT;
    quell_handle_t owner;
    quell_worker_t worker;
    CHECK_EQ(quell_op_arm(&child, QUELL_MODE_DECISIVE, &owner), QUELL_OK);
    CHECK_EQ(quell_op_start(&owner, &worker), QUELL_OK);
    CHECK_EQ(quell_member_add(&family(&f)->parent.owner, &f.member, &owner), QUELL_OK);
    CHECK_EQ(quell_worker_poll(&worker), QUELL_LEVEL_NONE);
    CHECK_EQ(ask(&f.parent, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLING);
    CHECK_EQ(quell_worker_poll(&worker), QUELL_LEVEL_GRACEFUL);
    CHECK_EQ(status_of(&owner).cause, QUELL_CAUSE_PARENT);
    CHECK_EQ(ask(&f.parent, QUELL_LEVEL_EMERGENCY), QUELL_RAISED);
    CHECK_EQ(quell_worker_poll(&worker), QUELL_LEVEL_EMERGENCY);
    /* The child's end is its own. */
    CHECK_EQ(quell_op_acknowledge(&worker, QUELL_EFFECTS_NONE), QUELL_OK);
    CHECK_EQ(status_of(&f.parent.owner).phase, QUELL_PHASE_RUNNING);
    CHECK_EQ(quell_op_acknowledge(&f.parent.worker, QUELL_EFFECTS_NONE), QUELL_OK);
}

static void source_as_member(void) {
    family_t f;
    telling_t child;
    ear_t ear;
    running_source(&child);
    CHECK_EQ(listen(&child.owner, &ear, QUELL_EVENT_ALL), QUELL_OK);
    CHECK_EQ(quell_member_add(&family(&f)->parent.owner, &f.member, &child.owner), QUELL_OK);
    CHECK_EQ(ask(&f.parent, QUELL_LEVEL_IMMEDIATE), QUELL_CANCELLING);
    CHECK_EQ(ear.calls, 1);
    check_told(&ear.told[0], QUELL_EVENT_REQUEST, QUELL_PHASE_RUNNING, QUELL_LEVEL_IMMEDIATE,
               QUELL_CAUSE_PARENT, QUELL_EFFECTS_UNSTATED, 0);
    CHECK_EQ(ask(&child, QUELL_LEVEL_GRACEFUL), QUELL_ALREADY_CANCELLING);
}

/* Asked at once where the parent has been asked; not where it has ended. */
static void joined_late(void) {
    family_t f;
    telling_t child;
    running_source(&child);
    family(&f);
    CHECK_EQ(ask(&f.parent, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLING);
    CHECK_EQ(quell_member_add(&f.parent.owner, &f.member, &child.owner), QUELL_HAPPENED);
    CHECK_EQ(quell_op_poll(&child.source.op), QUELL_LEVEL_GRACEFUL);
    CHECK_EQ(ask(&f.parent, QUELL_LEVEL_IMMEDIATE), QUELL_RAISED);
    CHECK_EQ(quell_op_poll(&child.source.op), QUELL_LEVEL_IMMEDIATE);

    running_source(&child);
    family(&f);
    CHECK_EQ(quell_op_finish(&f.parent.worker), QUELL_OK);
    CHECK_EQ(quell_member_add(&f.parent.owner, &f.member, &child.owner), QUELL_RAN);
    CHECK_EQ(quell_op_poll(&child.source.op), QUELL_LEVEL_NONE);
}

static uint32_t lets_pass(void *asked, quell_level_t level, quell_cause_t cause) {
    (void)level;
    (void)cause;
    ++*(uint32_t *)asked;
    return 0;
}

static void not_asked(void) {
    family_t f;
    telling_t child;
    quell_handle_t looks, gated;
    quell_gate_t gate;
    uint32_t asked = 0;
    gate.ask = lets_pass;
    gate.context = &asked;

    /* Without the right to cancel it is no member. */
    running_source(&child);
    CHECK_EQ(quell_handle_narrow(&child.owner, QUELL_RIGHT_WORK, &looks), QUELL_OK);
    family(&f);
    LEAVES(f.member.hook, quell_member_add(&f.parent.owner, &f.member, &looks), QUELL_DENIED);
    /* Taken off before. */
    CHECK_EQ(quell_member_add(&f.parent.owner, &f.member, &child.owner), QUELL_OK);
    CHECK_EQ(quell_hook_detach(&f.parent.owner, &f.member.hook), QUELL_OK);
    CHECK_EQ(ask(&f.parent, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLING);
    CHECK_EQ(quell_op_poll(&child.source.op), QUELL_LEVEL_NONE);
    CHECK_EQ(quell_hook_detach_sync(&f.parent.owner, &f.member.hook), QUELL_NOT_FOUND);

    /* A gated child refuses, and nobody asks its gate. */
    pending_source(&child, QUELL_MODE_GATED);
    CHECK_EQ(quell_op_start(&child.owner, &child.worker), QUELL_OK);
    CHECK_EQ(quell_handle_with_gate(&child.owner, &gate, &gated), QUELL_OK);
    CHECK_EQ(quell_member_add(&family(&f)->parent.owner, &f.member, &gated), QUELL_OK);
    CHECK_EQ(ask(&f.parent, QUELL_LEVEL_EMERGENCY), QUELL_CANCELLING);
    CHECK_EQ(quell_op_poll(&child.source.op), QUELL_LEVEL_NONE);
    CHECK_EQ(asked, 0);

    /* A stale child: the operation that lives there now is another. */
    running_source(&child);
    CHECK_EQ(quell_member_add(&family(&f)->parent.owner, &f.member, &child.owner), QUELL_OK);
    CHECK_EQ(quell_op_finish(&child.worker), QUELL_OK);
    CHECK_EQ(quell_op_retire(&child.owner), QUELL_OK);
    CHECK_EQ(quell_source_arm(&child.source, QUELL_MODE_DECISIVE, &child.owner), QUELL_OK);
    CHECK_EQ(ask(&f.parent, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLING);
    CHECK_EQ(status_of(&child.owner).phase, QUELL_PHASE_PENDING);
    CHECK_EQ(ask(&child, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLED);

    /* A lower level than it has. */
    running_source(&child);
    CHECK_EQ(ask(&child, QUELL_LEVEL_IMMEDIATE), QUELL_CANCELLING);
    CHECK_EQ(quell_member_add(&family(&f)->parent.owner, &f.member, &child.owner), QUELL_OK);
    CHECK_EQ(ask(&f.parent, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLING);
    CHECK_EQ(status_of(&child.owner).cause, QUELL_CAUSE_USER);
}

/* A second registration is refused, and the first child stays the member. */
static void member_added_twice(void) {
    family_t f;
    telling_t first, second;
    running_source(&first);
    running_source(&second);
    CHECK_EQ(quell_member_add(&family(&f)->parent.owner, &f.member, &first.owner), QUELL_OK);
    LEAVES(f.member, quell_member_add(&f.parent.owner, &f.member, &second.owner),
           QUELL_BAD_STATE);
    CHECK_EQ(ask(&f.parent, QUELL_LEVEL_GRACEFUL), QUELL_CANCELLING);
    CHECK_EQ(quell_op_poll(&first.source.op), QUELL_LEVEL_GRACEFUL);
    CHECK_EQ(quell_op_poll(&second.source.op), QUELL_LEVEL_NONE);
}

int main(void) {
    bad_sources();
    settled_inside_a_hook();
    lives();
    plain_member();
    source_as_member();
    joined_late();
    not_asked();
    member_added_twice();
    return check_report("source");
}
