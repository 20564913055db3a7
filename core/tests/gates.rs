//! The gate: asked at most once a call, only where the table says, and never
//! the last word where the operation has moved on meanwhile.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use quell::{
    Answer, Cause, Code, Effects, Gate, Level, Mode, Op, Owner, Phase, Request, Verdict, Worker,
};

const GENTLE: Request = Request::new(Level::Graceful, Cause::User);
const URGENT: Request = Request::new(Level::Immediate, Cause::Shutdown);
const REFUSAL: u32 = 0x8000_C0DE;

/// Answers the same each time, and counts.
struct Counting {
    answer: u32,
    asked: AtomicUsize,
}

impl Counting {
    fn new(answer: u32) -> Self {
        Self { answer, asked: AtomicUsize::new(0) }
    }

    /// How often it was asked since this was called last.
    fn asked(&self) -> usize {
        self.asked.swap(0, Ordering::Relaxed)
    }
}

impl Gate for Counting {
    fn ask(&self, _: Request) -> u32 {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.answer
    }
}

fn told(verdict: Verdict) -> Answer {
    Answer { verdict, code: 0 }
}

const REFUSED: Answer = Answer { verdict: Verdict::Refused, code: REFUSAL };

/// Asks in every phase, and says what was told and how often the gate was.
fn in_every_phase(mode: Mode, answer: u32) -> [(Answer, usize); 6] {
    let gate = Counting::new(answer);
    let ask = |owner: &Owner| (owner.gated_canceller(&gate).cancel(GENTLE), gate.asked());

    let op = Op::new();
    let pending = ask(&op.arm(mode).unwrap());

    let op = Op::new();
    let owner = op.arm(mode).unwrap();
    let worker = owner.start().unwrap();
    let running = ask(&owner);
    drop(worker);

    let op = Op::new();
    let owner = op.arm(mode).unwrap();
    let mut worker = owner.start().unwrap();
    assert_eq!(worker.commit(), Verdict::Ok);
    let committed = ask(&owner);
    assert_eq!(worker.finish(), Verdict::Ok);
    let finished = ask(&owner);

    let op = Op::new();
    let owner = op.arm(mode).unwrap();
    assert_eq!(owner.start().unwrap().fail(Code::new(0xE1).unwrap()), Verdict::Ok);
    let failed = ask(&owner);

    let op = Op::new();
    let owner = op.arm(mode).unwrap();
    assert_eq!(owner.start().unwrap().acknowledge(Effects::None), Verdict::Ok);
    let cancelled = ask(&owner);

    [pending, running, committed, finished, failed, cancelled]
}

const FAILED: Answer = Answer { verdict: Verdict::Failed, code: 0xE1 };

#[test]
fn asked_once_and_only_while_it_runs() {
    for (answer, running) in [(0, told(Verdict::Cancelling)), (REFUSAL, REFUSED)] {
        let expected = [
            (told(Verdict::Cancelled), 0),
            (running, 1),
            (told(Verdict::TooLate), 0),
            (told(Verdict::Finished), 0),
            (FAILED, 0),
            (told(Verdict::AlreadyCancelled), 0),
        ];
        assert_eq!(in_every_phase(Mode::GATED, answer), expected);
    }
}

#[test]
fn not_asked_where_the_op_is_not_gated() {
    let [_, running, ..] = in_every_phase(Mode::DECISIVE, REFUSAL);
    assert_eq!(running, (told(Verdict::Cancelling), 0));
    let [_, running, ..] = in_every_phase(Mode::BEST_EFFORT, REFUSAL);
    assert_eq!(running, (told(Verdict::Requested), 0));
}

#[test]
fn not_asked_where_the_op_is_uncancellable() {
    let expected = [
        (told(Verdict::Unsupported), 0),
        (told(Verdict::Unsupported), 0),
        (told(Verdict::Unsupported), 0),
        (told(Verdict::Finished), 0),
        (FAILED, 0),
        (told(Verdict::AlreadyCancelled), 0),
    ];
    assert_eq!(in_every_phase(Mode::GATED.with(Mode::UNCANCELLABLE), REFUSAL), expected);
}

