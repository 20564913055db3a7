/*
 * The provider's side of a row of conformance: an object of quell's that has got as far
 * as the row says, for fronts in C and in C++ that call it as clients do.
 */
#ifndef SUBJECT_H
#define SUBJECT_H

#include <windows.h>

#include <gpmgmt.h>
#include <vss.h>

#define CONFORMANCE_NO_VERDICTS
#define CONFORMANCE_NO_ABORTS
#define CONFORMANCE_NO_COM_SEQUENCES
#define CONFORMANCE_NO_SEQUENCES
#include "conformance_dialects.h"
#include "quell_com.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct subject subject_t;

/* Makes it. `progress`: the client's, for a row of GPM. */
subject_t *subject_make(const conformance_dialect_row *row, IGPMAsyncProgress *progress);
/* The pointer of the dialect's interface, with a reference for the caller. */
void *subject_pointer(subject_t *subject);
/* Has the row's `meanwhile` happen as soon as somebody waits. */
void subject_let_happen(subject_t *subject);
/* Whether somebody works on it, or has: nobody else calls a client's Status. */
int subject_has_worker(const subject_t *subject);
/* Has the worker tell the client's progress how it stands, where it has not ended. */
void subject_report(subject_t *subject);
/* What the client's progress would be told now. */
quell_gpm_report_t subject_stand(const subject_t *subject);
quell_phase_t subject_phase(const subject_t *subject);
/* Waits for what happens meanwhile, ends the operation, and releases everything that
 * is the provider's. The caller has released its pointer. */
void subject_free(subject_t *subject);
/* How many objects there are. */
unsigned long subject_objects(void);

#ifdef __cplusplus
}
#endif

#endif
