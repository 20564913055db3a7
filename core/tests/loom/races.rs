//! The races that take more than one call a side, or three threads. Each list
//! is written by hand: these outcomes come up, all of them, and no other.
//!
//! A line is what each thread was told, call by call, and how it ended.

use quell::{Code, Effects, Mode};

use crate::ledger::Call::{self, *};
use crate::pairs::{BY_OWNER, BY_WORKER, GENTLE, URGENT, code};
use crate::play::{Part, Play, Stage};

/// Three threads: loom takes a thread's turn away so often, and no oftener.
const BOUNDED: Option<usize> = Some(3);
const ACKNOWLEDGE: Call = Acknowledge(Effects::None);
const OF_NEXT_LIFE: Code = code(0xE000_0004);

/// Performs the scripts on an operation that has come this far.
fn race(mode: Mode, present: &'static [Call], scripts: &[&[Call]]) -> Vec<String> {
    let preemptions = if scripts.len() > 2 { BOUNDED } else { None };
    race_on(Stage { mode, earlier: &[], leave: &[], present }, preemptions, scripts)
}

fn race_on(stage: Stage, preemptions: Option<usize>, scripts: &[&[Call]]) -> Vec<String> {
    let parts = scripts.iter().map(|script| Part::new(script)).collect();
    let outcomes = Play { stage, parts }.perform(preemptions);
    let mut lines: Vec<_> = outcomes.iter().map(ToString::to_string).collect();
    lines.sort();
    lines.dedup();
    lines
}

const RUNNING: &[Call] = &[Arm, Start];

#[track_caller]
fn expect(lines: Vec<String>, mut expected: Vec<&str>) {
    expected.sort_unstable();
    assert_eq!(lines, expected);
}

#[test]
fn race_01_cancel_and_finish() {
    expect(
        race(Mode::DECISIVE, RUNNING, &[&[Cancel(GENTLE)], &[Finish, ACKNOWLEDGE]]),
        vec![
            "CANCELLING | CANCELLING OK -> CANCELLED(NONE)",
            "FINISHED | OK BAD_STATE -> FINISHED",
        ],
    );
}

#[test]
fn race_01_cancel_and_finish_of_best_effort() {
    expect(
        race(Mode::BEST_EFFORT, RUNNING, &[&[Cancel(GENTLE)], &[Finish]]),
        vec!["REQUESTED | OK -> FINISHED", "FINISHED | OK -> FINISHED"],
    );
}

#[test]
fn race_01_cancel_and_fail() {
    expect(
        race(Mode::DECISIVE, RUNNING, &[&[Cancel(GENTLE)], &[Fail(BY_WORKER)]]),
        vec![
            "CANCELLING | CANCELLED -> CANCELLED(E0000001, UNKNOWN)",
            "FAILED(E0000001) | OK -> FAILED(E0000001)",
        ],
    );
}

#[test]
fn race_01_cancel_and_start_and_finish() {
    expect(
        race(Mode::DECISIVE, &[Arm], &[&[Cancel(GENTLE)], &[Start, Finish, ACKNOWLEDGE]]),
        vec![
            "CANCELLED | CANCELLED BAD_STATE BAD_STATE -> CANCELLED(NONE)",
            "CANCELLING | OK CANCELLING OK -> CANCELLED(NONE)",
            "FINISHED | OK OK BAD_STATE -> FINISHED",
        ],
    );
}

#[test]
fn race_01_cancel_and_two_workers_to_be() {
    expect(
        race(Mode::DECISIVE, &[Arm], &[&[Start], &[Start], &[Cancel(GENTLE)]]),
        vec![
            "CANCELLED | CANCELLED | CANCELLED -> CANCELLED(NONE)",
            "OK | BAD_STATE | CANCELLING -> RUNNING",
            "BAD_STATE | OK | CANCELLING -> RUNNING",
        ],
    );
}

