//! SCSI: task management functions. Sources: SAM-5; SPL for SAS; RFC 7143,
//! section 11.6.1, and RFC 7144 for iSCSI; SPC-4 for sense data.

use quell::dialect::Reply;
use quell::dialect::scsi::{self, Nexus, Response, Transport};
use quell::{Status, Verdict};

use crate::dialect::errno::answer_of;
use crate::dialect::reply::quell_reply_t;
use crate::status::{quell_status_t, status_at};
use crate::terms::{VerdictNumber, quell_verdict_t};

/// FUNCTION COMPLETE. SAM has names only: the number is quell's.
pub const QUELL_SCSI_FUNCTION_COMPLETE: u32 = 0;
/// FUNCTION SUCCEEDED. The number is quell's.
pub const QUELL_SCSI_FUNCTION_SUCCEEDED: u32 = 1;
/// FUNCTION REJECTED. The number is quell's.
pub const QUELL_SCSI_FUNCTION_REJECTED: u32 = 2;
/// INCORRECT LOGICAL UNIT NUMBER. The number is quell's.
pub const QUELL_SCSI_INCORRECT_LUN: u32 = 3;
/// SERVICE DELIVERY OR TARGET FAILURE. The number is quell's.
pub const QUELL_SCSI_TARGET_FAILURE: u32 = 4;
/// TASK MANAGEMENT FUNCTION COMPLETE.
pub const QUELL_SAS_COMPLETE: u32 = 0x00;
/// INVALID FRAME.
pub const QUELL_SAS_INVALID_FRAME: u32 = 0x02;
/// TASK MANAGEMENT FUNCTION NOT SUPPORTED.
pub const QUELL_SAS_NOT_SUPPORTED: u32 = 0x04;
/// TASK MANAGEMENT FUNCTION FAILED.
pub const QUELL_SAS_FAILED: u32 = 0x05;
/// TASK MANAGEMENT FUNCTION SUCCEEDED.
pub const QUELL_SAS_SUCCEEDED: u32 = 0x08;
/// INCORRECT LOGICAL UNIT NUMBER.
pub const QUELL_SAS_INCORRECT_LUN: u32 = 0x09;
/// OVERLAPPED INITIATOR PORT TRANSFER TAG ATTEMPTED: never an answer here.
pub const QUELL_SAS_OVERLAPPED_TAG: u32 = 0x0A;
/// Function complete.
pub const QUELL_ISCSI_COMPLETE: u32 = 0;
/// Task does not exist.
pub const QUELL_ISCSI_NO_TASK: u32 = 1;
/// LUN does not exist.
pub const QUELL_ISCSI_NO_LUN: u32 = 2;
/// Task still allegiant: never an answer here.
pub const QUELL_ISCSI_TASK_ALLEGIANT: u32 = 3;
/// Task allegiance reassignment not supported: never an answer here.
pub const QUELL_ISCSI_NO_REASSIGNMENT: u32 = 4;
/// Task management function not supported.
pub const QUELL_ISCSI_NOT_SUPPORTED: u32 = 5;
/// Function authorization failed.
pub const QUELL_ISCSI_NOT_AUTHORISED: u32 = 6;
/// Function succeeded: RFC 7144.
pub const QUELL_ISCSI_SUCCEEDED: u32 = 7;
/// Function rejected.
pub const QUELL_ISCSI_REJECTED: u32 = 255;

