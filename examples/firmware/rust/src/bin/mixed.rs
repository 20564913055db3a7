//! C code that calls quell by its header, in a Rust program: the C ABI comes
//! from the crate `quell-ffi`; the critical section, the port, the panic handler
//! and the interrupts are the program's own.
#![no_std]
#![no_main]

use core::sync::atomic::{AtomicU32, Ordering};

use cortex_m::Peripherals;
use cortex_m::peripheral::NVIC;
use cortex_m::peripheral::scb::SystemHandler;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::{entry, exception, interrupt};
use quell::{Events, Phase, Verdict};
use quell_ffi as _;

use firmware::board::{self, CORE_HZ, Interrupt, interrupt};
use firmware::port::{Clock, CortexM};

unsafe extern "C" {
    safe fn mixed_abort() -> u32;
    safe fn mixed_erase(wait_us: u32) -> u32;
    safe fn mixed_told() -> u32;
}

static MS: AtomicU32 = AtomicU32::new(0);

struct Millis;

impl Clock for Millis {
    fn now_us() -> u64 {
        u64::from(MS.load(Ordering::Relaxed)).wrapping_mul(1000)
    }
}

quell::set_port!(CortexM<Millis>);
defmt::timestamp!("{=u32:ms}", MS.load(Ordering::Relaxed));

#[exception]
fn SysTick() {
    // Ordering: Relaxed: a number by itself. A load and a store, for Cortex-M0;
    // nobody else writes.
    MS.store(MS.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
}

#[exception]
fn PendSV() {
    quell::drain();
}

#[interrupt]
fn HOST() {
    board::abort_taken();
    defmt::info!("host: abort is told {}", Verdict::from_raw(mixed_abort()));
}

fn erase(wait_us: u32, expected: Phase) {
    let phase = Phase::from_raw(mixed_erase(wait_us));
    let told = Events::from_raw(mixed_told());
    defmt::info!("main: the erase ended as {}, the hook was told {}", phase, told);
    defmt::assert_eq!(phase, Some(expected));
}

#[entry]
fn main() -> ! {
    let mut core = defmt::unwrap!(Peripherals::take());
    // SAFETY: nobody masks by priorities.
    unsafe { core.SCB.set_priority(SystemHandler::PendSV, 0xFF) };
    core.SYST.set_clock_source(SystClkSource::Core);
    core.SYST.set_reload(CORE_HZ / 1000 - 1);
    core.SYST.clear_current();
    core.SYST.enable_counter();
    core.SYST.enable_interrupt();
    // SAFETY: no section relies on this line's being masked.
    unsafe { NVIC::unmask(Interrupt::HOST) };

    defmt::info!("main: the host aborts the erase");
    board::abort_after_ms(5);
    erase(50_000, Phase::Cancelled);

    defmt::info!("main: the time to wait runs out, which cancels nothing");
    erase(3_000, Phase::Finished);
    defmt::assert_eq!(Verdict::from_raw(mixed_abort()), Some(Verdict::Stale));
    semihosting::process::exit(0)
}
