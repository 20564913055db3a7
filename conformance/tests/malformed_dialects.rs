//! Rows of dialects, verdicts, aborts and both kinds of sequences that say nonsense are
//! refused, and the message says where.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use quell_conformance::{Malformed, abort_row, com_sequence, dialect, sequence, verdict_row};

/// The message for a file whose fourth line is this row; the third is a comment.
fn refusal<T>(
    file: &str,
    parse: fn(&str, &str, &mut Vec<T>) -> Result<(), Malformed>,
    header: &str,
    row: &str,
) -> String {
    match parse(file, &format!("# rows\n{header}\n# a comment\n{row}\n"), &mut Vec::new()) {
        Ok(()) => panic!("accepted: {row}"),
        Err(error) => error.to_string(),
    }
}

fn refused<T>(
    file: &str,
    parse: fn(&str, &str, &mut Vec<T>) -> Result<(), Malformed>,
    (header, good): (&str, &str),
    changes: &[(&str, &str, &str)],
) {
    parse(file, &format!("{header}\n{good}\n"), &mut Vec::new()).expect("the good row is read");
    for (from, to, what) in changes {
        assert!(good.contains(from), "{from} is in the good row");
        let told = refusal(file, parse, header, &good.replacen(from, to, 1));
        assert!(told.starts_with(&format!("{file}:4: ")), "{told}");
        assert!(told.contains(what), "`{told}` does not say `{what}`");
    }
    let twice = format!("{header}\n{good}\n{good}\n");
    let told = parse(file, &twice, &mut Vec::new()).unwrap_err().to_string();
    assert!(told.starts_with(&format!("{file}:3: ")), "{told}");
    let empty = parse(file, header, &mut Vec::new()).unwrap_err().to_string();
    assert_eq!(empty, format!("{file}:0: no rows"));
    let other = format!("{}\n{good}\n", header.replacen("source", "sauce", 1));
    let told = parse(file, &other, &mut Vec::new()).unwrap_err().to_string();
    assert!(told.contains("the columns are not "), "{told}");
}

const DIALECT: &str = "id, source, profile, mode, phase, level, cause, shields, effects, code, by, \
                       success, done, total, gate, rights, call, argument, meanwhile, verdict, \
                       returns, out, value, then";

#[test]
fn rows_of_a_dialect() {
    let good = "vds/x, D: a page, DEFAULT, DECISIVE, RUNNING, NONE, NONE, 0, UNSTATED, 0, -, 0, 3, \
                10, -, OBSERVE, WAIT, INFINITE, FINISH, OK, 0x00000000, 0x00000001, -, FINISHED";
    refused(
        "dialect-vds.csv",
        dialect::parse,
        (DIALECT, good),
        &[
            ("vds/x", "vss/x", "id: `vss/x` does not begin with `vds/`"),
            ("vds/x", "vds/", "id: `vds/` does not begin"),
            ("D: a page", "a page", "source: `a page` is neither"),
            ("DEFAULT", "WINDOWS_7", "profile: `WINDOWS_7` is no profile of vds"),
            ("DECISIVE", "DECIDED", "mode: `DECIDED` is no mode"),
            (", -, 0, 3", ", FINISH, 0, 3", "by: `FINISH` does not lead to RUNNING"),
            (", -, 0, 3", ", HIM, 0, 3", "by: `HIM` ends no operation"),
            ("0, 3, 10", "0, some, 10", "done: `some` is no number of units"),
            ("OBSERVE", "OWN", "rights: `OWN` is neither CANCEL nor OBSERVE"),
            ("WAIT", "ABORT", "call: `ABORT` is no call of vds"),
            ("INFINITE", "LONG", "argument: `LONG` is no number"),
            ("INFINITE", "NULL_OUTPUT", "a null pointer is INVALID"),
            ("FINISH, OK", "REST, OK", "meanwhile: `REST` is nothing that can happen"),
            ("FINISH, OK", "FINISH, DONE", "verdict: `DONE` is no verdict"),
            ("FINISH, OK", "FINISH, -", "verdict: a row without one"),
            ("0x00000000", "0x0", "returns: `0x0` is no result code of eight digits"),
            ("0x00000000", "-", "returns: a REPORT returns nothing"),
            ("0x00000001, -", "-, -", "out: this call places one"),
            ("0x00000001, -", "0x00000001, 30", "value: this call has no value"),
            (", -, FINISHED", ", -, RUNNING", "then: what happens meanwhile ends the operation"),
            (", FINISHED", "", "23 cells, not 24"),
        ],
    );
}