const _: () = assert!(QUELL_SCSI_FUNCTION_COMPLETE == scsi::SAM_FUNCTION_COMPLETE);
const _: () = assert!(QUELL_SCSI_FUNCTION_SUCCEEDED == scsi::SAM_FUNCTION_SUCCEEDED);
const _: () = assert!(QUELL_SCSI_FUNCTION_REJECTED == scsi::SAM_FUNCTION_REJECTED);
const _: () = assert!(QUELL_SCSI_INCORRECT_LUN == scsi::SAM_INCORRECT_LUN);
const _: () = assert!(QUELL_SCSI_TARGET_FAILURE == scsi::SAM_TARGET_FAILURE);
const _: () = assert!(QUELL_SAS_COMPLETE == scsi::SAS_COMPLETE);
const _: () = assert!(QUELL_SAS_INVALID_FRAME == scsi::SAS_INVALID_FRAME);
const _: () = assert!(QUELL_SAS_NOT_SUPPORTED == scsi::SAS_NOT_SUPPORTED);
const _: () = assert!(QUELL_SAS_FAILED == scsi::SAS_FAILED);
const _: () = assert!(QUELL_SAS_SUCCEEDED == scsi::SAS_SUCCEEDED);
const _: () = assert!(QUELL_SAS_INCORRECT_LUN == scsi::SAS_INCORRECT_LUN);
const _: () = assert!(QUELL_SAS_OVERLAPPED_TAG == scsi::SAS_OVERLAPPED_TAG);
const _: () = assert!(QUELL_ISCSI_COMPLETE == scsi::ISCSI_COMPLETE);
const _: () = assert!(QUELL_ISCSI_NO_TASK == scsi::ISCSI_NO_TASK);
const _: () = assert!(QUELL_ISCSI_NO_LUN == scsi::ISCSI_NO_LUN);
const _: () = assert!(QUELL_ISCSI_TASK_ALLEGIANT == scsi::ISCSI_TASK_ALLEGIANT);
const _: () = assert!(QUELL_ISCSI_NO_REASSIGNMENT == scsi::ISCSI_NO_REASSIGNMENT);
const _: () = assert!(QUELL_ISCSI_NOT_SUPPORTED == scsi::ISCSI_NOT_SUPPORTED);
const _: () = assert!(QUELL_ISCSI_NOT_AUTHORISED == scsi::ISCSI_NOT_AUTHORISED);
const _: () = assert!(QUELL_ISCSI_SUCCEEDED == scsi::ISCSI_SUCCEEDED);
const _: () = assert!(QUELL_ISCSI_REJECTED == scsi::ISCSI_REJECTED);

/// The service responses of SAM, in quell's numbers: `QUELL_SCSI_FUNCTION_…` and
/// the two after them.
pub const QUELL_SCSI_TRANSPORT_SAM: u32 = 0;
/// The response codes of SAS: `QUELL_SAS_…`.
pub const QUELL_SCSI_TRANSPORT_SAS: u32 = 1;
/// The response codes of iSCSI: `QUELL_ISCSI_…`.
pub const QUELL_SCSI_TRANSPORT_ISCSI: u32 = 2;

/// The status GOOD.
pub const QUELL_SCSI_STATUS_GOOD: u32 = 0x00;
/// The status CHECK CONDITION.
pub const QUELL_SCSI_STATUS_CHECK_CONDITION: u32 = 0x02;
/// The status TASK ABORTED.
pub const QUELL_SCSI_STATUS_TASK_ABORTED: u32 = 0x40;

const _: () = assert!(QUELL_SCSI_STATUS_GOOD == scsi::GOOD as u32);
const _: () = assert!(QUELL_SCSI_STATUS_CHECK_CONDITION == scsi::CHECK_CONDITION as u32);
const _: () = assert!(QUELL_SCSI_STATUS_TASK_ABORTED == scsi::TASK_ABORTED as u32);

/// No status: nothing is sent of the task. A status is a byte; this is none.
pub const QUELL_SCSI_STATUS_NONE: u32 = 0x100;

