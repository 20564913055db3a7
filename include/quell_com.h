/*
 * quell: the COM interfaces of the systems that it speaks for, for C and C++.
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * mingw-w64 declares IVssAsync (vss.h) and, without their GUIDs, IGPMAsyncCancel
 * and IGPMAsyncProgress (gpmgmt.h). What it lacks is here, by the documented GUIDs
 * and in the documented order of the methods, as MIDL writes it: IVdsAsync,
 * VDS_ASYNC_OUTPUT, IWsbApplicationAsync; and the GUIDs, under names of quell's own,
 * so that nothing has to be linked for them.
 *
 * Where a translation unit has Microsoft's own headers as well (vdshwprv.h, vds.h,
 * wsbapp.h), they come first, and are used.
 *
 * In C the interfaces have an lpVtbl, and with COBJMACROS macros for each method.
 */
#ifndef QUELL_COM_H
#define QUELL_COM_H

#ifndef _WIN32
#error "quell_com.h is for Windows: include quell.h, which is for every system"
#endif

#include <windows.h>

#include <ole2.h>
#include <unknwn.h>

/* vss.h, IVssAsync: {507C37B4-CF5B-4E95-B0AF-14EB9767467E}. */
static const GUID QUELL_IID_IVssAsync = {
    0x507C37B4, 0xCF5B, 0x4E95, {0xB0, 0xAF, 0x14, 0xEB, 0x97, 0x67, 0x46, 0x7E}};
/* vdshwprv.h and [MS-VDS], IVdsAsync: {D5D23B6D-5A55-4492-9889-397A3C2D2DBC}. */
static const GUID QUELL_IID_IVdsAsync = {
    0xD5D23B6D, 0x5A55, 0x4492, {0x98, 0x89, 0x39, 0x7A, 0x3C, 0x2D, 0x2D, 0xBC}};
/* wsbapp.h, IWsbApplicationAsync: {0843F6F7-895C-44A6-B0C2-05A5022AA3A1}. */
static const GUID QUELL_IID_IWsbApplicationAsync = {
    0x0843F6F7, 0x895C, 0x44A6, {0xB0, 0xC2, 0x05, 0xA5, 0x02, 0x2A, 0xA3, 0xA1}};
/* gpmgmt.h, IGPMAsyncCancel: {DDC67754-BE67-4541-8166-F48166868C9C}. */
static const GUID QUELL_IID_IGPMAsyncCancel = {
    0xDDC67754, 0xBE67, 0x4541, {0x81, 0x66, 0xF4, 0x81, 0x66, 0x86, 0x8C, 0x9C}};
/* gpmgmt.h, IGPMAsyncProgress: {6AAC29F8-5948-4324-BF70-423818942DBC}. */
static const GUID QUELL_IID_IGPMAsyncProgress = {
    0x6AAC29F8, 0x5948, 0x4324, {0xBF, 0x70, 0x42, 0x38, 0x18, 0x94, 0x2D, 0xBC}};
/* gpmgmt.h, the class GPMAsyncCancel: {372796A9-76EC-479D-AD6C-556318ED5F9D}. */
static const GUID QUELL_CLSID_GPMAsyncCancel = {
    0x372796A9, 0x76EC, 0x479D, {0xAD, 0x6C, 0x55, 0x63, 0x18, 0xED, 0x5F, 0x9D}};

/* DISPIDs of gpmgmt.h: IGPMAsyncCancel::Cancel, IGPMAsyncProgress::Status. */
#define QUELL_DISPID_GPM_CANCEL 1
#define QUELL_DISPID_GPM_STATUS 1

/* --- IVdsAsync */

#ifndef __IVdsAsync_INTERFACE_DEFINED__
#define __IVdsAsync_INTERFACE_DEFINED__

/* mingw-w64's vds.h has the output, though not the interface. */
#ifndef _INC_VDS

