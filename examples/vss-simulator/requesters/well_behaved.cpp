// A requester that knows at every moment what became of what it asked for.
//
//   well_behaved.exe [LIMIT]     LIMIT: how long each operation may take, in ms
//
// Exits with 0: backed up; 1: given up, with nothing left behind; 3: no VSS.
#include <windows.h>

#include <vss.h>
#include <vswriter.h>

#include <vsbackup.h>

#include <cstdio>
#include <cstdlib>

namespace {

/// What a requester has under way.
struct backup {
    IVssBackupComponents *vss = nullptr;
    DWORD limit_ms = 500;
    VSS_ID set{};
    VSS_ID snapshot{};
    /// Between StartSnapshotSet and the end of DoSnapshotSet AbortBackup is owed.
    bool owes_abort = false;
    /// The snapshot stands, and nobody else will delete it.
    bool owns_snapshot = false;
};

void say(const char *what, HRESULT code) {
    std::printf("  %-28s 0x%08lX\n", what, static_cast<unsigned long>(code));
}

/// The status once there is an end.
HRESULT end_of(IVssAsync *operation) {
    HRESULT status = VSS_S_ASYNC_PENDING;
    while (status == VSS_S_ASYNC_PENDING) {
        // S_OK of Wait says that it waited, and not how the operation ended.
        if (HRESULT failed = operation->Wait(INFINITE); FAILED(failed))
            return failed;
        if (HRESULT failed = operation->QueryStatus(&status, nullptr); FAILED(failed))
            return failed;
    }
    return status;
}

/// How an operation has ended, and whether that took too long.
struct outcome {
    HRESULT status;
    bool late;
    bool in_time() const { return status == VSS_S_ASYNC_FINISHED && !late; }
};

/// Sees an operation to its end: within the limit, or by a Cancel.
outcome finish(backup &of, IVssAsync *operation) {
    (void)operation->Wait(of.limit_ms);
    HRESULT status = VSS_S_ASYNC_PENDING;
    if (HRESULT failed = operation->QueryStatus(&status, nullptr); FAILED(failed))
        return {failed, false};
    if (status != VSS_S_ASYNC_PENDING)
        return {status, false};
    const HRESULT told = operation->Cancel();
    say("  Cancel", told);
    // S_OK: it will end cancelled. Any other answer: it has ended, or cannot be cancelled
    // any more. What counts is how it ends.
    if (told == S_OK && of.owes_abort) {
        say("  AbortBackup", of.vss->AbortBackup());
        of.owes_abort = false;
    }
    return {end_of(operation), true};
}

using asynchronous = HRESULT (STDMETHODCALLTYPE IVssBackupComponents::*)(IVssAsync **);

outcome run(backup &of, const char *method, asynchronous begin) {
    IVssAsync *operation = nullptr;
    const HRESULT begun = (of.vss->*begin)(&operation);
    say(method, begun);
    if (FAILED(begun))
        return {begun, false};
    const outcome seen = finish(of, operation);
    operation->Release();
    say("  ended", seen.status);
    return seen;
}

/// Another requester's set passes: it is worth waiting for.
HRESULT start_set(backup &of) {
    HRESULT code = VSS_E_SNAPSHOT_SET_IN_PROGRESS;
    for (int tries = 0; tries < 5 && code == VSS_E_SNAPSHOT_SET_IN_PROGRESS; ++tries) {
        if (tries != 0)
            Sleep(of.limit_ms / 4);
        code = of.vss->StartSnapshotSet(&of.set);
    }
    say("StartSnapshotSet", code);
    of.owes_abort = SUCCEEDED(code);
    return code;
}

bool writers_are_well(backup &of) {
    if (!run(of, "GatherWriterStatus", &IVssBackupComponents::GatherWriterStatus).in_time())
        return false;
    UINT count = 0;
    bool well = SUCCEEDED(of.vss->GetWriterStatusCount(&count));
    for (UINT place = 0; place < count; ++place) {
        VSS_ID instance, writer;
        BSTR name = nullptr;
        VSS_WRITER_STATE state = VSS_WS_UNKNOWN;
        HRESULT failure = S_OK;
        const HRESULT code =
            of.vss->GetWriterStatus(place, &instance, &writer, &name, &state, &failure);
        well = well && SUCCEEDED(code) && SUCCEEDED(failure);
        SysFreeString(name);
    }
    of.vss->FreeWriterStatus();
    return well;
}

/// A snapshot that stands, of writers that are well.
bool take_snapshot(backup &of) {
    const HRESULT set_up[] = {of.vss->InitializeForBackup(), of.vss->SetContext(VSS_CTX_BACKUP),
                              of.vss->SetBackupState(FALSE, FALSE, VSS_BT_FULL, FALSE)};
    for (HRESULT code : set_up)
        if (FAILED(code))
            return false;
    if (!run(of, "GatherWriterMetadata", &IVssBackupComponents::GatherWriterMetadata)
             .in_time() ||
        FAILED(start_set(of)))
        return false;
    wchar_t volume[] = L"C:\\";
    if (FAILED(of.vss->AddToSnapshotSet(volume, GUID_NULL, &of.snapshot)) ||
        !run(of, "PrepareForBackup", &IVssBackupComponents::PrepareForBackup).in_time() ||
        !writers_are_well(of))
        return false;
    const outcome made = run(of, "DoSnapshotSet", &IVssBackupComponents::DoSnapshotSet);
    if (made.status == VSS_S_ASYNC_FINISHED) {
        of.owns_snapshot = true; // in time or not, asked to stop or not
        of.owes_abort = false;
    }
    if (!made.in_time())
        return false;
    return writers_are_well(of);
}

bool back_up(backup &of) {
    if (!take_snapshot(of))
        return false;
    VSS_SNAPSHOT_PROP properties{};
    const HRESULT found = of.vss->GetSnapshotProperties(of.snapshot, &properties);
    say("GetSnapshotProperties", found);
    if (FAILED(found))
        return false;
    std::printf("  copying from %ls\n", properties.m_pwszSnapshotDeviceObject);
    VssFreeSnapshotProperties(&properties);
    if (!run(of, "BackupComplete", &IVssBackupComponents::BackupComplete).in_time())
        return false;
    of.owns_snapshot = false; // the context releases it with the object
    return true;
}

/// Leaves nothing behind: no snapshot, no locked set, no frozen writer.
void give_up(backup &of) {
    if (of.owns_snapshot) {
        LONG deleted = 0;
        VSS_ID left{};
        say("DeleteSnapshots",
            of.vss->DeleteSnapshots(of.set, VSS_OBJECT_SNAPSHOT_SET, TRUE, &deleted, &left));
    }
    if (of.owes_abort)
        say("AbortBackup", of.vss->AbortBackup());
}

} // namespace

int main(int argc, char **argv) {
    backup mine;
    if (argc > 1)
        mine.limit_ms = static_cast<DWORD>(std::strtoul(argv[1], nullptr, 10));
    if (FAILED(CoInitializeEx(nullptr, COINIT_MULTITHREADED)))
        return 3;
    const HRESULT made = CreateVssBackupComponents(&mine.vss);
    say("CreateVssBackupComponents", made);
    if (FAILED(made))
        return 3;
    const bool done = back_up(mine);
    if (!done)
        give_up(mine);
    mine.vss->Release();
    std::puts(done ? "backed up" : "given up");
    CoUninitialize();
    return done ? 0 : 1;
}
