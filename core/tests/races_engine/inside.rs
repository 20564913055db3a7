//! Race 7: hooks that cancel, add and detach, themselves among others.

use std::cell::Cell;
use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use quell::{Effects, Events, Hook, Level, Rights, Source, Told, Verdict};

use crate::duel::{
    Cores, GENTLE, LAST, Tally, URGENT, begin, cancel, duel, in_batches, listen, rounds,
};

/// What a hook does when it is told of a request.
#[derive(Clone, Copy)]
enum Act {
    Nothing,
    CancelAgain,
    AddLate,
    RemoveVictim,
    RemoveItself,
}

/// What one hook has been told. Plain cells: what is told to one hook is told
/// by one context after the other, which is what is tested.
struct Ear {
    hook: Hook,
    act: Act,
    inside: AtomicBool,
    requests: Cell<u32>,
    raises: Cell<u32>,
    ends: Cell<u32>,
    level: Cell<u32>,
    stage: Cell<*const Stage>,
}

// SAFETY: the cells are touched by whoever runs the hook, one at a time.
unsafe impl Sync for Ear {}
// SAFETY: as above.
unsafe impl Send for Ear {}

impl Ear {
    fn new(act: Act) -> Self {
        Self {
            hook: Hook::new(),
            act,
            inside: AtomicBool::new(false),
            requests: Cell::new(0),
            raises: Cell::new(0),
            ends: Cell::new(0),
            level: Cell::new(0),
            stage: Cell::new(std::ptr::null()),
        }
    }

    fn heard(&self) -> [u32; 3] {
        [self.requests.get(), self.raises.get(), self.ends.get()]
    }
}

struct Stage {
    source: Source,
    canceller: Ear,
    adder: Ear,
    remover: Ear,
    victim: Ear,
    leaver: Ear,
    late: Ear,
    added_late: AtomicU32,
    removed: AtomicU32,
}

unsafe extern "C" fn hear(ear: *mut c_void, told: *const Told) {
    // SAFETY: ears outlive the race.
    let (ear, told) = unsafe { (&*ear.cast::<Ear>(), &*told) };
    assert!(!ear.inside.swap(true, Ordering::Relaxed), "told twice at a time");
    let add = |count: &Cell<u32>| count.set(count.get() + 1);
    if told.events().intersects(Events::REQUEST) {
        add(&ear.requests);
    }
    if told.events().intersects(Events::RAISE) {
        add(&ear.raises);
    }
    if told.events().intersects(Events::REQUEST.with(Events::RAISE)) {
        assert!(told.level > ear.level.get(), "told of an older request after a newer one");
        ear.level.set(told.level);
    }
    if told.events().intersects(Events::END) {
        add(&ear.ends);
    }
    if told.events().intersects(Events::REQUEST) {
        // SAFETY: the stage outlives the race.
        act(ear, unsafe { &*ear.stage.get() });
    }
    ear.inside.store(false, Ordering::Relaxed);
}

/// Leaves the other thread the time to come in between.
fn linger() {
    (0..20).for_each(|_| std::hint::spin_loop());
}

fn act(ear: &Ear, stage: &Stage) {
    let source = &stage.source;
    match ear.act {
        Act::Nothing => {}
        Act::CancelAgain => {
            linger();
            let said = cancel(source, LAST);
            assert!(matches!(said, Verdict::Raised | Verdict::AlreadyCancelled), "{said:?}");
        }
        Act::AddLate => {
            let held = source.ticket(Rights::OBSERVE);
            stage.late.stage.set(stage);
            // SAFETY: the stage outlives the race.
            let added =
                unsafe { listen(source, held, &stage.late.hook, (hear, &stage.late), Events::ALL) };
            assert_eq!(added.verdict, Verdict::Happened, "the request has");
            assert!(added.happened.contains(Events::REQUEST));
            stage.added_late.store(added.happened.raw(), Ordering::Relaxed);
        }
        Act::RemoveVictim => {
            let said = source.detach(&stage.victim.hook);
            stage.removed.store(said.raw(), Ordering::Relaxed);
        }
        Act::RemoveItself => assert_eq!(source.detach(&ear.hook), Verdict::Running),
    }
}

impl Stage {
    fn new() -> Self {
        Self {
            source: Source::new(),
            canceller: Ear::new(Act::CancelAgain),
            adder: Ear::new(Act::AddLate),
            remover: Ear::new(Act::RemoveVictim),
            victim: Ear::new(Act::Nothing),
            leaver: Ear::new(Act::RemoveItself),
            late: Ear::new(Act::Nothing),
            added_late: AtomicU32::new(0),
            removed: AtomicU32::new(u32::MAX),
        }
    }

    fn ears(&self) -> [&Ear; 5] {
        // The order in which they are told.
        [&self.canceller, &self.adder, &self.remover, &self.victim, &self.leaver]
    }
}

