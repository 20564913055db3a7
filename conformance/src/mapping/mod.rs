//! The rows of the dialects beyond Windows: one question each to a mapping, and
//! its answer. The columns are explained at the top of `dialect-nvme.csv`.

mod c;
mod read;
mod row;

use crate::{Malformed, sheet};

pub use c::text as c_table;
pub use row::{MappingRow, Question, Seen};

/// Every row of the repository's `dialect-nvme.csv`, `dialect-scsi.csv`,
/// `dialect-aio.csv`, `dialect-io_uring.csv` and `dialect-stop_token.csv`.
///
/// # Errors
/// The first row that is malformed, or a file that cannot be read.
pub fn load() -> Result<Vec<MappingRow>, Malformed> {
    sheet::load(|name| row::system_of(name).is_some(), parse)
}

/// Adds the rows of one file's text to `rows`. Its name says which dialect.
///
/// # Errors
/// The first row that is malformed.
pub fn parse(file: &str, text: &str, rows: &mut Vec<MappingRow>) -> Result<(), Malformed> {
    read::file(file, text, rows)
}
