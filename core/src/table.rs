//! A fixed number of operations, found by the application's own tags.
//!
//! # Protocol
//!
//! A claim marks a slot as taken (a hint), takes its pin (that decides), names
//! it, lets the caller prepare what lies beside it, and arms the op: only then
//! is there anything to be found. A retirement is the op's own; the pin
//! follows it, then the mark. `slot.rs` draws the states.
//!
//! `cancel_by_tag` makes a ticket from the op's present generation, reads the
//! tag, and finds the op still in that generation: so tag and generation are
//! of one life. The cancel is then a cancel by that ticket, one swap from a
//! word of that generation: if the slot has been given to another tag by then,
//! it is told `STALE`, and the next slot is looked at.
//!
//! # Death
//!
//! Whoever dies between any two steps leaves a state from which the table goes
//! on; at worst one slot is out of use until a [`sweep`](TableView::sweep).
//! What a sweep has to be vouched for is only which owners are dead.
//!
//! Nothing read from the table is an address or an index, but for the tree's
//! bits, which are masked; and every loop ends where its compare-and-swap
//! succeeds, or sets a bit that was clear. Memory that is not a table's can
//! make the answers wrong, and nothing else.

use crate::header::TableHeader;
use crate::op::Op;
use crate::slot::{Fate, Pin, Slot, State, owner_number};
use crate::status::{Answer, Status};
use crate::sync::Ordering;
use crate::terms::{Mode, Phase, Request, Verdict};
use crate::ticket::{Rights, Ticket};
use crate::vacancy::{self, Vacancy};

/// The most slots that a table can have.
pub const MAX_SLOTS: usize = vacancy::MAX_SLOTS;

/// The highest number that an owner may have.
pub const MAX_OWNER: u16 = 0x7FFF;
const _: () = assert!(MAX_OWNER as u32 == Pin::FIELD);

/// A table of `N` slots, in a static, on a stack or in an object.
///
/// What it can do stands at [`TableView`], which [`Table::view`] gives.
#[repr(C)]
#[derive(Debug)]
pub struct Table<const N: usize> {
    header: TableHeader,
    slots: [Slot; N],
}

impl<const N: usize> Table<N> {
    #[expect(clippy::cast_possible_truncation, reason = "asserted")]
    const COUNT: u32 = {
        assert!(N <= MAX_SLOTS, "a table has at most MAX_SLOTS slots");
        N as u32
    };

    /// A table with every slot free.
    #[cfg(not(quell_loom))]
    #[must_use]
    pub const fn new() -> Self {
        Self { header: TableHeader::made(Self::COUNT), slots: [const { Slot::new() }; N] }
    }

    /// A table with every slot free.
    #[cfg(quell_loom)]
    #[must_use]
    pub fn new() -> Self {
        Self {
            header: TableHeader::made(Self::COUNT),
            slots: core::array::from_fn(|_| Slot::new()),
        }
    }

    /// What to work with.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn view(&self) -> TableView<'_> {
        TableView { header: &self.header, slots: &self.slots }
    }
}

impl<const N: usize> Default for Table<N> {
    fn default() -> Self {
        Self::new()
    }
}

/// What is asked for by a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The application's own name for the operation, a command identifier say.
    /// The application sees to it that no two operations have the same at a
    /// time: of two, the one in the lower slot is found.
    pub tag: u32,
    /// How the operation takes a cancel.
    pub mode: Mode,
    /// The number, up to [`MAX_OWNER`], of the party that may die with this
    /// operation in its hands; 0 where nobody dies alone.
    pub owner: u16,
}

/// One operation of a table: slot, generation and rights. A plain value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The slot's number: the index of whatever the application keeps beside
    /// the table.
    pub slot: usize,
    /// Generation and rights.
    pub ticket: Ticket,
}

/// One consistent look at a slot in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableEntry {
    /// Where it is, with the rights that were asked for.
    pub place: Place,
    /// The tag of this operation.
    pub tag: u32,
    /// Whose it is.
    pub owner: u16,
    /// How often it is held.
    pub holds: u32,
    /// The operation.
    pub status: Status,
}

