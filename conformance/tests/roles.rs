//! The rows through the roles: an owner, a worker, cancellers, observers, each
//! a type that can do only its own part. A row that no role can express (a
//! worker's call where nobody became a worker; an owner's call without the
//! owner's right) is counted as such, by the row and not by what happened.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]

use std::sync::atomic::{AtomicU32, Ordering};

use quell::{
    Cause, Code, Effects, Level, Mode, Op, Owner, Phase, Request, Rights, Verdict, Worker,
};
use quell_conformance::front::Front;
use quell_conformance::{Call, Row, Started, State, load};

/// Why the types keep a row from being written, if they do.
fn inexpressible(row: &Row) -> Option<&'static str> {
    let nobody = row.held.age == 0 && matches!(row.before.phase, Phase::Vacant | Phase::Pending);
    let lacks = |right| !row.held.rights.contains(right);
    match row.call {
        Call::Start if lacks(Rights::WORK) => Some("only an owner starts"),
        Call::Force { .. } | Call::Retire if lacks(Rights::OWN) => Some("only an owner ends it"),
        ref call if call.is_workers() && nobody => Some("there is no worker"),
        _ => None,
    }
}

fn code(raw: u32) -> Code {
    Code::new(raw).expect("a row's state has a code that an op may have")
}

/// What the row's caller holds; the op stands outside, for these borrow it.
struct Held<'a> {
    owner: Owner<'a>,
    worker: Option<Worker<'a>>,
}

fn build<'a>(op: &'a Op, row: &Row) -> Held<'a> {
    let mut kept = None;
    for life in 0..row.life {
        let owner = op.arm(Mode::DECISIVE).expect("vacant");
        let worker = owner.start().expect("pending");
        assert_eq!(owner.force(code(0x0DEAD)), Verdict::Ok);
        let again = op.adopt();
        owner.retire().expect("ended");
        if row.life - life == row.held.age {
            kept = Some(Held { owner: again, worker: Some(worker) });
        }
    }
    let present = reach(op, &row.before);
    let seen = present.owner.status().map(State::from);
    assert_eq!(seen, Some(row.before), "{}: the starting state is not reached", row.id);
    match kept {
        Some(old) => {
            // The present worker would abandon the operation if it were dropped.
            std::mem::forget(present.worker);
            old
        }
        None => present,
    }
}

fn reach<'a>(op: &'a Op, to: &State) -> Held<'a> {
    if to.phase == Phase::Vacant {
        return Held { owner: op.adopt(), worker: None };
    }
    let owner = op.arm(to.mode).expect("vacant");
    if to.phase == Phase::Pending {
        return Held { owner, worker: None };
    }
    let mut worker = owner.start().expect("pending");
    let unasked = to.phase == Phase::Cancelled
        && to.level == Some(Level::Graceful)
        && to.cause == Some(Cause::Itself);
    if let (Some(level), Some(cause), false) = (to.level, to.cause, unasked) {
        let _ = owner.gated_canceller(&|_| 0).cancel(Request::new(level, cause));
    }
    for _ in 0..to.shields {
        let _ = worker.shield();
    }
    let _ = match (to.phase, to.effects) {
        (Phase::Running, _) => Verdict::Ok,
        (Phase::Committed, _) => worker.commit(),
        (Phase::Finished, _) => worker.finish(),
        (Phase::Failed, Effects::Unknown) => owner.force(code(to.code)),
        (Phase::Cancelled, effects) if to.code == 0 => worker.acknowledge(effects),
        _ => worker.fail(code(to.code)),
    };
    Held { owner, worker: Some(worker) }
}

