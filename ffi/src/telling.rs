//! The verbs of operations that have a source, behind one pointer.
//!
//! Whoever arms or opens a source sets it, and only they refer to those verbs:
//! so a program of plain operations, on bare metal, links neither the engine nor
//! the port's functions that it needs.

use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

use quell::word::{Packed, Step, Word};
use quell::{Answer, Code, GateRef, Request, Source, Ticket, Verdict};

/// What its worker does: [`Source::work`].
type Work = fn(&Source, Word, Packed, u32) -> Step;

pub(crate) struct Verbs {
    pub(crate) cancel: unsafe fn(&Source, Ticket, Request, GateRef<'_>) -> Answer,
    /// # Safety
    /// As for [`Source::cancel_from_isr`].
    pub(crate) cancel_from_isr: unsafe fn(&Source, Ticket, Request, GateRef<'_>) -> Answer,
    /// On bare metal one function for every event, on hosts one for each.
    #[cfg(feature = "c-port")]
    work: Work,
    #[cfg(not(feature = "c-port"))]
    finish: Work,
    #[cfg(not(feature = "c-port"))]
    fail: Work,
    #[cfg(not(feature = "c-port"))]
    acknowledge: Work,
    pub(crate) force: fn(&Source, Ticket, Code) -> Step,
    pub(crate) retire: fn(&Source, Ticket) -> Verdict,
    pub(crate) settle: fn(&Source) -> Verdict,
}

impl Verbs {
    /// [`Source::work`] for this event.
    #[cfg(feature = "c-port")]
    pub(crate) fn work(&self, _event: Packed) -> Work {
        self.work
    }

    /// [`Source::work`] for this event.
    #[cfg(not(feature = "c-port"))]
    #[inline(always)]
    pub(crate) fn work(&self, event: Packed) -> Work {
        match event {
            Packed::FINISH => self.finish,
            Packed::FAIL => self.fail,
            _ => self.acknowledge,
        }
    }
}

static VERBS: Verbs = Verbs {
    #[cfg(feature = "c-port")]
    cancel: Source::cancel_with,
    #[cfg(not(feature = "c-port"))]
    cancel: |source, held, request, gate| source.cancel(held, request, gate),
    cancel_from_isr: Source::cancel_from_isr_with,
    #[cfg(feature = "c-port")]
    work: Source::work,
    #[cfg(not(feature = "c-port"))]
    finish: |source, left, _, _| source.finish(left),
    #[cfg(not(feature = "c-port"))]
    fail: |source, left, _, code| source.work(left, Packed::FAIL, code),
    #[cfg(not(feature = "c-port"))]
    acknowledge: |source, left, event, _| source.acknowledge(left, event.effects()),
    force: Source::force,
    retire: Source::retire,
    settle: Source::settle,
};

static BROUGHT: AtomicPtr<Verbs> = AtomicPtr::new(ptr::null_mut());

/// For whoever makes a handle of a source.
pub(crate) fn bring() {
    // A value that the optimiser can see would be put in place of the pointer.
    let verbs = core::hint::black_box((&raw const VERBS).cast_mut());
    // Ordering: Release, partner: the Acquire in `verbs`.
    BROUGHT.store(verbs, Ordering::Release);
}

/// The verbs; nothing where no source has ever been armed or opened, so that a
/// handle that says it is of one is none.
#[cold]
pub(crate) fn verbs() -> Option<&'static Verbs> {
    // Ordering: Acquire, partner: the Release in `bring`.
    // SAFETY: null, or that of a static that nobody writes.
    unsafe { BROUGHT.load(Ordering::Acquire).as_ref() }
}
