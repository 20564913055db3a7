//! Threads that sleep at words of memory: the parker of the systems that have
//! such a call, without the standard library.
//!
//! ```text
//! AWAKE ──the waiter──▶ ASLEEP ──signal──▶ SIGNALLED
//!   └───────────────────signal────────────▶ SIGNALLED
//! ```
//!
//! The swap to SIGNALLED is the last touch of a parker: its thread may go on, and
//! the parker be gone, before the call that wakes it. So threads do not sleep at
//! their parkers but at a *bed*, a static word that the parker's address chooses,
//! and whoever finds a parker ASLEEP counts its bed up and wakes all at it; those
//! whose signal it was not lie down again. Who does not sleep costs no system
//! call.
//!
//! The system gives three calls: `now`; `sleep`, which looks whether the bed still
//! has the count that the caller saw, in one step with lying down, and may return
//! at any time; and `wake_all`, of those who sleep at a bed.

use core::cell::Cell;
use core::ptr;
use core::time::Duration;

use crate::sync::{AtomicU32, Ordering};

#[cfg(target_os = "linux")]
#[path = "futex.rs"]
mod system;
#[cfg(windows)]
#[path = "windows.rs"]
mod system;

pub(crate) use system::{me, nap, yield_now};

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

/// One thread that waits for one signal, on that thread's stack.
pub(crate) struct Parker {
    state: AtomicU32,
    /// For a list of parkers.
    pub(crate) next: Cell<*const Parker>,
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
            .and_then(|nanoseconds| system::now().checked_add(nanoseconds));
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
            let left = until.map(|until| until.saturating_sub(system::now()));
            if left == Some(0) {
                // Ordering: Relaxed: nothing is published. Failure: Acquire,
                // partner: the Release in `signal`.
                return self
                    .state
                    .compare_exchange(ASLEEP, AWAKE, Ordering::Relaxed, Ordering::Acquire)
                    .is_err();
            }
            // Woken, interrupted, timed out, or too late to lie down: the state
            // says which.
            system::sleep(bed, count, left);
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
            system::wake_all(bed);
        }
    }
}
