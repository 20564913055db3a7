//! Threads of the standard library, on hosts other than Linux and Windows.

use core::cell::Cell;
use core::ptr;
use core::time::Duration;
use std::thread::{self, Thread};
use std::time::Instant;

use crate::sync::{AtomicU32, Ordering};

/// Who calls: a number that no other thread has at the same time, never zero.
pub(crate) fn me() -> usize {
    std::thread_local!(static HERE: u8 = const { 0 });
    HERE.with(|here| ptr::from_ref(here).addr())
}

pub(super) fn yield_now() {
    thread::yield_now();
}

/// Sleeps for a moment.
pub(super) fn nap() {
    thread::sleep(Duration::from_micros(50));
}

/// One thread that waits for one signal, on that thread's stack.
pub(crate) struct Parker {
    signal: AtomicU32,
    thread: Thread,
    /// For a list of parkers.
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

    /// Waits for the signal; false where `limit` ran out first.
    pub(crate) fn wait(&self, limit: Option<Duration>) -> bool {
        let until = limit.and_then(|limit| Instant::now().checked_add(limit));
        while !self.is_signalled() {
            match until {
                None => thread::park(),
                Some(until) => match until.checked_duration_since(Instant::now()) {
                    Some(left) if !left.is_zero() => thread::park_timeout(left),
                    _ => return self.is_signalled(),
                },
            }
        }
        true
    }

    /// Gives the signal.
    ///
    /// # Safety
    /// `this` is of a parker, which stays in place until it has been signalled.
    pub(crate) unsafe fn signal(this: *const Self) {
        // SAFETY: the caller's promise; the reference ends before the signal.
        let thread = unsafe { (*this).thread.clone() };
        // Ordering: Release, partner: the Acquire in `is_signalled`. From here
        // on the parker may be gone.
        // SAFETY: the caller's promise.
        unsafe { (*this).signal.store(1, Ordering::Release) };
        thread.unpark();
    }
}
