//! From text to rows.

use quell::Effects;

use crate::Malformed;
use crate::mapping::row::{MappingRow, Question, Seen, system_of};
use crate::read::{Cells, id};
use crate::sheet::{self, Place};
use crate::words::{self, Read};

const COLUMNS: [&str; 14] = [
    "id", "source", "call", "profile", "verdict", "code", "phase", "level", "cause", "effects",
    "value", "when", "returns", "with",
];

pub(crate) fn file(file: &str, text: &str, rows: &mut Vec<MappingRow>) -> Result<(), Malformed> {
    let Some(system) = system_of(file) else {
        let what = "no file of a mapping".to_owned();
        return Err(Malformed { file: file.to_owned(), line: 0, what });
    };
    sheet::read(file, text, &COLUMNS, rows, |place, cells| row(system, place, cells))
}

fn row(system: &str, place: Place, cells: &Cells<'_>) -> Read<MappingRow> {
    let question = cells.of("call", |cell| {
        let mut all = Question::ALL.iter().copied();
        all.find(|question| question.system() == system && question.name() == cell)
            .ok_or_else(|| format!("`{cell}` is no call of {system}"))
    })?;
    let (told, seen, valued) = question.takes();
    Ok(MappingRow {
        place: Place { id: cells.of("id", |cell| named(system, cell))?, ..place },
        source: cells.of("source", sheet::source)?,
        question,
        profile: cells.of("profile", |cell| {
            let known = question.profiles().iter().find(|(name, _)| *name == cell);
            known.map(|(_, number)| *number).ok_or_else(|| format!("`{cell}` is no profile"))
        })?,
        verdict: cells.of("verdict", |cell| match words::verdict(cell)? {
            verdict if verdict.is_some() == told => Ok(verdict),
            _ => Err(format!("`{cell}`: this call takes {}", if told { "one" } else { "none" })),
        })?,
        code: cells.of("code", words::number)?,
        seen: seen_of(seen, cells)?,
        value: cells.of("value", |cell| if valued { number(cell) } else { absent(cell) })?,
        after_end: cells.of("when", |cell| match cell {
            "NOW" => Ok(false),
            "AFTER_END" => Ok(true),
            _ => Err(format!("`{cell}` is neither NOW nor AFTER_END")),
        })?,
        returns: cells.of("returns", number)?,
        with: cells.of("with", |cell| if cell == "-" { Ok(0) } else { words::number(cell) })?,
    })
}

fn named(system: &str, cell: &str) -> Read<String> {
    let id = id(cell)?;
    let first = system.replace('_', "-");
    match id.split_once('/') {
        Some((word, rest)) if word == first && !rest.is_empty() => Ok(id),
        _ => Err(format!("`{id}` does not begin with `{first}/`")),
    }
}

fn seen_of(here: bool, cells: &Cells<'_>) -> Read<Option<Seen>> {
    if !here {
        for column in ["phase", "level", "cause", "effects"] {
            cells.of(column, absent)?;
        }
        return Ok(None);
    }
    Ok(Some(Seen {
        phase: cells.of("phase", words::phase)?,
        level: cells.of("level", words::level)?,
        cause: cells.of("cause", words::cause)?,
        effects: cells.of("effects", |cell| -> Read<Effects> { words::effects(cell) })?,
    }))
}

fn absent(cell: &str) -> Read<i64> {
    words::nothing(cell, "such cell").map(|()| 0)
}

/// A number with a sign, or in hexadecimal without one.
fn number(cell: &str) -> Read<i64> {
    match cell.parse() {
        Ok(number) => Ok(number),
        Err(_) => words::number(cell).map(i64::from),
    }
}
