//! The meaning: the bits of an operation's word, and [`step`].
//!
//! ```text
//!  31  30  28 27 26 25   22 21    19  18   17   16   15  14             0
//! ┌───┬──────┬─────┬───────┬────────┬────┬────┬────┬────┬────────────────┐
//! │VIS│PHASE │LEVEL│ CAUSE │ DETAIL │SRC │GATE│UNC │BEST│   GENERATION   │
//! └───┴──────┴─────┴───────┴────────┴────┴────┴────┴────┴────────────────┘
//! ```
//!
//! | field | meaning |
//! |---|---|
//! | VIS | the worker is to see the request: there is a level, no shield is up, and the phase is RUNNING or CANCELLED. Derived; kept because a sign test is the cheapest test on every target |
//! | PHASE | [`Phase`]; 7 is no phase |
//! | LEVEL, CAUSE | the request in force; 0 where there is none |
//! | DETAIL | RUNNING: how many shields are up. CANCELLED, FAILED: [`Effects`] in the low two bits. CANCELLED: the high bit says that the worker ended it with an error, whose code is kept |
//! | SRC | the operation has a [`Source`](crate::Source) with hooks: a call that does not come through it is told DENIED. Fixed when armed |
//! | GATE, UNC, BEST | [`Mode`], fixed when armed |
//! | GENERATION | [`Generation`] |
//!
//! The transitions, as rows of bits (`·` unchanged, `d` the shields up,
//! `l`, `c` the request's level and cause, `v` = no shield is up). Whatever is
//! not listed leaves the word as it is.
//!
//! ```text
//! call                from        VIS PHASE LEVEL CAUSE DETAIL  SRC+MODE GENERATION
//! arm                 VACANT       0  PEND    0     0     0     source+mode ·
//! start               PENDING      0  RUN     0     0     0        ·       ·
//! cancel              PENDING      1  CANC    l     c    NONE      ·       ·
//! cancel (accepted)   RUNNING      v   ·      l     c     ·        ·       ·
//! shield              RUNNING      0   ·      ·     ·    d+1       ·       ·
//! unshield            RUNNING    d=1&l ·      ·     ·    d-1       ·       ·
//! commit              RUNNING      0  COMM    0     0     0        ·       ·
//! finish              RUN, COMM    0  FIN     ·     ·     0        ·       ·
//! fail                RUN, COMM    0  FAIL    ·     ·     0        ·       ·
//! fail (requested ¹)  RUNNING      1  CANC    ·     ·  KEPT|UNKN   ·       ·
//! acknowledge (asked) RUNNING      1  CANC    ·     ·   effects    ·       ·
//! acknowledge (not)   RUNNING      1  CANC   GRACE SELF effects    ·       ·
//! force               PEND…COMM    0  FAIL    ·     ·   UNKNOWN    ·       ·
//! retire              ended        0  VAC     0     0     0        0      +1
//!
//! ¹ of a decisive operation
//! ```
//!
//! In code, a call's row is one number (`row`): the phases that it is for, the
//! right that it takes, and what it writes into VIS, PHASE and DETAIL, each where
//! a word or a ticket has it, so that one AND and one OR make the step.
//!
//! ```text
//!  31  30  28        21    19  18   16         4  3 2     0
//! ┌───┬──────┬──────┬────────┬────────┬───────┬────┬───────┐
//! │VIS│PHASE │  0   │ DETAIL │ RIGHTS │   0   │MORE│ FIRST │
//! └───┴──────┴──────┴────────┴────────┴───────┴────┴───────┘
//! ```
//!
//! FIRST is the first phase that the row is for and MORE how many follow it, by
//! the numbers of [`Phase`]. [`step`] refuses by the row, does what no row says
//! (arm, the shields, retire, a request to a worker that runs), and applies the
//! row to the rest.

use crate::terms::{Cause, Effects, Level, Mode, Phase, Request, Verdict};
use crate::ticket::{Generation, Rights, Ticket};

