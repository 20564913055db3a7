//! The races of hooks, scopes and waiters that peers got wrong, each by its
//! name, and those in which somebody frees what another one has just used.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use loom::model::Builder;
use loom::thread;
use quell::word::Word;
use quell::{
    Effects, Events, Hook, IfHappened, Level, Mode, Outcome, Rights, Scope, Source, Told, Verdict,
    drain,
};

use crate::pairs::{BY_OWNER, GENTLE, URGENT};
use crate::stage::{Ear, NO_GATE, Slot, TICKET, running};

const OK: Verdict = Verdict::Ok;

struct Stage {
    source: Slot<Source>,
    left: Word,
    ear: Ear,
    other: Option<Arc<Stage>>,
}

impl Stage {
    fn new(act: Option<fn(*const c_void, &Told)>, other: Option<Arc<Stage>>) -> Arc<Self> {
        let source = Slot::new(Source::new());
        let left = running(&source);
        Self::with(source, left, act, other)
    }

    fn with(
        source: Slot<Source>,
        left: Word,
        act: Option<fn(*const c_void, &Told)>,
        other: Option<Arc<Stage>>,
    ) -> Arc<Self> {
        Arc::new_cyclic(|own: &std::sync::Weak<Self>| {
            let mut ear = Ear::new();
            ear.act = act.map(|act| (act, own.as_ptr().cast()));
            Self { source, left, ear, other }
        })
    }

    /// The stage that a hook's act was given.
    fn of<'a>(own: *const c_void) -> &'a Self {
        // SAFETY: it outlives the hook.
        unsafe { &*own.cast::<Self>() }
    }

    fn hook(&self) -> &Hook {
        &self.ear.hook
    }

    fn interrupt(&self) -> Verdict {
        // SAFETY: freed when it is retired.
        unsafe { self.source.cancel_from_isr(TICKET, GENTLE, NO_GATE) }.verdict
    }

    /// Retires it as soon as that can be, and frees it.
    fn retire_and_free(&self) {
        while self.source.retire(TICKET) != OK {
            thread::yield_now();
        }
        self.source.free();
    }
}

fn check(preemptions: Option<usize>, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = preemptions;
    builder.max_branches = 20_000;
    builder.check(model);
}

/// Performs both parts on the same stage at a time.
fn together(stage: &Arc<Stage>, parts: [fn(&Stage); 2]) {
    let threads = parts.map(|part| {
        let stage = stage.clone();
        thread::spawn(move || part(&stage))
    });
    for thread in threads {
        thread.join().unwrap();
    }
}

fn finish(stage: &Stage) {
    assert_eq!(stage.source.finish(stage.left).verdict, OK);
}

#[test]
fn race_04_two_hooks_detach_each_other() {
    fn detach_other(own: *const c_void, _: &Told) {
        let other = Stage::of(own).other.as_ref().unwrap();
        let _ = other.source.detach(other.hook());
    }
    fn detach_back(own: *const c_void, _: &Told) {
        // The act's pointer of the second stage is the first one's.
        let first = Stage::of(own);
        let _ = first.source.detach(first.hook());
    }
    check(Some(3), || {
        let second_source = Slot::new(Source::new());
        let left = running(&second_source);
        let second = Arc::new(Stage { source: second_source, left, ear: Ear::new(), other: None });
        let first = Stage::new(Some(detach_other), Some(second.clone()));
        // SAFETY: nobody else has it yet; an act is set before its hook is added.
        unsafe {
            (*ptr::from_ref(&second.ear).cast_mut()).act =
                Some((detach_back, Arc::as_ptr(&first).cast()));
        }
        for stage in [&first, &second] {
            assert_eq!(
                stage.ear.add(&stage.source, Events::REQUEST, IfHappened::Report).verdict,
                OK
            );
        }
        together(
            &first,
            [
                |first| {
                    let _ = first.source.cancel(TICKET, GENTLE, NO_GATE);
                },
                |first| {
                    let _ = first.other.as_ref().unwrap().source.cancel(TICKET, GENTLE, NO_GATE);
                },
            ],
        );
        let heard = [first.ear.heard().requests, second.ear.heard().requests];
        assert!(
            heard.iter().all(|times| *times <= 1) && heard.iter().sum::<u32>() >= 1,
            "{heard:?}"
        );
    });
}

