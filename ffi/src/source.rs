//! Operations that tell their hooks.

use core::ffi::c_void;
use core::mem::{align_of, size_of};

use quell::{Mode, Rights, Source, Verdict};

use crate::handle::{Place, quell_handle_t, quell_op_t};
use crate::pointer;
use crate::telling;
use crate::terms::quell_verdict_t;

/// An operation that tells its hooks, wakes those who wait for it, and can have
/// others below it: 16 bytes on 32-bit targets, 24 on 64-bit.
///
/// All-zero memory is a valid, vacant source. Its operation is armed by
/// `quell_source_arm`; from then on every call on a handle or worker of it is
/// the plain operation's. Ownership: the caller's; it stays in place until it
/// has been retired. It is not for memory shared by processes: it holds
/// addresses.
#[repr(C, align(8))]
#[derive(Debug)]
pub struct quell_source_t {
    /// The operation: for the inlined poll. A handle that `quell_op_open` makes
    /// of it can only look; `quell_source_open` makes others.
    pub op: quell_op_t,
    /// Only quell reads and writes it.
    pub reserved: [*mut c_void; 2],
}

const _: () = assert!(size_of::<quell_source_t>() == size_of::<Source>());
const _: () = assert!(align_of::<quell_source_t>() == align_of::<Source>());

/// The source at this address.
///
/// # Safety
/// A usable address is of memory that stays a source for `'a`.
pub(crate) unsafe fn at<'a>(source: *const quell_source_t) -> Option<&'a Source> {
    // SAFETY: the caller's promise; same size and alignment, asserted above.
    unsafe { pointer::source(source.cast()) }
}

/// Makes a vacant source a pending operation, and its caller the owner.
///
/// `mode`: `QUELL_MODE_…`, combined with `|`.
///
/// Context: any; one owner at a time. Progress: lock-free (without
/// compare-and-swap: one bounded masked section). Ordering: as `quell_op_arm`.
/// Ownership: `source` stays the caller's, and in place until it is retired;
/// `*owner` is a plain value with every right.
///
/// Returns `QUELL_OK`; `QUELL_BAD_STATE` where the source is not vacant;
/// `QUELL_INVALID` where a pointer is null or misaligned, or `mode` has an
/// unknown bit. Except with `QUELL_OK`, `*owner` is all-zero.
///
/// # Safety
/// `source` is of a source, `owner` of memory for a handle, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_source_arm(
    source: *mut quell_source_t,
    mode: u32,
    owner: *mut quell_handle_t,
) -> quell_verdict_t {
    telling::bring();
    // SAFETY: the caller's promise.
    let cell = unsafe { at(source) };
    let (verdict, handle) = match (cell, Mode::from_raw(mode), pointer::usable(owner)) {
        (Some(cell), Some(mode), true) => match cell.arm_ticket(mode) {
            (Verdict::Ok, ticket) => (Verdict::Ok, quell_handle_t::of(source.cast(), ticket)),
            (refusal, _) => (refusal, quell_handle_t::NONE),
        },
        _ => (Verdict::Invalid, quell_handle_t::NONE),
    };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(owner, handle) };
    verdict.into()
}

/// A handle of whatever operation is in `source` now.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: as
/// `quell_op_open`.
///
/// Returns `QUELL_OK`; `QUELL_INVALID` where a pointer is null or misaligned,
/// or `rights` has an unknown bit: `*handle` is then all-zero.
///
/// # Safety
/// `source` is of a source, `handle` of memory for a handle, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_source_open(
    source: *mut quell_source_t,
    rights: u32,
    handle: *mut quell_handle_t,
) -> quell_verdict_t {
    telling::bring();
    // SAFETY: the caller's promise.
    let opened = match (unsafe { at(source) }, Rights::from_raw(rights)) {
        (Some(cell), Some(rights)) => Some(quell_handle_t::of(source.cast(), cell.ticket(rights))),
        _ => None,
    };
    // SAFETY: the caller's promise.
    unsafe { crate::handle::hand_over(opened, handle) }
}

/// Waits until all hooks of an operation have been told of what has happened,
/// but for the last one, which may be running still, for it may free the source:
/// `quell_hook_detach_sync` waits for that one.
/// From inside one of them, where the operation has ended: the others are told
/// before this returns, and the calling one is not waited for and hears nothing
/// more. After it `quell_op_retire` of an operation that has ended is not told
/// `QUELL_BUSY`.
///
/// Context: thread, inside a hook as well. Progress: blocks while hooks of
/// other threads run. Ordering: sees what the hooks wrote, but the last.
/// Ownership: `handle` is not kept.
///
/// Returns `QUELL_OK`, at once where the operation has no source; `QUELL_BUSY`
/// inside a hook of an operation that goes on; `QUELL_WOULD_BLOCK` in an interrupt; `QUELL_INVALID` where the pointer is null
/// or misaligned, or `*handle` is no handle.
///
/// # Safety
/// `handle` is of a handle whose op is still in place, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_settle(handle: *const quell_handle_t) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let parts = unsafe { pointer::get(handle).and_then(|held| held.parts()) };
    match parts {
        Some((Place::Plain(_), _)) => quell_verdict_t::QUELL_OK,
        Some((Place::Telling(source), _)) => {
            telling::verbs().map_or(Verdict::Invalid, |verbs| (verbs.settle)(source)).into()
        }
        None => quell_verdict_t::QUELL_INVALID,
    }
}
