/*
 * Scopes in every order: opened, shielded, cancelled and closed at random, bad
 * calls included, and each answer, each level and each thing that a hook is told
 * held against a naive model, which is written from the documentation: a table
 * of who is whose parent, and recursion.
 *
 *   scope_orders [STEPS [SEED]]
 */
#include "telling.h"

#define SCOPES 9
#define NOBODY (-1)
/* A life is a request, two raises and an end at the most. */
#define MOST_TOLD 4u

typedef struct {
    int open, parent, shielded;
    quell_level_t level;
    quell_cause_t cause;
    /* What its hook is to have been told in this life. */
    uint32_t told;
    quell_told_t last;
} model_t;

static quell_scope_t scope[SCOPES];
static ear_t ear[SCOPES];
static model_t model[SCOPES];
static uint64_t seed;
static unsigned long answers[32];

static uint32_t pick(uint32_t below) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 33) % below);
}

/* --- the model */

static void model_told(model_t *m, uint32_t events, quell_phase_t phase) {
    quell_told_t *told = &m->last;
    ++m->told;
    told->events = events;
    told->phase = phase;
    told->level = m->level;
    told->cause = m->cause;
    told->effects =
        phase == QUELL_PHASE_CANCELLED ? QUELL_EFFECTS_NONE : QUELL_EFFECTS_UNSTATED;
    told->code = 0;
}

static quell_verdict_t model_ask(int which, quell_level_t level, quell_cause_t cause) {
    model_t *m = &model[which];
    const int first = m->level == QUELL_LEVEL_NONE;
    int below;
    if (!m->open)
        return QUELL_BAD_STATE;
    if (level <= m->level)
        return QUELL_ALREADY_CANCELLING;
    m->level = level;
    m->cause = cause;
    model_told(m, first ? QUELL_EVENT_REQUEST : QUELL_EVENT_RAISE, QUELL_PHASE_RUNNING);
    for (below = 0; below < SCOPES; ++below)
        if (model[below].parent == which && !model[below].shielded)
            (void)model_ask(below, level, QUELL_CAUSE_PARENT);
    return first ? QUELL_CANCELLING : QUELL_RAISED;
}

static quell_verdict_t model_open(int which, int parent, int shielded) {
    model_t *m = &model[which];
    if (m->open || (parent != NOBODY && (parent == which || !model[parent].open)))
        return QUELL_BAD_STATE;
    memset(m, 0, sizeof *m);
    m->open = 1;
    m->parent = parent;
    m->shielded = shielded;
    return QUELL_OK;
}

/* What the parent has been asked meanwhile. */
static void model_hear(int which) {
    const model_t *m = &model[which];
    if (m->parent != NOBODY && !m->shielded && model[m->parent].level != QUELL_LEVEL_NONE)
        (void)model_ask(which, model[m->parent].level, QUELL_CAUSE_PARENT);
}

static quell_verdict_t model_shield(int which, int shielded) {
    if (!model[which].open || model[which].parent == NOBODY)
        return QUELL_BAD_STATE;
    model[which].shielded = shielded;
    model_hear(which);
    return QUELL_OK;
}

static quell_verdict_t model_close(int which) {
    model_t *m = &model[which];
    int below;
    if (!m->open)
        return QUELL_BAD_STATE;
    model_told(m, QUELL_EVENT_END,
               m->level == QUELL_LEVEL_NONE ? QUELL_PHASE_FINISHED : QUELL_PHASE_CANCELLED);
    m->open = 0;
    m->level = QUELL_LEVEL_NONE;
    m->cause = QUELL_CAUSE_NONE;
    m->parent = NOBODY;
    for (below = 0; below < SCOPES; ++below)
        if (model[below].parent == which)
            model[below].parent = NOBODY;
    return QUELL_OK;
}

/* --- one step of both */

