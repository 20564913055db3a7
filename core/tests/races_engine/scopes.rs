//! Race 8: a parent is cancelled while children come and go.

use std::ffi::c_void;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};

use quell::{Events, Hook, IfHappened, Level, Phase, Rights, Scope, Told, Verdict};

use crate::duel::{Cores, GENTLE, Tally, duel, in_batches, rounds};
use crate::lives::{Pages, bury};

#[derive(Default)]
struct Heard {
    requests: AtomicU32,
    ends: AtomicU32,
    cause: AtomicU32,
    phase: AtomicU32,
}

unsafe extern "C" fn hear(heard: *mut c_void, told: *const Told) {
    // SAFETY: it outlives the race.
    let (heard, told) = unsafe { (&*heard.cast::<Heard>(), &*told) };
    if told.events().intersects(Events::REQUEST) {
        heard.requests.fetch_add(1, Ordering::Relaxed);
        heard.cause.store(told.cause, Ordering::Relaxed);
    }
    if told.events().intersects(Events::END) {
        heard.ends.fetch_add(1, Ordering::Relaxed);
        heard.phase.store(told.phase, Ordering::Relaxed);
    }
}

/// # Safety
/// The hook and what it hears outlive the scope's present life.
unsafe fn listen(scope: &Scope<'_>, hook: &Hook, heard: &Heard) {
    let held = scope.source().ticket(Rights::OBSERVE);
    let call = (hear as _, std::ptr::from_ref(heard).cast_mut().cast());
    // SAFETY: the caller's promise.
    let added = unsafe { scope.source().add(held, hook, call, Events::ALL, IfHappened::Run) };
    assert!(matches!(added.verdict, Verdict::Ok | Verdict::Happened));
}

fn pinned<'a, 'p>(scope: &'a Scope<'p>) -> Pin<&'a Scope<'p>> {
    // SAFETY: the tests leave their scopes where they are until dropped.
    unsafe { Pin::new_unchecked(scope) }
}

#[test]
fn race_08_a_child_added_meanwhile_is_told_once() {
    let _cores = Cores::take();
    let mut tally = Tally::default();
    in_batches(rounds(2), |count| {
        let parents: Vec<Scope<'_>> = (0..count).map(|_| Scope::new()).collect();
        let heard: Vec<Heard> = (0..count).map(|_| Heard::default()).collect();
        let hooks: Vec<Hook> = (0..count).map(|_| Hook::new()).collect();
        let children: Vec<Scope<'_>> = (0..count).map(|_| Scope::new()).collect();
        parents.iter().for_each(|parent| assert_eq!(pinned(parent).open(), Verdict::Ok));
        let told = duel(
            count,
            (60, 30),
            |round| parents[round].cancel(GENTLE),
            |round| {
                let child = pinned(&children[round]);
                assert_eq!(child.open_in(pinned(&parents[round])), Verdict::Ok);
                let before = child.poll();
                // SAFETY: hooks and what they hear outlive the children.
                unsafe { listen(&child, &hooks[round], &heard[round]) };
                before
            },
        );
        for (round, (cancelled, before)) in told.into_iter().enumerate() {
            assert_eq!(cancelled, Verdict::Cancelling);
            assert_eq!(children[round].poll(), Some(Level::Graceful), "never neither");
            let requests = heard[round].requests.load(Ordering::Relaxed);
            assert_eq!(requests, 1, "never both, never neither");
            let cause = heard[round].cause.load(Ordering::Relaxed);
            assert_eq!(cause, quell::Cause::Parent.raw());
            assert_eq!(children[round].close(), Verdict::Ok);
            assert_eq!(heard[round].ends.load(Ordering::Relaxed), 1);
            tally.count(if before.is_some() { "told as it came" } else { "told after" });
        }
    });
    tally.assert_raced(&["told as it came", "told after"]);
}

