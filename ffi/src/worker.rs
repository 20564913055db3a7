//! The verbs of the worker.

use quell::word::{Event, Packed, Step, Word};
use quell::{Code, Effects, Rights, Ticket, Verdict};

use crate::handle::{Place, quell_handle_t, quell_op_t};
use crate::pointer;
use crate::telling;
use crate::terms::{EffectsNumber, quell_level_t, quell_verdict_t};

/// The one party that runs an operation. Not to be copied: two workers of one
/// operation would each believe the other's doing to be a cancel. All-zero is
/// no worker, and is told `QUELL_INVALID`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_worker_t {
    /// The operation; not owned.
    pub op: *mut quell_op_t,
    /// The word as this worker left it, for the inlined poll.
    pub left: u32,
}

impl quell_worker_t {
    const NONE: Self = Self { op: core::ptr::null_mut(), left: 0 };
}

const INVALID: Step = Step { word: Word::VACANT, verdict: Verdict::Invalid };

/// Has its worker at this address do `event`, by the word that it left, and
/// notes what it has left behind now; `code` is that of a fail. What is no worker
/// is told `INVALID`. On bare metal all verbs share one copy.
///
/// # Safety
/// `worker` is of a worker whose op is still in place and that no other thread
/// uses meanwhile, or not usable.
#[cfg_attr(not(feature = "c-port"), inline(always))]
#[cfg_attr(feature = "c-port", inline(never))]
unsafe fn work(worker: *mut quell_worker_t, event: Packed, code: u32) -> Step {
    // SAFETY: the caller's promise.
    let Some(held) = (unsafe { pointer::get(worker) }) else { return INVALID };
    let before = Word::from_raw(held.left);
    // SAFETY: the caller's promise.
    let Some(place) = (unsafe { Place::of(held.op, before.has_source()) }) else { return INVALID };
    let step = match place {
        Place::Telling(source) if !event.goes_on() => match telling::verbs() {
            Some(verbs) => (verbs.work(event))(source, before, event, code),
            None => INVALID,
        },
        _ => place.op().work(before, event, code),
    };
    // SAFETY: the caller's promise; usable, for it has been read. A hook that
    // ran may have freed the operation, not the worker.
    unsafe { (*worker).left = step.left_behind(before).raw() };
    step
}

/// A commit or a finish. On bare metal all verbs share one copy of what they do,
/// so the usual case has a short way round that.
///
/// # Safety
/// `worker` is of a worker, or not usable.
#[inline(always)]
unsafe fn commit_or_finish(worker: *mut quell_worker_t, event: Packed) -> quell_verdict_t {
    #[cfg(feature = "c-port")]
    // SAFETY: the caller's promise.
    if unsafe { undisturbed(worker, event) }.is_some() {
        return quell_verdict_t::QUELL_OK;
    }
    // SAFETY: the caller's promise.
    unsafe { work(worker, event, 0) }.verdict.into()
}

/// # Safety
/// As for `commit_or_finish`.
#[cfg(feature = "c-port")]
#[inline(always)]
unsafe fn undisturbed(worker: *mut quell_worker_t, event: Packed) -> Option<()> {
    // SAFETY: the caller's promise.
    let held = unsafe { pointer::get(worker) }?;
    // SAFETY: the caller's promise; a source begins with its op.
    let op = unsafe { pointer::op(held.op) }?;
    let left = Word::from_raw(held.left);
    let step = op.work_undisturbed(left, event)?;
    // SAFETY: usable, for it has been read.
    unsafe { (*worker).left = step.left_behind(left).raw() };
    Some(())
}