#[test]
fn asked_again_only_where_the_level_would_rise() {
    let gate = Counting::new(0);
    let op = Op::new();
    let owner = op.arm(Mode::GATED).unwrap();
    let _worker = owner.start().unwrap();
    let canceller = owner.gated_canceller(&gate);
    let ask = |level| (canceller.cancel(Request::new(level, Cause::User)).verdict, gate.asked());
    assert_eq!(ask(Level::Immediate), (Verdict::Cancelling, 1));
    assert_eq!(ask(Level::Graceful), (Verdict::AlreadyCancelling, 0));
    assert_eq!(ask(Level::Immediate), (Verdict::AlreadyCancelling, 0));
    assert_eq!(ask(Level::Emergency), (Verdict::Raised, 1));
    assert_eq!(ask(Level::Emergency), (Verdict::AlreadyCancelling, 0));
}

#[test]
fn asked_behind_a_shield_as_well() {
    let gate = Counting::new(REFUSAL);
    let op = Op::new();
    let owner = op.arm(Mode::GATED).unwrap();
    let mut worker = owner.start().unwrap();
    assert_eq!(worker.shield(), Verdict::Ok);
    assert_eq!(owner.gated_canceller(&gate).cancel(GENTLE), REFUSED);
    assert_eq!(gate.asked(), 1);
    assert_eq!(worker.unshield(), Ok(None));
}

#[test]
fn not_asked_by_a_handle_without_the_right_or_of_another_life() {
    let gate = Counting::new(0);
    let op = Op::new();
    let owner = op.arm(Mode::GATED).unwrap();
    let canceller = owner.gated_canceller(&gate);
    let worker = owner.start().unwrap();
    assert_eq!(canceller.without_right().cancel(GENTLE), told(Verdict::Denied));
    drop(worker);
    owner.retire().unwrap();
    let next = op.arm(Mode::GATED).unwrap();
    let _worker = next.start().unwrap();
    assert_eq!(canceller.cancel(GENTLE), told(Verdict::Stale));
    assert_eq!(gate.asked(), 0);
}

#[test]
fn a_handle_without_the_gate_is_denied_where_it_would_be_asked() {
    let op = Op::new();
    let owner = op.arm(Mode::GATED).unwrap();
    let mut worker = owner.start().unwrap();
    assert_eq!(owner.canceller().cancel(GENTLE), told(Verdict::Denied));
    assert_eq!(owner.status().unwrap().level, None);
    assert_eq!(worker.commit(), Verdict::Ok);
    assert_eq!(owner.canceller().cancel(GENTLE), told(Verdict::TooLate));
}

#[test]
fn race_09_refusal_leaves_it_running() {
    let gate = Counting::new(REFUSAL);
    let op = Op::new();
    let owner = op.arm(Mode::GATED).unwrap();
    let mut worker = owner.start().unwrap();
    let before = owner.status();
    for _ in 0..3 {
        assert_eq!(owner.gated_canceller(&gate).cancel(URGENT), REFUSED);
        assert_eq!(gate.asked(), 1);
        assert_eq!((owner.status(), worker.poll()), (before, None));
    }
    assert_eq!(worker.finish(), Verdict::Ok);
    assert_eq!(owner.status().unwrap().phase, Phase::Finished);
}

/// While the gate thinks, the worker does this; what the requester is told is
/// what stands after it, whatever the gate answers.
fn overtaken(meanwhile: fn(&mut Worker), expected: Answer) {
    for answer in [0, REFUSAL] {
        let op = Op::new();
        let owner = op.arm(Mode::GATED).unwrap();
        let worker = Mutex::new(owner.start().unwrap());
        let asked = AtomicUsize::new(0);
        let gate = |_: Request| {
            asked.fetch_add(1, Ordering::Relaxed);
            meanwhile(&mut worker.lock().unwrap());
            answer
        };
        assert_eq!(owner.gated_canceller(&gate).cancel(GENTLE), expected, "gate says {answer}");
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }
}

#[test]
fn overtaken_by_commit() {
    overtaken(|worker| assert_eq!(worker.commit(), Verdict::Ok), told(Verdict::TooLate));
}

