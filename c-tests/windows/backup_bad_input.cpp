// A backup object that is called out of order, with nothing where something should
// be, or where there is no thread to work on: the documented code, and nothing is
// changed or lost by it.
#include "backup_requester.hpp"

namespace {

void out_of_order() {
    auto on = machine::make();
    requester r(*on);
    const auto nothing_begins = [&](bool prepare, bool snapshot, bool complete) {
        IVssAsync *at = reinterpret_cast<IVssAsync *>(&r);
        CHECK_HR(r->PrepareForBackup(nullptr), E_INVALIDARG);
        CHECK_HR(r->DoSnapshotSet(nullptr), E_INVALIDARG);
        CHECK_HR(r->BackupComplete(nullptr), E_INVALIDARG);
        if (prepare) {
            CHECK_HR(r->PrepareForBackup(&at), VSS_E_BAD_STATE);
            CHECK(at == nullptr);
        }
        if (snapshot)
            CHECK_HR(r->DoSnapshotSet(&at), VSS_E_BAD_STATE);
        if (complete)
            CHECK_HR(r->BackupComplete(&at), VSS_E_BAD_STATE);
    };
    UINT count = 7;
    IVssAsync *at = nullptr;
    // Not initialised.
    nothing_begins(true, true, true);
    CHECK_HR(r->GatherWriterMetadata(&at), VSS_E_BAD_STATE);
    CHECK_HR(r->GatherWriterStatus(&at), VSS_E_BAD_STATE);
    CHECK_HR(r->SetContext(VSS_CTX_BACKUP), VSS_E_BAD_STATE);
    CHECK_HR(r->SetBackupState(TRUE, FALSE, VSS_BT_FULL, FALSE), VSS_E_BAD_STATE);
    CHECK_HR(r.start_set(), VSS_E_BAD_STATE);
    CHECK_HR(r.add(L"C:\\"), VSS_E_BAD_STATE);
    CHECK_HR(r->GetWriterMetadataCount(&count), VSS_E_BAD_STATE);
    CHECK_EQ(count, 0);
    CHECK_HR(r->GetWriterStatusCount(&count), VSS_E_BAD_STATE);
    CHECK_HR(r->FreeWriterMetadata(), VSS_E_BAD_STATE);
    CHECK_HR(r->FreeWriterStatus(), VSS_E_BAD_STATE);
    CHECK_HR(r.abort(), VSS_E_BAD_STATE);
    BSTR document = SysAllocString(L"<BACKUP_COMPONENTS/>");
    CHECK_HR(r->InitializeForBackup(document), E_NOTIMPL);
    SysFreeString(document);
    // Initialised.
    CHECK_HR(r.initialise(), S_OK);
    CHECK_HR(r.initialise(), VSS_E_BAD_STATE);
    nothing_begins(true, true, true);
    CHECK_HR(r.add(L"C:\\"), VSS_E_BAD_STATE);
    CHECK_HR(r->SetContext(0x40000000), VSS_E_UNSUPPORTED_CONTEXT);
    CHECK_HR(r->SetContext(VSS_CTX_BACKUP | VSS_VOLSNAP_ATTR_TRANSPORTABLE), S_OK);
    CHECK_HR(r->SetContext(VSS_CTX_BACKUP), VSS_E_BAD_STATE);
    CHECK_HR(r->SetBackupState(TRUE, FALSE, static_cast<VSS_BACKUP_TYPE>(7), FALSE),
             E_INVALIDARG);
    CHECK_HR(r->GetWriterMetadataCount(&count), VSS_E_BAD_STATE);
    CHECK_HR(r.gather().ends(), VSS_S_ASYNC_FINISHED);
    CHECK_HR(r->GatherWriterMetadata(&at), VSS_E_BAD_STATE);
    CHECK_HR(r->GetWriterMetadataCount(&count), S_OK);
    CHECK_EQ(count, 3);
    CHECK_HR(r->GetWriterMetadataCount(nullptr), E_INVALIDARG);
    CHECK_HR(r->FreeWriterMetadata(), S_OK);
    // A set was started, and SetBackupState has not been called.
    CHECK_HR(r->StartSnapshotSet(nullptr), E_INVALIDARG);
    CHECK_HR(r.start_set(), S_OK);
    CHECK_HR(r.start_set(), VSS_E_BAD_STATE);
    nothing_begins(true, true, true);
    CHECK_HR(r->SetContext(VSS_CTX_BACKUP), VSS_E_BAD_STATE);
    CHECK_HR(r->SetBackupState(TRUE, FALSE, VSS_BT_FULL, FALSE), S_OK);
    nothing_begins(false, true, true);
    // Prepared.
    CHECK_HR(r.prepare().ends(), VSS_S_ASYNC_FINISHED);
    CHECK_HR(r->SetBackupState(TRUE, FALSE, VSS_BT_FULL, FALSE), VSS_E_BAD_STATE);
    nothing_begins(true, false, true);
    // Created.
    CHECK_HR(r.make_snapshot().ends(), VSS_S_ASYNC_FINISHED);
    CHECK_HR(r.add(L"C:\\"), VSS_E_BAD_STATE);
    nothing_begins(true, true, false);
    CHECK_HR(r->GatherWriterMetadata(&at), VSS_E_BAD_STATE);
    CHECK_HR(r.complete().ends(), VSS_S_ASYNC_FINISHED);
    nothing_begins(true, true, true);
    r.release();
    all_is_well(*on);
}

void volumes() {
    auto on = machine::make();
    requester r(*on);
    CHECK_HR(r.initialise(), S_OK);
    CHECK_HR(r->SetBackupState(TRUE, FALSE, VSS_BT_FULL, FALSE), S_OK);
    CHECK_HR(r.start_set(), S_OK);
    CHECK_HR(r.add(nullptr), E_INVALIDARG);
    CHECK_HR(r.add(L""), E_INVALIDARG);
    CHECK_HR(r->AddToSnapshotSet(const_cast<VSS_PWSZ>(L"C:\\"), GUID{}, nullptr), E_INVALIDARG);
    CHECK_HR(r.add(L"?"), VSS_E_VOLUME_NOT_SUPPORTED);
    CHECK_EQ(r.snapshot.Data1, 0);
    CHECK_HR(r.add(L"C:\\"), S_OK);
    const VSS_ID first = r.snapshot;
    CHECK_HR(r.add(L"c:\\"), VSS_E_OBJECT_ALREADY_EXISTS);
    for (unsigned more = 1; more < 64; ++more)
        CHECK_HR(r.add((L"Volume " + std::to_wstring(more)).c_str()), S_OK);
    CHECK_HR(r.add(L"One more\\"), VSS_E_MAXIMUM_NUMBER_OF_VOLUMES_REACHED);
    WINBOOL supported = 7;
    CHECK_HR(r->IsVolumeSupported(GUID{}, const_cast<VSS_PWSZ>(L"?"), &supported), S_OK);
    CHECK_EQ(supported, FALSE);
    CHECK_HR(r->IsVolumeSupported(GUID{}, const_cast<VSS_PWSZ>(L"C:\\"), &supported), S_OK);
    CHECK_EQ(supported, TRUE);
    CHECK_HR(r->IsVolumeSupported(GUID{}, nullptr, &supported), E_INVALIDARG);
    // Nothing was made yet.
    VSS_SNAPSHOT_PROP seen;
    CHECK_HR(r->GetSnapshotProperties(first, nullptr), E_INVALIDARG);
    CHECK_HR(r->GetSnapshotProperties(first, &seen), VSS_E_OBJECT_NOT_FOUND);
    CHECK_HR(r.prepare().ends(), VSS_S_ASYNC_FINISHED);
    CHECK_HR(r.make_snapshot().ends(), VSS_S_ASYNC_FINISHED);
    CHECK_HR(r->GetSnapshotProperties(first, &seen), S_OK);
    CHECK(IsEqualGUID(seen.m_SnapshotId, first) && IsEqualGUID(seen.m_SnapshotSetId, r.set));
    CHECK_EQ(seen.m_lSnapshotsCount, 64);
    CHECK(std::wcscmp(seen.m_pwszOriginalVolumeName, L"C:\\") == 0);
    CHECK(std::wcscmp(seen.m_pwszSnapshotDeviceObject, L"\\\\?\\device") == 0);
    CHECK(seen.m_pwszExposedName == nullptr && seen.m_tsCreationTimestamp != 0);
    CHECK_EQ(seen.m_eStatus, VSS_SS_CREATED);
    CoTaskMemFree(seen.m_pwszOriginalVolumeName);
    CoTaskMemFree(seen.m_pwszSnapshotDeviceObject);

    LONG deleted = 7;
    VSS_ID left;
    const auto remove = [&](const VSS_ID &id, VSS_OBJECT_TYPE type) {
        return r->DeleteSnapshots(id, type, TRUE, &deleted, &left);
    };
    CHECK_HR(r->DeleteSnapshots(first, VSS_OBJECT_SNAPSHOT, TRUE, nullptr, &left),
             E_INVALIDARG);
    CHECK_HR(remove(first, VSS_OBJECT_PROVIDER), E_INVALIDARG);
    CHECK_HR(remove(GUID{}, VSS_OBJECT_SNAPSHOT), VSS_E_OBJECT_NOT_FOUND);
    on->answers(PROVIDER, DELETE_SNAPSHOT, VSS_E_UNEXPECTED_PROVIDER_ERROR);
    CHECK_HR(remove(first, VSS_OBJECT_SNAPSHOT), VSS_E_UNEXPECTED_PROVIDER_ERROR);
    CHECK(IsEqualGUID(left, first));
    on->answers(PROVIDER, DELETE_SNAPSHOT, S_OK);
    CHECK_HR(remove(first, VSS_OBJECT_SNAPSHOT), S_OK);
    CHECK_EQ(deleted, 1);
    CHECK_HR(remove(first, VSS_OBJECT_SNAPSHOT), VSS_E_OBJECT_NOT_FOUND);

    IVssEnumObject *found = nullptr;
    CHECK_HR(r->Query(GUID{}, VSS_OBJECT_NONE, VSS_OBJECT_SNAPSHOT, nullptr), E_INVALIDARG);
    CHECK_HR(r->Query(GUID{}, VSS_OBJECT_NONE, VSS_OBJECT_PROVIDER, &found), E_NOTIMPL);
    CHECK_HR(r->Query(GUID{}, VSS_OBJECT_NONE, VSS_OBJECT_SNAPSHOT, &found), S_OK);
    CHECK_HR(remove(r.set, VSS_OBJECT_SNAPSHOT_SET), S_OK);
    CHECK_EQ(deleted, 63);
    VSS_OBJECT_PROP many[2];
    ULONG fetched = 0;
    CHECK_HR(found->Next(2, many, nullptr), E_POINTER);
    CHECK_HR(found->Next(2, nullptr, &fetched), E_POINTER);
    CHECK_HR(found->Skip(61), S_OK);
    IVssEnumObject *copy = nullptr;
    CHECK_HR(found->Clone(nullptr), E_POINTER);
    CHECK_HR(found->Clone(&copy), S_OK);
    for (IVssEnumObject *each : {found, copy}) {
        CHECK_HR(each->Next(1, many, &fetched), S_OK);
        CHECK_HR(each->Next(2, many + 1, &fetched), S_FALSE);
        CHECK_EQ(fetched, 1);
        CHECK_EQ(many[1].Type, VSS_OBJECT_SNAPSHOT);
        for (VSS_OBJECT_PROP &one : many) {
            CoTaskMemFree(one.Obj.Snap.m_pwszOriginalVolumeName);
            CoTaskMemFree(one.Obj.Snap.m_pwszSnapshotDeviceObject);
        }
        CHECK_HR(each->Skip(1), S_FALSE);
        CHECK_HR(each->Reset(), S_OK);
        CHECK_HR(each->Skip(63), S_OK);
        CHECK_EQ(each->Release(), 0);
    }
    r.release();
    CHECK_EQ(on->counts().gone, 64);
    all_is_well(*on);
}

void components_and_writers() {
    auto on = machine::make();
    requester r(*on);
    CHECK_HR(r.initialise(), S_OK);
    const auto id_of = [](unsigned long data, unsigned char place) {
        GUID made{data, 0, 0, {0}};
        made.Data4[7] = place;
        return made;
    };
    const auto add = [&](unsigned char place, LPCWSTR name, LPCWSTR path = nullptr) {
        return r->AddComponent(id_of(0x1257, place), id_of(0xC1A55, place), VSS_CT_FILEGROUP,
                               path, name);
    };
    CHECK_HR(add(0, nullptr), E_INVALIDARG);
    CHECK_HR(add(3, L"files"), VSS_E_OBJECT_NOT_FOUND);
    CHECK_HR(add(0, L"files"), S_OK);
    CHECK_HR(add(0, L"files", L""), VSS_E_OBJECT_ALREADY_EXISTS);
    CHECK_HR(add(0, L"files", L"below"), S_OK);
    CHECK_HR(add(2, L"files"), S_OK);
    UINT count = 7;
    CHECK_HR(r->GetWriterComponentsCount(nullptr), E_INVALIDARG);
    CHECK_HR(r->GetWriterComponentsCount(&count), S_OK);
    CHECK_EQ(count, 2);
    CHECK_HR(r->SetBackupState(TRUE, FALSE, VSS_BT_FULL, FALSE), S_OK);
    CHECK_HR(r.start_set(), S_OK);
    CHECK_HR(add(1, L"files"), VSS_E_BAD_STATE);
    const auto succeeded = [&](unsigned char place, LPCWSTR name) {
        return r->SetBackupSucceeded(id_of(0x1257, place), id_of(0xC1A55, place),
                                     VSS_CT_FILEGROUP, nullptr, name, TRUE);
    };
    CHECK_HR(succeeded(0, L"files"), VSS_E_BAD_STATE);
    CHECK_HR(r.prepare().ends(), VSS_S_ASYNC_FINISHED);
    CHECK_HR(r.make_snapshot().ends(), VSS_S_ASYNC_FINISHED);
    CHECK_HR(succeeded(0, nullptr), E_INVALIDARG);
    CHECK_HR(succeeded(0, L"others"), VSS_E_OBJECT_NOT_FOUND);
    CHECK_HR(succeeded(0, L"files"), S_OK);

    VSS_ID instance, writer;
    BSTR name = SysAllocString(L"x");
    BSTR const was = name;
    VSS_WRITER_STATE state;
    HRESULT failure;
    CHECK_HR(r->GetWriterStatus(0, &instance, &writer, &name, &state, &failure),
             VSS_E_WRITER_STATUS_NOT_AVAILABLE);
    CHECK(name == nullptr);
    SysFreeString(was);
    CHECK_HR(r.inquire().ends(), VSS_S_ASYNC_FINISHED);
    CHECK_HR(r->GetWriterStatus(3, &instance, &writer, &name, &state, &failure),
             VSS_E_OBJECT_NOT_FOUND);
    CHECK_HR(r->GetWriterStatus(0, nullptr, &writer, &name, &state, &failure), E_INVALIDARG);
    CHECK_HR(r->GetWriterStatus(0, &instance, nullptr, &name, &state, &failure), E_INVALIDARG);
    CHECK_HR(r->GetWriterStatus(0, &instance, &writer, nullptr, &state, &failure),
             E_INVALIDARG);
    CHECK_HR(r->GetWriterStatus(0, &instance, &writer, &name, nullptr, &failure), E_INVALIDARG);
    CHECK_HR(r->GetWriterStatus(0, &instance, &writer, &name, &state, nullptr), E_INVALIDARG);
    CHECK_HR(r->FreeWriterStatus(), S_OK);
    CHECK_HR(r->GetWriterStatusCount(&count), VSS_E_WRITER_STATUS_NOT_AVAILABLE);
    r.release();
    all_is_well(*on);
}

// Where no thread can be started nothing is begun, and it can be begun later.
void without_a_thread() {
    auto on = machine::make();
    requester r(*on);
    r.up_to_set();
    on->without_threads(true);
    operation op = r.prepare();
    CHECK_HR(op.began, E_OUTOFMEMORY);
    CHECK(op.raw == nullptr);
    CHECK_HR(r.inquire().began, E_OUTOFMEMORY);
    CHECK_TOLD(*on, "");
    CHECK_EQ(on->objects(1), 1);
    on->without_threads(false);
    CHECK_HR(r.prepare().ends(), VSS_S_ASYNC_FINISHED);
    CHECK_HR(r.inquire().ends(), VSS_S_ASYNC_FINISHED);
    // No thread for who looks at the clock: it does not go on without.
    (void)on->told();
    on->does(PROVIDER, BEGIN, [&] { on->without_threads(true); });
    CHECK_HR(r.make_snapshot().ends(), E_OUTOFMEMORY);
    CHECK_TOLD(*on, "");
    CHECK_HR(r.abort(), S_OK);
    CHECK_TOLD(*on, "*:Abort");
    r.release();
    all_is_well(*on);
}

} // namespace

int backup_bad_input() {
    out_of_order();
    volumes();
    components_and_writers();
    without_a_thread();
    return check_report("backup_bad_input.cpp");
}
