// The rules that a requester is held to, each with the document that states it.
#ifndef VSS_SIMULATOR_RULES_HPP
#define VSS_SIMULATOR_RULES_HPP

namespace vss_simulator {

enum class severity { warning, error };

struct rule {
    const char *id;
    vss_simulator::severity severity;
    const char *text;
    const char *document;
};

namespace rules {

inline constexpr rule wait_timeout_ignored{
    "wait-timeout-ignored", severity::error,
    "Wait returns S_OK when its time has run out as well: QueryStatus, Wait or Cancel has to "
    "follow before anything else is done with the operation",
    "IVssAsync::Wait"};
inline constexpr rule status_not_looked_at{
    "status-not-looked-at", severity::warning,
    "S_OK of Wait says that the wait is over, also where the operation was cancelled: "
    "QueryStatus says how it ended",
    "IVssAsync::Wait"};
inline constexpr rule finished_after_cancel_ignored{
    "finished-after-cancel-ignored", severity::error,
    "Cancel returns VSS_S_ASYNC_FINISHED where the operation had completed before: the "
    "shadow copies exist, and have to be used or deleted",
    "IVssAsync::Cancel"};
inline constexpr rule too_late_cancel_ignored{
    "too-late-cancel-ignored", severity::error,
    "A Cancel that fails has cancelled nothing: the operation's end has to be awaited",
    "IVssAsync::Cancel"};
inline constexpr rule pending_taken_for_success{
    "pending-taken-for-success", severity::error,
    "VSS_S_ASYNC_PENDING is a success code, and says that the operation is not over: what "
    "builds on it has to wait",
    "IVssAsync::QueryStatus"};
inline constexpr rule cancelled_taken_for_success{
    "cancelled-taken-for-success", severity::error,
    "VSS_S_ASYNC_CANCELLED is a success code, and says that the operation did not do its "
    "work: a test with FAILED() or SUCCEEDED() does not see it",
    "IVssAsync::QueryStatus"};
inline constexpr rule failed_taken_for_success{
    "failed-taken-for-success", severity::error,
    "Where DoSnapshotSet or the operation before it has failed, the backup is aborted, and "
    "BackupComplete is not called",
    "IVssBackupComponents::DoSnapshotSet"};
inline constexpr rule released_while_pending{
    "released-while-pending", severity::error,
    "Releasing an operation cancels nothing: it goes on, and nobody will hear how it ends",
    "IVssAsync; IUnknown::Release"};
inline constexpr rule abort_missing{
    "abort-missing", severity::error,
    "A backup that ends between StartSnapshotSet and the end of DoSnapshotSet owes VSS an "
    "AbortBackup",
    "IVssBackupComponents::AbortBackup"};
inline constexpr rule abort_after_complete{
    "abort-after-complete", severity::warning,
    "After BackupComplete no backup is under way: AbortBackup is ignored, and takes nothing "
    "back",
    "IVssBackupComponents::AbortBackup"};
inline constexpr rule abort_twice{"abort-twice", severity::warning,
                                  "A backup is aborted once; the second AbortBackup is ignored",
                                  "IVssBackupComponents::AbortBackup"};
inline constexpr rule abort_not_initialised{
    "abort-not-initialised", severity::warning,
    "AbortBackup of an object that is not initialised is told VSS_E_BAD_STATE",
    "IVssBackupComponents::AbortBackup"};
inline constexpr rule out_of_order{
    "out-of-order", severity::error,
    "The methods of a backup have an order; VSS_E_BAD_STATE says that it was not kept",
    "Overview of Backup Initialization; Overview of Pre-Backup Tasks"};
inline constexpr rule complete_missing{
    "complete-missing", severity::warning,
    "Writers wait for BackupComplete: it has to be called when the snapshot has been backed "
    "up",
    "IVssBackupComponents::BackupComplete"};
inline constexpr rule writers_not_asked{
    "writers-not-asked", severity::warning,
    "A writer's failure shows in GatherWriterStatus and GetWriterStatus only: they have to "
    "be called after DoSnapshotSet",
    "IVssBackupComponents::GatherWriterStatus"};
inline constexpr rule orphaned_snapshot{
    "orphaned-snapshot", severity::error,
    "A snapshot was made although the requester had given it up: it has to be deleted, or "
    "used",
    "IVssAsync::Cancel; IVssBackupComponents::DeleteSnapshots"};
inline constexpr rule leaked_reference{
    "leaked-reference", severity::error,
    "Each reference has to be released before the process ends", "IUnknown::Release"};
inline constexpr rule lock_left_held{
    "lock-left-held", severity::error,
    "Until the set is created or aborted, no other requester of the machine can make a "
    "snapshot: VSS_E_SNAPSHOT_SET_IN_PROGRESS",
    "IVssBackupComponents::StartSnapshotSet"};
inline constexpr rule ended_while_pending{"ended-while-pending", severity::error,
                                          "The process ended while an operation was under way",
                                          "IVssBackupComponents::AbortBackup"};

} // namespace rules
} // namespace vss_simulator

#endif
