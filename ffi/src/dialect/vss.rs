//! VSS, one operation: `IVssAsync`. Sources: vss.h, vsserror.h, and the
//! reference pages of the interface's methods.

use quell::dialect::vss::{self, Profile};
use quell::{Answer, Verdict};

use crate::dialect::reply::quell_reply_t;
use crate::pointer;
use crate::status::{quell_status_t, status_at};
use crate::terms::VerdictNumber;
use crate::wait::QUELL_FOREVER;

/// `VSS_S_ASYNC_PENDING`: the operation has not ended. A success code.
pub const QUELL_VSS_S_ASYNC_PENDING: u32 = 0x0004_2309;
/// `VSS_S_ASYNC_FINISHED`: it had completed. A success code.
pub const QUELL_VSS_S_ASYNC_FINISHED: u32 = 0x0004_230A;
/// `VSS_S_ASYNC_CANCELLED`: it had been cancelled. A success code: to test only
/// for failure takes a cancelled snapshot for a good one.
pub const QUELL_VSS_S_ASYNC_CANCELLED: u32 = 0x0004_230B;
/// `VSS_E_BAD_STATE`: the call does not fit the state.
pub const QUELL_VSS_E_BAD_STATE: u32 = 0x8004_2301;
/// `VSS_E_UNEXPECTED`, from Windows 7 and Windows Server 2008 R2 on.
pub const QUELL_VSS_E_UNEXPECTED: u32 = 0x8004_2302;

const _: () = assert!(QUELL_VSS_S_ASYNC_PENDING == vss::S_ASYNC_PENDING.0);
const _: () = assert!(QUELL_VSS_S_ASYNC_FINISHED == vss::S_ASYNC_FINISHED.0);
const _: () = assert!(QUELL_VSS_S_ASYNC_CANCELLED == vss::S_ASYNC_CANCELLED.0);
const _: () = assert!(QUELL_VSS_E_BAD_STATE == vss::E_BAD_STATE.0);
const _: () = assert!(QUELL_VSS_E_UNEXPECTED == vss::VSS_E_UNEXPECTED.0);

/// Windows 7, Windows Server 2008 R2 and later.
pub const QUELL_VSS_PROFILE_WINDOWS_7: u32 = 0;
/// Before these: `E_UNEXPECTED` in place of `VSS_E_UNEXPECTED`.
pub const QUELL_VSS_PROFILE_WINDOWS_VISTA: u32 = 1;
/// As Windows Vista; and `Wait` takes no limit.
pub const QUELL_VSS_PROFILE_WINDOWS_SERVER_2003: u32 = 3;
/// The operation of `QueryRevertStatus`, which cannot be cancelled. Combined
/// with one of the others by `|`.
pub const QUELL_VSS_PROFILE_REVERT: u32 = 4;

const _: () = assert!(QUELL_VSS_PROFILE_WINDOWS_7 == Profile::WINDOWS_7.raw());
const _: () = assert!(QUELL_VSS_PROFILE_WINDOWS_VISTA == Profile::WINDOWS_VISTA.raw());
const _: () = assert!(QUELL_VSS_PROFILE_WINDOWS_SERVER_2003 == Profile::WINDOWS_SERVER_2003.raw());
const _: () = assert!(QUELL_VSS_PROFILE_REVERT == Profile::REVERT.raw());

/// The profile of these bits; the present one where a bit is unknown, for whoever
/// is told that the call was not valid.
pub(crate) fn profile_of(raw: u32) -> (Profile, bool) {
    Profile::from_raw(raw).map_or((Profile::WINDOWS_7, false), |profile| (profile, true))
}

fn invalid(profile: Profile) -> quell_reply_t {
    let answer = Answer { verdict: Verdict::Invalid, code: 0 };
    quell_reply_t::of(Verdict::Invalid, profile.cancel(answer), vss::S_ASYNC_PENDING)
}

/// What `IVssAsync::Cancel` returns for what `quell_cancel` said.
///
/// Context: any, an interrupt included. Progress: wait-free. Ordering: none.
///
/// Returns the verdict and, for it:
/// - `QUELL_CANCELLED`, `QUELL_CANCELLING`: `S_OK`, cancelled now;
/// - `QUELL_ALREADY_CANCELLED`: `VSS_S_ASYNC_CANCELLED`; `QUELL_FINISHED`:
///   `VSS_S_ASYNC_FINISHED`; `QUELL_FAILED`: `code`, the operation's own;
/// - `QUELL_REQUESTED`, `QUELL_RAISED`, `QUELL_ALREADY_…`: `after_end`, to wait
///   and then ask `quell_vss_cancel_end_hresult` (choice; the code is
///   `VSS_S_ASYNC_PENDING` until then);
/// - `QUELL_TOO_LATE`, `QUELL_UNSUPPORTED`: `VSS_E_BAD_STATE`, for a revert
///   `E_NOTIMPL` (choice); `QUELL_BAD_STATE`: `VSS_E_BAD_STATE` (choice);
/// - `QUELL_REFUSED`: `code`, the gate's (choice); `QUELL_DENIED`:
///   `E_ACCESSDENIED` (choice); `QUELL_INVALID`, and a verdict or a profile that
///   there is none of: `E_INVALIDARG`; `QUELL_FULL`: `E_OUTOFMEMORY`;
/// - what a cancel never says: `VSS_E_UNEXPECTED`, before Windows 7
///   `E_UNEXPECTED`.
///
/// A `code` that is no failure as a result code: see `quell_hresult_of_failure`.
#[unsafe(no_mangle)]
pub extern "C" fn quell_vss_cancel_hresult(
    verdict: VerdictNumber,
    code: u32,
    profile: u32,
) -> quell_reply_t {
    let (profile, known) = profile_of(profile);
    match Verdict::from_raw(verdict.0) {
        Some(verdict) if known => {
            let reply = profile.cancel(Answer { verdict, code });
            quell_reply_t::of(verdict, reply, vss::S_ASYNC_PENDING)
        }
        _ => invalid(profile),
    }
}

