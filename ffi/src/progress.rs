//! Done and total, and the subscriber that a worker tells of them.

use core::ffi::c_void;
use core::mem::{align_of, size_of};
use core::ptr;

use quell::{Pace, Progress, Reading, Verdict};

use crate::handle::quell_handle_t;
use crate::pointer;
use crate::terms::quell_verdict_t;

/// How much is done, of how much: 32 bytes that lie anywhere, also in memory
/// shared by processes. One party writes, the worker; any number read.
///
/// All-zero memory is a valid one: nothing done, the total not known.
/// Ownership: the caller's; it stays in place while anybody reads or writes
/// it. The fields are for debuggers; only quell writes them.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct quell_progress_t {
    /// SPEC.md, section Progress.
    pub words: [u32; 8],
}

const _: () = assert!(size_of::<quell_progress_t>() == size_of::<Progress>());
const _: () = assert!(align_of::<quell_progress_t>() == align_of::<Progress>());

/// How much was done, of how much, at one moment.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct quell_reading_t {
    /// Units done. At most `total`, where that is known.
    pub done: u64,
    /// Units in all; zero where that is not known.
    pub total: u64,
}

impl From<Reading> for quell_reading_t {
    fn from(Reading { done, total }: Reading) -> Self {
        Self { done, total }
    }
}

impl From<quell_reading_t> for Reading {
    fn from(quell_reading_t { done, total }: quell_reading_t) -> Self {
        Self { done, total }
    }
}

/// Who is told of progress, by the worker's own reports.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_subscriber_t {
    /// `sizeof(quell_subscriber_t)`, as the caller was compiled.
    pub struct_size: u32,
    /// Zero; kept.
    pub reserved: u32,
    /// Called by `quell_report`, in the worker's context, with nothing locked.
    /// It may cancel by the handle that it is given, which is `canceller`: the
    /// worker sees that at its next poll. Null: nobody is told.
    pub told: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            reading: *const quell_reading_t,
            canceller: *const quell_handle_t,
        ),
    >,
    /// Handed to `told` as it is.
    pub context: *mut c_void,
    /// The means to cancel, or all-zero.
    pub canceller: quell_handle_t,
    /// Told whenever so many units or more have been done since it was told
    /// last, and when the total is reached. Zero: at every report.
    pub step: u64,
}

/// The worker's end of a progress. Not to be copied, nor used by two threads
/// at once. All-zero is none, and is told `QUELL_INVALID`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_reporter_t {
    /// Where it is reported; not owned.
    pub progress: *mut quell_progress_t,
    /// Who is told, or null; not owned, and never written.
    pub subscriber: *const quell_subscriber_t,
    /// The units of which the subscriber was told last.
    pub told: u64,
}

/// What `quell_percent` and `quell_permille` answer where the total is not
/// known.
pub const QUELL_SHARE_UNKNOWN: u32 = 0xFFFF_FFFF;

/// # Safety
/// A usable address is of 32 readable and writable bytes that stay a progress
/// for `'a`, and that are only accessed atomically meanwhile.
unsafe fn cell<'a>(pointer: *const quell_progress_t) -> Option<&'a Progress> {
    // SAFETY: aligned and not null; the caller vouches for the memory, and a
    // `Progress` has the same layout (asserted above) and takes any bits.
    pointer::usable(pointer).then(|| unsafe { &*pointer.cast::<Progress>() })
}

/// # Safety
/// A usable address is of a subscriber's first field, and of as many bytes as
/// that says.
unsafe fn subscriber(pointer: *const quell_subscriber_t) -> Option<quell_subscriber_t> {
    if !pointer::usable(pointer) {
        return None;
    }
    // SAFETY: aligned and not null; the caller vouches for the first field.
    let size = unsafe { ptr::addr_of!((*pointer).struct_size).read() } as usize;
    // SAFETY: the caller vouches for so many bytes.
    (size >= size_of::<quell_subscriber_t>()).then(|| unsafe { pointer.read() })
}

/// Reads how much is done, of how much.
///
/// Context: any, an interrupt included. Progress: wait-free. Ordering: sees
/// what the worker wrote before it reported the count that is read. Ownership:
/// nothing is kept.
///
/// Returns `QUELL_OK`: `reading->done` lies between what had been reported when
/// the call began and when it ended, and is not below what an earlier call
/// read; `reading->total` is zero where it is not known, also where it was set
/// twice during the call. `QUELL_INVALID` where a pointer is null or
/// misaligned: `*reading` is then all-zero.
///
/// # Safety
/// `progress` is of a progress, `reading` of memory for a reading, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_progress_read(
    progress: *const quell_progress_t,
    reading: *mut quell_reading_t,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let (verdict, read) = match unsafe { cell(progress) } {
        Some(progress) if pointer::usable(reading) => {
            (quell_verdict_t::QUELL_OK, progress.read().into())
        }
        _ => (quell_verdict_t::QUELL_INVALID, quell_reading_t::default()),
    };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(reading, read) };
    verdict
}

/// Makes a progress new for another operation: nothing done, the total not
/// known. The owner only, while no worker reports.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: nothing is kept.
///
/// Returns `QUELL_OK`; `QUELL_INVALID` where the pointer is null or misaligned.
/// Who reads at that very moment may be told a `done` of the one operation, of
/// the other, or below the former; never one above its total.
///
/// # Safety
/// `progress` is of a progress, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_progress_reset(progress: *mut quell_progress_t) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    match unsafe { cell(progress) } {
        Some(progress) => {
            progress.reset();
            quell_verdict_t::QUELL_OK
        }
        None => quell_verdict_t::QUELL_INVALID,
    }
}

