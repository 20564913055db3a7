//! A session's verbs. What a session is made of stands in `session_storage.rs`.

use quell::{Aborted, Cause, Code, Level, Purpose, Request, Verdict};

use crate::pointer;
use crate::session_storage::{
    quell_aborted_t, quell_participant_t, quell_session_config_t, quell_session_status_t,
    quell_session_t, verb, with_session,
};
use crate::terms::{CauseNumber, LevelNumber, quell_verdict_t};

/// Makes a session of this configuration, which is copied. It is not
/// initialised yet. What lay at `session` before, and in the arrays, is lost.
///
/// Context: any; the requester only, before anybody else has the session.
/// Progress: wait-free, O(participants + links). Ordering: none; whoever is
/// handed the session sees it by that. Ownership: `session`, the arrays and the
/// lock stay the caller's, and in place while anybody uses the session; `*lock`
/// is not touched.
///
/// Returns `QUELL_OK`; `QUELL_INVALID` where a pointer is null or misaligned (an
/// array of no elements may be null), `tell` or `now` is null, or `struct_size`
/// smaller than this version's: `*session` is then all-zero, and told
/// `QUELL_INVALID` by every call.
///
/// # Safety
/// `session` is of memory for a session, `config` of a configuration whose
/// arrays have so many elements, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_session_init(
    session: *mut quell_session_t,
    config: *const quell_session_config_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let made = unsafe { quell_session_t::made_of(config) };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(session, made.unwrap_or(quell_session_t::NONE)) };
    match made {
        Some(_) if pointer::usable(session) => quell_verdict_t::QUELL_OK,
        _ => quell_verdict_t::QUELL_INVALID,
    }
}

/// Begins a session for `purpose`, a `quell_purpose_t`. Every other verb needs
/// that.
///
/// Context: any; the requester only. Progress: lock-free. Ordering: none.
/// Ownership: nothing new is kept.
///
/// Returns `QUELL_OK`; `QUELL_BAD_STATE` where it was initialised before, and
/// not released since; `QUELL_INVALID` where the pointer is null, misaligned or
/// of no session, or `purpose` is none of the enum's.
///
/// # Safety
/// `session` is of a session whose arrays and lock are still in place, or not
/// usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_session_initialise(
    session: *mut quell_session_t,
    purpose: u32,
) -> quell_verdict_t {
    let Some(purpose) = Purpose::from_raw(purpose) else { return quell_verdict_t::QUELL_INVALID };
    // SAFETY: the caller's promise.
    let told = unsafe { with_session(session, |session| session.initialise(purpose)) };
    told.unwrap_or(Verdict::Invalid).into()
}

/// Starts a snapshot set, and locks the sessions that share the lock out until
/// it has ended: aborted with everybody told, or the snapshot announced.
///
/// Context: any that the callbacks allow; the requester only. Progress:
/// lock-free. Ordering: as the operation's own verbs. Ownership: nothing new is kept.
///
/// Returns `QUELL_OK`; `QUELL_BUSY` where another session has a set: nothing changes;
/// `QUELL_BAD_STATE`, also for a restore;
/// `QUELL_INVALID` where the pointer is null, misaligned or of no session.
///
/// # Safety
/// As for `quell_session_initialise`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_session_start_set(session: *mut quell_session_t) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    unsafe { verb(session, |session, _| session.start_set(), 0) }
}

/// Tells every participant `QUELL_NOTICE_PREPARE`.
///
/// Context: any that the callbacks allow; the requester only. Progress:
/// lock-free, the callbacks apart. Ordering: as the operation's own verbs. Ownership: nothing new is kept.
///
/// Returns `QUELL_OK`; `QUELL_FAILED` where a participant refused: it is told nothing more but
/// an abort, and the session may go on without it; `QUELL_CANCELLED` where the
/// session was aborted meanwhile; `QUELL_BAD_STATE`;
/// `QUELL_INVALID` where the pointer is null, misaligned or of no session.
///
/// # Safety
/// As for `quell_session_initialise`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_session_prepare(session: *mut quell_session_t) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    unsafe { verb(session, |session, _| session.prepare(), 0) }
}

