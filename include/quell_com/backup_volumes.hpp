// quell: the snapshot set of a backup object.
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Which volumes are in it, and what GetSnapshotProperties, Query and
// DeleteSnapshots say of the snapshots: those that were made, and are still there.
#ifndef QUELL_COM_BACKUP_VOLUMES_HPP
#define QUELL_COM_BACKUP_VOLUMES_HPP

#include <vsserror.h>

#include "backup_host.hpp"
#include "backup_parts.hpp"
#include "object.hpp"

namespace quell::com {

inline const GUID iid_vss_enum_object = {
    0xAE1C7110, 0x2F60, 0x11D3, {0x8A, 0x39, 0x00, 0xC0, 0x4F, 0x72, 0xD8, 0xE3}};
template <> struct iid_of<IVssEnumObject> {
    static REFIID get() noexcept { return iid_vss_enum_object; }
};

namespace detail {

/// Frees what a VSS_SNAPSHOT_PROP holds: VssFreeSnapshotProperties.
inline void free_properties(VSS_SNAPSHOT_PROP &of) noexcept {
    for (VSS_PWSZ *each : {&of.m_pwszSnapshotDeviceObject, &of.m_pwszOriginalVolumeName,
                           &of.m_pwszOriginatingMachine, &of.m_pwszServiceMachine,
                           &of.m_pwszExposedName, &of.m_pwszExposedPath})
        CoTaskMemFree(std::exchange(*each, nullptr));
}

/// A copy, its texts included.
[[nodiscard]] inline bool copy_properties(const VSS_SNAPSHOT_PROP &from,
                                          VSS_SNAPSHOT_PROP &into) noexcept {
    into = from;
    into.m_pwszOriginatingMachine = into.m_pwszServiceMachine = nullptr;
    into.m_pwszExposedName = into.m_pwszExposedPath = nullptr;
    const bool device = give(from.m_pwszSnapshotDeviceObject, into.m_pwszSnapshotDeviceObject);
    const bool volume = give(from.m_pwszOriginalVolumeName, into.m_pwszOriginalVolumeName);
    if (device && volume)
        return true;
    free_properties(into);
    return false;
}

/// One snapshot, made or to be made.
struct snapshot {
    VSS_ID id;
    text volume;
    text device;
    VSS_TIMESTAMP since;
    bool there;
};

} // namespace detail

/// What Query returns: the snapshots as they were then.
class snapshot_enumerator final : public object<snapshot_enumerator, IVssEnumObject> {
  public:
    ~snapshot_enumerator() {
        for (VSS_SNAPSHOT_PROP &each : found_)
            detail::free_properties(each);
    }
    /// Takes what the properties hold. False: no memory for it.
    [[nodiscard]] bool add(VSS_SNAPSHOT_PROP &&properties) noexcept {
        if (found_.push(std::move(properties)))
            return true;
        detail::free_properties(properties);
        return false;
    }

    HRESULT STDMETHODCALLTYPE Next(ULONG count, VSS_OBJECT_PROP *into,
                                   ULONG *fetched) noexcept override {
        if (fetched == nullptr)
            return E_POINTER;
        *fetched = 0;
        if (into == nullptr && count != 0)
            return E_POINTER;
        while (*fetched < count && next_ < found_.size()) {
            VSS_OBJECT_PROP &one = into[*fetched];
            one.Type = VSS_OBJECT_SNAPSHOT;
            if (!detail::copy_properties(found_[next_], one.Obj.Snap))
                return E_OUTOFMEMORY;
            ++next_;
            ++*fetched;
        }
        return *fetched == count ? S_OK : S_FALSE;
    }
    HRESULT STDMETHODCALLTYPE Skip(ULONG count) noexcept override {
        const UINT left = found_.size() - next_;
        next_ += count < left ? count : left;
        return count <= left ? S_OK : S_FALSE;
    }
    HRESULT STDMETHODCALLTYPE Reset() noexcept override {
        next_ = 0;
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE Clone(IVssEnumObject **into) noexcept override {
        if (into == nullptr)
            return E_POINTER;
        *into = nullptr;
        com_ptr<snapshot_enumerator> made;
        if (FAILED(allocate(made)))
            return E_OUTOFMEMORY;
        for (const VSS_SNAPSHOT_PROP &each : found_) {
            VSS_SNAPSHOT_PROP copy;
            if (!detail::copy_properties(each, copy) || !made->add(std::move(copy)))
                return E_OUTOFMEMORY;
        }
        made->next_ = next_;
        *into = made.detach();
        return S_OK;
    }

  private:
    detail::list<VSS_SNAPSHOT_PROP> found_;
    UINT next_ = 0;
};

namespace detail {

/// The volumes of one set. Used under the backup object's lock.
class snapshot_set {
  public:
    /// As many as VSS has in one set.
    static constexpr UINT limit = 64;

