//! `quell-conformance c-table OUT.h`: writes the rows as a C header.

use std::process::ExitCode;

use quell_conformance::{c_table, load};

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
        _ => {
            eprintln!("usage: quell-conformance c-table OUT.h");
            ExitCode::from(2)
        }
    }
}

fn write(out: &str) -> Result<usize, String> {
    let rows = load().map_err(|error| error.to_string())?;
    std::fs::write(out, c_table::text(&rows)).map_err(|error| format!("{out}: {error}"))?;
    Ok(rows.len())
}
