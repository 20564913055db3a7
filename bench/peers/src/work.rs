//! The form in which works are handed to the programs that measure: what
//! `work.h` declares, and a work as a type.

use std::ffi::{CStr, c_char, c_void};

/// `bench_work_t`
#[repr(C)]
pub struct CWork {
    work: *const c_char,
    bytes: usize,
    prepare: unsafe extern "C" fn(usize) -> *mut c_void,
    act: unsafe extern "C" fn(*mut c_void, usize),
    tidy: unsafe extern "C" fn(*mut c_void, usize),
}

/// `bench_library_t`
#[repr(C)]
pub struct CLibrary {
    pub name: *const c_char,
    pub works: *const CWork,
    pub count: usize,
}

// SAFETY: the pointers are to statics that nobody writes.
unsafe impl Sync for CWork {}
// SAFETY: as above.
unsafe impl Sync for CLibrary {}

/// What is made outside of the time, measured in `act`, and checked in `tidy`.
pub trait Work: Sized {
    fn prepare(size: usize) -> Self;
    fn act(&mut self, size: usize);
    fn tidy(self, _size: usize) {}
}

unsafe extern "C" fn prepare<W: Work>(size: usize) -> *mut c_void {
    Box::into_raw(Box::new(W::prepare(size))).cast()
}

unsafe extern "C" fn act<W: Work>(state: *mut c_void, size: usize) {
    // SAFETY: the state is from `prepare` of the same work, and is not shared.
    unsafe { &mut *state.cast::<W>() }.act(size);
}

unsafe extern "C" fn tidy<W: Work>(state: *mut c_void, size: usize) {
    // SAFETY: as above, and the caller gives it up.
    unsafe { Box::from_raw(state.cast::<W>()) }.tidy(size);
}

/// `bytes` is what the caller holds of one of the things that are measured.
pub const fn work<W: Work>(name: &'static CStr, bytes: usize) -> CWork {
    CWork { work: name.as_ptr(), bytes, prepare: prepare::<W>, act: act::<W>, tidy: tidy::<W> }
}
