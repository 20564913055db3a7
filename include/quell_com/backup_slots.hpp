// quell: the methods of IVssBackupComponents that are no part of a backup's life.
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What they would be about, the writers' metadata and the requester's document,
// a session does not have: E_NOTIMPL, and null where a pointer was asked for. A
// class that derives from backup_components may override each.
#ifndef QUELL_COM_BACKUP_SLOTS_HPP
#define QUELL_COM_BACKUP_SLOTS_HPP

#include <vsbackup.h>

#include "backup_host.hpp"
#include "backup_parts.hpp"
#include "object.hpp"

namespace quell::com {

inline const GUID iid_vss_backup_components = {
    0x665C1D5F, 0xC218, 0x414D, {0xA0, 0x5D, 0x7F, 0xEF, 0x5F, 0x9D, 0x5C, 0x86}};
template <> struct iid_of<IVssBackupComponents> {
    static REFIID get() noexcept { return iid_vss_backup_components; }
};

class backup_slots : public object<backup_slots, IVssBackupComponents> {
  public:
    HRESULT STDMETHODCALLTYPE
    GetWriterComponents(UINT, IVssWriterComponentsExt **into) noexcept override {
        return unsupported("GetWriterComponents", into);
    }
    HRESULT STDMETHODCALLTYPE SetRestoreState(VSS_RESTORE_TYPE) noexcept override {
        return unsupported("SetRestoreState");
    }
    HRESULT STDMETHODCALLTYPE
    GetWriterMetadata(UINT, VSS_ID *, IVssExamineWriterMetadata **into) noexcept override {
        return unsupported("GetWriterMetadata", into);
    }
    HRESULT STDMETHODCALLTYPE SetBackupOptions(VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR,
                                               LPCWSTR) noexcept override {
        return unsupported("SetBackupOptions");
    }
    HRESULT STDMETHODCALLTYPE SetSelectedForRestore(VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR,
                                                    LPCWSTR, boolean) noexcept override {
        return unsupported("SetSelectedForRestore");
    }
    HRESULT STDMETHODCALLTYPE SetRestoreOptions(VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR,
                                                LPCWSTR) noexcept override {
        return unsupported("SetRestoreOptions");
    }
    HRESULT STDMETHODCALLTYPE SetAdditionalRestores(VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR,
                                                    LPCWSTR, boolean) noexcept override {
        return unsupported("SetAdditionalRestores");
    }
    HRESULT STDMETHODCALLTYPE SetPreviousBackupStamp(VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR,
                                                     LPCWSTR, LPCWSTR) noexcept override {
        return unsupported("SetPreviousBackupStamp");
    }
    HRESULT STDMETHODCALLTYPE SaveAsXML(BSTR *into) noexcept override {
        return unsupported("SaveAsXML", into);
    }
    HRESULT STDMETHODCALLTYPE AddAlternativeLocationMapping(VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR,
                                                            LPCWSTR, LPCWSTR, LPCWSTR, boolean,
                                                            LPCWSTR) noexcept override {
        return unsupported("AddAlternativeLocationMapping");
    }
    HRESULT STDMETHODCALLTYPE AddRestoreSubcomponent(VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR,
                                                     LPCWSTR, LPCWSTR, LPCWSTR,
                                                     boolean) noexcept override {
        return unsupported("AddRestoreSubcomponent");
    }
    HRESULT STDMETHODCALLTYPE SetFileRestoreStatus(VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR,
                                                   VSS_FILE_RESTORE_STATUS) noexcept override {
        return unsupported("SetFileRestoreStatus");
    }
    HRESULT STDMETHODCALLTYPE AddNewTarget(VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR,
                                           LPCWSTR, LPCWSTR, boolean,
                                           LPCWSTR) noexcept override {
        return unsupported("AddNewTarget");
    }
    HRESULT STDMETHODCALLTYPE SetRangesFilePath(VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR,
                                                UINT, LPCWSTR) noexcept override {
        return unsupported("SetRangesFilePath");
    }
    HRESULT STDMETHODCALLTYPE PreRestore(IVssAsync **into) noexcept override {
        return unsupported("PreRestore", into);
    }
    HRESULT STDMETHODCALLTYPE PostRestore(IVssAsync **into) noexcept override {
        return unsupported("PostRestore", into);
    }
    HRESULT STDMETHODCALLTYPE ImportSnapshots(IVssAsync **into) noexcept override {
        return unsupported("ImportSnapshots", into);
    }
    HRESULT STDMETHODCALLTYPE BreakSnapshotSet(VSS_ID) noexcept override {
        return unsupported("BreakSnapshotSet");
    }
    HRESULT STDMETHODCALLTYPE DisableWriterClasses(const VSS_ID *, UINT) noexcept override {
        return unsupported("DisableWriterClasses");
    }
    HRESULT STDMETHODCALLTYPE EnableWriterClasses(const VSS_ID *, UINT) noexcept override {
        return unsupported("EnableWriterClasses");
    }
    HRESULT STDMETHODCALLTYPE DisableWriterInstances(const VSS_ID *, UINT) noexcept override {
        return unsupported("DisableWriterInstances");
    }
    HRESULT STDMETHODCALLTYPE ExposeSnapshot(VSS_ID, VSS_PWSZ, LONG, VSS_PWSZ,
                                             VSS_PWSZ *into) noexcept override {
        return unsupported("ExposeSnapshot", into);
    }
    HRESULT STDMETHODCALLTYPE RevertToSnapshot(VSS_ID, WINBOOL) noexcept override {
        return unsupported("RevertToSnapshot");
    }

  protected:
    explicit backup_slots(backup_host &host) noexcept : host_(host) {}
    // Only Release destroys, as whatever derives from this.
    virtual ~backup_slots() = default;

    /// Reports what a method has returned.
    HRESULT returned(const char *method, HRESULT code) noexcept {
        const detail::heard told = std::exchange(detail::last_heard, {false, QUELL_OK});
        host_.observed({happening::returned, static_cast<IVssBackupComponents *>(this), nullptr,
                        method, code, false, 0, told.asked,
                        static_cast<quell::verdict>(told.verdict)});
        return code;
    }
    /// Reports that it is about to act.
    void called(const char *method) noexcept {
        host_.observed({happening::called, static_cast<IVssBackupComponents *>(this), nullptr,
                        method, S_OK, false, 0});
    }

    backup_host &host_;

  private:
    friend class object<backup_slots, IVssBackupComponents>;

    HRESULT unsupported(const char *method) noexcept { return returned(method, E_NOTIMPL); }
    template <class T> HRESULT unsupported(const char *method, T **into) noexcept {
        if (into == nullptr)
            return returned(method, E_INVALIDARG);
        *into = nullptr;
        return unsupported(method);
    }
};

} // namespace quell::com

#endif
