//! The rows of the dialects: one call of another system's on an operation that
//! has got so far. The columns are explained at the top of `dialect-vss.csv`.

pub(crate) mod c;
mod read;
mod row;

use crate::{Malformed, sheet};

pub use row::{Asked, By, Dialect, DialectRow, Meanwhile, Null, Value};

/// Every row of the repository's `dialect-vss.csv`, `dialect-vds.csv`,
/// `dialect-wsb.csv` and `dialect-gpm.csv`.
///
/// # Errors
/// The first row that is malformed, or a file that cannot be read.
pub fn load() -> Result<Vec<DialectRow>, Malformed> {
    sheet::load(|name| Dialect::of_file(name).is_some(), parse)
}

/// Adds the rows of one file's text to `rows`. Its name says which dialect.
///
/// # Errors
/// The first row that is malformed.
pub fn parse(file: &str, text: &str, rows: &mut Vec<DialectRow>) -> Result<(), Malformed> {
    read::file(file, text, rows)
}
