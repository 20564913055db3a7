//! The vocabulary with its C names. The numbers are the core's, asserted.

use quell::{Cause, Effects, Level, Phase, Verdict};

/// What a call is told. Zero is the plain success; every other value says what
/// became of the request or of the operation.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_verdict_t {
    /// Done as asked.
    QUELL_OK = 0,
    /// The operation has now ended as cancelled.
    QUELL_CANCELLED = 1,
    /// Accepted: the operation will end as cancelled, and as nothing else
    /// unless its owner uses force. Said to a worker: undo, then acknowledge.
    QUELL_CANCELLING = 2,
    /// Accepted by a best-effort operation: how it ends is open.
    QUELL_REQUESTED = 3,
    /// An earlier request stands; its level has been raised to this one's.
    QUELL_RAISED = 4,
    /// An earlier request of this level or a higher one stands; the operation
    /// will end as cancelled.
    QUELL_ALREADY_CANCELLING = 5,
    /// An earlier request of this level or a higher one stands; how the
    /// operation ends is open.
    QUELL_ALREADY_REQUESTED = 6,
    /// It had ended as cancelled before this call.
    QUELL_ALREADY_CANCELLED = 7,
    /// It had finished before this call.
    QUELL_FINISHED = 8,
    /// It had failed before this call; the answer carries its code.
    QUELL_FAILED = 9,
    /// It is past its commit point: it will not be cancelled, and its effects
    /// stand.
    QUELL_TOO_LATE = 10,
    /// It was armed as uncancellable.
    QUELL_UNSUPPORTED = 11,
    /// The handle lacks the right to this call, or does not bring the gate of
    /// a gated operation. Nothing changed.
    QUELL_DENIED = 12,
    /// The gate refused; the answer carries the gate's code. Nothing changed.
    QUELL_REFUSED = 13,
    /// The call does not fit the phase. Nothing changed.
    QUELL_BAD_STATE = 14,
    /// The handle is of an earlier generation. Nothing changed, and nothing is
    /// told of the present one.
    QUELL_STALE = 15,
    /// An argument is null, misaligned or out of range. Nothing changed.
    QUELL_INVALID = 16,
    /// A fixed capacity is used up. Nothing changed.
    QUELL_FULL = 17,
    /// Somebody is still at it: a hook of the operation is being told, a slot
    /// is held, another requester has the session. Nothing changed; ask again.
    QUELL_BUSY = 18,
    /// The time given ran out. Nothing was cancelled by that.
    QUELL_TIMED_OUT = 19,
    /// The call would have to wait, in a context that must not. Nothing
    /// changed.
    QUELL_WOULD_BLOCK = 20,
    /// The hook is being run at this moment.
    QUELL_RUNNING = 21,
    /// The hook is off its list: it has been told all that it asked for, or the
    /// operation has ended without that.
    QUELL_RAN = 22,
    /// What the hook asked for had happened before it was added.
    QUELL_HAPPENED = 23,
    /// There is nothing of that name.
    QUELL_NOT_FOUND = 24,
    /// Nothing was under way that the call could change; it counts as done.
    QUELL_IGNORED = 25,
}

/// How urgent a request is. Levels only rise.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_level_t {
    /// No request, or none to be seen yet. Not a level to ask for.
    QUELL_LEVEL_NONE = 0,
    /// Stop at the next safe point.
    QUELL_LEVEL_GRACEFUL = 1,
    /// Stop now, and undo.
    QUELL_LEVEL_IMMEDIATE = 2,
    /// Power is failing: save what can be saved.
    QUELL_LEVEL_EMERGENCY = 3,
}

/// Why a request was made.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_cause_t {
    /// No request. Not a cause to ask with.
    QUELL_CAUSE_NONE = 0,
    /// A person asked.
    QUELL_CAUSE_USER = 1,
    /// The enclosing scope was cancelled.
    QUELL_CAUSE_PARENT = 2,
    /// Time ran out.
    QUELL_CAUSE_DEADLINE = 3,
    /// The system or the service is going down.
    QUELL_CAUSE_SHUTDOWN = 4,
    /// Something that the operation depends on is broken.
    QUELL_CAUSE_FAULT = 5,
    /// The other side of a connection, or a sibling, gave up.
    QUELL_CAUSE_PEER = 6,
    /// The worker itself ended the operation as cancelled, unasked.
    QUELL_CAUSE_SELF = 7,
    /// First of the eight causes left to the application.
    QUELL_CAUSE_APPLICATION_0 = 8,
    /// Left to the application.
    QUELL_CAUSE_APPLICATION_1 = 9,
    /// Left to the application.
    QUELL_CAUSE_APPLICATION_2 = 10,
    /// Left to the application.
    QUELL_CAUSE_APPLICATION_3 = 11,
    /// Left to the application.
    QUELL_CAUSE_APPLICATION_4 = 12,
    /// Left to the application.
    QUELL_CAUSE_APPLICATION_5 = 13,
    /// Left to the application.
    QUELL_CAUSE_APPLICATION_6 = 14,
    /// Left to the application.
    QUELL_CAUSE_APPLICATION_7 = 15,
}

