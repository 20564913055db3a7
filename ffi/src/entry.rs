//! The operations in a table: claimed, found, held, retired.

use core::ffi::c_void;
use core::ptr::NonNull;

use quell::{Cause, Claim, Level, MAX_OWNER, Mode, Place, Request, Rights, TableView, Verdict};

use crate::handle::{quell_gate_t, quell_handle_t};
use crate::pointer;
use crate::status::quell_status_t;
use crate::table::{mapped, quell_table_t};
use crate::terms::{CauseNumber, LevelNumber, quell_verdict_t};

/// What is asked for by a claim. Start from `QUELL_TABLE_CLAIM_INIT`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_table_claim_t {
    /// `sizeof(quell_table_claim_t)`.
    pub struct_size: u32,
    /// The application's own name for the operation, a command identifier say.
    /// No two operations of a table are to have the same at a time: of two, the
    /// one in the lower slot is found.
    pub tag: u32,
    /// `QUELL_MODE_…`, combined with `|`.
    pub mode: u32,
    /// The number, up to `QUELL_TABLE_MAX_OWNER`, of the party that may die
    /// with this operation in its hands; 0 where nobody dies alone.
    pub owner: u32,
    /// Called, unless null, with the slot's number before anybody can find the
    /// operation, to set up what the application keeps beside it. It returns.
    pub prepare: Option<unsafe extern "C" fn(context: *mut c_void, slot: u32)>,
    /// Handed to `prepare` as it is.
    pub context: *mut c_void,
}

/// One consistent look at a slot in use.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_table_entry_t {
    /// A handle of the operation, with the rights that were asked for.
    pub handle: quell_handle_t,
    /// The operation.
    pub status: quell_status_t,
    /// The slot's number.
    pub slot: u32,
    /// The tag of this operation.
    pub tag: u32,
    /// The number of its owner.
    pub owner: u32,
    /// How often the slot is held.
    pub holds: u32,
}

impl quell_table_entry_t {
    const NOTHING: Self = Self {
        handle: quell_handle_t::NONE,
        status: quell_status_t::NOTHING,
        slot: 0,
        tag: 0,
        owner: 0,
        holds: 0,
    };
}

/// Claims a free slot and arms its operation.
///
/// Context: any, an interrupt included, as far as `prepare` is. Progress:
/// lock-free, constant steps, but one load for each 32 slots before it says
/// `QUELL_FULL` (without compare-and-swap: a bounded masked section for each of
/// some ten steps).
/// Ordering: as `quell_op_arm`; and `prepare` sees what those who held the slot
/// before wrote. Ownership: `claim` is not kept; `*owner` is a plain value with
/// every right, to be ended by `quell_table_retire`; `slot` may be null.
///
/// Returns `QUELL_OK`; `QUELL_FULL` where every slot was seen in use;
/// `QUELL_INVALID` where a pointer is null or misaligned, `*table` is no table,
/// `struct_size` is less than this release's, or `mode` or `owner` out of
/// range. Except with `QUELL_OK`, `*owner` is all-zero, and `*slot` zero.
///
/// # Safety
/// `table` is of a table whose storage is still in place, `claim` of a claim
/// that is as long as it says, `owner` and `slot` of memory for theirs, or not
/// usable; `prepare` may be called with `context`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_table_claim(
    table: *const quell_table_t,
    claim: *const quell_table_claim_t,
    owner: *mut quell_handle_t,
    slot: *mut u32,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let usable = unsafe { (mapped(table), claim_at(claim)) };
    let made = match usable {
        (Some(mapped), Some((asked, prepare, context)))
            if pointer::usable(owner) && slot.is_aligned() =>
        {
            let claimed = mapped.view.claim_with(asked, |number| {
                if let Some(prepare) = prepare {
                    // SAFETY: the caller's promise.
                    unsafe { prepare(context, number_of(number)) }
                }
            });
            claimed.map(|place| (mapped.handle(place), number_of(place.slot)))
        }
        _ => Err(Verdict::Invalid),
    };
    let (handle, number) = made.unwrap_or((quell_handle_t::NONE, 0));
    // SAFETY: the caller's promise.
    unsafe {
        pointer::put(owner, handle);
        pointer::put(slot, number);
    }
    made.map_or_else(quell_verdict_t::from, |_| quell_verdict_t::QUELL_OK)
}

