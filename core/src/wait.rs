//! Waiting, for the end of an operation or for a request.
//!
//! A waiter is a quiet hook and a parker on the waiting context's stack. The
//! hook's function writes down what it was told and signals; nothing touches
//! the waiter after the signal. Where time runs out the hook is detached; is it
//! RAN by then, its function has been called or is about to be, and the signal
//! is waited for without a limit: it is a few instructions away.

use core::ffi::c_void;
use core::ptr;
use core::time::Duration;

use crate::events::{Events, Told, events_of, reached, wanted};
use crate::hook::Hook;
use crate::port::{self, Parker};
use crate::role::Observer;
use crate::source::IfHappened;
use crate::sync::Cell;
use crate::terms::Verdict;
use crate::ticket::Ticket;
use crate::turn::Source;

struct Waiter {
    hook: Hook,
    parker: Parker,
    told: Cell<Told>,
}

/// # Safety
/// `waiter` is of a waiter, in place until it is signalled; `told` is readable.
unsafe extern "C" fn signal(waiter: *mut c_void, told: *const Told) {
    let waiter = waiter.cast::<Waiter>().cast_const();
    // SAFETY: the caller's promise; the waiting context reads it after the
    // signal only.
    unsafe { (*waiter).told.set(*told) };
    // SAFETY: the caller's promise.
    unsafe { Parker::signal(&raw const (*waiter).parker) };
}

impl Source {
    /// Waits for any of `events` of the generation of `held`, no longer than
    /// `limit`; without one, for ever.
    ///
    /// A request is seen when it is recorded, inside a shield too. Time that
    /// runs out cancels nothing.
    ///
    /// Context: thread. Progress: blocks; no system call where it need not
    /// wait, and none for those who cancel or end where nobody waits. Ordering:
    /// sees what was written before the thing that it waited for.
    ///
    /// # Errors
    /// `TIMED_OUT`; `WOULD_BLOCK` in an interrupt, and from inside a hook that
    /// has to return before anybody can be told; `RAN`: the operation has ended
    /// without any of `events`; `STALE`; `BAD_STATE` where the source is vacant;
    /// `INVALID`: no events.
    pub fn wait(
        &self,
        held: Ticket,
        events: Events,
        limit: Option<Duration>,
    ) -> Result<Told, Verdict> {
        self.wait_within(held, events, port::limit(limit))
    }

    /// [`Source::wait`] by a limit in microseconds.
    ///
    /// # Errors
    /// As [`Source::wait`].
    pub fn wait_us(
        &self,
        held: Ticket,
        events: Events,
        limit: Option<u64>,
    ) -> Result<Told, Verdict> {
        self.wait_within(held, events, port::limit_us(limit))
    }

    fn wait_within(
        &self,
        held: Ticket,
        events: Events,
        limit: port::Limit,
    ) -> Result<Told, Verdict> {
        if events == Events::NONE {
            return Err(Verdict::Invalid);
        }
        if let Some(told) = self.already(held, events) {
            return told;
        }
        if port::in_interrupt() || self.is_telling_here() {
            return Err(Verdict::WouldBlock);
        }
        let waiter = Waiter {
            hook: Hook::new(),
            parker: Parker::new(),
            told: Cell::new(self.told(self.op().glance())),
        };
        let call = (signal as _, ptr::from_ref(&waiter).cast_mut().cast());
        // The end is always listened for: after it nothing else can come.
        let all = events.with(Events::END);
        // SAFETY: the waiter stays until it is signalled or detached.
        let added = unsafe { self.enlist(held, &waiter.hook, call, all, IfHappened::Report, true) };
        match added.verdict {
            Verdict::Ok => {}
            // It came between the look and now.
            Verdict::Happened => {
                return self.already(held, events).unwrap_or(Err(Verdict::Stale));
            }
            refusal => return Err(refusal),
        }
        if !waiter.parker.wait(limit) {
            match self.detach(&waiter.hook) {
                Verdict::Ok => return Err(Verdict::TimedOut),
                _ => drop(waiter.parker.wait(None)),
            }
        }
        let told = waiter.told.get();
        let met = Events::from_raw(told.events).unwrap_or(Events::NONE);
        if met.intersects(events) { Ok(told) } else { Err(Verdict::Ran) }
    }

    /// What `wait` says where it need not wait.
    pub(crate) fn already(&self, held: Ticket, events: Events) -> Option<Result<Told, Verdict>> {
        let word = self.op().look();
        if word.generation() != held.generation() {
            return Some(Err(Verdict::Stale));
        }
        let happened = events_of(reached(word) & wanted(events));
        if happened == Events::NONE {
            return word.has_ended().then_some(Err(Verdict::Ran));
        }
        let mut told = self.told(word);
        told.events = happened.raw();
        // Retired meanwhile, the code may be the next life's, or none.
        let same = self.op().glance().generation() == held.generation();
        Some(if same { Ok(told) } else { Err(Verdict::Stale) })
    }
}

impl Observer<'_> {
    /// Waits until the operation has ended, no longer than `limit`.
    ///
    /// Context, Progress, Ordering: as [`Source::wait`].
    ///
    /// # Errors
    /// As [`Source::wait`]; `UNSUPPORTED` where the operation has no source.
    pub fn wait_end(&self, limit: Option<Duration>) -> Result<Told, Verdict> {
        self.wait_for(Events::END, limit)
    }

    /// Waits until a request is recorded, no longer than `limit`.
    ///
    /// Context, Progress, Ordering: as [`Source::wait`].
    ///
    /// # Errors
    /// As [`Source::wait`]; `UNSUPPORTED` where the operation has no source.
    pub fn wait_request(&self, limit: Option<Duration>) -> Result<Told, Verdict> {
        self.wait_for(Events::REQUEST, limit)
    }

    fn wait_for(&self, events: Events, limit: Option<Duration>) -> Result<Told, Verdict> {
        let source = self.place.source.ok_or(Verdict::Unsupported)?;
        source.wait(self.ticket, events, limit)
    }
}
