// A requester that breaks one rule with each backup: the tests know which.
//
//   misuse.exe CASE...    each case makes one backup object, in this order
//
// Says of each case what it was told, one line each, and then ends with its objects as
// they are.
#include <windows.h>

#include <vss.h>
#include <vswriter.h>

#include <vsbackup.h>

#include <cstdio>
#include <cstring>

namespace {

IVssBackupComponents *vss = nullptr;
VSS_ID set, snapshot;
IVssAsync *left = nullptr;

void say(const char *what, HRESULT code) {
    std::printf("%s 0x%08lX\n", what, static_cast<unsigned long>(code));
}

HRESULT end_of(IVssAsync *operation) {
    HRESULT status = E_UNEXPECTED;
    (void)operation->Wait(INFINITE);
    (void)operation->QueryStatus(&status, nullptr);
    operation->Release();
    return status;
}

void initialise() {
    (void)CreateVssBackupComponents(&vss);
    (void)vss->InitializeForBackup();
    (void)vss->SetBackupState(FALSE, FALSE, VSS_BT_FULL, FALSE);
}

void start_set() {
    initialise();
    wchar_t volume[] = L"D:\\";
    (void)vss->StartSnapshotSet(&set);
    (void)vss->AddToSnapshotSet(volume, GUID_NULL, &snapshot);
}

void prepare() {
    start_set();
    IVssAsync *operation = nullptr;
    (void)vss->PrepareForBackup(&operation);
    (void)end_of(operation);
}

IVssAsync *begin_snapshot() {
    prepare();
    IVssAsync *operation = nullptr;
    (void)vss->DoSnapshotSet(&operation);
    return operation;
}

void ask_writers() {
    IVssAsync *operation = nullptr;
    (void)vss->GatherWriterStatus(&operation);
    (void)end_of(operation);
    VSS_ID instance, writer;
    BSTR name = nullptr;
    VSS_WRITER_STATE state;
    HRESULT failure;
    (void)vss->GetWriterStatus(0, &instance, &writer, &name, &state, &failure);
    SysFreeString(name);
}

void complete() {
    (void)end_of(begin_snapshot());
    ask_writers();
    IVssAsync *operation = nullptr;
    say("BackupComplete", vss->BackupComplete(&operation));
    (void)end_of(operation);
}

void abort_not_initialised() {
    (void)CreateVssBackupComponents(&vss);
    say("AbortBackup", vss->AbortBackup());
}

void abort_twice() {
    start_set();
    say("AbortBackup", vss->AbortBackup());
    say("AbortBackup", vss->AbortBackup());
}

void abort_after_complete() {
    complete();
    say("AbortBackup", vss->AbortBackup());
}

void cancelled_taken_for_success() {
    IVssAsync *operation = begin_snapshot();
    say("Cancel", operation->Cancel());
    (void)operation->Wait(INFINITE);
    say("Cancel", operation->Cancel());
    const HRESULT status = end_of(operation);
    VSS_SNAPSHOT_PROP properties;
    if (SUCCEEDED(status))
        say("GetSnapshotProperties", vss->GetSnapshotProperties(snapshot, &properties));
    (void)vss->AbortBackup();
}

void pending_taken_for_success() {
    IVssAsync *operation = begin_snapshot();
    IVssAsync *second = nullptr;
    say("BackupComplete", vss->BackupComplete(&second));
    (void)operation->Cancel();
    (void)end_of(operation);
    (void)vss->AbortBackup();
}

void failed_taken_for_success() {
    say("DoSnapshotSet", end_of(begin_snapshot()));
    IVssAsync *second = nullptr;
    say("BackupComplete", vss->BackupComplete(&second));
    (void)vss->AbortBackup();
}

void wait_timeout_ignored() {
    IVssAsync *operation = begin_snapshot();
    say("Wait", operation->Wait(20));
    operation->Release();
    say("AbortBackup", vss->AbortBackup());
}

void status_not_looked_at() {
    initialise();
    IVssAsync *operation = nullptr;
    (void)vss->GatherWriterMetadata(&operation);
    say("Wait", operation->Wait(INFINITE));
    operation->Release();
}

void abort_missing_before_snapshot() { prepare(); }

void snapshot_left() {
    (void)end_of(begin_snapshot());
    ask_writers();
}

/// Where PrepareForBackup has failed, Release alone will do.
void prepare_failed() { prepare(); }

void null_pointers() {
    say("CreateVssBackupComponents", CreateVssBackupComponents(nullptr));
    initialise();
    say("GatherWriterMetadata", vss->GatherWriterMetadata(nullptr));
    IVssAsync *operation = nullptr;
    (void)vss->GatherWriterMetadata(&operation);
    say("QueryStatus", operation->QueryStatus(nullptr, nullptr));
    (void)end_of(operation);
}

void ended_while_pending() {
    left = begin_snapshot();
    left->AddRef();
    vss->AddRef();
}

void create() { say("CreateVssBackupComponents", CreateVssBackupComponents(&vss)); }

DWORD WINAPI poll(void *operation) {
    HRESULT status = VSS_S_ASYNC_PENDING;
    while (status == VSS_S_ASYNC_PENDING)
        (void)static_cast<IVssAsync *>(operation)->QueryStatus(&status, nullptr);
    return 0;
}

/// Eight threads look while one cancels.
void many_threads() {
    IVssAsync *operation = begin_snapshot();
    HANDLE threads[8];
    for (HANDLE &each : threads)
        each = CreateThread(nullptr, 0, &poll, operation, 0, nullptr);
    say("Cancel", operation->Cancel());
    (void)WaitForMultipleObjects(8, threads, TRUE, INFINITE);
    for (HANDLE each : threads)
        CloseHandle(each);
    say("DoSnapshotSet", end_of(operation));
    (void)vss->AbortBackup();
}

void others() {
    BOOL present = TRUE;
    LONG capability = -1;
    boolean blocked = TRUE;
    wchar_t volume[] = L"C:\\";
    say("IsVolumeSnapshotted", IsVolumeSnapshotted(volume, &present, &capability));
    say("  present", present);
    say("IsVolumeSnapshotted", IsVolumeSnapshotted(volume, nullptr, &capability));
    say("ShouldBlockRevert", ShouldBlockRevert(volume, &blocked));
    say("  blocked", blocked);
    IVssExamineWriterMetadata *metadata = nullptr;
    say("CreateVssExamineWriterMetadata", CreateVssExamineWriterMetadata(nullptr, &metadata));
    IUnknown *provider = nullptr;
    say("GetProviderMgmtInterface", GetProviderMgmtInterface(GUID_NULL, GUID_NULL, &provider));
    VssFreeSnapshotProperties(nullptr);
}

struct named {
    const char *name;
    void (*run)();
};
#define NAMED(name)                                                                            \
    { #name, name }
constexpr named cases[] = {
    NAMED(abort_not_initialised),
    NAMED(abort_twice),
    NAMED(abort_after_complete),
    NAMED(cancelled_taken_for_success),
    NAMED(pending_taken_for_success),
    NAMED(failed_taken_for_success),
    NAMED(wait_timeout_ignored),
    NAMED(status_not_looked_at),
    NAMED(abort_missing_before_snapshot),
    NAMED(snapshot_left),
    NAMED(prepare_failed),
    NAMED(null_pointers),
    NAMED(ended_while_pending),
    NAMED(create),
    NAMED(many_threads),
    NAMED(others),
};

} // namespace

int main(int argc, char **argv) {
    (void)CoInitializeEx(nullptr, COINIT_MULTITHREADED);
    for (int place = 1; place < argc; ++place)
        for (const named &each : cases)
            if (std::strcmp(each.name, argv[place]) == 0) {
                each.run();
                std::fflush(stdout);
                if (vss != nullptr)
                    vss->Release();
                vss = nullptr;
            }
    return 0;
}
