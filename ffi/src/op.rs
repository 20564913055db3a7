//! The verbs of the owner and of requesters.

use core::ptr::NonNull;

use quell::{Answer, Cause, Code, GateRef, Level, Mode, Request, Ticket, Verdict};

use crate::handle::{Place, quell_gate_t, quell_handle_t, quell_op_t};
use crate::pointer;
use crate::telling;
use crate::terms::{CauseNumber, LevelNumber, quell_verdict_t};

/// Once a request is accepted, the operation can only end cancelled.
pub const QUELL_MODE_DECISIVE: u32 = 0;
/// Work that cannot be recalled once handed over: the worker reports what
/// really happened, and the requester is told that the outcome is open.
pub const QUELL_MODE_BEST_EFFORT: u32 = 1;
/// Never cancelled: every request is told `QUELL_UNSUPPORTED`.
pub const QUELL_MODE_UNCANCELLABLE: u32 = 2;
/// While it runs, requests pass the gate that the requester's handle brings; a
/// handle without one is told `QUELL_DENIED`.
pub const QUELL_MODE_GATED: u32 = 4;

const _: () = assert!(QUELL_MODE_DECISIVE == Mode::DECISIVE.raw());
const _: () = assert!(QUELL_MODE_BEST_EFFORT == Mode::BEST_EFFORT.raw());
const _: () = assert!(QUELL_MODE_UNCANCELLABLE == Mode::UNCANCELLABLE.raw());
const _: () = assert!(QUELL_MODE_GATED == Mode::GATED.raw());

/// The worker let go of the operation without ending it: the code that
/// `quell::worker` fails it with when it is destroyed too early.
pub const QUELL_CODE_ABANDONED: u32 = 0x7FFF_0001;

const _: () = assert!(QUELL_CODE_ABANDONED == Code::ABANDONED.raw());

/// Makes a vacant op a pending operation, and its caller the owner.
///
/// `mode`: `QUELL_MODE_…`, combined with `|`.
///
/// Context: any; one owner at a time. Progress: lock-free (without
/// compare-and-swap: one bounded masked section). Ordering: what the owner
/// wrote before is seen by the worker after `quell_op_start`; what was written
/// before the last `quell_op_retire` is seen after this. Ownership: `op` stays
/// the caller's, and stays in place while any handle of it is used; `*owner`
/// is a plain value with every right.
///
/// Returns `QUELL_OK`; `QUELL_BAD_STATE` where the op is not vacant;
/// `QUELL_INVALID` where a pointer is null or misaligned, or `mode` has an
/// unknown bit. Except with `QUELL_OK`, `*owner` is all-zero.
///
/// # Safety
/// `op` is of an op, `owner` of memory for a handle, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_op_arm(
    op: *mut quell_op_t,
    mode: u32,
    owner: *mut quell_handle_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let cell = unsafe { pointer::op(op) };
    let (verdict, handle) = match (cell, Mode::from_raw(mode), pointer::usable(owner)) {
        (Some(cell), Some(mode), true) => match cell.arm_ticket(mode) {
            (Verdict::Ok, ticket) => (Verdict::Ok, quell_handle_t::of(op, ticket)),
            (refusal, _) => (refusal, quell_handle_t::NONE),
        },
        _ => (Verdict::Invalid, quell_handle_t::NONE),
    };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(owner, handle) };
    verdict.into()
}

