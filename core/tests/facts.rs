//! The seven facts that follow from the table of the design, section 2, each
//! through the roles.
#![allow(clippy::panic, clippy::unwrap_used, clippy::expect_used)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod lockstep;

use lockstep::{Cast, race, running, watch};
use quell::{
    Cause, Code, Effects, Level, Mode, Op, Owner, Phase, Request, Status, Verdict, Worker,
};

const GENTLE: Request = Request::new(Level::Graceful, Cause::User);
const URGENT: Request = Request::new(Level::Emergency, Cause::Fault);
const ROUNDS: usize = 100_000;

fn code(raw: u32) -> Code {
    Code::new(raw).expect("a code that an operation may have")
}

/// Each way in which a worker lets go of its operation.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ending {
    Finish,
    Fail,
    Acknowledge,
    Drop,
}

const ENDINGS: [Ending; 4] = [Ending::Finish, Ending::Fail, Ending::Acknowledge, Ending::Drop];

/// Ends it, undoing where the worker is told to; a dropped worker is told
/// nothing.
fn end(mut worker: Worker, ending: Ending) -> Option<Verdict> {
    let told = match ending {
        Ending::Finish => worker.finish(),
        Ending::Fail => worker.fail(code(0xE1)),
        Ending::Acknowledge => worker.acknowledge(Effects::Partial),
        Ending::Drop => return None,
    };
    if told == Verdict::Cancelling {
        assert_eq!(worker.acknowledge(Effects::None), Verdict::Ok);
    }
    Some(told)
}

fn has_ended(status: &Status) -> bool {
    matches!(status.phase, Phase::Finished | Phase::Failed | Phase::Cancelled)
}

/// Both fields, as they lie in memory.
fn memory(op: &Op) -> String {
    format!("{op:?}")
}

#[test]
fn fact_1_never_both_never_neither() {
    let modes = [Mode::DECISIVE, Mode::BEST_EFFORT, Mode::UNCANCELLABLE];
    for (mode, requested, ending) in modes
        .into_iter()
        .flat_map(|mode| [false, true].map(|requested| (mode, requested)))
        .flat_map(|(mode, requested)| ENDINGS.map(|ending| (mode, requested, ending)))
    {
        let op = Op::new();
        let owner = op.arm(mode).unwrap();
        let (canceller, observer) = (owner.canceller(), owner.observer());
        let worker = owner.start().unwrap();
        if requested {
            let _ = canceller.cancel(GENTLE);
        }
        end(worker, ending);

        let told = owner.status().unwrap();
        assert!(has_ended(&told), "{mode:?} {requested} {ending:?} did not end: {told:?}");
        let frozen = memory(&op);
        let answer = canceller.cancel(URGENT).verdict;
        let expected = match told.phase {
            Phase::Finished => Verdict::Finished,
            Phase::Failed => Verdict::Failed,
            _ => Verdict::AlreadyCancelled,
        };
        assert_eq!(answer, expected);
        assert_eq!(owner.force(code(0xE2)), Verdict::BadState);
        assert!(owner.start().is_err());
        assert_eq!((observer.status(), canceller.status()), (Some(told), Some(told)));
        assert_eq!(memory(&op), frozen, "it ended a second time");
    }
}

/// The owner gives the worker up just when it finishes: one of them ends it,
/// and the other is told so.
#[test]
fn fact_1_never_both_never_neither_on_two_cores() {
    let (mut forced, mut finished) = (0, 0);
    for _ in 0..ROUNDS / 1000 {
        let ops: Vec<Op> = (0..1000).map(|_| Op::new()).collect();
        let Cast { owners, mut workers, .. } = running(&ops, Mode::DECISIVE);
        let told = race(
            ops.len(),
            |round| owners[round].force(code(0xE2)),
            |round| workers[round].finish(),
        );
        for (told, owner) in told.into_iter().zip(&owners) {
            match (told, owner.status().unwrap().phase) {
                ((Verdict::Ok, Verdict::BadState), Phase::Failed) => forced += 1,
                ((Verdict::BadState, Verdict::Ok), Phase::Finished) => finished += 1,
                lie => panic!("owner and worker were told, and it ended: {lie:?}"),
            }
        }
    }
    assert!(forced > 0 && finished > 0, "no race: {forced} forced, {finished} finished");
}

