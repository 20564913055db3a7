//! The words that cells are made of.

use quell::{Cause, Effects, Level, Mode, Phase, Rights, Verdict};

use crate::row::Argument;

/// What a cell says, or why it says nothing.
pub(crate) type Read<T> = Result<T, String>;

/// Finds the value of an enum whose name a cell holds.
fn named<T: Copy>(cell: &str, all: &[T], name: fn(T) -> &'static str, what: &str) -> Read<T> {
    all.iter()
        .copied()
        .find(|value| name(*value) == cell)
        .ok_or_else(|| format!("`{cell}` is no {what}"))
}

pub(crate) fn number(cell: &str) -> Read<u32> {
    let parsed = match cell.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => cell.parse(),
    };
    parsed.map_err(|_| format!("`{cell}` is no number"))
}

pub(crate) fn phase(cell: &str) -> Read<Phase> {
    named(cell, Phase::ALL, Phase::name, "phase")
}

pub(crate) fn effects(cell: &str) -> Read<Effects> {
    named(cell, Effects::ALL, Effects::name, "effects")
}

pub(crate) fn level(cell: &str) -> Read<Option<Level>> {
    if cell == "NONE" {
        return Ok(None);
    }
    named(cell, Level::ALL, Level::name, "level").map(Some)
}

pub(crate) fn cause(cell: &str) -> Read<Option<Cause>> {
    if cell == "NONE" {
        return Ok(None);
    }
    named(cell, Cause::ALL, Cause::name, "cause").map(Some)
}

/// `-` where the call has no verdict.
pub(crate) fn verdict(cell: &str) -> Read<Option<Verdict>> {
    if cell == "-" {
        return Ok(None);
    }
    named(cell, Verdict::ALL, Verdict::name, "verdict").map(Some)
}

/// Flags joined by `+`.
pub(crate) fn mode(cell: &str) -> Read<Mode> {
    let flag = |word| match word {
        "DECISIVE" => Ok(Mode::DECISIVE),
        "BEST_EFFORT" => Ok(Mode::BEST_EFFORT),
        "UNCANCELLABLE" => Ok(Mode::UNCANCELLABLE),
        "GATED" => Ok(Mode::GATED),
        _ => Err(format!("`{word}` is no mode")),
    };
    cell.split('+').try_fold(Mode::DECISIVE, |mode, word| Ok(mode.with(flag(word)?)))
}

/// Rights joined by `+`; `-` for a caller that brings no handle.
pub(crate) fn rights(cell: &str) -> Read<Rights> {
    let right = |word| match word {
        "-" | "OBSERVE" => Ok(Rights::OBSERVE),
        "CANCEL" => Ok(Rights::CANCEL),
        "WORK" => Ok(Rights::WORK),
        "OWN" => Ok(Rights::OWN),
        "ALL" => Ok(Rights::ALL),
        _ => Err(format!("`{word}` is no right")),
    };
    cell.split('+').try_fold(Rights::OBSERVE, |rights, word| Ok(rights.with(right(word)?)))
}

/// An argument that may be a number out of range: a word that `word` knows,
/// which C spells with `prefix`, or a plain number.
pub(crate) fn argument(
    cell: &str,
    prefix: &str,
    word: impl Fn(&str) -> Read<u32>,
) -> Read<Argument> {
    if cell.starts_with(|first: char| first.is_ascii_digit()) {
        let number = number(cell)?;
        return Ok(Argument { number, c: format!("{number:#x}u") });
    }
    let number = word(cell)?;
    let spelled: Vec<String> = cell.split('+').map(|word| format!("{prefix}{word}")).collect();
    Ok(Argument { number, c: spelled.join(" | ") })
}

/// A word for nothing: `-`, and only that.
pub(crate) fn nothing(cell: &str, column: &str) -> Read<()> {
    if cell == "-" { Ok(()) } else { Err(format!("this call has no {column}: `{cell}`")) }
}
