//! Threads of Linux: futexes, by way of `rustix`, and no standard library.
//!
//! ```text
//! AWAKE ──the waiter──▶ ASLEEP ──signal──▶ SIGNALLED ──its system call is over──▶ LEFT
//!   └───────────────────signal────────────▶ LEFT
//! ```
//!
//! Whoever signals touches the parker last when it writes LEFT, and the waiter
//! does not leave before: so the address that is handed to the kernel is always
//! that of a parker in place. Who does not sleep costs no system call.

use core::cell::Cell;
use core::ptr;
use core::time::Duration;

use rustix::thread::futex::{self, Flags, Timespec};

use crate::sync::{AtomicU32, Ordering};

const AWAKE: u32 = 0;
const ASLEEP: u32 = 1;
const SIGNALLED: u32 = 2;
const LEFT: u32 = 3;

/// Who calls: a number that no other thread has at the same time, never zero.
/// The thread pointer, where it can be read without a system call.
#[inline]
pub(crate) fn me() -> usize {
    #[cfg(target_arch = "x86_64")]
    {
        let pointer: usize;
        // SAFETY: the ABI has the thread pointer itself in the word that it
        // points at; nothing is written.
        unsafe {
            core::arch::asm!("mov {}, fs:0", out(reg) pointer,
                options(nostack, preserves_flags, readonly));
        }
        pointer
    }
    #[cfg(target_arch = "aarch64")]
    {
        let pointer: usize;
        // SAFETY: reads a register.
        unsafe {
            core::arch::asm!("mrs {}, tpidr_el0", out(reg) pointer,
                options(nostack, preserves_flags, nomem));
        }
        pointer
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    {
        rustix::thread::gettid().as_raw_nonzero().get().unsigned_abs() as usize
    }
}

pub(crate) fn yield_now() {
    rustix::thread::sched_yield();
}

/// One thread that waits for one signal, on that thread's stack.
pub(crate) struct Parker {
    state: AtomicU32,
    /// For a list of parkers.
    pub(crate) next: Cell<*const Parker>,
}

/// A time on the monotonic clock, in nanoseconds.
fn now() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let rest = u64::try_from(time.tv_nsec).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(rest)
}

impl Parker {
    pub(crate) fn new() -> Self {
        Self { state: AtomicU32::new(AWAKE), next: Cell::new(ptr::null()) }
    }

    /// Waits for the signal; false where `limit` ran out first.
    pub(crate) fn wait(&self, limit: Option<Duration>) -> bool {
        // A limit beyond the clock's range is none.
        let until = limit
            .and_then(|limit| u64::try_from(limit.as_nanos()).ok())
            .and_then(|nanoseconds| now().checked_add(nanoseconds));
        // Ordering: Acquire where it fails, partner: the Release in `signal`.
        // Relaxed where it does not: nothing is published.
        let asleep =
            self.state.compare_exchange(AWAKE, ASLEEP, Ordering::Relaxed, Ordering::Acquire);
        if asleep.is_err() {
            self.wait_left();
            return true;
        }
        loop {
            let left = until.map(|until| until.saturating_sub(now()));
            if left != Some(0) {
                let left = left.map(|nanoseconds| Timespec {
                    tv_sec: i64::try_from(nanoseconds / 1_000_000_000).unwrap_or(i64::MAX),
                    tv_nsec: i64::try_from(nanoseconds % 1_000_000_000).unwrap_or(0),
                });
                // Woken, interrupted, timed out, or signalled before: the state
                // says which.
                let _ = futex::wait(&self.state, Flags::PRIVATE, ASLEEP, left.as_ref());
            }
            // Ordering: Acquire, partner: the Release in `signal`.
            if self.state.load(Ordering::Acquire) != ASLEEP {
                self.wait_left();
                return true;
            }
            if left == Some(0) {
                // Ordering: Relaxed: nothing is published. Failure: Acquire, as
                // above.
                let withdrawn = self.state.compare_exchange(
                    ASLEEP,
                    AWAKE,
                    Ordering::Relaxed,
                    Ordering::Acquire,
                );
                if withdrawn.is_ok() {
                    return false;
                }
            }
        }
    }

    /// Waits until whoever signalled has left: the end of one system call.
    fn wait_left(&self) {
        let mut turn = 0;
        // Ordering: Acquire, partner: the Release of both writes of LEFT.
        while self.state.load(Ordering::Acquire) != LEFT {
            crate::port::relax(&mut turn);
        }
    }

    /// Gives the signal.
    ///
    /// # Safety
    /// `this` is of a parker, which stays in place until it has been signalled.
    pub(crate) unsafe fn signal(this: *const Self) {
        // SAFETY: the caller's promise; it stays until LEFT is written.
        let state = unsafe { &(*this).state };
        // Ordering: Release, partner: the Acquire in `wait`. Failure: Relaxed:
        // the waiter sleeps, and the next write publishes.
        let awake = state.compare_exchange(AWAKE, LEFT, Ordering::Release, Ordering::Relaxed);
        if awake.is_ok() {
            return;
        }
        // Ordering: Release, partner: the Acquire in `wait`. A waiter that
        // withdraws at this moment has its swap fail, or has made this one's
        // value old: so a swap, not a store.
        if state.swap(SIGNALLED, Ordering::Release) == ASLEEP {
            let _ = futex::wake(state, Flags::PRIVATE, 1);
        }
        // Ordering: Release, partner: the Acquire in `wait_left`. The last
        // touch.
        state.store(LEFT, Ordering::Release);
    }
}