/// Children on pages that are taken away when they have left.
#[test]
fn race_08_a_child_leaves_meanwhile() {
    struct Child {
        scope: Scope<'static>,
        hook: Hook,
        heard: Heard,
    }
    let _cores = Cores::take();
    let mut tally = Tally::default();
    let pages = Pages::new(256);
    for _ in 0..rounds(1).div_ceil(64) {
        let parents: Vec<Scope<'_>> = (0..64).map(|_| Scope::new()).collect();
        let children: Vec<&Child> = parents
            .iter()
            .map(|parent| {
                assert_eq!(pinned(parent).open(), Verdict::Ok);
                let child = pages.bear(Child {
                    scope: Scope::new(),
                    hook: Hook::new(),
                    heard: Heard::default(),
                });
                // SAFETY: in place until it is buried, which is after its close.
                let child = unsafe { &*child };
                // SAFETY: as above; its parent outlives it.
                let opened = unsafe { child.scope.open_raw(Some(parent.source()), false) };
                assert_eq!(opened, Verdict::Ok);
                // SAFETY: as above.
                unsafe { listen(&child.scope, &child.hook, &child.heard) };
                child
            })
            .collect();
        let told = duel(
            64,
            (40, 80),
            |round| parents[round].cancel(GENTLE),
            |round| {
                let child = children[round];
                assert_eq!(child.scope.close(), Verdict::Ok);
                let heard = &child.heard;
                let said = [&heard.requests, &heard.ends, &heard.phase]
                    .map(|number| number.load(Ordering::Relaxed));
                bury(child);
                said
            },
        );
        for (cancelled, [requests, ends, phase]) in told {
            assert_eq!((cancelled, ends), (Verdict::Cancelling, 1));
            let ended_as = [Phase::Finished, Phase::Cancelled][requests as usize];
            assert_eq!(phase, ended_as.raw());
            tally.count(ended_as.name());
        }
    }
    tally.assert_raced(&["FINISHED", "CANCELLED"]);
}

/// Both are closed at the same time; the parent is the longer lived.
#[test]
fn race_08_parent_and_child_close_at_once() {
    let _cores = Cores::take();
    in_batches(rounds(1), |count| {
        let parents: Vec<Scope<'_>> = (0..count).map(|_| Scope::new()).collect();
        let children: Vec<Scope<'_>> = (0..count).map(|_| Scope::new()).collect();
        for (parent, child) in parents.iter().zip(&children) {
            assert_eq!(pinned(parent).open(), Verdict::Ok);
            assert_eq!(pinned(child).open_in(pinned(parent)), Verdict::Ok);
            if std::ptr::from_ref(parent).addr() & 64 == 0 {
                let _ = parent.cancel(GENTLE);
            }
        }
        let told =
            duel(count, (30, 30), |round| parents[round].close(), |round| children[round].close());
        assert!(told.iter().all(|told| *told == (Verdict::Ok, Verdict::Ok)));
        for (parent, child) in parents.iter().zip(&children) {
            assert_eq!(pinned(parent).open(), Verdict::Ok, "it is closed, and may be opened");
            assert_eq!(pinned(child).open(), Verdict::Ok, "it is closed, and may be opened");
        }
    });
}

/// A parent that lives long does not keep what its children were.
#[test]
fn race_08_children_that_leave_are_forgotten() {
    let parent = Scope::new();
    assert_eq!(pinned(&parent).open(), Verdict::Ok);
    let pages = Pages::new(2);
    for _ in 0..10_000 {
        let child = pages.bear(Scope::new());
        // SAFETY: in place until it is buried, after it has been closed.
        let opened = unsafe { (*child).open_raw(Some(parent.source()), false) };
        assert_eq!(opened, Verdict::Ok);
        // SAFETY: as above.
        assert_eq!(unsafe { (*child).close() }, Verdict::Ok);
        bury(child);
    }
    // Whoever is still on the list is touched by this.
    assert_eq!(parent.cancel(GENTLE), Verdict::Cancelling);
}
