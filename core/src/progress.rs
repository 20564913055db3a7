//! How much is done, of how much: written by the worker, readable by anyone at
//! any moment.
//!
//! # Protocol of `done`
//!
//! A 64-bit count on targets whose atomics have 32 bits, without a retry:
//! Lamport's clock of two digits, with the high digit kept twice.
//!
//! ```text
//! write (h, l), h changed:   upper = h     low = l     settled = h
//! write (h, l), h the same:                low = l
//! read:                      settled,      low,        upper
//! ```
//!
//! Each store is a Release, each load an Acquire, and the reader goes the
//! other way; so a reader that meets a digit of one count finds in the digits
//! that it reads later that count, or later ones.
//!
//! 1. `settled = upper = h`. `low` was stored after `settled = h` began to hold
//!    and before `upper` moved on: `(h, low)` is one count that was written,
//!    and held at some moment of the read.
//! 2. `settled = a < upper = b`. No count of the digit `b` was complete when
//!    the read began, so the count then was below `(b, 0)`; one of them had
//!    begun before the read ended, so the count then was at least `(b, 0)`.
//!    That is the answer.
//!
//! Either way the answer lies between the count at the start and the count at
//! the end of the read. Two reads, one after the other, see each digit in the
//! order in which it was stored, so the second answer is not below the first.
//!
//! # Protocol of `total`
//!
//! A total must be one that was said: half of one and half of another would
//! make up an end of the work. There are two places for it. `changes` counts
//! the totals that were set; the current one is in the place of that parity,
//! and the next one is written to the other before `changes` moves. A reader
//! that finds `changes` moved looks once more; if the total was set a second
//! time meanwhile, it says that it does not know it.
//!
//! `done` is read before `total`, and the writer raises `total` before `done`:
//! so what is read as done never exceeds what is read as the total.

use crate::sync::{AtomicU32, Ordering};
use crate::terms::Verdict;

/// How much was done, of how much, at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Units done. At most `total`, where that is known.
    pub done: u64,
    /// Units in all; zero where that is not known.
    pub total: u64,
}

impl Reading {
    /// Whether the total is known and has been reached.
    #[must_use]
    pub const fn complete(self) -> bool {
        self.total != 0 && self.done >= self.total
    }

    /// Whole hundredths done, from 0 to 100; 100 exactly when complete. `None`
    /// where the total is not known.
    #[must_use]
    pub const fn percent(self) -> Option<u32> {
        self.share::<100>()
    }

    /// Whole thousandths done, from 0 to 1000; 1000 exactly when complete.
    /// `None` where the total is not known.
    #[must_use]
    pub const fn permille(self) -> Option<u32> {
        self.share::<1000>()
    }

    /// `done · PARTS / total`, rounded down, without a wider number.
    const fn share<const PARTS: u32>(self) -> Option<u32> {
        let parts = PARTS as u64;
        if self.total == 0 {
            return None;
        }
        if self.done >= self.total {
            return Some(PARTS);
        }
        let share = match self.done.checked_mul(parts) {
            Some(product) => product.checked_div(self.total),
            // `total` is so large that one part is more than PARTS units: the
            // quotient by whole parts is the answer, or one more.
            None => match (self.total.checked_div(parts), self.total.checked_rem(parts)) {
                (Some(part), Some(rest)) => match self.done.checked_div(part) {
                    Some(share) if starts_at(share, part, rest, parts) > self.done => {
                        share.checked_sub(1)
                    }
                    share => share,
                },
                _ => None,
            },
        };
        match share {
            // Below PARTS, for `done` is below `total`.
            Some(share) => Some(share as u32),
            None => None,
        }
    }
}

/// The least count that is `share` parts of `part · parts + rest` units.
const fn starts_at(share: u64, part: u64, rest: u64, parts: u64) -> u64 {
    let whole = share.saturating_mul(part);
    match share.saturating_mul(rest).checked_next_multiple_of(parts) {
        Some(scaled) => match scaled.checked_div(parts) {
            Some(more) => whole.saturating_add(more),
            None => whole,
        },
        None => whole,
    }
}

/// The high and the low half of a number.
const fn halves(number: u64) -> (u32, u32) {
    ((number >> 32) as u32, number as u32)
}

const fn whole(high: u32, low: u32) -> u64 {
    (high as u64) << 32 | low as u64
}

