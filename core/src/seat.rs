//! One participant of a session: what it was told, what it answered, and that
//! it is told of an abort at most once.
//!
//! ```text
//!  31      14  13    12    11   10      7 6         3 2        0
//! ┌──────────┬─────┬─────┬─────┬─────────┬───────────┬──────────┐
//! │    0     │LATE │TOLD │OWED │  BUSY   │ FAILED_AT │ STANDING │
//! └──────────┴─────┴─────┴─────┴─────────┴───────────┴──────────┘
//! ```
//!
//! | field | meaning |
//! |---|---|
//! | STANDING | [`Standing`] |
//! | FAILED_AT | the [`Notice`] that it failed at; 0 unless it has failed |
//! | BUSY | the [`Notice`] that it is being told at this moment; 0 for none |
//! | OWED | an abort came while it was busy: whoever tells it that other notice tells it the abort next |
//! | TOLD | the abort has been told, or is being told |
//! | LATE | it failed because its time ran out |
//!
//! A participant is told one thing at a time, by whoever took BUSY from 0, and
//! nothing is locked meanwhile. So an abort never waits for a callback, and
//! never runs beside one of the same participant: it is owed instead. As TOLD
//! is set by the swap that makes somebody tell it, there is one such somebody.

use crate::sync::{AtomicU32, Ordering};
use crate::terms::Code;
use crate::trace::record;

/// Defines an enum with fixed numbers, and the way back from one.
macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $number:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u32)]
        pub enum $name { $($(#[$vdoc])* $variant = $number,)+ }

        impl $name {
            /// Every value, in the order of the numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The value of an untrusted number, or `None` where there is none.
            #[must_use]
            pub const fn from_raw(raw: u32) -> Option<Self> {
                match raw { $($number => Some(Self::$variant),)+ _ => None }
            }

            /// The number that crosses the C ABI.
            #[must_use]
            pub const fn raw(self) -> u32 { self as u32 }
        }
    };
}
pub(crate) use numbered;

numbered! {
    /// What a participant is told.
    Notice {
        /// A backup begins: `OnPrepareBackup`.
        Prepare = 1,
        /// A snapshot is about to be made: `OnPrepareSnapshot`.
        PrepareSnapshot = 2,
        /// Write nothing from here on: `OnFreeze`.
        Freeze = 3,
        /// Write again: `OnThaw`.
        Thaw = 4,
        /// The snapshot stands: `OnPostSnapshot`.
        PostSnapshot = 5,
        /// The backup has succeeded: `OnBackupComplete`.
        Complete = 6,
        /// It ends here; undo, and write again: `OnAbort`.
        Abort = 7,
        /// The requester lets go: `OnBackupShutdown`.
        Shutdown = 8,
    }
}

numbered! {
    /// Where a participant stands between two notices.
    Standing {
        /// Nothing is under way, or it has not got as far as a snapshot.
        Stable = 0,
        /// Ready for a freeze.
        WaitingForFreeze = 1,
        /// Frozen.
        WaitingForThaw = 2,
        /// Thawed; the snapshot is not announced yet.
        WaitingForPostSnapshot = 3,
        /// The snapshot stands.
        WaitingForComplete = 4,
        /// It refused a notice, or its time ran out.
        Failed = 5,
    }
}

/// One consistent look at a participant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Participant {
    /// Where it stands.
    pub standing: Standing,
    /// The notice that it failed at.
    pub failed_at: Option<Notice>,
    /// The code that it refused that notice with; none where its time ran out.
    pub code: Option<Code>,
    /// Whether it failed because its time ran out.
    pub timed_out: bool,
    /// What it is being told at this moment.
    pub busy: Option<Notice>,
    /// Whether it has been told of an abort, or is being told.
    pub abort_told: bool,
    /// Whether it will be told of an abort as soon as it is not busy.
    pub abort_owed: bool,
}

/// What can happen to a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// The session wants to tell it this.
    Tell(Notice),
    /// It answered what it was told: whether it agreed.
    Returned(bool),
    /// The session is aborted.
    Abort,
    /// Its time to be frozen has run out.
    TimeOut,
}

/// What whoever made it happen has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Duty {
    /// Tell it this, and say when it has returned.
    Tell(Notice),
    /// Nothing: who is telling it something will tell it of the abort.
    Owed,
    /// Nothing: it is taken note of.
    Noted,
    /// Nothing: it changed nothing.
    Nothing,
}

