//! Names of the vocabulary, for logs.

use core::ffi::{CStr, c_char};

use quell::{Cause, Effects, Level, Phase, Verdict};

fn or_unknown(name: Option<&'static CStr>) -> *const c_char {
    name.unwrap_or(c"?").as_ptr()
}

/// The name of a verdict, as `"CANCELLING"`.
///
/// Context: any. Progress: wait-free. Ownership: a static string.
///
/// Returns the name; `"?"` for a number that is no verdict. Never null.
#[unsafe(no_mangle)]
pub extern "C" fn quell_verdict_name(verdict: u32) -> *const c_char {
    or_unknown(Verdict::from_raw(verdict).map(Verdict::c_name))
}

/// The name of a level, as `"GRACEFUL"`.
///
/// Context: any. Progress: wait-free. Ownership: a static string.
///
/// Returns the name; `"NONE"` for zero; `"?"` for a number that is no level.
/// Never null.
#[unsafe(no_mangle)]
pub extern "C" fn quell_level_name(level: u32) -> *const c_char {
    match level {
        0 => c"NONE".as_ptr(),
        _ => or_unknown(Level::from_raw(level).map(Level::c_name)),
    }
}

/// The name of a cause, as `"DEADLINE"`.
///
/// Context: any. Progress: wait-free. Ownership: a static string.
///
/// Returns the name; `"NONE"` for zero; `"?"` for a number that is no cause.
/// Never null.
#[unsafe(no_mangle)]
pub extern "C" fn quell_cause_name(cause: u32) -> *const c_char {
    match cause {
        0 => c"NONE".as_ptr(),
        _ => or_unknown(Cause::from_raw(cause).map(Cause::c_name)),
    }
}

/// The name of a phase, as `"RUNNING"`.
///
/// Context: any. Progress: wait-free. Ownership: a static string.
///
/// Returns the name; `"?"` for a number that is no phase. Never null.
#[unsafe(no_mangle)]
pub extern "C" fn quell_phase_name(phase: u32) -> *const c_char {
    or_unknown(Phase::from_raw(phase).map(Phase::c_name))
}

/// The name of effects, as `"PARTIAL"`.
///
/// Context: any. Progress: wait-free. Ownership: a static string.
///
/// Returns the name; `"?"` for a number that is no effects. Never null.
#[unsafe(no_mangle)]
pub extern "C" fn quell_effects_name(effects: u32) -> *const c_char {
    or_unknown(Effects::from_raw(effects).map(Effects::c_name))
}
