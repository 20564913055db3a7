/*
 * AbortBackup's whole table through interface pointers, by mingw-w64's headers: the rows
 * of conformance/dialect-abort.csv.
 *
 * Rows of a state that a requester cannot be known to be in are left to the other fronts:
 * in between two things that DoSnapshotSet's worker does.
 *
 *   com_aborts [FILE]
 */
#define CONFORMANCE_NO_DIALECTS
#define CONFORMANCE_NO_VERDICTS
#define CONFORMANCE_NO_SEQUENCES
#define CONFORMANCE_NO_COM_SEQUENCES
#include "../conformance/says.h"
#include "com_requests.h"

enum { WRITERS = 3, JOURNAL = 64 };
/* No operation was under way when AbortBackup was called. */
#define NONE_UNDER_WAY CONFORMANCE_COM_OBJECT

static const conformance_abort_row *row;
static world_t *world;
static requester_t requester;
static came_t aborted;
static unsigned told, verdict;
static uint32_t under_way;
/* How the operations ended. */
static uint32_t under_way_end, snapshot_end;
static int row_differs;

static void is(const char *what, uint32_t expected, uint32_t seen) {
    if (expected != seen) {
        fprintf(stderr, "%s: %s: expected 0x%lx, but saw 0x%lx\n", row->id, what,
                (unsigned long)expected, (unsigned long)seen);
        row_differs = 1;
    }
}

static void succeeds(const char *what, came_t came) {
    if (came.flaw != NULL) {
        fprintf(stderr, "%s: %s: %s\n", row->id, what, came.flaw);
        row_differs = 1;
    }
    is(what, S_OK, (uint32_t)came.returned);
}

static came_t make(uint8_t of, uint32_t argument) {
    conformance_com_step step;
    memset(&step, 0, sizeof step);
    step.call = of;
    step.argument = argument;
    return call(&requester, &step);
}

/* Runs it, and it has to end well. */
static void finishes(uint32_t which) {
    const came_t came = run(&requester, which);
    succeeds("an operation's method", came);
    is("an operation's end", (uint32_t)VSS_S_ASYNC_FINISHED, came.out[0]);
}

/* Which writers were told of an abort since it was asked last. */
static unsigned aborts(void) {
    uint8_t journal[JOURNAL];
    const unsigned count = world_told(world, journal, JOURNAL);
    unsigned mask = 0, n;
    for (n = 0; n < count && n < JOURNAL; n++)
        if ((journal[n] & 15u) == CONFORMANCE_TOLD_ABORT)
            mask |= 1u << (journal[n] >> 4);
    return mask;
}

static void abort_it(void *nothing) {
    (void)nothing;
    (void)aborts();
    aborted = make(CONFORMANCE_CALL_AbortBackup, 0);
    verdict = world_abort_verdict(world);
    told = aborts();
}

/* From inside what somebody is told, and then to the end of it. */
static void abort_inside(unsigned who, unsigned what, uint32_t which) {
    came_t came;
    world_does(world, who, what, abort_it, NULL);
    came = run(&requester, which);
    succeeds("the operation's method", came);
    if (which == CONFORMANCE_CALL_DoSnapshotSet)
        snapshot_end = came.out[0];
    if (who != WORLD_PROVIDER) {
        under_way = which;
        under_way_end = came.out[0] == (uint32_t)VSS_S_ASYNC_FINISHED ? S_OK : came.out[0];
    }
}

static void up_to_set(void) {
    succeeds("InitializeForBackup", make(CONFORMANCE_CALL_InitializeForBackup, 0));
    if (row->purpose == QUELL_PURPOSE_BACKUP_ALONE)
        succeeds("SetContext", make(CONFORMANCE_CALL_SetContext, VSS_CTX_NAS_ROLLBACK));
    if (row->state == QUELL_STAGE_INITIALISED)
        return;
    succeeds("SetBackupState", make(CONFORMANCE_CALL_SetBackupState, 0));
    succeeds("StartSnapshotSet", make(CONFORMANCE_CALL_StartSnapshotSet, 0));
    succeeds("AddToSnapshotSet", make(CONFORMANCE_CALL_AddToSnapshotSet, 'C'));
}

static void time_runs_out(void *nothing) {
    (void)nothing;
    world_clock_passes(world, 60001);
}

