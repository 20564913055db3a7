//! Operations and handles as C holds them.

use quell::{Op, Rights, Source, Ticket};

use crate::pointer;
use crate::terms::quell_verdict_t;

/// One cancellable piece of work: 8 bytes that its owner places anywhere (a
/// static, a stack frame, a command slot, memory shared by processes).
///
/// All-zero memory is a valid, vacant op. The fields are for the inlined poll
/// and for debuggers; only quell writes them. Ownership: the caller's; it must
/// stay in place while any handle of it is used.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct quell_op_t {
    /// Phase, request, mode and generation. SPEC.md, section 2.
    pub word: u32,
    /// The operation's own error code, or a blank. SPEC.md, section 2.
    pub code: u32,
}

/// Asked before a running gated operation takes a request.
///
/// Context: the requester's, with nothing locked. It may use the operation,
/// but a cancel from inside asks the gate again.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_gate_t {
    /// Returns zero to let the request pass, else the provider's own code,
    /// which the requester is told with `QUELL_REFUSED`. Null: every request
    /// passes.
    pub ask: Option<
        unsafe extern "C" fn(
            context: *mut core::ffi::c_void,
            level: crate::terms::quell_level_t,
            cause: crate::terms::quell_cause_t,
        ) -> u32,
    >,
    /// Handed to `ask` as it is.
    pub context: *mut core::ffi::c_void,
}

/// One generation of one operation, and what its holder may do with it. Copy
/// it freely; all-zero is no handle, and is told `QUELL_INVALID`.
///
/// Rights are a guard rail, not a wall: they keep a component from doing by
/// mistake what it was not given.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_handle_t {
    /// The operation; not owned.
    pub op: *mut quell_op_t,
    /// The gate that this handle brings, or null; not owned, and never written.
    pub gate: *const quell_gate_t,
    /// Generation and rights. SPEC.md, section 2.
    pub ticket: u32,
}

/// Only look. Every handle may.
pub const QUELL_RIGHT_OBSERVE: u32 = 0;
/// Ask for a cancel.
pub const QUELL_RIGHT_CANCEL: u32 = 1;
/// Start the operation, and so become its worker.
pub const QUELL_RIGHT_WORK: u32 = 2;
/// Force and retire it.
pub const QUELL_RIGHT_OWN: u32 = 4;
/// Everything.
pub const QUELL_RIGHT_ALL: u32 = 7;

const _: () = assert!(QUELL_RIGHT_OBSERVE == Rights::OBSERVE.raw());
const _: () = assert!(QUELL_RIGHT_CANCEL == Rights::CANCEL.raw());
const _: () = assert!(QUELL_RIGHT_WORK == Rights::WORK.raw());
const _: () = assert!(QUELL_RIGHT_OWN == Rights::OWN.raw());
const _: () = assert!(QUELL_RIGHT_ALL == Rights::ALL.raw());

impl quell_handle_t {
    pub(crate) const NONE: Self =
        Self { op: core::ptr::null_mut(), gate: core::ptr::null(), ticket: 0 };

    /// Whether it is a handle, as far as its bits can tell.
    pub(crate) fn is_one(&self) -> bool {
        self.checked().is_some() && self.gate.is_aligned()
    }

    /// A handle without a gate.
    pub(crate) const fn of(op: *mut quell_op_t, ticket: Ticket) -> Self {
        Self { op, gate: core::ptr::null(), ticket: ticket.raw() }
    }

    /// This handle and its ticket, if it is one.
    fn checked(self) -> Option<(Self, Ticket)> {
        let ticket = Ticket::from_raw(self.ticket)?;
        pointer::usable(self.op).then_some((self, ticket))
    }

    /// What this handle speaks of, if it is one.
    ///
    /// # Safety
    /// As for [`Place::of`].
    pub(crate) unsafe fn parts<'a>(self) -> Option<(Place<'a>, Ticket)> {
        let ticket = Ticket::from_raw(self.ticket)?;
        // SAFETY: the caller's promise is the same.
        Some((unsafe { Place::of(self.op, ticket.is_of_source()) }?, ticket))
    }
}

