//! Hooks, and members: hooks that pass a request on.

use core::ffi::c_void;
use core::mem::{align_of, offset_of, size_of};
use core::ptr;

use quell::{
    Added, Cause, Events, Hook, IfHappened, Level, Request, Source, Ticket, Told, Verdict,
};

use crate::handle::{Place, quell_handle_t};
use crate::pointer;
use crate::terms::{quell_cause_t, quell_effects_t, quell_level_t, quell_phase_t, quell_verdict_t};

/// A request has been recorded, shown to the worker or not.
pub const QUELL_EVENT_REQUEST: u32 = 1;
/// The level of the request is higher than this hook was told before. A hook
/// that did not ask for `QUELL_EVENT_REQUEST` is told of each level above
/// `QUELL_LEVEL_GRACEFUL`.
pub const QUELL_EVENT_RAISE: u32 = 2;
/// The operation has ended.
pub const QUELL_EVENT_END: u32 = 4;
/// All of them.
pub const QUELL_EVENT_ALL: u32 = 7;

const _: () = assert!(QUELL_EVENT_REQUEST == Events::REQUEST.raw());
const _: () = assert!(QUELL_EVENT_RAISE == Events::RAISE.raw());
const _: () = assert!(QUELL_EVENT_END == Events::END.raw());
const _: () = assert!(QUELL_EVENT_ALL == Events::ALL.raw());

/// What a hook, or who waits, is told.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_told_t {
    /// `QUELL_EVENT_…` that have happened since this hook was told last.
    pub events: u32,
    /// Where the operation is in its life.
    pub phase: quell_phase_t,
    /// The level of the request in force.
    pub level: quell_level_t,
    /// The cause of that request.
    pub cause: quell_cause_t,
    /// What an operation that ended otherwise than finished left behind.
    pub effects: quell_effects_t,
    /// The operation's own code, or zero.
    pub code: u32,
}

impl quell_told_t {
    pub(crate) const NOTHING: Self = Self {
        events: 0,
        phase: quell_phase_t::QUELL_PHASE_VACANT,
        level: quell_level_t::QUELL_LEVEL_NONE,
        cause: quell_cause_t::QUELL_CAUSE_NONE,
        effects: quell_effects_t::QUELL_EFFECTS_UNSTATED,
        code: 0,
    };
}

impl From<Told> for quell_told_t {
    fn from(told: Told) -> Self {
        // SAFETY: of the same layout (asserted below), and every number that the
        // core puts into it is one of its enum's.
        unsafe { core::mem::transmute::<Told, Self>(told) }
    }
}

// Both sides' layouts: the core hands its own over.
const _: () = assert!(size_of::<quell_told_t>() == size_of::<Told>());
const _: () = assert!(align_of::<quell_told_t>() == align_of::<Told>());
const _: () = assert!(offset_of!(quell_told_t, events) == offset_of!(Told, events));
const _: () = assert!(offset_of!(quell_told_t, phase) == offset_of!(Told, phase));
const _: () = assert!(offset_of!(quell_told_t, level) == offset_of!(Told, level));
const _: () = assert!(offset_of!(quell_told_t, cause) == offset_of!(Told, cause));
const _: () = assert!(offset_of!(quell_told_t, effects) == offset_of!(Told, effects));
const _: () = assert!(offset_of!(quell_told_t, code) == offset_of!(Told, code));

/// A hook's function.
///
/// Context: with nothing locked, on whichever thread made the thing happen,
/// before that call returns; where an interrupt did, in `quell_drain`. It may
/// cancel, poll, add and detach hooks, its own included. What it makes happen to
/// the same operation is told after it has returned. It must not unwind.
/// `told` is in place until it returns.
pub type quell_hook_fn_t =
    Option<unsafe extern "C" fn(context: *mut c_void, told: *const quell_told_t)>;

/// Storage of one registration: 16 bytes on 32-bit targets, 32 on 64-bit.
///
/// All-zero memory is a valid hook that has not been added. Ownership: the
/// caller's; it stays in place from `quell_hook_add` until `quell_hook_detach`
/// says that it is off, or its function has been told of all that it asked for
/// and has returned. Only quell reads and writes it.
#[repr(C, align(8))]
#[derive(Debug)]
pub struct quell_hook_t {
    /// Only quell reads and writes it.
    pub reserved: [*mut c_void; 4],
}

const _: () = assert!(size_of::<quell_hook_t>() == size_of::<Hook>());
const _: () = assert!(align_of::<quell_hook_t>() == align_of::<Hook>());

/// Storage of one member: another operation that is asked when this one is.
///
/// All-zero memory is a valid member that has not been added. Ownership: as for
/// `quell_hook_t`.
#[repr(C)]
#[derive(Debug)]
pub struct quell_member_t {
    /// For `quell_hook_detach`.
    pub hook: quell_hook_t,
    /// The operation that is asked.
    pub member: quell_handle_t,
}

