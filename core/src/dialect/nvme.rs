//! NVM Express: the Abort command, and the completion of the command that it is
//! for.
//!
//! Sources: NVM Express Base Specification 2.1, section 5.1.1 for the Abort
//! command, the tables of status codes in section 4.2.3; in revisions before
//! 2.1 bit 0 of the completion's dword 0 says "the command was not aborted",
//! which is the same bit.
//!
//! ```text
//! status field   14  13   12:11  10:8  7:0
//! (no phase tag) DNR More CRD    SCT   SC
//! ```
//!
//! Bit 0 of dword 0 clear means that the command was aborted before the Abort
//! command's completion was posted, and has no effect after that. So it is
//! cleared only where the operation has ended.

use crate::dialect::Reply;
use crate::status::{Answer, Status};
use crate::terms::{Cause, Code, Level, Phase, Verdict};

/// A status field, without the phase tag: 15 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(transparent)]
pub struct StatusField(u16);

/// Successful Completion: generic, 00h.
pub const SUCCESS: StatusField = StatusField(0x000);
/// Invalid Field in Command: generic, 02h.
pub const INVALID_FIELD: StatusField = StatusField(0x002);
/// Commands Aborted due to Power Loss Notification: generic, 05h.
pub const ABORTED_POWER_LOSS: StatusField = StatusField(0x005);
/// Internal Error: generic, 06h.
pub const INTERNAL_ERROR: StatusField = StatusField(0x006);
/// Command Abort Requested: generic, 07h.
pub const ABORT_REQUESTED: StatusField = StatusField(0x007);
/// Command Aborted due to SQ Deletion: generic, 08h.
pub const ABORTED_SQ_DELETION: StatusField = StatusField(0x008);
/// Command Aborted due to Failed Fused Command: generic, 09h.
pub const ABORTED_FAILED_FUSED: StatusField = StatusField(0x009);
/// Operation Denied: generic, 15h.
pub const OPERATION_DENIED: StatusField = StatusField(0x015);
/// Abort Command Limit Exceeded: command specific, 03h.
pub const ABORT_LIMIT_EXCEEDED: StatusField = StatusField(0x103);

/// Do Not Retry.
pub const DO_NOT_RETRY: u16 = 1 << 14;
/// More: the error log says more.
pub const MORE: u16 = 1 << 13;

/// Dword 0, bit 0: Immediate Abort Not Performed.
pub const NOT_ABORTED: u32 = 1;

impl StatusField {
    const BITS: u32 = 0x7FFF;
    const TYPE_AND_CODE: u16 = 0x07FF;

    /// The number, from 0 to 0x7FFF.
    #[must_use]
    pub const fn raw(self) -> u16 {
        self.0
    }

    /// The status code: bits 7 to 0.
    #[must_use]
    pub const fn code(self) -> u8 {
        self.0.to_le_bytes()[0]
    }

    /// The status code type: bits 10 to 8.
    #[must_use]
    pub const fn code_type(self) -> u8 {
        self.0.to_le_bytes()[1] & 7
    }

    /// Bits 31 to 16 of the completion's dword 3, as a number: the field and
    /// below it the phase tag.
    #[must_use]
    pub const fn with_phase(self, phase: bool) -> u16 {
        self.0 << 1 | phase as u16
    }

    /// What a failure's own code is in a completion; never a success.
    ///
    /// *Choice*: a number that is a status field with a status other than
    /// Successful Completion is passed on; every other, and no code at all, is
    /// Internal Error.
    #[must_use]
    pub const fn of_failure(code: Option<Code>) -> Self {
        match code {
            Some(code) if code.raw() <= Self::BITS => {
                let field = code.raw() as u16;
                if field & Self::TYPE_AND_CODE == 0 { INTERNAL_ERROR } else { Self(field) }
            }
            _ => INTERNAL_ERROR,
        }
    }
}

impl core::fmt::Debug for StatusField {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "StatusField({:#06X})", self.0)
    }
}

/// The completion of an Abort command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Completion {
    /// The Abort command's own status, not that of the command to abort.
    pub status: StatusField,
    /// Dword 0: 0, or [`NOT_ABORTED`].
    pub dword0: u32,
}