/// Done and total: 32 bytes that lie anywhere, also in memory shared by
/// processes.
///
/// All-zero memory is a valid one: nothing done, the total not known. One
/// party writes, the worker; any number read.
#[repr(C)]
#[derive(Debug)]
pub struct Progress {
    settled: AtomicU32,
    low: AtomicU32,
    upper: AtomicU32,
    changes: AtomicU32,
    totals: [[AtomicU32; 2]; 2],
}

macro_rules! constructor {
    ($($const:tt)?) => {
        /// Nothing done, the total not known.
        #[must_use]
        #[allow(clippy::new_without_default)]
        pub $($const)? fn new() -> Self {
            Self {
                settled: AtomicU32::new(0),
                low: AtomicU32::new(0),
                upper: AtomicU32::new(0),
                changes: AtomicU32::new(0),
                totals: [
                    [AtomicU32::new(0), AtomicU32::new(0)],
                    [AtomicU32::new(0), AtomicU32::new(0)],
                ],
            }
        }
    };
}

impl Progress {
    #[cfg(not(quell_loom))]
    constructor!(const);
    #[cfg(quell_loom)]
    constructor!();

    /// How much is done, of how much.
    ///
    /// Context: any. Progress: wait-free: at most 9 loads. Ordering: sees what
    /// the worker wrote before it reported the count that is read.
    ///
    /// `done` lies between what had been reported when the call began and when
    /// it ended. `total` is zero where it is not known, also where it was set
    /// twice during the call.
    #[must_use]
    pub fn read(&self) -> Reading {
        let done = self.read_done();
        let total = self.read_total();
        // Only a reset in the midst of this makes them not fit.
        if done > total { Reading { done, total: 0 } } else { Reading { done, total } }
    }

    fn read_done(&self) -> u64 {
        // Ordering: Acquire, partner: the Release of `settled` in `write_done`:
        // the low digit is then of this high digit, or of a later one.
        let settled = self.settled.load(Ordering::Acquire);
        // Ordering: Acquire, partner: the Release of `low` in `write_done`: the
        // high digit that was stored before it is then seen.
        let low = self.low.load(Ordering::Acquire);
        // Ordering: Acquire, partner: the Release of `upper` in `write_done`:
        // the total that covers it is then seen.
        let upper = self.upper.load(Ordering::Acquire);
        if settled == upper { whole(upper, low) } else { whole(upper, 0) }
    }

    fn write_done(&self, now: u64, next: u64) {
        let (high, low) = halves(next);
        let carries = halves(now).0 != high;
        if carries {
            // Ordering: Release, partner: the Acquire of `upper` in `read_done`.
            self.upper.store(high, Ordering::Release);
        }
        // Ordering: Release, partner: the Acquire of `low` in `read_done`.
        self.low.store(low, Ordering::Release);
        if carries {
            // Ordering: Release, partner: the Acquire of `settled` in `read_done`.
            self.settled.store(high, Ordering::Release);
        }
    }

    fn place(&self, changes: u32) -> &[AtomicU32; 2] {
        let [even, odd] = &self.totals;
        if changes & 1 == 0 { even } else { odd }
    }

    fn read_total(&self) -> u64 {
        for _ in 0..2 {
            // Ordering: Acquire, partner: the Release of `changes` in
            // `write_total`.
            let before = self.changes.load(Ordering::Acquire);
            let [high, low] = self.place(before);
            // Ordering: Acquire, partner: the Release of the digits in
            // `write_total`: whoever meets a digit of the change after next
            // then sees below that this place was given up before.
            let total = whole(high.load(Ordering::Acquire), low.load(Ordering::Acquire));
            // Ordering: Relaxed: the loads above ordered it after themselves.
            if self.changes.load(Ordering::Relaxed) == before {
                return total;
            }
        }
        0
    }

    fn write_total(&self, next: u64) {
        // Ordering: Relaxed: the worker's own writing.
        let changes = self.changes.load(Ordering::Relaxed).wrapping_add(1);
        let [high, low] = self.place(changes);
        let (high_half, low_half) = halves(next);
        // Ordering: Release, partner: the Acquire of the digits in `read_total`.
        high.store(high_half, Ordering::Release);
        // Ordering: Release, partner: as above.
        low.store(low_half, Ordering::Release);
        // Ordering: Release, partner: the Acquire of `changes` in `read_total`.
        self.changes.store(changes, Ordering::Release);
    }

