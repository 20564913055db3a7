//! The atomic cell: [`step`] applied to a word in memory.
//!
//! Cancel, commit and finish stand in this one file because they are one race.
//!
//! # Protocol of the word
//!
//! Every change of the word is one compare-and-swap from a word that `step`
//! was shown to the word that `step` answered. Nothing happens inside the
//! loop but `step`: the gate is asked, and the code is written, before it.
//! A call that changes nothing does not write; so only the request that was
//! accepted publishes its requester's memory.
//!
//! # Order of things
//!
//! The code ([`CodeCell`]) is written before the word says that the operation
//! ended with it, and blanked before the word turns VACANT.
//!
//! Force and retire belong to the owner, and an op has one owner at a time:
//! they do not run at the same time as one another. Everything else may run at
//! the same time as anything.
//!
//! # Who calls
//!
//! Owners, requesters and observers bring a ticket. A worker brings the word as
//! it left it (the [`Step`] of its last call says what that is, by
//! [`Step::left_behind`]): its generation is the worker's ticket, and where
//! nobody has touched the word since, commit and finish are one swap from it.

use crate::code::{CodeCell, Written};
use crate::status::{Answer, Status};
use crate::sync::{AtomicU32, Ordering, const_new};
use crate::terms::{Code, Effects, Level, Mode, Phase, Request, Verdict};
use crate::ticket::{Rights, Ticket};
use crate::trace::record;
use crate::word::{Event, Gate, Packed, Step, Word, step_packed, step_shared};

/// A gate that the caller brings, if it brings one, called once at most.
pub type GateRef<'a> = Option<&'a mut dyn FnMut(Request) -> u32>;