#[test]
fn race_01_two_cancels_and_finish() {
    let scripts: &[&[Call]] = &[&[Cancel(GENTLE)], &[Cancel(URGENT)], &[Finish, ACKNOWLEDGE]];
    expect(
        race(Mode::DECISIVE, RUNNING, scripts),
        vec![
            "CANCELLING | RAISED | CANCELLING OK -> CANCELLED(NONE)",
            "ALREADY_CANCELLING | CANCELLING | CANCELLING OK -> CANCELLED(NONE)",
            "CANCELLING | ALREADY_CANCELLED | CANCELLING OK -> CANCELLED(NONE)",
            "ALREADY_CANCELLED | CANCELLING | CANCELLING OK -> CANCELLED(NONE)",
            "FINISHED | FINISHED | OK BAD_STATE -> FINISHED",
        ],
    );
}

#[test]
fn race_02_cancel_and_commit() {
    expect(
        race(Mode::DECISIVE, RUNNING, &[&[Cancel(GENTLE)], &[Commit, Finish, ACKNOWLEDGE]]),
        vec![
            "CANCELLING | CANCELLING CANCELLING OK -> CANCELLED(NONE)",
            "TOO_LATE | OK OK BAD_STATE -> FINISHED",
            "FINISHED | OK OK BAD_STATE -> FINISHED",
        ],
    );
}

/// Each call in a thread of its own, as if the worker were two.
#[test]
fn race_02_cancel_and_commit_and_finish() {
    expect(
        race(Mode::DECISIVE, RUNNING, &[&[Cancel(GENTLE)], &[Commit], &[Finish]]),
        vec![
            "CANCELLING | CANCELLING | CANCELLING -> RUNNING",
            "TOO_LATE | OK | OK -> FINISHED",
            "FINISHED | OK | OK -> FINISHED",
            "FINISHED | BAD_STATE | OK -> FINISHED",
        ],
    );
}

#[test]
fn race_02_cancel_and_commit_and_acknowledge() {
    expect(
        race(Mode::DECISIVE, RUNNING, &[&[Cancel(GENTLE)], &[Commit], &[ACKNOWLEDGE]]),
        vec![
            "CANCELLING | CANCELLING | OK -> CANCELLED(NONE)",
            "CANCELLING | BAD_STATE | OK -> CANCELLED(NONE)",
            "TOO_LATE | OK | BAD_STATE -> COMMITTED",
            "ALREADY_CANCELLED | BAD_STATE | OK -> CANCELLED(NONE)",
        ],
    );
}

#[test]
fn race_02_two_cancels_and_commit() {
    let scripts: &[&[Call]] = &[&[Cancel(GENTLE)], &[Cancel(URGENT)], &[Commit, Finish]];
    expect(
        race(Mode::DECISIVE, RUNNING, scripts),
        vec![
            "CANCELLING | RAISED | CANCELLING CANCELLING -> RUNNING",
            "ALREADY_CANCELLING | CANCELLING | CANCELLING CANCELLING -> RUNNING",
            "TOO_LATE | TOO_LATE | OK OK -> FINISHED",
            "TOO_LATE | FINISHED | OK OK -> FINISHED",
            "FINISHED | TOO_LATE | OK OK -> FINISHED",
            "FINISHED | FINISHED | OK OK -> FINISHED",
        ],
    );
}

#[test]
fn race_03_cancel_and_reuse() {
    expect(
        race(Mode::DECISIVE, &[Arm, Start, Finish], &[&[Cancel(GENTLE)], &[Retire, Arm, Start]]),
        vec!["FINISHED | OK OK OK -> RUNNING", "STALE | OK OK OK -> RUNNING"],
    );
}

/// The code of the next life is never taken for this one's.
#[test]
fn race_03_look_and_reuse() {
    let next: &[Call] = &[Retire, Arm, Start, Fail(OF_NEXT_LIFE)];
    let failed: &[Call] = &[Arm, Start, Fail(BY_WORKER)];
    expect(
        race(Mode::DECISIVE, failed, &[&[Status], next]),
        vec![
            "FAILED(E0000001) | OK OK OK OK -> FAILED(E0000004)",
            "STALE | OK OK OK OK -> FAILED(E0000004)",
        ],
    );
    expect(
        race(Mode::DECISIVE, failed, &[&[Cancel(GENTLE)], next]),
        vec![
            "FAILED(E0000001) | OK OK OK OK -> FAILED(E0000004)",
            "STALE | OK OK OK OK -> FAILED(E0000004)",
        ],
    );
}

