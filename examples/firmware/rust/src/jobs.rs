//! An update of the flash, and the shift in which it is cancelled in each of the
//! ways there are. Written once for every executor.

use core::future::Future;
use core::pin::pin;

use quell::{
    Answer, Cause, Deadlines, Effects, Events, IfHappened, Level, Mode, Outcome, Owner, Request,
    Source, Subscription, Told, Verdict, Worker,
};

use crate::board;

/// The operation of which there is one at a time.
pub static UPDATE: Source = Source::new();

/// What the update is to be ended by, in milliseconds.
pub type Timetable = Deadlines<'static, u32, 4>;

/// What an executor does for the jobs.
pub trait Executor {
    /// The time, which wraps.
    fn now_ms() -> u32;
    /// Resolves so much later.
    fn sleep(ms: u32) -> impl Future<Output = ()>;
    /// Runs [`update`] in a task of its own.
    fn spawn_update(&self, worker: Worker<'static>, blocks: u32);
    /// Runs [`keep`] in a task of its own.
    fn spawn_keep(&self, timetable: Timetable);
}

const BLOCK_MS: u32 = 2;
const PROGRAMMING_MS: u32 = 10;

/// Fetches the blocks, which can be broken off, and programs them, which cannot.
pub async fn update<E: Executor>(mut worker: Worker<'static>, blocks: u32) {
    let fetch = async {
        for block in 0..blocks {
            E::sleep(BLOCK_MS).await;
            defmt::info!("update: block {=u32} is here", block);
        }
    };
    let fetched = worker.observer().run_until_cancelled(fetch).await;
    defmt::info!("update: fetching ended with {}", fetched);
    if fetched.is_ok() && worker.commit() == Verdict::Ok {
        E::sleep(PROGRAMMING_MS).await;
        expect(worker.finish(), Verdict::Ok);
    } else {
        expect(worker.acknowledge(Effects::Partial), Verdict::Ok);
    }
}

/// Requests what is due, and sleeps until the next is.
pub async fn keep<E: Executor>(mut timetable: Timetable) {
    while let Some(expiry) = timetable.next_expiry() {
        E::sleep(expiry.wrapping_sub(E::now_ms())).await;
        timetable.expire(E::now_ms(), |id, answer| {
            defmt::info!("deadline {=u32} is told {}", id, answer.verdict);
        });
    }
}

/// The interrupt of the host's abort line.
pub fn on_abort() {
    board::abort_taken();
    let Answer { verdict, .. } =
        UPDATE.canceller().cancel(Request::new(Level::Immediate, Cause::Peer));
    defmt::info!("host: abort is told {}", verdict);
}

/// Three updates: one that the host aborts, one that it would abort too late,
/// one that runs out of time.
pub async fn shift<E: Executor>(executor: &E) {
    let hook = pin!(Subscription::new(|told: &Told| defmt::info!("hook: {}", told)));
    let hook = hook.as_ref();
    let begin = |blocks| {
        let owner = armed(&UPDATE);
        let added = hook.listen(owner.observer(), Events::ALL, IfHappened::Report);
        expect(added.verdict, Verdict::Ok);
        match owner.start() {
            Ok(worker) => executor.spawn_update(worker, blocks),
            Err(refusal) => defmt::panic!("not started: {}", refusal),
        }
        owner
    };

    defmt::info!("shift: the host aborts in the third block");
    let owner = begin(8);
    let stale = owner.canceller();
    board::abort_after_ms(5);
    end(owner, CANCELLED).await;

    defmt::info!("shift: the host aborts while the flash is programmed");
    let owner = begin(2);
    let Answer { verdict, .. } = stale.cancel(Request::new(Level::Immediate, Cause::Peer));
    expect(verdict, Verdict::Stale);
    board::abort_after_ms(9);
    end(owner, Outcome::Finished).await;

    defmt::info!("shift: there are seven milliseconds for it");
    let owner = begin(8);
    let mut timetable = Timetable::new();
    for (delay, level) in [(7, Level::Graceful), (12, Level::Immediate)] {
        if let Err(refusal) = timetable.add(E::now_ms(), delay, level, owner.canceller()) {
            defmt::panic!("no deadline: {}", refusal);
        }
    }
    executor.spawn_keep(timetable);
    end(owner, CANCELLED).await;
    // The second deadline finds that nothing is left of it.
    E::sleep(8).await;
}

const CANCELLED: Outcome = Outcome::Cancelled { effects: Effects::Partial, code: None };

/// Arms a source that is vacant.
pub fn armed(source: &'static Source) -> Owner<'static> {
    match source.arm(Mode::DECISIVE) {
        Ok(owner) => owner,
        Err(refusal) => defmt::panic!("not armed: {}", refusal),
    }
}

/// Awaits the end, and makes the source vacant again.
async fn end(owner: Owner<'static>, expected: Outcome) {
    let ended = owner.observer().ended().await;
    defmt::info!("shift: the update ended as {}", ended);
    defmt::assert_eq!(ended, Ok(expected));
    if let Err((_, refusal)) = owner.retire() {
        defmt::panic!("not retired: {}", refusal);
    }
}

#[track_caller]
fn expect(told: Verdict, expected: Verdict) {
    defmt::assert_eq!(told, expected);
}