/// Makes `call` with a reference to this gate.
pub(crate) fn by_reference<G, A>(mut gate: Option<G>, call: impl FnOnce(GateRef<'_>) -> A) -> A
where
    G: FnOnce(Request) -> u32,
{
    let brought = gate.is_some();
    let mut ask = |request| gate.take().map_or(0, |gate| gate(request));
    call(if brought { Some(&mut ask) } else { None })
}

/// One cancellable piece of work: 8 bytes that its owner places anywhere.
///
/// All-zero memory is a valid, vacant op. An op holds no address, so one in
/// memory shared by processes works in each of them.
#[repr(C)]
#[derive(Debug)]
pub struct Op {
    word: AtomicU32,
    code: CodeCell,
}

impl Op {
    const_new! {
        /// A vacant op.
        #[must_use]
        pub fn new() -> Self {
            Self { word: AtomicU32::new(0), code: CodeCell::new() }
        }
    }

    /// Applies `event` until it either changes the word or is answered without
    /// a change. `code` is what a fail or a force brings. `success` orders the
    /// change; an answer without one acquires, so that whoever is told of an end
    /// or a commit sees what led to it.
    ///
    /// On bare metal all calls share one copy of it, whose changes are Release.
    #[cfg_attr(not(quell_bare), inline(always))]
    #[cfg_attr(quell_bare, inline(never))]
    pub(crate) fn apply(&self, held: Ticket, event: Packed, code: u32, success: Ordering) -> Step {
        if cfg!(quell_bare) {
            return self
                .apply_by(held, event, code, &mut |from, step| self.swap(event, from, step));
        }
        if let Some(refused) = self.write_code(held, event, code) {
            return refused;
        }
        // Ordering: Acquire, partner: the Release of commit, finish, fail,
        // acknowledge, force, cancel and retire.
        let mut seen = self.word.load(Ordering::Acquire);
        loop {
            let next = step_shared(Word::from_raw(seen), held, event);
            if next.word.raw() == seen {
                return next;
            }
            // Ordering: `success` is the caller's, named there. Failure:
            // Acquire, as for the load above, for it is the same look again.
            match self.word.compare_exchange_weak(seen, next.word.raw(), success, Ordering::Acquire)
            {
                Ok(_) => {
                    record!(Changed {
                        op: core::ptr::from_ref(self).addr(),
                        event,
                        before: Word::from_raw(seen),
                        step: next,
                    });
                    return next;
                }
                Err(now) => seen = now,
            }
        }
    }

    /// `apply`, whose change is made by `swap`, which tells whether the word was
    /// still the one that the step was made from: so whoever has to make it under
    /// a lock has no more under the lock than that.
    #[cfg_attr(not(quell_bare), inline(always))]
    #[cfg_attr(quell_bare, inline(never))]
    pub(crate) fn apply_by(
        &self,
        held: Ticket,
        event: Packed,
        code: u32,
        swap: &mut dyn FnMut(Word, Step) -> bool,
    ) -> Step {
        if let Some(refused) = self.write_code(held, event, code) {
            return refused;
        }
        loop {
            let seen = self.look();
            let next = step_shared(seen, held, event);
            if next.word == seen {
                return next;
            }
            if swap(seen, next) {
                return next;
            }
        }
    }

    /// The swap of the step that `event` makes from `from`.
    #[cfg_attr(not(any(feature = "defmt", feature = "log", feature = "tracing")), expect(unused))]
    pub(crate) fn swap(&self, event: Packed, from: Word, step: Step) -> bool {
        // Ordering: Release, partner: as each verb's. Failure: Relaxed: the word
        // is looked at again.
        let swapped = self.word.compare_exchange(
            from.raw(),
            step.word.raw(),
            Ordering::Release,
            Ordering::Relaxed,
        );
        if swapped.is_ok() {
            record!(Changed { op: core::ptr::from_ref(self).addr(), event, before: from, step });
        }
        swapped.is_ok()
    }

    /// Retires it from `from`, which an owner was shown and nobody changes: the
    /// step is `to`.
    pub(crate) fn retire_from(&self, from: Word, to: Step) -> bool {
        self.code.blank(to.word.generation());
        self.swap(Packed::of(Event::Retire), from, to)
    }

    /// Writes or blanks the code of an event that does so before it changes the
    /// word, or gives the answer of one that is not going to change it.
    #[cfg_attr(not(quell_bare), inline(always))]
    fn write_code(&self, held: Ticket, event: Packed, code: u32) -> Option<Step> {
        if !event.touches_code() {
            return None;
        }
        let seen = self.look();
        let next = step_shared(seen, held, event);
        if next.word == seen {
            return Some(next);
        }
        if event.is_retire() {
            self.code.blank(next.word.generation());
        } else {
            self.code.write(held.generation(), code);
        }
        None
    }

    /// One try at `event` without a look first, where the word most likely is
    /// `likely` and the answer to that would be `hoped`: the swap that `step`
    /// answers. `None`: nothing happened; look, and `apply`.
    ///
    /// A swap that succeeds has seen `likely` in the word, so its answer is
    /// `step`'s whatever the guess was worth.
    #[inline(always)]
    fn attempt(
        &self,
        likely: Word,
        held: Ticket,
        event: Packed,
        hoped: Verdict,
        success: Ordering,
    ) -> Option<Step> {
        let next = step_packed(likely, held, event);
        if next.verdict.raw() != hoped.raw() {
            return None;
        }
        // Ordering: `success` is the caller's, named there. Failure: Relaxed:
        // the word is looked at again.
        self.word
            .compare_exchange_weak(likely.raw(), next.word.raw(), success, Ordering::Relaxed)
            .ok()?;
        record!(Changed {
            op: core::ptr::from_ref(self).addr(),
            event,
            before: likely,
            step: next
        });
        Some(Step { word: next.word, verdict: hoped })
    }

    /// The present word, with what led to it.
    #[cfg_attr(not(quell_bare), inline)]
    pub(crate) fn look(&self) -> Word {
        // Ordering: Acquire, partner: the Release of cancel, commit and every
        // call that ends an operation.
        Word::from_raw(self.word.load(Ordering::Acquire))
    }

    /// The present word, for a look that no memory is read after.
    #[cfg_attr(not(quell_bare), inline)]
    pub(crate) fn glance(&self) -> Word {
        // Ordering: Relaxed: level and cause travel in the word itself.
        Word::from_raw(self.word.load(Ordering::Relaxed))
    }

    /// A ticket of the op's present generation, whatever its phase: the way
    /// into an op that another process armed.
    ///
    /// Context: any. Progress: wait-free. Ordering: none.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub fn ticket(&self, rights: Rights) -> Ticket {
        let word = self.glance();
        Ticket::new(word.generation(), rights).guessing(word.mode())
    }

    /// Makes a vacant op a pending operation, and says under which ticket.
    ///
    /// Context: any; one owner at a time. Progress: lock-free. Ordering: what
    /// the owner wrote before is seen by the worker after `start`; what the
    /// last life's owner wrote before `retire` is seen after this.
    ///
    /// `OK`, or `BAD_STATE` where the op is not vacant.
    #[cfg_attr(not(quell_bare), inline)]
    pub fn arm_ticket(&self, mode: Mode) -> (Verdict, Ticket) {
        self.arm_with(mode, Ticket::new(self.glance().generation(), Rights::ALL).guessing(mode))
    }

    /// `arm_ticket` for an operation with hooks.
    pub(crate) fn arm_through_source(&self, mode: Mode) -> (Verdict, Ticket) {
        let ticket = Ticket::new(self.glance().generation(), Rights::ALL);
        self.arm_with(mode, ticket.through_source())
    }

    fn arm_with(&self, mode: Mode, ticket: Ticket) -> (Verdict, Ticket) {
        // Ordering: AcqRel. Acquire comes from the load, partner: retire.
        // Release, partner: start's Acquire.
        let step = self.apply(ticket, Packed::of(Event::Arm(mode)), 0, Ordering::Release);
        match step.verdict {
            // Retired since the glance, so between the two it was not vacant.
            Verdict::Stale => (Verdict::BadState, ticket),
            verdict => (verdict, ticket),
        }
    }

    /// Becomes the worker. The word that comes back is the running word, for
    /// the worker's own poll.
    ///
    /// Context: any. Progress: lock-free. Ordering: sees what the owner wrote
    /// before `arm`.
    ///
    /// `OK`; `CANCELLED` where a cancel came first; `DENIED` without
    /// [`Rights::WORK`]; `BAD_STATE`; `STALE`.
    #[cfg_attr(not(quell_bare), inline)]
    pub fn start(&self, held: Ticket) -> Step {
        // Ordering: Relaxed: a start publishes nothing, and the load acquired
        // (partner: arm's Release).
        self.apply(held, Packed::of(Event::Start), 0, Ordering::Relaxed)
    }

    /// Asks for the operation to be cancelled. `gate` is asked at most once,
    /// and only where the request would be recorded on a gated operation; it
    /// answers zero to let the request pass, else the provider's code.
    ///
    /// Context: any that the gate allows. Progress: lock-free, the gate apart.
    /// Ordering: an accepted request publishes what the requester wrote before
    /// it to whoever looks at the status or is told of it; a requester that is
    /// told `TOO_LATE` or an end sees what the worker wrote before it.
    ///
    /// Every answer of the cancel rows of SPEC.md, section 3.
    #[cfg_attr(not(quell_bare), inline)]
    pub fn cancel<G>(&self, held: Ticket, request: Request, gate: Option<G>) -> Answer
    where
        G: FnOnce(Request) -> u32,
    {
        if !cfg!(quell_bare)
            && let Some(verdict) = self.cancel_undisturbed(held, request)
        {
            return Answer::plain(verdict);
        }
        self.cancel_any(held, request, gate)
    }

    /// [`Op::cancel`] by one swap, where the operation was armed decisive, has no
    /// source, is running, and nobody has asked anything of it; else `None`:
    /// nothing happened.
    ///
    /// Context: any. Progress: wait-free. Ordering: as [`Op::cancel`].
    #[inline(always)]
    #[must_use]
    pub fn cancel_undisturbed(&self, held: Ticket, request: Request) -> Option<Verdict> {
        if !held.expects_plain() {
            return None;
        }
        let likely = Word::undisturbed(held.generation());
        let held = Ticket::new(held.generation(), Rights::CANCEL);
        let event = Packed::of(Event::Cancel(request, Gate::Absent));
        // Ordering: Release, partner: as in `request`.
        let step = self.attempt(likely, held, event, Verdict::Cancelling, Ordering::Release)?;
        Some(step.verdict)
    }

    /// `cancel`, whatever the word is.
    #[cold]
    #[cfg_attr(not(quell_bare), inline(never))]
    fn cancel_any<G>(&self, held: Ticket, request: Request, gate: Option<G>) -> Answer
    where
        G: FnOnce(Request) -> u32,
    {
        if cfg!(quell_bare) {
            return by_reference(gate, |gate| self.cancel_with(held, request, gate));
        }
        let first = self.request(held, request, Gate::Absent);
        self.ask(first, held, request, gate, |answer| self.request(held, request, answer))
    }

    /// [`Op::cancel`], of a gate of any type: one copy for all of them, for who
    /// has more room to win by that than time to lose.
    ///
    /// Context, Progress, Ordering, answers: as [`Op::cancel`].
    pub fn cancel_with(&self, held: Ticket, request: Request, gate: GateRef<'_>) -> Answer {
        let first = self.request(held, request, Gate::Absent);
        self.ask(first, held, request, gate, |answer| self.request(held, request, answer))
    }

    /// What a requester is told whose request was answered with `first`, and
    /// `again` with what the gate said.
    #[cfg_attr(not(quell_bare), inline(always))]
    pub(crate) fn ask<G>(
        &self,
        first: Step,
        held: Ticket,
        request: Request,
        gate: Option<G>,
        again: impl FnOnce(Gate) -> Step,
    ) -> Answer
    where
        G: FnOnce(Request) -> u32,
    {
        match gate {
            Some(gate) if self.would_ask(held, request, first) => {
                let refusal = gate(request);
                let step = again(if refusal == 0 { Gate::Allows } else { Gate::Refuses });
                self.answer(step, refusal)
            }
            _ => self.answer(first, 0),
        }
    }

    /// One request to an operation that has a source, by one swap where it is
    /// decisive and nobody has asked anything of it; else `None`: nothing
    /// happened.
    #[inline(always)]
    pub(crate) fn request_undisturbed(&self, held: Ticket, request: Request) -> Option<Step> {
        if !held.is_of_source() || !held.rights().contains(Rights::CANCEL) {
            return None;
        }
        let generation = held.generation();
        let held = Ticket::new(generation, Rights::CANCEL).through_source();
        let likely = Word::undisturbed_of_source(generation);
        let event = Packed::of(Event::Cancel(request, Gate::Absent));
        // Ordering: Release, partner: as in `request`.
        self.attempt(likely, held, event, Verdict::Cancelling, Ordering::Release)
    }

    /// Makes a vacant op a running operation of a source, by one swap.
    #[inline(always)]
    pub(crate) fn arm_and_start(&self, mode: Mode) -> Step {
        // Ordering: Acquire, partner: the Release of retire.
        let seen = Word::from_raw(self.word.load(Ordering::Acquire));
        let held = Ticket::new(seen.generation(), Rights::ALL).through_source();
        let armed = step_shared(seen, held, Packed::of(Event::Arm(mode)));
        if armed.verdict != Verdict::Ok {
            return armed;
        }
        let started = step_shared(armed.word, held, Packed::of(Event::Start));
        // Ordering: Release, partner: the Acquire of status. Failure: Relaxed:
        // another owner was first, and nothing is read.
        match self.word.compare_exchange(
            seen.raw(),
            started.word.raw(),
            Ordering::Release,
            Ordering::Relaxed,
        ) {
            Ok(_) => {
                record!(Changed {
                    op: core::ptr::from_ref(self).addr(),
                    event: Packed::of(Event::Arm(mode)),
                    before: seen,
                    step: armed
                });
                record!(Changed {
                    op: core::ptr::from_ref(self).addr(),
                    event: Packed::of(Event::Start),
                    before: armed.word,
                    step: started
                });
                started
            }
            Err(_) => Step { word: seen, verdict: Verdict::BadState },
        }
    }

    /// Ends a running operation of a source, of which nobody is to be told, and
    /// makes it vacant, by one swap; false where something came between, and on bare
    /// metal, where the caller's way step by step is room enough.
    #[inline(always)]
    pub(crate) fn end_and_retire(&self) -> bool {
        if cfg!(quell_bare) {
            return false;
        }
        // Ordering: Acquire, partner: the Release of whoever cancelled it.
        let seen = Word::from_raw(self.word.load(Ordering::Acquire));
        let event = if seen.is_calm() { Event::Finish } else { Event::Acknowledge(Effects::None) };
        let ended = step_shared(seen, seen.worker_ticket(), Packed::of(event));
        if ended.verdict != Verdict::Ok {
            return false;
        }
        let owner = Ticket::new(seen.generation(), Rights::ALL).through_source();
        let vacant = step_shared(ended.word, owner, Packed::of(Event::Retire));
        self.code.blank(vacant.word.generation());
        // Ordering: Release, partner: the Acquire of arm. Failure: Relaxed: the
        // caller does it step by step.
        let done = self
            .word
            .compare_exchange(seen.raw(), vacant.word.raw(), Ordering::Release, Ordering::Relaxed)
            .is_ok();
        if done {
            record!(Changed {
                op: core::ptr::from_ref(self).addr(),
                event: Packed::of(event),
                before: seen,
                step: ended
            });
            record!(Changed {
                op: core::ptr::from_ref(self).addr(),
                event: Packed::of(Event::Retire),
                before: ended.word,
                step: vacant
            });
        }
        done
    }

    /// One request, with what its gate said.
    pub(crate) fn request(&self, held: Ticket, request: Request, gate: Gate) -> Step {
        // Ordering: Release, partner: the Acquire of status, and of the
        // worker's own commit and finish when they are told CANCELLING.
        self.apply(held, Packed::of(Event::Cancel(request, gate)), 0, Ordering::Release)
    }

    /// Whether only a gate that was not asked stands in the way of a request
    /// that was answered with `step`.
    pub(crate) fn would_ask(&self, held: Ticket, request: Request, step: Step) -> bool {
        step.verdict == Verdict::Denied
            && held.rights().contains(Rights::CANCEL)
            && step.word.asks_gate(request.level)
    }

    /// What a requester is told after `step`; `refusal` is the gate's code.
    pub(crate) fn answer(&self, step: Step, refusal: u32) -> Answer {
        match step.verdict {
            Verdict::Refused => Answer { verdict: Verdict::Refused, code: refusal },
            Verdict::Failed => self.failure(step.word),
            verdict => Answer::plain(verdict),
        }
    }

    /// Puts up a shield: requests are recorded, and shown when the last shield
    /// comes down.
    ///
    /// Context: any. Progress: lock-free. Ordering: none.
    ///
    /// `OK`; `FULL` beyond [`MAX_SHIELDS`](crate::word::MAX_SHIELDS);
    /// `BAD_STATE`; `STALE`.
    #[cfg_attr(not(quell_bare), inline)]
    pub fn shield(&self, left: Word) -> Step {
        // Ordering: Relaxed: it moves bits inside the word, no other memory.
        self.apply(left.worker_ticket(), Packed::of(Event::Shield), 0, Ordering::Relaxed)
    }

    /// Takes a shield down. The word's visible level is what the worker is to
    /// obey now.
    ///
    /// Context: any. Progress: lock-free. Ordering: none.
    ///
    /// `OK`; `BAD_STATE`, also where no shield is up; `STALE`.
    #[cfg_attr(not(quell_bare), inline)]
    pub fn unshield(&self, left: Word) -> Step {
        // Ordering: Relaxed: it moves bits inside the word, no other memory.
        self.apply(left.worker_ticket(), Packed::of(Event::Unshield), 0, Ordering::Relaxed)
    }

    /// Passes the commit point: from here on the effects stand.
    ///
    /// Context: any. Progress: lock-free. Ordering: publishes the worker's
    /// writes to requesters that are told `TOO_LATE`; told `CANCELLING`, the
    /// worker sees what the requester wrote.
    ///
    /// `OK`; `CANCELLING` where a request came first, shielded or not: nothing
    /// is committed; `BAD_STATE`; `STALE`.
    #[cfg_attr(not(quell_bare), inline)]
    pub fn commit(&self, left: Word) -> Step {
        match self.undisturbed(left, Packed::of(Event::Commit)) {
            Some(step) => step,
            None => self.commit_disturbed(left),
        }
    }

    /// Ends the operation: done.
    ///
    /// Context: any. Progress: lock-free. Ordering: as `commit`.
    ///
    /// `OK`; `CANCELLING` of a decisive operation that has been requested:
    /// undo, then acknowledge; `BAD_STATE`; `STALE`.
    #[cfg_attr(not(quell_bare), inline)]
    pub fn finish(&self, left: Word) -> Step {
        match self.undisturbed(left, Packed::of(Event::Finish)) {
            Some(step) => step,
            None => self.finish_disturbed(left),
        }
    }

    #[cold]
    #[cfg_attr(not(quell_bare), inline(never))]
    fn commit_disturbed(&self, left: Word) -> Step {
        // Ordering: Release, partner: the Acquire of cancel, status, retire.
        self.apply(left.worker_ticket(), Packed::of(Event::Commit), 0, Ordering::Release)
    }

    #[cold]
    #[cfg_attr(not(quell_bare), inline(never))]
    fn finish_disturbed(&self, left: Word) -> Step {
        // Ordering: Release, partner: the Acquire of cancel, status, retire.
        self.apply(left.worker_ticket(), Packed::of(Event::Finish), 0, Ordering::Release)
    }

    /// A commit or a finish by one swap, where nobody has touched the word
    /// since its worker left it as `left`.
    #[inline(always)]
    fn undisturbed(&self, left: Word, event: Packed) -> Option<Step> {
        // Always so; said here for the compiler, which then leaves out of
        // `step` what is about requests, and what is told out of phase.
        if cfg!(quell_bare) || left.without_request() != left || !event.is_for(left) {
            return None;
        }
        // Ordering: Release, partner: the Acquire of cancel, status, retire.
        self.attempt(left, left.worker_ticket(), event, Verdict::Ok, Ordering::Release)
    }

    /// [`Op::commit`] or [`Op::finish`] by one swap, of an operation without a
    /// source, a request or a shield; else `None`: nothing happened. It is no
    /// larger than a call: all but the generation and the mode is known.
    ///
    /// Context: any. Progress: wait-free. Ordering: as [`Op::commit`].
    #[inline(always)]
    #[must_use]
    pub fn work_undisturbed(&self, left: Word, event: Packed) -> Option<Step> {
        let likely = left.simplest_for(event);
        if likely != left {
            return None;
        }
        // Ordering: Release, partner: the Acquire of cancel, status, retire.
        self.attempt(likely, likely.worker_ticket(), event, Verdict::Ok, Ordering::Release)
    }

    /// Ends the operation with its own error code.
    ///
    /// Context: any. Progress: lock-free. Ordering: as `commit`.
    ///
    /// `OK`; `CANCELLED` of a decisive operation that has been requested: it
    /// ended as cancelled with unknown effects and keeps the code;
    /// `BAD_STATE`; `STALE`. If the owner was forcing it at that very moment,
    /// the owner's code may stand and not this one.
    #[cfg_attr(not(quell_bare), inline)]
    pub fn fail(&self, left: Word, code: Code) -> Step {
        let event = Packed::of(Event::Fail);
        // Ordering: Release, partner: the Acquire of cancel, status, retire.
        self.apply(left.worker_ticket(), event, code.raw(), Ordering::Release)
    }

    /// Ends the operation as cancelled, and says what it left behind.
    ///
    /// Context: any. Progress: lock-free. Ordering: as `commit`.
    ///
    /// `OK`, also where nobody asked: the cause is then
    /// [`Cause::Itself`](crate::Cause::Itself); `BAD_STATE`, also past the commit point; `INVALID`
    /// for [`Effects::Unstated`]; `STALE`.
    #[cfg_attr(not(quell_bare), inline)]
    pub fn acknowledge(&self, left: Word, effects: Effects) -> Step {
        let event = Packed::of(Event::Acknowledge(effects));
        // Ordering: Release, partner: the Acquire of cancel, status, retire.
        self.apply(left.worker_ticket(), event, 0, Ordering::Release)
    }

    /// The verb of its worker that `event` is: [`Op::shield`], [`Op::unshield`],
    /// [`Op::commit`], [`Op::finish`], [`Op::fail`] with `code`, or
    /// [`Op::acknowledge`]. For a caller with one function for all of them.
    ///
    /// Context, Progress, Ordering, answers: as those.
    #[inline(always)]
    pub fn work(&self, left: Word, event: Packed, code: u32) -> Step {
        if !cfg!(quell_bare) {
            match event {
                Packed::SHIELD => return self.shield(left),
                Packed::UNSHIELD => return self.unshield(left),
                Packed::COMMIT => return self.commit(left),
                Packed::FINISH => return self.finish(left),
                _ => {}
            }
        }
        // Ordering: Release, partner: the Acquire of cancel, status, retire.
        self.apply(left.worker_ticket(), event, code, Ordering::Release)
    }

    /// Ends an operation whose worker is gone, as failed with unknown effects.
    ///
    /// Context: any; owner only. Progress: lock-free. Ordering: publishes what
    /// the owner wrote before.
    ///
    /// `OK`; `BAD_STATE` where it has ended already, or is vacant; `DENIED`
    /// without [`Rights::OWN`]; `STALE`. If the worker was failing at that
    /// very moment, its code stands and not this one.
    #[cfg_attr(not(quell_bare), inline)]
    pub fn force(&self, held: Ticket, code: Code) -> Step {
        // Ordering: Release, partner: the Acquire of cancel, status, retire.
        self.apply(held, Packed::of(Event::Force), code.raw(), Ordering::Release)
    }

    /// Makes an ended op vacant again, in the next generation: every handle of
    /// this one is stale from here on.
    ///
    /// Context: any; owner only. Progress: lock-free. Ordering: sees what the
    /// worker wrote before the end; publishes to the next `arm`.
    ///
    /// `OK`; `BAD_STATE` where it has not ended; `DENIED` without
    /// [`Rights::OWN`]; `STALE`.
    #[cfg_attr(not(quell_bare), inline)]
    pub fn retire(&self, held: Ticket) -> Step {
        // Ordering: Release, partner: the Acquire of arm.
        self.apply(held, Packed::of(Event::Retire), 0, Ordering::Release)
    }

    /// One consistent look, for whoever holds a ticket.
    ///
    /// Context: any. Progress: wait-free. Ordering: whoever sees a commit, an
    /// end or a request sees what was written before it.
    ///
    /// `None`: the ticket is stale.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub fn status(&self, held: Ticket) -> Option<Status> {
        let word = self.look();
        if word.generation() != held.generation() {
            return None;
        }
        let code = if word.has_code() {
            match self.written(word) {
                Written::Blank => None,
                Written::Code(code) => Some(code),
                Written::Overtaken => return None,
            }
        } else {
            None
        };
        Some(Status {
            // Foreign memory: nothing that anyone could wait for or cancel.
            phase: word.phase().unwrap_or(Phase::Vacant),
            level: word.level(),
            cause: word.cause(),
            effects: word.effects(),
            code,
            shields: word.shields(),
            mode: word.mode(),
            generation: word.generation(),
        })
    }

    /// What the worker is to see now, for code that is handed only the
    /// operation.
    ///
    /// Context: any. Progress: wait-free: one load, one test. Ordering: none;
    /// to read what the requester wrote, look at the status.
    #[inline(always)]
    #[must_use]
    pub fn poll(&self) -> Option<Level> {
        self.glance().visible()
    }

    /// What a worker that left the word as `left` is to obey now.
    ///
    /// Context: any. Progress: wait-free: one load, one compare. Ordering:
    /// none; to read what the requester wrote, look at the status.
    #[inline(always)]
    #[must_use]
    pub fn poll_from(&self, left: Word) -> Option<Level> {
        let now = self.glance();
        if now.raw() == left.raw() { None } else { now.against(left) }
    }

    /// The code that belongs to `ended`, a word that was acquired.
    fn written(&self, ended: Word) -> Written {
        match self.code.read(ended.generation()) {
            // The word has moved: it is a later operation's code.
            Written::Code(_) if self.glance() != ended => Written::Overtaken,
            written => written,
        }
    }

    /// The code that belongs to a word that was acquired; zero: none.
    pub(crate) fn code_of(&self, word: Word) -> u32 {
        match word.has_code().then(|| self.written(word)) {
            Some(Written::Code(code)) => code.raw(),
            _ => 0,
        }
    }

    fn failure(&self, ended: Word) -> Answer {
        match self.written(ended) {
            Written::Code(code) => Answer { verdict: Verdict::Failed, code: code.raw() },
            // Foreign memory: this library writes the code first.
            Written::Blank => Answer::plain(Verdict::Failed),
            Written::Overtaken => Answer::plain(Verdict::Stale),
        }
    }
}

impl Default for Op {
    fn default() -> Self {
        Self::new()
    }
}
