//! Long random sequences of calls on one op, by handles of several lives,
//! rights and gates, against a naive model: plain enums and options, one life
//! after another in a list, written from the table and sharing no code with
//! the library. What is told is compared as the documents spell it.
//!
//! Along each sequence the facts 1 to 4 are held against what the op itself
//! told, without a look at the model.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

#[path = "model/naive.rs"]
mod naive;

use std::cell::Cell;

use naive::{Kind, Life, Naive, State};
use proptest::prelude::*;
use quell::word::{Step, Word};
use quell::{Cause, Code, Effects, Level, Mode, Op, Request, Rights, Ticket, Verdict};

/// One call, of one of the handles or workers that there are (counted from the
/// last, modulo their number).
#[derive(Clone, Debug)]
enum Call {
    Arm { flags: u32 },
    Start { handle: usize },
    Cancel { handle: usize, level: u32, cause: u32, gate: Option<u32> },
    Shield { worker: usize },
    Unshield { worker: usize },
    Commit { worker: usize },
    Finish { worker: usize },
    Fail { worker: usize, code: u32 },
    Acknowledge { worker: usize, effects: u32 },
    Force { handle: usize, code: u32 },
    Retire { handle: usize },
    Narrow { handle: usize, rights: u32 },
}

/// A handle's ticket, with what the model knows of it: its life, its rights.
#[derive(Clone, Copy)]
struct Handle {
    ticket: Ticket,
    life: usize,
    rights: u32,
}

/// A worker's ticket and its word; whether anybody else moved the op's word
/// since the worker did, the model knows.
#[derive(Clone, Copy)]
struct Worker {
    left: Word,
    life: usize,
}

/// What the facts need to know of one life, from the op's own answers.
#[derive(Clone, Debug, Default)]
struct Told {
    decisive: bool,
    promised: bool,
    committed: bool,
    forced: bool,
    ends: usize,
    /// The end as the first one who asked was told it.
    outcome: Option<(&'static str, u32)>,
}

struct Run {
    op: Op,
    model: Naive,
    handles: Vec<Handle>,
    workers: Vec<Worker>,
    /// One for each life that was armed.
    told: Vec<Told>,
}

const CODES: [u32; 5] = [1, 5, 0x8000_4005, 0xFFFF_FFFF, 0x7FFF_0001];

impl Run {
    fn new() -> Self {
        let op = Op::new();
        let first = Handle { ticket: op.ticket(Rights::ALL), life: 0, rights: 7 };
        let (handles, workers, told) = (vec![first], Vec::new(), vec![Told::default()]);
        Self { op, model: Naive::new(), handles, workers, told }
    }

    fn handle(&self, from_last: usize) -> Handle {
        self.handles[self.handles.len() - 1 - from_last % self.handles.len()]
    }

    fn worker(&self, from_last: usize) -> Option<usize> {
        let number = self.workers.len();
        (number > 0).then(|| number - 1 - from_last % number)
    }

    /// Everything that can be seen, and the code field's word with it.
    fn seen(&self) -> (String, Option<Level>) {
        let status = self.op.status(self.op.ticket(Rights::OBSERVE)).expect("of this life");
        let name = |name: Option<&'static str>| name.unwrap_or("NONE");
        let line = format!(
            "{} {} {} {} {:?} {} {} {}",
            status.phase,
            name(status.level.map(Level::name)),
            name(status.cause.map(Cause::name)),
            status.effects,
            status.code.map(Code::raw),
            status.shields,
            status.mode.raw(),
            status.generation.get(),
        );
        (line, self.op.poll())
    }

    fn step(&mut self, call: &Call) {
        let before = self.seen();
        let now = self.model.number();
        let ended = self.model.has_ended();
        let (who, told, expected) = self.make(call);
        assert_eq!(told, expected, "{call:?} on {}", before.0);
        self.compare(call);
        // Fact 4: a stale handle changes nothing.
        if who.is_some_and(|life| life != now) {
            assert_eq!(told, "STALE", "{call:?}");
            assert_eq!(self.seen(), before, "{call:?}");
        }
        // Fact 1: it ends once.
        if !ended && self.model.number() == now && self.model.has_ended() {
            self.told[now].ends += 1;
        }
        if self.model.number() == now {
            self.hold_facts(now);
        } else {
            assert_eq!(self.told[now].ends, 1, "a life that was retired ended once");
            self.told.push(Told::default());
        }
    }