const VISIBLE: u32 = 1 << 31;
const PHASE_SHIFT: u32 = 28;
const PHASE_MASK: u32 = 7 << PHASE_SHIFT;
const LEVEL_SHIFT: u32 = 26;
const LEVEL_MASK: u32 = 3 << LEVEL_SHIFT;
const CAUSE_SHIFT: u32 = 22;
const CAUSE_MASK: u32 = 15 << CAUSE_SHIFT;
const DETAIL_SHIFT: u32 = 19;
const DETAIL_MASK: u32 = 7 << DETAIL_SHIFT;
const SHIELD_ONE: u32 = 1 << DETAIL_SHIFT;
const EFFECTS_BITS: u32 = 3;
const CODE_KEPT: u32 = 4 << DETAIL_SHIFT;
const SOURCE: u32 = 1 << 18;
const MODE_SHIFT: u32 = 15;
const MODE_MASK: u32 = 7 << MODE_SHIFT;

/// How many shields can be up at once; one more is told `FULL`.
pub const MAX_SHIELDS: u32 = 7;

/// One operation's whole state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Word(u32);

impl Word {
    /// All-zero memory: vacant, first generation.
    pub const VACANT: Self = Self(0);

    /// The word of these bits, as they lie in memory.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn from_raw(raw: u32) -> Self {
        Self(raw)
    }

    /// The bits.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn raw(self) -> u32 {
        self.0
    }

    /// The phase, or `None` where the bits are no phase (foreign memory).
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn phase(self) -> Option<Phase> {
        Phase::from_raw((self.0 & PHASE_MASK) >> PHASE_SHIFT)
    }

    /// The level of the request in force, shown to the worker or not.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn level(self) -> Option<Level> {
        Level::from_raw((self.0 & LEVEL_MASK) >> LEVEL_SHIFT)
    }

    /// The cause of the request in force.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn cause(self) -> Option<Cause> {
        Cause::from_raw((self.0 & CAUSE_MASK) >> CAUSE_SHIFT)
    }

    /// How many shields are up; zero outside RUNNING.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn shields(self) -> u32 {
        match self.phase() {
            Some(Phase::Running) => self.detail(),
            _ => 0,
        }
    }

    /// What was left behind, as far as it was stated.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn effects(self) -> Effects {
        match self.phase() {
            Some(Phase::Cancelled | Phase::Failed) => {
                match Effects::from_raw(self.detail() & EFFECTS_BITS) {
                    Some(effects) => effects,
                    None => Effects::Unstated,
                }
            }
            _ => Effects::Unstated,
        }
    }

    /// Whether an error code belongs to this end. A code may also have been
    /// written by a call that then came too late; it means nothing.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn has_code(self) -> bool {
        match self.phase() {
            Some(Phase::Failed) => true,
            Some(Phase::Cancelled) => self.0 & CODE_KEPT != 0,
            _ => false,
        }
    }

    /// How it was armed.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn mode(self) -> Mode {
        match Mode::from_raw((self.0 & MODE_MASK) >> MODE_SHIFT) {
            Some(mode) => mode,
            None => Mode::DECISIVE,
        }
    }

    /// Which life of the op this is.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn generation(self) -> Generation {
        Generation::new(self.0)
    }

    /// Whether the operation has a source, whose hooks are to be told.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn has_source(self) -> bool {
        self.0 & SOURCE != 0
    }

    /// Whether it has ended: finished, failed or cancelled.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn has_ended(self) -> bool {
        matches!(self.phase(), Some(Phase::Finished | Phase::Failed | Phase::Cancelled))
    }

    /// Whether an operation is under way that nobody has asked anything of.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn is_calm(self) -> bool {
        self.level_raw() == 0
            && matches!(self.phase(), Some(Phase::Pending | Phase::Running | Phase::Committed))
    }

    /// The ticket of the worker that left this word.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn worker_ticket(self) -> Ticket {
        let ticket = Ticket::new(self.generation(), Rights::WORK);
        if self.has_source() { ticket.through_source() } else { ticket }
    }

    /// What `poll` answers: the level that the worker is to see now.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn visible(self) -> Option<Level> {
        if self.0 & VISIBLE != 0 { self.shown() } else { None }
    }

    /// The rare half of [`Word::visible`]: apart, so that a loop that polls
    /// tests the one bit and does not compute the level ahead of the answer.
    #[cold]
    #[inline(never)]
    const fn shown(self) -> Option<Level> {
        self.level()
    }

    /// Whether a cancel of this level would have to pass the gate.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn asks_gate(self, level: Level) -> bool {
        self.asks_gate_for(level.raw())
    }

    const fn asks_gate_for(self, level: u32) -> bool {
        matches!(self.phase(), Some(Phase::Running))
            && self.mode().contains(Mode::GATED)
            && !self.mode().contains(Mode::UNCANCELLABLE)
            && self.level_raw() < level
    }

    /// The same word as it would be without its request: what a worker that
    /// was not cancelled expects to find.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn without_request(self) -> Self {
        Self(self.0 & !(VISIBLE | LEVEL_MASK | CAUSE_MASK))
    }

    /// What a worker's own poll answers where it finds this word and not
    /// `left`, the one that it left: a request, a request behind a shield, or
    /// an end or another life that was not its own doing. The operation is no
    /// longer this worker's then, and it is told to stop now.
    #[cold]
    #[must_use]
    pub const fn against(self, left: Self) -> Option<Level> {
        if self.without_request().0 == left.0 { self.visible() } else { Some(Level::Immediate) }
    }

    /// The word of a running, decisive operation that nobody has asked anything
    /// of: the likeliest one that a requester meets.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn undisturbed(generation: Generation) -> Self {
        Self(generation.get()).into_phase(Phase::Running)
    }

    /// `undisturbed`, of an operation that has a source.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn undisturbed_of_source(generation: Generation) -> Self {
        Self(Self::undisturbed(generation).0 | SOURCE)
    }

    /// What the word is, of the same generation and mode, where there is no
    /// source, request or shield, and `event`, a commit or a finish, is next.
    #[inline(always)]
    pub(crate) const fn simplest_for(self, event: Packed) -> Self {
        let committed = to(Phase::Committed) & !to(Phase::Running);
        let phases = if event.kind() == FINISH { committed } else { 0 };
        Self(self.0 & (Generation::MASK | MODE_MASK | phases) | to(Phase::Running))
    }

    const fn level_raw(self) -> u32 {
        (self.0 & LEVEL_MASK) >> LEVEL_SHIFT
    }

    const fn detail(self) -> u32 {
        (self.0 & DETAIL_MASK) >> DETAIL_SHIFT
    }

    /// Into this phase, with the request kept, nothing visible, no detail.
    const fn into_phase(self, phase: Phase) -> Self {
        Self(self.0 & !(VISIBLE | PHASE_MASK | DETAIL_MASK) | phase.raw() << PHASE_SHIFT)
    }

    const fn phase_raw(self) -> u32 {
        (self.0 & PHASE_MASK) >> PHASE_SHIFT
    }
}

