//! The futures of a request and of the end, polled by hand and on a thread that
//! parks. On executors: `core/tests/executors`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod executor;

use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use executor::{Count, block_on, poll, poll_with};
use quell::{
    Cancelled, Cause, Code, Effects, Level, Mode, Op, Outcome, Request, Rights, Scope, Source,
    Verdict, drain,
};

const REQUEST: Request = Request::new(Level::Graceful, Cause::User);
const CODE: Code = Code::new(0x8000_4004).unwrap();

/// What a source's list and turn look like.
fn look_of(source: &Source) -> String {
    let look = format!("{source:?}");
    look[look.find("list").unwrap()..].to_owned()
}

#[test]
fn a_request_resolves_what_waits_for_one() {
    let source = Source::new();
    for _ in 0..500 {
        let owner = source.arm(Mode::DECISIVE).unwrap();
        let mut worker = owner.start().unwrap();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| block_on(owner.observer().cancelled()).unwrap());
            let verdict = owner.canceller().cancel(REQUEST).verdict;
            assert_eq!(verdict, Verdict::Cancelling);
            let told = waiting.join().unwrap();
            assert_eq!((told.request(), told.outcome()), (Some(REQUEST), None));
        });
        assert_eq!(worker.acknowledge(Effects::None), Verdict::Ok);
        owner.retire().unwrap();
    }
}

#[test]
fn the_end_resolves_both() {
    let failed = Outcome::Failed { code: Some(CODE), effects: Effects::Unstated };
    for outcome in [Outcome::Finished, failed] {
        let source = Source::new();
        let owner = source.arm(Mode::DECISIVE).unwrap();
        let mut worker = owner.start().unwrap();
        let (ended, cancelled) = (Arc::new(Count::default()), Arc::new(Count::default()));
        let mut end = pin!(owner.observer().ended());
        let mut request = pin!(worker.cancelled());
        assert_eq!(poll_with(end.as_mut(), &ended), Poll::Pending);
        assert_eq!(poll_with(request.as_mut(), &cancelled), Poll::Pending);
        match outcome {
            Outcome::Finished => assert_eq!(worker.finish(), Verdict::Ok),
            _ => assert_eq!(worker.fail(CODE), Verdict::Ok),
        }
        assert_eq!((ended.get(), cancelled.get()), (1, 1));
        assert_eq!(poll(end), Poll::Ready(Ok(outcome)));
        let Poll::Ready(Ok(told)) = poll(request) else { panic!("it has ended") };
        assert_eq!((told.request(), told.outcome()), (None, Some(outcome)));
    }
}

#[test]
fn what_waits_for_the_end_hears_nothing_of_a_request() {
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let mut worker = owner.start().unwrap();
    let woken = Arc::new(Count::default());
    let mut end = pin!(owner.observer().ended());
    assert_eq!(poll_with(end.as_mut(), &woken), Poll::Pending);
    let _ = owner.canceller().cancel(REQUEST);
    assert_eq!(woken.get(), 0);
    assert_eq!(poll_with(end.as_mut(), &woken), Poll::Pending);
    assert_eq!(worker.acknowledge(Effects::Partial), Verdict::Ok);
    assert_eq!(woken.get(), 1);
    let outcome = Outcome::Cancelled { effects: Effects::Partial, code: None };
    assert_eq!(poll(end.as_mut()), Poll::Ready(Ok(outcome)));
    // In the next life it says the same of the one that it was made for.
    owner.retire().unwrap();
    let _next = source.arm(Mode::DECISIVE).unwrap();
    assert_eq!(poll(end), Poll::Ready(Ok(outcome)));
}

#[test]
fn what_happened_before_resolves_at_once() {
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let mut worker = owner.start().unwrap();
    let _ = owner.canceller().cancel(REQUEST);
    let mut cancelled = pin!(worker.cancelled());
    for _ in 0..2 {
        let Poll::Ready(Ok(told)) = poll(cancelled.as_mut()) else { panic!("it was requested") };
        assert_eq!(told.request(), Some(REQUEST));
    }
    assert_eq!(worker.acknowledge(Effects::None), Verdict::Ok);
    let outcome = Outcome::Cancelled { effects: Effects::None, code: None };
    assert_eq!(poll(pin!(owner.observer().ended())), Poll::Ready(Ok(outcome)));
}

