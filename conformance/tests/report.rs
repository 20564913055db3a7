//! The report fails where a row differs, where nobody replays one, and where a
//! front says nothing any more from some row on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use quell_conformance::report::Report;

fn report() -> Report {
    let mut report = Report::default();
    for (file, id) in [("a.csv", "a/1"), ("a.csv", "a/2"), ("b.csv", "b/1")] {
        report.row(file.to_owned(), id.to_owned());
    }
    report
}

#[test]
fn all_is_well_where_every_row_holds_somewhere() {
    let mut report = report();
    report.front("one", "a/1 ok\na/2 out\n").unwrap();
    report.front("two", "a/1 ok\na/2 ok\nb/1 ok\n").unwrap();
    assert_eq!(report.complaints(&["one", "two"]), [""; 0]);
    let text = report.markdown(&[]);
    assert!(text.contains("| rows | | one | two |"), "{text}");
    assert!(text.contains("| a.csv | 2 | 1 +1 | 2 |"), "{text}");
    assert!(text.contains("| b.csv | 1 | | 1 |"), "{text}");
    assert!(text.contains("| all | 3 | 1 +1 | 3 |"), "{text}");
    assert!(text.contains("\n0 differing\n"), "{text}");
}

#[test]
fn one_row_that_differs_in_one_front() {
    let mut report = report();
    report.front("one", "a/1 ok\na/2 differs\nb/1 ok\n").unwrap();
    report.front("two", "a/1 ok\na/2 ok\nb/1 ok\n").unwrap();
    let complaints = report.complaints(&[]);
    assert_eq!(complaints, ["one: a/2: differs"]);
    let text = report.markdown(&complaints);
    assert!(text.contains("| a.csv | 2 | 2 (1 differ) | 2 |"), "{text}");
    assert!(text.contains("1 differing\n- one: a/2: differs\n"), "{text}");
}

#[test]
fn a_row_that_nobody_replays() {
    let mut report = report();
    report.front("one", "a/1 ok\na/2 out\nb/1 ok\n").unwrap();
    assert_eq!(report.complaints(&[]), ["a.csv: a/2: no front replays it"]);
}

/// Also where another front has replayed what it did not come to.
#[test]
fn a_front_that_died_midway() {
    let mut report = report();
    report.front("one", "a/1 ok\n").unwrap();
    report.front("two", "a/1 ok\na/2 ok\nb/1 ok\n").unwrap();
    assert_eq!(report.complaints(&[]), ["one: a.csv: 1 rows of which it says nothing"]);
}

#[test]
fn a_front_that_never_came() {
    let mut report = report();
    report.front("one", "a/1 ok\na/2 ok\nb/1 ok\n").unwrap();
    report.front("three", "").unwrap();
    let complaints = report.complaints(&["one", "two", "three"]);
    let silent = ["two: this front has said nothing", "three: this front has said nothing"];
    assert_eq!(complaints, silent);
}

#[test]
fn lines_that_say_nothing() {
    for (text, what) in [
        ("a/1", "line 1: `a/1`"),
        ("a/1 ok\na/2 o", "line 2: `a/2 o`"),
        ("a/1 ok\na/2 ok b/1 ok", "line 2: `a/2 ok b/1 ok`"),
        ("c/1 ok\n", "line 1: there is no row `c/1`"),
        ("a/1 ok\na/1 ok\n", "line 2: `a/1` a second time"),
    ] {
        assert_eq!(report().front("one", text).unwrap_err(), what);
    }
}

/// Two programs of one machine, and a file that stays with another.
#[test]
fn counts_by_front_and_file() {
    let mut report = report();
    report.front("one", "a/1 ok\n").unwrap();
    report.front("two", "a/2 out not here\n").unwrap();
    let (text, wrong) = report.counts(&[("b.csv", "elsewhere")]);
    assert_eq!(wrong, [""; 0]);
    let lines = [
        "one a.csv: 1 rows, 1 replayed, 0 differing",
        "two a.csv: 1 rows, 0 replayed, 0 differing, 1 out",
        "    a/2: not here",
        "b.csv: 1 rows, 0 replayed, 0 differing, 1 out: elsewhere",
        "all: 3 rows, 1 replayed, 0 differing, 2 out",
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), lines);
}

#[test]
fn counts_that_do_not_add_up() {
    let mut report = report();
    report.front("one", "a/1 differs\n").unwrap();
    let wrong = ["one: a/1: differs", "a.csv: 2 rows, said of 1", "b.csv: 1 rows, said of 0"];
    assert_eq!(report.counts(&[]).1, wrong);
    report.front("two", "a/1 ok\na/2 ok\n").unwrap();
    let wrong = ["one: a/1: differs", "a.csv: 2 rows, said of 3", "c.csv: there is no such file"];
    assert_eq!(report.counts(&[("b.csv", "elsewhere"), ("c.csv", "elsewhere")]).1, wrong);
}

#[test]
fn a_directory_without_fronts() {
    let told = Report::default().read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")));
    assert!(told.unwrap_err().ends_with("no front has said anything"));
}

/// A name means one row, over all files.
#[test]
fn every_row_of_the_repository_has_a_name_of_its_own() {
    let report = Report::new().unwrap();
    let mut seen = std::collections::HashSet::new();
    for (_, ids) in report.files() {
        for id in ids {
            assert!(seen.insert(id), "{id} comes twice");
        }
    }
    assert!(seen.len() > 4000);
}
