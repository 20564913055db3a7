// quell: what a backup object runs in.
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// quell::com::backup_components is IVssBackupComponents over a quell session.
// What it does not know it asks its host: who the writers are and what they
// say, whether the provider makes the snapshot, what time it is, and who runs
// work beside the caller. A host is for one backup object or for many; those
// that share a lock shut each other out.
#ifndef QUELL_COM_BACKUP_HOST_HPP
#define QUELL_COM_BACKUP_HOST_HPP

#include <atomic>
#include <cstdint>
#include <new>

#include <windows.h>

#include <vss.h>

#include "../quell.hpp"

namespace quell::com {

/// Who a writer is: what GetWriterStatus says of it.
struct writer_identity {
    VSS_ID class_id;
    VSS_ID instance_id;
    /// Stays the host's; copied.
    const wchar_t *name;
};

/// How long things may take, in milliseconds of the host's clock.
struct backup_limits {
    /// A writer, from when it is told to freeze until it has thawed.
    std::uint32_t freeze = 60'000;
    /// The hold on all writes.
    std::uint32_t hold = 10'000;
    /// How long AbortBackup waits until every writer has been told; the abort
    /// stands in any case. Milliseconds of the system's clock. Zero: it does
    /// not wait.
    std::uint32_t abort = 60'000;
    /// How often the other limits are looked at. Milliseconds of the system's
    /// clock; at least 1.
    std::uint32_t watch = 20;
};

/// What a report of a backup is made of.
enum class happening : std::uint32_t {
    /// A backup object was made.
    made,
    /// A method of a backup object or of its operation has returned `code`.
    returned,
    /// An operation was handed to the requester.
    begun,
    /// An operation has ended; `code` is what QueryStatus says of it.
    ended,
    /// The requester let go of an operation; `pending`: which had not ended.
    operation_released,
    /// The requester let go of the backup object; `pending`: while an operation
    /// of it had not ended.
    released,
    /// An operation is no more: nobody holds it.
    operation_destroyed,
    /// A backup object is no more; its writers have been told.
    destroyed,
    /// The snapshot of `place` is gone: deleted, or released with its object.
    snapshot_gone,
    /// A method of an operation, AbortBackup, StartSnapshotSet or a method that
    /// returns an operation is about to act. The host may take its time: nothing has
    /// been decided yet.
    called,
};

/// One entry of such a report. The addresses are names only.
struct backup_event {
    happening what;
    /// The backup object.
    const void *object;
    /// The operation, where it is of one; else null.
    const void *operation;
    /// The method: "DoSnapshotSet", "Cancel". For an operation's other events,
    /// the method that it came from.
    const char *method;
    HRESULT code;
    bool pending;
    std::uint32_t place;
    /// `returned`: whether the method asked quell; and what it was told, of which
    /// `code` is the translation.
    bool asked = false;
    quell::verdict verdict = quell::verdict::ok;
    /// `returned`: of Wait, its limit in milliseconds; of QueryStatus, the status that
    /// it placed. Else zero.
    std::uint32_t detail = 0;
};

/// Implemented by whoever embeds a backup object. Every function may be called
/// from any thread, with nothing locked; the host's own locks are its own
/// business. None may throw.
class backup_host {
  public:
    backup_host() noexcept = default;
    backup_host(const backup_host &) = delete;
    backup_host &operator=(const backup_host &) = delete;

    // --- the writers

    /// How many writers there are; asked once for each backup object.
    virtual std::uint32_t writer_count() const noexcept = 0;
    /// Writer `place`, below writer_count().
    virtual writer_identity writer(std::uint32_t place) const noexcept = 0;
    /// Tells a writer something. S_OK: it agrees; a failure: it refuses, and
    /// this is its code. May block: a writer is told one thing at a time. From
    /// inside, any method of the backup object may be called, but for one that
    /// waits for the operation that is telling.
    virtual HRESULT tell(std::uint32_t place, quell::notice what) noexcept = 0;

    // --- the system

