//! From text to rows.

use std::collections::HashMap;

use quell::{Cause, Level};

use crate::Malformed;
use crate::row::{Argument, Call, Held, Row, Started, State};
use crate::words::{self, Read};

/// Where each cell of a row stands.
const COLUMNS: [&str; 22] = [
    "id", "source", "life", "mode", "phase", "level", "cause", "shields", "effects", "code",
    "call", "argument", "for", "age", "rights", "gate", "verdict", "answer", "asked", "poll",
    "worker", "then",
];

/// The life after which the generations begin again.
const GENERATIONS: u32 = 32768;

/// The cells of one row by the names of their columns.
pub(crate) struct Cells<'a>(pub(crate) HashMap<&'static str, &'a str>);

impl Cells<'_> {
    pub(crate) fn of<T>(&self, column: &str, read: impl FnOnce(&str) -> Read<T>) -> Read<T> {
        let cell = self.0.get(column).copied().unwrap_or_default();
        read(cell).map_err(|what| format!("{column}: {what}"))
    }
}

pub(crate) fn file(file: &str, text: &str, rows: &mut Vec<Row>) -> Result<(), Malformed> {
    let malformed = |line, what| Malformed { file: file.to_owned(), line, what };
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text.as_bytes());
    let broken =
        |error: csv::Error| malformed(line_of_row(text, error.position()), error.to_string());
    if reader.headers().map_err(broken)?.iter().ne(COLUMNS) {
        return Err(malformed(0, format!("the columns are not {}", COLUMNS.join(", "))));
    }
    let before = rows.len();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let line = line_of_row(text, record.position());
        if record.len() != COLUMNS.len() {
            let what = format!("{} cells, not {}", record.len(), COLUMNS.len());
            return Err(malformed(line, what));
        }
        let cells = Cells(COLUMNS.into_iter().zip(record.iter()).collect());
        let row = row(file, line, &cells).map_err(|what| malformed(line, what))?;
        if let Some(first) = rows.iter().find(|earlier| earlier.id == row.id) {
            let what = format!("id: `{}` stands at {}:{} too", row.id, first.file, first.line);
            return Err(malformed(line, what));
        }
        rows.push(row);
    }
    if rows.len() == before {
        return Err(malformed(0, "no rows".to_owned()));
    }
    Ok(())
}

/// The reader's position of a row is before the blank lines and the comments
/// that it skipped on the way to it.
pub(crate) fn line_of_row(text: &str, position: Option<&csv::Position>) -> u64 {
    let from = position.map_or(0, csv::Position::line);
    let skipped = text
        .lines()
        .skip(usize::try_from(from).unwrap_or(0).saturating_sub(1))
        .take_while(|line| line.trim().is_empty() || line.starts_with('#'));
    skipped.fold(from, |line, _| line.saturating_add(1))
}

fn row(file: &str, line: u64, cells: &Cells<'_>) -> Read<Row> {
    let life = cells.of("life", words::number)?;
    let before = State {
        generation: life % GENERATIONS,
        mode: cells.of("mode", words::mode)?,
        phase: cells.of("phase", words::phase)?,
        level: cells.of("level", words::level)?,
        cause: cells.of("cause", words::cause)?,
        shields: cells.of("shields", words::number)?,
        effects: cells.of("effects", words::effects)?,
        code: cells.of("code", words::number)?,
    };
    let call = call(cells)?;
    let held = Held {
        age: cells.of("age", |cell| age(cell, life, &call))?,
        rights: cells.of("rights", words::rights)?,
        gate: cells.of("gate", |cell| match cell {
            "-" => Ok(None),
            code => words::number(code).map(Some),
        })?,
    };
    Ok(Row {
        id: cells.of("id", id)?,
        file: file.to_owned(),
        line,
        source: cells.of("source", source)?,
        life,
        before,
        held,
        verdict: cells.of("verdict", words::verdict)?,
        answer: cells.of("answer", |cell| answer(cell, &call))?,
        asked: cells.of("asked", words::number)?,
        after: cells.of("then", |cell| then(cell, before))?,
        poll: cells.of("poll", words::level)?,
        worker: cells.of("worker", |cell| match cell {
            "-" => Ok(Started::Nobody),
            level => words::level(level).map(Started::Sees),
        })?,
        call,
    })
}

/// What a C string literal can hold without a second thought.
pub(crate) fn id(cell: &str) -> Read<String> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "./-".contains(letter);
    match cell {
        "" => Err("a row without a name".to_owned()),
        name if name.chars().all(plain) => Ok(name.to_owned()),
        name => Err(format!("`{name}` has a letter other than a-z 0-9 . / -")),
    }
}

