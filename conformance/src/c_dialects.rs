//! The rows of the dialects and the sequences as one C header: integers and
//! short names in constant tables, so that they lie in flash.

use crate::dialect::{self, DialectRow};

const HEAD: &str = "\
/* Generated from conformance/dialect-*.csv and sequence-*.csv: edit there. */
#ifndef QUELL_CONFORMANCE_DIALECTS_H
#define QUELL_CONFORMANCE_DIALECTS_H

#include <stdint.h>

#include \"quell.h\"

";

/// The text of the header.
#[must_use]
pub fn text(rows: &[DialectRow]) -> String {
    let mut out = HEAD.to_owned();
    dialect::c::text(&mut out, rows);
    out.push_str("#endif\n");
    out
}
