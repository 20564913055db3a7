//! The table of calls and phases as one would first write it down: no bits, no
//! sharing of fields, nothing atomic. A request, a shield and a code each has
//! its own place.

/// How the op was armed, without the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Decisive,
    BestEffort,
    Uncancellable,
}

/// What was asked for: level and cause by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    level: u32,
    cause: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Vacant,
    Pending,
    Running { asked: Option<Asked>, shields: Vec<()> },
    Committed,
    Finished,
    Failed { code: u32, forced: bool },
    Cancelled { effects: &'static str, code: Option<u32> },
}

/// One life of the op.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    pub(crate) state: State,
    pub(crate) kind: Kind,
}

/// What a requester is told.
pub(crate) struct Answer {
    pub(crate) verdict: &'static str,
    pub(crate) code: u32,
    pub(crate) asked: u32,
}

/// All the lives of one op. The last one is the present one.
pub(crate) struct Naive {
    lives: Vec<Life>,
    flags: u32,
    /// The request that the present life ended with.
    left_asked: Option<Asked>,
}

const LEVELS: [&str; 4] = ["NONE", "GRACEFUL", "IMMEDIATE", "EMERGENCY"];
const CAUSES: [&str; 16] = [
    "NONE",
    "USER",
    "PARENT",
    "DEADLINE",
    "SHUTDOWN",
    "FAULT",
    "PEER",
    "SELF",
    "APPLICATION_0",
    "APPLICATION_1",
    "APPLICATION_2",
    "APPLICATION_3",
    "APPLICATION_4",
    "APPLICATION_5",
    "APPLICATION_6",
    "APPLICATION_7",
];
const EFFECTS: [&str; 4] = ["UNSTATED", "NONE", "PARTIAL", "UNKNOWN"];
const IMMEDIATE: u32 = 2;

const CANCEL: u32 = 1;
const WORK: u32 = 2;
const OWN: u32 = 4;

fn vacant() -> Life {
    Life { state: State::Vacant, kind: Kind::Decisive }
}

impl Naive {
    pub(crate) fn new() -> Self {
        Self { lives: vec![vacant()], flags: 0, left_asked: None }
    }

    /// Which life this is, from 0.
    pub(crate) fn number(&self) -> usize {
        self.lives.len() - 1
    }

    /// The lives before this one, as they ended.
    pub(crate) fn past(&self) -> &[Life] {
        &self.lives[..self.number()]
    }

    fn now(&self) -> &Life {
        &self.lives[self.number()]
    }

