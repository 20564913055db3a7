//! A row that says nonsense is refused, and the message says where.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use quell_conformance::{load, parse};

const HEADER: &str = "id, source, life, mode, phase, level, cause, shields, effects, code, call, \
                      argument, for, age, rights, gate, verdict, answer, asked, poll, worker, then";
const GOOD: &str = "good, table: cancel, 0, GATED, RUNNING, NONE, NONE, 0, UNSTATED, 0, CANCEL, \
                    GRACEFUL, USER, 0, CANCEL, 0, CANCELLING, 0, 1, GRACEFUL, GRACEFUL, \
                    level=GRACEFUL cause=USER";

/// The message for a file whose fourth line is this row; the third is a
/// comment, and the first is good.
fn refusal(line: &str) -> String {
    let text = format!("# rows\n{HEADER}\n# a comment\n{line}\n");
    match parse("op-test.csv", &text, &mut Vec::new()) {
        Ok(()) => panic!("accepted: {line}"),
        Err(error) => error.to_string(),
    }
}

fn with(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from} is in the good row");
    GOOD.replacen(from, to, 1)
}

#[test]
fn the_good_row_is_read() {
    let mut rows = Vec::new();
    parse("op-test.csv", &format!("{HEADER}\n{GOOD}\n"), &mut rows).unwrap();
    assert_eq!(rows.len(), 1);
}

#[test]
fn each_kind_of_nonsense_is_refused_at_its_line() {
    for (from, to, what) in [
        ("good", "g od", "id: `g od` has a letter"),
        ("good", "", "id: a row without a name"),
        ("table: cancel", "cancel", "source: `cancel` is neither"),
        ("GATED", "GATE", "mode: `GATE` is no mode"),
        ("RUNNING", "RUNS", "phase: `RUNS` is no phase"),
        ("NONE, NONE", "LOW, NONE", "level: `LOW` is no level"),
        ("NONE, NONE", "NONE, WHY", "cause: `WHY` is no cause"),
        ("UNSTATED", "SOME", "effects: `SOME` is no effects"),
        ("CANCEL,", "KILL,", "call: `KILL` is no call"),
        ("GRACEFUL, USER, 0", "GRACE, USER, 0", "argument: `GRACE` is no level"),
        ("GRACEFUL, USER, 0", "GRACEFUL, HIM, 0", "for: `HIM` is no cause"),
        ("USER, 0, CANCEL", "USER, 1, CANCEL", "age: 1 lives old in life 0"),
        ("0, CANCEL, 0", "0, CANCELS, 0", "rights: `CANCELS` is no right"),
        ("CANCEL, 0, CANCELLING", "CANCEL, yes, CANCELLING", "gate: `yes` is no number"),
        ("CANCELLING", "CANCELED", "verdict: `CANCELED` is no verdict"),
        ("CANCELLING, 0", "CANCELLING, -", "answer: `-` is no number"),
        ("GRACEFUL, GRACEFUL, level", "NO, GRACEFUL, level", "poll: `NO` is no level"),
        ("GRACEFUL, level", "NO, level", "worker: `NO` is no level"),
        ("level=GRACEFUL", "level", "then: `level` has no `=`"),
        ("level=GRACEFUL", "height=1", "then: `height` is no part of the state"),
        ("level=GRACEFUL", "phase=RUNNING", "then: `phase=RUNNING` changes nothing"),
        (", level=GRACEFUL cause=USER", "", "21 cells, not 22"),
    ] {
        let told = refusal(&with(from, to));
        assert!(told.starts_with("op-test.csv:4: "), "{told}");
        assert!(told.contains(what), "`{told}` does not say `{what}`");
    }
}

#[test]
fn a_name_comes_once() {
    let text = format!("{HEADER}\n{GOOD}\n{GOOD}\n");
    let told = parse("op-test.csv", &text, &mut Vec::new()).unwrap_err().to_string();
    assert_eq!(told, "op-test.csv:3: id: `good` stands at op-test.csv:2 too");
}

#[test]
fn a_call_takes_its_own_arguments_only() {
    let start = "s, table: start, 0, DECISIVE, PENDING, NONE, NONE, 0, UNSTATED, 0, START, \
                 ARGUMENT, CAUSE, 0, WORK, -, OK, -, 0, NONE, NONE, phase=RUNNING";
    let of = |argument, cause| start.replace("ARGUMENT", argument).replace("CAUSE", cause);
    assert!(refusal(&of("5", "-")).contains("argument: this call has no argument"));
    assert!(refusal(&of("-", "USER")).contains("for: this call has no cause"));
}

#[test]
fn another_header_is_refused() {
    let text = format!("{}\n{GOOD}\n", HEADER.replace("age", "years"));
    let told = parse("op-test.csv", &text, &mut Vec::new()).unwrap_err().to_string();
    assert!(told.contains("the columns are not id, source"), "{told}");
}

#[test]
fn a_file_without_rows_is_refused() {
    let told = parse("op-test.csv", HEADER, &mut Vec::new()).unwrap_err().to_string();
    assert_eq!(told, "op-test.csv:0: no rows");
}

/// Where the table has a cell, the data have a row: each call in each phase, and
/// each verdict.
#[test]
fn the_data_cover_the_table() {
    use quell::{Phase, Verdict};
    use std::collections::HashSet;
    use std::mem::discriminant;

    let rows = load().unwrap_or_else(|error| panic!("{error}"));
    let phases: HashSet<_> =
        rows.iter().map(|row| (discriminant(&row.call), row.before.phase)).collect();
    let cells = 14 * Phase::ALL.len();
    assert_eq!(phases.len(), cells, "calls × phases");
    let told: HashSet<_> = rows.iter().filter_map(|row| row.verdict).collect();
    // The answers beyond FULL are those of hooks, waits, tables and sessions.
    let of_an_op = Verdict::ALL.iter().filter(|verdict| **verdict <= Verdict::Full);
    assert_eq!(told.len(), of_an_op.count(), "verdicts");
}
