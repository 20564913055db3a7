//! Two threads, round by round: both begin a round at the same moment, give or
//! take a few instructions drawn anew for each.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::fmt::Display;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{env, hint, ptr, thread};

use quell::word::Word;
use quell::{
    Added, Cause, Events, Hook, HookFn, IfHappened, Level, Mode, Request, Rights, Source, Ticket,
    Verdict,
};

pub(crate) const GENTLE: Request = Request::new(Level::Graceful, Cause::User);
pub(crate) const URGENT: Request = Request::new(Level::Immediate, Cause::Shutdown);
pub(crate) const LAST: Request = Request::new(Level::Emergency, Cause::Fault);

/// Two threads that meet every few hundred nanoseconds want two cores.
static TWO_CORES: Mutex<()> = Mutex::new(());

/// Longer than any of the tests here takes; nothing may wait for ever.
const PATIENCE: Duration = Duration::from_secs(180);

fn number_from(name: &str) -> Option<usize> {
    let given = env::var(name).ok()?;
    Some(given.parse().unwrap_or_else(|_| panic!("{name} is no number: {given}")))
}

/// How many rounds to run of a race whose rounds cost `cost` times one of the
/// shortest.
pub(crate) fn rounds(cost: usize) -> usize {
    number_from("QUELL_RACES").unwrap_or(6_000) / cost
}

fn seed() -> u64 {
    number_from("QUELL_SEED").map_or(0x9E37_79B9, |seed| seed as u64)
}

/// The cores, and somebody who looks after the time, until dropped.
pub(crate) struct Cores {
    _alone: MutexGuard<'static, ()>,
    over: &'static AtomicBool,
}

impl Cores {
    pub(crate) fn take() -> Self {
        let alone = TWO_CORES.lock().unwrap_or_else(PoisonError::into_inner);
        let over: &'static AtomicBool = Box::leak(Box::default());
        let test = thread::current().name().unwrap_or("a test").to_owned();
        thread::spawn(move || {
            let begun = Instant::now();
            while !over.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(20));
                if begun.elapsed() > PATIENCE {
                    eprintln!("{test} hangs: somebody waits for what does not come");
                    std::process::abort();
                }
            }
        });
        Self { _alone: alone, over }
    }
}

impl Drop for Cores {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

/// Numbers that look drawn, the same from the same seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(player: u64) -> Self {
        Self((seed() ^ player.wrapping_mul(0xD129_0C9B_75A4_5E6D)) | 1)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 32) as usize % limit
    }

    pub(crate) fn pause(&mut self, limit: usize) {
        (0..self.below(limit)).for_each(|_| hint::spin_loop());
    }
}

/// Puts the calling thread on one of the processors that this process may use.
/// Two on the same one would take turns, and never meet.
fn settle_on(player: usize) {
    // SAFETY: all-zero is the empty set, and the calls take what they ask for.
    unsafe {
        let mut all: libc::cpu_set_t = std::mem::zeroed();
        let size = size_of::<libc::cpu_set_t>();
        assert_eq!(libc::sched_getaffinity(libc::getpid(), size, &raw mut all), 0);
        let mut usable = (0..libc::CPU_SETSIZE as usize).filter(|&cpu| libc::CPU_ISSET(cpu, &all));
        let own = usable.nth(player).expect("a race wants two processors");
        let mut one: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(own, &mut one);
        assert_eq!(libc::sched_setaffinity(0, size, &raw const one), 0);
    }
}

/// What came of each round, for `rounds` rounds of both closures, each put off
/// by less than `spread` pauses of the processor.
pub(crate) fn duel<A: Send, B: Send>(
    rounds: usize,
    spread: (usize, usize),
    one: impl FnMut(usize) -> A + Send,
    other: impl FnMut(usize) -> B + Send,
) -> Vec<(A, B)> {
    let (here, there) = (Progress::default(), Progress::default());
    thread::scope(|scope| {
        let one = scope.spawn(|| {
            settle_on(0);
            rounds_of(one, rounds, (&here, &there), 1, spread.0)
        });
        let other = scope.spawn(|| {
            settle_on(1);
            rounds_of(other, rounds, (&there, &here), 2, spread.1)
        });
        one.join().unwrap().into_iter().zip(other.join().unwrap()).collect()
    })
}

