//! Race 4: detaching a hook while it is told.

use std::ffi::c_void;
use std::hint;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use quell::{Events, Hook, Source, Told, Verdict};

use crate::duel::{Cores, GENTLE, Tally, begin, cancel, duel, in_batches, listen, rounds};

/// How often a hook's function was entered, and left.
#[derive(Default)]
struct Runs {
    entered: AtomicU32,
    left: AtomicU32,
}

impl Runs {
    fn seen(&self) -> (u32, u32) {
        // What the verdict orders is to be seen without any ordering of ours.
        let left = self.left.load(Ordering::Relaxed);
        (self.entered.load(Ordering::Relaxed), left)
    }
}

unsafe extern "C" fn run(runs: *mut c_void, _: *const Told) {
    // SAFETY: each test hands over runs that outlive the hook.
    let runs = unsafe { &*runs.cast::<Runs>() };
    runs.entered.fetch_add(1, Ordering::Relaxed);
    (0..20).for_each(|_| hint::spin_loop());
    runs.left.fetch_add(1, Ordering::Relaxed);
}

/// A running operation with a hook for each of the runs.
struct Stage<const HOOKS: usize> {
    source: Source,
    hooks: [Hook; HOOKS],
    runs: [Runs; HOOKS],
}

/// Stages with each hook added for `events`.
fn stages<const HOOKS: usize>(count: usize, events: Events) -> Vec<Stage<HOOKS>> {
    let stage = |_| Stage {
        source: Source::new(),
        hooks: std::array::from_fn(|_| Hook::new()),
        runs: std::array::from_fn(|_| Runs::default()),
    };
    let stages: Vec<_> = (0..count).map(stage).collect();
    for Stage { source, hooks, runs } in &stages {
        let (held, _) = begin(source);
        for (hook, runs) in hooks.iter().zip(runs) {
            // SAFETY: the stage outlives the race, and is not moved.
            let added = unsafe { listen(source, held, hook, (run, runs), events) };
            assert_eq!(added.verdict, Verdict::Ok);
        }
    }
    stages
}

#[test]
fn race_04_detach_says_what_became_of_the_hook() {
    let _cores = Cores::take();
    let mut tally = Tally::default();
    in_batches(rounds(1), |count| {
        let stages = stages::<1>(count, Events::REQUEST);
        let told = duel(
            count,
            (40, 60),
            |round| cancel(&stages[round].source, GENTLE),
            |round| {
                let Stage { source, hooks, runs } = &stages[round];
                (source.detach(&hooks[0]), runs[0].seen())
            },
        );
        for ((cancelled, (detached, (entered, left))), stage) in told.into_iter().zip(&stages) {
            assert_eq!(cancelled, Verdict::Cancelling);
            let after = stage.runs[0].seen();
            match detached {
                Verdict::Ok => assert_eq!(after, (0, 0), "removed, and run"),
                // Taken off to be run, perhaps not entered yet.
                Verdict::Running => assert_eq!(after, (1, 1)),
                Verdict::Ran => assert_eq!((entered, left), (1, 1), "RAN before it has returned"),
                lie => panic!("detach says {lie:?}"),
            }
            tally.count(detached.name());
        }
    });
    tally.assert_raced(&["OK", "RUNNING", "RAN"]);
}

#[test]
fn race_04_detach_sync_returns_after_the_hook_has() {
    let _cores = Cores::take();
    let mut tally = Tally::default();
    in_batches(rounds(1), |count| {
        let stages = stages::<1>(count, Events::ALL);
        let told = duel(
            count,
            (40, 60),
            |round| cancel(&stages[round].source, GENTLE),
            |round| {
                let Stage { source, hooks, runs } = &stages[round];
                let detached = source.detach_sync(&hooks[0]);
                let seen = runs[0].seen();
                (detached, seen)
            },
        );
        for ((_, (detached, (entered, left))), stage) in told.into_iter().zip(&stages) {
            assert_eq!(detached, Verdict::Ok);
            assert_eq!(entered, left, "detach_sync returned while the hook ran");
            assert_eq!(stage.runs[0].seen(), (entered, left), "run after detach_sync");
            tally.count(entered);
        }
    });
    tally.assert_raced(&["0", "1"]);
}

/// Others are told as ever; queued but not come to counts as removed.
#[test]
fn race_04_a_queued_hook_is_removed() {
    const HOOKS: usize = 8;
    const MIDDLE: usize = 4;
    let _cores = Cores::take();
    let mut tally = Tally::default();
    in_batches(rounds(2), |count| {
        let stages = stages::<HOOKS>(count, Events::REQUEST);
        let told = duel(
            count,
            (10, 200),
            |round| cancel(&stages[round].source, GENTLE),
            |round| {
                let Stage { source, hooks, runs } = &stages[round];
                let detached = source.detach(&hooks[MIDDLE]);
                (detached, runs[0].entered.load(Ordering::Relaxed))
            },
        );
        for ((_, (detached, first)), stage) in told.into_iter().zip(&stages) {
            let removed = detached == Verdict::Ok;
            for (at, runs) in stage.runs.iter().enumerate() {
                let expected = u32::from(!(removed && at == MIDDLE));
                assert_eq!(runs.seen(), (expected, expected), "hook {at}, {detached:?}");
            }
            tally.count(if removed && first > 0 { "Queued" } else { detached.name() });
        }
    });
    tally.assert_raced(&["Queued", "OK", "RUNNING", "RAN"]);
}