const FAILED_AT_SHIFT: u32 = 3;
const BUSY_SHIFT: u32 = 7;
const OWED: u32 = 1 << 11;
const TOLD: u32 = 1 << 12;
const LATE: u32 = 1 << 13;
const NOTICE: u32 = 15;

const fn standing(word: u32) -> Standing {
    match Standing::from_raw(word & 7) {
        Some(standing) => standing,
        None => Standing::Failed,
    }
}

const fn busy(word: u32) -> Option<Notice> {
    Notice::from_raw(word >> BUSY_SHIFT & NOTICE)
}

const fn failed_at(word: u32) -> Option<Notice> {
    Notice::from_raw(word >> FAILED_AT_SHIFT & NOTICE)
}

const fn at(word: u32, standing: Standing) -> u32 {
    word & !7 | standing.raw()
}

const fn telling(word: u32, notice: Notice) -> u32 {
    word & !(NOTICE << BUSY_SHIFT) | notice.raw() << BUSY_SHIFT
}

/// A first failure stands.
const fn failing(word: u32, notice: Notice) -> u32 {
    match standing(word) {
        Standing::Failed => word,
        _ => at(word, Standing::Failed) | notice.raw() << FAILED_AT_SHIFT,
    }
}

/// The standing that a notice is told in, and the one that agreeing leads to.
const fn course(notice: Notice) -> Option<(Standing, Standing)> {
    use Standing::{
        Stable, WaitingForComplete, WaitingForFreeze, WaitingForPostSnapshot, WaitingForThaw,
    };
    match notice {
        Notice::Prepare => Some((Stable, Stable)),
        Notice::PrepareSnapshot => Some((Stable, WaitingForFreeze)),
        Notice::Freeze => Some((WaitingForFreeze, WaitingForThaw)),
        Notice::Thaw => Some((WaitingForThaw, WaitingForPostSnapshot)),
        Notice::PostSnapshot => Some((WaitingForPostSnapshot, WaitingForComplete)),
        Notice::Complete => Some((WaitingForComplete, Stable)),
        Notice::Abort | Notice::Shutdown => None,
    }
}

/// The whole meaning of a seat: pure, and total over every word and happening.
pub const fn step(word: u32, happening: Happening) -> (u32, Duty) {
    match happening {
        Happening::Tell(notice) => tell(word, notice),
        Happening::Returned(agreed) => returned(word, agreed),
        Happening::Abort => abort(word),
        Happening::TimeOut => time_out(word),
    }
}

const fn tell(word: u32, notice: Notice) -> (u32, Duty) {
    let fits = match course(notice) {
        Some((from, _)) => word & (TOLD | OWED) == 0 && standing(word).raw() == from.raw(),
        None => matches!(notice, Notice::Shutdown),
    };
    if fits && busy(word).is_none() {
        (telling(word, notice), Duty::Tell(notice))
    } else {
        (word, Duty::Nothing)
    }
}

const fn returned(word: u32, agreed: bool) -> (u32, Duty) {
    let Some(notice) = busy(word) else { return (word, Duty::Nothing) };
    let next = word & !(NOTICE << BUSY_SHIFT);
    let next = match (agreed, standing(next), course(notice)) {
        (false, _, _) => failing(next, notice),
        // Its time ran out while it was busy; or it refused before.
        (true, Standing::Failed, _) => next,
        (true, _, Some((_, to))) => at(next, to),
        (true, _, None) => at(next, Standing::Stable),
    };
    if next & OWED != 0 {
        (telling(next & !OWED | TOLD, Notice::Abort), Duty::Tell(Notice::Abort))
    } else {
        (next, Duty::Noted)
    }
}

const fn abort(word: u32) -> (u32, Duty) {
    if word & (TOLD | OWED) != 0 {
        (word, Duty::Nothing)
    } else if busy(word).is_some() {
        (word | OWED, Duty::Owed)
    } else {
        (telling(word | TOLD, Notice::Abort), Duty::Tell(Notice::Abort))
    }
}

const fn time_out(word: u32) -> (u32, Duty) {
    let notice = match (standing(word), busy(word)) {
        (Standing::WaitingForFreeze, Some(Notice::Freeze)) => Notice::Freeze,
        (Standing::WaitingForThaw, None | Some(Notice::Thaw)) => Notice::Thaw,
        _ => return (word, Duty::Nothing),
    };
    (failing(word, notice) | LATE, Duty::Noted)
}

