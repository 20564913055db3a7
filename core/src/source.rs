//! The verbs of an operation that tells its hooks.
//!
//! Each is the operation's own, made to happen under the list's lock and told
//! before it returns (`turn` has the protocol); in an interrupt, without the
//! lock and told by the drain.

use core::ffi::c_void;

use crate::drain;
use crate::events::{Events, events_of, reached, wanted};
use crate::hook::{Frame, Hook, HookFn, IDLE, RAN};
use crate::list::Locked;
use crate::op::{GateRef, Op, by_reference};
use crate::port;
use crate::status::Answer;
use crate::sync::Ordering;
use crate::terms::{Code, Effects, Mode, Request, Verdict};
use crate::ticket::{Rights, Ticket};
use crate::trace::record;
use crate::tree::is_news;
use crate::turn::{Source, Turn};
use crate::word::{Event, Gate, Packed, Step, Word, step_shared};

/// What became of adding a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub struct Added {
    /// `OK`, `HAPPENED`, `RAN`, or why it was not added.
    pub verdict: Verdict,
    /// What had happened before; the hook was told of it, or is not going to be.
    pub happened: Events,
}

/// What to do where something that a hook asks for has happened already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfHappened {
    /// Only say so.
    Report,
    /// Run the hook's function before `add` returns.
    Run,
}

/// What became of `event`, and whether hooks are to hear of it.
#[cfg_attr(not(quell_bare), inline(always))]
fn news(event: Packed, step: Step) -> (Step, bool) {
    let happened = if event.is_cancel() {
        is_news(step.verdict)
    } else {
        matches!(step.verdict, Verdict::Ok | Verdict::Cancelled)
    };
    (step, happened)
}

impl Source {
    /// Makes a vacant source a pending operation, and says under which ticket.
    ///
    /// As [`Op::arm_ticket`].
    pub fn arm_ticket(&self, mode: Mode) -> (Verdict, Ticket) {
        self.op().arm_through_source(mode)
    }

    /// A ticket of the source's present generation, whatever its phase.
    ///
    /// Context: any. Progress: wait-free. Ordering: none.
    #[must_use]
    pub fn ticket(&self, rights: Rights) -> Ticket {
        self.op().ticket(rights).through_source()
    }

    /// Has `event` happen, and tells of it; `act` does it. In an interrupt the
    /// drain tells.
    #[inline(always)]
    fn happen(&self, event: Packed, act: impl FnOnce(&Op) -> Step) -> Step {
        if port::in_interrupt() {
            drain::occur(self, |op| news(event, act(op)))
        } else {
            self.occur(|op| news(event, act(op)))
        }
    }

    /// Has `event` happen, and tells of it: on hosts by `act`, on bare metal by the
    /// copy that all verbs share.
    #[inline(always)]
    fn verb(&self, held: Ticket, event: Packed, code: u32, act: impl FnOnce(&Op) -> Step) -> Step {
        if cfg!(quell_bare) { self.change(held, event, code) } else { self.happen(event, act) }
    }

    /// Has `event` happen, and tells of it. Only the swap is made under the lock:
    /// what changes the word, hooks are to hear of.
    #[cfg_attr(quell_bare, inline(never))]
    fn change(&self, held: Ticket, event: Packed, code: u32) -> Step {
        if port::in_interrupt() {
            return self.defer(held, event, code);
        }
        self.op().apply_by(held, event, code, &mut |from, step| {
            self.occur(|op| {
                let swapped = op.swap(event, from, step);
                (swapped, swapped)
            })
        })
    }

    /// `change`, told by the drain.
    #[cfg_attr(not(quell_bare), inline(always))]
    #[cfg_attr(quell_bare, inline(never))]
    fn defer(&self, held: Ticket, event: Packed, code: u32) -> Step {
        // Ordering: Release, partner: as each verb's of the op.
        drain::occur(self, |op| news(event, op.apply(held, event, code, Ordering::Release)))
    }

    /// [`Op::cancel`], told to the hooks before it returns, or by whoever is
    /// telling them of something at that moment.
    ///
    /// Context: any; in an interrupt the drain runs the hooks. Progress: a
    /// bounded lock, then the hooks. Ordering: as [`Op::cancel`].
    #[cfg_attr(not(quell_bare), inline)]
    pub fn cancel<G>(&self, held: Ticket, request: Request, gate: Option<G>) -> Answer
    where
        G: FnOnce(Request) -> u32,
    {
        if cfg!(quell_bare) {
            return by_reference(gate, |gate| self.cancel_with(held, request, gate));
        }
        let event = Packed::of(Event::Cancel(request, Gate::Absent));
        let first = self.happen(event, |op| match op.request_undisturbed(held, request) {
            Some(step) => step,
            None => op.request(held, request, Gate::Absent),
        });
        if first.verdict == Verdict::Cancelling {
            return Answer::plain(Verdict::Cancelling);
        }
        self.ask(first, held, request, gate, |answer| {
            self.happen(event, |op| op.request(held, request, answer))
        })
    }

