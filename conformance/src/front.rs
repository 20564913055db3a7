//! What a front says of the rows that it replayed: a file `<front>.rows` of
//! lines `<id> ok` and `<id> differs`, and `<id> out` for a row that it cannot
//! express.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;

/// The environment's name of the directory for those files; without it nothing
/// is written.
pub const OUT: &str = "QUELL_CONFORMANCE_OUT";

/// A front at work. Each line is written at once: one that dies midway has said
/// nothing of the rows that it did not come to.
#[derive(Debug)]
pub struct Front {
    name: &'static str,
    file: Option<File>,
    replayed: usize,
    differing: usize,
}

impl Front {
    /// The front of this name.
    ///
    /// # Errors
    /// Where its file cannot be made.
    pub fn new(name: &'static str) -> std::io::Result<Self> {
        let file = match std::env::var_os(OUT) {
            Some(directory) => {
                let directory = PathBuf::from(directory);
                std::fs::create_dir_all(&directory)?;
                Some(File::create(directory.join(format!("{name}.rows")))?)
            }
            None => None,
        };
        Ok(Self { name, file, replayed: 0, differing: 0 })
    }

    /// Says of one row whether it holds.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn say(&mut self, id: &str, holds: bool) -> std::io::Result<()> {
        self.replayed = self.replayed.saturating_add(1);
        self.differing = self.differing.saturating_add(usize::from(!holds));
        self.line(id, if holds { "ok" } else { "differs" })
    }

    /// Says of one row that this front cannot express it.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn keep_out(&mut self, id: &str) -> std::io::Result<()> {
        self.line(id, "out")
    }

    fn line(&mut self, id: &str, what: &str) -> std::io::Result<()> {
        match &mut self.file {
            Some(file) => writeln!(file, "{id} {what}"),
            None => Ok(()),
        }
    }

    /// How many rows were replayed, and how many differ, for `rows` in all.
    #[must_use]
    pub fn close(self, rows: usize) -> (usize, usize) {
        println!(
            "{}: {rows} rows, {} replayed, {} differing",
            self.name, self.replayed, self.differing
        );
        (self.replayed, self.differing)
    }
}
