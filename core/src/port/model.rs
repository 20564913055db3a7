//! The port of the models: loom's threads.

use core::ptr;
use core::time::Duration;

use loom::thread::{self, Thread};

use crate::sync::{AtomicU32, Cell, Ordering};

loom::thread_local! {
    static HERE: Box<u8> = Box::new(0);
}

pub(crate) fn me() -> usize {
    HERE.with(|here| ptr::from_ref(&**here).addr())
}

pub(crate) const fn in_interrupt() -> bool {
    false
}

pub(crate) fn relax(_turn: &mut u32) {
    thread::yield_now();
}

pub(crate) struct Section;

impl Section {
    /// Whether a list's lock is the bit in its head.
    pub(crate) const LOCK_SPINS: bool = true;

    pub(crate) fn enter() -> Self {
        Self
    }
}

/// The models drain by themselves.
pub fn set_pend_drain(_pend: Option<extern "C" fn()>) {}

pub(crate) fn pend_drain() {}

/// For how long to wait; `None`: until it is signalled.
pub(crate) type Limit = Option<core::time::Duration>;

pub(crate) fn limit(limit: Limit) -> Limit {
    limit
}

pub(crate) fn limit_us(limit: Option<u64>) -> Limit {
    limit.map(core::time::Duration::from_micros)
}

pub(crate) struct Parker {
    signal: AtomicU32,
    thread: Thread,
    pub(crate) next: Cell<*const Parker>,
}

impl Parker {
    pub(crate) fn new() -> Self {
        Self { signal: AtomicU32::new(0), thread: thread::current(), next: Cell::new(ptr::null()) }
    }

    fn is_signalled(&self) -> bool {
        // Ordering: Acquire, partner: the Release in `signal`.
        self.signal.load(Ordering::Acquire) != 0
    }

    /// Without a limit it waits; with one, loom decides whether time runs out:
    /// both what comes before and what comes after are looked at.
    pub(crate) fn wait(&self, limit: Option<Duration>) -> bool {
        while !self.is_signalled() {
            if limit.is_some() {
                return false;
            }
            thread::park();
        }
        true
    }

    /// # Safety
    /// As on hosts.
    pub(crate) unsafe fn signal(this: *const Self) {
        // SAFETY: the caller's promise; the reference ends before the signal.
        let thread = unsafe { (*this).thread.clone() };
        // Ordering: Release, partner: the Acquire in `is_signalled`.
        // SAFETY: the caller's promise.
        unsafe { (*this).signal.store(1, Ordering::Release) };
        thread.unpark();
    }
}
