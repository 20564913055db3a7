/*
 * Sessions: the happy path, the abort in each stage, automatic aborts, an abort
 * from inside a callback and from another thread, links, the lock, bad input.
 */
#include <pthread.h>
#include <stddef.h>

#include "check.h"
#include "quell.h"

#define MISALIGNED(type, object) ((type *)((uintptr_t)(&(object)) + 1u))
#define PARTICIPANTS 3u
#define LINKS 2u

typedef struct {
    quell_session_t session;
    quell_seat_t seats[PARTICIPANTS];
    quell_link_t links[LINKS];
    uint32_t told[PARTICIPANTS][QUELL_NOTICE_SHUTDOWN + 1];
    uint32_t total;
    uint32_t clock;
    uint32_t refuses; /* participant 1 refuses this notice ... */
    uint32_t takes;   /* ... and this one takes so many ticks */
    uint32_t ticks;
    uint32_t aborts; /* inside this one the session is aborted */
    quell_verdict_t verdict;
    quell_aborted_t aborted;
} machine_t;

static quell_session_lock_t lock;

static quell_verdict_t abort_it(machine_t *machine) {
    return quell_session_abort(&machine->session, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_USER,
                               &machine->aborted);
}

static uint32_t tell(void *context, uint32_t participant, quell_notice_t notice) {
    machine_t *machine = (machine_t *)context;
    if (participant >= PARTICIPANTS || notice > QUELL_NOTICE_SHUTDOWN)
        exit(1);
    ++machine->told[participant][notice];
    ++machine->total;
    if (participant != 1u)
        return 0;
    if (machine->takes == (uint32_t)notice)
        machine->clock += machine->ticks;
    if (machine->aborts == (uint32_t)notice)
        machine->verdict = abort_it(machine);
    return machine->refuses == (uint32_t)notice ? 0x800423F4u : 0u;
}

static uint32_t now(void *context) { return ((machine_t *)context)->clock; }

static quell_session_config_t config_of(machine_t *machine) {
    quell_session_config_t config;
    memset(&config, 0, sizeof config);
    config.struct_size = sizeof config;
    config.participant_count = PARTICIPANTS;
    config.link_count = LINKS;
    config.seats = machine->seats;
    config.links = machine->links;
    config.lock = &lock;
    config.tell = tell;
    config.now = now;
    config.context = machine;
    return config;
}

static void make(machine_t *machine) {
    quell_session_config_t config;
    memset(machine, 0, sizeof *machine);
    memset(machine->seats, 0xAA, sizeof machine->seats);
    memset(machine->links, 0xAA, sizeof machine->links);
    machine->clock = 0xFFFFFF00u;
    config = config_of(machine);
    CHECK_EQ(quell_session_init(&machine->session, &config), QUELL_OK);
}

typedef quell_verdict_t verb_t(quell_session_t *);
static verb_t *const verbs[] = {
    quell_session_start_set,     quell_session_prepare,  quell_session_prepare_snapshot,
    quell_session_freeze,        quell_session_hold,     quell_session_thaw,
    quell_session_post_snapshot, quell_session_complete,
};
#define VERBS (sizeof verbs / sizeof verbs[0])

/* A backup that has come through so many verbs. */
static void after(machine_t *machine, size_t count) {
    size_t i;
    make(machine);
    CHECK_EQ(quell_session_initialise(&machine->session, QUELL_PURPOSE_BACKUP), QUELL_OK);
    for (i = 0; i < count; ++i)
        CHECK_EQ(verbs[i](&machine->session), QUELL_OK);
}

static void each_was_told(const machine_t *machine, quell_notice_t notice, uint32_t times) {
    uint32_t i;
    for (i = 0; i < PARTICIPANTS; ++i)
        CHECK_EQ(machine->told[i][notice], times);
}

static void layout(void) {
    const int wide = sizeof(void *) == 8;
    CHECK_EQ(sizeof(quell_session_lock_t), 4);
    CHECK_EQ(sizeof(quell_seat_t), 12);
    CHECK_EQ(sizeof(quell_link_t), wide ? 40 : 28);
    CHECK_EQ(sizeof(quell_session_config_t), wide ? 72 : 48);
    CHECK_EQ(sizeof(quell_session_t), wide ? 112 : 88);
    CHECK_EQ(offsetof(quell_session_t, words), 0);
    CHECK_EQ(sizeof(quell_participant_t), 28);
    CHECK_EQ(sizeof(quell_session_status_t), 36);
    CHECK_EQ(sizeof(quell_aborted_t), 12);
}

