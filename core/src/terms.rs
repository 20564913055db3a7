//! The vocabulary: what is asked, what is answered, how it ended.
//!
//! Every enum has fixed numbers, which are the C ABI's; zero never claims
//! anything about an operation that was not stated.

use core::ffi::CStr;
use core::fmt;

/// Evaluated at compile time only.
const fn c_literal(text: &'static str) -> &'static CStr {
    match CStr::from_bytes_with_nul(text.as_bytes()) {
        Ok(name) => name,
        Err(_) => c"",
    }
}

/// Defines an enum whose numbers cross the C ABI, with the way back from an
/// untrusted number and the name that logs print.
macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $number:literal $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u32)]
        pub enum $name { $($(#[$vdoc])* $variant = $number,)+ }

        impl $name {
            /// Every value, in the order of the numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The value of an untrusted number, or `None` where there is none.
            #[cfg_attr(not(quell_bare), inline)]
            #[must_use]
            pub const fn from_raw(raw: u32) -> Option<Self> {
                match raw { $($number => Some(Self::$variant),)+ _ => None }
            }

            /// The number that crosses the C ABI.
            #[cfg_attr(not(quell_bare), inline)]
            #[must_use]
            pub const fn raw(self) -> u32 { self as u32 }

            /// The name as documents and logs spell it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The same name, for C.
            #[must_use]
            pub const fn c_name(self) -> &'static CStr {
                match self {
                    $(Self::$variant => const { c_literal(concat!($text, "\0")) },)+
                }
            }
        }

        #[cfg(feature = "defmt")]
        impl defmt::Format for $name {
            fn format(&self, f: defmt::Formatter<'_>) {
                match self { $(Self::$variant => defmt::write!(f, $text),)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.name()) }
        }
    };
}

vocabulary! {
    /// How urgent a request is. Levels only rise.
    Level {
        /// Stop at the next safe point.
        Graceful = 1 "GRACEFUL",
        /// Stop now, and undo.
        Immediate = 2 "IMMEDIATE",
        /// Power is failing: save what can be saved.
        Emergency = 3 "EMERGENCY",
    }
}

vocabulary! {
    /// Why a request was made.
    Cause {
        /// A person asked.
        User = 1 "USER",
        /// The enclosing scope was cancelled.
        Parent = 2 "PARENT",
        /// Time ran out.
        Deadline = 3 "DEADLINE",
        /// The system or the service is going down.
        Shutdown = 4 "SHUTDOWN",
        /// Something that the operation depends on is broken.
        Fault = 5 "FAULT",
        /// The other side of a connection, or a sibling, gave up.
        Peer = 6 "PEER",
        /// The worker itself ended the operation as cancelled, unasked.
        Itself = 7 "SELF",
        /// First of the eight causes left to the application.
        Application0 = 8 "APPLICATION_0",
        /// Left to the application.
        Application1 = 9 "APPLICATION_1",
        /// Left to the application.
        Application2 = 10 "APPLICATION_2",
        /// Left to the application.
        Application3 = 11 "APPLICATION_3",
        /// Left to the application.
        Application4 = 12 "APPLICATION_4",
        /// Left to the application.
        Application5 = 13 "APPLICATION_5",
        /// Left to the application.
        Application6 = 14 "APPLICATION_6",
        /// Left to the application.
        Application7 = 15 "APPLICATION_7",
    }
}

vocabulary! {
    /// Where an operation is in its life.
    Phase {
        /// No operation. All-zero memory is a valid vacant op.
        Vacant = 0 "VACANT",
        /// Armed; no worker yet.
        Pending = 1 "PENDING",
        /// A worker has it.
        Running = 2 "RUNNING",
        /// Past the commit point: the effects stand.
        Committed = 3 "COMMITTED",
        /// Ended: done.
        Finished = 4 "FINISHED",
        /// Ended with the operation's own error code.
        Failed = 5 "FAILED",
        /// Ended: cancelled, with the effects stated.
        Cancelled = 6 "CANCELLED",
    }
}

vocabulary! {
    /// What an operation that did not finish left behind.
    Effects {
        /// Nobody stated any: the op has not ended, finished, or failed on
        /// its own account.
        Unstated = 0 "UNSTATED",
        /// Nothing was left behind.
        None = 1 "NONE",
        /// Something was left behind, and the worker knows what.
        Partial = 2 "PARTIAL",
        /// Nobody knows.
        Unknown = 3 "UNKNOWN",
    }
}