const ABORTED: Completion = Completion { status: SUCCESS, dword0: 0 };
const UNABORTED: Completion = Completion { status: SUCCESS, dword0: NOT_ABORTED };

profile! {
    /// When an Abort command completes whose command goes on for now. The
    /// specification leaves it to the controller.
    {
        /// After that command's end, so that dword 0 tells how it ended.
        WAITS = 0,
        /// At once, as not aborted so far: a deferred abort, of which that command's
        /// own completion tells.
        DEFERS = 1,
    } of 1
}

impl Profile {
    /// How an Abort command completes for this answer.
    ///
    /// Aborted: cancelled now, and (*choice*) by an earlier one. Not aborted:
    /// finished, failed, too late, not found or stale; and (*choice*)
    /// uncancellable, refused, vacant, busy. What will end as cancelled, or whose
    /// end is open, goes by the profile. `INVALID` is Invalid Field in Command,
    /// `FULL` Abort Command Limit Exceeded, `DENIED` (*choice*) Operation Denied;
    /// what a cancel never says is Internal Error.
    pub const fn abort(self, answer: Answer) -> Reply<Completion> {
        let status = match answer.verdict {
            Verdict::Cancelling
            | Verdict::Requested
            | Verdict::Raised
            | Verdict::AlreadyCancelling
            | Verdict::AlreadyRequested => {
                if !self.has(Self::DEFERS) {
                    return Reply::AfterEnd;
                }
                SUCCESS
            }
            Verdict::Cancelled | Verdict::AlreadyCancelled => return Reply::Now(ABORTED),
            Verdict::Finished
            | Verdict::Failed
            | Verdict::TooLate
            | Verdict::Unsupported
            | Verdict::Refused
            | Verdict::BadState
            | Verdict::Stale
            | Verdict::Busy
            | Verdict::TimedOut
            | Verdict::WouldBlock
            | Verdict::NotFound => SUCCESS,
            Verdict::Denied => OPERATION_DENIED,
            Verdict::Invalid => INVALID_FIELD,
            Verdict::Full => ABORT_LIMIT_EXCEEDED,
            Verdict::Ok
            | Verdict::Running
            | Verdict::Ran
            | Verdict::Happened
            | Verdict::Ignored => INTERNAL_ERROR,
        };
        Reply::Now(Completion { status, dword0: NOT_ABORTED })
    }
}

/// How an Abort command completes that has waited for the end: aborted where the
/// command ended as cancelled, else not.
#[must_use]
pub const fn abort_end(end: &Status) -> Completion {
    match end.phase {
        Phase::Cancelled => ABORTED,
        Phase::Vacant
        | Phase::Pending
        | Phase::Running
        | Phase::Committed
        | Phase::Finished
        | Phase::Failed => UNABORTED,
    }
}

/// The status of the command itself, or that it has none yet.
///
/// Successful Completion: finished; its own status, else (*choice*) Internal
/// Error: failed. Cancelled: Commands Aborted due to Power Loss Notification at
/// the level `EMERGENCY`, else Command Abort Requested. *Choice*: for the cause
/// *parent* or *shutdown* Command Aborted due to SQ Deletion, for the queue is
/// the scope around its commands; for *peer* Command Aborted due to Failed Fused
/// Command; for *fault* and *self*, where nobody asked, Internal Error. *Choice*:
/// Internal Error where there is no operation.
pub const fn command(seen: &Status) -> Reply<StatusField> {
    Reply::Now(match seen.phase {
        Phase::Pending | Phase::Running | Phase::Committed => return Reply::AfterEnd,
        Phase::Finished => SUCCESS,
        Phase::Failed => StatusField::of_failure(seen.code),
        Phase::Vacant => INTERNAL_ERROR,
        Phase::Cancelled => match (seen.level, seen.cause) {
            (Some(Level::Emergency), _) => ABORTED_POWER_LOSS,
            (_, Some(Cause::Parent | Cause::Shutdown)) => ABORTED_SQ_DELETION,
            (_, Some(Cause::Peer)) => ABORTED_FAILED_FUSED,
            (_, Some(Cause::Fault | Cause::Itself)) => INTERNAL_ERROR,
            _ => ABORT_REQUESTED,
        },
    })
}
