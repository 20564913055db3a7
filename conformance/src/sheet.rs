//! A file of rows that begin with a name: what is the same for every kind.

use quell::dialect::vss_session::WriterState;
use quell::{Notice, Purpose, Stage};

use crate::Malformed;
use crate::read::{Cells, line_of_row};
use crate::words::Read;

/// Where a row stands, and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its name, unique among its kind.
    pub id: String,
    /// The file that it stands in.
    pub file: String,
    /// The line that it stands in.
    pub line: u64,
}

/// A row that can say where it stands.
pub trait Placed {
    /// Where.
    fn place(&self) -> &Place;
}

/// Adds the rows of one file's text to `rows`. A column `id` names a row where
/// there is one; else `row` makes the name of other cells.
///
/// # Errors
/// The first row that is malformed; a file without rows.
pub(crate) fn read<T: Placed>(
    file: &str,
    text: &str,
    columns: &[&'static str],
    rows: &mut Vec<T>,
    mut row: impl FnMut(Place, &Cells<'_>) -> Read<T>,
) -> Result<(), Malformed> {
    let malformed = |line, what| Malformed { file: file.to_owned(), line, what };
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text.as_bytes());
    let broken =
        |error: csv::Error| malformed(line_of_row(text, error.position()), error.to_string());
    if reader.headers().map_err(broken)?.iter().ne(columns.iter().copied()) {
        return Err(malformed(0, format!("the columns are not {}", columns.join(", "))));
    }
    let before = rows.len();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let line = line_of_row(text, record.position());
        if record.len() != columns.len() {
            let what = format!("{} cells, not {}", record.len(), columns.len());
            return Err(malformed(line, what));
        }
        let cells = Cells(columns.iter().copied().zip(record.iter()).collect());
        let place = Place { id: String::new(), file: file.to_owned(), line };
        let read = row(place, &cells).map_err(|what| malformed(line, what))?;
        let id = &read.place().id;
        if let Some(first) = rows.iter().map(Placed::place).find(|earlier| earlier.id == *id) {
            let what = format!("id: `{id}` stands at {}:{} too", first.file, first.line);
            return Err(malformed(line, what));
        }
        rows.push(read);
    }
    if rows.len() == before {
        return Err(malformed(0, "no rows".to_owned()));
    }
    Ok(())
}

/// Every row of every file of this kind in the repository: those whose names
/// `is_one` takes, in the order of their names.
///
/// # Errors
/// As [`read`]; where a file cannot be read, or there is none.
pub(crate) fn load<T>(
    is_one: impl Fn(&str) -> bool,
    parse: impl Fn(&str, &str, &mut Vec<T>) -> Result<(), Malformed>,
) -> Result<Vec<T>, Malformed> {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let unreadable = |file: &str, what: std::io::Error| Malformed {
        file: file.to_owned(),
        line: 0,
        what: what.to_string(),
    };
    let here = directory.display().to_string();
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(|error| unreadable(&here, error))? {
        let entry = entry.map_err(|error| unreadable(&here, error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_one(&name) {
            files.push(name);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(unreadable(&here, std::io::Error::other("no such file of rows")));
    }
    let mut rows = Vec::new();
    for name in files {
        let text = std::fs::read_to_string(directory.join(&name))
            .map_err(|error| unreadable(&name, error))?;
        parse(&name, &text, &mut rows)?;
    }
    Ok(rows)
}

/// Where an answer comes from: a document, or quell.
pub(crate) fn source(cell: &str) -> Read<String> {
    match cell.split_once(": ") {
        Some(("D" | "S" | "I" | "O" | "choice", place)) if !place.is_empty() => Ok(cell.to_owned()),
        _ => Err(format!("`{cell}` is neither `D: …`, `S: …`, `I: …`, `O: …` nor `choice: …`")),
    }
}

/// A result code, in full; `-` where there is none.
pub(crate) fn hresult(cell: &str) -> Read<Option<u32>> {
    match cell.strip_prefix("0x") {
        Some(digits) if digits.len() == 8 => u32::from_str_radix(digits, 16)
            .map(Some)
            .map_err(|_| format!("`{cell}` is no result code")),
        None if cell == "-" => Ok(None),
        _ => Err(format!("`{cell}` is no result code of eight digits, nor `-`")),
    }
}

/// `SetStarted` as a cell writes it: `SET_STARTED`.
fn shouted(name: &str) -> String {
    let mut out = String::new();
    for (place, letter) in name.chars().enumerate() {
        if letter.is_ascii_uppercase() && place > 0 {
            out.push('_');
        }
        out.push(letter.to_ascii_uppercase());
    }
    out
}

/// The cells' word for a value of an enum that has no names of its own.
pub(crate) fn word(value: impl std::fmt::Debug) -> String {
    shouted(&format!("{value:?}"))
}

fn one_of<T: Copy + std::fmt::Debug>(cell: &str, all: &[T], what: &str) -> Read<T> {
    let found = all.iter().copied().find(|value| word(value) == cell);
    found.ok_or_else(|| format!("`{cell}` is no {what}"))
}

pub(crate) fn stage(cell: &str) -> Read<Stage> {
    one_of(cell, Stage::ALL, "stage")
}

pub(crate) fn purpose(cell: &str) -> Read<Purpose> {
    one_of(cell, Purpose::ALL, "purpose")
}

pub(crate) fn notice(cell: &str) -> Read<Notice> {
    one_of(cell, Notice::ALL, "notice")
}

pub(crate) fn writer_state(cell: &str) -> Read<WriterState> {
    use WriterState as W;
    let all = [
        W::Unknown,
        W::Stable,
        W::WaitingForFreeze,
        W::WaitingForThaw,
        W::WaitingForPostSnapshot,
        W::WaitingForBackupComplete,
        W::FailedAtIdentify,
        W::FailedAtPrepareBackup,
        W::FailedAtPrepareSnapshot,
        W::FailedAtFreeze,
        W::FailedAtThaw,
        W::FailedAtPostSnapshot,
        W::FailedAtBackupComplete,
        W::FailedAtPreRestore,
        W::FailedAtPostRestore,
        W::FailedAtBackupShutdown,
    ];
    one_of(cell, &all, "state of a writer")
}

pub(crate) fn locked(cell: &str) -> Read<bool> {
    match cell {
        "HELD" => Ok(true),
        "FREE" => Ok(false),
        _ => Err(format!("`{cell}` is neither HELD nor FREE")),
    }
}
