//! `run_until_cancelled`: which of the two came, and that the commit point
//! stands.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::arithmetic_side_effects)]

mod executor;

use std::cell::Cell;
use std::future::{Future, pending, poll_fn, ready};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::thread;

use executor::{Count, block_on, poll, poll_with};
use quell::{
    Cause, Code, Effects, Level, Mode, Observer, Op, Phase, Request, Scope, Source, Verdict,
};

const REQUEST: Request = Request::new(Level::Graceful, Cause::Deadline);

/// Says when it is dropped.
struct Flag<'a>(&'a Cell<bool>);

impl Drop for Flag<'_> {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

/// Pending at its first poll, after which somebody else comes; then ready.
fn after_one_turn() -> impl Future<Output = ()> {
    let mut polled = false;
    poll_fn(
        move |_| {
            if std::mem::replace(&mut polled, true) { Poll::Ready(()) } else { Poll::Pending }
        },
    )
}

#[test]
fn what_is_done_is_done() {
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let observer = owner.observer();
    assert_eq!(block_on(observer.run_until_cancelled(ready(7))), Ok(7));

    // At the same moment as the cancel, too.
    let mut run = pin!(observer.run_until_cancelled(after_one_turn()));
    assert_eq!(poll(run.as_mut()), Poll::Pending);
    assert_eq!(owner.canceller().cancel(REQUEST).verdict, Verdict::Cancelled);
    assert_eq!(poll(run.as_mut()), Poll::Ready(Ok(())));
    // Nothing is left that could be said twice.
    assert_eq!(poll(run), Poll::Pending);
}

#[test]
fn a_cancel_drops_the_future_before_it_is_said() {
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let mut worker = owner.start().unwrap();
    let (dropped, woken) = (Cell::new(false), Arc::new(Count::default()));
    let flag = Flag(&dropped);
    let work = async move {
        let _flag = flag;
        pending::<()>().await;
    };
    let mut run = pin!(worker.observer().run_until_cancelled(work));
    assert_eq!(poll_with(run.as_mut(), &woken), Poll::Pending);
    assert_eq!(owner.canceller().cancel(REQUEST).verdict, Verdict::Cancelling);
    assert_eq!(woken.get(), 1);
    assert!(!dropped.get());
    assert_eq!(poll_with(run.as_mut(), &woken), Poll::Ready(Err(Verdict::Cancelling)));
    assert!(dropped.get());
    assert_eq!(worker.request(), Some(REQUEST));
    assert_eq!(worker.acknowledge(Effects::None), Verdict::Ok);
}

#[test]
fn what_is_cancelled_before_is_never_polled() {
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    assert_eq!(owner.canceller().cancel(REQUEST).verdict, Verdict::Cancelled);
    let polled = Cell::new(false);
    let run = owner.observer().run_until_cancelled(async { polled.set(true) });
    assert_eq!(block_on(run), Err(Verdict::Cancelled));
    assert!(!polled.get());
}

#[test]
fn past_the_commit_point_a_cancel_stops_nothing() {
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let mut worker = owner.start().unwrap();
    let observer = worker.observer();
    let mut run = pin!(observer.run_until_cancelled(async {
        assert_eq!(worker.commit(), Verdict::Ok);
        after_one_turn().await;
        worker.finish()
    }));
    assert_eq!(poll(run.as_mut()), Poll::Pending);
    assert_eq!(owner.canceller().cancel(REQUEST).verdict, Verdict::TooLate);
    assert_eq!(poll(run), Poll::Ready(Ok(Verdict::Ok)));
    assert_eq!(owner.status().unwrap().phase, Phase::Finished);
}

