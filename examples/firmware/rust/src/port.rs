//! quell's port to a single-core Cortex-M without an operating system.

use core::arch::asm;
use core::marker::PhantomData;
use core::time::Duration;

use cortex_m::asm::{dsb, sev, wfe};
use cortex_m::peripheral::SCB;
use quell::{Port, Signal};

/// Where the time comes from.
pub trait Clock {
    /// Microseconds since the start.
    fn now_us() -> u64;
}

/// Waiting is WFE, waking SEV: the event register remembers a wake-up that comes
/// just before the wait. Deferred work is PendSV's.
///
/// The drain in PendSV must not be preempted by whoever polls or drops a future
/// of quell's: in an RTIC program the tasks that do have PendSV's priority; in
/// thread mode everybody is below it.
pub struct CortexM<C>(PhantomData<C>);

/// The number of the exception that is being handled; 0: none.
fn exception() -> usize {
    let number: usize;
    // SAFETY: reads a register that belongs to the running context.
    unsafe { asm!("mrs {}, IPSR", out(reg) number, options(nomem, nostack, preserves_flags)) };
    number
}

// SAFETY: no two handlers of one exception are under way at once, and thread
// mode is one context; a wait returns at any interrupt, that of the clock above
// all, and looks at the signal after the last event that WFE could have missed.
unsafe impl<C: Clock> Port for CortexM<C> {
    fn context() -> usize {
        exception().wrapping_add(1)
    }

    fn in_interrupt() -> bool {
        exception() != 0
    }

    fn wait(signal: &Signal, _limit: Option<Duration>) {
        if !signal.is_given() {
            wfe();
        }
    }

    fn wake(_context: usize) {
        dsb();
        sev();
    }

    fn now_us() -> u64 {
        C::now_us()
    }

    fn pend_drain() {
        SCB::set_pendsv();
    }
}
