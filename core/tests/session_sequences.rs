//! The eighteen sequences that a conformance suite for backups needs, on the
//! session and on operations that are linked to it. Written from the documents
//! of the interface; `[U]` marks what they leave open.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod backup;

use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use backup::{Machine, N, USER, code};
use quell::{
    Cause, Effects, Level, Mode, Notice, Observer, Op, Outcome, Phase, Purpose, SessionStorage,
    Stage, Standing, Status, Verdict,
};

/// Stands for `IVssAsync::Wait`: the end, or nothing once the time is up.
fn wait(observer: Observer<'_>, limit: Duration) -> Option<Status> {
    let since = Instant::now();
    loop {
        let status = observer.status().expect("not retired");
        if status.outcome().is_some() {
            return Some(status);
        }
        if since.elapsed() >= limit {
            return None;
        }
        thread::yield_now();
    }
}

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(1);

#[test]
fn sequence_01_happy_path() {
    let machine = Machine::new();
    let session = machine.at(Stage::Completed);
    use Notice::{Complete, Freeze, PostSnapshot, Prepare, PrepareSnapshot, Shutdown, Thaw};
    let course = [Prepare, PrepareSnapshot, Freeze, Thaw, PostSnapshot, Complete];
    assert!(machine.told_all(&course));
    let status = session.status();
    assert_eq!((status.set.phase, status.completion.phase), (Phase::Finished, Phase::Finished));
    assert_eq!(status.aborted(), None);
    assert_eq!(session.release(), Verdict::Ok);
    assert!(machine.told_all(&[Shutdown]));
    assert_eq!(session.status().stage, Stage::Vacant);
}

/// Each row has a test of its own in `session.rs`; here the same call in one
/// run over all stages: it is never refused for a backup, and told once.
#[test]
fn sequence_02_abort_at_each_row() {
    for (stage, _) in backup::VERBS {
        let machine = Machine::new();
        let session = machine.at(*stage);
        machine.told();
        let first = session.abort(USER);
        let told = machine.told();
        assert!(
            matches!(first.verdict, Verdict::Cancelled | Verdict::Ok | Verdict::Ignored),
            "{stage:?}: {first:?}"
        );
        let before_commit = *stage > Stage::SetStarted && *stage < Stage::PostSnapshot;
        assert_eq!(told.len(), if before_commit { N } else { 0 }, "{stage:?}");
        assert!(!machine.lock.is_held(), "{stage:?}");
        assert_eq!(session.abort(USER).verdict, Verdict::Ignored, "{stage:?}");
        assert_eq!(machine.told(), [], "{stage:?}");
    }
}

/// The operations of PrepareForBackup, DoSnapshotSet and BackupComplete, each
/// cancelled while it runs: the session itself goes on until it is aborted.
#[test]
fn sequence_03_cancel_on_each_operation() {
    for stage in [Stage::SetStarted, Stage::Prepared, Stage::Created] {
        let op = Op::new();
        let owner = op.arm(Mode::DECISIVE).expect("vacant");
        let mut worker = owner.start().expect("pending");
        let machine = Machine::new().linked(owner.canceller());
        let session = machine.at(stage);
        machine.told();
        assert_eq!(owner.canceller().cancel(USER).verdict, Verdict::Cancelling);
        assert_eq!(worker.poll(), Some(Level::Immediate));
        assert_eq!(worker.acknowledge(Effects::None), Verdict::Ok);
        assert_eq!(session.status().aborted(), None, "a cancel is no abort");
        assert_eq!(machine.told(), []);
        let aborted = session.abort(USER);
        assert!(matches!(aborted.verdict, Verdict::Cancelled | Verdict::Ok));
        let links = machine.host.links.as_ref().expect("linked");
        assert_eq!(links.answer(0).expect("asked").verdict, Verdict::AlreadyCancelled);
    }
}

