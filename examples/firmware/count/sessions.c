/* Sessions: the abort of a set whose participants are prepared. */

#include "count.h"

#include <stdio.h>

#define MOST 8u

static quell_session_lock_t lock;
static quell_session_t session;
static quell_seat_t seats[MOST];

static uint32_t agrees(void *context, uint32_t participant, quell_notice_t notice) {
    (void)context;
    (void)participant;
    (void)notice;
    return 0;
}

static uint32_t now(void *context) {
    (void)context;
    return 0;
}

static void of(uint32_t participants) {
    quell_session_config_t config = {0};
    quell_aborted_t aborted;
    char name[48];
    config.struct_size = sizeof config;
    config.participant_count = participants;
    config.seats = seats;
    config.lock = &lock;
    config.tell = agrees;
    config.now = now;
    HOLDS(quell_session_init(&session, &config) == QUELL_OK);
    HOLDS(quell_session_initialise(&session, QUELL_PURPOSE_BACKUP) == QUELL_OK);
    HOLDS(quell_session_start_set(&session) == QUELL_OK);
    (void)snprintf(name, sizeof name, "session prepare: %u participants",
                   (unsigned)participants);
    COUNT(name, quell_session_prepare(&session), QUELL_OK);
    (void)snprintf(name, sizeof name, "session abort: %u participants", (unsigned)participants);
    COUNT(name,
          quell_session_abort(&session, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_USER, &aborted),
          QUELL_CANCELLED);
    HOLDS(aborted.told == participants);
    HOLDS(quell_session_release(&session) == QUELL_OK);
}

void count_sessions(void) {
    of(1u);
    of(2u);
    of(MOST);
}