/// Whatever the timing, the three say the same: what the requester was told,
/// what became of the future, and how the operation ended.
#[test]
fn the_commit_point_and_the_stop_never_contradict() {
    let source = Source::new();
    let mut seen = [0_u32; 2];
    for spin in 0..20_000_u32 {
        let owner = source.arm(Mode::DECISIVE).unwrap();
        let mut worker = owner.start().unwrap();
        let committed = Cell::new(false);
        let told = thread::scope(|scope| {
            let canceller = scope.spawn(|| {
                for _ in 0..spin % 64 {
                    std::hint::spin_loop();
                }
                owner.canceller().cancel(REQUEST).verdict
            });
            let mut turns = 0;
            let work = poll_fn(|context| {
                turns += 1;
                if turns > 8 {
                    return Poll::Ready(());
                }
                if turns == 4 && worker.commit() == Verdict::Ok {
                    committed.set(true);
                }
                context.waker().wake_by_ref();
                Poll::Pending
            });
            let ran = block_on(owner.observer().run_until_cancelled(work));
            assert!(ran.is_ok() || (ran == Err(Verdict::Cancelling) && !committed.get()));
            canceller.join().unwrap()
        });
        if committed.get() {
            seen[0] += 1;
            assert_eq!(told, Verdict::TooLate);
            assert_eq!(worker.finish(), Verdict::Ok);
        } else {
            seen[1] += 1;
            assert_eq!(told, Verdict::Cancelling);
            assert_eq!(worker.finish(), Verdict::Cancelling);
            assert_eq!(worker.acknowledge(Effects::None), Verdict::Ok);
        }
        assert_eq!(owner.settle(), Verdict::Ok);
        owner.retire().unwrap();
    }
    assert!(seen.iter().all(|times| *times > 0), "one outcome never came up: {seen:?}");
}

#[test]
fn a_worker_inside_abandons_when_it_is_dropped() {
    let source = Source::new();
    let owner = source.arm(Mode::BEST_EFFORT).unwrap();
    let worker = owner.start().unwrap();
    let mut run = pin!(worker.observer().run_until_cancelled(async move {
        let _worker = worker;
        pending::<()>().await;
    }));
    assert_eq!(poll(run.as_mut()), Poll::Pending);
    assert_eq!(owner.canceller().cancel(REQUEST).verdict, Verdict::Requested);
    assert_eq!(poll(run), Poll::Ready(Err(Verdict::Requested)));
    let status = owner.status().unwrap();
    assert_eq!((status.phase, status.code), (Phase::Failed, Some(Code::ABANDONED)));
}

#[test]
fn an_end_of_the_futures_own_does_not_stop_it() {
    type End = fn(&mut quell::Worker<'_>) -> Verdict;
    let ends: [End; 2] = [|worker| worker.finish(), |worker| worker.fail(Code::ABANDONED)];
    for end in ends {
        let source = Source::new();
        let owner = source.arm(Mode::DECISIVE).unwrap();
        let mut worker = owner.start().unwrap();
        let observer = owner.observer();
        let mut run = pin!(observer.run_until_cancelled(async {
            after_one_turn().await;
            assert_eq!(end(&mut worker), Verdict::Ok);
            after_one_turn().await;
            "logged"
        }));
        assert_eq!(poll(run.as_mut()), Poll::Pending);
        assert_eq!(poll(run.as_mut()), Poll::Pending);
        assert_eq!(poll(run), Poll::Ready(Ok("logged")));
    }
}

#[test]
fn force_stops_it_past_the_commit_point_too() {
    let source = Source::new();
    let owner = source.arm(Mode::UNCANCELLABLE).unwrap();
    let mut worker = owner.start().unwrap();
    let mut run = pin!(owner.observer().run_until_cancelled(pending::<()>()));
    assert_eq!(poll(run.as_mut()), Poll::Pending);
    assert_eq!(worker.commit(), Verdict::Ok);
    assert_eq!(owner.force(Code::ABANDONED), Verdict::Ok);
    assert_eq!(poll(run), Poll::Ready(Err(Verdict::Failed)));
}

#[test]
fn what_has_no_operation_to_wait_for_says_so() {
    let never = |observer: Observer<'_>| {
        block_on(observer.run_until_cancelled(async { panic!("polled") })).map(|()| 0)
    };
    let op = Op::new();
    assert_eq!(never(op.arm(Mode::DECISIVE).unwrap().observer()), Err(Verdict::Unsupported));
    let source = Source::new();
    assert_eq!(never(source.canceller().observer()), Err(Verdict::BadState));
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let stale = owner.observer();
    assert_eq!(owner.start().unwrap().finish(), Verdict::Ok);
    owner.retire().unwrap();
    assert_eq!(never(stale), Err(Verdict::Stale));
}

#[test]
fn a_scope_stops_what_runs_in_it() {
    let service = pin!(Scope::new());
    let service = service.as_ref();
    assert_eq!(service.open(), Verdict::Ok);
    let job = pin!(Scope::new());
    let job = job.as_ref();
    assert_eq!(job.open_in(service), Verdict::Ok);
    let mut run = pin!(job.run_until_cancelled(pending::<()>()));
    assert_eq!(poll(run.as_mut()), Poll::Pending);
    let _ = service.cancel(REQUEST);
    assert_eq!(poll(run), Poll::Ready(Err(Verdict::Cancelling)));
}