fn source(cell: &str) -> Read<String> {
    match cell.split_once(": ") {
        Some(("table" | "text" | "fact" | "choice", place)) if !place.is_empty() => {
            Ok(cell.to_owned())
        }
        _ => Err(format!("`{cell}` is neither `table: …`, `text: …`, `fact: …` nor `choice: …`")),
    }
}

/// Arm and the op's poll are handed only the op; everyone else holds something
/// of some age.
fn age(cell: &str, life: u32, call: &Call) -> Read<u32> {
    if matches!(call, Call::Arm { .. } | Call::Poll) {
        return words::nothing(cell, "age").map(|()| 0);
    }
    match words::number(cell)? {
        age if age <= life => Ok(age),
        age => Err(format!("{age} lives old in life {life}")),
    }
}

fn answer(cell: &str, call: &Call) -> Read<u32> {
    match call {
        Call::Cancel { .. } => words::number(cell),
        Call::Poll | Call::WorkerPoll | Call::Unshield => {
            words::level(cell).map(|level| level.map_or(0, Level::raw))
        }
        _ => words::nothing(cell, "answer").map(|()| 0),
    }
}

fn call(cells: &Cells<'_>) -> Read<Call> {
    let code = |cell: &str| words::argument(cell, "", words::number);
    let level_number = |cell: &str| Ok(words::level(cell)?.map_or(0, Level::raw));
    let cause_number = |cell: &str| Ok(words::cause(cell)?.map_or(0, Cause::raw));
    let name = cells.of("call", |cell| Ok(cell.to_owned()))?;
    let bare =
        |call: Call| cells.of("argument", |cell| words::nothing(cell, "argument")).map(|()| call);
    let with = |read: &dyn Fn(&str) -> Read<Argument>| cells.of("argument", read);
    let call = match name.as_str() {
        "ARM" => Ok(Call::Arm {
            mode: with(&|cell| {
                words::argument(cell, "QUELL_MODE_", |cell| Ok(words::mode(cell)?.raw()))
            })?,
        }),
        "START" => bare(Call::Start),
        "CANCEL" => Ok(Call::Cancel {
            level: with(&|cell| words::argument(cell, "QUELL_LEVEL_", level_number))?,
            cause: cells.of("for", |cell| words::argument(cell, "QUELL_CAUSE_", cause_number))?,
        }),
        "POLL" => bare(Call::Poll),
        "WORKER_POLL" => bare(Call::WorkerPoll),
        "STATUS" => bare(Call::Status),
        "SHIELD" => bare(Call::Shield),
        "UNSHIELD" => bare(Call::Unshield),
        "COMMIT" => bare(Call::Commit),
        "FINISH" => bare(Call::Finish),
        "FAIL" => Ok(Call::Fail { code: with(&code)? }),
        "ACKNOWLEDGE" => Ok(Call::Acknowledge {
            effects: with(&|cell| {
                words::argument(cell, "QUELL_EFFECTS_", |cell| Ok(words::effects(cell)?.raw()))
            })?,
        }),
        "FORCE" => Ok(Call::Force { code: with(&code)? }),
        "RETIRE" => bare(Call::Retire),
        other => Err(format!("call: `{other}` is no call")),
    }?;
    if !matches!(call, Call::Cancel { .. }) {
        cells.of("for", |cell| words::nothing(cell, "cause"))?;
    }
    Ok(call)
}

/// The changes that a row lists, applied; `-` where nothing changes. A change
/// to what is already so is an error in the row.
fn then(cell: &str, before: State) -> Read<State> {
    let mut after = before;
    if cell == "-" {
        return Ok(after);
    }
    for change in cell.split_whitespace() {
        let unchanged = after;
        let (column, value) = change.split_once('=').ok_or(format!("`{change}` has no `=`"))?;
        match column {
            "generation" => after.generation = words::number(value)?,
            "mode" => after.mode = words::mode(value)?,
            "phase" => after.phase = words::phase(value)?,
            "level" => after.level = words::level(value)?,
            "cause" => after.cause = words::cause(value)?,
            "shields" => after.shields = words::number(value)?,
            "effects" => after.effects = words::effects(value)?,
            "code" => after.code = words::number(value)?,
            other => return Err(format!("`{other}` is no part of the state")),
        }
        if after == unchanged {
            return Err(format!("`{change}` changes nothing"));
        }
    }
    if after == before { Err("nothing changes: write `-`".to_owned()) } else { Ok(after) }
}
