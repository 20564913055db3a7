// quell: the methods of a backup object that return at once.
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Sources: vsbackup.h, vsserror.h, and the reference pages of the methods, for the
// order in which they are called. Out of order is VSS_E_BAD_STATE.
//
// How far a backup has come is the session's to say. What the session does not
// know, the context and which methods were called, lies beside it under one lock;
// each method looks at both and acts within that lock, so that calls from several
// threads have one order. Nothing is locked while the host is called.
#ifndef QUELL_COM_BACKUP_REQUESTS_HPP
#define QUELL_COM_BACKUP_REQUESTS_HPP

#include "backup_operation.hpp"
#include "backup_snapshots.hpp"

namespace quell::com {

class backup_requests : public backup_snapshots {
  public:
    /// VSS_E_BAD_STATE: it was initialised before. A document is E_NOTIMPL: it
    /// would be of a snapshot to import.
    HRESULT STDMETHODCALLTYPE InitializeForBackup(BSTR document) noexcept override {
        const char *const me = "InitializeForBackup";
        return returned(me, document != nullptr ? E_NOTIMPL : initialise(QUELL_PURPOSE_BACKUP));
    }
    /// E_INVALIDARG: no document. It is not read: the session of a restore has
    /// nothing but its beginning.
    HRESULT STDMETHODCALLTYPE InitializeForRestore(BSTR document) noexcept override {
        const char *const me = "InitializeForRestore";
        return returned(me,
                        document == nullptr ? E_INVALIDARG : initialise(QUELL_PURPOSE_RESTORE));
    }
    /// Once, and before StartSnapshotSet; VSS_E_UNSUPPORTED_CONTEXT.
    HRESULT STDMETHODCALLTYPE SetContext(LONG context) noexcept override {
        return returned("SetContext", set_context(context));
    }
    /// Before PrepareForBackup.
    HRESULT STDMETHODCALLTYPE SetBackupState(boolean, boolean, VSS_BACKUP_TYPE type,
                                             boolean) noexcept override {
        return returned("SetBackupState", set_state(type));
    }
    /// Before StartSnapshotSet; VSS_E_OBJECT_NOT_FOUND: there is no such writer;
    /// VSS_E_OBJECT_ALREADY_EXISTS.
    HRESULT STDMETHODCALLTYPE AddComponent(VSS_ID instance, VSS_ID writer,
                                           VSS_COMPONENT_TYPE type, LPCWSTR path,
                                           LPCWSTR name) noexcept override {
        return returned("AddComponent", add_component(instance, writer, type, path, name));
    }
    /// Once; VSS_E_SNAPSHOT_SET_IN_PROGRESS: another requester has a set.
    HRESULT STDMETHODCALLTYPE StartSnapshotSet(VSS_ID *id) noexcept override {
        called("StartSnapshotSet");
        return returned("StartSnapshotSet", start_set(id));
    }
    /// After StartSnapshotSet, before DoSnapshotSet; VSS_E_OBJECT_ALREADY_EXISTS:
    /// the volume is in the set; VSS_E_MAXIMUM_NUMBER_OF_VOLUMES_REACHED; what the
    /// host says of the volume. The provider is the host's.
    HRESULT STDMETHODCALLTYPE AddToSnapshotSet(VSS_PWSZ volume, VSS_ID,
                                               VSS_ID *id) noexcept override {
        return returned("AddToSnapshotSet", add_volume(volume, id));
    }
    HRESULT STDMETHODCALLTYPE IsVolumeSupported(VSS_ID, VSS_PWSZ volume,
                                                WINBOOL *supported) noexcept override {
        HRESULT code = E_INVALIDARG;
        if (volume != nullptr && supported != nullptr) {
            *supported = FALSE;
            code = in_life();
            if (SUCCEEDED(code))
                *supported = SUCCEEDED(host_.add_volume(volume)) ? TRUE : FALSE;
        }
        return returned("IsVolumeSupported", code);
    }

    // --- writers

