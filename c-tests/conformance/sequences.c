/*
 * Every step of conformance/sequences.csv through the C API. A requester's call
 * runs on a thread of its own: a writer may hold it, or it may wait.
 *
 *   sequences [FILE]
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#define CONFORMANCE_NO_DIALECTS
#define CONFORMANCE_NO_VERDICTS
#define CONFORMANCE_NO_ABORTS
#define CONFORMANCE_NO_COM_SEQUENCES
#include "conformance_dialects.h"
#include "marks.h"
#include "meanwhile.h"
#include "world.h"

enum { THREADS = 2, PROFILE = QUELL_VSS_PROFILE_WINDOWS_7 };

typedef struct {
    uint32_t verdict, hresult, out[3];
} told_t;

/* One call of one thread of a requester. */
typedef struct {
    world_t *world;
    side_t *side;
    const conformance_step *step;
    told_t told;
    pthread_t thread;
    int underway, done;
} call_t;

static call_t calls[SIDES * THREADS];
static int row_differs;

static void expect(const conformance_step *step, const char *what, uint32_t expected,
                   uint32_t seen) {
    if (expected != seen) {
        printf("%s: %s: expected 0x%lx, but saw 0x%lx\n", step->id, what,
               (unsigned long)expected, (unsigned long)seen);
        row_differs = 1;
    }
}

/* --- a requester's calls */

static quell_status_t look(const side_t *side) {
    quell_status_t seen;
    (void)quell_op_status(&side->owner, &seen);
    return seen;
}

static void reply(told_t *told, quell_reply_t reply) {
    told->verdict = reply.verdict;
    told->hresult = reply.code;
}

static void verb(told_t *told, quell_verdict_t verdict) {
    reply(told, quell_vss_verb_hresult(verdict, PROFILE));
}

static void abort_backup(side_t *side, told_t *told) {
    quell_aborted_t done;
    const quell_verdict_t verdict =
        quell_session_abort(&side->session, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_USER, &done);
    reply(told, quell_vss_abort_hresult(verdict, PROFILE));
    told->out[0] = done.told;
    told->out[1] = done.owed;
    told->out[2] = done.refused;
}

static void writer(side_t *side, uint32_t place, told_t *told) {
    quell_participant_t seen;
    told->verdict = quell_session_participant(&side->session, place, &seen);
    if (told->verdict == QUELL_OK) {
        const quell_vss_writer_t said = quell_vss_writer(&seen);
        told->hresult = said.failure;
        told->out[0] = said.state;
    }
}

static void session_look(side_t *side, int snapshot, told_t *told) {
    quell_session_status_t seen;
    told->verdict = quell_session_look(&side->session, &seen);
    if (snapshot) {
        reply(told, quell_vss_snapshot_hresult(&seen, PROFILE));
    } else {
        told->out[0] = seen.set;
        told->out[1] = seen.cause;
        told->out[2] = seen.completion;
    }
}

static void async_cancel(side_t *side, told_t *told) {
    uint32_t code = 0;
    const quell_verdict_t verdict =
        quell_cancel(&side->owner, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_USER, &code);
    quell_reply_t said = quell_vss_cancel_hresult(verdict, code, PROFILE);
    if (said.after_end) {
        quell_status_t ended;
        (void)quell_wait(&side->owner, QUELL_EVENT_END, QUELL_FOREVER, NULL);
        ended = look(side);
        said = quell_vss_cancel_end_hresult(verdict, &ended, PROFILE);
    }
    reply(told, said);
}

static void async_wait(side_t *side, uint32_t milliseconds, told_t *told) {
    uint64_t limit = 0;
    quell_verdict_t waited;
    quell_status_t seen;
    (void)quell_vss_wait_limit(milliseconds, PROFILE, &limit);
    waited = quell_wait(&side->owner, QUELL_EVENT_END, limit, NULL);
    seen = look(side);
    reply(told, quell_vss_wait_hresult(waited, &seen, PROFILE));
}

static void async_status(side_t *side, told_t *told) {
    const quell_status_t seen = look(side);
    const quell_reply_t placed = quell_vss_status_hresult(&seen, PROFILE);
    told->verdict = placed.verdict;
    told->hresult = QUELL_S_OK;
    told->out[0] = placed.code;
}

static void linked(side_t *side, told_t *told) {
    quell_verdict_t said = QUELL_OK;
    const quell_verdict_t found = quell_session_unlink(&side->session, side->link, &said, NULL);
    told->verdict = found == QUELL_RAN ? QUELL_OK : found;
    told->out[0] = said;
}

