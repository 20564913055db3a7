//! One slot of a table: an operation, its tag, its owner, and its pin.
//!
//! # The pin
//!
//! ```text
//!  31         17 16 15 14                0
//! ┌─────────────┬─────┬──────────────────┐
//! │ GENERATION  │STATE│  OWNER or HOLDS  │
//! └─────────────┴─────┴──────────────────┘
//! ```
//!
//! | pin | the op | meaning |
//! |---|---|---|
//! | FREE(g, 0) | VACANT, g | to be had |
//! | CLAIMING(g, owner) | VACANT, g | somebody is writing owner and tag |
//! | LIVE(g, holds) | VACANT, g | about to be armed |
//! | LIVE(g, holds) | PENDING … ended, g | in use |
//! | LIVE(g, holds) | VACANT, g+1 | retired; the pin follows |
//! | RETIRED(g, holds ≥ 1) | VACANT, g+1 | over, and not to be had before the last hold is released |
//!
//! ```text
//! FREE(g) ─take─▶ CLAIMING(g) ─name─▶ LIVE(g) ─settle, holds─▶ RETIRED(g)
//!    ▲                                   │                        │
//!    └──────── FREE(g+1) ◀─settle, none──┴──◀─── the last release ┘
//! ```
//!
//! 1. Every change of the pin is one swap, and only that from FREE makes a
//!    claimer the slot's own: what says that a slot may be free is a hint.
//! 2. Tag and owner are written in CLAIMING only, so while the op is VACANT
//!    in g. Whoever reads generation g, then the tag, then generation g again
//!    has the tag of g: a tag of g+1 is written after the op left g, and reads
//!    as that (Release, Acquire).
//! 3. The op's own retirement decides who retires. The pin follows it, and
//!    anybody may finish that for one who died in between: LIVE(g) beside
//!    VACANT in g+1 says all that has to be known.
//! 4. A hold keeps the slot out of FREE, whatever becomes of the op: a late
//!    completion meets the generation that it belongs to, ended, or the next
//!    one, vacant, and is told so.

use crate::op::Op;
use crate::sync::{AtomicU32, Ordering};
use crate::terms::{Phase, Verdict};
use crate::ticket::{Generation, Rights, Ticket};
use crate::trace::record;
use crate::word::Word;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Free,
    Claiming,
    Live,
    Retired,
}

/// See the module's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pin(u32);

impl Pin {
    const GENERATION_SHIFT: u32 = 17;
    const STATE_SHIFT: u32 = 15;
    pub(crate) const FIELD: u32 = 0x7FFF;

    const fn new(generation: Generation, state: State, field: u32) -> Self {
        Self(
            generation.get() << Self::GENERATION_SHIFT
                | (state as u32) << Self::STATE_SHIFT
                | field & Self::FIELD,
        )
    }

    const fn generation(self) -> Generation {
        Generation::new(self.0 >> Self::GENERATION_SHIFT)
    }

    pub(crate) const fn state(self) -> State {
        match self.0 >> Self::STATE_SHIFT & 3 {
            0 => State::Free,
            1 => State::Claiming,
            2 => State::Live,
            _ => State::Retired,
        }
    }

    pub(crate) const fn field(self) -> u32 {
        self.0 & Self::FIELD
    }

    /// Whether the life `generation` has the slot, over or not.
    pub(crate) const fn is_in_use(self, generation: Generation) -> bool {
        self.generation().get() == generation.get()
            && matches!(self.state(), State::Live | State::Retired)
    }

    /// How often the life `generation` is held.
    pub(crate) const fn holds(self, generation: Generation) -> u32 {
        if self.is_in_use(generation) { self.field() } else { 0 }
    }
}

/// One place of a [`Table`](crate::Table). All-zero memory is a free one.
#[repr(C)]
#[derive(Debug)]
pub struct Slot {
    pub(crate) op: Op,
    pin: AtomicU32,
    pub(crate) owner: AtomicU32,
    pub(crate) tag: AtomicU32,
    /// One word of the tree that says which slots are free; not of this slot.
    pub(crate) map: AtomicU32,
}