#[test]
fn sequence_04_cancel_against_completion() {
    for _ in 0..500 {
        let op = Op::new();
        let owner = op.arm(Mode::DECISIVE).expect("vacant");
        let mut worker = owner.start().expect("pending");
        let canceller = owner.canceller();
        let (told, finished) = thread::scope(|scope| {
            let requester = scope.spawn(move || canceller.cancel(USER).verdict);
            let finished = worker.finish();
            if finished == Verdict::Cancelling {
                assert_eq!(worker.acknowledge(Effects::None), Verdict::Ok);
            }
            (requester.join().expect("no panic"), finished)
        });
        let outcome = owner.status().expect("not retired").outcome().expect("ended");
        match told {
            Verdict::Cancelling => {
                assert_eq!(finished, Verdict::Cancelling);
                assert!(matches!(outcome, Outcome::Cancelled { .. }));
            }
            Verdict::Finished => {
                assert_eq!((finished, outcome), (Verdict::Ok, Outcome::Finished));
            }
            other => unreachable!("{other}"),
        }
    }
}

#[test]
fn sequence_05_wait_and_cancel_at_once() {
    let op = Op::new();
    let owner = op.arm(Mode::DECISIVE).expect("vacant");
    let mut worker = owner.start().expect("pending");
    let (canceller, observer) = (owner.canceller(), owner.observer());
    thread::scope(|scope| {
        let waiter = scope.spawn(move || wait(observer, LONG).expect("it ends"));
        let requester = scope.spawn(move || canceller.cancel(USER).verdict);
        while worker.poll().is_none() {
            thread::yield_now();
        }
        assert_eq!(worker.acknowledge(Effects::None), Verdict::Ok);
        assert_eq!(requester.join().expect("no panic"), Verdict::Cancelling);
        assert_eq!(waiter.join().expect("no panic").phase, Phase::Cancelled);
    });
}

#[test]
fn sequence_06_wait_time_out_then_go_on() {
    let machine = Machine::new();
    let session = machine.at(Stage::Frozen);
    let op = Op::new();
    let owner = op.arm(Mode::DECISIVE).expect("vacant");
    let mut worker = owner.start().expect("pending");
    assert_eq!(wait(owner.observer(), SHORT), None);
    assert_eq!(worker.poll(), None, "a time-out cancels nothing");
    assert_eq!(worker.finish(), Verdict::Ok);
    assert_eq!(wait(owner.observer(), LONG).expect("ended").phase, Phase::Finished);
    assert_eq!(session.thaw(), Verdict::Ok);
    assert_eq!(session.post_snapshot(), Verdict::Ok);
}

/// What restic got wrong: the operation does not run on behind the abort.
#[test]
fn sequence_07_time_out_cancel_abort_release() {
    let op = Op::new();
    let owner = op.arm(Mode::DECISIVE).expect("vacant");
    let mut worker = owner.start().expect("pending");
    let machine = Machine::new().linked(owner.canceller());
    let session = machine.at(Stage::Frozen);
    assert_eq!(wait(owner.observer(), SHORT), None);
    assert_eq!(owner.canceller().cancel(USER).verdict, Verdict::Cancelling);
    machine.told();
    assert_eq!(session.abort(USER).verdict, Verdict::Cancelled);
    let links = machine.host.links.as_ref().expect("linked");
    assert_eq!(links.answer(0).expect("asked").verdict, Verdict::AlreadyCancelling);
    // The worker comes to it late: no snapshot any more.
    assert_eq!(worker.commit(), Verdict::Cancelling);
    assert_eq!(worker.acknowledge(Effects::None), Verdict::Ok);
    assert_eq!(session.release(), Verdict::Ok);
    assert!(machine.told_all(&[Notice::Abort, Notice::Shutdown]));
}

#[test]
fn sequence_08_freeze_veto() {
    let machine = Machine::new().refusing(1, Notice::Freeze, 0x800423F4);
    let session = machine.at(Stage::SnapshotPrepared);
    machine.told();
    assert_eq!(session.freeze(), Verdict::Cancelled);
    use Notice::{Abort, Freeze};
    let order = [(0, Freeze), (1, Freeze), (0, Abort), (1, Abort), (2, Abort)];
    assert_eq!(machine.told(), order);
    let vetoing = session.participant(1).expect("there");
    assert_eq!((vetoing.standing, vetoing.failed_at), (Standing::Failed, Some(Freeze)));
    assert_eq!((vetoing.code, vetoing.timed_out), (Some(code(0x800423F4)), false));
    assert_eq!(session.participant(0).expect("there").standing, Standing::Stable);
    assert_eq!(session.status().set.cause, Some(Cause::Peer));
    assert_eq!(session.thaw(), Verdict::BadState);
    assert!(!machine.lock.is_held());
}

