//! Every pair of calls on one source: hooks added and taken off, requests,
//! ends, waits, interrupts and the drain, retiring and settling.

use std::sync::Arc;

use loom::model::Builder;
use loom::thread::{self, JoinHandle};
use quell::word::Word;
use quell::{Effects, Events, IfHappened, Request, Source, Verdict, drain};

use crate::pairs::{BY_OWNER, BY_WORKER, GENTLE, URGENT};
use crate::stage::{Ear, NO_GATE, Slot, TICKET, running};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Add(IfHappened),
    Detach,
    DetachSync,
    Cancel(Request),
    /// From what stands for an interrupt: another thread.
    Interrupt(Request),
    Drain,
    Finish,
    Fail,
    Acknowledge,
    Force,
    Settle,
    Retire,
    /// For the end, or for a request; loom decides whether the time runs out.
    Wait(Events, bool),
}

use Act::*;

const HOOKS: &[Act] = &[Add(IfHappened::Report), Add(IfHappened::Run), Detach, DetachSync];
const REQUESTS: &[Act] = &[Cancel(GENTLE), Cancel(URGENT), Interrupt(GENTLE), Drain];
const ENDS: &[Act] = &[Finish, Fail, Acknowledge, Force];
const WAITS: &[Act] =
    &[Wait(Events::END, false), Wait(Events::END, true), Wait(Events::REQUEST, false)];
const OWNER: &[Act] = &[Settle, Retire];

/// What is on the list, and what has happened, before the pair begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scene {
    /// Two hooks.
    Running,
    /// One, that the end is the last thing for.
    Alone,
    /// Two hooks, added after a request.
    Requested,
    /// Two hooks, and what an interrupt has done is on the drain's queue.
    Queued,
    /// All is over and told.
    Ended,
}

struct Stage {
    source: Slot<Source>,
    left: Word,
    shared: Ear,
    other: Ear,
    own: [Ear; 2],
    scene: Scene,
    /// Whether one of the pair may free what it takes off.
    frees: bool,
}

impl Stage {
    /// In its place: what is on a list is not moved.
    fn set(scene: Scene, frees: bool) -> Arc<Self> {
        let source = Slot::new(Source::new());
        let left = running(&source);
        let (shared, other, own) = (Ear::new(), Ear::new(), [Ear::new(), Ear::new()]);
        let stage = Arc::new(Self { source, left, shared, other, own, scene, frees });
        let request = |at: Scene| (scene == at).then_some(GENTLE);
        if let Some(request) = request(Scene::Requested) {
            let _ = stage.source.cancel(TICKET, request, NO_GATE);
        }
        let _ = stage.shared.add(&stage.source, stage.wants(), IfHappened::Report);
        if scene != Scene::Alone {
            let _ = stage.other.add(&stage.source, Events::END, IfHappened::Report);
        }
        if let Some(request) = request(Scene::Queued) {
            // SAFETY: it stays till it is retired.
            let _ = unsafe { stage.source.cancel_from_isr(TICKET, request, NO_GATE) };
        }
        if scene == Scene::Ended {
            let _ = stage.source.finish(stage.left);
        }
        stage
    }

    fn wants(&self) -> Events {
        if self.scene == Scene::Alone { Events::END } else { Events::ALL }
    }

    /// Where it was told that nobody comes to the hook any more.
    fn taken_off(&self, verdict: Verdict) -> Verdict {
        if self.frees && matches!(verdict, Verdict::Ok | Verdict::Ran | Verdict::NotFound) {
            self.shared.free();
        }
        verdict
    }

    fn perform(&self, act: Act, index: usize) -> Verdict {
        let source = &*self.source;
        match act {
            Add(if_happened) => self.own[index].add(source, Events::ALL, if_happened).verdict,
            Detach => self.taken_off(source.detach(&self.shared.hook)),
            DetachSync => {
                let verdict = source.detach_sync(&self.shared.hook);
                assert_ne!(verdict, Verdict::Running);
                self.taken_off(verdict)
            }
            Cancel(request) => source.cancel(TICKET, request, NO_GATE).verdict,
            Interrupt(request) => {
                // SAFETY: it stays till it is retired.
                unsafe { source.cancel_from_isr(TICKET, request, NO_GATE) }.verdict
            }
            Drain => {
                drain();
                Verdict::Ok
            }
            Finish => source.finish(self.left).verdict,
            Fail => source.fail(self.left, BY_WORKER).verdict,
            Acknowledge => source.acknowledge(self.left, Effects::Partial).verdict,
            Force => source.force(TICKET, BY_OWNER).verdict,
            Settle => source.settle(),
            Retire => source.retire(TICKET),
            Wait(events, limited) => {
                let limit = limited.then_some(std::time::Duration::ZERO);
                match source.wait(TICKET, events, limit) {
                    Ok(told) => {
                        assert!(told.events().intersects(events));
                        assert!(events != Events::END || told.outcome().is_some());
                        Verdict::Ok
                    }
                    Err(refusal) => refusal,
                }
            }
        }
    }

