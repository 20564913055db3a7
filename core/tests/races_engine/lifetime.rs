//! Race 5: the source dies in its last hook, while others are at it.

use std::ffi::c_void;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, ThreadId};

use quell::{Effects, Events, Hook, Rights, Source, Told, Verdict};

use crate::duel::{Cores, GENTLE, Tally, begin, cancel, duel, listen, rounds, until};
use crate::lives::{Pages, bury};

/// An operation with hooks, on one page.
struct Life<'a> {
    source: Source,
    on_request: Hook,
    on_end: Hook,
    requests: AtomicU32,
    grave: &'a Grave,
}

/// What is left when a life is over.
#[derive(Default)]
struct Grave {
    interrupts: bool,
    died_in: std::sync::Mutex<Option<ThreadId>>,
}

unsafe extern "C" fn count(life: *mut c_void, _: *const Told) {
    // SAFETY: the life ends in its other hook, after this.
    let life = unsafe { &*life.cast::<Life<'_>>() };
    life.requests.fetch_add(1, Ordering::Relaxed);
    // The end comes meanwhile, or after.
    if (life as *const Life<'_>).addr() & 4096 == 0 {
        (0..40).for_each(|_| std::hint::spin_loop());
    }
}

unsafe extern "C" fn die(life: *mut c_void, told: *const Told) {
    let grave = {
        // SAFETY: in place until it is buried below.
        let (life, told) = unsafe { (&*life.cast::<Life<'_>>(), &*told) };
        assert!(told.outcome().is_some());
        assert_eq!(life.source.detach(&life.on_end), Verdict::Running);
        while life.source.retire(life.source.ticket(Rights::ALL)) == Verdict::Busy {
            assert!(life.grave.interrupts, "nobody else has anything to tell");
            // One may be on its way out.
            assert_eq!(life.source.settle(), Verdict::Ok);
        }
        assert_eq!(life.requests.load(Ordering::Relaxed), 1, "the other hook ran once");
        life.grave
    };
    bury(life);
    *grave.died_in.lock().unwrap() = Some(thread::current().id());
}

/// One asks, by `ask`, and does not come back to it; the other ends it when it
/// is told. Whoever tells the end buries it.
fn dies_while(interrupts: bool, ask: impl Fn(&Source) + Sync) {
    let _cores = Cores::take();
    let mut tally = Tally::default();
    let pages = Pages::new(64);
    for _ in 0..rounds(1).div_ceil(64) {
        let graves: Vec<Grave> =
            (0..64).map(|_| Grave { interrupts, ..Grave::default() }).collect();
        let lives: Vec<_> = graves
            .iter()
            .map(|grave| {
                let life = pages.bear(Life {
                    source: Source::new(),
                    on_request: Hook::new(),
                    on_end: Hook::new(),
                    requests: AtomicU32::new(0),
                    grave,
                });
                // SAFETY: in place until its last hook.
                let own = unsafe { &*life };
                let (held, left) = begin(&own.source);
                // SAFETY: as above.
                let added = unsafe {
                    [
                        listen(&own.source, held, &own.on_request, (count, own), Events::REQUEST),
                        listen(&own.source, held, &own.on_end, (die, own), Events::END),
                    ]
                };
                assert!(added.iter().all(|added| added.verdict == Verdict::Ok));
                (life.addr(), left)
            })
            .collect();
        let source = |round: usize| {
            let life = std::ptr::with_exposed_provenance::<Life<'_>>(lives[round].0);
            // SAFETY: whoever asks for it does so before the end.
            unsafe { &(*life).source }
        };
        for &(life, _) in &lives {
            std::ptr::with_exposed_provenance::<Life<'_>>(life).expose_provenance();
        }
        let threads = duel(
            lives.len(),
            (1, 4),
            |round| {
                ask(source(round));
                thread::current().id()
            },
            |round| {
                let source = source(round);
                until(|| source.op().poll().is_some());
                let step = source.acknowledge(lives[round].1, Effects::None);
                assert_eq!(step.verdict, Verdict::Ok);
                thread::current().id()
            },
        );
        for ((requester, worker), grave) in threads.into_iter().zip(&graves) {
            let died_in = grave.died_in.lock().unwrap().expect("the end is told");
            assert!(died_in == requester || died_in == worker);
            tally.count(if died_in == requester { "in cancel" } else { "in the end" });
        }
    }
    tally.assert_raced(&["in cancel", "in the end"]);
}

#[test]
fn race_05_the_source_dies_while_it_is_cancelled() {
    dies_while(false, |source| assert_eq!(cancel(source, GENTLE), Verdict::Cancelling));
}

#[test]
fn race_05_the_source_dies_while_it_is_drained() {
    dies_while(true, |source| {
        let held = source.ticket(Rights::CANCEL);
        // SAFETY: it is retired before it dies.
        let answer =
            unsafe { source.cancel_from_isr(held, GENTLE, None::<fn(quell::Request) -> u32>) };
        assert_eq!(answer.verdict, Verdict::Cancelling);
        quell::drain();
    });
}
