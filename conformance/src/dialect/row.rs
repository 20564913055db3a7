//! One row: an operation, a call of a dialect on it, and what everybody is told.

use quell::dialect::{vds, vss, wsb};
use quell::{Effects, Phase, Rights, Verdict};

use crate::row::State;
use crate::sheet::{Place, Placed};

/// Whose call it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the system of its name")]
pub enum Dialect {
    Vss,
    Vds,
    Wsb,
    Gpm,
}

impl Dialect {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Vss, Self::Vds, Self::Wsb, Self::Gpm];

    /// Its name in the names of files and rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Vss => "vss",
            Self::Vds => "vds",
            Self::Wsb => "wsb",
            Self::Gpm => "gpm",
        }
    }

    /// The dialect whose rows stand in the file of this name.
    #[must_use]
    pub fn of_file(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| name == format!("dialect-{}.csv", dialect.name()))
    }

    /// The flags of this profile's name.
    #[must_use]
    pub fn profile(self, name: &str) -> Option<u32> {
        Some(match (self, name) {
            (Self::Vss, "WINDOWS_7") => vss::Profile::WINDOWS_7.raw(),
            (Self::Vss, "WINDOWS_VISTA") => vss::Profile::WINDOWS_VISTA.raw(),
            (Self::Vss, "WINDOWS_SERVER_2003") => vss::Profile::WINDOWS_SERVER_2003.raw(),
            (Self::Vss, "REVERT") => vss::Profile::REVERT.raw(),
            (Self::Vds, "DEFAULT") => vds::Profile::DEFAULT.raw(),
            (Self::Vds, "VISTA_BASIC_CLEAN") => vds::Profile::VISTA_BASIC_CLEAN.raw(),
            (Self::Vds, "UNKNOWN_IS_MINUS_ONE") => vds::Profile::UNKNOWN_IS_MINUS_ONE.raw(),
            (Self::Wsb, "CURRENT") => wsb::Profile::CURRENT.raw(),
            (Self::Wsb, "DOCUMENTED") => wsb::Profile::DOCUMENTED.raw(),
            (Self::Gpm, "-") => 0,
            _ => return None,
        })
    }
}

/// Who ended the operation before the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// It has not ended.
    Nobody,
    /// A request, before it was started.
    Request,
    /// The worker's `finish`.
    Finish,
    /// The worker's `fail`.
    Fail,
    /// The worker's `acknowledge`.
    Acknowledge,
    /// Its owner's `force`.
    Force,
}

/// The call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// `Cancel`, and WSB's `Abort`.
    Cancel,
    /// `Wait`, for so many milliseconds; without a number, for ever.
    Wait(Option<u32>),
    /// `QueryStatus`.
    Status,
    /// What GPM's `Status` is told.
    Report,
}

/// The pointer that is null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Null {
    /// None.
    Nothing,
    /// The one for the result code.
    Status,
    /// The one for VDS's percent.
    Value,
    /// The one for VDS's output.
    Output,
}

/// What happens to the operation while the caller waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meanwhile {
    /// Nothing: the call returns all the same.
    Nothing,
    /// The worker finishes.
    Finish,
    /// The worker passes its commit point, then finishes.
    Commit,
    /// The worker fails with this code.
    Fail(u32),
    /// The worker has undone its work so far.
    Acknowledge(Effects),
    /// The owner ends it with this code.
    Force(u32),
    /// Another requester cancels it; the worker has undone everything.
    Cancel,
}

/// What goes with the result code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Nothing,
    /// VDS: percent.
    Percent(i32),
    /// GPM: how much is done, and what goes with it.
    Report {
        /// Units done.
        numerator: i32,
        /// Units in all.
        denominator: i32,
        /// Whether the result goes with it.
        with_result: bool,
        /// Whether no report follows.
        last: bool,
    },
}

/// One row of a dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialectRow {
    /// Its name and where it stands.
    pub place: Place,
    /// The document that it comes from.
    pub source: String,
    /// Whose call it is.
    pub dialect: Dialect,
    /// The flags of the profile.
    pub profile: u32,
    /// The operation before the call.
    pub before: State,
    /// Who ended it.
    pub by: By,
    /// What its worker finished with, where that is told.
    pub success: u32,
    /// Units done.
    pub done: u64,
    /// Units in all; zero where that is not known.
    pub total: u64,
    /// What the caller's gate answers, if it brings one.
    pub gate: Option<u32>,
    /// The rights of the caller's handle.
    pub rights: Rights,
    /// The call.
    pub call: Asked,
    /// The pointer that is null.
    pub null: Null,
    /// What happens while the caller waits.
    pub meanwhile: Meanwhile,
    /// What quell says.
    pub verdict: Verdict,
    /// What the call returns.
    pub returns: Option<u32>,
    /// The result code that is placed, or told.
    pub out: Option<u32>,
    /// What goes with it.
    pub value: Value,
    /// The operation's phase after the call.
    pub then: Phase,
}

impl Placed for DialectRow {
    fn place(&self) -> &Place {
        &self.place
    }
}