static void happy_path(void) {
    machine_t machine;
    quell_session_status_t status;
    uint32_t notice;
    after(&machine, VERBS);
    for (notice = QUELL_NOTICE_PREPARE; notice <= QUELL_NOTICE_COMPLETE; ++notice)
        each_was_told(&machine, (quell_notice_t)notice, 1);
    each_was_told(&machine, QUELL_NOTICE_ABORT, 0);
    CHECK_EQ(quell_session_look(&machine.session, &status), QUELL_OK);
    CHECK_EQ(status.stage, QUELL_STAGE_COMPLETED);
    CHECK_EQ(status.set, QUELL_PHASE_FINISHED);
    CHECK_EQ(status.over, 1);
    CHECK_EQ(status.level, QUELL_LEVEL_NONE);
    CHECK_EQ(quell_session_release(&machine.session), QUELL_OK);
    each_was_told(&machine, QUELL_NOTICE_SHUTDOWN, 1);
    CHECK_EQ(quell_session_release(&machine.session), QUELL_BAD_STATE);
    CHECK_EQ(quell_session_initialise(&machine.session, QUELL_PURPOSE_BACKUP), QUELL_OK);
    CHECK_EQ(quell_session_release(&machine.session), QUELL_OK);
}

/* The rows of the table, by the verbs that were called. */
static void abort_in_each_stage(void) {
    static const struct {
        quell_verdict_t verdict;
        uint32_t told;
    } rows[VERBS + 1] = {
        {QUELL_IGNORED, 0},   {QUELL_CANCELLED, 0}, {QUELL_CANCELLED, 3},
        {QUELL_CANCELLED, 3}, {QUELL_CANCELLED, 3}, {QUELL_CANCELLED, 3},
        {QUELL_CANCELLED, 3}, {QUELL_OK, 0},        {QUELL_IGNORED, 0},
    };
    machine_t machine;
    size_t count, i;
    make(&machine);
    CHECK_EQ(abort_it(&machine), QUELL_BAD_STATE);
    for (count = 0; count <= VERBS; ++count) {
        after(&machine, count);
        CHECK_EQ(abort_it(&machine), rows[count].verdict);
        CHECK_EQ(machine.aborted.told, rows[count].told);
        each_was_told(&machine, QUELL_NOTICE_ABORT, rows[count].told / PARTICIPANTS);
        CHECK_EQ(quell_session_lock_look(&lock), QUELL_OK);
        if (count == 0)
            continue;
        CHECK_EQ(abort_it(&machine), QUELL_IGNORED);
        CHECK_EQ(machine.aborted.told, 0);
        for (i = 0; i < VERBS; ++i)
            CHECK_EQ(verbs[i](&machine.session), QUELL_BAD_STATE);
        each_was_told(&machine, QUELL_NOTICE_ABORT, rows[count].told / PARTICIPANTS);
    }
    make(&machine);
    CHECK_EQ(quell_session_initialise(&machine.session, QUELL_PURPOSE_RESTORE), QUELL_OK);
    CHECK_EQ(abort_it(&machine), QUELL_UNSUPPORTED);
    CHECK_EQ(quell_session_start_set(&machine.session), QUELL_BAD_STATE);
}

