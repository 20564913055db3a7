//! The table of the design, section 2, as a ledger: one operation, one call at
//! a time, no bits and no atomics. It says what any order of calls answers.

use quell::{
    Answer, Cause, Code, Effects, Generation, Level, Mode, Phase, Request, Status, Verdict,
};

/// One call, as its caller makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Arm,
    Start,
    Cancel(Request),
    /// By a handle whose gate answers this.
    GatedCancel(Request, u32),
    Shield,
    Unshield,
    Commit,
    Finish,
    Fail(Code),
    Acknowledge(Effects),
    Force(Code),
    Retire,
    Status,
    Poll,
    WorkerPoll,
}

/// What a call is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Verdict(Verdict),
    Answer(Answer),
    /// Of an unshield: the level that is visible now.
    Unshielded(Option<Level>),
    Look(Option<Status>),
    Level(Option<Level>),
}

/// What a caller holds: its generation, and how it believes the operation to
/// be if it is the worker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hand {
    pub(crate) generation: u32,
    left: (Phase, u32),
}

impl Hand {
    pub(crate) fn new() -> Self {
        Self { generation: 0, left: (Phase::Vacant, 0) }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    mode: Mode,
    generation: u32,
    phase: Phase,
    request: Option<Request>,
    shields: u32,
    effects: Effects,
    code: Option<Code>,
}

const ENDED: [Phase; 3] = [Phase::Finished, Phase::Failed, Phase::Cancelled];

impl Ledger {
    /// A vacant op that will be armed with this mode.
    pub(crate) fn new(mode: Mode) -> Self {
        Self {
            mode,
            generation: 0,
            phase: Phase::Vacant,
            request: None,
            shields: 0,
            effects: Effects::Unstated,
            code: None,
        }
    }

    pub(crate) fn status(&self) -> Status {
        let vacant = self.phase == Phase::Vacant;
        Status {
            phase: self.phase,
            level: self.request.map(|request| request.level),
            cause: self.request.map(|request| request.cause),
            effects: self.effects,
            code: self.code,
            shields: self.shields,
            mode: if vacant { Mode::DECISIVE } else { self.mode },
            generation: Generation::new(self.generation),
        }
    }

    /// One call, with the answer that the table gives.
    pub(crate) fn call(&mut self, hand: &mut Hand, call: Call) -> Told {
        let stale = hand.generation != self.generation;
        match call {
            Call::Status => return Told::Look((!stale).then(|| self.status())),
            Call::Poll => return Told::Level(self.visible()),
            Call::WorkerPoll => {
                let own = !stale && hand.left == (self.phase, self.shields);
                return Told::Level(if own { self.visible() } else { Some(Level::Immediate) });
            }
            Call::Cancel(request) => {
                return Told::Answer(if stale {
                    plain(Verdict::Stale)
                } else {
                    self.cancel(request, None)
                });
            }
            Call::GatedCancel(request, gate) => {
                return Told::Answer(if stale {
                    plain(Verdict::Stale)
                } else {
                    self.cancel(request, Some(gate))
                });
            }
            // The caller of arm holds no generation yet.
            Call::Arm => {
                return Told::Verdict(self.arm(hand));
            }
            _ if stale => return Told::Verdict(Verdict::Stale),
            _ => {}
        }
        let verdict = match call {
            Call::Start => self.start(),
            Call::Shield => self.shield(),
            Call::Unshield => self.unshield(),
            Call::Commit => self.commit(),
            Call::Finish => self.finish(),
            Call::Fail(code) => self.fail(code),
            Call::Acknowledge(effects) => self.acknowledge(effects),
            Call::Force(code) => self.force(code),
            _ => self.retire(),
        };
        let of_worker = !matches!(call, Call::Force(_) | Call::Retire);
        if of_worker && matches!(verdict, Verdict::Ok | Verdict::Cancelled) {
            hand.left = (self.phase, self.shields);
        }
        if call == Call::Unshield && verdict == Verdict::Ok {
            return Told::Unshielded(self.visible());
        }
        Told::Verdict(verdict)
    }

    fn visible(&self) -> Option<Level> {
        let shown = match self.phase {
            Phase::Running => self.shields == 0,
            phase => phase == Phase::Cancelled,
        };
        if shown { self.request.map(|request| request.level) } else { None }
    }

    /// An accepted request leaves a decisive operation only one way to end.
    fn bound(&self) -> bool {
        self.request.is_some() && !self.mode.contains(Mode::BEST_EFFORT)
    }

    fn end(&mut self, phase: Phase, effects: Effects) {
        self.phase = phase;
        self.effects = effects;
        self.shields = 0;
    }

