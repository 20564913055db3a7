//! Reads beside the worker's writes: every answer lies between what had been
//! reported when the read began and what was being reported when it ended; a
//! later read is not below an earlier one; a total is one that was said, and
//! covers what is read as done.
//!
//! `complete` and `begun` stand for the start and the end of a read: the first
//! is published after a report and acquired before the read; the second is
//! written before a report, and read through the count itself.

use std::sync::{Arc, Mutex};

use loom::model::Builder;
use loom::sync::atomic::{AtomicU64, Ordering};
use loom::thread;
use quell::{Progress, Reading, Verdict};

const CARRY: u64 = 1 << 32;

#[derive(Clone, Copy)]
enum Write {
    Done(u64),
    Total(u64),
}

struct Shared {
    progress: Progress,
    complete: AtomicU64,
    begun: AtomicU64,
}

impl Shared {
    fn write(&self, write: Write) {
        match write {
            Write::Done(done) => {
                self.begun.store(done, Ordering::Relaxed);
                assert_eq!(self.progress.report(done), Verdict::Ok);
                self.complete.store(done, Ordering::Release);
            }
            Write::Total(total) => assert_eq!(self.progress.set_total(total), Verdict::Ok),
        }
    }

    fn read(&self) -> Reading {
        let least = self.complete.load(Ordering::Acquire);
        let reading = self.progress.read();
        let most = self.begun.load(Ordering::Relaxed);
        assert!(least <= reading.done && reading.done <= most, "{least} {reading:?} {most}");
        reading
    }
}

/// One worker after `before`, one reader that reads twice. Answers what was
/// read, of every performance.
fn beside(before: &'static [Write], writes: &'static [Write]) -> Vec<[Reading; 2]> {
    let seen: Arc<Mutex<Vec<[Reading; 2]>>> = Arc::default();
    let mut builder = Builder::new();
    builder.preemption_bound = Some(3);
    for reader_first in [false, true] {
        let record = seen.clone();
        builder.check(move || {
            let shared = Arc::new(Shared {
                progress: Progress::new(),
                complete: AtomicU64::new(0),
                begun: AtomicU64::new(0),
            });
            before.iter().for_each(|write| shared.write(*write));
            let (worker, reader) = (shared.clone(), shared);
            let write = move || writes.iter().for_each(|write| worker.write(*write));
            let read = move || [reader.read(), reader.read()];
            let reads = if reader_first {
                let reading = thread::spawn(read);
                write();
                reading.join().unwrap()
            } else {
                let writing = thread::spawn(write);
                let reads = read();
                writing.join().unwrap();
                reads
            };
            assert!(reads[0].done <= reads[1].done, "{reads:?}");
            let mut record = record.lock().unwrap();
            if !record.contains(&reads) {
                record.push(reads);
            }
        });
    }
    let seen = seen.lock().unwrap();
    seen.clone()
}

#[test]
fn done_is_monotone_and_untorn_across_the_carry() {
    let seen = beside(&[Write::Done(CARRY - 1)], &[Write::Done(CARRY + 7), Write::Done(CARRY + 9)]);
    let counts = [CARRY - 1, CARRY, CARRY + 7, CARRY + 9];
    for reading in seen.iter().flatten() {
        assert!(counts.contains(&reading.done), "{reading:?} was never reported");
    }
    for count in counts {
        assert!(
            seen.iter().flatten().any(|reading| reading.done == count),
            "{count} never came up"
        );
    }
}

#[test]
fn done_is_monotone_over_two_carries() {
    let seen = beside(&[Write::Done(5)], &[Write::Done(CARRY + 3), Write::Done(2 * CARRY + 1)]);
    let counts = [5, CARRY, CARRY + 3, 2 * CARRY, 2 * CARRY + 1];
    for reading in seen.iter().flatten() {
        assert!(counts.contains(&reading.done), "{reading:?} was never reported");
    }
    assert!(seen.contains(&[Reading { done: 5, total: 0 }; 2]));
    assert!(seen.iter().any(|[first, _]| first.done == 2 * CARRY + 1));
}

#[test]
fn a_total_is_one_that_was_said_and_covers_what_is_done() {
    let (small, large) = (CARRY - 1, 3 * CARRY + 1);
    let seen = beside(
        &[Write::Total(CARRY - 1), Write::Done(CARRY - 2)],
        &[Write::Total(3 * CARRY + 1), Write::Done(CARRY + 3)],
    );
    for reading in seen.iter().flatten() {
        assert!([small, large].contains(&reading.total), "{reading:?}");
        assert!(reading.done <= reading.total, "{reading:?}");
    }
    for total in [small, large] {
        assert!(seen.iter().flatten().any(|reading| reading.total == total));
    }
}

#[test]
fn a_total_that_is_set_three_times_is_one_of_them_or_not_known() {
    let seen = beside(
        &[Write::Total(7)],
        &[Write::Total(CARRY + 1), Write::Total(2 * CARRY + 2), Write::Total(3 * CARRY + 3)],
    );
    let said = [0, 7, CARRY + 1, 2 * CARRY + 2, 3 * CARRY + 3];
    for reading in seen.iter().flatten() {
        assert!(said.contains(&reading.total), "{reading:?} was never said");
    }
}