#[test]
fn a_report_has_its_own_value() {
    let good = "gpm/x, D: a page, -, DECISIVE, RUNNING, NONE, NONE, 0, UNSTATED, 0, -, -, 3, 10, -, \
                OBSERVE, REPORT, -, -, OK, -, 0x00000000, 3/10 RESULT LAST, RUNNING";
    refused(
        "dialect-gpm.csv",
        dialect::parse,
        (DIALECT, good),
        &[
            ("3/10 RESULT", "3 RESULT", "value: `3` has no `/`"),
            ("3/10 RESULT", "x/10 RESULT", "value: `x` is no number"),
            ("RESULT LAST", "LAST RESULT", "value: `RESULT` is neither RESULT nor then LAST"),
            ("REPORT, -, -", "REPORT, -, FINISH", "meanwhile: this call waits for nothing"),
            ("0, -, -, 3", "0, -, 0, 3", "success: this call has no such cell"),
        ],
    );
    let told = dialect::parse("dialect-ftp.csv", DIALECT, &mut Vec::new()).unwrap_err();
    assert_eq!(told.to_string(), "dialect-ftp.csv:0: no file of a dialect");
}

#[test]
fn rows_of_verdicts() {
    let header = "id, source, verdict, code, vss, vss-vista, vss-2003, vss-revert, vds, \
                  vds-vista-clean, wsb, gpm, abort, abort-vista, verb, verb-vista, vss-wait, \
                  vss-wait-vista, vds-wait";
    let good = format!("verdicts/x, D: a page, OK, 0, AFTER_END{}", ", 0x00000000".repeat(14));
    refused(
        "dialect-verdicts.csv",
        verdict_row::parse,
        (header, &good),
        &[
            ("OK", "FINE", "verdict: `FINE` is no verdict"),
            ("OK", "-", "verdict: a row without one"),
            ("AFTER_END", "LATER", "vss: `LATER` is no result code"),
            ("AFTER_END", "-", "vss: every call returns something"),
        ],
    );
}

#[test]
fn rows_of_aborts() {
    let header = "id, source, profile, purpose, state, verdict, returns, told, owed, goes-on, \
                  snapshot, writers, linked, lock";
    let good = "abort/x, D: a page, WINDOWS_7, BACKUP, FREEZING, CANCELLING, 0x00000000, 0 2, 1, \
                0x0004230B, -, STABLE STABLE STABLE, CANCELLING, FREE";
    refused(
        "dialect-abort.csv",
        abort_row::parse,
        (header, good),
        &[
            ("WINDOWS_7", "DEFAULT", "profile: `DEFAULT` is no profile of vss"),
            ("BACKUP", "ARCHIVE", "purpose: `ARCHIVE` is no purpose"),
            ("FREEZING", "COLD", "state: `COLD` is no stage"),
            ("0 2, 1", "2 0, 1", "told: `2 0` does not name writers in their order"),
            ("0 2, 1", "0 2, 3", "owed: `3` does not name writers"),
            ("STABLE STABLE STABLE", "STABLE", "writers: `STABLE` is not the state of 3"),
            ("STABLE STABLE STABLE", "STABLE STABLE SHAKY", "writers: `SHAKY` is no state"),
            ("STABLE STABLE STABLE", "-", "writers: `-` is no state"),
            ("CANCELLING, FREE", "CANCELLING, OPEN", "lock: `OPEN` is neither HELD nor FREE"),
        ],
    );
}

#[test]
fn steps_of_sequences() {
    let header =
        "sequence, step, source, who, call, argument, verdict, hresult, out, told, stage, lock";
    let good =
        "01-x, 1, D: a page, R1, ABORT, -, CANCELLED, 0x00000000, 3 0 0, *:ABORT, FROZEN, FREE";
    refused(
        "sequences.csv",
        sequence::parse,
        (header, good),
        &[
            ("01-x, 1", "01-x, 2", "step: 2 of 01-x comes where 1 should"),
            ("R1", "R3", "who: `R3` is nobody"),
            ("R1, ABORT", "OP1, ABORT", "argument: `ABORT` is no call of theirs"),
            ("R1, ABORT", "R1, STOP", "argument: `STOP` is no call of a requester"),
            ("ABORT, -", "ABORT, 7", "argument: this call has no argument"),
            ("CANCELLED", "HELD", "hresult: nothing has returned"),
            ("3 0 0", "3 0", "out: `3 0` does not come with this call"),
            ("*:ABORT", "ABORT", "told: `ABORT` has no `:`"),
            ("*:ABORT", "3:ABORT", "told: `3` is no writer"),
            ("*:ABORT", "0:STOP", "told: `STOP` is no notice"),
            ("FROZEN", "COLD", "stage: `COLD` is no stage"),
        ],
    );
    let of = |who: &str, call: &str, argument: &str| {
        let row =
            format!("01-x, 1, D: a page, {who}, {call}, {argument}, -, -, -, -, FROZEN, FREE");
        refusal("sequences.csv", sequence::parse, header, &row)
    };
    assert!(of("W1", "REFUSES", "FREEZE 0").contains("`0` is no code of a failure"));
    assert!(of("W1", "TAKES", "FREEZE long").contains("`long` is no number"));
    assert!(of("R1", "RETURNS", "WRITER").contains("`WRITER` is never held"));
    assert!(of("R1", "INITIALISE", "-").contains("`-` is no purpose"));
}