static void automatic_aborts(void) {
    machine_t machine;
    quell_participant_t seen;
    quell_session_status_t status;
    after(&machine, 3);
    machine.refuses = QUELL_NOTICE_FREEZE;
    CHECK_EQ(quell_session_freeze(&machine.session), QUELL_CANCELLED);
    each_was_told(&machine, QUELL_NOTICE_ABORT, 1);
    CHECK_EQ(quell_session_participant(&machine.session, 1, &seen), QUELL_OK);
    CHECK_EQ(seen.standing, QUELL_STANDING_FAILED);
    CHECK_EQ(seen.failed_at, QUELL_NOTICE_FREEZE);
    CHECK_EQ(seen.code, 0x800423F4u);
    CHECK_EQ(seen.timed_out, 0);
    CHECK_EQ(seen.abort_told, 1);
    CHECK_EQ(quell_session_look(&machine.session, &status), QUELL_OK);
    CHECK_EQ(status.cause, QUELL_CAUSE_PEER);

    after(&machine, 3);
    machine.takes = QUELL_NOTICE_FREEZE;
    machine.ticks = 60001;
    CHECK_EQ(quell_session_freeze(&machine.session), QUELL_CANCELLED);
    CHECK_EQ(quell_session_participant(&machine.session, 1, &seen), QUELL_OK);
    CHECK_EQ(seen.timed_out, 1);
    CHECK_EQ(seen.code, 0);
    each_was_told(&machine, QUELL_NOTICE_ABORT, 1);

    after(&machine, 5);
    machine.clock += 10001;
    CHECK_EQ(quell_session_expire(&machine.session, machine.clock - 1u), QUELL_OK);
    CHECK_EQ(quell_session_expire(&machine.session, machine.clock), QUELL_TIMED_OUT);
    CHECK_EQ(quell_session_look(&machine.session, &status), QUELL_OK);
    CHECK_EQ(status.hold_dropped, 1);
    CHECK_EQ(status.cause, QUELL_CAUSE_DEADLINE);
    CHECK_EQ(quell_session_thaw(&machine.session), QUELL_BAD_STATE);

    after(&machine, 4);
    CHECK_EQ(quell_session_provider_failed(&machine.session, 0x8004230Fu), QUELL_CANCELLED);
    CHECK_EQ(quell_session_look(&machine.session, &status), QUELL_OK);
    CHECK_EQ(status.code, 0x8004230Fu);
    CHECK_EQ(status.cause, QUELL_CAUSE_FAULT);
    each_was_told(&machine, QUELL_NOTICE_ABORT, 1);

    /* Not from refusals of these. */
    after(&machine, 1);
    machine.refuses = QUELL_NOTICE_PREPARE;
    CHECK_EQ(quell_session_prepare(&machine.session), QUELL_FAILED);
    each_was_told(&machine, QUELL_NOTICE_ABORT, 0);
    CHECK_EQ(quell_session_release(&machine.session), QUELL_OK);
    after(&machine, 6);
    machine.refuses = QUELL_NOTICE_POST_SNAPSHOT;
    CHECK_EQ(quell_session_post_snapshot(&machine.session), QUELL_FAILED);
    each_was_told(&machine, QUELL_NOTICE_ABORT, 0);
}

static void from_inside_a_callback(void) {
    machine_t machine;
    after(&machine, 3);
    machine.aborts = QUELL_NOTICE_FREEZE;
    CHECK_EQ(quell_session_freeze(&machine.session), QUELL_CANCELLED);
    CHECK_EQ(machine.verdict, QUELL_CANCELLING);
    CHECK_EQ(machine.aborted.told, 2);
    CHECK_EQ(machine.aborted.owed, 1);
    each_was_told(&machine, QUELL_NOTICE_ABORT, 1);
    CHECK_EQ(machine.told[2][QUELL_NOTICE_FREEZE], 0);
    CHECK_EQ(quell_session_lock_look(&lock), QUELL_OK);
}

