//! Sources and branches, and the walk that tells their hooks.
//!
//! A [`Source`] is an operation, the list of what is to be told of it, and the
//! *turn*: who is telling. On the list are hooks, and branches: the sources of
//! operations further down, which a request reaches with cause *parent*.
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
//!
//! # The tour
//!
//! The walk holds the turns of the sources on the path from where it began to
//! where it is. It goes down into a branch by taking its turn under both locks,
//! and up again by the branch's parent, which is in place because its turn is
//! held. So a tree of any depth is walked in constant space.
//!
//! A hook that closes a source on the path has the rest of that source told
//! first, from inside itself: it goes on with the same tour, up to that source.

use core::cell::Cell;
use core::mem::offset_of;
use core::ptr;

use crate::hook::{Call, Frame, Hook, IDLE, RAN, Told, events_of, reached};
use crate::list::{List, Locked, Node};
use crate::op::Op;
use crate::port::{self, Parker};
use crate::sync::{AtomicPtr, Ordering, const_new, likely};
use crate::terms::{Cause, Request, Verdict};
use crate::ticket::{Rights, Ticket};
use crate::trace::record;
use crate::word::{Gate, Word};

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
    op: Op,
    pub(crate) list: List,
    turn: AtomicPtr<()>,
}

// SAFETY: what a source points at is shared between threads by the protocol
// above; it owns none of it.
unsafe impl Send for Source {}
// SAFETY: as above.
unsafe impl Sync for Source {}

/// A source that can be on another one's list.
#[repr(C, align(8))]
#[derive(Debug)]
pub(crate) struct Branch {
    pub(crate) source: Source,
    node: Node,
}

/// Who has a turn.
#[derive(Clone, Copy)]
pub(crate) enum Turn {
    Nobody,
    Tour(*const Tour),
    Drain,
}

