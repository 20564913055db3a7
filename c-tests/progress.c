/*
 * Progress: the carry across 2^32, the subscriber, a cancel from inside it, a
 * reader beside the writer, and bad input.
 */
#include <pthread.h>

#include "check.h"
#include "quell.h"

#define CARRY ((uint64_t)1 << 32)
#define MISALIGNED(type, object) ((type *)((uintptr_t)(&(object)) + 1u))

static int is_no_reading(const quell_reading_t *reading) {
    return reading->done == 0 && reading->total == 0;
}

static void reads(const quell_progress_t *progress, uint64_t done, uint64_t total) {
    quell_reading_t reading = {77u, 77u};
    CHECK_EQ(quell_progress_read(progress, &reading), QUELL_OK);
    CHECK_EQ(reading.done, done);
    CHECK_EQ(reading.total, total);
}

static void layout(void) {
    const int wide = sizeof(void *) == 8;
    const quell_progress_t fresh = QUELL_PROGRESS_INIT;
    CHECK_EQ(sizeof(quell_progress_t), 32);
    CHECK_EQ(sizeof(quell_reading_t), 16);
    CHECK_EQ(sizeof(quell_reporter_t), wide ? 24 : 16);
    CHECK_EQ(sizeof(quell_subscriber_t), wide ? 56 : 40);
    CHECK_EQ(QUELL_SHARE_UNKNOWN, 0xFFFFFFFFu);
    reads(&fresh, 0, 0);
}

static void counts(void) {
    static const uint64_t said[] = {1, CARRY - 1, CARRY, CARRY + 1, 3 * CARRY - 1, UINT64_MAX};
    quell_progress_t progress = QUELL_PROGRESS_INIT;
    quell_reporter_t reporter;
    size_t i;
    CHECK_EQ(quell_reporter_init(&reporter, &progress, NULL), QUELL_OK);
    for (i = 0; i < sizeof said / sizeof said[0]; ++i) {
        CHECK_EQ(quell_report(&reporter, said[i]), QUELL_OK);
        reads(&progress, said[i], 0);
    }
    CHECK_EQ(quell_report(&reporter, 5), QUELL_INVALID);
    CHECK_EQ(quell_report_total(&reporter, 5), QUELL_INVALID);
    reads(&progress, UINT64_MAX, 0);
    CHECK_EQ(quell_progress_reset(&progress), QUELL_OK);
    reads(&progress, 0, 0);

    CHECK_EQ(quell_report_total(&reporter, CARRY + 3), QUELL_OK);
    CHECK_EQ(quell_report(&reporter, CARRY + 4), QUELL_INVALID);
    CHECK_EQ(quell_report(&reporter, CARRY + 3), QUELL_OK);
    CHECK_EQ(quell_report_total(&reporter, CARRY), QUELL_INVALID);
    CHECK_EQ(quell_report_total(&reporter, 0), QUELL_INVALID);
    reads(&progress, CARRY + 3, CARRY + 3);
}

static void shares(void) {
    quell_reading_t most = {UINT64_MAX - 1, UINT64_MAX};
    quell_reading_t all = {UINT64_MAX, UINT64_MAX};
    quell_reading_t third = {1, 3};
    quell_reading_t unknown = {9, 0};
    CHECK_EQ(quell_percent(&most), 99);
    CHECK_EQ(quell_permille(&most), 999);
    CHECK_EQ(quell_percent(&all), 100);
    CHECK_EQ(quell_permille(&all), 1000);
    CHECK_EQ(quell_percent(&third), 33);
    CHECK_EQ(quell_permille(&third), 333);
    CHECK_EQ(quell_percent(&unknown), QUELL_SHARE_UNKNOWN);
    CHECK_EQ(quell_permille(&unknown), QUELL_SHARE_UNKNOWN);
}

typedef struct {
    uint64_t seen[8];
    size_t count;
    uint64_t cancel_at;
    quell_verdict_t told;
    quell_reporter_t *again;
} audience_t;

