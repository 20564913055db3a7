//! What a session of C is made of: the caller's memory, and callbacks.

use core::ffi::c_void;
use core::mem::{align_of, size_of};
use core::ptr;

use quell::{
    Aborted, Answer, Code, Host, Limits, LinkCell, Notice, Participant, Request, Seat, Session,
    SessionCell, SessionLock, SessionStatus, Verdict,
};

use crate::handle::quell_handle_t;
use crate::op::quell_cancel;
use crate::pointer;
use crate::session_terms::{quell_notice_t, quell_purpose_t, quell_stage_t, quell_standing_t};
use crate::terms::{
    CauseNumber, LevelNumber, quell_cause_t, quell_level_t, quell_phase_t, quell_verdict_t,
};

/// The lock that all sessions of one machine, or one memory, share. All-zero is
/// free; it may lie in memory shared by processes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct quell_session_lock_t {
    /// Only quell writes it.
    pub word: u32,
}

/// The place of one participant: an element of an array of the caller's. Only
/// quell writes it.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct quell_seat_t {
    /// SPEC.md, section Session.
    pub words: [u32; 3],
}

/// The place of one linked operation: an element of an array of the caller's.
/// Only quell writes it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_link_t {
    /// SPEC.md, section Session.
    pub words: [u32; 3],
    /// Zero.
    pub reserved: u32,
    /// What it cancels.
    pub target: quell_handle_t,
}

const _: () = assert!(size_of::<quell_session_lock_t>() == size_of::<SessionLock>());
const _: () = assert!(size_of::<quell_seat_t>() == size_of::<Seat>());
const _: () = assert!(align_of::<quell_seat_t>() == align_of::<Seat>());
const _: () = assert!(size_of::<[u32; 3]>() == size_of::<LinkCell>());
const _: () = assert!(size_of::<[u32; 10]>() == size_of::<SessionCell>());
const _: () = assert!(align_of::<u32>() == align_of::<SessionCell>());

/// What a session is made of.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_session_config_t {
    /// `sizeof(quell_session_config_t)`, as the caller was compiled.
    pub struct_size: u32,
    /// How many participants there are.
    pub participant_count: u32,
    /// How many operations can be linked.
    pub link_count: u32,
    /// How long a participant may take from when it is told to freeze until it
    /// has thawed, in ticks; zero stands for 60 000.
    pub freeze_limit: u32,
    /// How long the hold on all writes may last, in ticks; zero stands for
    /// 10 000.
    pub hold_limit: u32,
    /// Zero; kept.
    pub reserved: u32,
    /// One element for each participant.
    pub seats: *mut quell_seat_t,
    /// One element for each link.
    pub links: *mut quell_link_t,
    /// The lock that other sessions share.
    pub lock: *mut quell_session_lock_t,
    /// Tells a participant something, in the context of the verb or of the abort
    /// that leads to it, with nothing locked. From inside, the session may be
    /// aborted and looked at. Returns zero where the participant agrees, else
    /// its own code: it refuses, or has failed.
    pub tell: Option<
        unsafe extern "C" fn(context: *mut c_void, participant: u32, notice: quell_notice_t) -> u32,
    >,
    /// The present tick, of a monotonic counter that may wrap at 32 bits.
    pub now: Option<unsafe extern "C" fn(context: *mut c_void) -> u32>,
    /// Handed to both as it is.
    pub context: *mut c_void,
}

/// A session: `quell_session_init` makes one. Ownership: the caller's; it stays
/// in place while anybody uses it. The fields are for debuggers; only quell
/// writes them. All-zero is none, and is told `QUELL_INVALID`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_session_t {
    /// SPEC.md, section Session.
    pub words: [u32; 10],
    /// As it was made.
    pub config: quell_session_config_t,
}

/// Whom an abort told.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct quell_aborted_t {
    /// How many participants the call told.
    pub told: u32,
    /// How many are busy, and will be told as soon as they are not.
    pub owed: u32,
    /// How many of those that the call told refused it.
    pub refused: u32,
}