static void links(void) {
    machine_t machine;
    quell_op_t ops[3] = {QUELL_OP_INIT, QUELL_OP_INIT, QUELL_OP_INIT};
    quell_handle_t owners[3];
    quell_worker_t workers[3];
    quell_verdict_t verdict = QUELL_FULL;
    uint32_t i, places[3], code = 77u;
    for (i = 0; i < 3u; ++i) {
        CHECK_EQ(quell_op_arm(&ops[i], QUELL_MODE_DECISIVE, &owners[i]), QUELL_OK);
        CHECK_EQ(quell_op_start(&owners[i], &workers[i]), QUELL_OK);
    }
    after(&machine, 4);
    CHECK_EQ(quell_session_link(&machine.session, &owners[0], &places[0]), QUELL_OK);
    CHECK_EQ(quell_session_link(&machine.session, &owners[1], &places[1]), QUELL_OK);
    CHECK(places[0] != places[1]);
    CHECK_EQ(quell_session_link(&machine.session, &owners[2], &places[2]), QUELL_FULL);
    CHECK_EQ(places[2], 0);
    CHECK_EQ(quell_session_unlink(&machine.session, places[0], &verdict, &code), QUELL_OK);
    CHECK_EQ(verdict, 0);
    CHECK_EQ(code, 0);
    CHECK_EQ(quell_session_unlink(&machine.session, places[0], NULL, NULL), QUELL_NOT_FOUND);
    CHECK_EQ(quell_op_fail(&workers[1], 0xE7u), QUELL_OK);
    CHECK_EQ(quell_session_link(&machine.session, &owners[2], &places[2]), QUELL_OK);
    CHECK_EQ(abort_it(&machine), QUELL_CANCELLED);
    CHECK_EQ(quell_worker_poll(&workers[2]), QUELL_LEVEL_IMMEDIATE);
    CHECK_EQ(quell_worker_poll(&workers[0]), QUELL_LEVEL_NONE);
    CHECK_EQ(quell_session_unlink(&machine.session, places[1], &verdict, &code), QUELL_RAN);
    CHECK_EQ(verdict, QUELL_FAILED);
    CHECK_EQ(code, 0xE7u);
    CHECK_EQ(quell_session_unlink(&machine.session, places[2], &verdict, &code), QUELL_RAN);
    CHECK_EQ(verdict, QUELL_CANCELLING);
    /* One that comes too late is asked by its own call. */
    CHECK_EQ(quell_session_link(&machine.session, &owners[0], &places[0]), QUELL_TOO_LATE);
    CHECK_EQ(quell_worker_poll(&workers[0]), QUELL_LEVEL_IMMEDIATE);
    CHECK_EQ(quell_session_release(&machine.session), QUELL_OK);
    CHECK_EQ(quell_session_link(&machine.session, &owners[0], &places[0]), QUELL_OK);
}

static void one_session_at_a_time(void) {
    machine_t first, second;
    after(&first, 2);
    make(&second);
    CHECK_EQ(quell_session_initialise(&second.session, QUELL_PURPOSE_BACKUP_ALONE), QUELL_OK);
    CHECK_EQ(quell_session_start_set(&second.session), QUELL_BUSY);
    CHECK_EQ(abort_it(&first), QUELL_CANCELLED);
    CHECK_EQ(quell_session_start_set(&second.session), QUELL_OK);
    CHECK_EQ(quell_session_release(&first.session), QUELL_OK);
    CHECK_EQ(quell_session_lock_look(&lock), QUELL_BUSY);
    CHECK_EQ(quell_session_prepare(&second.session), QUELL_OK);
    CHECK_EQ(quell_session_release(&second.session), QUELL_OK);
    CHECK_EQ(second.total, 0);
    CHECK_EQ(quell_session_lock_look(&lock), QUELL_OK);

    /* Broken: the one that had it does not give it up under its successor. */
    CHECK_EQ(quell_session_lock_break(&lock), QUELL_IGNORED);
    after(&first, 2);
    CHECK_EQ(quell_session_lock_break(&lock), QUELL_OK);
    CHECK_EQ(quell_session_lock_look(&lock), QUELL_OK);
    after(&second, 2);
    CHECK_EQ(abort_it(&first), QUELL_CANCELLED);
    CHECK_EQ(quell_session_lock_look(&lock), QUELL_BUSY);
    CHECK_EQ(abort_it(&second), QUELL_CANCELLED);
    CHECK_EQ(quell_session_lock_look(&lock), QUELL_OK);
    CHECK_EQ(quell_session_lock_look(NULL), QUELL_INVALID);
    CHECK_EQ(quell_session_lock_look(MISALIGNED(quell_session_lock_t, lock)), QUELL_INVALID);
    CHECK_EQ(quell_session_lock_break(NULL), QUELL_INVALID);
    CHECK_EQ(quell_session_lock_break(MISALIGNED(quell_session_lock_t, lock)), QUELL_INVALID);
}

/* Spins a while, a different while each round. */
static void *abort_elsewhere(void *context) {
    machine_t *machine = (machine_t *)context;
    uint32_t left = machine->ticks;
    __atomic_store_n(&machine->takes, 1u, __ATOMIC_RELEASE);
    while (left > 0)
        left -= __atomic_load_n(&machine->takes, __ATOMIC_RELAXED);
    machine->verdict = abort_it(machine);
    return NULL;
}

