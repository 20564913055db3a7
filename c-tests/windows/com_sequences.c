/*
 * Every step of conformance/sequences-com.csv through interface pointers, by mingw-w64's
 * headers. A requester's call runs on a thread of its own: it may be held.
 *
 *   com_sequences [FILE]
 */
#define CONFORMANCE_NO_DIALECTS
#define CONFORMANCE_NO_VERDICTS
#define CONFORMANCE_NO_ABORTS
#define CONFORMANCE_NO_SEQUENCES
#include "../conformance/says.h"
#include "com_requests.h"

enum {
    REQUESTERS = 2,
    THREADS = 2,
    /* Milliseconds: after which a call is held; after which one hangs. */
    HELD_AFTER = 20,
    HANGS_AFTER = 20000
};

/* One call of one thread of a requester. */
typedef struct {
    requester_t *of;
    const conformance_com_step *step;
    came_t came;
    HANDLE thread;
} call_t;

static world_t *world;
static requester_t requesters[REQUESTERS];
static call_t calls[REQUESTERS][THREADS];
static int row_differs;

static void differs(const conformance_com_step *step, const char *what) {
    fprintf(stderr, "%s: %s\n", step->id, what);
    row_differs = 1;
}

static void expect(const conformance_com_step *step, const char *what, uint32_t expected,
                   uint32_t seen) {
    if (expected != seen) {
        fprintf(stderr, "%s: %s: expected 0x%lx, but saw 0x%lx\n", step->id, what,
                (unsigned long)expected, (unsigned long)seen);
        row_differs = 1;
    }
}

static void expect_one_of(const conformance_com_step *step, const char *what,
                          const uint32_t *expected, unsigned count, uint32_t seen) {
    unsigned n;
    for (n = 0; n < count; n++)
        if (expected[n] == seen)
            return;
    expect(step, what, expected[0], seen);
}

/* --- a requester's calls */

static DWORD WINAPI make(void *context) {
    call_t *const one = (call_t *)context;
    one->came = call(one->of, one->step);
    return 0;
}

static int returns_within(call_t *one, DWORD milliseconds) {
    return WaitForSingleObject(one->thread, milliseconds) == WAIT_OBJECT_0;
}

static void look_at(const conformance_com_step *step, const came_t *came) {
    if (came->flaw != NULL)
        differs(step, came->flaw);
    expect_one_of(step, "what it returns", step->returns, step->returns_count,
                  (uint32_t)came->returned);
    if (step->out_kind == CONFORMANCE_COM_ONE_OF)
        expect_one_of(step, "what it places", step->out, step->out_count, came->out[0]);
    else if (step->out_kind == CONFORMANCE_COM_NUMBERS) {
        unsigned n;
        for (n = 0; n < step->out_count; n++)
            expect(step, "what it places", step->out[n], came->out[n]);
    }
}

static void end(call_t *one) {
    CloseHandle(one->thread);
    one->thread = NULL;
}

/* Its call that is under way has to return. */
static void request_returns(call_t *one, const conformance_com_step *step) {
    if (!returns_within(one, HANGS_AFTER)) {
        differs(step, "the call does not return");
        return;
    }
    end(one);
    look_at(step, &one->came);
}

static void request(const conformance_com_step *step) {
    call_t *const one = &calls[step->index][step->thread];
    if (step->call == CONFORMANCE_CALL_RETURNS) {
        if (one->thread == NULL || one->step->call != step->argument)
            differs(step, "no such call is held");
        else
            request_returns(one, step);
        return;
    }
    one->of = &requesters[step->index];
    one->of->world = world;
    if (one->thread != NULL || !has_pointer(one->of, step)) {
        differs(step, one->thread != NULL ? "this thread's last call is held"
                                          : "the requester has no pointer for this");
        return;
    }
    one->step = step;
    one->thread = CreateThread(NULL, 0, make, one, 0, NULL);
    if (one->thread == NULL)
        exit(1);
    if (step->returns_count != CONFORMANCE_COM_IS_HELD)
        request_returns(one, step);
    else if (returns_within(one, HELD_AFTER)) {
        end(one);
        expect(step, "that it is held, but it returns", CONFORMANCE_COM_IS_HELD,
               (uint32_t)one->came.returned);
    }
}

/* --- the machine's */