/// The place of one participant in a session: 12 bytes. All-zero memory is a
/// valid one.
#[repr(C)]
#[derive(Debug)]
pub struct Seat {
    word: AtomicU32,
    /// What it refused with; written before the word says so, by whoever tells
    /// it something.
    code: AtomicU32,
    /// The tick of its freeze; written before it is told to freeze.
    since: AtomicU32,
}

impl Seat {
    /// A free seat.
    #[cfg(not(quell_loom))]
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self { word: AtomicU32::new(0), code: AtomicU32::new(0), since: AtomicU32::new(0) }
    }

    /// A free seat.
    #[cfg(quell_loom)]
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self { word: AtomicU32::new(0), code: AtomicU32::new(0), since: AtomicU32::new(0) }
    }

    fn apply(&self, happening: Happening) -> Duty {
        // Ordering: Acquire, partner: the Release below.
        let mut seen = self.word.load(Ordering::Acquire);
        loop {
            let (next, duty) = step(seen, happening);
            if next == seen {
                return duty;
            }
            // Ordering: AcqRel, partner: itself: whoever tells the participant
            // something sees what it did when it was told something before.
            // Failure: Acquire, for it is the same look again.
            match self.word.compare_exchange_weak(seen, next, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => {
                    record!(Moved {
                        what: "seat",
                        at: core::ptr::from_ref(self).addr(),
                        before: seen,
                        after: next
                    });
                    return duty;
                }
                Err(now) => seen = now,
            }
        }
    }

    pub(crate) fn tell(&self, notice: Notice, now: u32) -> Duty {
        if matches!(notice, Notice::Freeze) {
            // Ordering: Relaxed: the swap that follows publishes it.
            self.since.store(now, Ordering::Relaxed);
        }
        self.apply(Happening::Tell(notice))
    }

    pub(crate) fn returned(&self, answer: Result<(), Code>) -> Duty {
        if let Err(code) = answer {
            // Ordering: Relaxed: only who tells the participant something
            // writes a code, and the swap that follows publishes this one.
            if standing(self.word.load(Ordering::Relaxed)) != Standing::Failed {
                // Ordering: Relaxed: as above.
                self.code.store(code.raw(), Ordering::Relaxed);
            }
        }
        self.apply(Happening::Returned(answer.is_ok()))
    }

    pub(crate) fn abort(&self) -> Duty {
        self.apply(Happening::Abort)
    }

    /// Whether its time has just run out: it has been frozen, or on its way to
    /// or from there, for more than `limit` ticks.
    pub(crate) fn time_out(&self, now: u32, limit: u32) -> bool {
        // Ordering: Acquire, partner: the Release in `apply`: `since` is of the
        // freeze that is seen here.
        let word = self.word.load(Ordering::Acquire);
        let would = matches!(step(word, Happening::TimeOut).1, Duty::Noted);
        // Ordering: Relaxed: ordered by the load above.
        let elapsed = now.wrapping_sub(self.since.load(Ordering::Relaxed));
        // A moment before the freeze is no long time after it.
        let late = elapsed > limit && elapsed <= u32::MAX >> 1;
        would && late && matches!(self.apply(Happening::TimeOut), Duty::Noted)
    }

    pub(crate) fn look(&self) -> Participant {
        // Ordering: Acquire, partner: the Release in `apply`: the code is then
        // of the failure that is seen here.
        let word = self.word.load(Ordering::Acquire);
        let timed_out = word & LATE != 0;
        let failed = matches!(standing(word), Standing::Failed) && !timed_out;
        Participant {
            standing: standing(word),
            failed_at: failed_at(word),
            // Ordering: Relaxed: ordered by the load above.
            code: if failed { Code::new(self.code.load(Ordering::Relaxed)) } else { None },
            timed_out,
            busy: busy(word),
            abort_told: word & TOLD != 0,
            abort_owed: word & OWED != 0,
        }
    }

    /// A free seat again, for another session.
    pub(crate) fn clear(&self) {
        // Ordering: Relaxed: nobody else uses the session at this time; the
        // next one is published by its own beginning.
        self.word.store(0, Ordering::Relaxed);
        // Ordering: Relaxed: as above.
        self.code.store(0, Ordering::Relaxed);
        // Ordering: Relaxed: as above.
        self.since.store(0, Ordering::Relaxed);
    }
}
