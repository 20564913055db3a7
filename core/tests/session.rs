//! The abort of a session, row by row: what AbortBackup does in each state of
//! the life of a backup. Written from the documents of the interface; `[U]`
//! marks what they leave open and this project chose.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod backup;

use std::sync::{Arc, Mutex};

use backup::{Machine, N, USER, code};
use quell::{
    Aborted, Cause, Effects, Level, Mode, Notice, Op, Phase, Purpose, Request, Stage, Standing,
    Verdict,
};

const fn plain(verdict: Verdict) -> Aborted {
    Aborted { verdict, told: 0, owed: 0, refused: 0 }
}

/// Everybody was told of the abort, by this call.
const ALL_TOLD: Aborted =
    Aborted { verdict: Verdict::Cancelled, told: N as u32, owed: 0, refused: 0 };

#[test]
fn row_not_initialised() {
    let machine = Machine::new();
    assert_eq!(machine.session().abort(USER), plain(Verdict::BadState));
    assert_eq!(machine.told(), []);
}

#[test]
fn row_initialised_before_the_set() {
    let machine = Machine::new();
    let session = machine.at(Stage::Initialised);
    assert_eq!(session.abort(USER), plain(Verdict::Ignored));
    assert_eq!(machine.told(), []);
    // Ignored, so the backup can go on.
    assert_eq!(session.start_set(), Verdict::Ok);
}

#[test]
fn row_set_started_before_prepare() {
    let machine = Machine::new();
    let session = machine.at(Stage::SetStarted);
    assert!(machine.lock.is_held());
    assert_eq!(session.abort(USER), plain(Verdict::Cancelled));
    assert!(!machine.lock.is_held());
    assert_eq!(machine.told(), []);
    assert_eq!(session.prepare(), Verdict::BadState);
    assert_eq!(machine.told(), []);
}

/// From inside a participant's callback; one that is told of the abort later.
#[test]
fn row_prepare_pending() {
    let answers = Arc::new(Mutex::new(Vec::new()));
    let machine = abort_inside(1, Notice::Prepare, &answers);
    let session = machine.at(Stage::SetStarted);
    assert_eq!(session.prepare(), Verdict::Cancelled);
    let owed = Aborted { verdict: Verdict::Cancelling, told: 2, owed: 1, refused: 0 };
    assert_eq!(*answers.lock().expect("not poisoned"), [owed]);
    use Notice::{Abort, Prepare};
    assert_eq!(
        machine.told(),
        [(0, Prepare), (1, Prepare), (0, Abort), (2, Abort), (1, Abort)],
        "the third was never told to prepare, but is told of the abort"
    );
    assert_eq!(session.status().set.phase, Phase::Cancelled);
    assert!(!machine.lock.is_held());
    assert_eq!(session.prepare_snapshot(), Verdict::BadState);
}

#[test]
fn row_prepare_done() {
    let machine = Machine::new();
    let session = machine.at(Stage::Prepared);
    assert_eq!(session.abort(USER), ALL_TOLD);
    assert!(machine.told_all(&[Notice::Prepare, Notice::Abort]));
    assert!(!machine.lock.is_held());
    let status = session.status();
    assert_eq!(status.aborted(), Some(USER));
    assert_eq!((status.set.phase, status.set.effects), (Phase::Cancelled, Effects::None));
    assert!(status.over());
}

#[test]
fn row_prepare_failed() {
    let machine = Machine::new().refusing(1, Notice::Prepare, 0x800423F4);
    let session = machine.at(Stage::SetStarted);
    assert_eq!(session.prepare(), Verdict::Failed);
    let failed = session.participant(1).expect("there");
    assert_eq!(failed.standing, Standing::Failed);
    assert_eq!(failed.failed_at, Some(Notice::Prepare));
    assert_eq!(failed.code, Some(code(0x800423F4)));
    assert!(machine.lock.is_held(), "no automatic abort");
    assert_eq!(session.abort(USER), ALL_TOLD);
    assert!(!machine.lock.is_held());
    // The one that failed is still the one that failed.
    assert_eq!(session.participant(1).expect("there").failed_at, Some(Notice::Prepare));
    assert_eq!(session.participant(0).expect("there").standing, Standing::Stable);
}

