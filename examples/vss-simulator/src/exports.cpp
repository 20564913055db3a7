// What vssapi.dll exports: exports.def has the names.
//
// CreateVssBackupComponents returns VSS_E_UNEXPECTED where the scenario has an error,
// which stands on stderr and in the report ("the error code is logged in the error log
// file"); E_INVALIDARG where its pointer is null; E_OUTOFMEMORY.
#include "scripted_host.hpp"

#include "quell_com/backup_components.hpp"

#include <new>

using vss_simulator::scripted_host;
using vss_simulator::simulation;

namespace {

HRESULT create(simulation &machine, IVssBackupComponents **made) {
    if (made == nullptr)
        return E_INVALIDARG;
    *made = nullptr;
    if (machine.error() != nullptr)
        return static_cast<HRESULT>(QUELL_VSS_E_UNEXPECTED);
    auto *const host = new scripted_host(machine);
    const HRESULT failed = quell::com::make_backup_components(*host, made);
    if (FAILED(failed))
        host->gone();
    return failed;
}

} // namespace

extern "C" {

HRESULT STDAPICALLTYPE CreateVssBackupComponentsInternal(IVssBackupComponents **made) {
    try {
        simulation &machine = simulation::instance();
        const HRESULT code = create(machine, made);
        machine.log().note_call("CreateVssBackupComponents", static_cast<std::uint32_t>(code),
                                0);
        machine.publish(false);
        return code;
    } catch (const std::bad_alloc &) {
        return E_OUTOFMEMORY;
    }
}

/// Writers' metadata is not simulated.
HRESULT STDAPICALLTYPE
CreateVssExamineWriterMetadataInternal(BSTR, IVssExamineWriterMetadata **made) {
    if (made == nullptr)
        return E_INVALIDARG;
    *made = nullptr;
    return E_NOTIMPL;
}

/// No volume of this machine has a persistent snapshot.
HRESULT APIENTRY IsVolumeSnapshottedInternal(VSS_PWSZ volume, WINBOOL *present,
                                             LONG *capability) {
    if (volume == nullptr || present == nullptr || capability == nullptr)
        return E_INVALIDARG;
    *present = FALSE;
    *capability = 0;
    return S_OK;
}

void APIENTRY VssFreeSnapshotPropertiesInternal(VSS_SNAPSHOT_PROP *properties) {
    if (properties == nullptr)
        return;
    for (VSS_PWSZ *each :
         {&properties->m_pwszSnapshotDeviceObject, &properties->m_pwszOriginalVolumeName,
          &properties->m_pwszOriginatingMachine, &properties->m_pwszServiceMachine,
          &properties->m_pwszExposedName, &properties->m_pwszExposedPath}) {
        CoTaskMemFree(*each);
        *each = nullptr;
    }
}

/// There is no provider that could be managed.
HRESULT APIENTRY GetProviderMgmtInterfaceInternal(VSS_ID, IID, IUnknown **made) {
    if (made == nullptr)
        return E_INVALIDARG;
    *made = nullptr;
    return VSS_E_PROVIDER_NOT_REGISTERED;
}

/// No revert is under way.
HRESULT APIENTRY ShouldBlockRevertInternal(LPCWSTR volume, boolean *blocked) {
    if (volume == nullptr || blocked == nullptr)
        return E_INVALIDARG;
    *blocked = FALSE;
    return S_OK;
}

BOOL WINAPI DllMain(HINSTANCE, DWORD reason, void *ending) {
    // With `ending` the process ends, and no other thread is alive; without it the
    // library is unloaded, which it cannot be once there is anything to report.
    if (reason == DLL_PROCESS_DETACH && ending != nullptr) {
        try {
            if (simulation *machine = simulation::existing())
                machine->publish_at_end();
        } catch (...) {
            // The report of the last change stands.
        }
    }
    return TRUE;
}
}