/* Whoever was held still is, right before somebody lets go. */
static void let_go(const conformance_com_step *step) {
    call_t *one;
    for (one = calls[0]; one != calls[0] + REQUESTERS * THREADS; one++)
        if (one->thread != NULL && returns_within(one, 0))
            differs(step, "a call has returned that was held");
    if (!world_lets_go(world))
        differs(step, "nobody was held");
}

static void happen(const conformance_com_step *step) {
    const unsigned who = step->who == CONFORMANCE_COM_PROVIDER ? WORLD_PROVIDER : step->index;
    uint32_t counts[2];
    switch (step->call) {
    case CONFORMANCE_CALL_REFUSES:
        world_refuses(world, who, step->argument, (HRESULT)step->with);
        break;
    case CONFORMANCE_CALL_HOLDS:
        world_holds(world, who, step->argument);
        break;
    case CONFORMANCE_CALL_COMES_TO:
        if (!world_comes_to(world, who, step->argument))
            differs(step, "it has not been told so");
        break;
    case CONFORMANCE_CALL_LETS_GO:
        let_go(step);
        break;
    case CONFORMANCE_CALL_IS_DEAF:
        world_provider_is_deaf(world);
        break;
    case CONFORMANCE_CALL_COUNTS:
        world_counts(world, counts);
        expect(step, "how many were made", step->out[0], counts[0]);
        expect(step, "how many are gone", step->out[1], counts[1]);
        break;
    case CONFORMANCE_CALL_PASSES:
        world_clock_passes(world, step->argument);
        break;
    default:
        differs(step, "nobody does this");
        break;
    }
}

static void look_at_told(const conformance_com_step *step) {
    uint8_t told[CONFORMANCE_COM_TOLD];
    unsigned count, n;
    if (step->told_count == CONFORMANCE_COM_NOT_LOOKED_AT)
        return;
    count = world_told(world, told, CONFORMANCE_COM_TOLD);
    if (step->told_count == CONFORMANCE_COM_ANYTHING)
        return;
    expect(step, "how many notices", step->told_count, count);
    for (n = 0; n < count && n < step->told_count; n++)
        expect(step, "a notice (writer, what)", step->told[n], told[n]);
}

static void take(const conformance_com_step *step, int last) {
    if (step->who == CONFORMANCE_COM_REQUESTER)
        request(step);
    else
        happen(step);
    expect(step, "live objects", step->objects, world_objects(world, step->objects));
    if (step->lock != CONFORMANCE_COM_NOT_LOOKED_AT)
        expect(step, "lock", step->lock, world_locked(world, step->lock));
    look_at_told(step);
    if (last && !row_differs) {
        const char *const flaw = world_flaw(world);
        if (flaw != NULL)
            differs(step, flaw);
    }
}

/* Whatever is left of a sequence whose course was left. */
static void clear(void) {
    unsigned who, which;
    call_t *one;
    world_holds_nobody(world);
    (void)world_lets_go(world);
    for (one = calls[0]; one != calls[0] + REQUESTERS * THREADS; one++)
        if (one->thread != NULL) {
            if (!returns_within(one, HANGS_AFTER)) {
                fprintf(stderr, "%s: does not return\n", one->step->id);
                exit(1);
            }
            end(one);
        }
    for (who = 0; who < REQUESTERS; who++) {
        for (which = 0; which < OPERATIONS; which++)
            if (requesters[who].operations[which] != NULL)
                (void)release(&requesters[who], which);
        if (requesters[who].backup != NULL)
            (void)release(&requesters[who], CONFORMANCE_COM_OBJECT);
    }
    if (world_objects(world, 0) != 0) {
        fprintf(stderr, "objects are left over\n");
        exit(1);
    }
    world_free(world);
}

int main(int count, char **arguments) {
    unsigned n;
    says_begin(COM_FRONT("com-sequences"), count, arguments);
    for (n = 0; n < CONFORMANCE_COM_STEPS; n++) {
        const conformance_com_step *const step = &conformance_com_steps[n];
        const int last = n + 1 == CONFORMANCE_COM_STEPS || step[1].first;
        if (step->first) {
            world = world_make();
            row_differs = 0;
        }
        /* After the first step that differs, the rest does too. */
        if (!row_differs)
            take(step, last);
        says_row(step->id, !row_differs);
        if (last)
            clear();
    }
    return says_end(CONFORMANCE_COM_STEPS);
}