static void audience_told(void *context, const quell_reading_t *reading,
                          const quell_handle_t *canceller) {
    audience_t *audience = (audience_t *)context;
    CHECK(audience->count < 8);
    audience->seen[audience->count++] = reading->done;
    if (audience->cancel_at != 0 && reading->done >= audience->cancel_at)
        audience->told = quell_cancel(canceller, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_USER, NULL);
    if (audience->again != NULL)
        CHECK_EQ(quell_report(audience->again, reading->done), QUELL_OK);
}

static quell_subscriber_t subscriber_of(audience_t *audience, uint64_t step) {
    quell_subscriber_t subscriber;
    memset(&subscriber, 0, sizeof subscriber);
    memset(audience, 0, sizeof *audience);
    subscriber.struct_size = sizeof subscriber;
    subscriber.told = audience_told;
    subscriber.context = audience;
    subscriber.step = step;
    return subscriber;
}

static void steps(void) {
    static const uint64_t said[] = {1, 9, 10, 11, 19, 20, 35, 36, 36, 37, 37};
    static const uint64_t due[] = {10, 20, 35, 37};
    quell_progress_t progress = QUELL_PROGRESS_INIT;
    quell_reporter_t reporter;
    audience_t audience;
    quell_subscriber_t subscriber = subscriber_of(&audience, 10);
    size_t i;
    CHECK_EQ(quell_reporter_init(&reporter, &progress, &subscriber), QUELL_OK);
    CHECK_EQ(quell_report_total(&reporter, 37), QUELL_OK);
    for (i = 0; i < sizeof said / sizeof said[0]; ++i)
        CHECK_EQ(quell_report(&reporter, said[i]), QUELL_OK);
    CHECK_EQ(quell_report(&reporter, 38), QUELL_INVALID);
    CHECK_EQ(audience.count, 4);
    CHECK(memcmp(audience.seen, due, sizeof due) == 0);
}

/* GPM: IGPMAsyncCancel::Cancel from inside IGPMAsyncProgress::Status. The
 * subscriber also reports again, which does not tell it again. */
static void cancel_from_inside(void) {
    quell_op_t op = QUELL_OP_INIT;
    quell_handle_t owner;
    quell_worker_t worker;
    quell_progress_t progress = QUELL_PROGRESS_INIT;
    quell_reporter_t reporter;
    audience_t audience;
    quell_subscriber_t subscriber = subscriber_of(&audience, 1);
    uint64_t units = 0;
    audience.cancel_at = 3;
    audience.again = &reporter;
    CHECK_EQ(quell_op_arm(&op, QUELL_MODE_DECISIVE, &owner), QUELL_OK);
    CHECK_EQ(quell_handle_narrow(&owner, QUELL_RIGHT_CANCEL, &subscriber.canceller), QUELL_OK);
    CHECK_EQ(quell_op_start(&owner, &worker), QUELL_OK);
    CHECK_EQ(quell_reporter_init(&reporter, &progress, &subscriber), QUELL_OK);
    while (quell_worker_poll(&worker) == QUELL_LEVEL_NONE)
        CHECK_EQ(quell_report(&reporter, ++units), QUELL_OK);
    CHECK_EQ(units, 3);
    CHECK_EQ(audience.told, QUELL_CANCELLING);
    CHECK_EQ(audience.count, 3);
    CHECK_EQ(quell_op_finish(&worker), QUELL_CANCELLING);
    CHECK_EQ(quell_op_acknowledge(&worker, QUELL_EFFECTS_PARTIAL), QUELL_OK);
}