#[test]
fn a_request_behind_a_shield_resolves_too() {
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let mut worker = owner.start().unwrap();
    assert_eq!(worker.shield(), Verdict::Ok);
    let mut request = pin!(worker.cancelled());
    assert_eq!(poll(request.as_mut()), Poll::Pending);
    let _ = owner.canceller().cancel(REQUEST);
    assert!(poll(request).is_ready());
    assert_eq!(worker.poll(), None);
}

#[test]
fn what_cannot_be_waited_for_says_so() {
    let op = Op::new();
    let observer = op.arm(Mode::DECISIVE).unwrap().observer();
    assert_eq!(poll(pin!(observer.cancelled())), Poll::Ready(Err(Verdict::Unsupported)));
    assert_eq!(poll(pin!(observer.ended())), Poll::Ready(Err(Verdict::Unsupported)));

    let source = Source::new();
    let vacant = source.canceller().observer();
    assert_eq!(poll(pin!(vacant.cancelled())), Poll::Ready(Err(Verdict::BadState)));
    assert_eq!(poll(pin!(vacant.ended())), Poll::Ready(Err(Verdict::BadState)));

    let owner = source.arm(Mode::DECISIVE).unwrap();
    let stale = owner.observer();
    assert_eq!(owner.start().unwrap().finish(), Verdict::Ok);
    owner.retire().unwrap();
    assert_eq!(poll(pin!(stale.cancelled())), Poll::Ready(Err(Verdict::Stale)));
    let _next = source.arm(Mode::DECISIVE).unwrap();
    assert_eq!(poll(pin!(stale.ended())), Poll::Ready(Err(Verdict::Stale)));
}

#[test]
fn the_newest_waker_is_woken_and_no_other() {
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let (old, new) = (Arc::new(Count::default()), Arc::new(Count::default()));
    let mut request = pin!(owner.observer().cancelled());
    assert_eq!(poll_with(request.as_mut(), &old), Poll::Pending);
    assert_eq!(poll_with(request.as_mut(), &new), Poll::Pending);
    let _ = owner.canceller().cancel(REQUEST);
    assert_eq!((old.get(), new.get()), (0, 1));
    // A raise is nothing that it waits for.
    let _ = owner.canceller().cancel(Request::new(Level::Emergency, Cause::Fault));
    assert_eq!(new.get(), 1);
    assert!(poll(request).is_ready());
}

#[test]
fn a_drop_in_every_state_leaves_nothing_behind() {
    let source = Source::new();
    let empty = look_of(&source);
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let waker = Arc::new(Count::default());

    drop(owner.observer().cancelled());
    let mut pending = Box::pin(owner.observer().cancelled());
    assert_eq!(poll_with(pending.as_mut(), &waker), Poll::Pending);
    assert_ne!(look_of(&source), empty);
    drop(pending);
    assert_eq!(look_of(&source), empty);
    assert_eq!(Arc::strong_count(&waker), 1);

    let mut told = Box::pin(owner.observer().cancelled());
    let mut resolved = Box::pin(owner.observer().cancelled());
    assert_eq!(poll_with(told.as_mut(), &waker), Poll::Pending);
    assert_eq!(poll_with(resolved.as_mut(), &waker), Poll::Pending);
    let _ = owner.canceller().cancel(REQUEST);
    drop(told);
    assert!(poll_with(resolved.as_mut(), &waker).is_ready());
    assert!(poll_with(resolved.as_mut(), &waker).is_ready());
    drop(resolved);
    let mut late = Box::pin(owner.observer().cancelled());
    assert!(poll_with(late.as_mut(), &waker).is_ready());
    drop(late);
    assert_eq!(Arc::strong_count(&waker), 1);
    assert_eq!(waker.get(), 2);
    owner.retire().unwrap();
}

#[test]
fn a_million_dropped_futures_leave_the_list_empty() {
    let source = Source::new();
    let empty = look_of(&source);
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let observer = owner.observer();
    for _ in 0..500_000 {
        assert_eq!(poll(pin!(observer.cancelled())), Poll::Pending);
        assert_eq!(poll(pin!(observer.ended())), Poll::Pending);
    }
    assert_eq!(look_of(&source), empty);
}

