//! The one place that knows where atomics come from.
//!
//! Hosts and controllers with compare-and-swap use the language's own. The
//! others use `portable-atomic`, whose backend the final binary chooses. The
//! models use `loom`'s, and its cells, for what is not atomic and yet goes from
//! one context to another.

#[cfg(quell_bare)]
#[allow(unsafe_code)]
#[path = "sync/bare.rs"]
mod bare;
#[cfg(quell_bare)]
pub(crate) use bare::{AtomicPtr, AtomicU32};

#[cfg(all(quell_host, target_has_atomic = "32"))]
pub(crate) use core::sync::atomic::{AtomicPtr, AtomicU32};

#[cfg(all(quell_host, not(target_has_atomic = "32")))]
pub(crate) use portable_atomic::{AtomicPtr, AtomicU32};

#[cfg(quell_loom)]
#[allow(unsafe_code)]
#[path = "sync/model.rs"]
mod model;
#[cfg(quell_loom)]
pub(crate) use model::{AtomicPtr, AtomicU32};

#[cfg(not(quell_loom))]
pub(crate) use core::cell::Cell;
#[cfg(quell_loom)]
pub(crate) use loom::cell::Cell;

pub(crate) use core::sync::atomic::Ordering;

/// The waker of whoever polled last: set by one context, taken by another.
#[cfg(feature = "future")]
pub(crate) struct WakerCell(AtomicWaker);

#[cfg(all(feature = "future", not(quell_loom)))]
use atomic_waker::AtomicWaker;
#[cfg(all(feature = "future", quell_loom))]
use loom::future::AtomicWaker;

#[cfg(feature = "future")]
impl WakerCell {
    pub(crate) fn new() -> Self {
        Self(AtomicWaker::new())
    }

    /// Puts a copy of `waker` in; where another context is taking at that very
    /// moment, wakes it instead.
    pub(crate) fn register(&self, waker: &core::task::Waker) {
        #[cfg(not(quell_loom))]
        self.0.register(waker);
        #[cfg(quell_loom)]
        self.0.register_by_ref(waker);
    }

    /// Takes out what is in; nothing where another context is putting one in at
    /// that very moment: it will be woken by that context itself.
    ///
    /// Whoever puts one in after this sees what was written before this.
    pub(crate) fn take(&self) -> Option<core::task::Waker> {
        #[cfg(not(quell_loom))]
        return self.0.take();
        #[cfg(quell_loom)]
        return self.0.take_waker();
    }
}

/// A constructor that is `const` wherever the atomics' own are: not loom's.
macro_rules! const_new {
    ($(#[$attribute:meta])* $visibility:vis fn $name:ident($($argument:ident: $type:ty),*) -> Self $body:block) => {
        #[cfg(not(quell_loom))]
        $(#[$attribute])*
        $visibility const fn $name($($argument: $type),*) -> Self $body
        #[cfg(quell_loom)]
        $(#[$attribute])*
        $visibility fn $name($($argument: $type),*) -> Self $body
    };
}
pub(crate) use const_new;

/// The value that a swap is to be tried from. It may be an old one, which the
/// swap finds out; the models, where that is one more try and nothing else, are
/// given the newest.
#[inline(always)]
pub(crate) fn likely<T>(pointer: &AtomicPtr<T>) -> *mut T {
    #[cfg(not(quell_loom))]
    // Ordering: Relaxed: the swap orders it.
    return pointer.load(Ordering::Relaxed);
    #[cfg(quell_loom)]
    {
        let null = core::ptr::null_mut();
        let swap = pointer.compare_exchange(null, null, Ordering::Relaxed, Ordering::Relaxed);
        swap.unwrap_or_else(|newest| newest)
    }
}
