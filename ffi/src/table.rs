//! Tables of operations, in memory that C gives.

use core::ffi::c_void;
use core::mem::{align_of, size_of};
use core::slice;

use quell::{MAX_OWNER, MAX_SLOTS, Place, Slot, TableHeader, TableView, Ticket, Verdict};

use crate::handle::{quell_handle_t, quell_op_t};
use crate::pointer;
use crate::terms::quell_verdict_t;

/// Bytes of a table before its slots. SPEC.md, section "Table".
pub const QUELL_TABLE_HEADER_SIZE: u32 = 32;
/// Bytes of each slot.
pub const QUELL_TABLE_SLOT_SIZE: u32 = 24;
/// The most slots that a table can have.
pub const QUELL_TABLE_MAX_SLOTS: u32 = 32768;
/// The highest number that an owner may have.
pub const QUELL_TABLE_MAX_OWNER: u32 = 32767;

const _: () = assert!(QUELL_TABLE_HEADER_SIZE as usize == size_of::<TableHeader>());
const _: () = assert!(QUELL_TABLE_SLOT_SIZE as usize == size_of::<Slot>());
const _: () = assert!(QUELL_TABLE_MAX_SLOTS as usize == MAX_SLOTS);
const _: () = assert!(QUELL_TABLE_MAX_OWNER == MAX_OWNER as u32);
const _: () = assert!(align_of::<TableHeader>() == 4 && align_of::<Slot>() == 4);
// A slot begins with its op, so the address of an op says which slot it is in.
const _: () = assert!(size_of::<quell_op_t>() <= size_of::<Slot>());

/// Where a table lies, and how many slots it has. Start from
/// `QUELL_TABLE_CONFIG_INIT`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_table_config_t {
    /// `sizeof(quell_table_config_t)`: a program that was compiled with a later
    /// header may have a longer one.
    pub struct_size: u32,
    /// How many slots: from 1 to `QUELL_TABLE_MAX_SLOTS`.
    pub slots: u32,
    /// The table's memory, aligned to 4 bytes; not owned. It may be shared by
    /// processes, at another address in each.
    pub storage: *mut c_void,
    /// How many bytes: at least `QUELL_TABLE_STORAGE(slots)`.
    pub storage_size: usize,
}

/// A table as one process sees it. Copy it freely; all-zero is no table, and is
/// told `QUELL_INVALID`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_table_t {
    /// The table's memory; not owned.
    pub storage: *mut c_void,
    /// How many slots it has.
    pub slots: u32,
}

/// How many slots a table has, and how many of them are used.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_table_counts_t {
    /// All of them.
    pub slots: u32,
    /// In use now, those that are only held included.
    pub in_use: u32,
    /// The most that were in use at once so far.
    pub high_water: u32,
}

impl quell_table_t {
    const NONE: Self = Self { storage: core::ptr::null_mut(), slots: 0 };
}

impl quell_table_config_t {
    /// The table that this describes, as far as the numbers can tell.
    fn checked(self) -> Option<quell_table_t> {
        let slots =
            usize::try_from(self.slots).ok().filter(|slots| (1..=MAX_SLOTS).contains(slots))?;
        let bytes = size_of::<Slot>().checked_mul(slots)?.checked_add(size_of::<TableHeader>())?;
        let known = self.struct_size as usize >= size_of::<Self>();
        let usable = pointer::usable(self.storage.cast::<TableHeader>());
        (known && usable && self.storage_size >= bytes)
            .then_some(quell_table_t { storage: self.storage, slots: self.slots })
    }
}

/// A usable table: the view of it, and where its slots begin.
#[derive(Clone, Copy)]
pub(crate) struct Mapped<'a> {
    pub(crate) view: TableView<'a>,
    slots: *mut Slot,
}

/// The memory of `table`, as header and slots.
///
/// # Safety
/// Usable storage is of as many slots as it says, and only accessed atomically
/// for `'a`.
unsafe fn memory<'a>(table: quell_table_t) -> Option<(&'a TableHeader, &'a [Slot], *mut Slot)> {
    let count =
        usize::try_from(table.slots).ok().filter(|count| (1..=MAX_SLOTS).contains(count))?;
    let header = table.storage.cast::<TableHeader>();
    if !pointer::usable(header) {
        return None;
    }
    // SAFETY: the slots follow the header; the caller vouches for the memory.
    let slots = unsafe { header.add(1) }.cast::<Slot>();
    // SAFETY: aligned and not null; both types take any bits.
    Some(unsafe { (&*header, slice::from_raw_parts(slots, count), slots) })
}