/// Tells every participant `QUELL_NOTICE_PREPARE_SNAPSHOT`.
///
/// Context: any that the callbacks allow; the requester only. Progress:
/// lock-free, the callbacks apart. Ordering: as the operation's own verbs. Ownership: nothing new is kept.
///
/// Returns `QUELL_OK`; `QUELL_FAILED` where a participant refused, as for
/// `quell_session_prepare`; `QUELL_CANCELLED` where the session was aborted
/// meanwhile; `QUELL_BAD_STATE`;
/// `QUELL_INVALID` where the pointer is null, misaligned or of no session.
///
/// # Safety
/// As for `quell_session_initialise`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_session_prepare_snapshot(
    session: *mut quell_session_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    unsafe { verb(session, |session, _| session.prepare_snapshot(), 0) }
}

/// Freezes every participant. A refusal, or one that takes too long, aborts the
/// session.
///
/// Context: any that the callbacks allow; the requester only. Progress:
/// lock-free, the callbacks apart. Ordering: as the operation's own verbs. Ownership: nothing new is kept.
///
/// Returns `QUELL_OK`; `QUELL_CANCELLED` where the session has been aborted;
/// `QUELL_BAD_STATE`;
/// `QUELL_INVALID` where the pointer is null, misaligned or of no session.
///
/// # Safety
/// As for `quell_session_initialise`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_session_freeze(session: *mut quell_session_t) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    unsafe { verb(session, |session, _| session.freeze(), 0) }
}

/// Notes that the system holds all writes from now on: for `hold_limit` ticks at
/// most, else the session is aborted.
///
/// Context: any that the callbacks allow; the requester only. Progress:
/// lock-free. Ordering: as the operation's own verbs. Ownership: nothing new is kept.
///
/// Returns `QUELL_OK`; `QUELL_CANCELLED` where the session has been aborted;
/// `QUELL_BAD_STATE`;
/// `QUELL_INVALID` where the pointer is null, misaligned or of no session.
///
/// # Safety
/// As for `quell_session_initialise`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_session_hold(session: *mut quell_session_t) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    unsafe { verb(session, |session, _| session.hold(), 0) }
}

/// Thaws every participant, and ends the hold. A refusal, or one that takes too
/// long, aborts the session.
///
/// Context: any that the callbacks allow; the requester only. Progress:
/// lock-free, the callbacks apart. Ordering: as the operation's own verbs. Ownership: nothing new is kept.
///
/// Returns `QUELL_OK`; `QUELL_CANCELLED` where the session has been aborted;
/// `QUELL_BAD_STATE`;
/// `QUELL_INVALID` where the pointer is null, misaligned or of no session.
///
/// # Safety
/// As for `quell_session_initialise`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_session_thaw(session: *mut quell_session_t) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    unsafe { verb(session, |session, _| session.thaw(), 0) }
}

/// The snapshot stands: the commit point. Tells every participant so; then other
/// sessions are let in. From here on no abort reaches a participant.
///
/// Context: any that the callbacks allow; the requester only. Progress:
/// lock-free, the callbacks apart. Ordering: as the operation's own verbs. Ownership: nothing new is kept.
///
/// Returns `QUELL_OK`; `QUELL_FAILED` where a participant refused: the snapshot stands all the
/// same; `QUELL_CANCELLED` where an abort came first; `QUELL_BAD_STATE`;
/// `QUELL_INVALID` where the pointer is null, misaligned or of no session.
///
/// # Safety
/// As for `quell_session_initialise`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_session_post_snapshot(
    session: *mut quell_session_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    unsafe { verb(session, |session, _| session.post_snapshot(), 0) }
}

