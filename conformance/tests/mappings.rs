//! The rows of the dialects beyond Windows, through Rust.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use std::collections::HashSet;

use quell::dialect::aio::Returned;
use quell::dialect::scsi::{Nexus, Transport};
use quell::dialect::{Reply, aio, errno, io_uring, nvme, scsi, stop_token};
use quell::{Answer, Code, Generation, Mode, Status, Verdict};
use quell_conformance::front::Front;
use quell_conformance::mapping::{self, MappingRow, Question};

/// What a mapping says: nothing before the end, or a number and what goes with it.
type Said = Option<(i64, u32)>;

fn status(row: &MappingRow) -> Status {
    let seen = row.seen.expect("a question about a status has one");
    Status {
        phase: seen.phase,
        level: seen.level,
        cause: seen.cause,
        effects: seen.effects,
        code: Code::new(row.code),
        shields: 0,
        mode: Mode::DECISIVE,
        generation: Generation::new(7),
    }
}

fn said<T>(reply: Reply<T>, number: impl FnOnce(T) -> (i64, u32)) -> Said {
    match reply {
        Reply::Now(code) => Some(number(code)),
        Reply::AfterEnd => None,
    }
}

fn transport(row: &MappingRow) -> Transport {
    [Transport::Sam, Transport::Sas, Transport::Iscsi][row.profile as usize]
}

fn nexus(row: &MappingRow) -> Nexus {
    [Nexus::Own, Nexus::Other, Nexus::OtherWithTas][row.profile as usize]
}

fn completion(completion: nvme::Completion) -> (i64, u32) {
    (completion.status.raw().into(), completion.dword0)
}

fn returned(returned: Returned) -> (i64, u32) {
    match returned {
        Returned::Value(value) => (value.into(), 0),
        Returned::Failure(error) => (-1, error.raw().cast_unsigned()),
    }
}

fn task(end: scsi::TaskEnd) -> (i64, u32) {
    (end.status.map_or(0x100, i64::from), end.sense.map_or(0, scsi::Sense::raw))
}

fn ask(row: &MappingRow) -> Said {
    let answer = || Answer { verdict: row.verdict.expect("a told question"), code: row.code };
    let plain = |number: i32| Some((i64::from(number), 0));
    let response = |response: scsi::Response| (response.number(transport(row)).into(), 0);
    match row.question {
        Question::NvmeAbort => {
            said(nvme::Profile::from_raw(row.profile).unwrap().abort(answer()), completion)
        }
        Question::NvmeAbortEnd => Some(completion(nvme::abort_end(&status(row)))),
        Question::NvmeCommand => {
            said(nvme::command(&status(row)), |status| (status.raw().into(), 0))
        }
        Question::ScsiAbortTask => said(scsi::abort_task(answer()), response),
        Question::ScsiAbortTaskEnd => Some(response(scsi::abort_task_end(&status(row)))),
        Question::ScsiAbortAll => said(scsi::abort_all(answer()), response),
        Question::ScsiAbortAllEnd => Some(response(scsi::abort_all_end(&status(row)))),
        Question::ScsiQueryTask => Some(response(scsi::query_task(&status(row)))),
        Question::ScsiTask => said(scsi::task(&status(row), nexus(row)), task),
        Question::AioCancel => said(aio::cancel(answer()), returned),
        Question::AioCancelEnd => Some(returned(aio::cancel_end(&status(row)))),
        Question::AioError => Some(returned(aio::error(&status(row)))),
        Question::AioReturn => Some((aio::returned(&status(row), row.value), 0)),
        Question::Errno => plain(errno::of(answer()).map_or(0, errno::Errno::raw)),
        Question::UringCancel => plain(io_uring::cancel(answer())),
        Question::UringCounts => plain(io_uring::counts(answer()).into()),
        Question::UringSyncCancel => {
            said(io_uring::sync_cancel(answer()), |result| (result.into(), 0))
        }
        Question::UringSyncCancelEnd => {
            plain(io_uring::sync_cancel_end(row.verdict.unwrap(), &status(row)))
        }
        Question::UringRequest => {
            let value = row.value.try_into().expect("a result has 32 bits");
            said(io_uring::request(&status(row), value), |result| (result.into(), 0))
        }
        Question::RequestStop => plain(stop_token::request_stop(row.verdict.unwrap()).into()),
    }
}

#[test]
fn every_row() {
    let rows = mapping::load().unwrap_or_else(|error| panic!("{error}"));
    let mut front = Front::new("rust-mappings").unwrap();
    for row in &rows {
        let expected = (!row.after_end).then_some((row.returns, row.with));
        let said = ask(row);
        if said != expected {
            eprintln!("{}:{}: {}", row.place.file, row.place.line, row.place.id);
            eprintln!("  expected {expected:?}\n  but said {said:?}");
        }
        front.say(&row.place.id, said == expected).unwrap();
    }
    assert_eq!(front.close(rows.len()), (rows.len(), 0));
}

/// Where a call takes a verdict, its rows have every one, under every profile;
/// where it takes a status, every phase.
#[test]
fn the_rows_are_total() {
    let rows = mapping::load().unwrap_or_else(|error| panic!("{error}"));
    for question in Question::ALL.iter().copied() {
        let of = || rows.iter().filter(move |row| row.question == question);
        let profiles: HashSet<u32> = of().map(|row| row.profile).collect();
        assert!(!profiles.is_empty(), "{question:?} is never asked");
        for profile in profiles {
            let here = || of().filter(move |row| row.profile == profile);
            let verdicts: HashSet<_> = here().filter_map(|row| row.verdict).collect();
            let phases: HashSet<_> =
                here().filter_map(|row| row.seen).map(|seen| seen.phase).collect();
            let waits = question == Question::UringSyncCancelEnd;
            let total = |all: usize, some: usize| some == 0 || some == all;
            assert!(
                waits || total(Verdict::ALL.len(), verdicts.len()),
                "{question:?} {verdicts:?}"
            );
            assert!(total(quell::Phase::ALL.len(), phases.len()), "{question:?} {phases:?}");
            assert!(verdicts.len() + phases.len() > 0);
        }
    }
}