static quell_verdict_t open_both(int which, int parent, int shielded) {
    const quell_verdict_t expected = model_open(which, parent, shielded);
    quell_handle_t handle, above;
    if (shielded) {
        CHECK_EQ(quell_source_open(&scope[parent].source, QUELL_RIGHT_OBSERVE, &above),
                 QUELL_OK);
        CHECK_EQ(quell_scope_open_below(&scope[which], &above, 1), expected);
    } else {
        quell_scope_t *under = parent == NOBODY ? NULL : &scope[parent];
        CHECK_EQ(quell_scope_open(&scope[which], under), expected);
    }
    if (expected == QUELL_OK) {
        const quell_level_t inherited =
            parent == NOBODY || shielded ? QUELL_LEVEL_NONE : model[parent].level;
        CHECK_EQ(quell_scope_poll(&scope[which]), inherited);
        /* Its hook comes after what it inherited, and is told at once. */
        memset(&ear[which], 0, sizeof ear[which]);
        CHECK_EQ(quell_scope_handle(&scope[which], QUELL_RIGHT_OBSERVE, &handle), QUELL_OK);
        CHECK_EQ(quell_hook_add_and_tell(&handle, &ear[which].hook, write_down, &ear[which],
                                         QUELL_EVENT_ALL),
                 inherited == QUELL_LEVEL_NONE ? QUELL_OK : QUELL_HAPPENED);
        model_hear(which);
    }
    return expected;
}

static quell_verdict_t step(void) {
    const int which = (int)pick(SCOPES);
    const quell_level_t level = (quell_level_t)(QUELL_LEVEL_GRACEFUL + pick(3));
    const quell_cause_t cause = pick(2) ? QUELL_CAUSE_USER : QUELL_CAUSE_APPLICATION_7;
    quell_verdict_t expected;
    int shielded;
    switch (pick(10)) {
    case 0:
        return open_both(which, NOBODY, 0);
    case 1:
    case 2:
    case 3:
        return open_both(which, (int)pick(SCOPES), 0);
    case 4:
        return open_both(which, (int)pick(SCOPES), 1);
    case 5:
    case 6:
        shielded = (int)pick(2);
        expected = model_shield(which, shielded);
        CHECK_EQ(quell_scope_shield(&scope[which], (uint32_t)shielded), expected);
        return expected;
    case 7:
        expected = model_close(which);
        CHECK_EQ(quell_scope_close(&scope[which]), expected);
        return expected;
    default:
        expected = model_ask(which, level, cause);
        CHECK_EQ(quell_scope_cancel(&scope[which], level, cause), expected);
        return expected;
    }
}

static void compare_all(void) {
    int i;
    for (i = 0; i < SCOPES; ++i) {
        const model_t *m = &model[i];
        CHECK_EQ(quell_scope_poll(&scope[i]), m->level);
        CHECK_EQ(ear[i].calls, m->told);
        CHECK(m->told <= MOST_TOLD);
        if (m->told != 0) {
            const quell_told_t *told = &ear[i].told[m->told - 1u];
            check_told(told, m->last.events, m->last.phase, m->last.level, m->last.cause,
                       m->last.effects, m->last.code);
        }
    }
}

int main(int argc, char **argv) {
    const unsigned long steps = argc > 1 ? strtoul(argv[1], NULL, 10) : 200000u;
    unsigned long i;
    int which;
    seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 20260311u;
    CHECK(steps >= 1000u && seed != 0);
    for (which = 0; which < SCOPES; ++which)
        model[which].parent = NOBODY;
    for (i = 0; i < steps; ++i) {
        ++answers[step() % 32u];
        compare_all();
    }
    /* Not by chance: each answer was met often. */
    CHECK(answers[QUELL_OK] > steps / 20u && answers[QUELL_BAD_STATE] > steps / 20u);
    CHECK(answers[QUELL_CANCELLING] > steps / 100u && answers[QUELL_RAISED] > steps / 100u);
    CHECK(answers[QUELL_ALREADY_CANCELLING] > steps / 100u);
    for (which = 0; which < SCOPES; ++which)
        if (model[which].open)
            CHECK_EQ(quell_scope_close(&scope[which]), QUELL_OK);
    return check_report("scope_orders");
}