#[test]
fn sequence_08_thaw_veto() {
    let machine = Machine::new().refusing(1, Notice::Thaw, 9);
    let session = machine.at(Stage::Frozen);
    machine.told();
    assert_eq!(session.thaw(), Verdict::Cancelled);
    use Notice::{Abort, Thaw};
    assert_eq!(machine.told(), [(0, Thaw), (1, Thaw), (0, Abort), (1, Abort), (2, Abort)]);
    assert_eq!(session.participant(1).expect("there").failed_at, Some(Thaw));
    assert_eq!(session.post_snapshot(), Verdict::BadState);
}

/// Not from failures in the handlers of PrepareSnapshot and PostSnapshot.
#[test]
fn sequence_08_no_automatic_abort_from_other_refusals() {
    let machine =
        Machine::new().refusing(0, Notice::PrepareSnapshot, 1).refusing(1, Notice::PostSnapshot, 2);
    let session = machine.at(Stage::Prepared);
    machine.told();
    assert_eq!(session.prepare_snapshot(), Verdict::Failed);
    assert_eq!(session.freeze(), Verdict::Ok);
    assert_eq!(session.thaw(), Verdict::Ok);
    assert_eq!(session.post_snapshot(), Verdict::Failed);
    assert_eq!(session.complete(), Verdict::Ok);
    let told = machine.told();
    assert!(told.iter().all(|(_, notice)| *notice != Notice::Abort));
    assert!(!told.contains(&(0, Notice::Freeze)), "one that failed takes no part");
    assert!(!told.contains(&(1, Notice::Complete)));
    assert_eq!(session.status().set.phase, Phase::Finished);
}

/// 60 000 ms by default, from the freeze to the end of the thaw; the counter
/// wraps meanwhile.
#[test]
fn sequence_09_freeze_time_out() {
    let machine = Machine::new().taking(1, Notice::Freeze, 60_001);
    let session = machine.at(Stage::SnapshotPrepared);
    assert_eq!(session.freeze(), Verdict::Cancelled);
    let late = session.participant(1).expect("there");
    assert!(late.timed_out);
    assert_eq!((late.failed_at, late.code), (Some(Notice::Thaw), None));
    assert!(late.abort_told, "after a freeze, a thaw or an abort follows");
    assert_eq!(session.status().set.cause, Some(Cause::Deadline));
    assert!(!machine.lock.is_held());
    // At the limit it is in time.
    let machine = Machine::new().taking(1, Notice::Freeze, 60_000);
    let session = machine.at(Stage::SnapshotPrepared);
    assert_eq!(session.freeze(), Verdict::Ok);
}

/// The requester is stuck in a callback; somebody else looks at the clock.
#[test]
fn sequence_09_freeze_time_out_of_one_that_hangs() {
    let machine = Machine::new();
    let session = machine.at(Stage::SnapshotPrepared);
    machine.told();
    let since = quell::Host::now(&machine.host);
    let (in_freeze, noticed) = (Mutex::new(false), std::sync::Condvar::new());
    let (go_on, waiting) = (Mutex::new(false), std::sync::Condvar::new());
    let act = |participant: usize, notice: Notice| {
        if (participant, notice) == (0, Notice::Freeze) {
            *in_freeze.lock().expect("not poisoned") = true;
            noticed.notify_all();
            let guard = go_on.lock().expect("not poisoned");
            drop(waiting.wait_while(guard, |go_on| !*go_on).expect("not poisoned"));
        }
    };
    let hanging = Stuck { inner: &machine.host, act: &act };
    let stuck = machine.storage.session(&machine.lock, &hanging, quell::Limits::default());
    thread::scope(|scope| {
        let requester = scope.spawn(|| stuck.freeze());
        let guard = in_freeze.lock().expect("not poisoned");
        drop(noticed.wait_while(guard, |entered| !*entered).expect("not poisoned"));
        assert_eq!(session.expire(since.wrapping_add(60_000)), Verdict::Ok);
        assert_eq!(session.expire(since.wrapping_add(60_001)), Verdict::TimedOut);
        let hung = session.participant(0).expect("there");
        assert_eq!((hung.failed_at, hung.timed_out), (Some(Notice::Freeze), true));
        assert!(hung.abort_owed && !hung.abort_told);
        assert_eq!(machine.told(), [(0, Notice::Freeze), (1, Notice::Abort), (2, Notice::Abort)]);
        assert!(machine.lock.is_held(), "[U] until everybody has been told");
        assert_eq!(session.release(), Verdict::Busy);
        *go_on.lock().expect("not poisoned") = true;
        waiting.notify_all();
        assert_eq!(requester.join().expect("no panic"), Verdict::Cancelled);
    });
    assert_eq!(machine.told(), [(0, Notice::Abort)]);
    assert!(!machine.lock.is_held());
    assert!(session.status().over());
}

