//! VSS, a whole backup: `IVssBackupComponents`. Sources: vss.h, vsserror.h,
//! vswriter.h, and the reference pages of the interface's methods.

use quell::dialect::{vss, vss_session};
use quell::{
    Cause, Code, Effects, Generation, Mode, Notice, Participant, Phase, Purpose, SessionStatus,
    Stage, Standing, Status, Verdict,
};

use crate::dialect::reply::quell_reply_t;
use crate::dialect::vss::profile_of;
use crate::pointer;
use crate::session_storage::{quell_participant_t, quell_session_status_t};
use crate::terms::{VerdictNumber, quell_verdict_t};

/// `VSS_E_SNAPSHOT_SET_IN_PROGRESS`: another requester has a set.
pub const QUELL_VSS_E_SNAPSHOT_SET_IN_PROGRESS: u32 = 0x8004_2316;
/// `VSS_E_HOLD_WRITES_TIMEOUT`: writes could not be held for so long.
pub const QUELL_VSS_E_HOLD_WRITES_TIMEOUT: u32 = 0x8004_2314;
/// `VSS_E_UNEXPECTED_WRITER_ERROR`: something went wrong among the writers.
pub const QUELL_VSS_E_UNEXPECTED_WRITER_ERROR: u32 = 0x8004_2315;
/// `VSS_E_PROVIDER_VETO`: the provider would not make the snapshot.
pub const QUELL_VSS_E_PROVIDER_VETO: u32 = 0x8004_2306;
/// `VSS_E_UNEXPECTED_PROVIDER_ERROR`.
pub const QUELL_VSS_E_UNEXPECTED_PROVIDER_ERROR: u32 = 0x8004_230F;
/// `VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT`.
pub const QUELL_VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT: u32 = 0x8004_23F0;
/// `VSS_E_WRITERERROR_OUTOFRESOURCES`.
pub const QUELL_VSS_E_WRITERERROR_OUTOFRESOURCES: u32 = 0x8004_23F1;
/// `VSS_E_WRITERERROR_TIMEOUT`: a writer was frozen for too long.
pub const QUELL_VSS_E_WRITERERROR_TIMEOUT: u32 = 0x8004_23F2;
/// `VSS_E_WRITERERROR_RETRYABLE`.
pub const QUELL_VSS_E_WRITERERROR_RETRYABLE: u32 = 0x8004_23F3;
/// `VSS_E_WRITERERROR_NONRETRYABLE`.
pub const QUELL_VSS_E_WRITERERROR_NONRETRYABLE: u32 = 0x8004_23F4;

const _: () =
    assert!(QUELL_VSS_E_SNAPSHOT_SET_IN_PROGRESS == vss_session::E_SNAPSHOT_SET_IN_PROGRESS.0);
const _: () = assert!(QUELL_VSS_E_HOLD_WRITES_TIMEOUT == vss_session::E_HOLD_WRITES_TIMEOUT.0);
const _: () =
    assert!(QUELL_VSS_E_UNEXPECTED_WRITER_ERROR == vss_session::E_UNEXPECTED_WRITER_ERROR.0);
const _: () = assert!(QUELL_VSS_E_PROVIDER_VETO == vss_session::E_PROVIDER_VETO.0);
const _: () =
    assert!(QUELL_VSS_E_UNEXPECTED_PROVIDER_ERROR == vss_session::E_UNEXPECTED_PROVIDER_ERROR.0);
const _: () = assert!(
    QUELL_VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT
        == vss_session::E_WRITERERROR_INCONSISTENTSNAPSHOT.0
);
const _: () =
    assert!(QUELL_VSS_E_WRITERERROR_OUTOFRESOURCES == vss_session::E_WRITERERROR_OUTOFRESOURCES.0);
const _: () = assert!(QUELL_VSS_E_WRITERERROR_TIMEOUT == vss_session::E_WRITERERROR_TIMEOUT.0);
const _: () = assert!(QUELL_VSS_E_WRITERERROR_RETRYABLE == vss_session::E_WRITERERROR_RETRYABLE.0);
const _: () =
    assert!(QUELL_VSS_E_WRITERERROR_NONRETRYABLE == vss_session::E_WRITERERROR_NONRETRYABLE.0);

