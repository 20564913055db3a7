/*
 * What the fronts that replay the dialects' rows by interface pointers share: what a
 * call showed, against the row.
 */
#ifndef COM_FRONT_H
#define COM_FRONT_H

#include "check.h"
#include "subject.h"

/* What is at a pointer that nothing was placed at. */
#define NOTHING_PLACED 0x5A5A5A5A

/* The result that the worker of a subject hands to GPM's client. */
#define SUBJECT_RESULT 42

typedef struct {
    HRESULT returned, out;
    LONG value, denominator;
    /* Calls of GPM's Status so far. */
    unsigned calls;
    int with_result, last;
} shown_t;

static inline shown_t nothing_shown(void) {
    shown_t shown = {NOTHING_PLACED, NOTHING_PLACED, NOTHING_PLACED, NOTHING_PLACED, 0, 0, 0};
    return shown;
}

static inline int is_as(const conformance_dialect_row *row, const char *what, long actual,
                        long expected) {
    count_check();
    if (actual == expected)
        return 1;
    fprintf(stderr, "%s: %s is 0x%08lX, not 0x%08lX\n", row->id, what,
            (unsigned long)actual & 0xFFFFFFFF, (unsigned long)expected & 0xFFFFFFFF);
    return 0;
}

/* Whether it showed what the row says. */
static inline int agrees(const conformance_dialect_row *row, const shown_t *shown,
                         quell_phase_t phase) {
    const int reports = row->call == CONFORMANCE_ASK_REPORT;
    int agreed = 1;
    if (!reports)
        agreed &= is_as(row, "returned", shown->returned, (HRESULT)row->returns);
    agreed &= is_as(row, "placed", shown->out,
                    row->places ? (HRESULT)row->out : (HRESULT)NOTHING_PLACED);
    if (row->valued || !reports)
        agreed &= is_as(row, "value", shown->value, row->valued ? row->value : NOTHING_PLACED);
    if (reports) {
        agreed &= is_as(row, "denominator", shown->denominator, row->denominator);
        agreed &= is_as(row, "result", shown->with_result, row->with_result);
        agreed &= is_as(row, "last", shown->last, row->last);
    }
    agreed &= is_as(row, "phase", (long)phase, (long)row->then);
    return agreed;
}

/* What became of a row. BESIDE: it holds, though no client has a call for it: nobody
 * works on the operation who would call Status. */
enum { DIFFERS, HOLDS, BESIDE };

static volatile LONG row_at_work;

/* Ends the program where one row has taken longer than any does on a busy machine. */
static inline DWORD WINAPI watch_rows(void *front) {
    for (;;) {
        const LONG before = row_at_work;
        Sleep(60000);
        if (row_at_work == before) {
            fprintf(stderr, "%s: %s hangs\n", (const char *)front,
                    conformance_dialect_rows[before].id);
            ExitProcess(1);
        }
    }
}

/* Replays all rows. What became of each goes to the file that the arguments name, at
 * once: `<id> ok`, `<id> differs`, or `<id> out` where it is beside. What main returns. */
static inline int replay(const char *front, int argc, char **argv,
                         int (*replay_row)(const conformance_dialect_row *)) {
    static const char *const said[] = {"differs", "ok", "out"};
    unsigned counts[3] = {0, 0, 0}, i;
    FILE *const rows = argc > 1 ? fopen(argv[1], "wb") : NULL;
    const HANDLE watch = CreateThread(NULL, 0, watch_rows, (void *)(uintptr_t)front, 0, NULL);
    CHECK(argc <= 1 || rows != NULL);
    CHECK(watch != NULL && CloseHandle(watch));
    for (i = 0; i < CONFORMANCE_DIALECT_ROWS; ++i) {
        const conformance_dialect_row *const row = &conformance_dialect_rows[i];
        int became;
        row_at_work = (LONG)i;
        became = replay_row(row);
        ++counts[became];
        if (rows != NULL) {
            fprintf(rows, "%s %s\n", row->id, said[became]);
            CHECK(fflush(rows) == 0);
        }
    }
    CHECK(rows == NULL || fclose(rows) == 0);
    printf("%s: %u rows, %u differing; %u that no client has a call for\n", front,
           CONFORMANCE_DIALECT_ROWS, counts[DIFFERS], counts[BESIDE]);
    CHECK_EQ(counts[DIFFERS], 0);
    return check_report(front);
}

#endif
