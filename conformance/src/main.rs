//! `quell-conformance c-table OUT.h`: writes the rows as C headers: those of an
//! operation's own calls as OUT.h, and those of the dialects and the sequences
//! as `conformance_dialects.h` beside it, those of the dialects beyond Windows as
//! `conformance_mappings.h`.

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
        _ => {
            eprintln!("usage: quell-conformance c-table OUT.h | report DIR FRONT...");
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
