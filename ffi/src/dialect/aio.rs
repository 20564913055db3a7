//! POSIX asynchronous input and output. Sources: POSIX.1-2017, the pages of
//! `aio_cancel`, `aio_error` and `aio_return`; the numbers are those of Linux's
//! aio.h, for POSIX leaves them to the system.

use quell::Verdict;
use quell::dialect::Reply;
use quell::dialect::aio::{self, Returned};
use quell::dialect::errno::EINVAL;

use crate::dialect::errno::answer_of;
use crate::dialect::reply::quell_result_t;
use crate::status::{quell_status_t, status_at};
use crate::terms::VerdictNumber;

/// `AIO_CANCELED`: the operation was cancelled.
pub const QUELL_AIO_CANCELED: i32 = 0;
/// `AIO_NOTCANCELED`: it was not, for it is in progress.
pub const QUELL_AIO_NOTCANCELED: i32 = 1;
/// `AIO_ALLDONE`: it had ended before.
pub const QUELL_AIO_ALLDONE: i32 = 2;

const _: () = assert!(QUELL_AIO_CANCELED == aio::CANCELED);
const _: () = assert!(QUELL_AIO_NOTCANCELED == aio::NOTCANCELED);
const _: () = assert!(QUELL_AIO_ALLDONE == aio::ALLDONE);

fn result_of(verdict: Verdict, returned: Returned) -> quell_result_t {
    match returned {
        Returned::Value(value) => quell_result_t::value(verdict, value),
        Returned::Failure(error) => quell_result_t::failure(verdict, error),
    }
}

/// What `aio_cancel` returns of one operation for what `quell_cancel` said.
///
/// Who is told `AIO_CANCELED` may free the buffer: it is said only of an
/// operation that has ended.
///
/// Context: any, an interrupt included. Progress: wait-free. Ordering: none.
///
/// Returns the verdict and, for it:
/// - `QUELL_CANCELLED`: `AIO_CANCELED`;
/// - `QUELL_CANCELLING`, `QUELL_ALREADY_CANCELLING`: `after_end`, to wait and
///   then ask `quell_aio_cancel_end_result` (choice; `AIO_NOTCANCELED` until
///   then, which is also the answer of who may not wait);
/// - `QUELL_ALREADY_CANCELLED`, `QUELL_FINISHED`, `QUELL_FAILED`: `AIO_ALLDONE`;
///   so too (choice) `QUELL_STALE`, `QUELL_NOT_FOUND`, `QUELL_BAD_STATE`, for
///   nothing of it is outstanding;
/// - `QUELL_REQUESTED`, `QUELL_RAISED`, `QUELL_ALREADY_REQUESTED`,
///   `QUELL_TOO_LATE`, `QUELL_UNSUPPORTED`, and (choice) `QUELL_REFUSED`:
///   `AIO_NOTCANCELED`;
/// - -1 and the error of `quell_errno_of`: `QUELL_DENIED`, `QUELL_INVALID` and a
///   verdict that there is none of, `QUELL_FULL`, `QUELL_BUSY`,
///   `QUELL_TIMED_OUT`, `QUELL_WOULD_BLOCK` (choice); -1 and `EINVAL`: what a
///   cancel never says.
#[unsafe(no_mangle)]
pub extern "C" fn quell_aio_cancel_result(verdict: VerdictNumber, code: u32) -> quell_result_t {
    let answer = answer_of(verdict, code);
    match aio::cancel(answer) {
        Reply::Now(returned) => result_of(answer.verdict, returned),
        Reply::AfterEnd => quell_result_t::pending(answer.verdict, QUELL_AIO_NOTCANCELED),
    }
}

/// What an `aio_cancel` that has waited for the end returns.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: `end` is not
/// kept.
///
/// Returns `QUELL_OK` and: `AIO_CANCELED` where it ended as cancelled;
/// `AIO_NOTCANCELED` where its owner used force or it has not ended (choice);
/// `AIO_ALLDONE` of a vacant op (choice); with `QUELL_INVALID` -1 and `EINVAL`.
///
/// # Safety
/// `end` is of a status, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_aio_cancel_end_result(end: *const quell_status_t) -> quell_result_t {
    // SAFETY: the caller's promise.
    match unsafe { status_at(end) } {
        Some(end) => result_of(Verdict::Ok, aio::cancel_end(&end)),
        None => quell_result_t::failure(Verdict::Invalid, EINVAL),
    }
}

/// What `aio_error` returns of an operation that stands like this.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: `seen` is not
/// kept.
///
/// Returns `QUELL_OK` and: 0: finished; `EINPROGRESS`: not ended; `ECANCELED`:
/// cancelled; the operation's own error, else `EIO` (choice): failed; -1 and
/// `EINVAL`: vacant; the same with `QUELL_INVALID`.
///
/// # Safety
/// `seen` is of a status, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_aio_error_result(seen: *const quell_status_t) -> quell_result_t {
    // SAFETY: the caller's promise.
    match unsafe { status_at(seen) } {
        Some(seen) => result_of(Verdict::Ok, aio::error(&seen)),
        None => quell_result_t::failure(Verdict::Invalid, EINVAL),
    }
}

/// What `aio_return` returns of an operation that stands like this and whose
/// worker, if it has finished, has done so with `value`.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: `seen` is not
/// kept.
///
/// Returns `value`, or 0 where that is negative (choice): finished; -1:
/// cancelled or failed, where `aio_error` says why; not ended, or vacant
/// (choice); or `seen` is not valid.
///
/// # Safety
/// `seen` is of a status, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_aio_return_value(seen: *const quell_status_t, value: i64) -> i64 {
    // SAFETY: the caller's promise.
    unsafe { status_at(seen) }.map_or(-1, |seen| aio::returned(&seen, value))
}