/// One walk over a tree, on the stack of the context that makes it.
#[repr(C, align(8))]
pub(crate) struct Tour {
    frame: Frame,
    root: *const Source,
    /// Where it is; null when it is over.
    at: Cell<*const Source>,
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
            _ => Turn::Tour(address.cast()),
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
    fn claim(&self, tour: &Tour, locked: &Locked<'_>) -> bool {
        loop {
            let turn = likely(&self.turn);
            let (to, taken) = match turn.addr() & TAGS {
                0 => (tour.as_turn(), true),
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
    fn release(&self, tour: &Tour) -> bool {
        let own = tour.as_turn();
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

    /// Tells what has happened to a source that was taken off the queue.
    pub(crate) fn tell_queued(&self) {
        let tour = Tour::from(self);
        let locked = self.list.lock();
        loop {
            let turn = likely(&self.turn);
            if self.swap_turn(turn, tour.as_turn()) {
                break;
            }
        }
        locked.begin_round();
        drop(locked);
        tour.walk_if(true);
    }

    /// Has `act` make something happen to the operation, and tells it before it
    /// returns, or has it told by whoever has the turn. `act` says whether
    /// anything happened.
    #[inline(always)]
    pub(crate) fn occur<A>(&self, act: impl FnOnce(&Op) -> (A, bool)) -> A {
        let locked = self.list.lock();
        let (answer, happened) = act(&self.op);
        if happened && !self.is_alone(&locked) {
            self.tell(locked);
        }
        answer
    }

    /// Whether there is nobody to tell, and nobody who is telling.
    #[inline(always)]
    fn is_alone(&self, locked: &Locked<'_>) -> bool {
        // Ordering: Relaxed: the lock orders a tour's turn; an interrupt that is
        // queueing the source tells it all.
        locked.is_empty() && self.turn.load(Ordering::Relaxed).is_null()
    }

    #[inline(never)]
    fn tell(&self, locked: Locked<'_>) {
        let tour = Tour::from(self);
        let taken = self.claim(&tour, &locked);
        drop(locked);
        tour.walk_if(taken);
    }

    /// Whether the caller is inside a hook of the tour that has the turn.
    pub(crate) fn is_telling_here(&self) -> bool {
        let _locked = self.list.lock();
        // SAFETY: a turn is given up under the lock, so its tour is in place.
        matches!(self.turn(), Turn::Tour(tour) if unsafe { &*tour }.frame.context == port::me())
    }

    /// Waits until no tour has the turn. From inside a hook of that tour: goes
    /// on with it until it gives up this turn. The hooks that this context is
    /// inside of hear nothing more: the source may be gone when they return.
    pub(crate) fn wait_for_tour(&self) {
        loop {
            let locked = self.list.lock();
            let Turn::Tour(tour) = self.turn() else { return };
            // SAFETY: a turn is given up under the lock, so its tour is in
            // place.
            let tour = unsafe { &*tour };
            let frame = Frame::new();
            if tour.frame.context == frame.context {
                drop(locked);
                tour.walk(&frame, self);
                continue;
            }
            let parker = Parker::new();
            // SAFETY: as above.
            unsafe { tour.frame.wait_with(&parker) };
            drop(locked);
            parker.wait(None);
        }
    }
}

impl Tour {
    fn from(root: &Source) -> Self {
        let root = ptr::from_ref(root);
        Self { frame: Frame::new(), root, at: Cell::new(root) }
    }

    fn as_turn(&self) -> *mut () {
        ptr::from_ref(self).cast_mut().cast::<()>().map_addr(|address| address | WALK)
    }

    /// Where the tour goes when it is through with `source`, whose lock is held.
    fn up_from(&self, source: &Source, own: &Locked<'_>) -> *const Source {
        if ptr::eq(source, self.root) {
            return ptr::null();
        }
        let branch = ptr::from_ref(source).cast::<Branch>();
        // SAFETY: a tour goes down into branches only, and `source` is in place
        // while its turn is held.
        let node = unsafe { &(*branch).node };
        // Ordering: Relaxed: the parent's turn is held, and the child's lock.
        let parent = node.third.load(Ordering::Relaxed);
        if node.state().is_some() {
            branch_has_left(node, own);
        }
        parent.cast()
    }

    fn walk_if(&self, taken: bool) {
        if taken {
            self.walk(&self.frame, self.root);
        }
    }

    /// Tells all that has not been told, from where the tour is up to `last`.
    ///
    /// `frame` is the caller's: that of the tour, or of a hook that has to have
    /// `last` told before it returns.
    fn walk(&self, frame: &Frame, last: *const Source) {
        let mut returned: Option<Call> = None;
        let mut seen = Seen::NOTHING;
        // SAFETY: a source whose turn is held is in place; null: all told.
        while let Some(source) = unsafe { self.at.get().as_ref() } {
            let locked = source.list.lock();
            let word = source.op.look();
            if !seen.is_of(source, word) {
                seen = Seen::of(source, word);
            }
            if let Some(call) = returned.take() {
                // What has happened since the hook was told is news: it is come
                // to again in the next round.
                call.settle(frame, &locked);
            }
            let Some(node) = locked.ahead() else {
                let over = self.leave(source, locked);
                frame.let_go();
                if over && ptr::eq(source, last) {
                    return;
                }
                continue;
            };
            // SAFETY: on the list, and ours under the lock.
            let wants = unsafe { node.as_ref() }.wants();
            if wants == 0 {
                self.visit(&locked, word);
                drop(locked);
                frame.let_go();
                continue;
            }
            let due = wants & seen.reached;
            if due == 0 && !seen.ended {
                locked.pass_first();
                continue;
            }
            // SAFETY: on this list.
            unsafe { locked.remove(node.as_ptr()) };
            // SAFETY: what waits for something is the node of a hook.
            let hook = unsafe { node.cast::<Hook>().as_ref() };
            if due == 0 {
                hook.node.set_state(RAN);
                continue;
            }
            let quiet = hook.node.flag();
            let rest = if seen.ended { 0 } else { wants & !due };
            let call = hook.begin(frame, rest, quiet);
            seen.told.events = events_of(due).raw();
            let stays = rest != 0 && !quiet;
            // Fact 4: nothing of the source is touched after the hook started.
            let alone = locked.is_empty() && !stays;
            let list = &raw const source.list;
            let here = self.at.get();
            if alone {
                // Of any news there is nobody left to be told.
                while !source.release(self) {}
                self.go_up_from(source, locked);
            } else {
                drop(locked);
            }
            frame.let_go();
            record!(Told { op: here.addr(), hook: node.addr().get(), events: seen.told.events });
            // SAFETY: its owner vouches for function and context.
            unsafe { call.run(&seen.told, frame) };
            if !alone && ptr::eq(self.at.get(), here) {
                returned = Some(call);
                continue;
            }
            // Left before, or closed from inside the hook.
            call.settle_alone(frame, list);
            if alone && ptr::eq(here, last) {
                return;
            }
        }
    }

    /// Gives up the turn of `source` and goes up; false where there is news: a
    /// round begins instead. The lock is free either way.
    #[inline(always)]
    fn leave(&self, source: &Source, locked: Locked<'_>) -> bool {
        let over = source.release(self);
        if over {
            self.go_up_from(source, locked);
        } else {
            locked.begin_round();
        }
        over
    }

    /// Goes on above `source`, whose turn has been given up under its lock.
    #[inline(always)]
    fn go_up_from(&self, source: &Source, locked: Locked<'_>) {
        self.at.set(self.up_from(source, &locked));
        drop(locked);
        self.frame.let_go();
    }

    /// Passes a request on to the branch that comes next, and goes down into it
    /// where it has something to tell.
    #[inline(always)]
    fn visit(&self, locked: &Locked<'_>, word: Word) {
        let Some(node) = locked.first() else { return };
        // SAFETY: a branch on the list is in place.
        let branch = unsafe { &*Branch::of(node.as_ptr()) };
        let own = branch.source.list.lock();
        let shielded = branch.node.flag();
        let ended = word.has_ended();
        if ended {
            // SAFETY: on this list.
            unsafe { locked.remove(node.as_ptr()) };
            branch.node.set_state(IDLE);
        } else {
            locked.pass_first();
        }
        if !shielded && branch.inherit(word, self, &own) {
            self.at.set(&raw const branch.source);
        } else if ended {
            branch_has_left(&branch.node, &own);
        }
    }
}

/// What a walk has made of the word that it saw last: most sources have many
/// hooks and one word.
struct Seen {
    source: *const Source,
    word: Word,
    reached: u32,
    ended: bool,
    told: Told,
}

impl Seen {
    const NOTHING: Self = Self {
        source: ptr::null(),
        word: Word::VACANT,
        reached: 0,
        ended: false,
        told: Told::NOTHING,
    };

    #[inline(always)]
    fn is_of(&self, source: &Source, word: Word) -> bool {
        ptr::eq(self.source, source) && self.word == word
    }

    fn of(source: &Source, word: Word) -> Self {
        let (reached, ended) = (reached(word), word.has_ended());
        Self { source, word, reached, ended, told: source.told(word) }
    }
}

/// Says that the branch of this node, which is on no list, has no parent.
#[inline(always)]
fn branch_has_left(node: &Node, _own: &Locked<'_>) {
    // Ordering: Release, partner: the Acquire in `parent` and in `join`.
    node.third.store(ptr::null_mut(), Ordering::Release);
}

impl Branch {
    const_new! {
        pub(crate) fn new() -> Self {
            Self { source: Source::new(), node: Node::new() }
        }
    }

    fn of(node: *const Node) -> *const Self {
        node.wrapping_byte_sub(offset_of!(Self, node)).cast()
    }

    pub(crate) fn parent(&self) -> *const Source {
        // Ordering: Acquire, partners: the Release in `join` and in
        // `branch_has_left`.
        self.node.third.load(Ordering::Acquire).cast_const().cast()
    }

    /// This branch's lock, the parent, and its lock; nothing where there is no
    /// parent. The locks are to be left in the reverse order.
    #[inline(always)]
    fn lock_both(&self) -> (Locked<'_>, Option<(&Source, Locked<'_>)>) {
        let mut turn = 0;
        loop {
            let own = self.source.list.lock();
            // SAFETY: a parent that ends lets go of this branch under the lock
            // that is held here, and is in place till then.
            let Some(parent) = (unsafe { self.parent().as_ref() }) else { return (own, None) };
            if let Some(above) = parent.list.try_lock() {
                return (own, Some((parent, above)));
            }
            drop(own);
            port::relax(&mut turn);
        }
    }

    /// Takes over the request in a parent's word, both of whose locks are held;
    /// true where `tour` now has the turn of this branch.
    #[inline(always)]
    fn inherit(&self, word: Word, tour: &Tour, own: &Locked<'_>) -> bool {
        let Some(level) = word.level() else { return false };
        let op = &self.source.op;
        let held = Ticket::new(op.glance().generation(), Rights::CANCEL).through_source();
        let request = Request::new(level, Cause::Parent);
        if op.request_undisturbed(held, request).is_none()
            && !is_news(op.request(held, request, Gate::Absent).verdict)
        {
            return false;
        }
        record!(Inherited { op: ptr::from_ref(&self.source).addr(), parent: self.parent().addr() });
        !self.source.is_alone(own) && self.source.claim(tour, own)
    }

    /// Puts the branch on its parent's list. A parent that has been cancelled
    /// passes its request on at once.
    ///
    /// `OK`; `BAD_STATE` where it has a parent, or `parent` is itself, vacant,
    /// or has ended without a request; what a parent that ended after a request
    /// asked for is passed on, and the branch stays without a parent: `OK`.
    ///
    /// # Safety
    /// Both stay in place until the branch has left, or the parent has ended
    /// and settled.
    pub(crate) unsafe fn join(&self, parent: &Source, shielded: bool) -> Verdict {
        if ptr::eq(parent, &raw const self.source) {
            return Verdict::BadState;
        }
        let above = parent.list.lock();
        let word = parent.op.look();
        if !word.has_source() || (word.has_ended() && word.level().is_none()) {
            return Verdict::BadState;
        }
        if word.has_ended() {
            if !self.parent().is_null() {
                return Verdict::BadState;
            }
        } else {
            let to = ptr::from_ref(parent).cast_mut().cast();
            // Ordering: AcqRel, partners: Acquire: the Release in
            // `branch_has_left`, before which it was on another list; Release:
            // the Acquire in `parent`. One context at a time gets by here.
            let free = self.node.third.compare_exchange(
                ptr::null_mut(),
                to,
                Ordering::AcqRel,
                Ordering::Relaxed,
            );
            if free.is_err() {
                return Verdict::BadState;
            }
            let node = ptr::from_ref(self).cast_mut().wrapping_byte_add(offset_of!(Self, node));
            // SAFETY: it is on no list, and the caller keeps it in place.
            unsafe { above.push(node.cast(), 0, shielded) };
        }
        if !shielded && word.level().is_some() {
            let tour = Tour::from(&self.source);
            let own = self.source.list.lock();
            let taken = self.inherit(word, &tour, &own);
            drop(own);
            drop(above);
            tour.walk_if(taken);
        }
        Verdict::Ok
    }

    /// Hears its parent's requests, or no longer does. What the parent has been
    /// asked meanwhile is passed on at once.
    pub(crate) fn set_shielded(&self, shielded: bool) -> Verdict {
        let tour = Tour::from(&self.source);
        let (own, Some((parent, above))) = self.lock_both() else { return Verdict::BadState };
        if self.node.state().is_some() {
            return Verdict::BadState;
        }
        self.node.set_flag(shielded);
        let taken = !shielded && self.inherit(parent.op.look(), &tour, &own);
        drop(above);
        drop(own);
        tour.walk_if(taken);
        Verdict::Ok
    }

    /// Takes the branch off its parent's list, and has `end` end its operation
    /// where there is nobody to tell of that; says whether `end` did. Waits for
    /// a walk that is inside.
    #[inline(always)]
    pub(crate) fn leave(&self, end: impl Fn(&Op) -> bool) -> bool {
        loop {
            let (own, above) = self.lock_both();
            if matches!(self.source.turn(), Turn::Tour(_)) {
                drop(above);
                drop(own);
                self.source.wait_for_tour();
                continue;
            }
            if let Some((_, above)) = above {
                if self.node.state().is_none() {
                    // SAFETY: on this list.
                    unsafe { above.remove(ptr::from_ref(&self.node).cast_mut()) };
                    self.node.set_state(IDLE);
                }
                branch_has_left(&self.node, &own);
            }
            return self.source.is_alone(&own) && end(&self.source.op);
        }
    }
}

/// Whether this answer to a cancel is one that hooks are to hear of.
pub(crate) const fn is_news(verdict: Verdict) -> bool {
    matches!(
        verdict,
        Verdict::Cancelled | Verdict::Cancelling | Verdict::Requested | Verdict::Raised
    )
}
