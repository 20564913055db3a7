//! Every row through the cell and its tickets: the whole of the Rust API that
//! the C ABI stands on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]

use std::cell::Cell;

use quell::word::{Step, Word};
use quell::{Cause, Code, Effects, Level, Mode, Op, Phase, Request, Rights, Ticket, Verdict};
use quell_conformance::front::Front;
use quell_conformance::{Argument, Call, Row, Started, State, load};

/// What a replay is compared by.
#[derive(Debug, PartialEq)]
struct Seen {
    verdict: Option<Verdict>,
    answer: u32,
    asked: u32,
    after: State,
    poll: Option<Level>,
    worker: Started,
}

/// A worker: the word that it left.
#[derive(Clone, Copy)]
struct Worker {
    left: Word,
}

impl Worker {
    fn start(op: &Op, ticket: Ticket) -> Self {
        let step = op.start(ticket);
        assert_eq!(step.verdict, Verdict::Ok, "start");
        Self { left: step.word }
    }

    fn follow(&mut self, step: Step) -> Verdict {
        self.left = step.left_behind(self.left);
        step.verdict
    }
}

struct Bench {
    op: Op,
    /// What the row's caller holds.
    ticket: Ticket,
    worker: Option<Worker>,
}

fn code(raw: u32) -> Code {
    Code::new(raw).expect("a row's state has a code that an op may have")
}

fn look(op: &Op) -> State {
    State::from(op.status(op.ticket(Rights::OBSERVE)).expect("nobody else retires it"))
}

fn arm(op: &Op, mode: Mode) -> Ticket {
    let (verdict, ticket) = op.arm_ticket(mode);
    assert_eq!(verdict, Verdict::Ok, "arm");
    ticket
}

/// One whole life, with a code, so that the next has something to forget.
fn live(op: &Op) -> (Ticket, Worker) {
    let ticket = arm(op, Mode::DECISIVE);
    let worker = Worker::start(op, ticket);
    assert_eq!(op.force(ticket, code(0x0DEAD)).verdict, Verdict::Ok, "force");
    assert_eq!(op.retire(ticket).verdict, Verdict::Ok, "retire");
    (ticket, worker)
}

/// The row's starting state, by calls that anybody may make.
fn build(row: &Row) -> Bench {
    let op = Op::new();
    let mut kept = None;
    for life in 0..row.life {
        let lived = live(&op);
        if row.life - life == row.held.age {
            kept = Some(lived);
        }
    }
    let (owner, worker) = reach(&op, &row.before);
    assert_eq!(look(&op), row.before, "{}: the starting state is not reached", row.id);
    let (ticket, worker) = match kept {
        Some((ticket, worker)) => (ticket, Some(worker)),
        None => (owner, worker),
    };
    Bench { op, ticket: ticket.narrowed(row.held.rights), worker }
}

fn reach(op: &Op, to: &State) -> (Ticket, Option<Worker>) {
    if to.phase == Phase::Vacant {
        return (op.ticket(Rights::ALL), None);
    }
    let owner = arm(op, to.mode);
    if to.phase == Phase::Pending {
        return (owner, None);
    }
    let mut worker = Worker::start(op, owner);
    let unasked = to.phase == Phase::Cancelled
        && to.level == Some(Level::Graceful)
        && to.cause == Some(Cause::Itself);
    if let (Some(level), Some(cause), false) = (to.level, to.cause, unasked) {
        let _ = op.cancel(owner, Request::new(level, cause), Some(|_| 0));
    }
    for _ in 0..to.shields {
        let step = op.shield(worker.left);
        worker.follow(step);
    }
    let step = match (to.phase, to.effects) {
        (Phase::Running, _) => return (owner, Some(worker)),
        (Phase::Committed, _) => op.commit(worker.left),
        (Phase::Finished, _) => op.finish(worker.left),
        (Phase::Failed, Effects::Unknown) => {
            assert_eq!(op.force(owner, code(to.code)).verdict, Verdict::Ok, "force");
            return (owner, Some(worker));
        }
        (Phase::Cancelled, effects) if to.code == 0 => op.acknowledge(worker.left, effects),
        _ => op.fail(worker.left, code(to.code)),
    };
    worker.follow(step);
    (owner, Some(worker))
}

impl Bench {
    /// A worker's call; where no worker was ever started (a vacant or pending
    /// op), by whoever holds the op.
    fn work(&mut self, call: impl FnOnce(&Op, Word) -> Step) -> Option<Verdict> {
        Some(match &mut self.worker {
            Some(worker) => {
                let step = call(&self.op, worker.left);
                worker.follow(step)
            }
            None => call(&self.op, Word::undisturbed(self.ticket.generation())).verdict,
        })
    }

    fn worker_poll(&self) -> Started {
        match self.worker {
            Some(worker) => Started::Sees(self.op.poll_from(worker.left)),
            None => Started::Nobody,
        }
    }

