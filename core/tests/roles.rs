//! What each role can do, and what it is told where it cannot.
#![allow(clippy::panic, clippy::unwrap_used, clippy::expect_used)]

use quell::{
    Canceller, Cause, Code, Effects, Level, Mode, Observer, Op, Outcome, Owner, Phase, Request,
    Verdict, Worker,
};

const GENTLE: Request = Request::new(Level::Graceful, Cause::User);

/// Does not compile where the type is `Clone`: the marker is then ambiguous.
trait UnlessClone<Marker> {
    const HELD: () = ();
}
impl<T> UnlessClone<()> for T {}
impl<T: Clone> UnlessClone<u8> for T {}

const _: () = <Owner<'static> as UnlessClone<_>>::HELD;
const _: () = <Worker<'static> as UnlessClone<_>>::HELD;

const fn is_copy<T: Copy>() {}
const _: () = is_copy::<Canceller<'static>>();
const _: () = is_copy::<Observer<'static>>();

const fn is_send<T: Send>() {}
const _: () = is_send::<Owner<'static>>();
const _: () = is_send::<Worker<'static>>();
const _: () = is_send::<Canceller<'static>>();
const _: () = is_send::<Observer<'static>>();

const fn is_sync<T: Sync>() {}
const _: () = is_sync::<Op>();
// One call to start succeeds, from whichever thread.
const _: () = is_sync::<Owner<'static>>();

const _: () = assert!(size_of::<Op>() == 8 && align_of::<Op>() == 4);

#[test]
fn one_owner_and_one_worker() {
    let op = Op::new();
    let owner = op.arm(Mode::DECISIVE).unwrap();
    assert_eq!(op.arm(Mode::DECISIVE).err(), Some(Verdict::BadState));
    let _worker = owner.start().unwrap();
    assert_eq!(owner.start().err(), Some(Verdict::BadState));
    assert_eq!(op.arm(Mode::DECISIVE).err(), Some(Verdict::BadState));
}

#[test]
fn a_canceller_without_the_right_is_denied_in_every_phase() {
    let op = Op::new();
    let owner = op.arm(Mode::DECISIVE).unwrap();
    let denied = owner.canceller().without_right();
    let is_denied = || {
        let before = denied.status();
        let answer = denied.cancel(GENTLE);
        assert_eq!((answer.verdict, answer.code), (Verdict::Denied, 0));
        assert_eq!(denied.status(), before);
    };
    is_denied();
    let mut worker = owner.start().unwrap();
    is_denied();
    assert_eq!(worker.commit(), Verdict::Ok);
    is_denied();
    assert_eq!(worker.fail(Code::new(0xE1).unwrap()), Verdict::Ok);
    is_denied();
    owner.retire().unwrap();
    // Of a life that is over nothing is told, not even what is denied.
    assert_eq!(denied.cancel(GENTLE).verdict, Verdict::Stale);
}

#[test]
fn an_observer_of_a_canceller_looks_as_the_owner_does() {
    let op = Op::new();
    let owner = op.arm(Mode::BEST_EFFORT).unwrap();
    let observer = owner.canceller().observer();
    assert_eq!(observer.status(), owner.status());
    assert_eq!(owner.start().unwrap().acknowledge(Effects::Partial), Verdict::Ok);
    assert_eq!(observer.status(), owner.status());
    owner.retire().unwrap();
    assert_eq!(observer.status(), None);
}

#[test]
fn a_dropped_worker_fails_its_operation_as_abandoned() {
    for committed in [false, true] {
        let op = Op::new();
        let owner = op.arm(Mode::DECISIVE).unwrap();
        let mut worker = owner.start().unwrap();
        if committed {
            assert_eq!(worker.commit(), Verdict::Ok);
        }
        drop(worker);
        let status = owner.status().unwrap();
        assert_eq!((status.phase, status.code), (Phase::Failed, Some(Code::ABANDONED)));
        let answer = owner.canceller().cancel(GENTLE);
        assert_eq!((answer.verdict, answer.code), (Verdict::Failed, 0x7FFF_0001));
    }
}

#[test]
fn a_worker_dropped_after_a_request_cancels_with_unknown_effects() {
    for shielded in [false, true] {
        let op = Op::new();
        let owner = op.arm(Mode::DECISIVE).unwrap();
        let mut worker = owner.start().unwrap();
        if shielded {
            assert_eq!(worker.shield(), Verdict::Ok);
        }
        assert_eq!(owner.canceller().cancel(GENTLE).verdict, Verdict::Cancelling);
        drop(worker);
        let status = owner.status().unwrap();
        assert_eq!((status.phase, status.effects), (Phase::Cancelled, Effects::Unknown));
        assert_eq!(status.code, Some(Code::ABANDONED));
    }
}

