//! Deadlines: what is to be cancelled when its time has come.
//!
//! A deadline is a request like any other, with cause [`Cause::Deadline`]: a
//! shield defers it, a commit makes it too late, and one whose operation has
//! ended is told so and does no harm.
//!
//! # Time
//!
//! The caller's own monotonic counter, which may wrap: `u32` or `u64`, or
//! fewer bits of either. A counter that wraps tells only how far two of its
//! values lie apart, so a deadline is set as a *delay* from now, of at most
//! half the counter's range; and it is due while now lies at most half the
//! range behind its expiry. So [`Queue::expire`] must be called at least once
//! in the half range after each expiry; [`Queue::next_expiry`] says when.
//!
//! # Order
//!
//! A binary heap by the distance of the expiry from `origin`, a moment that no
//! expiry in the queue lies before:
//!
//! 1. A deadline is added: `origin` becomes the present moment, or the earliest
//!    expiry if that is overdue. Every expiry then lies at or after it, by at
//!    most half the range (overdue) and half the range (the delay): less than
//!    the whole, so the distances tell them apart.
//! 2. Moving `origin` so subtracts the same from each distance, and none falls
//!    below zero: the heap stays a heap.
//!
//! `heapless::BinaryHeap` does not fit: it orders by `Ord` alone, which cannot
//! see `origin`, and it cannot give up an entry from its middle. So the heap is
//! here, over storage of fixed capacity: `heapless::Vec` in Rust, the caller's
//! array in C.

use core::fmt;
use core::marker::PhantomData;

use crate::role::Canceller;
use crate::status::Answer;
use crate::terms::{Cause, Level, Request, Verdict};

mod sealed {
    pub trait Sealed {}
}

/// The number type of a tick counter: `u32` or `u64`.
pub trait Tick: Copy + Ord + fmt::Debug + sealed::Sealed + 'static {
    /// Zero.
    const ZERO: Self;
    /// Every bit set.
    const MAX: Self;

    /// The sum, without the bits that do not fit.
    #[must_use]
    fn plus(self, other: Self) -> Self;
    /// The difference, without the bits that do not fit.
    #[must_use]
    fn minus(self, other: Self) -> Self;
    /// The bits of both.
    #[must_use]
    fn masked(self, mask: Self) -> Self;
    /// Half, rounded down.
    #[must_use]
    fn half(self) -> Self;
    /// The lowest `bits` bits set; `None` for fewer than two bits, or for more
    /// than the type has.
    fn mask(bits: u32) -> Option<Self>;
}

macro_rules! tick {
    ($($number:ty)+) => { $(
        impl sealed::Sealed for $number {}
        impl Tick for $number {
            const ZERO: Self = 0;
            const MAX: Self = <$number>::MAX;
            fn plus(self, other: Self) -> Self { self.wrapping_add(other) }
            fn minus(self, other: Self) -> Self { self.wrapping_sub(other) }
            fn masked(self, mask: Self) -> Self { self & mask }
            fn half(self) -> Self { self >> 1 }
            fn mask(bits: u32) -> Option<Self> {
                if bits < 2 { return None; }
                <$number>::MAX.checked_shr(<$number>::BITS.checked_sub(bits)?)
            }
        }
    )+ };
}
tick!(u32 u64);

/// Names one deadline, from when it was set until it was told or disarmed.
///
/// A number that counts up and begins again after 2³²−1 deadlines, so one
/// that is long gone names nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeadlineId(u32);

impl DeadlineId {
    /// The name of an untrusted number, or `None` for zero.
    #[must_use]
    pub const fn from_raw(raw: u32) -> Option<Self> {
        if raw == 0 { None } else { Some(Self(raw)) }
    }

    /// The number, which is not zero.
    #[must_use]
    pub const fn raw(self) -> u32 {
        self.0
    }
}

/// What a queue keeps for each deadline.
pub trait Entry<T> {
    /// When it is due.
    fn expiry(&self) -> T;
    /// Its name, [`DeadlineId::raw`].
    fn id(&self) -> u32;
    /// Asks for the cancel, with cause deadline.
    fn request(&self) -> Answer;
}

/// One deadline of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Deadline<'a, T> {
    /// When it is due.
    pub expiry: T,
    /// Its name.
    pub id: DeadlineId,
    /// The level that it asks with.
    pub level: Level,
    /// What it cancels.
    pub target: Canceller<'a>,
}

impl<T: Tick> Entry<T> for Deadline<'_, T> {
    fn expiry(&self) -> T {
        self.expiry
    }

    fn id(&self) -> u32 {
        self.id.raw()
    }

    fn request(&self) -> Answer {
        self.target.cancel(Request::new(self.level, Cause::Deadline))
    }
}

