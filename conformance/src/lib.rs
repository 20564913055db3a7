//! What every front of quell must answer, as data.
//!
//! The files beside this crate (`op*.csv`) hold the table of calls and phases,
//! one row for each call on each starting state, written from the document and
//! never printed from the code. This crate reads them ([`load`]) and writes
//! them as a C table ([`c_table`]), so that Rust, C, C++ and each firmware
//! target replay the same rows. The columns are explained at the top of
//! `op.csv`.
//!
//! A row is replayed by building its starting state with public calls, making
//! the call, and comparing everything that anybody can be told afterwards.
//!
//! Beside them: the rows of the dialects ([`dialect`], [`verdict_row`],
//! [`abort_row`]) and the sequences of a backup, of a session ([`sequence`]) and of
//! IVssBackupComponents ([`com_sequence`]), each with the document that it was
//! written from; what a front says of the rows that it
//! replayed ([`front`]), and all of that put together ([`report`]).

pub mod abort_row;
pub mod c_dialects;
pub mod c_table;
pub mod com_sequence;
pub mod dialect;
pub mod front;
pub mod mapping;
mod read;
pub mod report;
mod row;
pub mod sequence;
mod sheet;
pub mod verdict_row;
mod words;

use std::fs;
use std::path::Path;

pub use row::{Argument, Call, Held, Row, Started, State};
pub use sheet::{Place, Placed};

/// A row that says something that no row can say, with its file and line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The file's name.
    pub file: String,
    /// Its line, from 1; 0 where the file as a whole is meant.
    pub line: u64,
    /// What is wrong.
    pub what: String,
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

impl std::error::Error for Malformed {}

/// Every row of every `op*.csv` of the repository.
///
/// # Errors
/// The first row that is malformed, or a file that cannot be read.
pub fn load() -> Result<Vec<Row>, Malformed> {
    load_from(Path::new(env!("CARGO_MANIFEST_DIR")))
}

/// Every row of every `op*.csv` in `directory`, files in the order of their
/// names.
///
/// # Errors
/// As [`load`]; also where there is no such file at all.
pub fn load_from(directory: &Path) -> Result<Vec<Row>, Malformed> {
    let unreadable = |what: std::io::Error| Malformed {
        file: directory.display().to_string(),
        line: 0,
        what: what.to_string(),
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name().to_string_lossy().into_owned();
        if name.starts_with("op") && name.ends_with(".csv") {
            files.push(name);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(unreadable(std::io::Error::other("no file op*.csv")));
    }
    let mut rows = Vec::new();
    for name in files {
        let text = fs::read_to_string(directory.join(&name)).map_err(|error| Malformed {
            file: name.clone(),
            line: 0,
            what: error.to_string(),
        })?;
        parse(&name, &text, &mut rows)?;
    }
    Ok(rows)
}

/// Adds the rows of one file's text to `rows`, whose identifiers may not come
/// again.
///
/// # Errors
/// The first row that is malformed.
pub fn parse(file: &str, text: &str, rows: &mut Vec<Row>) -> Result<(), Malformed> {
    read::file(file, text, rows)
}