    /// The lock that all backup objects of this machine share. It outlives them.
    virtual quell_session_lock_t &lock() noexcept = 0;
    /// Makes the snapshot, while the writers are frozen. S_OK, or the failure
    /// that DoSnapshotSet's operation ends with. To stop early is to return
    /// anything once `stop.stop_requested()`; `stop.wait_for(…, events::request)`
    /// waits for that. An abort gives up the lock of the set while this still runs;
    /// DoSnapshotSet's operation ends after it.
    virtual HRESULT snapshot(const quell::observer &stop) noexcept = 0;
    /// Before the writers are told of the snapshot: whether the provider is
    /// ready. A failure ends DoSnapshotSet's operation, and aborts nothing.
    virtual HRESULT ready() noexcept { return S_OK; }
    /// Whether snapshots of a volume can be made: AddToSnapshotSet.
    virtual HRESULT add_volume(const wchar_t *) noexcept { return S_OK; }
    /// The device of the snapshot of volume `place`; null: there is none. Stays
    /// the host's; copied.
    virtual const wchar_t *device(std::uint32_t) const noexcept { return nullptr; }
    /// Deletes the snapshot of volume `place`.
    virtual HRESULT delete_snapshot(std::uint32_t) noexcept { return S_OK; }

    /// DoSnapshotSet's operation has just passed its commit point, and the session is
    /// about to tell the writers so. Nothing of the backup object may be called from
    /// inside, except from another thread.
    virtual void committed() noexcept {}

    // --- the other operations, run beside the requester

    /// GatherWriterMetadata's. Takes as long as the writers do.
    virtual HRESULT identify(const quell::observer &) noexcept { return S_OK; }
    /// GatherWriterStatus's.
    virtual HRESULT inquire(const quell::observer &) noexcept { return S_OK; }
    /// QueryRevertStatus's, which cannot be cancelled: how the revert ended.
    virtual HRESULT revert(const wchar_t *) noexcept { return S_OK; }

    /// At the beginning of every operation's work, on the thread that does it. A
    /// failure ends the operation so, before anybody is told anything.
    virtual HRESULT begin(const char *, const quell::observer &) noexcept { return S_OK; }
    /// Whether the operation of this method finishes although it was asked to stop: its
    /// Cancel waits, and is told so. AbortBackup ends the backup all the same.
    virtual bool ignores_cancel(const char *) const noexcept { return false; }

    // --- the ground

    /// Milliseconds of a monotonic clock that may wrap at 32 bits.
    virtual std::uint32_t now_ms() noexcept { return GetTickCount(); }
    /// Calls `work(context)` on another thread, soon. False: it cannot, and has
    /// not called it.
    virtual bool run(void (*work)(void *), void *context) noexcept;
    virtual backup_limits limits() const noexcept { return {}; }
    /// QUELL_VSS_PROFILE_…
    virtual std::uint32_t profile() const noexcept { return QUELL_VSS_PROFILE_WINDOWS_7; }

    // --- the report

    virtual void observed(const backup_event &) noexcept {}
    /// No backup object and no operation uses this host any more: the last call
    /// to it, inside which it may be deleted.
    virtual void gone() noexcept {}

    // Of the objects that use this host.
    void hold() noexcept { users_.fetch_add(1, std::memory_order_relaxed); }
    void let_go() noexcept {
        // Ordering: AcqRel, partner: itself: the last sees what the others did.
        if (users_.fetch_sub(1, std::memory_order_acq_rel) == 1)
            gone();
    }

  protected:
    ~backup_host() = default;

  private:
    struct errand {
        void (*work)(void *);
        void *context;
    };
    static DWORD WINAPI go(void *raw) noexcept;

    std::atomic<std::uint32_t> users_{0};
};

inline DWORD WINAPI backup_host::go(void *raw) noexcept {
    const errand what = *static_cast<errand *>(raw);
    delete static_cast<errand *>(raw);
    what.work(what.context);
    return 0;
}

inline bool backup_host::run(void (*work)(void *), void *context) noexcept {
    auto *const what = new (std::nothrow) errand{work, context};
    if (what == nullptr)
        return false;
    HANDLE thread = CreateThread(nullptr, 0, &backup_host::go, what, 0, nullptr);
    if (thread == nullptr) {
        delete what;
        return false;
    }
    CloseHandle(thread);
    return true;
}

} // namespace quell::com

#endif
