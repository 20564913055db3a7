//! The polls as symbols. C and C++ get the same functions inlined from the
//! header; these are for callers through a shared library, other languages,
//! and `QUELL_NO_INLINE`.

use quell::word::Word;

use crate::handle::quell_op_t;
use crate::pointer;
use crate::terms::quell_level_t;
use crate::worker::quell_worker_t;

/// What the worker is to see now, for code that is handed only the operation.
///
/// Context: any, an interrupt included. Progress: wait-free: one load, one
/// test. Ordering: none; to read what the requester wrote, read the status.
///
/// Returns the level of the request that is to be obeyed; `QUELL_LEVEL_NONE`
/// where there is none, a shield is up, or the operation ended otherwise than
/// cancelled. The inlined form does not check the pointer; the symbol answers
/// `QUELL_LEVEL_NONE` to one that is null or misaligned.
///
/// # Safety
/// `op` is of an op, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_op_poll(op: *const quell_op_t) -> quell_level_t {
    // SAFETY: the caller's promise.
    unsafe { pointer::op(op) }.and_then(|op| op.poll()).into()
}

/// The rare half of the inlined `quell_worker_poll`: the operation's word is
/// `now`, and not `left`, the one that its worker left.
///
/// Context: any. Progress: wait-free. Ordering: none.
///
/// Returns as `quell_worker_poll`.
#[unsafe(no_mangle)]
pub extern "C" fn quell_worker_poll_changed(left: u32, now: u32) -> quell_level_t {
    Word::from_raw(now).against(Word::from_raw(left)).into()
}

/// What this worker is to obey now. Unlike `quell_op_poll` it also tells a
/// worker whose operation was forced, and perhaps reused, to stop.
///
/// Context: any; the worker only. Progress: wait-free: one load, one compare.
/// Ordering: none; to read what the requester wrote, read the status.
///
/// Returns the level; `QUELL_LEVEL_NONE` to go on; `QUELL_LEVEL_IMMEDIATE`
/// where the operation is not this worker's any more. The inlined form does not
/// check the pointer; the symbol answers `QUELL_LEVEL_IMMEDIATE` to what is no
/// worker.
///
/// # Safety
/// `worker` is of a worker whose op is still in place, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_worker_poll(worker: *const quell_worker_t) -> quell_level_t {
    // SAFETY: the caller's promise.
    let held = unsafe { pointer::get(worker) };
    // SAFETY: the caller's promise.
    match held.and_then(|held| unsafe { pointer::op(held.op) }.map(|op| (held, op))) {
        Some((held, op)) => op.poll_from(Word::from_raw(held.left)).into(),
        None => quell_level_t::QUELL_LEVEL_IMMEDIATE,
    }
}
