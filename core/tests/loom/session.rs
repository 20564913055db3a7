//! A session's abort beside the verbs of its requester, beside another abort,
//! and beside somebody who looks at the clock; links and the lock.
//!
//! Of every performance: a participant is told of an abort at most once, never
//! after PostSnapshot, and of nothing between being frozen and the end but a
//! thaw or an abort, one of which always comes; the set has ended and the lock
//! is free, whoever left last. The note stands for memory that a participant's
//! callbacks share: loom refuses two of them at once, or unordered.

use std::sync::{Arc, Mutex};

use loom::cell::UnsafeCell;
use loom::model::Builder;
use loom::sync::atomic::{AtomicU32, Ordering};
use loom::thread;
use quell::{
    Answer, Cause, Code, Host, Level, Limits, LinkCell, Notice, Phase, Purpose, Request, Session,
    SessionLock, SessionStorage, Verdict,
};

const USER: Request = Request::new(Level::Immediate, Cause::User);

struct Notes<const N: usize> {
    told: Mutex<Vec<(usize, Notice)>>,
    memory: Vec<UnsafeCell<()>>,
    clock: AtomicU32,
    veto: Option<(usize, Notice)>,
}

// SAFETY: the cells are what loom watches; it reports what would be a race.
unsafe impl<const N: usize> Sync for Notes<N> {}
// SAFETY: as above.
unsafe impl<const N: usize> Send for Notes<N> {}

impl<const N: usize> Host for Notes<N> {
    fn tell(&self, participant: usize, notice: Notice) -> Result<(), Code> {
        self.memory[participant].with_mut(|_| ());
        self.told.lock().unwrap().push((participant, notice));
        match self.veto == Some((participant, notice)) {
            true => Err(Code::new(7).unwrap()),
            false => Ok(()),
        }
    }

    fn now(&self) -> u32 {
        self.clock.load(Ordering::Relaxed)
    }
}

struct Machine<const N: usize> {
    lock: SessionLock,
    storage: SessionStorage<N>,
    notes: Notes<N>,
}

impl<const N: usize> Machine<N> {
    fn session(&self) -> Session<'_> {
        self.storage.session(&self.lock, &self.notes, Limits::default())
    }
}