    HRESULT STDMETHODCALLTYPE GetWriterMetadataCount(UINT *count) noexcept override {
        const auto writers_then = [this](UINT &number) {
            number = writers();
            return metadata_ == gathered::done ? S_OK : VSS_E_BAD_STATE;
        };
        return returned("GetWriterMetadataCount", count_of(count, writers_then));
    }
    HRESULT STDMETHODCALLTYPE FreeWriterMetadata() noexcept override {
        return returned("FreeWriterMetadata", in_life());
    }
    /// After GatherWriterStatus has finished, else
    /// VSS_E_WRITER_STATUS_NOT_AVAILABLE.
    HRESULT STDMETHODCALLTYPE GetWriterStatusCount(UINT *count) noexcept override {
        const auto statuses = [this](UINT &number) {
            number = statuses_.size();
            return status_there_ ? S_OK : VSS_E_WRITER_STATUS_NOT_AVAILABLE;
        };
        return returned("GetWriterStatusCount", count_of(count, statuses));
    }
    HRESULT STDMETHODCALLTYPE FreeWriterStatus() noexcept override {
        const HRESULT code = in_life();
        if (SUCCEEDED(code)) {
            const detail::guard held(lock_);
            statuses_.clear();
            status_there_ = false;
        }
        return returned("FreeWriterStatus", code);
    }
    /// VSS_E_OBJECT_NOT_FOUND: there is no such writer. The state and the failure
    /// are those of the moment of GatherWriterStatus.
    HRESULT STDMETHODCALLTYPE GetWriterStatus(UINT place, VSS_ID *instance, VSS_ID *writer,
                                              BSTR *name, VSS_WRITER_STATE *state,
                                              HRESULT *failure) noexcept override {
        return returned("GetWriterStatus",
                        writer_status(place, instance, writer, name, state, failure));
    }
    HRESULT STDMETHODCALLTYPE GetWriterComponentsCount(UINT *count) noexcept override {
        const auto chosen = [this](UINT &number) {
            for (UINT place = 0; place < components_.size(); ++place)
                number += first_of_writer(place) ? 1u : 0u;
            return S_OK;
        };
        return returned("GetWriterComponentsCount", count_of(count, chosen));
    }
    /// Once the snapshot stands; VSS_E_OBJECT_NOT_FOUND: the component was not
    /// added.
    HRESULT STDMETHODCALLTYPE SetBackupSucceeded(VSS_ID instance, VSS_ID writer,
                                                 VSS_COMPONENT_TYPE type, LPCWSTR path,
                                                 LPCWSTR name, boolean) noexcept override {
        HRESULT code = E_INVALIDARG;
        if (name != nullptr) {
            const detail::guard held(lock_);
            if (session_.look().stage != QUELL_STAGE_CREATED)
                code = VSS_E_BAD_STATE;
            else
                code = has({instance, writer, type, {}, {}}, path, name)
                           ? S_OK
                           : VSS_E_OBJECT_NOT_FOUND;
        }
        return returned("SetBackupSucceeded", code);
    }

  protected:
    enum class gathered { none, pending, done };

    struct component {
        VSS_ID instance;
        VSS_ID writer;
        VSS_COMPONENT_TYPE type;
        detail::text path;
        detail::text name;
    };
    struct writer_state {
        VSS_WRITER_STATE state;
        HRESULT failure;
    };

    explicit backup_requests(backup_host &host) noexcept : backup_snapshots(host) {}
    ~backup_requests() override = default;

    /// Under the lock.
    bool for_backup() const noexcept {
        return initialised() && session_.look().purpose != QUELL_PURPOSE_RESTORE;
    }
    bool without_writers() const noexcept {
        return (set_.context & VSS_VOLSNAP_ATTR_NO_WRITERS) != 0;
    }
    UINT writers() const noexcept { return without_writers() ? 0 : session_.writers(); }
    detail::list<component> components_;
    detail::list<writer_state> statuses_;
    /// The operation that moves the backup on, until its worker lets go.
    backup_operation *pending_ = nullptr;
    /// How many calls of AbortBackup are under way.
    std::uint32_t aborts_ = 0;
    gathered metadata_ = gathered::none;
    bool inquiring_ = false;
    bool status_there_ = false;
    bool context_set_ = false;
    bool state_set_ = false;