#[test]
fn fact_2_cancelling_said_means_cancelled() {
    for ending in ENDINGS {
        for try_to_commit in [false, true] {
            let op = Op::new();
            let owner = op.arm(Mode::DECISIVE).unwrap();
            let mut worker = owner.start().unwrap();
            assert_eq!(owner.canceller().cancel(GENTLE).verdict, Verdict::Cancelling);
            if try_to_commit {
                assert_eq!(worker.commit(), Verdict::Cancelling);
            }
            end(worker, ending);
            assert_eq!(owner.status().unwrap().phase, Phase::Cancelled, "{ending:?}");
        }
    }
}

#[test]
fn fact_2_cancelled_said_means_cancelled() {
    let op = Op::new();
    let owner = op.arm(Mode::DECISIVE).unwrap();
    assert_eq!(owner.canceller().cancel(GENTLE).verdict, Verdict::Cancelled);
    assert_eq!(owner.start().err(), Some(Verdict::Cancelled));
    assert_eq!(owner.force(code(0xE2)), Verdict::BadState);
    let status = owner.status().unwrap();
    assert_eq!((status.phase, status.effects), (Phase::Cancelled, Effects::None));
}

#[test]
fn fact_2_has_no_exception_but_force() {
    let op = Op::new();
    let owner = op.arm(Mode::DECISIVE).unwrap();
    let worker = owner.start().unwrap();
    assert_eq!(owner.canceller().cancel(GENTLE).verdict, Verdict::Cancelling);
    assert_eq!(owner.force(code(0xE2)), Verdict::Ok);
    drop(worker);
    let status = owner.status().unwrap();
    assert_eq!((status.phase, status.effects), (Phase::Failed, Effects::Unknown));
    assert_eq!(status.code, Some(code(0xE2)));
}

#[test]
fn fact_3_after_commit_only_too_late_or_the_outcome() {
    let modes = [
        (Mode::DECISIVE, Verdict::TooLate),
        (Mode::BEST_EFFORT, Verdict::TooLate),
        (Mode::GATED, Verdict::TooLate),
        (Mode::UNCANCELLABLE, Verdict::Unsupported),
    ];
    for (mode, meanwhile) in modes {
        for ending in ENDINGS {
            let op = Op::new();
            let owner = op.arm(mode).unwrap();
            let canceller = owner.canceller();
            let mut worker = owner.start().unwrap();
            assert_eq!(worker.commit(), Verdict::Ok);
            for level in Level::ALL {
                let request = Request::new(*level, Cause::Shutdown);
                assert_eq!(canceller.cancel(request).verdict, meanwhile);
            }
            assert_eq!(worker.poll(), None);

            // There is nothing to acknowledge, so the worker goes on.
            let ending = if ending == Ending::Acknowledge {
                assert_eq!(worker.acknowledge(Effects::None), Verdict::BadState);
                Ending::Finish
            } else {
                ending
            };
            end(worker, ending);
            let (outcome, told) = match ending {
                Ending::Finish => (Phase::Finished, Verdict::Finished),
                _ => (Phase::Failed, Verdict::Failed),
            };
            assert_eq!(owner.status().unwrap().phase, outcome);
            assert_eq!(canceller.cancel(URGENT).verdict, told);
        }
    }
}

