//! On Embassy: tasks are thread mode's, and the executor sleeps in between.
//!
//! | priority | what |
//! |---|---|
//! | highest | SysTick, which wakes sleepers, and the host's abort line |
//! | lowest | quell's drain in PendSV |
//! | thread | the tasks |
#![no_std]
#![no_main]

use core::cell::RefCell;
use core::task::Waker;

use cortex_m::Peripherals;
use cortex_m::peripheral::NVIC;
use cortex_m::peripheral::scb::SystemHandler;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::{exception, interrupt};
use critical_section::Mutex;
use embassy_executor::Spawner;
use embassy_time::{Instant, Timer};
use embassy_time_driver::Driver;
use embassy_time_queue_utils::Queue;
use quell::Worker;

use firmware::board::interrupt;
use firmware::board::{CORE_HZ, Interrupt};
use firmware::jobs::{self, Executor, Timetable};
use firmware::port::{Clock, CortexM};

/// Milliseconds since the start, and who sleeps until when.
struct Ticks(Mutex<RefCell<(u64, Queue)>>);

embassy_time_driver::time_driver_impl!(
    static TICKS: Ticks = Ticks(Mutex::new(RefCell::new((0, Queue::new()))))
);

impl Ticks {
    fn with<A>(&self, act: impl FnOnce(&mut u64, &mut Queue) -> A) -> A {
        critical_section::with(|section| {
            let mut held = self.0.borrow_ref_mut(section);
            let (now, queue) = &mut *held;
            act(now, queue)
        })
    }
}

impl Driver for Ticks {
    fn now(&self) -> u64 {
        self.with(|now, _| *now)
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        self.with(|_, queue| queue.schedule_wake(at, waker));
    }
}

#[exception]
fn SysTick() {
    TICKS.with(|now, queue| {
        *now = now.wrapping_add(1);
        queue.next_expiration(*now);
    });
}

impl Clock for Ticks {
    fn now_us() -> u64 {
        TICKS.now().wrapping_mul(1000)
    }
}

quell::set_port!(CortexM<Ticks>);
defmt::timestamp!("{=u64:ms}", TICKS.now());

#[exception]
fn PendSV() {
    quell::drain();
}

#[interrupt]
fn HOST() {
    jobs::on_abort();
}

struct Embassy(Spawner);

impl Executor for Embassy {
    fn now_ms() -> u32 {
        // The low bits: it wraps.
        Instant::now().as_millis() as u32
    }

    async fn sleep(ms: u32) {
        Timer::after_millis(ms.into()).await;
    }

    fn spawn_update(&self, worker: Worker<'static>, blocks: u32) {
        self.0.spawn(defmt::unwrap!(update(worker, blocks).ok()));
    }

    fn spawn_keep(&self, timetable: Timetable) {
        self.0.spawn(defmt::unwrap!(keep(timetable).ok()));
    }
}

#[embassy_executor::task]
async fn update(worker: Worker<'static>, blocks: u32) {
    jobs::update::<Embassy>(worker, blocks).await;
}

#[embassy_executor::task]
async fn keep(timetable: Timetable) {
    jobs::keep::<Embassy>(timetable).await;
}

#[embassy_executor::main]
async fn main(spawner: Spawner) {
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

    jobs::shift(&Embassy(spawner)).await;
    defmt::info!("main: the shift is over");
    semihosting::process::exit(0)
}