/// Storage of fixed capacity for the deadlines of a queue.
pub trait Store<E> {
    /// What is in it.
    fn entries(&mut self) -> &mut [E];
    /// Adds one behind the last; `false`, and nothing changed, where it is full.
    #[must_use]
    fn push(&mut self, entry: E) -> bool;
    /// Takes the last one.
    fn pop(&mut self) -> Option<E>;
}

/// Room for `N` deadlines.
#[derive(Debug)]
pub struct Slots<E, const N: usize>(heapless::Vec<E, N>);

impl<E, const N: usize> Store<E> for Slots<E, N> {
    fn entries(&mut self) -> &mut [E] {
        &mut self.0
    }

    fn push(&mut self, entry: E) -> bool {
        self.0.push(entry).is_ok()
    }

    fn pop(&mut self) -> Option<E> {
        self.0.pop()
    }
}

/// The order of a queue and the names that it gives: what it keeps besides its
/// entries.
#[derive(Clone, Copy, Debug)]
pub struct Agenda<T> {
    mask: T,
    origin: T,
    last_id: u32,
}

impl<T: Tick> Agenda<T> {
    /// For a counter of all the type's bits.
    #[must_use]
    pub const fn new() -> Self {
        Self { mask: T::MAX, origin: T::ZERO, last_id: 0 }
    }

    /// For a counter that wraps after `bits` bits; `None` for fewer than two,
    /// or more than the type has.
    #[must_use]
    pub fn of_bits(bits: u32) -> Option<Self> {
        Some(Self { mask: T::mask(bits)?, ..Self::new() })
    }

    /// An agenda as it was taken apart.
    #[must_use]
    pub const fn from_parts(mask: T, origin: T, last_id: u32) -> Self {
        Self { mask, origin, last_id }
    }

    /// Its mask, origin and last name.
    #[must_use]
    pub const fn parts(self) -> (T, T, u32) {
        (self.mask, self.origin, self.last_id)
    }

    fn distance(&self, from: T, to: T) -> T {
        to.minus(from).masked(self.mask)
    }

    /// Whether `expiry` is now or lies behind, by half the range at most.
    fn is_due(&self, expiry: T, now: T) -> bool {
        self.distance(expiry, now) <= self.mask.half()
    }

    fn precedes(&self, a: T, b: T) -> bool {
        self.distance(self.origin, a) < self.distance(self.origin, b)
    }

    fn name(&mut self) -> DeadlineId {
        self.last_id = match self.last_id.wrapping_add(1) {
            0 => 1,
            id => id,
        };
        DeadlineId(self.last_id)
    }
}

impl<T: Tick> Default for Agenda<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// A queue of entries `E` over ticks `T`, in the storage `S`. [`Deadlines`] is
/// the one to use.
///
/// One party at a time has it, in whatever context suits; what the entries
/// cancel may be anywhere.
#[derive(Debug)]
pub struct Queue<T, E, S> {
    agenda: Agenda<T>,
    store: S,
    entry: PhantomData<E>,
}

/// A queue of at most `N` deadlines over ticks of type `T`.
pub type Deadlines<'a, T, const N: usize> = Queue<T, Deadline<'a, T>, Slots<Deadline<'a, T>, N>>;

impl<T: Tick, E: Entry<T>, const N: usize> Queue<T, E, Slots<E, N>> {
    /// An empty queue over a counter of all the type's bits.
    #[must_use]
    pub const fn new() -> Self {
        Self::over(Agenda::new(), Slots(heapless::Vec::new()))
    }

    /// An empty queue over a counter that wraps after `bits` bits, as a 24-bit
    /// timer does; `None` for fewer than two, or more than the type has.
    #[must_use]
    pub fn with_bits(bits: u32) -> Option<Self> {
        Some(Self::over(Agenda::of_bits(bits)?, Slots(heapless::Vec::new())))
    }
}

impl<T: Tick, E: Entry<T>, const N: usize> Default for Queue<T, E, Slots<E, N>> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a, T: Tick, S: Store<Deadline<'a, T>>> Queue<T, Deadline<'a, T>, S> {
    /// Sets a deadline `delay` ticks from `now`, 0 for one that is due at once.
    ///
    /// Context: any that the queue's owner chooses. Progress: bounded:
    /// O(log n). Ordering: none. Ownership: the target's operation outlives
    /// the queue.
    ///
    /// # Errors
    /// `INVALID` where `delay` is longer than half the range, or `now` has bits
    /// that the counter has not; `FULL`. Nothing changes.
    pub fn add(
        &mut self,
        now: T,
        delay: T,
        level: Level,
        target: Canceller<'a>,
    ) -> Result<DeadlineId, Verdict> {
        self.set(now, delay, |expiry, id| Deadline { expiry, id, level, target })
    }
}

impl<T: Tick, E: Entry<T>, S: Store<E>> Queue<T, E, S> {
    /// The queue of this agenda in this storage.
    #[must_use]
    pub const fn over(agenda: Agenda<T>, store: S) -> Self {
        Self { agenda, store, entry: PhantomData }
    }

