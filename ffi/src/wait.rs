//! Waiting, and what interrupts leave behind.

use quell::{Events, Verdict};

use crate::handle::{Place, quell_handle_t};
use crate::hook::quell_told_t;
use crate::pointer;
use crate::terms::quell_verdict_t;

/// No limit to `quell_wait`.
pub const QUELL_FOREVER: u64 = u64::MAX;

/// Waits until any of `events` has happened to an operation that has a source,
/// no longer than `limit_us` microseconds.
///
/// A request is seen when it is recorded, inside a shield too. Time that runs
/// out cancels nothing. All who wait are woken.
///
/// Context: thread. Progress: blocks; no system call where it need not wait,
/// and nobody pays for waiting where nobody waits. Ordering: sees what was
/// written before the thing that it waited for. Ownership: nothing is kept;
/// `told` may be null.
///
/// Returns
/// - `QUELL_OK`: `*told` says what happened, and how the operation stood;
/// - `QUELL_TIMED_OUT`: nothing of it yet;
/// - `QUELL_RAN`: the operation has ended without any of it;
/// - `QUELL_WOULD_BLOCK`: in an interrupt;
/// - `QUELL_UNSUPPORTED`: the operation has no source;
/// - `QUELL_BAD_STATE`: it is vacant; `QUELL_STALE`: the handle is of an earlier
///   generation;
/// - `QUELL_INVALID`: `handle` is null, a pointer misaligned, `*handle` is no
///   handle, or `events` is zero or has an unknown bit.
///
/// Except with `QUELL_OK`, `*told` is all-zero.
///
/// # Safety
/// `handle` is of a handle whose source stays in place until this returns,
/// `told` of memory for what is told, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_wait(
    handle: *const quell_handle_t,
    events: u32,
    limit_us: u64,
    told: *mut quell_told_t,
) -> quell_verdict_t {
    let limit = (limit_us != QUELL_FOREVER).then_some(limit_us);
    // SAFETY: the caller's promise.
    let parts = unsafe { pointer::get(handle).and_then(|held| held.parts()) };
    let waited = match (parts, Events::from_raw(events)) {
        (Some((Place::Telling(source), ticket)), Some(events)) if told.is_aligned() => {
            source.wait_us(ticket, events, limit)
        }
        (Some((Place::Plain(_), _)), Some(_)) => Err(Verdict::Unsupported),
        _ => Err(Verdict::Invalid),
    };
    let (verdict, seen) = match waited {
        Ok(seen) => (Verdict::Ok, seen.into()),
        Err(refusal) => (refusal, quell_told_t::NOTHING),
    };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(told, seen) };
    verdict.into()
}

/// Tells the hooks of what interrupts have done. The port asks for it:
/// `quell_port_1_pend_drain` on bare metal, `quell_set_pend_drain` on a host.
///
/// Context: thread, or the one interrupt of the lowest priority. Progress: runs
/// hooks. Ordering: the hooks see what the interrupt wrote before its call.
#[unsafe(no_mangle)]
pub extern "C" fn quell_drain() {
    quell::drain();
}