/// What the handle of a canceller brings to a gated operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// No gate: where one has to be asked, the cancel is denied.
    Absent,
    /// The gate was asked and lets the request pass.
    Allows,
    /// The gate was asked and refuses.
    Refuses,
}

/// One call on an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Make a vacant op an operation of this mode.
    Arm(Mode),
    /// Become its worker.
    Start,
    /// Ask for it to be cancelled.
    Cancel(Request, Gate),
    /// Put up a shield.
    Shield,
    /// Take one down.
    Unshield,
    /// Pass the commit point.
    Commit,
    /// End it: done.
    Finish,
    /// End it with an error code.
    Fail,
    /// End it as cancelled. `Effects::Unstated` is told `INVALID`.
    Acknowledge(Effects),
    /// End it for a worker that is gone.
    Force,
    /// Make an ended op vacant again.
    Retire,
}

/// An event in one register: what it brings lies where a word has it, below
/// that is what the gate says, and which event it is.
///
/// ```text
///  31     28 27 26 25   22 21 20 19 18 17   15 14    6 5  4 3   0
/// ┌─────────┬─────┬───────┬──┬─────┬──┬───────┬───────┬────┬─────┐
/// │    0    │LEVEL│ CAUSE │0 │EFFEC│0 │ MODE  │   0   │GATE│EVENT│
/// └─────────┴─────┴───────┴──┴─────┴──┴───────┴───────┴────┴─────┘
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packed(u32);

const EVENT_MASK: u32 = 15;
const GATE_SHIFT: u32 = 4;
const GATE_MASK: u32 = 3 << GATE_SHIFT;

const ARM: u32 = 0;
const START: u32 = 1;
const CANCEL: u32 = 2;
const SHIELD: u32 = 3;
const UNSHIELD: u32 = 4;
const COMMIT: u32 = 5;
const FINISH: u32 = 6;
const ACKNOWLEDGE: u32 = 7;
const FAIL: u32 = 8;
const FORCE: u32 = 9;
const RETIRE: u32 = 10;

const ABSENT: u32 = 0;
const REFUSES: u32 = 1 << GATE_SHIFT;
const ALLOWS: u32 = 2 << GATE_SHIFT;