    VSS_ID id{};
    LONG context = VSS_CTX_BACKUP;

    UINT size() const noexcept { return all_.size(); }
    bool has(const wchar_t *volume) const noexcept {
        for (const snapshot &each : all_)
            if (each.volume.is(volume))
                return true;
        return false;
    }
    [[nodiscard]] bool add(const wchar_t *volume, const VSS_ID &named) noexcept {
        snapshot one{named, {}, {}, 0, false};
        return one.volume.set(volume) && all_.push(std::move(one));
    }
    /// It has been made. A device that there is no memory for is not named.
    void made(UINT place, const wchar_t *device) noexcept {
        FILETIME now;
        GetSystemTimeAsFileTime(&now);
        snapshot &one = all_[place];
        if (device != nullptr)
            (void)one.device.set(device);
        one.since = static_cast<VSS_TIMESTAMP>(now.dwHighDateTime) << 32 |
                    static_cast<VSS_TIMESTAMP>(now.dwLowDateTime);
        one.there = true;
    }
    bool there(UINT place) const noexcept { return all_[place].there; }
    bool is(UINT place, const VSS_ID &named) const noexcept {
        return IsEqualGUID(all_[place].id, named) != FALSE;
    }
    const VSS_ID &name(UINT place) const noexcept { return all_[place].id; }
    /// Whether it was there; it is not any more.
    bool take(UINT place) noexcept { return std::exchange(all_[place].there, false); }
    void put_back(UINT place) noexcept { all_[place].there = true; }

    [[nodiscard]] bool describe(UINT place, VSS_SNAPSHOT_PROP &into) const noexcept {
        const snapshot &one = all_[place];
        VSS_SNAPSHOT_PROP seen{};
        seen.m_SnapshotId = one.id;
        seen.m_SnapshotSetId = id;
        seen.m_lSnapshotsCount = static_cast<LONG>(all_.size());
        // Only read.
        seen.m_pwszSnapshotDeviceObject = const_cast<VSS_PWSZ>(one.device.get());
        seen.m_pwszOriginalVolumeName = const_cast<VSS_PWSZ>(one.volume.get());
        seen.m_lSnapshotAttributes = context;
        seen.m_tsCreationTimestamp = one.since;
        seen.m_eStatus = VSS_SS_CREATED;
        return copy_properties(seen, into);
    }
    HRESULT enumerate(IVssEnumObject **into) const noexcept {
        com_ptr<snapshot_enumerator> made;
        if (FAILED(allocate(made)))
            return E_OUTOFMEMORY;
        for (UINT place = 0; place < all_.size(); ++place) {
            VSS_SNAPSHOT_PROP one;
            if (all_[place].there && (!describe(place, one) || !made->add(std::move(one))))
                return E_OUTOFMEMORY;
        }
        *into = made.detach();
        return S_OK;
    }

  private:
    list<snapshot> all_;
};

} // namespace detail
} // namespace quell::com

#endif
