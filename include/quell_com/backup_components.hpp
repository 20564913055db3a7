// quell: IVssBackupComponents over a quell session.
// SPDX-License-Identifier: MIT OR Apache-2.0
//
//   class machine final : public quell::com::backup_host { … };
//   IVssBackupComponents *backup = nullptr;
//   HRESULT made = quell::com::make_backup_components(host, &backup);
//
// One object is for one backup. Sources: vsbackup.h and the reference pages of the
// methods; which codes AbortBackup returns, and what it does, is the table of
// SPEC.md, section Session.
//
// Who holds whom:
//
//   requester ──▶ backup object ──▶ host
//       │              ▲   the worker of a pending operation holds both
//       └────────▶ operation ──▶ host
//
// So nothing that is under way is undone by a Release: the writers are told that
// the requester has let go when the last operation has ended.
//
// An operation and the session are linked both ways. A Cancel that is accepted
// aborts the session; AbortBackup asks the pending operation first, and the session
// then. Of the two, the operation decides: the worker commits it before the session
// announces the snapshot, and tells nobody of a snapshot that it did not commit.
#ifndef QUELL_COM_BACKUP_COMPONENTS_HPP
#define QUELL_COM_BACKUP_COMPONENTS_HPP

#include "backup_worker.hpp"

namespace quell::com {

class backup_components : public backup_worker {
  public:
    explicit backup_components(backup_host &host) noexcept : backup_worker(host) {
        host_.hold();
        report(happening::made, false);
    }

    /// Whether there was memory for the writers' places.
    bool made() const noexcept { return session_.made(); }

    ULONG STDMETHODCALLTYPE AddRef() noexcept override {
        return static_cast<ULONG>(InterlockedIncrement(&clients_));
    }
    ULONG STDMETHODCALLTYPE Release() noexcept override {
        const LONG left = InterlockedDecrement(&clients_);
        if (left == 0) {
            bool pending = false;
            {
                const detail::guard held(lock_);
                pending = pending_ != nullptr;
            }
            report(happening::released, pending);
            let_go();
        }
        return static_cast<ULONG>(left);
    }

    // --- the methods that return an operation: VSS_E_BAD_STATE out of order,
    // E_INVALIDARG without a place for the operation, E_OUTOFMEMORY

    /// Once, and before DoSnapshotSet.
    HRESULT STDMETHODCALLTYPE GatherWriterMetadata(IVssAsync **into) noexcept override {
        return begin(backup_work::gather_metadata, into);
    }
    /// After StartSnapshotSet and SetBackupState. A writer that refuses does not
    /// make it fail (choice): GetWriterStatus says so.
    HRESULT STDMETHODCALLTYPE PrepareForBackup(IVssAsync **into) noexcept override {
        return begin(backup_work::prepare, into);
    }
    /// After PrepareForBackup has finished; where no writers take part (choice),
    /// after StartSnapshotSet.
    HRESULT STDMETHODCALLTYPE DoSnapshotSet(IVssAsync **into) noexcept override {
        return begin(backup_work::snapshot, into);
    }
    /// At any time; one at a time.
    HRESULT STDMETHODCALLTYPE GatherWriterStatus(IVssAsync **into) noexcept override {
        return begin(backup_work::gather_status, into);
    }
    /// Once the snapshot stands, and the backup was not aborted.
    HRESULT STDMETHODCALLTYPE BackupComplete(IVssAsync **into) noexcept override {
        return begin(backup_work::complete, into);
    }
    /// An operation that cannot be cancelled.
    HRESULT STDMETHODCALLTYPE QueryRevertStatus(VSS_PWSZ volume,
                                                IVssAsync **into) noexcept override {
        return begin(backup_work::revert, into, volume);
    }

    /// By the table. Waits until every writer has been told of the abort, and the
    /// pending operation has ended; no longer than the host's limit for that, and
    /// not from inside what the host is told by this object.
    HRESULT STDMETHODCALLTYPE AbortBackup() noexcept override {
        called("AbortBackup");
        const DWORD since = GetTickCount();
        backup_operation *linked = nullptr;
        {
            const detail::guard held(lock_);
            ++aborts_;
            linked = pending_;
            if (linked != nullptr)
                linked->hold();
        }
        if (linked != nullptr)
            linked->ask();
        wait_for_commit();
        const quell_verdict_t told = session_.abort();
        if (linked != nullptr) {
            if (detail::telling != identity())
                linked->wait_ms(host_.limits().abort);
            linked->let_go();
        }
        // Another thread's abort may be telling them.
        if (detail::telling != identity())
            while (session_.aborting() && GetTickCount() - since < host_.limits().abort)
                Sleep(1);
        {
            const detail::guard held(lock_);
            --aborts_;
        }
        return returned("AbortBackup",
                        static_cast<HRESULT>(
                            quell_vss_abort_hresult(detail::hear(told), host_.profile()).code));
    }

  protected:
    ~backup_components() override {
        session_.release();
        // Those of a context without this attribute live as long as their object.
        if ((set_.context & VSS_VOLSNAP_ATTR_NO_AUTO_RELEASE) == 0)
            for (UINT place = 0; place < set_.size(); ++place)
                (void)drop(place);
        report(happening::destroyed, false);
        host_.let_go();
    }

  private:
    using counted = object<backup_slots, IVssBackupComponents>;

    void hold() noexcept override { counted::AddRef(); }
    void let_go() noexcept override { counted::Release(); }

    void report(happening what, bool pending) noexcept {
        host_.observed({what, identity(), nullptr, "", S_OK, pending, 0});
    }

    HRESULT begin(backup_work what, IVssAsync **into, const wchar_t *volume = L"") noexcept {
        const char *const method = backup_operation::name(what);
        called(method);
        if (into == nullptr)
            return returned(method, E_INVALIDARG);
        *into = nullptr;
        if (volume == nullptr)
            return returned(method, E_INVALIDARG);
        auto *const made = new (std::nothrow) backup_operation(host_, *this, identity(), what);
        if (made == nullptr)
            return returned(method, E_OUTOFMEMORY);
        if (!made->note().set(volume) || !admit(*made)) {
            const HRESULT refused =
                made->note().get() == nullptr ? E_OUTOFMEMORY : VSS_E_BAD_STATE;
            made->discard();
            return returned(method, refused);
        }
        *into = made;
        host_.observed({happening::begun, identity(), made, method, S_OK, false, 0});
        made->hold();
        if (made->run())
            return returned(method, S_OK);
        // It ends as one whose worker failed, for somebody may have seen it.
        conclude(*made, E_OUTOFMEMORY);
        *into = nullptr;
        made->Release();
        return returned(method, E_OUTOFMEMORY);
    }

    volatile LONG clients_ = 1;
};

/// Makes a backup object, with one reference; `Object` is backup_components, or
/// derives from it. `host` stays in place until it is told `gone`.
///
/// S_OK; E_INVALIDARG where `made` is null; E_OUTOFMEMORY. Except with S_OK
/// `*made` is null.
template <class Object = backup_components>
HRESULT make_backup_components(backup_host &host, IVssBackupComponents **made) noexcept {
    if (made == nullptr)
        return E_INVALIDARG;
    *made = nullptr;
    auto *const object = new (std::nothrow) Object(host);
    if (object == nullptr)
        return E_OUTOFMEMORY;
    if (!object->made()) {
        object->Release();
        return E_OUTOFMEMORY;
    }
    *made = object;
    return S_OK;
}

} // namespace quell::com

#endif
