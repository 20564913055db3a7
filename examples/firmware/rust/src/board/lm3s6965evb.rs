//! LM3S6965: Cortex-M3. Timer 0 in its 32-bit one-shot mode is the abort line.

use super::write;

/// The system clock out of reset.
pub const CORE_HZ: u32 = 12_500_000;
/// Levels of priority, in bits.
pub const NVIC_PRIO_BITS: u8 = 3;

/// The lines that are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Interrupt {
    /// Port A, which the programs do not use.
    SPARE = 0,
    /// Timer 0, half A.
    HOST = 19,
}

const CLOCK_GATES: usize = 0x400F_E104;
const TIMER_0_GATE: u32 = 1 << 16;
const TIMER_0: usize = 0x4003_0000;
const CONFIGURATION: usize = TIMER_0;
const MODE: usize = TIMER_0 + 0x004;
const CONTROL: usize = TIMER_0 + 0x00C;
const INTERRUPT_MASK: usize = TIMER_0 + 0x018;
const INTERRUPT_CLEAR: usize = TIMER_0 + 0x024;
const LOAD: usize = TIMER_0 + 0x028;
const ONE_SHOT: u32 = 1;
const TIME_OUT: u32 = 1;
const ENABLE: u32 = 1;

/// The host raises its abort line in `ms` milliseconds.
pub fn abort_after_ms(ms: u32) {
    write(CLOCK_GATES, TIMER_0_GATE);
    write(CONTROL, 0);
    write(CONFIGURATION, 0);
    write(MODE, ONE_SHOT);
    write(LOAD, ms.saturating_mul(CORE_HZ / 1000));
    write(INTERRUPT_MASK, TIME_OUT);
    write(CONTROL, ENABLE);
}

/// The handler has seen the line.
pub fn abort_taken() {
    write(INTERRUPT_CLEAR, TIME_OUT);
}
