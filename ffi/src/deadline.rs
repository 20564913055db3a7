//! Deadlines in an array of the caller's.
//!
//! The capacity is the caller's at run time: heapless's containers carry it in
//! their type, so the core's queue takes its storage as a parameter, and here
//! that is an array of C with a count.

use core::ffi::c_void;

use quell::{Agenda, Answer, DeadlineId, Entry, Level, Queue, Store, Verdict};

use crate::handle::quell_handle_t;
use crate::op::quell_cancel;
use crate::pointer;
use crate::terms::{CauseNumber, LevelNumber, quell_cause_t, quell_verdict_t};

/// One deadline: an element of the array that the caller gives to a queue.
/// Only quell writes it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_deadline_t {
    /// What it cancels; its operation and gate stay in place while it is set.
    pub target: quell_handle_t,
    /// When it is due, in ticks.
    pub expiry: u64,
    /// Its name.
    pub id: u32,
    /// The level that it asks with, a `quell_level_t`.
    pub level: u32,
}

/// A queue of deadlines over a monotonic tick counter of the caller's, which
/// may wrap.
///
/// Ownership: the caller's, and so is the array. One party at a time uses it,
/// in whatever context suits, its own callbacks apart. All-zero is none, and is
/// told `QUELL_INVALID`. The fields are for debuggers; only quell writes them.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_deadlines_t {
    /// The array; not owned.
    pub slots: *mut quell_deadline_t,
    /// How many elements it has.
    pub capacity: u32,
    /// How many deadlines are set: the first elements, as a binary heap.
    pub count: u32,
    /// The bits of the counter.
    pub mask: u64,
    /// A moment that no expiry lies before.
    pub origin: u64,
    /// The name that was given last.
    pub last_id: u32,
    /// Zero.
    pub reserved: u32,
}

impl quell_deadlines_t {
    const NONE: Self = Self {
        slots: core::ptr::null_mut(),
        capacity: 0,
        count: 0,
        mask: 0,
        origin: 0,
        last_id: 0,
        reserved: 0,
    };
}

impl Entry<u64> for quell_deadline_t {
    fn expiry(&self) -> u64 {
        self.expiry
    }

    fn id(&self) -> u32 {
        self.id
    }

    fn request(&self) -> Answer {
        let cause = CauseNumber(quell_cause_t::QUELL_CAUSE_DEADLINE as u32);
        let mut code = 0;
        // SAFETY: who set the deadline vouches for the handle's operation and
        // gate until it has been told or disarmed.
        let verdict =
            unsafe { quell_cancel(&self.target, LevelNumber(self.level), cause, &mut code) };
        Answer { verdict: Verdict::from_raw(verdict as u32).unwrap_or(Verdict::Invalid), code }
    }
}

/// The array of a queue, as far as it is in use.
struct Array<'a> {
    slots: &'a mut [core::mem::MaybeUninit<quell_deadline_t>],
    count: usize,
}

impl Store<quell_deadline_t> for Array<'_> {
    fn entries(&mut self) -> &mut [quell_deadline_t] {
        let used = self.slots.get_mut(..self.count).unwrap_or_default();
        // SAFETY: the first `count` were written by `push`; whatever their
        // bytes, they are a `quell_deadline_t`, which is plain numbers.
        unsafe { &mut *(core::ptr::from_mut(used) as *mut [quell_deadline_t]) }
    }

    fn push(&mut self, entry: quell_deadline_t) -> bool {
        match self.slots.get_mut(self.count) {
            Some(slot) => {
                slot.write(entry);
                self.count = self.count.saturating_add(1);
                true
            }
            None => false,
        }
    }

    fn pop(&mut self) -> Option<quell_deadline_t> {
        let last = self.entries().last().copied()?;
        self.count = self.count.saturating_sub(1);
        Some(last)
    }
}

type CQueue<'a> = Queue<u64, quell_deadline_t, Array<'a>>;

