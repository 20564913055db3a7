/*
 * Every row of the dialects by virtual calls through real interface pointers.
 *
 *   com_conformance [FILE]: the rows that hold go to FILE.
 */
#include "com_front.h"

namespace {

/* A client's progress. It notes what it is told last. */
class client_progress final : public IGPMAsyncProgress {
  public:
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID, void **into) override {
        *into = nullptr;
        return E_NOINTERFACE;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return ++references; }
    ULONG STDMETHODCALLTYPE Release() override { return --references; }
    HRESULT STDMETHODCALLTYPE GetTypeInfoCount(UINT *) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE GetTypeInfo(UINT, LCID, ITypeInfo **) override {
        return E_NOTIMPL;
    }
    HRESULT STDMETHODCALLTYPE GetIDsOfNames(REFIID, LPOLESTR *, UINT, LCID, DISPID *) override {
        return E_NOTIMPL;
    }
    HRESULT STDMETHODCALLTYPE Invoke(DISPID, REFIID, LCID, WORD, DISPPARAMS *, VARIANT *,
                                     EXCEPINFO *, UINT *) override {
        return E_NOTIMPL;
    }
    HRESULT STDMETHODCALLTYPE Status(LONG numerator, LONG denominator, HRESULT status,
                                     VARIANT *result,
                                     IGPMStatusMsgCollection *messages) override {
        shown.out = status;
        shown.value = numerator;
        shown.denominator = denominator;
        shown.with_result = result->vt == VT_I4 && result->lVal == SUBJECT_RESULT;
        CHECK(shown.with_result || result->vt == VT_EMPTY);
        CHECK(messages == nullptr);
        ++shown.calls;
        return S_OK;
    }

    ULONG references = 1;
    shown_t shown = nothing_shown();
};

void call(IVssAsync *async, const conformance_dialect_row &row, shown_t &shown) {
    if (row.call == CONFORMANCE_ASK_CANCEL) {
        shown.returned = async->Cancel();
    } else if (row.call == CONFORMANCE_ASK_WAIT) {
        shown.returned = async->Wait(row.limit);
    } else {
        INT reserved = 77;
        const bool null = row.null_pointer == CONFORMANCE_NULL_STATUS;
        shown.returned = async->QueryStatus(null ? nullptr : &shown.out, &reserved);
        CHECK_EQ(reserved, 77);
    }
}

void wait(IVdsAsync *async, const conformance_dialect_row &row, shown_t &shown) {
    VDS_ASYNC_OUTPUT output, untouched, zero;
    memset(&output, 0xA5, sizeof output);
    memset(&untouched, 0xA5, sizeof untouched);
    memset(&zero, 0, sizeof zero);
    shown.returned =
        async->Wait(row.null_pointer == CONFORMANCE_NULL_STATUS ? nullptr : &shown.out,
                    row.null_pointer == CONFORMANCE_NULL_OUTPUT ? nullptr : &output);
    if (row.null_pointer != CONFORMANCE_NULL_NOTHING) {
        CHECK(memcmp(&output, &untouched, sizeof output) == 0);
    } else if (row.then == QUELL_PHASE_FINISHED) {
        CHECK_EQ(output.type, VDS_ASYNCOUT_CREATEVOLUME);
        CHECK(output.cv.pVolumeUnk->Release() > 0);
    } else {
        CHECK(memcmp(&output, &zero, sizeof output) == 0);
    }
}

void call(IVdsAsync *async, const conformance_dialect_row &row, shown_t &shown) {
    if (row.call == CONFORMANCE_ASK_CANCEL) {
        shown.returned = async->Cancel();
    } else if (row.call == CONFORMANCE_ASK_WAIT) {
        wait(async, row, shown);
    } else {
        auto percent = static_cast<ULONG>(shown.value);
        shown.returned = async->QueryStatus(
            row.null_pointer == CONFORMANCE_NULL_STATUS ? nullptr : &shown.out,
            row.null_pointer == CONFORMANCE_NULL_VALUE ? nullptr : &percent);
        shown.value = static_cast<LONG>(percent);
    }
}

void call(IWsbApplicationAsync *async, const conformance_dialect_row &row, shown_t &shown) {
    const bool null = row.null_pointer == CONFORMANCE_NULL_STATUS;
    shown.returned = row.call == CONFORMANCE_ASK_CANCEL
                         ? async->Abort()
                         : async->QueryStatus(null ? nullptr : &shown.out);
}

template <class Interface>
bool holds(const conformance_dialect_row &row, subject_t *subject, shown_t shown) {
    auto *const async = static_cast<Interface *>(subject_pointer(subject));
    if (row.meanwhile != CONFORMANCE_MEANWHILE_NOTHING)
        subject_let_happen(subject);
    call(async, row, shown);
    const bool agreed = agrees(&row, &shown, subject_phase(subject)) != 0;
    async->Release();
    return agreed;
}

bool gpm_holds(const conformance_dialect_row &row, subject_t *subject,
               client_progress &progress) {
    auto *const cancel = static_cast<IGPMAsyncCancel *>(subject_pointer(subject));
    shown_t shown = nothing_shown();
    if (row.call == CONFORMANCE_ASK_CANCEL) {
        shown.returned = cancel->Cancel();
    } else if (subject_has_worker(subject)) {
        subject_report(subject);
        shown = progress.shown;
        CHECK_EQ(shown.calls, 1);
        shown.last = progress.references == 1;
    } else {
        const quell_gpm_report_t stand = subject_stand(subject);
        CHECK_EQ(progress.shown.calls, 0);
        shown.out = static_cast<HRESULT>(stand.code);
        shown.value = stand.numerator;
        shown.denominator = stand.denominator;
        shown.with_result = stand.with_result != 0;
        shown.last = stand.last != 0;
    }
    const bool agreed = agrees(&row, &shown, subject_phase(subject)) != 0;
    cancel->Release();
    return agreed;
}

int replay_row(const conformance_dialect_row *of) {
    const conformance_dialect_row &row = *of;
    client_progress progress;
    subject_t *const subject = subject_make(&row, &progress);
    bool agreed;
    switch (row.dialect) {
    case CONFORMANCE_VSS:
        agreed = holds<IVssAsync>(row, subject, nothing_shown());
        break;
    case CONFORMANCE_VDS:
        agreed = holds<IVdsAsync>(row, subject, nothing_shown());
        break;
    case CONFORMANCE_WSB:
        agreed = holds<IWsbApplicationAsync>(row, subject, nothing_shown());
        break;
    default:
        agreed = gpm_holds(row, subject, progress);
    }
    const bool beside = row.call == CONFORMANCE_ASK_REPORT && !subject_has_worker(subject);
    subject_free(subject);
    CHECK_EQ(progress.references, 1);
    CHECK_EQ(subject_objects(), 0);
    return !agreed ? DIFFERS : beside ? BESIDE : HOLDS;
}

} // namespace

int main(int argc, char **argv) { return replay("com_conformance", argc, argv, replay_row); }
