//! Races that peers got wrong, on two real cores. `tests/loom/races.rs` holds
//! the same races in every order; here each is run a million times.
#![allow(clippy::panic, clippy::unwrap_used)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod lockstep;

use lockstep::{Cast, race, running};
use quell::{
    Cause, Effects, Generation, Level, Mode, Op, Owner, Phase, Request, Rights, Status, Ticket,
    Verdict, Worker,
};

const AT_ONCE: usize = 4096;
const BATCHES: usize = 256;
const GENTLE: Request = Request::new(Level::Graceful, Cause::User);
const OVERDUE: Request = Request::new(Level::Immediate, Cause::Deadline);
const REFUSAL: u32 = 0xC0DE;

/// Ends it as it is told to: finished, or undone and acknowledged.
fn finish_or_undo(worker: &mut Worker) -> Verdict {
    let told = worker.finish();
    if told == Verdict::Cancelling {
        assert_eq!(worker.acknowledge(Effects::None), Verdict::Ok);
    }
    told
}

fn status(owner: &Owner) -> Status {
    owner.status().unwrap()
}

/// How often each side won; in a million rounds both do.
#[derive(Debug, Default)]
struct Tally {
    cancelled: usize,
    done: usize,
}

impl Tally {
    fn assert_raced(&self) {
        assert_eq!(self.cancelled + self.done, AT_ONCE * BATCHES);
        assert!(self.cancelled > 0 && self.done > 0, "no race: {self:?}");
    }
}

#[test]
fn race_01_cancel_and_complete() {
    let mut tally = Tally::default();
    for _ in 0..BATCHES {
        let ops: Vec<Op> = (0..AT_ONCE).map(|_| Op::new()).collect();
        let Cast { owners, mut workers, cancellers } = running(&ops, Mode::DECISIVE);
        let told = race(
            AT_ONCE,
            |round| cancellers[round].cancel(GENTLE).verdict,
            |round| finish_or_undo(&mut workers[round]),
        );
        for (told, owner) in told.into_iter().zip(&owners) {
            match (told, status(owner).phase) {
                ((Verdict::Cancelling, Verdict::Cancelling), Phase::Cancelled) => {
                    tally.cancelled += 1;
                }
                ((Verdict::Finished, Verdict::Ok), Phase::Finished) => tally.done += 1,
                lie => panic!("requester and worker were told, and it ended: {lie:?}"),
            }
        }
    }
    tally.assert_raced();
}

#[test]
fn race_02_cancel_and_commit() {
    let mut tally = Tally::default();
    for _ in 0..BATCHES {
        let ops: Vec<Op> = (0..AT_ONCE).map(|_| Op::new()).collect();
        let Cast { owners, mut workers, cancellers } = running(&ops, Mode::DECISIVE);
        let told = race(
            AT_ONCE,
            |round| cancellers[round].cancel(GENTLE).verdict,
            |round| (workers[round].commit(), finish_or_undo(&mut workers[round])),
        );
        for (told, owner) in told.into_iter().zip(&owners) {
            match (told, status(owner).phase) {
                (
                    (Verdict::Cancelling, (Verdict::Cancelling, Verdict::Cancelling)),
                    Phase::Cancelled,
                ) => tally.cancelled += 1,
                (
                    (Verdict::TooLate | Verdict::Finished, (Verdict::Ok, Verdict::Ok)),
                    Phase::Finished,
                ) => tally.done += 1,
                lie => panic!("requester and worker were told, and it ended: {lie:?}"),
            }
        }
    }
    tally.assert_raced();
}

