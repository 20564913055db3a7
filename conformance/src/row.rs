//! One row: a starting state, a call, and what is told and seen after it.

use quell::{Cause, Code, Effects, Level, Mode, Phase, Rights, Status, Verdict};

/// Everything that can be seen of an op.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// The number of its present life, modulo 32768.
    pub generation: u32,
    /// How it was armed.
    pub mode: Mode,
    /// Where it is in its life.
    pub phase: Phase,
    /// The level of the request in force.
    pub level: Option<Level>,
    /// The cause of that request.
    pub cause: Option<Cause>,
    /// How many shields are up.
    pub shields: u32,
    /// What was left behind.
    pub effects: Effects,
    /// The op's own code; zero where there is none.
    pub code: u32,
}

impl From<Status> for State {
    fn from(status: Status) -> Self {
        Self {
            generation: status.generation.get(),
            mode: status.mode,
            phase: status.phase,
            level: status.level,
            cause: status.cause,
            shields: status.shields,
            effects: status.effects,
            code: status.code.map_or(0, Code::raw),
        }
    }
}

/// An argument as the row spells it. It may be a number that no enum has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// The number that crosses the C ABI.
    pub number: u32,
    /// How C spells it: the header's name where it has one.
    pub c: String,
}

/// A call and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the call of its name")]
pub enum Call {
    Arm { mode: Argument },
    Start,
    Cancel { level: Argument, cause: Argument },
    Poll,
    WorkerPoll,
    Status,
    Shield,
    Unshield,
    Commit,
    Finish,
    Fail { code: Argument },
    Acknowledge { effects: Argument },
    Force { code: Argument },
    Retire,
}

impl Call {
    /// Whether a worker makes the call, and not the holder of a handle.
    #[must_use]
    pub const fn is_workers(&self) -> bool {
        matches!(
            self,
            Self::WorkerPoll
                | Self::Shield
                | Self::Unshield
                | Self::Commit
                | Self::Finish
                | Self::Fail { .. }
                | Self::Acknowledge { .. }
        )
    }
}

/// What the caller holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// How many lives of the op the handle, or the worker, has outlived.
    pub age: u32,
    /// The rights of the handle; nothing for a worker.
    pub rights: Rights,
    /// What the handle's gate answers, if it brings one.
    pub gate: Option<u32>,
}

/// Whether a worker of the life that the row speaks of was ever started, and
/// what its poll says after the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Started {
    /// Nobody polls.
    Nobody,
    /// The worker's poll says this.
    Sees(Option<Level>),
}

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name, unique over all files.
    pub id: String,
    /// The file that it stands in.
    pub file: String,
    /// The line that it stands in.
    pub line: u64,
    /// What in the document it comes from.
    pub source: String,
    /// How many lives the op has had before this one.
    pub life: u32,
    /// The op before the call.
    pub before: State,
    /// The call.
    pub call: Call,
    /// What its caller holds.
    pub held: Held,
    /// What the caller is told; nothing where the call has no verdict.
    pub verdict: Option<Verdict>,
    /// What comes with the verdict: a code of cancel, a level of a poll and of
    /// unshield; else zero.
    pub answer: u32,
    /// How often the gate is asked.
    pub asked: u32,
    /// The op after the call.
    pub after: State,
    /// What the op's poll says after the call.
    pub poll: Option<Level>,
    /// What the worker's poll says after the call.
    pub worker: Started,
}