/// What the call is told: the verdict, what comes with it, and how often the
/// gate was asked.
fn call<'a>(op: &'a Op, held: &mut Held<'a>, row: &Row) -> (Option<Verdict>, u32, u32) {
    const INVALID: Verdict = Verdict::Invalid;
    let raw = |level: Option<Level>| level.map_or(0, Level::raw);
    if let Call::Poll = row.call {
        return (None, raw(op.poll()), 0);
    }
    if let Call::Cancel { level, cause } = &row.call {
        let request = (Level::from_raw(level.number), Cause::from_raw(cause.number));
        let (Some(level), Some(cause)) = request else { return (Some(INVALID), 0, 0) };
        return cancel(held, row, Request::new(level, cause));
    }
    if row.call.is_workers() {
        let worker = held.worker.as_mut().expect("expressible rows have a worker");
        let told = match &row.call {
            Call::WorkerPoll => return (None, raw(worker.poll()), 0),
            Call::Unshield => {
                return match worker.unshield() {
                    Ok(level) => (Some(Verdict::Ok), raw(level), 0),
                    Err(refusal) => (Some(refusal), 0, 0),
                };
            }
            Call::Shield => worker.shield(),
            Call::Commit => worker.commit(),
            Call::Finish => worker.finish(),
            Call::Fail { code } => Code::new(code.number).map_or(INVALID, |code| worker.fail(code)),
            Call::Acknowledge { effects } => Effects::from_raw(effects.number)
                .map_or(INVALID, |effects| worker.acknowledge(effects)),
            _ => panic!("{}: not a worker's call", row.id),
        };
        return (Some(told), 0, 0);
    }
    let told = match &row.call {
        Call::Arm { mode } => match Mode::from_raw(mode.number).map(|mode| op.arm(mode)) {
            None => INVALID,
            Some(Ok(owner)) => {
                held.owner = owner;
                Verdict::Ok
            }
            Some(Err(refusal)) => refusal,
        },
        Call::Start => match held.owner.start() {
            Ok(worker) => {
                held.worker = Some(worker);
                Verdict::Ok
            }
            Err(refusal) => refusal,
        },
        Call::Force { code } => {
            Code::new(code.number).map_or(INVALID, |code| held.owner.force(code))
        }
        Call::Retire => retire(op, held, row),
        _ => look(held, row),
    };
    (Some(told), 0, 0)
}

fn cancel(held: &Held<'_>, row: &Row, request: Request) -> (Option<Verdict>, u32, u32) {
    let asked = AtomicU32::new(0);
    let gate = |shown: Request| {
        assert_eq!(shown, request, "{}: what the gate is shown", row.id);
        asked.fetch_add(1, Ordering::Relaxed);
        row.held.gate.unwrap_or_default()
    };
    let canceller = match row.held.gate {
        Some(_) => held.owner.gated_canceller(&gate),
        None => held.owner.canceller(),
    };
    let answer = if row.held.rights.contains(Rights::CANCEL) {
        canceller.cancel(request)
    } else {
        canceller.without_right().cancel(request)
    };
    (Some(answer.verdict), answer.code, asked.load(Ordering::Relaxed))
}

/// Once the owner is gone, so is every handle.
fn retire<'a>(op: &'a Op, held: &mut Held<'a>, row: &Row) -> Verdict {
    let observer = held.owner.observer();
    match std::mem::replace(&mut held.owner, op.adopt()).retire() {
        Err((owner, refusal)) => {
            held.owner = owner;
            refusal
        }
        Ok(()) => {
            assert_eq!(observer.status(), None, "{}: handles outlive the retirement", row.id);
            Verdict::Ok
        }
    }
}

/// Every role that looks is told the same.
fn look(held: &Held<'_>, row: &Row) -> Verdict {
    let canceller = held.owner.canceller();
    let seen = held.owner.status();
    for same in [
        held.owner.observer().status(),
        canceller.status(),
        canceller.observer().status(),
        canceller.without_right().status(),
    ] {
        assert_eq!(same, seen, "{}", row.id);
    }
    match seen {
        Some(status) => {
            assert_eq!(State::from(status), row.after, "{}", row.id);
            Verdict::Ok
        }
        None => Verdict::Stale,
    }
}

fn differs(row: &Row) -> bool {
    let op = Op::new();
    let mut held = build(&op, row);
    let told = call(&op, &mut held, row);
    let worker = held.worker.as_ref().map_or(Started::Nobody, |it| Started::Sees(it.poll()));
    let after = op.adopt().status().map(State::from);
    let same = told == (row.verdict, row.answer, row.asked)
        && after == Some(row.after)
        && op.poll() == row.poll
        && worker == row.worker;
    if !same {
        eprintln!("{}:{}: {}\n  expected {row:?}", row.file, row.line, row.id);
        eprintln!("  but told {told:?}, then {after:?}, worker {worker:?}");
    }
    !same
}

#[test]
fn every_row_that_the_roles_can_express() {
    let rows = load().unwrap_or_else(|error| panic!("{error}"));
    let mut front = Front::new("rust-roles").unwrap();
    let mut kept_out = 0;
    for row in &rows {
        match inexpressible(row) {
            Some(_) => {
                kept_out += 1;
                front.keep_out(&row.id).unwrap();
            }
            None => front.say(&row.id, !differs(row)).unwrap(),
        }
    }
    println!("roles: {kept_out} rows kept out by the types");
    let (replayed, differing) = front.close(rows.len());
    assert_eq!(differing, 0);
    assert_eq!(replayed + kept_out, rows.len());
    assert!(replayed > kept_out * 5, "the roles can express most of the table");
}
