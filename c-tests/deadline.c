/*
 * Deadlines: counters that wrap, order, names, ended operations, a queue that
 * is used from inside its own callback, and bad input.
 */
#include <stddef.h>

#include "check.h"
#include "quell.h"

#define MISALIGNED(type, object) ((type *)((uintptr_t)(&(object)) + 1u))
#define ROOM 3u

typedef struct {
    quell_op_t op;
    quell_handle_t owner;
    quell_worker_t worker;
} running_t;

static void start(running_t *running) {
    memset(running, 0, sizeof *running);
    CHECK_EQ(quell_op_arm(&running->op, QUELL_MODE_DECISIVE, &running->owner), QUELL_OK);
    CHECK_EQ(quell_op_start(&running->owner, &running->worker), QUELL_OK);
}

typedef struct {
    uint32_t ids[8];
    quell_verdict_t verdicts[8];
    uint32_t codes[8];
    uint32_t count;
    quell_deadlines_t *queue;
    const quell_handle_t *again;
} told_t;

static void note(void *context, uint32_t id, quell_verdict_t verdict, uint32_t code) {
    told_t *told = (told_t *)context;
    CHECK(told->count < 8u);
    told->ids[told->count] = id;
    told->verdicts[told->count] = verdict;
    told->codes[told->count] = code;
    ++told->count;
    if (told->again != NULL)
        CHECK_EQ(
            quell_deadlines_add(told->queue, 10, 0, QUELL_LEVEL_GRACEFUL, told->again, NULL),
            QUELL_OK);
}

static uint32_t expire(quell_deadlines_t *queue, uint64_t now, told_t *told) {
    uint32_t count = 77u;
    memset(told, 0, sizeof *told);
    CHECK_EQ(quell_deadlines_expire(queue, now, note, told, &count), QUELL_OK);
    CHECK_EQ(count, told->count);
    return count;
}

static void next_is(quell_deadlines_t *queue, uint64_t expiry) {
    uint64_t next = 77u;
    CHECK_EQ(quell_deadlines_next(queue, &next), QUELL_OK);
    CHECK_EQ(next, expiry);
}

static void layout(void) {
    const int wide = sizeof(void *) == 8;
    CHECK_EQ(sizeof(quell_deadline_t), wide ? 40 : 32);
    CHECK_EQ(sizeof(quell_deadlines_t), 40);
    CHECK_EQ(offsetof(quell_deadline_t, expiry), wide ? 24 : 16);
}

/* A counter of 32 bits that wraps between the setting and the expiry. */
static void order_across_the_wrap(void) {
    quell_deadline_t slots[ROOM];
    quell_deadlines_t queue;
    running_t late, soon, third;
    told_t told;
    uint32_t of_late = 0, of_soon = 0, id = 77u;
    uint64_t next = 77u;
    start(&late);
    start(&soon);
    start(&third);
    memset(slots, 0xAA, sizeof slots);
    CHECK_EQ(quell_deadlines_init(&queue, slots, ROOM, 32), QUELL_OK);
    CHECK_EQ(quell_deadlines_next(&queue, &next), QUELL_NOT_FOUND);
    CHECK_EQ(next, 0);
    CHECK_EQ(quell_deadlines_add(&queue, 0xFFFFFFF0u, 0x30, QUELL_LEVEL_IMMEDIATE, &late.owner,
                                 &of_late),
             QUELL_OK);
    CHECK_EQ(quell_deadlines_add(&queue, 0xFFFFFFF0u, 0x0F, QUELL_LEVEL_GRACEFUL, &soon.owner,
                                 &of_soon),
             QUELL_OK);
    CHECK(of_late != 0 && of_soon != 0 && of_late != of_soon);
    CHECK_EQ(
        quell_deadlines_add(&queue, 0xFFFFFFF0u, 5, QUELL_LEVEL_GRACEFUL, &third.owner, &id),
        QUELL_OK);
    CHECK_EQ(
        quell_deadlines_add(&queue, 0xFFFFFFF0u, 5, QUELL_LEVEL_GRACEFUL, &third.owner, &id),
        QUELL_FULL);
    CHECK_EQ(id, 0);
    CHECK_EQ(queue.count, ROOM);
    next_is(&queue, 0xFFFFFFF5u);

    CHECK_EQ(expire(&queue, 0xFFFFFFF4u, &told), 0);
    CHECK_EQ(expire(&queue, 0xFFFFFFFFu, &told), 2);
    CHECK_EQ(told.ids[1], of_soon);
    CHECK_EQ(told.verdicts[1], QUELL_CANCELLING);
    CHECK_EQ(quell_worker_poll(&soon.worker), QUELL_LEVEL_GRACEFUL);
    CHECK_EQ(quell_worker_poll(&late.worker), QUELL_LEVEL_NONE);
    CHECK_EQ(quell_deadlines_disarm(&queue, of_soon), QUELL_NOT_FOUND);
    next_is(&queue, 0x20);
    CHECK_EQ(expire(&queue, 0x1F, &told), 0);
    CHECK_EQ(expire(&queue, 0x25, &told), 1);
    CHECK_EQ(told.ids[0], of_late);
    CHECK_EQ(quell_worker_poll(&late.worker), QUELL_LEVEL_IMMEDIATE);
    CHECK_EQ(quell_op_acknowledge(&late.worker, QUELL_EFFECTS_NONE), QUELL_OK);
}

