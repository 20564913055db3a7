//! The rows as a C header, for programs that cannot read files: integers in a
//! constant table, so that it lies in flash and takes no memory.

use std::fmt::Write as _;

use quell::{Cause, Level, Mode, Rights, Verdict};

use crate::row::{Argument, Call, Row, Started, State};

const CALLS: [&str; 14] = [
    "ARM",
    "START",
    "CANCEL",
    "POLL",
    "WORKER_POLL",
    "STATUS",
    "SHIELD",
    "UNSHIELD",
    "COMMIT",
    "FINISH",
    "FAIL",
    "ACKNOWLEDGE",
    "FORCE",
    "RETIRE",
];

const HEAD: &str = "\
/* Generated from conformance/op*.csv: edit there. One row is one call. */
#ifndef QUELL_CONFORMANCE_TABLE_H
#define QUELL_CONFORMANCE_TABLE_H

#include <stdint.h>

#include \"quell.h\"

/* No verdict, of a poll; no gate; no worker whose poll could be asked. */
#define CONFORMANCE_NOTHING 255u

";

const TYPES: &str = "
typedef struct {
    uint32_t code;
    uint8_t mode, phase, level, cause, shields, effects;
} conformance_state;

typedef struct {
    const char *id;
    conformance_state before, after;
    /* Mode, level, effects or code; and the cause that goes with a level. */
    uint32_t argument, cause;
    /* What the gate answers; what comes with the verdict. */
    uint32_t gate, answer;
    /* Lives before this one; lives that the caller's handle has outlived; the
     * generation after the call. */
    uint16_t life, age, generation;
    uint8_t call, rights, gated, verdict, asked, poll, worker;
} conformance_row;

";

/// The text of the header.
#[must_use]
pub fn text(rows: &[Row]) -> String {
    let mut out = HEAD.to_owned();
    for (number, name) in CALLS.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "#define CONFORMANCE_{name} {number}u");
    }
    out.push_str(TYPES);
    let _ = writeln!(out, "#define CONFORMANCE_ROWS {}u", rows.len());
    out.push_str("static const conformance_row conformance_rows[CONFORMANCE_ROWS] = {\n");
    for row in rows {
        write_row(&mut out, row);
    }
    out.push_str("};\n\n#endif\n");
    out
}

fn write_row(out: &mut String, row: &Row) {
    let (name, argument, cause) = call(&row.call);
    let _ = writeln!(
        out,
        "    {{\"{}\", {}, {},\n     {}, {}, {:#x}u, {:#x}u, {}u, {}u, {}u,\n     \
         CONFORMANCE_{name}, {}, {}, {}, {}u, {}, {}}},",
        row.id,
        state(&row.before),
        state(&row.after),
        spelled(argument),
        spelled(cause),
        row.held.gate.unwrap_or(0),
        row.answer,
        row.life,
        row.held.age,
        row.after.generation,
        rights(row.held.rights),
        if row.held.gate.is_some() { "1u" } else { "CONFORMANCE_NOTHING" },
        row.verdict.map_or_else(nothing, |verdict| format!("QUELL_{}", Verdict::name(verdict))),
        row.asked,
        level(row.poll),
        match row.worker {
            Started::Nobody => nothing(),
            Started::Sees(seen) => level(seen),
        },
    );
}

fn spelled(argument: Option<&Argument>) -> &str {
    argument.map_or("0u", |argument| &argument.c)
}

fn nothing() -> String {
    "CONFORMANCE_NOTHING".to_owned()
}

fn state(state: &State) -> String {
    format!(
        "{{{:#x}u, {}, QUELL_PHASE_{}, {}, QUELL_CAUSE_{}, {}u, QUELL_EFFECTS_{}}}",
        state.code,
        mode(state.mode),
        state.phase,
        level(state.level),
        state.cause.map_or("NONE", Cause::name),
        state.shields,
        state.effects,
    )
}

pub(crate) fn level(level: Option<Level>) -> String {
    format!("QUELL_LEVEL_{}", level.map_or("NONE", Level::name))
}

pub(crate) fn mode(mode: Mode) -> String {
    let flags = [
        (Mode::BEST_EFFORT, "QUELL_MODE_BEST_EFFORT"),
        (Mode::UNCANCELLABLE, "QUELL_MODE_UNCANCELLABLE"),
        (Mode::GATED, "QUELL_MODE_GATED"),
    ];
    joined(&flags, |flag| mode.contains(flag), "QUELL_MODE_DECISIVE")
}

fn rights(rights: Rights) -> String {
    let each = [
        (Rights::CANCEL, "QUELL_RIGHT_CANCEL"),
        (Rights::WORK, "QUELL_RIGHT_WORK"),
        (Rights::OWN, "QUELL_RIGHT_OWN"),
    ];
    joined(&each, |right| rights.contains(right), "QUELL_RIGHT_OBSERVE")
}

fn joined<T: Copy>(names: &[(T, &str)], has: impl Fn(T) -> bool, none: &str) -> String {
    let held: Vec<&str> =
        names.iter().filter(|(flag, _)| has(*flag)).map(|(_, name)| *name).collect();
    if held.is_empty() { none.to_owned() } else { held.join(" | ") }
}

fn call(call: &Call) -> (&'static str, Option<&Argument>, Option<&Argument>) {
    match call {
        Call::Arm { mode } => ("ARM", Some(mode), None),
        Call::Start => ("START", None, None),
        Call::Cancel { level, cause } => ("CANCEL", Some(level), Some(cause)),
        Call::Poll => ("POLL", None, None),
        Call::WorkerPoll => ("WORKER_POLL", None, None),
        Call::Status => ("STATUS", None, None),
        Call::Shield => ("SHIELD", None, None),
        Call::Unshield => ("UNSHIELD", None, None),
        Call::Commit => ("COMMIT", None, None),
        Call::Finish => ("FINISH", None, None),
        Call::Fail { code } => ("FAIL", Some(code), None),
        Call::Acknowledge { effects } => ("ACKNOWLEDGE", Some(effects), None),
        Call::Force { code } => ("FORCE", Some(code), None),
        Call::Retire => ("RETIRE", None, None),
    }
}
