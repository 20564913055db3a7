//! Every code of the Windows dialects against Microsoft's metadata, as the crate
//! `windows-sys` has it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::Path;

use quell::dialect::vss_session::WriterState;
use quell::dialect::{HResult, hresult, vds, vss, vss_session, wsb};
use windows_sys::Win32::Foundation as found;
use windows_sys::Win32::Storage::{VirtualDiskService as disk, Vss as shadow};
use windows_sys::Win32::System::ServerBackup as backup;
use windows_sys::Win32::System::Threading::INFINITE;

/// Codes that are in no version of that crate: wsbapperror.h's, and the value
/// that only the documents have.
const NOT_THERE: [&str; 4] = [
    "wsb::ASYNC_IN_PROGRESS_DOCUMENTED",
    "wsb::E_CONSISTENCY_CHECK_FAILED",
    "wsb::E_CONSISTENCY_CHECK_FAILED_PRE_RESTORE",
    "wsb::E_CONSISTENCY_CHECK_FAILED_POST_RESTORE",
];

macro_rules! codes {
    ($($module:ident :: $ours:ident = $theirs:expr,)+) => {
        [$((concat!(stringify!($module), "::", stringify!($ours)), $module::$ours, $theirs.cast_unsigned()),)+]
    };
}

fn compared() -> Vec<(&'static str, HResult, u32)> {
    let win32 = |error: u32| HResult::from_win32(error).signed();
    codes! {
        hresult::S_OK = found::S_OK,
        hresult::S_FALSE = found::S_FALSE,
        hresult::E_NOTIMPL = found::E_NOTIMPL,
        hresult::E_POINTER = found::E_POINTER,
        hresult::E_ABORT = found::E_ABORT,
        hresult::E_UNEXPECTED = found::E_UNEXPECTED,
        hresult::E_ACCESSDENIED = found::E_ACCESSDENIED,
        hresult::E_OUTOFMEMORY = found::E_OUTOFMEMORY,
        hresult::E_INVALIDARG = found::E_INVALIDARG,
        hresult::WAIT_TIMEOUT = win32(found::WAIT_TIMEOUT),
        hresult::ERROR_OPERATION_ABORTED = win32(found::ERROR_OPERATION_ABORTED),
        hresult::ERROR_CANCELLED = win32(found::ERROR_CANCELLED),
        hresult::ERROR_TIMEOUT = win32(found::ERROR_TIMEOUT),
        hresult::ERROR_INVALID_STATE = win32(found::ERROR_INVALID_STATE),
        vss::S_ASYNC_PENDING = shadow::VSS_S_ASYNC_PENDING,
        vss::S_ASYNC_FINISHED = shadow::VSS_S_ASYNC_FINISHED,
        vss::S_ASYNC_CANCELLED = shadow::VSS_S_ASYNC_CANCELLED,
        vss::E_BAD_STATE = shadow::VSS_E_BAD_STATE,
        vss::VSS_E_UNEXPECTED = shadow::VSS_E_UNEXPECTED,
        vss_session::E_SNAPSHOT_SET_IN_PROGRESS = shadow::VSS_E_SNAPSHOT_SET_IN_PROGRESS,
        vss_session::E_HOLD_WRITES_TIMEOUT = shadow::VSS_E_HOLD_WRITES_TIMEOUT,
        vss_session::E_UNEXPECTED_WRITER_ERROR = shadow::VSS_E_UNEXPECTED_WRITER_ERROR,
        vss_session::E_PROVIDER_VETO = shadow::VSS_E_PROVIDER_VETO,
        vss_session::E_UNEXPECTED_PROVIDER_ERROR = shadow::VSS_E_UNEXPECTED_PROVIDER_ERROR,
        vss_session::E_WRITERERROR_INCONSISTENTSNAPSHOT =
            shadow::VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT,
        vss_session::E_WRITERERROR_OUTOFRESOURCES = shadow::VSS_E_WRITERERROR_OUTOFRESOURCES,
        vss_session::E_WRITERERROR_TIMEOUT = shadow::VSS_E_WRITERERROR_TIMEOUT,
        vss_session::E_WRITERERROR_RETRYABLE = shadow::VSS_E_WRITERERROR_RETRYABLE,
        vss_session::E_WRITERERROR_NONRETRYABLE = shadow::VSS_E_WRITERERROR_NONRETRYABLE,
        vds::E_NOT_SUPPORTED = disk::VDS_E_NOT_SUPPORTED,
        vds::E_ANOTHER_CALL_IN_PROGRESS = disk::VDS_E_ANOTHER_CALL_IN_PROGRESS,
        vds::E_OPERATION_PENDING = disk::VDS_E_OPERATION_PENDING,
        vds::E_CANCEL_TOO_LATE = disk::VDS_E_CANCEL_TOO_LATE,
        vds::E_OPERATION_CANCELED = disk::VDS_E_OPERATION_CANCELED,
        vds::E_INCOMPATIBLE_FILE_SYSTEM = disk::VDS_E_INCOMPATIBLE_FILE_SYSTEM,
        vds::E_INCOMPATIBLE_MEDIA = disk::VDS_E_INCOMPATIBLE_MEDIA,
        vds::E_ACCESS_DENIED = disk::VDS_E_ACCESS_DENIED,
        vds::E_TIMEOUT = disk::VDS_E_TIMEOUT,
        vds::S_DISK_PARTIALLY_CLEANED = disk::VDS_S_DISK_PARTIALLY_CLEANED,
        wsb::ASYNC_IN_PROGRESS = backup::WSBAPP_ASYNC_IN_PROGRESS,
    }
    .to_vec()
}