/// The parties of one life call in every phase of the next one.
#[test]
fn fact_4_a_stale_handle_changes_nothing_and_learns_nothing() {
    let lives: [fn(&Owner); 7] = [
        |_| {},
        |owner| std::mem::forget(owner.start().unwrap()),
        |owner| {
            std::mem::forget(owner.start().unwrap());
            assert_eq!(owner.canceller().cancel(GENTLE).verdict, Verdict::Cancelling);
        },
        |owner| {
            let mut worker = owner.start().unwrap();
            assert_eq!(worker.commit(), Verdict::Ok);
            std::mem::forget(worker);
        },
        |owner| assert_eq!(owner.start().unwrap().finish(), Verdict::Ok),
        |owner| assert_eq!(owner.start().unwrap().fail(code(0xE3)), Verdict::Ok),
        |owner| assert_eq!(owner.canceller().cancel(GENTLE).verdict, Verdict::Cancelled),
    ];
    for live in lives {
        let op = Op::new();
        let former = op.arm(Mode::DECISIVE).unwrap();
        let (canceller, observer) = (former.canceller(), former.observer());
        let former_too = op.adopt();
        let mut worker = former.start().unwrap();
        assert_eq!(former.force(code(0xE2)), Verdict::Ok);
        former.retire().unwrap();

        let vacant = memory(&op);
        assert_eq!(canceller.cancel(URGENT).verdict, Verdict::Stale);
        assert_eq!(observer.status(), None);
        assert_eq!(memory(&op), vacant);

        let owner = op.arm(Mode::DECISIVE).unwrap();
        live(&owner);
        let before = memory(&op);
        for level in Level::ALL {
            let answer = canceller.cancel(Request::new(*level, Cause::Peer));
            assert_eq!((answer.verdict, answer.code), (Verdict::Stale, 0));
        }
        assert_eq!((canceller.status(), observer.status()), (None, None));
        assert_eq!(former_too.status(), None);
        assert_eq!(former_too.start().err(), Some(Verdict::Stale));
        assert_eq!(former_too.force(code(0xE4)), Verdict::Stale);
        assert_eq!(former_too.retire().err().map(|(_, told)| told), Some(Verdict::Stale));
        assert_eq!(worker.request(), None);
        assert_eq!(worker.shield(), Verdict::Stale);
        assert_eq!(worker.unshield(), Err(Verdict::Stale));
        assert_eq!(worker.commit(), Verdict::Stale);
        assert_eq!(worker.finish(), Verdict::Stale);
        assert_eq!(worker.fail(code(0xE5)), Verdict::Stale);
        assert_eq!(worker.acknowledge(Effects::Unknown), Verdict::Stale);
        drop(worker);
        assert_eq!(memory(&op), before);
    }
}

/// Watches from another core: in the first look that shows the end, all that
/// belongs to it is there.
#[test]
fn fact_5_all_is_published_before_the_end_can_be_seen() {
    let kept = |round| code(0xE000_0000 + round as u32);
    for requested in [false, true] {
        for _ in 0..ROUNDS / 1000 {
            let ops: Vec<Op> = (0..1000).map(|_| Op::new()).collect();
            let Cast { owners, mut workers, cancellers } = running(&ops, Mode::DECISIVE);
            if requested {
                for canceller in &cancellers {
                    assert_eq!(canceller.cancel(URGENT).verdict, Verdict::Cancelling);
                }
            }
            let watched = race(
                ops.len(),
                |round| workers[round].fail(kept(round)),
                |round| watch(|| owners[round].status().unwrap(), has_ended),
            );
            for (round, (told, seen)) in watched.into_iter().enumerate() {
                assert_eq!(seen.code, Some(kept(round)));
                let all = (told, seen.phase, seen.effects, seen.level, seen.cause);
                let expected = match requested {
                    false => (Verdict::Ok, Phase::Failed, Effects::Unstated, None, None),
                    true => {
                        let (level, cause) = (Some(URGENT.level), Some(URGENT.cause));
                        (Verdict::Cancelled, Phase::Cancelled, Effects::Unknown, level, cause)
                    }
                };
                assert_eq!(all, expected);
            }
        }
    }
}

/// A requester that is told FAILED is told the code with it.
#[test]
fn fact_5_the_code_comes_with_the_verdict() {
    for _ in 0..ROUNDS / 1000 {
        let ops: Vec<Op> = (0..1000).map(|_| Op::new()).collect();
        let Cast { mut workers, cancellers, .. } = running(&ops, Mode::UNCANCELLABLE);
        let told = race(
            ops.len(),
            |round| workers[round].fail(code(round as u32 + 1)),
            |round| {
                watch(
                    || cancellers[round].cancel(URGENT),
                    |answer| answer.verdict != Verdict::Unsupported,
                )
            },
        );
        for (round, (worker, answer)) in told.into_iter().enumerate() {
            let all = (worker, answer.verdict, answer.code);
            assert_eq!(all, (Verdict::Ok, Verdict::Failed, round as u32 + 1));
        }
    }
}