static void bad_input(void) {
    quell_progress_t progress = QUELL_PROGRESS_INIT;
    quell_reading_t readings[2] = {{77u, 77u}, {77u, 77u}};
    quell_reporter_t reporter, none;
    audience_t audience;
    quell_subscriber_t subscriber = subscriber_of(&audience, 1);
    memset(&none, 0, sizeof none);

    CHECK_EQ(quell_progress_read(NULL, &readings[0]), QUELL_INVALID);
    CHECK(is_no_reading(&readings[0]));
    readings[0].done = 77u;
    CHECK_EQ(quell_progress_read(MISALIGNED(quell_progress_t, progress), &readings[0]),
             QUELL_INVALID);
    CHECK(is_no_reading(&readings[0]));
    CHECK_EQ(quell_progress_read(&progress, NULL), QUELL_INVALID);
    CHECK_EQ(quell_progress_read(&progress, MISALIGNED(quell_reading_t, readings[0])),
             QUELL_INVALID);
    CHECK_EQ(quell_progress_reset(NULL), QUELL_INVALID);
    CHECK_EQ(quell_progress_reset(MISALIGNED(quell_progress_t, progress)), QUELL_INVALID);

    memset(&reporter, 0xAA, sizeof reporter);
    CHECK_EQ(quell_reporter_init(&reporter, NULL, NULL), QUELL_INVALID);
    CHECK(memcmp(&reporter, &none, sizeof none) == 0);
    CHECK_EQ(quell_reporter_init(NULL, &progress, NULL), QUELL_INVALID);
    CHECK_EQ(quell_reporter_init(&reporter, &progress,
                                 MISALIGNED(const quell_subscriber_t, subscriber)),
             QUELL_INVALID);
    subscriber.struct_size = sizeof subscriber - 1u;
    CHECK_EQ(quell_reporter_init(&reporter, &progress, &subscriber), QUELL_INVALID);
    CHECK(memcmp(&reporter, &none, sizeof none) == 0);
    subscriber.struct_size = sizeof subscriber;

    CHECK_EQ(quell_report(NULL, 1), QUELL_INVALID);
    CHECK_EQ(quell_report(MISALIGNED(quell_reporter_t, reporter), 1), QUELL_INVALID);
    CHECK_EQ(quell_report(&none, 1), QUELL_INVALID);
    CHECK_EQ(quell_report_total(NULL, 1), QUELL_INVALID);
    CHECK_EQ(quell_report_total(&none, 1), QUELL_INVALID);
    CHECK_EQ(quell_percent(NULL), QUELL_SHARE_UNKNOWN);
    CHECK_EQ(quell_permille(MISALIGNED(const quell_reading_t, readings[0])),
             QUELL_SHARE_UNKNOWN);

    /* A subscriber without a function is one that is told nothing. */
    subscriber.told = NULL;
    CHECK_EQ(quell_reporter_init(&reporter, &progress, &subscriber), QUELL_OK);
    CHECK_EQ(quell_report(&reporter, 5), QUELL_OK);
    CHECK_EQ(audience.count, 0);
    reads(&progress, 5, 0);
}

typedef struct {
    quell_progress_t progress;
    uint32_t ended;
} shared_t;

static void *watch(void *context) {
    shared_t *shared = (shared_t *)context;
    quell_reading_t last = {0, 0};
    int i;
    for (i = 0; i < 20000; ++i) {
        quell_reading_t now;
        CHECK_EQ(quell_progress_read(&shared->progress, &now), QUELL_OK);
        CHECK(now.done >= last.done);
        CHECK(now.done % (CARRY - 1) == 0 || now.done % CARRY == 0);
        last = now;
    }
    __atomic_store_n(&shared->ended, 1u, __ATOMIC_RELEASE);
    return NULL;
}

static void beside_a_reader(void) {
    static shared_t shared;
    quell_reporter_t reporter;
    pthread_t reader;
    uint64_t round = 0;
    CHECK_EQ(quell_reporter_init(&reporter, &shared.progress, NULL), QUELL_OK);
    CHECK_EQ(pthread_create(&reader, NULL, watch, &shared), 0);
    while (__atomic_load_n(&shared.ended, __ATOMIC_ACQUIRE) == 0u) {
        /* Not checked by CHECK, which counts: the reader counts at this time. */
        if (quell_report(&reporter, ++round * (CARRY - 1)) != QUELL_OK)
            exit(1);
    }
    CHECK_EQ(pthread_join(reader, NULL), 0);
}

int main(void) {
    layout();
    counts();
    shares();
    steps();
    cancel_from_inside();
    bad_input();
    beside_a_reader();
    return check_report("progress.c");
}
