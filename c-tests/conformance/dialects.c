/*
 * Every row of conformance/dialect-vss.csv, -vds, -wsb, -gpm and -verdicts.csv
 * through the C API: an operation with a source, its calls, and the mappings of
 * each dialect, put together as their documentation says that a front does.
 *
 * A call that is to wait runs on a thread of its own, and what happens
 * meanwhile happens once it is known to wait. The one exception is a null
 * pointer that the call itself takes: the mappings take none.
 *
 *   dialects [FILE]
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <pthread.h>
#include <string.h>

#define CONFORMANCE_NO_ABORTS
#define CONFORMANCE_NO_COM_SEQUENCES
#define CONFORMANCE_NO_SEQUENCES
#include "conformance_dialects.h"
#include "marks.h"
#include "meanwhile.h"
#include "says.h"

typedef struct {
    uint32_t verdict, returns, out;
    int32_t value, denominator;
    uint32_t with_result, last;
} told_t;

typedef struct {
    const conformance_dialect_row *row;
    quell_source_t source;
    quell_handle_t owner, held;
    quell_gate_t gate;
    quell_worker_t worker;
    int started, done;
    quell_verdict_t happened;
    told_t told;
} bench_t;

static int row_differs;

static void expect(const char *id, const char *what, uint32_t expected, uint32_t seen) {
    if (expected != seen) {
        printf("%s: %s: expected 0x%lx, but saw 0x%lx\n", id, what, (unsigned long)expected,
               (unsigned long)seen);
        row_differs = 1;
    }
}

static uint32_t let_pass(void *context, quell_level_t level, quell_cause_t cause) {
    (void)context, (void)level, (void)cause;
    return 0;
}
static uint32_t refuse(void *context, quell_level_t level, quell_cause_t cause) {
    (void)level, (void)cause;
    return ((bench_t *)context)->row->gate;
}

/* --- the starting state */

static void start(bench_t *b) {
    if (!b->started)
        expect(b->row->id, "start", QUELL_OK, quell_op_start(&b->owner, &b->worker));
    b->started = 1;
}

static void end(bench_t *b) {
    const conformance_dialect_row *row = b->row;
    switch (row->by) {
    case CONFORMANCE_BY_FINISH:
        (void)quell_op_finish(&b->worker);
        break;
    case CONFORMANCE_BY_FAIL:
        (void)quell_op_fail(&b->worker, row->code);
        break;
    case CONFORMANCE_BY_ACKNOWLEDGE:
        (void)quell_op_acknowledge(&b->worker, row->effects);
        break;
    case CONFORMANCE_BY_FORCE:
        (void)quell_op_force(&b->owner, row->code);
        break;
    default:
        if (row->phase == QUELL_PHASE_COMMITTED)
            (void)quell_op_commit(&b->worker);
        break;
    }
}

static void reach(bench_t *b) {
    static const quell_gate_t open_gate = {let_pass, NULL};
    const conformance_dialect_row *row = b->row;
    quell_handle_t requester;
    uint32_t up;
    if (row->phase == QUELL_PHASE_VACANT) {
        (void)quell_source_open(&b->source, QUELL_RIGHT_ALL, &b->owner);
        return;
    }
    expect(row->id, "arm", QUELL_OK, quell_source_arm(&b->source, row->mode, &b->owner));
    if (row->phase != QUELL_PHASE_PENDING && row->by != CONFORMANCE_BY_REQUEST)
        start(b);
    if (row->level != QUELL_LEVEL_NONE && row->cause != QUELL_CAUSE_SELF) {
        (void)quell_handle_with_gate(&b->owner, &open_gate, &requester);
        (void)quell_cancel(&requester, row->level, row->cause, NULL);
    }
    for (up = 0; up < row->shields; up++)
        expect(row->id, "shield", QUELL_OK, quell_op_shield(&b->worker));
    end(b);
}

