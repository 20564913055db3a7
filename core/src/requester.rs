//! The verbs of a session's requester, in the order in which they are called.

use crate::seat::{Notice, Seat};
use crate::session::Session;
use crate::session_cell::{HOLDING, PURPOSE_SHIFT, TOLD, left, owner, phase, undisturbed};
use crate::stage::{Purpose, Stage};
use crate::sync::Ordering;
use crate::terms::{Cause, Code, Effects, Level, Mode, Phase, Request, Verdict};
use crate::trace::record;

impl Session<'_> {
    /// Begins it. Every other verb needs that.
    ///
    /// `OK`; `BAD_STATE` where it was initialised before.
    #[must_use = "one session is for one backup"]
    pub fn initialise(&self, purpose: Purpose) -> Verdict {
        let to = purpose.raw() << PURPOSE_SHIFT | Stage::Initialised.raw();
        if purpose == Purpose::Restore && self.stage() == Stage::Vacant {
            // Never started; what an abort is told, it says.
            let _ = self.cell.set.arm_ticket(Mode::UNCANCELLABLE);
        }
        // Ordering: AcqRel, partner: as in `move_stage`. Failure: Relaxed.
        match self.cell.stage.compare_exchange(0, to, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => {
                record!(Moved {
                    what: "session",
                    at: core::ptr::from_ref(self.cell).addr(),
                    before: 0,
                    after: to
                });
                Verdict::Ok
            }
            Err(_) => Verdict::BadState,
        }
    }

    /// Starts a snapshot set, and locks other sessions out until it has ended.
    ///
    /// `OK`; `BUSY` where another session has a set; `BAD_STATE`, also for a
    /// restore. Nothing changed then.
    #[must_use = "another session may have a set"]
    pub fn start_set(&self) -> Verdict {
        if self.stage() != Stage::Initialised || self.purpose() == Purpose::Restore {
            return Verdict::BadState;
        }
        let Some(hold) = self.lock.take() else { return Verdict::Busy };
        // Ordering: Relaxed: arming the set publishes it.
        self.cell.lock_hold.store(hold, Ordering::Relaxed);
        let _ = self.cell.completion.arm_ticket(Mode::BEST_EFFORT);
        match self.cell.set.arm_ticket(Mode::DECISIVE) {
            (Verdict::Ok, _) => {
                self.set_stage(Stage::SetStarted);
                Verdict::Ok
            }
            (refusal, _) => {
                self.lock.give_up(hold);
                refusal
            }
        }
    }

    /// Tells every participant to prepare.
    ///
    /// `OK`; `FAILED` where a participant refused: it is told nothing more but
    /// an abort, and the session may go on without it; `CANCELLED` where the
    /// session was aborted meanwhile; `BAD_STATE`.
    #[must_use = "the session may have been aborted"]
    pub fn prepare(&self) -> Verdict {
        let set = &self.cell.set;
        let pending = || phase(set) == Phase::Pending;
        if let Err(refusal) = self.enter(Stage::SetStarted, Stage::Preparing, pending) {
            return refusal;
        }
        if set.start(owner(set)).verdict != Verdict::Ok {
            self.leave(0);
            return Verdict::BadState;
        }
        let failed = self.tell_all(Notice::Prepare, || undisturbed(set));
        self.exit(Stage::Prepared, failed)
    }

    /// Tells every participant of the snapshot to come.
    ///
    /// As [`Session::prepare`].
    #[must_use = "the session may have been aborted"]
    pub fn prepare_snapshot(&self) -> Verdict {
        let going = || undisturbed(&self.cell.set);
        match self.enter(Stage::Prepared, Stage::PreparingSnapshot, going) {
            Ok(()) => {
                let failed = self.tell_all(Notice::PrepareSnapshot, going);
                self.exit(Stage::SnapshotPrepared, failed)
            }
            Err(refusal) => refusal,
        }
    }

    /// Freezes every participant. A refusal, or one that takes too long, aborts
    /// the session.
    ///
    /// `OK`; `CANCELLED` where the session has been aborted; `BAD_STATE`.
    #[must_use = "the session may have been aborted"]
    pub fn freeze(&self) -> Verdict {
        self.under_the_clock(
            Stage::SnapshotPrepared,
            Stage::Freezing,
            Stage::Frozen,
            Notice::Freeze,
        )
    }

    /// Notes that the system holds all writes from now on: for ten seconds at
    /// most (`Limits::hold`), else the session is aborted.
    ///
    /// `OK`; `CANCELLED`; `BAD_STATE`.
    #[must_use = "the session may have been aborted"]
    pub fn hold(&self) -> Verdict {
        let going = || undisturbed(&self.cell.set);
        match self.enter(Stage::Frozen, Stage::Holding, going) {
            Ok(()) => {
                // Ordering: Relaxed: the store below publishes it.
                self.cell.hold_since.store(self.host.now(), Ordering::Relaxed);
                // Ordering: Release, partner: the Acquire in `drop_hold`.
                self.cell.hold.store(HOLDING, Ordering::Release);
                self.exit(Stage::Holding, false)
            }
            Err(refusal) => refusal,
        }
    }

    /// Thaws every participant, and ends the hold. A refusal, or one that takes
    /// too long, aborts the session.
    ///
    /// `OK`; `CANCELLED` where the session has been aborted; `BAD_STATE`.
    #[must_use = "the session may have been aborted"]
    pub fn thaw(&self) -> Verdict {
        let from = if self.stage() == Stage::Holding { Stage::Holding } else { Stage::Frozen };
        self.under_the_clock(from, Stage::Thawing, Stage::Thawed, Notice::Thaw)
    }

    fn under_the_clock(&self, from: Stage, during: Stage, to: Stage, notice: Notice) -> Verdict {
        let going = || undisturbed(&self.cell.set);
        if let Err(refusal) = self.enter(from, during, going) {
            return refusal;
        }
        let _ = self.expire(self.host.now());
        if notice == Notice::Thaw {
            self.end_hold();
        }
        for (place, seat) in self.seats().iter().enumerate() {
            if !going() {
                break;
            }
            let duty = seat.tell(notice, self.host.now());
            self.deliver(place, seat, duty);
            let _ = self.expire(self.host.now());
            self.abort_for_failed(seat);
        }
        self.exit(to, false)
    }

    /// The automatic abort for a participant that failed between its freeze and
    /// its thaw. Looked at after its own turn: whoever noticed that its time ran
    /// out may not have come to abort for it yet, and past a thaw it cannot.
    fn abort_for_failed(&self, seat: &Seat) {
        let seat = seat.look();
        if matches!(seat.failed_at, Some(Notice::Freeze | Notice::Thaw)) {
            let cause = if seat.timed_out { Cause::Deadline } else { Cause::Peer };
            let _ = self.abort_set(Request::new(Level::Immediate, cause));
        }
    }

    /// The snapshot stands: the commit point. Tells every participant so; then
    /// other sessions are let in. From here on no abort reaches a participant.
    ///
    /// `OK`; `FAILED` where a participant refused: the snapshot stands all the
    /// same; `CANCELLED` where an abort came first; `BAD_STATE`.
    #[must_use = "an abort may have come first"]
    pub fn post_snapshot(&self) -> Verdict {
        let set = &self.cell.set;
        let going = || undisturbed(set);
        if let Err(refusal) = self.enter(Stage::Thawed, Stage::PostSnapshot, going) {
            return refusal;
        }
        if set.commit(left(set)).verdict != Verdict::Ok {
            self.leave(0);
            return Verdict::Cancelled;
        }
        let failed = self.tell_all(Notice::PostSnapshot, || true);
        self.set_stage(Stage::Created);
        let _ = set.finish(left(set));
        self.unlock();
        self.leave(0);
        if failed { Verdict::Failed } else { Verdict::Ok }
    }

    /// Tells every participant that the backup has succeeded.
    ///
    /// `OK`; `FAILED` where a participant refused; `CANCELLED` where an abort
    /// came meanwhile: the rest were not told; `BAD_STATE`.
    #[must_use = "an abort may have come first"]
    pub fn complete(&self) -> Verdict {
        let completion = &self.cell.completion;
        let pending = || phase(completion) == Phase::Pending;
        if let Err(refusal) = self.enter(Stage::Created, Stage::Completing, pending) {
            return refusal;
        }
        if completion.start(owner(completion)).verdict != Verdict::Ok {
            self.leave(0);
            return Verdict::BadState;
        }
        let failed = self.tell_all(Notice::Complete, || undisturbed(completion));
        let verdict = if undisturbed(completion) {
            // A request that comes at this very moment is told FINISHED.
            let _ = completion.finish(left(completion));
            self.set_stage(Stage::Completed);
            if failed { Verdict::Failed } else { Verdict::Ok }
        } else {
            let _ = completion.acknowledge(left(completion), Effects::Partial);
            Verdict::Cancelled
        };
        self.leave(0);
        verdict
    }

    /// Lets go of the session: it is not initialised any more, and its memory
    /// can be used for another. Participants that were told of the backup are
    /// told of the shutdown; those that are frozen, of an abort first.
    ///
    /// The requester's last call: nobody else calls at the same time.
    ///
    /// `OK`; `BUSY` where a verb or an abort is under way: nothing changes, and
    /// nothing is aborted by that; `BAD_STATE` where it is not initialised.
    #[must_use = "a session that is busy is not released"]
    pub fn release(&self) -> Verdict {
        let (stage, set, completion) = (self.stage(), &self.cell.set, &self.cell.completion);
        // Ordering: Acquire, partner: the Release in `leave`.
        if self.cell.callers.load(Ordering::Acquire) & !TOLD != 0 {
            return Verdict::Busy;
        }
        if stage == Stage::Vacant {
            return Verdict::BadState;
        }
        let letting_go = Request::new(Level::Graceful, Cause::Shutdown);
        match phase(set) {
            Phase::Running if stage >= Stage::Freezing && stage <= Stage::Thawed => {
                let _ = self.abort(letting_go);
            }
            // Nobody is frozen: letting go is enough.
            Phase::Running => drop(set.acknowledge(left(set), Effects::None)),
            _ => {}
        }
        if stage >= Stage::Preparing {
            self.tell_all(Notice::Shutdown, || true);
        }
        self.unlock();
        for op in [set, completion] {
            let held = owner(op);
            if !matches!(phase(op), Phase::Finished | Phase::Failed | Phase::Cancelled) {
                let _ = op.force(held, Code::ABANDONED);
            }
            let _ = op.retire(held);
        }
        self.seats().iter().for_each(Seat::clear);
        for word in [
            &self.cell.callers,
            &self.cell.hold,
            &self.cell.hold_since,
            &self.cell.code,
            &self.cell.lock_hold,
        ] {
            // Ordering: Relaxed: the store of the stage publishes it.
            word.store(0, Ordering::Relaxed);
        }
        // Ordering: Release, partner: the Acquire in `stage_word`.
        self.cell.stage.store(0, Ordering::Release);
        Verdict::Ok
    }
}
