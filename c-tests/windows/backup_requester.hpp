// What the requesters of the tests share. Nothing of quell: the interfaces are
// mingw-w64's.
#ifndef BACKUP_REQUESTER_HPP
#define BACKUP_REQUESTER_HPP

#include <utility>

#include "../check.h"
#include "backup_machine.h"

/// A part of the program backup_components: zero where all held.
int backup_bad_input();

#define CHECK_HR(call, expected)                                                               \
    check_equal(static_cast<std::uint32_t>(call), static_cast<std::uint32_t>(expected), #call, \
                __FILE__, __LINE__)
#define CHECK_TOLD(of, expected) CHECK_TEXT((of).told().c_str(), expected)

/// A requester's pointer to an operation. An empty one is of a call that failed.
class operation {
  public:
    using method = HRESULT (STDMETHODCALLTYPE IVssBackupComponents::*)(IVssAsync **);

    operation() = default;
    operation(IVssBackupComponents *of, method begin) { began = (of->*begin)(&raw); }
    operation(operation &&other) noexcept
        : began(other.began), raw(std::exchange(other.raw, nullptr)) {}
    operation &operator=(operation &&other) noexcept {
        std::swap(began, other.began);
        std::swap(raw, other.raw);
        return *this;
    }
    ~operation() { release(); }

    HRESULT cancel() { return raw->Cancel(); }
    HRESULT wait(DWORD ms = INFINITE) { return raw->Wait(ms); }
    HRESULT status() {
        HRESULT seen = E_FAIL;
        INT reserved = 77;
        CHECK_HR(raw->QueryStatus(&seen, &reserved), S_OK);
        CHECK_EQ(reserved, 77);
        return seen;
    }
    /// Waits for the end, and says how it ended.
    HRESULT ends() {
        const HRESULT waited = wait();
        const HRESULT end = status();
        CHECK_HR(waited, FAILED(end) ? end : S_OK);
        return end;
    }
    void release() {
        if (IVssAsync *const was = std::exchange(raw, nullptr))
            CHECK_EQ(was->Release(), 0);
    }

    HRESULT began = E_FAIL;
    IVssAsync *raw = nullptr;
};

/// A requester's pointer to a backup object.
class requester {
  public:
    explicit requester(machine &on) : on_(on) { CHECK_HR(on.new_backup(&raw), S_OK); }
    requester(const requester &) = delete;
    requester &operator=(const requester &) = delete;
    ~requester() { release(); }

    IVssBackupComponents *operator->() const { return raw; }
    HRESULT abort() { return raw->AbortBackup(); }
    HRESULT initialise() { return raw->InitializeForBackup(nullptr); }
    HRESULT start_set() { return raw->StartSnapshotSet(&set); }
    HRESULT add(const wchar_t *volume) {
        return raw->AddToSnapshotSet(const_cast<VSS_PWSZ>(volume), GUID{}, &snapshot);
    }
    operation prepare() { return {raw, &IVssBackupComponents::PrepareForBackup}; }
    operation make_snapshot() { return {raw, &IVssBackupComponents::DoSnapshotSet}; }
    operation complete() { return {raw, &IVssBackupComponents::BackupComplete}; }
    operation gather() { return {raw, &IVssBackupComponents::GatherWriterMetadata}; }
    operation inquire() { return {raw, &IVssBackupComponents::GatherWriterStatus}; }

    /// Every step of a backup before these, each as it should be.
    void up_to_set(LONG context = -2) {
        CHECK_HR(initialise(), S_OK);
        if (context != -2)
            CHECK_HR(raw->SetContext(context), S_OK);
        CHECK_HR(raw->SetBackupState(TRUE, FALSE, VSS_BT_FULL, FALSE), S_OK);
        CHECK_HR(gather().ends(), VSS_S_ASYNC_FINISHED);
        CHECK_HR(start_set(), S_OK);
        CHECK_HR(add(L"C:\\"), S_OK);
        CHECK_HR(add(L"D:\\"), S_OK);
    }
    void up_to_prepared(LONG context = -2) {
        up_to_set(context);
        CHECK_HR(prepare().ends(), VSS_S_ASYNC_FINISHED);
    }
    void up_to_created(LONG context = -2) {
        up_to_prepared(context);
        CHECK_HR(make_snapshot().ends(), VSS_S_ASYNC_FINISHED);
        (void)on_.told();
    }

    struct writer {
        VSS_WRITER_STATE state;
        HRESULT failure;
    };
    writer ask_of(unsigned place) {
        CHECK_HR(inquire().ends(), VSS_S_ASYNC_FINISHED);
        VSS_ID instance, id;
        BSTR name = nullptr;
        writer seen;
        CHECK_HR(raw->GetWriterStatus(place, &instance, &id, &name, &seen.state, &seen.failure),
                 S_OK);
        CHECK_EQ(instance.Data4[7], place);
        CHECK_EQ(id.Data1, 0xC1A55);
        static const wchar_t *const names[] = {L"first", L"second", L"third"};
        CHECK(name != nullptr && std::wcscmp(name, names[place]) == 0);
        SysFreeString(name);
        return seen;
    }
    void release() {
        if (IVssBackupComponents *const was = std::exchange(raw, nullptr))
            CHECK_EQ(was->Release(), 0);
    }

    IVssBackupComponents *raw = nullptr;
    VSS_ID set{};
    VSS_ID snapshot{};

  private:
    machine &on_;
};

/// What holds of every machine at the end of every test.
inline void all_is_well(machine &on) {
    CHECK_EQ(on.objects(0), 0);
    const machine_counts counts = on.counts();
    CHECK_EQ(counts.repeated_aborts, 0);
    CHECK_EQ(counts.left_frozen, 0);
    CHECK_EQ(counts.at_once, 0);
    CHECK_EQ(on.locked(), 0);
}

#endif
