/*
 * Shows that ThreadSanitizer sees into this build of the library, and that
 * helgrind with our suppressions is not blind.
 *
 *   seeded_race seeded     must be reported: the worker reads the requester's
 *                          note after a poll, which orders nothing
 *   seeded_race ordered    must not be: it reads after a status, which acquires
 *                          what the accepted request published
 *
 * An archive that is not instrumented for ThreadSanitizer is found out by the second: its
 * ordering is invisible then, and the report a false one.
 */
#define _GNU_SOURCE /* for parties.h */

#include "parties.h"
#include "quell.h"

static quell_op_t op = QUELL_OP_INIT;
static quell_handle_t owner;
static uint64_t note;
static quell_verdict_t told;

static void *request(void *unused) {
    (void)unused;
    note = 42;
    PUBLISH(&note);
    told = quell_cancel(&owner, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL);
    return NULL;
}

int main(int argc, char **argv) {
    const int ordered = argc > 1 && strcmp(argv[1], "ordered") == 0;
    quell_worker_t worker;
    quell_status_t status;
    pthread_t requester;
    uint64_t seen;
    CHECK(argc == 2 && (ordered || strcmp(argv[1], "seeded") == 0));
    CHECK_EQ(quell_op_arm(&op, QUELL_MODE_DECISIVE, &owner), QUELL_OK);
    CHECK_EQ(quell_op_start(&owner, &worker), QUELL_OK);
    CHECK(pthread_create(&requester, NULL, request, NULL) == 0);
    while (quell_worker_poll(&worker) == QUELL_LEVEL_NONE) {
    }
    if (ordered) {
        CHECK_EQ(quell_op_status(&owner, &status), QUELL_OK);
        SEEN_AFTER(&note);
    }
    seen = note;
    CHECK(pthread_join(requester, NULL) == 0);
    CHECK_EQ(told, QUELL_CANCELLING);
    printf("the note says %" PRIu64 "\n", seen);
    return 0;
}
