//! The rows as a constant table of C.

use std::fmt::Write as _;

use quell::{Effects, Rights};

use crate::c_table::{level, mode};
use crate::dialect::row::{Asked, By, Dialect, DialectRow, Meanwhile, Null, Value};
use crate::sheet::Placed as _;

const TYPES: &str = "\
enum {
    CONFORMANCE_VSS, CONFORMANCE_VDS, CONFORMANCE_WSB, CONFORMANCE_GPM
};
/* The call. CANCEL is WSB's Abort too; it requests IMMEDIATE for USER. */
enum {
    CONFORMANCE_ASK_CANCEL, CONFORMANCE_ASK_WAIT, CONFORMANCE_ASK_STATUS,
    CONFORMANCE_ASK_REPORT
};
/* The pointer that is null. */
enum {
    CONFORMANCE_NULL_NOTHING, CONFORMANCE_NULL_STATUS, CONFORMANCE_NULL_VALUE,
    CONFORMANCE_NULL_OUTPUT
};
/* Who ended the operation before the call. */
enum {
    CONFORMANCE_BY_NOBODY, CONFORMANCE_BY_REQUEST, CONFORMANCE_BY_FINISH,
    CONFORMANCE_BY_FAIL, CONFORMANCE_BY_ACKNOWLEDGE, CONFORMANCE_BY_FORCE
};
/* What happens once the caller waits; a worker starts the operation first
 * where nobody has. COMMIT: and then finish. CANCEL: another requester's, which
 * the worker acknowledges with QUELL_EFFECTS_NONE. */
enum {
    CONFORMANCE_MEANWHILE_NOTHING, CONFORMANCE_MEANWHILE_FINISH,
    CONFORMANCE_MEANWHILE_COMMIT, CONFORMANCE_MEANWHILE_FAIL,
    CONFORMANCE_MEANWHILE_ACKNOWLEDGE, CONFORMANCE_MEANWHILE_FORCE,
    CONFORMANCE_MEANWHILE_CANCEL
};

typedef struct {
    const char *id;
    /* Progress; a total of 0 is not known. */
    uint64_t done, total;
    uint32_t profile;
    /* The operation's own code, and what its worker finished with. */
    uint32_t code, success;
    /* What the gate answers, where `gated`. */
    uint32_t gate;
    /* WAIT: milliseconds, 0xFFFFFFFF for ever. */
    uint32_t limit;
    /* Effects or a code. */
    uint32_t meanwhile_argument;
    /* What is returned; what is placed, or told to Status, where `places`. */
    uint32_t returns, out;
    /* VDS: percent; GPM: numerator and denominator. */
    int32_t value, denominator;
    uint8_t dialect, mode, phase, level, cause, shields, effects, by;
    uint8_t gated, rights, call, null_pointer, meanwhile;
    uint8_t verdict, places, valued, with_result, last, then;
} conformance_dialect_row;

";

/// The part of the header that has these rows.
pub(crate) fn text(out: &mut String, rows: &[DialectRow]) {
    out.push_str(TYPES);
    out.push_str("static const conformance_dialect_row conformance_dialect_rows[] = {\n");
    // Writing to a string cannot fail.
    for rows in rows.chunk_by(|a, b| a.dialect == b.dialect) {
        let Some(first) = rows.first() else { continue };
        let _ = writeln!(out, "#ifndef CONFORMANCE_NO_{}", dialect(first.dialect));
        for row in rows {
            write_row(out, row);
        }
        out.push_str("#endif\n");
    }
    out.push_str(
        "};\n#define CONFORMANCE_DIALECT_ROWS \\\n    \
         (uint32_t)(sizeof conformance_dialect_rows / sizeof conformance_dialect_rows[0])\n\n",
    );
}

fn write_row(out: &mut String, row: &DialectRow) {
    let (asked, limit) = match row.call {
        Asked::Cancel => ("CANCEL", 0),
        Asked::Wait(limit) => ("WAIT", limit.unwrap_or(u32::MAX)),
        Asked::Status => ("STATUS", 0),
        Asked::Report => ("REPORT", 0),
    };
    let (meanwhile, argument) = meanwhile(row.meanwhile);
    let (value, denominator, valued, with_result, last) = match row.value {
        Value::Nothing => (0, 0, false, false, false),
        Value::Percent(percent) => (percent, 0, true, false, false),
        Value::Report { numerator, denominator, with_result, last } => {
            (numerator, denominator, true, with_result, last)
        }
    };
    let before = &row.before;
    let _ = writeln!(
        out,
        "    {{\"{}\", {}u, {}u, {}u, {:#x}u, {:#x}u, {:#x}u, {limit}u, {argument},\n     \
         {:#x}u, {:#x}u, {value}, {denominator},\n     \
         CONFORMANCE_{}, {}, QUELL_PHASE_{}, {}, QUELL_CAUSE_{}, {}u, QUELL_EFFECTS_{}, \
         CONFORMANCE_BY_{},\n     \
         {}u, {}, CONFORMANCE_ASK_{asked}, CONFORMANCE_NULL_{}, CONFORMANCE_MEANWHILE_{meanwhile},\
         \n     QUELL_{}, {}u, {}u, {}u, {}u, QUELL_PHASE_{}}},",
        row.place().id,
        row.done,
        row.total,
        row.profile,
        before.code,
        row.success,
        row.gate.unwrap_or(0),
        row.returns.unwrap_or(0),
        row.out.unwrap_or(0),
        dialect(row.dialect),
        mode(before.mode),
        before.phase,
        level(before.level),
        before.cause.map_or("NONE", quell::Cause::name),
        before.shields,
        before.effects,
        by(row.by),
        u32::from(row.gate.is_some()),
        if row.rights == Rights::CANCEL { "QUELL_RIGHT_CANCEL" } else { "QUELL_RIGHT_OBSERVE" },
        null(row.null),
        row.verdict,
        u32::from(row.out.is_some()),
        u32::from(valued),
        u32::from(with_result),
        u32::from(last),
        row.then,
    );
}

const fn dialect(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Vss => "VSS",
        Dialect::Vds => "VDS",
        Dialect::Wsb => "WSB",
        Dialect::Gpm => "GPM",
    }
}

const fn by(by: By) -> &'static str {
    match by {
        By::Nobody => "NOBODY",
        By::Request => "REQUEST",
        By::Finish => "FINISH",
        By::Fail => "FAIL",
        By::Acknowledge => "ACKNOWLEDGE",
        By::Force => "FORCE",
    }
}

const fn null(null: Null) -> &'static str {
    match null {
        Null::Nothing => "NOTHING",
        Null::Status => "STATUS",
        Null::Value => "VALUE",
        Null::Output => "OUTPUT",
    }
}

fn meanwhile(meanwhile: Meanwhile) -> (&'static str, String) {
    let nothing = || "0u".to_owned();
    match meanwhile {
        Meanwhile::Nothing => ("NOTHING", nothing()),
        Meanwhile::Finish => ("FINISH", nothing()),
        Meanwhile::Commit => ("COMMIT", nothing()),
        Meanwhile::Fail(code) => ("FAIL", format!("{code:#x}u")),
        Meanwhile::Acknowledge(effects) => {
            ("ACKNOWLEDGE", format!("QUELL_EFFECTS_{}", Effects::name(effects)))
        }
        Meanwhile::Force(code) => ("FORCE", format!("{code:#x}u")),
        Meanwhile::Cancel => ("CANCEL", nothing()),
    }
}
