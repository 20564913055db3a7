//! What happens to an operation, as hooks hear of it.
//!
//! A hook asks for [`Events`]; inside, it waits for *steps*, each of which comes
//! once at most in an operation's life, and which are read from its word.

use crate::status::Outcome;
use crate::terms::{Cause, Code, Effects, Level, Phase, Request};
use crate::word::Word;

/// Which happenings a hook asks for, or is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Events(u32);

impl Events {
    /// None.
    pub const NONE: Self = Self(0);
    /// A request has been recorded, shown to the worker or not.
    pub const REQUEST: Self = Self(1);
    /// The level of the request is higher than this hook was told before. A
    /// hook that did not ask for [`Events::REQUEST`] is told of each level
    /// above [`Level::Graceful`](crate::Level::Graceful).
    pub const RAISE: Self = Self(2);
    /// The operation has ended.
    pub const END: Self = Self(4);
    /// All of them.
    pub const ALL: Self = Self(7);

    /// The events of untrusted bits, or `None` where a bit is unknown.
    #[must_use]
    pub const fn from_raw(raw: u32) -> Option<Self> {
        if raw & !Self::ALL.0 == 0 { Some(Self(raw)) } else { None }
    }

    /// The bits that cross the C ABI.
    #[must_use]
    pub const fn raw(self) -> u32 {
        self.0
    }

    /// Both sets' events.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether any event of `other` is among these.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether every event of `other` is among these.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Events {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "request={0=0..1} raise={0=1..2} end={0=2..3}", self.0);
    }
}

/// Steps that come once each in an operation's life, in bits: a request, a
/// level of two, a level of three, the end.
pub(crate) mod steps {
    pub(crate) const REQUESTED: u32 = 1;
    pub(crate) const RAISED: u32 = 2 | 4;
    pub(crate) const ENDED: u32 = 8;
}

/// What has happened to an operation whose word this is.
#[cfg_attr(not(quell_bare), inline(always))]
pub(crate) fn reached(word: Word) -> u32 {
    let level = word.level().map_or(0, |level| level.raw());
    let ended = if word.has_ended() { steps::ENDED } else { 0 };
    (1u32 << level).wrapping_sub(1) | ended
}

/// The steps that a hook for these events waits for.
#[cfg_attr(not(quell_bare), inline(always))]
pub(crate) const fn wanted(events: Events) -> u32 {
    let request = if events.contains(Events::REQUEST) { steps::REQUESTED } else { 0 };
    let raise = if events.contains(Events::RAISE) { steps::RAISED } else { 0 };
    let end = if events.contains(Events::END) { steps::ENDED } else { 0 };
    request | raise | end
}

/// What a hook is told that waited for these steps and sees them taken. A
/// request that is above the lowest level at once is no raise.
#[cfg_attr(not(quell_bare), inline(always))]
pub(crate) const fn events_of(due: u32) -> Events {
    let level = match due & (steps::REQUESTED | steps::RAISED) {
        0 => Events::NONE,
        taken if taken & steps::REQUESTED != 0 => Events::REQUEST,
        _ => Events::RAISE,
    };
    if due & steps::ENDED != 0 { level.with(Events::END) } else { level }
}

/// What a hook is told. Numbers, as they cross the C ABI.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// [`Events`] that have happened since this hook was told last.
    pub events: u32,
    /// [`Phase`](crate::Phase) of the operation.
    pub phase: u32,
    /// [`Level`](crate::Level) of the request in force; 0: none.
    pub level: u32,
    /// [`Cause`](crate::Cause) of that request; 0: none.
    pub cause: u32,
    /// [`Effects`](crate::Effects) that the end left behind.
    pub effects: u32,
    /// The operation's own code; 0: none.
    pub code: u32,
}

impl Told {
    pub(crate) const NOTHING: Self =
        Self { events: 0, phase: 0, level: 0, cause: 0, effects: 0, code: 0 };

    /// What happened.
    #[must_use]
    pub const fn events(&self) -> Events {
        Events(self.events)
    }

    /// How the operation ended, if it has.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        let effects = Effects::from_raw(self.effects).unwrap_or(Effects::Unstated);
        let code = Code::new(self.code);
        match Phase::from_raw(self.phase) {
            Some(Phase::Finished) => Some(Outcome::Finished),
            Some(Phase::Failed) => Some(Outcome::Failed { code, effects }),
            Some(Phase::Cancelled) => Some(Outcome::Cancelled { effects, code }),
            _ => None,
        }
    }

    /// The request in force.
    #[must_use]
    pub fn request(&self) -> Option<Request> {
        Some(Request::new(Level::from_raw(self.level)?, Cause::from_raw(self.cause)?))
    }

    pub(crate) fn of(word: Word, code: u32) -> Self {
        Self {
            events: 0,
            phase: word.phase().unwrap_or(Phase::Vacant).raw(),
            level: word.level().map_or(0, |level| level.raw()),
            cause: word.cause().map_or(0, |cause| cause.raw()),
            effects: word.effects().raw(),
            code,
        }
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Told {
    fn format(&self, f: defmt::Formatter<'_>) {
        let (events, request, outcome) = (self.events(), self.request(), self.outcome());
        defmt::write!(f, "Told {{ {}, request: {}, outcome: {} }}", events, request, outcome);
    }
}