    /// Says how much has been done in all. The worker only.
    ///
    /// Context: any. Progress: wait-free: one store, three where 2³² units are
    /// passed. Ordering: publishes what the worker wrote before to whoever
    /// reads this count or a later one.
    ///
    /// `OK`; `INVALID` where that is less than before, or more than the total
    /// where that is known: nothing changes.
    #[must_use = "a count that goes back, or past the total, is not taken"]
    pub fn report(&self, done: u64) -> Verdict {
        let now = self.read();
        if done < now.done || (now.total != 0 && done > now.total) {
            return Verdict::Invalid;
        }
        self.write_done(now.done, done);
        Verdict::Ok
    }

    /// Says how much there is to do in all: the first time, or more than
    /// before. The worker only.
    ///
    /// Context: any. Progress: wait-free. Ordering: as `report`.
    ///
    /// `OK`, also for the same total again; `INVALID` for zero, for less than
    /// the total before, and for less than has been done: nothing changes.
    #[must_use = "a total that goes back is not taken"]
    pub fn set_total(&self, total: u64) -> Verdict {
        let now = self.read();
        if total == 0 || total < now.total || total < now.done {
            return Verdict::Invalid;
        }
        if total != now.total {
            self.write_total(total);
        }
        Verdict::Ok
    }

    /// Makes it new for another operation: nothing done, the total not known.
    /// The owner only, and while no worker reports.
    ///
    /// Context: any. Progress: wait-free. Ordering: none; whoever is handed the
    /// next operation sees it by that.
    ///
    /// Who reads at that very moment may be told a `done` of the one
    /// operation, of the other, or below the former; never one above its
    /// total.
    pub fn reset(&self) {
        let [[even_high, even_low], [odd_high, odd_low]] = &self.totals;
        // Ordering: Relaxed: a reader of this moment may see any of it.
        for digit in [
            &self.settled,
            &self.low,
            &self.upper,
            &self.changes,
            even_high,
            even_low,
            odd_high,
            odd_low,
        ] {
            digit.store(0, Ordering::Relaxed);
        }
    }
}

/// When a subscriber is due: every so many units, and at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    step: u64,
    told: u64,
}

impl Pace {
    /// Due whenever `step` units or more have been done since it was told
    /// last, and when the total is reached. Zero: at every report.
    #[must_use]
    pub const fn every(step: u64) -> Self {
        Self { step, told: 0 }
    }

    /// Where the subscriber has been told of `told` units already.
    #[must_use]
    pub const fn since(self, told: u64) -> Self {
        Self { told, ..self }
    }

    /// The units of which the subscriber was told last.
    #[must_use]
    pub const fn told(self) -> u64 {
        self.told
    }

    /// Whether the subscriber is to be told of this; it counts as told then.
    #[must_use]
    pub const fn due(&mut self, reading: Reading) -> bool {
        let since = reading.done.saturating_sub(self.told);
        let due = since >= self.step || (reading.complete() && since > 0);
        if due {
            self.told = reading.done;
        }
        due
    }
}

/// The worker's end of a [`Progress`], with a subscriber.
///
/// The subscriber is called by the worker's own [`Reporter::report`], in the
/// worker's context, with nothing locked. It may be a closure that holds a
/// [`Canceller`](crate::Canceller), and cancel from inside: the worker sees
/// that at its next poll.
pub struct Reporter<'a, F> {
    progress: &'a Progress,
    pace: Pace,
    subscriber: F,
}

impl Progress {
    /// The worker's end, with a subscriber that is told every `step` units (0:
    /// at every report) and when the total is reached. One at a time.
    pub fn reporter<F: FnMut(Reading)>(&self, step: u64, subscriber: F) -> Reporter<'_, F> {
        let pace = Pace::every(step).since(self.read().done);
        Reporter { progress: self, pace, subscriber }
    }
}

impl<F: FnMut(Reading)> Reporter<'_, F> {
    /// [`Progress::report`]; then the subscriber is told, if it is due.
    #[must_use = "a count that goes back, or past the total, is not taken"]
    pub fn report(&mut self, done: u64) -> Verdict {
        let verdict = self.progress.report(done);
        if verdict == Verdict::Ok {
            let reading = self.progress.read();
            if self.pace.due(reading) {
                (self.subscriber)(reading);
            }
        }
        verdict
    }

    /// [`Progress::set_total`].
    #[must_use = "a total that goes back is not taken"]
    pub fn set_total(&mut self, total: u64) -> Verdict {
        self.progress.set_total(total)
    }
}

impl<F> core::fmt::Debug for Reporter<'_, F> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Reporter")
            .field("progress", self.progress)
            .field("pace", &self.pace)
            .finish()
    }
}