/* Which member of VDS_ASYNC_OUTPUT is in use. */
typedef enum _VDS_ASYNC_OUTPUT_TYPE {
    VDS_ASYNCOUT_UNKNOWN = 0,
    VDS_ASYNCOUT_CREATEVOLUME = 1,
    VDS_ASYNCOUT_EXTENDVOLUME = 2,
    VDS_ASYNCOUT_SHRINKVOLUME = 3,
    VDS_ASYNCOUT_ADDVOLUMEPLEX = 4,
    VDS_ASYNCOUT_BREAKVOLUMEPLEX = 5,
    VDS_ASYNCOUT_REMOVEVOLUMEPLEX = 6,
    VDS_ASYNCOUT_REPAIRVOLUMEPLEX = 7,
    VDS_ASYNCOUT_RECOVERPACK = 8,
    VDS_ASYNCOUT_REPLACEDISK = 9,
    VDS_ASYNCOUT_CREATEPARTITION = 10,
    VDS_ASYNCOUT_CLEAN = 11,
    VDS_ASYNCOUT_CREATELUN = 50,
    VDS_ASYNCOUT_ADDLUNPLEX = 52,
    VDS_ASYNCOUT_REMOVELUNPLEX = 53,
    VDS_ASYNCOUT_EXTENDLUN = 54,
    VDS_ASYNCOUT_SHRINKLUN = 55,
    VDS_ASYNCOUT_RECOVERLUN = 56,
    VDS_ASYNCOUT_LOGINTOTARGET = 60,
    VDS_ASYNCOUT_LOGOUTFROMTARGET = 61,
    VDS_ASYNCOUT_CREATETARGET = 62,
    VDS_ASYNCOUT_CREATEPORTALGROUP = 63,
    VDS_ASYNCOUT_DELETETARGET = 64,
    VDS_ASYNCOUT_ADDPORTAL = 65,
    VDS_ASYNCOUT_REMOVEPORTAL = 66,
    VDS_ASYNCOUT_DELETEPORTALGROUP = 67,
    VDS_ASYNCOUT_FORMAT = 101,
    VDS_ASYNCOUT_CREATE_VDISK = 200,
    VDS_ASYNCOUT_ATTACH_VDISK = 201,
    VDS_ASYNCOUT_COMPACT_VDISK = 202,
    VDS_ASYNCOUT_MERGE_VDISK = 203,
    VDS_ASYNCOUT_EXPAND_VDISK = 204
} VDS_ASYNC_OUTPUT_TYPE;

/* What an operation of VDS made. The result objects are the receiver's to release. */
typedef struct _VDS_ASYNC_OUTPUT {
    VDS_ASYNC_OUTPUT_TYPE type;
#ifdef __GNUC__
    __extension__
#endif
        union {
        struct {
            ULONGLONG ullOffset;
            GUID volumeId;
        } cp;
        struct {
            IUnknown *pVolumeUnk;
        } cv;
        struct {
            IUnknown *pVolumeUnk;
        } bvp;
        struct {
            ULONGLONG ullReclaimedBytes;
        } sv;
        struct {
            IUnknown *pLunUnk;
        } cl;
        struct {
            IUnknown *pTargetUnk;
        } ct;
        struct {
            IUnknown *pPortalGroupUnk;
        } cpg;
        struct {
            IUnknown *pVDiskUnk;
        } cvd;
    };
} VDS_ASYNC_OUTPUT;

#endif /* _INC_VDS */

typedef interface IVdsAsync IVdsAsync;

#if defined(__cplusplus) && !defined(CINTERFACE)

MIDL_INTERFACE("D5D23B6D-5A55-4492-9889-397A3C2D2DBC")
IVdsAsync : public IUnknown {
  public:
    virtual HRESULT STDMETHODCALLTYPE Cancel(void) = 0;
    virtual HRESULT STDMETHODCALLTYPE Wait(HRESULT * pHrResult,
                                           VDS_ASYNC_OUTPUT * pAsyncOut) = 0;
    virtual HRESULT STDMETHODCALLTYPE QueryStatus(HRESULT * pHrResult,
                                                  ULONG * pulPercentCompleted) = 0;
};
#ifdef __CRT_UUID_DECL
__CRT_UUID_DECL(IVdsAsync, 0xD5D23B6D, 0x5A55, 0x4492, 0x98, 0x89, 0x39, 0x7A, 0x3C, 0x2D, 0x2D,
                0xBC)
#endif

#else

