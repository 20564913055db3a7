#include "scripted_host.hpp"

#include "codes.hpp"

#include <cstring>

namespace vss_simulator {
namespace {

/// The operation that this thread works on: a writer that hangs waits for its cancel.
thread_local quell::observer working_on;

/// More volumes are not in one set.
constexpr std::uint32_t most_volumes = 64;

bool is(const char *method, const char *name) {
    return method != nullptr && std::strcmp(method, name) == 0;
}

HRESULT as_hresult(std::uint32_t code) { return static_cast<HRESULT>(code); }

/// For so long, or until it is asked to stop; whether it was.
bool pause(std::uint32_t ms, const quell::observer &stop) {
    return static_cast<bool>(
        stop.wait_for(std::chrono::milliseconds(ms), quell::events::request));
}

} // namespace

scripted_host::scripted_host(simulation &of)
    : of_(of), race_(of.script().cancel_race, of.script().seed, of.script().race_window_ms) {
    for (std::uint32_t place = 0; place < most_volumes; ++place)
        devices_.push_back(L"\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy" +
                           std::to_wstring(place + 1));
    of.comes();
}

std::uint32_t scripted_host::writer_count() const noexcept {
    return static_cast<std::uint32_t>(of_.script().writers.size());
}

quell::com::writer_identity scripted_host::writer(std::uint32_t place) const noexcept {
    const writer_script &found = of_.script().writers[place];
    return {found.class_id, found.instance_id, found.wide_name.c_str()};
}

HRESULT scripted_host::tell(std::uint32_t place, quell::notice what) noexcept {
    const std::size_t told = of_.log().telling_begins(object_.load(), place, what);
    const reaction &script =
        of_.script().writers[place].reactions[static_cast<std::size_t>(what)];
    if (what == quell::notice::post_snapshot)
        race_.committed();
    Sleep(script.delay_ms);
    std::uint32_t answer = script.veto;
    if (script.hangs) {
        hang(what);
        answer = QUELL_VSS_E_WRITERERROR_TIMEOUT;
    }
    of_.log().answered(told, answer);
    return as_hresult(answer);
}

/// Until the backup is aborted: by the requester, which cancels the operation; or by
/// itself, because a writer has been frozen for too long.
void scripted_host::hang(quell::notice what) const {
    const bool frozen = what == quell::notice::freeze || what == quell::notice::thaw;
    if (!working_on.stop_possible())
        return;
    if (frozen)
        (void)pause(of_.script().freeze_limit_ms + 2 * limits().watch, working_on);
    else
        (void)working_on.wait(quell::events::request);
}

HRESULT scripted_host::ready() noexcept {
    const provider_step &script = of_.script().ready;
    Sleep(script.delay_ms);
    of_.log().provider_did(object_.load(), "ready", script.fails_with);
    return as_hresult(script.fails_with);
}

HRESULT scripted_host::snapshot(const quell::observer &stop) noexcept {
    const provider_step &script = of_.script().commit;
    const bool ignores = of_.script().operation("DoSnapshotSet").ignores_cancel;
    std::uint32_t code = script.fails_with;
    if (ignores)
        Sleep(script.delay_ms);
    else if (script.delay_ms != 0 && pause(script.delay_ms, stop))
        code = static_cast<std::uint32_t>(E_ABORT);
    if (!is_failure(code))
        race_.at_commit_point(stop);
    of_.log().provider_did(object_.load(), "commit", code);
    return as_hresult(code);
}

const wchar_t *scripted_host::device(std::uint32_t place) const noexcept {
    return place < devices_.size() ? devices_[place].c_str() : nullptr;
}

HRESULT scripted_host::delete_snapshot(std::uint32_t) noexcept {
    of_.log().provider_did(object_.load(), "delete", 0);
    return S_OK;
}

HRESULT scripted_host::begin(const char *method, const quell::observer &stop) noexcept {
    working_on = stop;
    if (is(method, "DoSnapshotSet"))
        race_.begins(stop);
    const operation_script &script = of_.script().operation(method);
    if (script.ignores_cancel)
        Sleep(script.delay_ms);
    else if (script.delay_ms != 0 && pause(script.delay_ms, stop))
        return E_ABORT;
    return as_hresult(script.fails_with);
}

bool scripted_host::ignores_cancel(const char *method) const noexcept {
    return of_.script().operation(method).ignores_cancel;
}

quell::com::backup_limits scripted_host::limits() const noexcept {
    quell::com::backup_limits limits;
    limits.freeze = of_.script().freeze_limit_ms;
    limits.hold = of_.script().hold_limit_ms;
    return limits;
}

/// Whether this call is the one that the commit point races with.
bool scripted_host::is_race(const quell::com::backup_event &event) const noexcept {
    if (is(event.method, "AbortBackup"))
        return snapshot_operation_.load() != nullptr;
    return is(event.method, "Cancel") && event.operation != nullptr &&
           event.operation == snapshot_operation_.load();
}

void scripted_host::observed(const quell::com::backup_event &event) noexcept {
    object_.store(event.object);
    of_.log().note(event);
    switch (event.what) {
    case happening::called:
        if (is(event.method, "StartSnapshotSet"))
            of_.other_requester_acts();
        if (is_race(event))
            race_.asks();
        return;
    case happening::returned:
        if (is_race(event))
            race_.answered();
        of_.publish(is(event.method, "Wait") || is(event.method, "QueryStatus"));
        return;
    case happening::begun:
        if (is(event.method, "DoSnapshotSet"))
            snapshot_operation_.store(event.operation);
        break;
    case happening::ended:
        if (event.operation == snapshot_operation_.load())
            race_.ends();
        break;
    case happening::made:
    case happening::operation_released:
    case happening::released:
    case happening::operation_destroyed:
    case happening::destroyed:
    case happening::snapshot_gone:
        break;
    }
    of_.publish(false);
}

void scripted_host::gone() noexcept {
    simulation &of = of_;
    delete this;
    of.gone();
}

} // namespace vss_simulator