/// A table, wherever it lies. Copy it freely.
#[derive(Clone, Copy, Debug)]
pub struct TableView<'a> {
    header: &'a TableHeader,
    slots: &'a [Slot],
}

impl<'a> TableView<'a> {
    /// Makes a table of memory that is all zero. The caller is alone with it.
    ///
    /// Ordering: publishes to [`TableView::attach`].
    ///
    /// # Errors
    /// `INVALID` beyond [`MAX_SLOTS`]; `BAD_STATE` where something is not
    /// zero. Nothing has changed then.
    pub fn format(header: &'a TableHeader, slots: &'a [Slot]) -> Result<Self, Verdict> {
        let count = count_of(slots).ok_or(Verdict::Invalid)?;
        if !header.is_blank() || !slots.iter().all(Slot::is_blank) {
            return Err(Verdict::BadState);
        }
        header.make(count);
        Ok(Self { header, slots })
    }

    /// The table that somebody has made in this memory.
    ///
    /// Context: any. Progress: wait-free. Ordering: sees what its maker wrote.
    ///
    /// # Errors
    /// `BAD_STATE` where no table has been made yet; `INVALID` where it is
    /// something else, of another layout, or of another number of slots.
    pub fn attach(header: &'a TableHeader, slots: &'a [Slot]) -> Result<Self, Verdict> {
        let count = count_of(slots).ok_or(Verdict::Invalid)?;
        match header.check(count) {
            Verdict::Ok => Ok(Self { header, slots }),
            refusal => Err(refusal),
        }
    }

    /// How many slots there are.
    #[must_use]
    pub const fn capacity(self) -> usize {
        self.slots.len()
    }

    /// How many slots are in use, those that are only held and those that are
    /// being claimed included. One load for each slot; exact where nobody
    /// claims or retires meanwhile.
    #[must_use]
    pub fn in_use(self) -> usize {
        self.slots.iter().filter(|slot| slot.pin().state() != State::Free).count()
    }

    /// The most slots that were ever in use at once: the lowest free slot is
    /// claimed first, so it is the highest number ever claimed, and one.
    #[must_use]
    pub fn high_water(self) -> usize {
        usize::try_from(self.header.high())
            .map_or(self.capacity(), |high| high.min(self.capacity()))
    }

