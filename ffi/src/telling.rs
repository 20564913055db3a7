//! The verbs of operations that have a source, behind one pointer.
//!
//! Whoever arms or opens a source sets it, and only they refer to those verbs:
//! so a program of plain operations, on bare metal, links neither the engine nor
//! the port's functions that it needs.

use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

use quell::word::{Step, Word};
use quell::{Answer, Code, Effects, Request, Source, Ticket, Verdict};

pub(crate) type Ask<'a> = Option<&'a mut dyn FnMut(Request) -> u32>;

pub(crate) struct Verbs {
    pub(crate) cancel: fn(&Source, Ticket, Request, Ask<'_>) -> Answer,
    /// # Safety
    /// As for [`Source::cancel_from_isr`].
    pub(crate) cancel_from_isr: unsafe fn(&Source, Ticket, Request, Ask<'_>) -> Answer,
    pub(crate) finish: fn(&Source, Word) -> Step,
    pub(crate) fail: fn(&Source, Word, Code) -> Step,
    pub(crate) acknowledge: fn(&Source, Word, Effects) -> Step,
    pub(crate) force: fn(&Source, Ticket, Code) -> Step,
    pub(crate) retire: fn(&Source, Ticket) -> Verdict,
    pub(crate) settle: fn(&Source) -> Verdict,
}

static VERBS: Verbs = Verbs {
    cancel,
    cancel_from_isr,
    finish: Source::finish,
    fail: Source::fail,
    acknowledge: Source::acknowledge,
    force: Source::force,
    retire: Source::retire,
    settle: Source::settle,
};

fn cancel(source: &Source, held: Ticket, request: Request, ask: Ask<'_>) -> Answer {
    source.cancel(held, request, ask)
}

/// # Safety
/// As for [`Source::cancel_from_isr`].
unsafe fn cancel_from_isr(source: &Source, held: Ticket, request: Request, ask: Ask<'_>) -> Answer {
    // SAFETY: the caller's promise is the same.
    unsafe { source.cancel_from_isr(held, request, ask) }
}

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
