/*
 * Every row of conformance/op*.csv through the C API.
 *
 * For each row: build the starting state with public calls, look whether it is
 * the row's, make the call, and compare the verdict, the answer that comes with
 * it, how often the gate was asked, the status afterwards, and both polls, as
 * inlined by the header and as symbols.
 *
 * A worker's call in a phase that no worker has been in (vacant, pending) is
 * made by a worker that nobody started: there is no honest way to one.
 *
 *   conformance [FILE]
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "conformance_table.h"
#include "polls.h"
#include "says.h"

enum { ANSWERS_OK = 0, DEAD_CODE = 0xDEAD };

typedef struct {
    quell_op_t op;
    /* The present life's. */
    quell_handle_t owner;
    quell_worker_t worker;
    /* What the row's caller holds: of the present life, or of an earlier one. */
    quell_handle_t held;
    quell_worker_t held_worker;
    quell_gate_t gate;
    uint32_t gate_answer;
    uint32_t asked;
    uint32_t shown_level, shown_cause;
} bench;

typedef struct {
    uint32_t verdict, answer;
} told;

static int row_differs;

static void expect(const conformance_row *row, const char *what, uint32_t expected,
                   uint32_t seen) {
    if (expected != seen) {
        printf("%s: %s: expected 0x%lx, but saw 0x%lx\n", row->id, what,
               (unsigned long)expected, (unsigned long)seen);
        row_differs = 1;
    }
}

static uint32_t ask(void *context, quell_level_t level, quell_cause_t cause) {
    bench *b = (bench *)context;
    b->asked++;
    b->shown_level = level;
    b->shown_cause = cause;
    return b->gate_answer;
}

static uint32_t let_pass(void *context, quell_level_t level, quell_cause_t cause) {
    (void)context;
    (void)level;
    (void)cause;
    return ANSWERS_OK;
}

static const quell_gate_t open_gate = {let_pass, NULL};

static void expect_state(const conformance_row *row, bench *b,
                         const conformance_state *expected, uint32_t generation) {
    quell_handle_t observer;
    quell_status_t seen;
    expect(row, "open", QUELL_OK, quell_op_open(&b->op, QUELL_RIGHT_OBSERVE, &observer));
    expect(row, "status", QUELL_OK, quell_op_status(&observer, &seen));
    expect(row, "mode", expected->mode, seen.mode);
    expect(row, "phase", expected->phase, seen.phase);
    expect(row, "level", expected->level, seen.level);
    expect(row, "cause", expected->cause, seen.cause);
    expect(row, "shields", expected->shields, seen.shields);
    expect(row, "effects", expected->effects, seen.effects);
    expect(row, "code", expected->code, seen.code);
    expect(row, "generation", generation, seen.generation);
}

/* One whole life, with a code, so that the next has something to forget. */
static void live(const conformance_row *row, bench *b) {
    expect(row, "arm", QUELL_OK, quell_op_arm(&b->op, QUELL_MODE_DECISIVE, &b->owner));
    expect(row, "start", QUELL_OK, quell_op_start(&b->owner, &b->worker));
    expect(row, "force", QUELL_OK, quell_op_force(&b->owner, DEAD_CODE));
    expect(row, "retire", QUELL_OK, quell_op_retire(&b->owner));
}

static void request(const conformance_row *row, bench *b) {
    const conformance_state *to = &row->before;
    quell_handle_t canceller;
    int unasked = to->phase == QUELL_PHASE_CANCELLED && to->level == QUELL_LEVEL_GRACEFUL &&
                  to->cause == QUELL_CAUSE_SELF;
    if (to->level == QUELL_LEVEL_NONE || unasked)
        return;
    expect(row, "gate", QUELL_OK, quell_handle_with_gate(&b->owner, &open_gate, &canceller));
    (void)quell_cancel(&canceller, to->level, to->cause, NULL);
}

static void reach(const conformance_row *row, bench *b) {
    const conformance_state *to = &row->before;
    uint32_t up;
    if (to->phase == QUELL_PHASE_VACANT) {
        expect(row, "open", QUELL_OK, quell_op_open(&b->op, QUELL_RIGHT_ALL, &b->owner));
        return;
    }
    expect(row, "arm", QUELL_OK, quell_op_arm(&b->op, to->mode, &b->owner));
    if (to->phase == QUELL_PHASE_PENDING)
        return;
    expect(row, "start", QUELL_OK, quell_op_start(&b->owner, &b->worker));
    request(row, b);
    for (up = 0; up < to->shields; up++)
        expect(row, "shield", QUELL_OK, quell_op_shield(&b->worker));
    switch (to->phase) {
    case QUELL_PHASE_COMMITTED:
        (void)quell_op_commit(&b->worker);
        break;
    case QUELL_PHASE_FINISHED:
        (void)quell_op_finish(&b->worker);
        break;
    case QUELL_PHASE_FAILED:
        if (to->effects == QUELL_EFFECTS_UNKNOWN)
            (void)quell_op_force(&b->owner, to->code);
        else
            (void)quell_op_fail(&b->worker, to->code);
        break;
    case QUELL_PHASE_CANCELLED:
        if (to->code != 0u)
            (void)quell_op_fail(&b->worker, to->code);
        else
            (void)quell_op_acknowledge(&b->worker, to->effects);
        break;
    default:
        break;
    }
}

