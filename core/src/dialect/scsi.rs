//! SCSI: task management functions, and the task that they are for.
//!
//! Sources: SAM-5, the chapter on task management functions, for the service
//! responses and who gives which; SPL, the response codes of the RESPONSE frame,
//! for SAS; RFC 7143, section 11.6.1, and RFC 7144 for iSCSI; SAM-5 for the
//! status codes, SPC-4 for sense keys and additional sense codes.
//!
//! FUNCTION COMPLETE to an abort promises that nothing more is sent of the task,
//! which was aborted or was not there. So where the task goes on for now the
//! function waits for its end.

use crate::dialect::Reply;
use crate::status::{Answer, Status};
use crate::terms::{Cause, Code, Level, Phase, Verdict};

/// How a task management function ends, as far as one of the transports tells it
/// apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Response {
    /// FUNCTION COMPLETE.
    Complete,
    /// FUNCTION COMPLETE, for there is no such task, or no longer.
    NoTask,
    /// FUNCTION SUCCEEDED: of a query, the task is there.
    Succeeded,
    /// FUNCTION REJECTED.
    Rejected,
    /// FUNCTION REJECTED, for it is not supported.
    NotSupported,
    /// FUNCTION REJECTED, for the initiator lacks the right.
    NotAuthorised,
    /// INCORRECT LOGICAL UNIT NUMBER.
    IncorrectUnit,
    /// SERVICE DELIVERY OR TARGET FAILURE, of the request's form.
    InvalidRequest,
    /// SERVICE DELIVERY OR TARGET FAILURE.
    TargetFailure,
}

/// Whose numbers a response is given in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Transport {
    /// SAM's service responses. It has names only: the numbers are quell's.
    Sam,
    /// The response codes of SAS.
    Sas,
    /// The response codes of iSCSI.
    Iscsi,
}

/// FUNCTION COMPLETE. *Choice*: the number.
pub const SAM_FUNCTION_COMPLETE: u32 = 0;
/// FUNCTION SUCCEEDED. *Choice*: the number.
pub const SAM_FUNCTION_SUCCEEDED: u32 = 1;
/// FUNCTION REJECTED. *Choice*: the number.
pub const SAM_FUNCTION_REJECTED: u32 = 2;
/// INCORRECT LOGICAL UNIT NUMBER. *Choice*: the number.
pub const SAM_INCORRECT_LUN: u32 = 3;
/// SERVICE DELIVERY OR TARGET FAILURE. *Choice*: the number.
pub const SAM_TARGET_FAILURE: u32 = 4;

/// TASK MANAGEMENT FUNCTION COMPLETE.
pub const SAS_COMPLETE: u32 = 0x00;
/// INVALID FRAME.
pub const SAS_INVALID_FRAME: u32 = 0x02;
/// TASK MANAGEMENT FUNCTION NOT SUPPORTED.
pub const SAS_NOT_SUPPORTED: u32 = 0x04;
/// TASK MANAGEMENT FUNCTION FAILED.
pub const SAS_FAILED: u32 = 0x05;
/// TASK MANAGEMENT FUNCTION SUCCEEDED.
pub const SAS_SUCCEEDED: u32 = 0x08;
/// INCORRECT LOGICAL UNIT NUMBER.
pub const SAS_INCORRECT_LUN: u32 = 0x09;
/// OVERLAPPED INITIATOR PORT TRANSFER TAG ATTEMPTED: of the frame's tag, and so
/// never an answer here.
pub const SAS_OVERLAPPED_TAG: u32 = 0x0A;

/// Function complete.
pub const ISCSI_COMPLETE: u32 = 0;
/// Task does not exist.
pub const ISCSI_NO_TASK: u32 = 1;
/// LUN does not exist.
pub const ISCSI_NO_LUN: u32 = 2;
/// Task still allegiant: of a reassignment, and so never an answer here.
pub const ISCSI_TASK_ALLEGIANT: u32 = 3;
/// Task allegiance reassignment not supported: never an answer here.
pub const ISCSI_NO_REASSIGNMENT: u32 = 4;
/// Task management function not supported.
pub const ISCSI_NOT_SUPPORTED: u32 = 5;
/// Function authorization failed.
pub const ISCSI_NOT_AUTHORISED: u32 = 6;
/// Function succeeded: RFC 7144.
pub const ISCSI_SUCCEEDED: u32 = 7;
/// Function rejected.
pub const ISCSI_REJECTED: u32 = 255;

