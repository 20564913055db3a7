//! AbortBackup in every state, through sessions of the core.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod backup;

use std::thread;

use backup::World;
use quell::dialect::vss::Profile;
use quell::dialect::vss_session;
use quell::{Cause, Code, Level, Mode, Notice, Purpose, Request, Session, Source, Stage, Verdict};
use quell_conformance::abort_row::{AbortRow, Reached, WRITERS, load};
use quell_conformance::front::Front;

const USER: Request = Request::new(Level::Immediate, Cause::User);
const VETO: u32 = 0x8004_23F4;
const PROVIDER: u32 = 0x8004_2306;

fn code(raw: u32) -> Code {
    Code::new(raw).expect("a failure's code")
}

type Verb = fn(&Session<'_>) -> Verdict;

/// The stage that is left, the one while it is done, the verb, the one it leads
/// to.
const VERBS: [(Stage, Stage, Verb, Stage); 8] = [
    (Stage::Initialised, Stage::Initialised, |s| s.start_set(), Stage::SetStarted),
    (Stage::SetStarted, Stage::Preparing, |s| s.prepare(), Stage::Prepared),
    (Stage::Prepared, Stage::PreparingSnapshot, |s| s.prepare_snapshot(), Stage::SnapshotPrepared),
    (Stage::SnapshotPrepared, Stage::Freezing, |s| s.freeze(), Stage::Frozen),
    (Stage::Frozen, Stage::Holding, |s| s.hold(), Stage::Holding),
    (Stage::Holding, Stage::Thawing, |s| s.thaw(), Stage::Thawed),
    (Stage::Thawed, Stage::PostSnapshot, |s| s.post_snapshot(), Stage::Created),
    (Stage::Created, Stage::Completing, |s| s.complete(), Stage::Completed),
];

/// What is told in a stage that lasts while writers are told something.
fn notice(stage: Stage) -> Option<Notice> {
    Some(match stage {
        Stage::Preparing => Notice::Prepare,
        Stage::PreparingSnapshot => Notice::PrepareSnapshot,
        Stage::Freezing => Notice::Freeze,
        Stage::Thawing => Notice::Thaw,
        Stage::PostSnapshot => Notice::PostSnapshot,
        Stage::Completing => Notice::Complete,
        _ => return None,
    })
}

/// The verbs up to a stage; each has to be told `Ok`.
fn go(session: &Session<'_>, to: Stage) {
    for (from, _, verb, _) in VERBS {
        if from >= to {
            return;
        }
        let told = verb(session);
        assert!(matches!(told, Verdict::Ok | Verdict::Failed), "{from:?}: {told}");
    }
}

fn reach(world: &World, session: &Session<'_>, row: &AbortRow) {
    if row.state == Reached::Stage(Stage::Vacant) {
        return;
    }
    assert_eq!(session.initialise(row.purpose), Verdict::Ok);
    if row.purpose == Purpose::Restore {
        return;
    }
    match row.state {
        Reached::Stage(Stage::SnapshotFailed) => {
            go(session, Stage::Prepared);
            assert_eq!(session.provider_failed(code(PROVIDER)), Verdict::Failed);
        }
        Reached::Stage(stage) => {
            let during = VERBS.into_iter().find(|(_, during, ..)| *during == stage);
            match (notice(stage), during) {
                (Some(_), Some((from, ..))) => go(session, from),
                _ => go(session, stage),
            }
        }
        Reached::PrepareFailed => {
            world.refuses(1, Notice::Prepare, code(VETO));
            go(session, Stage::Prepared);
        }
        Reached::Vetoed | Reached::TimedOut => {
            if row.state == Reached::Vetoed {
                world.refuses(1, Notice::Freeze, code(VETO));
            } else {
                world.takes(1, Notice::Freeze, 60_001);
            }
            go(session, Stage::SnapshotPrepared);
            assert_eq!(session.freeze(), Verdict::Cancelled);
        }
        Reached::HoldDropped => {
            go(session, Stage::Holding);
            world.pass(10_001);
            assert_eq!(session.expire(world.now()), Verdict::TimedOut);
        }
        Reached::ProviderFailed => {
            go(session, Stage::Holding);
            assert_eq!(session.provider_failed(code(PROVIDER)), Verdict::Cancelled);
        }
        Reached::Aborted => {
            go(session, Stage::Frozen);
            assert_eq!(session.abort(USER).verdict, Verdict::Cancelled);
        }
    }
}

fn aborts(told: Vec<(usize, Notice)>) -> u32 {
    let told = told.iter().filter(|(_, notice)| *notice == Notice::Abort);
    told.fold(0, |bits, (writer, _)| bits | 1 << writer)
}

/// What the method that comes next in this state returns.
fn next(session: &Session<'_>, stage: Stage) -> Verdict {
    let last = VERBS.last().map(|(.., verb, _)| *verb).expect("verbs");
    let found = VERBS.into_iter().find(|(from, ..)| *from == stage);
    match stage {
        Stage::Vacant => session.initialise(Purpose::Backup),
        _ => found.map_or(last, |(_, _, verb, _)| verb)(session),
    }
}

#[derive(Debug, PartialEq)]
struct Seen {
    verdict: Verdict,
    returns: u32,
    told: u32,
    owed: u32,
    goes_on: u32,
    snapshot: Option<u32>,
    writers: Option<[u32; WRITERS]>,
    linked: Option<Verdict>,
    locked: bool,
}

fn replay(row: &AbortRow) -> Seen {
    let profile = Profile::from_raw(row.profile).expect("a profile");
    let source = Source::new();
    let world = World::new();
    let room = world.room();
    let owner = source.arm(Mode::DECISIVE).expect("vacant");
    let _worker = owner.start().expect("pending");
    room.linked.set(owner.canceller()).ok().expect("once");
    let session = world.session(0, &room);
    reach(&world, &session, row);
    world.told();

    let during = match row.state {
        Reached::Stage(stage) => notice(stage),
        _ => None,
    };
    let stage = session.status().stage;
    let (aborted, told, locked, verdict) = match during {
        Some(notice) => thread::scope(|scope| {
            world.holds(1, notice);
            let verb = scope.spawn(|| next(&session, stage));
            world.wait_held();
            world.told();
            let aborted = session.abort(USER);
            let told = aborts(world.told());
            assert!(world.let_go());
            let verdict = verb.join().expect("no panic");
            (aborted, told, world.lock.is_held(), verdict)
        }),
        None => {
            let aborted = session.abort(USER);
            (aborted, aborts(world.told()), world.lock.is_held(), next(&session, stage))
        }
    };
    let owed = aborts(world.told());
    let status = session.status();
    Seen {
        verdict: aborted.verdict,
        returns: vss_session::abort(profile, aborted.verdict).0,
        told,
        owed,
        goes_on: vss_session::verb(profile, verdict).0,
        snapshot: vss_session::snapshot(profile, &status).map(|code| code.0),
        writers: (session.participants() > 0).then(|| {
            std::array::from_fn(|writer| {
                vss_session::writer_state(&session.participant(writer).expect("there")) as u32
            })
        }),
        linked: room.answer.lock().unwrap().map(|answer| answer.verdict),
        locked,
    }
}

#[test]
fn every_state_through_sessions() {
    let rows = load().unwrap_or_else(|error| panic!("{error}"));
    let mut front = Front::new("rust-aborts").unwrap();
    for row in &rows {
        let seen = replay(row);
        let expected = Seen {
            verdict: row.verdict,
            returns: row.returns,
            told: row.told,
            owed: row.owed,
            goes_on: row.goes_on,
            snapshot: row.snapshot,
            writers: row.writers.map(|states| states.map(|state| state as u32)),
            linked: row.linked,
            locked: row.locked,
        };
        if seen != expected {
            eprintln!("{}:{}: {}", row.place.file, row.place.line, row.place.id);
            eprintln!("  expected {expected:X?}\n  but saw  {seen:X?}");
        }
        front.say(&row.place.id, seen == expected).unwrap();
    }
    assert_eq!(front.close(rows.len()), (rows.len(), 0));
}
