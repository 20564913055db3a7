//! Critical sections through two C functions, for bare metal: around each change
//! of a word where there is no compare-and-swap, and as the lock of lists.
//!
//! Whoever links the archive supplies both, by the rules at each.

use critical_section::{Impl, RawRestoreState};

use crate::port_missing::explain_a_missing_port;

unsafe extern "C" {
    /// Begins a critical section. Not defined by quell: whoever links the
    /// archive for bare metal supplies it. Plain operations on a target with
    /// compare-and-swap need none.
    ///
    /// It MUST keep every context that calls quell on this operation from
    /// running until the matching exit (on a single core: mask interrupts), MUST
    /// nest, MUST be callable wherever quell is called, interrupts included, and
    /// MUST order memory for the compiler (an `asm` with a "memory" clobber). It
    /// MUST NOT wait for an interrupt, or block.
    ///
    /// Context: as the call of quell that makes it. Progress: whatever runs in
    /// between is a constant few instructions. Ordering: everything before an
    /// exit is seen after the next enter.
    ///
    /// Returns what the matching exit needs to restore, as the former mask.
    fn quell_port_1_critical_enter() -> u32;

    /// Ends the critical section that `quell_port_1_critical_enter` began. Not
    /// defined by quell, as that.
    ///
    /// It MUST restore what `saved` says and no more: interrupts that were
    /// masked before stay masked.
    ///
    /// Context, Progress, Ordering: as `quell_port_1_critical_enter`.
    fn quell_port_1_critical_exit(saved: u32);
}

struct CPort;
critical_section::set_impl!(CPort);

// SAFETY: the two C functions are bound by the rules at each, which are those
// of `critical_section::Impl`.
unsafe impl Impl for CPort {
    unsafe fn acquire() -> RawRestoreState {
        explain_a_missing_port!();
        // SAFETY: callable from any context, by the same rules.
        unsafe { quell_port_1_critical_enter() }
    }

    unsafe fn release(saved: RawRestoreState) {
        explain_a_missing_port!();
        // SAFETY: `saved` came from the matching enter: our caller's duty.
        unsafe { quell_port_1_critical_exit(saved) }
    }
}