    /// [`Source::cancel`], of a gate of any type: as [`Op::cancel_with`].
    pub fn cancel_with(&self, held: Ticket, request: Request, gate: GateRef<'_>) -> Answer {
        self.cancel_by(Self::change, held, request, gate)
    }

    /// [`Source::cancel_from_isr`], of a gate of any type: as [`Op::cancel_with`].
    ///
    /// # Safety
    /// As for `cancel_from_isr`.
    pub unsafe fn cancel_from_isr_with(
        &self,
        held: Ticket,
        request: Request,
        gate: GateRef<'_>,
    ) -> Answer {
        self.cancel_by(Self::defer, held, request, gate)
    }

    fn cancel_by(
        &self,
        change: fn(&Self, Ticket, Packed, u32) -> Step,
        held: Ticket,
        request: Request,
        gate: GateRef<'_>,
    ) -> Answer {
        let by = |gate| change(self, held, Packed::of(Event::Cancel(request, gate)), 0);
        self.op().ask(by(Gate::Absent), held, request, gate, by)
    }

    /// [`Source::cancel`], with its hooks left to the drain: takes no lock.
    ///
    /// Context: any, an interrupt or a signal handler above all. Progress:
    /// lock-free. Ordering: as [`Op::cancel`].
    ///
    /// # Safety
    /// The source stays in place until it is retired.
    pub unsafe fn cancel_from_isr<G>(
        &self,
        held: Ticket,
        request: Request,
        gate: Option<G>,
    ) -> Answer
    where
        G: FnOnce(Request) -> u32,
    {
        if cfg!(quell_bare) {
            return by_reference(gate, |gate| self.cancel_by(Self::defer, held, request, gate));
        }
        let first = self.defer(held, Packed::of(Event::Cancel(request, Gate::Absent)), 0);
        self.ask(first, held, request, gate, |answer| {
            self.defer(held, Packed::of(Event::Cancel(request, answer)), 0)
        })
    }

    /// What a requester is told whose request was answered with `first`, and
    /// `again` with what the gate said.
    #[inline(never)]
    fn ask<G>(
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
        self.op().ask(first, held, request, gate, again)
    }

    /// [`Op::finish`], told to the hooks.
    ///
    /// Context and Progress: as [`Source::cancel`].
    pub fn finish(&self, left: Word) -> Step {
        self.verb(left.worker_ticket(), Packed::FINISH, 0, |op| op.finish(left))
    }

    /// [`Op::fail`], told to the hooks.
    ///
    /// Context and Progress: as [`Source::cancel`].
    pub fn fail(&self, left: Word, code: Code) -> Step {
        self.verb(left.worker_ticket(), Packed::FAIL, code.raw(), |op| op.fail(left, code))
    }

    /// [`Op::acknowledge`], told to the hooks.
    ///
    /// Context and Progress: as [`Source::cancel`].
    pub fn acknowledge(&self, left: Word, effects: Effects) -> Step {
        let event = Packed::of(Event::Acknowledge(effects));
        self.verb(left.worker_ticket(), event, 0, |op| op.acknowledge(left, effects))
    }

    /// [`Op::work`], told to the hooks.
    ///
    /// Context and Progress: as [`Source::cancel`], but for the events that leave
    /// the worker running: as [`Op::work`].
    #[inline(always)]
    pub fn work(&self, left: Word, event: Packed, code: u32) -> Step {
        if event.goes_on() {
            return self.op().work(left, event, code);
        }
        self.verb(left.worker_ticket(), event, code, |op| op.work(left, event, code))
    }

    /// [`Op::force`], told to the hooks.
    ///
    /// Context and Progress: as [`Source::cancel`].
    pub fn force(&self, held: Ticket, code: Code) -> Step {
        self.verb(held, Packed::of(Event::Force), code.raw(), |op| op.force(held, code))
    }

    /// [`Op::retire`]; `BUSY` where hooks are still to be told, and from inside
    /// one of them unless it is the last: see [`Source::settle`]. The last one
    /// may be running still, or be about to: [`Source::detach_sync`] waits for
    /// it, and the source is not touched for its sake.
    ///
    /// Context: any. Progress: a bounded lock. Ordering: as [`Op::retire`].
    pub fn retire(&self, held: Ticket) -> Verdict {
        loop {
            let word = self.op().look();
            let next = step_shared(word, held, Packed::of(Event::Retire));
            if next.word == word {
                return next.verdict;
            }
            let locked = self.list.lock();
            if !self.all_told(&locked) {
                return Verdict::Busy;
            }
            if self.op().look() == word && self.op().retire_from(word, next) {
                return next.verdict;
            }
        }
    }