fn rounds_of<T>(
    mut play: impl FnMut(usize) -> T,
    rounds: usize,
    (mine, theirs): (&Progress, &Progress),
    player: u64,
    spread: usize,
) -> Vec<T> {
    let _gone = Gone(mine);
    let mut dice = Dice::new(player);
    (0..rounds)
        .map(|round| {
            mine.0.store(round + 1, Ordering::Release);
            until(|| theirs.0.load(Ordering::Acquire) > round);
            dice.pause(spread);
            play(round)
        })
        .collect()
}

/// On a cache line of its own.
#[derive(Default)]
#[repr(align(128))]
struct Progress(AtomicUsize);

/// A thread that panics does not leave the other waiting.
struct Gone<'a>(&'a Progress);

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        self.0.0.store(usize::MAX, Ordering::Release);
    }
}

pub(crate) fn until(mut enough: impl FnMut() -> bool) {
    loop {
        for _ in 0..64 {
            if enough() {
                return;
            }
            hint::spin_loop();
        }
        // The other may be waiting for this very core.
        thread::yield_now();
    }
}

/// How often a race ended in which way.
#[derive(Debug, Default)]
pub(crate) struct Tally(BTreeMap<String, usize>);

impl Tally {
    pub(crate) fn count(&mut self, end: impl Display) {
        *self.0.entry(end.to_string()).or_default() += 1;
    }

    /// Each of these ends has been seen once in a thousand rounds, and no
    /// other: else the two did not meet.
    pub(crate) fn assert_raced(&self, ends: &[&str]) {
        let rounds: usize = self.0.values().sum();
        println!("{}: {:?}", thread::current().name().unwrap_or(""), self.0);
        for end in ends {
            let seen = self.0.get(*end).copied().unwrap_or(0);
            let enough = seen > 0 && seen * 1000 >= rounds;
            assert!(enough, "no race: {end} is not among {:?} often enough", self.0);
        }
        let known: usize = ends.iter().filter_map(|end| self.0.get(*end)).sum();
        assert_eq!(known, rounds, "an end that cannot be: {:?}", self.0);
    }
}

/// Adds a hook that calls `function` with a reference to `context`.
///
/// # Safety
/// `context` and the hook stay until the hook is off; `function` takes it.
pub(crate) unsafe fn listen<C>(
    source: &Source,
    held: Ticket,
    hook: &Hook,
    (function, context): (HookFn, &C),
    events: Events,
) -> Added {
    let call = (function, ptr::from_ref(context).cast_mut().cast::<c_void>());
    // SAFETY: the caller's promise.
    unsafe { source.add(held, hook, call, events, IfHappened::Report) }
}

pub(crate) fn cancel(source: &Source, request: Request) -> Verdict {
    let held = source.ticket(Rights::CANCEL);
    source.cancel(held, request, None::<fn(Request) -> u32>).verdict
}

/// Makes a vacant source a running operation: its ticket, and what its worker
/// ends it with.
pub(crate) fn begin(source: &Source) -> (Ticket, Word) {
    let (verdict, ticket) = source.arm_ticket(Mode::DECISIVE);
    assert_eq!(verdict, Verdict::Ok);
    let started = source.op().start(ticket);
    assert_eq!(started.verdict, Verdict::Ok);
    (ticket, started.word)
}

/// As many as fit into the caches.
const BATCH: usize = 1024;

/// Has `batch` play at least `rounds` rounds, some at a time.
pub(crate) fn in_batches(rounds: usize, mut batch: impl FnMut(usize)) {
    (0..rounds.div_ceil(BATCH)).for_each(|_| batch(BATCH));
}