/// One look at a participant.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_participant_t {
    /// Where it stands.
    pub standing: quell_standing_t,
    /// The notice that it failed at, or none.
    pub failed_at: quell_notice_t,
    /// The code that it refused that notice with, or zero.
    pub code: u32,
    /// 1 where it failed because its time ran out, else 0.
    pub timed_out: u32,
    /// What it is being told at this moment, or none.
    pub busy: quell_notice_t,
    /// 1 where it has been told of an abort, or is being told, else 0.
    pub abort_told: u32,
    /// 1 where it will be told of an abort as soon as it is not busy, else 0.
    pub abort_owed: u32,
}

/// One look at a session.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_session_status_t {
    /// How far it has come.
    pub stage: quell_stage_t,
    /// What it is for.
    pub purpose: quell_purpose_t,
    /// The level of the abort that was accepted, or none.
    pub level: quell_level_t,
    /// Its cause: the requester's own; peer for a refused freeze or thaw,
    /// deadline for a time-out, fault for a failed provider.
    pub cause: quell_cause_t,
    /// Where the operation that makes the snapshot is in its life.
    pub set: quell_phase_t,
    /// Where the operation that completes the backup is in its life.
    pub completion: quell_phase_t,
    /// The provider's code, or zero.
    pub code: u32,
    /// 1 where the hold on all writes was dropped because its time ran out.
    pub hold_dropped: u32,
    /// 1 where the session is over: completed, or aborted with everybody told.
    pub over: u32,
}

impl From<Aborted> for quell_aborted_t {
    fn from(Aborted { told, owed, refused, .. }: Aborted) -> Self {
        Self { told, owed, refused }
    }
}

fn notice(notice: Option<Notice>) -> quell_notice_t {
    notice.map_or(quell_notice_t::QUELL_NOTICE_NONE, Into::into)
}

impl From<Participant> for quell_participant_t {
    fn from(seen: Participant) -> Self {
        Self {
            standing: seen.standing.into(),
            failed_at: notice(seen.failed_at),
            code: seen.code.map_or(0, Code::raw),
            timed_out: seen.timed_out.into(),
            busy: notice(seen.busy),
            abort_told: seen.abort_told.into(),
            abort_owed: seen.abort_owed.into(),
        }
    }
}

impl Default for quell_participant_t {
    fn default() -> Self {
        Self {
            standing: quell_standing_t::QUELL_STANDING_STABLE,
            failed_at: quell_notice_t::QUELL_NOTICE_NONE,
            code: 0,
            timed_out: 0,
            busy: quell_notice_t::QUELL_NOTICE_NONE,
            abort_told: 0,
            abort_owed: 0,
        }
    }
}

impl From<SessionStatus> for quell_session_status_t {
    fn from(seen: SessionStatus) -> Self {
        let aborted = seen.aborted();
        Self {
            stage: seen.stage.into(),
            purpose: seen.purpose.into(),
            level: aborted.map(|request| request.level).into(),
            cause: aborted.map(|request| request.cause).into(),
            set: seen.set.phase.into(),
            completion: seen.completion.phase.into(),
            code: seen.set.code.map_or(0, Code::raw),
            hold_dropped: seen.hold_dropped.into(),
            over: seen.over().into(),
        }
    }
}

impl Default for quell_session_status_t {
    fn default() -> Self {
        Self {
            stage: quell_stage_t::QUELL_STAGE_VACANT,
            purpose: quell_purpose_t::QUELL_PURPOSE_BACKUP,
            level: quell_level_t::QUELL_LEVEL_NONE,
            cause: quell_cause_t::QUELL_CAUSE_NONE,
            set: quell_phase_t::QUELL_PHASE_VACANT,
            completion: quell_phase_t::QUELL_PHASE_VACANT,
            code: 0,
            hold_dropped: 0,
            over: 0,
        }
    }
}

