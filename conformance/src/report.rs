//! What all fronts said, put together: rows × fronts, in Markdown.
//!
//! It fails where a row differs in any front, where no front has replayed it,
//! and where a front has come to some rows of a file and says nothing of others:
//! it died midway, and what it did not come to has not passed.

mod counts;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::c_dialects::Tables;
use crate::sheet::Placed as _;
use crate::{load, mapping};

/// How a front stands to a row.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Said {
    Ok,
    Differs,
    /// It cannot express the row, and why.
    KeptOut(String),
}

/// All that is known of each row, and what each front said.
#[derive(Debug, Default)]
pub struct Report {
    /// The rows' names in each file, files and rows in their order.
    files: Vec<(String, Vec<String>)>,
    fronts: BTreeMap<String, HashMap<String, Said>>,
}

impl Report {
    /// Of all rows of the repository; no front has said anything.
    ///
    /// # Errors
    /// A file of rows that is malformed.
    pub fn new() -> Result<Self, String> {
        let said = |error: crate::Malformed| error.to_string();
        let tables = Tables::load().map_err(said)?;
        let mut report = Self::default();
        for row in load().map_err(said)? {
            report.row(row.file, row.id);
        }
        for place in tables
            .dialects
            .iter()
            .map(|row| row.place())
            .chain(tables.verdicts.iter().map(|row| row.place()))
            .chain(tables.aborts.iter().map(|row| row.place()))
            .chain(tables.steps.iter().map(|row| row.place()))
            .chain(tables.com_steps.iter().map(|row| row.place()))
        {
            report.row(place.file.clone(), place.id.clone());
        }
        for row in mapping::load().map_err(said)? {
            report.row(row.place().file.clone(), row.place().id.clone());
        }
        Ok(report)
    }

    /// Adds a row. The rows of a file come one after the other.
    pub fn row(&mut self, file: String, id: String) {
        match self.files.last_mut() {
            Some((last, ids)) if *last == file => ids.push(id),
            _ => self.files.push((file, vec![id])),
        }
    }

    /// The files and the names of their rows.
    #[must_use]
    pub fn files(&self) -> &[(String, Vec<String>)] {
        &self.files
    }

    /// Reads every `<front>.rows` in `directory`.
    ///
    /// # Errors
    /// A file that cannot be read, or has a line that says nothing; no file.
    pub fn read(&mut self, directory: &Path) -> Result<(), String> {
        let at = |path: &Path, what: &dyn std::fmt::Display| format!("{}: {what}", path.display());
        let entries = fs::read_dir(directory).map_err(|error| at(directory, &error))?;
        for entry in entries {
            let path = entry.map_err(|error| at(directory, &error))?.path();
            let front = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if path.extension().is_some_and(|extension| extension == "rows") {
                let text = fs::read_to_string(&path).map_err(|error| at(&path, &error))?;
                self.front(&front, &text).map_err(|error| at(&path, &error))?;
            }
        }
        if self.fronts.is_empty() {
            return Err(at(directory, &"no front has said anything"));
        }
        Ok(())
    }

    /// Adds what a front said.
    ///
    /// # Errors
    /// A line that says nothing: of no row, of a row a second time, or cut off.
    pub fn front(&mut self, front: &str, text: &str) -> Result<(), String> {
        let known: BTreeSet<&str> =
            self.files.iter().flat_map(|(_, ids)| ids).map(String::as_str).collect();
        let mut said = HashMap::new();
        for (number, line) in text.lines().enumerate() {
            let (id, word) = line.split_once(' ').unwrap_or((line, ""));
            let (word, why) = word.split_once(' ').unwrap_or((word, ""));
            let what = match word {
                "ok" if why.is_empty() => Said::Ok,
                "differs" if why.is_empty() => Said::Differs,
                "out" => Said::KeptOut(why.to_owned()),
                _ => return Err(format!("line {}: `{line}`", number.saturating_add(1))),
            };
            if !known.contains(id) {
                return Err(format!("line {}: there is no row `{id}`", number.saturating_add(1)));
            }
            if said.insert(id.to_owned(), what).is_some() {
                return Err(format!("line {}: `{id}` a second time", number.saturating_add(1)));
            }
        }
        self.fronts.insert(front.to_owned(), said);
        Ok(())
    }

