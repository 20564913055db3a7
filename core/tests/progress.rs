//! Done and total: the carry across 2³², shares without a wider number, the
//! subscriber, and a cancel from inside it.
#![allow(clippy::expect_used, clippy::arithmetic_side_effects)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use proptest::prelude::*;
use quell::{Cause, Effects, Level, Mode, Op, Pace, Progress, Reading, Request, Verdict};

const CARRY: u64 = 1 << 32;

fn told(progress: &Progress, done: u64, total: u64) {
    assert_eq!(progress.read(), Reading { done, total });
}

#[test]
fn zeroed_memory_is_nothing_done_of_who_knows_what() {
    assert_eq!(size_of::<Progress>(), 32);
    assert_eq!(align_of::<Progress>(), 4);
    let progress = Progress::new();
    told(&progress, 0, 0);
    assert_eq!(progress.read().percent(), None);
    assert_eq!(progress.read().permille(), None);
    assert!(!progress.read().complete());
}

#[test]
fn done_carries_across_2_to_the_32() {
    let progress = Progress::new();
    for done in [1, CARRY - 1, CARRY, CARRY + 1, 2 * CARRY - 1, 5 * CARRY + 7, u64::MAX] {
        assert_eq!(progress.report(done), Verdict::Ok);
        told(&progress, done, 0);
    }
}

#[test]
fn done_never_goes_back_and_never_passes_the_total() {
    let progress = Progress::new();
    assert_eq!(progress.set_total(CARRY + 5), Verdict::Ok);
    assert_eq!(progress.report(CARRY + 1), Verdict::Ok);
    for refused in [CARRY, 1, 0, CARRY + 6, u64::MAX] {
        assert_eq!(progress.report(refused), Verdict::Invalid);
        told(&progress, CARRY + 1, CARRY + 5);
    }
    assert_eq!(progress.report(CARRY + 1), Verdict::Ok);
    assert_eq!(progress.report(CARRY + 5), Verdict::Ok);
    assert!(progress.read().complete());
}

#[test]
fn the_total_is_set_late_and_raised_and_never_lowered() {
    let progress = Progress::new();
    assert_eq!(progress.report(10), Verdict::Ok);
    for refused in [0, 9] {
        assert_eq!(progress.set_total(refused), Verdict::Invalid);
        told(&progress, 10, 0);
    }
    for total in [10, 10, 11, CARRY, 7 * CARRY + 3, u64::MAX] {
        assert_eq!(progress.set_total(total), Verdict::Ok);
        told(&progress, 10, total);
    }
    assert_eq!(progress.set_total(7 * CARRY), Verdict::Invalid);
    told(&progress, 10, u64::MAX);
}

#[test]
fn a_reset_makes_it_new() {
    let progress = Progress::new();
    assert_eq!(progress.set_total(3 * CARRY), Verdict::Ok);
    assert_eq!(progress.set_total(4 * CARRY), Verdict::Ok);
    assert_eq!(progress.report(3 * CARRY + 1), Verdict::Ok);
    progress.reset();
    told(&progress, 0, 0);
    assert_eq!(progress.report(1), Verdict::Ok);
    assert_eq!(progress.set_total(2), Verdict::Ok);
    told(&progress, 1, 2);
}

/// Stops the other side however this one ends.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// One writer, one reader: never backwards, never a count or a total that was
/// not said. Every stride crosses 2³².
#[test]
fn a_reader_beside_the_writer_sees_no_torn_count() {
    const CHANGES: u32 = 300;
    let progress = Progress::new();
    let (ended, gone) = (AtomicBool::new(false), AtomicBool::new(false));
    let total_after = |round: u64| (round / 1000 + 1) * 1000 * (CARRY - 1);
    thread::scope(|scope| {
        scope.spawn(|| {
            let _stop = Stop(&ended);
            let mut last = Reading::default();
            let mut changes = 0;
            while changes < CHANGES && !gone.load(Ordering::Acquire) {
                let now = progress.read();
                assert!(now.done >= last.done, "{now:?} after {last:?}");
                // A count that was said, or the carry that lies between two.
                assert!(
                    now.done.is_multiple_of(CARRY - 1) || now.done.is_multiple_of(CARRY),
                    "{now:?}"
                );
                assert!(now.total.is_multiple_of(1000 * (CARRY - 1)), "{now:?}");
                assert!(now.total == 0 || now.done <= now.total, "{now:?}");
                changes += u32::from(now != last);
                last = now;
            }
        });
        let _stop = Stop(&gone);
        let mut round = 0;
        while !ended.load(Ordering::Acquire) {
            round += 1;
            assert_eq!(progress.set_total(total_after(round)), Verdict::Ok);
            assert_eq!(progress.report(round * (CARRY - 1)), Verdict::Ok);
        }
    });
}

