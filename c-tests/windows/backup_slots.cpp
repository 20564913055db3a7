// IVssBackupComponents as C sees it: every slot of the vtable, by mingw-w64's
// vsbackup.h and by number.
#define CINTERFACE
#define COBJMACROS
#include <cstddef>

#include "../check.h"
#include "backup_machine.h"

namespace {

#define SLOT(method, number)                                                                   \
    static_assert(offsetof(IVssBackupComponentsVtbl, method) == (number) * sizeof(void *),     \
                  "the documented slot of " #method)
SLOT(QueryInterface, 0);
SLOT(InitializeForBackup, 5);
SLOT(SetBackupState, 6);
SLOT(GatherWriterMetadata, 9);
SLOT(AddComponent, 13);
SLOT(PrepareForBackup, 14);
SLOT(AbortBackup, 15);
SLOT(GatherWriterStatus, 16);
SLOT(GetWriterStatus, 19);
SLOT(BackupComplete, 27);
SLOT(SetContext, 35);
SLOT(StartSnapshotSet, 36);
SLOT(AddToSnapshotSet, 37);
SLOT(DoSnapshotSet, 38);
SLOT(QueryRevertStatus, 50);
static_assert(sizeof(IVssBackupComponentsVtbl) == 51 * sizeof(void *), "48 methods");

#define CHECK_HR(call, expected)                                                               \
    CHECK_EQ(static_cast<std::uint32_t>(call), static_cast<std::uint32_t>(expected))

using no_argument = HRESULT(STDMETHODCALLTYPE *)(IVssBackupComponents *);
using one_pointer = HRESULT(STDMETHODCALLTYPE *)(IVssBackupComponents *, void *);
using one_number = HRESULT(STDMETHODCALLTYPE *)(IVssBackupComponents *, LONG);
using four_bytes = HRESULT(STDMETHODCALLTYPE *)(IVssBackupComponents *, boolean, boolean, int,
                                                boolean);

// A whole life by numbers: no declaration of the methods is used.
void by_number() {
    auto on = machine::make();
    IVssBackupComponents *backup = nullptr;
    CHECK_HR(on->new_backup(&backup), S_OK);
    void *const *const slots = *reinterpret_cast<void *const *const *>(backup);
    const auto plain = [&](unsigned slot) {
        return reinterpret_cast<no_argument>(slots[slot])(backup);
    };
    const auto with = [&](unsigned slot, void *argument) {
        return reinterpret_cast<one_pointer>(slots[slot])(backup, argument);
    };
    const auto operation = [&](unsigned slot) {
        IVssAsync *async = nullptr;
        const HRESULT began = with(slot, &async);
        CHECK_EQ(async != nullptr, began == S_OK);
        if (async == nullptr)
            return began;
        HRESULT end = E_FAIL;
        CHECK_HR(async->lpVtbl->Wait(async, INFINITE), S_OK);
        CHECK_HR(async->lpVtbl->QueryStatus(async, &end, nullptr), S_OK);
        CHECK_EQ(async->lpVtbl->Release(async), 0);
        return end;
    };
    VSS_ID id;
    CHECK_HR(plain(15), VSS_E_BAD_STATE);
    CHECK_HR(with(5, nullptr), S_OK);
    CHECK_HR(reinterpret_cast<one_number>(slots[35])(backup, VSS_CTX_BACKUP), S_OK);
    CHECK_HR(reinterpret_cast<four_bytes>(slots[6])(backup, 1, 0, VSS_BT_FULL, 0), S_OK);
    CHECK_HR(operation(9), VSS_S_ASYNC_FINISHED);
    CHECK_HR(with(36, &id), S_OK);
    CHECK_HR(operation(14), VSS_S_ASYNC_FINISHED);
    CHECK_TEXT(on->told().c_str(), "*:PrepareBackup");
    CHECK_HR(operation(38), VSS_S_ASYNC_FINISHED);
    CHECK_HR(operation(16), VSS_S_ASYNC_FINISHED);
    CHECK_HR(operation(27), VSS_S_ASYNC_FINISHED);
    CHECK_HR(plain(15), S_OK);
    CHECK_EQ(
        reinterpret_cast<ULONG(STDMETHODCALLTYPE *)(IVssBackupComponents *)>(slots[2])(backup),
        0);
    CHECK_EQ(on->objects(0), 0);
}

void what_is_not_there() {
    auto on = machine::make();
    IVssBackupComponents *b = nullptr;
    CHECK_HR(on->new_backup(&b), S_OK);
    CHECK_HR(IVssBackupComponents_InitializeForBackup(b, nullptr), S_OK);
    const GUID none{};
    LPCWSTR const text = L"";
    VSS_PWSZ const volume = const_cast<VSS_PWSZ>(L"C:\\");
    const auto db = VSS_CT_DATABASE;
    void *at = &on;
#define NOT_THERE(call) CHECK_HR(IVssBackupComponents_##call, E_NOTIMPL)
#define NULLED(method, type, ...)                                                              \
    at = &on;                                                                                  \
    NOT_THERE(method(b, __VA_ARGS__ reinterpret_cast<type>(&at)));                             \
    CHECK(at == nullptr);                                                                      \
    CHECK_HR(IVssBackupComponents_##method(b, __VA_ARGS__ nullptr), E_INVALIDARG)
#define COMMA(...) __VA_ARGS__,
    VSS_ID instance;
    NULLED(GetWriterComponents, IVssWriterComponentsExt **, COMMA(0));
    NULLED(GetWriterMetadata, IVssExamineWriterMetadata **, COMMA(0, &instance));
    NULLED(SaveAsXML, BSTR *, );
    NULLED(PreRestore, IVssAsync **, );
    NULLED(PostRestore, IVssAsync **, );
    NULLED(ImportSnapshots, IVssAsync **, );
    NULLED(ExposeSnapshot, VSS_PWSZ *, COMMA(none, volume, 0, volume));
    NOT_THERE(SetRestoreState(b, VSS_RTYPE_OTHER));
    NOT_THERE(SetBackupOptions(b, none, db, text, text, text));
    NOT_THERE(SetSelectedForRestore(b, none, db, text, text, TRUE));
    NOT_THERE(SetRestoreOptions(b, none, db, text, text, text));
    NOT_THERE(SetAdditionalRestores(b, none, db, text, text, TRUE));
    NOT_THERE(SetPreviousBackupStamp(b, none, db, text, text, text));
    NOT_THERE(AddAlternativeLocationMapping(b, none, db, text, text, text, text, TRUE, text));
    NOT_THERE(AddRestoreSubcomponent(b, none, db, text, text, text, text, TRUE));
    NOT_THERE(SetFileRestoreStatus(b, none, db, text, text, VSS_RS_ALL));
    NOT_THERE(AddNewTarget(b, none, db, text, text, text, text, TRUE, text));
    NOT_THERE(SetRangesFilePath(b, none, db, text, text, 0, text));
    NOT_THERE(BreakSnapshotSet(b, none));
    NOT_THERE(DisableWriterClasses(b, &none, 1));
    NOT_THERE(EnableWriterClasses(b, &none, 1));
    NOT_THERE(DisableWriterInstances(b, &none, 1));
    NOT_THERE(RevertToSnapshot(b, none, TRUE));
    CHECK_EQ(IVssBackupComponents_Release(b), 0);
    CHECK_EQ(on->objects(0), 0);
}

void identity_and_references() {
    auto on = machine::make();
    CHECK_HR(on->new_backup(nullptr), E_INVALIDARG);
    IVssBackupComponents *b = nullptr;
    CHECK_HR(on->new_backup(&b), S_OK);
    CHECK_EQ(on->objects(1), 1);
    void *found = &on;
    CHECK_HR(IVssBackupComponents_QueryInterface(b, IID_IVssAsync, &found), E_NOINTERFACE);
    CHECK(found == nullptr);
    CHECK_HR(IVssBackupComponents_QueryInterface(b, IID_IVssBackupComponents, nullptr),
             E_POINTER);
    CHECK_HR(IVssBackupComponents_QueryInterface(b, IID_IVssBackupComponents, &found), S_OK);
    CHECK(found == b);
    void *unknown = nullptr;
    CHECK_HR(IVssBackupComponents_QueryInterface(b, IID_IUnknown, &unknown), S_OK);
    CHECK(unknown == b);
    CHECK_EQ(IVssBackupComponents_AddRef(b), 4);
    CHECK_EQ(IVssBackupComponents_Release(b), 3);
    CHECK_EQ(IVssBackupComponents_Release(b), 2);
    CHECK_EQ(IVssBackupComponents_Release(b), 1);
    // With one reference left it works.
    CHECK_HR(IVssBackupComponents_InitializeForBackup(b, nullptr), S_OK);
    IVssAsync *async = nullptr;
    CHECK_HR(IVssBackupComponents_GatherWriterMetadata(b, &async), S_OK);
    found = &on;
    CHECK_HR(IVssAsync_QueryInterface(async, IID_IVssBackupComponents, &found), E_NOINTERFACE);
    CHECK(found == nullptr);
    CHECK_HR(IVssAsync_QueryInterface(async, IID_IVssAsync, &found), S_OK);
    CHECK(found == async);
    CHECK_EQ(IVssAsync_Release(async), 1);
    CHECK_HR(IVssAsync_QueryStatus(async, nullptr, nullptr), E_INVALIDARG);
    CHECK_HR(IVssAsync_Wait(async, INFINITE), S_OK);
    CHECK_EQ(IVssBackupComponents_Release(b), 0);
    // The operation outlives its backup object.
    CHECK_EQ(on->objects(1), 1);
    CHECK_HR(IVssAsync_Cancel(async), VSS_S_ASYNC_FINISHED);
    CHECK_EQ(IVssAsync_Release(async), 0);
    CHECK_EQ(on->objects(0), 0);
}

} // namespace

int main() {
    by_number();
    what_is_not_there();
    identity_and_references();
    return check_report("backup_slots.cpp");
}
