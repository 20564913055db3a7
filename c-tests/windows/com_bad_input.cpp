/*
 * What clients and providers get wrong: null pointers, identifiers that there are not,
 * Invoke with wrong arguments, calls when everything else has been let go of, memory that
 * runs out, workers that go without an end. The documented code, no crash, and no leak.
 */
#include <cstdlib>
#include <new>

#include "check.h"
#include "quell_com.hpp"

using namespace quell::com;
using quell::verdict;

namespace {
bool memory_is_used_up = false;
/* The operation of an object that is about to go, and how it stood then. */
quell_handle_t watched{};
quell_status_t when_freed{};
} // namespace

void *operator new(std::size_t size, const std::nothrow_t &) noexcept {
    return memory_is_used_up ? nullptr : std::malloc(size);
}
void operator delete(void *storage) noexcept {
    if (watched.op != nullptr)
        (void)quell_op_status(&watched, &when_freed);
    watched = {};
    std::free(storage);
}
void operator delete(void *storage, std::size_t) noexcept { operator delete(storage); }

namespace {

constexpr HRESULT POISON = 0x5A5A5A5A;
constexpr HRESULT INVALID_STATE = static_cast<HRESULT>(0x8007139F);
const GUID nobody = {0x11111111, 0x2222, 0x3333, {4, 4, 4, 4, 4, 4, 4, 4}};

template <class Object> com_ptr<Object> made(const vds_options &options = {}) {
    com_ptr<Object> object;
    CHECK_EQ(Object::make(options, object), S_OK);
    return object;
}

// --- IUnknown

template <class Interface, class Object> void unknown_of() {
    const com_ptr<Object> object = made<Object>();
    void *into = &into;
    CHECK_EQ(object->QueryInterface(nobody, &into), E_NOINTERFACE);
    CHECK(into == nullptr);
    CHECK_EQ(object->QueryInterface(nobody, nullptr), E_POINTER);
    CHECK_EQ(object->QueryInterface(IID_IUnknown, nullptr), E_POINTER);
    void *unknown = nullptr, *own = nullptr, *again = nullptr;
    CHECK_EQ(object->QueryInterface(IID_IUnknown, &unknown), S_OK);
    CHECK_EQ(object->QueryInterface(iid_of<Interface>::get(), &own), S_OK);
    CHECK_EQ(static_cast<Interface *>(own)->QueryInterface(IID_IUnknown, &again), S_OK);
    CHECK(unknown == again);
    CHECK_EQ(object->AddRef(), 5);
    for (ULONG left = 4; left >= 1; --left)
        CHECK_EQ(object->Release(), left);
}

void unknown() {
    unknown_of<IVssAsync, vss_async>();
    unknown_of<IVdsAsync, vds_async>();
    unknown_of<IWsbApplicationAsync, wsb_async>();
    unknown_of<IGPMAsyncCancel, gpm_async_cancel>();
    const com_ptr<gpm_async_cancel> cancel = made<gpm_async_cancel>();
    const com_ptr<vss_async> async = made<vss_async>();
    void *into = nullptr;
    CHECK_EQ(cancel->QueryInterface(IID_IDispatch, &into), S_OK);
    CHECK_EQ(cancel->Release(), 1);
    CHECK_EQ(async->QueryInterface(IID_IDispatch, &into), E_NOINTERFACE);
    CHECK_EQ(async->QueryInterface(QUELL_IID_IVdsAsync, &into), E_NOINTERFACE);
}

// --- making one

template <class Object> void is_not_made(const vds_options &options, HRESULT why) {
    com_ptr<Object> object = made<Object>();
    CHECK_EQ(Object::make(options, object), why);
    CHECK(!object);
    CHECK_EQ(live_objects(), 0);
}

template <class Object> void making(std::uint32_t no_profile) {
    vds_options options;
    options.mode = static_cast<quell::mode>(8);
    is_not_made<Object>(options, E_INVALIDARG);
    options = {};
    options.level = quell::level::none;
    is_not_made<Object>(options, E_INVALIDARG);
    options.level = static_cast<quell::level>(4);
    is_not_made<Object>(options, E_INVALIDARG);
    options = {};
    options.profile = no_profile;
    if (no_profile != 0)
        is_not_made<Object>(options, E_INVALIDARG);
    com_ptr<Object> object;
    memory_is_used_up = true;
    CHECK_EQ(Object::make({}, object), E_OUTOFMEMORY);
    memory_is_used_up = false;
    CHECK(!object);
}

void making_gpm() {
    gpm_worker worker;
    auto *cancel = reinterpret_cast<IGPMAsyncCancel *>(8);
    memory_is_used_up = true;
    CHECK_EQ(gpm_async_cancel::begin({}, nullptr, &cancel, worker), E_OUTOFMEMORY);
    memory_is_used_up = false;
    CHECK(cancel == nullptr);
    async_options options;
    options.mode = static_cast<quell::mode>(8);
    cancel = reinterpret_cast<IGPMAsyncCancel *>(8);
    CHECK_EQ(gpm_async_cancel::begin(options, nullptr, &cancel, worker), E_INVALIDARG);
    CHECK(cancel == nullptr);
    CHECK(!worker);
    CHECK_EQ(gpm_async_cancel::begin({}, nullptr, nullptr, worker), S_OK);
    CHECK(static_cast<bool>(worker));
}

// --- IDispatch

struct names_t {
    LPOLESTR names[2];
    UINT count;
    HRESULT told;
    DISPID ids[2];
};

void names() {
    static OLECHAR exact[] = L"Cancel", lower[] = L"cancel", upper[] = L"CANCEL",
                   shorter[] = L"Cance", longer[] = L"Cancels", empty[] = L"",
                   other[] = L"Status";
    const names_t rows[] = {
        {{exact, nullptr}, 1, S_OK, {1, 99}},
        {{lower, nullptr}, 1, S_OK, {1, 99}},
        {{upper, nullptr}, 1, S_OK, {1, 99}},
        {{shorter, nullptr}, 1, DISP_E_UNKNOWNNAME, {DISPID_UNKNOWN, 99}},
        {{longer, nullptr}, 1, DISP_E_UNKNOWNNAME, {DISPID_UNKNOWN, 99}},
        {{empty, nullptr}, 1, DISP_E_UNKNOWNNAME, {DISPID_UNKNOWN, 99}},
        {{other, nullptr}, 1, DISP_E_UNKNOWNNAME, {DISPID_UNKNOWN, 99}},
        {{nullptr, nullptr}, 1, DISP_E_UNKNOWNNAME, {DISPID_UNKNOWN, 99}},
        {{exact, other}, 2, DISP_E_UNKNOWNNAME, {1, DISPID_UNKNOWN}},
        {{other, exact}, 2, DISP_E_UNKNOWNNAME, {DISPID_UNKNOWN, DISPID_UNKNOWN}},
    };
    const com_ptr<gpm_async_cancel> cancel = made<gpm_async_cancel>();
    for (names_t row : rows) {
        DISPID ids[2] = {99, 99};
        CHECK_EQ(cancel->GetIDsOfNames(GUID_NULL, row.names, row.count, 0, ids), row.told);
        CHECK_EQ(ids[0], row.ids[0]);
        CHECK_EQ(ids[1], row.ids[1]);
    }
    LPOLESTR name = exact;
    DISPID id = 99;
    CHECK_EQ(cancel->GetIDsOfNames(nobody, &name, 1, 0, &id), DISP_E_UNKNOWNINTERFACE);
    CHECK_EQ(cancel->GetIDsOfNames(GUID_NULL, nullptr, 1, 0, &id), E_INVALIDARG);
    CHECK_EQ(cancel->GetIDsOfNames(GUID_NULL, &name, 0, 0, &id), E_INVALIDARG);
    CHECK_EQ(cancel->GetIDsOfNames(GUID_NULL, &name, 1, 0, nullptr), E_INVALIDARG);
    CHECK_EQ(id, 99);
}

void type_information() {
    const com_ptr<gpm_async_cancel> cancel = made<gpm_async_cancel>();
    UINT count = 7;
    auto *info = reinterpret_cast<ITypeInfo *>(8);
    CHECK_EQ(cancel->GetTypeInfoCount(&count), S_OK);
    CHECK_EQ(count, 0);
    CHECK_EQ(cancel->GetTypeInfoCount(nullptr), E_INVALIDARG);
    CHECK_EQ(cancel->GetTypeInfo(0, 0, &info), E_NOTIMPL);
    CHECK(info == nullptr);
    CHECK_EQ(cancel->GetTypeInfo(1, 0, &info), DISP_E_BADINDEX);
    CHECK_EQ(cancel->GetTypeInfo(0, 0, nullptr), E_INVALIDARG);
}

void invoking() {
    VARIANT argument = {};
    DISPID name = 0;
    DISPPARAMS none = {nullptr, nullptr, 0, 0}, one = {&argument, nullptr, 1, 0},
               named = {&argument, &name, 1, 1};
    struct row_t {
        DISPID id;
        const IID *reserved;
        WORD flags;
        DISPPARAMS *arguments;
        HRESULT told;
    };
    const row_t refused[] = {
        {1, &nobody, DISPATCH_METHOD, &none, DISP_E_UNKNOWNINTERFACE},
        {0, &GUID_NULL, DISPATCH_METHOD, &none, DISP_E_MEMBERNOTFOUND},
        {2, &GUID_NULL, DISPATCH_METHOD, &none, DISP_E_MEMBERNOTFOUND},
        {DISPID_UNKNOWN, &GUID_NULL, DISPATCH_METHOD, &none, DISP_E_MEMBERNOTFOUND},
        {1, &GUID_NULL, DISPATCH_PROPERTYGET, &none, DISP_E_MEMBERNOTFOUND},
        {1, &GUID_NULL, DISPATCH_PROPERTYPUT, &one, DISP_E_MEMBERNOTFOUND},
        {1, &GUID_NULL, 0, &none, DISP_E_MEMBERNOTFOUND},
        {1, &GUID_NULL, DISPATCH_METHOD, nullptr, E_INVALIDARG},
        {1, &GUID_NULL, DISPATCH_METHOD, &one, DISP_E_BADPARAMCOUNT},
        {1, &GUID_NULL, DISPATCH_METHOD, &named, DISP_E_NONAMEDARGS},
    };
    const com_ptr<gpm_async_cancel> cancel = made<gpm_async_cancel>();
    gpm_worker worker = cancel->start(nullptr);
    for (const row_t &row : refused) {
        CHECK_EQ(cancel->Invoke(row.id, *row.reserved, 0, row.flags, row.arguments, nullptr,
                                nullptr, nullptr),
                 row.told);
        CHECK(worker.poll() == quell::level::none);
    }
    VARIANT result;
    result.vt = VT_I4;
    // As a script's engine asks, which does not know whether the value is used.
    CHECK_EQ(cancel->Invoke(1, GUID_NULL, 0, DISPATCH_METHOD | DISPATCH_PROPERTYGET, &none,
                            &result, nullptr, nullptr),
             S_OK);
    CHECK_EQ(result.vt, VT_EMPTY);
    CHECK(worker.poll() == quell::level::immediate);
    CHECK(worker.fail(E_ABORT) == verdict::cancelled);
}

void invoking_too_late() {
    DISPPARAMS none = {nullptr, nullptr, 0, 0};
    const com_ptr<gpm_async_cancel> cancel = made<gpm_async_cancel>();
    gpm_worker worker = cancel->start(nullptr);
    CHECK(worker.commit() == verdict::ok);
    EXCEPINFO exception;
    memset(&exception, 0xA5, sizeof exception);
    CHECK_EQ(
        cancel->Invoke(1, GUID_NULL, 0, DISPATCH_METHOD, &none, nullptr, &exception, nullptr),
        DISP_E_EXCEPTION);
    CHECK_EQ(exception.scode, INVALID_STATE);
    CHECK(exception.bstrDescription == nullptr && exception.pfnDeferredFillIn == nullptr);
    CHECK_EQ(cancel->Invoke(1, GUID_NULL, 0, DISPATCH_METHOD, &none, nullptr, nullptr, nullptr),
             INVALID_STATE);
    CHECK(worker.finish() == verdict::ok);
}

// --- workers

/* The last pointer of all, of an operation whose worker went without an end. */
void abandoned() {
    HRESULT status = POISON;
    com_ptr<vss_async> vss = made<vss_async>();
    vss->start();
    CHECK_EQ(vss->AddRef(), 2);
    CHECK_EQ(vss->Release(), 1);
    CHECK_EQ(static_cast<std::uint32_t>(vss->Wait(INFINITE)), QUELL_VSS_E_UNEXPECTED);
    CHECK_EQ(vss->QueryStatus(&status, nullptr), S_OK);
    CHECK_EQ(static_cast<std::uint32_t>(status), QUELL_VSS_E_UNEXPECTED);
    CHECK_EQ(static_cast<std::uint32_t>(vss->Cancel()), QUELL_VSS_E_UNEXPECTED);
    CHECK(vss->start().refusal() == verdict::bad_state);

    const com_ptr<wsb_async> wsb = made<wsb_async>();
    wsb->start();
    CHECK_EQ(wsb->QueryStatus(&status), S_OK);
    CHECK_EQ(status, E_UNEXPECTED);
    CHECK_EQ(wsb->Abort(), S_OK);

    const com_ptr<vds_async> vds = made<vds_async>();
    vds->start();
    VDS_ASYNC_OUTPUT output;
    CHECK_EQ(vds->Wait(&status, &output), S_OK);
    CHECK_EQ(status, E_UNEXPECTED);
    CHECK_EQ(output.type, VDS_ASYNCOUT_UNKNOWN);
}

/* A worker that is assigned over ends its operation before it lets go of the object. */
void assigned_over() {
    com_ptr<vss_async> first = made<vss_async>(), second = made<vss_async>();
    vss_worker worker = first->start();
    IVssAsync *const client = first.get();
    CHECK_EQ(client->AddRef(), 3);
    first.reset();
    worker = second->start();
    HRESULT status = POISON;
    CHECK_EQ(client->QueryStatus(&status, nullptr), S_OK);
    CHECK_EQ(static_cast<std::uint32_t>(status), QUELL_VSS_E_UNEXPECTED);
    CHECK_EQ(client->Release(), 0);
    CHECK_EQ(live_objects(), 1);
    // And where the worker's reference is the last one.
    watched = second->observer().raw();
    second.reset();
    worker = made<vss_async>()->start();
    CHECK(watched.op == nullptr);
    CHECK_EQ(when_freed.phase, QUELL_PHASE_FAILED);
    CHECK_EQ(live_objects(), 1);
    vss_worker moved = std::move(worker);
    CHECK(!worker && static_cast<bool>(moved));
    CHECK(moved.finish() == verdict::ok);
}

void verbs_out_of_place() {
    vds_worker none;
    CHECK(!none && none.refusal() == verdict::invalid && none.of() == nullptr);
    CHECK(none.finish() == verdict::invalid);
    CHECK(none.commit() == verdict::invalid);
    CHECK(none.fail(E_ABORT) == verdict::invalid);
    CHECK(none.acknowledge(quell::effects::none) == verdict::invalid);
    CHECK(none.report(0) == verdict::invalid && none.total(1) == verdict::invalid);
    gpm_worker nothing;
    CHECK(nothing.report(0) == verdict::invalid && nothing.total(1) == verdict::invalid);

    const com_ptr<vds_async> vds = made<vds_async>();
    vds_worker worker = vds->start();
    CHECK(worker.fail(S_OK) == verdict::invalid);
    CHECK(worker.acknowledge(quell::effects::unstated) == verdict::invalid);
    CHECK(worker.total(4) == verdict::ok && worker.report(2) == verdict::ok);
    CHECK(worker.report(1) == verdict::invalid && worker.report(5) == verdict::invalid);
    CHECK(worker.total(3) == verdict::invalid);
    ULONG percent = 0;
    HRESULT status = POISON;
    CHECK_EQ(vds->QueryStatus(&status, &percent), S_OK);
    CHECK_EQ(percent, 50);
    CHECK(worker.finish(static_cast<HRESULT>(QUELL_VDS_S_DISK_PARTIALLY_CLEANED)) ==
          verdict::ok);
    CHECK(worker.finish() == verdict::bad_state);
    CHECK(worker.commit() == verdict::bad_state);
    CHECK_EQ(vds->QueryStatus(&status, &percent), S_OK);
    CHECK_EQ(status, QUELL_VDS_S_DISK_PARTIALLY_CLEANED);
}

/* Of a finish that is refused, nothing is kept: the object that it was given is not. */
class volume final : public object<volume, IUnknown> {};

void refused_finish() {
    com_ptr<volume> made_volume;
    CHECK_EQ(allocate(made_volume), S_OK);
    VDS_ASYNC_OUTPUT output = {};
    output.type = VDS_ASYNCOUT_CREATE_VDISK;
    output.cvd.pVDiskUnk = made_volume.get();
    HRESULT status = POISON;
    com_ptr<vds_async> vds = made<vds_async>();
    vds_worker worker = vds->start();
    CHECK_EQ(vds->Cancel(), S_OK);
    CHECK(worker.finish(S_OK, &output) == verdict::cancelling);
    CHECK_EQ(made_volume->AddRef(), 2);
    CHECK_EQ(made_volume->Release(), 1);
    CHECK(worker.acknowledge(quell::effects::none) == verdict::ok);
    CHECK_EQ(vds->Wait(&status, &output), S_OK);
    CHECK(output.type == VDS_ASYNCOUT_UNKNOWN && output.cvd.pVDiskUnk == nullptr);
    // One that is taken: the object's reference, and one for each Wait.
    vds = made<vds_async>();
    worker = vds->start();
    output.type = VDS_ASYNCOUT_CREATE_VDISK;
    output.cvd.pVDiskUnk = made_volume.get();
    CHECK(worker.finish(S_OK, &output) == verdict::ok);
    worker = {};
    CHECK_EQ(vds->Wait(&status, &output), S_OK);
    CHECK_EQ(made_volume->AddRef(), 4);
    vds.reset();
    CHECK_EQ(made_volume->Release(), 2);
    CHECK(output.cvd.pVDiskUnk == made_volume.get());
    CHECK_EQ(output.cvd.pVDiskUnk->Release(), 1);
}

/* The client may not, the gate lets nobody; the provider can all the same. */
void past_the_client() {
    vds_options options;
    options.may_cancel = false;
    options.gate.ask = [](void *, quell_level_t, quell_cause_t) {
        return QUELL_VDS_E_INCOMPATIBLE_MEDIA;
    };
    com_ptr<vds_async> vds = made<vds_async>(options);
    vds_worker worker = vds->start();
    CHECK_EQ(static_cast<std::uint32_t>(vds->Cancel()), QUELL_VDS_E_ACCESS_DENIED);
    CHECK_EQ(vds->cancel_reply().verdict, QUELL_DENIED);
    CHECK(vds->canceller().cancel().verdict == verdict::cancelling);
    CHECK(worker.acknowledge(quell::effects::none) == verdict::ok);
    options.may_cancel = true;
    vds = made<vds_async>(options);
    worker = vds->start();
    CHECK_EQ(static_cast<std::uint32_t>(vds->Cancel()), QUELL_VDS_E_INCOMPATIBLE_MEDIA);
    CHECK_EQ(vds->cancel_reply().verdict, QUELL_REFUSED);
    CHECK(worker.finish() == verdict::ok);
    quell::status seen;
    CHECK(vds->observer().look(seen) == verdict::ok);
    CHECK(seen.phase == quell::phase::finished);
}

} // namespace

int main() {
    unknown();
    making<vss_async>(8);
    making<vds_async>(4);
    making<wsb_async>(2);
    making<gpm_async_cancel>(0);
    making_gpm();
    names();
    type_information();
    invoking();
    invoking_too_late();
    abandoned();
    assigned_over();
    verbs_out_of_place();
    refused_finish();
    past_the_client();
    CHECK_EQ(live_objects(), 0);
    return check_report("com_bad_input");
}
