//! Sources, and whose turn it is to tell.
//!
//! A [`Source`] is an operation, the list of what is to be told of it, and the
//! *turn*: who is telling.
//!
//! # The turn
//!
//! ```text
//!  0          nobody
//!  WALK       a tour is at it: the tour's address; NEWS: something has happened since
//!  QUEUED     an interrupt left it to the drain: the next queued source's address
//! ```
//!
//! 1. Whoever makes something happen does so under the list's lock, and before
//!    the lock is free again either has the turn, or has left word with whoever
//!    has it. Interrupts do without the lock: see `drain`.
//! 2. The turn is given up under the lock, by a swap that fails where there is
//!    NEWS. So what happens is always told, by one context at a time: no hook
//!    runs twice at a time, and none is told an older thing after a newer one.
//! 3. A context that finds the turn taken goes on at once: a hook that cancels
//!    again does not come back into itself.
//! 4. Where the hook that comes next is alone on its list, and will not be put
//!    back, the turn is given up before it runs: it may free the source.

use core::ptr;

use crate::events::Told;
use crate::list::{List, Locked};
use crate::op::Op;
use crate::sync::{AtomicPtr, Ordering, const_new, likely};
use crate::word::Word;

const WALK: usize = 1;
const NEWS: usize = 2;
const QUEUED: usize = 4;
const TAGS: usize = 7;

/// An operation that tells: 16 bytes on 32-bit targets, 24 on 64-bit, that its
/// owner places anywhere and leaves there while it is used.
///
/// All-zero memory is a valid, vacant source.
#[repr(C, align(8))]
#[derive(Debug)]
pub struct Source {
    pub(crate) op: Op,
    pub(crate) list: List,
    turn: AtomicPtr<()>,
}

// SAFETY: what a source points at is shared between threads by the protocol
// above; it owns none of it.
unsafe impl Send for Source {}
// SAFETY: as above.
unsafe impl Sync for Source {}

/// Who has a turn.
#[derive(Clone, Copy)]
pub(crate) enum Turn {
    Nobody,
    /// The tour at this address.
    Tour(*const ()),
    Drain,
}

/// The turn that the tour at this address has.
fn walked_by(tour: *const ()) -> *mut () {
    tour.cast_mut().map_addr(|address| address | WALK)
}

impl Source {
    const_new! {
        /// A vacant source.
        #[must_use]
        pub fn new() -> Self {
            Self { op: Op::new(), list: List::new(), turn: AtomicPtr::new(ptr::null_mut()) }
        }
    }

    /// The operation, to be looked at and polled: whoever would change it
    /// without its source is told `DENIED`.
    #[must_use]
    pub fn op(&self) -> &Op {
        &self.op
    }

    /// What a hook is told of an operation whose word this is, but the events.
    pub(crate) fn told(&self, word: Word) -> Told {
        Told::of(word, self.op.code_of(word))
    }

    /// Whether it is left alone, by its owner, to whom alone it belongs but for a
    /// drain. May be wrong in saying no.
    pub(crate) fn is_untouched(&self) -> bool {
        // Ordering: Acquire, partner: the Release in `swap_turn`: who gave up
        // the turn had the lock then, and is seen to.
        self.turn.load(Ordering::Acquire).is_null() && self.list.is_free()
    }

    /// Under the lock.
    pub(crate) fn turn(&self) -> Turn {
        // Ordering: Relaxed: a tour takes and gives it under the lock.
        let turn = self.turn.load(Ordering::Relaxed);
        let address = turn.map_addr(|address| address & !TAGS);
        match turn.addr() & TAGS {
            0 => Turn::Nobody,
            QUEUED => Turn::Drain,
            _ => Turn::Tour(address),
        }
    }

    /// One swap of the turn.
    fn swap_turn(&self, from: *mut (), to: *mut ()) -> bool {
        // Ordering: AcqRel, partner: the same swap by whoever has the turn, or
        // comes for it: what happened before one is seen after the next.
        // Failure: Relaxed: it is looked at again.
        self.turn.compare_exchange(from, to, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// Takes the turn for this tour, or leaves word with whoever has it.
    pub(crate) fn claim(&self, tour: *const (), locked: &Locked<'_>) -> bool {
        loop {
            let turn = likely(&self.turn);
            let (to, taken) = match turn.addr() & TAGS {
                0 => (walked_by(tour), true),
                // The drain is to see what has happened, so its swap has to
                // meet this one: looking is not enough.
                QUEUED => (turn, false),
                _ => (turn.map_addr(|address| address | NEWS), false),
            };
            if self.swap_turn(turn, to) {
                if taken {
                    locked.begin_round();
                }
                return taken;
            }
        }
    }

    /// Gives up the turn; false where there is news: it is taken note of.
    pub(crate) fn release(&self, tour: *const ()) -> bool {
        let own = walked_by(tour);
        if self.swap_turn(own, ptr::null_mut()) {
            return true;
        }
        self.swap_turn(own.map_addr(|address| address | NEWS), own);
        false
    }

    /// Leaves word of what has happened from where the lock cannot be taken:
    /// with whoever has the turn, or by queueing this source in front of
    /// `next`. True where it is to be put on the queue.
    pub(crate) fn leave_word(&self) -> bool {
        loop {
            let turn = likely(&self.turn);
            let (to, queued) = match turn.addr() & TAGS {
                0 => (ptr::without_provenance_mut(QUEUED), true),
                QUEUED => (turn, false),
                _ => (turn.map_addr(|address| address | NEWS), false),
            };
            if self.swap_turn(turn, to) {
                return queued;
            }
        }
    }

    /// Which source is queued behind this one, which is queued.
    pub(crate) fn queued_next(&self) -> *mut Source {
        // Ordering: Relaxed: who took it from the queue acquired what was there
        // before it was put on, and this is not changed while it is.
        self.turn.load(Ordering::Relaxed).map_addr(|address| address & !TAGS).cast()
    }

    /// Says which source is queued behind this one, before it is on the queue.
    pub(crate) fn set_queued_next(&self, next: *mut Source) {
        let to = next.cast::<()>().map_addr(|address| address | QUEUED);
        loop {
            let turn = likely(&self.turn);
            // Others swap the same value for itself meanwhile.
            if self.swap_turn(turn, to) {
                return;
            }
        }
    }

    /// Takes the turn of a source that was taken off the queue.
    pub(crate) fn take_over(&self, tour: *const (), locked: &Locked<'_>) {
        // Others swap the same value for itself meanwhile.
        while !self.swap_turn(likely(&self.turn), walked_by(tour)) {}
        locked.begin_round();
    }

    /// Whether there is nobody to tell, and nobody who is telling.
    #[cfg_attr(not(quell_bare), inline(always))]
    pub(crate) fn is_alone(&self, locked: &Locked<'_>) -> bool {
        // Ordering: Relaxed: the lock orders a tour's turn; an interrupt that is
        // queueing the source tells it all.
        locked.is_empty() && self.turn.load(Ordering::Relaxed).is_null()
    }
}
