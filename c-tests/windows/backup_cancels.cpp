// The requester's means to stop: Cancel on each operation, a Wait that runs out, and
// both at once with what they are about.
#include <atomic>
#include <thread>

#include "backup_requester.hpp"

namespace {

// Cancel on each operation, while it is under way: S_OK, and it is cancelled.
void cancel_on_each() {
    {
        auto on = machine::make();
        requester r(*on);
        r.up_to_set();
        on->holds(1, ON_PREPARE_BACKUP);
        operation op = r.prepare();
        on->await_held();
        CHECK_TOLD(*on, "0:PrepareBackup 1:PrepareBackup");
        CHECK_HR(op.status(), VSS_S_ASYNC_PENDING);
        CHECK_HR(op.cancel(), S_OK);
        CHECK_TOLD(*on, "0:Abort 2:Abort");
        CHECK_HR(op.status(), VSS_S_ASYNC_PENDING);
        on->let_go();
        CHECK_HR(op.ends(), VSS_S_ASYNC_CANCELLED);
        CHECK_TOLD(*on, "1:Abort");
        CHECK_HR(op.cancel(), VSS_S_ASYNC_CANCELLED);
        CHECK_EQ(on->locked(), 0);
        CHECK_HR(r.make_snapshot().began, VSS_E_BAD_STATE);
        CHECK_HR(r.abort(), S_OK);
        CHECK_TOLD(*on, "");
        op.release();
        r.release();
        CHECK_TOLD(*on, "*:BackupShutdown");
        all_is_well(*on);
    }
    {
        auto on = machine::make();
        requester r(*on);
        r.up_to_prepared();
        on->holds(PROVIDER, SNAPSHOT);
        operation op = r.make_snapshot();
        on->await_held();
        (void)on->told();
        CHECK_HR(op.cancel(), S_OK);
        CHECK_TOLD(*on, "*:Abort");
        CHECK_HR(op.status(), VSS_S_ASYNC_PENDING);
        on->let_go();
        CHECK_HR(op.ends(), VSS_S_ASYNC_CANCELLED);
        CHECK_HR(op.cancel(), VSS_S_ASYNC_CANCELLED);
        CHECK_EQ(on->counts().made, 0);
        CHECK_HR(r.complete().began, VSS_E_BAD_STATE);
        CHECK_HR(r.abort(), S_OK);
        op.release();
        r.release();
        all_is_well(*on);
    }
    {
        // The provider is deaf, and makes the snapshot after all: it is deleted.
        auto on = machine::make();
        requester r(*on);
        r.up_to_prepared();
        on->provider_listens(false);
        on->holds(PROVIDER, SNAPSHOT);
        operation op = r.make_snapshot();
        on->await_held();
        CHECK_HR(op.cancel(), S_OK);
        on->let_go();
        CHECK_HR(op.ends(), VSS_S_ASYNC_CANCELLED);
        CHECK_EQ(on->counts().made, 1);
        CHECK_EQ(on->counts().gone, 2);
        op.release();
        r.release();
        CHECK_EQ(on->counts().gone, 2);
        all_is_well(*on);
    }
    {
        // BackupComplete: whoever was told stays told; the rest are not told.
        auto on = machine::make();
        requester r(*on);
        r.up_to_created();
        on->holds(1, ON_BACKUP_COMPLETE);
        operation op = r.complete();
        on->await_held();
        std::atomic<bool> answered{false};
        std::thread canceller([&] {
            CHECK_HR(op.cancel(), S_OK);
            answered = true;
        });
        // Its Cancel waits for the end.
        CHECK_HR(op.wait(50), S_OK);
        CHECK(!answered);
        CHECK_HR(op.status(), VSS_S_ASYNC_PENDING);
        on->let_go();
        canceller.join();
        CHECK_HR(op.ends(), VSS_S_ASYNC_CANCELLED);
        CHECK_TOLD(*on, "0:BackupComplete 1:BackupComplete");
        CHECK_HR(r.complete().began, VSS_E_BAD_STATE);
        op.release();
        r.release();
        all_is_well(*on);
    }
    for (const told_what what : {IDENTIFY, INQUIRE}) {
        // Those that only look change nothing by being cancelled.
        auto on = machine::make();
        requester r(*on);
        CHECK_HR(r.initialise(), S_OK);
        on->holds(PROVIDER, what);
        operation op = what == IDENTIFY ? r.gather() : r.inquire();
        on->await_held();
        CHECK_HR((what == IDENTIFY ? r.gather() : r.inquire()).began, VSS_E_BAD_STATE);
        CHECK_HR(op.cancel(), S_OK);
        on->let_go();
        CHECK_HR(op.ends(), VSS_S_ASYNC_CANCELLED);
        UINT count = 7;
        CHECK_HR(r->GetWriterStatusCount(&count), VSS_E_WRITER_STATUS_NOT_AVAILABLE);
        CHECK_HR(r->GetWriterMetadataCount(&count), VSS_E_BAD_STATE);
        CHECK_HR(r->SetBackupState(TRUE, FALSE, VSS_BT_FULL, FALSE), S_OK);
        CHECK_HR(r.start_set(), S_OK);
        CHECK_HR(r.prepare().ends(), VSS_S_ASYNC_FINISHED);
        op.release();
        r.release();
        all_is_well(*on);
    }
}

void an_operation_that_cannot_be_cancelled() {
    auto on = machine::make();
    requester r(*on);
    operation op;
    const auto query = [&](const wchar_t *volume) {
        return r->QueryRevertStatus(const_cast<VSS_PWSZ>(volume), &op.raw);
    };
    CHECK_HR(query(L"C:\\"), VSS_E_BAD_STATE);
    CHECK(op.raw == nullptr);
    CHECK_HR(r.initialise(), S_OK);
    CHECK_HR(query(nullptr), E_INVALIDARG);
    on->holds(PROVIDER, REVERT);
    CHECK_HR(query(L"C:\\"), S_OK);
    on->await_held();
    CHECK_HR(op.cancel(), E_NOTIMPL);
    CHECK_HR(r.abort(), S_OK);
    CHECK_HR(op.status(), VSS_S_ASYNC_PENDING);
    on->let_go();
    CHECK_HR(op.ends(), VSS_S_ASYNC_FINISHED);
    CHECK_HR(op.cancel(), VSS_S_ASYNC_FINISHED);
    op.release();
    on->answers(PROVIDER, REVERT, VSS_E_REVERT_VOLUME_LOST);
    CHECK_HR(query(L"C:\\"), S_OK);
    CHECK_HR(op.ends(), VSS_E_REVERT_VOLUME_LOST);
    CHECK_HR(op.cancel(), VSS_E_REVERT_VOLUME_LOST);
    op.release();
    r.release();
    all_is_well(*on);
}

// Cancel against completion: past the commit point it is too late.
void cancel_too_late() {
    auto on = machine::make();
    requester r(*on);
    r.up_to_prepared();
    on->holds(0, ON_POST_SNAPSHOT);
    operation op = r.make_snapshot();
    on->await_held();
    (void)on->told();
    CHECK_HR(op.cancel(), VSS_E_BAD_STATE);
    CHECK_HR(op.status(), VSS_S_ASYNC_PENDING);
    on->let_go();
    CHECK_HR(op.ends(), VSS_S_ASYNC_FINISHED);
    CHECK_TOLD(*on, "1:PostSnapshot 2:PostSnapshot");
    CHECK_HR(op.cancel(), VSS_S_ASYNC_FINISHED);
    // Nothing came of that cancel: the backup can be completed.
    CHECK_HR(r.complete().ends(), VSS_S_ASYNC_FINISHED);
    op.release();
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

void wait_and_cancel_at_once() {
    auto on = machine::make();
    requester r(*on);
    r.up_to_prepared();
    on->holds(1, ON_FREEZE);
    operation op = r.make_snapshot();
    on->await_held();
    std::thread waiter([&] { CHECK_HR(op.wait(), S_OK); });
    std::thread other([&] { CHECK_HR(op.wait(), S_OK); });
    CHECK_HR(op.cancel(), S_OK);
    // A second one waits for the end, and is told that it had been cancelled.
    std::thread second([&] { CHECK_HR(op.cancel(), VSS_S_ASYNC_CANCELLED); });
    on->let_go();
    waiter.join();
    other.join();
    second.join();
    CHECK_HR(op.status(), VSS_S_ASYNC_CANCELLED);
    op.release();
    r.release();
    all_is_well(*on);
}

void a_wait_that_runs_out() {
    // And then goes on.
    auto on = machine::make();
    {
        requester r(*on);
        r.up_to_prepared();
        on->holds(2, ON_FREEZE);
        operation op = r.make_snapshot();
        on->await_held();
        CHECK_HR(op.wait(0), S_OK);
        CHECK_HR(op.wait(10), S_OK);
        CHECK_HR(op.status(), VSS_S_ASYNC_PENDING);
        on->let_go();
        CHECK_HR(op.ends(), VSS_S_ASYNC_FINISHED);
        CHECK_HR(r.complete().ends(), VSS_S_ASYNC_FINISHED);
    }
    all_is_well(*on);
    // Time-out, Cancel, Abort, release.
    (void)on->told();
    {
        requester r(*on);
        r.up_to_prepared();
        on->holds(2, ON_FREEZE);
        operation op = r.make_snapshot();
        on->await_held();
        CHECK_HR(op.wait(10), S_OK);
        CHECK_HR(op.status(), VSS_S_ASYNC_PENDING);
        CHECK_HR(op.cancel(), S_OK);
        std::thread writer([&] {
            Sleep(20);
            on->let_go();
        });
        // AbortBackup waits until everybody has been told.
        CHECK_HR(r.abort(), S_OK);
        CHECK_HR(op.status(), VSS_S_ASYNC_CANCELLED);
        CHECK_TOLD(*on, "*:PrepareBackup *:PrepareSnapshot *:Freeze *:Abort");
        writer.join();
    }
    CHECK_TOLD(*on, "*:BackupShutdown");
    all_is_well(*on);
    // Windows Server 2003 takes no limit.
    on->profile(3);
    {
        requester r(*on);
        CHECK_HR(r.initialise(), S_OK);
        operation op = r.gather();
        CHECK_HR(op.wait(10), E_INVALIDARG);
        CHECK_HR(op.ends(), VSS_S_ASYNC_FINISHED);
    }
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

int backup_cancels() {
    cancel_on_each();
    an_operation_that_cannot_be_cancelled();
    cancel_too_late();
    an_abort_in_between();
    wait_and_cancel_at_once();
    a_wait_that_runs_out();
    aborts_from_inside();
    return check_report("backup_cancels.cpp");
}