/// The table at this address, if it is one.
///
/// # Safety
/// A usable address is of a table whose storage is still in place.
pub(crate) unsafe fn mapped<'a>(table: *const quell_table_t) -> Option<Mapped<'a>> {
    // SAFETY: the caller's promise.
    let (header, slots, first) = unsafe { memory(pointer::get(table)?) }?;
    TableView::attach(header, slots).ok().map(|view| Mapped { view, slots: first })
}

impl Mapped<'_> {
    /// The C handle of a place.
    pub(crate) fn handle(&self, place: Place) -> quell_handle_t {
        // A slot begins with its op.
        let op = self.slots.wrapping_add(place.slot).cast::<quell_op_t>();
        quell_handle_t { op, gate: core::ptr::null(), ticket: place.ticket.raw() }
    }

    /// The place of a C handle, if it is of this table.
    ///
    /// # Safety
    /// `handle` is of a handle, or not usable.
    pub(crate) unsafe fn place(&self, handle: *const quell_handle_t) -> Option<Place> {
        // SAFETY: the caller's promise.
        let held = unsafe { pointer::get(handle) }?;
        let distance = (held.op as usize).checked_sub(self.slots as usize)?;
        let slot = distance.checked_div(size_of::<Slot>())?;
        let whole = distance.checked_rem(size_of::<Slot>()) == Some(0);
        let ticket = Ticket::from_raw(held.ticket)?;
        (whole && slot < self.view.capacity()).then_some(Place { slot, ticket })
    }
}

/// Hands out the table that `make` made of the memory, or none.
///
/// # Safety
/// As for `quell_table_init`.
unsafe fn hand_over(
    config: *const quell_table_config_t,
    table: *mut quell_table_t,
    make: impl FnOnce(&TableHeader, &[Slot]) -> Result<(), Verdict>,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let found = unsafe { config_at(config) }.filter(|_| pointer::usable(table));
    // SAFETY: the caller's promise.
    let memory = found.and_then(|found| unsafe { memory(found) }.map(|memory| (found, memory)));
    let made = match memory {
        Some((found, (header, slots, _))) => make(header, slots).map(|()| found),
        None => Err(Verdict::Invalid),
    };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(table, made.unwrap_or(quell_table_t::NONE)) };
    made.map_or_else(quell_verdict_t::from, |_| quell_verdict_t::QUELL_OK)
}

/// What the configuration at this address describes.
///
/// # Safety
/// As for `quell_table_init`.
unsafe fn config_at(config: *const quell_table_config_t) -> Option<quell_table_t> {
    if !pointer::usable(config) {
        return None;
    }
    // Read first: a shorter one must not be read beyond its end.
    // SAFETY: usable, and the size comes first in every release.
    let size = unsafe { (*config).struct_size } as usize;
    if size < size_of::<quell_table_config_t>() {
        return None;
    }
    // SAFETY: as long as it says.
    unsafe { pointer::get(config) }?.checked()
}

/// Makes a table of whatever is in the storage: every slot free.
///
/// Context: any; the caller is alone with the storage, which holds no table
/// that anybody still uses. Progress: one pass over the storage. Ordering:
/// publishes to `quell_table_attach`. Ownership: the storage stays the
/// caller's, and in place while the table or any handle of it is used;
/// `config` is not kept. If the caller dies on the way, the storage is no table
/// yet.
///
/// Returns `QUELL_OK`; `QUELL_INVALID` where a pointer is null or misaligned,
/// `struct_size` is less than this release's, `slots` is none of 1 to
/// `QUELL_TABLE_MAX_SLOTS`, or the storage is too small. Except with
/// `QUELL_OK`, `*table` is all-zero.
///
/// # Safety
/// `config` is of a configuration that is as long as it says, and its storage
/// of as many bytes as it says; `table` of memory for a table, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_table_init(
    config: *const quell_table_config_t,
    table: *mut quell_table_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let found = unsafe { config_at(config) }.filter(|_| pointer::usable(table));
    if let Some(found) = found {
        let header = found.storage.cast::<TableHeader>();
        // The header first: what is half cleared is no table.
        // SAFETY: checked; the caller is alone with the storage.
        unsafe {
            header.write_bytes(0, 1);
            header.add(1).cast::<Slot>().write_bytes(0, found.slots as usize);
        }
    }
    // SAFETY: the caller's promise.
    unsafe { hand_over(config, table, |header, slots| TableView::format(header, slots).map(drop)) }
}

