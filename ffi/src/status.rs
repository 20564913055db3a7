//! One consistent look at an operation.

use quell::{Cause, Code, Effects, Generation, Level, Mode, Phase, Status};

use crate::handle::quell_handle_t;
use crate::pointer;
use crate::terms::{quell_cause_t, quell_effects_t, quell_level_t, quell_phase_t, quell_verdict_t};

/// One consistent look at an operation.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_status_t {
    /// Where it is in its life.
    pub phase: quell_phase_t,
    /// The level of the request in force, shown to the worker or not.
    pub level: quell_level_t,
    /// The cause of that request.
    pub cause: quell_cause_t,
    /// What a cancelled or forced operation left behind.
    pub effects: quell_effects_t,
    /// The operation's own code: of a failed one, or of a cancelled one whose
    /// worker ended it with an error; else zero.
    pub code: u32,
    /// How many shields are up.
    pub shields: u32,
    /// How it was armed: `QUELL_MODE_…`.
    pub mode: u32,
    /// Which life of the op this is, from 0 to 32767, then 0 again.
    pub generation: u32,
}

impl quell_status_t {
    pub(crate) const NOTHING: Self = Self {
        phase: quell_phase_t::QUELL_PHASE_VACANT,
        level: quell_level_t::QUELL_LEVEL_NONE,
        cause: quell_cause_t::QUELL_CAUSE_NONE,
        effects: quell_effects_t::QUELL_EFFECTS_UNSTATED,
        code: 0,
        shields: 0,
        mode: 0,
        generation: 0,
    };
}

impl From<Status> for quell_status_t {
    fn from(status: Status) -> Self {
        Self {
            phase: status.phase.into(),
            level: status.level.into(),
            cause: status.cause.into(),
            effects: status.effects.into(),
            code: status.code.map_or(0, quell::Code::raw),
            shields: status.shields,
            mode: status.mode.raw(),
            generation: status.generation.get(),
        }
    }
}

/// The look that lies here, as far as its numbers are any.
///
/// # Safety
/// A usable address is of an initialised status.
pub(crate) unsafe fn status_at(seen: *const quell_status_t) -> Option<Status> {
    const _: () = assert!(size_of::<quell_status_t>() == size_of::<[u32; 8]>());
    // SAFETY: the caller's promise; numbers, whatever they are.
    let [phase, level, cause, effects, code, shields, mode, generation] =
        unsafe { pointer::get(seen.cast::<[u32; 8]>()) }?;
    let level = match level {
        0 => None,
        some => Some(Level::from_raw(some)?),
    };
    let cause = match cause {
        0 => None,
        some => Some(Cause::from_raw(some)?),
    };
    Some(Status {
        phase: Phase::from_raw(phase)?,
        level,
        cause,
        effects: Effects::from_raw(effects)?,
        code: Code::new(code),
        shields,
        mode: Mode::from_raw(mode)?,
        generation: Generation::new(generation),
    })
}

/// Looks at an operation, once and consistently.
///
/// Context: any, an interrupt included. Progress: wait-free. Ordering: whoever
/// sees a request, a commit or an end sees what was written before it.
/// Ownership: nothing is kept.
///
/// Returns `QUELL_OK`; `QUELL_STALE` where the handle is of an earlier
/// generation; `QUELL_INVALID` where a pointer is null or misaligned, or
/// `*handle` is no handle. Except with `QUELL_OK`, `*status` is all-zero.
///
/// # Safety
/// `handle` is of a handle whose op is still in place, `status` of memory for a
/// status, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_op_status(
    handle: *const quell_handle_t,
    status: *mut quell_status_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let parts = unsafe { pointer::get(handle).and_then(|held| held.parts()) };
    let (verdict, seen) = match parts {
        Some((place, ticket)) if pointer::usable(status) => match place.op().status(ticket) {
            Some(seen) => (quell_verdict_t::QUELL_OK, seen.into()),
            None => (quell_verdict_t::QUELL_STALE, quell_status_t::NOTHING),
        },
        _ => (quell_verdict_t::QUELL_INVALID, quell_status_t::NOTHING),
    };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(status, seen) };
    verdict
}
