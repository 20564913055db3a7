//! Threads of Windows 8 and later: `WaitOnAddress`, by way of `windows-sys`, and
//! no standard library.
//!
//! `WaitOnAddress` may return for no reason, or because a wake meant what had the
//! address before: the beds are static, and whoever sleeps at one looks again.
//! It sleeps for whole milliseconds, and a tick less where it began within one.
//! So time is taken from the performance counter, which is finer than any tick
//! and is what C++'s `steady_clock` tells, and what is left of a limit is rounded
//! up: too early is slept again, and a limit of microseconds is no busy loop.

use core::ptr;

use windows_sys::Win32::System::Performance::{QueryPerformanceCounter, QueryPerformanceFrequency};
use windows_sys::Win32::System::Threading::{
    GetCurrentThreadId, INFINITE, Sleep, SwitchToThread, WaitOnAddress, WakeByAddressAll,
};

use crate::sync::AtomicU32;

const SECOND: u64 = 1_000_000_000;
const MILLISECOND: u64 = 1_000_000;

/// Who calls: a number that no other thread has at the same time, never zero,
/// which is the identifier of none.
#[inline]
pub(crate) fn me() -> usize {
    // SAFETY: it asks for a number.
    unsafe { GetCurrentThreadId() as usize }
}

pub(crate) fn yield_now() {
    // SAFETY: it takes nothing.
    unsafe { SwitchToThread() };
}

/// Sleeps for a moment: a millisecond is the shortest that is not a yield.
pub(crate) fn nap() {
    // SAFETY: it takes a number.
    unsafe { Sleep(1) };
}

/// A time on the monotonic clock, in nanoseconds.
pub(super) fn now() -> u64 {
    let (mut count, mut frequency) = (0, 0);
    // SAFETY: each writes its number. Since Windows XP neither fails.
    unsafe {
        QueryPerformanceCounter(&raw mut count);
        QueryPerformanceFrequency(&raw mut frequency);
    }
    nanoseconds(count.unsigned_abs(), frequency.unsigned_abs())
}

/// So many ticks, of which `frequency` make a second. Seconds apart from the
/// rest, whose product has room: frequencies lie far below 2^34.
const fn nanoseconds(ticks: u64, frequency: u64) -> u64 {
    let (Some(seconds), Some(rest)) = (ticks.checked_div(frequency), ticks.checked_rem(frequency))
    else {
        return 0;
    };
    match rest.saturating_mul(SECOND).checked_div(frequency) {
        Some(rest) => seconds.saturating_mul(SECOND).saturating_add(rest),
        None => 0,
    }
}

/// Sleeps at a bed of this count, for at most so many nanoseconds, rounded up.
/// What goes beyond the call's range is slept by calling it again.
pub(super) fn sleep(bed: &AtomicU32, count: u32, left: Option<u64>) {
    let milliseconds = left.map_or(INFINITE, |nanoseconds| {
        let rounded = nanoseconds.div_ceil(MILLISECOND);
        u32::try_from(rounded).map_or(INFINITE - 1, |whole| whole.min(INFINITE - 1))
    });
    let (bed, count) = (ptr::from_ref(bed).cast(), ptr::from_ref(&count).cast());
    // SAFETY: both are words of this size, which outlive the call; it reads them
    // alone.
    unsafe { WaitOnAddress(bed, count, size_of::<u32>(), milliseconds) };
}

pub(super) fn wake_all(bed: &AtomicU32) {
    // SAFETY: an address, which is not written to.
    unsafe { WakeByAddressAll(ptr::from_ref(bed).cast()) };
}