static void *requester(void *context) {
    call_t *call = (call_t *)context;
    side_t *side = call->side;
    quell_session_t *session = &side->session;
    const uint32_t argument = call->step->argument;
    told_t *told = &call->told;
    switch (call->step->call) {
    case CONFORMANCE_STEP_INITIALISE:
        verb(told, quell_session_initialise(session, argument));
        break;
    case CONFORMANCE_STEP_START_SET:
        verb(told, quell_session_start_set(session));
        break;
    case CONFORMANCE_STEP_PREPARE:
        verb(told, quell_session_prepare(session));
        break;
    case CONFORMANCE_STEP_PREPARE_SNAPSHOT:
        verb(told, quell_session_prepare_snapshot(session));
        break;
    case CONFORMANCE_STEP_FREEZE:
        verb(told, quell_session_freeze(session));
        break;
    case CONFORMANCE_STEP_HOLD:
        verb(told, quell_session_hold(session));
        break;
    case CONFORMANCE_STEP_THAW:
        verb(told, quell_session_thaw(session));
        break;
    case CONFORMANCE_STEP_POST_SNAPSHOT:
        verb(told, quell_session_post_snapshot(session));
        break;
    case CONFORMANCE_STEP_COMPLETE:
        verb(told, quell_session_complete(session));
        break;
    case CONFORMANCE_STEP_ABORT:
        abort_backup(side, told);
        break;
    case CONFORMANCE_STEP_RELEASE:
        told->verdict = quell_session_release(session);
        break;
    case CONFORMANCE_STEP_SNAPSHOT:
    case CONFORMANCE_STEP_LOOK:
        session_look(side, call->step->call == CONFORMANCE_STEP_SNAPSHOT, told);
        break;
    case CONFORMANCE_STEP_WRITER:
        writer(side, argument, told);
        break;
    case CONFORMANCE_STEP_ASYNC_BEGIN:
        told->verdict = side_begin(side, argument);
        break;
    case CONFORMANCE_STEP_ASYNC_CANCEL:
        async_cancel(side, told);
        break;
    case CONFORMANCE_STEP_ASYNC_WAIT:
        async_wait(side, argument, told);
        break;
    case CONFORMANCE_STEP_ASYNC_STATUS:
        async_status(side, told);
        break;
    case CONFORMANCE_STEP_LINKED:
        linked(side, told);
        break;
    default:
        exit(1);
    }
    __atomic_store_n(&call->done, 1, __ATOMIC_RELEASE);
    return NULL;
}

/* --- the steps */

static int returned(call_t *call) { return __atomic_load_n(&call->done, __ATOMIC_ACQUIRE); }

static told_t join(call_t *call) {
    pthread_join(call->thread, NULL);
    call->underway = 0;
    return call->told;
}

/* Until the call has returned, or cannot go on: 1. */
static int is_held(call_t *call, const marks_t *before) {
    for (;;) {
        const marks_t now = marks_of(&call->side->source);
        if (returned(call))
            return 0;
        if (world_held(call->world) || marks_differ(before, &now))
            return 1;
        sched_yield();
    }
}

static told_t request(world_t *world, const conformance_step *step) {
    static const told_t held = {CONFORMANCE_HELD, 0, {0, 0, 0}};
    call_t *call = &calls[step->session * THREADS + step->index];
    const marks_t before = marks_of(&world->sides[step->session].source);
    if (step->call == CONFORMANCE_STEP_RETURNS) {
        expect(step, "that a call is held", 1, (uint32_t)call->underway);
        if (!call->underway)
            return held;
        expect(step, "which call returns", step->argument, call->step->call);
        return join(call);
    }
    expect(step, "that this thread's last call has returned", 0, (uint32_t)call->underway);
    if (call->underway)
        return held;
    memset(call, 0, sizeof *call);
    call->world = world;
    call->side = &world->sides[step->session];
    call->step = step;
    call->underway = 1;
    if (pthread_create(&call->thread, NULL, requester, call) != 0)
        exit(1);
    if (step->verdict == CONFORMANCE_HELD && is_held(call, &before))
        return held;
    return join(call);
}

typedef struct {
    side_t *side;
    const conformance_step *step;
    told_t told;
} work_t;

static void run_worker(void *context) {
    work_t *work = (work_t *)context;
    quell_worker_t *worker = &work->side->worker;
    const uint32_t argument = work->step->argument;
    told_t *told = &work->told;
    switch (work->step->call) {
    case CONFORMANCE_STEP_POLL:
        told->verdict = QUELL_OK;
        told->out[0] = quell_worker_poll(worker);
        break;
    case CONFORMANCE_STEP_COMMIT:
        told->verdict = quell_op_commit(worker);
        break;
    case CONFORMANCE_STEP_FINISH:
        told->verdict = quell_op_finish(worker);
        break;
    case CONFORMANCE_STEP_FAIL:
        told->verdict = quell_op_fail(worker, argument);
        break;
    default:
        told->verdict = quell_op_acknowledge(worker, argument);
        break;
    }
}