    /// Makes the call on both; the life that the caller speaks of, and what
    /// each was told.
    fn make(&mut self, call: &Call) -> (Option<usize>, String, String) {
        match *call {
            Call::Arm { flags } => {
                let (verdict, ticket) = self.op.arm_ticket(Mode::from_raw(flags).unwrap());
                let expected = self.model.arm(flags);
                if verdict == Verdict::Ok {
                    let life = self.model.number();
                    self.handles.push(Handle { ticket, life, rights: 7 });
                    self.told[life].decisive = flags & 1 == 0;
                }
                (None, verdict.to_string(), expected.to_owned())
            }
            Call::Start { handle } => {
                let held = self.handle(handle);
                let step = self.op.start(held.ticket);
                let expected = self.model.start(held.life, held.rights);
                if step.verdict == Verdict::Ok {
                    self.workers.push(Worker { left: step.word, life: held.life });
                }
                (Some(held.life), step.verdict.to_string(), expected.to_owned())
            }
            Call::Cancel { handle, level, cause, gate } => self.cancel(handle, level, cause, gate),
            Call::Shield { worker } => self.work(worker, |op, by| op.shield(by), Naive::shield),
            Call::Unshield { worker } => {
                let level = Cell::new(None);
                let down = |op: &Op, by| {
                    let step = op.unshield(by);
                    level.set(step.word.visible().filter(|_| step.verdict == Verdict::Ok));
                    step
                };
                let made = self.work(worker, down, Naive::unshield);
                if made.1 == "OK" {
                    assert_eq!(level.get().map_or(0, Level::raw), self.model.visible());
                }
                made
            }
            Call::Commit { worker } => {
                let made = self.work(worker, |op, by| op.commit(by), Naive::commit);
                if made.1 == "OK" {
                    self.told[self.model.number()].committed = true;
                }
                made
            }
            Call::Finish { worker } => self.work(worker, |op, by| op.finish(by), Naive::finish),
            Call::Fail { worker, code } => {
                let written = Code::new(code).unwrap();
                self.work(
                    worker,
                    |op, by| op.fail(by, written),
                    |model, life| model.fail(life, code),
                )
            }
            Call::Acknowledge { worker, effects } => {
                let stated = Effects::from_raw(effects).unwrap();
                self.work(
                    worker,
                    |op, by| op.acknowledge(by, stated),
                    |model, life| model.acknowledge(life, effects),
                )
            }
            Call::Force { handle, code } => {
                let held = self.handle(handle);
                let verdict = self.op.force(held.ticket, Code::new(code).unwrap()).verdict;
                let expected = self.model.force(held.life, held.rights, code);
                if verdict == Verdict::Ok {
                    self.told[held.life].forced = true;
                }
                (Some(held.life), verdict.to_string(), expected.to_owned())
            }
            Call::Retire { handle } => {
                let held = self.handle(handle);
                let verdict = self.op.retire(held.ticket).verdict;
                let expected = self.model.retire(held.life, held.rights);
                (Some(held.life), verdict.to_string(), expected.to_owned())
            }
            Call::Narrow { handle, rights } => {
                let held = self.handle(handle);
                let ticket = held.ticket.narrowed(Rights::from_raw(rights).unwrap());
                let rights = held.rights & rights;
                self.handles.push(Handle { ticket, rights, ..held });
                (None, String::new(), String::new())
            }
        }
    }

