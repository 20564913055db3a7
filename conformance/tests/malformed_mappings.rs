//! A row of a mapping that says nonsense is refused, and the message says where.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use quell_conformance::mapping::parse;

const HEADER: &str = "id, source, call, profile, verdict, code, phase, level, cause, effects, \
                      value, when, returns, with";
const TOLD: &str = "nvme/told, D: 5.1.1, ABORT, WAITS, CANCELLED, 0, -, -, -, -, -, NOW, 0x000, 0";
const SEEN: &str = "nvme/seen, D: 4.2.3, COMMAND, -, -, 0, CANCELLED, IMMEDIATE, USER, NONE, -, \
                    NOW, 0x007, -";

fn read(file: &str, line: &str) -> Result<usize, String> {
    let mut rows = Vec::new();
    let text = format!("# rows\n{HEADER}\n# a comment\n{line}\n");
    parse(file, &text, &mut rows).map_err(|error| error.to_string())?;
    Ok(rows.len())
}

#[test]
fn the_good_rows_are_read() {
    assert_eq!(read("dialect-nvme.csv", &format!("{TOLD}\n{SEEN}")), Ok(2));
}

#[test]
fn each_kind_of_nonsense_is_refused_at_its_line() {
    for (row, from, to, what) in [
        (TOLD, "nvme/told", "scsi/told", "id: `scsi/told` does not begin with `nvme/`"),
        (TOLD, "nvme/told", "nvme/", "id: `nvme/` does not begin with `nvme/`"),
        (TOLD, "D: 5.1.1", "5.1.1", "source: `5.1.1` is neither"),
        (TOLD, "ABORT", "ABORT_TASK", "call: `ABORT_TASK` is no call of nvme"),
        (TOLD, "WAITS", "-", "profile: `-` is no profile"),
        (SEEN, "COMMAND, -", "COMMAND, WAITS", "profile: `WAITS` is no profile"),
        (TOLD, "CANCELLED", "CANCELED", "verdict: `CANCELED` is no verdict"),
        (TOLD, "CANCELLED", "-", "verdict: `-`: this call takes one"),
        (SEEN, "-, -, 0", "-, OK, 0", "verdict: `OK`: this call takes none"),
        (TOLD, "CANCELLED, 0", "CANCELLED, -", "code: `-` is no number"),
        (TOLD, "0, -, -", "0, FINISHED, -", "phase: "),
        (SEEN, "0, CANCELLED", "0, -", "phase: `-` is no phase"),
        (SEEN, "IMMEDIATE", "LOW", "level: `LOW` is no level"),
        (SEEN, "USER", "WHY", "cause: `WHY` is no cause"),
        (SEEN, "NONE", "SOME", "effects: `SOME` is no effects"),
        (TOLD, "-, NOW", "5, NOW", "value: "),
        (TOLD, "NOW", "THEN", "when: `THEN` is neither NOW nor AFTER_END"),
        (TOLD, "0x000", "-", "returns: `-` is no number"),
        (TOLD, "0x000, 0", "0x000, no", "with: `no` is no number"),
        (TOLD, ", 0x000", "", "13 cells, not 14"),
    ] {
        assert!(row.contains(from), "{from} is in the good row");
        let told = read("dialect-nvme.csv", &row.replacen(from, to, 1)).expect_err(to);
        assert!(told.starts_with(&format!("dialect-nvme.csv:4: {what}")), "{told}");
    }
}

#[test]
fn files_are_refused_as_a_whole() {
    assert!(
        read("dialect-nvm.csv", TOLD).expect_err("no dialect").contains("no file of a mapping")
    );
    assert!(read("dialect-scsi.csv", TOLD).expect_err("another's").contains("no call of scsi"));
    let twice = read("dialect-nvme.csv", &format!("{TOLD}\n{TOLD}")).expect_err("twice");
    assert!(twice.contains("`nvme/told` stands at dialect-nvme.csv:4 too"), "{twice}");
}
