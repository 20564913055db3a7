//! `errno`, in Linux's numbers.
//!
//! Sources: POSIX.1-2017, `<errno.h>`, for what each name says; Linux's
//! asm-generic/errno-base.h and errno.h for the numbers, which POSIX leaves to
//! the system. MIPS, SPARC, PA-RISC and Alpha have others: whoever compiles for
//! them goes by the names.

use crate::status::Answer;
use crate::terms::{Code, Verdict};

/// An error number of Linux, from 1 to 4095.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(transparent)]
pub struct Errno(i32);

/// Operation not permitted.
pub const EPERM: Errno = Errno(1);
/// No such file or directory; to io\_uring, no such request.
pub const ENOENT: Errno = Errno(2);
/// Interrupted.
pub const EINTR: Errno = Errno(4);
/// Input/output error.
pub const EIO: Errno = Errno(5);
/// Try again.
pub const EAGAIN: Errno = Errno(11);
/// Permission denied.
pub const EACCES: Errno = Errno(13);
/// Device or resource busy.
pub const EBUSY: Errno = Errno(16);
/// Invalid argument.
pub const EINVAL: Errno = Errno(22);
/// No space left.
pub const ENOSPC: Errno = Errno(28);
/// Timer expired.
pub const ETIME: Errno = Errno(62);
/// Not supported.
pub const ENOTSUP: Errno = Errno(95);
/// Timed out.
pub const ETIMEDOUT: Errno = Errno(110);
/// Already in progress; to io\_uring, too far gone to be cancelled.
pub const EALREADY: Errno = Errno(114);
/// In progress.
pub const EINPROGRESS: Errno = Errno(115);
/// Stale handle.
pub const ESTALE: Errno = Errno(116);
/// Cancelled.
pub const ECANCELED: Errno = Errno(125);

impl Errno {
    /// The largest error number: what Linux's `MAX_ERRNO` says.
    const MAX: u32 = 4095;

    /// The error of this number, or `None` where it is none.
    #[must_use]
    pub const fn new(number: u32) -> Option<Self> {
        match number {
            1..=Self::MAX => Some(Self(number.cast_signed())),
            _ => None,
        }
    }

    /// The number, which is positive.
    #[must_use]
    pub const fn raw(self) -> i32 {
        self.0
    }

    /// The number as the kernel returns it.
    #[must_use]
    pub const fn negative(self) -> i32 {
        self.0.wrapping_neg()
    }

    /// What a failure's own code is to a caller who speaks error numbers; never
    /// "no error".
    ///
    /// *Choice*: an error number is passed on, negative as the kernel has it or
    /// not; every other code, [`Code::ABANDONED`] included, and no code at all,
    /// is `otherwise`.
    #[must_use]
    pub const fn of_failure(code: Option<Code>, otherwise: Self) -> Self {
        let Some(code) = code else { return otherwise };
        match (Self::new(code.raw()), Self::new(code.raw().wrapping_neg())) {
            (Some(error), _) | (_, Some(error)) => error,
            _ => otherwise,
        }
    }
}

/// The error number that says a verdict, or `None` where it is no error.
///
/// *Choice*, throughout, in the manner of `connect`, whose first call says
/// `EINPROGRESS` and whose second `EALREADY`:
///
/// - none: done, or cancelled now; nothing was under way;
/// - `EINPROGRESS`: accepted, or raised; a hook is being run;
/// - `EALREADY`: accepted before, or happened before;
/// - `ECANCELED`: it had been cancelled; `ENOENT`: it had finished; there is
///   nothing of that name, or no longer;
/// - the operation's own error, else `EIO`: it had failed; the gate's, else
///   `EACCES`: refused;
/// - `EBUSY`: too late; `ENOTSUP`: uncancellable; `EPERM`: without the right;
/// - `EINVAL`: an argument or the phase does not fit; `ESTALE`; `ENOSPC`: full;
/// - `EAGAIN`: busy, or it would have to wait; `ETIMEDOUT`.
#[must_use]
pub const fn of(answer: Answer) -> Option<Errno> {
    Some(match answer.verdict {
        Verdict::Ok | Verdict::Cancelled | Verdict::Ignored => return None,
        Verdict::Cancelling | Verdict::Requested | Verdict::Raised | Verdict::Running => {
            EINPROGRESS
        }
        Verdict::AlreadyCancelling | Verdict::AlreadyRequested | Verdict::Happened => EALREADY,
        Verdict::AlreadyCancelled => ECANCELED,
        Verdict::Finished | Verdict::NotFound | Verdict::Ran => ENOENT,
        Verdict::Failed => Errno::of_failure(Code::new(answer.code), EIO),
        Verdict::Refused => Errno::of_failure(Code::new(answer.code), EACCES),
        Verdict::TooLate => EBUSY,
        Verdict::Unsupported => ENOTSUP,
        Verdict::Denied => EPERM,
        Verdict::BadState | Verdict::Invalid => EINVAL,
        Verdict::Stale => ESTALE,
        Verdict::Full => ENOSPC,
        Verdict::Busy | Verdict::WouldBlock => EAGAIN,
        Verdict::TimedOut => ETIMEDOUT,
    })
}