    fn cancel(
        &mut self,
        handle: usize,
        level: u32,
        cause: u32,
        gate: Option<u32>,
    ) -> (Option<usize>, String, String) {
        let held = self.handle(handle);
        let request =
            Request::new(Level::from_raw(level).unwrap(), Cause::from_raw(cause).unwrap());
        let asked = Cell::new(0);
        let provider = gate.map(|code| {
            let asked = &asked;
            move |_| {
                asked.set(asked.get() + 1);
                code
            }
        });
        let answer = self.op.cancel(held.ticket, request, provider);
        let expected = self.model.cancel(held.life, held.rights, level, cause, gate);
        let told = format!("{} {} {}", answer.verdict, answer.code, asked.get());
        let expected = format!("{} {} {}", expected.verdict, expected.code, expected.asked);
        if held.life == self.model.number() {
            self.hear(held.life, answer.verdict, answer.code);
        }
        // A stale verdict is a bare one, whatever came before.
        let stale = told == "STALE 0 0" && told == expected;
        let strip = |line: String| if stale { "STALE".to_owned() } else { line };
        (Some(held.life), strip(told), strip(expected))
    }

    /// What a requester is told, against what others of its life were told.
    fn hear(&mut self, life: usize, verdict: Verdict, code: u32) {
        let told = &mut self.told[life];
        // Fact 3.
        if told.committed {
            let allowed = ["TOO_LATE", "UNSUPPORTED", "FINISHED", "FAILED", "DENIED"];
            assert!(allowed.contains(&verdict.name()), "after a commit: {verdict}");
        }
        match verdict {
            Verdict::Cancelling | Verdict::Cancelled => told.promised = true,
            Verdict::Finished | Verdict::Failed | Verdict::AlreadyCancelled => {
                // Fact 1: everyone is told the same end.
                let outcome = (verdict.name(), code);
                assert_eq!(*told.outcome.get_or_insert(outcome), outcome);
            }
            _ => {}
        }
    }

    /// A worker's call on both.
    fn work(
        &mut self,
        from_last: usize,
        call: impl FnOnce(&Op, Word) -> Step,
        model: impl FnOnce(&mut Naive, usize) -> &'static str,
    ) -> (Option<usize>, String, String) {
        let Some(place) = self.worker(from_last) else {
            return (None, String::new(), String::new());
        };
        let worker = &mut self.workers[place];
        let step = call(&self.op, worker.left);
        worker.left = step.left_behind(worker.left);
        let life = worker.life;
        (Some(life), step.verdict.to_string(), model(&mut self.model, life).to_owned())
    }

    /// The op as everyone sees it, against the model.
    fn compare(&self, call: &Call) {
        let (line, poll) = self.seen();
        assert_eq!(line, self.model.line(), "after {call:?}");
        assert_eq!(poll.map_or(0, Level::raw), self.model.visible(), "after {call:?}");
        for worker in &self.workers {
            let polled = self.op.poll_from(worker.left).map_or(0, Level::raw);
            assert_eq!(polled, self.model.worker_sees(worker.life), "after {call:?}");
        }
        for handle in &self.handles {
            let known = self.op.status(handle.ticket).is_some();
            assert_eq!(known, handle.life == self.model.number(), "after {call:?}");
        }
    }

    fn hold_facts(&self, life: usize) {
        let told = &self.told[life];
        assert!(told.ends <= 1, "fact 1");
        let phase = self.seen().0;
        // Fact 2.
        if told.ends == 1 && told.promised && told.decisive && !told.forced {
            assert!(phase.starts_with("CANCELLED"), "promised, but {phase}");
        }
        if told.committed {
            assert!(!phase.starts_with("CANCELLED"), "committed, but {phase}");
        }
    }

