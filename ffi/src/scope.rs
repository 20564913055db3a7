//! Scopes: a tree through which a request goes down.

use core::ffi::c_void;
use core::mem::{align_of, size_of};

use quell::{Cause, Level, Request, Rights, Scope, Verdict};

use crate::handle::{Place, quell_handle_t};
use crate::pointer;
use crate::source::quell_source_t;
use crate::telling;
use crate::terms::{CauseNumber, LevelNumber, quell_level_t, quell_verdict_t};

/// A scope: an operation of nobody's that is cancelled, tells its hooks and the
/// scopes below it, and ends when it is closed. 32 bytes on 32-bit targets, 48
/// on 64-bit.
///
/// All-zero memory is a valid, closed scope. Ownership: the caller's; it stays
/// in place until it has been closed.
#[repr(C, align(8))]
#[derive(Debug)]
pub struct quell_scope_t {
    /// Its source, for `quell_source_open` and the inlined poll.
    pub source: quell_source_t,
    /// Only quell reads and writes it.
    pub reserved: [*mut c_void; 3],
}

const _: () = assert!(size_of::<quell_scope_t>() == size_of::<Scope<'static>>());
const _: () = assert!(align_of::<quell_scope_t>() == align_of::<Scope<'static>>());

/// The scope at this address.
///
/// # Safety
/// A usable address is of memory that stays a scope for `'a`.
unsafe fn at<'a>(scope: *const quell_scope_t) -> Option<&'a Scope<'static>> {
    // SAFETY: aligned and not null; the caller vouches for the memory. C closes
    // a scope itself, so no destructor runs.
    if pointer::usable(scope) { Some(unsafe { &*scope.cast::<Scope<'static>>() }) } else { None }
}

/// Opens a scope, inside `parent` or, where that is null, on its own. A parent
/// that has been cancelled passes its request on before this returns.
///
/// Context: thread, inside a hook as well. Progress: bounded locks, then perhaps
/// hooks. Ordering: as `quell_cancel`. Ownership: both stay the caller's. The
/// parent stays in place until this scope has been closed, or until the parent
/// itself has been closed by the same thread, or before this one is.
///
/// Returns `QUELL_OK`; `QUELL_BAD_STATE` where `scope` is open, or `parent` is
/// not; `QUELL_INVALID` where `scope` is null, or a pointer misaligned.
///
/// # Safety
/// `scope` is of a scope, `parent` of one, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_scope_open(
    scope: *mut quell_scope_t,
    parent: *mut quell_scope_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    match (unsafe { at(scope) }, unsafe { at(parent) }) {
        // SAFETY: the caller's promise.
        (Some(scope), above) if above.is_some() || parent.is_null() => unsafe {
            scope.open_raw(above.map(|above| above.source()), false).into()
        },
        _ => quell_verdict_t::QUELL_INVALID,
    }
}

/// Opens a scope below any operation that has a source, heard or, where
/// `shielded` is not zero, not heard until `quell_scope_shield` says so.
///
/// Context, Progress, Ordering, Ownership: as `quell_scope_open`; when the
/// parent's operation ends, the scope lives on without a parent.
///
/// Returns as `quell_scope_open`; `QUELL_UNSUPPORTED` where the operation of
/// `parent` has no source; `QUELL_STALE` where `parent` is of an earlier
/// generation; `QUELL_INVALID` where `parent` is null.
///
/// # Safety
/// `scope` is of a scope, `parent` of a handle whose source is in place, or not
/// usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_scope_open_below(
    scope: *mut quell_scope_t,
    parent: *const quell_handle_t,
    shielded: u32,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let above = unsafe { pointer::get(parent).and_then(|held| held.parts()) };
    // SAFETY: the caller's promise.
    match (unsafe { at(scope) }, above) {
        (Some(_), Some((Place::Plain(_), _))) => quell_verdict_t::QUELL_UNSUPPORTED,
        (Some(_), Some((place, ticket))) if place.op().status(ticket).is_none() => {
            quell_verdict_t::QUELL_STALE
        }
        // SAFETY: the caller's promise.
        (Some(scope), Some((Place::Telling(source), _))) => unsafe {
            scope.open_raw(Some(source), shielded != 0).into()
        },
        _ => quell_verdict_t::QUELL_INVALID,
    }
}

/// Makes a scope deaf to its parent's requests, or lets it hear them again; what
/// the parent has been asked meanwhile is then passed on before this returns.
///
/// Context: thread, inside a hook as well. Progress: bounded locks, then perhaps
/// hooks. Ordering: as `quell_cancel`.
///
/// Returns `QUELL_OK`; `QUELL_BAD_STATE` where it has no parent, or the parent
/// has ended; `QUELL_INVALID` where the pointer is null or misaligned.
///
/// # Safety
/// `scope` is of a scope, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_scope_shield(
    scope: *mut quell_scope_t,
    shielded: u32,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    match unsafe { at(scope) } {
        Some(scope) => scope.set_shielded(shielded != 0).into(),
        None => quell_verdict_t::QUELL_INVALID,
    }
}

/// Cancels a scope and everything below it.
///
/// Context: thread, inside a hook as well; in an interrupt
/// `quell_cancel_from_isr` with a handle of it. Progress: bounded locks, then
/// all hooks below; constant stack, however deep. Ordering: as `quell_cancel`.
///
/// Returns `QUELL_CANCELLING`; `QUELL_RAISED`; `QUELL_ALREADY_CANCELLING`;
/// `QUELL_BAD_STATE` where it is not open; `QUELL_INVALID` where the pointer is
/// null or misaligned, or level or cause is none of the enum's.
///
/// # Safety
/// `scope` is of a scope, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_scope_cancel(
    scope: *mut quell_scope_t,
    level: LevelNumber,
    cause: CauseNumber,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    match (unsafe { at(scope) }, Level::from_raw(level.0), Cause::from_raw(cause.0)) {
        (Some(scope), Some(level), Some(cause)) => scope.cancel(Request::new(level, cause)).into(),
        _ => quell_verdict_t::QUELL_INVALID,
    }
}