typedef struct IVdsAsyncVtbl {
    BEGIN_INTERFACE
    HRESULT(STDMETHODCALLTYPE *QueryInterface)
    (IVdsAsync *This, REFIID riid, void **ppvObject);
    ULONG(STDMETHODCALLTYPE *AddRef)(IVdsAsync *This);
    ULONG(STDMETHODCALLTYPE *Release)(IVdsAsync *This);
    HRESULT(STDMETHODCALLTYPE *Cancel)(IVdsAsync *This);
    HRESULT(STDMETHODCALLTYPE *Wait)
    (IVdsAsync *This, HRESULT *pHrResult, VDS_ASYNC_OUTPUT *pAsyncOut);
    HRESULT(STDMETHODCALLTYPE *QueryStatus)
    (IVdsAsync *This, HRESULT *pHrResult, ULONG *pulPercentCompleted);
    END_INTERFACE
} IVdsAsyncVtbl;

interface IVdsAsync {
    CONST_VTBL struct IVdsAsyncVtbl *lpVtbl;
};

#ifdef COBJMACROS
#define IVdsAsync_QueryInterface(This, riid, ppvObject)                                        \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IVdsAsync_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IVdsAsync_Release(This) ((This)->lpVtbl->Release(This))
#define IVdsAsync_Cancel(This) ((This)->lpVtbl->Cancel(This))
#define IVdsAsync_Wait(This, pHrResult, pAsyncOut)                                             \
    ((This)->lpVtbl->Wait(This, pHrResult, pAsyncOut))
#define IVdsAsync_QueryStatus(This, pHrResult, pulPercentCompleted)                            \
    ((This)->lpVtbl->QueryStatus(This, pHrResult, pulPercentCompleted))
#endif

#endif
#endif /* __IVdsAsync_INTERFACE_DEFINED__ */

/* --- IWsbApplicationAsync */

#ifndef __IWsbApplicationAsync_INTERFACE_DEFINED__
#define __IWsbApplicationAsync_INTERFACE_DEFINED__

typedef interface IWsbApplicationAsync IWsbApplicationAsync;

#if defined(__cplusplus) && !defined(CINTERFACE)

MIDL_INTERFACE("0843F6F7-895C-44A6-B0C2-05A5022AA3A1")
IWsbApplicationAsync : public IUnknown {
  public:
    virtual HRESULT STDMETHODCALLTYPE QueryStatus(HRESULT * phrResult) = 0;
    virtual HRESULT STDMETHODCALLTYPE Abort(void) = 0;
};
#ifdef __CRT_UUID_DECL
__CRT_UUID_DECL(IWsbApplicationAsync, 0x0843F6F7, 0x895C, 0x44A6, 0xB0, 0xC2, 0x05, 0xA5, 0x02,
                0x2A, 0xA3, 0xA1)
#endif

#else

typedef struct IWsbApplicationAsyncVtbl {
    BEGIN_INTERFACE
    HRESULT(STDMETHODCALLTYPE *QueryInterface)
    (IWsbApplicationAsync *This, REFIID riid, void **ppvObject);
    ULONG(STDMETHODCALLTYPE *AddRef)(IWsbApplicationAsync *This);
    ULONG(STDMETHODCALLTYPE *Release)(IWsbApplicationAsync *This);
    HRESULT(STDMETHODCALLTYPE *QueryStatus)
    (IWsbApplicationAsync *This, HRESULT *phrResult);
    HRESULT(STDMETHODCALLTYPE *Abort)(IWsbApplicationAsync *This);
    END_INTERFACE
} IWsbApplicationAsyncVtbl;

interface IWsbApplicationAsync {
    CONST_VTBL struct IWsbApplicationAsyncVtbl *lpVtbl;
};

#ifdef COBJMACROS
#define IWsbApplicationAsync_QueryInterface(This, riid, ppvObject)                             \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWsbApplicationAsync_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWsbApplicationAsync_Release(This) ((This)->lpVtbl->Release(This))
#define IWsbApplicationAsync_QueryStatus(This, phrResult)                                      \
    ((This)->lpVtbl->QueryStatus(This, phrResult))
#define IWsbApplicationAsync_Abort(This) ((This)->lpVtbl->Abort(This))
#endif

#endif
#endif /* __IWsbApplicationAsync_INTERFACE_DEFINED__ */

#endif /* QUELL_COM_H */
