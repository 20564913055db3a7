//! A play: a stage, a cast of threads with a script each, and the rule that
//! every performance must end as some order of the same calls in the ledger.
//!
//! The rule is "never both, never neither" and "told what became of it" at
//! once: an order of the ledger gives each caller its answer and the op its
//! end, together.

use std::fmt;
use std::sync::{Arc, Mutex};

use loom::model::Builder;
use loom::thread;
use quell::word::{Step, Word};
use quell::{Answer, Code, Effects, Generation, Op, Request, Rights, Status, Ticket, Verdict};

use crate::ledger::{self, Call, Ledger, Told};

/// One thread of a play.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// Holds what it held in the life before this one.
    pub(crate) stale: bool,
    pub(crate) script: Vec<Call>,
}

impl Part {
    pub(crate) fn new(script: &[Call]) -> Self {
        Self { stale: false, script: script.to_vec() }
    }

    pub(crate) fn stale(script: &[Call]) -> Self {
        Self { stale: true, script: script.to_vec() }
    }
}

/// The calls made one after another before the threads begin: of an earlier
/// life, where the stale parts come from, and of the present one.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub(crate) mode: quell::Mode,
    pub(crate) earlier: &'static [Call],
    pub(crate) leave: &'static [Call],
    pub(crate) present: &'static [Call],
}

#[derive(Clone, Debug)]
pub(crate) struct Play {
    pub(crate) stage: Stage,
    pub(crate) parts: Vec<Part>,
}

/// What everyone was told, and how the op stands at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) told: Vec<Vec<Told>>,
    pub(crate) end: Status,
}

/// `what each thread was told, call by call | … -> how it ended`.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told: Vec<_> = self
            .told
            .iter()
            .map(|calls| calls.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
            .collect();
        write!(f, "{} -> {}", told.join(" | "), ended(&self.end))
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verdict(verdict) => write!(f, "{verdict}"),
            Self::Answer(Answer { verdict, code: 0 }) => write!(f, "{verdict}"),
            Self::Answer(Answer { verdict, code }) => write!(f, "{verdict}({code:X})"),
            Self::Unshielded(Some(level)) | Self::Level(Some(level)) => write!(f, "{level}"),
            Self::Unshielded(None) | Self::Level(None) => write!(f, "none"),
            Self::Look(None) => write!(f, "STALE"),
            Self::Look(Some(status)) => write!(f, "{}", ended(status)),
        }
    }
}

fn ended(status: &Status) -> String {
    let code = status.code.map(|code| format!("{:X}", code.raw()));
    let effects = Some(status.effects).filter(|effects| *effects != Effects::Unstated);
    let details: Vec<_> = code.into_iter().chain(effects.map(|it| it.to_string())).collect();
    match details.is_empty() {
        true => status.phase.to_string(),
        false => format!("{}({})", status.phase, details.join(", ")),
    }
}

/// The same caller on the real op.
#[derive(Clone, Copy)]
struct Hand {
    ticket: Ticket,
    left: Word,
}

impl Hand {
    fn follow(&mut self, step: Step) -> Told {
        self.left = step.left_behind(self.left);
        Told::Verdict(step.verdict)
    }

    fn call(&mut self, op: &Op, mode: quell::Mode, call: Call) -> Told {
        let held = self.ticket;
        // Who never started speaks as a worker of its ticket's life would.
        let left = match self.left.generation() == held.generation() {
            true => self.left,
            false => Word::undisturbed(held.generation()),
        };
        match call {
            Call::Arm => {
                let (verdict, ticket) = op.arm_ticket(mode);
                if verdict == Verdict::Ok {
                    self.ticket = ticket;
                }
                Told::Verdict(verdict)
            }
            Call::Start => self.follow(op.start(held)),
            Call::Cancel(request) => Told::Answer(op.cancel(held, request, NO_GATE)),
            Call::GatedCancel(request, gate) => {
                Told::Answer(op.cancel(held, request, Some(|_| gate)))
            }
            Call::Shield => self.follow(op.shield(left)),
            Call::Unshield => {
                let step = op.unshield(left);
                match self.follow(step) {
                    Told::Verdict(Verdict::Ok) => Told::Unshielded(step.word.visible()),
                    refusal => refusal,
                }
            }
            Call::Commit => self.follow(op.commit(left)),
            Call::Finish => self.follow(op.finish(left)),
            Call::Fail(code) => self.follow(op.fail(left, code)),
            Call::Acknowledge(effects) => self.follow(op.acknowledge(left, effects)),
            Call::Force(code) => Told::Verdict(op.force(held, code).verdict),
            Call::Retire => Told::Verdict(op.retire(held).verdict),
            Call::Status => Told::Look(op.status(held)),
            Call::Poll => Told::Level(op.poll()),
            Call::WorkerPoll => Told::Level(op.poll_from(self.left)),
        }
    }
}

const NO_GATE: Option<fn(Request) -> u32> = None;

