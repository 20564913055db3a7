//! VDS: `IVdsAsync`. Sources: vdserr.h, [MS-VDS], and the reference pages of the
//! interface's methods.

use quell::dialect::hresult::{E_INVALIDARG, HResult};
use quell::dialect::vds::{self, Profile};
use quell::{Answer, Reading, Verdict};

use crate::dialect::reply::quell_reply_t;
use crate::status::{quell_status_t, status_at};
use crate::terms::VerdictNumber;

/// `VDS_E_NOT_SUPPORTED`: the operation cannot be cancelled.
pub const QUELL_VDS_E_NOT_SUPPORTED: u32 = 0x8004_2400;
/// `VDS_E_ANOTHER_CALL_IN_PROGRESS`: never an answer here, for `Cancel` and
/// `Wait` may run at once.
pub const QUELL_VDS_E_ANOTHER_CALL_IN_PROGRESS: u32 = 0x8004_2404;
/// `VDS_E_OPERATION_PENDING`: it has not ended.
pub const QUELL_VDS_E_OPERATION_PENDING: u32 = 0x8004_2409;
/// `VDS_E_CANCEL_TOO_LATE`: it has progressed too far, or has ended.
pub const QUELL_VDS_E_CANCEL_TOO_LATE: u32 = 0x8004_240C;
/// `VDS_E_OPERATION_CANCELED`: it has already been cancelled.
pub const QUELL_VDS_E_OPERATION_CANCELED: u32 = 0x8004_240D;
/// `VDS_E_INCOMPATIBLE_FILE_SYSTEM`: a gate's refusal.
pub const QUELL_VDS_E_INCOMPATIBLE_FILE_SYSTEM: u32 = 0x8004_2425;
/// `VDS_E_INCOMPATIBLE_MEDIA`: a gate's refusal.
pub const QUELL_VDS_E_INCOMPATIBLE_MEDIA: u32 = 0x8004_2426;
/// `VDS_E_ACCESS_DENIED`: the caller lacks the right.
pub const QUELL_VDS_E_ACCESS_DENIED: u32 = 0x8004_2427;
/// `VDS_E_TIMEOUT`: the server's limit to a wait ran out.
pub const QUELL_VDS_E_TIMEOUT: u32 = 0x8004_245F;
/// `VDS_S_DISK_PARTIALLY_CLEANED`: a success, of a clean that was not full, or
/// was cancelled.
pub const QUELL_VDS_S_DISK_PARTIALLY_CLEANED: u32 = 0x0004_241A;

const _: () = assert!(QUELL_VDS_E_NOT_SUPPORTED == vds::E_NOT_SUPPORTED.0);
const _: () = assert!(QUELL_VDS_E_ANOTHER_CALL_IN_PROGRESS == vds::E_ANOTHER_CALL_IN_PROGRESS.0);
const _: () = assert!(QUELL_VDS_E_OPERATION_PENDING == vds::E_OPERATION_PENDING.0);
const _: () = assert!(QUELL_VDS_E_CANCEL_TOO_LATE == vds::E_CANCEL_TOO_LATE.0);
const _: () = assert!(QUELL_VDS_E_OPERATION_CANCELED == vds::E_OPERATION_CANCELED.0);
const _: () = assert!(QUELL_VDS_E_INCOMPATIBLE_FILE_SYSTEM == vds::E_INCOMPATIBLE_FILE_SYSTEM.0);
const _: () = assert!(QUELL_VDS_E_INCOMPATIBLE_MEDIA == vds::E_INCOMPATIBLE_MEDIA.0);
const _: () = assert!(QUELL_VDS_E_ACCESS_DENIED == vds::E_ACCESS_DENIED.0);
const _: () = assert!(QUELL_VDS_E_TIMEOUT == vds::E_TIMEOUT.0);
const _: () = assert!(QUELL_VDS_S_DISK_PARTIALLY_CLEANED == vds::S_DISK_PARTIALLY_CLEANED.0);

/// Windows 7, Windows Server 2008 R2 and later; and on Windows Vista and
/// Windows Server 2008 everything but a clean by the basic provider.
pub const QUELL_VDS_PROFILE_DEFAULT: u32 = 0;
/// A clean by the basic provider of Windows Vista or Windows Server 2008: that
/// it cannot be cancelled is `VDS_E_CANCEL_TOO_LATE`.
pub const QUELL_VDS_PROFILE_VISTA_BASIC_CLEAN: u32 = 1;
/// A progress that is not known is −1, as the interface's definition says, and
/// not 0, as the documents do. Combined with another by `|`.
pub const QUELL_VDS_PROFILE_UNKNOWN_IS_MINUS_ONE: u32 = 2;

const _: () = assert!(QUELL_VDS_PROFILE_DEFAULT == Profile::DEFAULT.raw());
const _: () = assert!(QUELL_VDS_PROFILE_VISTA_BASIC_CLEAN == Profile::VISTA_BASIC_CLEAN.raw());
const _: () =
    assert!(QUELL_VDS_PROFILE_UNKNOWN_IS_MINUS_ONE == Profile::UNKNOWN_IS_MINUS_ONE.raw());

fn invalid() -> quell_reply_t {
    quell_reply_t::now(Verdict::Invalid, E_INVALIDARG)
}

