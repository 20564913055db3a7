//! The rows of `dialect-verdicts.csv`: what each dialect makes of a verdict.

use quell::Verdict;

use crate::Malformed;
use crate::read::{Cells, id};
use crate::sheet::{self, Place, Placed};
use crate::words::{self, Read};

/// The columns that each hold a dialect's answer, in their order.
pub const CODES: [&str; 15] = [
    "vss",
    "vss-vista",
    "vss-2003",
    "vss-revert",
    "vds",
    "vds-vista-clean",
    "wsb",
    "gpm",
    "abort",
    "abort-vista",
    "verb",
    "verb-vista",
    "vss-wait",
    "vss-wait-vista",
    "vds-wait",
];

const NAMES: [&str; 4] = ["id", "source", "verdict", "code"];

/// What a call that was told so returns in each dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerdictRow {
    /// Its name and where it stands.
    pub place: Place,
    /// The documents.
    pub source: String,
    /// What quell said.
    pub verdict: Verdict,
    /// The code that came with it.
    pub code: u32,
    /// What is returned, in the order of [`CODES`]; nothing where the call waits
    /// for the end first.
    pub returns: [Option<u32>; 15],
}

impl Placed for VerdictRow {
    fn place(&self) -> &Place {
        &self.place
    }
}

/// Every row of the repository's `dialect-verdicts.csv`.
///
/// # Errors
/// The first row that is malformed, or a file that cannot be read.
pub fn load() -> Result<Vec<VerdictRow>, Malformed> {
    sheet::load(|name| name == "dialect-verdicts.csv", parse)
}

/// Adds the rows of one file's text to `rows`.
///
/// # Errors
/// The first row that is malformed.
pub fn parse(file: &str, text: &str, rows: &mut Vec<VerdictRow>) -> Result<(), Malformed> {
    let columns: Vec<&'static str> = NAMES.into_iter().chain(CODES).collect();
    sheet::read(file, text, &columns, rows, row)
}

fn row(place: Place, cells: &Cells<'_>) -> Read<VerdictRow> {
    let mut returns = [None; 15];
    for (code, column) in returns.iter_mut().zip(CODES) {
        *code = cells.of(column, |cell| match cell {
            "AFTER_END" => Ok(None),
            code => {
                sheet::hresult(code)?.ok_or("every call returns something".to_owned()).map(Some)
            }
        })?;
    }
    Ok(VerdictRow {
        place: Place { id: cells.of("id", id)?, ..place },
        source: cells.of("source", sheet::source)?,
        verdict: cells
            .of("verdict", |cell| words::verdict(cell)?.ok_or("a row without one".to_owned()))?,
        code: cells.of("code", words::number)?,
        returns,
    })
}
