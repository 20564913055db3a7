//! Every pair of calls on one op, by parties that may make them at the same
//! time, in every phase and mode.
//!
//! One owner, one worker; any number of cancellers and observers. The owner's
//! calls never meet one another, nor the worker's, but for start, which is
//! how a worker comes to be. Whoever holds a handle of an earlier life may
//! call anything at any time.

use quell::{Cause, Code, Effects, Level, Mode, Request};

use crate::ledger::Call;
use crate::play::{Part, Play, Stage};

pub(crate) const GENTLE: Request = Request::new(Level::Graceful, Cause::User);
pub(crate) const URGENT: Request = Request::new(Level::Immediate, Cause::Deadline);
pub(crate) const BY_WORKER: Code = code(0xE000_0001);
pub(crate) const BY_OWNER: Code = code(0xE000_0002);
const REFUSAL: u32 = 0xC0DE;

pub(crate) const fn code(raw: u32) -> Code {
    match Code::new(raw) {
        Some(code) => code,
        None => Code::ABANDONED,
    }
}

const OWNER: &[Call] = &[Call::Arm, Call::Force(BY_OWNER), Call::Retire];
const WORKER: &[Call] = &[
    Call::Start,
    Call::Shield,
    Call::Unshield,
    Call::Commit,
    Call::Finish,
    Call::Fail(BY_WORKER),
    Call::Acknowledge(Effects::Unknown),
    Call::WorkerPoll,
];
const CANCELLER: &[Call] = &[Call::Cancel(GENTLE), Call::Cancel(URGENT)];
const GATED_CANCELLER: &[Call] = &[
    Call::Cancel(GENTLE),
    Call::GatedCancel(GENTLE, 0),
    Call::GatedCancel(URGENT, 0),
    Call::GatedCancel(URGENT, REFUSAL),
];
const OBSERVER: &[Call] = &[Call::Status, Call::Poll];

/// The calls that lead to each phase, with a request and without, shielded
/// and not.
const SITUATIONS: &[&[Call]] = &[
    &[],
    &[Call::Arm],
    &[Call::Arm, Call::Start],
    &[Call::Arm, Call::Start, Call::Shield],
    &[Call::Arm, Call::Start, ASK],
    &[Call::Arm, Call::Start, Call::Shield, ASK],
    &[Call::Arm, Call::Start, Call::Commit],
    &[Call::Arm, Call::Start, Call::Finish],
    &[Call::Arm, Call::Start, Call::Fail(BEFORE)],
    &[Call::Arm, Call::Start, Call::Acknowledge(Effects::Partial)],
    &[Call::Arm, Call::Start, ASK, Call::Fail(BEFORE)],
    &[Call::Arm, Call::Start, Call::Force(BEFORE)],
];
const ASK: Call = Call::GatedCancel(Request::new(Level::Graceful, Cause::Parent), 0);
const BEFORE: Code = code(0xE000_0003);

fn every_pair_of(mode: Mode, canceller: &[Call]) {
    let meetings: &[(&[Call], &[Call])] = &[
        (OWNER, WORKER),
        (OWNER, canceller),
        (OWNER, OBSERVER),
        (WORKER, canceller),
        (WORKER, OBSERVER),
        (&[Call::Start], &[Call::Start]),
        (canceller, canceller),
        (canceller, OBSERVER),
        (OBSERVER, OBSERVER),
    ];
    for present in SITUATIONS {
        let stage = Stage { mode, earlier: &[], leave: &[], present };
        for (ones, others) in meetings {
            for (one, other) in ones.iter().flat_map(|one| others.iter().map(move |o| (one, o))) {
                let parts = vec![Part::new(&[*one]), Part::new(&[*other])];
                Play { stage: stage.clone(), parts }.perform(None);
            }
        }
    }
}

#[test]
fn every_pair_on_a_decisive_op() {
    every_pair_of(Mode::DECISIVE, CANCELLER);
}

#[test]
fn every_pair_on_a_best_effort_op() {
    every_pair_of(Mode::BEST_EFFORT, CANCELLER);
}

#[test]
fn every_pair_on_an_uncancellable_op() {
    every_pair_of(Mode::UNCANCELLABLE, CANCELLER);
}

#[test]
fn every_pair_on_a_gated_op() {
    every_pair_of(Mode::GATED, GATED_CANCELLER);
}

/// The parties of an earlier life, a worker forced off the op among them,
/// beside those of this one.
#[test]
fn every_stale_call_beside_every_call() {
    let parties = [OWNER, WORKER, CANCELLER, OBSERVER];
    let calls = || parties.iter().flat_map(|calls| calls.iter());
    for present in SITUATIONS {
        let stage = Stage {
            mode: Mode::DECISIVE,
            earlier: &[Call::Arm, Call::Start],
            leave: &[Call::Force(BEFORE), Call::Retire],
            present,
        };
        // Arm takes no handle, so it is never stale.
        for old in calls().filter(|call| **call != Call::Arm) {
            for new in calls() {
                let parts = vec![Part::stale(&[*old]), Part::new(&[*new])];
                Play { stage: stage.clone(), parts }.perform(None);
            }
        }
    }
}
