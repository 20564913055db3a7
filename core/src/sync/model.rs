//! The models' atomics: loom's, which notice that they are used when they may
//! be gone.
//!
//! Each use counts as reading a cell, and being dropped as writing it. So loom
//! reports a use that is not ordered before the drop, in whatever way the
//! memory is freed afterwards.

use core::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};

use loom::cell::UnsafeCell;

pub(crate) type AtomicPtr<T> = Mortal<loom::sync::atomic::AtomicPtr<T>>;
pub(crate) type AtomicU32 = Mortal<loom::sync::atomic::AtomicU32>;

#[derive(Debug)]
pub(crate) struct Mortal<T> {
    inner: T,
    life: UnsafeCell<()>,
    gone: AtomicBool,
}

// SAFETY: there is nothing in the cell; loom watches what is done to it.
unsafe impl<T: Send> Send for Mortal<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Mortal<T> {}

impl<T> Mortal<T> {
    fn of(inner: T) -> Self {
        Self { inner, life: UnsafeCell::new(()), gone: AtomicBool::new(false) }
    }
}

impl<T> AtomicPtr<T> {
    pub(crate) fn new(value: *mut T) -> Self {
        Self::of(loom::sync::atomic::AtomicPtr::new(value))
    }
}

impl AtomicU32 {
    pub(crate) fn new(value: u32) -> Self {
        Self::of(loom::sync::atomic::AtomicU32::new(value))
    }
}

impl<T> Deref for Mortal<T> {
    type Target = T;

    fn deref(&self) -> &T {
        if !std::thread::panicking() {
            assert!(!self.gone.load(Ordering::Relaxed), "used after it was freed");
            self.life.with(|_| ());
        }
        &self.inner
    }
}

impl<T> Drop for Mortal<T> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.gone.store(true, Ordering::Relaxed);
            self.life.with_mut(|_| ());
        }
    }
}