  private:
    static HRESULT verb(quell_verdict_t told, std::uint32_t profile) noexcept {
        return static_cast<HRESULT>(quell_vss_verb_hresult(detail::hear(told), profile).code);
    }

    HRESULT initialise(quell_purpose_t purpose) noexcept {
        const std::uint32_t profile = host_.profile();
        const detail::guard held(lock_);
        return verb(
            quell_session_initialise(session_.raw(), static_cast<std::uint32_t>(purpose)),
            profile);
    }
    HRESULT set_context(LONG context) noexcept {
        const LONG base =
            context & ~(VSS_VOLSNAP_ATTR_TRANSPORTABLE | VSS_VOLSNAP_ATTR_DIFFERENTIAL |
                        VSS_VOLSNAP_ATTR_PLEX | VSS_VOLSNAP_ATTR_NO_AUTORECOVERY |
                        VSS_VOLSNAP_ATTR_AUTORECOVER);
        const LONG all = static_cast<LONG>(VSS_CTX_ALL);
        const detail::guard held(lock_);
        if (!for_backup() || context_set_ || session_.look().stage != QUELL_STAGE_INITIALISED)
            return VSS_E_BAD_STATE;
        if (context != all && base != VSS_CTX_BACKUP && base != VSS_CTX_FILE_SHARE_BACKUP &&
            base != VSS_CTX_NAS_ROLLBACK && base != VSS_CTX_APP_ROLLBACK &&
            base != VSS_CTX_CLIENT_ACCESSIBLE && base != VSS_CTX_CLIENT_ACCESSIBLE_WRITERS)
            return VSS_E_UNSUPPORTED_CONTEXT;
        // The session is made anew for that: nobody else may be in it.
        if ((context & VSS_VOLSNAP_ATTR_NO_WRITERS) != 0 &&
            (aborts_ != 0 || inquiring_ || !session_.leave_writers_alone()))
            return VSS_E_BAD_STATE;
        set_.context = context;
        context_set_ = true;
        return S_OK;
    }
    HRESULT set_state(VSS_BACKUP_TYPE type) noexcept {
        if (type < VSS_BT_UNDEFINED || type > VSS_BT_OTHER)
            return E_INVALIDARG;
        const detail::guard held(lock_);
        if (!for_backup() || session_.look().stage > QUELL_STAGE_SET_STARTED ||
            pending_ != nullptr)
            return VSS_E_BAD_STATE;
        state_set_ = true;
        return S_OK;
    }
    HRESULT add_component(const VSS_ID &instance, const VSS_ID &writer, VSS_COMPONENT_TYPE type,
                          LPCWSTR path, LPCWSTR name) noexcept {
        if (name == nullptr || (type != VSS_CT_DATABASE && type != VSS_CT_FILEGROUP))
            return E_INVALIDARG;
        bool known = false;
        for (UINT place = 0; place < session_.writers(); ++place) {
            const writer_identity one = host_.writer(place);
            known = known || (IsEqualGUID(one.instance_id, instance) != FALSE &&
                              IsEqualGUID(one.class_id, writer) != FALSE);
        }
        component added{instance, writer, type, {}, {}};
        const detail::guard held(lock_);
        if (!for_backup() || session_.look().stage != QUELL_STAGE_INITIALISED)
            return VSS_E_BAD_STATE;
        if (!known || without_writers())
            return VSS_E_OBJECT_NOT_FOUND;
        if (has(added, path, name))
            return VSS_E_OBJECT_ALREADY_EXISTS;
        return added.path.set(path == nullptr ? L"" : path) && added.name.set(name) &&
                       components_.push(std::move(added))
                   ? S_OK
                   : E_OUTOFMEMORY;
    }
    bool has(const component &like, LPCWSTR path, LPCWSTR name) const noexcept {
        for (const component &each : components_)
            if (IsEqualGUID(each.instance, like.instance) != FALSE &&
                IsEqualGUID(each.writer, like.writer) != FALSE && each.type == like.type &&
                each.path.is(path == nullptr ? L"" : path) && each.name.is(name))
                return true;
        return false;
    }
    bool first_of_writer(UINT place) const noexcept {
        for (UINT before = 0; before < place; ++before)
            if (IsEqualGUID(components_[before].instance, components_[place].instance) != FALSE)
                return false;
        return true;
    }
    HRESULT start_set(VSS_ID *id) noexcept {
        if (id == nullptr)
            return E_INVALIDARG;
        *id = GUID{};
        GUID made;
        if (FAILED(CoCreateGuid(&made)))
            return E_OUTOFMEMORY;
        const std::uint32_t profile = host_.profile();
        const detail::guard held(lock_);
        // A context for looking at snapshots, not for making one.
        if (set_.context == static_cast<LONG>(VSS_CTX_ALL))
            return VSS_E_BAD_STATE;
        const HRESULT code = verb(quell_session_start_set(session_.raw()), profile);
        if (code == S_OK)
            set_.id = *id = made;
        return code;
    }
    bool takes_volumes() const noexcept {
        const quell_session_status_t seen = session_.look();
        return detail::backup_session::undisturbed(seen) && pending_ == nullptr &&
               (seen.stage == QUELL_STAGE_SET_STARTED || seen.stage == QUELL_STAGE_PREPARED);
    }
    HRESULT add_volume(const wchar_t *volume, VSS_ID *id) noexcept {
        if (volume == nullptr || *volume == L'\0' || id == nullptr)
            return E_INVALIDARG;
        *id = GUID{};
        GUID made;
        if (FAILED(CoCreateGuid(&made)))
            return E_OUTOFMEMORY;
        {
            const detail::guard held(lock_);
            if (!takes_volumes())
                return VSS_E_BAD_STATE;
        }
        if (const HRESULT refused = host_.add_volume(volume); FAILED(refused))
            return refused;
        const detail::guard held(lock_);
        if (!takes_volumes())
            return VSS_E_BAD_STATE;
        if (set_.has(volume))
            return VSS_E_OBJECT_ALREADY_EXISTS;
        if (set_.size() == detail::snapshot_set::limit)
            return VSS_E_MAXIMUM_NUMBER_OF_VOLUMES_REACHED;
        if (!set_.add(volume, made))
            return E_OUTOFMEMORY;
        *id = made;
        return S_OK;
    }
    HRESULT writer_status(UINT place, VSS_ID *instance, VSS_ID *writer, BSTR *name,
                          VSS_WRITER_STATE *state, HRESULT *failure) noexcept {
        if (instance == nullptr || writer == nullptr || name == nullptr || state == nullptr ||
            failure == nullptr)
            return E_INVALIDARG;
        *instance = *writer = GUID{};
        *name = nullptr;
        *state = VSS_WS_UNKNOWN;
        *failure = S_OK;
        writer_state found;
        {
            const detail::guard held(lock_);
            if (!initialised())
                return VSS_E_BAD_STATE;
            if (!status_there_)
                return VSS_E_WRITER_STATUS_NOT_AVAILABLE;
            if (place >= statuses_.size())
                return VSS_E_OBJECT_NOT_FOUND;
            found = statuses_[place];
        }
        const writer_identity who = host_.writer(place);
        *name = SysAllocString(who.name == nullptr ? L"" : who.name);
        if (*name == nullptr)
            return E_OUTOFMEMORY;
        *instance = who.instance_id;
        *writer = who.class_id;
        *state = found.state;
        *failure = found.failure;
        return S_OK;
    }
    /// `number` says how many there are, under the lock.
    template <class Number> HRESULT count_of(UINT *count, Number number) noexcept {
        if (count == nullptr)
            return E_INVALIDARG;
        *count = 0;
        const detail::guard held(lock_);
        UINT found = 0;
        const HRESULT code = initialised() ? number(found) : VSS_E_BAD_STATE;
        if (SUCCEEDED(code))
            *count = found;
        return code;
    }
};

} // namespace quell::com

#endif
