//! For how long interrupts are masked: by instructions, single-stepped.
//!
//! How many sections a call takes grows with the hooks and children that it
//! tells; how long one of them is does not.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::ffi::c_void;
use std::ptr;

use quell::{Cause, Effects, Events, Hook, IfHappened, Level, Mode, Request, Rights, Scope};
use quell::{Source, Told, Verdict};
use quell_bare_port::{alone, assert_outside, in_interrupt, measured};

const GENTLE: Request = Request::new(Level::Graceful, Cause::User);
const URGENT: Request = Request::new(Level::Immediate, Cause::User);

unsafe extern "C" fn hear(_: *mut c_void, _: *const Told) {
    assert_outside("a hook");
}

fn listen(source: &Source, hook: &Hook, events: Events) -> Verdict {
    let held = source.ticket(Rights::OBSERVE);
    let call = (hear as _, ptr::null_mut());
    // SAFETY: the tests' hooks outlive what they listen to.
    unsafe { source.add(held, hook, call, events, IfHappened::Run) }.verdict
}

/// A running operation with so many hooks, for `events`.
struct Stage {
    hooks: Vec<Hook>,
    source: Source,
}

impl Stage {
    fn set(count: usize, events: Events) -> Box<Self> {
        let hooks = (0..count).map(|_| Hook::new()).collect();
        let stage = Box::new(Self { hooks, source: Source::new() });
        assert_eq!(stage.source.arm_ticket(Mode::DECISIVE).0, Verdict::Ok);
        for hook in &stage.hooks {
            assert_eq!(listen(&stage.source, hook, events), Verdict::Ok);
        }
        stage
    }

    fn start(&self) -> quell::word::Word {
        self.source.op().start(self.source.ticket(Rights::ALL)).word
    }

    fn cancel(&self, request: Request) -> Verdict {
        let held = self.source.ticket(Rights::CANCEL);
        self.source.cancel(held, request, None::<fn(Request) -> u32>).verdict
    }
}

/// What is put back behind others, or goes down from where others are, takes a few
/// instructions more than where it is alone: a hook that stays, a child that is
/// left, a scope below another.
const PUT_BACK: u32 = 8;
const GONE_DOWN: u32 = 20;

/// The sections of one call for each of these sizes. The longest must be the
/// same, or `apart` at most for one alone, and the number grow by `each` per piece.
fn holds(what: &str, each: usize, apart: u32, sections: impl Fn(usize) -> Vec<u32>) {
    let empty = measured(|| critical_section::with(|_| ()))[0];
    let of = |size| {
        let sections = sections(size);
        let longest = sections.iter().copied().max().unwrap_or(0);
        println!("{what} {size}: {} sections, the longest {}", sections.len(), longest - empty);
        assert!(longest > empty, "no instruction was counted");
        (sections.len(), longest)
    };
    let (one, two, many) = (of(1), of(2), of(64));
    assert_eq!(many.0 - two.0, 62 * each, "{what}: sections for 64 and for 2");
    assert_eq!(many.1, two.1, "{what}: the longest section for 64 and for 2");
    assert!(one.1.abs_diff(two.1) <= apart, "{what}: the longest section for 1 and for 2");
}

#[test]
fn a_cancel_told_to_hooks() {
    let _alone = alone();
    holds("cancel", 2, 0, |count| {
        let stage = Stage::set(count, Events::REQUEST);
        stage.start();
        measured(|| assert_eq!(stage.cancel(GENTLE), Verdict::Cancelling))
    });
}

#[test]
fn a_cancel_that_hooks_do_not_ask_for() {
    let _alone = alone();
    holds("cancel, for the end", 1, 0, |count| {
        let stage = Stage::set(count, Events::END);
        stage.start();
        measured(|| assert_eq!(stage.cancel(GENTLE), Verdict::Cancelling))
    });
}

#[test]
fn a_raise_told_to_hooks() {
    let _alone = alone();
    holds("raise", 2, PUT_BACK, |count| {
        let stage = Stage::set(count, Events::ALL);
        stage.start();
        assert_eq!(stage.cancel(GENTLE), Verdict::Cancelling);
        measured(|| assert_eq!(stage.cancel(URGENT), Verdict::Raised))
    });
}