static void build(bench_t *b, const conformance_dialect_row *row) {
    static const quell_source_t vacant = QUELL_SOURCE_INIT;
    quell_status_t seen;
    memset(b, 0, sizeof *b);
    b->source = vacant;
    b->row = row;
    reach(b);
    (void)quell_handle_narrow(&b->owner, row->rights, &b->held);
    if (row->gated) {
        b->gate.ask = refuse;
        b->gate.context = b;
        (void)quell_handle_with_gate(&b->held, &b->gate, &b->held);
    }
    expect(row->id, "look", QUELL_OK, quell_op_status(&b->held, &seen));
    expect(row->id, "phase before", row->phase, seen.phase);
    expect(row->id, "level before", row->level, seen.level);
    expect(row->id, "cause before", row->cause, seen.cause);
    expect(row->id, "effects before", row->effects, seen.effects);
    expect(row->id, "code before", row->code, seen.code);
    expect(row->id, "shields before", row->shields, seen.shields);
    expect(row->id, "mode before", row->mode, seen.mode);
}

/* --- the calls, as a front makes them */

static quell_status_t look(bench_t *b) {
    quell_status_t seen;
    (void)quell_op_status(&b->held, &seen);
    return seen;
}

static quell_reply_t cancel_reply(const conformance_dialect_row *row, quell_verdict_t told,
                                  uint32_t code) {
    switch (row->dialect) {
    case CONFORMANCE_VSS:
        return quell_vss_cancel_hresult(told, code, row->profile);
    case CONFORMANCE_VDS:
        return quell_vds_cancel_hresult(told, code, row->profile);
    case CONFORMANCE_WSB:
        return quell_wsb_abort_hresult(told, code, row->profile);
    default:
        return quell_gpm_cancel_hresult(told, code);
    }
}

static void cancel(bench_t *b) {
    const conformance_dialect_row *row = b->row;
    uint32_t code = 0;
    const quell_verdict_t told =
        quell_cancel(&b->held, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_USER, &code);
    quell_reply_t reply = cancel_reply(row, told, code);
    if (reply.after_end) {
        quell_status_t ended;
        (void)quell_wait(&b->held, QUELL_EVENT_END, QUELL_FOREVER, NULL);
        ended = look(b);
        reply = row->dialect == CONFORMANCE_VSS
                    ? quell_vss_cancel_end_hresult(told, &ended, row->profile)
                    : quell_vds_cancel_end_hresult(told, &ended, row->profile);
    }
    b->told.verdict = reply.verdict;
    b->told.returns = reply.code;
}

static void wait_vss(bench_t *b) {
    uint64_t limit = 0;
    quell_status_t seen;
    quell_reply_t reply = quell_vss_wait_limit(b->row->limit, b->row->profile, &limit);
    if (reply.verdict == QUELL_OK) {
        const quell_verdict_t waited = quell_wait(&b->held, QUELL_EVENT_END, limit, NULL);
        seen = look(b);
        reply = quell_vss_wait_hresult(waited, &seen, b->row->profile);
    }
    b->told.verdict = reply.verdict;
    b->told.returns = reply.code;
}

static void wait_vds(bench_t *b) {
    const uint64_t limit =
        b->row->limit == UINT32_MAX ? QUELL_FOREVER : (uint64_t)b->row->limit * 1000u;
    const quell_verdict_t waited = quell_wait(&b->held, QUELL_EVENT_END, limit, NULL);
    const quell_status_t seen = look(b);
    const quell_reply_t reply = quell_vds_wait_hresult(waited, &seen, b->row->profile);
    b->told.verdict = reply.verdict;
    b->told.returns = reply.code;
    b->told.out = quell_vds_status_hresult(&seen, b->row->success, b->row->profile).code;
}

static void status(bench_t *b) {
    const conformance_dialect_row *row = b->row;
    const quell_status_t seen = look(b);
    quell_reply_t placed;
    switch (row->dialect) {
    case CONFORMANCE_VSS:
        placed = quell_vss_status_hresult(&seen, row->profile);
        break;
    case CONFORMANCE_VDS:
        placed = quell_vds_status_hresult(&seen, row->success, row->profile);
        b->told.value = (int32_t)quell_vds_percent(&seen, row->done, row->total, row->profile);
        break;
    default:
        placed = quell_wsb_status_hresult(&seen, row->profile);
        break;
    }
    b->told.verdict = placed.verdict;
    b->told.returns = QUELL_S_OK;
    b->told.out = placed.code;
}