const _: () = assert!(cfg!(quell_loom) || size_of::<Slot>() == 24);
const _: () = assert!(cfg!(quell_loom) || align_of::<Slot>() == 4);

/// What a release or a retirement did to its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Kept,
    Freed,
}

impl Slot {
    /// A free slot.
    #[cfg(not(quell_loom))]
    #[must_use]
    pub const fn new() -> Self {
        Self {
            op: Op::new(),
            pin: AtomicU32::new(0),
            owner: AtomicU32::new(0),
            tag: AtomicU32::new(0),
            map: AtomicU32::new(0),
        }
    }

    /// A free slot.
    #[cfg(quell_loom)]
    #[must_use]
    pub fn new() -> Self {
        Self {
            op: Op::new(),
            pin: AtomicU32::new(0),
            owner: AtomicU32::new(0),
            tag: AtomicU32::new(0),
            map: AtomicU32::new(0),
        }
    }

    /// Whether it is as all-zero memory is.
    pub(crate) fn is_blank(&self) -> bool {
        // Ordering: Relaxed: the caller is alone with it.
        self.op.glance() == Word::VACANT
            && self.pin.load(Ordering::Relaxed) == 0
            && self.map.load(Ordering::Relaxed) == 0
    }

    pub(crate) fn pin(&self) -> Pin {
        // Ordering: Acquire, partner: the Release of `swap`: whoever sees LIVE
        // sees the owner, and whoever sees FREE what the last life did.
        Pin(self.pin.load(Ordering::Acquire))
    }

    /// Whether the pin was `from` and is `to` now.
    fn swap(&self, from: Pin, to: Pin) -> bool {
        // Ordering: Release, partner: the Acquire of `pin`: what the last life,
        // each of its holders included, wrote is seen by the claimer of the
        // next, for all of them are swaps of this one word. Failure: Relaxed:
        // `pin` looks again.
        let swapped =
            self.pin.compare_exchange(from.0, to.0, Ordering::Release, Ordering::Relaxed).is_ok();
        if swapped && from.0 != to.0 {
            record!(Moved {
                what: "slot",
                at: core::ptr::from_ref(self).addr(),
                before: from.0,
                after: to.0
            });
        }
        swapped
    }

    /// Whether the op is vacant, in this generation. Acquires, so that whoever
    /// then frees the slot hands on what its retirer saw.
    fn is_vacant_in(&self, generation: Generation) -> bool {
        let seen = self.op.status(Ticket::new(generation, Rights::OBSERVE));
        seen.is_some_and(|status| status.phase == Phase::Vacant)
    }

    /// Takes a free slot for `owner`: the life that begins, or `None` where
    /// it is not free, or is foreign memory.
    pub(crate) fn take(&self, owner: u16) -> Option<Generation> {
        let pin = self.pin();
        let generation = pin.generation();
        if pin != Pin::new(generation, State::Free, 0) || !self.is_vacant_in(generation) {
            return None;
        }
        let claiming = Pin::new(generation, State::Claiming, owner.into());
        self.swap(pin, claiming).then_some(generation)
    }

    /// Writes whose it is and what it is called; it can be armed then.
    pub(crate) fn name(&self, generation: Generation, owner: u16, tag: u32) {
        // Ordering: Release, partner: the Acquire of `named`: a reader that
        // meets these while it still believes in the last generation then
        // sees that the op has left it.
        self.owner.store(owner.into(), Ordering::Release);
        self.tag.store(tag, Ordering::Release);
        let claiming = Pin::new(generation, State::Claiming, owner.into());
        // Fails only in foreign memory: nobody else leaves CLAIMING.
        let _ = self.swap(claiming, Pin::new(generation, State::Live, 0));
    }

    /// Owner and tag, of the life that the op is in before and after.
    pub(crate) fn named(&self) -> (u32, u32) {
        // Ordering: Acquire, partner: the Release of `name`.
        (self.owner.load(Ordering::Acquire), self.tag.load(Ordering::Acquire))
    }