/// Tells every participant that the backup has succeeded.
///
/// Context: any that the callbacks allow; the requester only. Progress:
/// lock-free, the callbacks apart. Ordering: as the operation's own verbs. Ownership: nothing new is kept.
///
/// Returns `QUELL_OK`; `QUELL_FAILED` where a participant refused; `QUELL_CANCELLED` where an
/// abort came meanwhile: the rest were not told; `QUELL_BAD_STATE`;
/// `QUELL_INVALID` where the pointer is null, misaligned or of no session.
///
/// # Safety
/// As for `quell_session_initialise`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_session_complete(session: *mut quell_session_t) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    unsafe { verb(session, |session, _| session.complete(), 0) }
}

/// Notes that the provider, or the system, could not make the snapshot. Once
/// participants have been told of it, that aborts the session.
///
/// Context: any that the callbacks allow. Progress: lock-free, the callbacks
/// apart. Ordering: as `quell_session_abort`. Ownership: nothing is kept.
///
/// Returns `QUELL_CANCELLED` or `QUELL_CANCELLING`: aborted, as
/// `quell_session_abort`; `QUELL_FAILED`: it came before anything that an
/// automatic abort is for, and the requester still has to abort;
/// `QUELL_IGNORED` where it was aborted before; `QUELL_TOO_LATE`: the snapshot
/// stands; `QUELL_BUSY`: a verb is telling participants to prepare;
/// `QUELL_BAD_STATE`; `QUELL_INVALID` where the pointer is null, misaligned or
/// of no session, or `code` is zero or in quell's own range.
///
/// # Safety
/// As for `quell_session_initialise`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_session_provider_failed(
    session: *mut quell_session_t,
    code: u32,
) -> quell_verdict_t {
    let Some(code) = Code::new(code) else { return quell_verdict_t::QUELL_INVALID };
    // SAFETY: the caller's promise.
    let told = unsafe { with_session(session, |session| session.provider_failed(code)) };
    told.unwrap_or(Verdict::Invalid).into()
}

/// Looks at the clock for whoever may be stuck in a callback: aborts the session
/// if a participant has been frozen for more than `freeze_limit` ticks, or the
/// hold has for more than `hold_limit`.
///
/// Context: any that the callbacks allow. Progress: lock-free, the callbacks of
/// an abort apart. Ordering: as `quell_session_abort`. Ownership: nothing is
/// kept. Units: the ticks of `now` in the configuration.
///
/// Returns `QUELL_OK`: nothing is late; `QUELL_TIMED_OUT`: something is, and the
/// session has been aborted for it; `QUELL_INVALID` where the pointer is null,
/// misaligned or of no session.
///
/// # Safety
/// As for `quell_session_initialise`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_session_expire(
    session: *mut quell_session_t,
    now: u32,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    unsafe { verb(session, |session, now| session.expire(now), now) }
}

/// Ends the backup here. Every participant that has not ended is told, once;
/// the linked operations are cancelled, with cause parent.
///
/// Context: any that the callbacks allow, any thread, at any time; from inside a
/// participant's callback too: that participant is told when it returns.
/// Progress: lock-free, the callbacks apart. Ordering: as `quell_cancel`.
/// Ownership: nothing is kept; `aborted` may be null.
///
/// Returns
/// - `QUELL_CANCELLED`: aborted, and everybody has been told who had to be;
/// - `QUELL_CANCELLING`: aborted; a verb is still under way, which tells the
///   participants that are owed it, and then the set ends;
/// - `QUELL_OK`: the snapshot stands, and no participant is told; the session is
///   over, and cannot be completed any more;
/// - `QUELL_IGNORED`: nothing was under way, or it was over, or aborted before;
/// - `QUELL_UNSUPPORTED`: it is a restore;
/// - `QUELL_BAD_STATE`: it is not initialised;
/// - `QUELL_INVALID`: a pointer is null, misaligned or of no session, or level
///   or cause is none of the enum's.
///
/// `*aborted` says whom this call told; it is all-zero except with
/// `QUELL_CANCELLED` and `QUELL_CANCELLING`.
///
/// # Safety
/// As for `quell_session_initialise`; `aborted` of memory for its counts, or not
/// usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_session_abort(
    session: *mut quell_session_t,
    level: LevelNumber,
    cause: CauseNumber,
    aborted: *mut quell_aborted_t,
) -> quell_verdict_t {
    const INVALID: Aborted = Aborted { verdict: Verdict::Invalid, told: 0, owed: 0, refused: 0 };
    let told = match (Level::from_raw(level.0), Cause::from_raw(cause.0), aborted.is_aligned()) {
        (Some(level), Some(cause), true) => {
            let request = Request::new(level, cause);
            // SAFETY: the caller's promise.
            unsafe { with_session(session, |session| session.abort(request)) }.unwrap_or(INVALID)
        }
        _ => INVALID,
    };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(aborted, told.into()) };
    told.verdict.into()
}