static void build(const conformance_row *row, bench *b) {
    static const quell_op_t vacant = QUELL_OP_INIT;
    static const quell_worker_t nobody;
    quell_handle_t old_owner = {NULL, NULL, 0u};
    quell_worker_t old_worker = nobody;
    uint32_t life;
    b->op = vacant;
    b->worker = nobody;
    b->asked = 0;
    for (life = 0; life < row->life; life++) {
        live(row, b);
        if (row->life - life == row->age) {
            old_owner = b->owner;
            old_worker = b->worker;
        }
        b->worker = nobody;
    }
    reach(row, b);
    expect_state(row, b, &row->before, row->life & 0x7FFFu);
    if (b->worker.op == NULL) {
        b->worker.op = &b->op;
        b->worker.left = b->op.word;
    }
    b->held_worker = row->age == 0u ? b->worker : old_worker;
    expect(row, "narrow", QUELL_OK,
           quell_handle_narrow(row->age == 0u ? &b->owner : &old_owner, row->rights, &b->held));
    if (row->gated != CONFORMANCE_NOTHING) {
        b->gate.ask = ask;
        b->gate.context = b;
        b->gate_answer = row->gate;
        expect(row, "gate", QUELL_OK, quell_handle_with_gate(&b->held, &b->gate, &b->held));
    }
}

static told call(const conformance_row *row, bench *b) {
    told t = {CONFORMANCE_NOTHING, 0u};
    switch (row->call) {
    case CONFORMANCE_ARM: {
        quell_handle_t armed;
        t.verdict = quell_op_arm(&b->op, row->argument, &armed);
        expect(row, "an owner", t.verdict == QUELL_OK, armed.op == &b->op);
        break;
    }
    case CONFORMANCE_START: {
        quell_worker_t started;
        t.verdict = quell_op_start(&b->held, &started);
        expect(row, "a worker", t.verdict == QUELL_OK, started.op == &b->op);
        if (t.verdict == QUELL_OK)
            b->held_worker = started;
        break;
    }
    case CONFORMANCE_CANCEL:
        t.answer = CONFORMANCE_NOTHING;
        t.verdict = quell_cancel(&b->held, row->argument, row->cause, &t.answer);
        break;
    case CONFORMANCE_POLL:
        t.answer = quell_op_poll(&b->op);
        break;
    case CONFORMANCE_WORKER_POLL:
        t.answer = quell_worker_poll(&b->held_worker);
        break;
    case CONFORMANCE_STATUS: {
        quell_status_t seen;
        t.verdict = quell_op_status(&b->held, &seen);
        if (t.verdict == QUELL_OK)
            expect(row, "the phase told", row->after.phase, seen.phase);
        else
            expect(row, "what a stale handle learns", 0u,
                   seen.phase | seen.level | seen.cause | seen.effects | seen.code |
                       seen.shields | seen.mode | seen.generation);
        break;
    }
    case CONFORMANCE_SHIELD:
        t.verdict = quell_op_shield(&b->held_worker);
        break;
    case CONFORMANCE_UNSHIELD: {
        quell_level_t visible = QUELL_LEVEL_EMERGENCY;
        t.verdict = quell_op_unshield(&b->held_worker, &visible);
        t.answer = visible;
        break;
    }
    case CONFORMANCE_COMMIT:
        t.verdict = quell_op_commit(&b->held_worker);
        break;
    case CONFORMANCE_FINISH:
        t.verdict = quell_op_finish(&b->held_worker);
        break;
    case CONFORMANCE_FAIL:
        t.verdict = quell_op_fail(&b->held_worker, row->argument);
        break;
    case CONFORMANCE_ACKNOWLEDGE:
        t.verdict = quell_op_acknowledge(&b->held_worker, row->argument);
        break;
    case CONFORMANCE_FORCE:
        t.verdict = quell_op_force(&b->held, row->argument);
        break;
    case CONFORMANCE_RETIRE:
        t.verdict = quell_op_retire(&b->held);
        break;
    default:
        expect(row, "a call of this number", 0u, 1u);
        break;
    }
    return t;
}

static void replay(const conformance_row *row) {
    bench b;
    told t;
    build(row, &b);
    t = call(row, &b);
    expect(row, "verdict", row->verdict, t.verdict);
    expect(row, "answer", row->answer, t.answer);
    expect(row, "times the gate was asked", row->asked, b.asked);
    if (b.asked != 0u) {
        expect(row, "level shown to the gate", row->argument, b.shown_level);
        expect(row, "cause shown to the gate", row->cause, b.shown_cause);
    }
    expect_state(row, &b, &row->after, row->generation);
    expect(row, "poll, inlined", row->poll, quell_op_poll(&b.op));
    expect(row, "poll, symbol", row->poll, symbol_op_poll(&b.op));
    if (row->worker != CONFORMANCE_NOTHING) {
        expect(row, "worker's poll, inlined", row->worker, quell_worker_poll(&b.held_worker));
        expect(row, "worker's poll, symbol", row->worker, symbol_worker_poll(&b.held_worker));
    }
}

int main(int count, char **arguments) {
    size_t n;
    says_begin("c-op", count, arguments);
    for (n = 0; n < CONFORMANCE_ROWS; n++) {
        row_differs = 0;
        says_limit();
        replay(&conformance_rows[n]);
        says_row(conformance_rows[n].id, !row_differs);
    }
    return says_end(CONFORMANCE_ROWS);
}
