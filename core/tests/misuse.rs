//! Wrong calls of the engine: each has an answer, changes nothing and tells no
//! hook.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::arithmetic_side_effects)]

use std::cell::RefCell;
use std::ffi::c_void;
use std::pin::pin;
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use quell::word::Word;
use quell::{
    Added, Cause, Code, Effects, Events, Hook, IfHappened, Level, Mode, Op, Phase, Request, Rights,
    Source, Subscription, Ticket, Told, Verdict,
};

const GENTLE: Request = Request::new(Level::Graceful, Cause::User);
const NO_GATE: Option<fn(Request) -> u32> = None;
const SHORT: Option<Duration> = Some(Duration::from_millis(2));

/// The drain is the process's, and an interrupt anywhere keeps everybody busy.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

type Act<'a> = Box<dyn Fn(&Told) + 'a>;

#[derive(Default)]
struct Ear<'a> {
    hook: Hook,
    heard: RefCell<Vec<u32>>,
    act: RefCell<Option<Act<'a>>>,
}

unsafe extern "C" fn hear(ear: *mut c_void, told: *const Told) {
    // SAFETY: each test hands over an ear that outlives its hook.
    let (ear, told) = unsafe { (&*ear.cast::<Ear<'_>>(), &*told) };
    ear.heard.borrow_mut().push(told.events);
    let act = ear.act.borrow_mut().take();
    if let Some(act) = act {
        act(told);
    }
}

fn add(source: &Source, held: Ticket, ear: &Ear<'_>, events: Events) -> Added {
    let call = (hear as _, ptr::from_ref(ear).cast_mut().cast());
    // SAFETY: hook and ear outlive the operation in each test.
    unsafe { source.add(held, &ear.hook, call, events, IfHappened::Run) }
}

const fn refused(verdict: Verdict) -> Added {
    Added { verdict, happened: Events::NONE }
}

#[test]
fn a_handle_of_a_former_life() {
    let _alone = alone();
    let (ear, now) = (Ear::default(), Ear::default());
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let (observer, canceller) = (owner.observer(), owner.canceller());
    let stale = source.ticket(Rights::ALL);
    let mut worker = owner.start().unwrap();
    assert_eq!(worker.finish(), Verdict::Ok);
    owner.retire().unwrap();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    assert_eq!(
        add(&source, source.ticket(Rights::OBSERVE), &now, Events::ALL).verdict,
        Verdict::Ok
    );

    assert_eq!(add(&source, stale, &ear, Events::ALL), refused(Verdict::Stale));
    assert_eq!(source.detach(&ear.hook), Verdict::NotFound);
    assert_eq!(observer.wait_end(None), Err(Verdict::Stale));
    assert_eq!(observer.wait_request(SHORT), Err(Verdict::Stale));
    assert_eq!(observer.status(), None);
    let note = |_: &Told| ();
    let listener = pin!(Subscription::new(note));
    let added = listener.as_ref().listen(observer, Events::ALL, IfHappened::Run);
    assert_eq!(added, refused(Verdict::Stale));
    assert_eq!(canceller.cancel(GENTLE).verdict, Verdict::Stale);
    assert_eq!(source.force(stale, Code::ABANDONED).verdict, Verdict::Stale);
    assert_eq!(source.retire(stale), Verdict::Stale);
    assert_eq!(worker.finish(), Verdict::Stale);
    assert_eq!(worker.acknowledge(Effects::None), Verdict::Stale);
    // SAFETY: it is retired before it goes.
    let isr = unsafe { source.cancel_from_isr(stale, GENTLE, NO_GATE) };
    assert_eq!(isr.verdict, Verdict::Stale);
    quell::drain();

    assert_eq!(owner.status().unwrap().phase, Phase::Pending);
    assert_eq!((now.heard.take(), ear.heard.take()), (vec![], vec![]));
    assert_eq!(source.detach(&now.hook), Verdict::Ok);
}

#[test]
fn a_hook_that_is_added_already() {
    let _alone = alone();
    let (source, other) = (Source::new(), Source::new());
    let ear = Ear::default();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let _others = other.arm(Mode::DECISIVE).unwrap();
    let held = source.ticket(Rights::OBSERVE);
    assert_eq!(add(&source, held, &ear, Events::END).verdict, Verdict::Ok);
    assert_eq!(add(&source, held, &ear, Events::ALL), refused(Verdict::BadState));
    let there = other.ticket(Rights::OBSERVE);
    assert_eq!(add(&other, there, &ear, Events::ALL), refused(Verdict::BadState));
    // From inside itself it is neither added nor off.
    let source_again = &source;
    let hook = &raw const ear.hook;
    *ear.act.borrow_mut() = Some(Box::new(move |_| {
        let call = (hear as _, ptr::null_mut());
        // SAFETY: refused, so the function is not called.
        let added =
            unsafe { source_again.add(held, &*hook, call, Events::ALL, IfHappened::Report) };
        assert_eq!(added, refused(Verdict::BadState));
    }));
    assert_eq!(owner.canceller().cancel(GENTLE).verdict, Verdict::Cancelled);
    assert_eq!(ear.heard.take(), [Events::END.raw()], "what it was added for first");
    // It is off now, and may be added elsewhere.
    assert_eq!(add(&other, there, &ear, Events::ALL).verdict, Verdict::Ok);
    assert_eq!(other.detach(&ear.hook), Verdict::Ok);
    assert_eq!(other.detach(&ear.hook), Verdict::NotFound);
}

#[test]
fn a_source_that_is_vacant() {
    let _alone = alone();
    let ear = Ear::default();
    let source = Source::new();
    let held = source.ticket(Rights::ALL);
    assert_eq!(add(&source, held, &ear, Events::ALL), refused(Verdict::BadState));
    assert_eq!(source.wait(held, Events::END, None), Err(Verdict::BadState));
    assert_eq!(source.cancel(held, GENTLE, NO_GATE).verdict, Verdict::BadState);
    // SAFETY: there is nothing to retire.
    let isr = unsafe { source.cancel_from_isr(held, GENTLE, NO_GATE) };
    assert_eq!(isr.verdict, Verdict::BadState);
    assert_eq!(source.force(held, Code::ABANDONED).verdict, Verdict::BadState);
    assert_eq!(source.finish(Word::VACANT).verdict, Verdict::BadState);
    assert_eq!(source.retire(held), Verdict::BadState);
    assert_eq!(source.settle(), Verdict::Ok);
    assert_eq!(source.detach(&ear.hook), Verdict::NotFound);
    assert_eq!(source.detach_sync(&ear.hook), Verdict::NotFound);
}

#[test]
fn no_events() {
    let _alone = alone();
    let ear = Ear::default();
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let held = source.ticket(Rights::OBSERVE);
    for ended in [false, true] {
        if ended {
            assert_eq!(owner.canceller().cancel(GENTLE).verdict, Verdict::Cancelled);
        }
        assert_eq!(add(&source, held, &ear, Events::NONE), refused(Verdict::Invalid));
        assert_eq!(source.wait(held, Events::NONE, SHORT), Err(Verdict::Invalid));
        assert_eq!(source.wait(held, Events::NONE, Some(Duration::ZERO)), Err(Verdict::Invalid));
    }
    assert_eq!(Events::from_raw(8), None);
}

#[test]
fn an_operation_without_a_source() {
    let _alone = alone();
    let op = Op::new();
    let owner = op.arm(Mode::DECISIVE).unwrap();
    let mut worker = owner.start().unwrap();
    assert_eq!(owner.observer().wait_end(None), Err(Verdict::Unsupported));
    assert_eq!(owner.observer().wait_request(SHORT), Err(Verdict::Unsupported));
    let note = |_: &Told| ();
    let listener = pin!(Subscription::new(note));
    let added = listener.as_ref().listen(owner.observer(), Events::ALL, IfHappened::Run);
    assert_eq!(added, refused(Verdict::Unsupported));
    assert_eq!(listener.detach(), Verdict::NotFound);
    assert_eq!(owner.settle(), Verdict::Ok, "there is nobody to be told");
    assert_eq!(worker.finish(), Verdict::Ok);
    assert_eq!(owner.observer().wait_end(None), Err(Verdict::Unsupported));
}

#[test]
fn retired_too_early() {
    let _alone = alone();
    let source = Source::new();
    let held = source.ticket(Rights::ALL);
    let (first, last) = (Ear::default(), Ear::default());
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let (owner, told) = owner.retire().unwrap_err();
    assert_eq!(told, Verdict::BadState, "it has not ended");
    let held = held.through_source();
    for ear in [&first, &last] {
        assert_eq!(add(&source, held, ear, Events::END).verdict, Verdict::Ok);
    }
    let asked = &source;
    *first.act.borrow_mut() = Some(Box::new(move |_| {
        assert_eq!(asked.retire(held), Verdict::Busy, "there is one more to be told");
    }));
    *last.act.borrow_mut() = Some(Box::new(move |_| {
        let observer = asked.ticket(Rights::OBSERVE);
        assert_eq!(asked.retire(observer), Verdict::Denied);
        assert_eq!(asked.retire(held), Verdict::Ok, "nobody is left");
        assert_eq!(asked.retire(held), Verdict::Stale, "twice");
    }));
    assert_eq!(owner.canceller().cancel(GENTLE).verdict, Verdict::Cancelled);
    assert_eq!((first.heard.take().len(), last.heard.take().len()), (1, 1));
    assert_eq!(owner.retire().unwrap_err().1, Verdict::Stale);
}

/// What is left to the drain keeps its source.
#[test]
fn retired_before_the_drain() {
    let _alone = alone();
    let source = Source::new();
    let ear = Ear::default();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let held = source.ticket(Rights::CANCEL);
    assert_eq!(add(&source, held, &ear, Events::END).verdict, Verdict::Ok);
    // SAFETY: it is retired before it goes.
    let told = unsafe { source.cancel_from_isr(held, GENTLE, NO_GATE) };
    assert_eq!(told.verdict, Verdict::Cancelled);
    let (owner, told) = owner.retire().unwrap_err();
    assert_eq!((told, ear.heard.take()), (Verdict::Busy, vec![]));
    assert_eq!(owner.settle(), Verdict::Ok);
    assert_eq!(ear.heard.take(), [Events::END.raw()]);
    owner.retire().unwrap();
}

/// Its hooks would not be told: nobody changes an operation past its source.
#[test]
fn an_operation_past_its_source() {
    let _alone = alone();
    let ear = Ear::default();
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let held = source.ticket(Rights::OBSERVE);
    assert_eq!(add(&source, held, &ear, Events::ALL).verdict, Verdict::Ok);
    let op = source.op();
    let word = || op.status(held).unwrap();
    // A ticket as a plain operation's, which a handle from C may bring.
    let plain = Ticket::new(held.generation(), Rights::ALL);
    for started in [false, true] {
        let mut left = Word::VACANT;
        if started {
            assert_eq!(op.start(plain).verdict, Verdict::Denied);
            let step = op.start(source.ticket(Rights::ALL));
            assert_eq!(step.verdict, Verdict::Ok);
            left = Word::from_raw(step.word.raw() & !(1 << 18));
        }
        let before = word();
        for held in [plain, plain.guessing(Mode::DECISIVE), op.ticket(Rights::ALL)] {
            assert_eq!(op.cancel(held, GENTLE, NO_GATE).verdict, Verdict::Denied);
            assert_eq!(op.force(held, Code::ABANDONED).verdict, Verdict::Denied);
            assert_eq!(op.retire(held).verdict, Verdict::Denied);
        }
        if started {
            assert_eq!(op.commit(left).verdict, Verdict::Denied);
            assert_eq!(op.finish(left).verdict, Verdict::Denied);
            assert_eq!(op.fail(left, Code::ABANDONED).verdict, Verdict::Denied);
            assert_eq!(op.acknowledge(left, Effects::None).verdict, Verdict::Denied);
        }
        assert_eq!(op.adopt().force(Code::ABANDONED), Verdict::Denied);
        assert_eq!(word(), before);
    }
    assert_eq!(ear.heard.take(), [0; 0]);
    assert_eq!(owner.force(Code::ABANDONED), Verdict::Ok);
    assert_eq!(ear.heard.take(), [Events::END.raw()]);
}

/// Armed past the source, an operation tells nobody: so nobody may listen, and
/// no scope may hang on it.
#[test]
fn a_source_that_was_armed_as_a_plain_op() {
    let _alone = alone();
    let (source, ear, child) = (Source::new(), Ear::default(), quell::Scope::new());
    let owner = source.op().arm(Mode::DECISIVE).unwrap();
    let held = source.ticket(Rights::OBSERVE);
    assert_eq!(add(&source, held, &ear, Events::ALL), refused(Verdict::BadState));
    // SAFETY: the source outlives the scope.
    assert_eq!(unsafe { child.open_raw(Some(&source), false) }, Verdict::BadState);
    let _ = owner.canceller().cancel(GENTLE);
    assert_eq!(add(&source, held, &ear, Events::ALL), refused(Verdict::BadState));
    assert!(ear.heard.borrow().is_empty());
}
