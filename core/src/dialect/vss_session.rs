//! VSS, a whole backup: `IVssBackupComponents`, its `AbortBackup`, and what its
//! writers are said to be in.
//!
//! Sources: vss.h, vsserror.h and vswriter.h for the codes and the states; the
//! reference pages of `AbortBackup`, `StartSnapshotSet` and `GetWriterStatus`
//! for who returns what.

use crate::dialect::hresult::{E_INVALIDARG, E_NOTIMPL, E_OUTOFMEMORY, HResult, S_OK};
use crate::dialect::vss::{E_BAD_STATE, Profile, S_ASYNC_CANCELLED, S_ASYNC_FINISHED};
use crate::seat::{Notice, Participant, Standing};
use crate::stage::{SessionStatus, Stage};
use crate::terms::{Cause, Phase, Verdict};

/// `VSS_E_SNAPSHOT_SET_IN_PROGRESS`: another requester has a set.
pub const E_SNAPSHOT_SET_IN_PROGRESS: HResult = HResult(0x8004_2316);
/// `VSS_E_HOLD_WRITES_TIMEOUT`: writes could not be held for so long.
pub const E_HOLD_WRITES_TIMEOUT: HResult = HResult(0x8004_2314);
/// `VSS_E_UNEXPECTED_WRITER_ERROR`: something went wrong among the writers.
pub const E_UNEXPECTED_WRITER_ERROR: HResult = HResult(0x8004_2315);
/// `VSS_E_PROVIDER_VETO`: the provider would not make the snapshot.
pub const E_PROVIDER_VETO: HResult = HResult(0x8004_2306);
/// `VSS_E_UNEXPECTED_PROVIDER_ERROR`.
pub const E_UNEXPECTED_PROVIDER_ERROR: HResult = HResult(0x8004_230F);
/// `VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT`.
pub const E_WRITERERROR_INCONSISTENTSNAPSHOT: HResult = HResult(0x8004_23F0);
/// `VSS_E_WRITERERROR_OUTOFRESOURCES`.
pub const E_WRITERERROR_OUTOFRESOURCES: HResult = HResult(0x8004_23F1);
/// `VSS_E_WRITERERROR_TIMEOUT`: a writer was frozen for too long.
pub const E_WRITERERROR_TIMEOUT: HResult = HResult(0x8004_23F2);
/// `VSS_E_WRITERERROR_RETRYABLE`.
pub const E_WRITERERROR_RETRYABLE: HResult = HResult(0x8004_23F3);
/// `VSS_E_WRITERERROR_NONRETRYABLE`.
pub const E_WRITERERROR_NONRETRYABLE: HResult = HResult(0x8004_23F4);

/// What `AbortBackup` returns for this verdict of an abort.
///
/// `S_OK`: aborted, ignored, or over before; `VSS_E_BAD_STATE`: not initialised.
/// *Choice*: so too for a restore, whose aborts are not supported; the rest says
/// what the caller did.
#[must_use]
pub const fn abort(profile: Profile, verdict: Verdict) -> HResult {
    match verdict {
        Verdict::Cancelled
        | Verdict::Cancelling
        | Verdict::AlreadyCancelled
        | Verdict::Finished
        | Verdict::Failed
        | Verdict::Ok
        | Verdict::Ignored => S_OK,
        Verdict::Unsupported | Verdict::BadState => E_BAD_STATE,
        other => misused(profile, other),
    }
}

/// What a method that moves the backup on returns for this verdict of its verb.
///
/// `S_OK`; `VSS_E_SNAPSHOT_SET_IN_PROGRESS`: another requester has a set;
/// `VSS_E_BAD_STATE`. *Choice*: `S_OK` where only a writer failed, whose status
/// says so; `VSS_S_ASYNC_CANCELLED` where an abort came first, which
/// [`snapshot`] tells more of.
#[must_use]
pub const fn verb(profile: Profile, verdict: Verdict) -> HResult {
    match verdict {
        Verdict::Ok | Verdict::Failed => S_OK,
        Verdict::Busy => E_SNAPSHOT_SET_IN_PROGRESS,
        Verdict::BadState => E_BAD_STATE,
        Verdict::Cancelled | Verdict::Cancelling => S_ASYNC_CANCELLED,
        other => misused(profile, other),
    }
}

const fn misused(profile: Profile, verdict: Verdict) -> HResult {
    match verdict {
        Verdict::Invalid => E_INVALIDARG,
        Verdict::Full => E_OUTOFMEMORY,
        Verdict::Unsupported => E_NOTIMPL,
        _ => profile.unexpected(),
    }
}