static uint32_t count_quietly(void *context, uint32_t participant, quell_notice_t notice) {
    machine_t *machine = (machine_t *)context;
    (void)__atomic_add_fetch(&machine->told[participant][notice], 1u, __ATOMIC_RELAXED);
    return 0;
}

static uint32_t no_time_passes(void *context) {
    (void)context;
    return 0;
}

/* An abort from another thread, against freeze, thaw and the commit. */
static void from_another_thread(void) {
    static machine_t machine;
    uint32_t round, aborted = 0;
    for (round = 0; round < 300u; ++round) {
        quell_session_config_t config;
        quell_session_status_t status;
        pthread_t requester;
        uint32_t i;
        memset(&machine, 0, sizeof machine);
        config = config_of(&machine);
        config.tell = count_quietly;
        config.now = no_time_passes;
        CHECK_EQ(quell_session_init(&machine.session, &config), QUELL_OK);
        CHECK_EQ(quell_session_initialise(&machine.session, QUELL_PURPOSE_BACKUP), QUELL_OK);
        for (i = 0; i < 3u; ++i)
            CHECK_EQ(verbs[i](&machine.session), QUELL_OK);
        machine.ticks = round % 100u * 40u;
        CHECK_EQ(pthread_create(&requester, NULL, abort_elsewhere, &machine), 0);
        while (__atomic_load_n(&machine.takes, __ATOMIC_ACQUIRE) == 0u)
            ;
        for (i = 3; i < 7u; ++i)
            (void)verbs[i](&machine.session);
        CHECK_EQ(pthread_join(requester, NULL), 0);
        CHECK_EQ(quell_session_look(&machine.session, &status), QUELL_OK);
        CHECK(status.set == QUELL_PHASE_CANCELLED || status.set == QUELL_PHASE_FINISHED);
        CHECK_EQ(machine.verdict == QUELL_OK, status.set == QUELL_PHASE_FINISHED);
        aborted += status.set == QUELL_PHASE_CANCELLED ? 1u : 0u;
        each_was_told(&machine, QUELL_NOTICE_ABORT, status.set == QUELL_PHASE_CANCELLED);
        each_was_told(&machine, QUELL_NOTICE_POST_SNAPSHOT, status.set == QUELL_PHASE_FINISHED);
        CHECK_EQ(quell_session_lock_look(&lock), QUELL_OK);
        CHECK_EQ(quell_session_release(&machine.session), QUELL_OK);
    }
    CHECK(aborted > 0u);
    printf("session.c: %" PRIu32 " of 300 aborted before the commit\n", aborted);
}

