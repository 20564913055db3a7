//! io\_uring: `IORING_OP_ASYNC_CANCEL`, `IORING_REGISTER_SYNC_CANCEL`, and the
//! request that they are for.
//!
//! Sources: liburing's manual, io\_uring\_prep\_cancel(3),
//! io\_uring\_register\_sync\_cancel(3) and io\_uring\_cancelation(7); where it is
//! silent, Linux's io\_uring/cancel.c, named as such. A result is what the
//! completion's `res` holds: negative, it is an error number.
//!
//! An asynchronous cancel never waits: it says `-EALREADY` of what has not ended
//! yet, which then ends soon, cancelled or not. The synchronous one waits.

use crate::dialect::Reply;
use crate::dialect::errno::{
    self, EACCES, EALREADY, ECANCELED, EINTR, EINVAL, EIO, ENOENT, ETIME, Errno,
};
use crate::status::{Answer, Status};
use crate::terms::{Code, Effects, Phase, Verdict};

/// The result of an `IORING_OP_ASYNC_CANCEL` of one request for this answer.
///
/// 0: cancelled, and its completion is posted; `-ENOENT`: not found, or ended
/// before; `-EALREADY`: it has progressed too far, or its end is to come;
/// `-EINVAL`. *Choice*: a refusal is the gate's error, else `-EACCES`; the
/// verdict's error number for the rest.
#[must_use]
pub const fn cancel(answer: Answer) -> i32 {
    match answer.verdict {
        Verdict::Cancelled => return 0,
        Verdict::Cancelling
        | Verdict::Requested
        | Verdict::Raised
        | Verdict::AlreadyCancelling
        | Verdict::AlreadyRequested
        | Verdict::TooLate
        | Verdict::Unsupported => EALREADY,
        Verdict::AlreadyCancelled
        | Verdict::Finished
        | Verdict::Failed
        | Verdict::Stale
        | Verdict::NotFound
        | Verdict::BadState => ENOENT,
        Verdict::Refused => Errno::of_failure(Code::new(answer.code), EACCES),
        Verdict::Denied
        | Verdict::Invalid
        | Verdict::Full
        | Verdict::Busy
        | Verdict::TimedOut
        | Verdict::WouldBlock => match errno::of(answer) {
            Some(error) => error,
            None => EINVAL,
        },
        // What a cancel never says.
        Verdict::Ok | Verdict::Running | Verdict::Ran | Verdict::Happened | Verdict::Ignored => {
            EINVAL
        }
    }
    .negative()
}

/// Whether this answer counts in the result of a cancel with
/// `IORING_ASYNC_CANCEL_ALL`, which is how many requests were found.
///
/// Those that go on count as well, and so the result may be above what was
/// cancelled: so io\_uring/cancel.c.
#[must_use]
pub const fn counts(answer: Answer) -> bool {
    matches!(cancel(answer), 0) || cancel(answer) == EALREADY.negative()
}

/// The result of an `IORING_REGISTER_SYNC_CANCEL` of one request for this
/// answer: as [`cancel`], but where that says `-EALREADY` it waits for the end.
pub const fn sync_cancel(answer: Answer) -> Reply<i32> {
    let result = cancel(answer);
    if result == EALREADY.negative() { Reply::AfterEnd } else { Reply::Now(result) }
}

/// The result of one that has waited, was told `waited` by quell's wait, and saw
/// this then.
///
/// 0: the request is gone, cancelled or not (so io\_uring/cancel.c: its own
/// result says which); `-ETIME`: the time ran out. *Choice*: the wait's error
/// number otherwise.
#[must_use]
pub const fn sync_cancel_end(waited: Verdict, seen: &Status) -> i32 {
    match (seen.phase, waited) {
        (Phase::Vacant | Phase::Finished | Phase::Failed | Phase::Cancelled, _) => 0,
        (_, Verdict::TimedOut) => ETIME.negative(),
        _ => match errno::of(Answer::plain(waited)) {
            Some(error) => error.negative(),
            None => EALREADY.negative(),
        },
    }
}

/// The request's own result, where its worker has finished with `value`, or that
/// none is to be posted yet.
///
/// `value`: finished; its own error, negative, else (*choice*) `-EIO`: failed;
/// `-ECANCELED`: cancelled with nothing done; `-EINTR`: interrupted on its way.
/// *Choice*: the effects tell these two apart; a `value` below zero counts as 0;
/// `-EINVAL` where there is no operation.
pub const fn request(seen: &Status, value: i32) -> Reply<i32> {
    Reply::Now(match seen.phase {
        Phase::Pending | Phase::Running | Phase::Committed => return Reply::AfterEnd,
        Phase::Finished if value > 0 => value,
        Phase::Finished => 0,
        Phase::Failed => Errno::of_failure(seen.code, EIO).negative(),
        Phase::Cancelled => match seen.effects {
            Effects::Partial | Effects::Unknown => EINTR.negative(),
            Effects::None | Effects::Unstated => ECANCELED.negative(),
        },
        Phase::Vacant => EINVAL.negative(),
    })
}