/// How the snapshot's operation of a session that stands like this has ended.
///
/// `VSS_S_ASYNC_FINISHED`: the snapshot stands; the provider's own code;
/// `VSS_E_HOLD_WRITES_TIMEOUT`; `VSS_S_ASYNC_CANCELLED`: a requester's abort.
/// *Choice*: `VSS_E_UNEXPECTED_WRITER_ERROR` where a writer refused to freeze or
/// thaw, or took too long. `None` while it has not ended, or was not begun.
#[must_use]
pub const fn snapshot(profile: Profile, seen: &SessionStatus) -> Option<HResult> {
    let set = &seen.set;
    match (set.phase, set.cause) {
        (Phase::Failed, _) => Some(HResult::of_failure(set.code, profile.unexpected())),
        (Phase::Cancelled, _) if seen.hold_dropped => Some(E_HOLD_WRITES_TIMEOUT),
        // What the session aborts itself for.
        (Phase::Cancelled, Some(Cause::Peer | Cause::Deadline)) => Some(E_UNEXPECTED_WRITER_ERROR),
        (Phase::Cancelled, _) => match set.code {
            Some(_) => Some(HResult::of_failure(set.code, profile.unexpected())),
            None => Some(S_ASYNC_CANCELLED),
        },
        (Phase::Finished, _) => Some(S_ASYNC_FINISHED),
        (Phase::Vacant | Phase::Pending | Phase::Running | Phase::Committed, _) => {
            match seen.stage {
                Stage::SnapshotFailed => Some(E_UNEXPECTED_PROVIDER_ERROR),
                _ => None,
            }
        }
    }
}

/// `VSS_WRITER_STATE`, by the numbers of vswriter.h.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum WriterState {
    /// `VSS_WS_UNKNOWN`.
    Unknown = 0,
    /// `VSS_WS_STABLE`.
    Stable = 1,
    /// `VSS_WS_WAITING_FOR_FREEZE`.
    WaitingForFreeze = 2,
    /// `VSS_WS_WAITING_FOR_THAW`.
    WaitingForThaw = 3,
    /// `VSS_WS_WAITING_FOR_POST_SNAPSHOT`.
    WaitingForPostSnapshot = 4,
    /// `VSS_WS_WAITING_FOR_BACKUP_COMPLETE`.
    WaitingForBackupComplete = 5,
    /// `VSS_WS_FAILED_AT_IDENTIFY`: never said here, for a session begins after
    /// it.
    FailedAtIdentify = 6,
    /// `VSS_WS_FAILED_AT_PREPARE_BACKUP`.
    FailedAtPrepareBackup = 7,
    /// `VSS_WS_FAILED_AT_PREPARE_SNAPSHOT`.
    FailedAtPrepareSnapshot = 8,
    /// `VSS_WS_FAILED_AT_FREEZE`.
    FailedAtFreeze = 9,
    /// `VSS_WS_FAILED_AT_THAW`.
    FailedAtThaw = 10,
    /// `VSS_WS_FAILED_AT_POST_SNAPSHOT`.
    FailedAtPostSnapshot = 11,
    /// `VSS_WS_FAILED_AT_BACKUP_COMPLETE`.
    FailedAtBackupComplete = 12,
    /// `VSS_WS_FAILED_AT_PRE_RESTORE`: never said here.
    FailedAtPreRestore = 13,
    /// `VSS_WS_FAILED_AT_POST_RESTORE`: never said here.
    FailedAtPostRestore = 14,
    /// `VSS_WS_FAILED_AT_BACKUPSHUTDOWN`.
    FailedAtBackupShutdown = 15,
}

/// What `GetWriterStatus` says of a participant.
///
/// *Choice*: a writer that failed at an abort is `VSS_WS_UNKNOWN`, for there is
/// no state of that name.
#[must_use]
pub const fn writer_state(seen: &Participant) -> WriterState {
    match seen.standing {
        Standing::Stable => WriterState::Stable,
        Standing::WaitingForFreeze => WriterState::WaitingForFreeze,
        Standing::WaitingForThaw => WriterState::WaitingForThaw,
        Standing::WaitingForPostSnapshot => WriterState::WaitingForPostSnapshot,
        Standing::WaitingForComplete => WriterState::WaitingForBackupComplete,
        Standing::Failed => match seen.failed_at {
            Some(Notice::Prepare) => WriterState::FailedAtPrepareBackup,
            Some(Notice::PrepareSnapshot) => WriterState::FailedAtPrepareSnapshot,
            Some(Notice::Freeze) => WriterState::FailedAtFreeze,
            Some(Notice::Thaw) => WriterState::FailedAtThaw,
            Some(Notice::PostSnapshot) => WriterState::FailedAtPostSnapshot,
            Some(Notice::Complete) => WriterState::FailedAtBackupComplete,
            Some(Notice::Shutdown) => WriterState::FailedAtBackupShutdown,
            Some(Notice::Abort) | None => WriterState::Unknown,
        },
    }
}

/// The failure that `GetWriterStatus` says of a participant.
///
/// `S_OK`: it has not failed; `VSS_E_WRITERERROR_TIMEOUT`; the participant's own
/// code. *Choice*: `VSS_E_WRITERERROR_NONRETRYABLE` where that is no failure
/// code.
#[must_use]
pub const fn writer_failure(seen: &Participant) -> HResult {
    match seen.standing {
        Standing::Failed if seen.timed_out => E_WRITERERROR_TIMEOUT,
        Standing::Failed => HResult::of_failure(seen.code, E_WRITERERROR_NONRETRYABLE),
        _ => S_OK,
    }
}
