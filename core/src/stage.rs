//! The vocabulary of sessions: what one is for, how far it has come, what it
//! runs in, what it answers.

use crate::seat::{Notice, numbered};
use crate::status::Status;
use crate::terms::{Code, Phase, Request, Verdict};

numbered! {
    /// What a session is for.
    Purpose {
        /// A backup.
        Backup = 0,
        /// A backup that tells no participant anything.
        BackupAlone = 1,
        /// A restore: no snapshot, and no abort.
        Restore = 2,
    }
}

numbered! {
    /// How far a session has come. An abort leaves the stage as it is: it says
    /// where the abort came.
    Stage {
        /// Not initialised.
        Vacant = 0,
        /// Initialised; no set.
        Initialised = 1,
        /// A set has been started: other sessions are locked out.
        SetStarted = 2,
        /// Participants are being told to prepare.
        Preparing = 3,
        /// Prepared; some participants may have failed.
        Prepared = 4,
        /// Participants are being told of the snapshot to come.
        PreparingSnapshot = 5,
        /// They have been told.
        SnapshotPrepared = 6,
        /// Participants are being frozen.
        Freezing = 7,
        /// All that have not failed are frozen.
        Frozen = 8,
        /// Writes are held by the system as well, for a short time.
        Holding = 9,
        /// Participants are being thawed.
        Thawing = 10,
        /// All are thawed.
        Thawed = 11,
        /// The snapshot stands; participants are being told so.
        PostSnapshot = 12,
        /// They have been told. Other sessions are let in.
        Created = 13,
        /// Participants are being told of the success.
        Completing = 14,
        /// They have been told.
        Completed = 15,
        /// The provider failed before there was anything to abort.
        SnapshotFailed = 16,
    }
}

/// What a session runs in.
pub trait Host: Sync {
    /// Tells a participant something, and answers with what it says, or with
    /// its code for a refusal.
    ///
    /// Context: of the verb or of the abort that leads to it, with nothing
    /// locked. From inside, the session may be aborted and looked at.
    ///
    /// # Errors
    /// The participant's own code: it refuses, or has failed.
    fn tell(&self, participant: usize, notice: Notice) -> Result<(), Code>;

    /// The present tick, of a monotonic counter that may wrap.
    fn now(&self) -> u32;

    /// Asks for a cancel of every linked operation; [`Links`](crate::Links)
    /// does it, and keeps the answers.
    fn cancel_linked(&self, request: Request) {
        let _ = request;
    }
}

/// How long things may take, in ticks of [`Host::now`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A participant, from when it is told to freeze until it has thawed.
    pub freeze: u32,
    /// The hold on all writes.
    pub hold: u32,
}

impl Default for Limits {
    /// 60 s and 10 s, as VSS has them, for ticks of a millisecond.
    fn default() -> Self {
        Self { freeze: 60_000, hold: 10_000 }
    }
}

/// What an abort did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Aborted {
    /// The answer.
    pub verdict: Verdict,
    /// How many participants this call told.
    pub told: u32,
    /// How many are busy, and will be told as soon as they are not.
    pub owed: u32,
    /// How many of those that this call told refused it.
    pub refused: u32,
}

impl Aborted {
    pub(crate) const fn of(verdict: Verdict) -> Self {
        Self { verdict, told: 0, owed: 0, refused: 0 }
    }
}

/// One look at a session. Its parts are each consistent, and read one after
/// the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionStatus {
    /// How far it has come.
    pub stage: Stage,
    /// What it is for.
    pub purpose: Purpose,
    /// The operation that makes the snapshot: an abort's level and cause, and
    /// whether it has ended. A provider's code, if it failed.
    pub set: Status,
    /// The operation that completes the backup.
    pub completion: Status,
    /// Whether the hold on all writes was dropped because its time ran out.
    pub hold_dropped: bool,
}

impl SessionStatus {
    /// The request of the abort that has been accepted, if there is one.
    #[must_use]
    pub fn aborted(&self) -> Option<Request> {
        let of = |status: &Status| Some(Request::new(status.level?, status.cause?));
        of(&self.set).or_else(|| of(&self.completion))
    }

    /// Whether the session is over: completed, or aborted with everybody told.
    #[must_use]
    pub fn over(&self) -> bool {
        self.set.phase == Phase::Cancelled
            || matches!(self.completion.phase, Phase::Finished | Phase::Cancelled)
    }
}