#[test]
fn row_prepare_failed_release_alone_is_allowed() {
    let machine = Machine::new().refusing(1, Notice::Prepare, 5);
    let session = machine.at(Stage::SetStarted);
    assert_eq!(session.prepare(), Verdict::Failed);
    assert_eq!(session.release(), Verdict::Ok);
    assert!(machine.told_all(&[Notice::Prepare, Notice::Shutdown]));
    assert!(!machine.lock.is_held());
}

/// In the midst of a freeze, of the hold, between two verbs: the linked
/// operation is cancelled, the lock is freed.
#[test]
fn row_snapshot_pending() {
    for stage in [Stage::SnapshotPrepared, Stage::Frozen, Stage::Holding, Stage::Thawed] {
        let op = Op::new();
        let owner = op.arm(Mode::DECISIVE).expect("vacant");
        let mut worker = owner.start().expect("pending");
        let machine = Machine::new().linked(owner.canceller());
        let session = machine.at(stage);
        machine.told();
        assert_eq!(session.abort(USER), ALL_TOLD);
        assert!(machine.told_all(&[Notice::Abort]), "{stage:?}");
        assert!(!machine.lock.is_held());
        assert_eq!(worker.request(), Some(Request::new(Level::Immediate, Cause::Parent)));
        let links = machine.host.links.as_ref().expect("linked");
        assert_eq!(links.answer(0).expect("asked").verdict, Verdict::Cancelling);
        assert_eq!(worker.acknowledge(Effects::None), Verdict::Ok);
        for place in 0..N {
            let participant = session.participant(place).expect("there");
            // [U] healthy participants are stable again.
            assert_eq!(participant.standing, Standing::Stable);
            assert!(participant.abort_told);
        }
    }
}

#[test]
fn row_snapshot_pending_from_inside_a_freeze() {
    let answers = Arc::new(Mutex::new(Vec::new()));
    let machine = abort_inside(1, Notice::Freeze, &answers);
    let session = machine.at(Stage::SnapshotPrepared);
    machine.told();
    assert_eq!(session.freeze(), Verdict::Cancelled);
    use Notice::{Abort, Freeze};
    let order = [(0, Freeze), (1, Freeze), (0, Abort), (2, Abort), (1, Abort)];
    assert_eq!(machine.told(), order);
    assert!(!machine.lock.is_held());
}

/// A handler of PrepareSnapshot refuses: no automatic abort. The provider then
/// fails before anybody is frozen: the requester still has to abort.
#[test]
fn row_snapshot_failed() {
    let machine = Machine::new();
    let session = machine.at(Stage::Prepared);
    assert_eq!(session.provider_failed(code(0x80042306)), Verdict::Failed);
    assert_eq!(session.status().stage, Stage::SnapshotFailed);
    assert_eq!(session.prepare_snapshot(), Verdict::BadState);
    assert!(machine.told_all(&[Notice::Prepare]), "no automatic abort");
    assert!(machine.lock.is_held());
    assert_eq!(session.abort(USER), ALL_TOLD);
    assert!(machine.told_all(&[Notice::Abort]));
    assert_eq!(session.status().set.code, Some(code(0x80042306)));
    assert!(!machine.lock.is_held());
}

/// Writers may have had an abort already: at most once each.
#[test]
fn row_snapshot_failed_by_itself_and_aborted_again() {
    let machine = Machine::new().refusing(2, Notice::Freeze, 7);
    let session = machine.at(Stage::SnapshotPrepared);
    assert_eq!(session.freeze(), Verdict::Cancelled);
    machine.told();
    assert_eq!(session.abort(USER), plain(Verdict::Ignored));
    assert_eq!(machine.told(), []);
}

