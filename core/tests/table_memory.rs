//! A table in memory that the caller gives: its layout to the byte, what is
//! left by whoever died on the way, and memory that was never a table's.
#![allow(clippy::unwrap_used, clippy::panic, clippy::cast_possible_truncation)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::slice;
use std::sync::atomic::{AtomicU32, Ordering};

use quell::{
    Cause, Claim, Code, Level, Mode, Place, Request, Rights, Slot, TableHeader, TableView, Verdict,
};

const GENTLE: Request = Request::new(Level::Graceful, Cause::User);
const HEADER: usize = 8;
const SLOT: usize = 6;

/// The words of a slot, as SPEC.md has them.
const WORD: usize = 0;
const PIN: usize = 2;
const OWNER: usize = 3;
const MAP: usize = 5;
/// The root of the tree, in the header.
const ROOT: usize = 4;

const FREE: u32 = 0;
const CLAIMING: u32 = 1 << 15;
const LIVE: u32 = 2 << 15;
const RETIRED: u32 = 3 << 15;

fn pin(generation: u32, state: u32, field: u32) -> u32 {
    generation << 17 | state | field
}

struct Memory(Vec<AtomicU32>);

impl Memory {
    fn of(slots: usize) -> Self {
        Self((0..HEADER + SLOT * slots).map(|_| AtomicU32::new(0)).collect())
    }

    fn table(slots: usize) -> Self {
        let memory = Self::of(slots);
        TableView::format(memory.header(), memory.slots()).unwrap();
        memory
    }

    fn header(&self) -> &TableHeader {
        // SAFETY: 32 bytes of atomics, aligned, as the header is.
        unsafe { &*self.0.as_ptr().cast::<TableHeader>() }
    }

    fn slots(&self) -> &[Slot] {
        let count = (self.0.len() - HEADER) / SLOT;
        // SAFETY: so many slots of 24 bytes of atomics follow the header.
        unsafe { slice::from_raw_parts(self.0.as_ptr().add(HEADER).cast::<Slot>(), count) }
    }

    fn attach(&self) -> Result<TableView<'_>, Verdict> {
        TableView::attach(self.header(), self.slots())
    }

    fn get(&self, slot: usize, word: usize) -> u32 {
        self.0[HEADER + SLOT * slot + word].load(Ordering::Relaxed)
    }

    fn set(&self, slot: usize, word: usize, value: u32) {
        self.0[HEADER + SLOT * slot + word].store(value, Ordering::Relaxed);
    }

    fn words(&self) -> Vec<u32> {
        self.0.iter().map(|word| word.load(Ordering::Relaxed)).collect()
    }

    /// The same bytes at another address.
    fn elsewhere(&self) -> Self {
        Self(self.words().into_iter().map(AtomicU32::new).collect())
    }
}

fn claim(tag: u32, owner: u16) -> Claim {
    Claim { tag, mode: Mode::DECISIVE, owner }
}

fn end(view: TableView<'_>, place: Place) {
    let op = view.op(place.slot).unwrap();
    assert_eq!(op.force(place.ticket, Code::ABANDONED).verdict, Verdict::Ok);
}

#[test]
fn the_layout_is_the_documents() {
    let memory = Memory::table(40);
    assert_eq!(memory.words()[..HEADER], [0x4C54_4251, 1, 24, 40, 0, 0, 0, 0]);
    let view = memory.attach().unwrap();
    let place = view.claim(claim(0xABCD, 5)).unwrap();
    assert_eq!(memory.get(0, WORD) >> 28, 1, "PENDING");
    let slot: Vec<u32> = (PIN..=MAP).map(|word| memory.get(0, word)).collect();
    assert_eq!(slot, [pin(0, LIVE, 0), 5, 0xABCD, 1]);
    assert_eq!(memory.words()[ROOT..HEADER], [0, 1, 0, 0]);

    assert_eq!((view.hold(place), view.hold(place)), (Verdict::Ok, Verdict::Ok));
    assert_eq!(memory.get(0, PIN), pin(0, LIVE, 2));
    end(view, place);
    assert_eq!(view.retire(place), Verdict::Ok);
    assert_eq!((memory.get(0, WORD), memory.get(0, PIN)), (1, pin(0, RETIRED, 2)));
    assert_eq!((view.release(place), view.release(place)), (Verdict::Ok, Verdict::Ok));
    assert_eq!((memory.get(0, PIN), memory.get(0, MAP)), (pin(1, FREE, 0), 0));
}

