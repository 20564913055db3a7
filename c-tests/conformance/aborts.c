/*
 * AbortBackup in every state of conformance/dialect-abort.csv, through the C
 * API's sessions. Where writer 1 is being told something at the moment, the
 * method that tells it runs on a thread of its own, held by that writer.
 *
 *   aborts [FILE]
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#define CONFORMANCE_NO_DIALECTS
#define CONFORMANCE_NO_VERDICTS
#define CONFORMANCE_NO_SEQUENCES
#define CONFORMANCE_NO_COM_SEQUENCES
#include "conformance_dialects.h"
#include "world.h"

enum { VERBS = 8 };
#define VETO 0x800423F4u
#define PROVIDER 0x80042306u

typedef quell_verdict_t verb_t(quell_session_t *);

/* The stage that a verb leaves, the one that it is in while it tells `notice`,
 * and the one it leads to. */
static const struct {
    uint32_t from, during, to, notice;
    verb_t *verb;
} verbs[VERBS] = {
    {QUELL_STAGE_INITIALISED, QUELL_STAGE_INITIALISED, QUELL_STAGE_SET_STARTED,
     QUELL_NOTICE_NONE, quell_session_start_set},
    {QUELL_STAGE_SET_STARTED, QUELL_STAGE_PREPARING, QUELL_STAGE_PREPARED, QUELL_NOTICE_PREPARE,
     quell_session_prepare},
    {QUELL_STAGE_PREPARED, QUELL_STAGE_PREPARING_SNAPSHOT, QUELL_STAGE_SNAPSHOT_PREPARED,
     QUELL_NOTICE_PREPARE_SNAPSHOT, quell_session_prepare_snapshot},
    {QUELL_STAGE_SNAPSHOT_PREPARED, QUELL_STAGE_FREEZING, QUELL_STAGE_FROZEN,
     QUELL_NOTICE_FREEZE, quell_session_freeze},
    {QUELL_STAGE_FROZEN, QUELL_STAGE_HOLDING, QUELL_STAGE_HOLDING, QUELL_NOTICE_NONE,
     quell_session_hold},
    {QUELL_STAGE_HOLDING, QUELL_STAGE_THAWING, QUELL_STAGE_THAWED, QUELL_NOTICE_THAW,
     quell_session_thaw},
    {QUELL_STAGE_THAWED, QUELL_STAGE_POST_SNAPSHOT, QUELL_STAGE_CREATED,
     QUELL_NOTICE_POST_SNAPSHOT, quell_session_post_snapshot},
    {QUELL_STAGE_CREATED, QUELL_STAGE_COMPLETING, QUELL_STAGE_COMPLETED, QUELL_NOTICE_COMPLETE,
     quell_session_complete},
};

static world_t world;
static side_t *const side = &world.sides[0];
static int row_differs;

static void expect(const conformance_abort_row *row, const char *what, uint32_t expected,
                   uint32_t seen) {
    if (expected != seen) {
        printf("%s: %s: expected 0x%lx, but saw 0x%lx\n", row->id, what,
               (unsigned long)expected, (unsigned long)seen);
        row_differs = 1;
    }
}

/* --- the state */

static void go(const conformance_abort_row *row, uint32_t to) {
    uint32_t n;
    for (n = 0; n < VERBS && verbs[n].from < to; n++) {
        const quell_verdict_t told = verbs[n].verb(&side->session);
        const int refused = told == QUELL_FAILED && row->state == CONFORMANCE_PREPARE_FAILED;
        expect(row, "a verb on the way", QUELL_OK, refused ? QUELL_OK : told);
    }
}

/* The verb that tells writers something in this stage; VERBS where none does. */
static uint32_t telling(uint32_t stage) {
    uint32_t n;
    for (n = 0; n < VERBS; n++)
        if (verbs[n].during == stage && verbs[n].notice != QUELL_NOTICE_NONE)
            break;
    return n;
}

static void fail_at(const conformance_abort_row *row, uint32_t stage) {
    switch (row->state) {
    case CONFORMANCE_HOLD_DROPPED:
        go(row, stage);
        world_pass(&world, 10001);
        expect(row, "expire", QUELL_TIMED_OUT,
               quell_session_expire(&side->session, world_clock(&world)));
        break;
    case CONFORMANCE_VETOED:
    case CONFORMANCE_TIMED_OUT:
        if (row->state == CONFORMANCE_VETOED)
            world_line(&world, 1, QUELL_NOTICE_FREEZE, VETO, 0);
        else
            world_line(&world, 1, QUELL_NOTICE_FREEZE, 0, 60001);
        go(row, stage);
        expect(row, "freeze", QUELL_CANCELLED, quell_session_freeze(&side->session));
        break;
    default:
        go(row, stage);
        expect(row, "the provider",
               row->state == QUELL_STAGE_SNAPSHOT_FAILED ? QUELL_FAILED : QUELL_CANCELLED,
               quell_session_provider_failed(&side->session, PROVIDER));
        break;
    }
}

