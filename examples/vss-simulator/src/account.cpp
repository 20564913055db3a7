#include "account.hpp"

#include "codes.hpp"

#include <algorithm>
#include <cstring>

namespace vss_simulator {
namespace {

bool is(const char *method, const char *name) { return std::strcmp(method, name) == 0; }

template <std::size_t N> bool is_one_of(const char *method, const char *const (&names)[N]) {
    return std::any_of(names, names + N, [&](const char *name) { return is(method, name); });
}

/// Whether this method builds on what that operation has done.
bool builds_on(const char *method, const char *operation) {
    static constexpr const char *reading[] = {"BackupComplete",    "GetSnapshotProperties",
                                              "ExposeSnapshot",    "BreakSnapshotSet",
                                              "RevertToSnapshot",  "Query",
                                              "SetBackupSucceeded"};
    if (is(operation, "DoSnapshotSet"))
        return is_one_of(method, reading);
    if (is(operation, "PrepareForBackup"))
        return is(method, "DoSnapshotSet");
    if (is(operation, "GatherWriterMetadata"))
        return is(method, "GetWriterMetadata") || is(method, "GetWriterMetadataCount");
    if (is(operation, "GatherWriterStatus"))
        return is(method, "GetWriterStatus") || is(method, "GetWriterStatusCount");
    return false;
}

/// Goes through the entries in their order.
class auditor {
  public:
    explicit auditor(account &into) : into_(into) {}

    void take(const entry &each) {
        switch (each.what) {
        case happening::made:
            (void)object(each.object);
            break;
        case happening::returned:
            if (each.operation != 0)
                of_operation(each, operation(each));
            else if (each.object != 0)
                of_object(each, object(each.object));
            break;
        case happening::begun:
            operation(each).begun_ms = each.at_ms;
            break;
        case happening::ended:
            end(each, operation(each));
            break;
        case happening::operation_released:
            let_go(each, operation(each));
            break;
        case happening::released:
            object(each.object).released = true;
            object(each.object).released_pending = each.pending;
            break;
        case happening::operation_destroyed:
            operation(each).destroyed = true;
            break;
        case happening::destroyed:
            object(each.object).destroyed = true;
            break;
        case happening::snapshot_gone:
            object(each.object).snapshot_gone = true;
            break;
        case happening::called:
            break;
        }
    }

    void close(const circumstances &around) {
        const bool over = around.process != process_state::running;
        for (object_account &each : into_.objects) {
            settle(each, over);
            if (around.process == process_state::exited && !each.released)
                find(rules::leaked_reference, each.number, 0, "the backup object");
        }
        for (operation_account &each : into_.operations) {
            // It has been judged when it was let go of.
            if (!over || each.released)
                continue;
            if (!each.ended)
                find(rules::ended_while_pending, each.object, each.number, each.method);
            else
                unseen_end(each);
            find(rules::leaked_reference, each.object, each.number,
                 std::string("the operation of ") + each.method);
        }
        if (over && around.lock_held)
            find(rules::lock_left_held, 0, 0, "the set is still locked");
    }

  private:
    object_account &object(std::uint32_t number) {
        for (object_account &each : into_.objects)
            if (each.number == number)
                return each;
        into_.objects.push_back({number});
        return into_.objects.back();
    }
    operation_account &operation(const entry &of) {
        for (operation_account &each : into_.operations)
            if (each.number == of.operation)
                return each;
        into_.operations.push_back({of.operation, of.object, of.method});
        return into_.operations.back();
    }
    void find(const rule &broken, std::uint32_t of_object, std::uint32_t of_operation,
              std::string text) {
        into_.findings.push_back({&broken, of_object, of_operation, std::move(text)});
    }

