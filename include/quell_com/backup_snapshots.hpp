// quell: what a backup object knows of the snapshots that it made.
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef QUELL_COM_BACKUP_SNAPSHOTS_HPP
#define QUELL_COM_BACKUP_SNAPSHOTS_HPP

#include "backup_session.hpp"
#include "backup_slots.hpp"
#include "backup_volumes.hpp"

namespace quell::com {

class backup_snapshots : public backup_slots {
  public:
    HRESULT STDMETHODCALLTYPE GetSnapshotProperties(VSS_ID id,
                                                    VSS_SNAPSHOT_PROP *into) noexcept override {
        return returned("GetSnapshotProperties", describe(id, into));
    }
    /// Of every snapshot of this object: VSS_OBJECT_NONE and
    /// VSS_OBJECT_SNAPSHOT are the only types (choice), else E_NOTIMPL.
    HRESULT STDMETHODCALLTYPE Query(VSS_ID, VSS_OBJECT_TYPE queried, VSS_OBJECT_TYPE wanted,
                                    IVssEnumObject **into) noexcept override {
        return returned("Query", query(queried, wanted, into));
    }
    /// A snapshot, or the whole set. VSS_E_OBJECT_NOT_FOUND; what the host says,
    /// and then the first that is still there.
    HRESULT STDMETHODCALLTYPE DeleteSnapshots(VSS_ID id, VSS_OBJECT_TYPE type, WINBOOL,
                                              LONG *deleted, VSS_ID *left) noexcept override {
        return returned("DeleteSnapshots", delete_snapshots(id, type, deleted, left));
    }

  protected:
    explicit backup_snapshots(backup_host &host) noexcept
        : backup_slots(host), session_(host, static_cast<IVssBackupComponents *>(this)) {}
    ~backup_snapshots() override = default;

    /// Under the lock: for a moment of SetContext's the session is not.
    bool initialised() const noexcept { return session_.look().stage != QUELL_STAGE_VACANT; }
    /// VSS_E_BAD_STATE: it is not initialised.
    HRESULT in_life() noexcept {
        const detail::guard held(lock_);
        return initialised() ? S_OK : VSS_E_BAD_STATE;
    }
    /// Takes a snapshot away. A refusal leaves it there.
    HRESULT drop(UINT place) noexcept {
        {
            const detail::guard held(lock_);
            if (!set_.take(place))
                return S_FALSE;
        }
        const HRESULT told = host_.delete_snapshot(place);
        if (FAILED(told)) {
            const detail::guard held(lock_);
            set_.put_back(place);
            return told;
        }
        host_.observed({happening::snapshot_gone, static_cast<IVssBackupComponents *>(this),
                        nullptr, "", told, false, place});
        return S_OK;
    }

    SRWLOCK lock_ = SRWLOCK_INIT;
    detail::backup_session session_;
    detail::snapshot_set set_;

  private:
    HRESULT describe(const VSS_ID &id, VSS_SNAPSHOT_PROP *into) noexcept {
        if (into == nullptr)
            return E_INVALIDARG;
        *into = VSS_SNAPSHOT_PROP{};
        const detail::guard held(lock_);
        if (!initialised())
            return VSS_E_BAD_STATE;
        for (UINT place = 0; place < set_.size(); ++place)
            if (set_.there(place) && set_.is(place, id))
                return set_.describe(place, *into) ? S_OK : E_OUTOFMEMORY;
        return VSS_E_OBJECT_NOT_FOUND;
    }
    HRESULT query(VSS_OBJECT_TYPE queried, VSS_OBJECT_TYPE wanted,
                  IVssEnumObject **into) noexcept {
        if (into == nullptr)
            return E_INVALIDARG;
        *into = nullptr;
        const detail::guard held(lock_);
        if (!initialised())
            return VSS_E_BAD_STATE;
        if (queried != VSS_OBJECT_NONE || wanted != VSS_OBJECT_SNAPSHOT)
            return E_NOTIMPL;
        return set_.enumerate(into);
    }
    HRESULT delete_snapshots(const VSS_ID &id, VSS_OBJECT_TYPE type, LONG *deleted,
                             VSS_ID *left) noexcept {
        if (deleted == nullptr || left == nullptr)
            return E_INVALIDARG;
        *deleted = 0;
        *left = GUID{};
        if (FAILED(in_life()))
            return VSS_E_BAD_STATE;
        if (type != VSS_OBJECT_SNAPSHOT && type != VSS_OBJECT_SNAPSHOT_SET)
            return E_INVALIDARG;
        VSS_ID named;
        for (UINT place = 0; next(place, named, id, type); ++place) {
            const HRESULT told = drop(place);
            if (FAILED(told)) {
                *left = named;
                return told;
            }
            *deleted += told == S_OK ? 1 : 0;
        }
        return *deleted != 0 ? S_OK : VSS_E_OBJECT_NOT_FOUND;
    }
    /// Moves `place` on to a snapshot that is meant by this id.
    bool next(UINT &place, VSS_ID &named, const VSS_ID &id, VSS_OBJECT_TYPE type) noexcept {
        const detail::guard held(lock_);
        const bool all = type == VSS_OBJECT_SNAPSHOT_SET && IsEqualGUID(set_.id, id) != FALSE;
        for (; place < set_.size(); ++place)
            if (all || (type == VSS_OBJECT_SNAPSHOT && set_.is(place, id))) {
                named = set_.name(place);
                return true;
            }
        return false;
    }
};

} // namespace quell::com

#endif