impl Packed {
    /// [`Event::Shield`].
    pub const SHIELD: Self = Self(SHIELD);
    /// [`Event::Unshield`].
    pub const UNSHIELD: Self = Self(UNSHIELD);
    /// [`Event::Commit`].
    pub const COMMIT: Self = Self(COMMIT);
    /// [`Event::Finish`].
    pub const FINISH: Self = Self(FINISH);
    /// [`Event::Fail`].
    pub const FAIL: Self = Self(FAIL);

    /// This event.
    #[inline(always)]
    #[must_use]
    pub const fn of(event: Event) -> Self {
        Self(match event {
            Event::Arm(mode) => ARM | mode.raw() << MODE_SHIFT,
            Event::Start => START,
            Event::Cancel(request, gate) => {
                let gate = match gate {
                    Gate::Absent => ABSENT,
                    Gate::Refuses => REFUSES,
                    Gate::Allows => ALLOWS,
                };
                CANCEL | gate | request_bits(request)
            }
            Event::Shield => SHIELD,
            Event::Unshield => UNSHIELD,
            Event::Commit => COMMIT,
            Event::Finish => FINISH,
            Event::Fail => FAIL,
            Event::Acknowledge(effects) => ACKNOWLEDGE | effects.raw() << DETAIL_SHIFT,
            Event::Force => FORCE,
            Event::Retire => RETIRE,
        })
    }

    const fn kind(self) -> u32 {
        self.0 & EVENT_MASK
    }

    /// What an acknowledgement states; nothing of any other event.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn effects(self) -> Effects {
        match Effects::from_raw((self.0 & DETAIL_MASK) >> DETAIL_SHIFT) {
            Some(effects) => effects,
            None => Effects::Unstated,
        }
    }

    /// Whether it is a request.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn is_cancel(self) -> bool {
        self.kind() == CANCEL
    }

    /// Whether it is one that only moves a worker that runs on: no hook hears
    /// of it.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn goes_on(self) -> bool {
        matches!(self.kind(), SHIELD | UNSHIELD | COMMIT)
    }

    /// Whether it is for the phase of this word.
    #[cfg_attr(not(quell_bare), inline(always))]
    pub(crate) const fn is_for(self, word: Word) -> bool {
        is_for(row(self.kind()), word.phase_raw())
    }

    /// Whether the code beside the word is written before the word is changed.
    #[cfg_attr(not(quell_bare), inline)]
    pub(crate) const fn touches_code(self) -> bool {
        matches!(self.kind(), FAIL | FORCE | RETIRE)
    }

    #[cfg_attr(not(quell_bare), inline)]
    pub(crate) const fn is_retire(self) -> bool {
        self.kind() == RETIRE
    }

    /// As records have it.
    #[cfg(any(feature = "defmt", feature = "log", feature = "tracing"))]
    pub(crate) const fn name(self) -> &'static str {
        match self.kind() {
            ARM => "arm",
            START => "start",
            CANCEL => "cancel",
            SHIELD => "shield",
            UNSHIELD => "unshield",
            COMMIT => "commit",
            FINISH => "finish",
            FAIL => "fail",
            ACKNOWLEDGE => "acknowledge",
            FORCE => "force",
            _ => "retire",
        }
    }
}

const fn request_bits(request: Request) -> u32 {
    request.level.raw() << LEVEL_SHIFT | request.cause.raw() << CAUSE_SHIFT
}

/// What becomes of the word, and what the caller is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Step {
    /// The next word; the same one where nothing changes.
    pub word: Word,
    /// The answer.
    pub verdict: Verdict,
}

impl Step {
    /// The word that a worker holds after this step of its own, where it held
    /// `left` before: what it made of the word, without any request, so that
    /// its poll sees each difference that somebody else makes.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn left_behind(self, left: Word) -> Word {
        match self.verdict {
            Verdict::Ok | Verdict::Cancelled => self.word.without_request(),
            _ => left,
        }
    }
}

/// The whole meaning of an operation: pure, and total over every word, ticket
/// and event. A word whose bits are no phase answers `BAD_STATE` to everything
/// that its generation lets through, and never changes; another word that no
/// call leads to is answered by its phase, and may keep its stray bits.
///
/// Always inlined: a call knows its event, and often most of the word, so the
/// greater part of this is decided at compile time.
#[inline(always)]
pub const fn step(word: Word, held: Ticket, event: Event) -> Step {
    step_packed(word, held, Packed::of(event))
}