    void of_object(const entry &call, object_account &backup) {
        for (operation_account &each : into_.operations)
            if (each.object == backup.number && builds_on(call.method, each.method))
                went_on(call, each);
        if (call.code == QUELL_VSS_E_BAD_STATE) {
            find(is(call.method, "AbortBackup") ? rules::abort_not_initialised
                                                : rules::out_of_order,
                 backup.number, 0, call.method);
            return;
        }
        if (is_failure(call.code))
            return;
        if (is(call.method, "StartSnapshotSet"))
            backup.set_started = true;
        else if (is(call.method, "AbortBackup"))
            abort(backup);
        else if (is(call.method, "DeleteSnapshots"))
            backup.snapshot_deleted = true;
        else if (is(call.method, "GetSnapshotProperties") ||
                 is(call.method, "BreakSnapshotSet") || is(call.method, "ExposeSnapshot"))
            backup.snapshot_used = true;
        else if (is(call.method, "BackupComplete"))
            backup.completed = true;
        else if (is(call.method, "GetWriterStatus"))
            backup.writers_asked = true;
    }

    void abort(object_account &backup) {
        const bool complete = std::any_of(
            into_.operations.begin(), into_.operations.end(), [&](const auto &each) {
                return each.object == backup.number && is(each.method, "BackupComplete") &&
                       each.ended;
            });
        if (complete)
            find(rules::abort_after_complete, backup.number, 0, "AbortBackup");
        else if (backup.aborts != 0)
            find(rules::abort_twice, backup.number, 0, "AbortBackup");
        ++backup.aborts;
    }

    /// The requester has called what builds on this operation.
    void went_on(const entry &call, operation_account &on) {
        if (on.went_on)
            return;
        on.went_on = true;
        const std::string text =
            std::string(call.method) + " was called, and " + on.method + " ";
        if (!on.ended)
            find(rules::pending_taken_for_success, on.object, on.number,
                 text + "had not ended" + (on.timed_out ? ": the Wait had timed out" : ""));
        else if (on.end == QUELL_VSS_S_ASYNC_CANCELLED)
            find(rules::cancelled_taken_for_success, on.object, on.number,
                 text + "had been cancelled");
        else if (is_failure(on.end))
            find(rules::failed_taken_for_success, on.object, on.number,
                 text + "had failed with " + code_text(on.end));
        else
            on.went_on = false;
    }

    void of_operation(const entry &call, operation_account &on) {
        if (is(call.method, "Wait")) {
            on.timed_out = call.pending && !is_failure(call.code);
            on.unseen = !is_failure(call.code);
            on.too_late = on.too_late && call.pending;
        } else if (is(call.method, "QueryStatus")) {
            on.timed_out = false;
            on.unseen = false;
            on.too_late = on.too_late && call.pending;
        } else if (is(call.method, "Cancel")) {
            on.cancels.insert(on.cancels.end(), call.times, call.code);
            on.timed_out = false;
            // Anything but S_OK tells the end by itself, or that there is none yet.
            on.unseen = on.unseen && call.code == QUELL_S_OK;
            on.too_late = is_failure(call.code) && call.pending;
        }
    }

    void end(const entry &ended, operation_account &on) {
        on.ended = true;
        on.end = ended.code;
        on.ended_ms = ended.at_ms;
        if (is(on.method, "DoSnapshotSet") && on.finished())
            object(on.object).created = true;
    }

    void let_go(const entry &released, operation_account &on) {
        on.released = true;
        on.released_pending = released.pending;
        if (on.timed_out)
            find(rules::wait_timeout_ignored, on.object, on.number,
                 std::string(on.method) + " was released after a Wait that had timed out");
        if (on.too_late)
            find(rules::too_late_cancel_ignored, on.object, on.number,
                 std::string(on.method) + ": Cancel returned " + code_text(on.cancels.back()));
        if (!on.released_pending)
            return unseen_end(on);
        std::string text = std::string(on.method) + " was under way";
        if (on.cancels.empty())
            text += ", and nobody had called Cancel";
        else
            text += "; Cancel had returned " + code_text(on.cancels.back());
        find(rules::released_while_pending, on.object, on.number, text);
    }

    void unseen_end(const operation_account &on) {
        if (on.unseen && !on.timed_out)
            find(rules::status_not_looked_at, on.object, on.number,
                 std::string(on.method) + " had ended with " + code_text(on.end));
    }