    /// What is wrong, a line each; nothing where every row holds in every front
    /// that came to it, and in one at least. `fronts` are those that have to
    /// have said something.
    #[must_use]
    pub fn complaints(&self, fronts: &[&str]) -> Vec<String> {
        let mut complaints = Vec::new();
        for name in fronts {
            if self.fronts.get(*name).is_none_or(HashMap::is_empty) {
                complaints.push(format!("{name}: this front has said nothing"));
            }
        }
        for (file, ids) in &self.files {
            for (front, said) in &self.fronts {
                let silent = ids.iter().filter(|id| !said.contains_key(*id)).count();
                if silent != 0 && silent != ids.len() {
                    complaints
                        .push(format!("{front}: {file}: {silent} rows of which it says nothing"));
                }
            }
            for id in ids {
                let mut replayed = false;
                for (front, said) in &self.fronts {
                    match said.get(id) {
                        Some(Said::Differs) => complaints.push(format!("{front}: {id}: differs")),
                        Some(Said::Ok) => replayed = true,
                        Some(Said::KeptOut(_)) | None => {}
                    }
                }
                let differs = self.fronts.values().any(|said| said.get(id) == Some(&Said::Differs));
                if !replayed && !differs {
                    complaints.push(format!("{file}: {id}: no front replays it"));
                }
            }
        }
        complaints
    }

    fn count(&self, front: &str, ids: &[String], what: fn(&Said) -> bool) -> usize {
        let Some(said) = self.fronts.get(front) else { return 0 };
        ids.iter().filter(|id| said.get(*id).is_some_and(what)).count()
    }

    /// How many rows differ, over all fronts.
    #[must_use]
    pub fn differing(&self) -> usize {
        let differs =
            |said: &HashMap<_, _>| said.values().filter(|it| **it == Said::Differs).count();
        self.fronts.values().map(differs).sum()
    }

    /// A table of files × fronts, and the complaints below it.
    #[must_use]
    pub fn markdown(&self, complaints: &[String]) -> String {
        let mut out = "# Conformance: rows × fronts\n\nHow many rows of each file each front has \
                       replayed; `+n` more that it cannot express.\n\n| rows | |"
            .to_owned();
        // Writing to a string cannot fail.
        for front in self.fronts.keys() {
            let _ = write!(out, " {front} |");
        }
        out.push_str("\n|---|---:|");
        out.push_str(&"---:|".repeat(self.fronts.len()));
        out.push('\n');
        for (file, ids) in &self.files {
            let _ = write!(out, "| {file} | {} |", ids.len());
            for front in self.fronts.keys() {
                out.push_str(&self.cell(front, ids));
            }
            out.push('\n');
        }
        let rows: usize = self.files.iter().map(|(_, ids)| ids.len()).sum();
        let _ = write!(out, "| all | {rows} |");
        let all: Vec<String> = self.files.iter().flat_map(|(_, ids)| ids.clone()).collect();
        for front in self.fronts.keys() {
            out.push_str(&self.cell(front, &all));
        }
        let _ = writeln!(out, "\n\n{} differing", self.differing());
        for complaint in complaints {
            let _ = writeln!(out, "- {complaint}");
        }
        out
    }

    fn cell(&self, front: &str, ids: &[String]) -> String {
        let held = self.count(front, ids, |said| matches!(said, Said::Ok));
        let differs = self.count(front, ids, |said| matches!(said, Said::Differs));
        let kept_out = self.count(front, ids, |said| matches!(said, Said::KeptOut(_)));
        let mut cell = match held.saturating_add(differs) {
            0 => " ".to_owned(),
            replayed => format!(" {replayed} "),
        };
        if differs != 0 {
            let _ = write!(cell, "({differs} differ) ");
        }
        if kept_out != 0 {
            let _ = write!(cell, "+{kept_out} ");
        }
        cell.push('|');
        cell
    }
}
