//! Every verdict through every dialect of the core.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::HashSet;

use quell::dialect::{HResult, Reply, gpm, vds, vss, vss_session, wsb};
use quell::{Answer, Generation, Mode, Phase, Status, Verdict};
use quell_conformance::front::Front;
use quell_conformance::verdict_row::{CODES, VerdictRow, load};

const RUNNING: Status = Status {
    phase: Phase::Running,
    level: None,
    cause: None,
    effects: quell::Effects::Unstated,
    code: None,
    shields: 0,
    mode: Mode::DECISIVE,
    generation: Generation::new(0),
};

fn column(name: &str, answer: Answer) -> Option<u32> {
    use vss::Profile as Vss;
    let now = |code: HResult| Some(code.0);
    let reply = |reply: Reply| match reply {
        Reply::Now(code) => Some(code.0),
        Reply::AfterEnd => None,
    };
    match name {
        "vss" => reply(Vss::WINDOWS_7.cancel(answer)),
        "vss-vista" => reply(Vss::WINDOWS_VISTA.cancel(answer)),
        "vss-2003" => reply(Vss::WINDOWS_SERVER_2003.cancel(answer)),
        "vss-revert" => reply(Vss::REVERT.cancel(answer)),
        "vds" => reply(vds::Profile::DEFAULT.cancel(answer)),
        "vds-vista-clean" => reply(vds::Profile::VISTA_BASIC_CLEAN.cancel(answer)),
        "wsb" => now(wsb::Profile::CURRENT.abort(answer)),
        "gpm" => now(gpm::cancel(answer)),
        "abort" => now(vss_session::abort(Vss::WINDOWS_7, answer.verdict)),
        "abort-vista" => now(vss_session::abort(Vss::WINDOWS_VISTA, answer.verdict)),
        "verb" => now(vss_session::verb(Vss::WINDOWS_7, answer.verdict)),
        "verb-vista" => now(vss_session::verb(Vss::WINDOWS_VISTA, answer.verdict)),
        "vss-wait" => now(Vss::WINDOWS_7.wait(answer.verdict, &RUNNING)),
        "vss-wait-vista" => now(Vss::WINDOWS_VISTA.wait(answer.verdict, &RUNNING)),
        "vds-wait" => now(vds::Profile::DEFAULT.wait(answer.verdict, &RUNNING)),
        other => panic!("no dialect for {other}"),
    }
}

fn holds(row: &VerdictRow) -> bool {
    let answer = Answer { verdict: row.verdict, code: row.code };
    let mut holds = true;
    for (name, expected) in CODES.iter().zip(row.returns) {
        let seen = column(name, answer);
        if seen != expected {
            eprintln!("{}: {name}: expected {expected:X?}, but saw {seen:X?}", row.place.id);
            holds = false;
        }
    }
    holds
}

#[test]
fn every_verdict_through_every_dialect() {
    let rows = load().unwrap_or_else(|error| panic!("{error}"));
    let mut front = Front::new("rust-verdicts").unwrap();
    for row in &rows {
        front.say(&row.place.id, holds(row)).unwrap();
    }
    assert_eq!(front.close(rows.len()), (rows.len(), 0));
    let told: HashSet<Verdict> = rows.iter().map(|row| row.verdict).collect();
    assert_eq!(told.len(), Verdict::ALL.len(), "each verdict has a row");
}
