//! The list of hooks and children of one source, and its lock.
//!
//! Intrusive, circular, doubly linked; the head points at the first node, or is
//! null. Every field of a linked node belongs to the holder of the list's lock.
//!
//! # The lock
//!
//! On hosts, the lowest bit of the head; on bare metal, the port's critical
//! section. It is held for a constant number of instructions, never over a
//! hook. Whoever needs two takes the parent's before the child's; or the
//! child's, and then the parent's if it is free.
//!
//! # Tags
//!
//! Nodes lie at multiples of eight, so that three bits of each pointer are
//! free.
//!
//! ```text
//! head   bit 0  locked              bit 1  the list's round
//! next   bit 0  the node's round    bits 1, 2  wants, low half
//! prev   bits 0, 1  wants, high half    bit 2  FLAG: of a hook, quiet; of a child, shielded
//! ```
//!
//! A node's round differs from its list's where the walk that is under way has
//! not come to it yet. Nodes are taken from the front and put to the back, so
//! these are always the foremost ones.

use core::cell::Cell;
use core::ptr;

use crate::port::{self, Section};
use crate::sync::{AtomicPtr, Ordering, const_new, likely};

const TAGS: usize = 7;
const LOCKED: usize = 1;
const LIST_ROUND: usize = 2;
const NODE_ROUND: usize = 1;
const FLAG: usize = 4;

/// What a hook or a child is on its source's list by. A null `next`, or one
/// below [`Node::FIRST_ADDRESS`], is not on any.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Node {
    next: AtomicPtr<Node>,
    prev: AtomicPtr<Node>,
    /// Of a hook: its function. Of a child: its parent.
    pub(crate) third: AtomicPtr<()>,
}

impl Node {
    /// Nothing lies below it; smaller values of `next` are states.
    pub(crate) const FIRST_ADDRESS: usize = 64;

    const_new! {
        pub(crate) fn new() -> Self {
            Self {
                next: AtomicPtr::new(ptr::null_mut()),
                prev: AtomicPtr::new(ptr::null_mut()),
                third: AtomicPtr::new(ptr::null_mut()),
            }
        }
    }

    /// The state of a node that is on no list; `None` of one that is.
    ///
    /// Acquires, so that whoever learns that a hook has returned sees what it
    /// wrote.
    pub(crate) fn state(&self) -> Option<usize> {
        // Ordering: Acquire, partner: the Release in `set_state` and `exchange`.
        let next = self.next.load(Ordering::Acquire).addr();
        (next < Self::FIRST_ADDRESS).then_some(next)
    }

    /// Sets the state of a node that is on no list.
    pub(crate) fn set_state(&self, state: usize) {
        // Ordering: Release, partner: the Acquire in `state`.
        self.next.store(ptr::without_provenance_mut(state), Ordering::Release);
    }

    /// Sets the state, if it is `from`; else says which it is.
    pub(crate) fn exchange(&self, from: usize, to: usize) -> Result<(), usize> {
        let (from, to) = (ptr::without_provenance_mut(from), ptr::without_provenance_mut(to));
        // Ordering: Release, so that whoever sees a hook returned sees what it
        // wrote, partner: the Acquire in `state`. Failure: Relaxed: it is looked
        // at again, or the lock is taken.
        self.next
            .compare_exchange(from, to, Ordering::Release, Ordering::Relaxed)
            .map(drop)
            .map_err(|now| now.addr())
    }

    /// The number that a node on no list keeps where `prev` is.
    pub(crate) fn number(&self) -> usize {
        // Ordering: Relaxed: compared with the reader's own number only.
        self.prev.load(Ordering::Relaxed).addr()
    }

    pub(crate) fn set_number(&self, number: usize) {
        // Ordering: Relaxed: as `number`.
        self.prev.store(ptr::without_provenance_mut(number), Ordering::Relaxed);
    }

    fn next(&self) -> *mut Node {
        // Ordering: Relaxed: the list's lock orders it.
        self.next.load(Ordering::Relaxed).map_addr(|address| address & !TAGS)
    }

    fn prev(&self) -> *mut Node {
        // Ordering: Relaxed: as `next`.
        self.prev.load(Ordering::Relaxed).map_addr(|address| address & !TAGS)
    }