/// What `GetWriterStatus` says of a writer.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_vss_writer_t {
    /// `QUELL_OK`; `QUELL_INVALID` where the argument was not valid: the rest is
    /// then `VSS_WS_UNKNOWN` and `E_INVALIDARG`.
    pub verdict: quell_verdict_t,
    /// `VSS_WRITER_STATE`, by the numbers of vswriter.h: 0 to 15.
    pub state: u32,
    /// `S_OK`, or how it failed: its own code, `VSS_E_WRITERERROR_TIMEOUT`, or
    /// (choice) `VSS_E_WRITERERROR_NONRETRYABLE` where its code is no failure.
    pub failure: u32,
}

/// What `AbortBackup` returns for what `quell_session_abort` said.
///
/// `profile`: `QUELL_VSS_PROFILE_…`, combined with `|`.
///
/// Context: any. Progress: wait-free. Ordering: none.
///
/// Returns the verdict and: `S_OK` where it is aborted (`QUELL_CANCELLED`,
/// `QUELL_CANCELLING`), ignored (`QUELL_IGNORED`), over before
/// (`QUELL_ALREADY_CANCELLED`, `QUELL_FINISHED`, `QUELL_FAILED`), or the snapshot
/// stands (`QUELL_OK`); `VSS_E_BAD_STATE` where it is not initialised
/// (`QUELL_BAD_STATE`), and (choice) for a restore (`QUELL_UNSUPPORTED`); with
/// `QUELL_INVALID`, and a verdict or a profile that there is none of,
/// `E_INVALIDARG`; `VSS_E_UNEXPECTED` for what an abort never says.
#[unsafe(no_mangle)]
pub extern "C" fn quell_vss_abort_hresult(verdict: VerdictNumber, profile: u32) -> quell_reply_t {
    let (profile, known) = profile_of(profile);
    let verdict = Verdict::from_raw(verdict.0).filter(|_| known).unwrap_or(Verdict::Invalid);
    quell_reply_t::now(verdict, vss_session::abort(profile, verdict))
}

/// What a method that moves a backup on returns for what its verb
/// (`quell_session_start_set` and the rest) said.
///
/// Context: any. Progress: wait-free. Ordering: none.
///
/// Returns the verdict and: `S_OK` (`QUELL_OK`, and `QUELL_FAILED`, where only a
/// writer failed: choice); `VSS_E_SNAPSHOT_SET_IN_PROGRESS` (`QUELL_BUSY`);
/// `VSS_E_BAD_STATE`; `VSS_S_ASYNC_CANCELLED` (`QUELL_CANCELLED`: choice; see
/// `quell_vss_snapshot_hresult`); with `QUELL_INVALID` `E_INVALIDARG`;
/// `E_OUTOFMEMORY` (`QUELL_FULL`); `VSS_E_UNEXPECTED` for what a verb never says.
#[unsafe(no_mangle)]
pub extern "C" fn quell_vss_verb_hresult(verdict: VerdictNumber, profile: u32) -> quell_reply_t {
    let (profile, known) = profile_of(profile);
    let verdict = Verdict::from_raw(verdict.0).filter(|_| known).unwrap_or(Verdict::Invalid);
    quell_reply_t::now(verdict, vss_session::verb(profile, verdict))
}

