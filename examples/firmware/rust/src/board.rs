//! The boards, as far as the programs need them: one timer that stands for the
//! host's abort line, and an interrupt that nobody else uses. Its names are
//! those that RTIC expects of a device crate.

#[cfg_attr(board = "lm3s6965evb", path = "board/lm3s6965evb.rs")]
#[cfg_attr(board = "microbit", path = "board/microbit.rs")]
mod chip;

pub use chip::Interrupt as interrupt;
pub use chip::{CORE_HZ, Interrupt, NVIC_PRIO_BITS, abort_after_ms, abort_taken};

// SAFETY: each number is that of one line of the interrupt controller.
unsafe impl cortex_m::interrupt::InterruptNumber for Interrupt {
    fn number(self) -> u16 {
        self as u16
    }
}

/// One line of the vector table.
pub type Vector = unsafe extern "C" fn();

unsafe extern "C" {
    fn HOST();
    fn SPARE();
    fn DefaultHandler();
}

const LINES: usize = 32;

/// The part of the vector table that is the chip's.
#[unsafe(link_section = ".vector_table.interrupts")]
#[unsafe(no_mangle)]
static __INTERRUPTS: [Vector; LINES] = {
    let mut lines: [Vector; LINES] = [DefaultHandler; LINES];
    lines[Interrupt::HOST as usize] = HOST;
    lines[Interrupt::SPARE as usize] = SPARE;
    lines
};

/// Writes a register.
fn write(address: usize, value: u32) {
    // SAFETY: the callers name registers of their chip's timer, which no one
    // else uses.
    unsafe { core::ptr::with_exposed_provenance_mut::<u32>(address).write_volatile(value) }
}
