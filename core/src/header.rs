//! What a table begins with.
//!
//! # Layout
//!
//! A header of 32 bytes, then the slots, of 24 bytes each; all of it `u32`s in
//! the machine's byte order, no address among them. So a table works in memory
//! that processes share, be they of 32 or of 64 bits.
//!
//! | offset | header |
//! |---|---|
//! | 0 | magic, `0x4C54_4251` |
//! | 4 | version of the layout, 1 |
//! | 8 | bytes per slot |
//! | 12 | how many slots |
//! | 16 | the root of the tree of taken slots (`vacancy.rs`) |
//! | 20 | the highest number of slots in use so far |
//! | 24 | 0, 0 |

use crate::slot::Slot;
use crate::sync::{AtomicU32, Ordering};
use crate::terms::Verdict;

/// What a table begins with, before its slots.
#[repr(C)]
#[derive(Debug)]
pub struct TableHeader {
    magic: AtomicU32,
    layout: AtomicU32,
    slot_size: AtomicU32,
    count: AtomicU32,
    root: AtomicU32,
    high: AtomicU32,
    reserved: [AtomicU32; 2],
}

const _: () = assert!(cfg!(quell_loom) || size_of::<TableHeader>() == 32);

const MAGIC: u32 = 0x4C54_4251;
const LAYOUT: u32 = 1;
#[expect(clippy::cast_possible_truncation, reason = "24, asserted beside the type")]
const SLOT_SIZE: u32 = size_of::<Slot>() as u32;

impl TableHeader {
    /// That of no table yet; all-zero memory is one, too.
    #[cfg(not(quell_loom))]
    #[must_use]
    pub const fn new() -> Self {
        Self::of([0; 4])
    }

    /// That of no table yet; all-zero memory is one, too.
    #[cfg(quell_loom)]
    #[must_use]
    pub fn new() -> Self {
        Self::of([0; 4])
    }

    /// That of a table with this many slots.
    #[cfg(not(quell_loom))]
    pub(crate) const fn made(count: u32) -> Self {
        Self::of([MAGIC, LAYOUT, SLOT_SIZE, count])
    }

    /// That of a table with this many slots.
    #[cfg(quell_loom)]
    pub(crate) fn made(count: u32) -> Self {
        Self::of([MAGIC, LAYOUT, SLOT_SIZE, count])
    }

    #[cfg(not(quell_loom))]
    const fn of([magic, layout, slot_size, count]: [u32; 4]) -> Self {
        Self {
            magic: AtomicU32::new(magic),
            layout: AtomicU32::new(layout),
            slot_size: AtomicU32::new(slot_size),
            count: AtomicU32::new(count),
            root: AtomicU32::new(0),
            high: AtomicU32::new(0),
            reserved: [AtomicU32::new(0), AtomicU32::new(0)],
        }
    }

    #[cfg(quell_loom)]
    fn of([magic, layout, slot_size, count]: [u32; 4]) -> Self {
        Self {
            magic: AtomicU32::new(magic),
            layout: AtomicU32::new(layout),
            slot_size: AtomicU32::new(slot_size),
            count: AtomicU32::new(count),
            root: AtomicU32::new(0),
            high: AtomicU32::new(0),
            reserved: [AtomicU32::new(0), AtomicU32::new(0)],
        }
    }

    /// Whether nothing says that this is anything yet.
    pub(crate) fn is_blank(&self) -> bool {
        // Ordering: Relaxed: the caller is alone with it.
        [&self.magic, &self.root, &self.high].iter().all(|field| field.load(Ordering::Relaxed) == 0)
    }

    /// Makes it that of a table with this many slots.
    pub(crate) fn make(&self, count: u32) {
        // Ordering: Relaxed: the magic publishes them.
        self.layout.store(LAYOUT, Ordering::Relaxed);
        self.slot_size.store(SLOT_SIZE, Ordering::Relaxed);
        self.count.store(count, Ordering::Relaxed);
        // Ordering: Release, partner: the Acquire of `check`. Last, so that a
        // maker who dies before leaves memory that is no table yet.
        self.magic.store(MAGIC, Ordering::Release);
    }

    /// Whether it is that of a table with this many slots. `OK`; `BAD_STATE`
    /// where none has been made yet; `INVALID`.
    pub(crate) fn check(&self, count: u32) -> Verdict {
        // Ordering: Acquire, partner: the Release of `make`.
        match self.magic.load(Ordering::Acquire) {
            MAGIC => {}
            0 => return Verdict::BadState,
            _ => return Verdict::Invalid,
        }
        // Ordering: Relaxed: acquired with the magic.
        let is = |field: &AtomicU32, expected| field.load(Ordering::Relaxed) == expected;
        let known =
            is(&self.layout, LAYOUT) && is(&self.slot_size, SLOT_SIZE) && is(&self.count, count);
        if known { Verdict::Ok } else { Verdict::Invalid }
    }

    pub(crate) const fn root(&self) -> &AtomicU32 {
        &self.root
    }

    pub(crate) fn high(&self) -> u32 {
        // Ordering: Relaxed: a number for people.
        self.high.load(Ordering::Relaxed)
    }

    /// Notes that the slot of this number is in use.
    pub(crate) fn note_high(&self, number: usize) {
        let now = u32::try_from(number).map_or(u32::MAX, |number| number.saturating_add(1));
        if self.high() < now {
            // Ordering: Relaxed: a number for people.
            self.high.fetch_max(now, Ordering::Relaxed);
        }
    }
}

impl Default for TableHeader {
    fn default() -> Self {
        Self::new()
    }
}
