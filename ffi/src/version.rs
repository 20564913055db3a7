//! Which library this is, for a program that was built against a header.

/// First part of the release's number; a new one may break sources.
pub const QUELL_VERSION_MAJOR: u32 = 0;
/// Second part; before 1.0 a new one may break sources.
pub const QUELL_VERSION_MINOR: u32 = 1;
/// Third part: mended only.
pub const QUELL_VERSION_PATCH: u32 = 0;
/// The binary interface that this header describes: layouts, numbers and
/// function types. A library of another number is not to be called.
pub const QUELL_ABI_VERSION: u32 = 1;

/// The binary interface of the library that is linked. Compare it with
/// `QUELL_ABI_VERSION` once, before any other call.
///
/// Context: any. Progress: wait-free.
///
/// Returns the number.
#[unsafe(no_mangle)]
pub extern "C" fn quell_abi_version() -> u32 {
    QUELL_ABI_VERSION
}