#[test]
fn row_created() {
    let machine = Machine::new();
    let session = machine.at(Stage::Created);
    machine.told();
    assert!(!machine.lock.is_held(), "the lock is held to the end of the snapshot");
    assert_eq!(session.abort(USER), plain(Verdict::Ok));
    assert_eq!(machine.told(), [], "no abort after PostSnapshot");
    assert_eq!(session.status().set.phase, Phase::Finished, "the snapshot stays");
    // [U] the session is over.
    assert_eq!(session.complete(), Verdict::BadState);
    assert_eq!(session.abort(USER), plain(Verdict::Ignored));
}

#[test]
fn row_created_while_participants_are_told_so() {
    let answers = Arc::new(Mutex::new(Vec::new()));
    let machine = abort_inside(0, Notice::PostSnapshot, &answers);
    let session = machine.at(Stage::Thawed);
    machine.told();
    assert_eq!(session.post_snapshot(), Verdict::Ok);
    assert_eq!(*answers.lock().expect("not poisoned"), [plain(Verdict::Ok)]);
    assert!(machine.told_all(&[Notice::PostSnapshot]));
    assert_eq!(session.complete(), Verdict::BadState);
}

/// [U] S_OK; no participant is told, those that were not reached are not.
#[test]
fn row_complete_pending() {
    let answers = Arc::new(Mutex::new(Vec::new()));
    let machine = abort_inside(0, Notice::Complete, &answers);
    let session = machine.at(Stage::Created);
    machine.told();
    assert_eq!(session.complete(), Verdict::Cancelled);
    assert_eq!(*answers.lock().expect("not poisoned"), [plain(Verdict::Ok)]);
    assert_eq!(machine.told(), [(0, Notice::Complete)]);
    assert_eq!(session.status().completion.phase, Phase::Cancelled);
    assert_eq!(session.status().set.phase, Phase::Finished);
}

#[test]
fn row_completed() {
    let machine = Machine::new();
    let session = machine.at(Stage::Completed);
    machine.told();
    assert_eq!(session.abort(USER), plain(Verdict::Ignored));
    assert_eq!(machine.told(), []);
    assert!(session.status().over());
    // [U] later calls of its life.
    for verb in backup::VERBS {
        assert_eq!(verb.1(&session), Verdict::BadState);
    }
}

#[test]
fn row_already_aborted() {
    let machine = Machine::new();
    let session = machine.at(Stage::Frozen);
    assert_eq!(session.abort(USER), ALL_TOLD);
    machine.told();
    assert_eq!(session.abort(USER), plain(Verdict::Ignored));
    let higher = Request::new(Level::Emergency, Cause::Shutdown);
    assert_eq!(session.abort(higher), plain(Verdict::Ignored));
    for verb in backup::VERBS {
        assert_eq!(verb.1(&session), Verdict::BadState);
    }
    assert_eq!(machine.told(), []);
}

#[test]
fn row_restore() {
    let machine = Machine::new();
    let session = machine.through(Purpose::Restore, Stage::Initialised);
    assert_eq!(session.abort(USER), plain(Verdict::Unsupported));
    assert_eq!(session.start_set(), Verdict::BadState);
    assert_eq!(session.release(), Verdict::Ok);
    assert_eq!(session.abort(USER), plain(Verdict::BadState));
    assert_eq!(machine.told(), []);
}

/// A machine whose session is aborted while this participant is told this.
fn abort_inside(
    participant: usize,
    notice: Notice,
    answers: &Arc<Mutex<Vec<Aborted>>>,
) -> &'static Machine<'static> {
    // The callback needs the machine that it is part of: leaked, being a test's.
    let machine: &'static std::sync::OnceLock<Machine<'static>> =
        Box::leak(Box::new(std::sync::OnceLock::new()));
    let answers = answers.clone();
    let mut made = Machine::new();
    made.host.act = Some(Box::new(move |of, told| {
        if (of, told) == (participant, notice) {
            let session = machine.get().expect("made").session();
            answers.lock().expect("not poisoned").push(session.abort(USER));
        }
    }));
    machine.get_or_init(|| made)
}
