//! On tokio, of one thread and of several.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::arithmetic_side_effects)]

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use quell::{Cause, Effects, Level, Mode, Outcome, Request, Scope, Source, Verdict};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

const REQUEST: Request = Request::new(Level::Graceful, Cause::User);
const CANCELLED: Outcome = Outcome::Cancelled { effects: Effects::None, code: None };
const SHORT: Duration = Duration::from_millis(5);
const LONG: Duration = Duration::from_secs(60);

fn runtimes() -> [Runtime; 2] {
    [
        Builder::new_current_thread().enable_time().build().unwrap(),
        Builder::new_multi_thread().worker_threads(4).enable_time().build().unwrap(),
    ]
}

/// A thousand tasks wait for the request and for the end of one operation; its
/// worker is a task, too.
#[test]
fn all_tasks_are_woken() {
    for runtime in runtimes() {
        let source: &'static Source = Box::leak(Box::new(Source::new()));
        let owner = source.arm(Mode::DECISIVE).unwrap();
        let mut worker = owner.start().unwrap();
        let observer = owner.observer();
        runtime.block_on(async {
            let mut tasks = JoinSet::new();
            for _ in 0..1000 {
                tasks.spawn(async move {
                    let told = observer.cancelled().await.unwrap();
                    assert_eq!(told.request(), Some(REQUEST));
                    assert_eq!(observer.ended().await, Ok(CANCELLED));
                });
            }
            tasks.spawn(async move {
                let told = worker.cancelled().await.unwrap();
                assert_eq!(told.request(), Some(REQUEST));
                assert_eq!(worker.acknowledge(Effects::None), Verdict::Ok);
            });
            tokio::task::yield_now().await;
            let canceller = owner.canceller();
            let cancel = move || assert_eq!(canceller.cancel(REQUEST).verdict, Verdict::Cancelling);
            tokio::task::spawn_blocking(cancel).await.unwrap();
            while let Some(joined) = tasks.join_next().await {
                joined.unwrap();
            }
        });
        assert_eq!(owner.settle(), Verdict::Ok);
        owner.retire().unwrap();
    }
}

#[test]
fn a_time_out_drops_the_future_and_cancels_nothing() {
    for runtime in runtimes() {
        let source = Source::new();
        let owner = source.arm(Mode::DECISIVE).unwrap();
        let worker = owner.start().unwrap();
        runtime.block_on(async {
            assert!(timeout(SHORT, owner.observer().cancelled()).await.is_err());
            assert!(timeout(SHORT, owner.observer().ended()).await.is_err());
            assert_eq!(worker.poll(), None);
            // In a loop that looks up from time to time: one future, many polls.
            let cancelled = worker.cancelled();
            tokio::pin!(cancelled);
            let mut ticks = 0;
            let told = loop {
                tokio::select! {
                    told = &mut cancelled => break told.unwrap(),
                    () = sleep(SHORT) => ticks += 1,
                }
                if ticks == 2 {
                    let _ = owner.canceller().cancel(REQUEST);
                }
            };
            assert_eq!((ticks, told.request()), (2, Some(REQUEST)));
        });
    }
}

#[test]
fn a_task_runs_until_it_is_cancelled() {
    for runtime in runtimes() {
        let service = Pin::static_ref(Box::leak(Box::new(Scope::new())));
        assert_eq!(service.open(), Verdict::Ok);
        let service = service.get_ref();
        runtime.block_on(async {
            let told = Arc::new(());
            let mut tasks = JoinSet::new();
            for _ in 0..100 {
                let held = told.clone();
                tasks.spawn(service.run_until_cancelled(async move {
                    sleep(LONG).await;
                    drop(held);
                }));
            }
            tasks.spawn(service.run_until_cancelled(async {
                sleep(SHORT).await;
                assert_eq!(service.cancel(REQUEST), Verdict::Cancelling);
                // It goes on to its next wait, and no further.
                sleep(LONG).await;
            }));
            while let Some(stopped) = tasks.join_next().await {
                assert_eq!(stopped.unwrap(), Err(Verdict::Cancelling));
            }
            assert_eq!(Arc::strong_count(&told), 1);
        });
        assert_eq!(service.close(), Verdict::Ok);
    }
}

/// Tasks that are aborted while somebody cancels: dropped in whatever state
/// they are in, on whatever thread.
#[test]
fn aborted_tasks_against_the_cancel() {
    let [_, runtime] = runtimes();
    let source: &'static Source = Box::leak(Box::new(Source::new()));
    runtime.block_on(async {
        for _ in 0..500 {
            let owner = source.arm(Mode::DECISIVE).unwrap();
            let observer = owner.observer();
            let mut tasks = JoinSet::new();
            for _ in 0..8 {
                tasks.spawn(async move { observer.cancelled().await.unwrap().request() });
            }
            let canceller = owner.canceller();
            let cancel = tokio::task::spawn_blocking(move || canceller.cancel(REQUEST).verdict);
            tasks.abort_all();
            assert_eq!(cancel.await.unwrap(), Verdict::Cancelled);
            while let Some(joined) = tasks.join_next().await {
                match joined {
                    Ok(request) => assert_eq!(request, Some(REQUEST)),
                    Err(aborted) => assert!(aborted.is_cancelled()),
                }
            }
            owner.retire().unwrap();
        }
    });
}
