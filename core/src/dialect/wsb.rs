//! Windows Server Backup: `IWsbApplicationAsync`.
//!
//! Sources: wsbapp.h and wsbapperror.h for the codes; the reference pages of
//! `IWsbApplicationAsync::Abort` and `QueryStatus` for who returns what.
//! Neither call waits: the backup polls.

use crate::dialect::hresult::{
    E_NOTIMPL, E_UNEXPECTED, ERROR_CANCELLED, ERROR_INVALID_STATE, HResult, S_OK,
};
use crate::status::{Answer, Status};
use crate::terms::{Phase, Verdict};

/// `WSBAPP_ASYNC_IN_PROGRESS` of the current headers.
pub const ASYNC_IN_PROGRESS: HResult = HResult(0x007A_0004);
/// `WSBAPP_ASYNC_IN_PROGRESS` of the documents and of older headers.
pub const ASYNC_IN_PROGRESS_DOCUMENTED: HResult = HResult(0x407A_0004);
/// `WSBAPP_E_COMPONENT_CONSISTENCY_CHECK_FAILED`.
pub const E_CONSISTENCY_CHECK_FAILED: HResult = HResult(0x807A_0001);
/// `WSBAPP_E_COMPONENT_CONSISTENCY_CHECK_FAILED_PRE_RESTORE`.
pub const E_CONSISTENCY_CHECK_FAILED_PRE_RESTORE: HResult = HResult(0x807A_0002);
/// `WSBAPP_E_COMPONENT_CONSISTENCY_CHECK_FAILED_POST_RESTORE`.
pub const E_CONSISTENCY_CHECK_FAILED_POST_RESTORE: HResult = HResult(0x807A_0003);

/// Whether this is either value of `WSBAPP_ASYNC_IN_PROGRESS`: whoever polls
/// takes both.
#[must_use]
pub const fn is_in_progress(code: HResult) -> bool {
    code.0 == ASYNC_IN_PROGRESS.0 || code.0 == ASYNC_IN_PROGRESS_DOCUMENTED.0
}

profile! {
    /// Which of the two values of `WSBAPP_ASYNC_IN_PROGRESS` is said.
    {
        /// [`ASYNC_IN_PROGRESS`].
        CURRENT = 0,
        /// [`ASYNC_IN_PROGRESS_DOCUMENTED`].
        DOCUMENTED = 1,
    } of 1
}

impl Profile {
    /// The value of `WSBAPP_ASYNC_IN_PROGRESS`.
    #[must_use]
    pub const fn in_progress(self) -> HResult {
        if self.has(Self::DOCUMENTED) { ASYNC_IN_PROGRESS_DOCUMENTED } else { ASYNC_IN_PROGRESS }
    }

    /// What `Abort` returns for this answer, at once.
    ///
    /// `S_OK`: it is being cancelled. *Choice*: so too where it was asked for
    /// before or has ended, for nothing is left to do; `ERROR_INVALID_STATE` as a
    /// result code: too late; `E_NOTIMPL`: uncancellable; a gate's own code; the
    /// rest says what the caller did.
    #[must_use]
    pub const fn abort(self, answer: Answer) -> HResult {
        match answer.verdict {
            Verdict::Cancelled
            | Verdict::Cancelling
            | Verdict::Requested
            | Verdict::Raised
            | Verdict::AlreadyCancelling
            | Verdict::AlreadyRequested
            | Verdict::AlreadyCancelled
            | Verdict::Finished
            | Verdict::Failed => S_OK,
            Verdict::TooLate => ERROR_INVALID_STATE,
            Verdict::Unsupported => E_NOTIMPL,
            _ => HResult::of_caller(answer, E_UNEXPECTED),
        }
    }

    /// What `QueryStatus` places at its pointer; it returns `S_OK` itself.
    ///
    /// `WSBAPP_ASYNC_IN_PROGRESS`; `S_OK`: finished; the operation's own error.
    /// *Choice*: `ERROR_CANCELLED` as a result code: cancelled; `E_UNEXPECTED`
    /// where there is no operation.
    #[must_use]
    pub const fn status(self, seen: &Status) -> HResult {
        match seen.phase {
            Phase::Vacant => E_UNEXPECTED,
            Phase::Pending | Phase::Running | Phase::Committed => self.in_progress(),
            Phase::Finished => S_OK,
            Phase::Cancelled => ERROR_CANCELLED,
            Phase::Failed => HResult::of_failure(seen.code, E_UNEXPECTED),
        }
    }
}
