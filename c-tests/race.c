/*
 * Never both, never neither: races on one operation, round after round.
 *
 *   race [ROUNDS]    two parties, decisive: ROUNDS; best-effort and three
 *                    parties: a tenth of ROUNDS each
 *
 * In each round the worker arms the op, opens the round, and ends the
 * operation, while each requester, once it sees the round open, asks for a
 * cancel. When all requesters have been answered, what each party was told is
 * held against the outcome. `both`: a requester was told that the operation
 * will end cancelled (or is open), and the worker that its commit or its end
 * stands against it. `neither`: a requester was told that it came too late, and
 * the worker that it has to undo.
 *
 * The worker waits a little before its decisive call, so that both sides win
 * again and again; the program fails if one of them won less than one round in a
 * thousand.
 *
 * What the parties say to each other about the operation (worker_note,
 * requester_note) is plain memory that quell's own ordering publishes. The
 * round counters only keep rounds apart; ThreadSanitizer sees the difference.
 */
#define _GNU_SOURCE /* for the processor that a thread runs on */

#include "parties.h"
#include "quell.h"

#define REQUESTERS 2

/* How the worker goes about it; a round takes one of these in turn. */
enum plan { COMMIT_THEN_FINISH, FINISH, FAIL, START_LATE, PLANS };

#define CODE_OF_ROUND(round) (0x1000u | ((round)&0xFFFu))

/* One requester, on cache lines of its own. */
typedef struct {
    pthread_t thread;
    quell_level_t level;
    quell_cause_t cause;
    quell_verdict_t told;
    uint32_t code;
    uint64_t requester_note;
    uint64_t worker_note_seen;
    uint64_t answered;
    char apart[64];
} requester_t;

static quell_op_t op = QUELL_OP_INIT;
static quell_handle_t handle;
static uint64_t worker_note;
static uint64_t open_round;
static int closing;
static requester_t requesters[REQUESTERS];

typedef struct {
    unsigned long cancelled, committed, finished, failed, never_started;
    unsigned long both, neither, other;
} tally_t;

static int told_cancel(quell_verdict_t told) {
    return told == QUELL_CANCELLED || told == QUELL_CANCELLING || told == QUELL_REQUESTED ||
           told == QUELL_RAISED || told == QUELL_ALREADY_CANCELLING ||
           told == QUELL_ALREADY_REQUESTED || told == QUELL_ALREADY_CANCELLED;
}

static int told_too_late(quell_verdict_t told) {
    return told == QUELL_TOO_LATE || told == QUELL_FINISHED || told == QUELL_FAILED;
}

static void *request_each_round(void *argument) {
    requester_t *self = (requester_t *)argument;
    uint64_t round = self->answered;
    uint32_t spins = 0;
    for (;;) {
        while (LOAD(&open_round) == round) {
            if (LOAD(&closing))
                return NULL;
            pause_for(&spins);
        }
        ++round;
        self->requester_note = round;
        self->told = quell_cancel(&handle, self->level, self->cause, &self->code);
        self->worker_note_seen = told_too_late(self->told) ? worker_note : 0;
        STORE(&self->answered, round);
    }
}

/* What the worker was told, and did, in one round. */
typedef struct {
    quell_verdict_t start;
    quell_verdict_t decisive_call;
    quell_verdict_t last_call;
    uint64_t requester_note_seen;
} worker_told_t;

static worker_told_t run_round(uint64_t round, enum plan plan, uint32_t wait, int parties) {
    worker_told_t told = {QUELL_INVALID, QUELL_INVALID, QUELL_INVALID, 0};
    quell_worker_t worker = {NULL, 0};
    if (plan != START_LATE)
        told.start = quell_op_start(&handle, &worker);
    STORE(&open_round, round);
    wait_before_deciding(wait);
    worker_note = round;
    switch (plan) {
    case COMMIT_THEN_FINISH:
        told.decisive_call = quell_op_commit(&worker);
        told.last_call =
            told.decisive_call == QUELL_OK ? quell_op_finish(&worker) : told.decisive_call;
        break;
    case FAIL:
        told.decisive_call = quell_op_fail(&worker, CODE_OF_ROUND(round));
        told.last_call = told.decisive_call;
        break;
    case START_LATE:
        told.start = quell_op_start(&handle, &worker);
        if (told.start == QUELL_CANCELLED) {
            told.decisive_call = told.start;
            told.last_call = told.start;
            break;
        }
        /* fallthrough */
    case FINISH:
    case PLANS:
        told.decisive_call = quell_op_finish(&worker);
        told.last_call = told.decisive_call;
        break;
    }
    /* Of two requesters, the worker cannot know whose request came first. */
    if (parties == 1 && told.last_call != QUELL_OK)
        told.requester_note_seen = requesters[0].requester_note;
    if (told.last_call == QUELL_CANCELLING)
        told.last_call = quell_op_acknowledge(&worker, QUELL_EFFECTS_PARTIAL);
    return told;
}

