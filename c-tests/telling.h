/*
 * What the programs on hooks, scopes and waiting share: a source with its owner
 * and its worker, and a hook that writes down what it is told.
 */
#ifndef TELLING_H
#define TELLING_H

#include "rejects.h"

#define MISALIGNED(type, object) ((type *)((uintptr_t)(&(object)) + 1u))

/* Makes the call, and checks its answer and that no byte of `object` changed. */
#define LEAVES(object, call, verdict)                                                          \
    do {                                                                                       \
        unsigned char bytes_[sizeof(object)];                                                  \
        memcpy(bytes_, &(object), sizeof bytes_);                                              \
        CHECK_EQ(call, verdict);                                                               \
        CHECK(memcmp(bytes_, &(object), sizeof bytes_) == 0);                                  \
    } while (0)

typedef struct {
    quell_source_t source;
    quell_handle_t owner;
    quell_worker_t worker;
} telling_t;

static inline telling_t *pending_source(telling_t *t, uint32_t mode) {
    memset(t, 0, sizeof *t);
    CHECK_EQ(quell_source_arm(&t->source, mode, &t->owner), QUELL_OK);
    return t;
}

static inline telling_t *running_source(telling_t *t) {
    pending_source(t, QUELL_MODE_DECISIVE);
    CHECK_EQ(quell_op_start(&t->owner, &t->worker), QUELL_OK);
    return t;
}

static inline quell_verdict_t ask(const telling_t *t, quell_level_t level) {
    return quell_cancel(&t->owner, level, QUELL_CAUSE_USER, NULL);
}

#define NOTES 8u

/* What one hook was told, in order. */
typedef struct {
    quell_hook_t hook;
    uint32_t calls;
    quell_told_t told[NOTES];
} ear_t;

static inline void write_down(void *ear, const quell_told_t *told) {
    ear_t *self = (ear_t *)ear;
    CHECK(self->calls < NOTES);
    self->told[self->calls++] = *told;
}

/* Adds an ear that was not told anything yet. */
static inline quell_verdict_t listen(const quell_handle_t *to, ear_t *ear, uint32_t events) {
    memset(ear, 0, sizeof *ear);
    return quell_hook_add(to, &ear->hook, write_down, ear, events, NULL);
}

static inline void check_told(const quell_told_t *told, uint32_t events, quell_phase_t phase,
                              quell_level_t level, quell_cause_t cause, quell_effects_t effects,
                              uint32_t code) {
    CHECK_EQ(told->events, events);
    CHECK_EQ(told->phase, phase);
    CHECK_EQ(told->level, level);
    CHECK_EQ(told->cause, cause);
    CHECK_EQ(told->effects, effects);
    CHECK_EQ(told->code, code);
}

static inline int is_nothing_told(const quell_told_t *told) {
    static const quell_told_t nothing = {
        0u, QUELL_PHASE_VACANT, QUELL_LEVEL_NONE, QUELL_CAUSE_NONE, QUELL_EFFECTS_UNSTATED, 0u};
    return memcmp(told, &nothing, sizeof nothing) == 0;
}

#endif
