//! Waiting, between threads.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::thread;
use std::time::Duration;

use quell::{Cause, Effects, Level, Mode, Outcome, Request, Source, Verdict};

const SHORT: Option<Duration> = Some(Duration::from_millis(5));
const LONG: Option<Duration> = Some(Duration::from_secs(60));

#[test]
fn race_12_all_waiters_wake() {
    let source = Source::new();
    for _ in 0..200 {
        let owner = source.arm(Mode::DECISIVE).unwrap();
        let mut worker = owner.start().unwrap();
        thread::scope(|scope| {
            let waiters: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| owner.observer().wait_end(LONG).map(|told| told.outcome())))
                .collect();
            assert_eq!(worker.finish(), Verdict::Ok);
            for waiter in waiters {
                assert_eq!(waiter.join().unwrap(), Ok(Some(Outcome::Finished)));
            }
        });
        assert_eq!(owner.settle(), Verdict::Ok);
        owner.retire().unwrap();
    }
}

#[test]
fn time_that_runs_out_cancels_nothing() {
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let mut worker = owner.start().unwrap();
    assert_eq!(owner.observer().wait_end(SHORT), Err(Verdict::TimedOut));
    assert_eq!(owner.observer().wait_request(SHORT), Err(Verdict::TimedOut));
    assert_eq!(worker.poll(), None);
    let request = Request::new(Level::Graceful, Cause::Deadline);
    let _ = owner.canceller().cancel(request);
    assert_eq!(owner.observer().wait_request(SHORT).unwrap().request(), Some(request));
    assert_eq!(worker.acknowledge(Effects::None), Verdict::Ok);
    let outcome = Outcome::Cancelled { effects: Effects::None, code: None };
    assert_eq!(owner.observer().wait_end(None).unwrap().outcome(), Some(outcome));
}
