//! One step: who does what, what they are told, and how things stand then.

use quell::dialect::vss_session::WriterState;
use quell::{Cause, Code, Effects, Level, Mode, Notice, Phase, Purpose, Stage, Verdict};

use crate::sheet::{Place, Placed};

/// Who takes the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// A thread of the requester of a session: session (0 or 1), thread (0 or 1).
    Requester(usize, usize),
    /// A writer.
    Writer(usize),
    /// The worker of a session's operation.
    Worker(usize),
    /// The clock.
    Clock,
    /// The provider of the first session.
    Provider,
}

impl Party {
    /// Whose session's stage is looked at after the step.
    #[must_use]
    pub const fn session(self) -> usize {
        match self {
            Self::Requester(session, _) | Self::Worker(session) => session,
            Self::Writer(_) | Self::Clock | Self::Provider => 0,
        }
    }
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the calls are explained in sequences.csv")]
pub enum Act {
    Initialise(Purpose),
    StartSet,
    Prepare,
    PrepareSnapshot,
    Freeze,
    Hold,
    Thaw,
    PostSnapshot,
    Complete,
    Abort,
    Release,
    Snapshot,
    Writer(usize),
    Look,
    AsyncBegin(Mode),
    AsyncCancel,
    AsyncWait(Option<u32>),
    AsyncStatus,
    Linked,
    /// The call whose number in the C table this is has returned.
    Returns(u32),
    Poll,
    Commit,
    Finish,
    Fail(Code),
    Acknowledge(Effects),
    Refuses(Notice, Code),
    Takes(Notice, u32),
    Agrees(Notice),
    Holds(Notice),
    LetsGo(Notice),
    Pass(u32),
    Expire,
    ProviderFails(Code),
}

/// What the party is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Nothing.
    Nothing,
    /// The call has not returned.
    Held,
    /// This.
    Verdict(Verdict),
}

/// What comes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Out {
    /// Nothing.
    Nothing,
    /// ABORT: how many writers were told, are owed, and refused.
    Counts([u32; 3]),
    /// WRITER.
    Writer(WriterState),
    /// LOOK: the set's phase, its cause, the completion's phase.
    Look(Phase, Option<Cause>, Phase),
    /// ASYNC_STATUS.
    Code(u32),
    /// POLL.
    Level(Option<Level>),
    /// LINKED.
    Answer(Verdict),
}

/// Who was told what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// The number of the writer.
    pub writer: usize,
    /// What it was told.
    pub notice: Notice,
}

/// One step of a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceRow {
    /// `sequence/step`, and where it stands.
    pub place: Place,
    /// The document that it comes from.
    pub source: String,
    /// The sequence's name.
    pub sequence: String,
    /// Who.
    pub who: Party,
    /// What.
    pub act: Act,
    /// What they are told.
    pub expected: Expected,
    /// What VSS's method returns.
    pub hresult: Option<u32>,
    /// What comes with it.
    pub out: Out,
    /// The notices since the step before.
    pub told: Vec<Told>,
    /// The stage of the party's session afterwards.
    pub stage: Stage,
    /// Whether a session holds the lock then.
    pub locked: bool,
}

impl Placed for SequenceRow {
    fn place(&self) -> &Place {
        &self.place
    }
}