#[test]
fn a_worker_that_ended_its_operation_drops_in_peace() {
    let endings: [fn(&mut Worker) -> Verdict; 3] = [
        |worker| worker.finish(),
        |worker| worker.fail(Code::new(0xE1).unwrap()),
        |worker| worker.acknowledge(Effects::None),
    ];
    for ending in endings {
        let op = Op::new();
        let owner = op.arm(Mode::DECISIVE).unwrap();
        let mut worker = owner.start().unwrap();
        assert_eq!(ending(&mut worker), Verdict::Ok);
        let ended = owner.status();
        // By now the op may be somebody else's.
        owner.retire().unwrap();
        let next = op.arm(Mode::DECISIVE).unwrap();
        let _next_worker = next.start().unwrap();
        let running = next.status();
        drop(worker);
        assert_eq!(next.status(), running, "after {ended:?}");
    }
}

#[test]
fn an_owner_that_retires_too_early_stays_the_owner() {
    let op = Op::new();
    let owner = op.arm(Mode::DECISIVE).unwrap();
    let (owner, told) = owner.retire().expect_err("pending");
    assert_eq!(told, Verdict::BadState);
    let mut worker = owner.start().unwrap();
    let (owner, told) = owner.retire().expect_err("running");
    assert_eq!(told, Verdict::BadState);
    assert_eq!(worker.commit(), Verdict::Ok);
    let (owner, told) = owner.retire().expect_err("committed");
    assert_eq!(told, Verdict::BadState);
    assert_eq!(worker.finish(), Verdict::Ok);
    owner.retire().expect("ended");
    assert!(op.arm(Mode::DECISIVE).is_ok());
}

#[test]
fn a_dropped_owner_changes_nothing_and_can_be_followed() {
    let op = Op::new();
    let (mut worker, observer, before) = {
        let owner = op.arm(Mode::DECISIVE).unwrap();
        (owner.start().unwrap(), owner.observer(), owner.status())
    };
    assert_eq!(observer.status(), before);
    let heir = op.adopt();
    assert_eq!(heir.canceller().cancel(GENTLE).verdict, Verdict::Cancelling);
    assert_eq!(worker.acknowledge(Effects::None), Verdict::Ok);
    heir.retire().unwrap();
    assert_eq!(observer.status(), None);
}

#[test]
fn seven_shields_and_no_more() {
    let op = Op::new();
    let owner = op.arm(Mode::DECISIVE).unwrap();
    let mut worker = owner.start().unwrap();
    assert_eq!(worker.unshield(), Err(Verdict::BadState));
    for depth in 1..=7 {
        assert_eq!(worker.shield(), Verdict::Ok);
        assert_eq!(owner.status().unwrap().shields, depth);
    }
    assert_eq!(worker.shield(), Verdict::Full);
    assert_eq!(owner.status().unwrap().shields, 7);
    assert_eq!(owner.canceller().cancel(GENTLE).verdict, Verdict::Cancelling);
    for _ in 1..7 {
        assert_eq!(worker.unshield(), Ok(None));
    }
    assert_eq!(worker.unshield(), Ok(Some(Level::Graceful)));
}

#[test]
fn an_outcome_says_how_it_ended_and_nothing_before() {
    let op = Op::new();
    let code = Code::new(0xE1).unwrap();
    let outcome = |owner: &quell::Owner<'_>| owner.status().unwrap().outcome();

    let owner = op.arm(Mode::DECISIVE).unwrap();
    assert_eq!(outcome(&owner), None);
    let mut worker = owner.start().unwrap();
    assert_eq!(outcome(&owner), None);
    assert_eq!(worker.commit(), Verdict::Ok);
    assert_eq!(outcome(&owner), None);
    assert_eq!(worker.finish(), Verdict::Ok);
    assert_eq!(outcome(&owner), Some(Outcome::Finished));
    owner.retire().unwrap();

    let owner = op.arm(Mode::DECISIVE).unwrap();
    assert_eq!(owner.start().unwrap().fail(code), Verdict::Ok);
    let effects = Effects::Unstated;
    assert_eq!(outcome(&owner), Some(Outcome::Failed { code: Some(code), effects }));
    owner.retire().unwrap();

    let owner = op.arm(Mode::DECISIVE).unwrap();
    assert_eq!(owner.force(code), Verdict::Ok);
    let effects = Effects::Unknown;
    assert_eq!(outcome(&owner), Some(Outcome::Failed { code: Some(code), effects }));
    owner.retire().unwrap();

    let owner = op.arm(Mode::DECISIVE).unwrap();
    assert_eq!(owner.start().unwrap().acknowledge(Effects::Partial), Verdict::Ok);
    let effects = Effects::Partial;
    assert_eq!(outcome(&owner), Some(Outcome::Cancelled { effects, code: None }));
    owner.retire().unwrap();

    let owner = op.arm(Mode::DECISIVE).unwrap();
    let mut worker = owner.start().unwrap();
    assert_eq!(owner.canceller().cancel(GENTLE).verdict, Verdict::Cancelling);
    assert_eq!(worker.fail(code), Verdict::Cancelled);
    let effects = Effects::Unknown;
    assert_eq!(outcome(&owner), Some(Outcome::Cancelled { effects, code: Some(code) }));
}