/* Whether the outcome is the one that the worker's calls were told. */
static int outcome_fits(const worker_told_t *told, enum plan plan, uint64_t round,
                        uint32_t mode, const quell_status_t *outcome) {
    const int requested = outcome->level != QUELL_LEVEL_NONE;
    if (outcome->mode != mode || outcome->shields != 0)
        return 0;
    if (told->decisive_call == QUELL_CANCELLING)
        return outcome->phase == QUELL_PHASE_CANCELLED && requested && outcome->code == 0 &&
               outcome->effects == QUELL_EFFECTS_PARTIAL && told->last_call == QUELL_OK;
    if (told->start == QUELL_CANCELLED)
        return outcome->phase == QUELL_PHASE_CANCELLED && requested && outcome->code == 0 &&
               outcome->effects == QUELL_EFFECTS_NONE;
    if (told->decisive_call == QUELL_CANCELLED)
        return outcome->phase == QUELL_PHASE_CANCELLED && requested &&
               outcome->effects == QUELL_EFFECTS_UNKNOWN && plan == FAIL &&
               outcome->code == CODE_OF_ROUND(round);
    if (told->decisive_call != QUELL_OK || told->last_call != QUELL_OK)
        return 0;
    if (requested && (mode == QUELL_MODE_DECISIVE || plan == COMMIT_THEN_FINISH))
        return 0;
    if (outcome->effects != QUELL_EFFECTS_UNSTATED)
        return 0;
    return plan == FAIL
               ? outcome->phase == QUELL_PHASE_FAILED && outcome->code == CODE_OF_ROUND(round)
               : outcome->phase == QUELL_PHASE_FINISHED && outcome->code == 0;
}

/* Whether the request that is recorded is one that a requester was told of. */
static int request_fits(const quell_status_t *outcome, int parties) {
    int i, firsts = 0, raises = 0;
    quell_level_t highest = QUELL_LEVEL_NONE;
    for (i = 0; i < parties; ++i) {
        const requester_t *r = &requesters[i];
        const int first = r->told == QUELL_CANCELLED || r->told == QUELL_CANCELLING ||
                          r->told == QUELL_REQUESTED;
        firsts += first;
        raises += r->told == QUELL_RAISED;
        if ((first || r->told == QUELL_RAISED) && r->level > highest)
            highest = r->level;
    }
    if (outcome->level != highest || firsts != (highest != QUELL_LEVEL_NONE) || raises > 1)
        return 0;
    for (i = 0; i < parties; ++i)
        if (requesters[i].level == highest)
            return outcome->cause == requesters[i].cause;
    return outcome->cause == QUELL_CAUSE_NONE;
}

static void judge_requester(const requester_t *r, const worker_told_t *worker, enum plan plan,
                            uint64_t round, uint32_t mode, tally_t *tally) {
    /* A best-effort operation may finish or fail after a request; it may not
     * pass a commit point, and not start after it ended cancelled. */
    const int binding =
        mode == QUELL_MODE_DECISIVE || plan == COMMIT_THEN_FINISH || r->told == QUELL_CANCELLED;
    const int undone =
        worker->decisive_call == QUELL_CANCELLING || worker->decisive_call == QUELL_CANCELLED;
    if (!told_cancel(r->told) && !told_too_late(r->told)) {
        ++tally->other;
        return;
    }
    if (told_cancel(r->told) && !undone && binding)
        ++tally->both;
    if (told_too_late(r->told)) {
        tally->neither += undone ? 1u : 0u;
        tally->other += r->worker_note_seen != round;
        tally->other += r->code != (r->told == QUELL_FAILED ? CODE_OF_ROUND(round) : 0u);
    }
}

