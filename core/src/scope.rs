//! Scopes: a tree through which a request goes down.
//!
//! A scope is a running operation of nobody's: it is cancelled, tells its hooks
//! and the scopes in it, and ends when it is closed. What is linked to it may be
//! another scope, a hook, or by way of a hook any operation.

use core::marker::{PhantomData, PhantomPinned};
use core::pin::Pin;

use crate::drain;
use crate::op::GateRef;
use crate::port;
use crate::role::Canceller;
use crate::sync::const_new;
use crate::terms::{Code, Effects, Level, Mode, Phase, Request, Verdict};
use crate::ticket::{Rights, Ticket};
use crate::tree::Branch;
use crate::turn::Source;
use crate::word::Word;

/// A scope: 48 bytes on 64-bit targets, 32 on 32-bit. All-zero memory is a
/// valid, closed one.
///
/// Dropped, it is closed. An interrupt must not drop one that is open: it never
/// comes back from that, for the scope cannot be freed before it is closed.
///
/// Not to be opened inside one that is inside of it.
///
/// ```
/// use core::pin::pin;
/// use quell::{Cause, Level, Request, Scope, Verdict};
///
/// let service = pin!(Scope::new());
/// let service = service.as_ref();
/// assert_eq!(service.open(), Verdict::Ok);
/// let job = pin!(Scope::new());
/// let job = job.as_ref();
/// assert_eq!(job.open_in(service), Verdict::Ok);
///
/// let _ = service.cancel(Request::new(Level::Graceful, Cause::Shutdown));
/// assert_eq!(job.poll(), Some(Level::Graceful));
/// ```
#[repr(transparent)]
#[derive(Debug)]
pub struct Scope<'p> {
    branch: Branch,
    /// Invariant: taken for a scope of a shorter life, it could be opened in a
    /// parent that is gone before it.
    parent: PhantomData<fn(&'p Source) -> &'p Source>,
    pinned: PhantomPinned,
}

impl<'p> Scope<'p> {
    const_new! {
        /// A closed scope.
        #[must_use]
        pub fn new() -> Self {
            Self { branch: Branch::new(), parent: PhantomData, pinned: PhantomPinned }
        }
    }

    /// The source: for hooks, waiting and handles.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.branch.source
    }

    /// Opens it, with nothing above.
    ///
    /// Context: any. Progress: lock-free. `OK`; `BAD_STATE` where it is open.
    pub fn open(self: Pin<&Self>) -> Verdict {
        // SAFETY: there is no parent.
        unsafe { self.open_raw(None, false) }
    }

    /// Opens it inside `parent`. A parent that has been cancelled passes its
    /// request on before this returns.
    ///
    /// Context: thread. Progress: bounded locks. `OK`; `BAD_STATE` where it is
    /// open, or `parent` is not.
    pub fn open_in(self: Pin<&Self>, parent: Pin<&'p Scope<'_>>) -> Verdict {
        // SAFETY: pinned, and closed when dropped, which is before `'p` is over.
        unsafe { self.open_raw(Some(parent.get_ref().source()), false) }
    }

    /// Opens it inside `parent`, whose requests it does not hear until
    /// [`Scope::set_shielded`] says so.
    ///
    /// Context, Progress, answers: as [`Scope::open_in`].
    pub fn open_shielded_in(self: Pin<&Self>, parent: Pin<&'p Scope<'_>>) -> Verdict {
        // SAFETY: as in `open_in`.
        unsafe { self.open_raw(Some(parent.get_ref().source()), true) }
    }

    /// Opens it under any source.
    ///
    /// # Safety
    /// The scope and `parent` stay in place until the scope has been closed, or
    /// the parent's operation has ended and settled.
    pub unsafe fn open_raw(&self, parent: Option<&Source>, shielded: bool) -> Verdict {
        let opened = self.branch.source.op().arm_and_start(Mode::DECISIVE).verdict;
        let (Verdict::Ok, Some(parent)) = (opened, parent) else { return opened };
        // SAFETY: the caller's promise.
        let joined = unsafe { self.branch.join(parent, shielded) };
        if joined != Verdict::Ok {
            let _ = self.close();
        }
        joined
    }

    /// Whether it is deaf to its parent's requests. Hears on leaving the shield
    /// what the parent has been asked meanwhile.
    ///
    /// Context: thread. Progress: bounded locks, then hooks. `OK`; `BAD_STATE`
    /// where it has no parent, or the parent has ended.
    pub fn set_shielded(&self, shielded: bool) -> Verdict {
        self.branch.set_shielded(shielded)
    }

    /// Cancels it and everything below.
    ///
    /// Context: thread; from inside any hook as well. Progress: bounded locks,
    /// then all hooks below. Answers as [`Op::cancel`](crate::Op::cancel).
    pub fn cancel(&self, request: Request) -> Verdict {
        let source = &self.branch.source;
        let gate: GateRef<'_> = None;
        source.cancel(source.ticket(Rights::CANCEL), request, gate).verdict
    }

    /// A handle that may cancel it.
    #[must_use]
    pub fn canceller(&self) -> Canceller<'_> {
        self.branch.source.canceller()
    }

    /// The level that whoever works in the scope is to obey.
    ///
    /// Context: any. Progress: wait-free. Ordering: none.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub fn poll(&self) -> Option<Level> {
        self.branch.source.op().poll()
    }

    /// Closes it: it leaves its parent, tells its hooks the end (finished, or
    /// cancelled where it had been asked), lets go of what was in it, and waits
    /// until all of them have been told, as [`Source::settle`]. Scopes in it live
    /// on without a parent.
    ///
    /// From inside one of its own hooks, or of a scope in it: the others are
    /// told first, and the hooks that the caller is inside of hear nothing more.
    ///
    /// Context: thread. Progress: blocks while hooks run. Ordering: as
    /// [`Source::settle`].
    ///
    /// `OK`; `BAD_STATE` where it is not open; `WOULD_BLOCK` in an interrupt.
    pub fn close(&self) -> Verdict {
        let source = &self.branch.source;
        let vacant = |word: Word| word.phase().is_none_or(|phase| phase == Phase::Vacant);
        if vacant(source.op().glance()) && self.branch.parent().is_null() {
            return Verdict::BadState;
        }
        if port::in_interrupt() {
            return Verdict::WouldBlock;
        }
        // In whatever way the operation was ended, or even retired: what is
        // freed is on no list.
        if self.branch.leave(|op| drain::is_quiet() && op.end_and_retire()) {
            return Verdict::Ok;
        }
        let left = source.op().glance().without_request();
        if vacant(left) {
            return Verdict::BadState;
        }
        let owner = Ticket::new(left.generation(), Rights::ALL).through_source();
        match source.finish(left).verdict {
            Verdict::Ok => {}
            Verdict::Cancelling => drop(source.acknowledge(left, Effects::None)),
            // Not the doing of a scope: armed through its source.
            _ => drop(source.force(owner, Code::ABANDONED)),
        }
        loop {
            let _ = source.settle();
            match source.retire(owner) {
                Verdict::Busy => {}
                verdict => return verdict,
            }
        }
    }
}

impl Default for Scope<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Scope<'_> {
    fn drop(&mut self) {
        let mut turn = 0;
        // Whoever drops it in an interrupt would free what is on a list.
        while self.close() == Verdict::WouldBlock {
            port::relax(&mut turn);
        }
    }
}