    /// Gives a slot back that was taken and never armed, seen as `pin`.
    pub(crate) fn give_back(&self, pin: Pin) -> Fate {
        let free = Pin::new(pin.generation(), State::Free, 0);
        if self.is_vacant_in(pin.generation()) && self.swap(pin, free) {
            Fate::Freed
        } else {
            Fate::Kept
        }
    }

    /// One more hold on the life `generation`. `OK`; `FULL`; `STALE`.
    pub(crate) fn hold(&self, generation: Generation) -> Verdict {
        // Looked at first: a handle that is stale already changes nothing. One
        // that turns stale in between was not when the hold was asked for.
        let word = self.op.glance();
        if word.generation() != generation || word.phase() == Some(Phase::Vacant) {
            return Verdict::Stale;
        }
        loop {
            let pin = self.pin();
            if pin.generation() != generation || pin.state() != State::Live {
                return Verdict::Stale;
            }
            if pin.field() == Pin::FIELD {
                return Verdict::Full;
            }
            let held = Pin::new(generation, State::Live, pin.field().saturating_add(1));
            if self.swap(pin, held) {
                return Verdict::Ok;
            }
        }
    }

    /// `count` holds less on the life `generation`, or all of them. `OK`;
    /// `BAD_STATE` where there is none; `STALE`.
    pub(crate) fn release(&self, generation: Generation, count: u32) -> (Verdict, Fate) {
        loop {
            let pin = self.pin();
            if !pin.is_in_use(generation) {
                return (Verdict::Stale, Fate::Kept);
            }
            let left = pin.field().saturating_sub(count);
            let (next, fate) = match pin.state() {
                _ if pin.field() == 0 => return (Verdict::BadState, Fate::Kept),
                State::Retired if left == 0 => {
                    (Pin::new(generation.next(), State::Free, 0), Fate::Freed)
                }
                state => (Pin::new(generation, state, left), Fate::Kept),
            };
            if self.swap(pin, next) {
                return (Verdict::Ok, fate);
            }
        }
    }

    /// Lets the pin follow an op that was retired from `generation`, for
    /// whoever did that, or died before this.
    pub(crate) fn settle(&self, generation: Generation) -> Fate {
        loop {
            let pin = self.pin();
            if pin.generation() != generation
                || pin.state() != State::Live
                || !self.is_vacant_in(generation.next())
            {
                return Fate::Kept;
            }
            let (next, fate) = match pin.field() {
                0 => (Pin::new(generation.next(), State::Free, 0), Fate::Freed),
                holds => (Pin::new(generation, State::Retired, holds), Fate::Kept),
            };
            if self.swap(pin, next) {
                return fate;
            }
        }
    }

    /// Finishes what somebody who died, or is about to go on, has begun:
    /// without a vouching where the pin and the op say it all, else where
    /// `dead` says it of the owner.
    pub(crate) fn mend(&self, mut dead: impl FnMut(u16) -> bool) -> Fate {
        let pin = self.pin();
        let generation = pin.generation();
        match pin.state() {
            // Free and marked as taken: its claimer died, or its retirer.
            State::Free => Fate::Freed,
            State::Claiming if dead(owner_number(pin.field())) => self.give_back(pin),
            State::Live if self.is_vacant_in(generation.next()) => self.settle(generation),
            State::Live if pin.field() == 0 && self.is_vacant_in(generation) => {
                let (owner, _) = self.named();
                if dead(owner_number(owner)) { self.give_back(pin) } else { Fate::Kept }
            }
            State::Claiming | State::Live | State::Retired => Fate::Kept,
        }
    }
}

impl Default for Slot {
    fn default() -> Self {
        Self::new()
    }
}

/// What is stored as an owner came from 15 bits; foreign memory may say more.
pub(crate) fn owner_number(stored: u32) -> u16 {
    u16::try_from(stored & Pin::FIELD).unwrap_or(0)
}
