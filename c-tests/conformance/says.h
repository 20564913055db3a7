/*
 * What a front says of the rows that it replays: lines "ID ok" and "ID differs",
 * and "ID out WHY" for one that it cannot express, in the file that is its first
 * argument, if there is one. Each line is written
 * at once: a front that dies midway has said nothing of the rows after that.
 *
 * A row that hangs ends the program; on Windows and on a board
 * (CONFORMANCE_ON_BOARD), where there is no alarm, whoever runs it does.
 */
#ifndef SAYS_H
#define SAYS_H

#include <stdio.h>
#include <stdlib.h>

#if defined(_WIN32) || defined(CONFORMANCE_ON_BOARD)
#define SAYS_HAS_NO_ALARM
#else
#include <signal.h>
#include <unistd.h>
#endif

/* Seconds: more than any row takes, on a machine that is busy. */
#define SAYS_LIMIT 60u

static FILE *says_file;
static const char *says_front;
static unsigned long says_rows, says_differing;

#ifdef SAYS_HAS_NO_ALARM
static inline void says_watch(void) {}
static inline void says_alarm(unsigned seconds) { (void)seconds; }
#else
static inline void says_hung(int signal) {
    static const char what[] = "a row hangs\n";
    ssize_t written = write(2, what, sizeof what - 1u);
    (void)signal;
    _exit(written < 0 ? 2 : 1);
}

static inline void says_watch(void) { signal(SIGALRM, says_hung); }
static inline void says_alarm(unsigned seconds) { alarm(seconds); }
#endif

static inline void says_begin(const char *front, int count, char **arguments) {
    says_front = front;
    says_watch();
    if (count > 1) {
        says_file = fopen(arguments[1], "w");
        if (says_file == NULL) {
            fprintf(stderr, "%s: cannot write %s\n", front, arguments[1]);
            exit(1);
        }
    }
}

/* Before a row. */
static inline void says_limit(void) { says_alarm(SAYS_LIMIT); }

static inline void says_row(const char *id, int holds) {
    says_rows++;
    if (!holds)
        says_differing++;
    if (says_file != NULL) {
        fprintf(says_file, "%s %s\n", id, holds ? "ok" : "differs");
        fflush(says_file);
    }
}

/* Of a row that this front cannot express. */
static inline void says_out(const char *id, const char *why) {
    if (says_file != NULL) {
        fprintf(says_file, "%s out %s\n", id, why);
        fflush(says_file);
    }
}

/* What main returns: zero only where all that it knows were replayed and hold. */
static inline int says_end(unsigned long rows) {
    says_alarm(0);
    printf("%s: %lu rows, %lu differing\n", says_front, says_rows, says_differing);
    if (says_file != NULL && fclose(says_file) != 0)
        return 1;
    return says_rows == rows && says_rows != 0 && says_differing == 0 ? 0 : 1;
}

#endif
