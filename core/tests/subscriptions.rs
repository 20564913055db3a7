//! Closures that listen: what a safe caller may do with a subscription and with
//! a scope, and what becomes of it.
#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use quell::{
    Cause, Code, Events, IfHappened, Level, Mode, Request, Rights, Scope, Source, Subscription,
    Told, Verdict,
};

const GENTLE: Request = Request::new(Level::Graceful, Cause::User);
const URGENT: Request = Request::new(Level::Immediate, Cause::User);

/// Counts, and says so.
fn counter() -> (Arc<AtomicU32>, impl Fn(&Told) + Sync + Send + 'static) {
    let count = Arc::new(AtomicU32::new(0));
    let note = count.clone();
    (count, move |_: &Told| {
        note.fetch_add(1, Ordering::SeqCst);
    })
}

#[test]
fn it_listens_to_one_source_after_another() {
    let (one, other) = (Source::new(), Source::new());
    let (first, second) = (one.arm(Mode::DECISIVE).unwrap(), other.arm(Mode::DECISIVE).unwrap());
    let (count, note) = counter();
    let listener = pin!(Subscription::new(note));
    let listener = listener.as_ref();
    for owner in [&first, &second] {
        let added = listener.listen(owner.observer(), Events::REQUEST, IfHappened::Run);
        assert_eq!(added.verdict, Verdict::Ok);
    }
    let _ = first.canceller().cancel(GENTLE);
    assert_eq!(count.load(Ordering::SeqCst), 0);
    let _ = second.canceller().cancel(GENTLE);
    assert_eq!(count.load(Ordering::SeqCst), 1);
    assert_eq!(listener.detach(), Verdict::Ran);
}

#[test]
fn forgotten_it_listens_for_ever() {
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let (count, note) = counter();
    {
        let listener = Box::pin(Subscription::new(note));
        let _ = listener.as_ref().listen(owner.observer(), Events::REQUEST, IfHappened::Run);
        std::mem::forget(listener);
    }
    let _ = owner.canceller().cancel(GENTLE);
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

/// Detached by a hook that its own closure has caused to run, and dropped by
/// another thread at once: that waits until the closure has returned.
#[test]
fn detached_inside_it_is_waited_for() {
    static SOURCE: Source = Source::new();
    static INNER: Source = Source::new();
    type Outer = Pin<Box<Subscription<'static, fn(&Told)>>>;
    static OUTER: Mutex<Option<Outer>> = Mutex::new(None);
    static DETACHED: AtomicBool = AtomicBool::new(false);
    static RETURNED: AtomicBool = AtomicBool::new(false);
    fn outer(_: &Told) {
        let _ = INNER.canceller().cancel(GENTLE);
        thread::sleep(Duration::from_millis(50));
        RETURNED.store(true, Ordering::SeqCst);
    }
    fn inner(_: &Told) {
        assert_eq!(OUTER.lock().unwrap().as_ref().unwrap().detach(), Verdict::Running);
        DETACHED.store(true, Ordering::SeqCst);
    }
    let listen = |to: &'static Source, function: fn(&Told)| {
        let owner = to.arm(Mode::DECISIVE).unwrap();
        let listener = Box::pin(Subscription::new(function));
        let added = listener.as_ref().listen(owner.observer(), Events::ALL, IfHappened::Run);
        assert_eq!(added.verdict, Verdict::Ok);
        listener
    };
    *OUTER.lock().unwrap() = Some(listen(&SOURCE, outer));
    let _inner = listen(&INNER, inner);
    let canceller = thread::spawn(|| SOURCE.canceller().cancel(GENTLE));
    while !DETACHED.load(Ordering::SeqCst) {
        thread::yield_now();
    }
    let listener = OUTER.lock().unwrap().take();
    drop(listener);
    assert!(RETURNED.load(Ordering::SeqCst), "freed while it ran");
    assert_eq!(canceller.join().unwrap().verdict, Verdict::Cancelled);
}

#[test]
fn a_scope_leaves_its_parent_whatever_became_of_it() {
    let root = pin!(Scope::new());
    let root = root.as_ref();
    assert_eq!(root.open(), Verdict::Ok);
    for misuse in 0..3 {
        let child = pin!(Scope::new());
        let child = child.as_ref();
        assert_eq!(child.open_in(root), Verdict::Ok);
        let owner = child.source().ticket(Rights::ALL);
        if misuse > 0 {
            assert_eq!(child.source().force(owner, Code::ABANDONED).verdict, Verdict::Ok);
        }
        if misuse > 1 {
            assert_eq!(child.source().retire(owner), Verdict::Ok);
        }
    }
    assert_eq!(root.cancel(GENTLE), Verdict::Cancelling);
    assert_eq!(root.cancel(URGENT), Verdict::Raised);
    assert_eq!(root.close(), Verdict::Ok);
}

#[test]
fn a_scope_is_not_opened_in_itself() {
    static SCOPE: Scope<'static> = Scope::new();
    let scope = Pin::static_ref(&SCOPE);
    assert_eq!(scope.open_in(scope), Verdict::BadState);
    assert_eq!(scope.open(), Verdict::Ok);
    assert_eq!(scope.open_in(scope), Verdict::BadState);
    assert_eq!(scope.close(), Verdict::Ok);
}

/// What has to return first is not waited for.
#[test]
fn waiting_inside_a_hook_is_told_so() {
    static SOURCE: Source = Source::new();
    static SAID: Mutex<Vec<Verdict>> = Mutex::new(Vec::new());
    let owner = SOURCE.arm(Mode::DECISIVE).unwrap();
    let mut worker = owner.start().unwrap();
    let (count, note) = counter();
    let listener = pin!(Subscription::new(move |told: &Told| {
        note(told);
        let held = SOURCE.ticket(Rights::OBSERVE);
        let mut said = SAID.lock().unwrap();
        if told.outcome().is_none() {
            said.push(SOURCE.wait(held, Events::END, None).unwrap_err());
            said.push(SOURCE.settle());
        }
    }));
    let last = pin!(Subscription::new(|_: &Told| ()));
    let _ = listener.as_ref().listen(owner.observer(), Events::ALL, IfHappened::Run);
    let _ = last.as_ref().listen(owner.observer(), Events::ALL, IfHappened::Run);
    let _ = owner.canceller().cancel(GENTLE);
    assert_eq!(*SAID.lock().unwrap(), [Verdict::WouldBlock, Verdict::Busy]);
    assert_eq!(worker.acknowledge(quell::Effects::None), Verdict::Ok);
    assert_eq!(count.load(Ordering::SeqCst), 2, "the end is heard after that");
}