static void bad_input(void) {
    machine_t machine;
    quell_session_t none, made;
    quell_session_config_t good, config;
    quell_session_status_t status;
    quell_participant_t participant;
    quell_op_t op = QUELL_OP_INIT;
    quell_handle_t owner, no_handle;
    quell_session_t *bad[3];
    uint32_t place = 77u;
    size_t i, j;
    make(&machine);
    memset(&none, 0, sizeof none);
    memset(&no_handle, 0, sizeof no_handle);
    CHECK_EQ(quell_op_arm(&op, QUELL_MODE_DECISIVE, &owner), QUELL_OK);
    bad[0] = NULL;
    bad[1] = MISALIGNED(quell_session_t, machine.session);
    bad[2] = &none;
    for (i = 0; i < 3; ++i) {
        quell_aborted_t aborted = {7u, 7u, 7u};
        CHECK_EQ(quell_session_initialise(bad[i], QUELL_PURPOSE_BACKUP), QUELL_INVALID);
        for (j = 0; j < VERBS; ++j)
            CHECK_EQ(verbs[j](bad[i]), QUELL_INVALID);
        CHECK_EQ(quell_session_release(bad[i]), QUELL_INVALID);
        CHECK_EQ(quell_session_expire(bad[i], 0), QUELL_INVALID);
        CHECK_EQ(quell_session_provider_failed(bad[i], 5), QUELL_INVALID);
        CHECK_EQ(quell_session_abort(bad[i], QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, &aborted),
                 QUELL_INVALID);
        CHECK_EQ(aborted.told + aborted.owed + aborted.refused, 0);
        memset(&status, 0xAA, sizeof status);
        CHECK_EQ(quell_session_look(bad[i], &status), QUELL_INVALID);
        CHECK_EQ(status.stage, QUELL_STAGE_VACANT);
        memset(&participant, 0xAA, sizeof participant);
        CHECK_EQ(quell_session_participant(bad[i], 0, &participant), QUELL_INVALID);
        CHECK_EQ(participant.abort_owed, 0);
        CHECK_EQ(quell_session_link(bad[i], &owner, &place), QUELL_INVALID);
        CHECK_EQ(place, 0);
        CHECK_EQ(quell_session_unlink(bad[i], 0, NULL, NULL), QUELL_INVALID);
    }
    good = config_of(&machine);
#define REFUSED(change)                                                                        \
    config = good;                                                                             \
    change;                                                                                    \
    memset(&made, 0xAA, sizeof made);                                                          \
    CHECK_EQ(quell_session_init(&made, &config), QUELL_INVALID);                               \
    CHECK(memcmp(&made, &none, sizeof none) == 0)
    REFUSED(config.struct_size = sizeof config - 1u);
    REFUSED(config.struct_size = 0);
    REFUSED(config.seats = NULL);
    REFUSED(config.seats = MISALIGNED(quell_seat_t, machine.seats[0]));
    REFUSED(config.links = NULL);
    REFUSED(config.lock = NULL);
    REFUSED(config.tell = NULL);
    REFUSED(config.now = NULL);
    CHECK_EQ(quell_session_init(&made, NULL), QUELL_INVALID);
    CHECK_EQ(quell_session_init(NULL, &good), QUELL_INVALID);

    CHECK_EQ(quell_session_initialise(&machine.session, 3), QUELL_INVALID);
    CHECK_EQ(quell_session_initialise(&machine.session, 0xFFFFFFFFu), QUELL_INVALID);
    CHECK_EQ(quell_session_initialise(&machine.session, QUELL_PURPOSE_BACKUP), QUELL_OK);
    CHECK_EQ(quell_session_initialise(&machine.session, QUELL_PURPOSE_BACKUP), QUELL_BAD_STATE);
    CHECK_EQ(quell_session_abort(&machine.session, QUELL_LEVEL_NONE, QUELL_CAUSE_USER, NULL),
             QUELL_INVALID);
    CHECK_EQ(
        quell_session_abort(&machine.session, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_NONE, NULL),
        QUELL_INVALID);
    CHECK_EQ(
        quell_session_abort(&machine.session, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL),
        QUELL_IGNORED);
    CHECK_EQ(quell_session_provider_failed(&machine.session, 0), QUELL_INVALID);
    CHECK_EQ(quell_session_participant(&machine.session, PARTICIPANTS, &participant),
             QUELL_NOT_FOUND);
    CHECK_EQ(quell_session_participant(&machine.session, 0, NULL), QUELL_INVALID);
    CHECK_EQ(quell_session_look(&machine.session, NULL), QUELL_INVALID);
    CHECK_EQ(quell_session_link(&machine.session, &no_handle, &place), QUELL_INVALID);
    CHECK_EQ(quell_session_link(&machine.session, NULL, &place), QUELL_INVALID);
    CHECK_EQ(quell_session_unlink(&machine.session, LINKS, NULL, NULL), QUELL_NOT_FOUND);

    /* Of nobody, and with nothing linked. */
    config = good;
    config.participant_count = 0;
    config.seats = NULL;
    config.link_count = 0;
    config.links = NULL;
    CHECK_EQ(quell_session_init(&made, &config), QUELL_OK);
    CHECK_EQ(quell_session_initialise(&made, QUELL_PURPOSE_BACKUP), QUELL_OK);
    CHECK_EQ(quell_session_link(&made, &owner, NULL), QUELL_FULL);
    for (i = 0; i < 3; ++i)
        CHECK_EQ(verbs[i](&made), QUELL_OK);
    CHECK_EQ(quell_session_abort(&made, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL),
             QUELL_CANCELLED);
}

int main(void) {
    layout();
    happy_path();
    abort_in_each_stage();
    automatic_aborts();
    from_inside_a_callback();
    links();
    one_session_at_a_time();
    from_another_thread();
    bad_input();
    return check_report("session.c");
}
