//! The table of calls and phases a second time: the layout of a word, the grid
//! of calls × phases, and the row of bits of each transition.

use quell::word::{Event, Gate};
use quell::{Effects, Ticket, Verdict};

pub(crate) const VACANT: u32 = 0;
pub(crate) const PENDING: u32 = 1;
pub(crate) const RUNNING: u32 = 2;
pub(crate) const COMMITTED: u32 = 3;
pub(crate) const FINISHED: u32 = 4;
pub(crate) const FAILED: u32 = 5;
pub(crate) const CANCELLED: u32 = 6;

pub(crate) const BEST: u32 = 1;
pub(crate) const UNC: u32 = 2;
pub(crate) const GATE: u32 = 4;

const EFFECTS_NONE: u32 = 1;
pub(crate) const EFFECTS_UNKNOWN: u32 = 3;
/// In CANCELLED: the worker ended it with an error, whose code is kept.
pub(crate) const KEPT: u32 = 4;
const SELF_CAUSE: u32 = 7;
const GRACEFUL: u32 = 1;

pub(crate) const LAST: u32 = 0x7FFF;
/// A word, taken apart as the document lays it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fields {
    pub(crate) vis: u32,
    pub(crate) phase: u32,
    pub(crate) level: u32,
    pub(crate) cause: u32,
    pub(crate) detail: u32,
    pub(crate) source: u32,
    pub(crate) mode: u32,
    pub(crate) generation: u32,
}

impl Fields {
    pub(crate) fn of(raw: u32) -> Self {
        let bits = |low: u32, width: u32| (raw >> low) & ((1 << width) - 1);
        Self {
            vis: bits(31, 1),
            phase: bits(28, 3),
            level: bits(26, 2),
            cause: bits(22, 4),
            detail: bits(19, 3),
            source: bits(18, 1),
            mode: bits(15, 3),
            generation: bits(0, 15),
        }
    }

    /// There is a level, no shield is up, and the phase is RUNNING or CANCELLED.
    fn derived_vis(self) -> u32 {
        let shown = (self.phase == RUNNING && self.detail == 0) || self.phase == CANCELLED;
        u32::from(self.level != 0 && shown)
    }

    /// Whether calls lead to this word.
    pub(crate) fn sound(self) -> bool {
        let paired = (self.level == 0) == (self.cause == 0);
        let asked = self.level != 0;
        let cancellable = self.mode & UNC == 0;
        let best = self.mode & BEST != 0 && cancellable;
        let plain = !asked && self.detail == 0;
        let by_phase = match self.phase {
            VACANT => plain && self.mode == 0 && self.source == 0,
            PENDING | COMMITTED => plain,
            RUNNING => cancellable || !asked,
            // Only a best-effort op ends otherwise than asked.
            FINISHED => self.detail == 0 && (best || !asked),
            FAILED => match self.detail {
                0 => best || !asked,
                EFFECTS_UNKNOWN => cancellable || !asked,
                _ => false,
            },
            CANCELLED => {
                let unasked = self.level == GRACEFUL && self.cause == SELF_CAUSE;
                let stated = (EFFECTS_NONE..=EFFECTS_UNKNOWN).contains(&self.detail);
                let kept = self.detail == KEPT | EFFECTS_UNKNOWN && cancellable && !best;
                (stated || kept) && if cancellable { asked } else { unasked }
            }
            _ => false,
        };
        paired && by_phase && self.vis == self.derived_vis()
    }
}

impl Fields {
    /// Whether the calls of this holder lead to it.
    pub(crate) fn sound_for(self, held: Ticket) -> bool {
        let source = held.is_of_source() && self.phase != VACANT;
        self.sound() && self.source == u32::from(source)
    }
}

/// What a transition writes into a field.
#[derive(Clone, Copy)]
pub(crate) enum Put {
    /// `·`
    Keep,
    Is(u32),
    /// The argument of the call: level, cause, effects, or mode.
    Given,
    Plus,
    Minus,
}

/// One row of bits. VIS is derived.
#[derive(Clone, Copy)]
pub(crate) struct Bits {
    phase: Put,
    level: Put,
    cause: Put,
    detail: Put,
}

const fn bits(phase: u32, level: Put, cause: Put, detail: Put) -> Bits {
    Bits { phase: Put::Is(phase), level, cause, detail }
}

/// One cell of the table.
#[derive(Clone, Copy)]
pub(crate) enum Cell {
    /// `—`
    Stay(Verdict),
    Go(Verdict, Bits),
    /// A cancel of a running op, which passes the gate where the level rises:
    /// what it is told if it does, and if not.
    Ask(Verdict, Verdict),
}

use Cell::{Ask, Go, Stay};
use Put::{Given, Is, Keep, Minus, Plus};
use Verdict::Ok as Done;

