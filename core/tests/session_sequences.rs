//! Of the sequences that a conformance suite for backups needs, the three that
//! are races: all eighteen stand step by step in `conformance/sequences.csv`,
//! which can hold a party but cannot let two go at once.
#![allow(clippy::expect_used)]

mod backup;

use std::thread;

use backup::{Machine, N, USER};
use quell::{Effects, Mode, Notice, Op, Outcome, Source, Stage, Verdict};

#[test]
fn sequence_04_cancel_against_completion() {
    for _ in 0..500 {
        let op = Op::new();
        let owner = op.arm(Mode::DECISIVE).expect("vacant");
        let mut worker = owner.start().expect("pending");
        let canceller = owner.canceller();
        let (told, finished) = thread::scope(|scope| {
            let requester = scope.spawn(move || canceller.cancel(USER).verdict);
            let finished = worker.finish();
            if finished == Verdict::Cancelling {
                assert_eq!(worker.acknowledge(Effects::None), Verdict::Ok);
            }
            (requester.join().expect("no panic"), finished)
        });
        let outcome = owner.status().expect("not retired").outcome().expect("ended");
        match told {
            Verdict::Cancelling => {
                assert_eq!(finished, Verdict::Cancelling);
                assert!(matches!(outcome, Outcome::Cancelled { .. }));
            }
            Verdict::Finished => {
                assert_eq!((finished, outcome), (Verdict::Ok, Outcome::Finished));
            }
            other => unreachable!("{other}"),
        }
    }
}

#[test]
fn sequence_05_wait_and_cancel_at_once() {
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).expect("vacant");
    let mut worker = owner.start().expect("pending");
    let (canceller, observer) = (owner.canceller(), owner.observer());
    thread::scope(|scope| {
        let waiter = scope.spawn(move || observer.wait_end(None).expect("it ends"));
        let requester = scope.spawn(move || canceller.cancel(USER).verdict);
        while worker.poll().is_none() {
            thread::yield_now();
        }
        assert_eq!(worker.acknowledge(Effects::None), Verdict::Ok);
        assert_eq!(requester.join().expect("no panic"), Verdict::Cancelling);
        waiter.join().expect("no panic");
    });
    let outcome = owner.status().expect("not retired").outcome();
    assert!(matches!(outcome, Some(Outcome::Cancelled { effects: Effects::None, .. })));
}

#[test]
fn sequence_17_double_abort() {
    let machine = Machine::new();
    let session = machine.at(Stage::Frozen);
    machine.told();
    let answers = thread::scope(|scope| {
        [(); 4].map(|()| scope.spawn(|| session.abort(USER))).map(|t| t.join().expect("no panic"))
    });
    let told: u32 = answers.iter().map(|aborted| aborted.told).sum();
    assert_eq!(told, N as u32);
    let ignored = answers.iter().filter(|aborted| aborted.verdict == Verdict::Ignored).count();
    assert_eq!(ignored, 3);
    assert!(machine.told_all(&[Notice::Abort]));
}
