//! From text to rows.

use quell::{Phase, Rights, Verdict};

use crate::Malformed;
use crate::dialect::row::{Asked, By, Dialect, DialectRow, Meanwhile, Null, Value};
use crate::read::{Cells, id};
use crate::row::State;
use crate::sheet::{self, Place};
use crate::words::{self, Read};

/// Where each cell of a row stands.
const COLUMNS: [&str; 24] = [
    "id",
    "source",
    "profile",
    "mode",
    "phase",
    "level",
    "cause",
    "shields",
    "effects",
    "code",
    "by",
    "success",
    "done",
    "total",
    "gate",
    "rights",
    "call",
    "argument",
    "meanwhile",
    "verdict",
    "returns",
    "out",
    "value",
    "then",
];

pub(crate) fn file(file: &str, text: &str, rows: &mut Vec<DialectRow>) -> Result<(), Malformed> {
    let Some(dialect) = Dialect::of_file(file) else {
        let what = "no file of a dialect".to_owned();
        return Err(Malformed { file: file.to_owned(), line: 0, what });
    };
    sheet::read(file, text, &COLUMNS, rows, |place, cells| row(dialect, place, cells))
}

fn row(dialect: Dialect, place: Place, cells: &Cells<'_>) -> Read<DialectRow> {
    let id = cells.of("id", |cell| named(dialect, cell))?;
    let (call, null) = call(dialect, cells)?;
    let before = before(cells)?;
    let row = DialectRow {
        place: Place { id, ..place },
        source: cells.of("source", sheet::source)?,
        dialect,
        profile: cells.of("profile", |cell| profile(dialect, cell))?,
        by: cells.of("by", |cell| by(cell, &before))?,
        before,
        success: cells.of("success", |cell| only(cell, dialect == Dialect::Vds, words::number))?,
        done: cells.of("done", |cell| progress(dialect, cell))?,
        total: cells.of("total", |cell| progress(dialect, cell))?,
        gate: cells.of("gate", |cell| match cell {
            "-" => Ok(None),
            code => words::number(code).map(Some),
        })?,
        rights: cells.of("rights", |cell| match words::rights(cell)? {
            rights if cell != "-" && (rights == Rights::CANCEL || rights == Rights::OBSERVE) => {
                Ok(rights)
            }
            _ => Err(format!("`{cell}` is neither CANCEL nor OBSERVE")),
        })?,
        call,
        null,
        meanwhile: cells.of("meanwhile", |cell| meanwhile(cell, call))?,
        verdict: cells
            .of("verdict", |cell| words::verdict(cell)?.ok_or("a row without one".to_owned()))?,
        returns: cells.of("returns", |cell| {
            let code = sheet::hresult(cell)?;
            if code.is_some() == (call == Asked::Report) {
                return Err("a REPORT returns nothing, and every other call something".to_owned());
            }
            Ok(code)
        })?,
        out: cells.of("out", sheet::hresult)?,
        value: cells.of("value", |cell| value(dialect, call, cell))?,
        then: cells.of("then", words::phase)?,
    };
    agree(&row)?;
    Ok(row)
}

/// What no cell by itself can be blamed for.
fn agree(row: &DialectRow) -> Read<()> {
    let ended = |phase| matches!(phase, Phase::Finished | Phase::Failed | Phase::Cancelled);
    let told = row.verdict != Verdict::Invalid;
    let places = match row.call {
        Asked::Cancel => false,
        Asked::Wait(_) => told && row.dialect == Dialect::Vds,
        Asked::Status | Asked::Report => told,
    };
    if places != row.out.is_some() {
        return Err(format!("out: this call places {}", if places { "one" } else { "none" }));
    }
    if (row.null != Null::Nothing) == told && row.null != Null::Nothing {
        return Err("a null pointer is INVALID".to_owned());
    }
    if row.meanwhile != Meanwhile::Nothing && !ended(row.then) {
        return Err("then: what happens meanwhile ends the operation".to_owned());
    }
    if row.meanwhile != Meanwhile::Nothing && ended(row.before.phase) {
        return Err("meanwhile: it has ended before".to_owned());
    }
    Ok(())
}

fn named(dialect: Dialect, cell: &str) -> Read<String> {
    let id = id(cell)?;
    match id.split_once('/') {
        Some((first, rest)) if first == dialect.name() && !rest.is_empty() => Ok(id),
        _ => Err(format!("`{id}` does not begin with `{}/`", dialect.name())),
    }
}

fn before(cells: &Cells<'_>) -> Read<State> {
    Ok(State {
        generation: 0,
        mode: cells.of("mode", words::mode)?,
        phase: cells.of("phase", words::phase)?,
        level: cells.of("level", words::level)?,
        cause: cells.of("cause", words::cause)?,
        shields: cells.of("shields", words::number)?,
        effects: cells.of("effects", words::effects)?,
        code: cells.of("code", words::number)?,
    })
}

fn profile(dialect: Dialect, cell: &str) -> Read<u32> {
    cell.split('+').try_fold(0, |flags, name| match dialect.profile(name) {
        Some(flag) => Ok(flags | flag),
        None => Err(format!("`{name}` is no profile of {}", dialect.name())),
    })
}