/// One of two, each of which detaches the other.
#[derive(Default)]
struct Rival {
    source: Source,
    hook: Hook,
    runs: AtomicU32,
    said: AtomicU32,
    sync: bool,
    other: AtomicPtr<Rival>,
}

unsafe extern "C" fn detach_other(own: *mut c_void, _: *const Told) {
    // SAFETY: both rivals outlive the race.
    let own = unsafe { &*own.cast::<Rival>() };
    own.runs.fetch_add(1, Ordering::Relaxed);
    // So that the other may begin as well.
    (0..30).for_each(|_| hint::spin_loop());
    // SAFETY: as above.
    let other = unsafe { &*own.other.load(Ordering::Relaxed) };
    let said = if own.sync {
        other.source.detach_sync(&other.hook)
    } else {
        other.source.detach(&other.hook)
    };
    own.said.store(said.raw(), Ordering::Relaxed);
}

/// Two hooks on two sources that detach each other. One may do so with
/// `detach_sync`; only both would wait for each other.
fn rivals(sync: bool, ends: &[&str]) {
    let _cores = Cores::take();
    let mut tally = Tally::default();
    in_batches(rounds(2), |count| {
        let pairs: Vec<[Rival; 2]> =
            (0..count).map(|_| [Rival { sync, ..Rival::default() }, Rival::default()]).collect();
        for pair in &pairs {
            for (rival, other) in [(&pair[0], &pair[1]), (&pair[1], &pair[0])] {
                rival.other.store(std::ptr::from_ref(other).cast_mut(), Ordering::Relaxed);
                let (held, _) = begin(&rival.source);
                let call = (detach_other as _, rival);
                // SAFETY: the pairs outlive the race.
                let added =
                    unsafe { listen(&rival.source, held, &rival.hook, call, Events::REQUEST) };
                assert_eq!(added.verdict, Verdict::Ok);
            }
        }
        duel(
            count,
            (120, 120),
            |round| cancel(&pairs[round][0].source, GENTLE),
            |round| cancel(&pairs[round][1].source, GENTLE),
        );
        for pair in &pairs {
            let of = |at: usize| {
                let said = Verdict::from_raw(pair[at].said.load(Ordering::Relaxed)).unwrap();
                (pair[at].runs.load(Ordering::Relaxed), said)
            };
            let end = [of(0), of(1)];
            for (own, other) in [(0, 1), (1, 0)] {
                let (runs, said) = end[own];
                assert!(runs < 2);
                // Removed is not run, and whoever was told anything else is.
                let removed = runs == 1 && said == Verdict::Ok;
                assert_eq!(removed, end[other].0 == 0, "{end:?}");
            }
            let said = |at: usize| if end[at].0 == 0 { "-" } else { end[at].1.name() };
            tally.count(format_args!("{} {}", said(0), said(1)));
        }
    });
    tally.assert_raced(ends);
}

#[test]
fn race_04_two_hooks_detach_each_other() {
    rivals(false, &["OK -", "- OK", "RUNNING RUNNING", "RAN RUNNING", "RUNNING RAN"]);
}

#[test]
fn race_04_one_of_two_waits_for_the_other() {
    rivals(true, &["OK -", "- OK", "RAN RUNNING"]);
}

/// A hook that detaches itself.
#[derive(Default)]
struct Leaver {
    source: Source,
    hook: Hook,
    runs: Runs,
}

unsafe extern "C" fn leave(leaver: *mut c_void, _: *const Told) {
    // SAFETY: the leaver outlives the race.
    let leaver = unsafe { &*leaver.cast::<Leaver>() };
    leaver.runs.entered.fetch_add(1, Ordering::Relaxed);
    (0..20).for_each(|_| hint::spin_loop());
    leaver.runs.left.fetch_add(1, Ordering::Relaxed);
    assert_eq!(leaver.source.detach(&leaver.hook), Verdict::Running);
}

/// A hook takes itself off while another thread waits for it.
fn leavers(events: Events) {
    let _cores = Cores::take();
    let mut tally = Tally::default();
    in_batches(rounds(1), |count| {
        let leavers: Vec<Leaver> = (0..count).map(|_| Leaver::default()).collect();
        for leaver in &leavers {
            let (held, _) = begin(&leaver.source);
            let call = (leave as _, leaver);
            // SAFETY: the leavers outlive the race.
            let added = unsafe { listen(&leaver.source, held, &leaver.hook, call, events) };
            assert_eq!(added.verdict, Verdict::Ok);
        }
        let told = duel(
            count,
            (40, 90),
            |round| cancel(&leavers[round].source, GENTLE),
            |round| {
                let Leaver { source, hook, runs } = &leavers[round];
                let detached = source.detach_sync(hook);
                (detached, runs.seen())
            },
        );
        for ((_, (detached, (entered, left))), leaver) in told.into_iter().zip(&leavers) {
            let runs = leaver.runs.seen();
            match detached {
                Verdict::Ok => assert_eq!(runs, (0, 0)),
                Verdict::NotFound => assert_eq!((entered, left, runs), (1, 1, (1, 1))),
                lie => panic!("detach_sync says {lie:?}"),
            }
            tally.count(detached.name());
        }
    });
    tally.assert_raced(&["OK", "NOT_FOUND"]);
}

#[test]
fn race_04_the_last_hook_detaches_itself_while_another_waits() {
    leavers(Events::REQUEST);
}

#[test]
fn race_04_a_hook_detaches_itself_while_another_waits() {
    leavers(Events::ALL);
}