static void count_outcome(const worker_told_t *told, enum plan plan, tally_t *tally) {
    if (told->start == QUELL_CANCELLED)
        ++tally->never_started;
    if (told->decisive_call != QUELL_OK)
        ++tally->cancelled;
    else if (plan == COMMIT_THEN_FINISH)
        ++tally->committed;
    else if (plan == FAIL)
        ++tally->failed;
    else
        ++tally->finished;
}

static tally_t race(uint32_t mode, int parties, uint64_t rounds) {
    tally_t tally = {0, 0, 0, 0, 0, 0, 0, 0};
    skew_t skew[PLANS];
    const uint64_t first = open_round;
    uint64_t round;
    int i;
    STORE(&closing, 0);
    memset(skew, 0, sizeof skew);
    for (i = 0; i < parties; ++i) {
        requesters[i].level = QUELL_LEVEL_GRACEFUL + (quell_level_t)i;
        requesters[i].cause = QUELL_CAUSE_USER + (quell_cause_t)i;
        requesters[i].answered = first;
        CHECK(pthread_create(&requesters[i].thread, NULL, request_each_round, &requesters[i]) ==
              0);
        run_on(requesters[i].thread, other_processor);
    }
    for (round = first + 1; round <= first + rounds; ++round) {
        const enum plan plan = (enum plan)(round % PLANS);
        worker_told_t told;
        quell_status_t outcome;
        quell_handle_t owner;
        uint32_t spins = 0;
        CHECK_EQ(quell_op_arm(&op, mode, &owner), QUELL_OK);
        handle = owner;
        told = run_round(round, plan, skew[plan].wait, parties);
        for (i = 0; i < parties; ++i)
            while (LOAD(&requesters[i].answered) != round)
                pause_for(&spins);
        CHECK_EQ(quell_op_status(&owner, &outcome), QUELL_OK);
        tally.other += !outcome_fits(&told, plan, round, mode, &outcome);
        tally.other += !request_fits(&outcome, parties);
        tally.other +=
            parties == 1 && told.decisive_call != QUELL_OK && told.requester_note_seen != round;
        for (i = 0; i < parties; ++i)
            judge_requester(&requesters[i], &told, plan, round, mode, &tally);
        count_outcome(&told, plan, &tally);
        adapt(&skew[plan], outcome.level == QUELL_LEVEL_NONE);
        CHECK_EQ(quell_op_retire(&owner), QUELL_OK);
    }
    STORE(&closing, 1);
    for (i = 0; i < parties; ++i)
        CHECK(pthread_join(requesters[i].thread, NULL) == 0);
    return tally;
}

static void report(const char *name, uint64_t rounds, const tally_t *t) {
    const unsigned long worker_won = t->committed + t->finished + t->failed;
    printf("%s: %" PRIu64 " races: %lu cancelled (%lu before the start), %lu committed, "
           "%lu finished, %lu failed, %lu otherwise; %lu both, %lu neither\n",
           name, rounds, t->cancelled, t->never_started, t->committed, t->finished, t->failed,
           t->other, t->both, t->neither);
    fflush(stdout);
    CHECK_EQ(t->both, 0);
    CHECK_EQ(t->neither, 0);
    CHECK_EQ(t->other, 0);
    CHECK_EQ(t->cancelled + worker_won, rounds);
    CHECK(t->cancelled >= rounds / 1000u && worker_won >= rounds / 1000u);
    CHECK(t->committed > 0 && t->finished > 0 && t->failed > 0 && t->never_started > 0);
}

int main(int argc, char **argv) {
    const uint64_t rounds = argc > 1 ? strtoull(argv[1], NULL, 10) : 200000u;
    tally_t tally;
    CHECK(rounds >= 1000u);
    choose_processors();
    run_on(pthread_self(), first_processor);
    tally = race(QUELL_MODE_BEST_EFFORT, 1, rounds / 10u);
    report("best-effort, 1 requester", rounds / 10u, &tally);
    tally = race(QUELL_MODE_DECISIVE, 2, rounds / 10u);
    report("decisive, 2 requesters", rounds / 10u, &tally);
    tally = race(QUELL_MODE_DECISIVE, 1, rounds);
    report("decisive, 1 requester", rounds, &tally);
    return 0;
}