/// The poll row of the table; that it is one load and one test is read from
/// the machine code by the benchmarks.
#[test]
fn fact_6_poll_only_looks() {
    let op = Op::new();
    let poll = || {
        let before = memory(&op);
        let seen = op.poll();
        assert_eq!(memory(&op), before, "poll wrote");
        seen
    };
    assert_eq!(poll(), None);
    let owner = op.arm(Mode::DECISIVE).unwrap();
    let canceller = owner.canceller();
    assert_eq!(poll(), None);
    let mut worker = owner.start().unwrap();
    assert_eq!((poll(), worker.poll()), (None, None));
    assert_eq!(worker.shield(), Verdict::Ok);
    assert_eq!(canceller.cancel(GENTLE).verdict, Verdict::Cancelling);
    assert_eq!((poll(), worker.poll()), (None, None));
    assert_eq!(worker.unshield(), Ok(Some(Level::Graceful)));
    assert_eq!((poll(), worker.poll()), (Some(Level::Graceful), Some(Level::Graceful)));
    assert_eq!(worker.shield(), Verdict::Ok);
    assert_eq!((poll(), worker.poll()), (None, None));
    assert_eq!(worker.unshield(), Ok(Some(Level::Graceful)));
    assert_eq!(canceller.cancel(URGENT).verdict, Verdict::Raised);
    assert_eq!((poll(), worker.poll()), (Some(Level::Emergency), Some(Level::Emergency)));
    assert_eq!(worker.acknowledge(Effects::None), Verdict::Ok);
    assert_eq!((poll(), worker.poll()), (Some(Level::Emergency), Some(Level::Emergency)));
    owner.retire().unwrap();
    assert_eq!(poll(), None);

    let owner = op.arm(Mode::BEST_EFFORT).unwrap();
    let mut worker = owner.start().unwrap();
    assert_eq!(worker.commit(), Verdict::Ok);
    assert_eq!((poll(), worker.poll()), (None, None));
    assert_eq!(worker.finish(), Verdict::Ok);
    assert_eq!(poll(), None);
    owner.retire().unwrap();

    // A best-effort operation that failed in spite of a request shows nothing.
    let owner = op.arm(Mode::BEST_EFFORT).unwrap();
    let mut worker = owner.start().unwrap();
    assert_eq!(owner.canceller().cancel(GENTLE).verdict, Verdict::Requested);
    assert_eq!(poll(), Some(Level::Graceful));
    assert_eq!(worker.fail(code(0xE1)), Verdict::Ok);
    assert_eq!(poll(), None);
}

#[test]
fn fact_7_forced_and_reused_worker_is_told_to_stop() {
    let op = Op::new();
    let owner = op.arm(Mode::DECISIVE).unwrap();
    let mut plain = owner.start().unwrap();
    assert_eq!(plain.poll(), None);
    assert_eq!(owner.force(code(0xE2)), Verdict::Ok);
    assert_eq!(plain.poll(), Some(Level::Immediate));
    // Being told does not make the end its own.
    assert_eq!(plain.finish(), Verdict::BadState);
    assert_eq!(plain.poll(), Some(Level::Immediate));
    owner.retire().unwrap();
    assert_eq!(plain.poll(), Some(Level::Immediate));

    // The next life looks just like the one that the worker left.
    let owner = op.arm(Mode::DECISIVE).unwrap();
    assert_eq!(plain.poll(), Some(Level::Immediate));
    let mut next = owner.start().unwrap();
    assert_eq!((op.poll(), next.poll()), (None, None));
    assert_eq!(plain.poll(), Some(Level::Immediate));

    // Shielded, committed, requested: told to stop all the same.
    assert_eq!(next.shield(), Verdict::Ok);
    assert_eq!(plain.poll(), Some(Level::Immediate));
    assert_eq!(owner.force(code(0xE2)), Verdict::Ok);
    assert_eq!(next.poll(), Some(Level::Immediate));
    owner.retire().unwrap();

    let owner = op.arm(Mode::DECISIVE).unwrap();
    let mut committed = owner.start().unwrap();
    assert_eq!(committed.commit(), Verdict::Ok);
    assert_eq!(committed.poll(), None);
    assert_eq!(owner.force(code(0xE2)), Verdict::Ok);
    assert_eq!(committed.poll(), Some(Level::Immediate));
    owner.retire().unwrap();

    let owner = op.arm(Mode::DECISIVE).unwrap();
    let _worker = owner.start().unwrap();
    assert_eq!(owner.canceller().cancel(GENTLE).verdict, Verdict::Cancelling);
    assert_eq!(op.poll(), Some(Level::Graceful));
    for former in [&plain, &next, &committed] {
        assert_eq!(former.poll(), Some(Level::Immediate));
    }
}