/// The requester's handle is of the life that ends while it calls.
#[test]
fn race_03_cancel_and_reuse() {
    let op = Op::new();
    let mut owner = op.arm(Mode::DECISIVE).unwrap();
    let mut worker = owner.start().unwrap();
    let live_on = |_| {
        let told = finish_or_undo(&mut worker);
        let ended = status(&owner).phase;
        let former = std::mem::replace(&mut owner, op.adopt());
        former.retire().unwrap();
        owner = op.arm(Mode::DECISIVE).unwrap();
        worker = owner.start().unwrap();
        let untouched = worker.poll().is_none() && worker.request().is_none();
        (told, ended, untouched)
    };
    let cancel_late = |round| {
        let ticket = Ticket::new(Generation::new(round as u32), Rights::CANCEL);
        op.cancel(ticket, GENTLE, None::<fn(Request) -> u32>).verdict
    };
    let (mut cancelled, mut stale) = (0, 0);
    for (lived, requester) in race(AT_ONCE * BATCHES, live_on, cancel_late) {
        match (requester, lived) {
            (Verdict::Cancelling, (Verdict::Cancelling, Phase::Cancelled, true)) => cancelled += 1,
            (Verdict::Finished, (Verdict::Ok, Phase::Finished, true)) => {}
            (Verdict::Stale, (Verdict::Ok, Phase::Finished, true)) => stale += 1,
            lie => panic!("requester was told, and the worker lived: {lie:?}"),
        }
    }
    assert!(cancelled > 0 && stale > 0, "no race: {cancelled} cancelled, {stale} stale");
}

#[test]
fn race_09_refusal_leaves_it_running() {
    let refuse = |_: Request| REFUSAL;
    let (mut refused, mut finished) = (0, 0);
    for _ in 0..BATCHES {
        let ops: Vec<Op> = (0..AT_ONCE).map(|_| Op::new()).collect();
        let Cast { owners, mut workers, .. } = running(&ops, Mode::GATED);
        let cancellers: Vec<_> =
            owners.iter().map(|owner| owner.gated_canceller(&refuse)).collect();
        let told = race(
            AT_ONCE,
            |round| cancellers[round].cancel(OVERDUE),
            |round| (workers[round].poll(), workers[round].finish()),
        );
        for (told, owner) in told.into_iter().zip(&owners) {
            let (answer, worker) = told;
            assert_eq!(worker, (None, Verdict::Ok), "the requester was told {answer:?}");
            match (answer.verdict, answer.code) {
                (Verdict::Refused, REFUSAL) => refused += 1,
                (Verdict::Finished, 0) => finished += 1,
                _ => panic!("a refused requester was told {answer:?}"),
            }
            let end = status(owner);
            assert_eq!((end.phase, end.level, end.cause), (Phase::Finished, None, None));
        }
    }
    assert!(refused > 0 && finished > 0, "no race: {refused} refused, {finished} finished");
}

#[test]
fn race_10_shield_defers_the_effect_not_the_record() {
    let (mut behind_the_shield, mut too_late) = (0, 0);
    for _ in 0..BATCHES {
        let ops: Vec<Op> = (0..AT_ONCE).map(|_| Op::new()).collect();
        let Cast { owners, mut workers, cancellers } = running(&ops, Mode::DECISIVE);
        for worker in &mut workers {
            assert_eq!(worker.shield(), Verdict::Ok);
        }
        let told = race(
            AT_ONCE,
            |round| cancellers[round].cancel(OVERDUE).verdict,
            |round| {
                let worker = &mut workers[round];
                let shown_inside = worker.poll();
                let recorded_inside = worker.request().is_some();
                let shown_after = worker.unshield();
                (shown_inside, recorded_inside, shown_after, finish_or_undo(worker))
            },
        );
        for (told, owner) in told.into_iter().zip(&owners) {
            let (requester, (shown_inside, recorded_inside, shown_after, end)) = told;
            assert_eq!(shown_inside, None);
            // What was recorded inside is shown by the unshield itself.
            if recorded_inside {
                assert_eq!(shown_after, Ok(Some(Level::Immediate)));
                behind_the_shield += 1;
            }
            match (requester, end, status(owner).phase) {
                (Verdict::Cancelling, Verdict::Cancelling, Phase::Cancelled) => {}
                (Verdict::Finished, Verdict::Ok, Phase::Finished) => {
                    assert_eq!(shown_after, Ok(None));
                    too_late += 1;
                }
                lie => panic!("requester and worker were told, and it ended: {lie:?}"),
            }
        }
    }
    let seen = (behind_the_shield, too_late);
    assert!(seen.0 > 0 && seen.1 > 0, "no race: {seen:?} behind the shield, too late");
}