type Prepare = Option<unsafe extern "C" fn(*mut c_void, u32)>;

/// The claim at this address, if it is one.
///
/// # Safety
/// As for `quell_table_claim`.
unsafe fn claim_at(claim: *const quell_table_claim_t) -> Option<(Claim, Prepare, *mut c_void)> {
    // SAFETY: usable, and the size comes first in every release.
    let size = if pointer::usable(claim) { unsafe { (*claim).struct_size } } else { 0 };
    if (size as usize) < size_of::<quell_table_claim_t>() {
        return None;
    }
    // SAFETY: as long as it says.
    let asked = unsafe { pointer::get(claim) }?;
    let mode = Mode::from_raw(asked.mode)?;
    let owner = u16::try_from(asked.owner).ok().filter(|owner| *owner <= MAX_OWNER)?;
    Some((Claim { tag: asked.tag, mode, owner }, asked.prepare, asked.context))
}

fn number_of(slot: usize) -> u32 {
    u32::try_from(slot).unwrap_or(u32::MAX)
}

/// Makes `call` with the place of `handle` in `table`.
///
/// # Safety
/// As for `quell_table_retire`.
unsafe fn with_place<'a>(
    table: *const quell_table_t,
    handle: *const quell_handle_t,
    call: fn(TableView<'a>, Place) -> Verdict,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    match unsafe { place(table, handle) } {
        Some((view, place)) => call(view, place).into(),
        None => quell_verdict_t::QUELL_INVALID,
    }
}

/// The place of `handle` in `table`.
///
/// # Safety
/// As for `quell_table_retire`.
unsafe fn place<'a>(
    table: *const quell_table_t,
    handle: *const quell_handle_t,
) -> Option<(TableView<'a>, Place)> {
    // SAFETY: the caller's promise.
    let mapped = unsafe { mapped(table) }?;
    // SAFETY: the caller's promise.
    unsafe { mapped.place(handle) }.map(|place| (mapped.view, place))
}

/// Ends the life of an ended operation of a table: every handle and worker of
/// it is stale from here on, its tag is not found any more, and its slot is
/// free, or will be when the last hold is released. In place of
/// `quell_op_retire`, which would leave the slot in use until this is called
/// for it, or a sweep.
///
/// Context: any; owner only. Progress: lock-free, constant steps (without
/// compare-and-swap: a bounded masked section for each of some six). Ordering: as
/// `quell_op_retire`. Ownership: `owner` is not kept.
///
/// Returns `QUELL_OK`; `QUELL_BAD_STATE` where it has not ended; `QUELL_DENIED`
/// without `QUELL_RIGHT_OWN`; `QUELL_STALE`; `QUELL_INVALID` where a pointer is
/// null or misaligned, `*table` is no table, or `*owner` no handle of it.
///
/// # Safety
/// `table` is of a table whose storage is still in place, `owner` of a handle,
/// or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_table_retire(
    table: *const quell_table_t,
    owner: *const quell_handle_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    unsafe { with_place(table, owner, TableView::retire) }
}

/// Keeps a slot from reuse, whatever becomes of its operation, until as many
/// `quell_table_release`: for hardware that may still complete into it. A late
/// completion meets its own generation, ended, or the next one, vacant.
///
/// Context: any. Progress: lock-free (without compare-and-swap: one bounded
/// masked section). Ordering: none. Ownership: `handle` is not kept.
///
/// Returns `QUELL_OK`; `QUELL_FULL` at 32767 holds; `QUELL_STALE` where the
/// operation has been retired; `QUELL_INVALID` as `quell_table_retire`.
///
/// # Safety
/// As for `quell_table_retire`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_table_hold(
    table: *const quell_table_t,
    handle: *const quell_handle_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    unsafe { with_place(table, handle, TableView::hold) }
}

