/*
 * A provider in a DLL: objects of quell's, each with a thread that works on it. Its
 * clients know Windows's headers alone: see com_requester.cpp.
 */
#include "check.h"
#include "quell_com.hpp"

using namespace quell::com;

#define EXPORTED extern "C" __declspec(dllexport)

namespace {

/* What the thread does. The requester has the same numbers. */
enum { OBEYS, FINISHES, FAILS, COMMITS, UNDER_WAY };

/* Signalled by factory_go: those that work go on. */
HANDLE go_on() {
    static const HANDLE event = CreateEventW(nullptr, TRUE, FALSE, nullptr);
    return event;
}

constexpr std::uint32_t OWN_ERROR = 0x8004230F;

LONG volatile finished, cancelled, failed;

/* A worker that has started; and, before anybody else sees the operation, committed. */
template <class Object> auto started(Object &object, int how) {
    auto worker = object.start();
    if (how == COMMITS)
        CHECK(worker.commit() == quell::verdict::ok);
    return worker;
}

/* Runs `work(worker)` on a thread, which then lets go of the worker. */
template <class Worker, class Work> HRESULT run(Worker worker, Work work) {
    struct job_t {
        Worker worker;
        Work work;
    };
    auto *const job = new job_t{std::move(worker), work};
    const HANDLE thread = CreateThread(
        nullptr, 0,
        [](void *made) -> DWORD {
            auto *const own = static_cast<job_t *>(made);
            own->work(own->worker);
            delete own;
            return 0;
        },
        job, 0, nullptr);
    CHECK(thread != nullptr);
    CloseHandle(thread);
    return S_OK;
}

template <class Worker> void obey(Worker &worker) {
    while (worker.poll() == quell::level::none)
        Sleep(1);
    CHECK(worker.finish() == quell::verdict::cancelling);
    CHECK(worker.acknowledge(quell::effects::none) == quell::verdict::ok);
    InterlockedIncrement(&cancelled);
}

template <class Worker> void work(Worker &worker, int how) {
    switch (how) {
    case OBEYS:
        obey(worker);
        return;
    case FAILS:
        CHECK(worker.fail(static_cast<HRESULT>(OWN_ERROR)) == quell::verdict::ok);
        InterlockedIncrement(&failed);
        return;
    case COMMITS:
    case UNDER_WAY:
        WaitForSingleObject(go_on(), INFINITE);
        break;
    default:
        break;
    }
    CHECK(worker.finish() == quell::verdict::ok);
    InterlockedIncrement(&finished);
}

} // namespace

EXPORTED HRESULT factory_vss(int how, IVssAsync **into) {
    com_ptr<vss_async> made;
    const HRESULT refused = vss_async::make({}, made);
    if (FAILED(refused))
        return refused;
    run(started(*made, how), [how](vss_worker &worker) { work(worker, how); });
    return made.copy_to(QUELL_IID_IVssAsync, reinterpret_cast<void **>(into));
}

EXPORTED HRESULT factory_vds(int how, IUnknown **into) {
    com_ptr<vds_async> made;
    const HRESULT refused = vds_async::make({}, made);
    if (FAILED(refused))
        return refused;
    CHECK(made->progress().total(8) == quell::verdict::ok);
    CHECK(made->progress().report(2) == quell::verdict::ok);
    run(started(*made, how), [how](vds_worker &worker) { work(worker, how); });
    return made.copy_to(QUELL_IID_IVdsAsync, reinterpret_cast<void **>(into));
}

/* As IGPMGPO::Backup and its like: does a hundred parts, and can be cancelled between
 * any two. */
EXPORTED HRESULT factory_gpm(IGPMAsyncProgress *progress, IGPMAsyncCancel **cancel) {
    gpm_worker worker;
    const HRESULT refused = gpm_async_cancel::begin({}, progress, cancel, worker);
    if (FAILED(refused))
        return refused;
    return run(std::move(worker), [](gpm_worker &own) {
        CHECK(own.total(100) == quell::verdict::ok);
        for (std::uint64_t part = 1; part <= 100; ++part) {
            if (own.poll() != quell::level::none) {
                CHECK(own.acknowledge(quell::effects::partial) == quell::verdict::ok);
                return;
            }
            CHECK(own.report(part) == quell::verdict::ok);
        }
        VARIANT result = {};
        result.vt = VT_I4;
        result.lVal = 100;
        if (own.finish(&result) == quell::verdict::cancelling)
            CHECK(own.acknowledge(quell::effects::none) == quell::verdict::ok);
    });
}

EXPORTED void factory_go(BOOL on) {
    if (on != FALSE)
        SetEvent(go_on());
    else
        ResetEvent(go_on());
}

/* How many operations of VSS and VDS have ended so. */
EXPORTED void factory_ends(LONG *ends) {
    ends[0] = finished;
    ends[1] = cancelled;
    ends[2] = failed;
}

EXPORTED HRESULT WINAPI DllCanUnloadNow() { return live_objects() == 0 ? S_OK : S_FALSE; }
