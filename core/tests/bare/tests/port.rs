//! What the core asks of the port, and when: waiting and waking, and the form
//! of its calls for interrupts.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use quell::{
    Answer, Cause, Code, Effects, Events, Hook, IfHappened, Level, Mode, Outcome, Request, Rights,
    Scope, Source, Told, Verdict,
};
use quell_bare_port::{
    Asked, alone, asked, assert_outside, be_impatient, context, contexts_inside, in_interrupt,
    woken_context,
};

const GENTLE: Request = Request::new(Level::Graceful, Cause::User);
const SHORT: Option<Duration> = Some(Duration::from_millis(3));
const NOTHING: Asked = Asked { drains: 0, waits: 0, wakes: 0 };
const A_DRAIN: Asked = Asked { drains: 1, waits: 0, wakes: 0 };

type Act<'a> = Box<dyn Fn(&Told) + 'a>;

#[derive(Default)]
struct Ear<'a> {
    hook: Hook,
    heard: RefCell<Vec<u32>>,
    act: Option<Act<'a>>,
}

unsafe extern "C" fn hear(ear: *mut c_void, told: *const Told) {
    assert_outside("a hook");
    // SAFETY: each test hands over an ear that outlives its hook.
    let (ear, told) = unsafe { (&*ear.cast::<Ear<'_>>(), &*told) };
    ear.heard.borrow_mut().push(told.events);
    if let Some(act) = &ear.act {
        act(told);
    }
}

fn listen(source: &Source, ear: &Ear<'_>, events: Events) -> Verdict {
    let held = source.ticket(Rights::OBSERVE);
    let call = (hear as _, ptr::from_ref(ear).cast_mut().cast());
    // SAFETY: hook and ear outlive the operation in each test.
    unsafe { source.add(held, &ear.hook, call, events, IfHappened::Run) }.verdict
}

const REQUEST: u32 = Events::REQUEST.raw();
const END: u32 = Events::END.raw();

#[test]
fn an_interrupt_leaves_the_hooks_to_the_drain() {
    let _alone = alone();
    let ear = Ear::default();
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let mut worker = owner.start().unwrap();
    assert_eq!(listen(&source, &ear, Events::ALL), Verdict::Ok);
    assert_eq!(asked(), NOTHING);

    let told = in_interrupt(|| owner.canceller().cancel(GENTLE).verdict);
    assert_eq!(told, Verdict::Cancelling);
    // The word says so at once; the hook has to wait.
    assert_eq!(worker.poll(), Some(Level::Graceful));
    assert_eq!(ear.heard.take(), [0; 0]);
    assert_eq!(asked(), A_DRAIN);
    // Nobody may take the source from under the drain.
    quell::drain();
    assert_eq!(ear.heard.take(), [REQUEST]);

    assert_eq!(in_interrupt(|| worker.acknowledge(Effects::None)), Verdict::Ok);
    assert_eq!((ear.heard.take(), asked()), (vec![], A_DRAIN));
    let (owner, busy) = owner.retire().unwrap_err();
    assert_eq!(busy, Verdict::Busy);
    quell::drain();
    assert_eq!(ear.heard.take(), [END]);
    owner.retire().unwrap();
    quell::drain();
    assert_eq!((ear.heard.take(), asked()), (vec![], NOTHING));
}

#[test]
fn each_end_may_come_from_an_interrupt() {
    let _alone = alone();
    let code = Code::new(0x8000_0001).unwrap();
    for end in 0..4 {
        let ear = Ear::default();
        let source = Source::new();
        let owner = source.arm(Mode::DECISIVE).unwrap();
        let mut worker = owner.start().unwrap();
        assert_eq!(listen(&source, &ear, Events::END), Verdict::Ok);
        let said = in_interrupt(|| match end {
            0 => worker.finish(),
            1 => worker.fail(code),
            2 => worker.acknowledge(Effects::Unknown),
            _ => owner.force(code),
        });
        assert_eq!((said, asked()), (Verdict::Ok, A_DRAIN));
        assert_eq!(ear.heard.take(), [0; 0]);
        assert_eq!(owner.settle(), Verdict::Ok, "settling drains");
        assert_eq!(ear.heard.take(), [END]);
        owner.retire().unwrap();
    }
}

#[test]
fn two_interrupts_are_told_in_one_drain() {
    let _alone = alone();
    let ear = Ear::default();
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let mut worker = owner.start().unwrap();
    assert_eq!(listen(&source, &ear, Events::ALL), Verdict::Ok);
    in_interrupt(|| {
        assert_eq!(owner.canceller().cancel(GENTLE).verdict, Verdict::Cancelling);
        assert_eq!(worker.acknowledge(Effects::None), Verdict::Ok);
    });
    assert_eq!(asked(), A_DRAIN, "queued once");
    quell::drain();
    assert_eq!(ear.heard.take(), [REQUEST | END]);
}

#[test]
fn nothing_blocks_in_an_interrupt() {
    let _alone = alone();
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let scope = Scope::new();
    // SAFETY: no parent.
    assert_eq!(unsafe { scope.open_raw(None, false) }, Verdict::Ok);
    let ear = Ear {
        act: Some(Box::new(|_| {
            in_interrupt(|| {
                // This very hook runs, in the thread that was interrupted.
                let ear_hook = RUNNING.get();
                // SAFETY: it is in place while it runs.
                let hook = unsafe { &*ear_hook };
                assert_eq!(source.detach(hook), Verdict::Running);
                assert_eq!(source.detach_sync(hook), Verdict::WouldBlock);
            });
        })),
        ..Ear::default()
    };
    thread_local!(static RUNNING: Cell<*const Hook> = const { Cell::new(ptr::null()) });
    RUNNING.set(&raw const ear.hook);
    assert_eq!(listen(&source, &ear, Events::ALL), Verdict::Ok);
    in_interrupt(|| {
        assert_eq!(owner.observer().wait_end(None), Err(Verdict::WouldBlock));
        assert_eq!(owner.observer().wait_request(SHORT), Err(Verdict::WouldBlock));
        assert_eq!(owner.settle(), Verdict::WouldBlock);
        assert_eq!(scope.close(), Verdict::WouldBlock);
    });
    assert_eq!(asked(), NOTHING);
    assert_eq!(owner.canceller().cancel(GENTLE).verdict, Verdict::Cancelled);
    assert_eq!(ear.heard.take(), [REQUEST | END]);
    // What has happened is known in an interrupt as well.
    let told = in_interrupt(|| owner.observer().wait_end(None)).unwrap();
    let cancelled = Outcome::Cancelled { effects: Effects::None, code: None };
    assert_eq!(told.outcome(), Some(cancelled));
}

/// A list that an interrupt meets half way is not touched by it.
#[test]
fn an_interrupt_comes_while_hooks_run() {
    let _alone = alone();
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let _worker = owner.start().unwrap();
    let raise = Request::new(Level::Emergency, Cause::Fault);
    let (first, second) = (
        Ear {
            act: Some(Box::new(|told| {
                if told.events().intersects(Events::REQUEST) {
                    let said = in_interrupt(|| source.canceller().cancel(raise).verdict);
                    assert_eq!(said, Verdict::Raised);
                }
            })),
            ..Ear::default()
        },
        Ear::default(),
    );
    assert_eq!(listen(&source, &first, Events::ALL), Verdict::Ok);
    assert_eq!(listen(&source, &second, Events::ALL), Verdict::Ok);
    let _ = owner.canceller().cancel(GENTLE);
    // The walk that was interrupted tells it.
    assert_eq!(first.heard.take(), [REQUEST, Events::RAISE.raw()]);
    assert_eq!(second.heard.take(), [REQUEST]);
    quell::drain();
    assert_eq!((first.heard.take(), second.heard.take()), (vec![], vec![]));
    for ear in [&first, &second] {
        assert_eq!(source.detach(&ear.hook), Verdict::Ok);
    }
}

#[test]
fn a_request_from_an_interrupt_goes_down_a_tree() {
    let _alone = alone();
    let ear = Ear::default();
    let (parent, child) = (Scope::new(), Scope::new());
    // SAFETY: the parent is dropped last.
    unsafe {
        assert_eq!(parent.open_raw(None, false), Verdict::Ok);
        assert_eq!(child.open_raw(Some(parent.source()), false), Verdict::Ok);
    }
    assert_eq!(listen(child.source(), &ear, Events::REQUEST), Verdict::Ok);
    assert_eq!(in_interrupt(|| parent.cancel(GENTLE)), Verdict::Cancelling);
    assert_eq!((child.poll(), ear.heard.take()), (None, vec![]));
    assert_eq!(asked(), A_DRAIN);
    quell::drain();
    assert_eq!((child.poll(), ear.heard.take()), (Some(Level::Graceful), vec![REQUEST]));
    assert_eq!(child.close(), Verdict::Ok);
}

#[test]
fn a_gate_runs_outside_every_section() {
    let _alone = alone();
    let refuse = |_: Request| {
        assert_outside("a gate");
        7
    };
    let source = Source::new();
    let owner = source.arm(Mode::GATED).unwrap();
    let ear = Ear::default();
    assert_eq!(listen(&source, &ear, Events::ALL), Verdict::Ok);
    let mut worker = owner.start().unwrap();
    let canceller = owner.gated_canceller(&refuse);
    let refused = Answer { verdict: Verdict::Refused, code: 7 };
    assert_eq!(canceller.cancel(GENTLE), refused);
    assert_eq!(in_interrupt(|| canceller.cancel(GENTLE)), refused);
    assert_eq!((ear.heard.take(), asked()), (vec![], NOTHING));
    assert_eq!(worker.finish(), Verdict::Ok);
}

#[test]
fn whoever_waits_is_woken_by_number() {
    let _alone = alone();
    for patience in [false, true] {
        let source = Source::new();
        let owner = source.arm(Mode::DECISIVE).unwrap();
        let mut worker = owner.start().unwrap();
        let waiting = AtomicUsize::new(0);
        thread::scope(|scope| {
            let waiter = scope.spawn(|| {
                be_impatient(!patience);
                waiting.store(context(), Ordering::Release);
                let told = owner.observer().wait_end(None).map(|told| told.outcome());
                (told, asked())
            });
            while waiting.load(Ordering::Acquire) == 0 {
                thread::yield_now();
            }
            thread::sleep(Duration::from_millis(5));
            assert_eq!(worker.finish(), Verdict::Ok);
            // One waiter, one wake; nobody waits for what comes after.
            assert_eq!(asked(), Asked { drains: 0, waits: 0, wakes: 1 });
            assert_eq!(woken_context(), waiting.load(Ordering::Relaxed));
            let (told, asked) = waiter.join().unwrap();
            assert_eq!(told, Ok(Some(Outcome::Finished)));
            assert!(asked.waits >= 1);
            assert_eq!((asked.drains, asked.wakes), (0, 0));
        });
        assert_eq!(owner.settle(), Verdict::Ok);
        owner.retire().unwrap();
        assert_eq!(asked(), NOTHING);
    }
}

#[test]
fn time_runs_out_by_the_ports_clock() {
    let _alone = alone();
    for impatient in [false, true] {
        be_impatient(impatient);
        let source = Source::new();
        let owner = source.arm(Mode::DECISIVE).unwrap();
        let _ = asked();
        let begun = std::time::Instant::now();
        assert_eq!(owner.observer().wait_end(SHORT), Err(Verdict::TimedOut));
        assert!(begun.elapsed() >= SHORT.unwrap());
        assert!(asked().waits >= 1);
        let zero = owner.observer().wait_end(Some(Duration::ZERO));
        assert_eq!((zero, asked()), (Err(Verdict::TimedOut), NOTHING));
    }
}

/// A thread that has to wait for a running hook does so by way of the port.
#[test]
fn detach_sync_waits_through_the_port() {
    let _alone = alone();
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let entered = AtomicUsize::new(0);
    let left = AtomicUsize::new(0);
    struct Shared<T>(T);
    // SAFETY: what the ear is given is told by one thread only.
    unsafe impl<T> Sync for Shared<T> {}
    impl<T> Shared<T> {
        fn get(&self) -> &T {
            &self.0
        }
    }
    let ear = Shared(Ear {
        act: Some(Box::new(|_| {
            entered.store(1, Ordering::Release);
            thread::sleep(Duration::from_millis(10));
            left.store(1, Ordering::Relaxed);
        })),
        ..Ear::default()
    });
    assert_eq!(listen(&source, ear.get(), Events::ALL), Verdict::Ok);
    let _ = asked();
    thread::scope(|scope| {
        let (ear, source) = (&ear, &source);
        let (entered, left) = (&entered, &left);
        let other = scope.spawn(move || {
            while entered.load(Ordering::Acquire) == 0 {
                thread::yield_now();
            }
            let said = source.detach_sync(&ear.get().hook);
            assert_eq!(left.load(Ordering::Relaxed), 1, "it returned before the hook");
            (said, asked())
        });
        assert_eq!(owner.canceller().cancel(GENTLE).verdict, Verdict::Cancelled);
        let (said, asked_there) = other.join().unwrap();
        assert_eq!(said, Verdict::Ran);
        assert!(asked_there.waits >= 1);
    });
    assert_eq!(asked().wakes, 1);
}

/// The number of a context is all that the core may ask for with interrupts
/// masked, and it asks once a call.
#[test]
fn the_context_is_asked_for_once_a_call() {
    let _alone = alone();
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let ears: Vec<Ear<'_>> = (0..64).map(|_| Ear::default()).collect();
    ears.iter().for_each(|ear| assert_eq!(listen(&source, ear, Events::ALL), Verdict::Ok));
    let _ = contexts_inside();
    assert_eq!(owner.canceller().cancel(GENTLE).verdict, Verdict::Cancelled);
    assert!(contexts_inside() <= 1);
}
