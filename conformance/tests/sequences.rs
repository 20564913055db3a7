//! The eighteen sequences through sessions of the core, with a thread for each
//! party that can be held.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod backup;
mod callers;

use std::collections::HashMap;
use std::sync::Arc;
use std::thread::{self, Scope};
use std::time::Duration;

use backup::{Room, World};
use callers::{Call, Stands};
use quell::dialect::vss::Profile;
use quell::dialect::{Reply, vss, vss_session};
use quell::{Canceller, Cause, Code, Level, Owner, Request, Session, Source, Verdict, Worker};
use quell_conformance::front::Front;
use quell_conformance::sequence::{Act, Expected, Out, Party, SequenceRow, load};

const USER: Request = Request::new(Level::Immediate, Cause::User);
const PROFILE: Profile = Profile::WINDOWS_7;

/// What a party is told.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Told {
    verdict: Option<Verdict>,
    hresult: Option<u32>,
    out: Out,
}

fn told(verdict: Verdict, hresult: Option<u32>, out: Out) -> Told {
    Told { verdict: Some(verdict), hresult, out }
}

fn verb(verdict: Verdict) -> Told {
    told(verdict, Some(vss_session::verb(PROFILE, verdict).0), Out::Nothing)
}

/// A requester's call, which may be held.
fn requester(session: &Session<'_>, canceller: Option<Canceller<'_>>, act: Act) -> Told {
    let operation = || canceller.expect("begun");
    match act {
        Act::Initialise(purpose) => verb(session.initialise(purpose)),
        Act::StartSet => verb(session.start_set()),
        Act::Prepare => verb(session.prepare()),
        Act::PrepareSnapshot => verb(session.prepare_snapshot()),
        Act::Freeze => verb(session.freeze()),
        Act::Hold => verb(session.hold()),
        Act::Thaw => verb(session.thaw()),
        Act::PostSnapshot => verb(session.post_snapshot()),
        Act::Complete => verb(session.complete()),
        Act::Abort => {
            let aborted = session.abort(USER);
            let code = vss_session::abort(PROFILE, aborted.verdict).0;
            let counts = Out::Counts([aborted.told, aborted.owed, aborted.refused]);
            told(aborted.verdict, Some(code), counts)
        }
        Act::Release => told(session.release(), None, Out::Nothing),
        Act::Snapshot => {
            let code = vss_session::snapshot(PROFILE, &session.status());
            told(Verdict::Ok, Some(code.unwrap_or(vss::S_ASYNC_PENDING).0), Out::Nothing)
        }
        Act::Writer(writer) => match session.participant(writer) {
            Some(seen) => told(
                Verdict::Ok,
                Some(vss_session::writer_failure(&seen).0),
                Out::Writer(vss_session::writer_state(&seen)),
            ),
            None => told(Verdict::NotFound, None, Out::Nothing),
        },
        Act::Look => {
            let seen = session.status();
            let cause = seen.aborted().map(|request| request.cause);
            told(Verdict::Ok, None, Out::Look(seen.set.phase, cause, seen.completion.phase))
        }
        Act::AsyncCancel => cancel(operation()),
        Act::AsyncWait(limit) => {
            let limit = limit.map(|limit| Duration::from_millis(limit.into()));
            let waited = operation().observer().wait_end(limit).err().unwrap_or(Verdict::Ok);
            let seen = operation().status().expect("not retired");
            told(waited, Some(PROFILE.wait(waited, &seen).0), Out::Nothing)
        }
        Act::AsyncStatus => {
            let seen = operation().status().expect("not retired");
            told(Verdict::Ok, Some(0), Out::Code(PROFILE.status(&seen).0))
        }
        other => panic!("{other:?} is no call of a requester"),
    }
}

fn cancel(canceller: Canceller<'_>) -> Told {
    let answer = canceller.cancel(USER);
    let code = match PROFILE.cancel(answer) {
        Reply::Now(code) => code,
        Reply::AfterEnd => {
            canceller.observer().wait_end(None).expect("it ends");
            PROFILE.cancel_end(answer.verdict, &canceller.status().expect("not retired"))
        }
    };
    told(answer.verdict, Some(code.0), Out::Nothing)
}

