//! The rows of `dialect-abort.csv`: AbortBackup in every state of a backup.

use quell::dialect::vss_session::WriterState;
use quell::{Purpose, Stage, Verdict};

use crate::Malformed;
use crate::dialect::Dialect;
use crate::read::{Cells, id};
use crate::sheet::{self, Place, Placed};
use crate::words::{self, Read};

/// How many writers a session of the rows has.
pub const WRITERS: usize = 3;

const COLUMNS: [&str; 14] = [
    "id", "source", "profile", "purpose", "state", "verdict", "returns", "told", "owed", "goes-on",
    "snapshot", "writers", "linked", "lock",
];

/// How far the session has come when AbortBackup is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// This stage; where writers are told something in it, writer 1 is being
    /// told so at this moment.
    Stage(Stage),
    /// Prepared, without writer 1, which refused.
    PrepareFailed,
    /// Writer 1 refused to freeze.
    Vetoed,
    /// Writer 1 took too long to freeze.
    TimedOut,
    /// Writes were held for too long.
    HoldDropped,
    /// The provider failed while writes were held.
    ProviderFailed,
    /// The requester has aborted it.
    Aborted,
}

impl Reached {
    /// The number of it in the C table: a stage's own, or one beyond them.
    #[must_use]
    pub const fn raw(self) -> u32 {
        match self {
            Self::Stage(stage) => stage.raw(),
            Self::PrepareFailed => 32,
            Self::Vetoed => 33,
            Self::TimedOut => 34,
            Self::HoldDropped => 35,
            Self::ProviderFailed => 36,
            Self::Aborted => 37,
        }
    }
}

/// One AbortBackup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbortRow {
    /// Its name and where it stands.
    pub place: Place,
    /// The document that it comes from.
    pub source: String,
    /// The flags of VSS's profile.
    pub profile: u32,
    /// What the session was initialised for.
    pub purpose: Purpose,
    /// How far it has come.
    pub state: Reached,
    /// What the call is told.
    pub verdict: Verdict,
    /// What it returns.
    pub returns: u32,
    /// The writers that it tells, one bit for each.
    pub told: u32,
    /// The writers that are told soon, one bit for each.
    pub owed: u32,
    /// What the method underway, or the next one, returns.
    pub goes_on: u32,
    /// How DoSnapshotSet's operation has ended, if it has begun.
    pub snapshot: Option<u32>,
    /// The state of each writer afterwards; none of a session without writers.
    pub writers: Option<[WriterState; WRITERS]>,
    /// What the linked operation said to the session.
    pub linked: Option<Verdict>,
    /// Whether others are locked out afterwards.
    pub locked: bool,
}

impl Placed for AbortRow {
    fn place(&self) -> &Place {
        &self.place
    }
}

/// Every row of the repository's `dialect-abort.csv`.
///
/// # Errors
/// The first row that is malformed, or a file that cannot be read.
pub fn load() -> Result<Vec<AbortRow>, Malformed> {
    sheet::load(|name| name == "dialect-abort.csv", parse)
}

/// Adds the rows of one file's text to `rows`.
///
/// # Errors
/// The first row that is malformed.
pub fn parse(file: &str, text: &str, rows: &mut Vec<AbortRow>) -> Result<(), Malformed> {
    sheet::read(file, text, &COLUMNS, rows, row)
}

fn row(place: Place, cells: &Cells<'_>) -> Read<AbortRow> {
    let code = |cell: &str| sheet::hresult(cell)?.ok_or("every call returns something".to_owned());
    let purpose = cells.of("purpose", sheet::purpose)?;
    Ok(AbortRow {
        place: Place { id: cells.of("id", id)?, ..place },
        source: cells.of("source", sheet::source)?,
        profile: cells.of("profile", |cell| {
            Dialect::Vss.profile(cell).ok_or(format!("`{cell}` is no profile of vss"))
        })?,
        purpose,
        state: cells.of("state", reached)?,
        verdict: cells
            .of("verdict", |cell| words::verdict(cell)?.ok_or("a row without one".to_owned()))?,
        returns: cells.of("returns", code)?,
        told: cells.of("told", writers)?,
        owed: cells.of("owed", writers)?,
        goes_on: cells.of("goes-on", code)?,
        snapshot: cells.of("snapshot", sheet::hresult)?,
        writers: cells.of("writers", |cell| match (cell, purpose) {
            ("-", Purpose::BackupAlone) => Ok(None),
            (states, _) => writer_states(states).map(Some),
        })?,
        linked: cells.of("linked", words::verdict)?,
        locked: cells.of("lock", sheet::locked)?,
    })
}

fn reached(cell: &str) -> Read<Reached> {
    Ok(match cell {
        "PREPARE_FAILED" => Reached::PrepareFailed,
        "VETOED" => Reached::Vetoed,
        "TIMED_OUT" => Reached::TimedOut,
        "HOLD_DROPPED" => Reached::HoldDropped,
        "PROVIDER_FAILED" => Reached::ProviderFailed,
        "ABORTED" => Reached::Aborted,
        stage => Reached::Stage(sheet::stage(stage)?),
    })
}

fn writers(cell: &str) -> Read<u32> {
    if cell == "-" {
        return Ok(0);
    }
    cell.split(' ').try_fold(0, |told, writer| match writer {
        "0" if told == 0 => Ok(1),
        "1" if told < 2 => Ok(told | 2),
        "2" if told < 4 => Ok(told | 4),
        _ => Err(format!("`{cell}` does not name writers in their order")),
    })
}

fn writer_states(cell: &str) -> Read<[WriterState; WRITERS]> {
    let states: Vec<WriterState> = cell.split(' ').map(sheet::writer_state).collect::<Read<_>>()?;
    states.try_into().map_err(|_| format!("`{cell}` is not the state of {WRITERS} writers"))
}