static void report(bench_t *b) {
    const quell_status_t seen = look(b);
    const quell_gpm_report_t said = quell_gpm_report(&seen, b->row->done, b->row->total);
    b->told.verdict = said.verdict;
    b->told.out = said.code;
    b->told.value = said.numerator;
    b->told.denominator = said.denominator;
    b->told.with_result = said.with_result;
    b->told.last = said.last;
}

static void *call(void *bench) {
    bench_t *b = (bench_t *)bench;
    switch (b->row->call) {
    case CONFORMANCE_ASK_CANCEL:
        cancel(b);
        break;
    case CONFORMANCE_ASK_WAIT:
        if (b->row->dialect == CONFORMANCE_VSS)
            wait_vss(b);
        else
            wait_vds(b);
        break;
    case CONFORMANCE_ASK_STATUS:
        status(b);
        break;
    default:
        report(b);
        break;
    }
    __atomic_store_n(&b->done, 1, __ATOMIC_RELEASE);
    return NULL;
}

/* --- what happens while a call waits */

static quell_verdict_t what_happens(bench_t *b) {
    const uint32_t argument = b->row->meanwhile_argument;
    quell_verdict_t told;
    if (b->row->meanwhile == CONFORMANCE_MEANWHILE_FORCE)
        return quell_op_force(&b->owner, argument);
    if (b->row->meanwhile == CONFORMANCE_MEANWHILE_CANCEL) {
        told = quell_cancel(&b->owner, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_USER, NULL);
        return told == QUELL_CANCELLED ? QUELL_OK
                                       : quell_op_acknowledge(&b->worker, QUELL_EFFECTS_NONE);
    }
    start(b);
    switch (b->row->meanwhile) {
    case CONFORMANCE_MEANWHILE_COMMIT:
        expect(b->row->id, "commit", QUELL_OK, quell_op_commit(&b->worker));
        return quell_op_finish(&b->worker);
    case CONFORMANCE_MEANWHILE_FINISH:
        return quell_op_finish(&b->worker);
    case CONFORMANCE_MEANWHILE_FAIL:
        told = quell_op_fail(&b->worker, argument);
        return told == QUELL_CANCELLED ? QUELL_OK : told;
    default:
        return quell_op_acknowledge(&b->worker, argument);
    }
}

static void happen(void *bench) {
    bench_t *b = (bench_t *)bench;
    b->happened = what_happens(b);
}

static void call_and_meanwhile(bench_t *b) {
    const marks_t before = marks_of(&b->source);
    pthread_t caller;
    if (pthread_create(&caller, NULL, call, b) != 0)
        exit(1);
    expect(b->row->id, "that it waits", 1, (uint32_t)marks_wait(&b->source, &before, &b->done));
    meanwhile(happen, b);
    expect(b->row->id, "what happens meanwhile", QUELL_OK, b->happened);
    pthread_join(caller, NULL);
}

static void replay(const conformance_dialect_row *row) {
    static bench_t b;
    row_differs = 0;
    says_limit();
    build(&b, row);
    if (row->meanwhile == CONFORMANCE_MEANWHILE_NOTHING)
        (void)call(&b);
    else
        call_and_meanwhile(&b);
    expect(row->id, "verdict", row->verdict, b.told.verdict);
    expect(row->id, "returns", row->returns, b.told.returns);
    expect(row->id, "out", row->out, b.told.out);
    expect(row->id, "value", (uint32_t)row->value, (uint32_t)b.told.value);
    expect(row->id, "denominator", (uint32_t)row->denominator, (uint32_t)b.told.denominator);
    expect(row->id, "with the result", row->with_result, b.told.with_result);
    expect(row->id, "the last", row->last, b.told.last);
    expect(row->id, "phase then", row->then, look(&b).phase);
    says_row(row->id, !row_differs);
}