#[test]
fn a_drop_while_another_thread_tells() {
    let source = Source::new();
    for _ in 0..20_000 {
        let owner = source.arm(Mode::DECISIVE).unwrap();
        let waker = Arc::new(Count::default());
        let mut first = Box::pin(owner.observer().cancelled());
        let mut second = Box::pin(owner.observer().ended());
        assert_eq!(poll_with(first.as_mut(), &waker), Poll::Pending);
        assert_eq!(poll_with(second.as_mut(), &waker), Poll::Pending);
        thread::scope(|scope| {
            let canceller = scope.spawn(|| owner.canceller().cancel(REQUEST).verdict);
            drop(first);
            drop(second);
            // The last touch was before the drops returned.
            assert!(Arc::strong_count(&waker) <= 3);
            assert_eq!(canceller.join().unwrap(), Verdict::Cancelled);
        });
        assert_eq!(Arc::strong_count(&waker), 1);
        owner.retire().unwrap();
    }
}

/// The future is its own when it wakes: the waker may drop it.
#[test]
fn a_waker_that_drops_its_future() {
    struct Dropper(Mutex<Option<Pin<Box<Cancelled<'static>>>>>);
    impl Wake for Dropper {
        fn wake(self: Arc<Self>) {
            drop(self.0.lock().unwrap().take());
        }
    }
    static SOURCE: Source = Source::new();
    let owner = SOURCE.arm(Mode::DECISIVE).unwrap();
    let dropper = Arc::new(Dropper(Mutex::new(None)));
    let waker = Waker::from(dropper.clone());
    let mut future = Box::pin(owner.observer().cancelled());
    assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    *dropper.0.lock().unwrap() = Some(future);
    assert_eq!(owner.canceller().cancel(REQUEST).verdict, Verdict::Cancelled);
    assert!(dropper.0.lock().unwrap().is_none());
    owner.retire().unwrap();
}

#[test]
fn an_interrupt_wakes_through_the_drain() {
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let woken = Arc::new(Count::default());
    let mut request = pin!(owner.observer().cancelled());
    assert_eq!(poll_with(request.as_mut(), &woken), Poll::Pending);
    let held = source.ticket(Rights::CANCEL);
    // SAFETY: the source stays until it is retired.
    let answer = unsafe { source.cancel_from_isr(held, REQUEST, None::<fn(Request) -> u32>) };
    assert_eq!(answer.verdict, Verdict::Cancelled);
    // Other tests of this program drain as well.
    drain();
    assert_eq!(owner.settle(), Verdict::Ok);
    assert_eq!(woken.get(), 1);
    assert!(poll(request).is_ready());
}

#[test]
fn a_parents_request_resolves_what_waits_in_a_scope_below() {
    let above = pin!(Scope::new());
    let above = above.as_ref();
    assert_eq!(above.open(), Verdict::Ok);
    let below = pin!(Scope::new());
    let below = below.as_ref();
    assert_eq!(below.open_in(above), Verdict::Ok);
    let mut request = pin!(below.cancelled());
    assert_eq!(poll(request.as_mut()), Poll::Pending);
    let _ = above.cancel(REQUEST);
    let Poll::Ready(Ok(told)) = poll(request) else { panic!("the parent was cancelled") };
    assert_eq!(told.request(), Some(Request::new(Level::Graceful, Cause::Parent)));
}

/// A scope that is closed without a request ends, and says so.
#[test]
fn a_closed_scope_resolves_what_waits_in_it() {
    let scope = pin!(Scope::new());
    let scope = scope.as_ref();
    assert_eq!(scope.open(), Verdict::Ok);
    let mut request = pin!(scope.cancelled());
    assert_eq!(poll(request.as_mut()), Poll::Pending);
    assert_eq!(scope.close(), Verdict::Ok);
    let Poll::Ready(Ok(told)) = poll(request) else { panic!("it has ended") };
    assert_eq!((told.request(), told.outcome()), (None, Some(Outcome::Finished)));
}
