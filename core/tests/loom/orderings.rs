//! Each memory ordering of the op: whoever is told of what somebody did may
//! read what was written before it.
//!
//! The note stands for that memory: loom refuses a reading that is not ordered
//! after the writing. Weakened to Relaxed, any Acquire or Release of `op.rs`
//! makes a model here fail, or `races::race_03_look_and_reuse`, which holds
//! the orderings of the code.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use loom::cell::UnsafeCell;
use loom::model::Builder;
use loom::thread;
use quell::word::Word;
use quell::{Effects, Generation, Mode, Op, Phase, Request, Rights, Ticket, Verdict};

use crate::pairs::{BY_OWNER, BY_WORKER, GENTLE, URGENT};
use crate::play::permutations;

/// Memory that is no atomic.
#[derive(Default)]
struct Note(UnsafeCell<()>);

// SAFETY: there is nothing in it; loom reports what would be a data race.
unsafe impl Sync for Note {}
// SAFETY: as above.
unsafe impl Send for Note {}

impl Note {
    fn write(&self) {
        self.0.with_mut(|_| ());
    }

    fn read(&self) {
        self.0.with(|_| ());
    }
}

/// One thread's part. Answers whether it was told what lets it read the note;
/// the parts that write it always do.
type Part = fn(&Op, &Note) -> bool;

const TICKET: Ticket = Ticket::new(Generation::new(0), Rights::ALL).guessing(Mode::DECISIVE);
const LEFT: Word = Word::undisturbed(Generation::new(0));
const NO_GATE: Option<fn(Request) -> u32> = None;

/// Performs the parts together on a new op, on which `stage` was called.
/// Each part must be told so at least once.
fn together(stage: fn(&Op), parts: &'static [Part]) {
    let mut builder = Builder::new();
    builder.preemption_bound = if parts.len() > 2 { Some(3) } else { None };
    let told: Arc<Vec<AtomicBool>> = Arc::new(parts.iter().map(|_| false.into()).collect());
    for entrances in permutations(parts.len()) {
        let told = told.clone();
        builder.check(move || {
            let shared = Arc::new((Op::new(), Note::default()));
            stage(&shared.0);
            let threads: Vec<_> = entrances
                .iter()
                .map(|index| {
                    let (shared, told, index) = (shared.clone(), told.clone(), *index);
                    thread::spawn(move || {
                        if parts[index](&shared.0, &shared.1) {
                            told[index].store(true, Ordering::Relaxed);
                        }
                    })
                })
                .collect();
            for thread in threads {
                thread.join().unwrap();
            }
        });
    }
    for (index, told) in told.iter().enumerate() {
        assert!(told.load(Ordering::Relaxed), "part {index} was never told");
    }
}

fn read_if(told: bool, note: &Note) -> bool {
    if told {
        note.read();
    }
    told
}

fn vacant(_: &Op) {}

fn armed(op: &Op) {
    assert_eq!(op.arm_ticket(Mode::DECISIVE), (Verdict::Ok, TICKET));
}

fn running(op: &Op) {
    armed(op);
    assert_eq!(op.start(TICKET).verdict, Verdict::Ok);
}

fn running_gated(op: &Op) {
    assert_eq!(op.arm_ticket(Mode::GATED).0, Verdict::Ok);
    assert_eq!(op.start(TICKET).verdict, Verdict::Ok);
}

/// Where the worker's word is not the one in memory, as after a swap that
/// failed for no reason: commit and finish go the long way.
fn running_disturbed(op: &Op) {
    assert_eq!(op.arm_ticket(Mode::BEST_EFFORT).0, Verdict::Ok);
    assert_eq!(op.start(TICKET).verdict, Verdict::Ok);
}

fn finished(op: &Op) {
    running(op);
    assert_eq!(op.finish(LEFT).verdict, Verdict::Ok);
}

fn is_told(op: &Op, note: &Note, expected: Verdict) -> bool {
    read_if(op.cancel(TICKET, GENTLE, NO_GATE).verdict == expected, note)
}

fn looks(op: &Op, note: &Note, expected: Phase) -> bool {
    read_if(op.status(TICKET).is_some_and(|status| status.phase == expected), note)
}

fn looks_for_a_request(op: &Op, note: &Note) -> bool {
    read_if(op.status(TICKET).is_some_and(|status| status.level.is_some()), note)
}

fn commits(op: &Op, note: &Note) -> bool {
    note.write();
    op.commit(LEFT).verdict == Verdict::Ok
}

fn finishes(op: &Op, note: &Note) -> bool {
    note.write();
    op.finish(LEFT).verdict == Verdict::Ok
}

fn fails(op: &Op, note: &Note) -> bool {
    note.write();
    op.fail(LEFT, BY_WORKER).verdict == Verdict::Ok
}

fn acknowledges(op: &Op, note: &Note) -> bool {
    note.write();
    op.acknowledge(LEFT, Effects::Partial).verdict == Verdict::Ok
}

fn forces(op: &Op, note: &Note) -> bool {
    note.write();
    op.force(TICKET, BY_OWNER).verdict == Verdict::Ok
}

fn cancels(op: &Op, note: &Note) -> bool {
    note.write();
    op.cancel(TICKET, GENTLE, NO_GATE).verdict == Verdict::Cancelling
}

fn cancels_through_a_gate(op: &Op, note: &Note) -> bool {
    note.write();
    op.cancel(TICKET, GENTLE, Some(|_| 0)).verdict == Verdict::Cancelling
}

fn arms(op: &Op, note: &Note) -> bool {
    note.write();
    op.arm_ticket(Mode::DECISIVE).0 == Verdict::Ok
}

