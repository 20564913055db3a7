//! nRF51822: Cortex-M0. Timer 0 at 1 MHz, stopped by its first compare, is the
//! abort line.

use super::write;

/// The core's clock.
pub const CORE_HZ: u32 = 16_000_000;
/// Levels of priority, in bits.
pub const NVIC_PRIO_BITS: u8 = 2;

/// The lines that are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Interrupt {
    /// Timer 0.
    HOST = 8,
    /// Software interrupt 0.
    SPARE = 20,
}

const TIMER_0: usize = 0x4000_8000;
const START: usize = TIMER_0;
const STOP: usize = TIMER_0 + 0x004;
const CLEAR: usize = TIMER_0 + 0x00C;
const COMPARED_0: usize = TIMER_0 + 0x140;
const SHORTCUTS: usize = TIMER_0 + 0x200;
const INTERRUPTS_ON: usize = TIMER_0 + 0x304;
const WIDTH: usize = TIMER_0 + 0x508;
const PRESCALER: usize = TIMER_0 + 0x510;
const COMPARE_0: usize = TIMER_0 + 0x540;
const COMPARED_0_STOPS: u32 = 1 << 8;
const COMPARED_0_INTERRUPTS: u32 = 1 << 16;
const BITS_32: u32 = 3;
const DIVIDED_BY_16: u32 = 4;

/// The host raises its abort line in `ms` milliseconds.
pub fn abort_after_ms(ms: u32) {
    write(STOP, 1);
    write(CLEAR, 1);
    write(WIDTH, BITS_32);
    write(PRESCALER, DIVIDED_BY_16);
    write(COMPARE_0, ms.saturating_mul(1000));
    write(SHORTCUTS, COMPARED_0_STOPS);
    write(INTERRUPTS_ON, COMPARED_0_INTERRUPTS);
    write(START, 1);
}

/// The handler has seen the line.
pub fn abort_taken() {
    write(COMPARED_0, 0);
}
