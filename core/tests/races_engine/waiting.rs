//! Races 11, 12 and 13: who waits gets what it waited for, or keeps nothing.

use std::ffi::c_void;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::Duration;

use quell::word::Word;
use quell::{Effects, Events, Hook, Mode, Outcome, Rights, Source, Told, Verdict};

use crate::duel::{
    Cores, Dice, GENTLE, Tally, begin, cancel, duel, in_batches, listen, rounds, until,
};

/// The textbook's queue of permits. To be granted one is to be past the commit
/// point: who is told so has it, and who is told CANCELLING has not.
#[derive(Default)]
struct Permits {
    free: AtomicU32,
    queue: Mutex<Vec<(usize, Word)>>,
}

impl Permits {
    /// Gives one permit to the first waiter that still wants it, else keeps it.
    fn release(&self, waiters: &[Source]) {
        let mut queue = self.queue.lock().unwrap();
        while let Some((first, left)) = queue.pop() {
            let granted = waiters[first].op().commit(left);
            if granted.verdict == Verdict::Ok {
                assert_eq!(waiters[first].finish(granted.word).verdict, Verdict::Ok);
                return;
            }
            assert_eq!(granted.verdict, Verdict::Cancelling);
            let gone = waiters[first].acknowledge(left, Effects::None);
            assert_eq!(gone.verdict, Verdict::Ok);
        }
        self.free.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn race_11_a_permit_is_kept_or_returned() {
    let _cores = Cores::take();
    let mut tally = Tally::default();
    in_batches(rounds(2), |count| {
        // Two waiters each; the first in the queue is cancelled.
        let waiters: Vec<[Source; 2]> = (0..count).map(|_| Default::default()).collect();
        let permits: Vec<Permits> = (0..count).map(|_| Permits::default()).collect();
        for (pair, permits) in waiters.iter().zip(&permits) {
            let mut queue = permits.queue.lock().unwrap();
            // The second one comes only in every other round.
            let second = queue.capacity() == 0 && std::ptr::from_ref(pair).addr() & 64 == 0;
            if second {
                queue.push((1, begin(&pair[1]).1));
            }
            queue.push((0, begin(&pair[0]).1));
        }
        let told = duel(
            count,
            (40, 40),
            |round| permits[round].release(&waiters[round]),
            |round| cancel(&waiters[round][0], GENTLE),
        );
        for (((), told), (pair, permits)) in told.into_iter().zip(waiters.iter().zip(&permits)) {
            let has = |waiter: &Source| {
                let status = waiter.op().status(waiter.ticket(Rights::OBSERVE)).unwrap();
                u32::from(status.phase == quell::Phase::Finished)
            };
            let free = permits.free.load(Ordering::Relaxed);
            assert_eq!(has(&pair[0]) + has(&pair[1]) + free, 1, "one permit, one holder");
            let held = has(&pair[0]) == 1;
            match told {
                Verdict::Cancelling => assert!(!held, "cancelled, and has it"),
                Verdict::TooLate | Verdict::Finished => assert!(held, "it is too late: it has it"),
                lie => panic!("the waiter was told {lie:?}"),
            }
            tally.count(match (held, free) {
                (true, _) => "kept",
                (false, 0) => "passed on",
                (false, _) => "returned",
            });
        }
    });
    tally.assert_raced(&["kept", "passed on", "returned"]);
}

/// Waiters whose time runs out about when the end comes.
#[test]
fn race_12_all_waiters_wake_or_time_out() {
    const WAITERS: usize = 4;
    let _cores = Cores::take();
    let lives = rounds(20);
    let source = Source::new();
    let barrier = Barrier::new(WAITERS + 1);
    let tally = Mutex::new(Tally::default());
    thread::scope(|scope| {
        for waiter in 0..WAITERS {
            let (source, barrier, tally) = (&source, &barrier, &tally);
            scope.spawn(move || {
                let mut dice = Dice::new(waiter as u64 + 1);
                for _ in 0..lives {
                    barrier.wait();
                    let held = source.ticket(Rights::OBSERVE);
                    let limit = Duration::from_micros(dice.below(120) as u64);
                    let events = if waiter % 2 == 0 { Events::END } else { Events::ALL };
                    let said = match source.wait(held, events, Some(limit)) {
                        Ok(told) => {
                            assert_eq!(told.outcome(), Some(Outcome::Finished));
                            "woken"
                        }
                        Err(Verdict::TimedOut) => {
                            // It cancels nothing, and is no end.
                            let told = source.wait(held, Events::END, None).unwrap();
                            assert_eq!(told.outcome(), Some(Outcome::Finished));
                            "timed out"
                        }
                        Err(lie) => panic!("the wait says {lie:?}"),
                    };
                    tally.lock().unwrap().count(said);
                    barrier.wait();
                }
            });
        }
        let mut dice = Dice::new(WAITERS as u64 + 1);
        for _ in 0..lives {
            let (held, left) = begin(&source);
            barrier.wait();
            thread::sleep(Duration::from_micros(dice.below(60) as u64));
            assert_eq!(source.finish(left).verdict, Verdict::Ok);
            barrier.wait();
            assert_eq!(source.settle(), Verdict::Ok);
            assert_eq!(source.retire(held), Verdict::Ok);
        }
    });
    tally.into_inner().unwrap().assert_raced(&["woken", "timed out"]);
}

/// A request wakes those who wait for one; the others go on waiting.
#[test]
fn race_12_each_waiter_wakes_for_its_own_event() {
    let _cores = Cores::take();
    let source = Source::new();
    for _ in 0..rounds(100) {
        let owner = source.arm(Mode::DECISIVE).unwrap();
        let mut worker = owner.start().unwrap();
        let ended = AtomicUsize::new(0);
        thread::scope(|scope| {
            let wait = |events| {
                let told = owner.observer();
                let (ended, source) = (&ended, &source);
                scope.spawn(move || {
                    let told = match events {
                        Events::END => told.wait_end(None).unwrap(),
                        _ => source.wait(source.ticket(Rights::OBSERVE), events, None).unwrap(),
                    };
                    (told, ended.load(Ordering::Relaxed))
                })
            };
            let requests: Vec<_> = (0..3).map(|_| wait(Events::REQUEST)).collect();
            let ends: Vec<_> = (0..3).map(|_| wait(Events::END)).collect();
            assert_eq!(owner.canceller().cancel(GENTLE).verdict, Verdict::Cancelling);
            for waiter in requests {
                let (told, ended) = waiter.join().unwrap();
                assert_eq!((told.request(), told.outcome(), ended), (Some(GENTLE), None, 0));
            }
            ended.store(1, Ordering::Relaxed);
            assert_eq!(worker.acknowledge(Effects::Partial), Verdict::Ok);
            for waiter in ends {
                let (told, ended) = waiter.join().unwrap();
                assert_eq!((told.effects, ended), (Effects::Partial.raw(), 1));
            }
        });
        assert_eq!(owner.settle(), Verdict::Ok);
        owner.retire().unwrap();
    }
}

#[derive(Default)]
struct Waker {
    woken: AtomicU32,
    told: AtomicU32,
}

unsafe extern "C" fn wake(waker: *mut c_void, told: *const Told) {
    // SAFETY: it outlives its hook.
    let (waker, told) = unsafe { (&*waker.cast::<Waker>(), &*told) };
    waker.told.store(told.effects, Ordering::Relaxed);
    waker.woken.fetch_add(1, Ordering::Release);
}

/// Register, and be told which: it has happened, or the waker will be woken.
#[test]
fn race_13_no_wake_up_is_lost() {
    let _cores = Cores::take();
    let mut tally = Tally::default();
    in_batches(rounds(1), |count| {
        let sources: Vec<Source> = (0..count).map(|_| Source::new()).collect();
        let hooks: Vec<Hook> = (0..count).map(|_| Hook::new()).collect();
        let wakers: Vec<Waker> = (0..count).map(|_| Waker::default()).collect();
        let begun: Vec<_> = sources.iter().map(begin).collect();
        let written: Vec<AtomicU32> = (0..count).map(|_| AtomicU32::new(0)).collect();
        let told = duel(
            count,
            (40, 40),
            |round| {
                written[round].store(7, Ordering::Relaxed);
                let step = sources[round].acknowledge(begun[round].1, Effects::Partial);
                assert_eq!(step.verdict, Verdict::Ok);
            },
            |round| {
                let (source, held) = (&sources[round], begun[round].0);
                let call = (wake as _, &wakers[round]);
                // SAFETY: hooks and wakers outlive the race.
                let added = unsafe { listen(source, held, &hooks[round], call, Events::END) };
                if added.verdict == Verdict::Ok {
                    until(|| wakers[round].woken.load(Ordering::Acquire) > 0);
                    assert_eq!(wakers[round].told.load(Ordering::Relaxed), Effects::Partial.raw());
                }
                assert_eq!(written[round].load(Ordering::Relaxed), 7, "told, and does not see");
                added.verdict
            },
        );
        for (((), added), waker) in told.into_iter().zip(&wakers) {
            let woken = waker.woken.load(Ordering::Relaxed);
            assert_eq!(woken, u32::from(added == Verdict::Ok), "both, or neither");
            tally.count(added.name());
        }
    });
    tally.assert_raced(&["OK", "HAPPENED"]);
}