#[test]
fn an_end_told_to_hooks() {
    let _alone = alone();
    holds("finish", 2, 0, |count| {
        let stage = Stage::set(count, Events::ALL);
        let left = stage.start();
        measured(|| assert_eq!(stage.source.finish(left).verdict, Verdict::Ok))
    });
    holds("acknowledge", 2, 0, |count| {
        let stage = Stage::set(count, Events::ALL);
        let left = stage.start();
        let end = || stage.source.acknowledge(left, Effects::None).verdict;
        measured(|| assert_eq!(end(), Verdict::Ok))
    });
}

#[test]
fn a_drain() {
    let _alone = alone();
    holds("drain", 2, 0, |count| {
        let stage = Stage::set(count, Events::REQUEST);
        stage.start();
        let masked = measured(|| {
            let told = in_interrupt(|| stage.cancel(GENTLE));
            assert_eq!(told, Verdict::Cancelling);
        });
        assert!(masked.is_empty(), "an interrupt takes no section: {masked:?}");
        measured(quell::drain)
    });
}

#[test]
fn adding_and_detaching() {
    let _alone = alone();
    for events in [Events::END, Events::ALL] {
        holds("add", 0, 0, |count| {
            let stage = Stage::set(count, events);
            let hook = Hook::new();
            let sections =
                measured(|| assert_eq!(listen(&stage.source, &hook, events), Verdict::Ok));
            assert_eq!(stage.source.detach(&hook), Verdict::Ok);
            assert_eq!(sections.len(), 1);
            sections
        });
        for place in [0, 1] {
            holds("detach", 0, 0, |count| {
                let stage = Stage::set(count + 1, events);
                let hook = &stage.hooks[place * count];
                let sections = measured(|| assert_eq!(stage.source.detach(hook), Verdict::Ok));
                assert_eq!(sections.len(), 1);
                sections
            });
        }
    }
}

/// Scopes that stay where they are.
fn scopes(count: usize) -> Vec<Scope<'static>> {
    (0..count).map(|_| Scope::new()).collect()
}

fn open(scope: &Scope<'_>, parent: Option<&Scope<'_>>) {
    // SAFETY: the tests keep a parent until its children are closed.
    let opened = unsafe { scope.open_raw(parent.map(Scope::source), false) };
    assert_eq!(opened, Verdict::Ok);
}

#[test]
fn a_scope_with_children() {
    let _alone = alone();
    for close in [false, true] {
        let what = if close { "close with children" } else { "cancel with children" };
        // A child that nobody listens to is asked, or let go of, on the way past.
        holds(what, 1, PUT_BACK, |count| {
            let parent = Scope::new();
            open(&parent, None);
            let children = scopes(count);
            children.iter().for_each(|child| open(child, Some(&parent)));
            let sections = measured(|| {
                if close {
                    assert_eq!(parent.close(), Verdict::Ok);
                } else {
                    assert_eq!(parent.cancel(GENTLE), Verdict::Cancelling);
                }
            });
            drop(children);
            sections
        });
    }
}

#[test]
fn a_chain_of_scopes() {
    let _alone = alone();
    // Of one, nobody has anything to be told.
    holds("cancel a chain below", 4, GONE_DOWN, |count| {
        let chain = scopes(count + 1);
        open(&chain[0], None);
        chain.windows(2).for_each(|pair| open(&pair[1], Some(&pair[0])));
        let sections = measured(|| assert_eq!(chain[0].cancel(GENTLE), Verdict::Cancelling));
        chain.iter().rev().for_each(|scope| assert_eq!(scope.close(), Verdict::Ok));
        sections
    });
}

#[test]
fn a_child_comes_and_goes() {
    let _alone = alone();
    for going in [false, true] {
        holds(if going { "child close" } else { "child open" }, 0, 0, |count| {
            let parent = Scope::new();
            open(&parent, None);
            let siblings = scopes(count);
            siblings.iter().for_each(|child| open(child, Some(&parent)));
            let child = Scope::new();
            if going {
                open(&child, Some(&parent));
            }
            let sections = measured(|| match going {
                false => open(&child, Some(&parent)),
                true => assert_eq!(child.close(), Verdict::Ok),
            });
            drop((child, siblings));
            sections
        });
    }
}

/// Retiring is one section, and settling where nobody tells another.
#[test]
fn retiring() {
    let _alone = alone();
    let stage = Stage::set(1, Events::REQUEST);
    assert_eq!(stage.cancel(GENTLE), Verdict::Cancelled);
    let held = stage.source.ticket(Rights::ALL);
    assert_eq!(measured(|| assert_eq!(stage.source.settle(), Verdict::Ok)).len(), 1);
    assert_eq!(measured(|| assert_eq!(stage.source.retire(held), Verdict::Ok)).len(), 1);
}