    /// Its agenda, to be kept apart from its storage.
    #[must_use]
    pub const fn agenda(&self) -> Agenda<T> {
        self.agenda
    }

    /// How many deadlines are set.
    pub fn len(&mut self) -> usize {
        self.store.entries().len()
    }

    /// Whether none is set.
    pub fn is_empty(&mut self) -> bool {
        self.store.entries().is_empty()
    }

    /// The longest delay: half the counter's range.
    #[must_use]
    pub fn longest(&self) -> T {
        self.agenda.mask.half()
    }

    /// [`Deadlines::add`] for entries of any kind: `make` is given the expiry
    /// and the name.
    ///
    /// # Errors
    /// As there.
    pub fn set(
        &mut self,
        now: T,
        delay: T,
        make: impl FnOnce(T, DeadlineId) -> E,
    ) -> Result<DeadlineId, Verdict> {
        if delay > self.longest() || now.masked(self.agenda.mask) != now {
            return Err(Verdict::Invalid);
        }
        let mut agenda = self.agenda;
        agenda.origin = match self.next_expiry() {
            Some(earliest) if agenda.is_due(earliest, now) => earliest,
            _ => now,
        };
        let id = agenda.name();
        if !self.store.push(make(now.plus(delay).masked(agenda.mask), id)) {
            return Err(Verdict::Full);
        }
        self.agenda = agenda;
        let last = self.len().saturating_sub(1);
        self.rise(last);
        Ok(id)
    }

    /// Takes a deadline out of the queue.
    ///
    /// Context, progress: as `add`; O(n), for the name is searched for.
    ///
    /// `OK`; `NOT_FOUND` where it has been told or disarmed.
    #[must_use = "a deadline that was not found has been told"]
    pub fn disarm(&mut self, id: DeadlineId) -> Verdict {
        match self.store.entries().iter().position(|entry| entry.id() == id.raw()) {
            Some(place) => {
                self.take(place);
                Verdict::Ok
            }
            None => Verdict::NotFound,
        }
    }

    /// When the next deadline is due; `None` where none is set.
    pub fn next_expiry(&mut self) -> Option<T> {
        self.store.entries().first().map(Entry::expiry)
    }

    /// Takes the earliest deadline that is due, for the caller to request.
    pub fn pop_due(&mut self, now: T) -> Option<E> {
        let now = now.masked(self.agenda.mask);
        let agenda = self.agenda;
        let earliest = self.store.entries().first()?;
        if agenda.is_due(earliest.expiry(), now) { self.take(0) } else { None }
    }

    /// Requests a cancel of everything that is due, the earliest first, and
    /// says by [`DeadlineId::raw`] what each was told. How many there were.
    ///
    /// Context: any that the targets' gates and hooks allow. Progress: O(log n)
    /// for each, and what its cancel takes. Ordering: that of the cancels.
    pub fn expire(&mut self, now: T, mut told: impl FnMut(u32, Answer)) -> usize {
        let mut count: usize = 0;
        while let Some(due) = self.pop_due(now) {
            let answer = due.request();
            told(due.id(), answer);
            count = count.saturating_add(1);
        }
        count
    }

    fn take(&mut self, place: usize) -> Option<E> {
        let last = self.len().checked_sub(1)?;
        self.exchange(place, last);
        let taken = self.store.pop();
        self.rise(place);
        self.sink(place);
        taken
    }

    /// Whether the entry at `a` is due before the one at `b`; both are there.
    fn earlier(&mut self, a: usize, b: usize) -> bool {
        let agenda = self.agenda;
        let entries = self.store.entries();
        match (entries.get(a), entries.get(b)) {
            (Some(a), Some(b)) => agenda.precedes(a.expiry(), b.expiry()),
            _ => false,
        }
    }

    fn exchange(&mut self, a: usize, b: usize) {
        // Of one place twice, there is nothing to do.
        if let Ok([a, b]) = self.store.entries().get_disjoint_mut([a, b]) {
            core::mem::swap(a, b);
        }
    }

    /// Moves the entry up to where its parent is not later.
    fn rise(&mut self, mut place: usize) {
        while let Some(above) = place.checked_sub(1) {
            let parent = above >> 1;
            if !self.earlier(place, parent) {
                break;
            }
            self.exchange(place, parent);
            place = parent;
        }
    }

    /// Moves the entry down to where neither child is earlier.
    fn sink(&mut self, mut place: usize) {
        loop {
            let left = place.saturating_mul(2).saturating_add(1);
            let right = left.saturating_add(1);
            let child = if self.earlier(right, left) { right } else { left };
            if !self.earlier(child, place) {
                break;
            }
            self.exchange(place, child);
            place = child;
        }
    }
}