#[test]
fn race_04_a_hook_that_detaches_itself_is_detached() {
    fn detach_itself(own: *const c_void, _: &Told) {
        let stage = Stage::of(own);
        assert!(matches!(stage.source.detach_sync(stage.hook()), Verdict::Running));
    }
    // Wanting more, and told its last thing.
    for events in [Events::ALL, Events::REQUEST] {
        check(Some(3), move || {
            let stage = Stage::new(Some(detach_itself), None);
            assert_eq!(stage.ear.add(&stage.source, events, IfHappened::Report).verdict, OK);
            together(
                &stage,
                [
                    |stage| {
                        let _ = stage.source.cancel(TICKET, GENTLE, NO_GATE);
                    },
                    |stage| {
                        let verdict = stage.source.detach_sync(stage.hook());
                        assert!(matches!(verdict, Verdict::Ok | Verdict::NotFound), "{verdict:?}");
                        if verdict == OK {
                            stage.ear.free();
                        }
                    },
                ],
            );
            finish_asked(&stage);
        });
    }
}

fn finish_asked(stage: &Stage) {
    assert_eq!(stage.source.force(TICKET, BY_OWNER).verdict, OK);
    assert!(stage.ear.heard().requests <= 1 && stage.ear.heard().ends == 0);
}

/// What the last hook frees, nobody touches: neither who ends it, nor an
/// interrupt and the drain.
fn free_the_source(own: *const c_void, told: &Told) {
    assert!(told.outcome().is_some());
    let stage = Stage::of(own);
    assert_eq!(stage.source.detach(stage.hook()), Verdict::Running);
    stage.retire_and_free();
    stage.ear.hook.free();
}

#[test]
fn race_05_the_source_dies_in_its_last_hook() {
    check(Some(4), || {
        let stage = Stage::new(Some(free_the_source), None);
        assert_eq!(stage.ear.add(&stage.source, Events::END, IfHappened::Report).verdict, OK);
        finish(&stage);
        assert!(stage.source.is_freed());
    });
}

#[test]
fn race_05_the_source_of_an_interrupt_dies_in_its_last_hook() {
    check(Some(4), || {
        let source = Slot::new(Source::new());
        assert_eq!(source.arm_ticket(Mode::DECISIVE).0, OK);
        let left = Word::VACANT;
        let stage = Stage::with(source, left, Some(free_the_source), None);
        assert_eq!(stage.ear.add(&stage.source, Events::END, IfHappened::Report).verdict, OK);
        together(&stage, [|stage| assert_eq!(stage.interrupt(), Verdict::Cancelled), |_| drain()]);
        drain();
        assert!(stage.source.is_freed());
    });
}

/// A scope is closed and freed by its own hook, in the midst of a walk that came
/// from above, while what is above ends.
#[test]
fn race_05_a_scope_dies_in_its_own_hook() {
    struct Tree {
        root: Slot<Scope<'static>>,
        branch: Slot<Scope<'static>>,
        ear: Ear,
    }
    fn close_and_free(own: *const c_void, _: &Told) {
        // SAFETY: it outlives the hook.
        let tree = unsafe { &*own.cast::<Tree>() };
        assert_eq!(tree.branch.close(), OK);
        tree.branch.free();
    }
    check(Some(2), || {
        let tree = Arc::new_cyclic(|own: &std::sync::Weak<Tree>| {
            let mut ear = Ear::new();
            ear.act = Some((close_and_free, own.as_ptr().cast()));
            Tree { root: Slot::new(Scope::new()), branch: Slot::new(Scope::new()), ear }
        });
        // SAFETY: they stay in place until they are closed.
        unsafe {
            assert_eq!(tree.root.open_raw(None, false), OK);
            assert_eq!(tree.branch.open_raw(Some(tree.root.source()), false), OK);
        }
        let added = tree.ear.add(tree.branch.source(), Events::REQUEST, IfHappened::Report);
        assert_eq!(added.verdict, OK);
        let parts: [fn(&Tree); 2] = [
            |tree| {
                let _ = tree.root.cancel(GENTLE);
            },
            |tree| {
                let _ = tree.root.source().force(tree.root.source().ticket(Rights::ALL), BY_OWNER);
            },
        ];
        let threads = parts.map(|part| {
            let tree = tree.clone();
            thread::spawn(move || part(&tree))
        });
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(tree.root.close(), OK);
        assert_eq!(tree.ear.heard().requests, u32::from(tree.branch.is_freed()));
    });
}

#[test]
fn race_06_retired_and_freed_after_an_interrupt() {
    check(Some(3), || {
        let source = Slot::new(Source::new());
        assert_eq!(source.arm_ticket(Mode::DECISIVE).0, OK);
        let stage = Stage::with(source, Word::VACANT, None, None);
        assert_eq!(stage.ear.add(&stage.source, Events::END, IfHappened::Report).verdict, OK);
        together(
            &stage,
            [
                |stage| assert_eq!(stage.interrupt(), Verdict::Cancelled),
                |stage| {
                    while stage.source.op().status(TICKET).unwrap().phase != quell::Phase::Cancelled
                    {
                        thread::yield_now();
                    }
                    assert_eq!(stage.source.settle(), OK);
                    assert_eq!(stage.ear.heard().ends, 1, "settled, and untold");
                    stage.retire_and_free();
                },
            ],
        );
    });
}

