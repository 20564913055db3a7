// The report's files, and the words that both forms share.
#include "codes.hpp"
#include "report.hpp"
#include "text.hpp"

namespace vss_simulator {
namespace {

bool write_whole(const std::wstring &path, const std::string &content, const wchar_t *ending) {
    const std::wstring fresh = path + L"." + std::to_wstring(GetCurrentProcessId()) + ending;
    HANDLE file = CreateFileW(fresh.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_ALWAYS,
                              FILE_ATTRIBUTE_NORMAL, nullptr);
    if (file == INVALID_HANDLE_VALUE)
        return false;
    DWORD written = 0;
    const bool whole = WriteFile(file, content.data(), static_cast<DWORD>(content.size()),
                                 &written, nullptr) != FALSE &&
                       written == content.size();
    const bool closed = CloseHandle(file) != FALSE;
    if (whole && closed &&
        MoveFileExW(fresh.c_str(), path.c_str(), MOVEFILE_REPLACE_EXISTING) != FALSE)
        return true;
    DeleteFileW(fresh.c_str());
    return false;
}

} // namespace

bool write_report(const report &of, const std::wstring &base) {
    // At the process's end a thread that was stopped may have left the other file open.
    const wchar_t *const ending =
        of.around.process == process_state::exited ? L".end" : L".new";
    const bool json = write_whole(base + L".json", as_json(of), ending);
    const bool markdown = write_whole(base + L".md", as_markdown(of), ending);
    return json && markdown;
}

std::wstring report_base() {
    std::wstring path = openable(environment(L"QUELL_VSS_REPORT"));
    for (const wchar_t *ending : {L".json", L".md"}) {
        const std::wstring end(ending);
        if (path.size() > end.size() &&
            path.compare(path.size() - end.size(), end.size(), end) == 0)
            return path.substr(0, path.size() - end.size());
    }
    return path;
}

const char *name_of(process_state state) {
    switch (state) {
    case process_state::running:
        break;
    case process_state::released:
        return "released";
    case process_state::exited:
        return "exited";
    }
    return "running";
}

const char *end_of(const operation_account &operation) {
    if (!operation.ended)
        return "pending";
    if (operation.end == QUELL_VSS_S_ASYNC_CANCELLED)
        return "cancelled";
    return is_failure(operation.end) ? "failed" : "finished";
}

const char *references_of(const operation_account &operation) {
    if (!operation.released)
        return "held";
    return operation.released_pending ? "released while pending" : "released";
}

const char *snapshot_of(const object_account &object) {
    if (!object.created)
        return "none";
    if (object.orphaned)
        return "orphaned";
    if (object.snapshot_deleted)
        return "deleted";
    return object.snapshot_gone ? "released with its object" : "stands";
}

} // namespace vss_simulator
