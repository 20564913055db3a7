//! The rows of the dialects through sources and the core's tables: a front does
//! what `quell::dialect` says that a front does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]

mod callers;

use std::thread;
use std::time::Duration;

use callers::{Call, Stands};
use quell::dialect::{HResult, Reply, gpm, vds, vss, wsb};
use quell::{
    Answer, Canceller, Cause, Code, Effects, Gate, Level, Mode, Observer, Owner, Phase, Reading,
    Request, Rights, Source, Status, Verdict, Worker,
};
use quell_conformance::dialect::{Asked, By, Dialect, DialectRow, Meanwhile, Null, Value, load};
use quell_conformance::front::Front;

const USER: Request = Request::new(Level::Immediate, Cause::User);

/// What a row is compared by.
#[derive(Debug, PartialEq)]
struct Told {
    verdict: Verdict,
    returns: Option<u32>,
    out: Option<u32>,
    value: Value,
}

struct Says(u32);

impl Gate for Says {
    fn ask(&self, _request: Request) -> u32 {
        self.0
    }
}

fn code(raw: u32) -> Code {
    Code::new(raw).expect("a failure's code")
}

/// The operation of a row: vacant, or with an owner, and a worker once started.
struct Bench<'a> {
    owner: Option<Owner<'a>>,
    worker: Option<Worker<'a>>,
}

impl<'a> Bench<'a> {
    fn reach(source: &'a Source, row: &DialectRow) -> Self {
        let to = &row.before;
        if to.phase == Phase::Vacant {
            return Self { owner: None, worker: None };
        }
        let owner = source.arm(to.mode).expect("vacant");
        let mut bench = Self { owner: Some(owner), worker: None };
        if to.phase != Phase::Pending && row.by != By::Request {
            bench.start();
        }
        bench.request(row);
        let Some(worker) = &mut bench.worker else { return bench };
        for _ in 0..to.shields {
            assert_eq!(worker.shield(), Verdict::Ok);
        }
        let _ = match (row.by, to.phase) {
            (By::Finish, _) => worker.finish(),
            (By::Fail, _) => worker.fail(code(to.code)),
            (By::Acknowledge, _) => worker.acknowledge(to.effects),
            (By::Force, _) => bench.owner().force(code(to.code)),
            (_, Phase::Committed) => worker.commit(),
            _ => Verdict::Ok,
        };
        bench
    }

    fn owner(&self) -> &Owner<'a> {
        self.owner.as_ref().expect("armed")
    }

    fn start(&mut self) -> &mut Worker<'a> {
        if self.worker.is_none() {
            self.worker = Some(self.owner().start().expect("pending"));
        }
        self.worker.as_mut().expect("started")
    }

    /// The request that the row begins with, unless the worker ended it unasked.
    fn request(&self, row: &DialectRow) {
        let unasked = row.before.cause == Some(Cause::Itself);
        if let (Some(level), Some(cause), false) = (row.before.level, row.before.cause, unasked) {
            let _ = self.owner().gated_canceller(&Says(0)).cancel(Request::new(level, cause));
        }
    }

    fn happen(&mut self, meanwhile: Meanwhile) {
        let forced = matches!(meanwhile, Meanwhile::Force(_) | Meanwhile::Cancel);
        if !forced && meanwhile != Meanwhile::Nothing {
            self.start();
        }
        let told = match meanwhile {
            Meanwhile::Nothing => Verdict::Ok,
            Meanwhile::Finish => self.start().finish(),
            Meanwhile::Commit => match self.start().commit() {
                Verdict::Ok => self.start().finish(),
                refusal => refusal,
            },
            Meanwhile::Fail(raw) => match self.start().fail(code(raw)) {
                Verdict::Cancelled => Verdict::Ok,
                told => told,
            },
            Meanwhile::Acknowledge(effects) => self.start().acknowledge(effects),
            Meanwhile::Force(raw) => self.owner().force(code(raw)),
            Meanwhile::Cancel => {
                match (self.owner().canceller().cancel(USER).verdict, &mut self.worker) {
                    (Verdict::Cancelling | Verdict::Requested, Some(worker)) => {
                        worker.acknowledge(Effects::None)
                    }
                    (Verdict::Cancelled, None) => Verdict::Ok,
                    (told, _) => told,
                }
            }
        };
        assert_eq!(told, Verdict::Ok, "{meanwhile:?}");
    }
}