/// What is settled, or only dropped, is freed while the drain tells it.
#[test]
fn race_06_freed_when_the_drain_is_through() {
    let settle: fn(&Stage) = |stage| assert_eq!(stage.source.settle(), OK);
    for before in [settle, |_| ()] {
        check(Some(4), move || {
            let source = Slot::new(Source::new());
            assert_eq!(source.arm_ticket(Mode::DECISIVE).0, OK);
            let stage = Stage::with(source, Word::VACANT, None, None);
            let added = stage.ear.add(&stage.source, Events::END, IfHappened::Report);
            assert_eq!(added.verdict, OK);
            assert_eq!(stage.interrupt(), Verdict::Cancelled);
            let drains = thread::spawn(drain);
            before(&stage);
            stage.source.free();
            drains.join().unwrap();
            assert_eq!(stage.ear.heard().ends, 1);
        });
    }
}

/// An interrupt meets a walk: neither waits for the other, and it is told.
#[test]
fn race_06_an_interrupt_in_the_midst_of_a_walk() {
    check(Some(3), || {
        let stage = Stage::new(None, None);
        assert_eq!(stage.ear.add(&stage.source, Events::ALL, IfHappened::Report).verdict, OK);
        together(
            &stage,
            [
                |stage| {
                    let _ = stage.source.cancel(TICKET, GENTLE, NO_GATE);
                },
                |stage| {
                    // SAFETY: it stays till it is retired.
                    let _ = unsafe { stage.source.cancel_from_isr(TICKET, URGENT, NO_GATE) };
                },
            ],
        );
        drain();
        assert_eq!(stage.source.settle(), OK);
        stage.ear.expect(Events::ALL, URGENT.level.raw(), false);
        assert_eq!(stage.source.force(TICKET, BY_OWNER).verdict, OK);
        stage.ear.expect(Events::ALL, URGENT.level.raw(), true);
    });
}

/// Who ends it may be inside of its call still when the owner frees it.
#[test]
fn race_07_retired_and_freed_while_it_ends() {
    check(Some(4), || {
        let stage = Stage::new(None, None);
        assert_eq!(stage.ear.add(&stage.source, Events::END, IfHappened::Report).verdict, OK);
        together(
            &stage,
            [finish, |stage| {
                stage.retire_and_free();
            }],
        );
        assert_eq!(stage.ear.heard().ends, 1);
    });
}

#[test]
fn race_07_cancel_inside_a_hook() {
    fn raise(own: *const c_void, told: &Told) {
        if told.level < Level::Immediate.raw() {
            let _ = Stage::of(own).source.cancel(TICKET, URGENT, NO_GATE);
        }
    }
    check(Some(3), || {
        let stage = Stage::new(Some(raise), None);
        let last = Ear::new();
        assert_eq!(stage.ear.add(&stage.source, Events::ALL, IfHappened::Report).verdict, OK);
        assert_eq!(last.add(&stage.source, Events::ALL, IfHappened::Report).verdict, OK);
        together(
            &stage,
            [
                |stage| {
                    let _ = stage.source.cancel(TICKET, GENTLE, NO_GATE);
                },
                |stage| {
                    let _ = stage.source.cancel(TICKET, URGENT, NO_GATE);
                },
            ],
        );
        for ear in [&stage.ear, &last] {
            ear.expect(Events::ALL, URGENT.level.raw(), false);
        }
    });
}

