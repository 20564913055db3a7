//! The rows of `sequences-com.csv`: the sequences of a backup as a requester of
//! IVssBackupComponents makes them. The columns are explained there.

pub(crate) mod c;
mod calls;
mod read;
mod row;

use crate::{Malformed, sheet};

pub use calls::{CALLS, Call, Takes, Whose};
pub use row::{ComStep, Lock, Out, Party, Returns, Teller, Told};

/// Every step of the repository's sequences, in their order.
///
/// # Errors
/// The first row that is malformed, or a file that cannot be read.
pub fn load() -> Result<Vec<ComStep>, Malformed> {
    sheet::load(|name| name == "sequences-com.csv", parse)
}

/// Adds the steps of one file's text to `rows`.
///
/// # Errors
/// The first row that is malformed.
pub fn parse(file: &str, text: &str, rows: &mut Vec<ComStep>) -> Result<(), Malformed> {
    read::file(file, text, rows)
}
