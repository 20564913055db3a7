//! VSS, one operation: `IVssAsync`.
//!
//! Sources: vss.h and vsserror.h for the codes; the reference pages of
//! `IVssAsync`, `Cancel`, `Wait` and `QueryStatus` for who returns what.
//!
//! VSS's "cancelled" and "pending" are success codes: whoever tests only
//! `FAILED` takes a cancelled snapshot for a good one.

use crate::dialect::Reply;
use crate::dialect::hresult::{
    E_ACCESSDENIED, E_INVALIDARG, E_NOTIMPL, E_UNEXPECTED, HResult, S_OK,
};
use crate::status::{Answer, Status};
use crate::terms::{Code, Phase, Verdict};

/// `VSS_S_ASYNC_PENDING`: the operation has not ended.
pub const S_ASYNC_PENDING: HResult = HResult(0x0004_2309);
/// `VSS_S_ASYNC_FINISHED`: it had completed.
pub const S_ASYNC_FINISHED: HResult = HResult(0x0004_230A);
/// `VSS_S_ASYNC_CANCELLED`: it had been cancelled.
pub const S_ASYNC_CANCELLED: HResult = HResult(0x0004_230B);
/// `VSS_E_BAD_STATE`: the call does not fit the state.
pub const E_BAD_STATE: HResult = HResult(0x8004_2301);
/// `VSS_E_UNEXPECTED`, from Windows 7 and Windows Server 2008 R2 on.
pub const VSS_E_UNEXPECTED: HResult = HResult(0x8004_2302);

/// No limit to `Wait`: `INFINITE`.
pub const INFINITE: u32 = u32::MAX;

profile! {
    /// What the documents tell apart. The flags combine with [`Profile::with`].
    {
        /// Windows 7, Windows Server 2008 R2 and later.
        WINDOWS_7 = 0,
        /// Before these: `E_UNEXPECTED` in place of `VSS_E_UNEXPECTED`.
        WINDOWS_VISTA = 1,
        /// As Windows Vista; and `Wait` takes no limit.
        WINDOWS_SERVER_2003 = 3,
        /// The operation of `QueryRevertStatus`, which cannot be cancelled.
        REVERT = 4,
    } of 7
}

impl Profile {
    /// The code of an unexpected error.
    #[must_use]
    pub const fn unexpected(self) -> HResult {
        if self.has(Self::WINDOWS_VISTA) { E_UNEXPECTED } else { VSS_E_UNEXPECTED }
    }

    const fn failure(self, code: Option<Code>) -> HResult {
        HResult::of_failure(code, self.unexpected())
    }

    /// What `Cancel` returns for this answer.
    ///
    /// `S_OK`: cancelled now; `VSS_S_ASYNC_CANCELLED`, `VSS_S_ASYNC_FINISHED`,
    /// the operation's own error: it had ended so. *Choice*: where a request
    /// was made before, or the end is open, the call waits for the end; too
    /// late and uncancellable are `VSS_E_BAD_STATE`, of a revert `E_NOTIMPL`; a
    /// gate's code is passed on; the rest says what the caller did.
    pub const fn cancel(self, answer: Answer) -> Reply {
        Reply::Now(match answer.verdict {
            Verdict::Requested
            | Verdict::Raised
            | Verdict::AlreadyCancelling
            | Verdict::AlreadyRequested => return Reply::AfterEnd,
            Verdict::Cancelled | Verdict::Cancelling => S_OK,
            Verdict::AlreadyCancelled => S_ASYNC_CANCELLED,
            Verdict::Finished => S_ASYNC_FINISHED,
            Verdict::Failed | Verdict::Refused => self.failure(Code::new(answer.code)),
            Verdict::Unsupported if self.has(Self::REVERT) => E_NOTIMPL,
            Verdict::TooLate | Verdict::Unsupported | Verdict::BadState => E_BAD_STATE,
            _ => HResult::of_caller(answer, self.unexpected()),
        })
    }

    /// What a `Cancel` that was told `asked` and has waited returns.
    ///
    /// `S_OK` where it was this call that the operation was cancelled for, and
    /// else as for an operation that had ended before.
    #[must_use]
    pub const fn cancel_end(self, asked: Verdict, end: &Status) -> HResult {
        match end.phase {
            Phase::Cancelled if matches!(asked, Verdict::Requested) => S_OK,
            Phase::Cancelled => S_ASYNC_CANCELLED,
            Phase::Finished => S_ASYNC_FINISHED,
            Phase::Failed => self.failure(end.code),
            Phase::Vacant | Phase::Pending | Phase::Running | Phase::Committed => self.unexpected(),
        }
    }

    /// Whether `Wait` takes a limit of so many milliseconds.
    ///
    /// # Errors
    /// `E_INVALIDARG`: on Windows Server 2003 only [`INFINITE`] is allowed.
    pub const fn wait_limit(self, milliseconds: u32) -> Result<(), HResult> {
        if self.has(Self::WINDOWS_SERVER_2003) && milliseconds != INFINITE {
            Err(E_INVALIDARG)
        } else {
            Ok(())
        }
    }

    /// What `Wait` returns, told `waited` by quell's wait, and seeing this then.
    ///
    /// `S_OK`: it finished, or was cancelled, or the time ran out (`QueryStatus`
    /// says which); the operation's own error. That a time-out is `S_OK` is what
    /// Windows was seen to do.
    #[must_use]
    pub const fn wait(self, waited: Verdict, seen: &Status) -> HResult {
        match (seen.phase, waited) {
            (Phase::Finished | Phase::Cancelled, _) => S_OK,
            (Phase::Failed, _) => self.failure(seen.code),
            (_, Verdict::TimedOut) => S_OK,
            (_, Verdict::Denied) => E_ACCESSDENIED,
            (_, Verdict::Invalid) => E_INVALIDARG,
            (_, Verdict::BadState) => E_BAD_STATE,
            _ => self.unexpected(),
        }
    }

    /// What `QueryStatus` places at its pointer; it returns `S_OK` itself.
    ///
    /// `VSS_S_ASYNC_PENDING`, `VSS_S_ASYNC_FINISHED`, `VSS_S_ASYNC_CANCELLED`, or
    /// the operation's own error. *Choice*: `VSS_E_BAD_STATE` where there is no
    /// operation.
    #[must_use]
    pub const fn status(self, seen: &Status) -> HResult {
        match seen.phase {
            Phase::Vacant => E_BAD_STATE,
            Phase::Pending | Phase::Running | Phase::Committed => S_ASYNC_PENDING,
            Phase::Finished => S_ASYNC_FINISHED,
            Phase::Cancelled => S_ASYNC_CANCELLED,
            Phase::Failed => self.failure(seen.code),
        }
    }
}