#[test]
fn race_08_children_added_while_their_parent_is_cancelled() {
    check(Some(1), || {
        let tree: Arc<[Slot<Scope<'static>>; 3]> =
            Arc::new([(); 3].map(|()| Slot::new(Scope::new())));
        // SAFETY: closed below, before they are freed.
        assert_eq!(unsafe { tree[0].open_raw(None, false) }, OK);
        let threads = [0, 1, 2].map(|index: usize| {
            let tree = tree.clone();
            thread::spawn(move || match index {
                0 => assert_eq!(tree[0].cancel(GENTLE), Verdict::Cancelling),
                // SAFETY: as above.
                _ => assert_eq!(unsafe { tree[index].open_raw(Some(tree[0].source()), false) }, OK),
            })
        });
        for thread in threads {
            thread.join().unwrap();
        }
        for child in &tree[1..] {
            assert_eq!(child.poll(), Some(Level::Graceful));
            assert_eq!(child.close(), OK);
            child.free();
        }
        assert_eq!(tree[0].close(), OK);
    });
}

#[test]
fn race_10_hooks_hear_through_a_shield() {
    check(Some(4), || {
        let stage = Stage::new(None, None);
        assert_eq!(stage.source.op().shield(stage.left).verdict, OK);
        assert_eq!(stage.ear.add(&stage.source, Events::REQUEST, IfHappened::Report).verdict, OK);
        together(
            &stage,
            [
                |stage| {
                    assert_eq!(
                        stage.source.cancel(TICKET, GENTLE, NO_GATE).verdict,
                        Verdict::Cancelling
                    );
                    assert_eq!(stage.ear.heard().requests, 1);
                },
                |stage| assert_eq!(stage.source.op().unshield(stage.left).verdict, OK),
            ],
        );
        assert_eq!(stage.source.op().poll(), Some(Level::Graceful));
    });
}

#[test]
fn race_11_time_runs_out_and_the_end() {
    check(Some(4), || {
        let stage = Stage::new(None, None);
        together(
            &stage,
            [finish, |stage| match stage.source.wait(TICKET, Events::END, Some(Duration::ZERO)) {
                Ok(told) => assert_eq!(told.outcome(), Some(Outcome::Finished)),
                Err(refusal) => assert_eq!(refusal, Verdict::TimedOut),
            }],
        );
        let told = stage.source.wait(TICKET, Events::END, Some(Duration::ZERO)).unwrap();
        assert_eq!(told.outcome(), Some(Outcome::Finished));
    });
}

fn wait_for_the_end(stage: &Stage) {
    let told = stage.source.wait(TICKET, Events::END, None).unwrap();
    assert_eq!(told.outcome(), Some(Outcome::Finished));
}

#[test]
fn race_12_all_waiters_wake() {
    check(Some(1), || {
        let stage = Stage::new(None, None);
        let waiters = [(); 3].map(|()| {
            let stage = stage.clone();
            thread::spawn(move || wait_for_the_end(&stage))
        });
        finish(&stage);
        for waiter in waiters {
            waiter.join().unwrap();
        }
    });
}

#[test]
fn race_13_register_then_look_again() {
    check(Some(4), || {
        let stage = Stage::new(None, None);
        together(&stage, [finish, wait_for_the_end]);
        assert_eq!(stage.source.retire(TICKET), OK);
    });
}

// Bare metal's way: the step is made without the lock, the swap alone under it.

fn ask_by_swap(stage: &Stage) {
    let verdict = stage.source.cancel_with(TICKET, GENTLE, None).verdict;
    assert!(matches!(verdict, Verdict::Cancelling | Verdict::Finished), "{verdict:?}");
}

#[test]
fn cancel_by_swap_and_finish() {
    check(Some(3), || {
        let stage = Stage::new(None, None);
        let both = Events::REQUEST.with(Events::END);
        assert_eq!(stage.ear.add(&stage.source, both, IfHappened::Report).verdict, OK);
        together(
            &stage,
            [ask_by_swap, |stage| {
                if stage.source.finish(stage.left).verdict == Verdict::Cancelling {
                    assert_eq!(stage.source.acknowledge(stage.left, Effects::None).verdict, OK);
                }
            }],
        );
        let phase = stage.source.op().status(TICKET).unwrap().phase;
        let cancelled = phase == quell::Phase::Cancelled;
        assert!(cancelled || phase == quell::Phase::Finished);
        let heard = stage.ear.heard();
        assert_eq!((heard.requests, heard.ends), (u32::from(cancelled), 1));
    });
}

#[test]
fn cancel_by_swap_and_add() {
    check(Some(3), || {
        let stage = Stage::new(None, None);
        together(
            &stage,
            [ask_by_swap, |stage| {
                let _ = stage.ear.add(&stage.source, Events::REQUEST, IfHappened::Run);
            }],
        );
        assert_eq!(stage.ear.heard().requests, 1);
    });
}

#[test]
fn two_cancels_by_swap() {
    check(Some(3), || {
        let stage = Stage::new(None, None);
        let wants = Events::REQUEST.with(Events::RAISE);
        assert_eq!(stage.ear.add(&stage.source, wants, IfHappened::Report).verdict, OK);
        together(
            &stage,
            [
                |stage| {
                    let _ = stage.source.cancel_with(TICKET, URGENT, None);
                },
                |stage| {
                    let _ = stage.source.cancel_with(TICKET, GENTLE, None);
                },
            ],
        );
        let heard = stage.ear.heard();
        assert_eq!((heard.requests, heard.level), (1, URGENT.level.raw()));
    });
}