#[test]
fn race_03_two_owners_to_be() {
    expect(
        race(Mode::DECISIVE, &[], &[&[Arm, Start], &[Arm, Start]]),
        vec![
            "OK OK | BAD_STATE BAD_STATE -> RUNNING",
            "BAD_STATE BAD_STATE | OK OK -> RUNNING",
            "OK BAD_STATE | BAD_STATE OK -> RUNNING",
            "BAD_STATE OK | OK BAD_STATE -> RUNNING",
        ],
    );
}

/// Whoever finds the op vacant may arm it, while retire is still on its way
/// back to the owner of the life before.
#[test]
fn race_03_retire_and_the_next_owner() {
    let failed: &[Call] = &[Arm, Start, Fail(BY_WORKER)];
    expect(
        race(Mode::DECISIVE, failed, &[&[Retire], &[Arm, Start, Fail(OF_NEXT_LIFE)]]),
        vec![
            "OK | OK OK OK -> FAILED(E0000004)",
            "OK | BAD_STATE STALE STALE -> VACANT",
            "OK | BAD_STATE BAD_STATE STALE -> VACANT",
            "OK | BAD_STATE BAD_STATE BAD_STATE -> VACANT",
        ],
    );
}

/// A worker that was forced off the op fails at any moment of its next life,
/// while somebody looks at the old one. A long play: two switches bring up all
/// that it can end in, and three take minutes to bring up the same.
#[test]
fn race_03_fail_of_a_forced_worker_and_reuse() {
    let owner: &[Call] = &[Force(BY_OWNER), Retire, Arm, Start, Fail(OF_NEXT_LIFE)];
    // Not the first life, whose blank is zero.
    let stage = Stage {
        mode: Mode::DECISIVE,
        earlier: &[Arm, Start, Finish],
        leave: &[Retire],
        present: RUNNING,
    };
    expect(
        race_on(stage, Some(2), &[&[Fail(BY_WORKER)], &[Status], owner]),
        vec![
            "OK | RUNNING | BAD_STATE OK OK OK OK -> FAILED(E0000004)",
            "OK | FAILED(E0000001) | BAD_STATE OK OK OK OK -> FAILED(E0000004)",
            "OK | FAILED(E0000002) | BAD_STATE OK OK OK OK -> FAILED(E0000004)",
            "OK | STALE | BAD_STATE OK OK OK OK -> FAILED(E0000004)",
            "BAD_STATE | RUNNING | OK OK OK OK OK -> FAILED(E0000004)",
            "BAD_STATE | FAILED(E0000001, UNKNOWN) | OK OK OK OK OK -> FAILED(E0000004)",
            "BAD_STATE | FAILED(E0000002, UNKNOWN) | OK OK OK OK OK -> FAILED(E0000004)",
            "BAD_STATE | STALE | OK OK OK OK OK -> FAILED(E0000004)",
            "STALE | RUNNING | OK OK OK OK OK -> FAILED(E0000004)",
            "STALE | FAILED(E0000001, UNKNOWN) | OK OK OK OK OK -> FAILED(E0000004)",
            "STALE | FAILED(E0000002, UNKNOWN) | OK OK OK OK OK -> FAILED(E0000004)",
            "STALE | STALE | OK OK OK OK OK -> FAILED(E0000004)",
        ],
    );
}

