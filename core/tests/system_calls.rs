//! No system call where nobody waits, and one wake for each who does: strace
//! looks on.
//!
//! The test runs itself once more under strace. What is looked at lies between
//! two calls of `getppid`, which nothing else here makes.
#![cfg(all(target_os = "linux", not(quell_loom)))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::ffi::c_void;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use std::{env, fs, thread};

use quell::word::Word;
use quell::{
    Cause, Effects, Events, Hook, IfHappened, Level, Mode, Outcome, Request, Rights, Scope, Source,
    Ticket, Told, Verdict,
};

const GENTLE: Request = Request::new(Level::Graceful, Cause::User);
const MILLION: usize = 1_000_000;
const LOOKED_AT: &str = "QUELL_TEST_STRACED";

fn mark() {
    // SAFETY: it asks for a number.
    unsafe { libc::getppid() };
}

/// Runs a test of this file under strace: what was called between each two
/// marks, by the thread that made them.
fn between_marks(test: &str) -> Vec<Vec<String>> {
    let log = env::temp_dir().join(format!("quell-{}-{test}", std::process::id()));
    let run = Command::new("strace")
        .args(["-f", "-qq", "-e", "signal=none", "-o"])
        .arg(&log)
        .arg(env::current_exe().unwrap())
        .args(["--exact", test])
        .env(LOOKED_AT, "1")
        .output()
        .expect("strace is missing (Debian: strace)");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
    let calls = read(&log);
    fs::remove_file(&log).unwrap();
    calls
}

fn read(log: &Path) -> Vec<Vec<String>> {
    let lines = fs::read_to_string(log).unwrap();
    let calls: Vec<(&str, &str)> =
        lines.lines().map(|line| line.split_once(char::is_whitespace).unwrap()).collect();
    let is_mark = |call: &str| call.trim_start().starts_with("getppid(");
    let marker = calls.iter().find(|(_, call)| is_mark(call)).expect("no mark was seen").0;
    let own = calls.into_iter().filter(|(thread, _)| *thread == marker);
    let mut between: Vec<Vec<String>> = vec![];
    let mut inside = false;
    for (_, call) in own {
        match (is_mark(call), inside) {
            (true, false) => between.push(vec![]),
            // One that another thread's line came between has two.
            (false, true) if call.trim_start().starts_with("<...") => {}
            (false, true) => between.last_mut().unwrap().push(call.trim().to_owned()),
            _ => {}
        }
        inside ^= is_mark(call);
    }
    assert!(!inside, "a mark without its other");
    between
}

unsafe extern "C" fn hear(count: *mut c_void, _: *const Told) {
    // SAFETY: each hook's context is a count of the thread that tells it.
    unsafe { *count.cast::<usize>() += 1 };
}

fn add(source: &Source, hook: &Hook, count: *mut usize) {
    let held = source.ticket(Rights::OBSERVE);
    let call = (hear as _, count.cast());
    // SAFETY: hooks and counts outlive the operation.
    let added = unsafe { source.add(held, hook, call, Events::ALL, IfHappened::Report) };
    assert_eq!(added.verdict, Verdict::Ok);
}

fn begin(source: &Source) -> (Ticket, Word) {
    let (verdict, ticket) = source.arm_ticket(Mode::DECISIVE);
    assert_eq!(verdict, Verdict::Ok);
    (ticket, source.op().start(ticket).word)
}

fn cancel(source: &Source, held: Ticket) -> Verdict {
    source.cancel(held, GENTLE, None::<fn(Request) -> u32>).verdict
}

