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

/* Replays all rows; those that hold go to the file that the arguments name. What main
 * returns. */
static inline int replay(const char *front, int argc, char **argv,
                         int (*holds)(const conformance_dialect_row *)) {
    FILE *const rows = argc > 1 ? fopen(argv[1], "wb") : NULL;
    unsigned held = 0, i;
    CHECK(argc <= 1 || rows != NULL);
    for (i = 0; i < CONFORMANCE_DIALECT_ROWS; ++i) {
        if (!holds(&conformance_dialect_rows[i]))
            continue;
        ++held;
        if (rows != NULL)
            fprintf(rows, "%s\n", conformance_dialect_rows[i].id);
    }
    CHECK(rows == NULL || fclose(rows) == 0);
    printf("%s: %u of %u rows\n", front, held, CONFORMANCE_DIALECT_ROWS);
    CHECK_EQ(held, CONFORMANCE_DIALECT_ROWS);
    return check_report(front);
}

#endif
