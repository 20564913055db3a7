//! Two sessions on one lock, their writers, who do as they are scripted, and an
//! operation linked to each.

// Each test program uses a part of it.
#![allow(dead_code)]

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Condvar, Mutex, OnceLock};

use quell::{
    Answer, Canceller, Code, Host, Limits, Notice, Request, Session, SessionLock, SessionStorage,
};
use quell_conformance::abort_row::WRITERS;

/// What a writer does when it is told something.
#[derive(Default)]
struct Script {
    refuses: Vec<(usize, Notice, Code)>,
    takes: Vec<(usize, Notice, u32)>,
    holds: Option<(usize, Notice)>,
    held: bool,
}

/// What both sessions share.
pub(crate) struct World {
    pub(crate) lock: SessionLock,
    storages: [SessionStorage<WRITERS>; 2],
    clock: AtomicU32,
    told: Mutex<Vec<(usize, Notice)>>,
    script: Mutex<Script>,
    lets_go: Condvar,
    /// Every writer lets go at once, so that a run that went wrong can end.
    over: AtomicBool,
}

/// What one session runs in.
pub(crate) struct Room<'a> {
    world: &'a World,
    pub(crate) linked: OnceLock<Canceller<'a>>,
    pub(crate) answer: Mutex<Option<Answer>>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            lock: SessionLock::new(),
            storages: [SessionStorage::new(), SessionStorage::new()],
            clock: AtomicU32::new(u32::MAX - 5),
            told: Mutex::default(),
            script: Mutex::default(),
            lets_go: Condvar::new(),
            over: AtomicBool::new(false),
        }
    }

    pub(crate) fn room(&self) -> Room<'_> {
        Room { world: self, linked: OnceLock::new(), answer: Mutex::new(None) }
    }

    pub(crate) fn session<'s>(&'s self, number: usize, room: &'s Room<'_>) -> Session<'s> {
        let storage = self.storages.get(number).expect("one of two");
        storage.session(&self.lock, room, Limits::default())
    }

    pub(crate) fn refuses(&self, writer: usize, notice: Notice, code: Code) {
        self.script.lock().expect("not poisoned").refuses.push((writer, notice, code));
    }

    pub(crate) fn agrees(&self, writer: usize, notice: Notice) {
        let mut script = self.script.lock().expect("not poisoned");
        script.refuses.retain(|(of, at, _)| (*of, *at) != (writer, notice));
        script.takes.retain(|(of, at, _)| (*of, *at) != (writer, notice));
    }

    pub(crate) fn takes(&self, writer: usize, notice: Notice, ticks: u32) {
        self.script.lock().expect("not poisoned").takes.push((writer, notice, ticks));
    }

    pub(crate) fn holds(&self, writer: usize, notice: Notice) {
        self.script.lock().expect("not poisoned").holds = Some((writer, notice));
    }

    /// Until the writer that is to hold a notice does.
    pub(crate) fn wait_held(&self) {
        let script = self.script.lock().expect("not poisoned");
        drop(self.lets_go.wait_while(script, |script| !script.held).expect("not poisoned"));
    }

    /// Whether the writer was held, and has gone on.
    pub(crate) fn let_go(&self) -> bool {
        let mut script = self.script.lock().expect("not poisoned");
        if script.holds.take().is_none() || !script.held {
            return false;
        }
        self.lets_go.notify_all();
        while script.held {
            script = self.lets_go.wait(script).expect("not poisoned");
        }
        true
    }

    pub(crate) fn give_up(&self) {
        self.over.store(true, Ordering::Release);
        self.script.lock().expect("not poisoned").holds = None;
        self.lets_go.notify_all();
    }

    pub(crate) fn pass(&self, ticks: u32) {
        self.clock.fetch_add(ticks, Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> u32 {
        self.clock.load(Ordering::SeqCst)
    }

    /// What everybody was told since the last time.
    pub(crate) fn told(&self) -> Vec<(usize, Notice)> {
        std::mem::take(&mut *self.told.lock().expect("not poisoned"))
    }
}

impl Host for Room<'_> {
    fn tell(&self, writer: usize, notice: Notice) -> Result<(), Code> {
        let world = self.world;
        world.told.lock().expect("not poisoned").push((writer, notice));
        let mut script = world.script.lock().expect("not poisoned");
        if script.holds == Some((writer, notice)) {
            script.held = true;
            world.lets_go.notify_all();
            while script.holds.is_some() && !world.over.load(Ordering::Acquire) {
                script = world.lets_go.wait(script).expect("not poisoned");
            }
            script.held = false;
            world.lets_go.notify_all();
        }
        for (of, at, ticks) in &script.takes {
            if (*of, *at) == (writer, notice) {
                world.pass(*ticks);
            }
        }
        let refusal = script.refuses.iter().find(|(of, at, _)| (*of, *at) == (writer, notice));
        refusal.map_or(Ok(()), |(_, _, code)| Err(*code))
    }

    fn now(&self) -> u32 {
        self.world.now()
    }

    fn cancel_linked(&self, request: Request) {
        let mut answer = self.answer.lock().expect("not poisoned");
        if let (Some(linked), None) = (self.linked.get(), &*answer) {
            *answer = Some(linked.cancel(request));
        }
    }
}