/// How the snapshot's operation has ended, of a session that stands like this.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: `seen` is not
/// kept.
///
/// Returns `QUELL_OK` and: `VSS_S_ASYNC_FINISHED`: the snapshot stands; the
/// provider's own code; `VSS_E_HOLD_WRITES_TIMEOUT`; `VSS_S_ASYNC_CANCELLED`: a
/// requester's abort; `VSS_E_UNEXPECTED_WRITER_ERROR` where a writer refused to
/// freeze or thaw, or took too long (choice);
/// `VSS_E_UNEXPECTED_PROVIDER_ERROR` where the provider failed and the requester
/// has not aborted yet. `VSS_S_ASYNC_PENDING` with `after_end` while it has not
/// ended. With `QUELL_INVALID` `E_INVALIDARG`.
///
/// # Safety
/// `seen` is of a session's status, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_vss_snapshot_hresult(
    seen: *const quell_session_status_t,
    profile: u32,
) -> quell_reply_t {
    let (profile, known) = profile_of(profile);
    // SAFETY: the caller's promise.
    match unsafe { session_at(seen) } {
        Some(seen) if known => match vss_session::snapshot(profile, &seen) {
            Some(code) => quell_reply_t::now(Verdict::Ok, code),
            None => quell_reply_t::pending(Verdict::Ok, vss::S_ASYNC_PENDING),
        },
        _ => quell_reply_t::now(Verdict::Invalid, quell::dialect::hresult::E_INVALIDARG),
    }
}

/// What `GetWriterStatus` says of a participant.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: `seen` is not
/// kept.
///
/// Returns the writer's state and its failure. A writer that failed at an abort
/// is `VSS_WS_UNKNOWN` (choice): there is no state of that name.
///
/// # Safety
/// `seen` is of one look at a participant, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_vss_writer(seen: *const quell_participant_t) -> quell_vss_writer_t {
    // SAFETY: the caller's promise.
    match unsafe { participant_at(seen) } {
        Some(seen) => quell_vss_writer_t {
            verdict: quell_verdict_t::QUELL_OK,
            state: vss_session::writer_state(&seen) as u32,
            failure: vss_session::writer_failure(&seen).0,
        },
        None => quell_vss_writer_t {
            verdict: quell_verdict_t::QUELL_INVALID,
            state: vss_session::WriterState::Unknown as u32,
            failure: quell::dialect::hresult::E_INVALIDARG.0,
        },
    }
}

/// The look that lies here, as far as its numbers are any.
///
/// # Safety
/// A usable address is of an initialised session's status.
unsafe fn session_at(seen: *const quell_session_status_t) -> Option<SessionStatus> {
    const _: () = assert!(size_of::<quell_session_status_t>() == size_of::<[u32; 9]>());
    // SAFETY: the caller's promise; numbers, whatever they are.
    let [stage, purpose, _, cause, set, completion, code, hold_dropped, _] =
        unsafe { pointer::get(seen.cast::<[u32; 9]>()) }?;
    let cause = match cause {
        0 => None,
        some => Some(Cause::from_raw(some)?),
    };
    let of = |phase| {
        Some(Status {
            phase: Phase::from_raw(phase)?,
            level: None,
            cause,
            effects: Effects::Unstated,
            code: Code::new(code),
            shields: 0,
            mode: Mode::DECISIVE,
            generation: Generation::new(0),
        })
    };
    Some(SessionStatus {
        stage: Stage::from_raw(stage)?,
        purpose: Purpose::from_raw(purpose)?,
        set: of(set)?,
        completion: of(completion)?,
        hold_dropped: hold_dropped != 0,
    })
}

/// The look that lies here, as far as its numbers are any.
///
/// # Safety
/// A usable address is of an initialised look at a participant.
unsafe fn participant_at(seen: *const quell_participant_t) -> Option<Participant> {
    const _: () = assert!(size_of::<quell_participant_t>() == size_of::<[u32; 7]>());
    // SAFETY: the caller's promise; numbers, whatever they are.
    let [standing, failed_at, code, timed_out, busy, abort_told, abort_owed] =
        unsafe { pointer::get(seen.cast::<[u32; 7]>()) }?;
    let notice = |raw| match raw {
        0 => Some(None),
        some => Notice::from_raw(some).map(Some),
    };
    Some(Participant {
        standing: Standing::from_raw(standing)?,
        failed_at: notice(failed_at)?,
        code: Code::new(code),
        timed_out: timed_out != 0,
        busy: notice(busy)?,
        abort_told: abort_told != 0,
        abort_owed: abort_owed != 0,
    })
}
