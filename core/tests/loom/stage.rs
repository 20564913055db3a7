//! A source on a stage, ears that listen to it, and the rule for what they
//! hear: each thing once, told or reported, and nothing after that.
//!
//! Freed here means dropped in place. The engine's atomics notice when they are
//! used after that, or could be (`core/src/sync/model.rs`).

use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use loom::cell::UnsafeCell;
use loom::sync::atomic::AtomicU32;
use quell::word::Word;
use quell::{
    Added, Events, Generation, Hook, IfHappened, Mode, Request, Rights, Source, Ticket, Told,
    Verdict,
};

pub(crate) const TICKET: Ticket = Ticket::new(Generation::new(0), Rights::ALL).through_source();
pub(crate) const NO_GATE: Option<fn(Request) -> u32> = None;

/// Something whose owner frees it before the end of the play.
#[derive(Default)]
pub(crate) struct Slot<T> {
    value: ManuallyDrop<T>,
    freed: AtomicBool,
}

impl<T> Slot<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { value: ManuallyDrop::new(value), freed: AtomicBool::new(false) }
    }

    pub(crate) fn free(&self) {
        assert!(!self.freed.swap(true, Relaxed), "freed twice");
        // SAFETY: once; what comes to it after this is what loom looks for, and
        // is told by the atomics inside, whose memory stays.
        unsafe { ptr::drop_in_place(ptr::from_ref(&*self.value).cast_mut()) };
    }

    pub(crate) fn is_freed(&self) -> bool {
        self.freed.load(Relaxed)
    }
}

impl<T> Deref for Slot<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Drop for Slot<T> {
    fn drop(&mut self) {
        if !self.is_freed() && !std::thread::panicking() {
            self.free();
        }
    }
}

/// What a hook has heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) requests: u32,
    pub(crate) raises: u32,
    pub(crate) ends: u32,
    /// The highest level so far.
    pub(crate) level: u32,
}

/// A hook, and the context that its function writes to: no atomic, and held for
/// longer than one step, so that loom finds the hook that runs twice at a time,
/// or after its owner was told that it does not.
pub(crate) struct Ear {
    pub(crate) hook: Slot<Hook>,
    heard: UnsafeCell<Heard>,
    meanwhile: AtomicU32,
    /// What happened before it was added, and was only reported.
    reported: UnsafeCell<Events>,
    pub(crate) act: Option<Act>,
}

/// What a hook does when it is told: what it is given is a play's own.
pub(crate) type Act = (fn(*const c_void, &Told), *const c_void);

// SAFETY: loom watches the cells; the rest is the engine's to share.
unsafe impl Sync for Ear {}
// SAFETY: as above.
unsafe impl Send for Ear {}

unsafe extern "C" fn hear(ear: *mut c_void, told: *const Told) {
    // SAFETY: each play hands over an ear that outlives its hook.
    let (ear, told) = unsafe { (&*ear.cast::<Ear>().cast_const(), &*told) };
    {
        let heard = ear.heard.get_mut();
        // SAFETY: loom watches it.
        let heard = unsafe { heard.deref() };
        ear.meanwhile.fetch_add(1, Relaxed);
        let events = told.events();
        heard.requests += u32::from(events.contains(Events::REQUEST));
        heard.raises += u32::from(events.contains(Events::RAISE));
        heard.ends += u32::from(events.contains(Events::END));
        assert!(told.level >= heard.level, "an older thing after a newer one");
        assert!(heard.ends == 0 || events.contains(Events::END), "something after the end");
        heard.level = told.level;
    }
    if let Some((act, on)) = ear.act {
        act(on, told);
    }
}

impl Ear {
    pub(crate) fn new() -> Self {
        Self {
            hook: Slot::new(Hook::new()),
            heard: UnsafeCell::new(Heard::default()),
            meanwhile: AtomicU32::new(0),
            reported: UnsafeCell::new(Events::NONE),
            act: None,
        }
    }

    pub(crate) fn add(&self, to: &Source, events: Events, if_happened: IfHappened) -> Added {
        let held = to.ticket(Rights::OBSERVE);
        let call = (hear as _, ptr::from_ref(self).cast_mut().cast());
        // SAFETY: the play keeps the ear until it has detached it, or the source
        // has been retired.
        let added = unsafe { to.add(held, &self.hook, call, events, if_happened) };
        if if_happened == IfHappened::Report {
            // SAFETY: loom watches it.
            self.reported.with_mut(|reported| unsafe { *reported = added.happened });
        }
        added
    }

    /// What it has heard. Nobody may be telling it anything.
    pub(crate) fn heard(&self) -> Heard {
        // SAFETY: loom watches it.
        self.heard.with(|heard| unsafe { *heard })
    }

    /// Frees the hook, and what its function writes to.
    pub(crate) fn free(&self) {
        self.hook.free();
        self.heard.with_mut(|_| ());
    }

    /// Of an ear for `events` that was told, or detached after `until`: the
    /// levels that had been asked for, and whether it had ended.
    #[track_caller]
    pub(crate) fn expect(&self, events: Events, level: u32, ended: bool) {
        let heard = self.heard();
        // SAFETY: loom watches it.
        let reported = self.reported.with(|reported| unsafe { *reported });
        let times = |event| u32::from(reported.contains(event));
        let asked = events.contains(Events::REQUEST) && level > 0;
        let ended = events.contains(Events::END) && ended;
        assert_eq!(heard.requests + times(Events::REQUEST), u32::from(asked), "{heard:?}");
        assert_eq!(heard.ends + times(Events::END), u32::from(ended), "{heard:?}");
        assert!(heard.raises + times(Events::RAISE) <= 2, "{heard:?}");
        if events.contains(Events::RAISE) && !reported.intersects(Events::ALL) {
            assert_eq!(heard.level, level, "{heard:?}");
        }
    }
}

/// A running operation with its source.
pub(crate) fn running(source: &Source) -> Word {
    assert_eq!(source.arm_ticket(Mode::DECISIVE), (Verdict::Ok, TICKET));
    let step = source.op().start(TICKET);
    assert_eq!(step.verdict, Verdict::Ok);
    step.word
}
