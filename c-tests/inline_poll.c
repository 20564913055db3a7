/*
 * The header's inlined polls and the library's symbols are the same functions.
 *
 *   inline_poll [STRIDE]
 *
 * quell_op_poll and quell_scope_poll are compared on every STRIDEth of all 2^32
 * words; STRIDE is odd, so that every bit takes both values. quell_worker_poll is compared on
 * every value of the 17 bits above the generation, against every word that a worker can leave
 * behind and some that none can, in the same generation and others.
 */
#include "check.h"
#include "symbols.h"

#define GENERATION 0x7FFFu
#define WORDS_ABOVE_GENERATION 0x20000u

static void compare_op_polls(uint32_t stride) {
    uint64_t word;
    unsigned long differing = 0;
    unsigned long seen[4] = {0, 0, 0, 0};
    for (word = 0; word <= UINT32_MAX; word += stride) {
        quell_op_t op;
        quell_level_t inlined;
        op.word = (uint32_t)word;
        op.code = 0;
        inlined = quell_op_poll(&op);
        if (inlined != exported_op_poll(&op))
            ++differing;
        else
            ++seen[inlined & 3u];
    }
    CHECK_EQ(differing, 0);
    CHECK(seen[0] > 0 && seen[1] > 0 && seen[2] > 0 && seen[3] > 0);
}

static void compare_worker_polls(uint32_t left) {
    static const uint32_t generations[] = {0, 1, 2, 0x4000u, 0x7FFEu, 0x7FFFu};
    uint32_t above;
    size_t i;
    unsigned long differing = 0;
    for (above = 0; above < WORDS_ABOVE_GENERATION; ++above) {
        for (i = 0; i < sizeof generations / sizeof generations[0]; ++i) {
            quell_op_t op;
            quell_worker_t worker;
            op.word = above << 15 | ((left + generations[i]) & GENERATION);
            op.code = 0;
            worker.op = &op;
            worker.left = left;
            if (quell_worker_poll(&worker) != exported_worker_poll(&worker))
                ++differing;
        }
    }
    CHECK_EQ(differing, 0);
}

static void compare_scope_polls(uint32_t stride) {
    uint64_t word;
    unsigned long differing = 0;
    unsigned long seen[4] = {0, 0, 0, 0};
    for (word = 0; word <= UINT32_MAX; word += stride) {
        quell_scope_t scope = QUELL_SCOPE_INIT;
        quell_level_t inlined;
        scope.source.op.word = (uint32_t)word;
        inlined = quell_scope_poll(&scope);
        if (inlined != exported_scope_poll(&scope))
            ++differing;
        else
            ++seen[inlined & 3u];
    }
    CHECK_EQ(differing, 0);
    CHECK(seen[0] > 0 && seen[1] > 0 && seen[2] > 0 && seen[3] > 0);
}

static void compare_reached_scopes(void) {
    quell_scope_t scope = QUELL_SCOPE_INIT;
    uint32_t level;
#define SCOPE_BOTH(level)                                                                      \
    CHECK_EQ(quell_scope_poll(&scope), level);                                                 \
    CHECK_EQ(exported_scope_poll(&scope), level)

    for (level = QUELL_LEVEL_GRACEFUL; level <= QUELL_LEVEL_EMERGENCY; ++level) {
        SCOPE_BOTH(QUELL_LEVEL_NONE);
        CHECK_EQ(quell_scope_open(&scope, NULL), QUELL_OK);
        SCOPE_BOTH(QUELL_LEVEL_NONE);
        CHECK_EQ(quell_scope_cancel(&scope, level, QUELL_CAUSE_USER), QUELL_CANCELLING);
        SCOPE_BOTH(level);
        CHECK_EQ(quell_scope_close(&scope), QUELL_OK);
    }
    SCOPE_BOTH(QUELL_LEVEL_NONE);
    /* The symbol looks at the pointer. */
    CHECK_EQ(exported_scope_poll(NULL), QUELL_LEVEL_NONE);
    CHECK_EQ(exported_scope_poll((const quell_scope_t *)((uintptr_t)&scope + 1u)),
             QUELL_LEVEL_NONE);
}

/* Words that calls led to, so that both polls are not merely alike. */
static void compare_reached_words(void) {
    quell_op_t op = QUELL_OP_INIT;
    quell_handle_t owner;
    quell_worker_t worker;
    uint32_t level;

#define BOTH(op_level, worker_level)                                                           \
    CHECK_EQ(quell_op_poll(&op), op_level);                                                    \
    CHECK_EQ(exported_op_poll(&op), op_level);                                                 \
    CHECK_EQ(quell_worker_poll(&worker), worker_level);                                        \
    CHECK_EQ(exported_worker_poll(&worker), worker_level)

    for (level = QUELL_LEVEL_GRACEFUL; level <= QUELL_LEVEL_EMERGENCY; ++level) {
        CHECK_EQ(quell_op_arm(&op, QUELL_MODE_DECISIVE, &owner), QUELL_OK);
        CHECK_EQ(quell_op_start(&owner, &worker), QUELL_OK);
        BOTH(QUELL_LEVEL_NONE, QUELL_LEVEL_NONE);
        CHECK_EQ(quell_op_shield(&worker), QUELL_OK);
        CHECK_EQ(quell_cancel(&owner, level, QUELL_CAUSE_USER, NULL), QUELL_CANCELLING);
        BOTH(QUELL_LEVEL_NONE, QUELL_LEVEL_NONE);
        CHECK_EQ(quell_op_unshield(&worker, NULL), QUELL_OK);
        BOTH(level, level);
        CHECK_EQ(quell_op_acknowledge(&worker, QUELL_EFFECTS_NONE), QUELL_OK);
        BOTH(level, level);
        CHECK_EQ(quell_op_retire(&owner), QUELL_OK);
        BOTH(QUELL_LEVEL_NONE, QUELL_LEVEL_IMMEDIATE);
    }
}

int main(int argc, char **argv) {
    const uint32_t stride = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1021u;
    uint32_t phase, mode, detail;
    CHECK(stride % 2u == 1u);
    compare_reached_words();
    compare_reached_scopes();
    compare_op_polls(stride);
    compare_scope_polls(stride);
    for (phase = 0; phase < 8; ++phase)
        for (mode = 0; mode < 8; mode += 5)
            for (detail = 0; detail < 8; detail += 3)
                compare_worker_polls(phase << 28 | detail << 19 | mode << 15 | (phase * 4681u));
    compare_worker_polls(0xFFFFFFFFu);
    return check_report("inline_poll");
}