struct Stuck<'a> {
    inner: &'a backup::Recorder<'a>,
    act: &'a (dyn Fn(usize, Notice) + Sync),
}

impl quell::Host for Stuck<'_> {
    fn tell(&self, participant: usize, notice: Notice) -> Result<(), quell::Code> {
        let answer = self.inner.tell(participant, notice);
        (self.act)(participant, notice);
        answer
    }

    fn now(&self) -> u32 {
        self.inner.now()
    }
}

/// The hold on all writes is dropped after 10 s, and creation fails.
#[test]
fn sequence_09_hold_time_out() {
    let machine = Machine::new();
    let session = machine.at(Stage::Holding);
    machine.told();
    machine.host.pass(10_001);
    assert_eq!(session.thaw(), Verdict::Cancelled);
    assert!(session.status().hold_dropped);
    assert!(machine.told_all(&[Notice::Abort]));
    assert!((0..N).all(|place| !session.participant(place).expect("there").timed_out));
    let machine = Machine::new();
    let session = machine.at(Stage::Holding);
    machine.host.pass(10_000);
    assert_eq!(session.thaw(), Verdict::Ok);
    assert!(!session.status().hold_dropped);
}

#[test]
fn sequence_10_provider_failure() {
    for stage in [Stage::SnapshotPrepared, Stage::Frozen, Stage::Holding, Stage::Thawed] {
        let machine = Machine::new();
        let session = machine.at(stage);
        machine.told();
        assert_eq!(session.provider_failed(code(0x8004230F)), Verdict::Cancelled);
        assert!(machine.told_all(&[Notice::Abort]));
        let status = session.status();
        assert_eq!((status.set.phase, status.set.code), (Phase::Cancelled, Some(code(0x8004230F))));
        assert_eq!(status.set.cause, Some(Cause::Fault));
        assert!(!machine.lock.is_held());
        assert_eq!(session.provider_failed(code(6)), Verdict::Ignored);
    }
    for stage in [Stage::Created, Stage::Completed] {
        let machine = Machine::new();
        assert_eq!(machine.at(stage).provider_failed(code(6)), Verdict::TooLate);
    }
}

#[test]
fn sequence_11_abort_after_an_automatic_abort() {
    let machine = Machine::new().refusing(0, Notice::Freeze, 3);
    let session = machine.at(Stage::SnapshotPrepared);
    assert_eq!(session.freeze(), Verdict::Cancelled);
    machine.told();
    assert_eq!(session.abort(USER).verdict, Verdict::Ignored);
    assert_eq!(machine.told(), []);
    assert_eq!(session.release(), Verdict::Ok);
    assert!(machine.told_all(&[Notice::Shutdown]));
}

/// Releasing raises no abort, but for participants that are frozen: after a
/// freeze, a thaw or an abort follows. While a verb is under way, it is BUSY.
#[test]
fn sequence_12_release_with_an_operation_pending() {
    use Notice::{Abort, Shutdown};
    let cases: [(Stage, &[Notice]); 6] = [
        (Stage::SetStarted, &[]),
        (Stage::Prepared, &[Shutdown]),
        (Stage::SnapshotPrepared, &[Shutdown]),
        (Stage::Frozen, &[Abort, Shutdown]),
        (Stage::Holding, &[Abort, Shutdown]),
        (Stage::Created, &[Shutdown]),
    ];
    for (stage, notices) in cases {
        let machine = Machine::new();
        let session = machine.at(stage);
        machine.told();
        assert_eq!(session.release(), Verdict::Ok);
        assert!(machine.told_all(notices), "{stage:?}");
        assert!(!machine.lock.is_held());
        assert_eq!(session.release(), Verdict::BadState);
    }
}

