//! Hooks, one thread at a time: what is told to whom, and what detaching says.
#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::cell::RefCell;
use std::ffi::c_void;
use std::ptr;

use quell::{
    Cause, Code, Effects, Events, Hook, IfHappened, Level, Mode, Request, Source, Told, Verdict,
};

const GENTLE: Request = Request::new(Level::Graceful, Cause::User);
const URGENT: Request = Request::new(Level::Immediate, Cause::Shutdown);
const LAST: Request = Request::new(Level::Emergency, Cause::Fault);

type Act<'a> = Box<dyn FnMut(&Told) + 'a>;

/// What one hook was told, and what it does when it is.
#[derive(Default)]
struct Ear<'a> {
    heard: RefCell<Vec<Told>>,
    act: RefCell<Option<Act<'a>>>,
}

unsafe extern "C" fn hear(ear: *mut c_void, told: *const Told) {
    // SAFETY: each test hands over an ear that outlives its hook.
    let (ear, told) = unsafe { (&*ear.cast::<Ear<'_>>(), &*told) };
    ear.heard.borrow_mut().push(*told);
    let act = ear.act.borrow_mut().take();
    if let Some(mut act) = act {
        act(told);
    }
}

impl Ear<'_> {
    fn events(&self) -> Vec<u32> {
        self.heard.borrow().iter().map(|told| told.events).collect()
    }
}

fn add(source: &Source, hook: &Hook, ear: &Ear<'_>, events: Events) -> Verdict {
    let held = source.ticket(quell::Rights::OBSERVE);
    let call = (hear as _, ptr::from_ref(ear).cast_mut().cast());
    // SAFETY: hook and ear outlive the operation in each test.
    unsafe { source.add(held, hook, call, events, IfHappened::Report) }.verdict
}

const REQUEST: u32 = Events::REQUEST.raw();
const RAISE: u32 = Events::RAISE.raw();
const END: u32 = Events::END.raw();

#[test]
fn each_is_told_what_it_asked_for_once() {
    let (ears, hooks): (Vec<_>, Vec<_>) = (0..8).map(|_| (Ear::default(), Hook::new())).unzip();
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    for events in 1..8 {
        let events = Events::from_raw(events).unwrap();
        let at = events.raw() as usize;
        assert_eq!(add(&source, &hooks[at], &ears[at], events), Verdict::Ok);
    }
    let mut worker = owner.start().unwrap();
    let _ = owner.canceller().cancel(GENTLE);
    let _ = owner.canceller().cancel(GENTLE);
    let _ = owner.canceller().cancel(URGENT);
    let _ = owner.canceller().cancel(LAST);
    assert_eq!(worker.acknowledge(Effects::Partial), Verdict::Ok);
    for events in 1..8u32 {
        let mut expected = vec![];
        if events & REQUEST != 0 {
            expected.push(REQUEST);
        }
        if events & RAISE != 0 {
            expected.extend([RAISE, RAISE]);
        }
        if events & END != 0 {
            expected.push(END);
        }
        assert_eq!(ears[events as usize].events(), expected, "asked for {events}");
    }
    let heard = ears[7].heard.borrow();
    let last = heard.last().unwrap();
    assert_eq!((last.level, last.cause), (3, Cause::Fault.raw()));
    assert_eq!(last.effects, Effects::Partial.raw());
    assert_eq!(source.detach(&hooks[7]), Verdict::Ran);
}

#[test]
fn what_comes_in_one_step_is_told_in_one() {
    let (ear, hook) = (Ear::default(), Hook::new());
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    assert_eq!(add(&source, &hook, &ear, Events::ALL), Verdict::Ok);
    assert_eq!(owner.canceller().cancel(URGENT).verdict, Verdict::Cancelled);
    assert_eq!(ear.events(), [REQUEST | END]);
}

#[test]
fn an_end_is_told_with_its_code() {
    let (ear, hook) = (Ear::default(), Hook::new());
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    assert_eq!(add(&source, &hook, &ear, Events::END), Verdict::Ok);
    let mut worker = owner.start().unwrap();
    assert_eq!(worker.fail(Code::new(0x8000_0007).unwrap()), Verdict::Ok);
    assert_eq!(ear.heard.borrow()[0].code, 0x8000_0007);
    assert_eq!(ear.heard.borrow()[0].phase, quell::Phase::Failed.raw());
}

#[test]
fn added_too_late_is_told_so() {
    let (ear, hook, other) = (Ear::default(), Hook::new(), Hook::new());
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let mut worker = owner.start().unwrap();
    let _ = owner.canceller().cancel(GENTLE);
    assert_eq!(add(&source, &hook, &ear, Events::ALL), Verdict::Happened);
    assert_eq!(ear.events(), [0; 0]);
    assert_eq!(worker.acknowledge(Effects::None), Verdict::Ok);
    assert_eq!(ear.events(), [END]);
    assert_eq!(add(&source, &other, &ear, Events::END), Verdict::Happened);
    assert_eq!(source.detach(&other), Verdict::Ran);
}

#[test]
fn detach_says_which() {
    let (ear, hook) = (Ear::default(), Hook::new());
    let source = Source::new();
    assert_eq!(add(&source, &hook, &ear, Events::ALL), Verdict::BadState);
    let owner = source.arm(Mode::DECISIVE).unwrap();
    assert_eq!(source.detach(&hook), Verdict::NotFound);
    assert_eq!(add(&source, &hook, &ear, Events::NONE), Verdict::Invalid);
    assert_eq!(add(&source, &hook, &ear, Events::ALL), Verdict::Ok);
    assert_eq!(add(&source, &hook, &ear, Events::ALL), Verdict::BadState);
    assert_eq!(source.detach(&hook), Verdict::Ok);
    let _ = owner.canceller().cancel(GENTLE);
    assert_eq!(ear.events(), [0; 0]);
    assert_eq!(source.detach_sync(&hook), Verdict::NotFound);
}

#[test]
fn race_07_cancel_inside_a_hook() {
    let (first, second) = (Hook::new(), Hook::new());
    let source = Source::new();
    let (one, two) = (Ear::default(), Ear::default());
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let canceller = owner.canceller();
    *one.act.borrow_mut() = Some(Box::new(move |_| {
        assert_eq!(canceller.cancel(URGENT).verdict, Verdict::Raised);
    }));
    let _worker = owner.start().unwrap();
    add(&source, &first, &one, Events::ALL);
    add(&source, &second, &two, Events::ALL);
    let _ = owner.canceller().cancel(GENTLE);
    assert_eq!(one.events(), [REQUEST, RAISE]);
    assert_eq!(two.events(), [REQUEST]);
    assert_eq!(two.heard.borrow()[0].level, Level::Immediate.raw());
}

#[test]
fn race_05_the_source_dies_in_its_last_hook() {
    struct Life {
        source: Source,
        hook: Hook,
    }
    unsafe extern "C" fn free(life: *mut c_void, _: *const Told) {
        // SAFETY: the test gave it away; nobody else has it.
        let life = unsafe { Box::from_raw(life.cast::<Life>()) };
        assert_eq!(life.source.detach(&life.hook), Verdict::Running);
        let owner = life.source.ticket(quell::Rights::ALL);
        assert_eq!(life.source.retire(owner), Verdict::Ok);
    }
    let life = Box::into_raw(Box::new(Life { source: Source::new(), hook: Hook::new() }));
    // SAFETY: in place until the hook frees it.
    let (source, hook) = unsafe { (&(*life).source, &(*life).hook) };
    let (_, ticket) = source.arm_ticket(Mode::DECISIVE);
    let call = (free as _, life.cast());
    // SAFETY: as above; detached in its own function, before it is freed.
    let added = unsafe { source.add(ticket, hook, call, Events::END, IfHappened::Report) };
    assert_eq!(added.verdict, Verdict::Ok);
    let gate: Option<fn(Request) -> u32> = None;
    assert_eq!(source.cancel(ticket, GENTLE, gate).verdict, Verdict::Cancelled);
}

#[test]
fn an_end_that_comes_while_the_hook_runs_is_told_next() {
    for events in [Events::ALL, Events::REQUEST.with(Events::END)] {
        let hooks = [Hook::new(), Hook::new()];
        let source = Source::new();
        let owner = source.arm(Mode::DECISIVE).unwrap();
        let worker = RefCell::new(owner.start().unwrap());
        let (one, two) = (Ear::default(), Ear::default());
        *one.act.borrow_mut() = Some(Box::new(|_| {
            assert_eq!(worker.borrow_mut().acknowledge(Effects::None), Verdict::Ok);
        }));
        assert_eq!(add(&source, &hooks[0], &one, events), Verdict::Ok);
        assert_eq!(add(&source, &hooks[1], &two, Events::END), Verdict::Ok);
        let _ = owner.canceller().cancel(GENTLE);
        assert_eq!(one.events(), [REQUEST, END]);
        assert_eq!(two.events(), [END]);
        assert_eq!(source.detach(&hooks[0]), Verdict::Ran);
    }
}

#[test]
fn the_source_dies_in_a_hook_that_is_told_while_it_is_added() {
    struct Life {
        source: Source,
        hook: Hook,
    }
    unsafe extern "C" fn free(life: *mut c_void, _: *const Told) {
        // SAFETY: the test gave it away; nobody else has it.
        let life = unsafe { Box::from_raw(life.cast::<Life>()) };
        assert_eq!(life.source.detach(&life.hook), Verdict::Running);
        let owner = life.source.ticket(quell::Rights::ALL);
        assert_eq!(life.source.retire(owner), Verdict::Ok);
        // Whoever touches it after this finds a lock that never opens.
        let life = Box::into_raw(life);
        // SAFETY: ours; it is left to leak, so that the test can tell.
        unsafe { ptr::write_bytes(life.cast::<u8>(), 0xFF, size_of::<Life>()) };
    }
    let life = Box::into_raw(Box::new(Life { source: Source::new(), hook: Hook::new() }));
    // SAFETY: in place until the hook frees it.
    let (source, hook) = unsafe { (&(*life).source, &(*life).hook) };
    let (_, ticket) = source.arm_ticket(Mode::DECISIVE);
    let gate: Option<fn(Request) -> u32> = None;
    assert_eq!(source.cancel(ticket, GENTLE, gate).verdict, Verdict::Cancelled);
    let call = (free as _, life.cast());
    // SAFETY: as above; detached in its own function, before it is freed.
    let added = unsafe { source.add(ticket, hook, call, Events::ALL, IfHappened::Run) };
    assert_eq!(added.verdict, Verdict::Happened);
}
