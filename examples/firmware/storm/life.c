/* both: a requester was promised a cancellation, and the work stands.
 * neither: it was told that the work stands, and it was cancelled. */

#include "life.h"

#include <string.h>

struct life life;

uint32_t hooks_of(uint32_t choice) {
    static const uint8_t hooks[] = {0, 1, 3, 8};
    return hooks[choice % 4u];
}

void listen(struct listener *listener, const quell_told_t *told) {
    listener->requests += (told->events & QUELL_EVENT_REQUEST) != 0u ? 1u : 0u;
    listener->raises += (told->events & QUELL_EVENT_RAISE) != 0u ? 1u : 0u;
    listener->ends += (told->events & QUELL_EVENT_END) != 0u ? 1u : 0u;
    listener->last = *told;
}

void life_hears(void *context, const quell_told_t *told) { listen(context, told); }

void life_arm(bool plain, uint32_t mode, uint32_t hooks) {
    memset(life.listeners, 0, sizeof life.listeners);
    memset(life.asked, 0, sizeof life.asked);
    for (uint32_t i = 0; i < ASKERS; i++) {
        life.asked[i].verdict = NOT_TOLD;
    }
    life.plain = plain;
    life.mode = mode;
    life.hooks = hooks;
    life.believed = QUELL_PHASE_VACANT;
    life.worker.op = NULL;
    MUST((plain ? quell_op_arm(&life.op, mode, &life.owner)
                : quell_source_arm(&life.source, mode, &life.owner)) == QUELL_OK);
    for (uint32_t i = 0; i < hooks; i++) {
        MUST(quell_hook_add(&life.owner, &life.listeners[i].hook, life_hears,
                            &life.listeners[i], QUELL_EVENT_ALL, NULL) == QUELL_OK);
    }
}

void life_begin(bool plain, uint32_t mode, uint32_t hooks) {
    life_arm(plain, mode, hooks);
    MUST(quell_op_start(&life.owner, &life.worker) == QUELL_OK);
}

quell_verdict_t life_ask(uint32_t who, quell_level_t level, quell_cause_t cause) {
    quell_verdict_t verdict =
        quell_port_1_in_interrupt() != 0u
            ? quell_cancel_from_isr(&life.owner, level, cause, &life.asked[who].code)
            : quell_cancel(&life.owner, level, cause, &life.asked[who].code);
    life.asked[who].level = level;
    life.asked[who].cause = cause;
    life.asked[who].verdict = verdict;
    return verdict;
}

bool life_accepted(uint32_t who) {
    switch (life.asked[who].verdict) {
    case QUELL_CANCELLED:
    case QUELL_CANCELLING:
    case QUELL_REQUESTED:
    case QUELL_RAISED:
        return true;
    default:
        return false;
    }
}

quell_level_t life_level(void) {
    quell_level_t level = QUELL_LEVEL_NONE;
    for (uint32_t who = 0; who < ASKERS; who++) {
        if (life_accepted(who) && life.asked[who].level > level) {
            level = life.asked[who].level;
        }
    }
    return level;
}

/* --- the worker */

static void undone(void) {
    MUST(quell_op_acknowledge(&life.worker, QUELL_EFFECTS_PARTIAL) == QUELL_OK);
    life.believed = QUELL_PHASE_CANCELLED;
}

void life_finished(quell_verdict_t told) {
    MUST(told == QUELL_OK || told == QUELL_CANCELLING);
    if (told == QUELL_CANCELLING) {
        undone();
    } else {
        life.believed = QUELL_PHASE_FINISHED;
    }
}

void life_committed(quell_verdict_t told) {
    MUST(told == QUELL_OK || told == QUELL_CANCELLING);
    if (told == QUELL_CANCELLING) {
        undone();
    } else {
        MUST(quell_op_finish(&life.worker) == QUELL_OK);
        life.believed = QUELL_PHASE_FINISHED;
    }
}

void life_failed(quell_verdict_t told) {
    MUST(told == QUELL_OK || told == QUELL_CANCELLED);
    life.believed = told == QUELL_OK ? QUELL_PHASE_FAILED : QUELL_PHASE_CANCELLED;
}

void life_acknowledged(quell_verdict_t told) {
    MUST(told == QUELL_OK);
    life.believed = QUELL_PHASE_CANCELLED;
}

