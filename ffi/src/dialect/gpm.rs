//! Group Policy Management: `IGPMAsyncCancel` and `IGPMAsyncProgress`. Sources:
//! gpmgmt.h, and the reference pages of both.

use quell::dialect::gpm;
use quell::dialect::hresult::E_INVALIDARG;
use quell::{Answer, Reading, Verdict};

use crate::dialect::reply::quell_reply_t;
use crate::status::{quell_status_t, status_at};
use crate::terms::{VerdictNumber, quell_verdict_t};

/// The arguments of one call of `IGPMAsyncProgress::Status`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_gpm_report_t {
    /// `QUELL_OK`; `QUELL_INVALID` where an argument was not valid: the rest is
    /// then of no use.
    pub verdict: quell_verdict_t,
    /// How it stands: `S_OK`, or why it ended otherwise.
    pub code: u32,
    /// Units done. The same as `denominator` in the last report of an operation
    /// that finished, and less in every other: that is how a client tells.
    pub numerator: i32,
    /// Units in all, at least 1.
    pub denominator: i32,
    /// 1 where the operation's result goes with it, else 0.
    pub with_result: u32,
    /// 1 where no other report follows, else 0.
    pub last: u32,
}

/// What `IGPMAsyncCancel::Cancel` returns for what `quell_cancel` said. It never
/// waits, and may be called from inside `Status`.
///
/// Context: any, an interrupt included. Progress: wait-free. Ordering: none.
///
/// Returns the verdict and, for it: `S_OK` where it is being cancelled, and
/// (choice) where it had been asked for or cancelled before; `QUELL_FINISHED`,
/// `QUELL_FAILED`, `QUELL_TOO_LATE`: 0x8007139F, `ERROR_INVALID_STATE` (choice);
/// `QUELL_UNSUPPORTED`: `E_NOTIMPL` (choice); `QUELL_REFUSED`: `code`, the gate's
/// (choice); `QUELL_DENIED`: `E_ACCESSDENIED` (choice); `QUELL_INVALID`, and a
/// verdict that there is none of: `E_INVALIDARG`; `QUELL_FULL`: `E_OUTOFMEMORY`;
/// the rest: `E_UNEXPECTED`.
#[unsafe(no_mangle)]
pub extern "C" fn quell_gpm_cancel_hresult(verdict: VerdictNumber, code: u32) -> quell_reply_t {
    match Verdict::from_raw(verdict.0) {
        Some(verdict) => quell_reply_t::now(verdict, gpm::cancel(Answer { verdict, code })),
        None => quell_reply_t::now(Verdict::Invalid, E_INVALIDARG),
    }
}

/// What is said to `IGPMAsyncProgress::Status` of an operation that stands like
/// this.
///
/// `done` of `total` units are done; `total` is zero where that is not known.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: `seen` is not
/// kept.
///
/// Returns the arguments: `S_OK` and less than all while it has not ended;
/// `S_OK`, all, and the result when it has finished; its own error when it
/// failed; 0x800704C7, `ERROR_CANCELLED`, when it was cancelled (choice);
/// `E_UNEXPECTED` of a vacant op (choice); with `QUELL_INVALID`
/// `E_INVALIDARG`. Units that do not fit 31 bits are scaled down.
///
/// # Safety
/// `seen` is of a status, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_gpm_report(
    seen: *const quell_status_t,
    done: u64,
    total: u64,
) -> quell_gpm_report_t {
    // SAFETY: the caller's promise.
    let (verdict, report) = match unsafe { status_at(seen) } {
        Some(seen) => (Verdict::Ok, gpm::report(&seen, Reading { done, total })),
        None => (
            Verdict::Invalid,
            gpm::Report {
                numerator: 0,
                denominator: 1,
                code: E_INVALIDARG,
                with_result: false,
                last: true,
            },
        ),
    };
    quell_gpm_report_t {
        verdict: verdict.into(),
        code: report.code.0,
        numerator: report.numerator,
        denominator: report.denominator,
        with_result: report.with_result.into(),
        last: report.last.into(),
    }
}