    /// Makes the row's call. A number that the vocabulary does not have is
    /// refused where Rust refuses it: by the constructor.
    fn call(&mut self, row: &Row) -> (Option<Verdict>, u32, u32) {
        const INVALID: Option<Verdict> = Some(Verdict::Invalid);
        let told = |verdict: Verdict| (Some(verdict), 0, 0);
        let plain = |verdict: Option<Verdict>| (verdict, 0, 0);
        match &row.call {
            Call::Arm { mode } => match Mode::from_raw(mode.number) {
                Some(mode) => {
                    let (verdict, ticket) = self.op.arm_ticket(mode);
                    assert_eq!(ticket.rights(), Rights::ALL, "{}", row.id);
                    told(verdict)
                }
                None => plain(INVALID),
            },
            Call::Start => {
                let step = self.op.start(self.ticket);
                if step.verdict == Verdict::Ok {
                    self.worker = Some(Worker { left: step.word });
                }
                told(step.verdict)
            }
            Call::Cancel { level, cause } => self.cancel(row, level, cause),
            Call::Poll => (None, self.op.poll().map_or(0, Level::raw), 0),
            Call::WorkerPoll => match self.worker_poll() {
                Started::Sees(level) => (None, level.map_or(0, Level::raw), 0),
                Started::Nobody => panic!("{}: there is no worker", row.id),
            },
            Call::Status => told(match self.op.status(self.ticket) {
                Some(status) => {
                    assert_eq!(State::from(status), row.after, "{}", row.id);
                    Verdict::Ok
                }
                None => Verdict::Stale,
            }),
            Call::Shield => plain(self.work(|op, held| op.shield(held))),
            Call::Unshield => {
                let mut level = None;
                let verdict = self.work(|op, held| {
                    let step = op.unshield(held);
                    if step.verdict == Verdict::Ok {
                        level = step.word.visible();
                    }
                    step
                });
                (verdict, level.map_or(0, Level::raw), 0)
            }
            Call::Commit => plain(self.work(|op, held| op.commit(held))),
            Call::Finish => plain(self.work(|op, held| op.finish(held))),
            Call::Fail { code } => plain(match Code::new(code.number) {
                Some(code) => self.work(|op, held| op.fail(held, code)),
                None => INVALID,
            }),
            Call::Acknowledge { effects } => plain(match Effects::from_raw(effects.number) {
                Some(effects) => self.work(|op, held| op.acknowledge(held, effects)),
                None => INVALID,
            }),
            Call::Force { code } => plain(match Code::new(code.number) {
                Some(code) => Some(self.op.force(self.ticket, code).verdict),
                None => INVALID,
            }),
            Call::Retire => told(self.op.retire(self.ticket).verdict),
        }
    }

    fn cancel(&self, row: &Row, level: &Argument, cause: &Argument) -> (Option<Verdict>, u32, u32) {
        let (Some(level), Some(cause)) =
            (Level::from_raw(level.number), Cause::from_raw(cause.number))
        else {
            return (Some(Verdict::Invalid), 0, 0);
        };
        let request = Request::new(level, cause);
        let asked = Cell::new(0);
        let gate = row.held.gate.map(|code| {
            let asked = &asked;
            move |shown| {
                assert_eq!(shown, request, "{}: what the gate is shown", row.id);
                asked.set(asked.get() + 1);
                code
            }
        });
        let answer = self.op.cancel(self.ticket, request, gate);
        (Some(answer.verdict), answer.code, asked.get())
    }
}

/// What a ticket may guess of the operation, rightly or wrongly: it must not
/// change an answer.
const GUESSES: [fn(Ticket) -> Ticket; 3] = [
    |made| made,
    |made| Ticket::new(made.generation(), made.rights()),
    |made| made.guessing(Mode::DECISIVE),
];

fn replay(row: &Row, guess: fn(Ticket) -> Ticket) -> Seen {
    let mut bench = build(row);
    bench.ticket = guess(bench.ticket);
    let (verdict, answer, asked) = bench.call(row);
    Seen {
        verdict,
        answer,
        asked,
        after: look(&bench.op),
        poll: bench.op.poll(),
        worker: bench.worker_poll(),
    }
}

#[test]
fn every_row_through_the_cell() {
    let rows = load().unwrap_or_else(|error| panic!("{error}"));
    let mut front = Front::new("rust-cell").unwrap();
    for row in &rows {
        let seen = GUESSES.map(|guess| replay(row, guess));
        let expected = Seen {
            verdict: row.verdict,
            answer: row.answer,
            asked: row.asked,
            after: row.after,
            poll: row.poll,
            worker: row.worker,
        };
        let holds = seen.iter().all(|seen| *seen == expected);
        if !holds {
            eprintln!("{}:{}: {}", row.file, row.line, row.id);
            eprintln!("  expected {expected:?}\n  but saw  {seen:?}");
        }
        front.say(&row.id, holds).unwrap();
    }
    assert_eq!(front.close(rows.len()), (rows.len(), 0));
}
