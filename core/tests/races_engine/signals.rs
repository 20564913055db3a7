//! Race 6: a signal handler cancels in the middle of every call of the thread
//! that it interrupts.

use std::cell::Cell;
use std::ffi::c_void;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use quell::{Cause, Effects, Events, Hook, Level, Request, Rights, Source, Told, Verdict};

use crate::duel::{Cores, Dice, GENTLE, LAST, Tally, URGENT, begin, cancel, listen, rounds};

/// What the interrupted thread is doing.
#[derive(Clone, Copy, Debug)]
enum Doing {
    Adding,
    Detaching,
    Cancelling,
    Ending,
    Draining,
    Settling,
    /// Between the calls.
    Else,
}

const NAMES: [&str; 7] =
    ["adding", "detaching", "cancelling", "ending", "draining", "settling", "else"];

static TARGET: AtomicPtr<Source> = AtomicPtr::new(std::ptr::null_mut());
static DOING: AtomicUsize = AtomicUsize::new(Doing::Else as usize);
static INTERRUPTED: [AtomicUsize; 7] = [const { AtomicUsize::new(0) }; 7];
/// How often a request of the handler's was accepted, in this life.
static ACCEPTED: AtomicU32 = AtomicU32::new(0);
static VISITS: AtomicU32 = AtomicU32::new(0);
static PENDED: AtomicU32 = AtomicU32::new(0);

/// The handler makes each of its visits with the next of these.
const REQUESTS: [Request; 4] = [GENTLE, URGENT, GENTLE, LAST];

extern "C" fn storm(_: i32, _: *mut libc::siginfo_t, _: *mut c_void) {
    visit();
}

fn visit() {
    let source = TARGET.load(Ordering::Relaxed);
    INTERRUPTED[DOING.load(Ordering::Relaxed)].fetch_add(1, Ordering::Relaxed);
    let visit = VISITS.fetch_add(1, Ordering::Relaxed);
    if source.is_null() {
        return;
    }
    // SAFETY: it is the target as long as it is in place.
    let source = unsafe { &*source };
    let held = source.ticket(Rights::CANCEL);
    let request = REQUESTS[visit as usize % REQUESTS.len()];
    // SAFETY: the target is retired before it goes.
    let answer = unsafe { source.cancel_from_isr(held, request, None::<fn(Request) -> u32>) };
    if matches!(answer.verdict, Verdict::Cancelling | Verdict::Raised) {
        ACCEPTED.fetch_add(1, Ordering::Relaxed);
    }
}

/// How many calls this life has made; and which of them to go through by single
/// steps.
static CALLS: AtomicUsize = AtomicUsize::new(0);
static STEPPED: AtomicUsize = AtomicUsize::new(usize::MAX);

fn doing<A>(what: Doing, act: impl FnOnce() -> A) -> A {
    DOING.store(what as usize, Ordering::Relaxed);
    #[cfg(target_arch = "x86_64")]
    if CALLS.fetch_add(1, Ordering::Relaxed) == STEPPED.load(Ordering::Relaxed) {
        step_from_here();
    }
    let answer = act();
    DOING.store(Doing::Else as usize, Ordering::Relaxed);
    answer
}

#[derive(Default)]
struct Heard {
    requests: Cell<u32>,
    raises: Cell<u32>,
    ends: Cell<u32>,
    level: Cell<u32>,
}

unsafe extern "C" fn hear(heard: *mut c_void, told: *const Told) {
    // SAFETY: it outlives its hook.
    let (heard, told) = unsafe { (&*heard.cast::<Heard>(), &*told) };
    let add = |count: &Cell<u32>| count.set(count.get() + 1);
    if told.events().intersects(Events::REQUEST.with(Events::RAISE)) {
        assert!(told.level > heard.level.get(), "told of an older request after a newer one");
        heard.level.set(told.level);
    }
    if told.events().intersects(Events::REQUEST) {
        add(&heard.requests);
    }
    if told.events().intersects(Events::RAISE) {
        add(&heard.raises);
    }
    if told.events().intersects(Events::END) {
        add(&heard.ends);
    }
}

