//! What both programs have in common: the board, quell's port to it, and the
//! jobs that they run.
#![no_std]

pub mod board;
pub mod jobs;
pub mod port;

// The reset handler and the logger: linked, and named nowhere.
use cortex_m_rt as _;
use defmt_semihosting as _;

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    cortex_m::interrupt::disable();
    if let Some(place) = info.location() {
        defmt::error!("panic at {=str}:{=u32}", place.file(), place.line());
    }
    semihosting::process::exit(1)
}
