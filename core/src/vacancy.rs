//! Which slots are taken: a tree of bits, 32 to a word, up to three levels.
//!
//! ```text
//! root   1 word in the header        set: all below are taken
//! mid    32 slots' words each        (more than 1024 slots)
//! leaf   32 slots each               set: the slot is taken
//! ```
//!
//! Every bit is a hint. A slot is somebody's by its pin alone, so a bit that
//! is wrong, after a crash or in foreign memory, costs a look and never gives
//! a slot away twice; and there is no list to be cut or to run in circles.
//! Up to 32 slots the root is the only leaf, and there is no other level.
//!
//! A parent's bit is set by whoever filled its last child, who then looks at
//! the child again, and cleared by whoever freed the first one below:
//!
//! ```text
//! close: parent |= bit; child has a free one? then parent &= !bit
//! open:  child &= !bit; child was full?       then parent &= !bit
//! ```
//!
//! Both orders of the two meet in the parent's word, and the later one sees
//! the other's child. Between close's two steps a parent can be closed over a
//! free slot; before anybody is told that there is none, the leaves are
//! looked at themselves. That repairs what a crash left, too.

use crate::slot::Slot;
use crate::sync::{AtomicU32, Ordering};

/// A 15-bit index: three levels.
pub(crate) const MAX_SLOTS: usize = 1 << 15;

#[derive(Clone, Copy)]
pub(crate) struct Vacancy<'a> {
    root: &'a AtomicU32,
    slots: &'a [Slot],
}

impl<'a> Vacancy<'a> {
    pub(crate) const fn new(root: &'a AtomicU32, slots: &'a [Slot]) -> Self {
        Self { root, slots }
    }

    /// How many bits a level has.
    const fn width(self, level: u32) -> usize {
        let mut bits = self.slots.len();
        let mut below = 0;
        while below < level {
            bits = bits.div_ceil(32);
            below = below.saturating_add(1);
        }
        bits
    }

    const fn top(self) -> u32 {
        match self.slots.len() {
            ..=32 => 0,
            33..=1024 => 1,
            _ => 2,
        }
    }

    fn word(self, level: u32, index: usize) -> Option<&'a AtomicU32> {
        if level == self.top() {
            return Some(self.root);
        }
        let before = if level == 0 { 0 } else { self.width(1) };
        Some(&self.slots.get(before.saturating_add(index))?.map)
    }

    /// The bits of a word that stand for something.
    const fn mask(self, level: u32, index: usize) -> u32 {
        match self.width(level).saturating_sub(index.saturating_mul(32)) {
            0 => 0,
            bits @ 1..=31 => !(u32::MAX << bits),
            _ => u32::MAX,
        }
    }

    /// The clear bits of a word.
    fn free_in(self, level: u32, index: usize) -> u32 {
        // Ordering: Relaxed: a hint; where it must not miss a bit, the swap
        // before it acquired.
        let taken = self.word(level, index).map_or(u32::MAX, |word| word.load(Ordering::Relaxed));
        !taken & self.mask(level, index)
    }

    /// A slot that nobody else is given before it is cleared, or `None` where
    /// every slot was seen taken.
    pub(crate) fn take(self) -> Option<usize> {
        loop {
            let (mut level, mut index) = (self.top(), 0);
            let found = loop {
                let free = self.free_in(level, index);
                if free == 0 {
                    break None;
                }
                index = lowest(index, free);
                if level == 0 {
                    break Some(index);
                }
                level = level.saturating_sub(1);
            };
            match found {
                Some(slot) if self.occupy(slot) => return Some(slot),
                // Somebody else was faster.
                Some(_) => {}
                None if level == self.top() => return self.search(),
                // A parent that is out of date.
                None => self.close(level, index),
            }
        }
    }

    /// The leaves themselves, once, where the root says that all are taken.
    fn search(self) -> Option<usize> {
        if self.top() == 0 {
            return None;
        }
        for index in 0..self.width(1) {
            let mut free = self.free_in(0, index);
            while free != 0 {
                self.open(0, index);
                if self.occupy(lowest(index, free)) {
                    return Some(lowest(index, free));
                }
                free = self.free_in(0, index);
            }
        }
        None
    }

    /// Whether the slot's bit was clear and is set now.
    fn occupy(self, slot: usize) -> bool {
        let index = slot / 32;
        let Some(word) = self.word(0, index) else { return false };
        // Ordering: Acquire, partner: the Release in `free`: whoever finds the
        // bit clear finds the pin FREE.
        let before = word.fetch_or(bit(slot), Ordering::Acquire);
        if before & bit(slot) != 0 {
            return false;
        }
        if (before | bit(slot)) & self.mask(0, index) == self.mask(0, index) {
            self.close(0, index);
        }
        true
    }

    /// Marks the slot as free. Returns whether it was marked as taken.
    pub(crate) fn free(self, slot: usize) -> bool {
        let index = slot / 32;
        let Some(word) = self.word(0, index) else { return false };
        // Ordering: Release, partner: the Acquire in `occupy`.
        let before = word.fetch_and(!bit(slot), Ordering::Release);
        if before & self.mask(0, index) == self.mask(0, index) {
            self.open(0, index);
        }
        before & bit(slot) != 0
    }

    /// Tells the levels above that this word is full, unless it is not.
    fn close(self, mut level: u32, mut index: usize) {
        while level < self.top() {
            let (above, parent) = (level.saturating_add(1), index / 32);
            let Some(word) = self.word(above, parent) else { return };
            // Ordering: Acquire, partner: the Release in `open`: where that
            // came first, the child is seen to be free.
            let before = word.fetch_or(bit(index), Ordering::Acquire);
            if self.free_in(level, index) != 0 {
                return self.open(level, index);
            }
            if (before | bit(index)) & self.mask(above, parent) != self.mask(above, parent) {
                return;
            }
            (level, index) = (above, parent);
        }
    }

    /// Tells the levels above that this word is not full.
    fn open(self, mut level: u32, mut index: usize) {
        while level < self.top() {
            let (above, parent) = (level.saturating_add(1), index / 32);
            let Some(word) = self.word(above, parent) else { return };
            // Ordering: Release, partner: the Acquire in `close`.
            let before = word.fetch_and(!bit(index), Ordering::Release);
            if before & self.mask(above, parent) != self.mask(above, parent) {
                return;
            }
            (level, index) = (above, parent);
        }
    }
}

const fn bit(index: usize) -> u32 {
    1 << (index % 32)
}

/// The lowest of these bits of the word at `index`, as a number of its level.
fn lowest(index: usize, bits: u32) -> usize {
    index.saturating_mul(32).saturating_add(bits.trailing_zeros() as usize)
}
