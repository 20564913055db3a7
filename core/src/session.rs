//! A backup session: participants that are prepared, frozen, thawed and told
//! of the end together, and an abort that reaches each of them once.
//!
//! # Two operations
//!
//! What decides is the operation's own machine:
//!
//! | operation | armed | started | commit point | ends |
//! |---|---|---|---|---|
//! | the set, decisive | [`Session::start_set`] | [`Session::prepare`] | [`Session::post_snapshot`] begins | it has ended; or the abort has been told |
//! | the completion, best-effort | with the set | [`Session::complete`] | | it has ended; or an abort after the commit point |
//!
//! An abort is a cancel of the set; told that this is too late, a cancel of the
//! completion. So the races of an abort with the commit, with the end and with
//! another abort are those of `op.rs`. A session for a restore arms its set as
//! uncancellable.
//!
//! # Who tells whom
//!
//! 1. Whatever a participant is told, it is told by the party that moved its
//!    [`Seat`] by one swap, with nothing locked. A verb tells in the
//!    requester's context, an abort in its own.
//! 2. The abort that the set answers CANCELLING, and no other, goes through the
//!    seats: those that are idle it tells, those that are busy it owes.
//!    A verb that finds a seat asked tells it nothing more but what is owed.
//! 3. `callers` counts the verbs and aborts under way; TOLD in it says that
//!    the abort has gone through all seats. Whoever leaves last, with TOLD set,
//!    ends the set and gives up the lock: every abort has been told by then.
//! 4. A veto, a time-out and a provider's failure are aborts, made by the
//!    party that noticed.

use crate::lock::SessionLock;
use crate::op::Op;
use crate::seat::{Duty, Notice, Participant, Seat, Standing};
use crate::session_cell::{
    DROPPED, HOLDING, PURPOSE_SHIFT, RELEASED, STAGE_MASK, SessionCell, TOLD, cancel, left, owner,
    phase, undisturbed,
};
use crate::stage::{Aborted, Host, Limits, Purpose, SessionStatus, Stage};
use crate::status::Status;
use crate::sync::Ordering;
use crate::terms::{Cause, Code, Effects, Level, Mode, Phase, Request, Verdict};
use crate::trace::record;

/// A session of `N` participants.
#[derive(Debug)]
pub struct SessionStorage<const N: usize> {
    cell: SessionCell,
    seats: [Seat; N],
}

impl<const N: usize> SessionStorage<N> {
    /// One that is not initialised.
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self { cell: SessionCell::new(), seats: core::array::from_fn(|_| Seat::new()) }
    }

    /// The session in this storage, for any party to use.
    #[must_use]
    pub fn session<'a>(
        &'a self,
        lock: &'a SessionLock,
        host: &'a dyn Host,
        limits: Limits,
    ) -> Session<'a> {
        Session::over(&self.cell, &self.seats, lock, host, limits)
    }
}

/// A session, as each party to it holds it: copy it freely. The verbs are the
/// requester's; abort, expire and the looks are anybody's, at any time, also
/// from inside [`Host::tell`].
#[derive(Clone, Copy)]
pub struct Session<'a> {
    pub(crate) cell: &'a SessionCell,
    all_seats: &'a [Seat],
    pub(crate) lock: &'a SessionLock,
    pub(crate) host: &'a dyn Host,
    limits: Limits,
}

impl<'a> Session<'a> {
    /// The session of these parts.
    #[must_use]
    pub const fn over(
        cell: &'a SessionCell,
        all_seats: &'a [Seat],
        lock: &'a SessionLock,
        host: &'a dyn Host,
        limits: Limits,
    ) -> Self {
        Self { cell, all_seats, lock, host, limits }
    }

    fn stage_word(&self) -> u32 {
        // Ordering: Acquire, partner: the Release of the stores and swaps of it.
        self.cell.stage.load(Ordering::Acquire)
    }

    pub(crate) fn stage(&self) -> Stage {
        Stage::from_raw(self.stage_word() & STAGE_MASK).unwrap_or(Stage::Vacant)
    }

    pub(crate) fn purpose(&self) -> Purpose {
        Purpose::from_raw(self.stage_word() >> PURPOSE_SHIFT).unwrap_or(Purpose::Backup)
    }