const NO: Cell = Stay(Verdict::BadState);
const BACK: Cell = Stay(Verdict::Cancelling);

const fn into(phase: u32) -> Cell {
    Go(Done, bits(phase, Keep, Keep, Is(0)))
}
const ENDS_FORCED: Cell = Go(Done, bits(FAILED, Keep, Keep, Is(EFFECTS_UNKNOWN)));
const ENDS_BEFORE: Cell = Go(Verdict::Cancelled, bits(CANCELLED, Given, Given, Is(EFFECTS_NONE)));
const ENDS_ASKED: Cell =
    Go(Verdict::Cancelled, bits(CANCELLED, Keep, Keep, Is(KEPT | EFFECTS_UNKNOWN)));
const ENDS_SELF: Cell = Go(Done, bits(CANCELLED, Is(GRACEFUL), Is(SELF_CAUSE), Given));
const ENDS_TOLD: Cell = Go(Done, bits(CANCELLED, Keep, Keep, Given));
const UP: Cell = Go(Done, bits(RUNNING, Keep, Keep, Plus));
const DOWN: Cell = Go(Done, bits(RUNNING, Keep, Keep, Minus));
const VACATE: Cell = Go(Done, bits(VACANT, Is(0), Is(0), Is(0)));
const FRESH: Cell = Go(Done, bits(PENDING, Is(0), Is(0), Is(0)));

const TOO_LATE: Cell = Stay(Verdict::TooLate);
const HAS_FINISHED: Cell = Stay(Verdict::Finished);
const HAS_FAILED: Cell = Stay(Verdict::Failed);
const WAS_CANCELLED: Cell = Stay(Verdict::AlreadyCancelled);
const NEVER: Cell = Stay(Verdict::Unsupported);
const CANCELLING: Cell = Ask(Verdict::Cancelling, Verdict::Invalid);
const REQUESTED: Cell = Ask(Verdict::Requested, Verdict::Invalid);
const MORE: Cell = Ask(Verdict::Raised, Verdict::AlreadyCancelling);
const MORE_BEST: Cell = Ask(Verdict::Raised, Verdict::AlreadyRequested);

/// The rows of [`GRID`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Arm,
    Start,
    CancelDecisive,
    CancelBestEffort,
    CancelUncancellable,
    Shield,
    Unshield,
    Commit,
    FinishDecisive,
    FinishBestEffort,
    FailDecisive,
    FailBestEffort,
    Acknowledge,
    Force,
    Retire,
}

/// The table: a column for each phase, RUNNING without and with a request.
#[rustfmt::skip]
pub(crate) const GRID: [(Call, [Cell; 8]); 15] = [
    //                          VACANT  PENDING         RUNNING           requested    COMMITTED      FINISHED      FAILED      CANCELLED
    (Call::Arm,                 [FRESH, NO,             NO,               NO,          NO,            NO,           NO,         NO]),
    (Call::Start,               [NO,    into(RUNNING),  NO,               NO,          NO,            NO,           NO,         Stay(Verdict::Cancelled)]),
    (Call::CancelDecisive,      [NO,    ENDS_BEFORE,    CANCELLING,       MORE,        TOO_LATE,      HAS_FINISHED, HAS_FAILED, WAS_CANCELLED]),
    (Call::CancelBestEffort,    [NO,    ENDS_BEFORE,    REQUESTED,        MORE_BEST,   TOO_LATE,      HAS_FINISHED, HAS_FAILED, WAS_CANCELLED]),
    (Call::CancelUncancellable, [NO,    NEVER,          NEVER,            NEVER,       NEVER,         HAS_FINISHED, HAS_FAILED, WAS_CANCELLED]),
    (Call::Shield,              [NO,    NO,             UP,               UP,          NO,            NO,           NO,         NO]),
    (Call::Unshield,            [NO,    NO,             DOWN,             DOWN,        NO,            NO,           NO,         NO]),
    (Call::Commit,              [NO,    NO,             into(COMMITTED),  BACK,        NO,            NO,           NO,         NO]),
    (Call::FinishDecisive,      [NO,    NO,             into(FINISHED),   BACK,        into(FINISHED), NO,          NO,         NO]),
    (Call::FinishBestEffort,    [NO,    NO,             into(FINISHED),   into(FINISHED), into(FINISHED), NO,       NO,         NO]),
    (Call::FailDecisive,        [NO,    NO,             into(FAILED),     ENDS_ASKED,  into(FAILED),  NO,           NO,         NO]),
    (Call::FailBestEffort,      [NO,    NO,             into(FAILED),     into(FAILED), into(FAILED), NO,           NO,         NO]),
    (Call::Acknowledge,         [NO,    NO,             ENDS_SELF,        ENDS_TOLD,   NO,            NO,           NO,         NO]),
    (Call::Force,               [NO,    ENDS_FORCED,    ENDS_FORCED,      ENDS_FORCED, ENDS_FORCED,   NO,           NO,         NO]),
    (Call::Retire,              [NO,    NO,             NO,               NO,          NO,            VACATE,       VACATE,     VACATE]),
];

