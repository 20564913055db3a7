//! The rows of the dialects and the sequences as one C header: integers and
//! short names in constant tables, so that they lie in flash.

use std::fmt::Write as _;

use crate::Malformed;
use crate::abort_row::{self, AbortRow};
use crate::com_sequence::{self, ComStep};
use crate::dialect::{self, DialectRow};
use crate::sequence::{self, SequenceRow};
use crate::sheet::{Placed as _, word};
use crate::verdict_row::{self, CODES, VerdictRow};

const HEAD: &str = "\
/* Generated from conformance/dialect-*.csv and sequences*.csv: edit there. A
 * program that replays one kind of row leaves the others out:
 * CONFORMANCE_NO_DIALECTS, CONFORMANCE_NO_VERDICTS, CONFORMANCE_NO_ABORTS,
 * CONFORMANCE_NO_SEQUENCES, CONFORMANCE_NO_COM_SEQUENCES; and one that has not
 * the room for the rows of all dialects, some of those: CONFORMANCE_NO_VSS,
 * CONFORMANCE_NO_VDS, CONFORMANCE_NO_WSB, CONFORMANCE_NO_GPM. */
#ifndef QUELL_CONFORMANCE_DIALECTS_H
#define QUELL_CONFORMANCE_DIALECTS_H

#include <stdint.h>

#include \"quell.h\"

";

const VERDICTS: &str = "\
/* The call waits for the end first: no dialect returns S_FALSE. */
#define CONFORMANCE_AFTER_END 1u

typedef struct {
    const char *id;
    uint32_t code;
    uint32_t returns[CONFORMANCE_VERDICT_COLUMNS];
    uint8_t verdict;
} conformance_verdict_row;

";

const ABORTS: &str = "\
/* States that are no stage. */
enum {
    CONFORMANCE_PREPARE_FAILED = 32, CONFORMANCE_VETOED, CONFORMANCE_TIMED_OUT,
    CONFORMANCE_HOLD_DROPPED, CONFORMANCE_PROVIDER_FAILED, CONFORMANCE_ABORTED
};
/* No verdict: it was not asked. */
#define CONFORMANCE_NOT_ASKED 255u

typedef struct {
    const char *id;
    uint32_t profile, returns, goes_on;
    /* 0 where it has not begun. */
    uint32_t snapshot;
    /* One bit for each writer. */
    uint8_t told, owed;
    uint8_t purpose, state, verdict, linked, locked;
    /* VSS_WS_...; `has_writers` is 0 where the session tells nobody. */
    uint8_t has_writers, writers[3];
} conformance_abort_row;

";

/// Every row that the header has.
#[derive(Debug)]
pub struct Tables {
    /// Of the dialects of one operation.
    pub dialects: Vec<DialectRow>,
    /// Of the verdicts.
    pub verdicts: Vec<VerdictRow>,
    /// Of AbortBackup.
    pub aborts: Vec<AbortRow>,
    /// Of the sequences.
    pub steps: Vec<SequenceRow>,
    /// Of the sequences of IVssBackupComponents.
    pub com_steps: Vec<ComStep>,
}

impl Tables {
    /// All of the repository's.
    ///
    /// # Errors
    /// The first row that is malformed, or a file that cannot be read.
    pub fn load() -> Result<Self, Malformed> {
        Ok(Self {
            dialects: dialect::load()?,
            verdicts: verdict_row::load()?,
            aborts: abort_row::load()?,
            steps: sequence::load()?,
            com_steps: com_sequence::load()?,
        })
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        let (dialects, verdicts) = (self.dialects.len(), self.verdicts.len());
        [dialects, verdicts, self.aborts.len(), self.steps.len(), self.com_steps.len()]
            .into_iter()
            .fold(0, usize::saturating_add)
    }

    /// The text of the header.
    #[must_use]
    pub fn header(&self) -> String {
        let mut out = HEAD.to_owned();
        com_sequence::c::names(&mut out);
        let mut part = |name: &str, write: &dyn Fn(&mut String)| {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "#ifndef CONFORMANCE_NO_{name}\n");
            write(&mut out);
            out.push_str("#endif\n\n");
        };
        part("DIALECTS", &|out| dialect::c::text(out, &self.dialects));
        part("VERDICTS", &|out| verdicts(out, &self.verdicts));
        part("ABORTS", &|out| aborts(out, &self.aborts));
        part("SEQUENCES", &|out| sequence::c::text(out, &self.steps));
        part("COM_SEQUENCES", &|out| com_sequence::c::text(out, &self.com_steps));
        out.push_str("#endif\n");
        out
    }
}

fn verdicts(out: &mut String, rows: &[VerdictRow]) {
    out.push_str("/* The columns of `returns`. */\nenum {\n");
    for column in CODES {
        let name = column.replace('-', "_").to_ascii_uppercase();
        let _ = writeln!(out, "    CONFORMANCE_COLUMN_{name},");
    }
    out.push_str("    CONFORMANCE_VERDICT_COLUMNS\n};\n");
    out.push_str(VERDICTS);
    let _ = writeln!(out, "#define CONFORMANCE_VERDICT_ROWS {}u", rows.len());
    out.push_str(
        "static const conformance_verdict_row conformance_verdict_rows[CONFORMANCE_VERDICT_ROWS] \
         = {\n",
    );
    for row in rows {
        let returns = row.returns.map(|code| match code {
            Some(code) => format!("{code:#x}u"),
            None => "CONFORMANCE_AFTER_END".to_owned(),
        });
        let _ = writeln!(
            out,
            "    {{\"{}\", {:#x}u, {{{}}}, QUELL_{}}},",
            row.place().id,
            row.code,
            returns.join(", "),
            row.verdict
        );
    }
    out.push_str("};\n\n");
}

fn aborts(out: &mut String, rows: &[AbortRow]) {
    out.push_str(ABORTS);
    let _ = writeln!(out, "#define CONFORMANCE_ABORT_ROWS {}u", rows.len());
    out.push_str(
        "static const conformance_abort_row conformance_abort_rows[CONFORMANCE_ABORT_ROWS] = {\n",
    );
    for row in rows {
        let writers = row.writers.map_or([0; 3], |states| states.map(|state| state as u32));
        let _ = writeln!(
            out,
            "    {{\"{}\", {}u, {:#x}u, {:#x}u, {:#x}u, {}u, {}u, QUELL_PURPOSE_{}, {}u, \
             QUELL_{}, {}, {}u, {}u, {{{}}}}},",
            row.place().id,
            row.profile,
            row.returns,
            row.goes_on,
            row.snapshot.unwrap_or(0),
            row.told,
            row.owed,
            word(row.purpose),
            row.state.raw(),
            row.verdict,
            row.linked.map_or("CONFORMANCE_NOT_ASKED".to_owned(), |it| format!("QUELL_{it}")),
            u32::from(row.locked),
            u32::from(row.writers.is_some()),
            writers.map(|state| format!("{state}u")).join(", "),
        );
    }
    out.push_str("};\n\n");
}
