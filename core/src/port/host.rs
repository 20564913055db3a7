//! The port of hosts: threads that wait and wake each other.

use core::ptr;

use crate::sync::{AtomicPtr, Ordering};

#[cfg(any(target_os = "linux", windows))]
#[path = "bed.rs"]
mod thread;
#[cfg(not(any(target_os = "linux", windows)))]
#[path = "threads.rs"]
mod thread;

use thread::{nap, yield_now};

pub(crate) use thread::{Parker, me};

/// Whether the caller must not wait. A host cannot tell; a signal handler uses
/// the calls that are made for interrupts.
pub(crate) const fn in_interrupt() -> bool {
    false
}

/// Lets whoever holds what is waited for go on; `turn` counts the tries. In the
/// end it sleeps: a thread of a higher real-time priority that only yielded would
/// never let a lower one run on its processor.
pub(crate) fn relax(turn: &mut u32) {
    *turn = turn.saturating_add(1);
    match *turn {
        0..64 => core::hint::spin_loop(),
        64..256 => yield_now(),
        _ => nap(),
    }
}

/// What a lock takes besides its bit: nothing.
pub(crate) struct Section;

impl Section {
    /// Whether a list's lock is the bit in its head.
    pub(crate) const LOCK_SPINS: bool = true;

    pub(crate) const fn enter() -> Self {
        Self
    }
}

static PEND: AtomicPtr<()> = AtomicPtr::new(ptr::null_mut());

/// What is to be called when an interrupt, on a host a signal handler, has left
/// something to [`drain`](crate::drain). It runs where
/// [`cancel_from_isr`](crate::Source::cancel_from_isr) was called.
///
/// Context: thread. Progress: wait-free. Ordering: what was written before is
/// seen by `pend`.
pub fn set_pend_drain(pend: Option<extern "C" fn()>) {
    // Ordering: Release, partner: the Acquire in `pend_drain`.
    PEND.store(pend.map_or(ptr::null_mut(), |pend| pend as *mut ()), Ordering::Release);
}

/// Asks for a drain in thread context.
pub(crate) fn pend_drain() {
    // Ordering: Acquire, partner: the Release in `set_pend_drain`.
    let pend = PEND.load(Ordering::Acquire);
    if !pend.is_null() {
        // SAFETY: only `set_pend_drain` writes it, and writes such a function.
        unsafe { core::mem::transmute::<*mut (), extern "C" fn()>(pend)() }
    }
}

/// For how long to wait; `None`: until it is signalled.
pub(crate) type Limit = Option<core::time::Duration>;

pub(crate) fn limit(limit: Limit) -> Limit {
    limit
}

pub(crate) fn limit_us(limit: Option<u64>) -> Limit {
    limit.map(core::time::Duration::from_micros)
}