#[test]
fn the_tree_is_the_documents() {
    let memory = Memory::table(40);
    let view = memory.attach().unwrap();
    for _ in 0..32 {
        view.claim(claim(1, 0)).unwrap();
    }
    // The first leaf is full, and the root says so; the second is in slot 1.
    assert_eq!((memory.words()[ROOT], memory.get(0, MAP), memory.get(1, MAP)), (1, u32::MAX, 0));
    for _ in 32..40 {
        view.claim(claim(1, 0)).unwrap();
    }
    assert_eq!((memory.words()[ROOT], memory.get(1, MAP)), (3, 0xFF));
}

#[test]
fn memory_that_is_no_table_yet_is_formatted_once() {
    let memory = Memory::of(4);
    assert_eq!(memory.attach().err(), Some(Verdict::BadState));
    assert!(TableView::format(memory.header(), memory.slots()).is_ok());
    assert_eq!(memory.attach().unwrap().capacity(), 4);
    assert_eq!(
        TableView::format(memory.header(), memory.slots()).err(),
        Some(Verdict::BadState),
        "whoever comes second attaches"
    );
    for word in [0, ROOT, HEADER + WORD, HEADER + SLOT + PIN, HEADER + SLOT * 3 + MAP] {
        let memory = Memory::of(4);
        memory.0[word].store(1, Ordering::Relaxed);
        let made = TableView::format(memory.header(), memory.slots());
        assert_eq!(made.err(), Some(Verdict::BadState), "word {word}");
    }
}

#[test]
fn another_layout_is_not_attached() {
    for word in 0..4 {
        for wrong in [1_u32, 2, 0x5142_544C, u32::MAX] {
            let memory = Memory::table(4);
            let right = memory.words()[word];
            memory.0[word].store(wrong, Ordering::Relaxed);
            let expected = if right == wrong { None } else { Some(Verdict::Invalid) };
            assert_eq!(memory.attach().err(), expected, "word {word} is {wrong:#x}");
        }
    }
    let memory = Memory::table(4);
    for count in [0, 3] {
        let told = TableView::attach(memory.header(), &memory.slots()[..count]);
        assert_eq!(told.err(), Some(Verdict::Invalid), "{count} slots");
    }
}

#[test]
fn a_table_works_at_another_address() {
    let here = Memory::table(3);
    let view = here.attach().unwrap();
    let place = view.claim(claim(7, 3)).unwrap();
    assert_eq!(view.hold(place), Verdict::Ok);
    let there = here.elsewhere();
    let moved = there.attach().unwrap();
    let shown = |view: TableView<'_>| view.entries(Rights::ALL).collect::<Vec<_>>();
    assert_eq!(shown(moved), shown(view));
    end(moved, moved.find(7, Rights::ALL).unwrap());
    assert_eq!(moved.retire(place), Verdict::Ok);
    assert_eq!(moved.release(place), Verdict::Ok);
    assert_eq!((moved.in_use(), view.in_use()), (0, 1));
}

/// What a death between any two steps leaves behind, as the words in memory:
/// who is needed to clear it up, and how many slots are free then.
#[test]
fn every_half_way_state_is_swept() {
    const OF_DEAD: u16 = 3;
    const VACANT_NEXT: u32 = 1;
    // The slot's word and pin, whether its bit is set, and whether a sweep
    // needs to know that the owner is dead.
    let left_behind = [
        ("claim: marked, not taken", 0, pin(0, FREE, 0), true, false),
        ("claim: taken, not named", 0, pin(0, CLAIMING, OF_DEAD.into()), true, true),
        ("claim: named, not armed", 0, pin(0, LIVE, 0), true, true),
        ("retire: vacant, not followed", VACANT_NEXT, pin(0, LIVE, 0), true, false),
        ("retire or release: free, marked", VACANT_NEXT, pin(1, FREE, 0), true, false),
    ];
    for (what, word, pin, bit, needs_death) in left_behind {
        let memory = Memory::table(2);
        let view = memory.attach().unwrap();
        memory.set(0, WORD, word);
        memory.set(0, PIN, pin);
        memory.set(0, OWNER, OF_DEAD.into());
        memory.0[ROOT].store(u32::from(bit), Ordering::Relaxed);

        // The table goes on meanwhile with what is left of it.
        let other = view.claim(claim(9, 4)).unwrap();
        assert_eq!((other.slot, view.claim(claim(9, 4))), (1, Err(Verdict::Full)), "{what}");
        assert_eq!(view.look(0, Rights::ALL), None, "{what}");

        assert_eq!(view.sweep(|_| false), usize::from(!needs_death), "{what}");
        assert_eq!(view.sweep(|owner| owner == OF_DEAD), usize::from(needs_death), "{what}");
        assert_eq!(view.claim(claim(7, 4)).map(|place| place.slot), Ok(0), "{what}");
        assert_eq!(view.entries(Rights::ALL).count(), 2, "{what}");
    }
}

