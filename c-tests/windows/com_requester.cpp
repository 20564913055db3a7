/*
 * A requester that knows mingw-w64's headers and Microsoft's documents, and nothing of
 * quell: what it gets from the objects of com_factory.dll by real interface pointers.
 */
#include <windows.h>

#include <gpmgmt.h>
#include <vss.h>
#include <vsserror.h>

#include "check.h"

// --- what mingw-w64 lacks, from the documents. In a namespace without a name the
// compiler would take it for an interface that nobody implements.

struct IVdsAsync_documented : public IUnknown {
    virtual HRESULT STDMETHODCALLTYPE Cancel() = 0;
    virtual HRESULT STDMETHODCALLTYPE Wait(HRESULT *result, void *output) = 0;
    virtual HRESULT STDMETHODCALLTYPE QueryStatus(HRESULT *result, ULONG *percent) = 0;
};

namespace {

constexpr HRESULT VDS_OPERATION_PENDING = static_cast<HRESULT>(0x80042409);
constexpr HRESULT VDS_CANCEL_TOO_LATE = static_cast<HRESULT>(0x8004240C);
constexpr HRESULT VDS_OPERATION_CANCELED = static_cast<HRESULT>(0x8004240D);
constexpr HRESULT CANCELLED = static_cast<HRESULT>(0x800704C7);

// --- the provider

enum { OBEYS, FINISHES, FAILS, COMMITS, UNDER_WAY };
constexpr HRESULT OWN_ERROR = VSS_E_UNEXPECTED_PROVIDER_ERROR;

HRESULT (*make_vss)(int how, IVssAsync **into);
HRESULT (*make_vds)(int how, IUnknown **into);
HRESULT (*make_gpm)(IGPMAsyncProgress *progress, IGPMAsyncCancel **cancel);
void (*let_go_on)(BOOL on);
void (*count_ends)(LONG *ends);
HRESULT(WINAPI *can_unload)();

template <class Function> void find(HMODULE provider, Function &into, const char *name) {
    into = reinterpret_cast<Function>(reinterpret_cast<void *>(GetProcAddress(provider, name)));
    CHECK(into != nullptr);
}

void load_provider() {
    const HMODULE provider = LoadLibraryW(L"com_factory.dll");
    CHECK(provider != nullptr);
    find(provider, make_vss, "factory_vss");
    find(provider, make_vds, "factory_vds");
    find(provider, make_gpm, "factory_gpm");
    find(provider, let_go_on, "factory_go");
    find(provider, count_ends, "factory_ends");
    find(provider, can_unload, "DllCanUnloadNow");
}

/* Its threads have let go of everything. */
void all_is_released() {
    for (int turn = 0; turn < 10000 && can_unload() != S_OK; ++turn)
        Sleep(1);
    CHECK_EQ(can_unload(), S_OK);
}

IVssAsync *vss(int how) {
    IVssAsync *made = nullptr;
    CHECK_EQ(make_vss(how, &made), S_OK);
    return made;
}

HRESULT status_of(IVssAsync *async) {
    HRESULT status = 0x5A5A5A5A;
    CHECK_EQ(async->QueryStatus(&status, nullptr), S_OK);
    return status;
}

// --- VSS

void vss_cancelled() {
    IVssAsync *const async = vss(OBEYS);
    CHECK_EQ(status_of(async), VSS_S_ASYNC_PENDING);
    CHECK_EQ(async->Cancel(), S_OK);
    CHECK_EQ(async->Wait(INFINITE), S_OK);
    CHECK_EQ(async->Cancel(), VSS_S_ASYNC_CANCELLED);
    CHECK_EQ(status_of(async), VSS_S_ASYNC_CANCELLED);
    CHECK_EQ(async->Wait(INFINITE), S_OK);
    async->Release();
    all_is_released();
}

/* The second Cancel comes while the worker still undoes: it waits for the end. */
void vss_cancelled_twice_at_once() {
    IVssAsync *const async = vss(OBEYS);
    CHECK_EQ(async->Cancel(), S_OK);
    CHECK_EQ(async->Cancel(), VSS_S_ASYNC_CANCELLED);
    CHECK_EQ(status_of(async), VSS_S_ASYNC_CANCELLED);
    async->Release();
    all_is_released();
}

void vss_finished() {
    IVssAsync *const async = vss(FINISHES);
    CHECK_EQ(async->Wait(INFINITE), S_OK);
    CHECK_EQ(status_of(async), VSS_S_ASYNC_FINISHED);
    CHECK_EQ(async->Cancel(), VSS_S_ASYNC_FINISHED);
    CHECK_EQ(async->Wait(0), S_OK);
    async->Release();
    all_is_released();
}

void vss_failed() {
    IVssAsync *const async = vss(FAILS);
    CHECK_EQ(async->Wait(INFINITE), OWN_ERROR);
    CHECK_EQ(status_of(async), OWN_ERROR);
    CHECK_EQ(async->Cancel(), OWN_ERROR);
    async->Release();
    all_is_released();
}

void vss_committed() {
    IVssAsync *const async = vss(COMMITS);
    CHECK_EQ(async->Cancel(), VSS_E_BAD_STATE);
    CHECK_EQ(async->Wait(10), S_OK);
    CHECK_EQ(status_of(async), VSS_S_ASYNC_PENDING);
    let_go_on(TRUE);
    CHECK_EQ(async->Wait(INFINITE), S_OK);
    CHECK_EQ(status_of(async), VSS_S_ASYNC_FINISHED);
    let_go_on(FALSE);
    async->Release();
    all_is_released();
}

/* A time-out, then patience: nothing was cancelled by the first. */
void vss_waits_again() {
    IVssAsync *const async = vss(UNDER_WAY);
    CHECK_EQ(async->Wait(20), S_OK);
    CHECK_EQ(status_of(async), VSS_S_ASYNC_PENDING);
    let_go_on(TRUE);
    CHECK_EQ(async->Wait(INFINITE), S_OK);
    CHECK_EQ(status_of(async), VSS_S_ASYNC_FINISHED);
    let_go_on(FALSE);
    async->Release();
    all_is_released();
}

/* The last pointer is released while the operation goes on: that cancels nothing. */
void vss_released_while_pending() {
    LONG before[3], after[3];
    IVssAsync *const async = vss(UNDER_WAY);
    count_ends(before);
    async->Release();
    Sleep(20);
    CHECK_EQ(can_unload(), S_FALSE);
    let_go_on(TRUE);
    all_is_released();
    let_go_on(FALSE);
    count_ends(after);
    CHECK_EQ(after[0] - before[0], 1);
    CHECK_EQ(after[1] - before[1], 0);
}

// --- VDS

IVdsAsync_documented *vds(int how) {
    static const GUID documented = {
        0xD5D23B6D, 0x5A55, 0x4492, {0x98, 0x89, 0x39, 0x7A, 0x3C, 0x2D, 0x2D, 0xBC}};
    IUnknown *made = nullptr;
    void *async = nullptr;
    CHECK_EQ(make_vds(how, &made), S_OK);
    CHECK_EQ(made->QueryInterface(documented, &async), S_OK);
    made->Release();
    return static_cast<IVdsAsync_documented *>(async);
}

void vds_committed() {
    IVdsAsync_documented *const async = vds(COMMITS);
    HRESULT status = S_OK;
    ULONG percent = 0;
    ULONGLONG output[4];
    CHECK_EQ(async->Cancel(), VDS_CANCEL_TOO_LATE);
    CHECK_EQ(async->QueryStatus(&status, &percent), S_OK);
    CHECK_EQ(status, VDS_OPERATION_PENDING);
    CHECK_EQ(percent, 25);
    let_go_on(TRUE);
    CHECK_EQ(async->Wait(&status, output), S_OK);
    CHECK_EQ(status, S_OK);
    CHECK_EQ(async->QueryStatus(&status, &percent), S_OK);
    CHECK_EQ(percent, 100);
    CHECK_EQ(async->Cancel(), VDS_CANCEL_TOO_LATE);
    let_go_on(FALSE);
    async->Release();
    all_is_released();
}

void vds_cancelled() {
    IVdsAsync_documented *const async = vds(OBEYS);
    HRESULT status = S_OK;
    ULONG percent = 1;
    ULONGLONG output[4] = {1, 1, 1, 1};
    CHECK_EQ(async->Cancel(), S_OK);
    CHECK_EQ(async->Wait(&status, output), S_OK);
    CHECK_EQ(status, VDS_OPERATION_CANCELED);
    CHECK_EQ(output[0] | output[1] | output[2] | output[3], 0);
    CHECK_EQ(async->Cancel(), VDS_OPERATION_CANCELED);
    CHECK_EQ(async->QueryStatus(&status, &percent), S_OK);
    CHECK_EQ(status, VDS_OPERATION_CANCELED);
    CHECK_EQ(percent, 0);
    async->Release();
    all_is_released();
}

// --- GPM

enum { NEVER, BY_VTABLE, BY_NAME };

/* A client's progress that cancels, from inside Status, when thirty parts are done. */
class progress_t final : public IGPMAsyncProgress {
  public:
    explicit progress_t(int cancels) : cancels_(cancels) {}

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID, void **into) override {
        *into = nullptr;
        return E_NOINTERFACE;
    }
    ULONG STDMETHODCALLTYPE AddRef() override {
        return static_cast<ULONG>(InterlockedIncrement(&references));
    }
    ULONG STDMETHODCALLTYPE Release() override {
        const LONG left = InterlockedDecrement(&references);
        if (left == 1)
            SetEvent(let_go);
        return static_cast<ULONG>(left);
    }
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
    HRESULT STDMETHODCALLTYPE Status(LONG done, LONG total, HRESULT status, VARIANT *result,
                                     IGPMStatusMsgCollection *) override {
        CHECK(last == S_FALSE);
        if (done == total || status != S_OK) {
            last = status;
            with_result = result->vt == VT_I4 && result->lVal == 100;
        }
        CHECK(done >= parts);
        parts = done;
        if (done == 30 && status == S_OK && cancels_ != NEVER) {
            // The pointer reaches the client after the work has begun.
            WaitForSingleObject(has_cancel, INFINITE);
            told = cancels_ == BY_VTABLE ? cancel->Cancel() : cancel_by_name();
        }
        return S_OK;
    }