/// Takes one hold back, before or after the retirement; the last one after it
/// frees the slot.
///
/// Context: any. Progress: lock-free (without compare-and-swap: one or two
/// bounded masked sections). Ordering: what was written before is seen by
/// whoever claims the slot next. Ownership: `handle` is not kept.
///
/// Returns `QUELL_OK`; `QUELL_BAD_STATE` where it is not held; `QUELL_STALE`
/// where the slot has been freed; `QUELL_INVALID` as `quell_table_retire`.
///
/// # Safety
/// As for `quell_table_retire`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_table_release(
    table: *const quell_table_t,
    handle: *const quell_handle_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    unsafe { with_place(table, handle, TableView::release) }
}

/// Takes all holds back: the caller vouches that nothing completes into the
/// slot any more, as after a reset of the device, or the death of a process
/// that held it.
///
/// Context, progress, ordering, ownership: as `quell_table_release`.
///
/// Returns as `quell_table_release`, and `QUELL_DENIED` without
/// `QUELL_RIGHT_OWN`.
///
/// # Safety
/// As for `quell_table_retire`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_table_release_all(
    table: *const quell_table_t,
    owner: *const quell_handle_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    unsafe { with_place(table, owner, TableView::release_all) }
}

/// The number of the slot that a handle's operation is in: the index of
/// whatever the application keeps beside the table.
///
/// Context: any. Progress: wait-free. Ordering: none.
///
/// Returns `QUELL_OK`, also where the handle is stale; `QUELL_INVALID` as
/// `quell_table_retire`, and where `slot` is null or misaligned: `*slot` is
/// then zero.
///
/// # Safety
/// As for `quell_table_retire`; `slot` is of memory for a number, or not
/// usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_table_slot(
    table: *const quell_table_t,
    handle: *const quell_handle_t,
    slot: *mut u32,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let place = unsafe { place(table, handle) }.filter(|_| pointer::usable(slot));
    // SAFETY: the caller's promise.
    unsafe { pointer::put(slot, place.map_or(0, |(_, place)| number_of(place.slot))) };
    place.map_or(quell_verdict_t::QUELL_INVALID, |_| quell_verdict_t::QUELL_OK)
}

/// A handle of the operation of this tag that has been armed and not been
/// retired, with these rights.
///
/// Context: any. Progress: wait-free, one load for each slot. Ordering: sees
/// what its owner wrote before it was armed. Ownership: `*handle` is a plain
/// value.
///
/// Returns `QUELL_OK`; `QUELL_NOT_FOUND` where none had this tag throughout the
/// call; `QUELL_INVALID` where a pointer is null or misaligned, `*table` is no
/// table, or `rights` has an unknown bit. Except with `QUELL_OK`, `*handle` is
/// all-zero.
///
/// # Safety
/// `table` is of a table whose storage is still in place, `handle` of memory
/// for a handle, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_table_find(
    table: *const quell_table_t,
    tag: u32,
    rights: u32,
    handle: *mut quell_handle_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let mapped = unsafe { mapped(table) }.filter(|_| pointer::usable(handle));
    let found = match (mapped, Rights::from_raw(rights)) {
        (Some(mapped), Some(rights)) => {
            let place = mapped.view.find(tag, rights).ok_or(Verdict::NotFound);
            place.map(|place| mapped.handle(place))
        }
        _ => Err(Verdict::Invalid),
    };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(handle, found.unwrap_or(quell_handle_t::NONE)) };
    found.map_or_else(quell_verdict_t::from, |_| quell_verdict_t::QUELL_OK)
}

