//! The rows of one machine that several programs share between them: what each
//! came to in each file, which rows it kept out, and why.
//!
//! Every row of every file has to be in it once: replayed, kept out by a front,
//! or in a file that is kept out as a whole.

use std::fmt::Write as _;

use super::{Report, Said};

/// Rows of one front in one file, or of all.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    rows: usize,
    replayed: usize,
    differing: usize,
    out: usize,
}

impl Count {
    fn add(&mut self, said: &Said) {
        let one = |count: &mut usize| *count = count.saturating_add(1);
        one(&mut self.rows);
        match said {
            Said::Ok => one(&mut self.replayed),
            Said::Differs => {
                one(&mut self.replayed);
                one(&mut self.differing);
            }
            Said::KeptOut(_) => one(&mut self.out),
        }
    }

    fn add_all(&mut self, of: Self) {
        self.rows = self.rows.saturating_add(of.rows);
        self.replayed = self.replayed.saturating_add(of.replayed);
        self.differing = self.differing.saturating_add(of.differing);
        self.out = self.out.saturating_add(of.out);
    }
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { rows, replayed, differing, out } = self;
        write!(f, "{rows} rows, {replayed} replayed, {differing} differing")?;
        if *out != 0 {
            write!(f, ", {out} out")?;
        }
        Ok(())
    }
}

impl Report {
    /// A line for each front and file, one for each row kept out, and the sum;
    /// and what is wrong, a line each. `out` are files that no front comes to,
    /// and why.
    #[must_use]
    pub fn counts(&self, out: &[(&str, &str)]) -> (String, Vec<String>) {
        let (mut text, mut wrong) = (String::new(), Vec::new());
        let mut all = Count::default();
        for (file, ids) in &self.files {
            let kept_out = out.iter().find(|(name, _)| name == file);
            let mut of_file = Count::default();
            for (front, said) in &self.fronts {
                let mut count = Count::default();
                let mut reasons = String::new();
                for (id, said) in ids.iter().filter_map(|id| Some((id, said.get(id)?))) {
                    count.add(said);
                    // Writing to a string cannot fail.
                    match said {
                        Said::Ok => {}
                        Said::Differs => wrong.push(format!("{front}: {id}: differs")),
                        Said::KeptOut(why) => {
                            let _ = writeln!(reasons, "    {id}: {why}");
                        }
                    }
                }
                if count.rows != 0 {
                    let _ = write!(text, "{front} {file}: {count}\n{reasons}");
                }
                of_file.add_all(count);
            }
            if let Some((_, why)) = kept_out {
                let count = Count { rows: ids.len(), out: ids.len(), ..Count::default() };
                let _ = writeln!(text, "{file}: {count}: {why}");
                of_file.add_all(count);
            }
            if of_file.rows != ids.len() {
                wrong.push(format!("{file}: {} rows, said of {}", ids.len(), of_file.rows));
            }
            all.add_all(of_file);
        }
        let _ = writeln!(text, "all: {all}");
        for (name, _) in out {
            if !self.files.iter().any(|(file, _)| file == name) {
                wrong.push(format!("{name}: there is no such file"));
            }
        }
        (text, wrong)
    }
}
