//! NVM Express: the Abort command. Source: NVM Express Base Specification 2.1,
//! section 5.1.1 and the tables of status codes in section 4.2.3.
//!
//! A status is a status field without its phase tag, 15 bits: the status code in
//! bits 7 to 0, its type in 10 to 8, Command Retry Delay in 12 and 11, More in
//! 13, Do Not Retry in 14.

use quell::dialect::Reply;
use quell::dialect::nvme::{self, Completion, Profile};
use quell::{Answer, Verdict};

use crate::dialect::errno::answer_of;
use crate::dialect::reply::quell_reply_t;
use crate::status::{quell_status_t, status_at};
use crate::terms::{VerdictNumber, quell_verdict_t};

/// Successful Completion.
pub const QUELL_NVME_SUCCESS: u32 = 0x000;
/// Invalid Field in Command.
pub const QUELL_NVME_INVALID_FIELD: u32 = 0x002;
/// Commands Aborted due to Power Loss Notification.
pub const QUELL_NVME_ABORTED_POWER_LOSS: u32 = 0x005;
/// Internal Error.
pub const QUELL_NVME_INTERNAL_ERROR: u32 = 0x006;
/// Command Abort Requested.
pub const QUELL_NVME_ABORT_REQUESTED: u32 = 0x007;
/// Command Aborted due to SQ Deletion.
pub const QUELL_NVME_ABORTED_SQ_DELETION: u32 = 0x008;
/// Command Aborted due to Failed Fused Command.
pub const QUELL_NVME_ABORTED_FAILED_FUSED: u32 = 0x009;
/// Operation Denied.
pub const QUELL_NVME_OPERATION_DENIED: u32 = 0x015;
/// Abort Command Limit Exceeded: status code type 1h, status code 03h.
pub const QUELL_NVME_ABORT_LIMIT_EXCEEDED: u32 = 0x103;
/// Do Not Retry: a bit of a status.
pub const QUELL_NVME_DO_NOT_RETRY: u32 = 0x4000;
/// More: a bit of a status.
pub const QUELL_NVME_MORE: u32 = 0x2000;
/// Bit 0 of an Abort command's dword 0: Immediate Abort Not Performed; before
/// revision 2.1, the command was not aborted.
pub const QUELL_NVME_NOT_ABORTED: u32 = 1;

const _: () = assert!(QUELL_NVME_SUCCESS == nvme::SUCCESS.raw() as u32);
const _: () = assert!(QUELL_NVME_INVALID_FIELD == nvme::INVALID_FIELD.raw() as u32);
const _: () = assert!(QUELL_NVME_ABORTED_POWER_LOSS == nvme::ABORTED_POWER_LOSS.raw() as u32);
const _: () = assert!(QUELL_NVME_INTERNAL_ERROR == nvme::INTERNAL_ERROR.raw() as u32);
const _: () = assert!(QUELL_NVME_ABORT_REQUESTED == nvme::ABORT_REQUESTED.raw() as u32);
const _: () = assert!(QUELL_NVME_ABORTED_SQ_DELETION == nvme::ABORTED_SQ_DELETION.raw() as u32);
const _: () = assert!(QUELL_NVME_ABORTED_FAILED_FUSED == nvme::ABORTED_FAILED_FUSED.raw() as u32);
const _: () = assert!(QUELL_NVME_OPERATION_DENIED == nvme::OPERATION_DENIED.raw() as u32);
const _: () = assert!(QUELL_NVME_ABORT_LIMIT_EXCEEDED == nvme::ABORT_LIMIT_EXCEEDED.raw() as u32);
const _: () = assert!(QUELL_NVME_DO_NOT_RETRY == nvme::DO_NOT_RETRY as u32);
const _: () = assert!(QUELL_NVME_MORE == nvme::MORE as u32);
const _: () = assert!(QUELL_NVME_NOT_ABORTED == nvme::NOT_ABORTED);

/// After that command's end, so that dword 0 tells how it ended.
pub const QUELL_NVME_PROFILE_WAITS: u32 = 0;
/// At once, as not aborted so far: a deferred abort, of which that command's own
/// completion tells.
pub const QUELL_NVME_PROFILE_DEFERS: u32 = 1;

const _: () = assert!(QUELL_NVME_PROFILE_WAITS == Profile::WAITS.raw());
const _: () = assert!(QUELL_NVME_PROFILE_DEFERS == Profile::DEFERS.raw());

/// The completion of an Abort command, with the verdict that says more.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_nvme_abort_t {
    /// The verdict that it was made of; `QUELL_INVALID` where an argument of the
    /// mapping itself was not valid.
    pub verdict: quell_verdict_t,
    /// The Abort command's own status, not that of the command to abort.
    pub status: u32,
    /// Dword 0: `QUELL_NVME_NOT_ABORTED`, or 0.
    pub dword0: u32,
    /// 1: no completion is to be posted yet. It waits for the command's end and
    /// is what `quell_nvme_abort_end_completion` says then. Else 0.
    pub after_end: u32,
}

