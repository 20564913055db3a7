//! A hook with a Rust closure.

use core::cell::Cell;
use core::ffi::c_void;
use core::marker::PhantomPinned;
use core::pin::Pin;
use core::ptr;

use crate::hook::{Events, Hook, Told};
use crate::role::Observer;
use crate::source::{Added, IfHappened};
use crate::terms::Verdict;
use crate::tree::Source;

/// A closure that is told what becomes of an operation. Pinned while it
/// listens; detached, and waited for, when dropped.
///
/// The closure outlives the subscription, so a subscription may be dropped from
/// inside its own closure.
///
/// ```
/// use core::pin::pin;
/// use quell::{Cause, Events, IfHappened, Level, Mode, Request, Source, Subscription, Told};
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// let seen = AtomicU32::new(0);
/// let note = |told: &Told| seen.store(told.level, Ordering::Relaxed);
/// let source = Source::new();
/// let owner = source.arm(Mode::DECISIVE).expect("a new source is vacant");
/// let listener = pin!(Subscription::new(&note));
/// let _ = listener.as_ref().listen(owner.observer(), Events::REQUEST, IfHappened::Run);
///
/// let _ = owner.canceller().cancel(Request::new(Level::Immediate, Cause::User));
/// assert_eq!(seen.load(Ordering::Relaxed), Level::Immediate.raw());
/// ```
#[derive(Debug)]
pub struct Subscription<'a, F> {
    hook: Hook,
    function: &'a F,
    source: Cell<Option<&'a Source>>,
    _pinned: PhantomPinned,
}

/// # Safety
/// `function` is of a closure of this type that may be called by reference from
/// this thread; `told` is readable.
unsafe extern "C" fn call<F: Fn(&Told)>(function: *mut c_void, told: *const Told) {
    // SAFETY: the caller's promise.
    let (function, told) = unsafe { (&*function.cast_const().cast::<F>(), &*told) };
    function(told);
}

impl<'a, F: Fn(&Told) + Sync> Subscription<'a, F> {
    /// One that listens to nothing yet.
    #[must_use]
    pub fn new(function: &'a F) -> Self {
        Self { hook: Hook::new(), function, source: Cell::new(None), _pinned: PhantomPinned }
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
            // Listening elsewhere as long as the hook is on a list or running.
            if !matches!(self.detach(), Verdict::Ran | Verdict::NotFound | Verdict::Ok) {
                return Added { verdict: Verdict::BadState, happened: Events::NONE };
            }
        }
        self.source.set(Some(source));
        let function = ptr::from_ref(self.function).cast_mut().cast();
        // SAFETY: pinned, and detached when dropped; the closure lives for `'a`,
        // as the source does, and may be shared between threads.
        unsafe {
            source.add(observer.ticket, &self.hook, (call::<F>, function), events, if_happened)
        }
    }

    /// As [`Source::detach`].
    pub fn detach(&self) -> Verdict {
        self.source.get().map_or(Verdict::NotFound, |source| source.detach(&self.hook))
    }

    /// As [`Source::detach_sync`].
    pub fn detach_sync(&self) -> Verdict {
        self.source.get().map_or(Verdict::NotFound, |source| source.detach_sync(&self.hook))
    }
}

impl<F> Drop for Subscription<'_, F> {
    fn drop(&mut self) {
        if let Some(source) = self.source.get() {
            source.detach_sync(&self.hook);
        }
    }
}