/// Makes `call` with the queue at this address, and puts back what it keeps.
/// `None` where there is none.
///
/// # Safety
/// `queue` is of a queue whose array is still in place and that nobody else
/// uses meanwhile, or not usable.
unsafe fn with_queue<R>(
    queue: *mut quell_deadlines_t,
    call: impl FnOnce(&mut CQueue<'_>) -> R,
) -> Option<R> {
    let (mut call, mut answer) = (Some(call), None);
    let mut once = |queue: &mut CQueue<'_>| answer = call.take().map(|call| call(queue));
    // SAFETY: the caller's promise.
    unsafe { on_queue(queue, &mut once) };
    answer
}

/// `with_queue`, once for all that it is used for.
///
/// # Safety
/// As for `with_queue`.
unsafe fn on_queue(queue: *mut quell_deadlines_t, call: &mut dyn FnMut(&mut CQueue<'_>)) {
    // SAFETY: the caller's promise.
    let Some(held) = (unsafe { pointer::get(queue) }) else { return };
    let fits = held.count <= held.capacity && held.mask != 0;
    if !fits || !(pointer::usable(held.slots) || (held.capacity == 0 && held.slots.is_aligned())) {
        return;
    }
    let slots = if held.slots.is_null() {
        Default::default()
    } else {
        // SAFETY: usable; the caller vouches for so many elements, which may be
        // uninitialised behind the first `count`.
        unsafe { core::slice::from_raw_parts_mut(held.slots.cast(), held.capacity as usize) }
    };
    let agenda = Agenda::from_parts(held.mask, held.origin, held.last_id);
    let mut made = Queue::over(agenda, Array { slots, count: held.count as usize });
    call(&mut made);
    let (mask, origin, last_id) = made.agenda().parts();
    let count = made.len() as u32;
    // SAFETY: the caller's promise; usable, for it has been read.
    unsafe { queue.write(quell_deadlines_t { count, mask, origin, last_id, ..held }) };
}

/// Makes an empty queue over an array of `capacity` elements.
///
/// `tick_bits`: where the caller's counter wraps: 32 for `HAL_GetTick()` and
/// its like, 24 for a timer of 24 bits, 64 for nanoseconds; 2 to 64. A counter
/// of any width is handed over as it is, for it converts to `uint64_t`.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: `slots` stays
/// the caller's, and in place while the queue is used; it need not be
/// initialised. It may be null where `capacity` is zero: a queue that is always
/// full.
///
/// Returns `QUELL_OK`; `QUELL_INVALID` where a pointer is null or misaligned, or
/// `tick_bits` is below 2 or above 64: `*queue` is then all-zero.
///
/// # Safety
/// `queue` is of memory for a queue, `slots` of `capacity` elements, or not
/// usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_deadlines_init(
    queue: *mut quell_deadlines_t,
    slots: *mut quell_deadline_t,
    capacity: u32,
    tick_bits: u32,
) -> quell_verdict_t {
    let there = pointer::usable(slots) || (capacity == 0 && slots.is_aligned());
    let (verdict, made) = match Agenda::<u64>::of_bits(tick_bits) {
        Some(agenda) if there && pointer::usable(queue) => {
            let (mask, origin, last_id) = agenda.parts();
            let empty = quell_deadlines_t::NONE;
            let made = quell_deadlines_t { slots, capacity, mask, origin, last_id, ..empty };
            (quell_verdict_t::QUELL_OK, made)
        }
        _ => (quell_verdict_t::QUELL_INVALID, quell_deadlines_t::NONE),
    };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(queue, made) };
    verdict
}

/// Sets a deadline `delay` ticks from `now`, 0 for one that is due at once:
/// `target` will be asked to cancel with cause deadline.
///
/// Context: any that the queue's owner chooses. Progress: bounded, O(log n).
/// Ordering: none. Ownership: `*target` is copied; its operation and its gate
/// stay in place until the deadline has been told or disarmed. `id` may be null.
///
/// Returns `QUELL_OK`, and `*id` names the deadline; `QUELL_FULL`;
/// `QUELL_INVALID` where `queue` or `target` is null, any pointer misaligned,
/// `*queue` none, `*target` no handle, `level` no level to ask for, `delay`
/// longer than half the counter's range, or `now` has bits that the counter has
/// not. Except with `QUELL_OK`, nothing changes and `*id` is zero.
///
/// # Safety
/// `queue` is of a queue whose array is still in place and that nobody else
/// uses meanwhile, `target` of a handle, `id` of memory for a number, or not
/// usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_deadlines_add(
    queue: *mut quell_deadlines_t,
    now: u64,
    delay: u64,
    level: LevelNumber,
    target: *const quell_handle_t,
    id: *mut u32,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let target = unsafe { pointer::get(target) }.filter(|target| target.is_one());
    let set = match (target, Level::from_raw(level.0), id.is_aligned()) {
        (Some(target), Some(level), true) => {
            let level = level.raw();
            // SAFETY: the caller's promise.
            unsafe {
                with_queue(queue, |queue| {
                    queue.set(now, delay, |expiry, id| quell_deadline_t {
                        target,
                        expiry,
                        id: id.raw(),
                        level,
                    })
                })
            }
        }
        _ => None,
    };
    let (verdict, name) = match set {
        Some(Ok(name)) => (quell_verdict_t::QUELL_OK, name.raw()),
        Some(Err(refusal)) => (refusal.into(), 0),
        None => (quell_verdict_t::QUELL_INVALID, 0),
    };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(id, name) };
    verdict
}