/// HARDWARE ERROR, INTERNAL TARGET FAILURE.
pub const QUELL_SCSI_SENSE_INTERNAL_TARGET_FAILURE: u32 = 0x0004_4400;
/// UNIT ATTENTION, COMMANDS CLEARED BY ANOTHER INITIATOR.
pub const QUELL_SCSI_SENSE_CLEARED_BY_ANOTHER_INITIATOR: u32 = 0x0006_2F00;
/// UNIT ATTENTION, COMMANDS CLEARED BY POWER LOSS NOTIFICATION.
pub const QUELL_SCSI_SENSE_CLEARED_BY_POWER_LOSS: u32 = 0x0006_2F01;
/// ABORTED COMMAND, COMMANDS CLEARED BY DEVICE SERVER.
pub const QUELL_SCSI_SENSE_CLEARED_BY_DEVICE_SERVER: u32 = 0x000B_2F02;

const _: () =
    assert!(QUELL_SCSI_SENSE_INTERNAL_TARGET_FAILURE == scsi::INTERNAL_TARGET_FAILURE.raw());
const _: () = assert!(
    QUELL_SCSI_SENSE_CLEARED_BY_ANOTHER_INITIATOR == scsi::CLEARED_BY_ANOTHER_INITIATOR.raw()
);
const _: () = assert!(QUELL_SCSI_SENSE_CLEARED_BY_POWER_LOSS == scsi::CLEARED_BY_POWER_LOSS.raw());
const _: () =
    assert!(QUELL_SCSI_SENSE_CLEARED_BY_DEVICE_SERVER == scsi::CLEARED_BY_DEVICE_SERVER.raw());

/// Aborted for its own initiator, which knows: nothing is sent of the task.
pub const QUELL_SCSI_NEXUS_OWN: u32 = 0;
/// Aborted for another, and the TAS bit is zero: nothing is sent of the task,
/// but a unit attention follows.
pub const QUELL_SCSI_NEXUS_OTHER: u32 = 1;
/// Aborted for another, and the TAS bit is one: the status TASK ABORTED.
pub const QUELL_SCSI_NEXUS_OTHER_TAS: u32 = 2;

/// What is sent of a task, with the verdict that says more.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_scsi_task_t {
    /// `QUELL_OK`, or `QUELL_INVALID`.
    pub verdict: quell_verdict_t,
    /// Its status, or `QUELL_SCSI_STATUS_NONE`.
    pub status: u32,
    /// Sense key, additional sense code and qualifier, as 0x00KKAAQQ: they go
    /// with CHECK CONDITION; without a status, the unit attention that the
    /// initiator is told of at its next command. 0: none.
    pub sense: u32,
    /// 1: it has not ended, and nothing is sent yet. Else 0.
    pub after_end: u32,
}

fn transport_of(raw: u32) -> Option<Transport> {
    match raw {
        QUELL_SCSI_TRANSPORT_SAM => Some(Transport::Sam),
        QUELL_SCSI_TRANSPORT_SAS => Some(Transport::Sas),
        QUELL_SCSI_TRANSPORT_ISCSI => Some(Transport::Iscsi),
        _ => None,
    }
}

/// The response in the numbers of the transport; of one that there is none of,
/// an invalid request in SAM's.
fn reply_of(verdict: Verdict, reply: Reply<Response>, transport: u32) -> quell_reply_t {
    let Some(transport) = transport_of(transport) else {
        let code = Response::InvalidRequest.number(Transport::Sam);
        return quell_reply_t { verdict: Verdict::Invalid.into(), code, after_end: 0 };
    };
    let (response, after_end) = match reply {
        Reply::Now(response) => (response, 0),
        Reply::AfterEnd => (Response::TargetFailure, 1),
    };
    quell_reply_t { verdict: verdict.into(), code: response.number(transport), after_end }
}

/// # Safety
/// `seen` is of a status, or not usable.
unsafe fn response_to(
    seen: *const quell_status_t,
    transport: u32,
    response: fn(&Status) -> Response,
) -> quell_reply_t {
    // SAFETY: the caller's promise.
    let (verdict, response) = match unsafe { status_at(seen) } {
        Some(seen) => (Verdict::Ok, response(&seen)),
        None => (Verdict::Invalid, Response::InvalidRequest),
    };
    reply_of(verdict, Reply::Now(response), transport)
}