/* A shield defers a deadline's effect, not its record. */
static void race_10_inside_a_shield(void) {
    quell_deadline_t slot;
    quell_deadlines_t queue;
    running_t running;
    quell_status_t status;
    quell_level_t visible = QUELL_LEVEL_NONE;
    told_t told;
    start(&running);
    CHECK_EQ(quell_deadlines_init(&queue, &slot, 1, 64), QUELL_OK);
    CHECK_EQ(quell_deadlines_add(&queue, UINT64_MAX, 10, QUELL_LEVEL_IMMEDIATE, &running.owner,
                                 NULL),
             QUELL_OK);
    CHECK_EQ(quell_op_shield(&running.worker), QUELL_OK);
    CHECK_EQ(expire(&queue, 9, &told), 1);
    CHECK_EQ(told.verdicts[0], QUELL_CANCELLING);
    CHECK_EQ(quell_worker_poll(&running.worker), QUELL_LEVEL_NONE);
    CHECK_EQ(quell_op_status(&running.owner, &status), QUELL_OK);
    CHECK_EQ(status.cause, QUELL_CAUSE_DEADLINE);
    CHECK_EQ(quell_op_unshield(&running.worker, &visible), QUELL_OK);
    CHECK_EQ(visible, QUELL_LEVEL_IMMEDIATE);
    CHECK_EQ(quell_op_finish(&running.worker), QUELL_CANCELLING);
}

static void of_ended_operations(void) {
    quell_deadline_t slots[ROOM];
    quell_deadlines_t queue;
    running_t failed, retired;
    told_t told;
    start(&failed);
    start(&retired);
    CHECK_EQ(quell_deadlines_init(&queue, slots, ROOM, 32), QUELL_OK);
    CHECK_EQ(quell_deadlines_add(&queue, 0, 1, QUELL_LEVEL_GRACEFUL, &failed.owner, NULL),
             QUELL_OK);
    CHECK_EQ(quell_deadlines_add(&queue, 0, 2, QUELL_LEVEL_GRACEFUL, &retired.owner, NULL),
             QUELL_OK);
    CHECK_EQ(quell_op_fail(&failed.worker, 0xE5u), QUELL_OK);
    CHECK_EQ(quell_op_finish(&retired.worker), QUELL_OK);
    CHECK_EQ(quell_op_retire(&retired.owner), QUELL_OK);
    CHECK_EQ(expire(&queue, 2, &told), 2);
    CHECK_EQ(told.verdicts[0], QUELL_FAILED);
    CHECK_EQ(told.codes[0], 0xE5);
    CHECK_EQ(told.verdicts[1], QUELL_STALE);
    CHECK_EQ(told.codes[1], 0);
}

/* Each that is told sets another, due at once: the call ends all the same. */
static void from_inside_its_own_callback(void) {
    quell_deadline_t slots[ROOM];
    quell_deadlines_t queue;
    running_t running;
    told_t told;
    uint32_t count = 0;
    start(&running);
    CHECK_EQ(quell_deadlines_init(&queue, slots, ROOM, 32), QUELL_OK);
    CHECK_EQ(quell_deadlines_add(&queue, 0, 5, QUELL_LEVEL_GRACEFUL, &running.owner, NULL),
             QUELL_OK);
    CHECK_EQ(quell_deadlines_add(&queue, 0, 6, QUELL_LEVEL_GRACEFUL, &running.owner, NULL),
             QUELL_OK);
    memset(&told, 0, sizeof told);
    told.queue = &queue;
    told.again = &running.owner;
    CHECK_EQ(quell_deadlines_expire(&queue, 10, note, &told, &count), QUELL_OK);
    CHECK_EQ(count, 2);
    CHECK_EQ(queue.count, 2);
    CHECK_EQ(expire(&queue, 10, &told), 2);
    CHECK_EQ(told.verdicts[0], QUELL_ALREADY_CANCELLING);
    CHECK_EQ(queue.count, 0);
}

