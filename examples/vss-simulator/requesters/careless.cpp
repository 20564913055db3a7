// A requester as there are many. Each of its mistakes was made by a program that people
// use:
//
// - a status that is not a failure passes for success: PENDING and CANCELLED too;
// - what Cancel answers is thrown away;
// - operations are released while they run;
// - a way out of the program releases nothing, and aborts nothing;
// - nobody asks the writers, and nobody tells them that the backup is complete.
//
//   careless.exe [LIMIT]     LIMIT: how long each operation may take, in ms
//
// Exits with 0: it believes that it has backed up; 1: it does not; 3: no VSS.
#include <windows.h>

#include <vss.h>
#include <vswriter.h>

#include <vsbackup.h>

#include <cstdio>
#include <cstdlib>

// As Microsoft's compiler imports it.
extern "C" HRESULT STDAPICALLTYPE create_backup_components(IVssBackupComponents **made) __asm__(
    "\"?CreateVssBackupComponents@@YAJPEAPEAVIVssBackupComponents@@@Z\"");

namespace {

DWORD limit_ms = 500;

/// For what never takes long.
bool quickly(const char *method, HRESULT begun, IVssAsync *operation) {
    std::printf("  %-28s 0x%08lX\n", method, static_cast<unsigned long>(begun));
    if (FAILED(begun))
        return false;
    (void)operation->Wait(limit_ms);
    HRESULT status = S_OK;
    (void)operation->QueryStatus(&status, nullptr);
    operation->Release();
    return !FAILED(status);
}

/// For what does.
bool within_limit(const char *method, HRESULT begun, IVssAsync *operation) {
    std::printf("  %-28s 0x%08lX\n", method, static_cast<unsigned long>(begun));
    if (FAILED(begun))
        return false;
    (void)operation->Wait(limit_ms);
    HRESULT status = S_OK;
    (void)operation->QueryStatus(&status, nullptr);
    if (status == VSS_S_ASYNC_PENDING) {
        (void)operation->Cancel();
        status = E_ABORT;
    }
    operation->Release();
    return !FAILED(status);
}

bool back_up(IVssBackupComponents *vss) {
    (void)vss->InitializeForBackup();
    (void)vss->SetContext(VSS_CTX_BACKUP);
    (void)vss->SetBackupState(FALSE, FALSE, VSS_BT_FULL, FALSE);
    IVssAsync *operation = nullptr;
    HRESULT begun = vss->GatherWriterMetadata(&operation);
    if (!quickly("GatherWriterMetadata", begun, operation))
        return false;
    VSS_ID set{}, snapshot{};
    wchar_t volume[] = L"C:\\";
    (void)vss->StartSnapshotSet(&set);
    (void)vss->AddToSnapshotSet(volume, GUID_NULL, &snapshot);
    begun = vss->PrepareForBackup(&operation);
    if (!quickly("PrepareForBackup", begun, operation))
        return false;
    begun = vss->DoSnapshotSet(&operation);
    if (!within_limit("DoSnapshotSet", begun, operation)) {
        vss->Release();
        return false;
    }
    VSS_SNAPSHOT_PROP properties{};
    if (FAILED(vss->GetSnapshotProperties(snapshot, &properties))) {
        std::puts("  there is no snapshot");
        vss->Release();
        return false;
    }
    std::printf("  copying from %ls\n", properties.m_pwszSnapshotDeviceObject);
    VssFreeSnapshotProperties(&properties);
    vss->Release();
    return true;
}

} // namespace

int main(int argc, char **argv) {
    if (argc > 1)
        limit_ms = static_cast<DWORD>(std::strtoul(argv[1], nullptr, 10));
    if (FAILED(CoInitializeEx(nullptr, COINIT_MULTITHREADED)))
        return 3;
    IVssBackupComponents *vss = nullptr;
    if (FAILED(create_backup_components(&vss)))
        return 3;
    const bool done = back_up(vss);
    std::puts(done ? "backed up" : "failed");
    return done ? 0 : 1;
}