/// Starts a pending operation; the caller becomes its worker.
///
/// Context: any. Progress: lock-free (without compare-and-swap: one bounded
/// masked section). Ordering: sees what the owner wrote before `quell_op_arm`.
/// Ownership: `handle` is not kept; `*worker` is the caller's, and not to be
/// copied. The operation does not end with it: end it first.
///
/// Returns `QUELL_OK`; `QUELL_CANCELLED` where a cancel came first;
/// `QUELL_DENIED` without `QUELL_RIGHT_WORK`; `QUELL_BAD_STATE` where it is not
/// pending; `QUELL_STALE`; `QUELL_INVALID` where a pointer is null or
/// misaligned. Except with `QUELL_OK`, `*worker` is all-zero.
///
/// # Safety
/// `handle` is of a handle whose op is still in place, `worker` of memory for
/// a worker, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_op_start(
    handle: *const quell_handle_t,
    worker: *mut quell_worker_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let held = unsafe { pointer::get(handle) };
    // SAFETY: the caller's promise.
    let parts = held.and_then(|held| unsafe { held.parts() }.map(|parts| (held, parts)));
    let (verdict, started) = match parts {
        Some((held, (place, ticket))) if pointer::usable(worker) => {
            let step = place.op().start(ticket);
            match step.verdict {
                Verdict::Ok => (Verdict::Ok, quell_worker_t { op: held.op, left: step.word.raw() }),
                refusal => (refusal, quell_worker_t::NONE),
            }
        }
        _ => (Verdict::Invalid, quell_worker_t::NONE),
    };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(worker, started) };
    verdict.into()
}

/// A handle of the operation that this worker runs, with `QUELL_RIGHT_CANCEL`
/// only: to read the cause of a request, or to give away.
///
/// Context: any. Progress: wait-free. Ordering: none.
///
/// Returns `QUELL_OK`; `QUELL_INVALID` where a pointer is null or misaligned,
/// or `*worker` is no worker: `*handle` is then all-zero.
///
/// # Safety
/// `worker` is of a worker, `handle` of memory for a handle, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_worker_handle(
    worker: *const quell_worker_t,
    handle: *mut quell_handle_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let held = unsafe { pointer::get(worker) }.filter(|held| pointer::usable(held.op));
    let made =
        held.map(|held| quell_handle_t::of(held.op, cancel_ticket(Word::from_raw(held.left))));
    // SAFETY: the caller's promise.
    unsafe { crate::handle::hand_over(made, handle) }
}

fn cancel_ticket(left: Word) -> Ticket {
    let ticket = Ticket::new(left.generation(), Rights::CANCEL);
    if left.has_source() { ticket.through_source() } else { ticket }
}

/// Puts up a shield: from here to the matching `quell_op_unshield` a request is
/// recorded but not shown to the worker. Shields nest, seven deep.
///
/// Context: any; the worker only. Progress: lock-free (without
/// compare-and-swap: one bounded masked section). Ordering: none.
///
/// Returns `QUELL_OK`; `QUELL_FULL` where seven are up; `QUELL_BAD_STATE` where
/// the operation is not running; `QUELL_STALE`; `QUELL_INVALID` where the
/// pointer is null or misaligned, or `*worker` is no worker.
///
/// # Safety
/// `worker` is of a worker whose op is still in place and that no other thread
/// uses meanwhile, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_op_shield(worker: *mut quell_worker_t) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    unsafe { work(worker, Packed::SHIELD, 0) }.verdict.into()
}

/// Takes a shield down, and says what is to be seen now.
///
/// Context: any; the worker only. Progress: lock-free (without
/// compare-and-swap: one bounded masked section). Ordering: none. Ownership:
/// `visible` may be null.
///
/// Returns `QUELL_OK`, and `*visible` is the level to obey now, or
/// `QUELL_LEVEL_NONE`; `QUELL_BAD_STATE` where no shield is up or the operation
/// is not running; `QUELL_STALE`; `QUELL_INVALID` where `worker` is null, a
/// pointer misaligned, or `*worker` is no worker. Except with `QUELL_OK`,
/// `*visible` is `QUELL_LEVEL_NONE`.
///
/// # Safety
/// As for `quell_op_shield`; `visible` is of memory for a level, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_op_unshield(
    worker: *mut quell_worker_t,
    visible: *mut quell_level_t,
) -> quell_verdict_t {
    if !visible.is_aligned() {
        return quell_verdict_t::QUELL_INVALID;
    }
    // SAFETY: the caller's promise.
    let step = unsafe { work(worker, Packed::UNSHIELD, 0) };
    let level = if step.verdict == Verdict::Ok { step.word.visible() } else { None };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(visible, level.into()) };
    step.verdict.into()
}