impl Play {
    /// Performs the play in every way that loom knows. Every outcome must be
    /// one that the ledger allows; and every outcome of calls that do not
    /// overlap must come up, or the performances were not what they seem.
    pub(crate) fn perform(&self, preemptions: Option<usize>) -> Vec<Outcome> {
        let orders = self.orders();
        let allowed = Arc::new(with_codes_exchanged(&orders, &self.parts));
        let seen: Arc<Mutex<Vec<Outcome>>> = Arc::default();

        let mut builder = Builder::new();
        builder.preemption_bound = preemptions;
        for entrances in permutations(self.parts.len()) {
            let (play, allowed) = (self.clone(), allowed.clone());
            let record = seen.clone();
            builder.check(move || {
                let outcome = play.once(&entrances);
                assert!(
                    allowed.contains(&outcome),
                    "no order of the calls gives this\n{outcome:#?}\nplay: {play:?}"
                );
                let mut record = record.lock().unwrap();
                if !record.contains(&outcome) {
                    record.push(outcome);
                }
            });
        }

        let seen = seen.lock().unwrap();
        for order in &orders {
            assert!(seen.contains(order), "never came up\n{order:#?}\nplay: {self:?}");
        }
        seen.clone()
    }

    fn once(&self, entrances: &[usize]) -> Outcome {
        let op = Arc::new(Op::new());
        let mode = self.stage.mode;
        let ticket = Ticket::new(Generation::new(0), Rights::ALL);
        let mut hand = Hand { ticket, left: Word::VACANT };
        let mut play = |calls: &[Call]| {
            for call in calls {
                hand.call(&op, mode, *call);
            }
            hand
        };
        let former = play(self.stage.earlier);
        play(self.stage.leave);
        // A party of the present life has a ticket of it, also before arm.
        let present = Hand { ticket: op.ticket(Rights::ALL), ..play(self.stage.present) };

        let perform = |part: &Part| {
            let (op, script) = (op.clone(), part.script.clone());
            let mut hand = if part.stale { former } else { present };
            move || script.iter().map(|call| hand.call(&op, mode, *call)).collect::<Vec<_>>()
        };
        let mut told = vec![Vec::new(); self.parts.len()];
        let threads: Vec<_> = entrances
            .iter()
            .map(|index| (*index, thread::spawn(perform(&self.parts[*index]))))
            .collect();
        for (index, thread) in threads {
            told[index] = thread.join().unwrap();
        }
        let end = op.status(op.ticket(Rights::OBSERVE)).expect("the ticket is of this moment");
        Outcome { told, end }
    }

    /// The outcome of every order of the calls, by the ledger.
    fn orders(&self) -> Vec<Outcome> {
        let mut ledger = Ledger::new(self.stage.mode);
        let mut hand = ledger::Hand::new();
        for call in self.stage.earlier {
            ledger.call(&mut hand, *call);
        }
        let former = hand;
        for call in self.stage.leave.iter().chain(self.stage.present) {
            ledger.call(&mut hand, *call);
        }
        hand.generation = ledger.status().generation.get();
        let hands = self.parts.iter().map(|part| if part.stale { former } else { hand }).collect();
        let told = vec![Vec::new(); self.parts.len()];
        let mut outcomes = Vec::new();
        self.extend(&ledger, hands, told, &mut outcomes);
        outcomes
    }

    fn extend(
        &self,
        ledger: &Ledger,
        hands: Vec<ledger::Hand>,
        told: Vec<Vec<Told>>,
        outcomes: &mut Vec<Outcome>,
    ) {
        let mut ended = true;
        for (index, part) in self.parts.iter().enumerate() {
            let Some(call) = part.script.get(told[index].len()) else { continue };
            ended = false;
            let (mut ledger, mut hands, mut told) = (ledger.clone(), hands.clone(), told.clone());
            told[index].push(ledger.call(&mut hands[index], *call));
            self.extend(&ledger, hands, told, outcomes);
        }
        let outcome = Outcome { told, end: ledger.status() };
        if ended && !outcomes.contains(&outcome) {
            outcomes.push(outcome);
        }
    }
}

/// Every order of the first `count` numbers. loom explores less than every
/// interleaving of a load and a swap, and what it leaves out depends on which
/// thread was there first: so each comes first once.
pub(crate) fn permutations(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let shorter = permutations(count - 1);
    let insert = |order: &Vec<usize>, place: usize| {
        let mut order = order.clone();
        order.insert(place, count - 1);
        order
    };
    shorter.iter().flat_map(|order| (0..count).map(move |place| insert(order, place))).collect()
}

/// A worker that fails while its owner forces it: the first code stands,
/// whichever of the two ends the operation, and everyone is told that code.
fn with_codes_exchanged(orders: &[Outcome], parts: &[Part]) -> Vec<Outcome> {
    let calls = || parts.iter().flat_map(|part| part.script.iter());
    let failing =
        calls().find_map(|call| if let Call::Fail(code) = call { Some(*code) } else { None });
    let forcing =
        calls().find_map(|call| if let Call::Force(code) = call { Some(*code) } else { None });
    let (Some(failing), Some(forcing)) = (failing, forcing) else { return orders.to_vec() };
    let exchange = |code: Code| match code {
        code if code == failing => forcing,
        code if code == forcing => failing,
        code => code,
    };
    let status = |status: Status| Status { code: status.code.map(exchange), ..status };
    let told = |told: &Told| match *told {
        Told::Look(look) => Told::Look(look.map(status)),
        Told::Answer(Answer { verdict: Verdict::Failed, code }) => Told::Answer(Answer {
            verdict: Verdict::Failed,
            code: exchange(Code::new(code).unwrap()).raw(),
        }),
        told => told,
    };
    let exchanged = orders.iter().map(|order| Outcome {
        told: order.told.iter().map(|calls| calls.iter().map(told).collect()).collect(),
        end: status(order.end),
    });
    orders.iter().cloned().chain(exchanged).collect()
}
