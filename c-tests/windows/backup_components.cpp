// A backup from the requester's side, by mingw-w64's interfaces alone: what the rows of
// conformance/sequences-com.csv cannot say. What the host is told beside the requester,
// calls from inside what it is told, the moment between the two commit points, and
// other limits and profiles.
#include <thread>

#include "backup_requester.hpp"

namespace {

// What is reported of a backup that goes well.
void what_is_reported() {
    auto on = machine::make();
    requester r(*on);
    r.up_to_prepared();
    operation made = r.make_snapshot();
    CHECK_HR(made.ends(), VSS_S_ASYNC_FINISHED);
    CHECK_HR(made.cancel(), VSS_S_ASYNC_FINISHED);
    made.release();
    r.release();
    all_is_well(*on);
    CHECK_TEXT(on->report("DoSnapshotSet").c_str(),
               "begun, returned, ended 0004230A, let go, destroyed");
    CHECK_TEXT(on->report("Cancel").c_str(), "returned 0004230A");
}

// And of a requester that lets go while an operation is pending.
void released_while_pending() {
    for (const bool operation_too : {true, false}) {
        auto on = machine::make();
        requester r(*on);
        r.up_to_prepared();
        on->holds(1, ON_FREEZE);
        operation op = r.make_snapshot();
        on->await_held();
        if (operation_too)
            op.release();
        r.release();
        CHECK_TEXT(on->report("").c_str(), "made, released while pending");
        (void)on->let_go();
        if (!operation_too) {
            CHECK_HR(op.ends(), VSS_S_ASYNC_FINISHED);
            op.release();
        }
        all_is_well(*on);
        CHECK_TEXT(on->report("DoSnapshotSet").c_str(),
                   operation_too
                       ? "begun, returned, let go while pending, ended 0004230A, destroyed"
                       : "begun, returned, ended 0004230A, let go, destroyed");
    }
}

// By a limit of nothing AbortBackup waits for nobody; the abort stands.
void an_abort_that_does_not_wait() {
    auto on = machine::make();
    on->limits(0, 20);
    requester r(*on);
    r.up_to_set();
    on->holds(1, ON_PREPARE_BACKUP);
    operation op = r.prepare();
    on->await_held();
    CHECK_HR(r.abort(), S_OK);
    CHECK_HR(op.status(), VSS_S_ASYNC_PENDING);
    CHECK_EQ(on->locked(), 1);
    CHECK(on->let_go());
    CHECK_HR(op.ends(), VSS_S_ASYNC_CANCELLED);
    op.release();
    r.release();
    all_is_well(*on);
}

// Windows Server 2003 takes no limit.
void wait_of_windows_server_2003() {
    auto on = machine::make();
    on->profile(3);
    requester r(*on);
    CHECK_HR(r.initialise(), S_OK);
    operation op = r.gather();
    CHECK_HR(op.wait(10), E_INVALIDARG);
    CHECK_HR(op.ends(), VSS_S_ASYNC_FINISHED);
    op.release();
    r.release();
    all_is_well(*on);
}

void a_restore_of_nothing() {
    auto on = machine::make();
    requester r(*on);
    CHECK_HR(r->InitializeForRestore(nullptr), E_INVALIDARG);
    CHECK_HR(r.initialise(), S_OK);
    CHECK_HR(r->QueryRevertStatus(nullptr, nullptr), E_INVALIDARG);
    IVssAsync *at = reinterpret_cast<IVssAsync *>(&r);
    CHECK_HR(r->QueryRevertStatus(nullptr, &at), E_INVALIDARG);
    CHECK(at == nullptr);
    r.release();
    all_is_well(*on);
}

// In the very moment between the operation's commit point and the session's: the
// snapshot is made, and nobody is told otherwise.
void an_abort_in_between() {
    auto on = machine::make();
    requester r(*on);
    r.up_to_prepared();
    (void)on->told();
    on->holds(PROVIDER, COMMITTED);
    operation op = r.make_snapshot();
    on->await_held();
    CHECK_HR(op.cancel(), VSS_E_BAD_STATE);
    std::thread aborter([&] { CHECK_HR(r.abort(), S_OK); });
    Sleep(20);
    on->let_go();
    aborter.join();
    CHECK_HR(op.ends(), VSS_S_ASYNC_FINISHED);
    CHECK_TOLD(*on, "*:PrepareSnapshot *:Freeze provider:Snapshot *:Thaw *:PostSnapshot");
    CHECK_HR(r.complete().began, VSS_E_BAD_STATE);
    CHECK_EQ(on->counts().gone, 0);
    op.release();
    r.release();
    all_is_well(*on);
}

// From inside what a writer is told: the writer is told when it returns.
void aborts_from_inside() {
    auto on = machine::make();
    requester r(*on);
    r.up_to_prepared();
    (void)on->told();
    operation op;
    HRESULT nested = E_FAIL;
    HRESULT cancelled = E_FAIL;
    HRESULT again = E_FAIL;
    on->holds(0, ON_PREPARE_SNAPSHOT);
    on->does(0, ON_ABORT, [&] { nested = r.abort(); });
    on->does(1, ON_FREEZE, [&] {
        cancelled = op.cancel();
        again = op.cancel();
        CHECK_HR(r.abort(), S_OK);
    });
    op = r.make_snapshot();
    on->await_held();
    on->let_go();
    CHECK_HR(op.ends(), VSS_S_ASYNC_CANCELLED);
    CHECK_HR(cancelled, S_OK);
    // It cannot wait for the end of what called it.
    CHECK_HR(again, VSS_S_ASYNC_PENDING);
    CHECK_HR(nested, S_OK);
    CHECK_TOLD(*on, "*:PrepareSnapshot 0:Freeze 1:Freeze 0:Abort 2:Abort 1:Abort");
    op.release();
    r.release();
    all_is_well(*on);
}

} // namespace

int main() {
    what_is_reported();
    released_while_pending();
    an_abort_that_does_not_wait();
    wait_of_windows_server_2003();
    a_restore_of_nothing();
    an_abort_in_between();
    aborts_from_inside();
    // It says itself what it checked.
    return backup_bad_input() + check_report("backup_components.cpp");
}
