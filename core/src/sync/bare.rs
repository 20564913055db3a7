//! The atomics of bare metal, where flash is dearer than a call: one copy of each
//! swap for all who make it.
//!
//! The shared copies order as the strictest of their callers asks; what each
//! caller needs, and why, stands at its call.
//!
//! Without compare-and-swap a swap is a critical section, and the backend that
//! the final binary chose may make one of each load and store, too. A load needs
//! none: every write is of one word. Nor does the store of a pointer: all of them
//! are made under a list's lock, which on bare metal is the critical section.

use core::sync::atomic::Ordering;

#[cfg(target_has_atomic = "32")]
use core::sync::atomic;
#[cfg(not(target_has_atomic = "32"))]
use portable_atomic as atomic;

#[repr(transparent)]
#[derive(Debug)]
pub(crate) struct AtomicU32(atomic::AtomicU32);

impl AtomicU32 {
    pub(crate) const fn new(value: u32) -> Self {
        Self(atomic::AtomicU32::new(value))
    }

    #[cfg(target_has_atomic = "32")]
    #[inline(always)]
    pub(crate) fn load(&self, order: Ordering) -> u32 {
        // Ordering: the caller's, named there.
        self.0.load(order)
    }

    #[cfg(target_has_atomic = "32")]
    #[inline(always)]
    pub(crate) fn store(&self, value: u32, order: Ordering) {
        // Ordering: the caller's.
        self.0.store(value, order);
    }

    #[cfg(not(target_has_atomic = "32"))]
    #[inline(always)]
    pub(crate) fn load(&self, order: Ordering) -> u32 {
        // SAFETY: of one aligned word that lives as long as `self`, which the
        // backend writes at once.
        let word = unsafe { core::sync::atomic::AtomicU32::from_ptr(self.0.as_ptr()) };
        // Ordering: the caller's, named there.
        word.load(order)
    }

    #[cfg(not(target_has_atomic = "32"))]
    #[inline(never)]
    pub(crate) fn store(&self, value: u32, _order: Ordering) {
        // Ordering: Release: the strictest of the callers.
        self.0.store(value, Ordering::Release);
    }

    #[inline(never)]
    fn exchange(&self, from: u32, to: u32) -> Result<u32, u32> {
        // Ordering: AcqRel and Acquire: the strictest of the callers.
        self.0.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire)
    }

    #[inline(always)]
    pub(crate) fn compare_exchange(
        &self,
        from: u32,
        to: u32,
        _success: Ordering,
        _failure: Ordering,
    ) -> Result<u32, u32> {
        self.exchange(from, to)
    }

    #[inline(always)]
    pub(crate) fn compare_exchange_weak(
        &self,
        from: u32,
        to: u32,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u32, u32> {
        if cfg!(target_has_atomic = "32") {
            // Ordering: the caller's, named there.
            return self.0.compare_exchange_weak(from, to, success, failure);
        }
        self.exchange(from, to)
    }

    pub(crate) fn swap(&self, value: u32, order: Ordering) -> u32 {
        // Ordering: the caller's.
        self.0.swap(value, order)
    }

    #[inline(never)]
    fn add(&self, value: u32) -> u32 {
        // Ordering: AcqRel: the strictest of the callers.
        self.0.fetch_add(value, Ordering::AcqRel)
    }

    #[inline(always)]
    pub(crate) fn fetch_add(&self, value: u32, _order: Ordering) -> u32 {
        self.add(value)
    }

    #[inline(always)]
    pub(crate) fn fetch_sub(&self, value: u32, _order: Ordering) -> u32 {
        self.add(value.wrapping_neg())
    }

    pub(crate) fn fetch_or(&self, value: u32, order: Ordering) -> u32 {
        // Ordering: the caller's.
        self.0.fetch_or(value, order)
    }

    pub(crate) fn fetch_and(&self, value: u32, order: Ordering) -> u32 {
        // Ordering: the caller's.
        self.0.fetch_and(value, order)
    }

    pub(crate) fn fetch_max(&self, value: u32, order: Ordering) -> u32 {
        // Ordering: the caller's.
        self.0.fetch_max(value, order)
    }
}

#[repr(transparent)]
#[derive(Debug)]
pub(crate) struct AtomicPtr<T>(atomic::AtomicPtr<T>);

impl<T> AtomicPtr<T> {
    pub(crate) const fn new(value: *mut T) -> Self {
        Self(atomic::AtomicPtr::new(value))
    }

    #[cfg(target_has_atomic = "32")]
    #[inline(always)]
    pub(crate) fn load(&self, order: Ordering) -> *mut T {
        // Ordering: the caller's, named there.
        self.0.load(order)
    }

    #[cfg(target_has_atomic = "32")]
    #[inline(always)]
    pub(crate) fn store(&self, value: *mut T, order: Ordering) {
        // Ordering: the caller's.
        self.0.store(value, order);
    }

    #[cfg(not(target_has_atomic = "32"))]
    #[inline(always)]
    pub(crate) fn load(&self, order: Ordering) -> *mut T {
        // SAFETY: of one aligned word that lives as long as `self`, which the
        // backend writes at once.
        let word = unsafe { core::sync::atomic::AtomicPtr::from_ptr(self.0.as_ptr()) };
        // Ordering: the caller's, named there.
        word.load(order)
    }

    /// Only under a list's lock.
    #[cfg(not(target_has_atomic = "32"))]
    #[inline(always)]
    pub(crate) fn store(&self, value: *mut T, order: Ordering) {
        // SAFETY: as in `load`; under the lock no swap is under way.
        let word = unsafe { core::sync::atomic::AtomicPtr::from_ptr(self.0.as_ptr()) };
        // Ordering: the caller's, named there.
        word.store(value, order);
    }

    pub(crate) fn swap(&self, value: *mut T, order: Ordering) -> *mut T {
        // Ordering: the caller's.
        self.0.swap(value, order)
    }

    #[inline(never)]
    fn exchange(&self, from: *mut T, to: *mut T) -> Result<*mut T, *mut T> {
        // Ordering: AcqRel and Acquire: the strictest of the callers.
        self.0.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire)
    }

    #[inline(always)]
    pub(crate) fn compare_exchange(
        &self,
        from: *mut T,
        to: *mut T,
        _success: Ordering,
        _failure: Ordering,
    ) -> Result<*mut T, *mut T> {
        self.exchange(from, to)
    }
}