/* --- the verdicts */

#ifndef CONFORMANCE_NO_VERDICTS

static uint32_t code_of(quell_reply_t reply) {
    return reply.after_end ? CONFORMANCE_AFTER_END : reply.code;
}

static void replay_verdict(const conformance_verdict_row *row) {
    const uint32_t vista = QUELL_VSS_PROFILE_WINDOWS_VISTA;
    const quell_verdict_t told = row->verdict;
    quell_status_t running;
    uint32_t seen[CONFORMANCE_VERDICT_COLUMNS];
    int n;
    memset(&running, 0, sizeof running);
    running.phase = QUELL_PHASE_RUNNING;
    seen[CONFORMANCE_COLUMN_VSS] = code_of(quell_vss_cancel_hresult(told, row->code, 0));
    seen[CONFORMANCE_COLUMN_VSS_VISTA] =
        code_of(quell_vss_cancel_hresult(told, row->code, vista));
    seen[CONFORMANCE_COLUMN_VSS_2003] = code_of(
        quell_vss_cancel_hresult(told, row->code, QUELL_VSS_PROFILE_WINDOWS_SERVER_2003));
    seen[CONFORMANCE_COLUMN_VSS_REVERT] =
        code_of(quell_vss_cancel_hresult(told, row->code, QUELL_VSS_PROFILE_REVERT));
    seen[CONFORMANCE_COLUMN_VDS] = code_of(quell_vds_cancel_hresult(told, row->code, 0));
    seen[CONFORMANCE_COLUMN_VDS_VISTA_CLEAN] =
        code_of(quell_vds_cancel_hresult(told, row->code, QUELL_VDS_PROFILE_VISTA_BASIC_CLEAN));
    seen[CONFORMANCE_COLUMN_WSB] = code_of(quell_wsb_abort_hresult(told, row->code, 0));
    seen[CONFORMANCE_COLUMN_GPM] = code_of(quell_gpm_cancel_hresult(told, row->code));
    seen[CONFORMANCE_COLUMN_ABORT] = code_of(quell_vss_abort_hresult(told, 0));
    seen[CONFORMANCE_COLUMN_ABORT_VISTA] = code_of(quell_vss_abort_hresult(told, vista));
    seen[CONFORMANCE_COLUMN_VERB] = code_of(quell_vss_verb_hresult(told, 0));
    seen[CONFORMANCE_COLUMN_VERB_VISTA] = code_of(quell_vss_verb_hresult(told, vista));
    seen[CONFORMANCE_COLUMN_VSS_WAIT] = code_of(quell_vss_wait_hresult(told, &running, 0));
    seen[CONFORMANCE_COLUMN_VSS_WAIT_VISTA] =
        code_of(quell_vss_wait_hresult(told, &running, vista));
    seen[CONFORMANCE_COLUMN_VDS_WAIT] = code_of(quell_vds_wait_hresult(told, &running, 0));
    row_differs = 0;
    for (n = 0; n < CONFORMANCE_VERDICT_COLUMNS; n++)
        expect(row->id, "a dialect's code", row->returns[n], seen[n]);
    says_row(row->id, !row_differs);
}

static unsigned long replay_verdicts(void) {
    size_t n;
    for (n = 0; n < CONFORMANCE_VERDICT_ROWS; n++)
        replay_verdict(&conformance_verdict_rows[n]);
    return CONFORMANCE_VERDICT_ROWS;
}

#else

static unsigned long replay_verdicts(void) { return 0; }

#endif

int main(int count, char **arguments) {
    unsigned long rows = 0;
    size_t n;
    says_begin("c-dialects", count, arguments);
    for (n = 0; n < CONFORMANCE_DIALECT_ROWS; n++) {
        if (conformance_dialect_rows[n].null_pointer != CONFORMANCE_NULL_NOTHING) {
            says_out(conformance_dialect_rows[n].id,
                     "a null pointer, which the mappings do not take");
            continue;
        }
        replay(&conformance_dialect_rows[n]);
        rows++;
    }
    rows += replay_verdicts();
    return says_end(rows);
}
