//! The parties to an operation, each a type that can do only its own part.
//!
//! | role | how many | what it can do |
//! |---|---|---|
//! | [`Owner`] | one | hand out the others, force, retire |
//! | [`Worker`] | one, never a copy | poll, shield, commit, end |
//! | [`Canceller`] | any number | request, look |
//! | [`Observer`] | any number | look |
//!
//! All are `Send`; an operation may change threads. What each call does in
//! which context, and what it orders, stands at the method of the same name
//! of [`Op`], or of [`Source`] where the operation tells hooks.

use core::ptr;

use crate::op::Op;
use crate::status::{Answer, Status};
use crate::terms::{Code, Effects, Level, Mode, Phase, Request, Verdict};
use crate::ticket::{Rights, Ticket};
use crate::turn::Source;
use crate::word::{Step, Word};

/// Asked before a running gated operation takes a request; may refuse it with
/// the provider's own code.
///
/// It runs in the requester's context, with nothing locked. Zero lets the
/// request pass.
pub trait Gate: Sync {
    /// Zero to let the request pass, else the code that the requester is told.
    fn ask(&self, request: Request) -> u32;
}

impl<F: Fn(Request) -> u32 + Sync> Gate for F {
    fn ask(&self, request: Request) -> u32 {
        self(request)
    }
}

/// Where the operation is, and with what it is changed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) op: &'a Op,
    pub(crate) source: Option<&'a Source>,
}

impl<'a> Place<'a> {
    fn of_op(op: &'a Op) -> Self {
        Self { op, source: None }
    }

    fn of_source(source: &'a Source) -> Self {
        Self { op: source.op(), source: Some(source) }
    }

    fn cancel(&self, held: Ticket, request: Request, gate: Option<&dyn Gate>) -> Answer {
        let ask = gate.map(|gate| move |request| gate.ask(request));
        match self.source {
            None => self.op.cancel(held, request, ask),
            Some(source) => source.cancel(held, request, ask),
        }
    }

    fn finish(&self, left: Word) -> Step {
        match self.source {
            None => self.op.finish(left),
            Some(source) => source.finish(left),
        }
    }

    fn fail(&self, left: Word, code: Code) -> Step {
        match self.source {
            None => self.op.fail(left, code),
            Some(source) => source.fail(left, code),
        }
    }

    fn acknowledge(&self, left: Word, effects: Effects) -> Step {
        match self.source {
            None => self.op.acknowledge(left, effects),
            Some(source) => source.acknowledge(left, effects),
        }
    }

    fn force(&self, held: Ticket, code: Code) -> Verdict {
        match self.source {
            None => self.op.force(held, code).verdict,
            Some(source) => source.force(held, code).verdict,
        }
    }

    fn retire(&self, held: Ticket) -> Verdict {
        match self.source {
            None => self.op.retire(held).verdict,
            Some(source) => source.retire(held),
        }
    }
}

impl Source {
    /// Makes a vacant source a pending operation, and its caller the owner.
    ///
    /// # Errors
    /// `BAD_STATE` where the source is not vacant.
    pub fn arm(&self, mode: Mode) -> Result<Owner<'_>, Verdict> {
        match self.arm_ticket(mode) {
            (Verdict::Ok, ticket) => Ok(Owner { place: Place::of_source(self), ticket }),
            (refusal, _) => Err(refusal),
        }
    }

    /// A handle that may cancel the source's present operation.
    pub fn canceller(&self) -> Canceller<'_> {
        let ticket = self.ticket(Rights::CANCEL);
        Canceller { place: Place::of_source(self), ticket, gate: None }
    }
}

impl Op {
    /// Makes a vacant op a pending operation, and its caller the owner.
    ///
    /// # Errors
    /// `BAD_STATE` where the op is not vacant.
    pub fn arm(&self, mode: Mode) -> Result<Owner<'_>, Verdict> {
        match self.arm_ticket(mode) {
            (Verdict::Ok, ticket) => Ok(Owner { place: Place::of_op(self), ticket }),
            (refusal, _) => Err(refusal),
        }
    }

    /// Takes over an operation that another process or an earlier run of the
    /// program armed and left. The caller vouches that it is the only owner.
    #[must_use]
    pub fn adopt(&self) -> Owner<'_> {
        Owner { place: Place::of_op(self), ticket: self.ticket(Rights::ALL) }
    }
}