    /// What is left to say when the requester is done with a backup.
    void settle(object_account &backup, bool over) {
        if (!over && !backup.released)
            return;
        const operation_account *snapshot = nullptr;
        for (const operation_account &each : into_.operations)
            if (each.object == backup.number && is(each.method, "DoSnapshotSet"))
                snapshot = &each;
        abort_owed(backup, snapshot);
        if (snapshot == nullptr || !backup.created)
            return;
        const bool given_up =
            !snapshot->cancels.empty() || snapshot->released_pending || backup.aborts != 0;
        const bool handled =
            backup.snapshot_deleted || backup.snapshot_used || backup.completed;
        if (std::find(snapshot->cancels.begin(), snapshot->cancels.end(),
                      QUELL_VSS_S_ASYNC_FINISHED) != snapshot->cancels.end() &&
            !handled)
            find(rules::finished_after_cancel_ignored, backup.number, snapshot->number,
                 "DoSnapshotSet had finished; neither BackupComplete nor DeleteSnapshots "
                 "followed");
        backup.orphaned = given_up && !handled;
        if (backup.orphaned)
            find(rules::orphaned_snapshot, backup.number, snapshot->number,
                 backup.snapshot_gone ? "VSS deleted it when the object was released"
                                      : "it is still there");
        else if (!backup.completed && !backup.snapshot_deleted && backup.aborts == 0)
            find(rules::complete_missing, backup.number, 0, "the snapshot was made");
        if (!backup.writers_asked && !given_up)
            find(rules::writers_not_asked, backup.number, 0, "the snapshot was made");
    }

    void abort_owed(const object_account &backup, const operation_account *snapshot) {
        if (!backup.set_started || backup.aborts != 0)
            return;
        if (snapshot != nullptr && snapshot->finished() && !snapshot->released_pending)
            return;
        if (snapshot == nullptr) {
            for (const operation_account &each : into_.operations)
                if (each.object == backup.number && is(each.method, "PrepareForBackup") &&
                    each.ended && is_failure(each.end))
                    return; // the one end after which release alone will do
            find(rules::abort_missing, backup.number, 0,
                 "StartSnapshotSet, and DoSnapshotSet never came");
            return;
        }
        find(rules::abort_missing, backup.number, snapshot->number,
             snapshot->released_pending || !snapshot->ended
                 ? "DoSnapshotSet was under way"
                 : "DoSnapshotSet ended with " + code_text(snapshot->end));
    }

    account &into_;
};

/// Who was told what, and for how long each writer was frozen.
void account_of_writers(const journal::content &from, const scenario &script, account &into) {
    into.writers.resize(script.writers.size());
    std::vector<std::pair<std::uint32_t, std::uint32_t>> frozen; // object, when; by writer
    frozen.assign(script.writers.size(), {0, 0});
    for (const telling &each : from.tellings) {
        if (each.writer >= into.writers.size())
            continue;
        writer_account &writer = into.writers[each.writer];
        ++writer.told;
        writer.silent = writer.silent || !each.answered;
        writer.refused += each.answered && each.answer != 0 ? 1 : 0;
        if (each.notice == quell::notice::abort)
            ++writer.aborts;
        auto &[object, since] = frozen[each.writer];
        if (each.notice == quell::notice::freeze) {
            object = each.object;
            since = each.at_ms;
        } else if (object == each.object && object != 0 &&
                   (each.notice == quell::notice::thaw ||
                    each.notice == quell::notice::abort)) {
            writer.frozen_ms = std::max(writer.frozen_ms, each.at_ms - since);
            object = 0;
        }
    }
    for (writer_account &each : into.writers)
        each.frozen_too_long = each.frozen_ms > script.freeze_limit_ms;
}

} // namespace

account take_account(const journal::content &from, const scenario &script,
                     const circumstances &around) {
    account made;
    auditor audit(made);
    for (const entry &each : from.entries)
        audit.take(each);
    audit.close(around);
    account_of_writers(from, script, made);
    return made;
}

} // namespace vss_simulator
