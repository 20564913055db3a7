/* A session's verbs, and the interrupt as whoever aborts it; and its abort, and
 * the interrupt as a second one. Participants are told of an abort once, where
 * it was accepted, and of none where it was not; who was frozen is thawed or
 * told of the abort. */

#include "storm.h"

#include <string.h>

#define PARTICIPANTS 2u
#define NOTICES 9u

enum { START_SET, PREPARE, PREPARE_SNAPSHOT, FREEZE, THAW, POST_SNAPSHOT, COMPLETE, VERBS };

static quell_session_t session;
static quell_seat_t seats[PARTICIPANTS];
static quell_link_t links[1];
static quell_session_lock_t lock;
static uint32_t verb;
static volatile uint32_t notices[PARTICIPANTS][NOTICES];
static quell_op_t linked;
static quell_handle_t linked_owner;
static quell_worker_t linked_worker;

SWEPT static uint32_t tell(void *context, uint32_t participant, quell_notice_t notice) {
    (void)context;
    notices[participant][notice]++;
    return 0;
}

SWEPT static uint32_t now(void *context) {
    (void)context;
    return 0;
}

SWEPT static void call_verb(void) {
    switch (verb) {
    case START_SET:
        answered = quell_session_start_set(&session);
        break;
    case PREPARE:
        answered = quell_session_prepare(&session);
        break;
    case PREPARE_SNAPSHOT:
        answered = quell_session_prepare_snapshot(&session);
        break;
    case FREEZE:
        answered = quell_session_freeze(&session);
        break;
    case THAW:
        answered = quell_session_thaw(&session);
        break;
    case POST_SNAPSHOT:
        answered = quell_session_post_snapshot(&session);
        break;
    default:
        answered = quell_session_complete(&session);
    }
}

static void strike(void) {
    struck = quell_session_abort(&session, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_USER, NULL);
}

/* A session of which all verbs before this one have been called. */
static void before_verb(uint32_t of) {
    quell_session_config_t config;
    memset(&config, 0, sizeof config);
    memset((void *)notices, 0, sizeof notices);
    config.struct_size = sizeof config;
    config.participant_count = PARTICIPANTS;
    config.link_count = 1;
    config.seats = seats;
    config.links = links;
    config.lock = &lock;
    config.tell = tell;
    config.now = now;
    MUST(quell_session_init(&session, &config) == QUELL_OK);
    MUST(quell_session_initialise(&session, QUELL_PURPOSE_BACKUP) == QUELL_OK);
    MUST(quell_op_arm(&linked, QUELL_MODE_DECISIVE, &linked_owner) == QUELL_OK);
    MUST(quell_op_start(&linked_owner, &linked_worker) == QUELL_OK);
    MUST(quell_session_link(&session, &linked_owner, NULL) == QUELL_OK);
    for (verb = 0; verb < of; verb++) {
        call_verb();
        MUST(answered == QUELL_OK);
    }
    answered = NOT_TOLD;
}

/* `accepted`: an abort was told that it is one. */
static void judge(bool accepted) {
    quell_session_status_t seen;
    MUST(quell_session_look(&session, &seen) == QUELL_OK);
    MUST(!accepted || seen.set == QUELL_PHASE_CANCELLED ||
         seen.completion == QUELL_PHASE_CANCELLED);
    for (uint32_t i = 0; i < PARTICIPANTS; i++) {
        const volatile uint32_t *told = notices[i];
        for (uint32_t notice = 0; notice < NOTICES; notice++) {
            MUST(told[notice] <= 1u);
        }
        MUST(accepted || told[QUELL_NOTICE_ABORT] == 0u);
        MUST(!accepted || told[QUELL_NOTICE_PREPARE] == 0u || told[QUELL_NOTICE_ABORT] == 1u);
        MUST(told[QUELL_NOTICE_FREEZE] == 0u || !accepted || told[QUELL_NOTICE_THAW] == 1u ||
             told[QUELL_NOTICE_ABORT] == 1u);
        MUST(told[QUELL_NOTICE_ABORT] == 0u || told[QUELL_NOTICE_POST_SNAPSHOT] == 0u);
    }
    MUST(!accepted || quell_worker_poll(&linked_worker) == QUELL_LEVEL_IMMEDIATE);
    MUST(quell_op_acknowledge(&linked_worker, QUELL_EFFECTS_NONE) == QUELL_OK);
    MUST(quell_op_retire(&linked_owner) == QUELL_OK);
    MUST(quell_session_release(&session) == QUELL_OK);
    MUST(quell_session_lock_look(&lock) == QUELL_OK);
}

static bool is_accepted(quell_verdict_t verdict) {
    return verdict == QUELL_CANCELLED || verdict == QUELL_CANCELLING;
}

static void verb_concluded(void) {
    met(answered, struck);
    MUST(answered == QUELL_OK || answered == QUELL_CANCELLED || answered == QUELL_BAD_STATE);
    MUST(answered == QUELL_OK || struck != QUELL_IGNORED);
    MUST(verb != POST_SNAPSHOT || (answered == QUELL_OK) != is_accepted(struck));
    judge(is_accepted(struck));
}

/* --- two aborts */

SWEPT static void abort_it(void) {
    answered = quell_session_abort(&session, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_USER, NULL);
}

static void abort_concluded(void) {
    met(answered, struck);
    /* One of the two is the abort. */
    MUST(is_accepted(answered) != is_accepted(struck));
    MUST(is_accepted(answered) ? struck == QUELL_IGNORED : answered == QUELL_IGNORED);
    judge(true);
}

static void to_abort(uint32_t variant) { before_verb(THAW + variant); }

const struct scenario session_scenarios[] = {
    {"session verb", VERBS, before_verb, call_verb, strike, verb_concluded, false},
    {"session abort", 1u, to_abort, abort_it, strike, abort_concluded, false},
    {NULL, 0, NULL, NULL, NULL, NULL, false},
};