/// What a front of each dialect does, by the protocol of `quell::dialect`.
fn call(row: &DialectRow, canceller: Canceller<'_>) -> Told {
    let observer = canceller.observer();
    match row.call {
        Asked::Cancel => {
            let answer = canceller.cancel(USER);
            let returns = cancel(row, answer, observer);
            told(answer.verdict, Some(returns), None, Value::Nothing)
        }
        Asked::Wait(limit) => wait(row, limit, observer),
        Asked::Status | Asked::Report => status(row, observer),
    }
}

fn told(verdict: Verdict, returns: Option<HResult>, out: Option<HResult>, value: Value) -> Told {
    Told { verdict, returns: returns.map(|code| code.0), out: out.map(|code| code.0), value }
}

fn vss_of(row: &DialectRow) -> vss::Profile {
    vss::Profile::from_raw(row.profile).expect("a profile")
}

fn vds_of(row: &DialectRow) -> vds::Profile {
    vds::Profile::from_raw(row.profile).expect("a profile")
}

fn look(observer: Observer<'_>) -> Status {
    observer.status().expect("not retired")
}

fn cancel(row: &DialectRow, answer: Answer, observer: Observer<'_>) -> HResult {
    let after = |end: &dyn Fn(&Status) -> HResult| {
        observer.wait_end(None).expect("it ends");
        end(&look(observer))
    };
    let reply = match row.dialect {
        Dialect::Vss => vss_of(row).cancel(answer),
        Dialect::Vds => vds_of(row).cancel(answer),
        Dialect::Wsb => {
            Reply::Now(wsb::Profile::from_raw(row.profile).expect("a profile").abort(answer))
        }
        Dialect::Gpm => Reply::Now(gpm::cancel(answer)),
    };
    match (reply, row.dialect) {
        (Reply::Now(code), _) => code,
        (Reply::AfterEnd, Dialect::Vss) => {
            after(&|end| vss_of(row).cancel_end(answer.verdict, end))
        }
        (Reply::AfterEnd, _) => after(&|end| vds_of(row).cancel_end(answer.verdict, end)),
    }
}

fn wait(row: &DialectRow, limit: Option<u32>, observer: Observer<'_>) -> Told {
    if row.dialect == Dialect::Vss {
        if let Err(refusal) = vss_of(row).wait_limit(limit.unwrap_or(vss::INFINITE)) {
            return told(Verdict::Invalid, Some(refusal), None, Value::Nothing);
        }
    }
    let limit = limit.map(|limit| Duration::from_millis(limit.into()));
    let waited = observer.wait_end(limit).err().unwrap_or(Verdict::Ok);
    let seen = look(observer);
    match row.dialect {
        Dialect::Vss => told(waited, Some(vss_of(row).wait(waited, &seen)), None, Value::Nothing),
        _ => {
            let placed = vds_of(row).status(&seen, HResult(row.success));
            told(waited, Some(vds_of(row).wait(waited, &seen)), Some(placed), Value::Nothing)
        }
    }
}

fn status(row: &DialectRow, observer: Observer<'_>) -> Told {
    let seen = look(observer);
    let progress = Reading { done: row.done, total: row.total };
    let ok = Some(quell::dialect::hresult::S_OK);
    match row.dialect {
        Dialect::Vss => told(Verdict::Ok, ok, Some(vss_of(row).status(&seen)), Value::Nothing),
        Dialect::Vds => {
            let percent = vds_of(row).percent(&seen, progress).cast_signed();
            let placed = vds_of(row).status(&seen, HResult(row.success));
            told(Verdict::Ok, ok, Some(placed), Value::Percent(percent))
        }
        Dialect::Wsb => {
            let profile = wsb::Profile::from_raw(row.profile).expect("a profile");
            told(Verdict::Ok, ok, Some(profile.status(&seen)), Value::Nothing)
        }
        Dialect::Gpm => {
            let said = gpm::report(&seen, progress);
            let value = Value::Report {
                numerator: said.numerator,
                denominator: said.denominator,
                with_result: said.with_result,
                last: said.last,
            };
            told(Verdict::Ok, None, Some(said.code), value)
        }
    }
}

