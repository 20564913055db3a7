//! The table's own races and orderings: what is read through each.
//!
//! The note is memory that is no atomic: what the application keeps beside a
//! slot. Loom refuses an access that is not ordered after the last one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loom::cell::UnsafeCell;
use loom::model::Builder;
use loom::thread;
use quell::{Claim, Effects, Phase, Place, Rights, Slot, Table, TableHeader, TableView, Verdict};

use crate::pairs::GENTLE;
use crate::play::permutations;
use crate::table::Call::{self, Finish, Force, Hold, Release, Retire, Start};
use crate::table::{A, B, BY_OWNER, NEW, NO_GATE, claim, make, place, stage};

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
                let status = view.op(0).unwrap().status(next.ticket).unwrap();
                status.phase == Phase::Pending
            },
        ],
        |shared| {
            // Not asked by anybody.
            let next = shared.table.view().look(0, Rights::OBSERVE).unwrap();
            assert_eq!((next.tag, next.status.phase), (B, Phase::Pending));
            is_usable(shared);
        },
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

/// A claim that is not armed yet is the living's: a sweep must not take it for
/// that of the owner of the slot's last life, who is dead.
#[test]
fn a_sweep_takes_nothing_from_the_living() {
    let yes = together::<1>(
        |shared| {
            stage(&shared.table, &[Call::Claim, Start, Finish, Retire]);
        },
        &[
            |shared| shared.table.view().claim(Claim { owner: 4, ..claim(B) }).is_ok(),
            |shared| {
                shared.table.view().sweep(|owner| owner == 3);
                true
            },
        ],
        |shared| {
            let view = shared.table.view();
            let entry = view.look(0, Rights::ALL).unwrap();
            assert_eq!((entry.tag, entry.owner, view.in_use()), (B, 4, 1));
            assert_eq!(view.claim(claim(NEW)), Err(Verdict::Full));
            is_usable(shared);
        },
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
        let (made, seen, record) = (memory.clone(), memory.clone(), record.clone());
        let maker = thread::spawn(move || {
            made.note.with_mut(|_| ());
            TableView::format(&made.header, &made.slots).map(drop).unwrap();
        });
        let other = thread::spawn(move || match TableView::attach(&seen.header, &seen.slots) {
            Ok(view) => {
                seen.note.with(|_| ());
                assert!(view.claim(claim(A)).is_ok());
                record.fetch_add(1, Ordering::Relaxed);
            }
            Err(refusal) => assert_eq!(refusal, Verdict::BadState),
        });
        maker.join().unwrap();
        other.join().unwrap();
        // Freed here, after both.
        drop(memory);
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