#[test]
fn steps_of_sequences_of_interfaces() {
    let header = "sequence, step, source, who, call, argument, returns, out, told, lock, objects";
    let good = "01-x, 1, D: a page, R1, RUN, DoSnapshotSet, 0x00000000, 0x0004230A|0x0004230B, \
                *:FREEZE provider:SNAPSHOT, FREE, 1";
    refused(
        "sequences-com.csv",
        com_sequence::parse,
        (header, good),
        &[
            ("01-x, 1", "01-x, 2", "step: 2 of 01-x comes where 1 should"),
            ("D: a page", "a page", "source: `a page` is neither"),
            ("R1", "R3", "who: `R3` is nobody"),
            ("R1", "W1", "call: `RUN` is no call of theirs"),
            ("R1", "CLOCK", "call: `RUN` is no call of theirs"),
            ("RUN", "Run", "call: `Run` is no call of theirs"),
            ("DoSnapshotSet", "AbortBackup", "argument: `AbortBackup` returns no operation"),
            ("DoSnapshotSet", "DoSnapshotSet 1", "argument: `1` is too much"),
            ("0x00000000", "0x0", "returns: `0x0` is no result code"),
            ("0x00000000", "-", "returns: every method returns something"),
            ("0x00000000", "HELD", "returns: RUN is never held"),
            ("0x00000000", "0x80042301", "out: this call has no out"),
            ("0x0004230A|0x0004230B", "0x0004230A|-", "out: `0x0004230A|-` holds no code"),
            ("0x0004230A|0x0004230B", "-", "out: `-` holds no code"),
            ("0x0004230A|0x0004230B", "0x00000000|0x00000001|0x00000002|0x00000003", "more than 3"),
            ("*:FREEZE", "FREEZE", "told: `FREEZE` has no `:`"),
            ("*:FREEZE", "3:FREEZE", "told: `3` is no writer"),
            ("*:FREEZE", "*:SNAPSHOT", "told: `SNAPSHOT` is nothing that they are told"),
            ("provider:SNAPSHOT", "provider:FREEZE", "`FREEZE` is nothing that they are told"),
            ("FREE, 1", "OPEN, 1", "lock: `OPEN` is neither HELD nor FREE"),
            ("FREE, 1", "FREE, some", "objects: `some` is no number of objects"),
        ],
    );
    let of = |cells: &str| {
        let row = format!("01-x, 1, D: a page, {cells}, -, FREE, 1");
        refusal("sequences-com.csv", com_sequence::parse, header, &row)
    };
    let says = |cells: &str, what: &str| {
        let told = of(cells);
        assert!(told.contains(what), "`{told}` does not say `{what}`");
    };
    says("R1, SetContext, TAPE, 0x00000000, -", "argument: `TAPE` is no context");
    says("R1, AddComponent, 3, 0x00000000, -", "argument: `3` is no writer");
    says("R1, AddToSnapshotSet, CD, 0x00000000, -", "argument: `CD` is no letter of a volume");
    says("R1, Wait, DoSnapshotSet long, 0x00000000, -", "argument: `long` is no number");
    says("R1, Wait, DoSnapshotSet, 0x00000000, -", "argument: `` is no number");
    says("R1, RETURNS, RETURNS, 0x00000000, -", "argument: `RETURNS` is never held");
    says("R1, GetWriterStatus, 0, 0x00000000, STABLE", "`STABLE` does not come with this call");
    says("R1, GetWriterStatus, 0, 0x00000000, SHAKY 0x00000000", "`SHAKY` is no state of a writer");
    says("R1, AbortBackup, -, 0x00000000, 1", "out: this call has no out: `1`");
    says("W1, REFUSES, FREEZE 0x00000000, -, -", "`0x00000000` is no code of a failure");
    says("W1, HOLDS, READY, -, -", "argument: `READY` is nothing that they are told");
    says("W1, IS_DEAF, -, -, -", "call: `IS_DEAF` is no call of theirs");
    says("W1, HOLDS, FREEZE, 0x00000000, -", "returns: this call has no result");
    says("PROVIDER, COUNTS, -, -, 1", "out: `1` does not come with this call");
    says("CLOCK, PASSES, long, -, -", "argument: `long` is no number");
}
