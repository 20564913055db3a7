//! The port of bare metal, through C functions.
//!
//! Whoever links the archive supplies them, by the rules at each: from
//! `ports/`, or its own. An archive of which only plain operations are used needs
//! none of these: link with `--gc-sections`.
//!
//! The number in the names is the version of these rules. A port of another
//! version does not link.

use core::time::Duration;

use quell::{Port, Signal};

use crate::port_missing::explain_a_missing_port;

unsafe extern "C" {
    /// Who calls. Not defined by quell: whoever links the archive supplies it.
    ///
    /// It MUST return the same number in all of one task or interrupt handler,
    /// one that no other has that may be under way at the same time, and never
    /// zero.
    ///
    /// Context: any, with interrupts masked as well. Progress: wait-free.
    fn quell_port_1_context() -> usize;

    /// Whether the caller must not wait. Not defined by quell.
    ///
    /// It MUST return 1 in an interrupt handler and where the scheduler is
    /// stopped, else 0.
    ///
    /// Context: any. Progress: wait-free.
    fn quell_port_1_in_interrupt() -> u32;

    /// Waits until `*signal` is not zero. Not defined by quell.
    ///
    /// It MUST return when `quell_port_1_wake` has been called with this context's
    /// number, also if that was between quell's last look at `*signal` and this
    /// call (the event register of WFE and SEV, and a task notification, have
    /// that property), and after `limit_us` microseconds; UINT64_MAX is for ever.
    /// It MAY return earlier. Interrupts MUST be served while it waits.
    ///
    /// Context: thread. Progress: blocks.
    fn quell_port_1_wait(signal: *const u32, limit_us: u64);

    /// Makes a `quell_port_1_wait` of the context of this number return. Not
    /// defined by quell. The context MAY be gone.
    ///
    /// Context: any, an interrupt included. Progress: wait-free.
    fn quell_port_1_wake(context: usize);

    /// A time in microseconds that only grows, from any origin; it may wrap at
    /// 2^64. Not defined by quell. A system that waits without limits only may
    /// return 0.
    ///
    /// Context: thread. Progress: wait-free.
    fn quell_port_1_now_us() -> u64;

    /// Asks for `quell_drain` to be called in thread context, or at the lowest
    /// interrupt priority. Not defined by quell. Called again before that drain
    /// it MAY do nothing.
    ///
    /// Context: any, an interrupt included. Progress: wait-free.
    fn quell_port_1_pend_drain();
}

struct CPort;
quell::set_port!(CPort);

// SAFETY: the C functions are bound by the rules at each, which are those of
// `Port`, and callable where the port is called.
unsafe impl Port for CPort {
    fn context() -> usize {
        explain_a_missing_port!();
        // SAFETY: as above.
        unsafe { quell_port_1_context() }
    }

    fn in_interrupt() -> bool {
        explain_a_missing_port!();
        // SAFETY: as above.
        unsafe { quell_port_1_in_interrupt() != 0 }
    }

    fn wait(signal: &Signal, limit: Option<Duration>) {
        let limit = limit.and_then(|limit| u64::try_from(limit.as_micros()).ok());
        Self::wait_us(signal, limit.unwrap_or(u64::MAX));
    }

    fn wait_us(signal: &Signal, limit_us: u64) {
        explain_a_missing_port!();
        // SAFETY: as above; a signal is one aligned word, which C reads
        // atomically.
        unsafe { quell_port_1_wait(core::ptr::from_ref(signal).cast(), limit_us) }
    }

    fn wake(context: usize) {
        explain_a_missing_port!();
        // SAFETY: as above.
        unsafe { quell_port_1_wake(context) }
    }

    fn now_us() -> u64 {
        explain_a_missing_port!();
        // SAFETY: as above.
        unsafe { quell_port_1_now_us() }
    }

    fn pend_drain() {
        explain_a_missing_port!();
        // SAFETY: as above.
        unsafe { quell_port_1_pend_drain() }
    }
}