type Part<const N: usize> = fn(&Machine<N>) -> String;
type Verb = fn(&Session<'_>) -> Verdict;
const VERBS: &[Verb] = &[
    |s| s.initialise(Purpose::Backup),
    |s| s.start_set(),
    |s| s.prepare(),
    |s| s.prepare_snapshot(),
    |s| s.freeze(),
    |s| s.thaw(),
];

/// Performs the parts after the first `staged` verbs. What each was told, and
/// what the participants were, of every performance.
fn together<const N: usize>(
    staged: usize,
    veto: Option<(usize, Notice)>,
    parts: &'static [Part<N>],
) -> Vec<String> {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let mut builder = Builder::new();
    builder.preemption_bound = Some(2);
    for entrances in crate::play::permutations(parts.len()) {
        let record = seen.clone();
        builder.check(move || {
            let machine = Arc::new(Machine::<N> {
                lock: SessionLock::new(),
                storage: SessionStorage::new(),
                notes: Notes {
                    told: Mutex::default(),
                    memory: (0..N).map(|_| UnsafeCell::new(())).collect(),
                    clock: AtomicU32::new(0),
                    veto,
                },
            });
            for verb in &VERBS[..staged] {
                assert_eq!(verb(&machine.session()), Verdict::Ok);
            }
            let threads: Vec<_> = entrances
                .iter()
                .map(|index| {
                    let (machine, part) = (machine.clone(), parts[*index]);
                    (*index, thread::spawn(move || part(&machine)))
                })
                .collect();
            let mut answers = vec![String::new(); parts.len()];
            for (index, thread) in threads {
                answers[index] = thread.join().unwrap();
            }
            check(&machine);
            let line = answers.join(" | ");
            let mut record = record.lock().unwrap();
            if !record.contains(&line) {
                record.push(line);
            }
        });
    }
    let mut seen = seen.lock().unwrap().clone();
    seen.sort();
    seen
}

fn check<const N: usize>(machine: &Machine<N>) {
    let status = machine.session().status();
    let told = machine.notes.told.lock().unwrap();
    let aborted = status.set.phase == Phase::Cancelled;
    let count = |of, wanted| told.iter().filter(|told| **told == (of, wanted)).count();
    for participant in 0..N {
        assert_eq!(count(participant, Notice::Abort), usize::from(aborted), "{told:?}");
        assert!(count(participant, Notice::PostSnapshot) == 0 || !aborted, "{told:?}");
        let last = told.iter().rfind(|(of, _)| *of == participant);
        assert!(!aborted || matches!(last, Some((_, Notice::Abort))), "{told:?}");
    }
    // Nobody is left behind: ended and free, or neither requested nor ended.
    let going = status.set.phase == Phase::Running && status.set.level.is_none();
    assert!(going || matches!(status.set.phase, Phase::Cancelled | Phase::Finished), "{status:?}");
    assert_eq!(machine.lock.is_held(), going, "{status:?}");
}

fn abort<const N: usize>(machine: &Machine<N>) -> String {
    machine.session().abort(USER).verdict.to_string()
}

fn freeze<const N: usize>(machine: &Machine<N>) -> String {
    machine.session().freeze().to_string()
}

fn thaw_and_commit(machine: &Machine<1>) -> String {
    let session = machine.session();
    format!("{} {}", session.thaw(), session.post_snapshot())
}

fn late(machine: &Machine<1>) -> String {
    machine.session().expire(60_001).to_string()
}

#[test]
fn an_abort_beside_a_freeze() {
    // An abort that comes before, between, in the midst and after.
    let seen = together::<2>(4, None, &[freeze, abort]);
    assert_eq!(
        seen,
        [
            "BAD_STATE | CANCELLED",
            "BAD_STATE | CANCELLING",
            "CANCELLED | CANCELLED",
            "CANCELLED | CANCELLING",
            "OK | CANCELLED",
            "OK | CANCELLING"
        ]
    );
}

#[test]
fn an_abort_beside_a_veto() {
    let seen = together::<1>(4, Some((0, Notice::Freeze)), &[freeze, abort]);
    for line in &seen {
        let fits = [
            "BAD_STATE | CANCELLED",
            "BAD_STATE | CANCELLING",
            "CANCELLED | CANCELLED",
            "CANCELLED | CANCELLING",
            "CANCELLED | IGNORED",
        ];
        assert!(fits.contains(&line.as_str()), "{line}");
    }
    assert!(seen.contains(&"CANCELLED | IGNORED".to_owned()), "{seen:?}");
}

#[test]
fn an_abort_beside_a_thaw_and_the_commit() {
    let seen = together::<1>(5, None, &[thaw_and_commit, abort]);
    for line in [
        "BAD_STATE BAD_STATE | CANCELLED",
        "CANCELLED BAD_STATE | CANCELLING",
        "OK CANCELLED | CANCELLED",
        "OK OK | OK",
    ] {
        assert!(seen.contains(&line.to_owned()), "{line} never came up: {seen:?}");
    }
    // Committed exactly where the abort was told that the snapshot stands.
    for line in &seen {
        assert_eq!(line.starts_with("OK OK"), line.ends_with("| OK"), "{line}");
    }
}

#[test]
fn two_aborts() {
    let seen = together::<1>(5, None, &[abort, abort]);
    assert!(seen.contains(&"CANCELLED | IGNORED".to_owned()), "{seen:?}");
    assert!(seen.contains(&"IGNORED | CANCELLED".to_owned()), "{seen:?}");
    for line in &seen {
        let told = line.split(" | ").filter(|told| *told != "IGNORED").count();
        assert_eq!(told, 1, "{line}");
    }
}

#[test]
fn two_aborts_and_a_freeze() {
    let seen = together::<1>(4, None, &[freeze, abort, abort]);
    for line in &seen {
        let told = line.split(" | ").skip(1).filter(|told| *told != "IGNORED").count();
        assert_eq!(told, 1, "{line}");
    }
}

/// A time-out is noticed while the thaw goes on: whoever noticed may come late,
/// so the thaw itself aborts for it.
#[test]
fn a_time_out_beside_a_thaw_and_the_commit() {
    let seen = together::<1>(5, None, &[thaw_and_commit, late]);
    for line in ["OK OK | OK", "BAD_STATE BAD_STATE | TIMED_OUT", "CANCELLED BAD_STATE | TIMED_OUT"]
    {
        assert!(seen.contains(&line.to_owned()), "{line} never came up: {seen:?}");
    }
    for line in &seen {
        assert_eq!(line.starts_with("OK OK"), line.ends_with("| OK"), "{line}");
    }
}

#[test]
fn an_abort_beside_the_completion() {
    let seen = together::<1>(6, None, &[complete_or_not, abort]);
    for line in ["OK OK | IGNORED", "OK BAD_STATE | OK"] {
        assert!(seen.contains(&line.to_owned()), "{line} never came up: {seen:?}");
    }
}

fn complete_or_not(machine: &Machine<1>) -> String {
    let session = machine.session();
    match session.post_snapshot() {
        Verdict::Ok => format!("OK {}", session.complete()),
        refusal => refusal.to_string(),
    }
}

/// Each linked operation is told by exactly one side.
#[test]
fn a_link_beside_the_asking() {
    let outcomes: Arc<Mutex<Vec<(Verdict, bool)>>> = Arc::default();
    let record = outcomes.clone();
    loom::model(move || {
        let shared = Arc::new((LinkCell::new(), UnsafeCell::new(0_u32)));
        struct Send2(Arc<(LinkCell, UnsafeCell<u32>)>);
        // SAFETY: loom watches the cell.
        unsafe impl Send for Send2 {}
        let linker = Send2(shared.clone());
        let linking = thread::spawn(move || {
            let linker = linker;
            let (cell, beside) = &*linker.0;
            match cell.claim() {
                Verdict::Ok => {
                    // SAFETY: the slot was claimed.
                    beside.with_mut(|place| unsafe { *place = 5 });
                    cell.publish()
                }
                refusal => refusal,
            }
        });
        let (cell, beside) = &*shared;
        let asked = cell.ask();
        if asked {
            // SAFETY: the slot was published.
            assert_eq!(beside.with(|place| unsafe { *place }), 5);
            cell.answered(Answer { verdict: Verdict::Cancelling, code: 0 });
        }
        let linked = linking.join().unwrap();
        assert_eq!(asked, linked == Verdict::Ok);
        assert_eq!(cell.answer().is_some(), asked);
        assert!(!cell.ask(), "asked once");
        let mut record = record.lock().unwrap();
        if !record.contains(&(linked, asked)) {
            record.push((linked, asked));
        }
    });
    let outcomes = outcomes.lock().unwrap();
    assert!(outcomes.contains(&(Verdict::Ok, true)));
    assert!(outcomes.contains(&(Verdict::TooLate, false)));
}

/// Of two who start a set one is let in; what the first wrote under the lock is
/// seen by the next.
#[test]
fn two_sessions_and_one_lock() {
    loom::model(|| {
        struct Shared {
            lock: SessionLock,
            note: UnsafeCell<()>,
            storage: [SessionStorage<0>; 2],
            notes: Notes<0>,
        }
        // SAFETY: loom watches the cell.
        unsafe impl Sync for Shared {}
        // SAFETY: as above.
        unsafe impl Send for Shared {}
        let shared = Arc::new(Shared {
            lock: SessionLock::new(),
            note: UnsafeCell::new(()),
            storage: [SessionStorage::new(), SessionStorage::new()],
            notes: Notes {
                told: Mutex::default(),
                memory: Vec::new(),
                clock: AtomicU32::new(0),
                veto: None,
            },
        });
        let run = |shared: &Shared, of: usize| {
            let session =
                shared.storage[of].session(&shared.lock, &shared.notes, Limits::default());
            assert_eq!(session.initialise(Purpose::Backup), Verdict::Ok);
            let started = session.start_set();
            if started == Verdict::Ok {
                shared.note.with_mut(|_| ());
                assert_eq!(session.abort(USER).verdict, Verdict::Cancelled);
            } else {
                assert_eq!(started, Verdict::Busy);
            }
            started
        };
        let other = shared.clone();
        let thread = thread::spawn(move || run(&other, 1));
        let here = run(&shared, 0);
        let there = thread.join().unwrap();
        assert!(here == Verdict::Ok || there == Verdict::Ok);
        assert!(!shared.lock.is_held());
    });
}