/// Asks for an operation to be cancelled.
///
/// Context: any that the gate allows; an interrupt included. An operation that
/// has a source tells its hooks before this returns (where another thread is
/// telling them, that one tells this too), on bare metal in an interrupt by the
/// drain; in a signal handler use `quell_cancel_from_isr`. Progress: lock-free
/// (without compare-and-swap: bounded masked sections), the gate apart; with a
/// source one bounded lock, then the hooks. Ordering: an accepted request
/// publishes what the requester wrote before it, to whoever then reads the
/// status or is told of it; a requester that is told `QUELL_TOO_LATE` or of an
/// end sees what the worker wrote before its commit or its end. Ownership:
/// `handle` is not kept; `code` may be null.
///
/// Returns
/// - `QUELL_CANCELLED`: it had not started, and now never will;
/// - `QUELL_CANCELLING`: accepted, it will end cancelled;
/// - `QUELL_REQUESTED`: accepted by a best-effort operation, the end is open;
/// - `QUELL_RAISED`: an earlier request stands, at this level from now on;
/// - `QUELL_ALREADY_CANCELLING`, `QUELL_ALREADY_REQUESTED`: an earlier request
///   of this level or a higher one stands;
/// - `QUELL_ALREADY_CANCELLED`, `QUELL_FINISHED`: it had ended so;
/// - `QUELL_FAILED`: it had failed; `*code` is its own code;
/// - `QUELL_TOO_LATE`: past the commit point, its effects stand;
/// - `QUELL_UNSUPPORTED`: it was armed as uncancellable;
/// - `QUELL_REFUSED`: the gate refused; `*code` is the gate's code;
/// - `QUELL_DENIED`: the handle has no right to cancel, or brings no gate to a
///   gated operation;
/// - `QUELL_BAD_STATE`: the op is vacant;
/// - `QUELL_STALE`: the handle is of an earlier generation;
/// - `QUELL_INVALID`: a pointer is null or misaligned, or level or cause is
///   none of the enum's (`QUELL_LEVEL_NONE` and `QUELL_CAUSE_NONE` included).
///
/// `*code` is zero with every other answer.
///
/// # Safety
/// `handle` is of a handle whose op and gate are still in place, `code` of
/// memory for a number, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_cancel(
    handle: *const quell_handle_t,
    level: LevelNumber,
    cause: CauseNumber,
    code: *mut u32,
) -> quell_verdict_t {
    #[cfg(feature = "c-port")]
    // SAFETY: the caller's promise.
    if let Some(verdict) = unsafe { cancel_undisturbed(handle, (level, cause), code) } {
        return verdict.into();
    }
    // SAFETY: the caller's promise.
    unsafe { cancel(handle, (level, cause), code, false) }
}

/// `quell_cancel` for an interrupt: the hooks of the operation, if it has any,
/// are left to `quell_drain`, which the port is asked for. On a host: for a
/// signal handler.
///
/// Context: any; takes no lock. Progress: lock-free (without compare-and-swap:
/// bounded masked sections), the gate apart. Ordering: as `quell_cancel`, and
/// to the hooks that the drain runs. Ownership: as `quell_cancel`; the
/// operation's source stays in place until it is retired.
///
/// Returns as `quell_cancel`.
///
/// # Safety
/// As for `quell_cancel`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_cancel_from_isr(
    handle: *const quell_handle_t,
    level: LevelNumber,
    cause: CauseNumber,
    code: *mut u32,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    unsafe { cancel(handle, (level, cause), code, true) }
}

/// What a requester is told. On bare metal both forms share one copy.
///
/// # Safety
/// As for `quell_cancel`.
#[cfg_attr(not(feature = "c-port"), inline(always))]
#[cfg_attr(feature = "c-port", inline(never))]
unsafe fn cancel(
    handle: *const quell_handle_t,
    (level, cause): (LevelNumber, CauseNumber),
    code: *mut u32,
    from_isr: bool,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let answer = match unsafe { asked(handle, level, cause, code) } {
        #[cfg(not(feature = "c-port"))]
        Some((Place::Plain(op), held, request, gate)) => op.cancel(held, request, gate),
        #[cfg(feature = "c-port")]
        Some((Place::Plain(op), held, request, mut gate)) => {
            op.cancel_with(held, request, by_reference(&mut gate))
        }
        Some((Place::Telling(source), held, request, mut gate)) => match telling::verbs() {
            Some(verbs) => {
                let verb = if from_isr { verbs.cancel_from_isr } else { verbs.cancel };
                // SAFETY: the caller's promise.
                unsafe { verb(source, held, request, by_reference(&mut gate)) }
            }
            None => INVALID,
        },
        None => INVALID,
    };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(code, answer.code) };
    answer.verdict.into()
}

/// The cancel of a plain operation that nobody has asked anything of, round what
/// all cancels share on bare metal.
///
/// # Safety
/// As for `quell_cancel`.
#[cfg(feature = "c-port")]
#[inline(always)]
unsafe fn cancel_undisturbed(
    handle: *const quell_handle_t,
    (level, cause): (LevelNumber, CauseNumber),
    code: *mut u32,
) -> Option<Verdict> {
    if !handle.is_aligned() || !code.is_aligned() {
        return None;
    }
    // SAFETY: the caller's promise.
    let held = unsafe { pointer::get(handle) }?;
    if !held.gate.is_aligned() {
        return None;
    }
    let ticket = Ticket::from_raw(held.ticket).filter(|ticket| ticket.expects_plain())?;
    let request = Request::new(Level::from_raw(level.0)?, Cause::from_raw(cause.0)?);
    // SAFETY: the caller's promise.
    let verdict = unsafe { pointer::op(held.op) }?.cancel_undisturbed(ticket, request)?;
    // SAFETY: the caller's promise.
    unsafe { pointer::put(code, 0) };
    Some(verdict)
}