#[test]
fn shares_of_the_largest_numbers() {
    let reading = |done, total| Reading { done, total };
    assert_eq!(reading(u64::MAX - 1, u64::MAX).percent(), Some(99));
    assert_eq!(reading(u64::MAX - 1, u64::MAX).permille(), Some(999));
    assert_eq!(reading(u64::MAX, u64::MAX).percent(), Some(100));
    assert_eq!(reading(u64::MAX, u64::MAX).permille(), Some(1000));
    assert_eq!(reading(0, u64::MAX).permille(), Some(0));
    assert_eq!(reading(0, 1).percent(), Some(0));
    assert_eq!(reading(1, 1).percent(), Some(100));
    assert_eq!(reading(1, 3).percent(), Some(33));
    assert_eq!(reading(2, 3).permille(), Some(666));
    // Nobody makes such a reading; it is no 200 % all the same.
    assert_eq!(reading(2, 1).percent(), Some(100));
}

fn amounts() -> impl Strategy<Value = u64> {
    prop_oneof![any::<u64>(), 1..5000_u64, (0..5000_u64).prop_map(|n| u64::MAX - n)]
}

proptest! {
    #[test]
    fn shares_are_exact(a in amounts(), b in amounts()) {
        let (done, total) = (a.min(b), a.max(b).max(1));
        let exact = |parts: u128| (u128::from(done) * parts / u128::from(total)) as u32;
        let reading = Reading { done, total };
        prop_assert_eq!(reading.percent(), Some(exact(100)));
        prop_assert_eq!(reading.permille(), Some(exact(1000)));
        prop_assert_eq!(reading.percent() == Some(100), done == total);
    }

    #[test]
    fn shares_are_exact_at_their_steps(total in amounts(), share in 0..1000_u64) {
        let total = total.max(1);
        let first = (u128::from(total) * u128::from(share)).div_ceil(1000) as u64;
        for done in [first.saturating_sub(1), first, first + 1] {
            let done = done.min(total);
            let exact = (u128::from(done) * 1000 / u128::from(total)) as u32;
            prop_assert_eq!(Reading { done, total }.permille(), Some(exact));
        }
    }

    #[test]
    fn counts_are_read_as_they_were_reported(mut counts in prop::collection::vec(any::<u64>(), 1..20)) {
        counts.sort_unstable();
        let progress = Progress::new();
        for done in counts {
            prop_assert_eq!(progress.report(done), Verdict::Ok);
            prop_assert_eq!(progress.read().done, done);
        }
    }
}

#[test]
fn a_subscriber_is_told_by_steps_and_at_the_end() {
    let progress = Progress::new();
    let mut seen = Vec::new();
    let mut reporter = progress.reporter(10, |reading: Reading| seen.push(reading.done));
    assert_eq!(reporter.set_total(37), Verdict::Ok);
    for done in [1, 9, 10, 11, 19, 20, 35, 36, 36, 37, 37] {
        assert_eq!(reporter.report(done), Verdict::Ok);
    }
    assert_eq!(reporter.report(38), Verdict::Invalid);
    assert_eq!(seen, [10, 20, 35, 37]);
}

#[test]
fn a_subscriber_without_a_step_is_told_of_every_report() {
    let progress = Progress::new();
    assert_eq!(progress.report(5), Verdict::Ok);
    let mut seen = Vec::new();
    let mut reporter = progress.reporter(0, |reading: Reading| seen.push(reading.done));
    for done in [5, 6, 6] {
        assert_eq!(reporter.report(done), Verdict::Ok);
    }
    assert_eq!(seen, [5, 6, 6]);
}

#[test]
fn a_pace_counts_from_where_it_was_told_last() {
    let mut pace = Pace::every(100).since(1000);
    let at = |done| Reading { done, total: 0 };
    assert!(!pace.due(at(1099)));
    assert!(pace.due(at(1100)));
    assert_eq!(pace.told(), 1100);
    assert!(!pace.due(at(1199)));
    assert!(pace.due(at(u64::MAX)));
}

/// GPM's case: `IGPMAsyncCancel::Cancel` from inside `IGPMAsyncProgress::Status`.
#[test]
fn a_subscriber_cancels_from_inside_its_report() {
    let (op, progress) = (Op::new(), Progress::new());
    let owner = op.arm(Mode::DECISIVE).expect("vacant");
    let canceller = owner.canceller();
    let mut worker = owner.start().expect("pending");
    let mut answers = Vec::new();
    let mut reporter = progress.reporter(1, |reading: Reading| {
        if reading.done >= 3 {
            answers.push(canceller.cancel(Request::new(Level::Immediate, Cause::User)).verdict);
        }
    });
    let mut units = 0;
    while worker.poll().is_none() {
        units += 1;
        assert_eq!(reporter.report(units), Verdict::Ok);
    }
    assert_eq!(units, 3);
    assert_eq!(worker.poll(), Some(Level::Immediate));
    assert_eq!(worker.finish(), Verdict::Cancelling);
    assert_eq!(worker.acknowledge(Effects::Partial), Verdict::Ok);
    assert_eq!(answers, [Verdict::Cancelling]);
}