/// Passes the commit point: from here on the effects stand, and a cancel is
/// told `QUELL_TOO_LATE`. Call it just before the act that cannot be undone.
///
/// Context: any; the worker only. Progress: lock-free (without
/// compare-and-swap: one or two bounded masked sections). Ordering: publishes the
/// worker's writes to requesters that are told `QUELL_TOO_LATE`; told
/// `QUELL_CANCELLING`, the worker sees what the requester wrote.
///
/// Returns `QUELL_OK`; `QUELL_CANCELLING` where a request came first, shielded
/// or not: nothing is committed, undo and acknowledge; `QUELL_BAD_STATE` where
/// the operation is not running; `QUELL_STALE`; `QUELL_INVALID` where the
/// pointer is null or misaligned, or `*worker` is no worker.
///
/// # Safety
/// As for `quell_op_shield`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_op_commit(worker: *mut quell_worker_t) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    unsafe { commit_or_finish(worker, Packed::COMMIT) }
}

/// Ends the operation: done.
///
/// Context: any; the worker only. Progress: lock-free (without
/// compare-and-swap: one or two bounded masked sections). Ordering: as
/// `quell_op_commit`, to whoever is told of the end.
///
/// Returns `QUELL_OK`; `QUELL_CANCELLING` of a decisive operation that has been
/// requested: undo, then acknowledge; `QUELL_BAD_STATE` where it is neither
/// running nor committed; `QUELL_STALE`; `QUELL_INVALID` where the pointer is
/// null or misaligned, or `*worker` is no worker.
///
/// # Safety
/// As for `quell_op_shield`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_op_finish(worker: *mut quell_worker_t) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    unsafe { commit_or_finish(worker, Packed::FINISH) }
}

/// Ends the operation with its own error code.
///
/// Context: any; the worker only. Progress: lock-free (without
/// compare-and-swap: two bounded masked sections). Ordering: as
/// `quell_op_commit`, to whoever is told of the end.
///
/// Returns `QUELL_OK`; `QUELL_CANCELLED` of a decisive operation that has been
/// requested: it ended as cancelled, effects unknown, and keeps the code;
/// `QUELL_BAD_STATE` where it is neither running nor committed; `QUELL_STALE`;
/// `QUELL_INVALID` where the pointer is null or misaligned, `*worker` is no
/// worker, or `code` is zero or in quell's own range 0x7FFF0000 to 0x7FFFFFFF
/// (`QUELL_CODE_ABANDONED` excepted). Where the owner was forcing the operation
/// at that very moment, the owner's code may stand and not this one.
///
/// # Safety
/// As for `quell_op_shield`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_op_fail(worker: *mut quell_worker_t, code: u32) -> quell_verdict_t {
    let Some(code) = Code::new(code) else {
        return quell_verdict_t::QUELL_INVALID;
    };
    // SAFETY: the caller's promise.
    unsafe { work(worker, Packed::FAIL, code.raw()) }.verdict.into()
}

/// Ends the operation as cancelled, and says what it left behind.
///
/// Context: any; the worker only. Progress: lock-free (without
/// compare-and-swap: one bounded masked section). Ordering: as
/// `quell_op_commit`, to whoever is told of the end.
///
/// Returns `QUELL_OK`, also where nobody asked: level and cause are then
/// `QUELL_LEVEL_GRACEFUL` and `QUELL_CAUSE_SELF`; `QUELL_BAD_STATE` where it is
/// not running, past the commit point too; `QUELL_STALE`; `QUELL_INVALID` where
/// the pointer is null or misaligned, `*worker` is no worker, or `effects` is
/// none of the enum's or `QUELL_EFFECTS_UNSTATED`.
///
/// # Safety
/// As for `quell_op_shield`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_op_acknowledge(
    worker: *mut quell_worker_t,
    effects: EffectsNumber,
) -> quell_verdict_t {
    let Some(effects) = Effects::from_raw(effects.0) else {
        return quell_verdict_t::QUELL_INVALID;
    };
    // SAFETY: the caller's promise.
    unsafe { work(worker, Packed::of(Event::Acknowledge(effects)), 0) }.verdict.into()
}