fn by_reference(gate: &mut Option<impl FnMut(Request) -> u32>) -> GateRef<'_> {
    match gate {
        Some(gate) => Some(gate),
        None => None,
    }
}

const INVALID: Answer = Answer { verdict: Verdict::Invalid, code: 0 };

/// What is asked of what, and by which gate, if all of it can be.
///
/// # Safety
/// As for `quell_cancel`.
#[inline(always)]
#[expect(clippy::type_complexity, reason = "the gate's type has no name")]
unsafe fn asked<'a>(
    handle: *const quell_handle_t,
    level: LevelNumber,
    cause: CauseNumber,
    code: *const u32,
) -> Option<(Place<'a>, Ticket, Request, Option<impl FnMut(Request) -> u32>)> {
    // SAFETY: the caller's promise.
    let held = unsafe { pointer::get(handle) }?;
    // SAFETY: the caller's promise.
    let (place, ticket) = unsafe { held.parts() }?;
    let request = Request::new(Level::from_raw(level.0)?, Cause::from_raw(cause.0)?);
    if !held.gate.is_aligned() || !code.is_aligned() {
        return None;
    }
    // Read only where it is asked: most cancels meet no gate.
    let gate = NonNull::new(held.gate.cast_mut()).map(|gate| {
        // SAFETY: the gate's owner vouches for it, and for the function and
        // the context in it, as long as handles bring it.
        move |request: Request| unsafe {
            let quell_gate_t { ask, context } = gate.read();
            ask.map_or(0, |ask| ask(context, request.level.into(), request.cause.into()))
        }
    });
    Some((place, ticket, request, gate))
}

/// Ends an operation whose worker is gone, as failed with unknown effects. The
/// only call that can break the promise of `QUELL_CANCELLING`.
///
/// Context: any; owner only. Progress: lock-free (without compare-and-swap:
/// bounded masked sections). Ordering: publishes what the owner wrote before to
/// whoever is told of the end. Ownership: `owner` is not kept.
///
/// Returns `QUELL_OK`; `QUELL_BAD_STATE` where it has ended already or is
/// vacant; `QUELL_DENIED` without `QUELL_RIGHT_OWN`; `QUELL_STALE`;
/// `QUELL_INVALID` where the pointer is null or misaligned, or `code` is zero
/// or in quell's own range 0x7FFF0000 to 0x7FFFFFFF (`QUELL_CODE_ABANDONED`
/// excepted). Where the worker was failing at that very moment, its code
/// stands and not this one: read the status.
///
/// # Safety
/// `owner` is of a handle whose op is still in place, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_op_force(
    owner: *const quell_handle_t,
    code: u32,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let parts = unsafe { pointer::get(owner).and_then(|held| held.parts()) };
    match (parts, Code::new(code)) {
        (Some((Place::Plain(op), ticket)), Some(code)) => op.force(ticket, code).verdict.into(),
        (Some((Place::Telling(source), ticket)), Some(code)) => telling::verbs()
            .map_or(Verdict::Invalid, |verbs| (verbs.force)(source, ticket, code).verdict)
            .into(),
        _ => quell_verdict_t::QUELL_INVALID,
    }
}

/// Makes an ended op vacant again, in the next generation: every handle and
/// worker of this one is stale from here on, and the op can be armed anew or
/// its memory given up.
///
/// Context: any; owner only. Progress: lock-free (without compare-and-swap:
/// two bounded masked sections). Ordering: sees what the worker wrote before the
/// end; publishes to the next `quell_op_arm`. Ownership: `owner` is not kept.
///
/// Returns `QUELL_OK`; `QUELL_BAD_STATE` where it has not ended, or is vacant;
/// `QUELL_BUSY` where hooks of its are still being told: see `quell_settle`;
/// `QUELL_DENIED` without `QUELL_RIGHT_OWN`; `QUELL_STALE`; `QUELL_INVALID`
/// where the pointer is null or misaligned.
///
/// # Safety
/// `owner` is of a handle whose op is still in place, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_op_retire(owner: *const quell_handle_t) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let parts = unsafe { pointer::get(owner).and_then(|held| held.parts()) };
    match parts {
        Some((Place::Plain(op), ticket)) => op.retire(ticket).verdict.into(),
        Some((Place::Telling(source), ticket)) => {
            telling::verbs().map_or(Verdict::Invalid, |verbs| (verbs.retire)(source, ticket)).into()
        }
        None => quell_verdict_t::QUELL_INVALID,
    }
}
