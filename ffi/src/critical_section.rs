//! Critical sections through two C functions, for targets without
//! compare-and-swap.
//!
//! Whoever links the archive supplies both. They MUST nest, MUST keep every
//! context that calls quell from running in between, and MUST be callable
//! wherever quell is called: on a single core, save and restore the interrupt
//! mask.

use critical_section::{Impl, RawRestoreState};

unsafe extern "C" {
    fn quell_port_critical_enter() -> u32;
    fn quell_port_critical_exit(saved: u32);
}

struct CPort;
critical_section::set_impl!(CPort);

// SAFETY: the two C functions are bound by the rules at the top of this
// module, which are those of `critical_section::Impl`.
unsafe impl Impl for CPort {
    unsafe fn acquire() -> RawRestoreState {
        // SAFETY: callable from any context, by the same rules.
        unsafe { quell_port_critical_enter() }
    }

    unsafe fn release(saved: RawRestoreState) {
        // SAFETY: `saved` came from the matching enter: our caller's duty.
        unsafe { quell_port_critical_exit(saved) }
    }
}