void life_started(quell_verdict_t told) {
    MUST(told == QUELL_OK || told == QUELL_CANCELLED);
    if (told == QUELL_CANCELLED) {
        life.believed = QUELL_PHASE_CANCELLED;
    }
}

void life_polls(bool shielded) {
    quell_level_t level = shielded ? QUELL_LEVEL_NONE : life_level();
    MUST(quell_worker_poll(&life.worker) == level);
    MUST(quell_op_poll(life.worker.op) == level);
}

/* --- the judge */

static void judge_asked(uint32_t who, const quell_status_t *end) {
    bool cancelled = end->phase == QUELL_PHASE_CANCELLED;
    bool binding = (life.mode & QUELL_MODE_BEST_EFFORT) == 0u;
    switch (life.asked[who].verdict) {
    case NOT_TOLD:
        break;
    case QUELL_CANCELLED:
        MUST(cancelled && end->effects == QUELL_EFFECTS_NONE);
        break;
    case QUELL_CANCELLING:
    case QUELL_ALREADY_CANCELLING:
        MUST(binding && cancelled);
        break;
    case QUELL_REQUESTED:
    case QUELL_ALREADY_REQUESTED:
        MUST(!binding && end->level >= life.asked[who].level);
        break;
    case QUELL_RAISED:
        MUST(!binding || cancelled);
        break;
    case QUELL_ALREADY_CANCELLED:
        MUST(cancelled);
        break;
    case QUELL_TOO_LATE:
        MUST(end->phase == QUELL_PHASE_FINISHED || end->phase == QUELL_PHASE_FAILED);
        break;
    case QUELL_FINISHED:
        MUST(end->phase == QUELL_PHASE_FINISHED);
        break;
    case QUELL_FAILED:
        MUST(end->phase == QUELL_PHASE_FAILED && life.asked[who].code == OWN_CODE &&
             end->code == OWN_CODE);
        break;
    default:
        MUST(!"an allowed verdict of a cancel");
    }
}

static void judge_request(const quell_status_t *end) {
    uint32_t first = 0, raised = 0;
    bool caused = false;
    for (uint32_t who = 0; who < ASKERS; who++) {
        quell_verdict_t verdict = life.asked[who].verdict;
        judge_asked(who, end);
        raised += verdict == QUELL_RAISED ? 1u : 0u;
        first += life_accepted(who) && verdict != QUELL_RAISED ? 1u : 0u;
        caused |= life_accepted(who) && end->level == life.asked[who].level &&
                  end->cause == life.asked[who].cause;
    }
    MUST(first <= 1u && (raised == 0u || first == 1u));
    if (first != 0u) {
        MUST(end->level == life_level() && caused);
    } else if (end->phase == QUELL_PHASE_CANCELLED) {
        MUST(end->level == QUELL_LEVEL_GRACEFUL && end->cause == QUELL_CAUSE_SELF);
    } else {
        MUST(end->level == QUELL_LEVEL_NONE);
    }
    for (uint32_t i = 0; i < life.hooks; i++) {
        const struct listener *listener = &life.listeners[i];
        MUST(listener->ends == 1u);
        MUST(listener->requests == (end->level != QUELL_LEVEL_NONE ? 1u : 0u));
        MUST(listener->raises <= raised);
        MUST(listener->last.phase == end->phase && listener->last.level == end->level &&
             listener->last.cause == end->cause && listener->last.code == end->code);
    }
}

void life_conclude(void) {
    quell_status_t end;
    if (life.believed == QUELL_PHASE_VACANT) {
        if (life.worker.op == NULL) {
            life_started(quell_op_start(&life.owner, &life.worker));
        }
        if (life.believed == QUELL_PHASE_VACANT) {
            life_polls(false);
            life_finished(quell_op_finish(&life.worker));
        }
    }
    MUST(quell_op_status(&life.owner, &end) == QUELL_OK);
    MUST(end.phase == life.believed);
    /* All have been told by now: the drain has been, whoever asked for it. */
    judge_request(&end);
    MUST(life.plain || quell_settle(&life.owner) == QUELL_OK);
    MUST(quell_op_retire(&life.owner) == QUELL_OK);
    MUST(quell_op_status(&life.owner, &end) == QUELL_STALE);
}