fn row_of(event: Event, mode: u32) -> Call {
    let best = mode & BEST != 0;
    match event {
        Event::Arm(_) => Call::Arm,
        Event::Start => Call::Start,
        Event::Cancel(..) if mode & UNC != 0 => Call::CancelUncancellable,
        Event::Cancel(..) if best => Call::CancelBestEffort,
        Event::Cancel(..) => Call::CancelDecisive,
        Event::Shield => Call::Shield,
        Event::Unshield => Call::Unshield,
        Event::Commit => Call::Commit,
        Event::Finish if best => Call::FinishBestEffort,
        Event::Finish => Call::FinishDecisive,
        Event::Fail if best => Call::FailBestEffort,
        Event::Fail => Call::FailDecisive,
        Event::Acknowledge(_) => Call::Acknowledge,
        Event::Force => Call::Force,
        Event::Retire => Call::Retire,
    }
}

fn column_of(word: Fields) -> Option<usize> {
    match word.phase {
        VACANT => Some(0),
        PENDING => Some(1),
        RUNNING => Some(if word.level == 0 { 2 } else { 3 }),
        COMMITTED => Some(4),
        FINISHED => Some(5),
        FAILED => Some(6),
        CANCELLED => Some(7),
        _ => None,
    }
}

fn right_of(event: Event) -> u32 {
    match event {
        Event::Cancel(..) => 1,
        Event::Start => 2,
        Event::Force | Event::Retire => 4,
        _ => 0,
    }
}

/// What the document answers: the verdict, and the row of bits if any.
pub(crate) fn expected(word: Fields, held: Ticket, event: Event) -> (Verdict, Option<Bits>) {
    if held.generation().get() != word.generation {
        return (Verdict::Stale, None);
    }
    if word.source != 0 && !held.is_of_source() {
        return (Verdict::Denied, None);
    }
    let right = right_of(event);
    if held.rights().raw() & right != right {
        return (Verdict::Denied, None);
    }
    if event == Event::Acknowledge(Effects::Unstated) {
        return (Verdict::Invalid, None);
    }
    let Some(column) = column_of(word) else { return (Verdict::BadState, None) };
    let (call, cells) = GRID[row_of(event, word.mode) as usize];
    match (cells[column], event) {
        (Go(Done, _), Event::Shield) if word.detail == 7 => (Verdict::Full, None),
        (Go(Done, _), Event::Unshield) if word.detail == 0 => (Verdict::BadState, None),
        (Stay(verdict), _) => (verdict, None),
        (Go(verdict, bits), _) => (verdict, Some(bits)),
        (Ask(risen, not), Event::Cancel(request, gate)) => {
            if request.level.raw() <= word.level {
                return (not, None);
            }
            match gate {
                Gate::Absent if word.mode & GATE != 0 => (Verdict::Denied, None),
                Gate::Refuses if word.mode & GATE != 0 => (Verdict::Refused, None),
                _ => (risen, Some(Bits { phase: Keep, level: Given, cause: Given, detail: Keep })),
            }
        }
        (Ask(..), _) => panic!("{call:?} asks no gate"),
    }
}

/// What the row of bits makes of the word.
pub(crate) fn written(word: Fields, held: Ticket, event: Event, bits: Bits) -> Fields {
    let (level, cause, detail) = match event {
        Event::Cancel(request, _) => (request.level.raw(), request.cause.raw(), 0),
        Event::Acknowledge(effects) => (0, 0, effects.raw()),
        _ => (0, 0, 0),
    };
    let put = |put: Put, was: u32, given: u32| match put {
        Keep => was,
        Is(value) => value,
        Given => given,
        Plus => was + 1,
        Minus => was - 1,
    };
    let mut next = Fields {
        phase: put(bits.phase, word.phase, 0),
        level: put(bits.level, word.level, level),
        cause: put(bits.cause, word.cause, cause),
        detail: put(bits.detail, word.detail, detail),
        ..word
    };
    match event {
        // These two make the word anew.
        Event::Arm(mode) => {
            let source = u32::from(held.is_of_source());
            next = Fields { mode: mode.raw(), source, ..next };
        }
        Event::Retire => {
            let generation = if word.generation == LAST { 0 } else { word.generation + 1 };
            next = Fields { mode: 0, source: 0, generation, ..next };
        }
        _ => {}
    }
    next.vis = next.derived_vis();
    next
}
