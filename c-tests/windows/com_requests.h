/*
 * What a requester of the rows does: one call by an interface pointer, and what came
 * of it. In C and in C++: com_call.h.
 */
#ifndef COM_REQUESTS_H
#define COM_REQUESTS_H

#include <stddef.h>
#include <string.h>

#include "backup_world.h"
#include "com_call.h"
#include "conformance_dialects.h"

enum { OPERATIONS = CONFORMANCE_CALL_QueryRevertStatus + 1 };

typedef struct {
    world_t *world;
    IVssBackupComponents *backup;
    /* By the number of the method. */
    IVssAsync *operations[OPERATIONS];
} requester_t;

typedef struct {
    HRESULT returned;
    uint32_t out[2];
    /* What no row can be right about; null: nothing. */
    const char *flaw;
} came_t;

static inline wchar_t *volume(uint32_t letter) {
    static wchar_t names[26][4];
    wchar_t *const name = names[(letter - (uint32_t)'A') % 26u];
    name[0] = (wchar_t)letter;
    name[1] = L':';
    name[2] = L'\\';
    return name;
}

static inline VSS_ID identity(unsigned long kind, uint32_t writer) {
    VSS_ID id = {0, 0, 0, {0, 0, 0, 0, 0, 0, 0, 0}};
    id.Data1 = kind;
    id.Data4[7] = (unsigned char)writer;
    return id;
}

static inline int nobodys(VSS_ID id) {
    const VSS_ID none = identity(0, 0);
    return memcmp(&id, &none, sizeof id) == 0;
}

/* A place for a pointer has nothing in it, where nothing was made. */
static inline void check_place(came_t *came, int there) {
    if (there != (came->returned == S_OK))
        came->flaw = there ? "a failure has placed something" : "a success has placed nothing";
}

static inline came_t begin(requester_t *of, uint32_t which, IVssAsync **into) {
    came_t came = {E_FAIL, {0, 0}, NULL};
    IVssBackupComponents *const backup = of->backup;
    static uint32_t nowhere;
    *into = (IVssAsync *)(void *)&nowhere;
    switch (which) {
    case CONFORMANCE_CALL_GatherWriterMetadata:
        came.returned = CALL(backup, GatherWriterMetadata, into);
        break;
    case CONFORMANCE_CALL_PrepareForBackup:
        came.returned = CALL(backup, PrepareForBackup, into);
        break;
    case CONFORMANCE_CALL_DoSnapshotSet:
        came.returned = CALL(backup, DoSnapshotSet, into);
        break;
    case CONFORMANCE_CALL_GatherWriterStatus:
        came.returned = CALL(backup, GatherWriterStatus, into);
        break;
    case CONFORMANCE_CALL_BackupComplete:
        came.returned = CALL(backup, BackupComplete, into);
        break;
    default:
        came.returned = CALL(backup, QueryRevertStatus, volume('C'), into);
        break;
    }
    check_place(&came, *into != NULL);
    return came;
}

static inline came_t query_status(IVssAsync *operation) {
    came_t came = {E_FAIL, {0, 0}, NULL};
    HRESULT seen = E_FAIL;
    INT reserved = 77;
    came.returned = CALL(operation, QueryStatus, &seen, &reserved);
    came.out[0] = (uint32_t)seen;
    if (reserved != 77)
        came.flaw = "the reserved argument was written to";
    return came;
}

/* From its method to its end. */
static inline came_t run(requester_t *of, uint32_t which) {
    IVssAsync *operation;
    HRESULT waited;
    came_t status;
    came_t came = begin(of, which, &operation);
    if (came.returned != S_OK || came.flaw != NULL)
        return came;
    waited = CALL(operation, Wait, INFINITE);
    status = query_status(operation);
    came.out[0] = status.out[0];
    came.flaw = status.flaw;
    if (waited != (FAILED((HRESULT)status.out[0]) ? (HRESULT)status.out[0] : S_OK))
        came.flaw = "Wait has returned another code";
    if (status.returned != S_OK)
        came.flaw = "QueryStatus has failed";
    if (CALL_BARE(operation, Release) != 0)
        came.flaw = "somebody else has a reference to the operation";
    return came;
}

static inline came_t get_writer_status(IVssBackupComponents *backup, uint32_t writer) {
    came_t came = {E_FAIL, {0, 0}, NULL};
    VSS_ID instance, id;
    BSTR name = NULL;
    VSS_WRITER_STATE state = VSS_WS_UNKNOWN;
    HRESULT failure = E_FAIL;
    const VSS_ID instance_then = identity(0x1257, writer), id_then = identity(0xC1A55, writer);
    came.returned =
        CALL(backup, GetWriterStatus, writer, &instance, &id, &name, &state, &failure);
    came.out[0] = (uint32_t)state;
    came.out[1] = (uint32_t)failure;
    check_place(&came, name != NULL);
    if (name != NULL && (memcmp(&instance, &instance_then, sizeof id) != 0 ||
                         memcmp(&id, &id_then, sizeof id) != 0))
        came.flaw = "it is another writer's";
    SysFreeString(name);
    return came;
}

