//! Branches, and the walk that tells the hooks of a tree of sources.
//!
//! On a source's list are hooks, and branches: the sources of operations further
//! down, which a request reaches with cause *parent*.
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

use crate::events::{Told, events_of, reached};
use crate::hook::{Call, Frame, Hook, IDLE, RAN};
use crate::list::{Locked, Node};
use crate::op::Op;
use crate::port::{self, Parker};
use crate::sync::{Ordering, const_new};
use crate::terms::{Cause, Request, Verdict};
use crate::ticket::{Rights, Ticket};
use crate::trace::record;
use crate::turn::{Source, Turn};
use crate::word::{Gate, Word};

/// Where a lock masks interrupts, each step of the walk has a section of its own,
/// and what needs no lock is done in none: so the longest is that of taking a hook
/// off, for one hook as for many.
const STEPS_APART: bool = !port::Section::LOCK_SPINS;

/// A source that can be on another one's list.
#[repr(C, align(8))]
#[derive(Debug)]
pub(crate) struct Branch {
    pub(crate) source: Source,
    node: Node,
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
    /// Tells what has happened to a source that was taken off the queue.
    pub(crate) fn tell_queued(&self) {
        let tour = Tour::from(self);
        let locked = self.list.lock();
        self.take_over(tour.address(), &locked);
        drop(locked);
        tour.walk_if(true);
    }

    /// Has `act` make something happen to the operation, and tells it before it
    /// returns, or has it told by whoever has the turn. `act` says whether
    /// anything happened.
    #[cfg_attr(not(quell_bare), inline(always))]
    pub(crate) fn occur<A>(&self, act: impl FnOnce(&Op) -> (A, bool)) -> A {
        let locked = self.list.lock();
        let (answer, happened) = act(&self.op);
        if happened && !self.is_alone(&locked) {
            self.tell(locked);
        }
        answer
    }

    #[inline(never)]
    fn tell(&self, locked: Locked<'_>) {
        let tour = Tour::from(self);
        let taken = self.claim(tour.address(), &locked);
        drop(locked);
        tour.walk_if(taken);
    }

    /// Whether the caller is inside a hook of the tour that has the turn.
    pub(crate) fn is_telling_here(&self) -> bool {
        let _locked = self.list.lock();
        // SAFETY: it has the turn, and the lock is held.
        matches!(self.turn(), Turn::Tour(tour) if unsafe { Tour::at(tour) }.frame.context == port::me())
    }

    /// Waits until no tour has the turn. From inside a hook of that tour: goes
    /// on with it until it gives up this turn. The hooks that this context is
    /// inside of hear nothing more: the source may be gone when they return.
    pub(crate) fn wait_for_tour(&self) {
        loop {
            let locked = self.list.lock();
            let Turn::Tour(tour) = self.turn() else { return };
            // SAFETY: it has the turn, and the lock is held.
            let tour = unsafe { Tour::at(tour) };
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

    fn address(&self) -> *const () {
        ptr::from_ref(self).cast()
    }

    /// The tour at this address.
    ///
    /// # Safety
    /// It has a turn, whose list's lock the caller holds: a turn is given up
    /// under the lock, so its tour is in place.
    unsafe fn at<'a>(address: *const ()) -> &'a Self {
        // SAFETY: the caller's promise.
        unsafe { &*address.cast() }
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
            if let Some(call) = returned.take() {
                // What has happened since the hook was told is news: it is come
                // to again in the next round.
                call.settle(frame, &locked);
                if STEPS_APART {
                    drop(locked);
                    frame.let_go();
                    continue;
                }
            }
            if !seen.is_of(source, word) {
                if STEPS_APART {
                    drop(locked);
                    seen = Seen::of(source, word);
                    continue;
                }
                seen = Seen::of(source, word);
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
            // The turn's fact 4: nothing of the source is touched after the hook
            // has started.
            let alone = locked.is_empty() && !stays;
            let list = &raw const source.list;
            let here = self.at.get();
            if alone {
                // Of any news there is nobody left to be told.
                while !source.release(self.address()) {}
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
    #[cfg_attr(not(quell_bare), inline(always))]
    fn leave(&self, source: &Source, locked: Locked<'_>) -> bool {
        let over = source.release(self.address());
        if over {
            self.go_up_from(source, locked);
        } else {
            locked.begin_round();
        }
        over
    }

    /// Goes on above `source`, whose turn has been given up under its lock.
    #[cfg_attr(not(quell_bare), inline(always))]
    fn go_up_from(&self, source: &Source, locked: Locked<'_>) {
        self.at.set(self.up_from(source, &locked));
        drop(locked);
        self.frame.let_go();
    }

    /// Passes a request on to the branch that comes next, and goes down into it
    /// where it has something to tell.
    #[cfg_attr(not(quell_bare), inline(always))]
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

    #[cfg_attr(not(quell_bare), inline(always))]
    fn is_of(&self, source: &Source, word: Word) -> bool {
        ptr::eq(self.source, source) && self.word == word
    }

    fn of(source: &Source, word: Word) -> Self {
        let (reached, ended) = (reached(word), word.has_ended());
        Self { source, word, reached, ended, told: source.told(word) }
    }
}

/// Says that the branch of this node, which is on no list, has no parent.
#[cfg_attr(not(quell_bare), inline(always))]
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
    #[cfg_attr(not(quell_bare), inline(always))]
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
    #[cfg_attr(not(quell_bare), inline(always))]
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
        !self.source.is_alone(own) && self.source.claim(tour.address(), own)
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
    #[cfg_attr(not(quell_bare), inline(always))]
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
