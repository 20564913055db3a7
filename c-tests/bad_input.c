/*
 * Bad input: every function with every pointer null and misaligned, with
 * numbers out of range, and with handles and workers that are none, stale or
 * used twice.
 */
#include "rejects.h"

#define MISALIGNED(type, object) ((type *)((uintptr_t)(&(object)) + 1u))

/* One operation with its owner, and its worker from `running` on. */
typedef struct {
    quell_op_t op;
    quell_handle_t owner;
    quell_worker_t worker;
} fixture_t;

static fixture_t *pending(fixture_t *f) {
    memset(f, 0, sizeof *f);
    CHECK_EQ(quell_op_arm(&f->op, QUELL_MODE_DECISIVE, &f->owner), QUELL_OK);
    return f;
}

static fixture_t *running(fixture_t *f) {
    CHECK_EQ(quell_op_start(&pending(f)->owner, &f->worker), QUELL_OK);
    return f;
}

static quell_handle_t dirty_handle(fixture_t *f) {
    quell_handle_t handle;
    handle.op = &f->op;
    handle.gate = (const quell_gate_t *)(uintptr_t)8;
    handle.ticket = 0xFFFFFFFFu;
    return handle;
}

static void bad_pointers_to_ops(void) {
    fixture_t f;
    quell_handle_t handle;
    quell_op_t vacant[2] = {QUELL_OP_INIT, QUELL_OP_INIT};
    quell_op_t *bad[2];
    size_t i;
    bad[0] = NULL;
    bad[1] = MISALIGNED(quell_op_t, vacant[0]);

    for (i = 0; i < COUNT(bad); ++i) {
        handle = dirty_handle(pending(&f));
        REJECTS(vacant[0], quell_op_arm(bad[i], QUELL_MODE_DECISIVE, &handle), QUELL_INVALID);
        CHECK(is_no_handle(&handle));
        handle = dirty_handle(&f);
        REJECTS(vacant[0], quell_op_open(bad[i], QUELL_RIGHT_ALL, &handle), QUELL_INVALID);
        CHECK(is_no_handle(&handle));
        CHECK_EQ(quell_op_poll(bad[i]), QUELL_LEVEL_NONE);
        /* The address may also be bad inside a handle, or inside a worker. */
        {
            quell_handle_t of_bad = {bad[i], NULL, 0x00070000u};
            quell_worker_t by_bad = {bad[i], 0x20000000u};
            all_calls_of_handle(&vacant[0], &of_bad, QUELL_INVALID);
            all_calls_of_worker(&vacant[0], &by_bad, QUELL_INVALID);
            CHECK_EQ(quell_worker_poll(&by_bad), QUELL_LEVEL_IMMEDIATE);
            handle = dirty_handle(&f);
            CHECK_EQ(quell_worker_handle(&by_bad, &handle), QUELL_INVALID);
            CHECK(is_no_handle(&handle));
        }
    }
}

