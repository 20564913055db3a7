#include "journal.hpp"

#include <algorithm>
#include <cstring>

namespace vss_simulator {
namespace {

/// Whether two calls are told apart by nothing but their moments.
bool alike(const entry &a, const entry &b) {
    return a.what == happening::returned && b.what == happening::returned &&
           a.object == b.object && a.operation == b.operation && a.code == b.code &&
           a.detail == b.detail && a.pending == b.pending && a.verdict == b.verdict &&
           a.thread == b.thread && std::strcmp(a.method, b.method) == 0;
}

} // namespace

std::uint32_t journal::number_of(std::unordered_map<const void *, std::uint32_t> &names,
                                 std::uint32_t &last, const void *address) {
    if (address == nullptr)
        return 0;
    const auto [place, added] = names.try_emplace(address, last + 1);
    if (added)
        ++last;
    return place->second;
}

/// Of a requester that polls, perhaps from several threads, an equal call since which
/// nobody did anything else: it is one line of the report.
entry *journal::same_look(const entry &made) {
    constexpr std::size_t farthest = 64;
    std::size_t left = std::min(content_.entries.size(), farthest);
    for (auto each = content_.entries.rbegin(); left != 0; ++each, --left) {
        if (alike(*each, made))
            return &*each;
        if (each->what != happening::returned || std::strcmp(each->method, "QueryStatus") != 0)
            break;
    }
    return nullptr;
}

void journal::add(entry made) {
    made.at_ms = now_ms();
    made.thread = GetCurrentThreadId();
    made.times = 1;
    if (made.what == happening::called) {
        called_at_[made.thread] = made.at_ms;
        return;
    }
    if (made.what == happening::returned) {
        if (const auto called = called_at_.find(made.thread); called != called_at_.end()) {
            made.took_ms = made.at_ms - called->second;
            called_at_.erase(called);
        }
        if (entry *const first = same_look(made)) {
            ++first->times;
            first->took_ms = std::max(first->took_ms, made.took_ms);
            return;
        }
    }
    content_.entries.push_back(made);
}

void journal::note(const quell::com::backup_event &event) {
    const guard locked(*this);
    const std::uint32_t object = number_of(objects_, last_object_, event.object);
    const std::uint32_t operation = number_of(operations_, last_operation_, event.operation);
    add({event.what, object, operation, event.method == nullptr ? "" : event.method,
         static_cast<std::uint32_t>(event.code), event.asked, event.verdict, event.detail,
         event.place, event.pending, 0, 0, 0, 0});
    if (event.what == happening::operation_destroyed)
        operations_.erase(event.operation);
    if (event.what == happening::destroyed)
        objects_.erase(event.object);
}

void journal::note_call(const char *method, std::uint32_t code, std::uint32_t object) {
    const guard locked(*this);
    add({happening::returned, object, 0, method, code, false, quell::verdict::ok, 0, 0, false,
         0, 0, 0, 0});
}

std::size_t journal::telling_begins(const void *object, std::uint32_t writer,
                                    quell::notice notice) {
    const guard locked(*this);
    content_.tellings.push_back(
        {number_of(objects_, last_object_, object), writer, notice, now_ms(), false, 0, 0});
    return content_.tellings.size() - 1;
}

void journal::answered(std::size_t which, std::uint32_t answer) {
    const guard locked(*this);
    telling &told = content_.tellings[which];
    told.answered = true;
    told.answer = answer;
    told.took_ms = now_ms() - told.at_ms;
}

void journal::provider_did(const void *object, const char *step, std::uint32_t code) {
    const guard locked(*this);
    content_.provider.push_back(
        {number_of(objects_, last_object_, object), step, code, now_ms()});
}

journal::content journal::read() {
    AcquireSRWLockExclusive(&lock_);
    content copy = content_;
    ReleaseSRWLockExclusive(&lock_);
    return copy;
}

bool journal::read_at_end(content &into) {
    if (writing_)
        return false;
    into = content_;
    return true;
}

const char *name_of(quell::verdict verdict) {
    return quell_verdict_name(static_cast<quell_verdict_t>(verdict));
}

} // namespace vss_simulator