/// The source of this handle, and its ticket.
///
/// # Safety
/// As for `quell_hook_add`.
unsafe fn source_of<'a>(
    handle: *const quell_handle_t,
) -> Result<(&'a Source, Ticket), quell_verdict_t> {
    // SAFETY: the caller's promise.
    match unsafe { pointer::get(handle).and_then(|held| held.parts()) } {
        Some((Place::Telling(source), ticket)) => Ok((source, ticket)),
        Some((Place::Plain(_), _)) => Err(quell_verdict_t::QUELL_UNSUPPORTED),
        None => Err(quell_verdict_t::QUELL_INVALID),
    }
}

/// The hook at this address.
///
/// # Safety
/// A usable address is of memory that stays a hook for `'a`.
unsafe fn at<'a>(hook: *const quell_hook_t) -> Option<&'a Hook> {
    // SAFETY: aligned and not null; the caller vouches for the memory.
    if pointer::usable(hook) { Some(unsafe { &*hook.cast::<Hook>() }) } else { None }
}

/// # Safety
/// As for `quell_hook_add`.
unsafe fn add(
    handle: *const quell_handle_t,
    hook: *mut quell_hook_t,
    (function, context): (quell_hook_fn_t, *mut c_void),
    events: u32,
    happened: *mut u32,
    if_happened: IfHappened,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let checked = match (unsafe { at(hook) }, function, Events::from_raw(events)) {
        (Some(hook), Some(function), Some(events)) if happened.is_aligned() => {
            // SAFETY: the caller's promise.
            unsafe { source_of(handle) }.map(|of| (of, hook, function, events))
        }
        _ => Err(quell_verdict_t::QUELL_INVALID),
    };
    let added = checked.map(|((source, ticket), hook, function, events)| {
        // SAFETY: two pointers to functions that differ in the type of what
        // they point at in turn, whose layouts are the same (asserted above).
        let function = unsafe {
            core::mem::transmute::<
                unsafe extern "C" fn(*mut c_void, *const quell_told_t),
                quell::HookFn,
            >(function)
        };
        // SAFETY: the caller's promise.
        unsafe { source.add(ticket, hook, (function, context), events, if_happened) }
    });
    let (verdict, met) = match added {
        Ok(Added { verdict, happened }) => (verdict.into(), happened.raw()),
        Err(refusal) => (refusal, 0),
    };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(happened, met) };
    verdict
}

/// Adds a hook. What has happened already is reported, not told.
///
/// `events`: `QUELL_EVENT_…`, combined with `|`.
///
/// Context: thread; an interrupt only where no hook of the operation is run or
/// added by what it interrupts. Progress: one bounded lock (on bare metal: one
/// bounded masked section). Ordering: a hook sees what was written before the
/// thing that it is told of. Ownership: `hook` stays the caller's, and in place:
/// see `quell_hook_t`; `function` and `context` are used till then; `happened`
/// may be null.
///
/// Returns
/// - `QUELL_OK`: added; nothing of it had happened;
/// - `QUELL_HAPPENED`: `*happened` had, and will not be told; the hook is added
///   for the rest, if the operation goes on;
/// - `QUELL_RAN`: the operation has ended without any of it; nothing is added;
/// - `QUELL_BAD_STATE`: the hook is added already, or the source is vacant;
/// - `QUELL_UNSUPPORTED`: the operation has no source;
/// - `QUELL_STALE`: the handle is of an earlier generation;
/// - `QUELL_INVALID`: a pointer is null or misaligned, `*handle` is no handle, or
///   `events` is zero or has an unknown bit.
///
/// `*happened` is zero except with `QUELL_HAPPENED`.
///
/// # Safety
/// `handle` is of a handle whose source is still in place, `hook` of a hook,
/// `happened` of memory for a number, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_hook_add(
    handle: *const quell_handle_t,
    hook: *mut quell_hook_t,
    function: quell_hook_fn_t,
    context: *mut c_void,
    events: u32,
    happened: *mut u32,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    unsafe { add(handle, hook, (function, context), events, happened, IfHappened::Report) }
}

/// Adds a hook. What has happened already it is told before this returns.
///
/// Context: thread. Progress: bounded locks, then perhaps the hook. Ordering,
/// Ownership and what it returns: as `quell_hook_add`, except that with
/// `QUELL_HAPPENED` the function has run.
///
/// # Safety
/// As for `quell_hook_add`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_hook_add_and_tell(
    handle: *const quell_handle_t,
    hook: *mut quell_hook_t,
    function: quell_hook_fn_t,
    context: *mut c_void,
    events: u32,
) -> quell_verdict_t {
    let happened = ptr::null_mut();
    // SAFETY: the caller's promise.
    unsafe { add(handle, hook, (function, context), events, happened, IfHappened::Run) }
}

/// # Safety
/// As for `quell_hook_detach`.
unsafe fn detach(
    handle: *const quell_handle_t,
    hook: *mut quell_hook_t,
    how: impl FnOnce(&Source, &Hook) -> Verdict,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    match (unsafe { source_of(handle) }, unsafe { at(hook) }) {
        (Ok((source, _)), Some(hook)) => how(source, hook).into(),
        (Err(refusal), Some(_)) => refusal,
        (_, None) => quell_verdict_t::QUELL_INVALID,
    }
}

