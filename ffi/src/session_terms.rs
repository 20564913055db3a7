//! The vocabulary of sessions with its C names. The numbers are the core's,
//! asserted.

use quell::{Notice, Purpose, Stage, Standing};

/// What a session is for.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_purpose_t {
    /// A backup.
    QUELL_PURPOSE_BACKUP = 0,
    /// A backup that tells no participant anything.
    QUELL_PURPOSE_BACKUP_ALONE = 1,
    /// A restore: no snapshot, and no abort.
    QUELL_PURPOSE_RESTORE = 2,
}

/// How far a session has come. An abort leaves the stage as it is: it says
/// where the abort came.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_stage_t {
    /// Not initialised.
    QUELL_STAGE_VACANT = 0,
    /// Initialised; no set.
    QUELL_STAGE_INITIALISED = 1,
    /// A set has been started: other sessions are locked out.
    QUELL_STAGE_SET_STARTED = 2,
    /// Participants are being told to prepare.
    QUELL_STAGE_PREPARING = 3,
    /// Prepared; some participants may have failed.
    QUELL_STAGE_PREPARED = 4,
    /// Participants are being told of the snapshot to come.
    QUELL_STAGE_PREPARING_SNAPSHOT = 5,
    /// They have been told.
    QUELL_STAGE_SNAPSHOT_PREPARED = 6,
    /// Participants are being frozen.
    QUELL_STAGE_FREEZING = 7,
    /// All that have not failed are frozen.
    QUELL_STAGE_FROZEN = 8,
    /// Writes are held by the system as well, for a short time.
    QUELL_STAGE_HOLDING = 9,
    /// Participants are being thawed.
    QUELL_STAGE_THAWING = 10,
    /// All are thawed.
    QUELL_STAGE_THAWED = 11,
    /// The snapshot stands; participants are being told so.
    QUELL_STAGE_POST_SNAPSHOT = 12,
    /// They have been told. Other sessions are let in.
    QUELL_STAGE_CREATED = 13,
    /// Participants are being told of the success.
    QUELL_STAGE_COMPLETING = 14,
    /// They have been told.
    QUELL_STAGE_COMPLETED = 15,
    /// The provider failed before there was anything to abort.
    QUELL_STAGE_SNAPSHOT_FAILED = 16,
}

/// What a participant is told.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_notice_t {
    /// Nothing.
    QUELL_NOTICE_NONE = 0,
    /// A backup begins: `OnPrepareBackup`.
    QUELL_NOTICE_PREPARE = 1,
    /// A snapshot is about to be made: `OnPrepareSnapshot`.
    QUELL_NOTICE_PREPARE_SNAPSHOT = 2,
    /// Write nothing from here on: `OnFreeze`.
    QUELL_NOTICE_FREEZE = 3,
    /// Write again: `OnThaw`.
    QUELL_NOTICE_THAW = 4,
    /// The snapshot stands: `OnPostSnapshot`.
    QUELL_NOTICE_POST_SNAPSHOT = 5,
    /// The backup has succeeded: `OnBackupComplete`.
    QUELL_NOTICE_COMPLETE = 6,
    /// It ends here; undo, and write again: `OnAbort`.
    QUELL_NOTICE_ABORT = 7,
    /// The requester lets go: `OnBackupShutdown`.
    QUELL_NOTICE_SHUTDOWN = 8,
}

/// Where a participant stands between two notices.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_standing_t {
    /// Nothing is under way, or it has not got as far as a snapshot.
    QUELL_STANDING_STABLE = 0,
    /// Ready for a freeze.
    QUELL_STANDING_WAITING_FOR_FREEZE = 1,
    /// Frozen.
    QUELL_STANDING_WAITING_FOR_THAW = 2,
    /// Thawed; the snapshot is not announced yet.
    QUELL_STANDING_WAITING_FOR_POST_SNAPSHOT = 3,
    /// The snapshot stands.
    QUELL_STANDING_WAITING_FOR_COMPLETE = 4,
    /// It refused a notice, or its time ran out.
    QUELL_STANDING_FAILED = 5,
}

/// The C value of each of the core's, by a match that misses none; and that
/// the numbers are the same.
macro_rules! same_numbers {
    ($core:ident => $c:ident { $($value:ident $name:ident,)+ }) => {
        impl From<$core> for $c {
            fn from(value: $core) -> Self {
                match value { $($core::$value => Self::$name,)+ }
            }
        }
        const _: () = { $(assert!($core::$value.raw() == $c::$name as u32);)+ };
    };
}

same_numbers!(Purpose => quell_purpose_t {
    Backup QUELL_PURPOSE_BACKUP, BackupAlone QUELL_PURPOSE_BACKUP_ALONE,
    Restore QUELL_PURPOSE_RESTORE,
});
same_numbers!(Stage => quell_stage_t {
    Vacant QUELL_STAGE_VACANT, Initialised QUELL_STAGE_INITIALISED,
    SetStarted QUELL_STAGE_SET_STARTED, Preparing QUELL_STAGE_PREPARING,
    Prepared QUELL_STAGE_PREPARED, PreparingSnapshot QUELL_STAGE_PREPARING_SNAPSHOT,
    SnapshotPrepared QUELL_STAGE_SNAPSHOT_PREPARED, Freezing QUELL_STAGE_FREEZING,
    Frozen QUELL_STAGE_FROZEN, Holding QUELL_STAGE_HOLDING, Thawing QUELL_STAGE_THAWING,
    Thawed QUELL_STAGE_THAWED, PostSnapshot QUELL_STAGE_POST_SNAPSHOT,
    Created QUELL_STAGE_CREATED, Completing QUELL_STAGE_COMPLETING,
    Completed QUELL_STAGE_COMPLETED, SnapshotFailed QUELL_STAGE_SNAPSHOT_FAILED,
});
same_numbers!(Notice => quell_notice_t {
    Prepare QUELL_NOTICE_PREPARE, PrepareSnapshot QUELL_NOTICE_PREPARE_SNAPSHOT,
    Freeze QUELL_NOTICE_FREEZE, Thaw QUELL_NOTICE_THAW,
    PostSnapshot QUELL_NOTICE_POST_SNAPSHOT, Complete QUELL_NOTICE_COMPLETE,
    Abort QUELL_NOTICE_ABORT, Shutdown QUELL_NOTICE_SHUTDOWN,
});
same_numbers!(Standing => quell_standing_t {
    Stable QUELL_STANDING_STABLE, WaitingForFreeze QUELL_STANDING_WAITING_FOR_FREEZE,
    WaitingForThaw QUELL_STANDING_WAITING_FOR_THAW,
    WaitingForPostSnapshot QUELL_STANDING_WAITING_FOR_POST_SNAPSHOT,
    WaitingForComplete QUELL_STANDING_WAITING_FOR_COMPLETE, Failed QUELL_STANDING_FAILED,
});