/// What an `IVssAsync::Cancel` that was told `verdict`, and has waited for the
/// end, returns.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: `end` is not
/// kept.
///
/// Returns the verdict and: `S_OK` where it was this call that the operation was
/// cancelled for (`QUELL_REQUESTED`); `VSS_S_ASYNC_CANCELLED`,
/// `VSS_S_ASYNC_FINISHED` or the operation's own error, as it ended;
/// `VSS_E_UNEXPECTED` where it has not ended; with `QUELL_INVALID`
/// `E_INVALIDARG` where an argument is not valid.
///
/// # Safety
/// `end` is of a status, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_vss_cancel_end_hresult(
    verdict: VerdictNumber,
    end: *const quell_status_t,
    profile: u32,
) -> quell_reply_t {
    let (profile, known) = profile_of(profile);
    // SAFETY: the caller's promise.
    match (Verdict::from_raw(verdict.0), unsafe { status_at(end) }) {
        (Some(verdict), Some(end)) if known => {
            quell_reply_t::now(verdict, profile.cancel_end(verdict, &end))
        }
        _ => invalid(profile),
    }
}

/// How long `IVssAsync::Wait` waits: `*limit_us` is for `quell_wait`.
///
/// Context: any. Progress: wait-free. Ordering: none. Units: milliseconds in,
/// 0xFFFFFFFF (`INFINITE`) for ever; microseconds out. Ownership: nothing is
/// kept.
///
/// Returns `QUELL_OK` and `S_OK`; with `QUELL_INVALID` `E_INVALIDARG` where the
/// profile is that of Windows Server 2003 and there is a limit, the profile is
/// unknown, or the pointer is null or misaligned. `*limit_us` is zero then.
///
/// # Safety
/// `limit_us` is of memory for a number, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_vss_wait_limit(
    milliseconds: u32,
    profile: u32,
    limit_us: *mut u64,
) -> quell_reply_t {
    let (profile, known) = profile_of(profile);
    let limit = match milliseconds {
        vss::INFINITE => QUELL_FOREVER,
        limited => u64::from(limited).saturating_mul(1000),
    };
    let (reply, limit) = match profile.wait_limit(milliseconds) {
        Ok(()) if known && pointer::usable(limit_us) => {
            (quell_reply_t::now(Verdict::Ok, quell::dialect::hresult::S_OK), limit)
        }
        _ => (invalid(profile), 0),
    };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(limit_us, limit) };
    reply
}

/// What `IVssAsync::Wait` returns for what `quell_wait` said, and the status
/// that was read after it.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: `seen` is not
/// kept.
///
/// Returns `waited` and: `S_OK` where it has finished or was cancelled, or the
/// time ran out, which is what Windows was seen to say: `QueryStatus` tells
/// them apart; the operation's own error; `E_ACCESSDENIED` (`QUELL_DENIED`);
/// `VSS_E_BAD_STATE` (`QUELL_BAD_STATE`); `VSS_E_UNEXPECTED` for the rest; with
/// `QUELL_INVALID` `E_INVALIDARG`.
///
/// # Safety
/// `seen` is of a status, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_vss_wait_hresult(
    waited: VerdictNumber,
    seen: *const quell_status_t,
    profile: u32,
) -> quell_reply_t {
    let (profile, known) = profile_of(profile);
    // SAFETY: the caller's promise.
    match (Verdict::from_raw(waited.0), unsafe { status_at(seen) }) {
        (Some(waited), Some(seen)) if known => {
            quell_reply_t::now(waited, profile.wait(waited, &seen))
        }
        _ => invalid(profile),
    }
}

/// What `IVssAsync::QueryStatus` places at its pointer.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: `seen` is not
/// kept.
///
/// Returns `QUELL_OK` and: `VSS_S_ASYNC_PENDING`, `VSS_S_ASYNC_FINISHED`,
/// `VSS_S_ASYNC_CANCELLED`, or the operation's own error; `VSS_E_BAD_STATE` of a
/// vacant op (choice); with `QUELL_INVALID` `E_INVALIDARG`.
///
/// # Safety
/// `seen` is of a status, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_vss_status_hresult(
    seen: *const quell_status_t,
    profile: u32,
) -> quell_reply_t {
    let (profile, known) = profile_of(profile);
    // SAFETY: the caller's promise.
    match unsafe { status_at(seen) } {
        Some(seen) if known => quell_reply_t::now(Verdict::Ok, profile.status(&seen)),
        _ => invalid(profile),
    }
}