fn completion_of(verdict: Verdict, completion: Completion) -> quell_nvme_abort_t {
    quell_nvme_abort_t {
        verdict: verdict.into(),
        status: completion.status.raw().into(),
        dword0: completion.dword0,
        after_end: 0,
    }
}

fn invalid() -> quell_nvme_abort_t {
    let status = nvme::INVALID_FIELD;
    completion_of(Verdict::Invalid, Completion { status, dword0: nvme::NOT_ABORTED })
}

/// How an Abort command completes for what `quell_cancel` said of the command to
/// abort. `profile` says when it completes where that command goes on for now,
/// which the specification leaves to the controller.
///
/// Dword 0 is 0 only where that command has ended and so has no effect after the
/// Abort command's completion.
///
/// Context: any, an interrupt included. Progress: wait-free. Ordering: none.
///
/// Returns the verdict and, for it:
/// - `QUELL_CANCELLED`, and (choice) `QUELL_ALREADY_CANCELLED`: Successful
///   Completion, aborted;
/// - `QUELL_CANCELLING`, `QUELL_REQUESTED`, `QUELL_RAISED`, the other
///   `QUELL_ALREADY_…`: `after_end` by `QUELL_NVME_PROFILE_WAITS` (not aborted,
///   until then), else Successful Completion, not aborted;
/// - `QUELL_FINISHED`, `QUELL_FAILED`, `QUELL_TOO_LATE`, `QUELL_NOT_FOUND`,
///   `QUELL_STALE`; and (choice) `QUELL_UNSUPPORTED`, `QUELL_REFUSED`,
///   `QUELL_BAD_STATE`, `QUELL_BUSY`, `QUELL_TIMED_OUT`, `QUELL_WOULD_BLOCK`:
///   Successful Completion, not aborted;
/// - not aborted, with a status: `QUELL_FULL`: Abort Command Limit Exceeded;
///   `QUELL_DENIED`: Operation Denied (choice); `QUELL_INVALID`, and a verdict or
///   a profile that there is none of: Invalid Field in Command; what a cancel
///   never says: Internal Error (choice).
#[unsafe(no_mangle)]
pub extern "C" fn quell_nvme_abort_completion(
    verdict: VerdictNumber,
    code: u32,
    profile: u32,
) -> quell_nvme_abort_t {
    let Answer { verdict, code } = answer_of(verdict, code);
    let Some(profile) = Profile::from_raw(profile) else { return invalid() };
    match profile.abort(Answer { verdict, code }) {
        Reply::Now(completion) => completion_of(verdict, completion),
        Reply::AfterEnd => quell_nvme_abort_t {
            verdict: verdict.into(),
            status: QUELL_NVME_SUCCESS,
            dword0: QUELL_NVME_NOT_ABORTED,
            after_end: 1,
        },
    }
}

/// How an Abort command completes that has waited for the end of the command to
/// abort.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: `end` is not
/// kept.
///
/// Returns `QUELL_OK` and Successful Completion: aborted where it ended as
/// cancelled, else not aborted; with `QUELL_INVALID` Invalid Field in Command.
///
/// # Safety
/// `end` is of a status, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_nvme_abort_end_completion(
    end: *const quell_status_t,
) -> quell_nvme_abort_t {
    // SAFETY: the caller's promise.
    match unsafe { status_at(end) } {
        Some(end) => completion_of(Verdict::Ok, nvme::abort_end(&end)),
        None => invalid(),
    }
}

/// The status of a command that stands like this.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: `seen` is not
/// kept.
///
/// Returns `QUELL_OK` and:
/// - finished: Successful Completion; failed: its own status, where its code is
///   one and no success, else Internal Error (choice);
/// - cancelled: at `QUELL_LEVEL_EMERGENCY` Commands Aborted due to Power Loss
///   Notification; else by the cause: *parent* and *shutdown* Command Aborted due
///   to SQ Deletion (choice), *peer* Command Aborted due to Failed Fused Command
///   (choice), *fault* and *self* Internal Error (choice), every other Command
///   Abort Requested;
/// - not ended: `after_end`, and Internal Error until then; vacant, and with
///   `QUELL_INVALID`: Internal Error (choice).
///
/// # Safety
/// `seen` is of a status, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_nvme_command_status(seen: *const quell_status_t) -> quell_reply_t {
    // SAFETY: the caller's promise.
    let (verdict, reply) = match unsafe { status_at(seen) } {
        Some(seen) => (Verdict::Ok, nvme::command(&seen)),
        None => (Verdict::Invalid, Reply::Now(nvme::INTERNAL_ERROR)),
    };
    let (code, after_end) = match reply {
        Reply::Now(status) => (status, 0),
        Reply::AfterEnd => (nvme::INTERNAL_ERROR, 1),
    };
    quell_reply_t { verdict: verdict.into(), code: code.raw().into(), after_end }
}
