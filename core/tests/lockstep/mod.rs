//! Two threads, round by round: both begin a round at the same moment, give or
//! take a few instructions that differ from round to round.

use std::hint;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use quell::{Canceller, Mode, Op, Owner, Worker};

/// Two threads that meet every few hundred nanoseconds want two cores.
static TWO_CORES: Mutex<()> = Mutex::new(());

/// What came of each round, for `rounds` rounds of both closures.
pub(crate) fn race<A: Send, B: Send>(
    rounds: usize,
    one: impl FnMut(usize) -> A + Send,
    other: impl FnMut(usize) -> B + Send,
) -> Vec<(A, B)> {
    let _cores = TWO_CORES.lock().unwrap_or_else(PoisonError::into_inner);
    let (here, there) = (Progress::default(), Progress::default());
    thread::scope(|scope| {
        let one = scope.spawn(|| rounds_of(one, rounds, &here, &there, |round| round % 16));
        let other = rounds_of(other, rounds, &there, &here, |round| round / 16 % 16);
        one.join().unwrap().into_iter().zip(other).collect()
    })
}

fn rounds_of<T>(
    mut play: impl FnMut(usize) -> T,
    rounds: usize,
    mine: &Progress,
    theirs: &Progress,
    delay: fn(usize) -> usize,
) -> Vec<T> {
    let _gone = Gone(mine);
    (0..rounds)
        .map(|round| {
            mine.reach(round + 1);
            theirs.wait_for(round + 1);
            (0..delay(round)).for_each(|_| hint::spin_loop());
            play(round)
        })
        .collect()
}

/// On a cache line of its own.
#[derive(Default)]
#[repr(align(128))]
struct Progress(AtomicUsize);

impl Progress {
    fn reach(&self, round: usize) {
        self.0.store(round, Ordering::Release);
    }

    fn wait_for(&self, round: usize) {
        watch(|| self.0.load(Ordering::Acquire), |reached| *reached >= round);
    }
}

/// Looks until `enough`, and answers that look.
pub(crate) fn watch<T>(mut look: impl FnMut() -> T, enough: impl Fn(&T) -> bool) -> T {
    loop {
        for _ in 0..64 {
            let seen = look();
            if enough(&seen) {
                return seen;
            }
            hint::spin_loop();
        }
        // The other may be waiting for this very core.
        thread::yield_now();
    }
}

/// A thread that panics does not leave the other waiting.
struct Gone<'a>(&'a Progress);

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        self.0.reach(usize::MAX);
    }
}

/// Many operations under way, with their parties sorted by role.
pub(crate) struct Cast<'a> {
    pub(crate) owners: Vec<Owner<'a>>,
    pub(crate) workers: Vec<Worker<'a>>,
    pub(crate) cancellers: Vec<Canceller<'a>>,
}

pub(crate) fn running(ops: &[Op], mode: Mode) -> Cast<'_> {
    let owners: Vec<_> = ops.iter().map(|op| op.arm(mode).unwrap()).collect();
    let workers = owners.iter().map(|owner| owner.start().unwrap()).collect();
    let cancellers = owners.iter().map(Owner::canceller).collect();
    Cast { owners, workers, cancellers }
}
