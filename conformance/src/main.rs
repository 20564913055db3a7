//! `quell-conformance c-table OUT.h`: writes the rows as C headers: those of an
//! operation's own calls as OUT.h, and those of the dialects and the sequences
//! as `conformance_dialects.h` beside it, those of the dialects beyond Windows as
//! `conformance_mappings.h`.
//!
//! `quell-conformance report DIR FRONT…`: puts together what the fronts said in
//! `DIR/<front>.rows`, prints it, and writes it as `DIR/report.md`. Each FRONT
//! has to have said something.
//!
//! `quell-conformance count DIR [FILE WHY]…`: counts what the programs of one
//! machine said there, which have to say of each row once; but of no row of a
//! FILE, for what reason.

use std::path::Path;
use std::process::ExitCode;

use quell_conformance::c_dialects::Tables;
use quell_conformance::report::Report;
use quell_conformance::{c_table, load, mapping};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["c-table", out] => match write(out) {
            Ok(rows) => {
                println!("{out}: {rows} rows");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("quell-conformance: {error}");
                ExitCode::FAILURE
            }
        },
        ["report", directory, fronts @ ..] => match report(Path::new(directory), fronts) {
            Ok(code) => code,
            Err(error) => {
                eprintln!("quell-conformance: {error}");
                ExitCode::FAILURE
            }
        },
        ["count", directory, out @ ..] if out.len() % 2 == 0 => {
            match count(Path::new(directory), out) {
                Ok(code) => code,
                Err(error) => {
                    eprintln!("quell-conformance: {error}");
                    ExitCode::FAILURE
                }
            }
        }
        _ => {
            eprintln!(
                "usage: quell-conformance c-table OUT.h | report DIR FRONT... | \
                 count DIR [FILE WHY]..."
            );
            ExitCode::from(2)
        }
    }
}

fn write(out: &str) -> Result<usize, String> {
    let put = |path: &Path, text: String| {
        std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
    };
    let rows = load().map_err(|error| error.to_string())?;
    let tables = Tables::load().map_err(|error| error.to_string())?;
    put(Path::new(out), c_table::text(&rows))?;
    put(&Path::new(out).with_file_name("conformance_dialects.h"), tables.header())?;
    let mappings = mapping::load().map_err(|error| error.to_string())?;
    let beside = Path::new(out).with_file_name("conformance_mappings.h");
    put(&beside, mapping::c_table(&mappings))?;
    Ok(rows.len().saturating_add(tables.rows()).saturating_add(mappings.len()))
}

fn report(directory: &Path, fronts: &[&str]) -> Result<ExitCode, String> {
    let mut report = Report::new()?;
    report.read(directory)?;
    let complaints = report.complaints(fronts);
    let text = report.markdown(&complaints);
    let out = directory.join("report.md");
    std::fs::write(&out, &text).map_err(|error| format!("{}: {error}", out.display()))?;
    print!("{text}");
    Ok(if complaints.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn count(directory: &Path, out: &[&str]) -> Result<ExitCode, String> {
    let mut report = Report::new()?;
    report.read(directory)?;
    let out: Vec<(&str, &str)> =
        out.chunks_exact(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))).collect();
    let (text, wrong) = report.counts(&out);
    print!("{text}");
    for what in &wrong {
        eprintln!("quell-conformance: {what}");
    }
    Ok(if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