/// As above, where holds are left: the pin follows, and the slot stays.
#[test]
fn a_retirement_that_stopped_half_way_keeps_its_holds() {
    let memory = Memory::table(1);
    let view = memory.attach().unwrap();
    let place = view.claim(claim(7, 3)).unwrap();
    assert_eq!(view.hold(place), Verdict::Ok);
    end(view, place);
    assert_eq!(view.op(0).unwrap().retire(place.ticket).verdict, Verdict::Ok);
    assert_eq!(view.hold(place), Verdict::Stale, "a stale handle changes nothing");
    assert_eq!(view.sweep(|_| true), 0);
    assert_eq!(memory.get(0, PIN), pin(0, RETIRED, 1));
    assert_eq!(view.release(place), Verdict::Ok);
    assert_eq!(view.claim(claim(9, 3)).map(|place| place.slot), Ok(0));
}

/// A parent closed over a free slot, and one open over none: both cost a look
/// and no slot.
#[test]
fn hints_that_are_wrong_cost_no_slot() {
    let memory = Memory::table(70);
    let view = memory.attach().unwrap();
    memory.0[ROOT].store(u32::MAX, Ordering::Relaxed);
    for slot in 0..70 {
        assert_eq!(view.claim(claim(1, 0)).map(|place| place.slot), Ok(slot));
    }
    memory.0[ROOT].store(0, Ordering::Relaxed);
    assert_eq!(view.claim(claim(1, 0)), Err(Verdict::Full));
    // Marked as free, and in use: it is not given away.
    memory.set(1, MAP, 0);
    memory.0[ROOT].store(0, Ordering::Relaxed);
    assert_eq!(view.claim(claim(1, 0)), Err(Verdict::Full));
    assert_eq!(view.entries(Rights::ALL).count(), 70);
}

/// A slot that somebody is just claiming, marked as free by a wrong hint: its
/// pin says whose it is.
#[test]
fn a_slot_that_is_being_claimed_is_not_given_away() {
    for being_claimed in [pin(0, CLAIMING, 3), pin(0, LIVE, 0)] {
        let memory = Memory::table(1);
        memory.set(0, PIN, being_claimed);
        assert_eq!(memory.attach().unwrap().claim(claim(1, 4)), Err(Verdict::Full));
        assert_eq!(memory.get(0, PIN), being_claimed);
    }
}

/// xorshift: the same noise in every run.
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }
}

/// Whatever is in the slots, every call ends, and claims end at FULL.
#[test]
fn foreign_memory_is_answered() {
    let mut noise = Noise(0x9E37_79B9);
    for (slots, rounds) in [(1, 2000), (2, 2000), (33, 400), (1100, 12)] {
        for round in 0..rounds {
            let memory = Memory::table(slots);
            let mask = [u32::MAX, 0x8003_8001, 0x0003_8000, 0x7000_7FFF][round % 4];
            for word in &memory.0[ROOT..] {
                word.store(noise.next() & mask, Ordering::Relaxed);
            }
            let view = memory.attach().unwrap();
            let tag = noise.next() & mask;
            let mut had = vec![false; slots];
            for _ in 0..=slots {
                let Ok(place) = view.claim(claim(tag, 1)) else { break };
                assert!(!had[place.slot], "slot {} was given away twice", place.slot);
                had[place.slot] = true;
            }
            assert_eq!(view.claim(claim(tag, 1)), Err(Verdict::Full));
            assert!(view.in_use() <= slots && view.high_water() <= slots);
            let _ = view.cancel_by_tag(tag, GENTLE, None::<fn(Request) -> u32>);
            let _ = view.find(tag, Rights::ALL);
            for entry in view.entries(Rights::ALL).collect::<Vec<_>>() {
                let _ = view.hold(entry.place);
                let _ =
                    view.op(entry.place.slot).unwrap().force(entry.place.ticket, Code::ABANDONED);
                let _ = view.retire(entry.place);
                let _ = view.release_all(entry.place);
            }
            assert!(view.sweep(|owner| owner % 2 == 0) <= slots);
        }
    }
}