fn replay(row: &DialectRow) -> Result<(), String> {
    let source = Source::new();
    let mut bench = Bench::reach(&source, row);
    let gate = row.gate.map(Says);
    let canceller = match (&bench.owner, &gate) {
        (Some(owner), Some(gate)) => owner.gated_canceller(gate),
        (Some(owner), None) => owner.canceller(),
        (None, _) => source.canceller(),
    };
    let canceller =
        if row.rights == Rights::OBSERVE { canceller.without_right() } else { canceller };
    let state = quell_conformance::State::from(look(canceller.observer()));
    if state != row.before {
        return Err(format!("begins with {state:?}, not {:?}", row.before));
    }
    let at_work = Call::new();
    let seen = thread::scope(|scope| {
        scope.spawn(|| at_work.run(|| call(row, canceller)));
        if row.meanwhile != Meanwhile::Nothing {
            let stands = at_work.settled();
            bench.happen(row.meanwhile);
            if stands != Stands::Waits {
                return Err(format!("did not wait: {stands:?}"));
            }
        }
        let result = at_work.result();
        if result.is_none() {
            // So that the thread can end.
            let _ = bench.owner.as_ref().map(|owner| owner.force(Code::ABANDONED));
        }
        result.ok_or("hangs".to_owned())
    })?;
    let expected =
        Told { verdict: row.verdict, returns: row.returns, out: row.out, value: row.value };
    let then = look(canceller.observer()).phase;
    if seen == expected && then == row.then {
        Ok(())
    } else {
        Err(format!("expected {expected:X?}, then {}\n  but saw  {seen:X?}, then {then}", row.then))
    }
}

#[test]
fn every_row_through_sources() {
    let rows = load().unwrap_or_else(|error| panic!("{error}"));
    let mut front = Front::new("rust-dialects").unwrap();
    let mut without_pointers = 0;
    for row in &rows {
        if row.null != Null::Nothing {
            without_pointers += 1;
            front.keep_out(&row.place.id).unwrap();
            continue;
        }
        let seen = replay(row);
        if let Err(what) = &seen {
            eprintln!("{}:{}: {}\n  {what}", row.place.file, row.place.line, row.place.id);
        }
        front.say(&row.place.id, seen.is_ok()).unwrap();
    }
    let (replayed, differing) = front.close(rows.len());
    assert_eq!(differing, 0);
    assert_eq!(replayed + without_pointers, rows.len());
    assert!(without_pointers * 50 < rows.len(), "Rust has no null pointers to get wrong");
}

/// Modes that no row has would leave a half of the rule untested.
#[test]
fn the_rows_cover_each_dialect_in_each_phase_and_mode() {
    let rows = load().unwrap_or_else(|error| panic!("{error}"));
    for dialect in Dialect::ALL {
        for phase in Phase::ALL {
            let calls: std::collections::HashSet<_> = rows
                .iter()
                .filter(|row| row.dialect == dialect && row.before.phase == *phase)
                .map(|row| std::mem::discriminant(&row.call))
                .collect();
            let each = if matches!(dialect, Dialect::Vss | Dialect::Vds) { 3 } else { 2 };
            assert_eq!(calls.len(), each, "{dialect:?} {phase}");
        }
        for mode in [Mode::DECISIVE, Mode::BEST_EFFORT, Mode::UNCANCELLABLE] {
            assert!(rows.iter().any(|row| row.dialect == dialect && row.before.mode == mode));
        }
    }
    assert!(rows.len() >= 600);
}