/// Cancels the operation of this tag, and never one that has its slot now and
/// another tag. An operation of this tag that was claimed meanwhile is the one
/// of this tag: who means that and no other brings a handle to `quell_cancel`.
///
/// Context: any that the gate allows; an interrupt included. Progress:
/// lock-free, one load for each slot, the gate apart. Ordering: as
/// `quell_cancel`. Ownership: nothing is kept; `gate` and `code` may be null.
///
/// Returns what `quell_cancel` does, but `QUELL_STALE` and `QUELL_BAD_STATE`;
/// `QUELL_NOT_FOUND` where none had this tag throughout the call;
/// `QUELL_INVALID` where `table` is null, a pointer misaligned, `*table` no
/// table, or level or cause none of the enum's. `*code` is as `quell_cancel`
/// has it.
///
/// # Safety
/// `table` is of a table whose storage is still in place, `gate` of a gate,
/// `code` of memory for a number, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_table_cancel_by_tag(
    table: *const quell_table_t,
    tag: u32,
    level: LevelNumber,
    cause: CauseNumber,
    gate: *const quell_gate_t,
    code: *mut u32,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let mapped = unsafe { mapped(table) }.filter(|_| gate.is_aligned() && code.is_aligned());
    let (verdict, told) = match (mapped, Level::from_raw(level.0), Cause::from_raw(cause.0)) {
        (Some(mapped), Some(level), Some(cause)) => {
            let gate = NonNull::new(gate.cast_mut()).map(|gate| {
                // SAFETY: the gate's owner vouches for it, and for the function
                // and the context in it.
                move |request: Request| unsafe {
                    let quell_gate_t { ask, context } = gate.read();
                    ask.map_or(0, |ask| ask(context, request.level.into(), request.cause.into()))
                }
            });
            let answer = mapped.view.cancel_by_tag(tag, Request::new(level, cause), gate);
            (answer.verdict, answer.code)
        }
        _ => (Verdict::Invalid, 0),
    };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(code, told) };
    verdict.into()
}

/// One consistent look at a slot; a loop over the slots' numbers shows all
/// operations. The caller who asks for `QUELL_RIGHT_OWN` vouches that no other
/// owner is left, and so takes over the operation of one that died, to force it
/// (`quell_op_force`) and retire it.
///
/// Context: any. Progress: wait-free. Ordering: as `quell_op_status`.
///
/// Returns `QUELL_OK`; `QUELL_NOT_FOUND` where there is no operation in that
/// slot; `QUELL_INVALID` where a pointer is null or misaligned, `*table` is no
/// table, there is no such slot, or `rights` has an unknown bit. Except with
/// `QUELL_OK`, `*entry` is all-zero.
///
/// # Safety
/// `table` is of a table whose storage is still in place, `entry` of memory for
/// an entry, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_table_look(
    table: *const quell_table_t,
    slot: u32,
    rights: u32,
    entry: *mut quell_table_entry_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let mapped = unsafe { mapped(table) }.filter(|_| pointer::usable(entry));
    let number = usize::try_from(slot).unwrap_or(usize::MAX);
    let seen = match (mapped, Rights::from_raw(rights)) {
        (Some(mapped), Some(rights)) if number < mapped.view.capacity() => {
            mapped.view.look(number, rights).ok_or(Verdict::NotFound).map(|entry| {
                quell_table_entry_t {
                    handle: mapped.handle(entry.place),
                    status: entry.status.into(),
                    slot,
                    tag: entry.tag,
                    owner: entry.owner.into(),
                    holds: entry.holds,
                }
            })
        }
        _ => Err(Verdict::Invalid),
    };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(entry, seen.unwrap_or(quell_table_entry_t::NOTHING)) };
    seen.map_or_else(quell_verdict_t::from, |_| quell_verdict_t::QUELL_OK)
}
