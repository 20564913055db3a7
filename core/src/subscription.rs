//! A hook with a Rust closure.

use core::cell::Cell;
use core::ffi::c_void;
use core::marker::PhantomPinned;
use core::pin::Pin;
use core::ptr;

use crate::events::{Events, Told};
use crate::hook::Hook;
use crate::port;
use crate::role::Observer;
use crate::source::{Added, IfHappened};
use crate::sync::const_new;
use crate::terms::Verdict;
use crate::turn::Source;

/// A closure that is told what becomes of an operation. Pinned while it
/// listens; detached, and waited for, when dropped.
///
/// The closure is part of it, and borrows nothing that could be gone before it:
/// a subscription may be forgotten, and then listens for ever. From inside the
/// closure it may be detached, but not dropped: that waits for the closure to
/// return, and so for ever, as it does in an interrupt that came while the
/// closure runs.
///
/// ```
/// use core::pin::pin;
/// use quell::{Cause, Events, IfHappened, Level, Mode, Request, Source, Subscription, Told};
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// let seen = Arc::new(AtomicU32::new(0));
/// let note = seen.clone();
/// let source = Source::new();
/// let owner = source.arm(Mode::DECISIVE).expect("a new source is vacant");
/// let listener =
///     pin!(Subscription::new(move |told: &Told| note.store(told.level, Ordering::Relaxed)));
/// let _ = listener.as_ref().listen(owner.observer(), Events::REQUEST, IfHappened::Run);
///
/// let _ = owner.canceller().cancel(Request::new(Level::Immediate, Cause::User));
/// assert_eq!(seen.load(Ordering::Relaxed), Level::Immediate.raw());
/// ```
#[derive(Debug)]
pub struct Subscription<'a, F> {
    hook: Hook,
    function: F,
    source: Cell<Option<&'a Source>>,
    _pinned: PhantomPinned,
}

/// # Safety
/// `function` is of a closure of this type, in place, that may be called by
/// reference from this thread; `told` is readable.
unsafe extern "C" fn call<F: Fn(&Told)>(function: *mut c_void, told: *const Told) {
    // SAFETY: the caller's promise.
    let (function, told) = unsafe { (&*function.cast_const().cast::<F>(), &*told) };
    function(told);
}

impl<'a, F: Fn(&Told) + Sync + 'static> Subscription<'a, F> {
    const_new! {
        /// One that listens to nothing yet.
        #[must_use]
        pub fn new(function: F) -> Self {
            Self { hook: Hook::new(), function, source: Cell::new(None), _pinned: PhantomPinned }
        }
    }

    /// Listens to the operation that `observer` looks at. Answers as
    /// [`Source::add`]; `UNSUPPORTED` where the operation has no source.
    pub fn listen(
        self: Pin<&Self>,
        observer: Observer<'a>,
        events: Events,
        if_happened: IfHappened,
    ) -> Added {
        let Some(source) = observer.place.source else {
            return Added { verdict: Verdict::Unsupported, happened: Events::NONE };
        };
        if self.source.get().is_some_and(|listened| !ptr::eq(listened, source)) {
            // Listening elsewhere as long as the closure runs.
            if self.hook.runs_here() || self.detach() == Verdict::Running {
                return Added { verdict: Verdict::BadState, happened: Events::NONE };
            }
        }
        self.source.set(Some(source));
        let function = ptr::from_ref(&self.get_ref().function).cast_mut().cast();
        // SAFETY: pinned, the closure with it, and detached before it is gone;
        // what is forgotten stays for ever, and the closure borrows nothing that
        // does not. It may be shared between threads.
        unsafe {
            source.add(observer.ticket, &self.hook, (call::<F>, function), events, if_happened)
        }
    }

    /// As [`Source::detach`]; but from inside the closure, `RUNNING`, it has to
    /// stay until that has returned. It is not called again.
    pub fn detach(&self) -> Verdict {
        self.take_off(Source::detach)
    }

    /// As [`Source::detach_sync`]; from inside the closure as
    /// [`Subscription::detach`].
    pub fn detach_sync(&self) -> Verdict {
        self.take_off(Source::detach_sync)
    }

    fn take_off(&self, from: impl FnOnce(&Source, &Hook) -> Verdict) -> Verdict {
        match self.source.get() {
            None => Verdict::NotFound,
            // Detached as a bare hook is, it would not be waited for when it is
            // dropped by another thread.
            Some(_) if self.hook.retract() => Verdict::Running,
            Some(source) => from(source, &self.hook),
        }
    }
}

impl<F> Drop for Subscription<'_, F> {
    fn drop(&mut self) {
        let Some(source) = self.source.get() else { return };
        let mut turn = 0;
        // The closure is part of what is freed after this.
        while self.hook.runs_here() || source.detach_sync(&self.hook) == Verdict::WouldBlock {
            port::relax(&mut turn);
        }
    }
}
