/* One life of an operation, from arm to retire, and everything that anybody was
 * told of it. */

#ifndef LIFE_H
#define LIFE_H

#include "storm.h"

#define MOST_HOOKS 8u
#define OWN_CODE 77u

/* Who asks. */
enum { ASKED_BEFORE, ASKED_IN_CALL, ASKED_IN_INTERRUPT, ASKED_AGAIN, ASKERS };

struct listener {
    quell_hook_t hook;
    volatile uint32_t requests, raises, ends;
    quell_told_t last;
};

struct life {
    quell_source_t source;
    quell_op_t op;
    /* Without a source. */
    bool plain;
    uint32_t mode, hooks;
    quell_handle_t owner;
    quell_worker_t worker;
    struct listener listeners[MOST_HOOKS];
    struct {
        volatile quell_verdict_t verdict;
        quell_level_t level;
        quell_cause_t cause;
        uint32_t code;
    } asked[ASKERS];
    /* How it ended by what the worker was told; VACANT: it has not. */
    volatile quell_phase_t believed;
};

extern struct life life;

/* A number of hooks for a variant's choice of four: 0, 1, 3, 8. */
uint32_t hooks_of(uint32_t choice);

/* Arms it with so many hooks. */
void life_arm(bool plain, uint32_t mode, uint32_t hooks);
/* And starts it. */
void life_begin(bool plain, uint32_t mode, uint32_t hooks);

void listen(struct listener *listener, const quell_told_t *told);
void life_hears(void *context, const quell_told_t *told);

/* Asks, in an interrupt by the form for it; the verdict. */
quell_verdict_t life_ask(uint32_t who, quell_level_t level, quell_cause_t cause);
/* Whether that asker's request was recorded. */
bool life_accepted(uint32_t who);
/* The highest level of those. */
quell_level_t life_level(void);

/* Goes on where the worker was told this by that call. */
void life_started(quell_verdict_t told);
void life_committed(quell_verdict_t told);
void life_finished(quell_verdict_t told);
void life_failed(quell_verdict_t told);
void life_acknowledged(quell_verdict_t told);

/* The worker's poll shows what has been accepted: none is lost. */
void life_polls(bool shielded);

/* Ends it where it has not, settles, judges what all were told, and retires. */
void life_conclude(void);

#endif