impl Response {
    /// The number of this response.
    ///
    /// *Choice*: iSCSI has no failure of the target, which is Function rejected.
    #[must_use]
    pub const fn number(self, transport: Transport) -> u32 {
        let (sam, sas, iscsi) = match self {
            Self::Complete => (SAM_FUNCTION_COMPLETE, SAS_COMPLETE, ISCSI_COMPLETE),
            Self::NoTask => (SAM_FUNCTION_COMPLETE, SAS_COMPLETE, ISCSI_NO_TASK),
            Self::Succeeded => (SAM_FUNCTION_SUCCEEDED, SAS_SUCCEEDED, ISCSI_SUCCEEDED),
            Self::Rejected => (SAM_FUNCTION_REJECTED, SAS_NOT_SUPPORTED, ISCSI_REJECTED),
            Self::NotSupported => (SAM_FUNCTION_REJECTED, SAS_NOT_SUPPORTED, ISCSI_NOT_SUPPORTED),
            Self::NotAuthorised => (SAM_FUNCTION_REJECTED, SAS_NOT_SUPPORTED, ISCSI_NOT_AUTHORISED),
            Self::IncorrectUnit => (SAM_INCORRECT_LUN, SAS_INCORRECT_LUN, ISCSI_NO_LUN),
            Self::InvalidRequest => (SAM_TARGET_FAILURE, SAS_INVALID_FRAME, ISCSI_REJECTED),
            Self::TargetFailure => (SAM_TARGET_FAILURE, SAS_FAILED, ISCSI_REJECTED),
        };
        match transport {
            Transport::Sam => sam,
            Transport::Sas => sas,
            Transport::Iscsi => iscsi,
        }
    }
}

/// What an ABORT TASK answers.
///
/// FUNCTION COMPLETE: cancelled now; and, as no such task: it had ended, is
/// unknown, stale or vacant. Where it goes on for now the function waits for the
/// end. *Choice*: so too past the commit point; uncancellable is FUNCTION
/// REJECTED as not supported; a gate's refusal and a lacking right are FUNCTION
/// REJECTED; `INVALID` and the rest are SERVICE DELIVERY OR TARGET FAILURE.
///
/// iSCSI: where there is no such task and its RefCmdSN lies in the valid window,
/// the command is still on its way; the target then counts it as received and
/// says Function complete. The window is the transport's to know.
pub const fn abort_task(answer: Answer) -> Reply<Response> {
    Reply::Now(match answer.verdict {
        Verdict::Cancelling
        | Verdict::Requested
        | Verdict::Raised
        | Verdict::AlreadyCancelling
        | Verdict::AlreadyRequested
        | Verdict::TooLate => return Reply::AfterEnd,
        Verdict::Cancelled => Response::Complete,
        Verdict::AlreadyCancelled
        | Verdict::Finished
        | Verdict::Failed
        | Verdict::Stale
        | Verdict::NotFound
        | Verdict::BadState => Response::NoTask,
        Verdict::Unsupported => Response::NotSupported,
        Verdict::Refused => Response::Rejected,
        Verdict::Denied => Response::NotAuthorised,
        Verdict::Invalid => Response::InvalidRequest,
        Verdict::Ok
        | Verdict::Full
        | Verdict::Busy
        | Verdict::TimedOut
        | Verdict::WouldBlock
        | Verdict::Running
        | Verdict::Ran
        | Verdict::Happened
        | Verdict::Ignored => Response::TargetFailure,
    })
}

/// What an ABORT TASK answers that has waited for the end.
///
/// FUNCTION COMPLETE; as no such task, where it did not end as cancelled, or its
/// op is vacant. *Choice*: SERVICE DELIVERY OR TARGET FAILURE where the wait was
/// given up.
#[must_use]
pub const fn abort_task_end(end: &Status) -> Response {
    match end.phase {
        Phase::Cancelled => Response::Complete,
        Phase::Vacant | Phase::Finished | Phase::Failed => Response::NoTask,
        Phase::Pending | Phase::Running | Phase::Committed => Response::TargetFailure,
    }
}

/// What a function for all tasks of a logical unit answers, whose scope was
/// cancelled with this answer: ABORT TASK SET, CLEAR TASK SET, LOGICAL UNIT
/// RESET.
///
/// As [`abort_task`], but tasks that had ended are FUNCTION COMPLETE; and
/// (*choice*) a scope that is not found is INCORRECT LOGICAL UNIT NUMBER.
pub const fn abort_all(answer: Answer) -> Reply<Response> {
    match answer.verdict {
        Verdict::NotFound => Reply::Now(Response::IncorrectUnit),
        Verdict::Ok | Verdict::Ignored => Reply::Now(Response::Complete),
        _ => match abort_task(answer) {
            Reply::Now(Response::NoTask) => Reply::Now(Response::Complete),
            other => other,
        },
    }
}

/// What such a function answers that has waited for the scope's end.
#[must_use]
pub const fn abort_all_end(end: &Status) -> Response {
    match abort_task_end(end) {
        Response::NoTask => Response::Complete,
        other => other,
    }
}