static told_t work(side_t *side, const conformance_step *step) {
    work_t work = {side, step, {CONFORMANCE_NOBODY_SAYS, 0, {0, 0, 0}}};
    expect(step, "that an operation has begun", 1, (uint32_t)side->begun);
    meanwhile(run_worker, &work);
    return work.told;
}

/* The calls that no writer holds and nobody has to end have returned. */
static void let_go(world_t *world, const conformance_step *step) {
    call_t *call;
    expect(step, "that a writer was held", 1, (uint32_t)world_let_go(world));
    for (call = calls; call != calls + SIDES * THREADS; call++) {
        const int waits = call->underway && (call->step->call == CONFORMANCE_STEP_ASYNC_WAIT ||
                                             call->step->call == CONFORMANCE_STEP_ASYNC_CANCEL);
        while (call->underway && !waits && !returned(call))
            sched_yield();
    }
}

static told_t others(world_t *world, const conformance_step *step) {
    told_t told = {CONFORMANCE_NOBODY_SAYS, 0, {0, 0, 0}};
    quell_session_t *session = &world->sides[0].session;
    switch (step->call) {
    case CONFORMANCE_STEP_REFUSES:
        world_line(world, step->index, step->argument, step->with, 0);
        break;
    case CONFORMANCE_STEP_TAKES:
        world_line(world, step->index, step->argument, 0, step->with);
        break;
    case CONFORMANCE_STEP_AGREES:
        world_agrees(world, step->index, step->argument);
        break;
    case CONFORMANCE_STEP_HOLDS:
        world_holds(world, step->index, step->argument);
        break;
    case CONFORMANCE_STEP_LETS_GO:
        let_go(world, step);
        break;
    case CONFORMANCE_STEP_PASS:
        world_pass(world, step->argument);
        break;
    case CONFORMANCE_STEP_EXPIRE:
        told.verdict = quell_session_expire(session, world_clock(world));
        break;
    default:
        told.verdict = quell_session_provider_failed(session, step->argument);
        break;
    }
    return told;
}

static void take(world_t *world, const conformance_step *step) {
    uint8_t notices[NOTICES];
    quell_session_status_t seen;
    uint32_t count, n;
    const told_t told = step->who == CONFORMANCE_REQUESTER ? request(world, step)
                        : step->who == CONFORMANCE_WORKER
                            ? work(&world->sides[step->session], step)
                            : others(world, step);
    expect(step, "verdict", step->verdict, told.verdict);
    if (step->returns_hresult)
        expect(step, "HRESULT", step->hresult, told.hresult);
    for (n = 0; n < 3u && step->out_kind != CONFORMANCE_OUT_NOTHING; n++)
        expect(step, "what comes with it", step->out[n], told.out[n]);
    count = world_told(world, notices);
    expect(step, "how many notices", step->told_count, count);
    for (n = 0; n < count && n < step->told_count; n++)
        expect(step, "a notice (writer, what)", step->told[n], notices[n]);
    (void)quell_session_look(&world->sides[step->session].session, &seen);
    expect(step, "stage", step->stage, seen.stage);
    expect(step, "lock", step->locked, world_locked(world));
}

/* Whatever is left of a sequence, also of one whose course was left. */
static void clear(world_t *world) {
    size_t side;
    call_t *call;
    (void)world_let_go(world);
    for (side = 0; side < SIDES; side++)
        if (world->sides[side].begun)
            (void)quell_op_force(&world->sides[side].owner, QUELL_CODE_ABANDONED);
    for (call = calls; call != calls + SIDES * THREADS; call++)
        if (call->underway)
            (void)join(call);
    world_end(world);
}

int main(int count, char **arguments) {
    static world_t world;
    int left = 0;
    size_t n;
    says_begin("c-sequences", count, arguments);
    for (n = 0; n < CONFORMANCE_STEPS; n++) {
        const conformance_step *step = &conformance_steps[n];
        says_limit();
        if (step->first) {
            if (n != 0)
                clear(&world);
            world_make(&world);
            left = 0;
        }
        /* After the first step that differs, the rest does too. */
        row_differs = left;
        if (!left)
            take(&world, step);
        left = row_differs;
        says_row(step->id, !row_differs);
    }
    clear(&world);
    return says_end(CONFORMANCE_STEPS);
}