#[test]
fn each_code_is_that_of_windows() {
    for (name, ours, theirs) in compared() {
        assert_eq!(ours.0, theirs, "{name}");
    }
    assert_eq!(vss::INFINITE, INFINITE);
}

#[test]
fn each_state_of_a_writer_is_that_of_windows() {
    let states = [
        (WriterState::Unknown, shadow::VSS_WS_UNKNOWN),
        (WriterState::Stable, shadow::VSS_WS_STABLE),
        (WriterState::WaitingForFreeze, shadow::VSS_WS_WAITING_FOR_FREEZE),
        (WriterState::WaitingForThaw, shadow::VSS_WS_WAITING_FOR_THAW),
        (WriterState::WaitingForPostSnapshot, shadow::VSS_WS_WAITING_FOR_POST_SNAPSHOT),
        (WriterState::WaitingForBackupComplete, shadow::VSS_WS_WAITING_FOR_BACKUP_COMPLETE),
        (WriterState::FailedAtIdentify, shadow::VSS_WS_FAILED_AT_IDENTIFY),
        (WriterState::FailedAtPrepareBackup, shadow::VSS_WS_FAILED_AT_PREPARE_BACKUP),
        (WriterState::FailedAtPrepareSnapshot, shadow::VSS_WS_FAILED_AT_PREPARE_SNAPSHOT),
        (WriterState::FailedAtFreeze, shadow::VSS_WS_FAILED_AT_FREEZE),
        (WriterState::FailedAtThaw, shadow::VSS_WS_FAILED_AT_THAW),
        (WriterState::FailedAtPostSnapshot, shadow::VSS_WS_FAILED_AT_POST_SNAPSHOT),
        (WriterState::FailedAtBackupComplete, shadow::VSS_WS_FAILED_AT_BACKUP_COMPLETE),
        (WriterState::FailedAtPreRestore, shadow::VSS_WS_FAILED_AT_PRE_RESTORE),
        (WriterState::FailedAtPostRestore, shadow::VSS_WS_FAILED_AT_POST_RESTORE),
        (WriterState::FailedAtBackupShutdown, shadow::VSS_WS_FAILED_AT_BACKUPSHUTDOWN),
    ];
    for (ours, theirs) in states {
        assert_eq!(ours as i32, theirs, "{ours:?}");
    }
    assert_eq!(states.len(), usize::try_from(shadow::VSS_WS_COUNT).unwrap());
}

/// A code that is added to a dialect is compared as well, or said to be missing
/// there.
#[test]
fn no_code_is_left_out() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src/dialect");
    let mut defined = BTreeSet::new();
    for module in ["hresult", "vss", "vss_session", "vds", "wsb", "gpm"] {
        let text = std::fs::read_to_string(sources.join(format!("{module}.rs"))).unwrap();
        for line in text.lines() {
            let name =
                line.strip_prefix("pub const ").and_then(|rest| rest.split_once(": HResult = "));
            if let Some((name, _)) = name {
                defined.insert(format!("{module}::{name}"));
            }
        }
    }
    let compared = compared();
    let known: BTreeSet<String> = compared
        .iter()
        .map(|(name, ..)| (*name).to_owned())
        .chain(NOT_THERE.map(str::to_owned))
        .collect();
    assert_eq!(defined, known);
}
