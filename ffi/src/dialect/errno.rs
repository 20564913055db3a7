//! `errno`. Sources: POSIX, `<errno.h>`, for the names; Linux's asm-generic for
//! the numbers, which MIPS, SPARC, PA-RISC, Alpha and other systems do not share.

use quell::dialect::errno;
use quell::{Answer, Verdict};

use crate::terms::VerdictNumber;

/// Operation not permitted.
pub const QUELL_LINUX_EPERM: i32 = 1;
/// No such file or directory; to `io_uring`, no such request.
pub const QUELL_LINUX_ENOENT: i32 = 2;
/// Interrupted.
pub const QUELL_LINUX_EINTR: i32 = 4;
/// Input/output error.
pub const QUELL_LINUX_EIO: i32 = 5;
/// Try again.
pub const QUELL_LINUX_EAGAIN: i32 = 11;
/// Permission denied.
pub const QUELL_LINUX_EACCES: i32 = 13;
/// Device or resource busy.
pub const QUELL_LINUX_EBUSY: i32 = 16;
/// Invalid argument.
pub const QUELL_LINUX_EINVAL: i32 = 22;
/// No space left.
pub const QUELL_LINUX_ENOSPC: i32 = 28;
/// Timer expired.
pub const QUELL_LINUX_ETIME: i32 = 62;
/// Not supported.
pub const QUELL_LINUX_ENOTSUP: i32 = 95;
/// Timed out.
pub const QUELL_LINUX_ETIMEDOUT: i32 = 110;
/// Already in progress; to `io_uring`, too far gone to be cancelled.
pub const QUELL_LINUX_EALREADY: i32 = 114;
/// In progress.
pub const QUELL_LINUX_EINPROGRESS: i32 = 115;
/// Stale handle.
pub const QUELL_LINUX_ESTALE: i32 = 116;
/// Cancelled.
pub const QUELL_LINUX_ECANCELED: i32 = 125;

const _: () = assert!(QUELL_LINUX_EPERM == errno::EPERM.raw());
const _: () = assert!(QUELL_LINUX_ENOENT == errno::ENOENT.raw());
const _: () = assert!(QUELL_LINUX_EINTR == errno::EINTR.raw());
const _: () = assert!(QUELL_LINUX_EIO == errno::EIO.raw());
const _: () = assert!(QUELL_LINUX_EAGAIN == errno::EAGAIN.raw());
const _: () = assert!(QUELL_LINUX_EACCES == errno::EACCES.raw());
const _: () = assert!(QUELL_LINUX_EBUSY == errno::EBUSY.raw());
const _: () = assert!(QUELL_LINUX_EINVAL == errno::EINVAL.raw());
const _: () = assert!(QUELL_LINUX_ENOSPC == errno::ENOSPC.raw());
const _: () = assert!(QUELL_LINUX_ETIME == errno::ETIME.raw());
const _: () = assert!(QUELL_LINUX_ENOTSUP == errno::ENOTSUP.raw());
const _: () = assert!(QUELL_LINUX_ETIMEDOUT == errno::ETIMEDOUT.raw());
const _: () = assert!(QUELL_LINUX_EALREADY == errno::EALREADY.raw());
const _: () = assert!(QUELL_LINUX_EINPROGRESS == errno::EINPROGRESS.raw());
const _: () = assert!(QUELL_LINUX_ESTALE == errno::ESTALE.raw());
const _: () = assert!(QUELL_LINUX_ECANCELED == errno::ECANCELED.raw());

/// What a call is told, of an untrusted verdict.
pub(crate) fn answer_of(verdict: VerdictNumber, code: u32) -> Answer {
    match Verdict::from_raw(verdict.0) {
        Some(verdict) => Answer { verdict, code },
        None => Answer { verdict: Verdict::Invalid, code: 0 },
    }
}

/// The error number, in Linux's numbers, that says a verdict and its code.
///
/// All of it is a choice of quell's, in the manner of `connect`, whose first
/// call says `EINPROGRESS` and whose second `EALREADY`. The verdict says more.
///
/// Context: any, an interrupt included. Progress: wait-free. Ordering: none.
///
/// Returns:
/// - 0: `QUELL_OK`, `QUELL_CANCELLED`, `QUELL_IGNORED`;
/// - `EINPROGRESS`: `QUELL_CANCELLING`, `QUELL_REQUESTED`, `QUELL_RAISED`,
///   `QUELL_RUNNING`;
/// - `EALREADY`: `QUELL_ALREADY_CANCELLING`, `QUELL_ALREADY_REQUESTED`,
///   `QUELL_HAPPENED`;
/// - `ECANCELED`: `QUELL_ALREADY_CANCELLED`;
/// - `ENOENT`: `QUELL_FINISHED`, `QUELL_NOT_FOUND`, `QUELL_RAN`;
/// - `code`, where it is an error number from 1 to 4095 or the negative of one:
///   `QUELL_FAILED`, else `EIO`; `QUELL_REFUSED`, else `EACCES`;
/// - `EBUSY`: `QUELL_TOO_LATE`; `ENOTSUP`: `QUELL_UNSUPPORTED`; `EPERM`:
///   `QUELL_DENIED`; `ESTALE`: `QUELL_STALE`; `ENOSPC`: `QUELL_FULL`;
/// - `EAGAIN`: `QUELL_BUSY`, `QUELL_WOULD_BLOCK`; `ETIMEDOUT`:
///   `QUELL_TIMED_OUT`;
/// - `EINVAL`: `QUELL_BAD_STATE`, `QUELL_INVALID`, and a verdict that there is
///   none of.
#[unsafe(no_mangle)]
pub extern "C" fn quell_errno_of(verdict: VerdictNumber, code: u32) -> i32 {
    errno::of(answer_of(verdict, code)).map_or(0, errno::Errno::raw)
}
