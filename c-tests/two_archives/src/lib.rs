//! Another Rust static library in the same program, which uses the core crate
//! on operations that the C program armed through libquell_ffi.a.

use std::panic::catch_unwind;

use quell::{Cause, Level, Op, Request, Rights};

/// Asks for a cancel, and returns the verdict's number.
///
/// # Safety
/// `op` is of a `quell_op_t` that stays in place.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn neighbour_cancel(op: *const Op, level: u32) -> u32 {
    // SAFETY: the caller's promise; a `quell_op_t` is laid out as an `Op`.
    let op = unsafe { &*op };
    let level = Level::from_raw(level).unwrap_or(Level::Graceful);
    let request = Request::new(level, Cause::Peer);
    let gate = None::<fn(Request) -> u32>;
    op.cancel(op.ticket(Rights::CANCEL), request, gate).verdict.raw()
}

/// A panic inside this library, caught inside it: its own runtime is whole.
/// Returns the length of the message, which it allocated.
#[unsafe(no_mangle)]
pub extern "C" fn neighbour_catches_its_panic(value: u32) -> u32 {
    let caught = catch_unwind(|| {
        if value != 0 {
            std::panic::resume_unwind(Box::new(format!("value {value}")));
        }
    });
    match caught {
        Ok(()) => 0,
        Err(payload) => payload
            .downcast_ref::<String>()
            .and_then(|text| u32::try_from(text.len()).ok())
            .unwrap_or(u32::MAX),
    }
}