/// Lets go of the session: it is not initialised any more, and its memory can be
/// used for another, or given up. Participants that were told of the backup are
/// told `QUELL_NOTICE_SHUTDOWN`; those that are frozen, of an abort first. The
/// links are empty again.
///
/// Context: any that the callbacks allow; the requester only, and its last call:
/// nobody else calls at the same time. Progress: lock-free, the callbacks apart.
/// Ordering: none. Ownership: nothing is kept.
///
/// Returns `QUELL_OK`; `QUELL_BUSY` where a verb or an abort is under way: nothing
/// changes, and nothing is aborted by that; `QUELL_BAD_STATE` where it is not
/// initialised; `QUELL_INVALID` where the pointer is null, misaligned or of no
/// session.
///
/// # Safety
/// As for `quell_session_initialise`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_session_release(session: *mut quell_session_t) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let told = unsafe { with_session(session, |session| session.release()) };
    if told == Some(Verdict::Ok) {
        // SAFETY: the caller's promise; it was of a session just now.
        unsafe { quell_session_t::clear_links(session) };
    }
    told.unwrap_or(Verdict::Invalid).into()
}

/// Looks at a session. The parts of the answer are each consistent, and read
/// one after the other.
///
/// Context: any, an interrupt included. Progress: wait-free. Ordering: whoever
/// sees an abort or an end sees what led to it. Ownership: nothing is kept.
///
/// Returns `QUELL_OK`; `QUELL_INVALID` where a pointer is null, misaligned or of
/// no session: `*status` is then all-zero.
///
/// # Safety
/// As for `quell_session_initialise`; `status` of memory for a status, or not
/// usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_session_look(
    session: *const quell_session_t,
    status: *mut quell_session_status_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let seen = unsafe { with_session(session, |session| session.status()) };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(status, seen.map(Into::into).unwrap_or_default()) };
    match seen {
        Some(_) if pointer::usable(status) => quell_verdict_t::QUELL_OK,
        _ => quell_verdict_t::QUELL_INVALID,
    }
}

/// Looks at a participant, once and consistently.
///
/// Context: any, an interrupt included. Progress: wait-free. Ordering: as
/// `quell_session_look`. Ownership: nothing is kept.
///
/// Returns `QUELL_OK`; `QUELL_NOT_FOUND` where the session has no participant of
/// this number; `QUELL_INVALID` where a pointer is null, misaligned or of no
/// session. Except with `QUELL_OK`, `*participant` is all-zero.
///
/// # Safety
/// As for `quell_session_look`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_session_participant(
    session: *const quell_session_t,
    place: u32,
    participant: *mut quell_participant_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let seen = unsafe { with_session(session, |session| session.participant(place as usize)) };
    let found = seen.flatten().map(Into::into).unwrap_or_default();
    // SAFETY: the caller's promise.
    unsafe { pointer::put(participant, found) };
    match seen {
        Some(Some(_)) if pointer::usable(participant) => quell_verdict_t::QUELL_OK,
        Some(None) if pointer::usable(participant) => quell_verdict_t::QUELL_NOT_FOUND,
        _ => quell_verdict_t::QUELL_INVALID,
    }
}