static void hold_is_dropped(void *nothing) {
    (void)nothing;
    world_clock_passes(world, 10001);
    (void)world_locked(world, 0);
}

static void fails_in_snapshot(void) {
    switch (row->state) {
    case CONFORMANCE_VETOED:
        world_refuses(world, 1, CONFORMANCE_TOLD_FREEZE, VSS_E_WRITERERROR_NONRETRYABLE);
        break;
    case CONFORMANCE_TIMED_OUT:
        /* Nobody looks at the clock before its freeze has returned. */
        world_limits(world, 0, 60000);
        world_does(world, 1, CONFORMANCE_TOLD_FREEZE, time_runs_out, NULL);
        break;
    case CONFORMANCE_HOLD_DROPPED:
        world_limits(world, 0, 1);
        world_does(world, WORLD_PROVIDER, CONFORMANCE_TOLD_SNAPSHOT, hold_is_dropped, NULL);
        break;
    case CONFORMANCE_PROVIDER_FAILED:
        world_refuses(world, WORLD_PROVIDER, CONFORMANCE_TOLD_SNAPSHOT, VSS_E_PROVIDER_VETO);
        break;
    case QUELL_STAGE_SNAPSHOT_FAILED:
        world_refuses(world, WORLD_PROVIDER, CONFORMANCE_TOLD_READY, VSS_E_PROVIDER_VETO);
        break;
    default:
        break;
    }
}

static void ends_snapshot(void) {
    const came_t came = run(&requester, CONFORMANCE_CALL_DoSnapshotSet);
    succeeds("DoSnapshotSet", came);
    snapshot_end = came.out[0];
}

static void go_on_from_prepared(void) {
    const uint32_t snapshot = CONFORMANCE_CALL_DoSnapshotSet;
    switch (row->state) {
    case QUELL_STAGE_PREPARED:
    case CONFORMANCE_PREPARE_FAILED:
        abort_it(NULL);
        break;
    case QUELL_STAGE_PREPARING_SNAPSHOT:
        abort_inside(1, CONFORMANCE_TOLD_PREPARE_SNAPSHOT, snapshot);
        break;
    case QUELL_STAGE_FREEZING:
        abort_inside(1, CONFORMANCE_TOLD_FREEZE, snapshot);
        break;
    case QUELL_STAGE_HOLDING:
        abort_inside(WORLD_PROVIDER, CONFORMANCE_TOLD_SNAPSHOT, snapshot);
        break;
    case QUELL_STAGE_THAWING:
        abort_inside(1, CONFORMANCE_TOLD_THAW, snapshot);
        break;
    case QUELL_STAGE_POST_SNAPSHOT:
        abort_inside(1, CONFORMANCE_TOLD_POST_SNAPSHOT, snapshot);
        break;
    case CONFORMANCE_ABORTED:
        abort_inside(WORLD_PROVIDER, CONFORMANCE_TOLD_SNAPSHOT, snapshot);
        abort_it(NULL);
        break;
    case QUELL_STAGE_COMPLETING:
        ends_snapshot();
        abort_inside(1, CONFORMANCE_TOLD_COMPLETE, CONFORMANCE_CALL_BackupComplete);
        break;
    default:
        fails_in_snapshot();
        ends_snapshot();
        if (row->state == QUELL_STAGE_COMPLETED)
            finishes(CONFORMANCE_CALL_BackupComplete);
        abort_it(NULL);
        break;
    }
}

static void go(void) {
    if (row->state == QUELL_STAGE_VACANT) {
        abort_it(NULL);
        return;
    }
    if (row->purpose == QUELL_PURPOSE_RESTORE) {
        succeeds("InitializeForRestore", make(CONFORMANCE_CALL_InitializeForRestore, 0));
        abort_it(NULL);
        return;
    }
    up_to_set();
    switch (row->state) {
    case QUELL_STAGE_INITIALISED:
    case QUELL_STAGE_SET_STARTED:
        abort_it(NULL);
        break;
    case QUELL_STAGE_PREPARING:
        abort_inside(1, CONFORMANCE_TOLD_PREPARE, CONFORMANCE_CALL_PrepareForBackup);
        break;
    default:
        if (row->state == CONFORMANCE_PREPARE_FAILED)
            world_refuses(world, 1, CONFORMANCE_TOLD_PREPARE, VSS_E_WRITERERROR_NONRETRYABLE);
        finishes(CONFORMANCE_CALL_PrepareForBackup);
        go_on_from_prepared();
        break;
    }
}