    fn set_next(&self, to: *mut Node) {
        // Ordering: Relaxed: the list's lock orders it.
        let tags = self.next.load(Ordering::Relaxed).addr() & TAGS;
        // Ordering: Relaxed: as above.
        self.next.store(to.map_addr(|address| address | tags), Ordering::Relaxed);
    }

    fn set_prev(&self, to: *mut Node) {
        // Ordering: Relaxed: the list's lock orders it.
        let tags = self.prev.load(Ordering::Relaxed).addr() & TAGS;
        // Ordering: Relaxed: as above.
        self.prev.store(to.map_addr(|address| address | tags), Ordering::Relaxed);
    }

    /// What this node is on the list for; nothing of a child.
    pub(crate) fn wants(&self) -> u32 {
        // Ordering: Relaxed: the list's lock orders both.
        let low = self.next.load(Ordering::Relaxed).addr() & TAGS;
        // Ordering: Relaxed: as above.
        let high = self.prev.load(Ordering::Relaxed).addr() & 3;
        (low >> 1 | high << 2) as u32
    }

    pub(crate) fn flag(&self) -> bool {
        // Ordering: Relaxed: the list's lock orders it.
        self.prev.load(Ordering::Relaxed).addr() & FLAG != 0
    }

    /// Of a node on a list.
    pub(crate) fn set_flag(&self, flag: bool) {
        let bit = if flag { FLAG } else { 0 };
        // Ordering: Relaxed: the list's lock orders both.
        let prev = self.prev.load(Ordering::Relaxed);
        // Ordering: Relaxed: as above.
        self.prev.store(prev.map_addr(|address| address & !FLAG | bit), Ordering::Relaxed);
    }

    fn round(&self) -> bool {
        // Ordering: Relaxed: the list's lock orders it.
        self.next.load(Ordering::Relaxed).addr() & NODE_ROUND != 0
    }

    fn set_round(&self, round: bool) {
        // Ordering: Relaxed: the list's lock orders both.
        let next = self.next.load(Ordering::Relaxed);
        let moved = next.map_addr(|address| address & !NODE_ROUND | usize::from(round));
        // Ordering: Relaxed: as above.
        self.next.store(moved, Ordering::Relaxed);
    }
}

#[repr(transparent)]
#[derive(Debug)]
pub(crate) struct List {
    head: AtomicPtr<Node>,
}

impl List {
    const_new! {
        pub(crate) fn new() -> Self {
            Self { head: AtomicPtr::new(ptr::null_mut()) }
        }
    }

    /// Takes the lock.
    #[cfg_attr(not(quell_bare), inline(always))]
    pub(crate) fn lock(&self) -> Locked<'_> {
        let section = Section::enter();
        let head = likely(&self.head);
        if !Section::LOCK_SPINS || self.take(head) {
            return Locked::of(self, head, section);
        }
        Locked::of(self, self.wait_for_lock(), section)
    }

    /// Whether nobody has the lock; where that cannot be seen, no.
    pub(crate) fn is_free(&self) -> bool {
        // Ordering: Acquire, partner: the Release of the unlocking store.
        Section::LOCK_SPINS && self.head.load(Ordering::Acquire).addr() & LOCKED == 0
    }

    /// Takes the lock, if it is free at this moment.
    pub(crate) fn try_lock(&self) -> Option<Locked<'_>> {
        let section = Section::enter();
        let head = likely(&self.head);
        let taken = !Section::LOCK_SPINS || self.take(head);
        taken.then(|| Locked::of(self, head, section))
    }

    /// Takes the lock of a list whose head is `head`, unless somebody has it.
    #[cfg_attr(not(quell_bare), inline(always))]
    fn take(&self, head: *mut Node) -> bool {
        let taken = head.map_addr(|address| address | LOCKED);
        // Ordering: Acquire, partner: the Release of the unlocking store.
        // Failure: Relaxed: it is tried again.
        head.addr() & LOCKED == 0
            && self.head.compare_exchange(head, taken, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    #[cold]
    #[inline(never)]
    fn wait_for_lock(&self) -> *mut Node {
        let mut turn = 0;
        loop {
            port::relax(&mut turn);
            let head = likely(&self.head);
            if self.take(head) {
                return head;
            }
        }
    }
}

/// A list whose lock the caller holds.
pub(crate) struct Locked<'a> {
    list: &'a List,
    first: Cell<*mut Node>,
    round: Cell<bool>,
    _section: Section,
}