/// What a QUERY TASK answers of a task that stands like this.
///
/// FUNCTION SUCCEEDED: it is there; FUNCTION COMPLETE: it is not. *Choice*: one
/// that has ended is not.
#[must_use]
pub const fn query_task(seen: &Status) -> Response {
    match seen.phase {
        Phase::Pending | Phase::Running | Phase::Committed => Response::Succeeded,
        Phase::Vacant | Phase::Finished | Phase::Failed | Phase::Cancelled => Response::Complete,
    }
}

/// The status GOOD.
pub const GOOD: u8 = 0x00;
/// The status CHECK CONDITION: the sense data say what.
pub const CHECK_CONDITION: u8 = 0x02;
/// The status TASK ABORTED: by another initiator, where the TAS bit is one.
pub const TASK_ABORTED: u8 = 0x40;

/// Sense key, additional sense code and its qualifier, as `0x00KK_AAQQ`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(transparent)]
pub struct Sense(u32);

/// HARDWARE ERROR, INTERNAL TARGET FAILURE.
pub const INTERNAL_TARGET_FAILURE: Sense = Sense(0x04_44_00);
/// UNIT ATTENTION, COMMANDS CLEARED BY ANOTHER INITIATOR.
pub const CLEARED_BY_ANOTHER_INITIATOR: Sense = Sense(0x06_2F_00);
/// UNIT ATTENTION, COMMANDS CLEARED BY POWER LOSS NOTIFICATION.
pub const CLEARED_BY_POWER_LOSS: Sense = Sense(0x06_2F_01);
/// ABORTED COMMAND, COMMANDS CLEARED BY DEVICE SERVER.
pub const CLEARED_BY_DEVICE_SERVER: Sense = Sense(0x0B_2F_02);

impl Sense {
    /// The number.
    #[must_use]
    pub const fn raw(self) -> u32 {
        self.0
    }

    /// What a failure's own code is as sense data; never one that reads as
    /// done.
    ///
    /// *Choice*: a number `0x00KK_AAQQ` whose key is from 2 to 14 is passed on:
    /// NO SENSE, RECOVERED ERROR and COMPLETED say that it was done. Every other,
    /// and no code at all, is INTERNAL TARGET FAILURE.
    #[must_use]
    pub const fn of_failure(code: Option<Code>) -> Self {
        match code {
            Some(code) if matches!(code.raw() >> 16, 2..=14) => Self(code.raw()),
            _ => INTERNAL_TARGET_FAILURE,
        }
    }
}

/// Whose request a cancelled task was aborted for, and what its initiator is
/// then told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Nexus {
    /// Its own initiator's, which knows: nothing is sent of the task.
    Own,
    /// Another's, and the TAS bit is zero: nothing is sent of the task, but a
    /// unit attention follows.
    Other,
    /// Another's, and the TAS bit is one: the status TASK ABORTED.
    OtherWithTas,
}

/// What is sent of a task that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TaskEnd {
    /// Its status, or `None` where nothing is sent of it.
    pub status: Option<u8>,
    /// The sense data that go with CHECK CONDITION; without a status, the unit
    /// attention that the initiator is told of at its next command.
    pub sense: Option<Sense>,
}

/// What is sent of a task that stands like this, or that nothing is yet.
///
/// GOOD: finished; CHECK CONDITION with its own sense data: failed. Cancelled:
/// nothing at the level `EMERGENCY`, and the unit attention of power loss; else
/// by the nexus. *Choice*: what no initiator asked for (the causes *deadline*,
/// *shutdown*, *fault*, *self*) is CHECK CONDITION, cleared by the device server;
/// so nobody waits for a status that never comes. *Choice*: INTERNAL TARGET
/// FAILURE where there is no operation.
pub const fn task(seen: &Status, nexus: Nexus) -> Reply<TaskEnd> {
    let (status, sense) = match (seen.phase, seen.level, seen.cause) {
        (Phase::Pending | Phase::Running | Phase::Committed, ..) => return Reply::AfterEnd,
        (Phase::Finished, ..) => (Some(GOOD), None),
        (Phase::Failed, ..) => (Some(CHECK_CONDITION), Some(Sense::of_failure(seen.code))),
        (Phase::Vacant, ..) => (Some(CHECK_CONDITION), Some(INTERNAL_TARGET_FAILURE)),
        (Phase::Cancelled, Some(Level::Emergency), _) => (None, Some(CLEARED_BY_POWER_LOSS)),
        (
            Phase::Cancelled,
            _,
            Some(Cause::Deadline | Cause::Shutdown | Cause::Fault | Cause::Itself),
        ) => (Some(CHECK_CONDITION), Some(CLEARED_BY_DEVICE_SERVER)),
        (Phase::Cancelled, ..) => match nexus {
            Nexus::Own => (None, None),
            Nexus::Other => (None, Some(CLEARED_BY_ANOTHER_INITIATOR)),
            Nexus::OtherWithTas => (Some(TASK_ABORTED), None),
        },
    };
    Reply::Now(TaskEnd { status, sense })
}
