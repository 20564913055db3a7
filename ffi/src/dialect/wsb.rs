//! Windows Server Backup: `IWsbApplicationAsync`. Sources: wsbapp.h,
//! wsbapperror.h, and the reference pages of the interface's methods.

use quell::dialect::hresult::{E_INVALIDARG, HResult};
use quell::dialect::wsb::{self, Profile};
use quell::{Answer, Verdict};

use crate::dialect::reply::quell_reply_t;
use crate::status::{quell_status_t, status_at};
use crate::terms::VerdictNumber;

/// `WSBAPP_ASYNC_IN_PROGRESS` of the current headers.
pub const QUELL_WSB_ASYNC_IN_PROGRESS: u32 = 0x007A_0004;
/// `WSBAPP_ASYNC_IN_PROGRESS` of the documents and of older headers.
pub const QUELL_WSB_ASYNC_IN_PROGRESS_DOCUMENTED: u32 = 0x407A_0004;
/// `WSBAPP_E_COMPONENT_CONSISTENCY_CHECK_FAILED`.
pub const QUELL_WSB_E_CONSISTENCY_CHECK_FAILED: u32 = 0x807A_0001;
/// `WSBAPP_E_COMPONENT_CONSISTENCY_CHECK_FAILED_PRE_RESTORE`.
pub const QUELL_WSB_E_CONSISTENCY_CHECK_FAILED_PRE_RESTORE: u32 = 0x807A_0002;
/// `WSBAPP_E_COMPONENT_CONSISTENCY_CHECK_FAILED_POST_RESTORE`.
pub const QUELL_WSB_E_CONSISTENCY_CHECK_FAILED_POST_RESTORE: u32 = 0x807A_0003;

const _: () = assert!(QUELL_WSB_ASYNC_IN_PROGRESS == wsb::ASYNC_IN_PROGRESS.0);
const _: () =
    assert!(QUELL_WSB_ASYNC_IN_PROGRESS_DOCUMENTED == wsb::ASYNC_IN_PROGRESS_DOCUMENTED.0);
const _: () = assert!(QUELL_WSB_E_CONSISTENCY_CHECK_FAILED == wsb::E_CONSISTENCY_CHECK_FAILED.0);
const _: () = assert!(
    QUELL_WSB_E_CONSISTENCY_CHECK_FAILED_PRE_RESTORE
        == wsb::E_CONSISTENCY_CHECK_FAILED_PRE_RESTORE.0
);
const _: () = assert!(
    QUELL_WSB_E_CONSISTENCY_CHECK_FAILED_POST_RESTORE
        == wsb::E_CONSISTENCY_CHECK_FAILED_POST_RESTORE.0
);

/// `QUELL_WSB_ASYNC_IN_PROGRESS` is said.
pub const QUELL_WSB_PROFILE_CURRENT: u32 = 0;
/// `QUELL_WSB_ASYNC_IN_PROGRESS_DOCUMENTED` is said.
pub const QUELL_WSB_PROFILE_DOCUMENTED: u32 = 1;

const _: () = assert!(QUELL_WSB_PROFILE_CURRENT == Profile::CURRENT.raw());
const _: () = assert!(QUELL_WSB_PROFILE_DOCUMENTED == Profile::DOCUMENTED.raw());

/// What `IWsbApplicationAsync::Abort` returns for what `quell_cancel` said. It
/// never waits.
///
/// Context: any, an interrupt included. Progress: wait-free. Ordering: none.
///
/// Returns the verdict and, for it: `S_OK` where it is being cancelled, and
/// (choice) where it had been asked for or had ended before; `QUELL_TOO_LATE`:
/// 0x8007139F, `ERROR_INVALID_STATE` (choice); `QUELL_UNSUPPORTED`: `E_NOTIMPL`
/// (choice); `QUELL_REFUSED`: `code`, the gate's (choice); `QUELL_DENIED`:
/// `E_ACCESSDENIED` (choice); `QUELL_INVALID`, and a verdict or a profile that
/// there is none of: `E_INVALIDARG`; `QUELL_FULL`: `E_OUTOFMEMORY`; the rest:
/// `E_UNEXPECTED`.
#[unsafe(no_mangle)]
pub extern "C" fn quell_wsb_abort_hresult(
    verdict: VerdictNumber,
    code: u32,
    profile: u32,
) -> quell_reply_t {
    match (Verdict::from_raw(verdict.0), Profile::from_raw(profile)) {
        (Some(verdict), Some(profile)) => {
            quell_reply_t::now(verdict, profile.abort(Answer { verdict, code }))
        }
        _ => quell_reply_t::now(Verdict::Invalid, E_INVALIDARG),
    }
}

/// What `IWsbApplicationAsync::QueryStatus` places at its pointer.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: `seen` is not
/// kept.
///
/// Returns `QUELL_OK` and: `WSBAPP_ASYNC_IN_PROGRESS`, by profile; `S_OK`:
/// finished; 0x800704C7, `ERROR_CANCELLED`: cancelled (choice); the operation's
/// own error; `E_UNEXPECTED` of a vacant op (choice); with `QUELL_INVALID`
/// `E_INVALIDARG`.
///
/// # Safety
/// `seen` is of a status, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_wsb_status_hresult(
    seen: *const quell_status_t,
    profile: u32,
) -> quell_reply_t {
    // SAFETY: the caller's promise.
    match (Profile::from_raw(profile), unsafe { status_at(seen) }) {
        (Some(profile), Some(seen)) => quell_reply_t::now(Verdict::Ok, profile.status(&seen)),
        _ => quell_reply_t::now(Verdict::Invalid, E_INVALIDARG),
    }
}

/// Whether `code` is either value of `WSBAPP_ASYNC_IN_PROGRESS`: whoever polls
/// takes both.
///
/// Context: any. Progress: wait-free. Ordering: none.
///
/// Returns 1 or 0.
#[unsafe(no_mangle)]
pub extern "C" fn quell_wsb_is_in_progress(code: u32) -> u32 {
    u32::from(wsb::is_in_progress(HResult(code)))
}