/* What the method that was under way came to, or what comes next. */
static uint32_t goes_on(void) {
    uint8_t next = CONFORMANCE_CALL_BackupComplete;
    came_t came;
    if (under_way != NONE_UNDER_WAY)
        return under_way_end;
    switch (row->state) {
    case QUELL_STAGE_VACANT:
        next = CONFORMANCE_CALL_InitializeForBackup;
        break;
    case QUELL_STAGE_INITIALISED:
        next = CONFORMANCE_CALL_StartSnapshotSet;
        break;
    case QUELL_STAGE_SET_STARTED:
        next = CONFORMANCE_CALL_PrepareForBackup;
        break;
    case QUELL_STAGE_PREPARED:
    case CONFORMANCE_PREPARE_FAILED:
        next = CONFORMANCE_CALL_DoSnapshotSet;
        break;
    default:
        break;
    }
    came = make(next, 0);
    if (came.flaw != NULL)
        succeeds("what comes next", came);
    return (uint32_t)came.returned;
}

static void look_at_writers(void) {
    uint32_t place;
    came_t count;
    finishes(CONFORMANCE_CALL_GatherWriterStatus);
    count = make(CONFORMANCE_CALL_GetWriterStatusCount, 0);
    succeeds("GetWriterStatusCount", count);
    is("writers", row->has_writers ? WRITERS : 0, count.out[0]);
    for (place = 0; row->has_writers && place < WRITERS; place++) {
        const came_t seen = make(CONFORMANCE_CALL_GetWriterStatus, place);
        succeeds("GetWriterStatus", seen);
        is("a writer's state", row->writers[place], seen.out[0]);
    }
}

static void replay(void) {
    /* The next method has begun a set. */
    const int begins =
        row->state == QUELL_STAGE_INITIALISED && row->purpose != QUELL_PURPOSE_RESTORE;
    unsigned owed;
    uint32_t next;
    const char *flaw;
    world = world_make();
    world_profile(world, row->profile);
    memset(&requester, 0, sizeof requester);
    requester.world = world;
    under_way = NONE_UNDER_WAY;
    snapshot_end = 0;
    succeeds("CREATE", make(CONFORMANCE_CALL_CREATE, 0));
    go();
    owed = aborts();
    next = goes_on();
    if (row->snapshot != 0 && snapshot_end != 0)
        is("how the snapshot ends", row->snapshot, snapshot_end);
    is("what goes on", row->goes_on, next);
    is("what it returns", row->returns, (uint32_t)aborted.returned);
    is("the verdict", row->verdict, verdict);
    is("who is told", row->told, told);
    is("who is owed", row->owed,
       row->state == CONFORMANCE_ABORTED ? aborts() : owed | aborts());
    is("the lock", begins ? 1u : row->locked, world_locked(world, begins ? 1u : row->locked));
    look_at_writers();
    is("references", 0, (uint32_t)release(&requester, CONFORMANCE_COM_OBJECT).returned);
    flaw = world_flaw(world);
    if (flaw != NULL) {
        fprintf(stderr, "%s: %s\n", row->id, flaw);
        row_differs = 1;
    }
    /* Somebody may still use the machine, and each row after this would count them. */
    if (world_objects(world, 0) != 0)
        exit(1);
    world_free(world);
}

/* Between two things that DoSnapshotSet's worker does. */
static int in_passing(uint8_t state) {
    return state == QUELL_STAGE_SNAPSHOT_PREPARED || state == QUELL_STAGE_FROZEN ||
           state == QUELL_STAGE_THAWED;
}

int main(int count, char **arguments) {
    unsigned n, replayed = 0;
    says_begin(COM_FRONT("com-backup"), count, arguments);
    for (n = 0; n < CONFORMANCE_ABORT_ROWS; n++) {
        row = &conformance_abort_rows[n];
        if (in_passing(row->state)) {
            says_out(row->id, "between two things that DoSnapshotSet does");
            continue;
        }
        row_differs = 0;
        replay();
        replayed++;
        says_row(row->id, !row_differs);
    }
    return says_end(replayed);
}