/// The first code stands, whichever of the two ended it, and the same one is
/// told to everybody.
#[test]
fn force_and_fail_and_look() {
    expect(
        race(Mode::DECISIVE, RUNNING, &[&[Force(BY_OWNER)], &[Fail(BY_WORKER)], &[Status]]),
        vec![
            "OK | BAD_STATE | RUNNING -> FAILED(E0000001, UNKNOWN)",
            "OK | BAD_STATE | RUNNING -> FAILED(E0000002, UNKNOWN)",
            "OK | BAD_STATE | FAILED(E0000001, UNKNOWN) -> FAILED(E0000001, UNKNOWN)",
            "OK | BAD_STATE | FAILED(E0000002, UNKNOWN) -> FAILED(E0000002, UNKNOWN)",
            "BAD_STATE | OK | RUNNING -> FAILED(E0000001)",
            "BAD_STATE | OK | RUNNING -> FAILED(E0000002)",
            "BAD_STATE | OK | FAILED(E0000001) -> FAILED(E0000001)",
            "BAD_STATE | OK | FAILED(E0000002) -> FAILED(E0000002)",
        ],
    );
}

/// A force that came too late may have written a code: it is nobody's.
#[test]
fn force_and_acknowledge_and_look() {
    let worker: &[Call] = &[Acknowledge(Effects::Unknown)];
    expect(
        race(Mode::DECISIVE, RUNNING, &[&[Force(BY_OWNER)], worker, &[Status]]),
        vec![
            "OK | BAD_STATE | RUNNING -> FAILED(E0000002, UNKNOWN)",
            "OK | BAD_STATE | FAILED(E0000002, UNKNOWN) -> FAILED(E0000002, UNKNOWN)",
            "BAD_STATE | OK | RUNNING -> CANCELLED(UNKNOWN)",
            "BAD_STATE | OK | CANCELLED(UNKNOWN) -> CANCELLED(UNKNOWN)",
        ],
    );
}

#[test]
fn race_09_refusal_leaves_it_running() {
    let refused = GatedCancel(URGENT, 0xC0DE);
    expect(
        race(Mode::GATED, RUNNING, &[&[refused], &[WorkerPoll, Commit]]),
        vec!["REFUSED(C0DE) | none OK -> COMMITTED", "TOO_LATE | none OK -> COMMITTED"],
    );
    let scripts: &[&[Call]] = &[&[refused], &[GatedCancel(GENTLE, 0)], &[Finish, ACKNOWLEDGE]];
    expect(
        race(Mode::GATED, RUNNING, scripts),
        vec![
            "REFUSED(C0DE) | CANCELLING | CANCELLING OK -> CANCELLED(NONE)",
            "ALREADY_CANCELLED | CANCELLING | CANCELLING OK -> CANCELLED(NONE)",
            "REFUSED(C0DE) | FINISHED | OK BAD_STATE -> FINISHED",
            "FINISHED | FINISHED | OK BAD_STATE -> FINISHED",
        ],
    );
}

#[test]
fn race_10_shield_defers_the_effect_not_the_record() {
    let worker: &[Call] = &[Shield, WorkerPoll, Unshield, ACKNOWLEDGE];
    expect(
        race(Mode::DECISIVE, RUNNING, &[&[Cancel(GENTLE)], worker]),
        vec![
            "CANCELLING | OK none GRACEFUL OK -> CANCELLED(NONE)",
            "CANCELLING | OK none none OK -> CANCELLED(NONE)",
            "ALREADY_CANCELLED | OK none none OK -> CANCELLED(NONE)",
        ],
    );
    expect(
        race(Mode::DECISIVE, &[Arm, Start, Shield], &[&[Cancel(GENTLE)], &[Commit]]),
        vec!["CANCELLING | CANCELLING -> RUNNING", "TOO_LATE | OK -> COMMITTED"],
    );
}

#[test]
fn race_10_two_cancels_and_a_shield() {
    let scripts: &[&[Call]] = &[&[Cancel(GENTLE)], &[Cancel(URGENT)], &[Shield, Unshield]];
    expect(
        race(Mode::DECISIVE, RUNNING, scripts),
        vec![
            "CANCELLING | RAISED | OK IMMEDIATE -> RUNNING",
            "CANCELLING | RAISED | OK GRACEFUL -> RUNNING",
            "CANCELLING | RAISED | OK none -> RUNNING",
            "ALREADY_CANCELLING | CANCELLING | OK IMMEDIATE -> RUNNING",
            "ALREADY_CANCELLING | CANCELLING | OK none -> RUNNING",
        ],
    );
}
