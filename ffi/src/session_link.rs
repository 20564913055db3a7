//! Operations that are linked to a session, at any time.

use core::ptr;

use quell::{Answer, Cause, Level, LinkCell, Request, Verdict};

use crate::handle::quell_handle_t;
use crate::pointer;
use crate::session_storage::{config_of, quell_session_t, with_session};
use crate::terms::quell_verdict_t;

/// Links an operation to the session: an abort will cancel it, with cause
/// parent, once.
///
/// Context: any, also beside an abort. Progress: wait-free, O(links). Ordering:
/// what the caller wrote before is seen by the abort's cancel. Ownership:
/// `*target` is copied; its operation and gate stay in place until the link is
/// withdrawn or the session released. `place` may be null.
///
/// Returns `QUELL_OK`, and `*place` names the link; `QUELL_TOO_LATE`: the session
/// was aborted, and the operation has been asked by this very call;
/// `QUELL_FULL`; `QUELL_INVALID` where a pointer is null, misaligned, of no
/// session or of no handle. Except with `QUELL_OK`, `*place` is zero.
///
/// # Safety
/// As for `quell_session_initialise`; `target` of a handle, `place` of memory
/// for a number, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_session_link(
    session: *mut quell_session_t,
    target: *const quell_handle_t,
    place: *mut u32,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let target = unsafe { pointer::get(target) }.filter(quell_handle_t::is_one);
    let (verdict, found) = match target {
        // SAFETY: the caller's promise.
        Some(target) if place.is_aligned() => unsafe { put_link(session, target) },
        _ => (Verdict::Invalid, 0),
    };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(place, found) };
    verdict.into()
}

/// Takes a link back, so that its operation may go.
///
/// Context: any, also beside an abort. Progress: wait-free. Ordering: sees what
/// the abort's cancel did. Ownership: with `QUELL_OK` and `QUELL_RAN` nobody
/// comes back to the operation.
///
/// Returns `QUELL_OK`: the link is empty; `QUELL_RAN`: an abort has cancelled the
/// operation, and `*verdict` and `*code` are what `quell_cancel` was told;
/// `QUELL_BUSY`: an abort is at it, ask again; `QUELL_NOT_FOUND`: nothing is
/// linked there; `QUELL_INVALID` where the session's pointer is null, misaligned
/// or of no session, or another misaligned. `verdict` and `code` may be null,
/// and are zero except with `QUELL_RAN`.
///
/// # Safety
/// As for `quell_session_link`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_session_unlink(
    session: *mut quell_session_t,
    place: u32,
    verdict: *mut quell_verdict_t,
    code: *mut u32,
) -> quell_verdict_t {
    let aligned = verdict.is_aligned() && code.is_aligned();
    let (told, answer) = if aligned {
        // SAFETY: the caller's promise.
        unsafe { withdraw(session, place) }
    } else {
        (Verdict::Invalid, None)
    };
    let (answered, of_code) =
        answer.map_or((quell_verdict_t::QUELL_OK, 0), |a| (a.verdict.into(), a.code));
    // SAFETY: the caller's promise.
    unsafe { pointer::put(verdict, answered) };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(code, of_code) };
    told.into()
}

/// # Safety
/// As for `quell_session_link`.
unsafe fn put_link(session: *const quell_session_t, target: quell_handle_t) -> (Verdict, u32) {
    // SAFETY: the caller's promise.
    let Some(config) = (unsafe { config_of(session) }) else { return (Verdict::Invalid, 0) };
    let mut verdict = Verdict::Full;
    for place in 0..config.link_count {
        // SAFETY: the session's maker vouches for so many elements.
        let link = unsafe { config.links.add(place as usize) };
        // SAFETY: as above; the cell is what lies first in the element.
        let cell = unsafe { &*link.cast::<LinkCell>() };
        verdict = match cell.claim() {
            Verdict::Ok => {
                // SAFETY: the slot was claimed, so nobody reads it yet.
                unsafe { ptr::addr_of_mut!((*link).target).write(target) };
                cell.publish()
            }
            Verdict::TooLate => Verdict::TooLate,
            _ => continue,
        };
        if verdict == Verdict::Ok {
            return (Verdict::Ok, place);
        }
        break;
    }
    if verdict == Verdict::TooLate {
        // SAFETY: the caller's promise.
        let aborted = unsafe { with_session(session, |session| session.status().aborted()) };
        let level = aborted.flatten().map_or(Level::Immediate, |request| request.level);
        // SAFETY: the caller's own.
        let _ = unsafe { config.cancel(&target, Request::new(level, Cause::Parent)) };
    }
    (verdict, 0)
}

/// # Safety
/// As for `quell_session_unlink`.
unsafe fn withdraw(session: *const quell_session_t, place: u32) -> (Verdict, Option<Answer>) {
    // SAFETY: the caller's promise.
    let Some(config) = (unsafe { config_of(session) }) else { return (Verdict::Invalid, None) };
    if place >= config.link_count {
        return (Verdict::NotFound, None);
    }
    // SAFETY: the session's maker vouches for so many elements; the cell is
    // what lies first in the element.
    let cell = unsafe { &*config.links.add(place as usize).cast::<LinkCell>() };
    let verdict = cell.withdraw();
    (verdict, if verdict == Verdict::Ran { cell.answer() } else { None })
}