    /// When all is over: who was told what, and may what be freed.
    fn check(&self, acts: [Act; 2], told: [Verdict; 2]) {
        let source = &*self.source;
        drain();
        assert_eq!(source.settle(), Verdict::Ok, "inside no hook");
        let retired = acts.iter().zip(told).any(|pair| pair == (&Retire, Verdict::Ok));
        let level = match source.op().status(TICKET) {
            Some(status) => status.level.map_or(0, |level| level.raw()),
            // Each scene has a hook that heard the end, and at which level.
            None if self.shared.hook.is_freed() => self.other.heard().level,
            None => self.shared.heard().level,
        };
        if !retired {
            assert_eq!(source.retire(TICKET), Verdict::Ok, "something is untold");
        }
        // From here on nothing may come to it.
        self.source.free();
        for (index, (act, verdict)) in acts.iter().zip(told).enumerate() {
            match act {
                Add(_) if matches!(verdict, Verdict::Ok | Verdict::Happened) => {
                    self.own[index].expect(Events::ALL, level, true);
                }
                Add(_) => assert!(retired && matches!(verdict, Verdict::BadState | Verdict::Stale)),
                Wait(_, true) if verdict == Verdict::TimedOut => {}
                Wait(_, _) if verdict == Verdict::Stale => assert!(retired),
                Wait(Events::END, _) => assert_eq!(verdict, Verdict::Ok),
                Wait(_, _) => {
                    let expected = if level > 0 { Verdict::Ok } else { Verdict::Ran };
                    // A request may come, and be raised by the end only.
                    assert!(verdict == expected || (level > 0 && verdict == Verdict::Ran));
                }
                _ => {}
            }
        }
        let removed = acts
            .iter()
            .zip(told)
            .any(|(act, verdict)| matches!(act, Detach | DetachSync) && verdict == Verdict::Ok);
        if !removed && !self.shared.hook.is_freed() {
            // What was there before the request was not told of it.
            self.shared.expect(self.wants(), level, true);
        }
        if self.scene != Scene::Alone {
            self.other.expect(Events::END, level, true);
        }
    }
}

fn pair(scene: Scene, acts: [Act; 2]) {
    let detachers = acts.iter().filter(|act| matches!(act, Detach | DetachSync)).count();
    let mut builder = Builder::new();
    // Where the main thread is a third, or one of the two looks again and again,
    // loom takes a turn away once only.
    let many = acts.iter().any(|act| matches!(act, Settle | Wait(_, _)));
    builder.preemption_bound = Some(if many { 1 } else { 2 });
    builder.max_branches = 20_000;
    builder.check(move || {
        let stage = Stage::set(scene, detachers == 1);
        let threads = [0, 1].map(|index| {
            let stage = stage.clone();
            thread::spawn(move || stage.perform(acts[index], index))
        });
        let waits = |act: Act| matches!(act, Wait(_, false));
        let mut told: [Option<Verdict>; 2] = [None; 2];
        let mut threads = threads.map(Some);
        let join =
            |thread: &mut Option<JoinHandle<Verdict>>| thread.take().unwrap().join().unwrap();
        for index in 0..2 {
            if !waits(acts[index]) {
                told[index] = Some(join(&mut threads[index]));
            }
        }
        // Whoever still waits is woken by the end.
        let _ = stage.source.force(TICKET, BY_OWNER);
        drain();
        for index in 0..2 {
            if told[index].is_none() {
                told[index] = Some(join(&mut threads[index]));
            }
        }
        stage.check(acts, told.map(Option::unwrap));
    });
}

fn pairs_of(scenes: &[Scene], ones: &[Act], others: &[Act]) {
    for scene in scenes {
        for (at, one) in ones.iter().enumerate() {
            // A list with itself: each pair once.
            let from = if ptr_eq(ones, others) { at } else { 0 };
            for other in &others[from..] {
                eprintln!("{scene:?}: {one:?} and {other:?}");
                pair(*scene, [*one, *other]);
            }
        }
    }
}

fn ptr_eq(one: &[Act], other: &[Act]) -> bool {
    std::ptr::eq(one, other)
}

const LIVE: &[Scene] = &[Scene::Running, Scene::Alone, Scene::Requested, Scene::Queued];
const FEW: &[Scene] = &[Scene::Running, Scene::Queued];
const ALL: &[Scene] =
    &[Scene::Running, Scene::Alone, Scene::Requested, Scene::Queued, Scene::Ended];

#[test]
fn hooks_and_hooks() {
    pairs_of(FEW, HOOKS, HOOKS);
}

#[test]
fn hooks_and_requests() {
    pairs_of(LIVE, HOOKS, REQUESTS);
}

#[test]
fn hooks_and_ends() {
    pairs_of(LIVE, HOOKS, ENDS);
}

#[test]
fn hooks_and_waits() {
    pairs_of(FEW, HOOKS, WAITS);
}

#[test]
fn hooks_and_the_owner() {
    pairs_of(ALL, HOOKS, OWNER);
}

#[test]
fn requests_and_requests() {
    pairs_of(LIVE, REQUESTS, REQUESTS);
}

#[test]
fn requests_and_ends() {
    pairs_of(LIVE, REQUESTS, ENDS);
}

#[test]
fn requests_and_waits() {
    pairs_of(FEW, REQUESTS, WAITS);
}

#[test]
fn requests_and_the_owner() {
    pairs_of(ALL, REQUESTS, OWNER);
}

#[test]
fn ends_and_waits() {
    pairs_of(FEW, ENDS, WAITS);
}

#[test]
fn ends_and_the_owner() {
    pairs_of(LIVE, ENDS, OWNER);
}

#[test]
fn waits_and_waits() {
    pairs_of(FEW, WAITS, WAITS);
}

#[test]
fn waits_and_the_owner() {
    pairs_of(ALL, WAITS, OWNER);
}
