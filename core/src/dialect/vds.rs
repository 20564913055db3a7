//! VDS: `IVdsAsync`.
//!
//! Sources: vdserr.h and [MS-VDS] section 2.2.3 for the codes; [MS-VDS] section
//! 3.4.1.5 and the reference page of `IVdsAsync::Cancel` for who returns what.
//! `QueryStatus`'s page gives the pending code as 0x00042409; the header and the
//! specification have 0x80042409, which is used here.

use crate::dialect::Reply;
use crate::dialect::hresult::{E_INVALIDARG, E_UNEXPECTED, HResult, S_OK};
use crate::progress::Reading;
use crate::status::{Answer, Status};
use crate::terms::{Phase, Verdict};

/// `VDS_E_NOT_SUPPORTED`: the operation cannot be cancelled.
pub const E_NOT_SUPPORTED: HResult = HResult(0x8004_2400);
/// `VDS_E_ANOTHER_CALL_IN_PROGRESS`: never an answer here, for `Cancel` and
/// `Wait` may run at once.
pub const E_ANOTHER_CALL_IN_PROGRESS: HResult = HResult(0x8004_2404);
/// `VDS_E_OPERATION_PENDING`: it has not ended.
pub const E_OPERATION_PENDING: HResult = HResult(0x8004_2409);
/// `VDS_E_CANCEL_TOO_LATE`: it has progressed too far, or has ended.
pub const E_CANCEL_TOO_LATE: HResult = HResult(0x8004_240C);
/// `VDS_E_OPERATION_CANCELED`: it has already been cancelled.
pub const E_OPERATION_CANCELED: HResult = HResult(0x8004_240D);
/// `VDS_E_INCOMPATIBLE_FILE_SYSTEM`: a gate's refusal.
pub const E_INCOMPATIBLE_FILE_SYSTEM: HResult = HResult(0x8004_2425);
/// `VDS_E_INCOMPATIBLE_MEDIA`: a gate's refusal.
pub const E_INCOMPATIBLE_MEDIA: HResult = HResult(0x8004_2426);
/// `VDS_E_ACCESS_DENIED`: the caller lacks the right.
pub const E_ACCESS_DENIED: HResult = HResult(0x8004_2427);
/// `VDS_E_TIMEOUT`: the server's limit to a wait ran out.
pub const E_TIMEOUT: HResult = HResult(0x8004_245F);
/// `VDS_S_DISK_PARTIALLY_CLEANED`: a success, of a clean that was not full, or
/// was cancelled.
pub const S_DISK_PARTIALLY_CLEANED: HResult = HResult(0x0004_241A);

profile! {
    /// What the documents tell apart. The flags combine with [`Profile::with`].
    {
        /// Windows 7, Windows Server 2008 R2 and later; and on Windows Vista and
        /// Windows Server 2008 everything but a clean by the basic provider.
        DEFAULT = 0,
        /// A clean by the basic provider of Windows Vista or Windows Server 2008,
        /// which cannot be cancelled: too late, and not unsupported.
        VISTA_BASIC_CLEAN = 1,
        /// A progress that is not known is −1, as the interface's definition says,
        /// and not 0, as the documents do.
        UNKNOWN_IS_MINUS_ONE = 2,
    } of 3
}

impl Profile {
    /// What `Cancel` returns for this answer.
    ///
    /// `S_OK`: cancelled now; `VDS_E_OPERATION_CANCELED`: it had been;
    /// `VDS_E_CANCEL_TOO_LATE`: too late, finished or failed;
    /// `VDS_E_NOT_SUPPORTED`: uncancellable; `VDS_E_ACCESS_DENIED`; a gate's own
    /// code. *Choice*: where a request was made before, or the end is open, the
    /// call waits for the end; `E_UNEXPECTED` for what cannot be.
    pub const fn cancel(self, answer: Answer) -> Reply {
        Reply::Now(match answer.verdict {
            Verdict::Requested
            | Verdict::Raised
            | Verdict::AlreadyCancelling
            | Verdict::AlreadyRequested => return Reply::AfterEnd,
            Verdict::Cancelled | Verdict::Cancelling => S_OK,
            Verdict::AlreadyCancelled => E_OPERATION_CANCELED,
            Verdict::Unsupported if !self.has(Self::VISTA_BASIC_CLEAN) => E_NOT_SUPPORTED,
            Verdict::Finished | Verdict::Failed | Verdict::TooLate | Verdict::Unsupported => {
                E_CANCEL_TOO_LATE
            }
            Verdict::Denied => E_ACCESS_DENIED,
            _ => HResult::of_caller(answer, E_UNEXPECTED),
        })
    }