/// One of the two sessions, and its operation.
struct Side<'a> {
    room: &'a Room<'a>,
    session: Session<'a>,
    source: &'a Source,
    owner: Option<Owner<'a>>,
    worker: Option<Worker<'a>>,
}

struct Stage<'a, 'scope, 'env> {
    world: &'a World,
    sides: [Side<'a>; 2],
    scope: &'scope Scope<'scope, 'env>,
    /// The calls that have not returned, by the thread of their party.
    held: HashMap<(usize, usize), Arc<Call<Told>>>,
}

impl<'a: 'scope, 'scope> Stage<'a, 'scope, '_> {
    /// Takes one step. Nothing is told where the call is held.
    fn take(&mut self, row: &SequenceRow) -> Result<Option<Told>, String> {
        let said = |verdict: Verdict| Ok(Some(told(verdict, None, Out::Nothing)));
        let silent = Ok(Some(Told { verdict: None, hresult: None, out: Out::Nothing }));
        match (row.who, row.act) {
            (Party::Requester(session, thread), Act::Returns(_)) => {
                let call = self.held.remove(&(session, thread)).ok_or("nothing is held")?;
                Ok(Some(call.result().ok_or("hangs")?))
            }
            (Party::Requester(session, _), Act::AsyncBegin(mode)) => {
                let side = &mut self.sides[session];
                let owner = side.source.arm(mode).expect("vacant");
                side.room.linked.set(owner.canceller()).ok().expect("begun once");
                side.worker = Some(owner.start().expect("pending"));
                side.owner = Some(owner);
                said(Verdict::Ok)
            }
            (Party::Requester(session, _), Act::Linked) => {
                let answer = self.sides[session].room.answer.lock().unwrap();
                let verdict = answer.ok_or("the operation has not been asked")?.verdict;
                Ok(Some(told(Verdict::Ok, None, Out::Answer(verdict))))
            }
            (Party::Requester(session, thread), act) => self.call(row, session, thread, act),
            (Party::Worker(session), act) => {
                let worker = self.sides[session].worker.as_mut().ok_or("nothing has begun")?;
                match act {
                    Act::Poll => Ok(Some(told(Verdict::Ok, None, Out::Level(worker.poll())))),
                    Act::Commit => said(worker.commit()),
                    Act::Finish => said(worker.finish()),
                    Act::Fail(code) => said(worker.fail(code)),
                    Act::Acknowledge(effects) => said(worker.acknowledge(effects)),
                    other => Err(format!("{other:?}")),
                }
            }
            (Party::Writer(writer), act) => {
                match act {
                    Act::Refuses(notice, code) => self.world.refuses(writer, notice, code),
                    Act::Takes(notice, ticks) => self.world.takes(writer, notice, ticks),
                    Act::Agrees(notice) => self.world.agrees(writer, notice),
                    Act::Holds(notice) => self.world.holds(writer, notice),
                    Act::LetsGo(_) if !self.world.let_go() => return Err("held nobody".to_owned()),
                    _ => {}
                }
                let hung = self.held.values().any(|call| call.settled() == Stands::Hangs);
                if hung { Err("hangs".to_owned()) } else { silent }
            }
            (Party::Clock, Act::Pass(ticks)) => {
                self.world.pass(ticks);
                silent
            }
            (Party::Clock, _) => said(self.sides[0].session.expire(self.world.now())),
            (Party::Provider, Act::ProviderFails(code)) => {
                said(self.sides[0].session.provider_failed(code))
            }
            (Party::Provider, other) => Err(format!("{other:?}")),
        }
    }

