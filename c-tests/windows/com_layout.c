/*
 * The numbers of quell.h against mingw-w64's headers, when this is compiled; where each
 * method stands in its vtable, and the identifiers, against the documents.
 *
 * Compiled with MINGW_VDS, mingw-w64's vds.h comes before quell_com.h, which uses it.
 */
#include <windows.h>

#include <gpmgmt.h>
#include <vsbackup.h>
#include <vss.h>
#include <vsserror.h>

#ifdef MINGW_VDS
#define __vdslun_h__
#define VDS_LUN_INFORMATION void
#include <vds.h>
#endif

#include "check.h"
#include "quell.h"
#include "quell_com.h"

/* --- codes: run.sh looks that every one of VSS and of Windows is here */

#define SAME(name) _Static_assert(QUELL_##name == (uint32_t)(name), #name)

SAME(S_OK);
SAME(S_FALSE);
SAME(E_NOTIMPL);
SAME(E_POINTER);
SAME(E_ABORT);
SAME(E_UNEXPECTED);
SAME(E_ACCESSDENIED);
SAME(E_OUTOFMEMORY);
SAME(E_INVALIDARG);

/* HRESULT_FROM_WIN32 is a function here, and not constant: as its page defines it. */
#define SAME_WIN32(name, error)                                                                \
    _Static_assert(QUELL_##name ==                                                             \
                       (((uint32_t)(error)&0xFFFFu) | (FACILITY_WIN32 << 16) | 0x80000000u),   \
                   #error)

SAME_WIN32(E_WAIT_TIMEOUT, WAIT_TIMEOUT);
SAME_WIN32(E_OPERATION_ABORTED, ERROR_OPERATION_ABORTED);
SAME_WIN32(E_CANCELLED, ERROR_CANCELLED);
SAME_WIN32(E_TIMEOUT, ERROR_TIMEOUT);
SAME_WIN32(E_INVALID_STATE, ERROR_INVALID_STATE);

SAME(VSS_S_ASYNC_PENDING);
SAME(VSS_S_ASYNC_FINISHED);
SAME(VSS_S_ASYNC_CANCELLED);
SAME(VSS_E_BAD_STATE);
SAME(VSS_E_UNEXPECTED);
SAME(VSS_E_SNAPSHOT_SET_IN_PROGRESS);
SAME(VSS_E_HOLD_WRITES_TIMEOUT);
SAME(VSS_E_UNEXPECTED_WRITER_ERROR);
SAME(VSS_E_PROVIDER_VETO);
SAME(VSS_E_UNEXPECTED_PROVIDER_ERROR);
SAME(VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT);
SAME(VSS_E_WRITERERROR_OUTOFRESOURCES);
SAME(VSS_E_WRITERERROR_TIMEOUT);
SAME(VSS_E_WRITERERROR_RETRYABLE);
SAME(VSS_E_WRITERERROR_NONRETRYABLE);

/* --- slots, in the order of the documents */

#define SLOT(interface, method, slot)                                                          \
    _Static_assert(offsetof(interface##Vtbl, method) == (slot) * sizeof(void *),               \
                   #interface "::" #method)
#define SIZE(interface, slots)                                                                 \
    _Static_assert(sizeof(interface##Vtbl) == (slots) * sizeof(void *), #interface)

#define UNKNOWN_SLOTS(interface)                                                               \
    SLOT(interface, QueryInterface, 0);                                                        \
    SLOT(interface, AddRef, 1);                                                                \
    SLOT(interface, Release, 2)
#define DISPATCH_SLOTS(interface)                                                              \
    UNKNOWN_SLOTS(interface);                                                                  \
    SLOT(interface, GetTypeInfoCount, 3);                                                      \
    SLOT(interface, GetTypeInfo, 4);                                                           \
    SLOT(interface, GetIDsOfNames, 5);                                                         \
    SLOT(interface, Invoke, 6)

UNKNOWN_SLOTS(IVssAsync);
SLOT(IVssAsync, Cancel, 3);
SLOT(IVssAsync, Wait, 4);
SLOT(IVssAsync, QueryStatus, 5);
SIZE(IVssAsync, 6);

UNKNOWN_SLOTS(IVdsAsync);
SLOT(IVdsAsync, Cancel, 3);
SLOT(IVdsAsync, Wait, 4);
SLOT(IVdsAsync, QueryStatus, 5);
SIZE(IVdsAsync, 6);

UNKNOWN_SLOTS(IWsbApplicationAsync);
SLOT(IWsbApplicationAsync, QueryStatus, 3);
SLOT(IWsbApplicationAsync, Abort, 4);
SIZE(IWsbApplicationAsync, 5);

DISPATCH_SLOTS(IGPMAsyncCancel);
SLOT(IGPMAsyncCancel, Cancel, 7);
SIZE(IGPMAsyncCancel, 8);

DISPATCH_SLOTS(IGPMAsyncProgress);
SLOT(IGPMAsyncProgress, Status, 7);
SIZE(IGPMAsyncProgress, 8);

UNKNOWN_SLOTS(IVssBackupComponents);
SLOT(IVssBackupComponents, InitializeForBackup, 5);
SLOT(IVssBackupComponents, SetBackupState, 6);
SLOT(IVssBackupComponents, GatherWriterMetadata, 9);
SLOT(IVssBackupComponents, AddComponent, 13);
SLOT(IVssBackupComponents, PrepareForBackup, 14);
SLOT(IVssBackupComponents, AbortBackup, 15);
SLOT(IVssBackupComponents, GatherWriterStatus, 16);
SLOT(IVssBackupComponents, GetWriterStatus, 19);
SLOT(IVssBackupComponents, BackupComplete, 27);
SLOT(IVssBackupComponents, SetContext, 35);
SLOT(IVssBackupComponents, StartSnapshotSet, 36);
SLOT(IVssBackupComponents, AddToSnapshotSet, 37);
SLOT(IVssBackupComponents, DoSnapshotSet, 38);
SLOT(IVssBackupComponents, QueryRevertStatus, 50);

/* --- the output of VDS, by [MS-VDS] */

_Static_assert(sizeof(VDS_ASYNC_OUTPUT) == 32, "a number, eight bytes and a GUID");
_Static_assert(offsetof(VDS_ASYNC_OUTPUT, type) == 0, "type");
_Static_assert(offsetof(VDS_ASYNC_OUTPUT, cp.ullOffset) == 8, "the partition's offset");
_Static_assert(offsetof(VDS_ASYNC_OUTPUT, cp.volumeId) == 16, "the partition's volume");
_Static_assert(offsetof(VDS_ASYNC_OUTPUT, cv.pVolumeUnk) == 8, "the volume");
_Static_assert(offsetof(VDS_ASYNC_OUTPUT, bvp.pVolumeUnk) == 8, "the broken plex");
_Static_assert(offsetof(VDS_ASYNC_OUTPUT, cl.pLunUnk) == 8, "the LUN");
_Static_assert(offsetof(VDS_ASYNC_OUTPUT, ct.pTargetUnk) == 8, "the target");
_Static_assert(offsetof(VDS_ASYNC_OUTPUT, cpg.pPortalGroupUnk) == 8, "the portal group");
_Static_assert(offsetof(VDS_ASYNC_OUTPUT, cvd.pVDiskUnk) == 8, "the virtual disk");
_Static_assert(VDS_ASYNCOUT_UNKNOWN == 0, "none");
_Static_assert(VDS_ASYNCOUT_CREATEVOLUME == 1, "volume");
_Static_assert(VDS_ASYNCOUT_BREAKVOLUMEPLEX == 5, "broken plex");
_Static_assert(VDS_ASYNCOUT_CREATEPARTITION == 10, "partition");
_Static_assert(VDS_ASYNCOUT_CLEAN == 11, "clean");
_Static_assert(VDS_ASYNCOUT_CREATELUN == 50, "LUN");
_Static_assert(VDS_ASYNCOUT_CREATETARGET == 62, "target");
_Static_assert(VDS_ASYNCOUT_CREATEPORTALGROUP == 63, "portal group");
_Static_assert(VDS_ASYNCOUT_FORMAT == 101, "format");
_Static_assert(VDS_ASYNCOUT_CREATE_VDISK == 200, "virtual disk");

/* --- identifiers */

static void is_documented(const GUID *actual, const wchar_t *documented) {
    CLSID parsed;
    CHECK_EQ(CLSIDFromString((LPOLESTR)documented, &parsed), S_OK);
    CHECK(memcmp(actual, &parsed, sizeof parsed) == 0);
}

int main(void) {
    is_documented(&QUELL_IID_IVssAsync, L"{507C37B4-CF5B-4E95-B0AF-14EB9767467E}");
    is_documented(&QUELL_IID_IVdsAsync, L"{D5D23B6D-5A55-4492-9889-397A3C2D2DBC}");
    is_documented(&QUELL_IID_IWsbApplicationAsync, L"{0843F6F7-895C-44A6-B0C2-05A5022AA3A1}");
    is_documented(&QUELL_IID_IGPMAsyncCancel, L"{DDC67754-BE67-4541-8166-F48166868C9C}");
    is_documented(&QUELL_IID_IGPMAsyncProgress, L"{6AAC29F8-5948-4324-BF70-423818942DBC}");
    is_documented(&QUELL_CLSID_GPMAsyncCancel, L"{372796A9-76EC-479D-AD6C-556318ED5F9D}");
    /* What mingw-w64's libuuid has. */
    CHECK(memcmp(&QUELL_IID_IVssAsync, &IID_IVssAsync, sizeof(GUID)) == 0);
    return check_report("com_layout");
}
