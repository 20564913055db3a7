//! The rows as a constant table of C.

use std::fmt::Write as _;

use crate::c_table::level;
use crate::mapping::row::{MappingRow, Question};

const HEAD: &str = "\
/* Generated from conformance/dialect-*.csv: edit there. One row is one question. */
#ifndef QUELL_CONFORMANCE_MAPPINGS_H
#define QUELL_CONFORMANCE_MAPPINGS_H

#include <stdint.h>

#include \"quell.h\"

";

const TYPES: &str = "\
typedef struct {
    const char *id;
    int64_t value, returns;
    uint32_t code, profile, with;
    uint8_t question, after_end, verdict, phase, level, cause, effects;
} conformance_mapping;

";

/// The text of the header.
#[must_use]
pub fn text(rows: &[MappingRow]) -> String {
    let mut out = HEAD.to_owned();
    out.push_str("enum {\n");
    // Writing to a string cannot fail.
    for question in Question::ALL {
        let _ = writeln!(out, "    {},", name(*question));
    }
    let _ = writeln!(out, "    CONFORMANCE_QUESTIONS\n}};\n\n{TYPES}");
    let _ = writeln!(out, "#define CONFORMANCE_MAPPINGS {}u", rows.len());
    out.push_str("static const conformance_mapping conformance_mappings[] = {\n");
    for row in rows {
        write_row(&mut out, row);
    }
    out.push_str("};\n\n#endif\n");
    out
}

fn name(question: Question) -> String {
    format!("CONFORMANCE_{}_{}", question.system().to_uppercase(), question.name())
}

/// A verdict or a status that the question does not take is all zero.
fn write_row(out: &mut String, row: &MappingRow) {
    let seen = row.seen.map_or_else(
        || "0, 0, 0, 0".to_owned(),
        |seen| {
            format!(
                "QUELL_PHASE_{}, {}, QUELL_CAUSE_{}, QUELL_EFFECTS_{}",
                seen.phase,
                level(seen.level),
                seen.cause.map_or("NONE", quell::Cause::name),
                seen.effects
            )
        },
    );
    let _ = writeln!(
        out,
        "    {{\"{}\", {}, {}, {:#x}u, {}u, {:#x}u,\n     {}, {}u, {}, {seen}}},",
        row.place.id,
        row.value,
        row.returns,
        row.code,
        row.profile,
        row.with,
        name(row.question),
        u8::from(row.after_end),
        row.verdict.map_or_else(|| "0".to_owned(), |verdict| format!("QUELL_{verdict}")),
    );
}
