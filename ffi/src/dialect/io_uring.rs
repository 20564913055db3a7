//! `io_uring`'s cancels. Sources: liburing's manual, the pages
//! `io_uring_prep_cancel(3)`, `io_uring_register_sync_cancel(3)` and
//! `io_uring_cancelation(7)`; Linux's `io_uring/cancel.c` where they are silent.

use quell::Verdict;
use quell::dialect::errno::{EALREADY, EINPROGRESS, EINVAL};
use quell::dialect::io_uring;

use crate::dialect::errno::answer_of;
use crate::dialect::reply::quell_result_t;
use crate::status::{quell_status_t, status_at};
use crate::terms::VerdictNumber;

fn invalid() -> quell_result_t {
    quell_result_t::value(Verdict::Invalid, EINVAL.negative())
}

/// The result of an `IORING_OP_ASYNC_CANCEL` of one request for what
/// `quell_cancel` said. It never waits.
///
/// Context: any, an interrupt included. Progress: wait-free. Ordering: none.
///
/// Returns the verdict and, as `result`:
/// - 0: `QUELL_CANCELLED`, whose completion is posted;
/// - `-ENOENT`: `QUELL_ALREADY_CANCELLED`, `QUELL_FINISHED`, `QUELL_FAILED`,
///   `QUELL_STALE`, `QUELL_NOT_FOUND`, `QUELL_BAD_STATE`;
/// - `-EALREADY`: `QUELL_TOO_LATE`, `QUELL_UNSUPPORTED`, and what is to end yet:
///   `QUELL_CANCELLING`, `QUELL_REQUESTED`, `QUELL_RAISED`, the other
///   `QUELL_ALREADY_…`;
/// - `QUELL_REFUSED`: the gate's error, negative, else `-EACCES` (choice);
/// - `-EINVAL`: `QUELL_INVALID` and a verdict that there is none of; what a
///   cancel never says;
/// - the negative of `quell_errno_of`'s: the rest (choice).
#[unsafe(no_mangle)]
pub extern "C" fn quell_uring_cancel_result(verdict: VerdictNumber, code: u32) -> quell_result_t {
    let answer = answer_of(verdict, code);
    quell_result_t::value(answer.verdict, io_uring::cancel(answer))
}

/// Whether this verdict counts in the result of a cancel with
/// `IORING_ASYNC_CANCEL_ALL`, which is how many requests were found; so
/// `io_uring/cancel.c`, by which those that go on count as well.
///
/// Context: any, an interrupt included. Progress: wait-free. Ordering: none.
///
/// Returns 1 where `quell_uring_cancel_result` says 0 or `-EALREADY`, else 0.
#[unsafe(no_mangle)]
pub extern "C" fn quell_uring_cancel_counts(verdict: VerdictNumber, code: u32) -> u32 {
    io_uring::counts(answer_of(verdict, code)).into()
}

/// The result of an `IORING_REGISTER_SYNC_CANCEL` of one request for what
/// `quell_cancel` said.
///
/// Context: any, an interrupt included. Progress: wait-free. Ordering: none.
///
/// Returns the verdict and what `quell_uring_cancel_result` has; but where that
/// is `-EALREADY` with `after_end`, to wait and then ask
/// `quell_uring_sync_cancel_end_result`.
#[unsafe(no_mangle)]
pub extern "C" fn quell_uring_sync_cancel_result(
    verdict: VerdictNumber,
    code: u32,
) -> quell_result_t {
    let answer = answer_of(verdict, code);
    quell_result_t::of(answer.verdict, io_uring::sync_cancel(answer), EALREADY.negative())
}

/// The result of an `IORING_REGISTER_SYNC_CANCEL` that has waited, for what
/// `quell_wait` said and the status that was read after it.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: `seen` is not
/// kept.
///
/// Returns `waited` and, as `result`: 0 where the request is gone, cancelled or
/// not, as `io_uring/cancel.c` has it: `quell_uring_request_result` says which;
/// `-ETIME`: `QUELL_TIMED_OUT`; `-EALREADY`: it has not ended all the same
/// (choice); the negative of `quell_errno_of`'s: the rest (choice); with
/// `QUELL_INVALID` `-EINVAL`.
///
/// # Safety
/// `seen` is of a status, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_uring_sync_cancel_end_result(
    waited: VerdictNumber,
    seen: *const quell_status_t,
) -> quell_result_t {
    // SAFETY: the caller's promise.
    match (Verdict::from_raw(waited.0), unsafe { status_at(seen) }) {
        (Some(waited), Some(seen)) => {
            quell_result_t::value(waited, io_uring::sync_cancel_end(waited, &seen))
        }
        _ => invalid(),
    }
}

/// A request's own result, where it stands like this and its worker, if it has
/// finished, has done so with `value`.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: `seen` is not
/// kept.
///
/// Returns `QUELL_OK` and, as `result`: `value`, or 0 where that is negative
/// (choice): finished; its own error, negative, else `-EIO` (choice): failed;
/// `-ECANCELED`: cancelled, or `-EINTR` where it has left effects, or nobody
/// knows (choice); `after_end`, and `-EINPROGRESS` until then: not ended;
/// `-EINVAL` of a vacant op (choice); the same with `QUELL_INVALID`.
///
/// # Safety
/// `seen` is of a status, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_uring_request_result(
    seen: *const quell_status_t,
    value: i32,
) -> quell_result_t {
    // SAFETY: the caller's promise.
    match unsafe { status_at(seen) } {
        Some(seen) => {
            quell_result_t::of(Verdict::Ok, io_uring::request(&seen, value), EINPROGRESS.negative())
        }
        None => invalid(),
    }
}
