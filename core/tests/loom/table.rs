//! The table: every pair of its calls in every situation of a slot, and its
//! own races and orderings.
//!
//! What two calls were told, and what is left, must be what one of the two
//! orders of the calls gives: so nothing is half done where somebody can see
//! it, and no slot is lost or given away twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loom::cell::UnsafeCell;
use loom::model::Builder;
use loom::thread;
use quell::{
    Claim, Code, Effects, Generation, Mode, Place, Request, Rights, Slot, Table, TableHeader,
    TableView, Ticket, Verdict,
};

use crate::pairs::{GENTLE, code};
use crate::play::permutations;

const A: u32 = 7;
const B: u32 = 9;
const NEW: u32 = 11;
const NO_GATE: Option<fn(Request) -> u32> = None;
const BY_OWNER: Code = code(0xE000_0001);

const fn claim(tag: u32) -> Claim {
    Claim { tag, mode: Mode::DECISIVE, owner: 3 }
}

/// The first life of a slot, with every right.
const fn place(slot: usize) -> Place {
    Place { slot, ticket: Ticket::new(Generation::new(0), Rights::ALL) }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Call {
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
fn make<const N: usize>(table: &Table<N>, call: Call) -> String {
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
fn stage<const N: usize>(table: &Table<N>, calls: &[Call]) {
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

/// Performs the parts together on a table on which `before` was called, and
/// answers how often each said yes.
fn together<const N: usize>(
    before: fn(&Shared<N>),
    parts: &'static [fn(&Shared<N>) -> bool],
    after: fn(&Shared<N>),
) -> Vec<usize> {
    let yes: Arc<Vec<AtomicUsize>> = Arc::new(parts.iter().map(|_| 0.into()).collect());
    let record = yes.clone();
    let mut builder = Builder::new();
    builder.preemption_bound = if parts.len() > 2 { Some(2) } else { None };
    for entrances in permutations(parts.len()) {
        let record = record.clone();
        builder.check(move || {
            let shared = Arc::new(Shared::<N> { table: Table::new(), note: UnsafeCell::new(0) });
            before(&shared);
            let threads: Vec<_> = entrances
                .iter()
                .map(|index| {
                    let (shared, record, index) = (shared.clone(), record.clone(), *index);
                    thread::spawn(move || {
                        if parts[index](&shared) {
                            record[index].fetch_add(1, Ordering::Relaxed);
                        }
                    })
                })
                .collect();
            for thread in threads {
                thread.join().unwrap();
            }
            after(&shared);
        });
    }
    yes.iter().map(|count| count.load(Ordering::Relaxed)).collect()
}

/// The note is memory that is no atomic: what the application keeps beside the
/// slot. Loom refuses an access that is not ordered after the last one.
struct Shared<const N: usize> {
    table: Table<N>,
    note: UnsafeCell<u32>,
}

// SAFETY: loom reports what would be a data race.
unsafe impl<const N: usize> Sync for Shared<N> {}
// SAFETY: as above.
unsafe impl<const N: usize> Send for Shared<N> {}

impl<const N: usize> Shared<N> {
    fn write(&self) {
        self.note.with_mut(|_| ());
    }

    fn read(&self) {
        self.note.with(|_| ());
    }

    fn claim(&self, tag: u32) -> Result<Place, Verdict> {
        self.table.view().claim_with(claim(tag), |_| self.write())
    }
}

fn is_usable<const N: usize>(shared: &Shared<N>) {
    shared.table.view().sweep(|_| true);
    for place in shared.table.view().entries(Rights::ALL).map(|entry| entry.place) {
        let _ = shared.table.view().op(place.slot).unwrap().force(place.ticket, BY_OWNER);
        assert_eq!(shared.table.view().retire(place), Verdict::Ok);
    }
    let had = (0..N).filter(|_| shared.table.view().claim(claim(1)).is_ok()).count();
    assert_eq!(had, N, "a slot was lost");
}

fn ended<const N: usize>(shared: &Shared<N>) {
    stage(&shared.table, &[Call::Claim, Start, Finish]);
}

fn ended_and_held<const N: usize>(shared: &Shared<N>) {
    stage(&shared.table, &[Call::Claim, Start, Finish, Hold]);
}

/// Tag A ends, and its slot is given to tag B at once: B is never cancelled by
/// somebody who says A.
#[test]
fn race_03_tag_reused_at_once() {
    let yes = together::<1>(
        ended,
        &[
            |shared| {
                let told = shared.table.view().cancel_by_tag(A, GENTLE, NO_GATE);
                assert!(matches!(told.verdict, Verdict::Finished | Verdict::NotFound), "{told:?}");
                told.verdict == Verdict::NotFound
            },
            |shared| {
                let view = shared.table.view();
                assert_eq!(view.retire(place(0)), Verdict::Ok);
                let next = view.claim(claim(B)).unwrap();
                let op = view.op(next.slot).unwrap();
                let started = op.start(next.ticket);
                assert_eq!(started.verdict, Verdict::Ok);
                op.finish(started.word).verdict == Verdict::Ok
            },
        ],
        is_usable,
    );
    assert!(yes.iter().all(|count| *count > 0), "{yes:?}");
}

/// The hardware completes late: the owner has forced and retired, and wants
/// the slot for tag B. It gets it when the hardware lets go, and the completion
/// changes nothing of B.
#[test]
fn race_03_late_completion_and_reuse() {
    let yes = together::<1>(
        |shared| stage(&shared.table, &[Call::Claim, Start, Hold]),
        &[
            |shared| {
                let told = make(&shared.table, Finish);
                assert!(["Ok", "BadState", "Stale"].contains(&told.as_str()), "{told}");
                assert_eq!(make(&shared.table, Release), "Ok");
                told == "Stale"
            },
            |shared| {
                let view = shared.table.view();
                make(&shared.table, Force);
                assert_eq!(view.retire(place(0)), Verdict::Ok);
                let Ok(next) = view.claim(claim(B)) else { return false };
                let started = view.op(0).unwrap().start(next.ticket);
                assert_eq!(started.verdict, Verdict::Ok);
                view.op(0).unwrap().acknowledge(started.word, Effects::None).verdict == Verdict::Ok
            },
        ],
        is_usable,
    );
    assert!(yes.iter().all(|count| *count > 0), "{yes:?}");
}

/// Two retire and claim again on two slots, beside a third who claims: the
/// slots are never given away twice, and none is lost.
#[test]
fn race_03_claims_and_retirements() {
    fn turn(shared: &Shared<2>, slot: usize) -> bool {
        let view = shared.table.view();
        assert_eq!(view.retire(place(slot)), Verdict::Ok);
        view.claim(claim(NEW)).is_ok()
    }
    let yes = together::<2>(
        |shared| {
            stage(&shared.table, &[Call::Claim, Call::Claim]);
            for slot in 0..2 {
                let op = shared.table.view().op(slot).unwrap();
                assert_eq!(op.force(place(slot).ticket, BY_OWNER).verdict, Verdict::Ok);
            }
        },
        &[
            |shared| turn(shared, 0),
            |shared| turn(shared, 1),
            |shared| shared.table.view().claim(claim(NEW)).is_ok(),
        ],
        is_usable,
    );
    assert!(yes.iter().all(|count| *count > 0), "{yes:?}");
}

/// What a holder wrote is seen by whoever claims the slot next.
#[test]
fn release_publishes_to_the_next_claim() {
    let yes = together::<1>(
        |shared| stage(&shared.table, &[Call::Claim, Start, Finish, Hold, Retire]),
        &[
            |shared| {
                shared.write();
                shared.table.view().release(place(0)) == Verdict::Ok
            },
            |shared| shared.claim(B).is_ok(),
        ],
        is_usable,
    );
    assert!(yes.iter().all(|count| *count > 0), "{yes:?}");
}

/// Two holders, the one who releases last frees for both.
#[test]
fn every_release_publishes_to_the_next_claim() {
    let yes = together::<1>(
        |shared| stage(&shared.table, &[Call::Claim, Start, Finish, Hold, Hold, Retire]),
        &[
            |shared| {
                shared.write();
                shared.table.view().release(place(0)) == Verdict::Ok
            },
            |shared| shared.table.view().release(place(0)) == Verdict::Ok,
            |shared| shared.claim(B).is_ok(),
        ],
        is_usable,
    );
    assert!(yes.iter().all(|count| *count > 0), "{yes:?}");
}

/// What the owner wrote before it retired is seen by whoever claims next, also
/// where somebody else let the pin follow.
#[test]
fn retire_publishes_to_the_next_claim() {
    fn retires(shared: &Shared<1>) -> bool {
        shared.write();
        shared.table.view().retire(place(0)) == Verdict::Ok
    }
    fn claims(shared: &Shared<1>) -> bool {
        shared.claim(B).is_ok()
    }
    let yes = together::<1>(ended, &[retires, claims], is_usable);
    assert!(yes.iter().all(|count| *count > 0), "{yes:?}");
    let yes = together::<1>(
        ended_and_held,
        &[retires, |shared| shared.table.view().release(place(0)) == Verdict::Ok, claims],
        is_usable,
    );
    assert!(yes.iter().all(|count| *count > 0), "{yes:?}");
    let yes = together::<1>(
        ended,
        &[retires, |shared| {
            shared.table.view().sweep(|_| false);
            claims(shared)
        }],
        is_usable,
    );
    assert!(yes.iter().all(|count| *count > 0), "{yes:?}");
}

/// What was prepared beside the slot is seen by whoever finds the operation.
#[test]
fn claim_publishes_to_find() {
    let yes = together::<1>(
        |_| (),
        &[
            |shared| shared.claim(A).is_ok(),
            |shared| {
                let found = shared.table.view().find(A, Rights::OBSERVE).is_some();
                if found {
                    shared.read();
                }
                found
            },
        ],
        is_usable,
    );
    assert!(yes.iter().all(|count| *count > 0), "{yes:?}");
}

/// Tag and owner are those of the generation that was looked at.
#[test]
fn a_look_is_of_one_life() {
    let yes = together::<1>(
        ended,
        &[
            |shared| {
                let Some(entry) = shared.table.view().look(0, Rights::OBSERVE) else {
                    return false;
                };
                let expected = match entry.place.ticket.generation().get() {
                    0 => (A, 3),
                    _ => (B, 4),
                };
                assert_eq!((entry.tag, entry.owner), expected);
                entry.tag == B
            },
            |shared| {
                let view = shared.table.view();
                assert_eq!(view.retire(place(0)), Verdict::Ok);
                view.claim(Claim { owner: 4, ..claim(B) }).is_ok()
            },
        ],
        is_usable,
    );
    assert!(yes.iter().all(|count| *count > 0), "{yes:?}");
}

/// Whoever finds that a table has been made finds what its maker wrote: the
/// numbers in its header, and memory of its own.
#[test]
fn format_publishes_to_attach() {
    struct Memory {
        header: TableHeader,
        slots: [Slot; 1],
        note: UnsafeCell<u32>,
    }
    // SAFETY: loom reports what would be a data race.
    unsafe impl Sync for Memory {}
    // SAFETY: as above.
    unsafe impl Send for Memory {}

    let attached = Arc::new(AtomicUsize::new(0));
    let record = attached.clone();
    Builder::new().check(move || {
        let memory = Arc::new(Memory {
            header: TableHeader::new(),
            slots: [Slot::new()],
            note: UnsafeCell::new(0),
        });
        let shared = memory.clone();
        let maker = thread::spawn(move || {
            shared.note.with_mut(|_| ());
            TableView::format(&shared.header, &shared.slots).map(drop).unwrap();
        });
        match TableView::attach(&memory.header, &memory.slots) {
            Ok(view) => {
                memory.note.with(|_| ());
                assert!(view.claim(claim(A)).is_ok());
                record.fetch_add(1, Ordering::Relaxed);
            }
            Err(refusal) => assert_eq!(refusal, Verdict::BadState),
        }
        maker.join().unwrap();
    });
    assert!(attached.load(Ordering::Relaxed) > 0);
}

/// The first word of the tree is filled by one and opened by the other: it
/// must not be closed over a free slot, for the second word's slot would be
/// given then.
#[test]
fn a_word_is_not_closed_over_a_free_slot() {
    let yes = together::<34>(
        |shared| {
            for _ in 0..31 {
                shared.table.view().claim(claim(A)).unwrap();
            }
            let op = shared.table.view().op(0).unwrap();
            assert_eq!(op.force(place(0).ticket, BY_OWNER).verdict, Verdict::Ok);
        },
        &[
            |shared| shared.table.view().claim(claim(B)).unwrap().slot == 31,
            |shared| shared.table.view().retire(place(0)) == Verdict::Ok,
        ],
        |shared| {
            let next = shared.table.view().claim(claim(B)).unwrap().slot;
            assert!(matches!(next, 0 | 31), "{next}");
        },
    );
    assert!(yes.iter().all(|count| *count > 0), "{yes:?}");
}