    fn call(
        &mut self,
        row: &SequenceRow,
        session: usize,
        thread: usize,
        act: Act,
    ) -> Result<Option<Told>, String> {
        if self.held.contains_key(&(session, thread)) {
            return Err("this thread's last call has not returned".to_owned());
        }
        let side = &self.sides[session];
        let party = side.session;
        let canceller = side.owner.as_ref().map(Owner::canceller);
        let call = Arc::new(Call::new());
        let runs = Arc::clone(&call);
        self.scope.spawn(move || runs.run(|| requester(&party, canceller, act)));
        if row.expected != Expected::Held {
            return Ok(Some(call.result().ok_or("hangs")?));
        }
        match call.settled() {
            Stands::Waits => {
                self.held.insert((session, thread), call);
                Ok(None)
            }
            Stands::Returned => Ok(call.result()),
            Stands::Hangs => Err("neither waits nor returns".to_owned()),
        }
    }

    fn check(
        &mut self,
        row: &SequenceRow,
        before: Result<Option<Told>, String>,
    ) -> Result<(), String> {
        let seen = before?;
        let expected = match row.expected {
            Expected::Held => None,
            Expected::Nothing => Some(None),
            Expected::Verdict(verdict) => Some(Some(verdict)),
        };
        let expected = expected.map(|verdict| Told { verdict, hresult: row.hresult, out: row.out });
        let notices = self.world.told();
        let due: Vec<_> = row.told.iter().map(|told| (told.writer, told.notice)).collect();
        let stage = self.sides[row.who.session()].session.status().stage;
        let locked = self.world.lock.is_held();
        if (&seen, &notices, stage, locked) == (&expected, &due, row.stage, row.locked) {
            return Ok(());
        }
        Err(format!(
            "expected {expected:X?}, then {due:?}, {:?}, {}\n  but saw  {seen:X?}, then {notices:?}, \
             {stage:?}, {locked}",
            row.stage, row.locked
        ))
    }

    /// Ends whatever still waits.
    fn end(&mut self) {
        self.world.give_up();
        for side in &mut self.sides {
            if let Some(owner) = &side.owner {
                let _ = owner.force(Code::ABANDONED);
            }
        }
    }
}

/// Replays one sequence; after the first step that differs, the rest does too.
fn replay(steps: &[SequenceRow], say: &mut dyn FnMut(&SequenceRow, &Result<(), String>)) {
    let world = World::new();
    let sources = [Source::new(), Source::new()];
    let rooms = [world.room(), world.room()];
    thread::scope(|scope| {
        let side = |number: usize| Side {
            room: &rooms[number],
            session: world.session(number, &rooms[number]),
            source: &sources[number],
            owner: None,
            worker: None,
        };
        let sides = [side(0), side(1)];
        let mut stage = Stage { world: &world, sides, scope, held: HashMap::new() };
        let mut course = Ok(());
        for row in steps {
            if course.is_ok() {
                let seen = stage.take(row);
                course = stage.check(row, seen);
            }
            say(row, &course);
            if course.is_err() {
                course = Err("the course was left before".to_owned());
            }
        }
        stage.end();
    });
}

#[test]
fn every_sequence_through_sessions() {
    let rows = load().unwrap_or_else(|error| panic!("{error}"));
    let mut front = Front::new("rust-sequences").unwrap();
    for steps in rows.chunk_by(|a, b| a.sequence == b.sequence) {
        replay(steps, &mut |row, held| {
            if let Err(what) = held {
                eprintln!("{}:{}: {}\n  {what}", row.place.file, row.place.line, row.place.id);
            }
            front.say(&row.place.id, held.is_ok()).unwrap();
        });
    }
    assert_eq!(front.close(rows.len()), (rows.len(), 0));
}

#[test]
fn all_eighteen_are_there() {
    let rows = load().unwrap_or_else(|error| panic!("{error}"));
    let numbers: std::collections::BTreeSet<&str> =
        rows.iter().filter_map(|row| row.sequence.split('-').next()).collect();
    let eighteen: Vec<String> = (1..=18).map(|number| format!("{number:02}")).collect();
    assert_eq!(numbers.into_iter().collect::<Vec<_>>(), eighteen);
}