/// One life of the source, interrupted anywhere. Answers by whom it was asked.
fn live(source: &Source, own: bool) -> &'static str {
    let (held, left) = begin(source);
    ACCEPTED.store(0, Ordering::Relaxed);
    CALLS.store(0, Ordering::Relaxed);
    TARGET.store(std::ptr::from_ref(source).cast_mut(), Ordering::Relaxed);
    let (heard, never) = (Heard::default(), Heard::default());
    let (hook, passing) = (Hook::new(), Hook::new());
    // SAFETY: both hooks are off before this returns.
    let (added, passed) = unsafe {
        (
            doing(Doing::Adding, || listen(source, held, &hook, (hear, &heard), Events::ALL)),
            doing(Doing::Adding, || listen(source, held, &passing, (hear, &never), Events::END)),
        )
    };
    assert_eq!(passed.verdict, Verdict::Ok, "nothing ends it yet");
    let reported = added.happened;
    let cancelled = own.then(|| doing(Doing::Cancelling, || cancel(source, GENTLE)));
    doing(Doing::Draining, quell::drain);
    assert_eq!(doing(Doing::Detaching, || source.detach(&passing)), Verdict::Ok);
    let step = doing(Doing::Ending, || source.acknowledge(left, Effects::None));
    assert_eq!(step.verdict, Verdict::Ok);
    let status = source.op().status(held).unwrap();
    let level = status.level.unwrap();
    // Whatever is left is told, be it by the drain or by whoever ended it.
    assert_eq!(doing(Doing::Settling, || source.settle()), Verdict::Ok);
    assert_eq!(heard.ends.get(), 1);
    assert_eq!(never.ends.get(), 0, "detached, and told");
    let accepted = ACCEPTED.load(Ordering::Relaxed);
    // The worker's own, unasked, counts as a request that it made itself.
    let unasked = status.cause == Some(Cause::Itself);
    assert_eq!(unasked, accepted == 0 && cancelled != Some(Verdict::Cancelling), "lost");
    let told_at_once = reported.intersects(Events::REQUEST);
    assert_eq!(heard.requests.get(), u32::from(!told_at_once), "both, or neither");
    assert!(heard.raises.get() <= 2);
    if !told_at_once {
        assert_eq!(heard.level.get(), level.raw(), "the last raise is told");
    }
    TARGET.store(std::ptr::null_mut(), Ordering::Relaxed);
    assert_eq!(doing(Doing::Detaching, || source.detach(&hook)), Verdict::Ran);
    assert_eq!(source.retire(held), Verdict::Ok);
    match (cancelled, accepted, level) {
        (_, 0, Level::Graceful) => "not interrupted",
        (Some(Verdict::Cancelling), ..) => "raised by the handler",
        (Some(Verdict::AlreadyCancelling | Verdict::Raised) | None, ..) => "asked by the handler",
        lie => panic!("requester and handler were told {lie:?}"),
    }
}

fn on_signal(signal: i32, handler: usize) {
    // SAFETY: all-zero is a valid action, and the handlers make only calls that
    // are made for interrupts.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler;
        action.sa_flags = libc::SA_SIGINFO;
        assert_eq!(libc::sigaction(signal, &raw const action, std::ptr::null_mut()), 0);
    }
}

extern "C" fn pend_drain() {
    PENDED.fetch_add(1, Ordering::Relaxed);
}

/// A timer that interrupts the thread that made it, until dropped.
struct Storm(libc::timer_t);

impl Storm {
    fn begin(every: Duration) -> Self {
        let nanoseconds = i64::try_from(every.as_nanos()).unwrap();
        let time = libc::timespec { tv_sec: 0, tv_nsec: nanoseconds };
        let often = libc::itimerspec { it_interval: time, it_value: time };
        let mut timer = std::ptr::null_mut();
        // SAFETY: all-zero is a valid event, and the calls take what they ask
        // for.
        unsafe {
            let mut event: libc::sigevent = std::mem::zeroed();
            event.sigev_notify = libc::SIGEV_THREAD_ID;
            event.sigev_signo = libc::SIGUSR1;
            event.sigev_notify_thread_id = libc::gettid();
            let made = libc::timer_create(libc::CLOCK_MONOTONIC, &raw mut event, &raw mut timer);
            assert_eq!(made, 0);
            assert_eq!(libc::timer_settime(timer, 0, &raw const often, std::ptr::null_mut()), 0);
        }
        Self(timer)
    }
}

