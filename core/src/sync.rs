//! The one place that knows where atomics come from.
//!
//! Hosts and controllers with compare-and-swap use the language's own. The
//! others use `portable-atomic`, whose backend the final binary chooses. The
//! models use `loom`'s.

#[cfg(all(not(quell_loom), target_has_atomic = "32"))]
pub(crate) use core::sync::atomic::AtomicU32;

#[cfg(all(not(quell_loom), not(target_has_atomic = "32")))]
pub(crate) use portable_atomic::AtomicU32;

#[cfg(quell_loom)]
pub(crate) use loom::sync::atomic::AtomicU32;

pub(crate) use core::sync::atomic::Ordering;