/// [`step`], for calls that share one copy of it on bare metal.
#[cfg_attr(not(quell_bare), inline(always))]
#[cfg_attr(quell_bare, inline(never))]
pub(crate) const fn step_shared(word: Word, held: Ticket, event: Packed) -> Step {
    step_packed(word, held, event)
}

/// [`step`], of an event in one register.
#[inline(always)]
pub(crate) const fn step_packed(word: Word, held: Ticket, event: Packed) -> Step {
    let kind = event.kind();
    let row = row(kind);
    if (word.0 ^ held.raw()) & Generation::MASK != 0 {
        return stay(word, Verdict::Stale);
    }
    // The row's rights that the ticket lacks.
    if (word.has_source() && !held.is_of_source()) || row & !held.raw() & RIGHTS_MASK != 0 {
        return stay(word, Verdict::Denied);
    }
    // Effects::Unstated.
    if kind == ACKNOWLEDGE && event.0 & DETAIL_MASK == 0 {
        return stay(word, Verdict::Invalid);
    }
    let phase = word.phase_raw();
    if kind == CANCEL && word.0 & UNCANCELLABLE != 0 && is_for(UNDER_WAY, phase) {
        return stay(word, Verdict::Unsupported);
    }
    if !is_for(row, phase) {
        return stay(word, if kind == CANCEL { ended(phase) } else { out_of_phase(kind, phase) });
    }
    let running = phase == Phase::Running.raw();
    match kind {
        ARM => {
            let source = if held.is_of_source() { SOURCE } else { 0 };
            // Of an arm, the event's bits are the mode's.
            let armed = word.0 & Generation::MASK | source | event.0;
            return go(armed | row & TARGET_MASK, Verdict::Ok);
        }
        CANCEL if running => return request_running(word, event),
        SHIELD | UNSHIELD => return shield(word, kind),
        RETIRE => return go(word.0.wrapping_add(1) & Generation::MASK, Verdict::Ok),
        _ => {}
    }
    let kept = word.0 & !TARGET_MASK;
    let request = word.0 & REQUEST_MASK;
    if running && request & LEVEL_MASK != 0 {
        // A request has been accepted; it binds the outcome of a decisive one.
        let decisive = word.0 & BEST_EFFORT == 0;
        match kind {
            COMMIT => return stay(word, Verdict::Cancelling),
            FINISH if decisive => return stay(word, Verdict::Cancelling),
            FAIL if decisive => {
                let unknown = Effects::Unknown.raw() << DETAIL_SHIFT;
                return go(kept | CODE_KEPT | unknown | CANCELLED, Verdict::Cancelled);
            }
            _ => {}
        }
    }
    let moved = kept | row & TARGET_MASK;
    match kind {
        CANCEL => go(moved & !REQUEST_MASK | event.0 & REQUEST_MASK, Verdict::Cancelled),
        ACKNOWLEDGE => {
            let unasked = request_bits(Request::new(Level::Graceful, Cause::Itself));
            let moved = moved | event.0 & DETAIL_MASK;
            if request & LEVEL_MASK != 0 {
                go(moved, Verdict::Ok)
            } else {
                go(moved & !REQUEST_MASK | unasked, Verdict::Ok)
            }
        }
        _ => go(moved, Verdict::Ok),
    }
}

const REQUEST_MASK: u32 = LEVEL_MASK | CAUSE_MASK;
/// What a row writes.
const TARGET_MASK: u32 = VISIBLE | PHASE_MASK | DETAIL_MASK;
/// As a ticket has them.
const RIGHTS_MASK: u32 = Ticket::new(Generation::new(0), Rights::ALL).raw();
const UNCANCELLABLE: u32 = Mode::UNCANCELLABLE.raw() << MODE_SHIFT;
const BEST_EFFORT: u32 = Mode::BEST_EFFORT.raw() << MODE_SHIFT;
const CANCELLED: u32 = VISIBLE | Phase::Cancelled.raw() << PHASE_SHIFT;