/// What an ABORT TASK answers for what `quell_cancel` said of the task, in the
/// numbers of `transport`.
///
/// FUNCTION COMPLETE promises that nothing more is sent of the task.
///
/// Context: any, an interrupt included. Progress: wait-free. Ordering: none.
///
/// Returns the verdict and, for it:
/// - `QUELL_CANCELLED`: FUNCTION COMPLETE;
/// - `QUELL_ALREADY_CANCELLED`, `QUELL_FINISHED`, `QUELL_FAILED`, `QUELL_STALE`,
///   `QUELL_NOT_FOUND`, `QUELL_BAD_STATE`: FUNCTION COMPLETE; iSCSI: Task does
///   not exist;
/// - `QUELL_CANCELLING`, `QUELL_REQUESTED`, `QUELL_RAISED`, the other
///   `QUELL_ALREADY_…`, and (choice) `QUELL_TOO_LATE`: `after_end`, to wait and
///   then ask `quell_scsi_abort_task_end_response` (SERVICE DELIVERY OR TARGET
///   FAILURE until then);
/// - `QUELL_UNSUPPORTED`: FUNCTION REJECTED, as not supported (choice);
///   `QUELL_REFUSED`: FUNCTION REJECTED (choice); `QUELL_DENIED`: FUNCTION
///   REJECTED; iSCSI: Function authorization failed (choice);
/// - `QUELL_INVALID`, and a verdict or a transport that there is none of: SERVICE
///   DELIVERY OR TARGET FAILURE; SAS: INVALID FRAME; the rest: SERVICE DELIVERY
///   OR TARGET FAILURE; SAS: TASK MANAGEMENT FUNCTION FAILED (choice).
///
/// To iSCSI a task that is not there, and whose RefCmdSN lies in the valid
/// window, is Function complete: its command is still on its way. The window is
/// the caller's to know.
///
/// SAS says FUNCTION REJECTED as TASK MANAGEMENT FUNCTION NOT SUPPORTED; iSCSI
/// says SERVICE DELIVERY OR TARGET FAILURE as Function rejected (choice).
#[unsafe(no_mangle)]
pub extern "C" fn quell_scsi_abort_task_response(
    verdict: VerdictNumber,
    code: u32,
    transport: u32,
) -> quell_reply_t {
    let answer = answer_of(verdict, code);
    reply_of(answer.verdict, scsi::abort_task(answer), transport)
}

/// What an ABORT TASK answers that has waited for the task's end.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: `end` is not
/// kept.
///
/// Returns `QUELL_OK` and FUNCTION COMPLETE; iSCSI: Task does not exist, where it
/// did not end as cancelled or is vacant; SERVICE DELIVERY OR TARGET FAILURE
/// where it has not ended (choice), and with `QUELL_INVALID`.
///
/// # Safety
/// `end` is of a status, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_scsi_abort_task_end_response(
    end: *const quell_status_t,
    transport: u32,
) -> quell_reply_t {
    // SAFETY: the caller's promise.
    unsafe { response_to(end, transport, scsi::abort_task_end) }
}

/// What a function for all tasks of a logical unit answers, whose scope was
/// cancelled: ABORT TASK SET, CLEAR TASK SET, LOGICAL UNIT RESET.
///
/// Context: any, an interrupt included. Progress: wait-free. Ordering: none.
///
/// Returns what `quell_scsi_abort_task_response` does, but: what had ended is
/// FUNCTION COMPLETE to iSCSI as well; `QUELL_OK`, `QUELL_IGNORED`: FUNCTION
/// COMPLETE; `QUELL_NOT_FOUND`: INCORRECT LOGICAL UNIT NUMBER (choice);
/// `after_end` leads to `quell_scsi_abort_all_end_response`.
#[unsafe(no_mangle)]
pub extern "C" fn quell_scsi_abort_all_response(
    verdict: VerdictNumber,
    code: u32,
    transport: u32,
) -> quell_reply_t {
    let answer = answer_of(verdict, code);
    reply_of(answer.verdict, scsi::abort_all(answer), transport)
}

