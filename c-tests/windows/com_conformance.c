/*
 * Every row of the dialects in plain C: through the lpVtbl of real interface pointers,
 * with a progress of GPM's that is written in C as well.
 *
 *   com_conformance_c [FILE]: the rows that hold go to FILE.
 */
#define COBJMACROS
#include "com_front.h"

/* --- a client's progress, which notes what it is told last */

typedef struct {
    IGPMAsyncProgress progress;
    ULONG references;
    shown_t shown;
} client_progress;

static HRESULT STDMETHODCALLTYPE query(IGPMAsyncProgress *self, REFIID wanted, void **into) {
    (void)self, (void)wanted;
    *into = NULL;
    return E_NOINTERFACE;
}
static ULONG STDMETHODCALLTYPE add_ref(IGPMAsyncProgress *self) {
    return ++((client_progress *)self)->references;
}
static ULONG STDMETHODCALLTYPE release(IGPMAsyncProgress *self) {
    return --((client_progress *)self)->references;
}
static HRESULT STDMETHODCALLTYPE type_info_count(IGPMAsyncProgress *self, UINT *count) {
    (void)self, (void)count;
    return E_NOTIMPL;
}
static HRESULT STDMETHODCALLTYPE type_info(IGPMAsyncProgress *self, UINT index, LCID locale,
                                           ITypeInfo **into) {
    (void)self, (void)index, (void)locale, (void)into;
    return E_NOTIMPL;
}
static HRESULT STDMETHODCALLTYPE ids_of_names(IGPMAsyncProgress *self, REFIID reserved,
                                              LPOLESTR *names, UINT count, LCID locale,
                                              DISPID *ids) {
    (void)self, (void)reserved, (void)names, (void)count, (void)locale, (void)ids;
    return E_NOTIMPL;
}
static HRESULT STDMETHODCALLTYPE invoke(IGPMAsyncProgress *self, DISPID id, REFIID reserved,
                                        LCID locale, WORD flags, DISPPARAMS *arguments,
                                        VARIANT *result, EXCEPINFO *exception, UINT *wrong) {
    (void)self, (void)id, (void)reserved, (void)locale, (void)flags;
    (void)arguments, (void)result, (void)exception, (void)wrong;
    return E_NOTIMPL;
}
static HRESULT STDMETHODCALLTYPE told_status(IGPMAsyncProgress *self, LONG numerator,
                                             LONG denominator, HRESULT status, VARIANT *result,
                                             IGPMStatusMsgCollection *messages) {
    shown_t *const shown = &((client_progress *)self)->shown;
    shown->out = status;
    shown->value = numerator;
    shown->denominator = denominator;
    shown->with_result = V_VT(result) == VT_I4 && V_I4(result) == SUBJECT_RESULT;
    CHECK(shown->with_result || V_VT(result) == VT_EMPTY);
    CHECK(messages == NULL);
    ++shown->calls;
    return S_OK;
}

static IGPMAsyncProgressVtbl client_progress_methods = {
    query, add_ref, release, type_info_count, type_info, ids_of_names, invoke, told_status};

/* --- the calls of each interface */

static void call_vss(IVssAsync *async, const conformance_dialect_row *row, shown_t *shown) {
    const int null = row->null_pointer == CONFORMANCE_NULL_STATUS;
    INT reserved = 77;
    switch (row->call) {
    case CONFORMANCE_ASK_CANCEL:
        shown->returned = IVssAsync_Cancel(async);
        break;
    case CONFORMANCE_ASK_WAIT:
        shown->returned = IVssAsync_Wait(async, row->limit);
        break;
    default:
        shown->returned = IVssAsync_QueryStatus(async, null ? NULL : &shown->out, &reserved);
        CHECK_EQ(reserved, 77);
    }
}

