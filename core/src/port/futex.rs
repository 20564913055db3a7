//! Threads of Linux: futexes, by way of `rustix`, and no standard library.
//!
//! ```text
//! AWAKE ──the waiter──▶ ASLEEP ──signal──▶ SIGNALLED
//!   └───────────────────signal────────────▶ SIGNALLED
//! ```
//!
//! The swap to SIGNALLED is the last touch of a parker: its thread may go on, and
//! the parker be gone, before the system call that wakes it. So threads do not
//! sleep at their parkers but at a *bed*, a static word that the parker's address
//! chooses, and whoever finds a parker ASLEEP counts its bed up and wakes all at
//! it; those whose signal it was not lie down again. Who does not sleep costs no
//! system call.

use core::cell::Cell;
use core::ptr;
use core::time::Duration;

use rustix::thread::futex::{self, Flags, Timespec};

use crate::sync::{AtomicU32, Ordering};

const AWAKE: u32 = 0;
const ASLEEP: u32 = 1;
const SIGNALLED: u32 = 2;

static BEDS: [AtomicU32; 64] = [const { AtomicU32::new(0) }; 64];

/// The bed of the parker at this address. Two stacks seldom have the same bits
/// here: frames differ in the lower ones, stacks in the upper.
fn bed_of(parker: *const Parker) -> &'static AtomicU32 {
    let address = parker.addr();
    let mixed = (address >> 4 ^ address >> 10 ^ address >> 16 ^ address >> 22) & 63;
    BEDS.get(mixed).unwrap_or(&BEDS[0])
}

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

pub(super) fn yield_now() {
    rustix::thread::sched_yield();
}

/// Sleeps for a moment.
pub(super) fn nap() {
    let _ = rustix::thread::nanosleep(&Timespec { tv_sec: 0, tv_nsec: 50_000 });
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
        let bed = bed_of(self);
        // Ordering: Acquire, partner: the Release in `signal`: who sees the bed
        // counted up sees the signal.
        let mut count = bed.load(Ordering::Acquire);
        // Ordering: Relaxed: nothing is published, and the bed was looked at
        // before. Failure: Acquire, partner: the Release in `signal`.
        let lain_down =
            self.state.compare_exchange(AWAKE, ASLEEP, Ordering::Relaxed, Ordering::Acquire);
        if lain_down.is_err() {
            return true;
        }
        loop {
            let left = until.map(|until| until.saturating_sub(now()));
            if left == Some(0) {
                // Ordering: Relaxed: nothing is published. Failure: Acquire,
                // partner: the Release in `signal`.
                return self
                    .state
                    .compare_exchange(ASLEEP, AWAKE, Ordering::Relaxed, Ordering::Acquire)
                    .is_err();
            }
            let left = left.map(|nanoseconds| Timespec {
                tv_sec: i64::try_from(nanoseconds / 1_000_000_000).unwrap_or(i64::MAX),
                tv_nsec: i64::try_from(nanoseconds % 1_000_000_000).unwrap_or(0),
            });
            // Woken, interrupted, timed out, or too late to lie down: the state
            // says which.
            let _ = futex::wait(bed, Flags::PRIVATE, count, left.as_ref());
            // Ordering: Acquire, partner: as above.
            count = bed.load(Ordering::Acquire);
            // Ordering: Acquire, partner: the Release in `signal`.
            if self.state.load(Ordering::Acquire) == SIGNALLED {
                return true;
            }
        }
    }

    /// Gives the signal.
    ///
    /// # Safety
    /// `this` is of a parker, which stays in place until it has been signalled.
    pub(crate) unsafe fn signal(this: *const Self) {
        let bed = bed_of(this);
        // Ordering: Release, partner: the Acquire in `wait`. The last touch.
        // SAFETY: the caller's promise.
        let was = unsafe { (*this).state.swap(SIGNALLED, Ordering::Release) };
        if was == ASLEEP {
            // Ordering: Release, partner: the Acquire in `wait`.
            bed.fetch_add(1, Ordering::Release);
            let _ = futex::wake(bed, Flags::PRIVATE, u32::MAX >> 1);
        }
    }
}