impl Drop for Storm {
    fn drop(&mut self) {
        // SAFETY: made by `begin`, and deleted once.
        unsafe { libc::timer_delete(self.0) };
    }
}

#[test]
fn race_06_a_signal_in_the_middle_of_any_call() {
    let _cores = Cores::take();
    on_signal(libc::SIGUSR1, storm as *const () as usize);
    quell::set_pend_drain(Some(pend_drain));
    let source = Source::new();
    let mut dice = Dice::new(1);
    let mut tally = Tally::default();
    let before = VISITS.load(Ordering::Relaxed);
    let visits = || (VISITS.load(Ordering::Relaxed) - before) as usize;
    let interrupted = || INTERRUPTED.each_ref().map(|count| count.load(Ordering::Relaxed));
    let begun = interrupted();
    {
        let _storm = Storm::begin(Duration::from_micros(50));
        while visits() < rounds(2) {
            let own = dice.below(2) == 0;
            match live(&source, own) {
                "not interrupted" => {}
                end => tally.count(end),
            }
        }
    }
    println!(
        "{} visits, while {:?}",
        visits(),
        NAMES.iter().zip(interrupted()).collect::<Vec<_>>()
    );
    for ((name, now), then) in NAMES.iter().zip(interrupted()).zip(begun) {
        let count = now - then;
        assert!(count * 1000 >= visits(), "no race: {count} of {} while {name}", visits());
    }
    tally.assert_raced(&["raised by the handler", "asked by the handler"]);
    assert!(PENDED.load(Ordering::Relaxed) > 0, "no drain was asked for");
}

/// The processor traps after each instruction while this bit is set.
#[cfg(target_arch = "x86_64")]
const TRAP: i64 = 0x100;

/// How many instructions of calls have been made in this life, and before which
/// of them the handler comes.
#[cfg(target_arch = "x86_64")]
static STEP: AtomicUsize = AtomicUsize::new(0);
#[cfg(target_arch = "x86_64")]
static COMES_AT: AtomicUsize = AtomicUsize::new(usize::MAX);

#[cfg(target_arch = "x86_64")]
extern "C" fn trap(_: i32, _: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel hands over the context of what it interrupted.
    let registers = unsafe { &mut (*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs };
    if DOING.load(Ordering::Relaxed) == Doing::Else as usize {
        registers[libc::REG_EFL as usize] &= !TRAP;
        return;
    }
    if STEP.fetch_add(1, Ordering::Relaxed) == COMES_AT.load(Ordering::Relaxed) {
        visit();
        registers[libc::REG_EFL as usize] &= !TRAP;
    }
}

#[cfg(target_arch = "x86_64")]
fn step_from_here() {
    // SAFETY: sets one flag; the handler for what it brings about is there.
    unsafe {
        std::arch::asm!("pushfq", "or qword ptr [rsp], 0x100", "popfq");
    }
}

/// Before each single instruction of each call, once.
#[cfg(target_arch = "x86_64")]
#[test]
fn race_06_a_signal_before_each_instruction() {
    let _cores = Cores::take();
    on_signal(libc::SIGTRAP, trap as *const () as usize);
    quell::set_pend_drain(Some(pend_drain));
    let source = Source::new();
    for own in [true, false] {
        let mut tally = Tally::default();
        let run = |call, at| {
            STEPPED.store(call, Ordering::Relaxed);
            STEP.store(0, Ordering::Relaxed);
            COMES_AT.store(at, Ordering::Relaxed);
            let end = live(&source, own);
            STEPPED.store(usize::MAX, Ordering::Relaxed);
            (end, STEP.load(Ordering::Relaxed), CALLS.load(Ordering::Relaxed))
        };
        let (_, _, calls) = run(usize::MAX, usize::MAX);
        for call in 0..calls {
            // Once through without a visit: so many instructions there are.
            let (end, instructions, _) = run(call, usize::MAX);
            assert_eq!(end, "not interrupted");
            assert!(instructions > 5, "no call is that short: {instructions}");
            println!("own cancel: {own}; call {call}: {instructions} instructions");
            (0..instructions).for_each(|at| tally.count(run(call, at).0));
        }
        tally.assert_raced(if own {
            &["asked by the handler", "raised by the handler", "not interrupted"]
        } else {
            &["asked by the handler", "not interrupted"]
        });
    }
}
