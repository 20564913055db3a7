//! The result codes that all of Windows shares. Source: winerror.h.

use quell::dialect::hresult as core;

/// Done.
pub const QUELL_S_OK: u32 = 0;
/// Done, and the answer is no.
pub const QUELL_S_FALSE: u32 = 1;
/// Not implemented.
pub const QUELL_E_NOTIMPL: u32 = 0x8000_4001;
/// A pointer that may not be null is null.
pub const QUELL_E_POINTER: u32 = 0x8000_4003;
/// Aborted.
pub const QUELL_E_ABORT: u32 = 0x8000_4004;
/// Something that cannot be has happened.
pub const QUELL_E_UNEXPECTED: u32 = 0x8000_FFFF;
/// The caller lacks a right.
pub const QUELL_E_ACCESSDENIED: u32 = 0x8007_0005;
/// Memory, or another resource, is used up.
pub const QUELL_E_OUTOFMEMORY: u32 = 0x8007_000E;
/// An argument is not valid.
pub const QUELL_E_INVALIDARG: u32 = 0x8007_0057;
/// `HRESULT_FROM_WIN32(WAIT_TIMEOUT)`.
pub const QUELL_E_WAIT_TIMEOUT: u32 = 0x8007_0102;
/// `HRESULT_FROM_WIN32(ERROR_OPERATION_ABORTED)`.
pub const QUELL_E_OPERATION_ABORTED: u32 = 0x8007_03E3;
/// `HRESULT_FROM_WIN32(ERROR_CANCELLED)`.
pub const QUELL_E_CANCELLED: u32 = 0x8007_04C7;
/// `HRESULT_FROM_WIN32(ERROR_TIMEOUT)`.
pub const QUELL_E_TIMEOUT: u32 = 0x8007_05B4;
/// `HRESULT_FROM_WIN32(ERROR_INVALID_STATE)`.
pub const QUELL_E_INVALID_STATE: u32 = 0x8007_139F;

const _: () = assert!(QUELL_S_OK == core::S_OK.0);
const _: () = assert!(QUELL_S_FALSE == core::S_FALSE.0);
const _: () = assert!(QUELL_E_NOTIMPL == core::E_NOTIMPL.0);
const _: () = assert!(QUELL_E_POINTER == core::E_POINTER.0);
const _: () = assert!(QUELL_E_ABORT == core::E_ABORT.0);
const _: () = assert!(QUELL_E_UNEXPECTED == core::E_UNEXPECTED.0);
const _: () = assert!(QUELL_E_ACCESSDENIED == core::E_ACCESSDENIED.0);
const _: () = assert!(QUELL_E_OUTOFMEMORY == core::E_OUTOFMEMORY.0);
const _: () = assert!(QUELL_E_INVALIDARG == core::E_INVALIDARG.0);
const _: () = assert!(QUELL_E_WAIT_TIMEOUT == core::WAIT_TIMEOUT.0);
const _: () = assert!(QUELL_E_OPERATION_ABORTED == core::ERROR_OPERATION_ABORTED.0);
const _: () = assert!(QUELL_E_CANCELLED == core::ERROR_CANCELLED.0);
const _: () = assert!(QUELL_E_TIMEOUT == core::ERROR_TIMEOUT.0);
const _: () = assert!(QUELL_E_INVALID_STATE == core::ERROR_INVALID_STATE.0);

/// What a failure's own code is to a caller who speaks result codes; never a
/// success.
///
/// A failure code is passed on as it is. A choice of quell's: a number from 1 to
/// 65535 is an error code of Win32, and becomes its result code; any other
/// success code, `QUELL_CODE_ABANDONED` included, and zero, is `otherwise`.
///
/// Context: any, an interrupt included. Progress: wait-free. Ordering: none.
///
/// Returns the result code.
#[unsafe(no_mangle)]
pub extern "C" fn quell_hresult_of_failure(code: u32, otherwise: u32) -> u32 {
    core::HResult::of_failure(quell::Code::new(code), core::HResult(otherwise)).0
}