/// Who armed the operation. Dropping the owner changes nothing.
#[derive(Debug)]
pub struct Owner<'a> {
    place: Place<'a>,
    ticket: Ticket,
}

impl<'a> Owner<'a> {
    /// Starts the operation; whoever calls is its worker. May be called
    /// through a shared reference from another thread; one call succeeds.
    ///
    /// # Errors
    /// `CANCELLED` where a cancel came first; `BAD_STATE`; `STALE`.
    pub fn start(&self) -> Result<Worker<'a>, Verdict> {
        let step = self.place.op.start(self.ticket);
        match step.verdict {
            Verdict::Ok => Ok(Worker { place: self.place, left: step.word }),
            refusal => Err(refusal),
        }
    }

    /// A handle that may cancel this operation.
    #[must_use]
    pub fn canceller(&self) -> Canceller<'a> {
        Canceller { place: self.place, ticket: self.ticket.narrowed(Rights::CANCEL), gate: None }
    }

    /// A handle that may cancel this operation where `gate` lets it.
    #[must_use]
    pub fn gated_canceller(&self, gate: &'a dyn Gate) -> Canceller<'a> {
        Canceller { gate: Some(gate), ..self.canceller() }
    }

    /// A handle that can only look.
    #[must_use]
    pub fn observer(&self) -> Observer<'a> {
        Observer { place: self.place, ticket: self.ticket.narrowed(Rights::OBSERVE) }
    }

    /// One consistent look; `None` where the op has been retired.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.place.op.status(self.ticket)
    }

    /// Ends an operation whose worker is gone, as failed with unknown effects.
    ///
    /// `OK`; `BAD_STATE` where it has ended already; `STALE`.
    #[must_use = "an operation that has ended already keeps its outcome"]
    pub fn force(&self, code: Code) -> Verdict {
        self.place.force(self.ticket, code)
    }

    /// Waits until all hooks have been told of what has happened, as
    /// [`Source::settle`]; `OK` at once where there are none.
    #[must_use = "in an interrupt it does not wait"]
    pub fn settle(&self) -> Verdict {
        self.place.source.map_or(Verdict::Ok, Source::settle)
    }

    /// Makes the ended op vacant again; every handle is stale from here on.
    ///
    /// # Errors
    /// The owner itself, with `BAD_STATE` where the operation has not ended,
    /// `BUSY` where hooks are still being told ([`Owner::settle`] waits for
    /// them), or `STALE` where somebody who [adopted](Op::adopt) it has retired
    /// it.
    pub fn retire(self) -> Result<(), (Self, Verdict)> {
        match self.place.retire(self.ticket) {
            Verdict::Ok => Ok(()),
            refusal => Err((self, refusal)),
        }
    }
}

/// Who runs the operation. Dropped before it has ended the operation, it
/// fails it with [`Code::ABANDONED`]: an operation always ends.
#[derive(Debug)]
#[must_use = "a worker that is dropped abandons its operation"]
pub struct Worker<'a> {
    place: Place<'a>,
    /// The word as this worker left it, without any request.
    left: Word,
}

impl<'a> Worker<'a> {
    /// A handle that can only look, for others, and for futures that the worker
    /// is lent to.
    #[must_use]
    pub fn observer(&self) -> Observer<'a> {
        Observer { place: self.place, ticket: self.ticket().narrowed(Rights::OBSERVE) }
    }
}