/// Everything a million times, or with a thousand hooks or children, and nobody
/// waits.
fn much() {
    let source = Source::new();
    let (hook, hooks) = (Hook::new(), (0..1024).map(|_| Hook::new()).collect::<Vec<_>>());
    let parent = Scope::new();
    let children: Vec<Scope<'_>> = (0..1024).map(|_| Scope::new()).collect();
    let mut told = 0;
    let told = &raw mut told;
    mark();
    for turn in 0..MILLION {
        let (held, left) = begin(&source);
        add(&source, &hook, told);
        if turn % 2 == 0 {
            assert_eq!(source.detach(&hook), Verdict::Ok);
        }
        if turn % 3 == 0 {
            assert_eq!(cancel(&source, held), Verdict::Cancelling);
            assert_eq!(source.acknowledge(left, Effects::None).verdict, Verdict::Ok);
        } else {
            assert_eq!(source.finish(left).verdict, Verdict::Ok);
        }
        assert_eq!(source.settle(), Verdict::Ok);
        let waited = source.wait(held, Events::END, None).unwrap();
        assert!(waited.outcome().is_some(), "it has ended, so it does not wait");
        assert_eq!(source.retire(held), Verdict::Ok);
    }
    let (held, left) = begin(&source);
    hooks.iter().for_each(|hook| add(&source, hook, told));
    assert_eq!(cancel(&source, held), Verdict::Cancelling);
    assert_eq!(source.acknowledge(left, Effects::None).verdict, Verdict::Ok);
    // SAFETY: the children are closed before their parent.
    unsafe {
        assert_eq!(parent.open_raw(None, false), Verdict::Ok);
        for child in &children {
            assert_eq!(child.open_raw(Some(parent.source()), false), Verdict::Ok);
        }
    }
    assert_eq!(parent.cancel(GENTLE), Verdict::Cancelling);
    children.iter().for_each(|child| assert_eq!(child.close(), Verdict::Ok));
    mark();
    // SAFETY: nobody else has it.
    let told = unsafe { *told };
    // Of those not detached, a request and an end, or an end.
    let cancelled = (0..MILLION).filter(|turn| turn % 2 == 1 && turn % 3 == 0).count();
    assert_eq!(told, MILLION / 2 + cancelled + 2 * hooks.len());
}

#[test]
fn none_where_nobody_waits() {
    if env::var_os(LOOKED_AT).is_some() {
        return much();
    }
    assert_eq!(between_marks("none_where_nobody_waits"), [[""; 0]]);
}

const ENDS: usize = 10;

/// Until the thread of this number sleeps.
fn asleep(thread: i32) {
    let path = format!("/proc/self/task/{thread}/stat");
    let sleeps = || {
        let stat = fs::read_to_string(&path).unwrap();
        stat.rsplit(')').next().unwrap().trim_start().starts_with('S')
    };
    let mut in_a_row = 0;
    while in_a_row < 10 {
        thread::sleep(Duration::from_millis(1));
        in_a_row = if sleeps() { in_a_row + 1 } else { 0 };
    }
}

fn with_waiters(waiters: usize) {
    let source = Source::new();
    for _ in 0..ENDS {
        let owner = source.arm(Mode::DECISIVE).unwrap();
        let mut worker = owner.start().unwrap();
        thread::scope(|scope| {
            let (numbers, sleepers) = std::sync::mpsc::channel();
            let waiters: Vec<_> = (0..waiters)
                .map(|_| {
                    let (numbers, observer) = (numbers.clone(), owner.observer());
                    scope.spawn(move || {
                        // SAFETY: it asks for a number.
                        numbers.send(unsafe { libc::gettid() }).unwrap();
                        drop(numbers);
                        observer.wait_end(None)
                    })
                })
                .collect();
            drop(numbers);
            sleepers.iter().for_each(asleep);
            mark();
            assert_eq!(worker.finish(), Verdict::Ok);
            mark();
            for waiter in waiters {
                let told = waiter.join().unwrap().unwrap();
                assert_eq!(told.outcome(), Some(Outcome::Finished));
            }
        });
        // Those who waited are gone: nobody is woken any more.
        mark();
        assert_eq!(owner.settle(), Verdict::Ok);
        let canceller = owner.canceller();
        assert_eq!(canceller.cancel(GENTLE).verdict, Verdict::Finished);
        owner.retire().unwrap();
        let _ = source.arm(Mode::DECISIVE).unwrap();
        assert_eq!(source.canceller().cancel(GENTLE).verdict, Verdict::Cancelled);
        assert_eq!(source.retire(source.ticket(Rights::ALL)), Verdict::Ok);
        mark();
    }
}

fn wakes(test: &str, waiters: usize) {
    if env::var_os(LOOKED_AT).is_some() {
        return with_waiters(waiters);
    }
    let between = between_marks(test);
    assert_eq!(between.len(), 2 * ENDS);
    for ended in between.chunks(2) {
        assert_eq!(ended[0].len(), waiters, "{ended:?}");
        let is_wake = |call: &String| call.starts_with("futex(") && call.contains("FUTEX_WAKE");
        assert!(ended[0].iter().all(is_wake), "{ended:?}");
        assert_eq!(ended[1], [""; 0]);
    }
}

#[test]
fn one_wake_for_one_waiter() {
    wakes("one_wake_for_one_waiter", 1);
}

#[test]
fn four_wakes_for_four_waiters() {
    wakes("four_wakes_for_four_waiters", 4);
}
