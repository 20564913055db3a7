//! The lock that sessions share, as seen by whoever looks after the machine.

use quell::{SessionLock, Verdict};

use crate::pointer;
use crate::session_storage::quell_session_lock_t;
use crate::terms::quell_verdict_t;

/// The lock at this address.
///
/// # Safety
/// A usable address is of a lock, which is only accessed atomically for `'a`.
unsafe fn lock_at<'a>(lock: *const quell_session_lock_t) -> Option<&'a SessionLock> {
    // SAFETY: aligned and not null; the caller vouches for the memory, whose
    // layout is the core's (asserted in session_storage.rs).
    if pointer::usable(lock) { Some(unsafe { &*lock.cast::<SessionLock>() }) } else { None }
}

/// Whether a session holds the lock.
///
/// Context: any, an interrupt included. Progress: wait-free. Ordering: none: a
/// look, which may be outdated at once. Ownership: nothing is kept.
///
/// Returns `QUELL_OK`: it is free; `QUELL_BUSY`: a session holds it;
/// `QUELL_INVALID` where the pointer is null or misaligned.
///
/// # Safety
/// `lock` is of a lock, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_session_lock_look(
    lock: *const quell_session_lock_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    match unsafe { lock_at(lock) } {
        Some(lock) if lock.is_held() => quell_verdict_t::QUELL_BUSY,
        Some(_) => quell_verdict_t::QUELL_OK,
        None => quell_verdict_t::QUELL_INVALID,
    }
}

/// Frees the lock of a session whose process is gone. The caller vouches for
/// that: a session that is still there goes on as if it had the lock.
///
/// Context: any. Progress: lock-free (without compare-and-swap: one bounded
/// masked section). Ordering: whoever takes the lock next sees what was written
/// before. Ownership: nothing is kept.
///
/// Returns `QUELL_OK`: it was held, and is free; `QUELL_IGNORED`: it was free;
/// `QUELL_INVALID` where the pointer is null or misaligned.
///
/// # Safety
/// `lock` is of a lock, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_session_lock_break(
    lock: *mut quell_session_lock_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    match unsafe { lock_at(lock) } {
        Some(lock) if lock.break_hold() => Verdict::Ok,
        Some(_) => Verdict::Ignored,
        None => Verdict::Invalid,
    }
    .into()
}