    /// Whether nothing has happened that is still to be told. Under the lock:
    /// whoever gave up the turn has left that, which was its last touch.
    fn all_told(&self, _locked: &Locked<'_>) -> bool {
        // The interrupts first: one that is on its way out has left its word
        // by the time that it is not counted any more.
        drain::is_quiet() && matches!(self.turn(), Turn::Nobody)
    }

    /// Waits until all hooks have been told of what has happened, but for the
    /// last one, which may be running still: [`Source::detach_sync`] waits for
    /// that. From inside one of them, or of a hook further down the tree, where
    /// the operation has ended: tells the others first, and does not wait for
    /// those that it is inside of, which hear nothing more.
    ///
    /// Two hooks that settle each other's sources from two threads wait for
    /// ever.
    ///
    /// Context: thread. Progress: blocks. Ordering: sees what the hooks wrote
    /// that it has waited for.
    ///
    /// `OK`; `BUSY` from inside such a hook of an operation that goes on;
    /// `WOULD_BLOCK` in an interrupt.
    pub fn settle(&self) -> Verdict {
        if port::in_interrupt() {
            return Verdict::WouldBlock;
        }
        let mut turn = 0;
        while !self.all_told(&self.list.lock()) {
            if self.is_telling_here() && !self.op().look().has_ended() {
                return Verdict::Busy;
            }
            self.wait_for_tour();
            drain::drain();
            port::relax(&mut turn);
        }
        Verdict::Ok
    }

    /// Adds a hook, to be told of `events` of the generation of `held`.
    ///
    /// Context: any in which hooks of this source may run. Progress: a bounded
    /// lock, then perhaps the hook. Ordering: a hook sees what was written
    /// before the thing that it is told of.
    ///
    /// - `OK`: added, and nothing of it had happened;
    /// - `HAPPENED`: some had, and was told or reported; the hook is added for
    ///   the rest, where the operation goes on;
    /// - `RAN`: the operation has ended without any of it;
    /// - `BAD_STATE`: the hook has been added already, or the source is vacant,
    ///   or was armed as a plain op;
    /// - `INVALID`: no events; `STALE`.
    ///
    /// # Safety
    /// The hook stays in place until it has been detached, or is `RAN`, and no
    /// other source is asked to detach it; `function` may be called with
    /// `context` till then, on any thread.
    #[cfg_attr(not(quell_bare), inline)]
    pub unsafe fn add(
        &self,
        held: Ticket,
        hook: &Hook,
        (function, context): (HookFn, *mut c_void),
        events: Events,
        if_happened: IfHappened,
    ) -> Added {
        // SAFETY: the caller's promise.
        unsafe { self.enlist(held, hook, (function, context), events, if_happened, false) }
    }

    /// [`Source::add`], of a quiet hook too: told once of whatever comes first,
    /// and not touched any more when its function is called.
    ///
    /// # Safety
    /// As for `add`.
    #[inline(always)]
    pub(crate) unsafe fn enlist(
        &self,
        held: Ticket,
        hook: &Hook,
        (function, context): (HookFn, *mut c_void),
        events: Events,
        if_happened: IfHappened,
        quiet: bool,
    ) -> Added {
        let wants = wanted(events);
        let locked = self.list.lock();
        let word = self.op().look();
        let calm = word.is_calm() && word.has_source() && word.generation() == held.generation();
        if calm && wants != 0 && hook.prepare(function, context) {
            let node = core::ptr::from_ref(hook).cast_mut().cast();
            // SAFETY: on no list; the caller keeps it in place.
            unsafe { locked.push(node, wants, quiet) };
            return Added { verdict: Verdict::Ok, happened: Events::NONE };
        }
        // SAFETY: the caller's promise.
        unsafe {
            self.enlist_late(locked, held, hook, (function, context), wants, if_happened, quiet)
        }
    }