    /// Ends and retires whatever is under way, so that each armed op ends.
    fn wind_up(&mut self) {
        let life = self.model.number();
        let owner = Handle { ticket: self.op.ticket(Rights::ALL), life, rights: Rights::ALL.raw() };
        self.handles.push(owner);
        if self.model.is_armed() && !self.model.has_ended() {
            self.step(&Call::Force { handle: 0, code: 9 });
        }
        if self.model.has_ended() {
            self.step(&Call::Retire { handle: 0 });
        }
        let armed = self.told.len() - 1;
        assert!(self.told[..armed].iter().all(|told| told.ends == 1), "fact 1");
        assert_eq!(self.told[armed].ends, 0, "a vacant op has not ended");
    }
}

/// Mostly the last handle or worker, and now and then one of long ago.
fn holder() -> impl Strategy<Value = usize> {
    prop_oneof![6 => Just(0_usize), 3 => 0_usize..6, 1 => any::<usize>()]
}

fn code() -> impl Strategy<Value = u32> {
    proptest::sample::select(CODES.as_slice())
}

fn gate() -> impl Strategy<Value = Option<u32>> {
    prop_oneof![2 => Just(None), 3 => Just(Some(0)), 2 => code().prop_map(Some)]
}

fn calls() -> impl Strategy<Value = Call> {
    prop_oneof![
        4 => (0_u32..8).prop_map(|flags| Call::Arm { flags }),
        2 => Just(Call::Arm { flags: 0 }),
        6 => holder().prop_map(|handle| Call::Start { handle }),
        8 => (holder(), 1_u32..4, 1_u32..16, gate()).prop_map(|(handle, level, cause, gate)| {
            Call::Cancel { handle, level, cause, gate }
        }),
        4 => holder().prop_map(|worker| Call::Shield { worker }),
        3 => holder().prop_map(|worker| Call::Unshield { worker }),
        2 => holder().prop_map(|worker| Call::Commit { worker }),
        2 => holder().prop_map(|worker| Call::Finish { worker }),
        2 => (holder(), code()).prop_map(|(worker, code)| Call::Fail { worker, code }),
        2 => (holder(), 0_u32..4)
            .prop_map(|(worker, effects)| Call::Acknowledge { worker, effects }),
        1 => (holder(), code()).prop_map(|(handle, code)| Call::Force { handle, code }),
        4 => holder().prop_map(|handle| Call::Retire { handle }),
        1 => (holder(), 0_u32..8).prop_map(|(handle, rights)| Call::Narrow { handle, rights }),
    ]
}

fn play(calls: &[Call]) -> Run {
    let mut run = Run::new();
    for call in calls {
        run.step(call);
    }
    run.wind_up();
    run
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn long_sequences_go_as_the_model_goes(calls in proptest::collection::vec(calls(), 1..200)) {
        play(&calls);
    }
}

/// The sequences are worth playing: they get everywhere, in one run of fixed
/// seeds.
#[test]
fn the_sequences_reach_every_end_and_many_lives() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let strategy = proptest::collection::vec(calls(), 1..200);
    let mut lives = 0;
    let mut ends = std::collections::BTreeMap::new();
    for _ in 0..300 {
        let run = play(&strategy.new_tree(&mut runner).unwrap().current());
        lives = lives.max(run.told.len());
        for Life { state, kind } in run.model.past() {
            let name = match state {
                State::Finished => "finished",
                State::Failed { forced: false, .. } => "failed",
                State::Failed { forced: true, .. } => "forced",
                State::Cancelled { code: Some(_), .. } => "cancelled, keeping a code",
                State::Cancelled { .. } => "cancelled",
                _ => panic!("retired before its end"),
            };
            let how = if *kind == Kind::BestEffort { "best-effort" } else { "else" };
            *ends.entry((name, how)).or_insert(0) += 1;
        }
    }
    println!("{lives} lives at most; {ends:?}");
    assert!(lives > 5);
    // A best-effort op has no cancelled end that keeps a code.
    assert_eq!(ends.len(), 9);
}

/// Around the last generation, and through it: the model counts lives and
/// knows nothing of bits.
#[test]
fn every_generation_begins_and_ends_like_the_first() {
    let mut run = Run::new();
    for _ in 0..(1 << 15) + 3 {
        // Old handles are compared after each call: keep but a few.
        run.handles = run.handles.split_off(run.handles.len().saturating_sub(2));
        run.workers = run.workers.split_off(run.workers.len().saturating_sub(2));
        for call in [
            Call::Arm { flags: 0 },
            Call::Start { handle: 0 },
            Call::Fail { worker: 1, code: 5 },
            Call::Cancel { handle: 1, level: 3, cause: 1, gate: None },
            Call::Fail { worker: 0, code: 1 },
            Call::Retire { handle: 0 },
        ] {
            run.step(&call);
        }
    }
    run.wind_up();
}