/// The level that whoever works in the scope is to obey.
///
/// Context: any, an interrupt included. Progress: wait-free: one load, one
/// test. Ordering: none.
///
/// Returns the level; `QUELL_LEVEL_NONE` where there is none. The inlined form
/// does not check the pointer; the symbol answers `QUELL_LEVEL_NONE` to one that
/// is null or misaligned.
///
/// # Safety
/// `scope` is of a scope, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_scope_poll(scope: *const quell_scope_t) -> quell_level_t {
    // SAFETY: the caller's promise.
    unsafe { at(scope) }.and_then(Scope::poll).into()
}

/// A handle of an open scope: for hooks, waiting, its status, and for
/// `quell_cancel`.
///
/// Context: any. Progress: wait-free. Ordering: none. `rights`:
/// `QUELL_RIGHT_OBSERVE` or `QUELL_RIGHT_CANCEL`.
///
/// Returns `QUELL_OK`; `QUELL_INVALID` where a pointer is null or misaligned, or
/// `rights` is another right: `*handle` is then all-zero.
///
/// # Safety
/// `scope` is of a scope, `handle` of memory for a handle, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_scope_handle(
    scope: *mut quell_scope_t,
    rights: u32,
    handle: *mut quell_handle_t,
) -> quell_verdict_t {
    telling::bring();
    let offered = Rights::from_raw(rights).filter(|rights| Rights::CANCEL.contains(*rights));
    // SAFETY: the caller's promise.
    let made = unsafe { at(scope) }
        .zip(offered)
        .map(|(open, rights)| quell_handle_t::of(scope.cast(), open.source().ticket(rights)));
    // SAFETY: the caller's promise.
    unsafe { crate::handle::hand_over(made, handle) }
}

/// Closes a scope: it leaves its parent, its hooks are told the end (finished,
/// or cancelled where it had been asked), and scopes below it live on without a
/// parent. It can be opened again.
///
/// Inside one of its own hooks: the others are told first, and the calling one
/// does not hear the end.
///
/// Context: thread. Progress: blocks while hooks run on other threads, but for
/// the last one, which may be running still when this returns:
/// `quell_hook_detach_sync`, before the scope is closed, waits for that one.
/// Ordering: sees what the other hooks wrote. Ownership: the memory is the
/// caller's.
///
/// Returns `QUELL_OK`; `QUELL_BAD_STATE` where it is not open;
/// `QUELL_WOULD_BLOCK` in an interrupt; `QUELL_INVALID` where the pointer is null
/// or misaligned.
///
/// # Safety
/// `scope` is of a scope, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_scope_close(scope: *mut quell_scope_t) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    unsafe { at(scope) }.map_or(Verdict::Invalid, Scope::close).into()
}