static void bad_input(void) {
    quell_deadline_t slots[ROOM + 1u];
    quell_deadlines_t queue, none, full;
    running_t running;
    quell_handle_t no_handle;
    uint32_t id = 77u, count = 77u, bits;
    uint64_t next = 77u;
    start(&running);
    memset(&none, 0, sizeof none);
    memset(&no_handle, 0, sizeof no_handle);

    memset(&queue, 0xAA, sizeof queue);
    CHECK_EQ(quell_deadlines_init(&queue, NULL, ROOM, 32), QUELL_INVALID);
    CHECK(memcmp(&queue, &none, sizeof none) == 0);
    CHECK_EQ(quell_deadlines_init(&queue, MISALIGNED(quell_deadline_t, slots[0]), ROOM, 32),
             QUELL_INVALID);
    CHECK_EQ(quell_deadlines_init(NULL, slots, ROOM, 32), QUELL_INVALID);
    for (bits = 0; bits < 80u; ++bits)
        CHECK_EQ(quell_deadlines_init(&queue, slots, ROOM, bits),
                 bits >= 2u && bits <= 64u ? QUELL_OK : QUELL_INVALID);
    CHECK(memcmp(&queue, &none, sizeof none) == 0);

    CHECK_EQ(quell_deadlines_add(&none, 0, 1, QUELL_LEVEL_GRACEFUL, &running.owner, &id),
             QUELL_INVALID);
    CHECK_EQ(id, 0);
    CHECK_EQ(quell_deadlines_disarm(&none, 1), QUELL_INVALID);
    CHECK_EQ(quell_deadlines_disarm(NULL, 1), QUELL_INVALID);
    CHECK_EQ(quell_deadlines_next(&none, &next), QUELL_INVALID);
    CHECK_EQ(next, 0);
    CHECK_EQ(quell_deadlines_expire(&none, 1, note, NULL, &count), QUELL_INVALID);
    CHECK_EQ(count, 0);

    CHECK_EQ(quell_deadlines_init(&queue, slots, ROOM, 32), QUELL_OK);
#define REFUSED(now, delay, level, target)                                                     \
    id = 77u;                                                                                  \
    CHECK_EQ(quell_deadlines_add(&queue, (now), (delay), (level), (target), &id),              \
             QUELL_INVALID);                                                                   \
    CHECK_EQ(id, 0);                                                                           \
    CHECK_EQ(queue.count, 0)
    REFUSED(0, 0x80000000u, QUELL_LEVEL_GRACEFUL, &running.owner);
    REFUSED(0, UINT64_MAX, QUELL_LEVEL_GRACEFUL, &running.owner);
    REFUSED((uint64_t)1 << 32, 1, QUELL_LEVEL_GRACEFUL, &running.owner);
    REFUSED(0, 1, QUELL_LEVEL_NONE, &running.owner);
    REFUSED(0, 1, (quell_level_t)3 + 1, &running.owner);
    REFUSED(0, 1, QUELL_LEVEL_GRACEFUL, NULL);
    REFUSED(0, 1, QUELL_LEVEL_GRACEFUL, &no_handle);
    REFUSED(0, 1, QUELL_LEVEL_GRACEFUL, MISALIGNED(const quell_handle_t, running.owner));
    CHECK_EQ(quell_deadlines_add(&queue, 0, 1, QUELL_LEVEL_GRACEFUL, &running.owner,
                                 MISALIGNED(uint32_t, count)),
             QUELL_INVALID);
    CHECK_EQ(queue.count, 0);
    CHECK_EQ(quell_deadlines_disarm(&queue, 0), QUELL_NOT_FOUND);
    CHECK_EQ(quell_deadlines_disarm(&queue, 0xFFFFFFFFu), QUELL_NOT_FOUND);
    CHECK_EQ(quell_deadlines_next(&queue, NULL), QUELL_INVALID);

    /* One that is always full; and without anybody to tell. */
    CHECK_EQ(quell_deadlines_init(&full, NULL, 0, 32), QUELL_OK);
    CHECK_EQ(quell_deadlines_add(&full, 0, 1, QUELL_LEVEL_GRACEFUL, &running.owner, NULL),
             QUELL_FULL);
    CHECK_EQ(quell_deadlines_expire(&full, 1, NULL, NULL, NULL), QUELL_OK);
    CHECK_EQ(
        quell_deadlines_add(&queue, 0, 0x7FFFFFFFu, QUELL_LEVEL_GRACEFUL, &running.owner, &id),
        QUELL_OK);
    CHECK_EQ(quell_deadlines_expire(&queue, 0x7FFFFFFFu, NULL, NULL, NULL), QUELL_OK);
    CHECK_EQ(quell_worker_poll(&running.worker), QUELL_LEVEL_GRACEFUL);
}

int main(void) {
    layout();
    order_across_the_wrap();
    race_10_inside_a_shield();
    of_ended_operations();
    from_inside_its_own_callback();
    bad_input();
    return check_report("deadline.c");
}
