// A backup from the requester's side, by mingw-w64's interfaces alone: the eighteen
// sequences of a conformance suite, each code as the documents give it, or as
// SPEC.md chooses where they leave it open.
//
//   backup [FILE]: what became of AbortBackup's rows goes to FILE.
#include <thread>

#include "backup_requester.hpp"

namespace {

void a_happy_path() {
    auto on = machine::make();
    requester r(*on);
    r.up_to_set();
    CHECK_TOLD(*on, "");
    CHECK_EQ(on->locked(), 1);
    CHECK_HR(r.prepare().ends(), VSS_S_ASYNC_FINISHED);
    CHECK_TOLD(*on, "*:PrepareBackup");
    operation made = r.make_snapshot();
    CHECK_HR(made.began, S_OK);
    CHECK_HR(made.ends(), VSS_S_ASYNC_FINISHED);
    CHECK_TOLD(*on, "*:PrepareSnapshot *:Freeze provider:Snapshot *:Thaw *:PostSnapshot");
    CHECK_EQ(on->locked(), 0);
    CHECK_HR(made.cancel(), VSS_S_ASYNC_FINISHED);
    CHECK_HR(made.wait(0), S_OK);
    CHECK_HR(r.ask_of(1).state, VSS_WS_WAITING_FOR_BACKUP_COMPLETE);
    CHECK_HR(r.complete().ends(), VSS_S_ASYNC_FINISHED);
    CHECK_TOLD(*on, "*:BackupComplete");
    CHECK_HR(r.ask_of(2).state, VSS_WS_STABLE);
    CHECK_HR(r.complete().began, VSS_E_BAD_STATE);
    made.release();
    r.release();
    CHECK_TOLD(*on, "*:BackupShutdown");
    CHECK_EQ(on->counts().made, 1);
    CHECK_EQ(on->counts().gone, 2);
    CHECK_TEXT(on->report("DoSnapshotSet").c_str(),
               "begun, returned, ended 0004230A, let go, destroyed");
    CHECK_TEXT(on->report("Cancel").c_str(), "returned 0004230A");
    all_is_well(*on);
}

// A writer that vetoes, one that hangs, a provider that fails: the backup is
// aborted by itself, and AbortBackup is still called.
void automatic_aborts() {
    const auto fails = [](const char *told, HRESULT end, VSS_WRITER_STATE state,
                          HRESULT failure, auto script) {
        auto on = machine::make();
        on->limits(60'000, 1);
        requester r(*on);
        r.up_to_prepared();
        (void)on->told();
        script(*on);
        operation op = r.make_snapshot();
        CHECK_HR(op.began, S_OK);
        CHECK_HR(op.ends(), end);
        CHECK_TOLD(*on, told);
        CHECK_HR(op.cancel(), end);
        const requester::writer seen = r.ask_of(1);
        CHECK_EQ(seen.state, state);
        CHECK_HR(seen.failure, failure);
        CHECK_HR(r.complete().began, VSS_E_BAD_STATE);
        CHECK_HR(r.make_snapshot().began, VSS_E_BAD_STATE);
        CHECK_HR(r.abort(), S_OK);
        op.release();
        const bool announced = on->told().empty();
        CHECK(announced);
        CHECK_EQ(on->locked(), 0);
        r.release();
        CHECK_TOLD(*on, "*:BackupShutdown");
        all_is_well(*on);
    };
    fails("*:PrepareSnapshot 0:Freeze 1:Freeze *:Abort", VSS_E_UNEXPECTED_WRITER_ERROR,
          VSS_WS_FAILED_AT_FREEZE, VSS_E_WRITERERROR_RETRYABLE,
          [](machine &on) { on.answers(1, ON_FREEZE, VSS_E_WRITERERROR_RETRYABLE); });
    fails("*:PrepareSnapshot *:Freeze provider:Snapshot 0:Thaw 1:Thaw *:Abort",
          VSS_E_UNEXPECTED_WRITER_ERROR, VSS_WS_FAILED_AT_THAW, VSS_E_WRITERERROR_NONRETRYABLE,
          [](machine &on) { on.answers(1, ON_THAW, VSS_E_WRITERERROR_NONRETRYABLE); });
    fails("*:PrepareSnapshot 0:Freeze 1:Freeze 0:Abort 2:Abort 1:Abort",
          VSS_E_UNEXPECTED_WRITER_ERROR, VSS_WS_FAILED_AT_FREEZE, VSS_E_WRITERERROR_TIMEOUT,
          [](machine &on) {
              // The writer hangs until the watch has noticed and told the others.
              on.does(1, ON_FREEZE, [&on] {
                  on.clock_passes(60'001);
                  while (on.counts().aborts < 2)
                      Sleep(1);
              });
          });
    fails("*:PrepareSnapshot *:Freeze provider:Snapshot *:Abort", VSS_E_HOLD_WRITES_TIMEOUT,
          VSS_WS_STABLE, S_OK, [](machine &on) {
              on.does(PROVIDER, SNAPSHOT, [&on] {
                  on.clock_passes(10'001);
                  while (on.counts().left_frozen != 0)
                      Sleep(1);
              });
          });
    fails("*:PrepareSnapshot *:Freeze provider:Snapshot *:Abort", VSS_E_PROVIDER_VETO,
          VSS_WS_STABLE, S_OK,
          [](machine &on) { on.answers(PROVIDER, SNAPSHOT, VSS_E_PROVIDER_VETO); });
}

// Refusals that abort nothing.
void refusals_without_an_abort() {
    auto on = machine::make();
    requester r(*on);
    on->answers(0, ON_PREPARE_BACKUP, VSS_E_WRITERERROR_OUTOFRESOURCES);
    on->answers(1, ON_PREPARE_SNAPSHOT, VSS_E_WRITERERROR_RETRYABLE);
    on->answers(2, ON_POST_SNAPSHOT, E_FAIL);
    r.up_to_prepared();
    CHECK_HR(r.ask_of(0).state, VSS_WS_FAILED_AT_PREPARE_BACKUP);
    CHECK_HR(r.make_snapshot().ends(), VSS_S_ASYNC_FINISHED);
    CHECK_TOLD(*on, "*:PrepareBackup 1:PrepareSnapshot 2:PrepareSnapshot 2:Freeze "
                    "provider:Snapshot 2:Thaw 2:PostSnapshot");
    CHECK_HR(r.ask_of(1).state, VSS_WS_FAILED_AT_PREPARE_SNAPSHOT);
    CHECK_HR(r.ask_of(1).failure, VSS_E_WRITERERROR_RETRYABLE);
    CHECK_HR(r.ask_of(2).state, VSS_WS_FAILED_AT_POST_SNAPSHOT);
    CHECK_HR(r.ask_of(2).failure, E_FAIL);
    CHECK_HR(r.complete().ends(), VSS_S_ASYNC_FINISHED);
    r.release();
    all_is_well(*on);
    // And a provider that was not ready: there is still something to abort.
    requester early(*on);
    on->answers(PROVIDER, READY, VSS_E_PROVIDER_VETO);
    on->answers(0, ON_PREPARE_BACKUP, S_OK);
    early.up_to_prepared();
    (void)on->told();
    CHECK_HR(early.make_snapshot().ends(), VSS_E_PROVIDER_VETO);
    CHECK_TOLD(*on, "");
    CHECK_EQ(on->locked(), 1);
    CHECK_HR(early.abort(), S_OK);
    CHECK_TOLD(*on, "*:Abort");
    early.release();
    all_is_well(*on);
}

// The requester lets go while an operation is pending: it runs to its end, and
// then the writers are told.
void released_while_pending() {
    for (const bool operation_too : {true, false}) {
        auto on = machine::make();
        requester r(*on);
        r.up_to_prepared();
        on->holds(1, ON_FREEZE);
        operation op = r.make_snapshot();
        on->await_held();
        (void)on->told();
        if (operation_too)
            op.release();
        r.release();
        CHECK_TOLD(*on, "");
        CHECK_TEXT(on->report("").c_str(), "made, released while pending");
        on->let_go();
        if (!operation_too) {
            CHECK_HR(op.ends(), VSS_S_ASYNC_FINISHED);
            CHECK_HR(op.cancel(), VSS_S_ASYNC_FINISHED);
            op.release();
        }
        all_is_well(*on);
        CHECK_TOLD(*on, "2:Freeze provider:Snapshot *:Thaw *:PostSnapshot *:BackupShutdown");
        CHECK_TEXT(on->report("DoSnapshotSet").c_str(),
                   operation_too
                       ? "begun, returned, let go while pending, ended 0004230A, destroyed"
                       : "begun, returned, ended 0004230A, let go, destroyed");
    }
    {
        // A Cancel through an operation whose backup object the requester let go of.
        auto on = machine::make();
        requester r(*on);
        r.up_to_prepared();
        on->holds(1, ON_FREEZE);
        operation op = r.make_snapshot();
        on->await_held();
        (void)on->told();
        r.release();
        CHECK_HR(op.cancel(), S_OK);
        CHECK_TOLD(*on, "0:Abort 2:Abort");
        on->let_go();
        CHECK_HR(op.ends(), VSS_S_ASYNC_CANCELLED);
        op.release();
        all_is_well(*on);
        CHECK_TOLD(*on, "1:Abort *:BackupShutdown");
    }
}

void two_requesters() {
    auto on = machine::make();
    on->limits(0, 20);
    requester first(*on);
    requester second(*on);
    first.up_to_set();
    CHECK_HR(second.initialise(), S_OK);
    VSS_ID id{1, 2, 3, {4}};
    CHECK_HR(second->StartSnapshotSet(&id), VSS_E_SNAPSHOT_SET_IN_PROGRESS);
    CHECK_EQ(id.Data1, 0);
    on->holds(1, ON_PREPARE_BACKUP);
    operation op = first.prepare();
    on->await_held();
    CHECK_HR(first.abort(), S_OK);
    // Not everybody has been told: the set has not ended.
    CHECK_HR(second->StartSnapshotSet(&id), VSS_E_SNAPSHOT_SET_IN_PROGRESS);
    on->let_go();
    CHECK_HR(op.ends(), VSS_S_ASYNC_CANCELLED);
    CHECK_HR(second->StartSnapshotSet(&id), S_OK);
    CHECK(id.Data1 != 0);
    CHECK_HR(first.start_set(), VSS_E_BAD_STATE);
    CHECK_HR(second.abort(), S_OK);
    requester third(*on);
    CHECK_HR(third.initialise(), S_OK);
    CHECK_HR(third.start_set(), S_OK);
    op.release();
    first.release();
    second.release();
    third.release();
    all_is_well(*on);
}

void without_writers() {
    auto on = machine::make();
    requester r(*on);
    CHECK_HR(r.initialise(), S_OK);
    CHECK_HR(r->SetContext(VSS_CTX_NAS_ROLLBACK), S_OK);
    CHECK_HR(r->SetContext(VSS_CTX_NAS_ROLLBACK), VSS_E_BAD_STATE);
    CHECK_HR(r.start_set(), S_OK);
    CHECK_HR(r.add(L"C:\\"), S_OK);
    // PrepareForBackup may be left out: there is nobody to prepare.
    CHECK_HR(r.make_snapshot().ends(), VSS_S_ASYNC_FINISHED);
    CHECK_HR(r.inquire().ends(), VSS_S_ASYNC_FINISHED);
    UINT count = 7;
    CHECK_HR(r->GetWriterStatusCount(&count), S_OK);
    CHECK_EQ(count, 0);
    CHECK_HR(r.abort(), S_OK);
    CHECK_HR(r.complete().began, VSS_E_BAD_STATE);
    r.release();
    CHECK_TOLD(*on, "provider:Snapshot");
    // Its snapshots outlive their object.
    CHECK_EQ(on->counts().gone, 0);
    all_is_well(*on);

    requester aborted(*on);
    CHECK_HR(aborted.initialise(), S_OK);
    CHECK_HR(aborted->SetContext(VSS_CTX_FILE_SHARE_BACKUP), S_OK);
    CHECK_HR(aborted.start_set(), S_OK);
    on->holds(PROVIDER, SNAPSHOT);
    operation op = aborted.make_snapshot();
    on->await_held();
    std::thread writer([&] {
        Sleep(20);
        on->let_go();
    });
    CHECK_HR(aborted.abort(), S_OK);
    writer.join();
    CHECK_HR(op.ends(), VSS_S_ASYNC_CANCELLED);
    op.release();
    aborted.release();
    CHECK_TOLD(*on, "provider:Snapshot");
    all_is_well(*on);
}

void a_restore() {
    auto on = machine::make();
    requester r(*on);
    CHECK_HR(r->InitializeForRestore(nullptr), E_INVALIDARG);
    BSTR document = SysAllocString(L"<BACKUP_COMPONENTS/>");
    CHECK_HR(r->InitializeForRestore(document), S_OK);
    CHECK_HR(r->InitializeForRestore(document), VSS_E_BAD_STATE);
    SysFreeString(document);
    CHECK_HR(r.initialise(), VSS_E_BAD_STATE);
    CHECK_HR(r.gather().ends(), VSS_S_ASYNC_FINISHED);
    CHECK_HR(r->SetContext(VSS_CTX_BACKUP), VSS_E_BAD_STATE);
    CHECK_HR(r->SetBackupState(TRUE, FALSE, VSS_BT_FULL, FALSE), VSS_E_BAD_STATE);
    CHECK_HR(r.start_set(), VSS_E_BAD_STATE);
    CHECK_HR(r.prepare().began, VSS_E_BAD_STATE);
    CHECK_HR(r.abort(), VSS_E_BAD_STATE);
    CHECK_HR(r.abort(), VSS_E_BAD_STATE);
    CHECK_EQ(on->locked(), 0);
    r.release();
    CHECK_TOLD(*on, "");
    all_is_well(*on);
}

// One object, one backup: after an abort it is good for nothing but looking.
void reuse_after_an_abort() {
    auto on = machine::make();
    requester r(*on);
    r.up_to_prepared();
    CHECK_HR(r.abort(), S_OK);
    CHECK_HR(r.initialise(), VSS_E_BAD_STATE);
    CHECK_HR(r->SetContext(VSS_CTX_BACKUP), VSS_E_BAD_STATE);
    CHECK_HR(r->SetBackupState(TRUE, FALSE, VSS_BT_FULL, FALSE), VSS_E_BAD_STATE);
    CHECK_HR(r.start_set(), VSS_E_BAD_STATE);
    CHECK_HR(r.add(L"E:\\"), VSS_E_BAD_STATE);
    CHECK_HR(r.prepare().began, VSS_E_BAD_STATE);
    CHECK_HR(r.make_snapshot().began, VSS_E_BAD_STATE);
    CHECK_HR(r.complete().began, VSS_E_BAD_STATE);
    CHECK_HR(r.ask_of(0).state, VSS_WS_STABLE);
    // Twice is ignored.
    (void)on->told();
    CHECK_HR(r.abort(), S_OK);
    CHECK_TOLD(*on, "");
    r.release();
    all_is_well(*on);
}

// What is only looked at.
void query_only() {
    auto on = machine::make();
    requester r(*on);
    CHECK_HR(r.initialise(), S_OK);
    CHECK_HR(r->SetContext(static_cast<LONG>(VSS_CTX_ALL)), S_OK);
    IVssEnumObject *found = nullptr;
    CHECK_HR(r->Query(GUID{}, VSS_OBJECT_NONE, VSS_OBJECT_SNAPSHOT, &found), S_OK);
    VSS_OBJECT_PROP one;
    ULONG fetched = 7;
    CHECK_HR(found->Next(1, &one, &fetched), S_FALSE);
    CHECK_EQ(fetched, 0);
    CHECK_EQ(found->Release(), 0);
    CHECK_HR(r.start_set(), VSS_E_BAD_STATE);
    CHECK_HR(r.abort(), S_OK);
    CHECK_EQ(on->locked(), 0);
    r.release();
    CHECK_TOLD(*on, "");
    all_is_well(*on);
}

} // namespace

int main(int argc, char **argv) {
    a_happy_path();
    automatic_aborts();
    refusals_without_an_abort();
    released_while_pending();
    two_requesters();
    without_writers();
    a_restore();
    reuse_after_an_abort();
    query_only();
    // Each of these says what it checked.
    const int failed =
        backup_cancels() + backup_bad_input() + backup_abort(argc > 1 ? argv[1] : nullptr);
    return check_report("backup_components.cpp") + failed;
}
