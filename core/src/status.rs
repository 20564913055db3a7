//! What a requester is told, and what an observer sees.

use crate::terms::{Cause, Code, Effects, Level, Mode, Phase, Verdict};
use crate::ticket::Generation;

/// What a requester is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub struct Answer {
    /// The answer.
    pub verdict: Verdict,
    /// With `FAILED`, the operation's own code; with `REFUSED`, the gate's;
    /// else zero.
    pub code: u32,
}

impl Answer {
    pub(crate) const fn plain(verdict: Verdict) -> Self {
        Self { verdict, code: 0 }
    }
}

/// One consistent look at an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Status {
    /// Where it is in its life.
    pub phase: Phase,
    /// The level of the request in force, shown to the worker or not.
    pub level: Option<Level>,
    /// The cause of that request.
    pub cause: Option<Cause>,
    /// What a cancelled or forced operation left behind.
    pub effects: Effects,
    /// The operation's own code: of a failed one, or of a cancelled one whose
    /// worker ended it with an error.
    pub code: Option<Code>,
    /// How many shields are up.
    pub shields: u32,
    /// How it was armed.
    pub mode: Mode,
    /// Which life of the op this is.
    pub generation: Generation,
}

impl Status {
    /// How the operation ended, if it has.
    #[must_use]
    pub const fn outcome(&self) -> Option<Outcome> {
        match self.phase {
            Phase::Finished => Some(Outcome::Finished),
            Phase::Failed => Some(Outcome::Failed { code: self.code, effects: self.effects }),
            Phase::Cancelled => Some(Outcome::Cancelled { effects: self.effects, code: self.code }),
            Phase::Vacant | Phase::Pending | Phase::Running | Phase::Committed => None,
        }
    }
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Outcome {
    /// Done; its effects stand.
    Finished,
    /// With its own error.
    Failed {
        /// The operation's own code.
        code: Option<Code>,
        /// `Unknown` of a forced operation, else `Unstated`.
        effects: Effects,
    },
    /// Cancelled.
    Cancelled {
        /// What it left behind.
        effects: Effects,
        /// The error that its worker ended it with, if it did so.
        code: Option<Code>,
    },
}