impl Worker<'_> {
    fn ticket(&self) -> Ticket {
        self.left.worker_ticket()
    }

    /// The level to obey now, or `None` to go on. A worker that was forced off
    /// its operation is told [`Level::Immediate`]: it is not its own any more.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub fn poll(&self) -> Option<Level> {
        self.place.op.poll_from(self.left)
    }

    /// The request in force, shielded or not, with what its requester wrote
    /// before it visible to this worker.
    #[must_use]
    pub fn request(&self) -> Option<Request> {
        let status = self.place.op.status(self.ticket())?;
        Some(Request::new(status.level?, status.cause?))
    }

    /// Puts up a shield. `OK`; `FULL`; `BAD_STATE`; `STALE`.
    #[must_use = "a shield that was not put up does not defer anything"]
    pub fn shield(&mut self) -> Verdict {
        let step = self.place.op.shield(self.left);
        self.follow(step)
    }

    /// Takes a shield down, and says which level is visible now.
    ///
    /// # Errors
    /// `BAD_STATE`, also where no shield is up; `STALE`.
    pub fn unshield(&mut self) -> Result<Option<Level>, Verdict> {
        let step = self.place.op.unshield(self.left);
        match self.follow(step) {
            Verdict::Ok => Ok(step.word.visible()),
            refusal => Err(refusal),
        }
    }

    /// Passes the commit point. `OK`; `CANCELLING`; `BAD_STATE`; `STALE`.
    #[must_use = "nothing is committed unless the answer is OK"]
    pub fn commit(&mut self) -> Verdict {
        let step = self.place.op.commit(self.left);
        self.follow(step)
    }

    /// Ends it: done. `OK`; `CANCELLING`: undo, then acknowledge; `BAD_STATE`;
    /// `STALE`.
    #[must_use = "a decisive operation that was requested does not finish"]
    pub fn finish(&mut self) -> Verdict {
        let step = self.place.finish(self.left);
        self.follow(step)
    }

    /// Ends it with an error. `OK`; `CANCELLED`; `BAD_STATE`; `STALE`.
    #[must_use = "a decisive operation that was requested ends cancelled"]
    pub fn fail(&mut self, code: Code) -> Verdict {
        let step = self.place.fail(self.left, code);
        self.follow(step)
    }

    /// Ends it as cancelled. `OK`; `BAD_STATE`; `INVALID`; `STALE`.
    #[must_use = "past the commit point nothing can be acknowledged"]
    pub fn acknowledge(&mut self, effects: Effects) -> Verdict {
        let step = self.place.acknowledge(self.left, effects);
        self.follow(step)
    }

    fn follow(&mut self, step: Step) -> Verdict {
        self.left = step.left_behind(self.left);
        step.verdict
    }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        if matches!(self.left.phase(), Some(Phase::Running | Phase::Committed)) {
            // Told otherwise, it has ended already.
            let _ = self.place.fail(self.left, Code::ABANDONED);
        }
    }
}

/// Who may ask for a cancel.
#[derive(Clone, Copy)]
pub struct Canceller<'a> {
    place: Place<'a>,
    ticket: Ticket,
    gate: Option<&'a dyn Gate>,
}

impl<'a> Canceller<'a> {
    /// Asks for the operation to be cancelled.
    pub fn cancel(&self, request: Request) -> Answer {
        self.place.cancel(self.ticket, request, self.gate)
    }

    /// The same handle without the right to cancel: every request is told
    /// `DENIED`.
    #[must_use]
    pub fn without_right(&self) -> Self {
        Self { ticket: self.ticket.narrowed(Rights::OBSERVE), ..*self }
    }

    /// One consistent look; `None` where the handle is stale.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.place.op.status(self.ticket)
    }

    /// A handle that can only look.
    #[must_use]
    pub fn observer(&self) -> Observer<'a> {
        Observer { place: self.place, ticket: self.ticket.narrowed(Rights::OBSERVE) }
    }
}

impl core::fmt::Debug for Canceller<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Canceller")
            .field("op", &ptr::from_ref(self.place.op))
            .field("ticket", &self.ticket)
            .field("gated", &self.gate.is_some())
            .finish()
    }
}

/// Who can only look.
#[derive(Clone, Copy, Debug)]
pub struct Observer<'a> {
    pub(crate) place: Place<'a>,
    pub(crate) ticket: Ticket,
}

impl Observer<'_> {
    /// One consistent look; `None` where the handle is stale.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.place.op.status(self.ticket)
    }
}
