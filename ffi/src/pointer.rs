//! What C hands over by address: null and misaligned are answered, not met.

use core::mem::{align_of, size_of};
use quell::{Op, Source};

use crate::handle::quell_op_t;

const _: () = assert!(size_of::<quell_op_t>() == size_of::<Op>());
const _: () = assert!(align_of::<quell_op_t>() == align_of::<Op>());

/// Whether `pointer` can be read and written as far as an address can tell.
#[inline]
pub(crate) fn usable<T>(pointer: *const T) -> bool {
    !pointer.is_null() && pointer.is_aligned()
}

/// The operation at this address.
///
/// # Safety
/// A usable address is of 8 readable and writable bytes that stay an op for
/// `'a`, and that are only accessed atomically meanwhile.
#[inline]
pub(crate) unsafe fn op<'a>(pointer: *const quell_op_t) -> Option<&'a Op> {
    if !usable(pointer) {
        return None;
    }
    // SAFETY: aligned and not null; the caller vouches for the memory, and an
    // `Op` has the same layout (asserted above) and takes any bits.
    Some(unsafe { &*pointer.cast::<Op>() })
}

/// The source whose op is at this address.
///
/// # Safety
/// A usable address is of a source's first field, whose memory stays a source
/// for `'a`, and is only accessed atomically meanwhile.
#[inline]
pub(crate) unsafe fn source<'a>(pointer: *const quell_op_t) -> Option<&'a Source> {
    let pointer = pointer.cast::<Source>();
    // SAFETY: aligned and not null; the caller vouches for the memory.
    if usable(pointer) { Some(unsafe { &*pointer }) } else { None }
}

/// What C placed at this address.
///
/// # Safety
/// A usable address is of an initialised `T` that nobody writes meanwhile.
#[inline]
pub(crate) unsafe fn get<T: Copy>(pointer: *const T) -> Option<T> {
    // SAFETY: aligned and not null; the caller vouches for the rest.
    if usable(pointer) { Some(unsafe { pointer.read() }) } else { None }
}

/// Places `value` at this address. Nothing happens at one that is not usable.
///
/// # Safety
/// A usable address is of memory for a `T` that nobody accesses meanwhile.
#[inline]
pub(crate) unsafe fn put<T>(pointer: *mut T, value: T) {
    if usable(pointer) {
        // SAFETY: aligned and not null; the caller vouches for the rest.
        unsafe { pointer.write(value) }
    }
}
