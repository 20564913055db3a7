//! The table: every pair of its calls in every situation of a slot.
//!
//! What two calls were told, and what is left, must be what one of the two
//! orders of the calls gives: so nothing is half done where somebody can see
//! it, and no slot is lost or given away twice.

use std::sync::Arc;

use loom::model::Builder;
use loom::thread;
use quell::{Claim, Code, Generation, Mode, Place, Request, Rights, Table, TableView, Ticket};

use crate::pairs::{GENTLE, code};

pub(crate) const A: u32 = 7;
pub(crate) const B: u32 = 9;
pub(crate) const NEW: u32 = 11;
pub(crate) const NO_GATE: Option<fn(Request) -> u32> = None;
pub(crate) const BY_OWNER: Code = code(0xE000_0001);

pub(crate) const fn claim(tag: u32) -> Claim {
    Claim { tag, mode: Mode::DECISIVE, owner: 3 }
}

/// The first life of a slot, with every right.
pub(crate) const fn place(slot: usize) -> Place {
    Place { slot, ticket: Ticket::new(Generation::new(0), Rights::ALL) }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Call {
    Claim,
    Start,
    Finish,
    Force,
    Retire,
    Cancel,
    Find,
    Look,
    Hold,
    Release,
    ReleaseAll,
    Sweep,
}

use Call::{Cancel, Find, Finish, Force, Hold, Look, Release, ReleaseAll, Retire, Start, Sweep};

/// What the call is told, as text. All but Claim are about slot 0's first life
/// and its tag A.
pub(crate) fn make<const N: usize>(table: &Table<N>, call: Call) -> String {
    let view = table.view();
    let op = view.op(0).unwrap();
    match call {
        Call::Claim => format!("{:?}", view.claim(claim(NEW))),
        Start => format!("{:?}", op.start(place(0).ticket).verdict),
        // As the worker of the first life.
        Finish => {
            let left = quell::word::Word::undisturbed(Generation::new(0));
            format!("{:?}", op.finish(left).verdict)
        }
        Force => format!("{:?}", op.force(place(0).ticket, BY_OWNER).verdict),
        Retire => format!("{:?}", view.retire(place(0))),
        Cancel => format!("{:?}", view.cancel_by_tag(A, GENTLE, NO_GATE)),
        Find => format!("{:?}", view.find(A, Rights::CANCEL)),
        Look => {
            let seen = view.look(0, Rights::OBSERVE);
            format!("{:?}", seen.map(|entry| (entry.place, entry.tag, entry.status.phase)))
        }
        Hold => format!("{:?}", view.hold(place(0))),
        Release => format!("{:?}", view.release(place(0))),
        ReleaseAll => format!("{:?}", view.release_all(place(0))),
        // How many it finished depends on how far the other was.
        Sweep => format!("{}", view.sweep(|_| false) < 2),
    }
}

/// What is left: every entry, and how many slots can still be had.
fn left<const N: usize>(view: TableView<'_>, _: &Table<N>) -> String {
    let entries: Vec<_> = view
        .entries(Rights::OBSERVE)
        .map(|entry| (entry.place, entry.tag, entry.owner, entry.holds, entry.status.phase))
        .collect();
    let used = view.in_use();
    let mut free = 0;
    while view.claim(claim(0)).is_ok() {
        free += 1;
    }
    format!("{entries:?}, {used} used, {free} free")
}

/// Makes the claims of the stage: A in slot 0, and more as it says.
pub(crate) fn stage<const N: usize>(table: &Table<N>, calls: &[Call]) {
    for call in calls {
        if *call == Call::Claim {
            // The tags in order: A, then B.
            let tag = if table.view().find(A, Rights::OBSERVE).is_some() { B } else { A };
            table.view().claim(claim(tag)).unwrap();
        } else {
            make(table, *call);
        }
    }
}

fn in_order<const N: usize>(before: &'static [Call], first: Call, second: Call) -> [String; 3] {
    let told = Arc::new(std::sync::Mutex::new([String::new(), String::new(), String::new()]));
    let record = told.clone();
    Builder::new().check(move || {
        let table = Table::<N>::new();
        stage(&table, before);
        let (one, other) = (make(&table, first), make(&table, second));
        *record.lock().unwrap() = [one, other, left(table.view(), &table)];
    });
    let told = told.lock().unwrap().clone();
    told
}

fn pair<const N: usize>(before: &'static [Call], one: Call, other: Call) {
    let [b, a, end] = in_order::<N>(before, other, one);
    let allowed = [in_order::<N>(before, one, other), [a, b, end]];
    Builder::new().check(move || {
        let table = Arc::new(Table::<N>::new());
        stage(&table, before);
        let enter = |call: Call| {
            let shared = table.clone();
            thread::spawn(move || make(&shared, call))
        };
        let threads = [enter(one), enter(other)];
        let [told_one, told_other] = threads.map(|thread| thread.join().unwrap());
        let outcome = [told_one, told_other, left(table.view(), &table)];
        assert!(
            allowed.contains(&outcome),
            "no order of the calls gives this: {outcome:#?}\n{before:?}: {one:?} and {other:?}\n{allowed:#?}"
        );
    });
}

/// Slot 0 in every state; B is in slot 1 where there are two claims.
const SITUATIONS: &[&[Call]] = &[
    &[],
    &[Call::Claim],
    &[Call::Claim, Start],
    &[Call::Claim, Start, Hold],
    &[Call::Claim, Start, Cancel],
    &[Call::Claim, Start, Finish],
    &[Call::Claim, Start, Finish, Hold],
    &[Call::Claim, Start, Finish, Hold, Retire],
    &[Call::Claim, Start, Finish, Hold, Hold, Retire],
    &[Call::Claim, Start, Finish, Retire],
    // The tag of the first life, in the second one.
    &[Call::Claim, Start, Finish, Retire, Call::Claim],
    &[Call::Claim, Call::Claim, Start, Finish],
    &[Call::Claim, Call::Claim, Start, Finish, Hold],
];

/// The first of each pair, apart so that they run beside one another.
fn every_pair_of(one: Call) {
    const ALL: &[Call] =
        &[Call::Claim, Finish, Force, Retire, Cancel, Find, Look, Hold, Release, ReleaseAll, Sweep];
    // The owner's calls do not meet one another.
    const OWNER: &[Call] = &[Force, Retire, ReleaseAll];
    for situation in SITUATIONS {
        for other in ALL {
            if !(OWNER.contains(&one) && OWNER.contains(other)) {
                pair::<2>(situation, one, *other);
            }
        }
    }
}

#[test]
fn table_claim_beside_every_call() {
    every_pair_of(Call::Claim);
}

#[test]
fn table_retire_beside_every_call() {
    every_pair_of(Retire);
}

#[test]
fn table_cancel_by_tag_beside_every_call() {
    every_pair_of(Cancel);
}

#[test]
fn table_hold_beside_every_call() {
    every_pair_of(Hold);
}

#[test]
fn table_release_beside_every_call() {
    every_pair_of(Release);
    every_pair_of(ReleaseAll);
}

#[test]
fn table_find_and_look_beside_every_call() {
    every_pair_of(Find);
    every_pair_of(Look);
}

#[test]
fn table_sweep_beside_every_call() {
    every_pair_of(Sweep);
}