fn retires(op: &Op, note: &Note) -> bool {
    note.write();
    op.retire(TICKET).verdict == Verdict::Ok
}

#[test]
fn arm_publishes_to_start() {
    together(vacant, &[arms, |op, note| read_if(op.start(TICKET).verdict == Verdict::Ok, note)]);
}

#[test]
fn retire_publishes_to_the_next_arm() {
    together(
        finished,
        &[retires, |op, note| read_if(op.arm_ticket(Mode::DECISIVE).0 == Verdict::Ok, note)],
    );
}

#[test]
fn commit_publishes_to_the_cancel_that_is_too_late() {
    together(running, &[commits, |op, note| is_told(op, note, Verdict::TooLate)]);
}

#[test]
fn commit_publishes_to_status() {
    together(running, &[commits, |op, note| looks(op, note, Phase::Committed)]);
}

#[test]
fn commit_of_a_disturbed_word_publishes_to_status() {
    together(running_disturbed, &[commits, |op, note| looks(op, note, Phase::Committed)]);
}

/// An owner that tries to retire too early is told, by the word that comes
/// back, how far the operation is.
#[test]
fn commit_publishes_to_the_retire_that_is_too_early() {
    together(
        running,
        &[commits, |op, note| {
            let step = op.retire(TICKET);
            assert_eq!(step.verdict, Verdict::BadState);
            read_if(step.word.phase() == Some(Phase::Committed), note)
        }],
    );
}

#[test]
fn finish_publishes_to_cancel() {
    together(running, &[finishes, |op, note| is_told(op, note, Verdict::Finished)]);
}

#[test]
fn finish_of_a_disturbed_word_publishes_to_status() {
    together(running_disturbed, &[finishes, |op, note| looks(op, note, Phase::Finished)]);
}

#[test]
fn finish_publishes_to_retire() {
    together(
        running,
        &[finishes, |op, note| read_if(op.retire(TICKET).verdict == Verdict::Ok, note)],
    );
}

#[test]
fn fail_publishes_to_cancel_and_its_code_too() {
    together(
        running,
        &[fails, |op, note| {
            let answer = op.cancel(TICKET, GENTLE, NO_GATE);
            if answer.verdict == Verdict::Failed {
                assert_eq!(answer.code, BY_WORKER.raw());
            }
            read_if(answer.verdict == Verdict::Failed, note)
        }],
    );
}

#[test]
fn fail_publishes_to_status_and_its_code_too() {
    together(
        running,
        &[fails, |op, note| {
            let status = op.status(TICKET).unwrap();
            if status.phase == Phase::Failed {
                assert_eq!(status.code, Some(BY_WORKER));
            }
            read_if(status.phase == Phase::Failed, note)
        }],
    );
}

#[test]
fn acknowledge_publishes_to_cancel() {
    together(running, &[acknowledges, |op, note| is_told(op, note, Verdict::AlreadyCancelled)]);
}

#[test]
fn force_publishes_to_cancel() {
    together(running, &[forces, |op, note| is_told(op, note, Verdict::Failed)]);
}

#[test]
fn force_publishes_to_finish() {
    together(
        running,
        &[forces, |op, note| read_if(op.finish(LEFT).verdict == Verdict::BadState, note)],
    );
}

/// A worker that wakes up and fails is told by the look that comes before its
/// code is written.
#[test]
fn force_publishes_to_fail() {
    together(
        running,
        &[forces, |op, note| read_if(op.fail(LEFT, BY_WORKER).verdict == Verdict::BadState, note)],
    );
}

#[test]
fn cancel_publishes_to_commit() {
    together(
        running,
        &[cancels, |op, note| read_if(op.commit(LEFT).verdict == Verdict::Cancelling, note)],
    );
}

#[test]
fn cancel_publishes_to_finish() {
    together(
        running,
        &[cancels, |op, note| read_if(op.finish(LEFT).verdict == Verdict::Cancelling, note)],
    );
}

#[test]
fn cancel_publishes_to_status() {
    together(running, &[cancels, looks_for_a_request]);
}

#[test]
fn cancel_of_a_pending_op_publishes_to_start() {
    fn cancels_at_once(op: &Op, note: &Note) -> bool {
        note.write();
        op.cancel(TICKET, GENTLE, NO_GATE).verdict == Verdict::Cancelled
    }
    together(
        armed,
        &[cancels_at_once, |op, note| {
            read_if(op.start(TICKET).verdict == Verdict::Cancelled, note)
        }],
    );
}

#[test]
fn cancel_through_a_gate_publishes_to_status() {
    together(running_gated, &[cancels_through_a_gate, looks_for_a_request]);
}

/// What a shield does is not ordered, and does not come between a requester
/// and whoever looks.
#[test]
fn cancel_publishes_through_a_shield() {
    fn shields(op: &Op, _: &Note) -> bool {
        op.shield(LEFT).verdict == Verdict::Ok
    }
    together(running, &[cancels, shields, looks_for_a_request]);
}

/// The second requester publishes as well, beside the first.
#[test]
fn raise_publishes_to_status() {
    fn raises(op: &Op, note: &Note) -> bool {
        note.write();
        op.cancel(TICKET, URGENT, NO_GATE).verdict == Verdict::Raised
    }
    together(
        |op| {
            running(op);
            assert_eq!(op.cancel(TICKET, GENTLE, NO_GATE).verdict, Verdict::Cancelling);
        },
        &[raises, |op, note| {
            let status = op.status(TICKET).unwrap();
            read_if(status.level == Some(URGENT.level), note)
        }],
    );
}
