//! One requester at a time: what a snapshot set holds from its start to its end.

use crate::sync::{AtomicU32, Ordering};

const HELD: u32 = 1 << 31;

/// The lock that all sessions of one machine, or one memory, share: 4 bytes,
/// all-zero is free. It never waits.
///
/// Each hold has a number of its own, so a hold that was given up, or that
/// somebody broke, is not given up a second time under somebody else.
#[repr(transparent)]
#[derive(Debug)]
pub struct SessionLock(AtomicU32);

impl SessionLock {
    /// A free lock.
    #[cfg(not(quell_loom))]
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    /// A free lock.
    #[cfg(quell_loom)]
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    /// Takes the lock, if it is free: the number of the hold.
    pub(crate) fn take(&self) -> Option<u32> {
        // Ordering: Relaxed: the swap acquires.
        let seen = self.0.load(Ordering::Relaxed);
        let hold = seen.wrapping_add(1) | HELD;
        if seen & HELD != 0 {
            return None;
        }
        // Ordering: Acquire, partner: the Release in `give_up`. Failure:
        // Relaxed: somebody else has it.
        self.0.compare_exchange(seen, hold, Ordering::Acquire, Ordering::Relaxed).ok().map(|_| hold)
    }

    /// Gives up the hold of this number; nothing where it is over.
    pub(crate) fn give_up(&self, hold: u32) {
        if hold & HELD != 0 {
            // Ordering: Release, partner: the Acquire in `take`. Failure:
            // Relaxed: it was given up before.
            let _ =
                self.0.compare_exchange(hold, hold & !HELD, Ordering::Release, Ordering::Relaxed);
        }
    }

    /// Whether a session holds it.
    #[must_use]
    pub fn is_held(&self) -> bool {
        // Ordering: Relaxed: a look, which may be outdated at once.
        self.0.load(Ordering::Relaxed) & HELD != 0
    }

    /// Frees the lock of a session whose process is gone. The caller vouches
    /// for that. Whether it was held.
    pub fn break_hold(&self) -> bool {
        // Ordering: Acquire, partner: the Release in `give_up`.
        let seen = self.0.load(Ordering::Acquire);
        self.give_up(seen);
        seen & HELD != 0
    }
}
