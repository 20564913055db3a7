//! Group Policy Management: `IGPMAsyncCancel`, and what is said to
//! `IGPMAsyncProgress`.
//!
//! Sources: gpmgmt.h; the reference pages of both interfaces. `Cancel` never
//! waits: it may be called from inside `Status`.

use crate::dialect::hresult::{
    E_NOTIMPL, E_UNEXPECTED, ERROR_CANCELLED, ERROR_INVALID_STATE, HResult, S_OK,
};
use crate::progress::Reading;
use crate::status::{Answer, Status};
use crate::terms::{Phase, Verdict};

/// What `Cancel` returns for this answer, at once.
///
/// `S_OK`: it is being cancelled. *Choice*: so too where it was asked for
/// before or was cancelled; `ERROR_INVALID_STATE` as a result code: finished,
/// failed or too late; `E_NOTIMPL`: uncancellable; a gate's own code; the rest
/// says what the caller did.
#[must_use]
pub const fn cancel(answer: Answer) -> HResult {
    match answer.verdict {
        Verdict::Cancelled
        | Verdict::Cancelling
        | Verdict::Requested
        | Verdict::Raised
        | Verdict::AlreadyCancelling
        | Verdict::AlreadyRequested
        | Verdict::AlreadyCancelled => S_OK,
        Verdict::Finished | Verdict::Failed | Verdict::TooLate => ERROR_INVALID_STATE,
        Verdict::Unsupported => E_NOTIMPL,
        _ => HResult::of_caller(answer, E_UNEXPECTED),
    }
}

/// The arguments of one call of `Status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Report {
    /// Units done. The same as `denominator` in the last report of an operation
    /// that finished, and less in every other: that is how a client tells.
    pub numerator: i32,
    /// Units in all, at least 1.
    pub denominator: i32,
    /// How it stands: `S_OK`, or why it ended otherwise.
    pub code: HResult,
    /// Whether the operation's result goes with it.
    pub with_result: bool,
    /// Whether no other report follows.
    pub last: bool,
}

/// What is said of an operation that stands like this.
///
/// `S_OK` while it is not ended, and with the result when it has finished; its
/// own error when it failed. *Choice*: `ERROR_CANCELLED` as a result code, and
/// no result, when it was cancelled; `E_UNEXPECTED` where there is no operation;
/// units that do not fit 31 bits are scaled down, and none are known is 0 of 1.
#[must_use]
pub const fn report(seen: &Status, progress: Reading) -> Report {
    let (done, total) = scaled(progress);
    let short = Report {
        numerator: if done < total { done } else { total.saturating_sub(1) },
        denominator: total,
        code: S_OK,
        with_result: false,
        last: false,
    };
    match seen.phase {
        Phase::Pending | Phase::Running | Phase::Committed => short,
        Phase::Finished => Report { numerator: total, with_result: true, last: true, ..short },
        Phase::Cancelled => Report { code: ERROR_CANCELLED, last: true, ..short },
        Phase::Failed => {
            Report { code: HResult::of_failure(seen.code, E_UNEXPECTED), last: true, ..short }
        }
        Phase::Vacant => Report { code: E_UNEXPECTED, last: true, ..short },
    }
}

/// Both numbers, in as coarse a unit as fits 31 bits.
const fn scaled(progress: Reading) -> (i32, i32) {
    let (mut done, mut total) = (progress.done, progress.total);
    if total == 0 {
        return (0, 1);
    }
    if done > total {
        done = total;
    }
    while total > i32::MAX as u64 {
        total >>= 1;
        done >>= 1;
    }
    (done as i32, total as i32)
}