/// What an event needs and where it leads, as the top of this file draws it. A
/// cancel's target is that of a pending operation, a retirement has none.
const fn row(kind: u32) -> u32 {
    use Phase::{Cancelled, Committed, Failed, Finished, Pending, Running, Vacant};
    const NONE: u32 = Effects::None.raw() << DETAIL_SHIFT;
    const UNKNOWN: u32 = Effects::Unknown.raw() << DETAIL_SHIFT;
    match kind {
        ARM => phases(Vacant, Vacant) | to(Pending),
        START => phases(Pending, Pending) | takes(Rights::WORK) | to(Running),
        CANCEL => phases(Pending, Running) | takes(Rights::CANCEL) | CANCELLED | NONE,
        SHIELD | UNSHIELD => phases(Running, Running),
        COMMIT => phases(Running, Running) | to(Committed),
        FINISH => phases(Running, Committed) | to(Finished),
        FAIL => phases(Running, Committed) | to(Failed),
        ACKNOWLEDGE => phases(Running, Running) | CANCELLED,
        FORCE => UNDER_WAY | takes(Rights::OWN) | to(Failed) | UNKNOWN,
        _ => phases(Finished, Cancelled) | takes(Rights::OWN),
    }
}

/// The phases of an operation that has not ended.
const UNDER_WAY: u32 = phases(Phase::Pending, Phase::Committed);
const FIRST_MASK: u32 = 7;
const MORE_SHIFT: u32 = 3;
const MORE_MASK: u32 = 3;

/// FIRST and MORE.
const fn phases(first: Phase, last: Phase) -> u32 {
    first.raw() | last.raw().wrapping_sub(first.raw()) << MORE_SHIFT
}

/// Whether a row is for this phase. A phase before FIRST wraps to a number that
/// no MORE reaches.
const fn is_for(row: u32, phase: u32) -> bool {
    phase.wrapping_sub(row & FIRST_MASK) <= row >> MORE_SHIFT & MORE_MASK
}

const fn to(phase: Phase) -> u32 {
    phase.raw() << PHASE_SHIFT
}

const fn takes(rights: Rights) -> u32 {
    Ticket::new(Generation::new(0), rights).raw()
}

const fn stay(word: Word, verdict: Verdict) -> Step {
    Step { word, verdict }
}

const fn go(word: u32, verdict: Verdict) -> Step {
    Step { word: Word(word), verdict }
}

/// What a request is told in a phase in which there is nothing to cancel.
const fn ended(phase: u32) -> Verdict {
    match Phase::from_raw(phase) {
        Some(Phase::Committed) => Verdict::TooLate,
        Some(Phase::Finished) => Verdict::Finished,
        Some(Phase::Failed) => Verdict::Failed,
        Some(Phase::Cancelled) => Verdict::AlreadyCancelled,
        _ => Verdict::BadState,
    }
}

const fn out_of_phase(kind: u32, phase: u32) -> Verdict {
    if kind == START && phase == Phase::Cancelled.raw() {
        Verdict::Cancelled
    } else {
        Verdict::BadState
    }
}

#[inline(always)]
const fn request_running(word: Word, event: Packed) -> Step {
    let best_effort = word.0 & BEST_EFFORT != 0;
    let level = (event.0 & LEVEL_MASK) >> LEVEL_SHIFT;
    if level <= word.level_raw() {
        let verdict =
            if best_effort { Verdict::AlreadyRequested } else { Verdict::AlreadyCancelling };
        return stay(word, verdict);
    }
    if word.asks_gate_for(level) {
        match event.0 & GATE_MASK {
            ALLOWS => {}
            REFUSES => return stay(word, Verdict::Refused),
            _ => return stay(word, Verdict::Denied),
        }
    }
    let shown = if word.detail() == 0 { VISIBLE } else { 0 };
    let verdict = match (word.level_raw(), best_effort) {
        (0, false) => Verdict::Cancelling,
        (0, true) => Verdict::Requested,
        _ => Verdict::Raised,
    };
    go(word.0 & !REQUEST_MASK | event.0 & REQUEST_MASK | shown, verdict)
}

/// Of a running operation.
const fn shield(word: Word, kind: u32) -> Step {
    if kind == SHIELD {
        if word.detail() == MAX_SHIELDS {
            return stay(word, Verdict::Full);
        }
        return go((word.0 & !VISIBLE).wrapping_add(SHIELD_ONE), Verdict::Ok);
    }
    if word.detail() == 0 {
        return stay(word, Verdict::BadState);
    }
    let lowered = word.0.wrapping_sub(SHIELD_ONE);
    let shown = lowered & DETAIL_MASK == 0 && word.level_raw() != 0;
    go(if shown { lowered | VISIBLE } else { lowered }, Verdict::Ok)
}
