//! What a call of another system returns.

use quell::Verdict;
use quell::dialect::{Errno, HResult, Reply};

use crate::terms::quell_verdict_t;

/// What a call of another system returns, with the verdict that says more.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_reply_t {
    /// The verdict that the code was made of; `QUELL_INVALID` where an argument
    /// of the mapping itself was not valid.
    pub verdict: quell_verdict_t,
    /// The code, in the numbers of the dialect.
    pub code: u32,
    /// 1: nothing is to be returned yet. The call waits for the operation's end
    /// and returns what the function of this one's name with `_end` says then.
    /// Else 0.
    pub after_end: u32,
}

impl quell_reply_t {
    pub(crate) fn now(verdict: Verdict, code: HResult) -> Self {
        Self { verdict: verdict.into(), code: code.0, after_end: 0 }
    }

    pub(crate) fn of(verdict: Verdict, reply: Reply, pending: HResult) -> Self {
        match reply {
            Reply::Now(code) => Self::now(verdict, code),
            Reply::AfterEnd => Self::pending(verdict, pending),
        }
    }

    pub(crate) fn pending(verdict: Verdict, code: HResult) -> Self {
        Self { verdict: verdict.into(), code: code.0, after_end: 1 }
    }
}

/// What a call of POSIX or a request of Linux comes to, with the verdict that
/// says more.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_result_t {
    /// The verdict that the result was made of; `QUELL_INVALID` where an argument
    /// of the mapping itself was not valid.
    pub verdict: quell_verdict_t,
    /// The call's value, or the request's result.
    pub result: i32,
    /// What `errno` is set to where `result` is -1 for a failed call of POSIX;
    /// else 0, and `errno` is left alone.
    pub error: i32,
    /// 1: nothing is to be returned yet, as in `quell_reply_t`. Else 0.
    pub after_end: u32,
}

impl quell_result_t {
    pub(crate) fn value(verdict: Verdict, result: i32) -> Self {
        Self { verdict: verdict.into(), result, error: 0, after_end: 0 }
    }

    pub(crate) fn failure(verdict: Verdict, error: Errno) -> Self {
        Self { verdict: verdict.into(), result: -1, error: error.raw(), after_end: 0 }
    }

    pub(crate) fn pending(verdict: Verdict, result: i32) -> Self {
        Self { verdict: verdict.into(), result, error: 0, after_end: 1 }
    }

    pub(crate) fn of(verdict: Verdict, reply: Reply<i32>, pending: i32) -> Self {
        match reply {
            Reply::Now(result) => Self::value(verdict, result),
            Reply::AfterEnd => Self::pending(verdict, pending),
        }
    }
}