/// What a call is made on.
#[derive(Clone, Copy)]
pub(crate) enum Place<'a> {
    Plain(&'a Op),
    Telling(&'a Source),
}

impl<'a> Place<'a> {
    /// What is at this address; `of_source` says that it is a source's op.
    ///
    /// # Safety
    /// As for [`pointer::op`], or [`pointer::source`].
    #[inline(always)]
    pub(crate) unsafe fn of(op: *mut quell_op_t, of_source: bool) -> Option<Self> {
        if of_source {
            // SAFETY: the caller's promise: tickets of sources come from sources.
            unsafe { pointer::source(op) }.map(Self::Telling)
        } else {
            // SAFETY: the caller's promise.
            unsafe { pointer::op(op) }.map(Self::Plain)
        }
    }

    pub(crate) fn op(self) -> &'a Op {
        match self {
            Self::Plain(op) => op,
            Self::Telling(source) => source.op(),
        }
    }
}

/// A handle of whatever operation is in `op` now: the way into one that
/// another process armed, and the way to take over one whose owner died.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: `op` stays
/// the caller's. The caller of a handle with `QUELL_RIGHT_OWN` vouches that no
/// other owner is left.
///
/// Returns `QUELL_OK`; `QUELL_INVALID` where a pointer is null or misaligned,
/// or `rights` has an unknown bit: `*handle` is then all-zero.
///
/// # Safety
/// `op` is of an op, `handle` of memory for a handle, or neither is usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_op_open(
    op: *mut quell_op_t,
    rights: u32,
    handle: *mut quell_handle_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let cell = unsafe { pointer::op(op) };
    match (cell, Rights::from_raw(rights), pointer::usable(handle)) {
        (Some(cell), Some(rights), true) => {
            let opened = quell_handle_t::of(op, cell.ticket(rights));
            // SAFETY: the caller's promise.
            unsafe { pointer::put(handle, opened) };
            quell_verdict_t::QUELL_OK
        }
        _ => {
            // SAFETY: the caller's promise.
            unsafe { pointer::put(handle, quell_handle_t::NONE) };
            quell_verdict_t::QUELL_INVALID
        }
    }
}

/// A copy of a handle with fewer rights, to be given away. A gate that `from`
/// brings, the copy brings as well.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: `to` may be
/// `from`.
///
/// Returns `QUELL_OK`, also where `from` lacks some of `rights`: the copy then
/// lacks them too; `QUELL_INVALID` where a pointer is null or misaligned,
/// `*from` is no handle, or `rights` has an unknown bit: `*to` is then all-zero.
///
/// # Safety
/// `from` is of a handle, `to` of memory for one, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_handle_narrow(
    from: *const quell_handle_t,
    rights: u32,
    to: *mut quell_handle_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let held = unsafe { pointer::get(from) }.and_then(quell_handle_t::checked);
    let narrowed = held.and_then(|(held, ticket)| {
        let ticket = ticket.narrowed(Rights::from_raw(rights)?);
        Some(quell_handle_t { ticket: ticket.raw(), ..held })
    });
    // SAFETY: the caller's promise.
    unsafe { hand_over(narrowed, to) }
}

/// A copy of a handle that brings a gate: with it a gated operation can be
/// cancelled while it runs.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: `gate` stays
/// the caller's and must stay in place while the copy is used; null takes the
/// gate away. `to` may be `from`.
///
/// Returns `QUELL_OK`; `QUELL_INVALID` where `from` or `to` is null, any pointer
/// misaligned, or `*from` is no handle: `*to` is then all-zero.
///
/// # Safety
/// `from` is of a handle, `gate` of a gate, `to` of memory for a handle, or
/// not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_handle_with_gate(
    from: *const quell_handle_t,
    gate: *const quell_gate_t,
    to: *mut quell_handle_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let held = unsafe { pointer::get(from) }.and_then(quell_handle_t::checked);
    let gated = held.filter(|_| gate.is_aligned()).map(|(held, _)| quell_handle_t { gate, ..held });
    // SAFETY: the caller's promise.
    unsafe { hand_over(gated, to) }
}

/// Hands `made` to C, or an all-zero handle where there is none.
///
/// # Safety
/// `to` is of memory for a handle, or not usable.
pub(crate) unsafe fn hand_over(
    made: Option<quell_handle_t>,
    to: *mut quell_handle_t,
) -> quell_verdict_t {
    let verdict = match made {
        Some(_) if pointer::usable(to) => quell_verdict_t::QUELL_OK,
        _ => quell_verdict_t::QUELL_INVALID,
    };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(to, made.unwrap_or(quell_handle_t::NONE)) };
    verdict
}