    /// Adds a hook where something has happened, or something is wrong.
    ///
    /// # Safety
    /// As for `add`.
    #[cold]
    #[inline(never)]
    #[allow(clippy::too_many_arguments)]
    unsafe fn enlist_late<'a>(
        &'a self,
        mut locked: Locked<'a>,
        held: Ticket,
        hook: &Hook,
        (function, context): (HookFn, *mut c_void),
        mut wants: u32,
        if_happened: IfHappened,
        quiet: bool,
    ) -> Added {
        let refused = |verdict| Added { verdict, happened: Events::NONE };
        if wants == 0 {
            return refused(Verdict::Invalid);
        }
        let mut word = self.op().look();
        if word.generation() != held.generation() {
            return refused(Verdict::Stale);
        }
        // Vacant, or armed as a plain op, which tells nobody.
        if !word.has_source() || !hook.prepare(function, context) {
            return refused(Verdict::BadState);
        }
        let mut happened = wants & reached(word);
        if happened != 0 && if_happened == IfHappened::Run {
            let frame = Frame::new();
            let mut due = happened;
            wants &= !due;
            let mut call = hook.begin(&frame, 0, false);
            loop {
                call.rest = if word.has_ended() { 0 } else { wants };
                let mut told = self.told(word);
                told.events = events_of(due).raw();
                drop(locked);
                record!(Told {
                    op: core::ptr::from_ref(self).addr(),
                    hook: core::ptr::from_ref(hook).addr(),
                    events: told.events
                });
                // SAFETY: the caller's promise.
                unsafe { call.run(&told, &frame) };
                // Told all, or detached from inside itself, it may have freed
                // the source.
                if call.is_over(&frame) {
                    call.settle_alone(&frame, &raw const self.list);
                    break;
                }
                locked = self.list.lock();
                word = self.op().look();
                // The next life's happenings are none of this hook's.
                let same = word.generation() == held.generation();
                due = if same { wants & reached(word) } else { 0 };
                happened |= due;
                wants &= !due;
                if due == 0 {
                    call.rest = if same && !word.has_ended() { wants } else { 0 };
                    call.settle(&frame, &locked);
                    drop(locked);
                    frame.let_go();
                    break;
                }
            }
        } else {
            wants &= !happened;
            let told_once = quiet && happened != 0;
            if wants == 0 || word.has_ended() || told_once {
                hook.node.set_state(RAN);
            } else {
                let node = core::ptr::from_ref(hook).cast_mut().cast();
                // SAFETY: on no list; the caller keeps it in place.
                unsafe { locked.push(node, wants, quiet) };
            }
        }
        let verdict = match happened {
            0 if word.has_ended() => Verdict::Ran,
            0 => Verdict::Ok,
            _ => Verdict::Happened,
        };
        Added { verdict, happened: events_of(happened) }
    }

    /// Takes a hook off, without waiting.
    ///
    /// Context: any in which hooks of this source may run, its own function
    /// included: it then may be freed before that function returns. Progress: a
    /// bounded lock. Ordering: `RAN` sees what the hook's function wrote.
    ///
    /// - `OK`: removed; it will not run, or not again;
    /// - `RUNNING`: its function is being run at this moment; it stays added
    ///   for the rest, unless the caller is that function: it will not be
    ///   touched again then;
    /// - `RAN`: it was off already: told all, or the operation has ended;
    /// - `NOT_FOUND`: it has not been added.
    #[cfg_attr(not(quell_bare), inline)]
    pub fn detach(&self, hook: &Hook) -> Verdict {
        if let Some(state) = hook.node.state() {
            return hook.detached(state, &self.list);
        }
        let locked = self.list.lock();
        if let Some(state) = hook.node.state() {
            drop(locked);
            return hook.detached(state, &self.list);
        }
        // SAFETY: under the lock, and on the list.
        unsafe { locked.remove(core::ptr::from_ref(hook).cast_mut().cast()) };
        hook.node.set_state(IDLE);
        Verdict::Ok
    }

    /// Takes a hook off, and waits until its function has returned. From inside
    /// that function: as [`Source::detach`].
    ///
    /// Two hooks that detach each other so from two threads wait for ever: use
    /// `detach` there.
    ///
    /// Context: thread. Progress: blocks while the hook runs. Ordering: sees
    /// what the hook's function wrote.
    ///
    /// `OK`; `RAN`; `NOT_FOUND`; `RUNNING` only inside that hook; `WOULD_BLOCK`
    /// in an interrupt where it would have to wait.
    pub fn detach_sync(&self, hook: &Hook) -> Verdict {
        loop {
            let here = hook.runs_here();
            let verdict = self.detach(hook);
            if verdict != Verdict::Running || here {
                return verdict;
            }
            if port::in_interrupt() {
                return Verdict::WouldBlock;
            }
            hook.wait_returned(&self.list);
        }
    }
}

impl Drop for Source {
    /// Waits until the drain is through with what an interrupt has left to it.
    /// In an interrupt, which cannot wait, it does not come back from that.
    fn drop(&mut self) {
        if self.is_untouched() {
            return;
        }
        let mut turn = 0;
        while !self.all_told(&self.list.lock()) {
            if !port::in_interrupt() {
                self.wait_for_tour();
                drain::drain();
            }
            port::relax(&mut turn);
        }
    }
}

impl Default for Source {
    fn default() -> Self {
        Self::new()
    }
}