/// Two threads ask, each for another level, and one of the hooks for the
/// highest; then the worker ends it.
#[test]
fn race_07_each_hook_hears_each_thing_once() {
    let _cores = Cores::take();
    let mut tally = Tally::default();
    in_batches(rounds(2), |count| {
        let stages: Vec<Stage> = (0..count).map(|_| Stage::new()).collect();
        let mut lefts = vec![];
        for stage in &stages {
            let (held, left) = begin(&stage.source);
            lefts.push(left);
            for ear in stage.ears() {
                ear.stage.set(stage);
                let call = (hear as _, ear);
                // SAFETY: the stages outlive the race.
                let added = unsafe { listen(&stage.source, held, &ear.hook, call, Events::ALL) };
                assert_eq!(added.verdict, Verdict::Ok);
            }
        }
        let told = duel(
            count,
            (20, 60),
            |round| cancel(&stages[round].source, GENTLE),
            |round| cancel(&stages[round].source, URGENT),
        );
        for ((gentle, urgent), (stage, left)) in told.into_iter().zip(stages.iter().zip(lefts)) {
            assert_eq!(stage.source.op().poll(), Some(Level::Emergency));
            for ear in [&stage.canceller, &stage.adder, &stage.remover] {
                let [requests, raises, ends] = ear.heard();
                assert_eq!((requests, ends), (1, 0));
                assert!(raises <= 2);
                assert_eq!(ear.level.get(), Level::Emergency.raw(), "the last raise is told");
            }
            // The one that cancels again is told of that for sure.
            assert!(stage.canceller.raises.get() >= 1);
            assert_eq!(stage.removed.load(Ordering::Relaxed), Verdict::Ok.raw());
            assert_eq!(stage.victim.heard(), [0, 0, 0], "removed before it was come to");
            assert_eq!(stage.leaver.heard(), [1, 0, 0], "detached from inside itself");
            assert_eq!(stage.late.requests.get(), 0, "reported when it was added");
            assert_eq!(stage.source.acknowledge(left, Effects::None).verdict, Verdict::Ok);
            let ends: Vec<u32> = stage.ears().map(|ear| ear.ends.get()).to_vec();
            assert_eq!(ends, [1, 1, 1, 0, 0]);
            assert_eq!(stage.late.ends.get(), 1);
            tally.count(match (gentle, urgent) {
                (Verdict::Cancelling, Verdict::Raised) => "gentle, urgent",
                (Verdict::Cancelling, Verdict::AlreadyCancelling) => "gentle, last",
                (Verdict::AlreadyCancelling, Verdict::Cancelling) => "urgent",
                lie => panic!("the requesters are told {lie:?}"),
            });
        }
    });
    tally.assert_raced(&["gentle, urgent", "gentle, last", "urgent"]);
}

/// One hook ends what is being cancelled while the other thread raises it.
#[test]
fn race_07_a_hook_ends_the_operation() {
    struct Ender {
        source: Source,
        hook: Hook,
        heard: [AtomicU32; 2],
        left: quell::word::Word,
    }
    unsafe extern "C" fn end(ender: *mut c_void, told: *const Told) {
        // SAFETY: the ender outlives the race.
        let (ender, told) = unsafe { (&*ender.cast::<Ender>(), &*told) };
        if told.events().intersects(Events::END) {
            ender.heard[1].fetch_add(1, Ordering::Relaxed);
        }
        if told.events().intersects(Events::REQUEST) {
            ender.heard[0].fetch_add(1, Ordering::Relaxed);
            linger();
            let step = ender.source.acknowledge(ender.left, Effects::Partial);
            assert_eq!(step.verdict, Verdict::Ok);
        }
    }
    let _cores = Cores::take();
    let mut tally = Tally::default();
    in_batches(rounds(1), |count| {
        let mut enders: Vec<Ender> = (0..count)
            .map(|_| Ender {
                source: Source::new(),
                hook: Hook::new(),
                heard: Default::default(),
                left: quell::word::Word::VACANT,
            })
            .collect();
        for ender in &mut enders {
            let (_, left) = begin(&ender.source);
            ender.left = left;
        }
        for ender in &enders {
            let held = ender.source.ticket(Rights::OBSERVE);
            // SAFETY: the enders outlive the race.
            let added =
                unsafe { listen(&ender.source, held, &ender.hook, (end, ender), Events::ALL) };
            assert_eq!(added.verdict, Verdict::Ok);
        }
        let told = duel(
            count,
            (30, 30),
            |round| cancel(&enders[round].source, GENTLE),
            |round| cancel(&enders[round].source, URGENT),
        );
        for ((gentle, urgent), ender) in told.into_iter().zip(&enders) {
            let heard = ender.heard.each_ref().map(|count| count.load(Ordering::Relaxed));
            assert_eq!(heard, [1, 1], "the request once, the end once");
            tally.count(match (gentle, urgent) {
                (Verdict::Cancelling, Verdict::Raised) => "raised",
                (Verdict::Cancelling, Verdict::AlreadyCancelled) => "too late",
                (Verdict::AlreadyCancelling | Verdict::AlreadyCancelled, Verdict::Cancelling) => {
                    "urgent first"
                }
                lie => panic!("the requesters are told {lie:?}"),
            });
        }
    });
    tally.assert_raced(&["raised", "too late", "urgent first"]);
}
