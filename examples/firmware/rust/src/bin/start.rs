#![no_std]
#![no_main]

use firmware::port::{Clock, CortexM};
use rtic_monotonics::systick::prelude::*;

systick_monotonic!(Mono, 1000);

impl Clock for Mono {
    fn now_us() -> u64 {
        u64::from(Mono::now().ticks()).wrapping_mul(1000)
    }
}

quell::set_port!(CortexM<Mono>);
defmt::timestamp!("{=u32:ms}", Mono::now().ticks());

#[rtic::app(device = firmware::board, peripherals = false, dispatchers = [SPARE])]
mod app {
    use super::*;
    use quell::{Cause, Effects, Level, Mode, Request, Source, Verdict, Worker};

    static UPDATE: Source = Source::new(); // 16 bytes; vacant

    #[shared]
    struct Shared {}
    #[local]
    struct Local {}

    #[init]
    fn init(cx: init::Context) -> (Shared, Local) {
        Mono::start(cx.core.SYST, firmware::board::CORE_HZ);
        firmware::board::abort_after_ms(5);
        let started = UPDATE.arm(Mode::DECISIVE).and_then(|owner| owner.start());
        defmt::assert!(started.is_ok_and(|worker| update::spawn(worker).is_ok()));
        (Shared {}, Local {})
    }

    /// Fetches blocks until all are here or somebody cancels, then programs them.
    #[task(priority = 1)]
    async fn update(_: update::Context, mut worker: Worker<'static>) {
        let fetch = async {
            for block in 0..8 {
                Mono::delay(2.millis()).await;
                defmt::info!("block {} is here", block);
            }
        };
        let fetched = worker.observer().run_until_cancelled(fetch).await;
        if fetched.is_ok() && worker.commit() == Verdict::Ok {
            // Programs the flash: from here on a cancel is told TOO_LATE.
            defmt::assert_eq!(worker.finish(), Verdict::Ok);
        } else {
            // Drops the blocks.
            defmt::assert_eq!(worker.acknowledge(Effects::None), Verdict::Ok);
        }
        semihosting::process::exit(0)
    }

    /// The host's abort line.
    #[task(binds = HOST, priority = 2)]
    fn abort(_: abort::Context) {
        firmware::board::abort_taken();
        let told = UPDATE.canceller().cancel(Request::new(Level::Immediate, Cause::Peer));
        defmt::info!("abort is told {}", told.verdict);
    }

    /// Whom an interrupt's cancel wakes, wakes from here: at the tasks' priority.
    #[task(binds = PendSV, priority = 1)]
    fn drain(_: drain::Context) {
        quell::drain();
    }
}