#[test]
fn overtaken_by_finish() {
    overtaken(|worker| assert_eq!(worker.finish(), Verdict::Ok), told(Verdict::Finished));
}

#[test]
fn overtaken_by_fail() {
    let fail = |worker: &mut Worker| {
        assert_eq!(worker.fail(Code::new(0xE1).unwrap()), Verdict::Ok);
    };
    overtaken(fail, FAILED);
}

#[test]
fn overtaken_by_acknowledge() {
    let acknowledge = |worker: &mut Worker| {
        assert_eq!(worker.acknowledge(Effects::None), Verdict::Ok);
    };
    overtaken(acknowledge, told(Verdict::AlreadyCancelled));
}

/// Another requester of this level or a higher one was let through meanwhile,
/// or one of a lower level.
#[test]
fn overtaken_by_another_cancel() {
    for (other, allowed, refused) in [
        (URGENT, told(Verdict::AlreadyCancelling), told(Verdict::AlreadyCancelling)),
        (GENTLE, told(Verdict::Raised), REFUSED),
    ] {
        for (answer, expected) in [(0, allowed), (REFUSAL, refused)] {
            let op = Op::new();
            let owner = op.arm(Mode::GATED).unwrap();
            let worker = owner.start().unwrap();
            let pass = |_: Request| 0;
            let sooner = owner.gated_canceller(&pass);
            let gate = |_: Request| {
                assert_eq!(sooner.cancel(other).verdict, Verdict::Cancelling);
                answer
            };
            assert_eq!(owner.gated_canceller(&gate).cancel(URGENT), expected);
            let seen = if expected.verdict == Verdict::Raised { URGENT } else { other };
            assert_eq!(worker.request(), Some(seen));
        }
    }
}

/// Retired and armed again: the answer is to a question about another
/// operation.
#[test]
fn overtaken_by_another_life() {
    for answer in [0, REFUSAL] {
        let op = Op::new();
        let owner = op.arm(Mode::GATED).unwrap();
        let former = Mutex::new(Some(op.adopt()));
        let worker = Mutex::new(Some(owner.start().unwrap()));
        let gate = |_: Request| {
            drop(worker.lock().unwrap().take());
            former.lock().unwrap().take().unwrap().retire().unwrap();
            std::mem::forget(op.arm(Mode::GATED).unwrap().start().unwrap());
            answer
        };
        assert_eq!(owner.gated_canceller(&gate).cancel(GENTLE), told(Verdict::Stale));
        let next = op.adopt().status().unwrap();
        assert_eq!((next.phase, next.level), (Phase::Running, None));
    }
}

/// A gate that cancels through itself: each call asks once.
#[test]
fn a_gate_may_cancel_recursively() {
    struct Raising<'a> {
        owner: &'a Owner<'a>,
        asked: Mutex<Vec<Level>>,
        told: Mutex<Vec<Verdict>>,
    }
    impl Gate for Raising<'_> {
        fn ask(&self, request: Request) -> u32 {
            self.asked.lock().unwrap().push(request.level);
            let higher = match request.level {
                Level::Graceful => Level::Immediate,
                Level::Immediate => Level::Emergency,
                Level::Emergency => return 0,
            };
            let higher = Request::new(higher, Cause::Parent);
            let told = self.owner.gated_canceller(self).cancel(higher).verdict;
            self.told.lock().unwrap().push(told);
            0
        }
    }

    let op = Op::new();
    let owner = op.arm(Mode::GATED).unwrap();
    let worker = owner.start().unwrap();
    let gate = Raising { owner: &owner, asked: Mutex::default(), told: Mutex::default() };
    let outermost = owner.gated_canceller(&gate).cancel(GENTLE);
    assert_eq!(outermost, told(Verdict::AlreadyCancelling));
    assert_eq!(*gate.asked.lock().unwrap(), Level::ALL);
    let inner = [Verdict::Cancelling, Verdict::AlreadyCancelling];
    assert_eq!(*gate.told.lock().unwrap(), inner);
    assert_eq!(worker.request(), Some(Request::new(Level::Emergency, Cause::Parent)));
}
