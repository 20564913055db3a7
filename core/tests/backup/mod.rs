//! A host that notes what each participant is told, refuses where it is told
//! to, and can act in the midst of it.

// Each test program uses a part of it.
#![allow(dead_code)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use quell::{
    Canceller, Cause, Code, Host, Level, Limits, Links, Notice, Purpose, Request, Session,
    SessionLock, SessionStorage, Stage, Verdict,
};

pub(crate) const N: usize = 3;
pub(crate) const USER: Request = Request::new(Level::Immediate, Cause::User);

pub(crate) fn code(raw: u32) -> Code {
    Code::new(raw).expect("a code")
}

type Act<'a> = Box<dyn Fn(usize, Notice) + Send + Sync + 'a>;

/// A machine with one session, and what its participants were told.
pub(crate) struct Machine<'a> {
    pub(crate) lock: SessionLock,
    pub(crate) storage: SessionStorage<N>,
    pub(crate) host: Recorder<'a>,
}

pub(crate) struct Recorder<'a> {
    told: Mutex<Vec<(usize, Notice)>>,
    pub(crate) refusals: Vec<(usize, Notice, Code)>,
    /// How many ticks pass while a participant is told something.
    pub(crate) takes: Vec<(usize, Notice, u32)>,
    pub(crate) clock: AtomicU32,
    pub(crate) links: Option<Links<'a, 1>>,
    pub(crate) act: Option<Act<'a>>,
}

impl<'a> Machine<'a> {
    pub(crate) fn new() -> Self {
        Self {
            lock: SessionLock::new(),
            storage: SessionStorage::new(),
            host: Recorder {
                told: Mutex::default(),
                refusals: Vec::new(),
                takes: Vec::new(),
                clock: AtomicU32::new(u32::MAX - 5),
                links: None,
                act: None,
            },
        }
    }

    pub(crate) fn refusing(mut self, participant: usize, notice: Notice, raw: u32) -> Self {
        self.host.refusals.push((participant, notice, code(raw)));
        self
    }

    pub(crate) fn taking(mut self, participant: usize, notice: Notice, ticks: u32) -> Self {
        self.host.takes.push((participant, notice, ticks));
        self
    }

    pub(crate) fn linked(mut self, canceller: Canceller<'a>) -> Self {
        self.host.links = Some(Links::new([canceller]));
        self
    }

    pub(crate) fn session(&self) -> Session<'_> {
        self.storage.session(&self.lock, &self.host, Limits::default())
    }

    /// A session that has come this far, by way of verbs that were all told OK.
    pub(crate) fn at(&self, stage: Stage) -> Session<'_> {
        self.through(Purpose::Backup, stage)
    }

    pub(crate) fn through(&self, purpose: Purpose, stage: Stage) -> Session<'_> {
        let session = self.session();
        let ok = |verdict| assert_eq!(verdict, Verdict::Ok);
        if stage >= Stage::Initialised {
            ok(session.initialise(purpose));
        }
        for (reached, verb) in VERBS {
            if stage >= *reached {
                ok(verb(&session));
            }
        }
        assert_eq!(session.status().stage, stage);
        session
    }

    /// What everybody was told, in order; what was noted is forgotten.
    pub(crate) fn told(&self) -> Vec<(usize, Notice)> {
        std::mem::take(&mut *self.host.told.lock().expect("not poisoned"))
    }

    pub(crate) fn told_all(&self, notices: &[Notice]) -> bool {
        let all: Vec<_> = notices.iter().flat_map(|n| (0..N).map(move |p| (p, *n))).collect();
        self.told() == all
    }
}

type Verb = fn(&Session<'_>) -> Verdict;
pub(crate) const VERBS: &[(Stage, Verb)] = &[
    (Stage::SetStarted, |s| s.start_set()),
    (Stage::Prepared, |s| s.prepare()),
    (Stage::SnapshotPrepared, |s| s.prepare_snapshot()),
    (Stage::Frozen, |s| s.freeze()),
    (Stage::Holding, |s| s.hold()),
    (Stage::Thawed, |s| s.thaw()),
    (Stage::Created, |s| s.post_snapshot()),
    (Stage::Completed, |s| s.complete()),
];

impl Recorder<'_> {
    pub(crate) fn pass(&self, ticks: u32) {
        self.clock.fetch_add(ticks, Ordering::SeqCst);
    }
}

impl Host for Recorder<'_> {
    fn tell(&self, participant: usize, notice: Notice) -> Result<(), Code> {
        self.told.lock().expect("not poisoned").push((participant, notice));
        if let Some(act) = &self.act {
            act(participant, notice);
        }
        for (of, at, ticks) in &self.takes {
            if (*of, *at) == (participant, notice) {
                self.pass(*ticks);
            }
        }
        let refusal = self.refusals.iter().find(|(of, at, _)| (*of, *at) == (participant, notice));
        refusal.map_or(Ok(()), |(_, _, code)| Err(*code))
    }

    fn now(&self) -> u32 {
        self.clock.load(Ordering::SeqCst)
    }

    fn cancel_linked(&self, request: Request) {
        if let Some(links) = &self.links {
            links.cancel_all(request);
        }
    }
}
