//! Threads of Linux: futexes, by way of `rustix`, and no standard library.

use rustix::thread::futex::{self, Flags, Timespec};

use crate::sync::AtomicU32;

/// Who calls: a number that no other thread has at the same time, never zero.
/// The thread pointer, where it can be read without a system call.
#[inline]
pub(crate) fn me() -> usize {
    #[cfg(target_arch = "x86_64")]
    {
        let pointer: usize;
        // SAFETY: the ABI has the thread pointer itself in the word that it
        // points at; nothing is written.
        unsafe {
            core::arch::asm!("mov {}, fs:0", out(reg) pointer,
                options(nostack, preserves_flags, readonly));
        }
        pointer
    }
    #[cfg(target_arch = "aarch64")]
    {
        let pointer: usize;
        // SAFETY: reads a register.
        unsafe {
            core::arch::asm!("mrs {}, tpidr_el0", out(reg) pointer,
                options(nostack, preserves_flags, nomem));
        }
        pointer
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    {
        rustix::thread::gettid().as_raw_nonzero().get().unsigned_abs() as usize
    }
}

pub(crate) fn yield_now() {
    rustix::thread::sched_yield();
}

/// Sleeps for a moment.
pub(crate) fn nap() {
    let _ = rustix::thread::nanosleep(&Timespec { tv_sec: 0, tv_nsec: 50_000 });
}

/// A time on the monotonic clock, in nanoseconds.
pub(super) fn now() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let rest = u64::try_from(time.tv_nsec).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(rest)
}

/// Sleeps at a bed of this count, for at most so many nanoseconds.
pub(super) fn sleep(bed: &AtomicU32, count: u32, left: Option<u64>) {
    let left = left.map(|nanoseconds| Timespec {
        tv_sec: i64::try_from(nanoseconds / 1_000_000_000).unwrap_or(i64::MAX),
        tv_nsec: i64::try_from(nanoseconds % 1_000_000_000).unwrap_or(0),
    });
    let _ = futex::wait(bed, Flags::PRIVATE, count, left.as_ref());
}

pub(super) fn wake_all(bed: &AtomicU32) {
    let _ = futex::wake(bed, Flags::PRIVATE, u32::MAX >> 1);
}