impl<'a> Locked<'a> {
    #[cfg_attr(not(quell_bare), inline(always))]
    fn of(list: &'a List, head: *mut Node, section: Section) -> Self {
        let round = head.addr() & LIST_ROUND != 0;
        let first = head.map_addr(|address| address & !TAGS);
        Self { list, first: Cell::new(first), round: Cell::new(round), _section: section }
    }

    #[cfg_attr(not(quell_bare), inline(always))]
    pub(crate) fn is_empty(&self) -> bool {
        self.first.get().is_null()
    }

    /// The first node.
    #[cfg_attr(not(quell_bare), inline(always))]
    pub(crate) fn first(&self) -> Option<ptr::NonNull<Node>> {
        ptr::NonNull::new(self.first.get())
    }

    /// Begins a round: from here on no node has been come to.
    #[cfg_attr(not(quell_bare), inline(always))]
    pub(crate) fn begin_round(&self) {
        self.round.set(!self.round.get());
    }

    /// The first node that the round has not come to.
    #[cfg_attr(not(quell_bare), inline(always))]
    pub(crate) fn ahead(&self) -> Option<ptr::NonNull<Node>> {
        // SAFETY: a node on the list is in place, and ours under the lock.
        self.first().filter(|node| unsafe { node.as_ref() }.round() != self.round.get())
    }

    /// Puts the first node to the back, as come to.
    #[cfg_attr(not(quell_bare), inline(always))]
    pub(crate) fn pass_first(&self) {
        if let Some(node) = self.first() {
            // SAFETY: as above.
            let node = unsafe { node.as_ref() };
            node.set_round(self.round.get());
            self.first.set(node.next());
        }
    }

    /// Adds a node at the back, as come to.
    ///
    /// # Safety
    /// The node is on no list, and stays in place until it has been removed.
    #[cfg_attr(not(quell_bare), inline(always))]
    pub(crate) unsafe fn push(&self, node: *mut Node, wants: u32, flag: bool) {
        let wants = wants as usize;
        let low = (wants & 3) << 1 | usize::from(self.round.get());
        let high = wants >> 2 | if flag { FLAG } else { 0 };
        let (next, prev) = match self.first() {
            None => {
                self.first.set(node);
                (node, node)
            }
            Some(first) => {
                // SAFETY: nodes on the list are in place, and ours under the
                // lock.
                let last = unsafe { first.as_ref() }.prev();
                // SAFETY: as above.
                unsafe { &*last }.set_next(node);
                // SAFETY: as above.
                unsafe { first.as_ref() }.set_prev(node);
                (first.as_ptr(), last)
            }
        };
        // SAFETY: the caller's promise.
        let own = unsafe { &*node };
        // Ordering: Relaxed: the list's lock orders it.
        own.prev.store(prev.map_addr(|address| address | high), Ordering::Relaxed);
        // Ordering: Relaxed: whoever sees that it is on a list takes the lock.
        own.next.store(next.map_addr(|address| address | low), Ordering::Relaxed);
    }

    /// Takes a node off. Until its state is set, which the caller does before
    /// the lock is free again, it still looks as if it were on.
    ///
    /// # Safety
    /// The node is on this list.
    #[cfg_attr(not(quell_bare), inline(always))]
    pub(crate) unsafe fn remove(&self, node: *mut Node) {
        // SAFETY: the caller's promise; ours under the lock.
        let own = unsafe { &*node };
        let (next, prev) = (own.next(), own.prev());
        if next == node {
            self.first.set(ptr::null_mut());
        } else {
            // SAFETY: nodes on the list are in place, and ours under the lock.
            unsafe { (*next).set_prev(prev) };
            // SAFETY: as above.
            unsafe { (*prev).set_next(next) };
            if self.first.get() == node {
                self.first.set(next);
            }
        }
    }
}

impl Drop for Locked<'_> {
    #[cfg_attr(not(quell_bare), inline(always))]
    fn drop(&mut self) {
        let round = if self.round.get() { LIST_ROUND } else { 0 };
        let head = self.first.get().map_addr(|address| address | round);
        // Ordering: Release, partner: the Acquire of the next lock. The last
        // touch: the list may be gone from here on.
        self.list.head.store(head, Ordering::Release);
    }
}