static void wait_vds(IVdsAsync *async, const conformance_dialect_row *row, shown_t *shown) {
    VDS_ASYNC_OUTPUT output, untouched, zero;
    memset(&output, 0xA5, sizeof output);
    memset(&untouched, 0xA5, sizeof untouched);
    memset(&zero, 0, sizeof zero);
    shown->returned =
        IVdsAsync_Wait(async, row->null_pointer == CONFORMANCE_NULL_STATUS ? NULL : &shown->out,
                       row->null_pointer == CONFORMANCE_NULL_OUTPUT ? NULL : &output);
    if (row->null_pointer != CONFORMANCE_NULL_NOTHING) {
        CHECK(memcmp(&output, &untouched, sizeof output) == 0);
    } else if (row->then == QUELL_PHASE_FINISHED) {
        CHECK_EQ(output.type, VDS_ASYNCOUT_CREATEVOLUME);
        CHECK(IUnknown_Release(output.cv.pVolumeUnk) > 0);
    } else {
        CHECK(memcmp(&output, &zero, sizeof output) == 0);
    }
}

static void call_vds(IVdsAsync *async, const conformance_dialect_row *row, shown_t *shown) {
    ULONG percent = (ULONG)shown->value;
    switch (row->call) {
    case CONFORMANCE_ASK_CANCEL:
        shown->returned = IVdsAsync_Cancel(async);
        break;
    case CONFORMANCE_ASK_WAIT:
        wait_vds(async, row, shown);
        break;
    default:
        shown->returned = IVdsAsync_QueryStatus(
            async, row->null_pointer == CONFORMANCE_NULL_STATUS ? NULL : &shown->out,
            row->null_pointer == CONFORMANCE_NULL_VALUE ? NULL : &percent);
        shown->value = (LONG)percent;
    }
}

static void call_wsb(IWsbApplicationAsync *async, const conformance_dialect_row *row,
                     shown_t *shown) {
    const int null = row->null_pointer == CONFORMANCE_NULL_STATUS;
    if (row->call == CONFORMANCE_ASK_CANCEL)
        shown->returned = IWsbApplicationAsync_Abort(async);
    else
        shown->returned = IWsbApplicationAsync_QueryStatus(async, null ? NULL : &shown->out);
}

static void call_gpm(IGPMAsyncCancel *cancel, const conformance_dialect_row *row,
                     subject_t *subject, client_progress *client, shown_t *shown) {
    if (row->call == CONFORMANCE_ASK_CANCEL) {
        shown->returned = IGPMAsyncCancel_Cancel(cancel);
    } else if (subject_has_worker(subject)) {
        subject_report(subject);
        *shown = client->shown;
        CHECK_EQ(shown->calls, 1);
        shown->last = client->references == 1;
    } else {
        const quell_gpm_report_t stand = subject_stand(subject);
        CHECK_EQ(client->shown.calls, 0);
        shown->out = (HRESULT)stand.code;
        shown->value = stand.numerator;
        shown->denominator = stand.denominator;
        shown->with_result = (int)stand.with_result;
        shown->last = (int)stand.last;
    }
}

static int replay_row(const conformance_dialect_row *row) {
    client_progress client;
    shown_t shown = nothing_shown();
    subject_t *subject;
    void *pointer;
    int agreed, beside;
    client.progress.lpVtbl = &client_progress_methods;
    client.references = 1;
    client.shown = nothing_shown();
    subject = subject_make(row, &client.progress);
    pointer = subject_pointer(subject);
    if (row->meanwhile != CONFORMANCE_MEANWHILE_NOTHING)
        subject_let_happen(subject);
    switch (row->dialect) {
    case CONFORMANCE_VSS:
        call_vss((IVssAsync *)pointer, row, &shown);
        break;
    case CONFORMANCE_VDS:
        call_vds((IVdsAsync *)pointer, row, &shown);
        break;
    case CONFORMANCE_WSB:
        call_wsb((IWsbApplicationAsync *)pointer, row, &shown);
        break;
    default:
        call_gpm((IGPMAsyncCancel *)pointer, row, subject, &client, &shown);
    }
    agreed = agrees(row, &shown, subject_phase(subject));
    beside = row->call == CONFORMANCE_ASK_REPORT && !subject_has_worker(subject);
    IUnknown_Release((IUnknown *)pointer);
    subject_free(subject);
    CHECK_EQ(client.references, 1);
    CHECK_EQ(subject_objects(), 0);
    return !agreed ? DIFFERS : beside ? BESIDE : HOLDS;
}

int main(int argc, char **argv) { return replay("com_conformance_c", argc, argv, replay_row); }
