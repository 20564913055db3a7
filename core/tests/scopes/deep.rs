//! A million children, and a million levels, in 64 KiB of stack.

use std::hint::black_box;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::{env, mem, thread};

use quell::{Cause, Level, Scope, Verdict};

use crate::{Ear, GENTLE, open, scopes};

const MILLION: usize = 1_000_000;
const SMALL: usize = 64 * 1024;

/// How large this thread's stack really is.
fn stack() -> usize {
    // SAFETY: all-zero is as good as anything for what the call fills in.
    unsafe {
        let mut attributes: libc::pthread_attr_t = mem::zeroed();
        assert_eq!(libc::pthread_getattr_np(libc::pthread_self(), &raw mut attributes), 0);
        let (mut bottom, mut size) = (std::ptr::null_mut(), 0);
        let got =
            libc::pthread_attr_getstack(&raw const attributes, &raw mut bottom, &raw mut size);
        assert_eq!(got, 0);
        libc::pthread_attr_destroy(&raw mut attributes);
        size
    }
}

fn in_small_stack(act: impl FnOnce() + Send) {
    thread::scope(|scope| {
        let small = thread::Builder::new().stack_size(SMALL).spawn_scoped(scope, || {
            assert!(stack() <= SMALL, "the stack is not as small as was asked for: {}", stack());
            act();
        });
        small.unwrap().join().unwrap();
    });
}

/// Uses a kilobyte of stack or more for each level, less than four.
#[inline(never)]
fn dig(levels: usize) -> usize {
    let hole = black_box([levels as u8; 1024]);
    if levels == 0 { 0 } else { dig(black_box(levels - 1)) + usize::from(black_box(hole)[7] != 0) }
}

/// What this file shows is worth something only where too much is too much.
#[test]
fn a_small_stack_overflows() {
    const VICTIM: &str = "QUELL_TEST_OVERFLOW";
    if let Some(levels) = env::var_os(VICTIM) {
        let levels = levels.to_str().unwrap().parse().unwrap();
        in_small_stack(|| assert!(black_box(dig(levels)) <= levels));
        return;
    }
    let end = |levels: &str| {
        Command::new(env::current_exe().unwrap())
            .args(["--exact", "deep::a_small_stack_overflows"])
            .env(VICTIM, levels)
            .output()
            .unwrap()
            .status
    };
    assert!(end("8").success(), "32 KiB fit");
    let killed = end("64").signal();
    assert!(matches!(killed, Some(libc::SIGABRT | libc::SIGSEGV)), "64 KiB fit: {killed:?}");
}

/// Cancelled at the top; the last to be reached hears whose doing it was.
fn cancelled(tree: &[Scope<'_>]) {
    let ear = Ear::default();
    let last = tree.last().unwrap();
    assert_eq!(ear.listen(last), Verdict::Ok);
    assert_eq!(tree[0].cancel(GENTLE), Verdict::Cancelling);
    assert!(tree.iter().all(|scope| scope.poll() == Some(Level::Graceful)));
    let heard = ear.heard.take();
    assert_eq!(heard.len(), 1);
    assert_eq!((heard[0].level, heard[0].cause), (Level::Graceful.raw(), Cause::Parent.raw()));
    assert_eq!(last.source().detach(&ear.hook), Verdict::Ok);
}

fn chain() -> Box<[Scope<'static>]> {
    let chain = scopes(MILLION);
    assert_eq!(open(&chain[0], None), Verdict::Ok);
    assert!(chain.windows(2).all(|pair| open(&pair[1], Some(&pair[0])) == Verdict::Ok));
    chain
}

fn star() -> Box<[Scope<'static>]> {
    let star = scopes(MILLION);
    assert_eq!(open(&star[0], None), Verdict::Ok);
    assert!(star[1..].iter().all(|child| open(child, Some(&star[0])) == Verdict::Ok));
    star
}

#[test]
fn a_million_levels_closed_from_the_top() {
    in_small_stack(|| {
        let chain = chain();
        cancelled(&chain);
        assert!(chain.iter().all(|scope| scope.close() == Verdict::Ok));
    });
}

#[test]
fn a_million_levels_closed_from_the_bottom() {
    in_small_stack(|| {
        let chain = chain();
        cancelled(&chain);
        assert!(chain.iter().rev().all(|scope| scope.close() == Verdict::Ok));
    });
}

#[test]
fn a_million_levels_dropped() {
    in_small_stack(|| {
        let chain = chain();
        cancelled(&chain);
        drop(chain);
    });
}

#[test]
fn a_million_children_closed_before_their_parent() {
    in_small_stack(|| {
        let star = star();
        cancelled(&star);
        assert!(star.iter().rev().all(|scope| scope.close() == Verdict::Ok));
    });
}

#[test]
fn a_million_children_that_outlive_their_parent() {
    in_small_stack(|| {
        let star = star();
        assert_eq!(star[0].close(), Verdict::Ok);
        // They go on by themselves, and can be opened in a new one.
        assert!(star[1..].iter().all(|child| child.poll().is_none()));
        assert_eq!(open(&star[0], None), Verdict::Ok);
        assert_eq!(star[0].cancel(GENTLE), Verdict::Cancelling);
        assert!(star[1..].iter().all(|child| child.poll().is_none()));
        drop(star);
    });
}