static void bad_pointers_to_handles(void) {
    fixture_t f;
    quell_op_t vacant = QUELL_OP_INIT;
    quell_handle_t spare[2];
    quell_handle_t none = {NULL, NULL, 0};
    quell_handle_t *bad[2];
    quell_handle_t to;
    size_t i;
    running(&f);
    spare[0] = f.owner;
    spare[1] = f.owner;
    bad[0] = NULL;
    bad[1] = MISALIGNED(quell_handle_t, spare[0]);

    for (i = 0; i < COUNT(bad); ++i) {
        /* To be read. */
        all_calls_of_handle(&f.op, bad[i], QUELL_INVALID);
        to = dirty_handle(&f);
        CHECK_EQ(quell_handle_narrow(bad[i], QUELL_RIGHT_ALL, &to), QUELL_INVALID);
        CHECK(is_no_handle(&to));
        to = dirty_handle(&f);
        CHECK_EQ(quell_handle_with_gate(bad[i], NULL, &to), QUELL_INVALID);
        CHECK(is_no_handle(&to));
        /* To be written. */
        REJECTS(vacant, quell_op_arm(&vacant, QUELL_MODE_DECISIVE, bad[i]), QUELL_INVALID);
        REJECTS(f.op, quell_op_open(&f.op, QUELL_RIGHT_ALL, bad[i]), QUELL_INVALID);
        CHECK_EQ(quell_handle_narrow(&f.owner, QUELL_RIGHT_ALL, bad[i]), QUELL_INVALID);
        CHECK_EQ(quell_handle_with_gate(&f.owner, NULL, bad[i]), QUELL_INVALID);
        CHECK_EQ(quell_worker_handle(&f.worker, bad[i]), QUELL_INVALID);
        CHECK(memcmp(&spare[0], &f.owner, sizeof f.owner) == 0);
        CHECK(memcmp(&spare[1], &f.owner, sizeof f.owner) == 0);
    }
    all_calls_of_handle(&f.op, &none, QUELL_INVALID);
    to = dirty_handle(&f);
    CHECK_EQ(quell_handle_narrow(&none, QUELL_RIGHT_ALL, &to), QUELL_INVALID);
    CHECK(is_no_handle(&to));
    to = dirty_handle(&f);
    CHECK_EQ(quell_handle_with_gate(&none, NULL, &to), QUELL_INVALID);
    CHECK(is_no_handle(&to));
}

static void bad_pointers_to_workers(void) {
    fixture_t f;
    quell_worker_t spare[2];
    quell_worker_t none = {NULL, 0};
    quell_worker_t *bad[2];
    quell_handle_t handle;
    size_t i;
    running(&f);
    spare[0] = f.worker;
    spare[1] = f.worker;
    bad[0] = NULL;
    bad[1] = MISALIGNED(quell_worker_t, spare[0]);

    for (i = 0; i < COUNT(bad); ++i) {
        all_calls_of_worker(&f.op, bad[i], QUELL_INVALID);
        CHECK_EQ(quell_worker_poll(bad[i]), QUELL_LEVEL_IMMEDIATE);
        handle = dirty_handle(&f);
        CHECK_EQ(quell_worker_handle(bad[i], &handle), QUELL_INVALID);
        CHECK(is_no_handle(&handle));
        {
            fixture_t other;
            REJECTS(pending(&other)->op, quell_op_start(&other.owner, bad[i]), QUELL_INVALID);
        }
        CHECK(memcmp(&spare[0], &f.worker, sizeof f.worker) == 0);
        CHECK(memcmp(&spare[1], &f.worker, sizeof f.worker) == 0);
    }
    all_calls_of_worker(&f.op, &none, QUELL_INVALID);
    CHECK(is_no_worker(&none));
    CHECK_EQ(quell_worker_poll(&none), QUELL_LEVEL_IMMEDIATE);
    handle = dirty_handle(&f);
    CHECK_EQ(quell_worker_handle(&none, &handle), QUELL_INVALID);
    CHECK(is_no_handle(&handle));
}

static void bad_pointers_to_answers(void) {
    fixture_t f;
    quell_status_t status[2];
    uint32_t number[2] = {77u, 77u};
    quell_gate_t gate[2];
    quell_handle_t to;
    running(&f);
    memset(gate, 0, sizeof gate);
    memset(status, 0xAA, sizeof status);

    REJECTS(f.op, quell_op_status(&f.owner, NULL), QUELL_INVALID);
    REJECTS(f.op, quell_op_status(&f.owner, MISALIGNED(quell_status_t, status[0])),
            QUELL_INVALID);
    CHECK_EQ(status[0].code, 0xAAAAAAAA);
    REJECTS(f.op,
            quell_cancel(&f.owner, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER,
                         MISALIGNED(uint32_t, number[0])),
            QUELL_INVALID);
    CHECK_EQ(quell_op_shield(&f.worker), QUELL_OK);
    REJECTS(f.op, quell_op_unshield(&f.worker, MISALIGNED(quell_level_t, number[0])),
            QUELL_INVALID);
    CHECK(number[0] == 77u && number[1] == 77u);
    to = dirty_handle(&f);
    CHECK_EQ(quell_handle_with_gate(&f.owner, MISALIGNED(const quell_gate_t, gate[0]), &to),
             QUELL_INVALID);
    CHECK(is_no_handle(&to));

    to = f.owner;
    to.gate = MISALIGNED(const quell_gate_t, gate[0]);
    REJECTS(f.op, quell_cancel(&to, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL),
            QUELL_INVALID);

    /* Null is allowed where an answer is optional, and a gate. */
    CHECK_EQ(quell_op_unshield(&f.worker, NULL), QUELL_OK);
    CHECK_EQ(quell_handle_with_gate(&f.owner, NULL, &to), QUELL_OK);
    CHECK_EQ(quell_cancel(&to, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL), QUELL_CANCELLING);
}