/// What such a function answers that has waited for the scope's end.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: `end` is not
/// kept.
///
/// Returns `QUELL_OK` and FUNCTION COMPLETE; SERVICE DELIVERY OR TARGET FAILURE
/// where it has not ended (choice), and with `QUELL_INVALID`.
///
/// # Safety
/// `end` is of a status, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_scsi_abort_all_end_response(
    end: *const quell_status_t,
    transport: u32,
) -> quell_reply_t {
    // SAFETY: the caller's promise.
    unsafe { response_to(end, transport, scsi::abort_all_end) }
}

/// What a QUERY TASK answers of a task that stands like this.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: `seen` is not
/// kept.
///
/// Returns `QUELL_OK` and: FUNCTION SUCCEEDED: it is there; FUNCTION COMPLETE: it
/// is not, or has ended (choice); with `QUELL_INVALID` SERVICE DELIVERY OR TARGET
/// FAILURE.
///
/// # Safety
/// `seen` is of a status, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_scsi_query_task_response(
    seen: *const quell_status_t,
    transport: u32,
) -> quell_reply_t {
    // SAFETY: the caller's promise.
    unsafe { response_to(seen, transport, scsi::query_task) }
}

/// What is sent of a task that stands like this; `nexus` says for whom it was
/// aborted, if it was.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: `seen` is not
/// kept.
///
/// Returns `QUELL_OK` and:
/// - finished: GOOD; failed: CHECK CONDITION, with its own code where that is
///   0x00KKAAQQ with a key from 2 to 14, else INTERNAL TARGET FAILURE (choice);
/// - cancelled at `QUELL_LEVEL_EMERGENCY`: no status, and the unit attention
///   COMMANDS CLEARED BY POWER LOSS NOTIFICATION;
/// - cancelled, and no initiator asked (the causes *deadline*, *shutdown*,
///   *fault*, *self*): CHECK CONDITION, ABORTED COMMAND, COMMANDS CLEARED BY
///   DEVICE SERVER (choice);
/// - cancelled otherwise: no status; no status and the unit attention COMMANDS
///   CLEARED BY ANOTHER INITIATOR; TASK ABORTED: by the nexus;
/// - not ended: `after_end`, and no status until then; vacant, and with
///   `QUELL_INVALID`: CHECK CONDITION, INTERNAL TARGET FAILURE (choice).
///
/// # Safety
/// `seen` is of a status, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_scsi_task_status(
    seen: *const quell_status_t,
    nexus: u32,
) -> quell_scsi_task_t {
    let nexus = match nexus {
        QUELL_SCSI_NEXUS_OWN => Some(Nexus::Own),
        QUELL_SCSI_NEXUS_OTHER => Some(Nexus::Other),
        QUELL_SCSI_NEXUS_OTHER_TAS => Some(Nexus::OtherWithTas),
        _ => None,
    };
    // SAFETY: the caller's promise.
    let (Some(seen), Some(nexus)) = (unsafe { status_at(seen) }, nexus) else {
        return quell_scsi_task_t {
            verdict: Verdict::Invalid.into(),
            status: QUELL_SCSI_STATUS_CHECK_CONDITION,
            sense: QUELL_SCSI_SENSE_INTERNAL_TARGET_FAILURE,
            after_end: 0,
        };
    };
    let (status, sense, after_end) = match scsi::task(&seen, nexus) {
        Reply::Now(end) => (end.status, end.sense, 0),
        Reply::AfterEnd => (None, None, 1),
    };
    quell_scsi_task_t {
        verdict: Verdict::Ok.into(),
        status: status.map_or(QUELL_SCSI_STATUS_NONE, u32::from),
        sense: sense.map_or(0, scsi::Sense::raw),
        after_end,
    }
}