    /// The op in a slot, for every verb of [`Op`] but `arm` and `retire`.
    #[must_use]
    pub fn op(self, slot: usize) -> Option<&'a Op> {
        self.slots.get(slot).map(|slot| &slot.op)
    }

    /// Claims a free slot and arms its op. `prepare` is called with the slot's
    /// number before anybody can find the operation, to set up what the
    /// application keeps beside it; should it unwind, the slot stays out of
    /// use until a sweep that vouches for its owner.
    ///
    /// Context: any. Progress: lock-free (without compare-and-swap: a short
    /// masked section for each step), constant steps, but one load for each 32
    /// slots before it says FULL. Ordering: as [`Op::arm_ticket`]; and what those who held
    /// the slot before wrote is seen by `prepare`.
    ///
    /// # Errors
    /// `FULL` where every slot was seen in use; `INVALID` where the owner is
    /// above [`MAX_OWNER`].
    pub fn claim_with(
        self,
        claim: Claim,
        mut prepare: impl FnMut(usize),
    ) -> Result<Place, Verdict> {
        if claim.owner > MAX_OWNER {
            return Err(Verdict::Invalid);
        }
        while let Some(number) = self.vacancy().take() {
            let Some(slot) = self.slots.get(number) else { break };
            // Marked as free, and not so: it stays marked as taken.
            let Some(generation) = slot.take(claim.owner) else { continue };
            slot.name(generation, claim.owner, claim.tag);
            prepare(number);
            let (verdict, ticket) = slot.op.arm_ticket(claim.mode);
            if verdict == Verdict::Ok && ticket.generation() == generation {
                self.header.note_high(number);
                return Ok(Place { slot: number, ticket });
            }
            // Foreign memory, or an op that was armed past the table.
        }
        Err(Verdict::Full)
    }

    /// [`TableView::claim_with`] nothing to prepare.
    ///
    /// # Errors
    /// `FULL`; `INVALID`.
    pub fn claim(self, claim: Claim) -> Result<Place, Verdict> {
        self.claim_with(claim, |_| ())
    }

    /// Ends the life of an ended operation: every handle of it is stale from
    /// here on, its tag is not found any more, and its slot is free, or will be
    /// when the last hold is released.
    ///
    /// Context: any; owner only. Progress: lock-free, constant steps (without
    /// compare-and-swap: a short masked section for each). Ordering: as
    /// [`Op::retire`].
    ///
    /// `OK`; `BAD_STATE` where it has not ended; `DENIED` without
    /// [`Rights::OWN`]; `STALE`; `INVALID` where there is no such slot.
    pub fn retire(self, place: Place) -> Verdict {
        let Some(slot) = self.slots.get(place.slot) else { return Verdict::Invalid };
        let verdict = slot.op.retire(place.ticket).verdict;
        // Stale: retired past the table, or by one who died; to be finished.
        if matches!(verdict, Verdict::Ok | Verdict::Stale) {
            self.follow(place.slot, slot.settle(place.ticket.generation()));
        }
        verdict
    }

    /// Keeps a slot from reuse, whatever becomes of its operation, until as
    /// many [`release`](TableView::release)s: for hardware that may still
    /// complete into it.
    ///
    /// Context: any. Progress: lock-free (without compare-and-swap: one short
    /// masked section). Ordering: none.
    ///
    /// `OK`; `FULL` at 32 767 holds; `STALE` where the operation has been
    /// retired; `INVALID` where there is no such slot.
    pub fn hold(self, place: Place) -> Verdict {
        let held = self.slots.get(place.slot);
        held.map_or(Verdict::Invalid, |slot| slot.hold(place.ticket.generation()))
    }

    /// Takes one hold back, before or after the retirement.
    ///
    /// Context: any. Progress: lock-free (without compare-and-swap: one or two
    /// short masked sections). Ordering: what was written before is seen by whoever
    /// claims the slot next.
    ///
    /// `OK`; `BAD_STATE` where it is not held; `STALE` where the slot has been
    /// freed; `INVALID` where there is no such slot.
    pub fn release(self, place: Place) -> Verdict {
        self.release_some(place, 1)
    }

    /// Takes all holds back: the caller vouches that nothing completes into
    /// the slot any more, as after a reset of the device, or the death of a
    /// process that held it. Answers and the rest as for
    /// [`release`](TableView::release), but `DENIED` without [`Rights::OWN`].
    pub fn release_all(self, place: Place) -> Verdict {
        let Some(slot) = self.slots.get(place.slot) else { return Verdict::Invalid };
        if !slot.pin().is_in_use(place.ticket.generation()) {
            return Verdict::Stale;
        }
        if !place.ticket.rights().contains(Rights::OWN) {
            return Verdict::Denied;
        }
        self.release_some(place, Pin::FIELD)
    }

    fn release_some(self, place: Place, count: u32) -> Verdict {
        let Some(slot) = self.slots.get(place.slot) else { return Verdict::Invalid };
        let (verdict, fate) = slot.release(place.ticket.generation(), count);
        self.follow(place.slot, fate);
        verdict
    }

    /// The operation of this tag that has been armed and not been retired,
    /// with these rights.
    ///
    /// Context: any. Progress: wait-free, one load for each slot. Ordering:
    /// sees what its owner wrote before it was armed.
    ///
    /// `None`: none had this tag throughout the call.
    #[must_use]
    pub fn find(self, tag: u32, rights: Rights) -> Option<Place> {
        self.of_tag(tag, rights).next()
    }

    /// Cancels the operation of this tag, and never one that has its slot now
    /// and another tag. An operation of this tag that was claimed meanwhile is
    /// the one of this tag: who means that and no other brings a [`Place`].
    ///
    /// Context: any that the gate allows. Progress: lock-free, one load for
    /// each slot. Ordering: as [`Op::cancel`].
    ///
    /// What [`Op::cancel`] answers, but `STALE` and `BAD_STATE`; `NOT_FOUND`
    /// where none had this tag throughout the call.
    pub fn cancel_by_tag<G>(self, tag: u32, request: Request, gate: Option<G>) -> Answer
    where
        G: Fn(Request) -> u32,
    {
        for place in self.of_tag(tag, Rights::CANCEL) {
            let Some(slot) = self.slots.get(place.slot) else { continue };
            let told = slot.op.cancel(place.ticket, request, gate.as_ref());
            if told.verdict != Verdict::Stale {
                return told;
            }
        }
        Answer::plain(Verdict::NotFound)
    }

    fn of_tag(self, tag: u32, rights: Rights) -> impl Iterator<Item = Place> + 'a {
        let named = self.slots.iter().enumerate().filter(move |(_, slot)| {
            // Ordering: Relaxed: a slot of this tag reads as that for whoever
            // knows that it was claimed; the look that follows is the proof.
            slot.tag.load(Ordering::Relaxed) == tag
        });
        named
            .filter_map(move |(number, _)| self.look(number, rights))
            .filter(move |entry| entry.tag == tag)
            .map(|entry| entry.place)
    }

    /// One consistent look at a slot. `rights` are those of the place in it:
    /// the caller of [`Rights::OWN`] vouches that no other owner is left, and
    /// so takes over the operation of one that died, to force and retire it.
    ///
    /// Context: any. Progress: wait-free. Ordering: as [`Op::status`].
    ///
    /// `None` where there is no operation, or no such slot.
    #[must_use]
    pub fn look(self, slot: usize, rights: Rights) -> Option<TableEntry> {
        let number = slot;
        let slot = self.slots.get(number)?;
        let ticket = slot.op.ticket(rights);
        let before = slot.op.status(ticket)?;
        let (owner, tag) = slot.named();
        let holds = slot.pin().holds(ticket.generation());
        // The second look binds the names to the generation of the first.
        let status = slot.op.status(ticket)?;
        let place = Place { slot: number, ticket };
        (before.phase != Phase::Vacant && status.phase != Phase::Vacant).then_some(TableEntry {
            place,
            tag,
            owner: owner_number(owner),
            holds,
            status,
        })
    }

    /// A look at every slot in use, one after the other.
    ///
    /// Context: any. Progress: wait-free. Operations that come and go meanwhile
    /// may be among them or not.
    pub fn entries(self, rights: Rights) -> impl Iterator<Item = TableEntry> + 'a {
        (0..self.capacity()).filter_map(move |number| self.look(number, rights))
    }

    /// Finishes what somebody who died left half done: slots marked as taken
    /// and free, retirements that stopped half-way, and claims of owners that
    /// `dead` vouches for, none of whose claims may go on. Operations that were
    /// armed are not touched: [`look`](TableView::look) finds them.
    ///
    /// Context: thread; any number at a time, beside any other call. Progress:
    /// lock-free, some loads for each slot.
    ///
    /// How many slots are free now that were not.
    pub fn sweep(self, mut dead: impl FnMut(u16) -> bool) -> usize {
        let slots = self.slots.iter().enumerate();
        slots
            .filter(|(number, slot)| {
                slot.mend(&mut dead) == Fate::Freed && self.vacancy().free(*number)
            })
            .count()
    }

    const fn vacancy(self) -> Vacancy<'a> {
        Vacancy::new(self.header.root(), self.slots)
    }

    fn follow(self, slot: usize, fate: Fate) {
        if fate == Fate::Freed {
            let _ = self.vacancy().free(slot);
        }
    }
}

fn count_of(slots: &[Slot]) -> Option<u32> {
    u32::try_from(slots.len()).ok().filter(|_| slots.len() <= MAX_SLOTS)
}
