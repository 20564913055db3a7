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
    #[inline]
    #[must_use]
    pub const fn from_raw(raw: u32) -> Self {
        Self(raw)
    }

    /// The bits.
    #[inline]
    #[must_use]
    pub const fn raw(self) -> u32 {
        self.0
    }

    /// The phase, or `None` where the bits are no phase (foreign memory).
    #[inline]
    #[must_use]
    pub const fn phase(self) -> Option<Phase> {
        Phase::from_raw((self.0 & PHASE_MASK) >> PHASE_SHIFT)
    }

    /// The level of the request in force, shown to the worker or not.
    #[inline]
    #[must_use]
    pub const fn level(self) -> Option<Level> {
        Level::from_raw((self.0 & LEVEL_MASK) >> LEVEL_SHIFT)
    }

    /// The cause of the request in force.
    #[inline]
    #[must_use]
    pub const fn cause(self) -> Option<Cause> {
        Cause::from_raw((self.0 & CAUSE_MASK) >> CAUSE_SHIFT)
    }

    /// How many shields are up; zero outside RUNNING.
    #[inline]
    #[must_use]
    pub const fn shields(self) -> u32 {
        match self.phase() {
            Some(Phase::Running) => self.detail(),
            _ => 0,
        }
    }

    /// What was left behind, as far as it was stated.
    #[inline]
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
    #[inline]
    #[must_use]
    pub const fn has_code(self) -> bool {
        match self.phase() {
            Some(Phase::Failed) => true,
            Some(Phase::Cancelled) => self.0 & CODE_KEPT != 0,
            _ => false,
        }
    }

    /// How it was armed.
    #[inline]
    #[must_use]
    pub const fn mode(self) -> Mode {
        match Mode::from_raw((self.0 & MODE_MASK) >> MODE_SHIFT) {
            Some(mode) => mode,
            None => Mode::DECISIVE,
        }
    }

    /// Which life of the op this is.
    #[inline]
    #[must_use]
    pub const fn generation(self) -> Generation {
        Generation::new(self.0)
    }

    /// Whether the operation has a source, whose hooks are to be told.
    #[inline]
    #[must_use]
    pub const fn has_source(self) -> bool {
        self.0 & SOURCE != 0
    }

    /// Whether it has ended: finished, failed or cancelled.
    #[inline]
    #[must_use]
    pub const fn has_ended(self) -> bool {
        matches!(self.phase(), Some(Phase::Finished | Phase::Failed | Phase::Cancelled))
    }

    /// Whether an operation is under way that nobody has asked anything of.
    #[inline]
    #[must_use]
    pub const fn is_calm(self) -> bool {
        self.level_raw() == 0
            && matches!(self.phase(), Some(Phase::Pending | Phase::Running | Phase::Committed))
    }

    /// The ticket of the worker that left this word.
    #[inline]
    #[must_use]
    pub const fn worker_ticket(self) -> Ticket {
        let ticket = Ticket::new(self.generation(), Rights::WORK);
        if self.has_source() { ticket.through_source() } else { ticket }
    }

    /// What `poll` answers: the level that the worker is to see now.
    #[inline]
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
    #[inline]
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
    #[inline]
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
    #[inline]
    #[must_use]
    pub const fn undisturbed(generation: Generation) -> Self {
        Self(generation.get()).into_phase(Phase::Running)
    }

    /// `undisturbed`, of an operation that has a source.
    #[inline]
    #[must_use]
    pub const fn undisturbed_of_source(generation: Generation) -> Self {
        Self(Self::undisturbed(generation).0 | SOURCE)
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

    /// With the level and the cause that lie in these bits.
    const fn with_request(self, bits: u32) -> Self {
        const REQUEST: u32 = LEVEL_MASK | CAUSE_MASK;
        Self(self.0 & !REQUEST | bits & REQUEST)
    }

    /// Into CANCELLED, with what lies in the bits of the detail.
    const fn into_cancelled(self, bits: u32) -> Self {
        let ended = self.into_phase(Phase::Cancelled);
        Self(ended.0 | bits & DETAIL_MASK | VISIBLE)
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
    #[inline]
    #[must_use]
    pub const fn effects(self) -> Effects {
        match Effects::from_raw((self.0 & DETAIL_MASK) >> DETAIL_SHIFT) {
            Some(effects) => effects,
            None => Effects::Unstated,
        }
    }

    /// Whether it is a request.
    #[inline]
    #[must_use]
    pub const fn is_cancel(self) -> bool {
        self.kind() == CANCEL
    }

    /// Whether it is one that only moves a worker that runs on: no hook hears
    /// of it.
    #[inline]
    #[must_use]
    pub const fn goes_on(self) -> bool {
        matches!(self.kind(), SHIELD | UNSHIELD | COMMIT)
    }

    /// Whether the code beside the word is written before the word is changed.
    #[inline]
    pub(crate) const fn touches_code(self) -> bool {
        matches!(self.kind(), FAIL | FORCE | RETIRE)
    }

    #[inline]
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
    #[inline]
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

/// [`step`], of an event in one register.
#[cfg_attr(not(quell_bare), inline(always))]
pub(crate) const fn step_packed(word: Word, held: Ticket, event: Packed) -> Step {
    if word.generation().get() != held.generation().get() {
        return stay(word, Verdict::Stale);
    }
    if word.has_source() && !held.is_of_source() {
        return stay(word, Verdict::Denied);
    }
    match event.kind() {
        ARM => arm(word, held, event),
        START => start(word, held.rights()),
        CANCEL => cancel(word, held.rights(), event),
        SHIELD => shield(word),
        UNSHIELD => unshield(word),
        COMMIT => commit(word),
        FINISH => finish(word),
        FAIL => fail(word),
        ACKNOWLEDGE => acknowledge(word, event),
        FORCE => force(word, held.rights()),
        _ => retire(word, held.rights()),
    }
}

const fn stay(word: Word, verdict: Verdict) -> Step {
    Step { word, verdict }
}

const fn go(word: Word, verdict: Verdict) -> Step {
    Step { word, verdict }
}

const fn arm(word: Word, held: Ticket, event: Packed) -> Step {
    match word.phase() {
        Some(Phase::Vacant) => {
            let source = if held.is_of_source() { SOURCE } else { 0 };
            let armed = word.generation().get() | event.0 & MODE_MASK | source;
            go(Word(armed).into_phase(Phase::Pending), Verdict::Ok)
        }
        _ => stay(word, Verdict::BadState),
    }
}

const fn start(word: Word, rights: Rights) -> Step {
    if !rights.contains(Rights::WORK) {
        return stay(word, Verdict::Denied);
    }
    match word.phase() {
        Some(Phase::Pending) => go(word.into_phase(Phase::Running), Verdict::Ok),
        Some(Phase::Cancelled) => stay(word, Verdict::Cancelled),
        _ => stay(word, Verdict::BadState),
    }
}

#[cfg_attr(not(quell_bare), inline(always))]
const fn cancel(word: Word, rights: Rights, event: Packed) -> Step {
    if !rights.contains(Rights::CANCEL) {
        return stay(word, Verdict::Denied);
    }
    let phase = word.phase();
    if word.mode().contains(Mode::UNCANCELLABLE)
        && matches!(phase, Some(Phase::Pending | Phase::Running | Phase::Committed))
    {
        return stay(word, Verdict::Unsupported);
    }
    match phase {
        Some(Phase::Pending) => {
            let ended = word.with_request(event.0).into_cancelled(Effects::None.raw() << DETAIL_SHIFT);
            go(ended, Verdict::Cancelled)
        }
        Some(Phase::Running) => request_running(word, event),
        Some(Phase::Committed) => stay(word, Verdict::TooLate),
        Some(Phase::Finished) => stay(word, Verdict::Finished),
        Some(Phase::Failed) => stay(word, Verdict::Failed),
        Some(Phase::Cancelled) => stay(word, Verdict::AlreadyCancelled),
        Some(Phase::Vacant) | None => stay(word, Verdict::BadState),
    }
}

#[cfg_attr(not(quell_bare), inline(always))]
const fn request_running(word: Word, event: Packed) -> Step {
    let best_effort = word.mode().contains(Mode::BEST_EFFORT);
    let level = (event.0 & LEVEL_MASK) >> LEVEL_SHIFT;
    if level <= word.level_raw() {
        return stay(
            word,
            if best_effort { Verdict::AlreadyRequested } else { Verdict::AlreadyCancelling },
        );
    }
    if word.asks_gate_for(level) {
        match event.0 & GATE_MASK {
            ALLOWS => {}
            REFUSES => return stay(word, Verdict::Refused),
            _ => return stay(word, Verdict::Denied),
        }
    }
    let requested = word.with_request(event.0);
    let shown = if word.detail() == 0 { Word(requested.0 | VISIBLE) } else { requested };
    let verdict = match (word.level_raw(), best_effort) {
        (0, false) => Verdict::Cancelling,
        (0, true) => Verdict::Requested,
        _ => Verdict::Raised,
    };
    go(shown, verdict)
}

const fn shield(word: Word) -> Step {
    match word.phase() {
        Some(Phase::Running) if word.detail() < MAX_SHIELDS => {
            go(Word((word.0 & !VISIBLE).wrapping_add(SHIELD_ONE)), Verdict::Ok)
        }
        Some(Phase::Running) => stay(word, Verdict::Full),
        _ => stay(word, Verdict::BadState),
    }
}

const fn unshield(word: Word) -> Step {
    match word.phase() {
        Some(Phase::Running) if word.detail() > 0 => {
            let lowered = Word(word.0.wrapping_sub(SHIELD_ONE));
            let bare = lowered.detail() == 0 && lowered.level_raw() != 0;
            go(if bare { Word(lowered.0 | VISIBLE) } else { lowered }, Verdict::Ok)
        }
        _ => stay(word, Verdict::BadState),
    }
}

const fn commit(word: Word) -> Step {
    match word.phase() {
        Some(Phase::Running) if word.level_raw() == 0 => {
            go(word.into_phase(Phase::Committed), Verdict::Ok)
        }
        Some(Phase::Running) => stay(word, Verdict::Cancelling),
        _ => stay(word, Verdict::BadState),
    }
}

/// Whether a request has been accepted that binds the outcome.
const fn bound_to_cancel(word: Word) -> bool {
    word.level_raw() != 0 && !word.mode().contains(Mode::BEST_EFFORT)
}

const fn finish(word: Word) -> Step {
    match word.phase() {
        Some(Phase::Running) if bound_to_cancel(word) => stay(word, Verdict::Cancelling),
        Some(Phase::Running | Phase::Committed) => {
            go(word.into_phase(Phase::Finished), Verdict::Ok)
        }
        _ => stay(word, Verdict::BadState),
    }
}

const fn fail(word: Word) -> Step {
    match word.phase() {
        Some(Phase::Running) if bound_to_cancel(word) => {
            let detail = CODE_KEPT | Effects::Unknown.raw() << DETAIL_SHIFT;
            go(word.into_cancelled(detail), Verdict::Cancelled)
        }
        Some(Phase::Running | Phase::Committed) => go(word.into_phase(Phase::Failed), Verdict::Ok),
        _ => stay(word, Verdict::BadState),
    }
}

const fn acknowledge(word: Word, event: Packed) -> Step {
    if event.0 & DETAIL_MASK == Effects::Unstated.raw() << DETAIL_SHIFT {
        return stay(word, Verdict::Invalid);
    }
    match word.phase() {
        Some(Phase::Running) => {
            let unasked = request_bits(Request::new(Level::Graceful, Cause::Itself));
            let word = if word.level_raw() == 0 { word.with_request(unasked) } else { word };
            go(word.into_cancelled(event.0), Verdict::Ok)
        }
        _ => stay(word, Verdict::BadState),
    }
}

const fn force(word: Word, rights: Rights) -> Step {
    if !rights.contains(Rights::OWN) {
        return stay(word, Verdict::Denied);
    }
    match word.phase() {
        Some(Phase::Pending | Phase::Running | Phase::Committed) => {
            let ended = word.into_phase(Phase::Failed);
            go(Word(ended.0 | Effects::Unknown.raw() << DETAIL_SHIFT), Verdict::Ok)
        }
        _ => stay(word, Verdict::BadState),
    }
}

const fn retire(word: Word, rights: Rights) -> Step {
    if !rights.contains(Rights::OWN) {
        return stay(word, Verdict::Denied);
    }
    match word.phase() {
        Some(Phase::Finished | Phase::Failed | Phase::Cancelled) => {
            go(Word(word.generation().next().get()), Verdict::Ok)
        }
        _ => stay(word, Verdict::BadState),
    }
}