/// Makes the worker's end of a progress. It goes on from what has been
/// reported: the subscriber is next told a step after that.
///
/// Context: any; one reporter at a time. Progress: wait-free. Ordering: none.
/// Ownership: `progress` and `subscriber` stay the caller's and in place while
/// the reporter is used; `subscriber` may be null.
///
/// Returns `QUELL_OK`; `QUELL_INVALID` where `reporter` or `progress` is null,
/// any pointer misaligned, or `subscriber->struct_size` smaller than this
/// version's: `*reporter` is then all-zero.
///
/// # Safety
/// `progress` is of a progress, `subscriber` of a subscriber, `reporter` of
/// memory for a reporter, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_reporter_init(
    reporter: *mut quell_reporter_t,
    progress: *mut quell_progress_t,
    subscriber: *const quell_subscriber_t,
) -> quell_verdict_t {
    const NONE: quell_reporter_t =
        quell_reporter_t { progress: ptr::null_mut(), subscriber: ptr::null(), told: 0 };
    // SAFETY: the caller's promise.
    let fits = subscriber.is_null() || unsafe { self::subscriber(subscriber) }.is_some();
    // SAFETY: the caller's promise.
    let (verdict, made) = match unsafe { cell(progress) } {
        Some(cell) if fits && pointer::usable(reporter) => {
            let told = cell.read().done;
            (quell_verdict_t::QUELL_OK, quell_reporter_t { progress, subscriber, told })
        }
        _ => (quell_verdict_t::QUELL_INVALID, NONE),
    };
    // SAFETY: the caller's promise.
    unsafe { pointer::put(reporter, made) };
    verdict
}

/// Says how much has been done in all; then the subscriber is told, if it is
/// due.
///
/// Context: any that the subscriber allows; the worker only. Progress:
/// wait-free, the subscriber apart. Ordering: publishes what the worker wrote
/// before to whoever reads this count or a later one. Ownership: nothing new
/// is kept.
///
/// Returns `QUELL_OK`; `QUELL_INVALID` where the pointer is null or misaligned,
/// `*reporter` is none, or `done` is less than before, or more than the total
/// where that is known: nothing changes, and nobody is told.
///
/// # Safety
/// `reporter` is of a reporter whose progress and subscriber are still in
/// place, and that nobody else uses meanwhile, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_report(
    reporter: *mut quell_reporter_t,
    done: u64,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let Some(held) = (unsafe { pointer::get(reporter) }) else {
        return quell_verdict_t::QUELL_INVALID;
    };
    // SAFETY: the caller's promise.
    let Some(progress) = (unsafe { cell(held.progress) }) else {
        return quell_verdict_t::QUELL_INVALID;
    };
    let verdict = progress.report(done);
    // SAFETY: the caller's promise.
    let subscriber = unsafe { self::subscriber(held.subscriber) };
    if let (
        Verdict::Ok,
        Some(quell_subscriber_t { told: Some(tell), context, canceller, step, .. }),
    ) = (verdict, subscriber)
    {
        let mut pace = Pace::every(step).since(held.told);
        let reading = progress.read();
        if pace.due(reading) {
            // Before the call, for it may report again.
            // SAFETY: the caller's promise; usable, for it has been read.
            unsafe { (*reporter).told = pace.told() };
            // SAFETY: the subscriber's owner vouches for the function and its
            // context; both arguments live until it returns.
            unsafe { tell(context, &reading.into(), &canceller) };
        }
    }
    verdict.into()
}

/// Says how much there is to do in all: the first time, or more than before.
///
/// Context: any; the worker only. Progress: wait-free. Ordering: as
/// `quell_report`. Ownership: nothing new is kept.
///
/// Returns `QUELL_OK`, also for the same total again; `QUELL_INVALID` where the
/// pointer is null or misaligned, `*reporter` is none, or `total` is zero, less
/// than before, or less than has been done: nothing changes.
///
/// # Safety
/// `reporter` is of a reporter whose progress is still in place, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_report_total(
    reporter: *mut quell_reporter_t,
    total: u64,
) -> quell_verdict_t {
    // SAFETY: the caller's promise.
    let progress = unsafe { pointer::get(reporter).and_then(|held| cell(held.progress)) };
    match progress {
        Some(progress) => progress.set_total(total).into(),
        None => quell_verdict_t::QUELL_INVALID,
    }
}

/// Whole hundredths done.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: nothing is kept.
///
/// Returns 0 to 100, and 100 exactly where `done` has reached `total`;
/// `QUELL_SHARE_UNKNOWN` where the total is not known, or the pointer is null
/// or misaligned. Units: hundredths, rounded down.
///
/// # Safety
/// `reading` is of a reading, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_percent(reading: *const quell_reading_t) -> u32 {
    // SAFETY: the caller's promise.
    let reading = unsafe { pointer::get(reading) };
    reading.and_then(|reading| Reading::from(reading).percent()).unwrap_or(QUELL_SHARE_UNKNOWN)
}

/// Whole thousandths done.
///
/// Context: any. Progress: wait-free. Ordering: none. Ownership: nothing is kept.
///
/// Returns 0 to 1000, and 1000 exactly where `done` has reached `total`;
/// `QUELL_SHARE_UNKNOWN` where the total is not known, or the pointer is null
/// or misaligned. Units: thousandths, rounded down.
///
/// # Safety
/// `reading` is of a reading, or not usable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_permille(reading: *const quell_reading_t) -> u32 {
    // SAFETY: the caller's promise.
    let reading = unsafe { pointer::get(reading) };
    reading.and_then(|reading| Reading::from(reading).permille()).unwrap_or(QUELL_SHARE_UNKNOWN)
}