    fn go(&mut self, state: State) -> &'static str {
        let now = self.number();
        self.lives[now].state = state;
        "OK"
    }

    pub(crate) fn is_armed(&self) -> bool {
        self.now().state != State::Vacant
    }

    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.now().state, State::Finished | State::Failed { .. } | State::Cancelled { .. })
    }

    /// The request in force, in whatever phase.
    fn asked(&self) -> Option<Asked> {
        match self.now().state {
            State::Running { asked, .. } => asked,
            _ => self.left_asked,
        }
    }

    /// Leaves RUNNING (or COMMITTED, or PENDING) for an end.
    fn end(&mut self, state: State) -> &'static str {
        self.left_asked = self.asked();
        self.go(state)
    }

    /// What is asked of a decisive op, it has to do.
    fn bound(&self) -> bool {
        let running = matches!(self.now().state, State::Running { .. });
        running && self.asked().is_some() && self.now().kind != Kind::BestEffort
    }

    pub(crate) fn arm(&mut self, flags: u32) -> &'static str {
        if self.is_armed() {
            return "BAD_STATE";
        }
        let now = self.number();
        self.flags = flags;
        self.left_asked = None;
        self.lives[now].kind = match flags {
            2 | 3 | 6 | 7 => Kind::Uncancellable,
            1 | 5 => Kind::BestEffort,
            _ => Kind::Decisive,
        };
        self.go(State::Pending)
    }

    pub(crate) fn start(&mut self, life: usize, rights: u32) -> &'static str {
        if life != self.number() {
            return "STALE";
        }
        if rights & WORK == 0 {
            return "DENIED";
        }
        match self.now().state {
            State::Pending => self.go(State::Running { asked: None, shields: Vec::new() }),
            State::Cancelled { .. } => "CANCELLED",
            _ => "BAD_STATE",
        }
    }

    pub(crate) fn cancel(
        &mut self,
        life: usize,
        rights: u32,
        level: u32,
        cause: u32,
        gate: Option<u32>,
    ) -> Answer {
        let plain = |verdict| Answer { verdict, code: 0, asked: 0 };
        if life != self.number() {
            return plain("STALE");
        }
        if rights & CANCEL == 0 {
            return plain("DENIED");
        }
        let wanted = Asked { level, cause };
        let Life { state, kind } = self.now().clone();
        let never = kind == Kind::Uncancellable;
        match state {
            State::Vacant => plain("BAD_STATE"),
            State::Finished => plain("FINISHED"),
            State::Failed { code, .. } => Answer { verdict: "FAILED", code, asked: 0 },
            State::Cancelled { .. } => plain("ALREADY_CANCELLED"),
            _ if never => plain("UNSUPPORTED"),
            State::Committed => plain("TOO_LATE"),
            State::Pending => {
                self.go(State::Cancelled { effects: "NONE", code: None });
                self.left_asked = Some(wanted);
                plain("CANCELLED")
            }
            State::Running { asked, shields } => {
                let best = kind == Kind::BestEffort;
                if asked.is_some_and(|asked| asked.level >= level) {
                    return plain(if best { "ALREADY_REQUESTED" } else { "ALREADY_CANCELLING" });
                }
                let gated = self.flags >= 4;
                let times = u32::from(gated && gate.is_some());
                match gate {
                    None if gated => return plain("DENIED"),
                    Some(code) if gated && code != 0 => {
                        return Answer { verdict: "REFUSED", code, asked: times };
                    }
                    _ => {}
                }
                self.go(State::Running { asked: Some(wanted), shields });
                let verdict = match (asked, best) {
                    (Some(_), _) => "RAISED",
                    (None, true) => "REQUESTED",
                    (None, false) => "CANCELLING",
                };
                Answer { verdict, code: 0, asked: times }
            }
        }
    }

    pub(crate) fn shield(&mut self, life: usize) -> &'static str {
        if life != self.number() {
            return "STALE";
        }
        match self.now().state.clone() {
            State::Running { shields, .. } if shields.len() == 7 => "FULL",
            State::Running { asked, mut shields } => {
                shields.push(());
                self.go(State::Running { asked, shields })
            }
            _ => "BAD_STATE",
        }
    }

    pub(crate) fn unshield(&mut self, life: usize) -> &'static str {
        if life != self.number() {
            return "STALE";
        }
        match self.now().state.clone() {
            State::Running { asked, mut shields } if !shields.is_empty() => {
                shields.pop();
                self.go(State::Running { asked, shields })
            }
            _ => "BAD_STATE",
        }
    }

    pub(crate) fn commit(&mut self, life: usize) -> &'static str {
        if life != self.number() {
            return "STALE";
        }
        match self.now().state {
            State::Running { asked: Some(_), .. } => "CANCELLING",
            State::Running { asked: None, .. } => self.go(State::Committed),
            _ => "BAD_STATE",
        }
    }

    pub(crate) fn finish(&mut self, life: usize) -> &'static str {
        if life != self.number() {
            return "STALE";
        }
        match self.now().state {
            State::Running { .. } if self.bound() => "CANCELLING",
            State::Running { .. } | State::Committed => self.end(State::Finished),
            _ => "BAD_STATE",
        }
    }

    pub(crate) fn fail(&mut self, life: usize, code: u32) -> &'static str {
        if life != self.number() {
            return "STALE";
        }
        match self.now().state {
            State::Running { .. } if self.bound() => {
                self.end(State::Cancelled { effects: "UNKNOWN", code: Some(code) });
                "CANCELLED"
            }
            State::Running { .. } | State::Committed => {
                self.end(State::Failed { code, forced: false })
            }
            _ => "BAD_STATE",
        }
    }

    pub(crate) fn acknowledge(&mut self, life: usize, effects: u32) -> &'static str {
        if life != self.number() {
            return "STALE";
        }
        let effects = EFFECTS[effects as usize];
        if effects == "UNSTATED" {
            return "INVALID";
        }
        match self.now().state {
            State::Running { asked, .. } => {
                self.end(State::Cancelled { effects, code: None });
                let own = Asked { level: 1, cause: 7 };
                self.left_asked = Some(asked.unwrap_or(own));
                "OK"
            }
            _ => "BAD_STATE",
        }
    }

    pub(crate) fn force(&mut self, life: usize, rights: u32, code: u32) -> &'static str {
        if life != self.number() {
            return "STALE";
        }
        if rights & OWN == 0 {
            return "DENIED";
        }
        if !self.is_armed() || self.has_ended() {
            return "BAD_STATE";
        }
        self.end(State::Failed { code, forced: true })
    }

    pub(crate) fn retire(&mut self, life: usize, rights: u32) -> &'static str {
        if life != self.number() {
            return "STALE";
        }
        if rights & OWN == 0 {
            return "DENIED";
        }
        if !self.has_ended() {
            return "BAD_STATE";
        }
        self.lives.push(vacant());
        self.flags = 0;
        self.left_asked = None;
        "OK"
    }

    /// What `poll` says: zero, or the level.
    pub(crate) fn visible(&self) -> u32 {
        let open = match &self.now().state {
            State::Running { shields, .. } => shields.is_empty(),
            State::Cancelled { .. } => true,
            _ => false,
        };
        self.asked().filter(|_| open).map_or(0, |asked| asked.level)
    }

    /// What the worker of this life is told: to stop where the op is not its
    /// own any more.
    pub(crate) fn worker_sees(&self, life: usize) -> u32 {
        let forced = matches!(self.now().state, State::Failed { forced: true, .. });
        if life != self.number() || forced { IMMEDIATE } else { self.visible() }
    }

    /// The state in words, as a status would be read out.
    pub(crate) fn line(&self) -> String {
        let (phase, effects, code, shields) = match &self.now().state {
            State::Vacant => ("VACANT", "UNSTATED", None, 0),
            State::Pending => ("PENDING", "UNSTATED", None, 0),
            State::Running { shields, .. } => ("RUNNING", "UNSTATED", None, shields.len()),
            State::Committed => ("COMMITTED", "UNSTATED", None, 0),
            State::Finished => ("FINISHED", "UNSTATED", None, 0),
            State::Failed { code, forced: false } => ("FAILED", "UNSTATED", Some(*code), 0),
            State::Failed { code, forced: true } => ("FAILED", "UNKNOWN", Some(*code), 0),
            State::Cancelled { effects, code } => ("CANCELLED", *effects, *code, 0),
        };
        let (level, cause) = self.asked().map_or((0, 0), |asked| (asked.level, asked.cause));
        let generation = self.number() % 32768;
        let (level, cause) = (LEVELS[level as usize], CAUSES[cause as usize]);
        let mode = self.flags;
        format!("{phase} {level} {cause} {effects} {code:?} {shields} {mode} {generation}")
    }
}