#[test]
fn sequence_13_a_second_requester_before_and_after_an_abort() {
    let machine = Machine::new();
    let first = machine.at(Stage::Prepared);
    let other = SessionStorage::<1>::new();
    let second = other.session(&machine.lock, &machine.host, quell::Limits::default());
    assert_eq!(second.initialise(Purpose::Backup), Verdict::Ok);
    assert_eq!(second.start_set(), Verdict::Busy);
    assert_eq!(second.abort(USER).verdict, Verdict::Ignored);
    assert!(machine.lock.is_held());
    assert_eq!(first.abort(USER).verdict, Verdict::Cancelled);
    assert_eq!(second.start_set(), Verdict::Ok);
    // The first one's later calls do not free the second one's lock.
    assert_eq!(first.abort(USER).verdict, Verdict::Ignored);
    assert_eq!(first.release(), Verdict::Ok);
    assert!(machine.lock.is_held());
    assert_eq!(second.prepare(), Verdict::Ok);
    assert_eq!(second.release(), Verdict::Ok);
    assert!(!machine.lock.is_held());
}

#[test]
fn sequence_14_a_context_without_participants() {
    let machine = Machine::new();
    let session = machine.through(Purpose::BackupAlone, Stage::Completed);
    assert_eq!(session.participants(), 0);
    assert_eq!(session.participant(0), None);
    assert_eq!(session.release(), Verdict::Ok);
    let session = machine.through(Purpose::BackupAlone, Stage::Frozen);
    let aborted = session.abort(USER);
    assert_eq!((aborted.verdict, aborted.told), (Verdict::Cancelled, 0));
    assert!(!machine.lock.is_held());
    assert_eq!(machine.told(), []);
}

#[test]
fn sequence_15_restore() {
    let machine = Machine::new();
    let session = machine.through(Purpose::Restore, Stage::Initialised);
    for (_, verb) in backup::VERBS {
        assert_eq!(verb(&session), Verdict::BadState);
    }
    assert_eq!(session.abort(USER).verdict, Verdict::Unsupported);
    assert_eq!(session.status().aborted(), None);
    assert_eq!(session.release(), Verdict::Ok);
    assert_eq!(machine.told(), []);
}

/// [U] Not the same object; after its release, its memory.
#[test]
fn sequence_16_reuse_after_an_abort() {
    let machine = Machine::new().refusing(1, Notice::Prepare, 5);
    let session = machine.at(Stage::SetStarted);
    assert_eq!(session.prepare(), Verdict::Failed);
    assert_eq!(session.abort(USER).verdict, Verdict::Cancelled);
    assert_eq!(session.initialise(Purpose::Backup), Verdict::BadState);
    assert_eq!(session.start_set(), Verdict::BadState);
    assert_eq!(session.release(), Verdict::Ok);
    let machine = Machine { host: Machine::new().host, ..machine };
    let session = machine.at(Stage::Completed);
    assert_eq!(session.participant(1).expect("there").failed_at, None);
}

#[test]
fn sequence_17_double_abort() {
    let machine = Machine::new();
    let session = machine.at(Stage::Frozen);
    machine.told();
    let answers = thread::scope(|scope| {
        [(); 4].map(|()| scope.spawn(|| session.abort(USER))).map(|t| t.join().expect("no panic"))
    });
    let told: u32 = answers.iter().map(|aborted| aborted.told).sum();
    assert_eq!(told, N as u32);
    let ignored = answers.iter().filter(|aborted| aborted.verdict == Verdict::Ignored).count();
    assert_eq!(ignored, 3);
    assert!(machine.told_all(&[Notice::Abort]));
}

#[test]
fn sequence_18_query_only_use() {
    let machine = Machine::new();
    let session = machine.at(Stage::Initialised);
    assert_eq!(session.participant(0).expect("there").standing, Standing::Stable);
    assert_eq!(session.participant(N), None);
    assert_eq!(session.release(), Verdict::Ok);
    assert_eq!(machine.told(), []);
    assert!(!machine.lock.is_held());
}