/// Whether this is an array of so many elements, as far as an address can tell.
fn is_array<T>(array: *const T, count: u32) -> bool {
    pointer::usable(array) || (count == 0 && array.is_aligned())
}

/// # Safety
/// The array has so many elements, which nobody accesses but atomically, or it
/// is null and has none.
unsafe fn array<'a, T>(array: *const T, count: u32) -> &'a [T] {
    match array.is_null() {
        true => &[],
        // SAFETY: the caller's promise.
        false => unsafe { core::slice::from_raw_parts(array, count as usize) },
    }
}

impl quell_session_t {
    pub(crate) const NONE: Self = Self {
        words: [0; 10],
        config: quell_session_config_t {
            struct_size: 0,
            participant_count: 0,
            link_count: 0,
            freeze_limit: 0,
            hold_limit: 0,
            reserved: 0,
            seats: ptr::null_mut(),
            links: ptr::null_mut(),
            lock: ptr::null_mut(),
            tell: None,
            now: None,
            context: ptr::null_mut(),
        },
    };

    /// A session of this configuration, and its arrays made empty.
    ///
    /// # Safety
    /// As for `quell_session_init`.
    pub(crate) unsafe fn made_of(config: *const quell_session_config_t) -> Option<Self> {
        if !pointer::usable(config) {
            return None;
        }
        // SAFETY: aligned and not null; the caller vouches for the first field.
        let size = unsafe { ptr::addr_of!((*config).struct_size).read() } as usize;
        if size < size_of::<quell_session_config_t>() {
            return None;
        }
        // SAFETY: the caller vouches for so many bytes.
        let mut config = unsafe { config.read() };
        config.is_whole().then_some(())?;
        let limits = Limits::default();
        config.freeze_limit = nonzero(config.freeze_limit, limits.freeze);
        config.hold_limit = nonzero(config.hold_limit, limits.hold);
        for place in 0..config.participant_count as usize {
            // SAFETY: the caller vouches for so many elements.
            unsafe { config.seats.add(place).write(quell_seat_t::default()) };
        }
        for place in 0..config.link_count as usize {
            let empty = quell_link_t { words: [0; 3], reserved: 0, target: quell_handle_t::NONE };
            // SAFETY: the caller vouches for so many elements.
            unsafe { config.links.add(place).write(empty) };
        }
        Some(Self { words: [0; 10], config })
    }

    /// # Safety
    /// `session` is of a session that nobody else uses at this time.
    pub(crate) unsafe fn clear_links(session: *const quell_session_t) {
        // SAFETY: the caller's promise.
        if let Some(config) = unsafe { config_of(session) } {
            for place in 0..config.link_count as usize {
                // SAFETY: as above; the cell is what lies first in the element.
                unsafe { &*config.links.add(place).cast::<LinkCell>() }.clear();
            }
        }
    }
}

const fn nonzero(number: u32, otherwise: u32) -> u32 {
    if number == 0 { otherwise } else { number }
}

impl quell_session_config_t {
    fn is_whole(&self) -> bool {
        is_array(self.seats, self.participant_count)
            && is_array(self.links, self.link_count)
            && pointer::usable(self.lock)
            && self.tell.is_some()
            && self.now.is_some()
    }

    /// Cancels what lies beside this link, which has just been asked.
    ///
    /// # Safety
    /// The link was published, or is the caller's own.
    pub(crate) unsafe fn cancel(&self, target: &quell_handle_t, request: Request) -> Answer {
        let mut code = 0;
        let (level, cause) = (LevelNumber(request.level.raw()), CauseNumber(request.cause.raw()));
        // SAFETY: who linked it vouches for the operation and the gate.
        let verdict = unsafe { quell_cancel(target, level, cause, &mut code) };
        Answer { verdict: Verdict::from_raw(verdict as u32).unwrap_or(Verdict::Invalid), code }
    }
}

