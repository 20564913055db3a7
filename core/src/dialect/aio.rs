//! POSIX asynchronous input and output: `aio_cancel`, `aio_error`, `aio_return`.
//!
//! Sources: POSIX.1-2017, the pages of the three functions, for who returns
//! what; Linux's (glibc's) aio.h for the numbers, which POSIX leaves to the
//! system.
//!
//! Who is told `AIO_CANCELED` may free the buffer. So it is said only of an
//! operation that has ended: where it will end as cancelled, the call waits.

use crate::dialect::Reply;
use crate::dialect::errno::{self, ECANCELED, EINPROGRESS, EINVAL, EIO, Errno};
use crate::status::{Answer, Status};
use crate::terms::{Phase, Verdict};

/// `AIO_CANCELED`: the operation was cancelled.
pub const CANCELED: i32 = 0;
/// `AIO_NOTCANCELED`: it was not, for it is in progress.
pub const NOTCANCELED: i32 = 1;
/// `AIO_ALLDONE`: it had ended before.
pub const ALLDONE: i32 = 2;

/// What a call returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Returned {
    /// This.
    Value(i32),
    /// −1, with `errno` set to this.
    Failure(Errno),
}

/// What `aio_cancel` returns of one operation for this answer.
///
/// `AIO_CANCELED`: cancelled now; `AIO_ALLDONE`: it had ended, however;
/// `AIO_NOTCANCELED`: it goes on, or its end is open. *Choice*: where it will
/// end as cancelled the call waits for the end; what is stale, unknown or vacant
/// counts as all done, for nothing of it is outstanding; a refusal is
/// `AIO_NOTCANCELED`; −1 with the verdict's error number for the rest.
pub const fn cancel(answer: Answer) -> Reply<Returned> {
    Reply::Now(Returned::Value(match answer.verdict {
        Verdict::Cancelling | Verdict::AlreadyCancelling => return Reply::AfterEnd,
        Verdict::Cancelled => CANCELED,
        Verdict::Requested
        | Verdict::Raised
        | Verdict::AlreadyRequested
        | Verdict::TooLate
        | Verdict::Unsupported
        | Verdict::Refused => NOTCANCELED,
        Verdict::AlreadyCancelled
        | Verdict::Finished
        | Verdict::Failed
        | Verdict::Stale
        | Verdict::NotFound
        | Verdict::BadState => ALLDONE,
        Verdict::Denied
        | Verdict::Invalid
        | Verdict::Full
        | Verdict::Busy
        | Verdict::TimedOut
        | Verdict::WouldBlock => {
            let error = match errno::of(answer) {
                Some(error) => error,
                None => EINVAL,
            };
            return Reply::Now(Returned::Failure(error));
        }
        // What a cancel never says.
        Verdict::Ok | Verdict::Running | Verdict::Ran | Verdict::Happened | Verdict::Ignored => {
            return Reply::Now(Returned::Failure(EINVAL));
        }
    }))
}

/// What an `aio_cancel` that has waited returns.
///
/// `AIO_CANCELED`: it ended as cancelled. *Choice*: `AIO_NOTCANCELED` where its
/// owner used force, or the wait was given up; `AIO_ALLDONE` where its op is
/// vacant again.
#[must_use]
pub const fn cancel_end(end: &Status) -> Returned {
    Returned::Value(match end.phase {
        Phase::Cancelled => CANCELED,
        Phase::Vacant => ALLDONE,
        Phase::Pending | Phase::Running | Phase::Committed | Phase::Finished | Phase::Failed => {
            NOTCANCELED
        }
    })
}

/// What `aio_error` returns.
///
/// 0: finished; `EINPROGRESS`: not ended; `ECANCELED`: cancelled; the
/// operation's own error, else (*choice*) `EIO`: failed; −1 with `EINVAL` where
/// there is no operation.
#[must_use]
pub const fn error(seen: &Status) -> Returned {
    Returned::Value(match seen.phase {
        Phase::Vacant => return Returned::Failure(EINVAL),
        Phase::Pending | Phase::Running | Phase::Committed => EINPROGRESS.raw(),
        Phase::Finished => 0,
        Phase::Failed => Errno::of_failure(seen.code, EIO).raw(),
        Phase::Cancelled => ECANCELED.raw(),
    })
}

/// What `aio_return` returns of an operation whose worker has finished with
/// `value`: bytes read or written, or 0.
///
/// `value`: finished; −1: cancelled or failed, where [`error`] says why.
/// *Choice*: −1 too where it has not ended, which POSIX leaves open, or there is
/// no operation; a `value` below zero counts as 0, for the operation has
/// finished.
#[must_use]
pub const fn returned(seen: &Status, value: i64) -> i64 {
    match seen.phase {
        Phase::Finished if value > 0 => value,
        Phase::Finished => 0,
        Phase::Vacant
        | Phase::Pending
        | Phase::Running
        | Phase::Committed
        | Phase::Failed
        | Phase::Cancelled => -1,
    }
}