static void reach(const conformance_abort_row *row) {
    const uint32_t verb = telling(row->state);
    if (row->state == QUELL_STAGE_VACANT)
        return;
    expect(row, "initialise", QUELL_OK, quell_session_initialise(&side->session, row->purpose));
    if (row->purpose == QUELL_PURPOSE_RESTORE)
        return;
    switch (row->state) {
    case QUELL_STAGE_SNAPSHOT_FAILED:
        fail_at(row, QUELL_STAGE_PREPARED);
        break;
    case CONFORMANCE_VETOED:
    case CONFORMANCE_TIMED_OUT:
        fail_at(row, QUELL_STAGE_SNAPSHOT_PREPARED);
        break;
    case CONFORMANCE_HOLD_DROPPED:
    case CONFORMANCE_PROVIDER_FAILED:
        fail_at(row, QUELL_STAGE_HOLDING);
        break;
    case CONFORMANCE_PREPARE_FAILED:
        world_line(&world, 1, QUELL_NOTICE_PREPARE, VETO, 0);
        go(row, QUELL_STAGE_PREPARED);
        break;
    case CONFORMANCE_ABORTED:
        go(row, QUELL_STAGE_FROZEN);
        (void)quell_session_abort(&side->session, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_USER,
                                  NULL);
        break;
    default:
        go(row, verb < VERBS ? verbs[verb].from : row->state);
        break;
    }
}

/* --- the call */

static uint32_t aborts(void) {
    uint8_t told[NOTICES];
    const uint32_t count = world_told(&world, told);
    uint32_t writers = 0, n;
    for (n = 0; n < count; n++)
        if ((told[n] & 15u) == QUELL_NOTICE_ABORT)
            writers |= 1u << (told[n] >> 4);
    return writers;
}

static uint32_t stage(void) {
    quell_session_status_t seen;
    (void)quell_session_look(&side->session, &seen);
    return seen.stage;
}

static quell_verdict_t next_verb(uint32_t after) {
    uint32_t n;
    if (after == QUELL_STAGE_VACANT)
        return quell_session_initialise(&side->session, QUELL_PURPOSE_BACKUP);
    for (n = 0; n < VERBS - 1; n++)
        if (verbs[n].from == after)
            break;
    return verbs[n].verb(&side->session);
}

static void *run_verb(void *context) {
    uint32_t *stage_then_verdict = (uint32_t *)context;
    *stage_then_verdict = next_verb(*stage_then_verdict);
    return NULL;
}

static void abort_backup(const conformance_abort_row *row) {
    quell_reply_t reply;
    quell_aborted_t done;
    const quell_verdict_t told =
        quell_session_abort(&side->session, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_USER, &done);
    reply = quell_vss_abort_hresult(told, row->profile);
    expect(row, "verdict", row->verdict, reply.verdict);
    expect(row, "returns", row->returns, reply.code);
    expect(row, "told", row->told, aborts());
}

/* The verdict of the method that is under way, or of the one that comes next. */
static quell_verdict_t abort_and_go_on(const conformance_abort_row *row) {
    const uint32_t verb = telling(row->state);
    uint32_t before = stage();
    pthread_t requester;
    if (verb < VERBS) {
        world_holds(&world, 1, verbs[verb].notice);
        if (pthread_create(&requester, NULL, run_verb, &before) != 0)
            exit(1);
        world_wait_held(&world);
        (void)aborts();
        abort_backup(row);
        (void)world_let_go(&world);
        pthread_join(requester, NULL);
        expect(row, "lock", row->locked, world_locked(&world));
        return before;
    }
    abort_backup(row);
    expect(row, "lock", row->locked, world_locked(&world));
    return next_verb(before);
}

static void replay(const conformance_abort_row *row) {
    quell_session_status_t seen;
    quell_verdict_t said = CONFORMANCE_NOT_ASKED, found;
    quell_reply_t snapshot;
    uint32_t writer;
    row_differs = 0;
    says_limit();
    world_make(&world);
    expect(row, "link", QUELL_OK, side_begin(side, QUELL_MODE_DECISIVE));
    reach(row);
    (void)aborts();
    expect(row, "what goes on", row->goes_on,
           quell_vss_verb_hresult(abort_and_go_on(row), row->profile).code);
    expect(row, "owed", row->owed, aborts());
    (void)quell_session_look(&side->session, &seen);
    snapshot = quell_vss_snapshot_hresult(&seen, row->profile);
    expect(row, "snapshot", row->snapshot, snapshot.after_end ? 0 : snapshot.code);
    for (writer = 0; writer < WRITERS; writer++) {
        quell_participant_t participant;
        const quell_verdict_t there =
            quell_session_participant(&side->session, writer, &participant);
        expect(row, "whether there are writers", row->has_writers, there == QUELL_OK);
        if (there == QUELL_OK)
            expect(row, "a writer's state", row->writers[writer],
                   quell_vss_writer(&participant).state);
    }
    found = quell_session_unlink(&side->session, side->link, &said, NULL);
    expect(row, "the linked operation", row->linked,
           found == QUELL_RAN ? said : CONFORMANCE_NOT_ASKED);
    (void)quell_session_release(&side->session);
    (void)quell_op_force(&side->owner, QUELL_CODE_ABANDONED);
    world_end(&world);
    says_row(row->id, !row_differs);
}

int main(int count, char **arguments) {
    size_t n;
    says_begin("c-aborts", count, arguments);
    for (n = 0; n < CONFORMANCE_ABORT_ROWS; n++)
        replay(&conformance_abort_rows[n]);
    return says_end(CONFORMANCE_ABORT_ROWS);
}
