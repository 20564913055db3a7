//! Storage that cannot be touched after its time.

use std::marker::PhantomData;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

const PAGE: usize = 4096;

/// Values on pages of their own. Whoever touches one that has died dies too.
///
/// The pages are used anew in turn, so late that a stray access meets a page
/// that is away.
pub(crate) struct Pages<T> {
    first: *mut u8,
    count: usize,
    next: AtomicUsize,
    kind: PhantomData<T>,
}

// SAFETY: pages are handed out one by one, by an atomic count.
unsafe impl<T: Send> Send for Pages<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Pages<T> {}

impl<T> Pages<T> {
    pub(crate) fn new(count: usize) -> Self {
        assert!(size_of::<T>() <= PAGE);
        // SAFETY: new memory, that nobody may touch yet.
        let first = unsafe {
            libc::mmap(
                ptr::null_mut(),
                count * PAGE,
                libc::PROT_NONE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        assert_ne!(first, libc::MAP_FAILED);
        Self { first: first.cast(), count, next: AtomicUsize::new(0), kind: PhantomData }
    }

    /// A value on the page whose turn it is: one that is away.
    pub(crate) fn bear(&self, value: T) -> *const T {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.count;
        // SAFETY: inside the mapping.
        let page = unsafe { self.first.add(turn * PAGE) }.cast::<T>();
        protect(page.cast(), libc::PROT_READ | libc::PROT_WRITE);
        // SAFETY: writable, and nobody else's.
        unsafe { page.write(value) };
        page
    }
}

/// Takes the page of a value away.
pub(crate) fn bury<T>(value: *const T) {
    protect(value.cast_mut().cast(), libc::PROT_NONE);
}

fn protect(page: *mut libc::c_void, may: i32) {
    // SAFETY: a page of a mapping of this module.
    assert_eq!(unsafe { libc::mprotect(page, PAGE, may) }, 0);
}

impl<T> Drop for Pages<T> {
    fn drop(&mut self) {
        // SAFETY: the whole mapping.
        unsafe { libc::munmap(self.first.cast(), self.count * PAGE) };
    }
}