// SAFETY: the configuration does not change once the session is made, and who
// made it vouches that its callbacks may be called from any thread that calls
// the session.
unsafe impl Sync for quell_session_config_t {}

impl Host for quell_session_config_t {
    fn tell(&self, participant: usize, notice: Notice) -> Result<(), Code> {
        // SAFETY: the session's maker vouches for the function and its context.
        let code = self
            .tell
            .map_or(0, |tell| unsafe { tell(self.context, participant as u32, notice.into()) });
        // A code that is none of a participant's own is a refusal all the same.
        if code == 0 { Ok(()) } else { Err(Code::new(code).unwrap_or(Code::ABANDONED)) }
    }

    fn now(&self) -> u32 {
        // SAFETY: as for `tell`.
        self.now.map_or(0, |now| unsafe { now(self.context) })
    }

    fn cancel_linked(&self, request: Request) {
        for place in 0..self.link_count as usize {
            // SAFETY: the session's maker vouches for so many elements.
            let link = unsafe { self.links.add(place) };
            // SAFETY: as above; the cell is what lies first in the element.
            let cell = unsafe { &*link.cast::<LinkCell>() };
            if cell.ask() {
                // SAFETY: it was published, so the target is in place, and
                // nobody writes it any more.
                let answer = unsafe { self.cancel(&*ptr::addr_of!((*link).target), request) };
                cell.answered(answer);
            }
        }
    }
}

/// The configuration of the session at this address, if it is one.
///
/// # Safety
/// A usable address is of a session or of zeroed memory.
pub(crate) unsafe fn config_of(session: *const quell_session_t) -> Option<quell_session_config_t> {
    if !pointer::usable(session) {
        return None;
    }
    // The words are atomics of other threads'; this reads what lies behind them.
    // SAFETY: aligned and not null; the caller vouches for the memory.
    let config = unsafe { ptr::addr_of!((*session).config).read() };
    config.is_whole().then_some(config)
}

/// Makes `call` with the session at this address. `None` where there is none.
///
/// # Safety
/// `session` is of a session whose arrays and lock are still in place, or not
/// usable.
pub(crate) unsafe fn with_session<R>(
    session: *const quell_session_t,
    call: impl FnOnce(&Session<'_>) -> R,
) -> Option<R> {
    let (mut call, mut answer) = (Some(call), None);
    let mut once = |session: &Session<'_>| answer = call.take().map(|call| call(session));
    // SAFETY: the caller's promise.
    unsafe { on_session(session, &mut once) };
    answer
}

/// Makes this verb of the session at this address, with its argument.
///
/// # Safety
/// As for `quell_session_initialise`.
pub(crate) unsafe fn verb(
    session: *const quell_session_t,
    verb: fn(&Session<'_>, u32) -> Verdict,
    argument: u32,
) -> quell_verdict_t {
    let mut verdict = Verdict::Invalid;
    // SAFETY: the caller's promise.
    unsafe { on_session(session, &mut |session| verdict = verb(session, argument)) };
    verdict.into()
}

/// `with_session`, once for all that it is used for.
///
/// # Safety
/// As for `quell_session_initialise`.
unsafe fn on_session(session: *const quell_session_t, call: &mut dyn FnMut(&Session<'_>)) {
    // SAFETY: the caller's promise.
    let Some(config) = (unsafe { config_of(session) }) else { return };
    // SAFETY: it is of a session, whose words come first; only accessed so.
    let cell = unsafe { &*session.cast::<SessionCell>() };
    // SAFETY: the caller's promise; the same layout (asserted above).
    let seats = unsafe { array(config.seats.cast::<Seat>(), config.participant_count) };
    // SAFETY: as above.
    let lock = unsafe { &*config.lock.cast::<SessionLock>() };
    let limits = Limits { freeze: config.freeze_limit, hold: config.hold_limit };
    call(&Session::over(cell, seats, lock, &config, limits));
}