static void numbers_out_of_range(void) {
    static const uint32_t no_level[] = {0, 4, 5, 0x100, 0x80000001u, 0xFFFFFFFFu};
    static const uint32_t no_cause[] = {0, 16, 17, 0x100, 0x80000001u, 0xFFFFFFFFu};
    static const uint32_t no_effects[] = {0, 4, 5, 0x100, 0x80000001u, 0xFFFFFFFFu};
    static const uint32_t no_bits[] = {8, 9, 15, 0x100, 0x80000000u, 0xFFFFFFF8u, 0xFFFFFFFFu};
    static const uint32_t no_ticket[] = {0x00008000u, 0x00100000u, 0x00108000u,
                                         0x80000000u, 0xFFFF8000u, 0xFFFFFFFFu};
    fixture_t f;
    quell_handle_t handle;
    uint32_t code;
    size_t i, j;
    running(&f);

    for (i = 0; i < COUNT(no_level); ++i) {
        for (j = 0; j < COUNT(no_cause); ++j) {
            code = 77u;
            REJECTS(f.op, quell_cancel(&f.owner, no_level[i], no_cause[j], &code),
                    QUELL_INVALID);
            CHECK_EQ(code, 0);
        }
        REJECTS(f.op, quell_cancel(&f.owner, no_level[i], QUELL_CAUSE_USER, NULL),
                QUELL_INVALID);
    }
    for (j = 0; j < COUNT(no_cause); ++j)
        REJECTS(f.op, quell_cancel(&f.owner, QUELL_LEVEL_GRACEFUL, no_cause[j], NULL),
                QUELL_INVALID);
    for (i = 0; i < COUNT(no_effects); ++i)
        REJECTS(f.op, quell_op_acknowledge(&f.worker, no_effects[i]), QUELL_INVALID);
    for (i = 0; i < COUNT(no_bits); ++i) {
        quell_op_t vacant = QUELL_OP_INIT;
        handle = dirty_handle(&f);
        REJECTS(vacant, quell_op_arm(&vacant, no_bits[i], &handle), QUELL_INVALID);
        CHECK(is_no_handle(&handle));
        handle = dirty_handle(&f);
        REJECTS(f.op, quell_op_open(&f.op, no_bits[i], &handle), QUELL_INVALID);
        CHECK(is_no_handle(&handle));
        handle = dirty_handle(&f);
        CHECK_EQ(quell_handle_narrow(&f.owner, no_bits[i], &handle), QUELL_INVALID);
        CHECK(is_no_handle(&handle));
    }
    for (i = 0; i < COUNT(no_ticket); ++i) {
        quell_handle_t forged = f.owner;
        forged.ticket |= no_ticket[i];
        all_calls_of_handle(&f.op, &forged, QUELL_INVALID);
        handle = dirty_handle(&f);
        CHECK_EQ(quell_handle_narrow(&forged, QUELL_RIGHT_ALL, &handle), QUELL_INVALID);
        CHECK(is_no_handle(&handle));
    }

    /* A guess about cancelling, in a handle that may not cancel. */
    handle = f.owner;
    handle.ticket = (handle.ticket & 0x7FFFu) | 0x00080000u;
    all_calls_of_handle(&f.op, &handle, QUELL_INVALID);
}