    fn arm(&mut self, hand: &mut Hand) -> Verdict {
        if self.phase != Phase::Vacant {
            return Verdict::BadState;
        }
        self.phase = Phase::Pending;
        hand.generation = self.generation;
        Verdict::Ok
    }

    fn start(&mut self) -> Verdict {
        match self.phase {
            Phase::Pending => self.phase = Phase::Running,
            Phase::Cancelled => return Verdict::Cancelled,
            _ => return Verdict::BadState,
        }
        Verdict::Ok
    }

    fn cancel(&mut self, request: Request, gate: Option<u32>) -> Answer {
        let alive = matches!(self.phase, Phase::Pending | Phase::Running | Phase::Committed);
        if alive && self.mode.contains(Mode::UNCANCELLABLE) {
            return plain(Verdict::Unsupported);
        }
        plain(match self.phase {
            Phase::Vacant => Verdict::BadState,
            Phase::Pending => {
                self.request = Some(request);
                self.end(Phase::Cancelled, Effects::None);
                Verdict::Cancelled
            }
            Phase::Running => return self.request_running(request, gate),
            Phase::Committed => Verdict::TooLate,
            Phase::Finished => Verdict::Finished,
            Phase::Failed => {
                let code = self.code.expect("a failed operation has a code").raw();
                return Answer { verdict: Verdict::Failed, code };
            }
            Phase::Cancelled => Verdict::AlreadyCancelled,
        })
    }

    fn request_running(&mut self, request: Request, gate: Option<u32>) -> Answer {
        let best_effort = self.mode.contains(Mode::BEST_EFFORT);
        let raises = self.request.is_none_or(|standing| standing.level < request.level);
        if !raises {
            return plain(match best_effort {
                true => Verdict::AlreadyRequested,
                false => Verdict::AlreadyCancelling,
            });
        }
        if self.mode.contains(Mode::GATED) {
            match gate {
                None => return plain(Verdict::Denied),
                Some(0) => {}
                Some(code) => return Answer { verdict: Verdict::Refused, code },
            }
        }
        plain(match (self.request.replace(request), best_effort) {
            (Some(_), _) => Verdict::Raised,
            (None, true) => Verdict::Requested,
            (None, false) => Verdict::Cancelling,
        })
    }

    fn shield(&mut self) -> Verdict {
        match (self.phase, self.shields) {
            (Phase::Running, 7) => return Verdict::Full,
            (Phase::Running, _) => self.shields += 1,
            _ => return Verdict::BadState,
        }
        Verdict::Ok
    }

    fn unshield(&mut self) -> Verdict {
        if self.phase != Phase::Running || self.shields == 0 {
            return Verdict::BadState;
        }
        self.shields -= 1;
        Verdict::Ok
    }

    fn commit(&mut self) -> Verdict {
        match (self.phase, self.request) {
            (Phase::Running, None) => {
                self.phase = Phase::Committed;
                self.shields = 0;
                Verdict::Ok
            }
            (Phase::Running, Some(_)) => Verdict::Cancelling,
            _ => Verdict::BadState,
        }
    }

    fn finish(&mut self) -> Verdict {
        match self.phase {
            Phase::Running if self.bound() => return Verdict::Cancelling,
            Phase::Running | Phase::Committed => self.end(Phase::Finished, Effects::Unstated),
            _ => return Verdict::BadState,
        }
        Verdict::Ok
    }

    fn fail(&mut self, code: Code) -> Verdict {
        let verdict = match self.phase {
            Phase::Running if self.bound() => {
                self.end(Phase::Cancelled, Effects::Unknown);
                Verdict::Cancelled
            }
            Phase::Running | Phase::Committed => {
                self.end(Phase::Failed, Effects::Unstated);
                Verdict::Ok
            }
            _ => return Verdict::BadState,
        };
        self.code = Some(code);
        verdict
    }

    fn acknowledge(&mut self, effects: Effects) -> Verdict {
        if self.phase != Phase::Running {
            return Verdict::BadState;
        }
        let unasked = Request::new(Level::Graceful, Cause::Itself);
        self.request = Some(self.request.unwrap_or(unasked));
        self.end(Phase::Cancelled, effects);
        Verdict::Ok
    }

    fn force(&mut self, code: Code) -> Verdict {
        match self.phase {
            Phase::Pending | Phase::Running | Phase::Committed => {
                self.end(Phase::Failed, Effects::Unknown);
                self.code = Some(code);
                Verdict::Ok
            }
            _ => Verdict::BadState,
        }
    }

    fn retire(&mut self) -> Verdict {
        if !ENDED.contains(&self.phase) {
            return Verdict::BadState;
        }
        *self = Self { generation: self.generation + 1, ..Self::new(self.mode) };
        Verdict::Ok
    }
}

fn plain(verdict: Verdict) -> Answer {
    Answer { verdict, code: 0 }
}