    /// What a `Cancel` that was told `asked` and has waited returns: `S_OK`
    /// where it was this call that the operation was cancelled for, and else as
    /// for an operation that had ended before.
    #[must_use]
    pub const fn cancel_end(self, asked: Verdict, end: &Status) -> HResult {
        match end.phase {
            Phase::Cancelled if matches!(asked, Verdict::Requested) => S_OK,
            Phase::Cancelled => E_OPERATION_CANCELED,
            Phase::Finished | Phase::Failed => E_CANCEL_TOO_LATE,
            Phase::Vacant | Phase::Pending | Phase::Running | Phase::Committed => E_UNEXPECTED,
        }
    }

    /// What `Wait` returns, told `waited` by quell's wait, and seeing this then.
    /// How the operation ended is in [`Profile::status`], which `Wait` places at
    /// its first pointer.
    ///
    /// `S_OK`: it has ended; `VDS_E_TIMEOUT`: the server's limit ran out.
    #[must_use]
    pub const fn wait(self, waited: Verdict, seen: &Status) -> HResult {
        match (seen.phase, waited) {
            (Phase::Finished | Phase::Failed | Phase::Cancelled, _) => S_OK,
            (_, Verdict::TimedOut) => E_TIMEOUT,
            (_, Verdict::Denied) => E_ACCESS_DENIED,
            (_, Verdict::Invalid) => E_INVALIDARG,
            _ => E_UNEXPECTED,
        }
    }

    /// What `QueryStatus` and `Wait` place at their first pointer.
    ///
    /// `success` is what the worker finished with: `S_OK`, or a success code of
    /// VDS such as [`S_DISK_PARTIALLY_CLEANED`]; one that is a failure counts as
    /// `S_OK`, for the operation has finished.
    ///
    /// `VDS_E_OPERATION_PENDING`; `success`; `VDS_E_OPERATION_CANCELED`; the
    /// operation's own error. *Choice*: `E_UNEXPECTED` where there is no
    /// operation.
    #[must_use]
    pub const fn status(self, seen: &Status, success: HResult) -> HResult {
        match seen.phase {
            Phase::Vacant => E_UNEXPECTED,
            Phase::Pending | Phase::Running | Phase::Committed => E_OPERATION_PENDING,
            Phase::Finished if success.is_failure() => S_OK,
            Phase::Finished => success,
            Phase::Cancelled => E_OPERATION_CANCELED,
            Phase::Failed => HResult::of_failure(seen.code, E_UNEXPECTED),
        }
    }

    /// What `QueryStatus` places at its second pointer, in percent.
    ///
    /// 0 to 99 of an operation that has not ended, 100 of one that has finished,
    /// 0 of one that failed. *Choice*: 0 of a cancelled one too.
    #[must_use]
    pub const fn percent(self, seen: &Status, progress: Reading) -> u32 {
        match (seen.phase, progress.percent()) {
            (Phase::Finished, _) => 100,
            (Phase::Failed | Phase::Cancelled | Phase::Vacant, _) => 0,
            (_, Some(percent)) if percent < 99 => percent,
            (_, Some(_)) => 99,
            (_, None) if self.has(Self::UNKNOWN_IS_MINUS_ONE) => u32::MAX,
            (_, None) => 0,
        }
    }
}
