//! On embassy's executor, the one that firmware uses, in its flavour for hosts:
//! one thread, cancelled from others and from its own tasks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use embassy_executor::{Executor, Spawner};
use embassy_futures::select::{Either, select};
use embassy_time::Timer;
use quell::{Cause, Effects, Level, Mode, Observer, Outcome, Request, Source, Verdict, Worker};

const REQUEST: Request = Request::new(Level::Immediate, Cause::Peer);
const CANCELLED: Outcome = Outcome::Cancelled { effects: Effects::Partial, code: None };

static SOURCE: Source = Source::new();
static DONE: AtomicU32 = AtomicU32::new(0);
const TASKS: u32 = 4;

fn done() {
    DONE.fetch_add(1, Ordering::Relaxed);
}

#[embassy_executor::task]
async fn work(mut worker: Worker<'static>) {
    // The time runs out first: nothing is cancelled by that.
    match select(worker.cancelled(), Timer::after_millis(5)).await {
        Either::First(told) => panic!("nobody has asked: {told:?}"),
        Either::Second(()) => assert_eq!(worker.poll(), None),
    }
    thread::spawn(|| {
        thread::sleep(Duration::from_millis(5));
        assert_eq!(SOURCE.canceller().cancel(REQUEST).verdict, Verdict::Cancelling);
    });
    match select(worker.cancelled(), Timer::after_secs(60)).await {
        Either::First(told) => assert_eq!(told.unwrap().request(), Some(REQUEST)),
        Either::Second(()) => panic!("not woken"),
    }
    assert_eq!(worker.acknowledge(Effects::Partial), Verdict::Ok);
    done();
}

#[embassy_executor::task(pool_size = 2)]
async fn watch(observer: Observer<'static>) {
    assert_eq!(observer.ended().await, Ok(CANCELLED));
    done();
}

#[embassy_executor::task]
async fn transfer(observer: Observer<'static>) {
    let mut blocks = 0_u32;
    let stopped = observer
        .run_until_cancelled(async {
            loop {
                Timer::after_millis(1).await;
                blocks = blocks.saturating_add(1);
            }
        })
        .await;
    assert_eq!(stopped, Err::<(), _>(Verdict::Cancelling));
    assert!(blocks > 0);
    done();
}

#[test]
fn tasks_are_woken_on_embassy() {
    let executor = Box::leak(Box::new(Executor::new()));
    let owner = SOURCE.arm(Mode::DECISIVE).unwrap();
    let worker = owner.start().unwrap();
    let observer = owner.observer();
    let spawn = |spawner: Spawner| {
        spawner.spawn(watch(observer).unwrap());
        spawner.spawn(transfer(observer).unwrap());
        spawner.spawn(work(worker).unwrap());
        spawner.spawn(watch(observer).unwrap());
    };
    executor.run_until(spawn, || DONE.load(Ordering::Relaxed) == TASKS);
    assert_eq!(owner.settle(), Verdict::Ok);
    owner.retire().unwrap();
}
