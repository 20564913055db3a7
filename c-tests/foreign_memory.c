/*
 * Operations whose 8 bytes quell never wrote: every phase, mode and request
 * that the bits can spell, and noise.
 */
#include "rejects.h"

/* xorshift: the same foreign memory in every run. */
static uint32_t next_random(void) {
    static uint32_t state = 0x9E3779B9u;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

/* Says that more than these 8 bytes is there: whatever the memory claims, no
 * call that was handed a plain op believes it. */
#define OF_SOURCE 0x00040000u

/* Phase 7 is no phase: BAD_STATE to everything, and nothing ever changes. */
static void foreign_phase(uint32_t word, uint32_t code) {
    quell_op_t op;
    quell_handle_t handle;
    quell_handle_t owner;
    quell_worker_t worker;
    quell_status_t status;
    op.word = (word & ~OF_SOURCE) | 0x70000000u;
    op.code = code;
    worker.op = &op;
    worker.left = word & 0x7FFFu;
    CHECK_EQ(quell_op_open(&op, QUELL_RIGHT_ALL, &handle), QUELL_OK);

    REJECTS(op, quell_op_arm(&op, QUELL_MODE_DECISIVE, &owner), QUELL_BAD_STATE);
    CHECK(is_no_handle(&owner));
    REJECTS(op, quell_cancel(&handle, QUELL_LEVEL_EMERGENCY, QUELL_CAUSE_FAULT, NULL),
            QUELL_BAD_STATE);
    REJECTS(op, quell_op_force(&handle, 5u), QUELL_BAD_STATE);
    REJECTS(op, quell_op_retire(&handle), QUELL_BAD_STATE);
    REJECTS(op, quell_op_status(&handle, &status), QUELL_OK);
    CHECK_EQ(status.phase, QUELL_PHASE_VACANT);
    CHECK_EQ(status.code, 0);
    all_calls_of_worker(&op, &worker, QUELL_BAD_STATE);
    REJECTS(op, quell_op_start(&handle, &worker), QUELL_BAD_STATE);
    CHECK(is_no_worker(&worker));
}

static int may_change(quell_verdict_t verdict) {
    return verdict == QUELL_OK || verdict == QUELL_CANCELLED || verdict == QUELL_CANCELLING ||
           verdict == QUELL_REQUESTED || verdict == QUELL_RAISED;
}

/* Any 8 bytes, any call: an answer of the enum; an answer that says that
 * nothing changed is true; the generation moves by retire alone, by one. */
static void foreign_memory(uint32_t word, uint32_t code) {
    uint32_t call;
    for (call = 0; call < 12; ++call) {
        quell_op_t op, before;
        quell_handle_t handle;
        quell_worker_t worker;
        quell_status_t status;
        quell_verdict_t verdict = QUELL_INVALID;
        uint32_t generation;
        op.word = word;
        op.code = code;
        before = op;
        worker.op = &op;
        worker.left = word & ~OF_SOURCE;
        CHECK_EQ(quell_op_open(&op, QUELL_RIGHT_ALL, &handle), QUELL_OK);
        switch (call) {
        case 0:
            verdict = quell_op_arm(&op, word >> 3 & 7u, &handle);
            break;
        case 1:
            verdict = quell_op_start(&handle, &worker);
            break;
        case 2:
            verdict = quell_cancel(&handle, 1u + word % 3u, 1u + word % 15u, NULL);
            break;
        case 3:
            verdict = quell_op_shield(&worker);
            break;
        case 4:
            verdict = quell_op_unshield(&worker, NULL);
            break;
        case 5:
            verdict = quell_op_commit(&worker);
            break;
        case 6:
            verdict = quell_op_finish(&worker);
            break;
        case 7:
            verdict = quell_op_fail(&worker, 5u);
            break;
        case 8:
            verdict = quell_op_acknowledge(&worker, QUELL_EFFECTS_NONE);
            break;
        case 9:
            verdict = quell_op_force(&handle, 5u);
            break;
        case 10:
            verdict = quell_op_retire(&handle);
            break;
        default:
            verdict = quell_op_status(&handle, &status);
            break;
        }
        CHECK(verdict <= QUELL_FULL && verdict != QUELL_INVALID);
        CHECK(call != 1 || verdict != QUELL_OK || (worker.left & OF_SOURCE) == 0);
        if (call == 11 || !may_change(verdict))
            CHECK(memcmp(&op, &before, sizeof op) == 0);
        generation = (word + (call == 10 && verdict == QUELL_OK ? 1u : 0u)) & 0x7FFFu;
        CHECK_EQ(op.word & 0x7FFFu, generation);
        CHECK(quell_op_poll(&op) <= QUELL_LEVEL_EMERGENCY);
    }
}

static void all_of_memory(void) {
    static const uint32_t codes_of_note[] = {0, 5, 0x7FFF0001u, 0x7FFF8000u, 0xFFFFFFFFu};
    uint32_t high, word, code;
    /* Every value of the 17 bits that are not the generation. */
    for (high = 0; high < 0x20000u; high += 3u)
        foreign_memory(high << 15 | (next_random() & 0x7FFFu),
                       codes_of_note[high % COUNT(codes_of_note)]);
    for (high = 0; high < 20000u; ++high) {
        word = next_random();
        code = next_random();
        foreign_memory(word, code);
        foreign_phase(word, code);
    }
}

int main(void) {
    all_of_memory();
    return check_report("foreign_memory");
}