fn by(cell: &str, before: &State) -> Read<By> {
    let by = match cell {
        "-" => By::Nobody,
        "REQUEST" => By::Request,
        "FINISH" => By::Finish,
        "FAIL" => By::Fail,
        "ACKNOWLEDGE" => By::Acknowledge,
        "FORCE" => By::Force,
        _ => return Err(format!("`{cell}` ends no operation")),
    };
    let fits = match before.phase {
        Phase::Vacant | Phase::Pending | Phase::Running | Phase::Committed => by == By::Nobody,
        Phase::Finished => by == By::Finish,
        Phase::Failed => matches!(by, By::Fail | By::Force),
        Phase::Cancelled => matches!(by, By::Request | By::Acknowledge | By::Fail),
    };
    if fits { Ok(by) } else { Err(format!("`{cell}` does not lead to {}", before.phase)) }
}

/// A number where there is to be one, and `-` where not.
fn only<T: Default>(cell: &str, here: bool, read: impl Fn(&str) -> Read<T>) -> Read<T> {
    if here { read(cell) } else { words::nothing(cell, "such cell").map(|()| T::default()) }
}

fn progress(dialect: Dialect, cell: &str) -> Read<u64> {
    only(cell, matches!(dialect, Dialect::Vds | Dialect::Gpm), |cell| {
        cell.parse().map_err(|_| format!("`{cell}` is no number of units"))
    })
}

fn call(dialect: Dialect, cells: &Cells<'_>) -> Read<(Asked, Null)> {
    let name = cells.of("call", |cell| Ok(cell.to_owned()))?;
    let argument = cells.of("argument", |cell| Ok(cell.to_owned()))?;
    let null = match (dialect, name.as_str(), argument.as_str()) {
        (Dialect::Vss | Dialect::Wsb | Dialect::Vds, "STATUS", "NULL_STATUS")
        | (Dialect::Vds, "WAIT", "NULL_STATUS") => Null::Status,
        (Dialect::Vds, "STATUS", "NULL_VALUE") => Null::Value,
        (Dialect::Vds, "WAIT", "NULL_OUTPUT") => Null::Output,
        _ => Null::Nothing,
    };
    let call = match (dialect, name.as_str()) {
        (Dialect::Vss | Dialect::Vds | Dialect::Gpm, "CANCEL") | (Dialect::Wsb, "ABORT") => {
            Asked::Cancel
        }
        (Dialect::Vss | Dialect::Vds, "WAIT") if null != Null::Nothing => Asked::Wait(None),
        (Dialect::Vss | Dialect::Vds, "WAIT") => Asked::Wait(match argument.as_str() {
            "INFINITE" => None,
            limit => Some(words::number(limit).map_err(|what| format!("argument: {what}"))?),
        }),
        (Dialect::Vss | Dialect::Vds | Dialect::Wsb, "STATUS") => Asked::Status,
        (Dialect::Gpm, "REPORT") => Asked::Report,
        _ => return Err(format!("call: `{name}` is no call of {}", dialect.name())),
    };
    if !matches!(call, Asked::Wait(_)) && null == Null::Nothing {
        cells.of("argument", |cell| words::nothing(cell, "argument"))?;
    }
    Ok((call, null))
}

fn meanwhile(cell: &str, call: Asked) -> Read<Meanwhile> {
    let (word, argument) = cell.split_once(' ').unwrap_or((cell, ""));
    let meanwhile = match (word, argument) {
        ("-", "") => Meanwhile::Nothing,
        _ if matches!(call, Asked::Status | Asked::Report) => {
            return Err("this call waits for nothing".to_owned());
        }
        ("FINISH", "") => Meanwhile::Finish,
        ("COMMIT", "") => Meanwhile::Commit,
        ("CANCEL", "") if matches!(call, Asked::Wait(_)) => Meanwhile::Cancel,
        ("FAIL", code) => Meanwhile::Fail(words::number(code)?),
        ("ACKNOWLEDGE", effects) => Meanwhile::Acknowledge(words::effects(effects)?),
        ("FORCE", code) => Meanwhile::Force(words::number(code)?),
        _ => return Err(format!("`{cell}` is nothing that can happen meanwhile")),
    };
    Ok(meanwhile)
}

fn value(dialect: Dialect, call: Asked, cell: &str) -> Read<Value> {
    let number = |cell: &str| cell.parse().map_err(|_| format!("`{cell}` is no number"));
    match (dialect, call) {
        (Dialect::Vds, Asked::Status) if cell != "-" => number(cell).map(Value::Percent),
        (Dialect::Gpm, Asked::Report) => {
            let mut words = cell.split(' ');
            let share = words.next().unwrap_or_default();
            let (numerator, denominator) =
                share.split_once('/').ok_or(format!("`{share}` has no `/`"))?;
            let (mut with_result, mut last) = (false, false);
            for word in words {
                match word {
                    "RESULT" if !with_result && !last => with_result = true,
                    "LAST" if !last => last = true,
                    _ => return Err(format!("`{word}` is neither RESULT nor then LAST")),
                }
            }
            let (numerator, denominator) = (number(numerator)?, number(denominator)?);
            Ok(Value::Report { numerator, denominator, with_result, last })
        }
        _ => words::nothing(cell, "value").map(|()| Value::Nothing),
    }
}