/// Where an operation is in its life.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_phase_t {
    /// No operation. All-zero memory is a valid vacant op.
    QUELL_PHASE_VACANT = 0,
    /// Armed; no worker yet.
    QUELL_PHASE_PENDING = 1,
    /// A worker has it.
    QUELL_PHASE_RUNNING = 2,
    /// Past the commit point: the effects stand.
    QUELL_PHASE_COMMITTED = 3,
    /// Ended: done.
    QUELL_PHASE_FINISHED = 4,
    /// Ended with the operation's own error code.
    QUELL_PHASE_FAILED = 5,
    /// Ended: cancelled, with the effects stated.
    QUELL_PHASE_CANCELLED = 6,
}

/// What an operation that did not finish left behind.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_effects_t {
    /// Nobody stated any: the op has not ended, finished, or failed on its own
    /// account. Not to be acknowledged with.
    QUELL_EFFECTS_UNSTATED = 0,
    /// Nothing was left behind.
    QUELL_EFFECTS_NONE = 1,
    /// Something was left behind, and the worker knows what.
    QUELL_EFFECTS_PARTIAL = 2,
    /// Nobody knows.
    QUELL_EFFECTS_UNKNOWN = 3,
}

/// A verdict that C hands over: any number, until it has been checked.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct VerdictNumber(pub u32);

/// A level that C hands over: any number, until it has been checked.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct LevelNumber(pub u32);

/// A cause that C hands over: any number, until it has been checked.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct CauseNumber(pub u32);

/// Effects that C hands over: any number, until they have been checked.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct EffectsNumber(pub u32);

/// Both sides' numbers, pair by pair: the conversion, and the proof of it.
macro_rules! same_numbers {
    ($core:ident => $c:ident { $($variant:ident $name:ident,)+ }) => {
        $(const _: () = assert!($core::$variant as u32 == $c::$name as u32);)+

        impl From<$core> for $c {
            #[inline]
            fn from(value: $core) -> Self {
                match value { $($core::$variant => Self::$name,)+ }
            }
        }
    };
}

same_numbers!(Verdict => quell_verdict_t {
    Ok QUELL_OK, Cancelled QUELL_CANCELLED, Cancelling QUELL_CANCELLING,
    Requested QUELL_REQUESTED, Raised QUELL_RAISED,
    AlreadyCancelling QUELL_ALREADY_CANCELLING, AlreadyRequested QUELL_ALREADY_REQUESTED,
    AlreadyCancelled QUELL_ALREADY_CANCELLED, Finished QUELL_FINISHED, Failed QUELL_FAILED,
    TooLate QUELL_TOO_LATE, Unsupported QUELL_UNSUPPORTED, Denied QUELL_DENIED,
    Refused QUELL_REFUSED, BadState QUELL_BAD_STATE, Stale QUELL_STALE,
    Invalid QUELL_INVALID, Full QUELL_FULL, Busy QUELL_BUSY, TimedOut QUELL_TIMED_OUT,
    WouldBlock QUELL_WOULD_BLOCK, Running QUELL_RUNNING, Ran QUELL_RAN,
    Happened QUELL_HAPPENED, NotFound QUELL_NOT_FOUND, Ignored QUELL_IGNORED,
});
same_numbers!(Level => quell_level_t {
    Graceful QUELL_LEVEL_GRACEFUL, Immediate QUELL_LEVEL_IMMEDIATE,
    Emergency QUELL_LEVEL_EMERGENCY,
});
same_numbers!(Cause => quell_cause_t {
    User QUELL_CAUSE_USER, Parent QUELL_CAUSE_PARENT, Deadline QUELL_CAUSE_DEADLINE,
    Shutdown QUELL_CAUSE_SHUTDOWN, Fault QUELL_CAUSE_FAULT, Peer QUELL_CAUSE_PEER,
    Itself QUELL_CAUSE_SELF,
    Application0 QUELL_CAUSE_APPLICATION_0, Application1 QUELL_CAUSE_APPLICATION_1,
    Application2 QUELL_CAUSE_APPLICATION_2, Application3 QUELL_CAUSE_APPLICATION_3,
    Application4 QUELL_CAUSE_APPLICATION_4, Application5 QUELL_CAUSE_APPLICATION_5,
    Application6 QUELL_CAUSE_APPLICATION_6, Application7 QUELL_CAUSE_APPLICATION_7,
});
same_numbers!(Phase => quell_phase_t {
    Vacant QUELL_PHASE_VACANT, Pending QUELL_PHASE_PENDING, Running QUELL_PHASE_RUNNING,
    Committed QUELL_PHASE_COMMITTED, Finished QUELL_PHASE_FINISHED, Failed QUELL_PHASE_FAILED,
    Cancelled QUELL_PHASE_CANCELLED,
});
same_numbers!(Effects => quell_effects_t {
    Unstated QUELL_EFFECTS_UNSTATED, None QUELL_EFFECTS_NONE, Partial QUELL_EFFECTS_PARTIAL,
    Unknown QUELL_EFFECTS_UNKNOWN,
});

impl From<Option<Level>> for quell_level_t {
    #[inline]
    fn from(level: Option<Level>) -> Self {
        level.map_or(Self::QUELL_LEVEL_NONE, Self::from)
    }
}

impl From<Option<Cause>> for quell_cause_t {
    #[inline]
    fn from(cause: Option<Cause>) -> Self {
        cause.map_or(Self::QUELL_CAUSE_NONE, Self::from)
    }
}
