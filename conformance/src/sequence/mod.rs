//! The rows of `sequences.csv`: what several parties to a backup do one after
//! the other. The columns are explained there.

pub(crate) mod c;
mod read;
mod row;

use crate::{Malformed, sheet};

pub use row::{Act, Expected, Out, Party, SequenceRow, Told};

/// Every step of the repository's sequences, in their order.
///
/// # Errors
/// The first row that is malformed, or a file that cannot be read.
pub fn load() -> Result<Vec<SequenceRow>, Malformed> {
    sheet::load(|name| name == "sequences.csv", parse)
}

/// Adds the steps of one file's text to `rows`.
///
/// # Errors
/// The first row that is malformed.
pub fn parse(file: &str, text: &str, rows: &mut Vec<SequenceRow>) -> Result<(), Malformed> {
    read::file(file, text, rows)
}