    pub(crate) fn seats(&self) -> &'a [Seat] {
        if self.purpose() == Purpose::BackupAlone { &[] } else { self.all_seats }
    }

    pub(crate) fn set_stage(&self, stage: Stage) {
        let seen = self.stage_word();
        let next = seen & !STAGE_MASK | stage.raw();
        // Ordering: Release, partner: the Acquire in `stage_word`. Only the one
        // verb under way moves the stage on.
        self.cell.stage.store(next, Ordering::Release);
        record!(Moved {
            what: "session",
            at: core::ptr::from_ref(self.cell).addr(),
            before: seen,
            after: next
        });
    }

    pub(crate) fn move_stage(&self, from: Stage, to: Stage) -> bool {
        let seen = self.stage_word();
        let next = seen & !STAGE_MASK | to.raw();
        // Ordering: AcqRel, partner: itself: of two who try, one does it.
        // Failure: Relaxed: nothing is read after it.
        let moved = seen & STAGE_MASK == from.raw()
            && self
                .cell
                .stage
                .compare_exchange(seen, next, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok();
        if moved {
            record!(Moved {
                what: "session",
                at: core::ptr::from_ref(self.cell).addr(),
                before: seen,
                after: next
            });
        }
        moved
    }

    fn come(&self) {
        // Ordering: AcqRel, partner: itself and `leave`: one order of all who
        // come and go.
        self.cell.callers.fetch_add(1, Ordering::AcqRel);
    }

    /// Counts the caller out; `flag` is TOLD where it has gone through the seats.
    pub(crate) fn leave(&self, flag: u32) {
        let change = flag.wrapping_sub(1);
        // Ordering: AcqRel, partner: itself: who leaves last sees what all did.
        let left_over = self.cell.callers.fetch_add(change, Ordering::AcqRel).wrapping_add(change);
        if left_over == TOLD {
            self.end_aborted();
        }
    }

    /// Ends a set whose abort has been told to everybody. Done twice, the
    /// second time does nothing.
    fn end_aborted(&self) {
        let set = &self.cell.set;
        // Ordering: Acquire, partner: the Release in `provider_failed`.
        let code = Code::new(self.cell.code.load(Ordering::Acquire));
        let failed = self.seats().iter().any(|seat| seat.look().standing == Standing::Failed);
        let effects = if failed { Effects::Unknown } else { Effects::None };
        let _ = match code {
            Some(code) => set.fail(left(set), code),
            None => set.acknowledge(left(set), effects),
        };
        self.unlock();
    }

    pub(crate) fn unlock(&self) {
        // Ordering: Relaxed: written before the set was armed, and whoever gets
        // here has seen the set.
        self.lock.give_up(self.cell.lock_hold.load(Ordering::Relaxed));
    }

    /// Begins a verb of the requester.
    pub(crate) fn enter(
        &self,
        from: Stage,
        during: Stage,
        fits: impl FnOnce() -> bool,
    ) -> Result<(), Verdict> {
        self.come();
        if fits() && self.move_stage(from, during) {
            return Ok(());
        }
        self.leave(0);
        Err(Verdict::BadState)
    }

    /// Ends a verb that the set's abort may have overtaken.
    pub(crate) fn exit(&self, to: Stage, failed: bool) -> Verdict {
        let verdict = match (undisturbed(&self.cell.set), failed) {
            (false, _) => Verdict::Cancelled,
            (true, failed) => {
                self.set_stage(to);
                if failed { Verdict::Failed } else { Verdict::Ok }
            }
        };
        self.leave(0);
        verdict
    }

    /// Tells a participant this, and what is owed to it then. Whether it agreed
    /// to all.
    pub(crate) fn deliver(&self, place: usize, seat: &Seat, mut duty: Duty) -> bool {
        let mut agreed = true;
        while let Duty::Tell(notice) = duty {
            let answer = self.host.tell(place, notice);
            agreed &= answer.is_ok();
            duty = seat.returned(answer);
        }
        agreed
    }

    /// Tells every participant that it fits, while `go_on`. Whether one failed.
    pub(crate) fn tell_all(&self, notice: Notice, go_on: impl Fn() -> bool) -> bool {
        let mut failed = false;
        for (place, seat) in self.seats().iter().enumerate() {
            if !go_on() {
                break;
            }
            let duty = seat.tell(notice, self.host.now());
            failed |= !self.deliver(place, seat, duty);
        }
        failed
    }

    /// Notes that the provider, or the system, could not make the snapshot.
    /// Once participants have been told of it, that aborts the session.
    ///
    /// `CANCELLED`, `CANCELLING`: aborted so, as [`Session::abort`]; `FAILED`:
    /// it came before anything that an automatic abort is for, and the
    /// requester still has to abort; `IGNORED` where it was aborted before;
    /// `TOO_LATE`: the snapshot stands; `BUSY`: a verb is telling participants
    /// to prepare; `BAD_STATE`.
    #[must_use = "the requester may have to abort"]
    pub fn provider_failed(&self, code: Code) -> Verdict {
        match self.stage() {
            Stage::Vacant | Stage::Initialised | Stage::SetStarted | Stage::SnapshotFailed => {
                Verdict::BadState
            }
            Stage::Preparing | Stage::PreparingSnapshot => Verdict::Busy,
            Stage::Prepared if !undisturbed(&self.cell.set) => Verdict::Ignored,
            Stage::Prepared if self.move_stage(Stage::Prepared, Stage::SnapshotFailed) => {
                self.keep(code);
                Verdict::Failed
            }
            Stage::Prepared => Verdict::Busy,
            Stage::SnapshotPrepared
            | Stage::Freezing
            | Stage::Frozen
            | Stage::Holding
            | Stage::Thawing
            | Stage::Thawed => {
                self.keep(code);
                match self.abort_set(Request::new(Level::Immediate, Cause::Fault)) {
                    Some(aborted) => aborted.verdict,
                    None => Verdict::TooLate,
                }
            }
            Stage::PostSnapshot | Stage::Created | Stage::Completing | Stage::Completed => {
                Verdict::TooLate
            }
        }
    }

    fn keep(&self, code: Code) {
        // Ordering: Release, partner: the Acquire in `end_aborted`. Failure:
        // Relaxed: the first code stands.
        let _ =
            self.cell.code.compare_exchange(0, code.raw(), Ordering::Release, Ordering::Relaxed);
    }

    /// Looks at the clock for whoever may be stuck in a callback: aborts the
    /// session if a participant has been frozen for too long, or the hold has.
    ///
    /// Context: any. Progress: lock-free, the callbacks of an abort apart.
    ///
    /// `OK`: nothing is late; `TIMED_OUT`: something is, and the session has
    /// been aborted for it.
    pub fn expire(&self, now: u32) -> Verdict {
        let mut late = self.drop_hold(now);
        for seat in self.seats() {
            late |= seat.time_out(now, self.limits.freeze);
        }
        if !late {
            return Verdict::Ok;
        }
        let _ = self.abort(Request::new(Level::Immediate, Cause::Deadline));
        Verdict::TimedOut
    }

    pub(crate) fn end_hold(&self) {
        // Ordering: AcqRel, partner: itself and the swap in `drop_hold`: one of
        // the two ends the hold. Failure: Relaxed: it is over, or never began.
        let _ =
            self.cell.hold.compare_exchange(HOLDING, RELEASED, Ordering::AcqRel, Ordering::Relaxed);
    }

    fn drop_hold(&self, now: u32) -> bool {
        // Ordering: Acquire, partner: the Release in `hold`.
        if self.cell.hold.load(Ordering::Acquire) != HOLDING {
            return false;
        }
        // Ordering: Relaxed: ordered by the load above.
        let elapsed = now.wrapping_sub(self.cell.hold_since.load(Ordering::Relaxed));
        let late = elapsed > self.limits.hold && elapsed <= u32::MAX >> 1;
        // Ordering: AcqRel, partner: itself and the swap in `end_hold`. Failure:
        // Relaxed: the hold is over.
        late && self
            .cell
            .hold
            .compare_exchange(HOLDING, DROPPED, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok()
    }

    /// Ends the backup here. Every participant that has not ended is told,
    /// once; the linked operations are cancelled.
    ///
    /// Context: any that the participants' callbacks allow; from inside such a
    /// callback too: that participant is told when it returns. Progress:
    /// lock-free, the callbacks apart. Ordering: as the operation's cancel.
    ///
    /// - `CANCELLED`: aborted, and everybody has been told who had to be;
    /// - `CANCELLING`: aborted; a verb is still under way, which tells the
    ///   participants that are owed it, and then the set ends;
    /// - `OK`: the snapshot stands, and no participant is told; the session is
    ///   over, and cannot be completed any more;
    /// - `IGNORED`: nothing was under way, or it was over, or aborted before;
    /// - `UNSUPPORTED`: it is a restore;
    /// - `BAD_STATE`: it is not initialised.
    pub fn abort(&self, request: Request) -> Aborted {
        match self.abort_set(request) {
            Some(aborted) => aborted,
            None => match cancel(&self.cell.completion, request) {
                Verdict::Cancelled | Verdict::Requested => {
                    self.host.cancel_linked(Request::new(request.level, Cause::Parent));
                    Aborted::of(Verdict::Ok)
                }
                _ => Aborted::of(Verdict::Ignored),
            },
        }
    }

    /// An abort as far as the set goes; `None` where it is past its commit point.
    pub(crate) fn abort_set(&self, request: Request) -> Option<Aborted> {
        self.come();
        let verdict = cancel(&self.cell.set, request);
        if !matches!(verdict, Verdict::Cancelled | Verdict::Cancelling) {
            self.leave(0);
            return match verdict {
                Verdict::TooLate | Verdict::Finished => None,
                Verdict::Unsupported => Some(Aborted::of(verdict)),
                Verdict::BadState if self.stage() == Stage::Vacant => Some(Aborted::of(verdict)),
                _ => Some(Aborted::of(Verdict::Ignored)),
            };
        }
        let linked = Request::new(request.level, Cause::Parent);
        let _ = cancel(&self.cell.completion, linked);
        self.host.cancel_linked(linked);
        if verdict == Verdict::Cancelled {
            // Nobody had been told anything.
            self.unlock();
            self.leave(0);
            return Some(Aborted::of(Verdict::Cancelled));
        }
        let mut aborted = Aborted::of(Verdict::Cancelling);
        for (place, seat) in self.seats().iter().enumerate() {
            match seat.abort() {
                duty @ Duty::Tell(_) => {
                    aborted.told = aborted.told.saturating_add(1);
                    if !self.deliver(place, seat, duty) {
                        aborted.refused = aborted.refused.saturating_add(1);
                    }
                }
                Duty::Owed => aborted.owed = aborted.owed.saturating_add(1),
                Duty::Noted | Duty::Nothing => {}
            }
        }
        self.leave(TOLD);
        if phase(&self.cell.set) == Phase::Cancelled {
            aborted.verdict = Verdict::Cancelled;
        }
        Some(aborted)
    }

    /// One look at the session.
    #[must_use]
    pub fn status(&self) -> SessionStatus {
        let look = |op: &Op| op.status(owner(op)).unwrap_or(VACANT);
        SessionStatus {
            stage: self.stage(),
            purpose: self.purpose(),
            set: look(&self.cell.set),
            completion: look(&self.cell.completion),
            // Ordering: Acquire, partner: the Release of the swap in `drop_hold`.
            hold_dropped: self.cell.hold.load(Ordering::Acquire) == DROPPED,
        }
    }

    /// One look at a participant; `None` where there is none of this number.
    #[must_use]
    pub fn participant(&self, place: usize) -> Option<Participant> {
        self.seats().get(place).map(Seat::look)
    }

    /// How many participants there are.
    #[must_use]
    pub fn participants(&self) -> usize {
        self.seats().len()
    }
}

/// What is seen of an operation that is being retired.
const VACANT: Status = Status {
    phase: Phase::Vacant,
    level: None,
    cause: None,
    effects: Effects::Unstated,
    code: None,
    shields: 0,
    mode: Mode::DECISIVE,
    generation: crate::ticket::Generation::new(0),
};

impl core::fmt::Debug for Session<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Session").field("cell", self.cell).field("seats", &self.seats()).finish()
    }
}