    HANDLE let_go = CreateEventW(nullptr, FALSE, FALSE, nullptr);
    HANDLE has_cancel = CreateEventW(nullptr, TRUE, FALSE, nullptr);
    IGPMAsyncCancel *cancel = nullptr;
    LONG volatile references = 1;
    LONG parts = 0;
    HRESULT last = S_FALSE, told = S_FALSE;
    bool with_result = false;

  private:
    HRESULT cancel_by_name() {
        OLECHAR name[] = L"CANCEL";
        LPOLESTR names = name;
        DISPID id = DISPID_UNKNOWN;
        DISPPARAMS none = {nullptr, nullptr, 0, 0};
        CHECK_EQ(cancel->GetIDsOfNames(GUID_NULL, &names, 1, LOCALE_USER_DEFAULT, &id), S_OK);
        CHECK_EQ(id, 1);
        return cancel->Invoke(id, GUID_NULL, LOCALE_USER_DEFAULT, DISPATCH_METHOD, &none,
                              nullptr, nullptr, nullptr);
    }

    int cancels_;
};

void gpm(int cancels) {
    progress_t progress(cancels);
    CHECK_EQ(make_gpm(&progress, &progress.cancel), S_OK);
    CHECK(progress.cancel != nullptr);
    SetEvent(progress.has_cancel);
    CHECK_EQ(WaitForSingleObject(progress.let_go, 60000), WAIT_OBJECT_0);
    if (cancels == NEVER) {
        CHECK_EQ(progress.last, S_OK);
        CHECK_EQ(progress.parts, 100);
        CHECK(progress.with_result);
    } else {
        CHECK_EQ(progress.told, S_OK);
        CHECK_EQ(progress.last, CANCELLED);
        CHECK_EQ(progress.parts, 30);
        CHECK(!progress.with_result);
        CHECK_EQ(progress.cancel->Cancel(), S_OK);
    }
    progress.cancel->Release();
    all_is_released();
    CHECK_EQ(progress.references, 1);
    CloseHandle(progress.let_go);
    CloseHandle(progress.has_cancel);
}

void gpm_without_progress() {
    IGPMAsyncCancel *cancel = reinterpret_cast<IGPMAsyncCancel *>(8);
    CHECK_EQ(make_gpm(nullptr, &cancel), S_OK);
    CHECK(cancel == nullptr);
    all_is_released();
}

} // namespace

int main() {
    load_provider();
    vss_cancelled();
    vss_cancelled_twice_at_once();
    vss_finished();
    vss_failed();
    vss_committed();
    vss_waits_again();
    vss_released_while_pending();
    vds_committed();
    vds_cancelled();
    gpm(BY_VTABLE);
    gpm(BY_NAME);
    gpm(NEVER);
    gpm_without_progress();
    return check_report("com_requester");
}