static void codes(void) {
    static const uint32_t no_code[] = {0,           0x7FFF0000u, 0x7FFF0002u, 0x7FFF8000u,
                                       0x7FFF8001u, 0x7FFFFFFEu, 0x7FFFFFFFu};
    static const uint32_t good[] = {1,           0x7FFEFFFFu, QUELL_CODE_ABANDONED,
                                    0x80000000u, 0x80070005u, 0xFFFFFFFFu};
    fixture_t f;
    quell_status_t status;
    uint32_t code;
    size_t i;

    running(&f);
    for (i = 0; i < COUNT(no_code); ++i) {
        REJECTS(f.op, quell_op_fail(&f.worker, no_code[i]), QUELL_INVALID);
        REJECTS(f.op, quell_op_force(&f.owner, no_code[i]), QUELL_INVALID);
    }
    for (i = 0; i < COUNT(good); ++i) {
        running(&f);
        CHECK_EQ(quell_op_fail(&f.worker, good[i]), QUELL_OK);
        CHECK_EQ(quell_cancel(&f.owner, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, &code),
                 QUELL_FAILED);
        CHECK_EQ(code, good[i]);
        pending(&f);
        CHECK_EQ(quell_op_force(&f.owner, good[i]), QUELL_OK);
        CHECK_EQ(quell_op_status(&f.owner, &status), QUELL_OK);
        CHECK_EQ(status.code, good[i]);
        CHECK_EQ(status.effects, QUELL_EFFECTS_UNKNOWN);
    }
}

/* A vacant op is no operation, whoever asks. */
static void vacant_op(void) {
    quell_op_t op = QUELL_OP_INIT;
    quell_handle_t handle;
    quell_status_t status;
    quell_worker_t worker = {NULL, 0};
    uint32_t code = 77u;
    CHECK_EQ(quell_op_open(&op, QUELL_RIGHT_ALL, &handle), QUELL_OK);

    REJECTS(op, quell_op_start(&handle, &worker), QUELL_BAD_STATE);
    CHECK(is_no_worker(&worker));
    REJECTS(op, quell_cancel(&handle, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, &code),
            QUELL_BAD_STATE);
    CHECK_EQ(code, 0);
    REJECTS(op, quell_op_force(&handle, 5u), QUELL_BAD_STATE);
    REJECTS(op, quell_op_retire(&handle), QUELL_BAD_STATE);
    CHECK_EQ(quell_op_poll(&op), QUELL_LEVEL_NONE);
    memset(&status, 0xAA, sizeof status);
    CHECK_EQ(quell_op_status(&handle, &status), QUELL_OK);
    CHECK(is_no_status(&status));
    worker.op = &op;
    all_calls_of_worker(&op, &worker, QUELL_BAD_STATE);
}

/* Handles and workers of a life that is over, in the next life's every phase. */
static void stale_parties(void) {
    fixture_t old, now;
    quell_op_t *op = &old.op;
    running(&old);
    CHECK_EQ(quell_op_finish(&old.worker), QUELL_OK);
    CHECK_EQ(quell_op_retire(&old.owner), QUELL_OK);

    all_calls_of_handle(op, &old.owner, QUELL_STALE);
    all_calls_of_worker(op, &old.worker, QUELL_STALE);
    CHECK_EQ(quell_op_arm(op, QUELL_MODE_BEST_EFFORT, &now.owner), QUELL_OK);
    all_calls_of_handle(op, &old.owner, QUELL_STALE);
    all_calls_of_worker(op, &old.worker, QUELL_STALE);
    CHECK_EQ(quell_op_start(&now.owner, &now.worker), QUELL_OK);
    all_calls_of_handle(op, &old.owner, QUELL_STALE);
    all_calls_of_worker(op, &old.worker, QUELL_STALE);
    CHECK_EQ(quell_worker_poll(&old.worker), QUELL_LEVEL_IMMEDIATE);
    CHECK_EQ(quell_worker_poll(&now.worker), QUELL_LEVEL_NONE);
    CHECK_EQ(quell_op_commit(&now.worker), QUELL_OK);
    all_calls_of_handle(op, &old.owner, QUELL_STALE);
    all_calls_of_worker(op, &old.worker, QUELL_STALE);
    CHECK_EQ(quell_op_fail(&now.worker, 9u), QUELL_OK);
    all_calls_of_handle(op, &old.owner, QUELL_STALE);
    all_calls_of_worker(op, &old.worker, QUELL_STALE);
}

