//! The records of a small life, as SPEC.md has them, by way of `log` and of
//! `tracing`: `cargo test -p quell --features log,tracing --test trace`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod life;
mod sinks;

use life::{Names, play};
use sinks::{Event, Field, with_log, with_tracing};

/// The block of SPEC.md that is marked `records`.
fn documented() -> Vec<&'static str> {
    let spec = include_str!("../../../SPEC.md");
    let (_, after) = spec.split_once("```records\n").expect("SPEC.md has the records");
    let (block, _) = after.split_once("```").expect("the block ends");
    block.lines().collect()
}

/// The records, with the addresses named.
fn check(names: &Names, records: Vec<(String, String)>) {
    let said: Vec<_> =
        records.iter().map(|(level, text)| format!("{level} {}", names.put_into(text))).collect();
    assert_eq!(said, documented());
}

#[test]
fn log_has_the_records_of_a_small_life() {
    let (names, records) = with_log(play);
    check(&names, records.into_iter().map(|line| (line.level, line.text)).collect());
}

#[test]
fn tracing_has_the_same_records() {
    let (names, records) = with_tracing(play);
    let text = |event: &Event| event.fields["message"].to_string();
    check(&names, records.iter().map(|event| (event.level.clone(), text(event))).collect());
}

/// The fields of the request that was accepted, and of the hook that was told.
#[test]
fn tracing_has_the_parts_as_fields() {
    let (names, records) = with_tracing(play);
    let changed = records
        .iter()
        .find(|record| record.fields.get("verdict") == Some(&Field::Text("CANCELLING".into())))
        .expect("a request was accepted");
    let text = |name: &str| changed.fields.get(name).map(ToString::to_string);
    assert_eq!(changed.fields["op"], Field::Number(names.source));
    assert_eq!(text("event").as_deref(), Some("cancel"));
    assert_eq!(text("phase").as_deref(), Some("RUNNING"));
    assert_eq!(text("level").as_deref(), Some("GRACEFUL"));
    assert_eq!(text("cause").as_deref(), Some("USER"));
    assert_eq!(changed.fields["generation"], Field::Number(0));
    // RUNNING is phase 2, bits 30 to 28; SRC is bit 18; then also VIS, GRACEFUL
    // in bits 27 and 26, USER in bits 25 to 22.
    assert_eq!(changed.fields["before"], Field::Number(2 << 28 | 1 << 18));
    let requested = 1 << 31 | 2 << 28 | 1 << 26 | 1 << 22 | 1 << 18;
    assert_eq!(changed.fields["after"], Field::Number(requested));

    let told = records.iter().find(|record| record.fields.contains_key("hook")).unwrap();
    assert_eq!(told.fields["op"], Field::Number(names.source));
    assert_eq!(told.fields["hook"], Field::Number(names.hook));
    assert_eq!(told.fields["events"], Field::Text("REQUEST".into()));
}

/// A call that changes nothing leaves no record.
#[test]
fn only_changes_are_recorded() {
    use quell::{Cause, Level, Mode, Op, Request, Verdict};
    let (_, records) = with_log(|| {
        let op = Op::new();
        let owner = op.arm(Mode::DECISIVE).unwrap();
        let request = Request::new(Level::Graceful, Cause::User);
        let denied = owner.canceller().without_right().cancel(request);
        assert_eq!(denied.verdict, Verdict::Denied);
        assert!(owner.retire().is_err());
        assert_eq!(op.poll(), None);
    });
    assert_eq!(records.len(), 1);
}

/// A slot that is claimed, held and retired: what its pin is each time, by the
/// layout of SPEC.md, and what its operation makes of it.
#[test]
fn a_slot_and_its_operation_are_recorded() {
    use quell::{Code, Mode, Table};
    let (_, records) = with_log(|| {
        let table = Table::<1>::new();
        let tenant =
            table.view().tenant(quell::Claim { tag: 7, mode: Mode::DECISIVE, owner: 0 }).unwrap();
        assert_eq!(tenant.force(Code::ABANDONED), quell::Verdict::Ok);
        assert!(tenant.retire().is_ok());
    });
    let said: Vec<_> = records
        .iter()
        .map(|line| line.text.split_whitespace().collect::<Vec<_>>())
        .map(|words| format!("{} {}", words[0], if words[0] == "op" { words[2] } else { "" }))
        .collect();
    // FREE to CLAIMING to LIVE, then armed; forced; retired, and the pin follows.
    let expected = ["slot ", "slot ", "op arm:", "op force:", "op retire:", "slot "];
    assert_eq!(said, expected);
}

/// The stages of a session, from nothing to initialised and to its end.
#[test]
fn the_stages_of_a_session_are_recorded() {
    use quell::{Host, Limits, Notice, Purpose, SessionLock, SessionStorage};
    struct Silent;
    impl Host for Silent {
        fn now(&self) -> u32 {
            0
        }
        fn tell(&self, _: usize, _: Notice) -> Result<(), Code> {
            Ok(())
        }
    }
    use quell::Code;
    let (_, records) = with_log(|| {
        let (lock, storage) = (SessionLock::new(), SessionStorage::<1>::new());
        let session = storage.session(&lock, &Silent, Limits::default());
        assert_eq!(session.initialise(Purpose::Backup), quell::Verdict::Ok);
    });
    let stages = records.iter().filter(|line| line.text.starts_with("session ")).count();
    assert_eq!(stages, 1);
}