/// What `IVdsAsync::Cancel` returns for what `quell_cancel` said.
///
/// Context: any, an interrupt included. Progress: wait-free. Ordering: none.
///
/// Returns the verdict and, for it:
/// - `QUELL_CANCELLED`, `QUELL_CANCELLING`: `S_OK`, cancelled now;
/// - `QUELL_ALREADY_CANCELLED`: `VDS_E_OPERATION_CANCELED`; `QUELL_FINISHED`,
///   `QUELL_FAILED`, `QUELL_TOO_LATE`: `VDS_E_CANCEL_TOO_LATE`;
/// - `QUELL_UNSUPPORTED`: `VDS_E_NOT_SUPPORTED`, or as the profile says;
/// - `QUELL_REQUESTED`, `QUELL_RAISED`, `QUELL_ALREADY_…`: `after_end`, to wait
///   and then ask `quell_vds_cancel_end_hresult` (choice; the code is
///   `VDS_E_OPERATION_PENDING` until then);
/// - `QUELL_REFUSED`: `code`, the gate's; `QUELL_DENIED`:
///   `VDS_E_ACCESS_DENIED`; `QUELL_INVALID`, and a verdict or a profile that
///   there is none of: `E_INVALIDARG`; `QUELL_FULL`: `E_OUTOFMEMORY`;
/// - what a cancel never says, and `QUELL_BAD_STATE`: `E_UNEXPECTED` (choice).
#[unsafe(no_mangle)]
pub extern "C" fn quell_vds_cancel_hresult(
    verdict: VerdictNumber,
    code: u32,
    profile: u32,
) -> quell_reply_t {
    match (Verdict::from_raw(verdict.0), Profile::from_raw(profile)) {
        (Some(verdict), Some(profile)) => {
            let reply = profile.cancel(Answer { verdict, code });
            quell_reply_t::of(verdict, reply, vds::E_OPERATION_PENDING)
        }
        _ => invalid(),
    }
}

/// What an `IVdsAsync::Cancel` that was told `verdict`, and has waited for the
/// end, returns.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: `end` is not
/// kept.
///
/// Returns the verdict and: `S_OK` where it was this call that the operation was
/// cancelled for (`QUELL_REQUESTED`); `VDS_E_OPERATION_CANCELED` or
/// `VDS_E_CANCEL_TOO_LATE`, as it ended; `E_UNEXPECTED` where it has not ended;
/// with `QUELL_INVALID` `E_INVALIDARG` where an argument is not valid.
///
/// # Safety
/// `end` is of a status, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_vds_cancel_end_hresult(
    verdict: VerdictNumber,
    end: *const quell_status_t,
    profile: u32,
) -> quell_reply_t {
    // SAFETY: the caller's promise.
    match (Verdict::from_raw(verdict.0), Profile::from_raw(profile), unsafe { status_at(end) }) {
        (Some(verdict), Some(profile), Some(end)) => {
            quell_reply_t::now(verdict, profile.cancel_end(verdict, &end))
        }
        _ => invalid(),
    }
}

/// What `IVdsAsync::Wait` returns for what `quell_wait` said, and the status that
/// was read after it. What it places at its first pointer:
/// `quell_vds_status_hresult`.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: `seen` is not
/// kept.
///
/// Returns `waited` and: `S_OK` where it has ended; `VDS_E_TIMEOUT`
/// (`QUELL_TIMED_OUT`); `VDS_E_ACCESS_DENIED` (`QUELL_DENIED`); `E_UNEXPECTED`
/// for the rest; with `QUELL_INVALID` `E_INVALIDARG`.
///
/// # Safety
/// `seen` is of a status, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_vds_wait_hresult(
    waited: VerdictNumber,
    seen: *const quell_status_t,
    profile: u32,
) -> quell_reply_t {
    // SAFETY: the caller's promise.
    match (Verdict::from_raw(waited.0), Profile::from_raw(profile), unsafe { status_at(seen) }) {
        (Some(waited), Some(profile), Some(seen)) => {
            quell_reply_t::now(waited, profile.wait(waited, &seen))
        }
        _ => invalid(),
    }
}

/// What `IVdsAsync::QueryStatus` and `Wait` place at their first pointer.
///
/// `success`: what the worker finished with, `S_OK` or a success code of VDS; a
/// failure code counts as `S_OK`, for the operation has finished.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: `seen` is not
/// kept.
///
/// Returns `QUELL_OK` and: `VDS_E_OPERATION_PENDING`; `success`;
/// `VDS_E_OPERATION_CANCELED`; the operation's own error; `E_UNEXPECTED` of a
/// vacant op (choice); with `QUELL_INVALID` `E_INVALIDARG`.
///
/// # Safety
/// `seen` is of a status, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_vds_status_hresult(
    seen: *const quell_status_t,
    success: u32,
    profile: u32,
) -> quell_reply_t {
    // SAFETY: the caller's promise.
    match (Profile::from_raw(profile), unsafe { status_at(seen) }) {
        (Some(profile), Some(seen)) => {
            quell_reply_t::now(Verdict::Ok, profile.status(&seen, HResult(success)))
        }
        _ => invalid(),
    }
}

/// What `IVdsAsync::QueryStatus` places at its second pointer.
///
/// `done` of `total` units are done; `total` is zero where that is not known.
///
/// Context: any. Progress: wait-free. Ordering: none. Units: percent. Ownership:
/// `seen` is not kept.
///
/// Returns 0 to 99 of an operation that has not ended, 0xFFFFFFFF where the
/// profile has it and no total is known; 100 of one that has finished; 0 of one
/// that failed, was cancelled (choice) or is not there, and where an argument is
/// not valid.
///
/// # Safety
/// `seen` is of a status, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_vds_percent(
    seen: *const quell_status_t,
    done: u64,
    total: u64,
    profile: u32,
) -> u32 {
    // SAFETY: the caller's promise.
    match (Profile::from_raw(profile), unsafe { status_at(seen) }) {
        (Some(profile), Some(seen)) => profile.percent(&seen, Reading { done, total }),
        _ => 0,
    }
}