static void twice(void) {
    fixture_t f;
    quell_handle_t second = {NULL, NULL, 0};
    quell_worker_t other = {NULL, 0};

    pending(&f);
    second = dirty_handle(&f);
    REJECTS(f.op, quell_op_arm(&f.op, QUELL_MODE_DECISIVE, &second), QUELL_BAD_STATE);
    CHECK(is_no_handle(&second));
    CHECK_EQ(quell_op_start(&f.owner, &f.worker), QUELL_OK);
    other.left = 77u;
    REJECTS(f.op, quell_op_start(&f.owner, &other), QUELL_BAD_STATE);
    CHECK(is_no_worker(&other));
    CHECK_EQ(quell_op_commit(&f.worker), QUELL_OK);
    REJECTS(f.op, quell_op_commit(&f.worker), QUELL_BAD_STATE);
    REJECTS(f.op, quell_op_retire(&f.owner), QUELL_BAD_STATE);
    CHECK_EQ(quell_op_finish(&f.worker), QUELL_OK);
    all_calls_of_worker(&f.op, &f.worker, QUELL_BAD_STATE);
    REJECTS(f.op, quell_op_force(&f.owner, 5u), QUELL_BAD_STATE);
    CHECK_EQ(quell_op_retire(&f.owner), QUELL_OK);
    REJECTS(f.op, quell_op_retire(&f.owner), QUELL_STALE);

    running(&f);
    CHECK_EQ(quell_op_acknowledge(&f.worker, QUELL_EFFECTS_NONE), QUELL_OK);
    all_calls_of_worker(&f.op, &f.worker, QUELL_BAD_STATE);
    running(&f);
    CHECK_EQ(quell_op_fail(&f.worker, 5u), QUELL_OK);
    all_calls_of_worker(&f.op, &f.worker, QUELL_BAD_STATE);
    running(&f);
    CHECK_EQ(quell_op_force(&f.owner, 5u), QUELL_OK);
    all_calls_of_worker(&f.op, &f.worker, QUELL_BAD_STATE);
    REJECTS(f.op, quell_op_force(&f.owner, 6u), QUELL_BAD_STATE);
}

/* Without the right, in the vacant, a pending and a running phase. */
static void rights_withheld(void) {
    fixture_t f;
    quell_handle_t looks;
    quell_worker_t worker;
    quell_status_t status;
    int started;
    for (started = 0; started <= 1; ++started) {
        if (started)
            running(&f);
        else
            pending(&f);
        CHECK_EQ(quell_handle_narrow(&f.owner, QUELL_RIGHT_OBSERVE, &looks), QUELL_OK);
        CHECK_EQ(quell_handle_narrow(&looks, QUELL_RIGHT_ALL, &looks), QUELL_OK);
        REJECTS(f.op, quell_cancel(&looks, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL),
                QUELL_DENIED);
        REJECTS(f.op, quell_op_start(&looks, &worker), QUELL_DENIED);
        CHECK(is_no_worker(&worker));
        REJECTS(f.op, quell_op_force(&looks, 5u), QUELL_DENIED);
        REJECTS(f.op, quell_op_retire(&looks), QUELL_DENIED);
        CHECK_EQ(quell_op_status(&looks, &status), QUELL_OK);
    }
}

int main(void) {
    bad_pointers_to_ops();
    bad_pointers_to_handles();
    bad_pointers_to_workers();
    bad_pointers_to_answers();
    numbers_out_of_range();
    codes();
    vacant_op();
    stale_parties();
    twice();
    rights_withheld();
    return check_report("bad_input");
}