/// Takes a hook off, without waiting.
///
/// Context: as `quell_hook_add`, and inside a hook; inside its own function the
/// hook, and what `context` points at, may be freed as soon as this returns.
/// Progress: one bounded lock. Ordering: `QUELL_RAN` sees what the function
/// wrote. Ownership: `hook` is the caller's again, except with `QUELL_RUNNING`
/// from outside its function. `handle` is of the source that it was added to,
/// of any generation.
///
/// Returns
/// - `QUELL_OK`: removed; it will not be told anything more;
/// - `QUELL_RUNNING`: it is being told at this moment; inside its own function:
///   it is off, and quell does not touch it any more;
/// - `QUELL_RAN`: it was off already: it has been told all, or the operation has
///   ended without that;
/// - `QUELL_NOT_FOUND`: it has not been added;
/// - `QUELL_UNSUPPORTED`: the operation has no source;
/// - `QUELL_INVALID`: a pointer is null or misaligned, or `*handle` is no handle.
///
/// # Safety
/// As for `quell_hook_add`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_hook_detach(
    handle: *const quell_handle_t,
    hook: *mut quell_hook_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    unsafe { detach(handle, hook, Source::detach) }
}

/// Takes a hook off, and waits until its function has returned where another
/// thread is running it. Inside its own function: as `quell_hook_detach`.
///
/// Two hooks on two threads that detach each other so wait for ever: use
/// `quell_hook_detach` there.
///
/// Context: thread. Progress: blocks while the hook runs. Ordering: sees what
/// the function wrote. Ownership: `hook` is the caller's again.
///
/// Returns as `quell_hook_detach`, with `QUELL_RUNNING` only inside its own
/// function; `QUELL_WOULD_BLOCK` in an interrupt where it would have to wait.
///
/// # Safety
/// As for `quell_hook_add`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_hook_detach_sync(
    handle: *const quell_handle_t,
    hook: *mut quell_hook_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    unsafe { detach(handle, hook, Source::detach_sync) }
}

/// Asks the member, as its parent was asked.
///
/// # Safety
/// `member` is of a member whose operation is in place; `told` is readable.
unsafe extern "C" fn pass_on(member: *mut c_void, told: *const quell_told_t) {
    let member = member.cast::<quell_member_t>();
    // SAFETY: the caller's promise.
    let (held, level) = unsafe { ((*member).member, (*told).level) };
    let Some(level) = Level::from_raw(level as u32) else { return };
    // SAFETY: the caller's promise.
    let Some((place, ticket)) = (unsafe { held.parts() }) else { return };
    let request = Request::new(level, Cause::Parent);
    let gate: Option<fn(Request) -> u32> = None;
    let _ = match place {
        Place::Plain(op) => op.cancel(ticket, request, gate),
        Place::Telling(source) => source.cancel(ticket, request, gate),
    };
}

/// Makes `child` a member of the operation of `parent`: when that is asked, the
/// child is asked at the same level with `QUELL_CAUSE_PARENT`; at once, where
/// that has been asked already. The child is not kept from ending, and its end
/// is not the parent's. A gated child refuses: its gate is not asked.
///
/// Context, Progress, Ordering: as `quell_hook_add_and_tell`. Ownership:
/// `member` stays the caller's, and in place, and so does the child's operation,
/// until `quell_hook_detach` of `&member->hook` says that it is off; `child` is
/// copied.
///
/// Returns as `quell_hook_add_and_tell`; `QUELL_DENIED` where `child` has no
/// right to cancel.
///
/// # Safety
/// As for `quell_hook_add`; `child` is of a handle whose op is in place.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_member_add(
    parent: *const quell_handle_t,
    member: *mut quell_member_t,
    child: *const quell_handle_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let held = unsafe { pointer::get(child) };
    // SAFETY: the caller's promise.
    let rights = held.and_then(|held| unsafe { held.parts() }).map(|(_, ticket)| ticket.rights());
    let (Some(held), Some(rights), true) = (held, rights, pointer::usable(member)) else {
        return quell_verdict_t::QUELL_INVALID;
    };
    if !rights.contains(quell::Rights::CANCEL) {
        return quell_verdict_t::QUELL_DENIED;
    }
    // SAFETY: the caller's promise.
    if unsafe { at(&raw const (*member).hook) }.is_some_and(Hook::is_free) {
        // SAFETY: the caller's promise; not added, so nobody else reads it.
        unsafe { (*member).member = held };
    }
    let events = QUELL_EVENT_REQUEST | QUELL_EVENT_RAISE;
    // SAFETY: the caller's promise.
    unsafe {
        let hook = &raw mut (*member).hook;
        quell_hook_add_and_tell(parent, hook, Some(pass_on), member.cast(), events)
    }
}