vocabulary! {
    /// What a call is told.
    Verdict {
        /// Done as asked.
        Ok = 0 "OK",
        /// The operation has now ended as cancelled.
        Cancelled = 1 "CANCELLED",
        /// Accepted: the operation will end as cancelled, and as nothing else
        /// unless its owner uses force. Said to a worker: undo, then
        /// acknowledge.
        Cancelling = 2 "CANCELLING",
        /// Accepted by a best-effort operation: how it ends is open.
        Requested = 3 "REQUESTED",
        /// An earlier request stands; its level has been raised to this one's.
        Raised = 4 "RAISED",
        /// An earlier request of this level or a higher one stands; the
        /// operation will end as cancelled.
        AlreadyCancelling = 5 "ALREADY_CANCELLING",
        /// An earlier request of this level or a higher one stands; how the
        /// operation ends is open.
        AlreadyRequested = 6 "ALREADY_REQUESTED",
        /// It had ended as cancelled before this call.
        AlreadyCancelled = 7 "ALREADY_CANCELLED",
        /// It had finished before this call.
        Finished = 8 "FINISHED",
        /// It had failed before this call; the answer carries its code.
        Failed = 9 "FAILED",
        /// It is past its commit point: it will not be cancelled.
        TooLate = 10 "TOO_LATE",
        /// It was armed as uncancellable.
        Unsupported = 11 "UNSUPPORTED",
        /// The handle lacks the right to this call.
        Denied = 12 "DENIED",
        /// The gate refused; the answer carries the gate's code. Nothing
        /// changed.
        Refused = 13 "REFUSED",
        /// The call does not fit the phase. Nothing changed.
        BadState = 14 "BAD_STATE",
        /// The handle is of an earlier generation. Nothing changed, and
        /// nothing is told of the present one.
        Stale = 15 "STALE",
        /// An argument is null, misaligned or out of range. Nothing changed.
        Invalid = 16 "INVALID",
        /// A fixed capacity is used up. Nothing changed.
        Full = 17 "FULL",
        /// Somebody is still at it: a hook of the operation is being told, a
        /// slot is held, another requester has the session. Nothing changed;
        /// ask again.
        Busy = 18 "BUSY",
        /// The time given ran out. Nothing was cancelled by that.
        TimedOut = 19 "TIMED_OUT",
        /// The call would have to wait, in a context that must not. Nothing
        /// changed.
        WouldBlock = 20 "WOULD_BLOCK",
        /// The hook is being run at this moment.
        Running = 21 "RUNNING",
        /// The hook is off its list: it has been told all that it asked for,
        /// or the operation has ended without that.
        Ran = 22 "RAN",
        /// What the hook asked for had happened before it was added.
        Happened = 23 "HAPPENED",
        /// There is nothing of that name.
        NotFound = 24 "NOT_FOUND",
        /// Nothing was under way that the call could change; it counts as
        /// done.
        Ignored = 25 "IGNORED",
    }
}

/// One request to cancel: how urgent, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Request {
    /// How urgent.
    pub level: Level,
    /// Why.
    pub cause: Cause,
}

impl Request {
    /// A request of this level for this cause.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn new(level: Level, cause: Cause) -> Self {
        Self { level, cause }
    }
}

/// How an operation takes a cancel; fixed when it is armed.
///
/// The flags combine with [`Mode::with`]. An uncancellable operation is never
/// requested, so the other two flags have no effect on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Mode(u32);

impl Mode {
    /// Once a request is accepted, the operation can only end cancelled.
    pub const DECISIVE: Self = Self(0);
    /// Work that cannot be recalled once handed over: the worker reports what
    /// really happened, and the requester is told that the outcome is open.
    pub const BEST_EFFORT: Self = Self(1);
    /// Never cancelled: every request is told `UNSUPPORTED`.
    pub const UNCANCELLABLE: Self = Self(2);
    /// A running operation's requests pass a gate, which may refuse them. A
    /// handle that does not bring the gate is told `DENIED` where the gate
    /// would be asked.
    pub const GATED: Self = Self(4);

    const ALL_BITS: u32 = 7;

    /// The mode of untrusted flag bits, or `None` where a bit is unknown.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn from_raw(raw: u32) -> Option<Self> {
        if raw & !Self::ALL_BITS == 0 { Some(Self(raw)) } else { None }
    }

    /// The flag bits that cross the C ABI.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn raw(self) -> u32 {
        self.0
    }

    /// Both modes' flags.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every flag of `other` is set.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// An error code of the operation's own, in whatever dialect its user speaks:
/// an `HRESULT`, an errno, a status field.
///
/// Zero says "no error" in every dialect, so it is not a failure's code. The
/// range `0x7FFF_0000..=0x7FFF_FFFF` is quell's own: as an `HRESULT` it would
/// be a success code with all reserved bits set, which no document defines,
/// and as an errno or a device status it is far outside the tables. Part of
/// it marks "no code yet" in the op, a different mark in each generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Code(u32);

impl Code {
    /// The worker let go of the operation without ending it.
    pub const ABANDONED: Self = Self(0x7FFF_0001);

    const RESERVED: u32 = 0x7FFF_0000;
    const RESERVED_MASK: u32 = 0xFFFF_0000;

    /// The code of this number, or `None` for zero and for quell's own range
    /// ([`Code::ABANDONED`] excepted).
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn new(raw: u32) -> Option<Self> {
        if raw == 0 || (raw & Self::RESERVED_MASK == Self::RESERVED && raw != Self::ABANDONED.0) {
            None
        } else {
            Some(Self(raw))
        }
    }

    /// The number.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn raw(self) -> u32 {
        self.0
    }
}