/// The table that somebody has made in this storage: another process, or an
/// earlier run of this program.
///
/// Context: any. Progress: wait-free. Ordering: sees what `quell_table_init`
/// wrote. Ownership: as `quell_table_init`.
///
/// Returns `QUELL_OK`; `QUELL_BAD_STATE` where no table has been made yet;
/// `QUELL_INVALID` as `quell_table_init`, and where the storage holds something
/// else, a table of another layout, or one of another number of slots. Except
/// with `QUELL_OK`, `*table` is all-zero.
///
/// # Safety
/// As for `quell_table_init`, but for being alone with the storage.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_table_attach(
    config: *const quell_table_config_t,
    table: *mut quell_table_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    unsafe { hand_over(config, table, |header, slots| TableView::attach(header, slots).map(drop)) }
}

/// How many slots there are, and how many of them are used.
///
/// Context: any. Progress: wait-free, one load for each slot. Ordering: none;
/// exact where nobody claims or retires meanwhile. Ownership: nothing is kept.
///
/// Returns `QUELL_OK`; `QUELL_INVALID` where a pointer is null or misaligned, or
/// `*table` is no table: `*counts` is then all-zero.
///
/// # Safety
/// `table` is of a table whose storage is still in place, `counts` of memory
/// for counts, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_table_counts(
    table: *const quell_table_t,
    counts: *mut quell_table_counts_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let mapped = unsafe { mapped(table) }.filter(|_| pointer::usable(counts));
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let found = mapped.map(|Mapped { view, .. }| quell_table_counts_t {
        slots: number(view.capacity()),
        in_use: number(view.in_use()),
        high_water: number(view.high_water()),
    });
    let nothing = quell_table_counts_t { slots: 0, in_use: 0, high_water: 0 };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(counts, found.unwrap_or(nothing)) };
    found.map_or(quell_verdict_t::QUELL_INVALID, |_| quell_verdict_t::QUELL_OK)
}

/// Says whether the owner of this number is dead; zero: it is not. Called with
/// nothing locked, any number of times for an owner.
pub type quell_table_dead_t = Option<unsafe extern "C" fn(context: *mut c_void, owner: u32) -> u32>;

/// Finishes what somebody who died left half done: slots marked as taken and
/// free, retirements that stopped half-way, and claims of owners that `dead`
/// vouches for, none of whose claims may go on. Operations that were armed are
/// not touched: `quell_table_look` finds them, with `QUELL_RIGHT_OWN` to force
/// and retire them.
///
/// Context: thread; any number at a time, beside any other call. Progress:
/// lock-free, some loads for each slot. Ordering: none. Ownership: `dead` may
/// be null: nobody is dead then; `freed` may be null.
///
/// Returns `QUELL_OK`, and `*freed` is how many slots are free now that were
/// not; `QUELL_INVALID` where `table` is null, a pointer misaligned, or
/// `*table` no table: `*freed` is then zero.
///
/// # Safety
/// `table` is of a table whose storage is still in place, `freed` of memory for
/// a number, or not usable; `dead` may be called with `context`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_table_sweep(
    table: *const quell_table_t,
    dead: quell_table_dead_t,
    context: *mut c_void,
    freed: *mut u32,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let mapped = unsafe { mapped(table) }.filter(|_| freed.is_aligned());
    let count = mapped.map(|Mapped { view, .. }| {
        view.sweep(|owner| {
            // SAFETY: the caller's promise.
            dead.is_some_and(|dead| unsafe { dead(context, owner.into()) } != 0)
        })
    });
    let number = count.map_or(0, |count| u32::try_from(count).unwrap_or(u32::MAX));
    // SAFETY: the caller's promise.
    unsafe { pointer::put(freed, number) };
    count.map_or(quell_verdict_t::QUELL_INVALID, |_| quell_verdict_t::QUELL_OK)
}