/// Takes a deadline out of a queue.
///
/// Context: any that the queue's owner chooses. Progress: bounded, O(n), for
/// the name is searched for. Ordering: none. Ownership: the target may go.
///
/// Returns `QUELL_OK`; `QUELL_NOT_FOUND` where it has been told or disarmed, or
/// never was; `QUELL_INVALID` where the pointer is null or misaligned, or
/// `*queue` none.
///
/// # Safety
/// As for `quell_deadlines_add`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_deadlines_disarm(
    queue: *mut quell_deadlines_t,
    id: u32,
) -> quell_verdict_t {
    let name = DeadlineId::from_raw(id);
    // SAFETY: the caller's promise.
    let told = unsafe {
        with_queue(queue, |queue| name.map_or(Verdict::NotFound, |name| queue.disarm(name)))
    };
    told.unwrap_or(Verdict::Invalid).into()
}

/// When the next deadline is due, for a system that sleeps until then.
///
/// Context: any that the queue's owner chooses. Progress: wait-free. Ordering:
/// none. Ownership: nothing is kept.
///
/// Returns `QUELL_OK`, and `*expiry` is in ticks; `QUELL_NOT_FOUND` where none
/// is set; `QUELL_INVALID` where a pointer is null or misaligned, or `*queue`
/// none. Except with `QUELL_OK`, `*expiry` is zero.
///
/// # Safety
/// As for `quell_deadlines_add`; `expiry` of memory for a number, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_deadlines_next(
    queue: *mut quell_deadlines_t,
    expiry: *mut u64,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let next = unsafe { with_queue(queue, |queue| queue.next_expiry()) };
    let (verdict, ticks) = match next {
        Some(Some(ticks)) if pointer::usable(expiry) => (quell_verdict_t::QUELL_OK, ticks),
        Some(None) if pointer::usable(expiry) => (quell_verdict_t::QUELL_NOT_FOUND, 0),
        _ => (quell_verdict_t::QUELL_INVALID, 0),
    };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(expiry, ticks) };
    verdict
}

/// Told by `quell_deadlines_expire` what a deadline's target answered: `verdict`
/// and `code` are those of `quell_cancel`.
pub type quell_expired_t = Option<
    unsafe extern "C" fn(context: *mut c_void, id: u32, verdict: quell_verdict_t, code: u32),
>;

/// Requests a cancel of everything that is due, the earliest first. To be
/// called at least once in half the counter's range after each expiry.
///
/// A deadline whose operation has ended meanwhile is told so and does no harm.
/// `told`, a gate or a hook may add and disarm deadlines of this very queue;
/// one that is added so waits for the next call where it would be more than
/// were set when this one began.
///
/// Context: any that the targets' gates and hooks allow. Progress: O(log n) for
/// each, and what its cancel takes. Ordering: that of the cancels. Ownership:
/// nothing is kept; `told` and `count` may be null.
///
/// Returns `QUELL_OK`, and `*count` says how many there were; `QUELL_INVALID`
/// where `queue` is null, any pointer misaligned, or `*queue` none: `*count` is
/// then zero.
///
/// # Safety
/// As for `quell_deadlines_add`, for every operation in the queue as well;
/// `told` may be called with `context`; `count` of memory for a number, or not
/// usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_deadlines_expire(
    queue: *mut quell_deadlines_t,
    now: u64,
    told: quell_expired_t,
    context: *mut c_void,
    count: *mut u32,
) -> quell_verdict_t {
    let mut expired: u32 = 0;
    // SAFETY: the caller's promise.
    let there = unsafe { with_queue(queue, |queue| queue.len() as u32) };
    let verdict = match there {
        Some(limit) if count.is_aligned() => {
            while expired < limit {
                // The queue is whole again before anything is called.
                // SAFETY: the caller's promise.
                let due = unsafe { with_queue(queue, |queue| queue.pop_due(now)) };
                let Some(Some(due)) = due else { break };
                let answer = due.request();
                if let Some(told) = told {
                    // SAFETY: the caller vouches for the function and its context.
                    unsafe { told(context, due.id, answer.verdict.into(), answer.code) };
                }
                expired = expired.saturating_add(1);
            }
            quell_verdict_t::QUELL_OK
        }
        _ => quell_verdict_t::QUELL_INVALID,
    };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(count, expired) };
    verdict
}