static inline came_t query(IVssBackupComponents *backup) {
    came_t came = {E_FAIL, {0, 0}, NULL};
    IVssEnumObject *found = NULL;
    VSS_OBJECT_PROP one;
    ULONG fetched = 0;
    came.returned =
        CALL(backup, Query, identity(0, 0), VSS_OBJECT_NONE, VSS_OBJECT_SNAPSHOT, &found);
    check_place(&came, found != NULL);
    if (found == NULL)
        return came;
    while (CALL(found, Next, 1, &one, &fetched) == S_OK) {
        ++came.out[0];
        CoTaskMemFree(one.Obj.Snap.m_pwszSnapshotDeviceObject);
        CoTaskMemFree(one.Obj.Snap.m_pwszOriginalVolumeName);
    }
    if (CALL_BARE(found, Release) != 0)
        came.flaw = "somebody else has a reference to what was found";
    return came;
}

static inline came_t release(requester_t *of, uint32_t which) {
    came_t came = {E_FAIL, {0, 0}, NULL};
    if (which == CONFORMANCE_COM_OBJECT) {
        IVssBackupComponents *const was = of->backup;
        of->backup = NULL;
        came.returned = (HRESULT)CALL_BARE(was, Release);
    } else {
        IVssAsync *const was = of->operations[which];
        of->operations[which] = NULL;
        came.returned = (HRESULT)CALL_BARE(was, Release);
    }
    return came;
}

/* Whether the requester has what this call goes through. */
static inline int has_pointer(const requester_t *of, const conformance_com_step *step) {
    switch (step->call) {
    case CONFORMANCE_CALL_CREATE:
        return of->backup == NULL;
    case CONFORMANCE_CALL_Cancel:
    case CONFORMANCE_CALL_Wait:
    case CONFORMANCE_CALL_QueryStatus:
        return of->operations[step->argument] != NULL;
    case CONFORMANCE_CALL_Release:
        if (step->argument != CONFORMANCE_COM_OBJECT)
            return of->operations[step->argument] != NULL;
        return of->backup != NULL;
    default:
        return of->backup != NULL;
    }
}

static inline came_t call(requester_t *of, const conformance_com_step *step) {
    came_t came = {E_FAIL, {0, 0}, NULL};
    IVssBackupComponents *const backup = of->backup;
    const uint32_t argument = step->argument;
    IVssAsync *const operation = argument < OPERATIONS ? of->operations[argument] : NULL;
    VSS_ID id = identity(1, 0);
    BSTR document;
    UINT count = 0;
    if (step->call < OPERATIONS) {
        IVssAsync *made;
        came = begin(of, step->call, &made);
        if (came.returned != S_OK || came.flaw != NULL)
            return came;
        if (of->operations[step->call] != NULL)
            came.flaw = "the operation before has not been released";
        of->operations[step->call] = made;
        return came;
    }
    switch (step->call) {
    case CONFORMANCE_CALL_CREATE:
        came.returned = world_new_backup(of->world, &of->backup);
        break;
    case CONFORMANCE_CALL_InitializeForBackup:
        came.returned = CALL(backup, InitializeForBackup, NULL);
        break;
    case CONFORMANCE_CALL_InitializeForRestore:
        document = SysAllocString(L"<BACKUP_COMPONENTS/>");
        came.returned = CALL(backup, InitializeForRestore, document);
        SysFreeString(document);
        break;
    case CONFORMANCE_CALL_SetContext:
        came.returned = CALL(backup, SetContext, (LONG)argument);
        break;
    case CONFORMANCE_CALL_SetBackupState:
        came.returned = CALL(backup, SetBackupState, TRUE, FALSE, VSS_BT_FULL, FALSE);
        break;
    case CONFORMANCE_CALL_AddComponent:
        came.returned = CALL(backup, AddComponent, identity(0x1257, argument),
                             identity(0xC1A55, argument), VSS_CT_DATABASE, NULL, L"data");
        break;
    case CONFORMANCE_CALL_StartSnapshotSet:
        came.returned = CALL(backup, StartSnapshotSet, &id);
        check_place(&came, !nobodys(id));
        break;
    case CONFORMANCE_CALL_AddToSnapshotSet:
        came.returned = CALL(backup, AddToSnapshotSet, volume(argument), identity(0, 0), &id);
        check_place(&came, !nobodys(id));
        break;
    case CONFORMANCE_CALL_AbortBackup:
        came.returned = CALL_BARE(backup, AbortBackup);
        break;
    case CONFORMANCE_CALL_GetWriterStatus:
        return get_writer_status(backup, argument);
    case CONFORMANCE_CALL_GetWriterStatusCount:
        came.returned = CALL(backup, GetWriterStatusCount, &count);
        came.out[0] = count;
        break;
    case CONFORMANCE_CALL_Query:
        return query(backup);
    case CONFORMANCE_CALL_RUN:
        return run(of, argument);
    case CONFORMANCE_CALL_Cancel:
        came.returned = CALL_BARE(operation, Cancel);
        break;
    case CONFORMANCE_CALL_Wait:
        came.returned = CALL(operation, Wait, step->with);
        break;
    case CONFORMANCE_CALL_QueryStatus:
        return query_status(operation);
    case CONFORMANCE_CALL_Release:
        return release(of, argument);
    default:
        came.flaw = "it is no call of a requester";
        break;
    }
    return came;
}

#endif
