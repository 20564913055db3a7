//! `HRESULT`, and the codes that all of Windows shares.
//!
//! Sources: winerror.h for the codes, [MS-ERREF] section 2.1 for the layout.

use crate::status::Answer;
use crate::terms::{Code, Verdict};

/// A result code of Windows. Bit 31 set: a failure; clear: a success, of which
/// `S_OK` is one among many.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(transparent)]
pub struct HResult(pub u32);

/// Done.
pub const S_OK: HResult = HResult(0);
/// Done, and the answer is no.
pub const S_FALSE: HResult = HResult(1);
/// Not implemented.
pub const E_NOTIMPL: HResult = HResult(0x8000_4001);
/// A pointer that may not be null is null.
pub const E_POINTER: HResult = HResult(0x8000_4003);
/// Aborted.
pub const E_ABORT: HResult = HResult(0x8000_4004);
/// Something that cannot be has happened.
pub const E_UNEXPECTED: HResult = HResult(0x8000_FFFF);
/// The caller lacks a right.
pub const E_ACCESSDENIED: HResult = HResult(0x8007_0005);
/// Memory, or another resource, is used up.
pub const E_OUTOFMEMORY: HResult = HResult(0x8007_000E);
/// An argument is not valid.
pub const E_INVALIDARG: HResult = HResult(0x8007_0057);
/// `HRESULT_FROM_WIN32(WAIT_TIMEOUT)`.
pub const WAIT_TIMEOUT: HResult = HResult(0x8007_0102);
/// `HRESULT_FROM_WIN32(ERROR_OPERATION_ABORTED)`.
pub const ERROR_OPERATION_ABORTED: HResult = HResult(0x8007_03E3);
/// `HRESULT_FROM_WIN32(ERROR_CANCELLED)`.
pub const ERROR_CANCELLED: HResult = HResult(0x8007_04C7);
/// `HRESULT_FROM_WIN32(ERROR_TIMEOUT)`.
pub const ERROR_TIMEOUT: HResult = HResult(0x8007_05B4);
/// `HRESULT_FROM_WIN32(ERROR_INVALID_STATE)`.
pub const ERROR_INVALID_STATE: HResult = HResult(0x8007_139F);

impl HResult {
    const SEVERITY: u32 = 1 << 31;
    const WIN32: u32 = 0x8007_0000;

    /// Whether it says that something failed: the test of the macro `FAILED`,
    /// to which VSS's "cancelled" and "pending" are successes.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        self.0 & Self::SEVERITY != 0
    }

    /// The result code of an error code of Win32, as `HRESULT_FROM_WIN32` makes
    /// it: zero stays zero, and what is a failure already stays what it is.
    #[must_use]
    pub const fn from_win32(error: u32) -> Self {
        if error == 0 || error & Self::SEVERITY != 0 {
            Self(error)
        } else {
            Self(error & 0xFFFF | Self::WIN32)
        }
    }

    /// What a failure's own code is to a caller who speaks result codes; never
    /// a success.
    ///
    /// A failure code is passed on as it is. *Choice*: a number below 65536 is
    /// an error code of Win32; any other success code, quell's own
    /// [`Code::ABANDONED`] included, and no code at all, is `otherwise`.
    #[must_use]
    pub const fn of_failure(code: Option<Code>, otherwise: Self) -> Self {
        match code {
            Some(code) if Self(code.raw()).is_failure() => Self(code.raw()),
            Some(code) if code.raw() <= 0xFFFF => Self::from_win32(code.raw()),
            _ => otherwise,
        }
    }

    /// What an answer that is about the caller, and not about the operation, is:
    /// a gate's own code, `E_ACCESSDENIED`, `E_INVALIDARG`, `E_OUTOFMEMORY`;
    /// `otherwise` for what cannot be.
    pub(crate) const fn of_caller(answer: Answer, otherwise: Self) -> Self {
        match answer.verdict {
            Verdict::Refused => Self::of_failure(Code::new(answer.code), otherwise),
            Verdict::Denied => E_ACCESSDENIED,
            Verdict::Invalid => E_INVALIDARG,
            Verdict::Full => E_OUTOFMEMORY,
            _ => otherwise,
        }
    }

    /// The number, as C's `HRESULT` holds it.
    #[must_use]
    pub const fn signed(self) -> i32 {
        self.0.cast_signed()
    }
}

impl core::fmt::Debug for HResult {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "HResult({:#010X})", self.0)
    }
}
