//! On RTIC 2: tasks are interrupts, and sleep is thread mode's.
//!
//! | priority | what |
//! |---|---|
//! | 2 | the host's abort line, which only requests |
//! | 1 | the tasks, and quell's drain in PendSV: none of them preempts another |
//! | thread | `idle`, which waits for the end of the shift |
#![no_std]
#![no_main]

use quell::{Source, Worker};
use rtic_monotonics::systick::prelude::*;

use firmware::jobs::{Executor, Timetable};
use firmware::port::{Clock, CortexM};

systick_monotonic!(Mono, 1000);

struct Ticks;

impl Clock for Ticks {
    fn now_us() -> u64 {
        u64::from(Mono::now().ticks()).wrapping_mul(1000)
    }
}

quell::set_port!(CortexM<Ticks>);
defmt::timestamp!("{=u32:ms}", Mono::now().ticks());

/// The shift as an operation: its end is what `idle` waits for.
static SHIFT: Source = Source::new();

struct Rtic;

impl Executor for Rtic {
    fn now_ms() -> u32 {
        Mono::now().ticks()
    }

    async fn sleep(ms: u32) {
        Mono::delay(ms.millis()).await;
    }

    fn spawn_update(&self, worker: Worker<'static>, blocks: u32) {
        defmt::assert!(app::update::spawn(worker, blocks).is_ok());
    }

    fn spawn_keep(&self, timetable: Timetable) {
        defmt::assert!(app::keep::spawn(timetable).is_ok());
    }
}

#[rtic::app(device = firmware::board, peripherals = false, dispatchers = [SPARE])]
mod app {
    use quell::{Observer, Outcome, Worker};

    use super::{Mono, Rtic, SHIFT};
    use firmware::board::CORE_HZ;
    use firmware::jobs::{self, Timetable};

    #[shared]
    struct Shared {}

    #[local]
    struct Local {
        end: Observer<'static>,
    }

    #[init]
    fn init(cx: init::Context) -> (Shared, Local) {
        Mono::start(cx.core.SYST, CORE_HZ);
        let owner = jobs::armed(&SHIFT);
        let end = owner.observer();
        match owner.start() {
            Ok(worker) => defmt::assert!(shift::spawn(worker).is_ok()),
            Err(refusal) => defmt::panic!("not started: {}", refusal),
        }
        (Shared {}, Local { end })
    }

    #[idle(local = [end])]
    fn idle(cx: idle::Context) -> ! {
        let told = cx.local.end.wait_end(None);
        defmt::info!("idle: {}", told);
        let finished = told.ok().and_then(|told| told.outcome()) == Some(Outcome::Finished);
        semihosting::process::exit(i32::from(!finished))
    }

    #[task(priority = 1)]
    async fn shift(_: shift::Context, mut worker: Worker<'static>) {
        jobs::shift(&Rtic).await;
        let _ = worker.finish();
    }

    #[task(priority = 1)]
    async fn update(_: update::Context, worker: Worker<'static>, blocks: u32) {
        jobs::update::<Rtic>(worker, blocks).await;
    }

    #[task(priority = 1)]
    async fn keep(_: keep::Context, timetable: Timetable) {
        jobs::keep::<Rtic>(timetable).await;
    }

    #[task(binds = HOST, priority = 2)]
    fn host(_: host::Context) {
        jobs::on_abort();
    }

    #[task(binds = PendSV, priority = 1)]
    fn drain(_: drain::Context) {
        quell::drain();
    }
}
