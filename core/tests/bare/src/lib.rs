//! A port and critical sections that keep count of what the core does in them.
//!
//! The sections are one lock of the process, entered again by whoever has it.
//! While a thread is being measured, the processor traps after each of its
//! instructions; those between the outermost `acquire` and its `release` are
//! counted, and that is how long interrupts would be masked.
#![allow(clippy::panic)]

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use critical_section::RawRestoreState;
use quell::{Port, Signal};

thread_local! {
    /// How many sections this thread is inside of.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static STEPS: Cell<u32> = const { Cell::new(0) };
    /// Instructions in each outermost section, in their order.
    static SECTIONS: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
    static STEPPING: Cell<bool> = const { Cell::new(false) };
    static INTERRUPT: Cell<bool> = const { Cell::new(false) };
    static PENDED: Cell<u32> = const { Cell::new(0) };
    static WAITS: Cell<u32> = const { Cell::new(0) };
    static WAKES: Cell<u32> = const { Cell::new(0) };
    static IMPATIENT: Cell<bool> = const { Cell::new(false) };
    static CONTEXTS_INSIDE: Cell<u32> = const { Cell::new(0) };
}

fn me() -> usize {
    DEPTH.with(|depth| ptr::from_ref(depth).addr())
}

/// Fails where a section is open. The core calls nobody with interrupts masked.
pub fn assert_outside(who: &str) {
    assert_eq!(DEPTH.get(), 0, "{who} inside a critical section");
}

/// The queue of the drain is the process's: a test that fills it or empties it
/// is to be alone with it.
pub fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Sections;
critical_section::set_impl!(Sections);

static OWNER: AtomicUsize = AtomicUsize::new(0);

// SAFETY: one thread at a time is the owner; it enters again at will.
unsafe impl critical_section::Impl for Sections {
    unsafe fn acquire() -> RawRestoreState {
        let depth = DEPTH.get();
        if depth == 0 {
            // Ordering: Acquire, partner: the Release below. Failure: tried
            // again.
            while OWNER.compare_exchange(0, me(), Ordering::Acquire, Ordering::Relaxed).is_err() {
                thread::yield_now();
            }
            STEPS.set(0);
        }
        DEPTH.set(depth + 1);
        depth
    }

    unsafe fn release(entered: RawRestoreState) {
        let steps = STEPS.get();
        assert_eq!(DEPTH.get(), entered + 1, "sections are left in the order of entering");
        if entered == 0 {
            // Ordering: Release, partner: the Acquire above.
            OWNER.store(0, Ordering::Release);
        }
        DEPTH.set(entered);
        if entered == 0 {
            SECTIONS.with_borrow_mut(|sections| sections.push(steps));
        }
    }
}

struct Threads;
quell::set_port!(Threads);

static TURNSTILE: Mutex<()> = Mutex::new(());
static WOKEN: Condvar = Condvar::new();
/// Whom `wake` was called for last.
static WOKEN_CONTEXT: AtomicUsize = AtomicUsize::new(0);
static ALL_WAKES: AtomicU32 = AtomicU32::new(0);

// SAFETY: each thread has a number of its own; waiting and waking are the
// standard library's.
unsafe impl Port for Threads {
    fn context() -> usize {
        if DEPTH.get() > 0 {
            CONTEXTS_INSIDE.set(CONTEXTS_INSIDE.get() + 1);
        }
        // An interrupt is another context than the thread that it interrupts.
        me() + usize::from(INTERRUPT.get())
    }

    fn in_interrupt() -> bool {
        assert_outside("in_interrupt");
        INTERRUPT.get()
    }

    fn wait(signal: &Signal, limit: Option<Duration>) {
        assert_outside("wait");
        assert!(!INTERRUPT.get(), "an interrupt waits");
        WAITS.set(WAITS.get() + 1);
        if IMPATIENT.get() {
            // It may return earlier than anything has come.
            thread::yield_now();
            return;
        }
        let limit = limit.unwrap_or(Duration::from_secs(60));
        let turnstile = TURNSTILE.lock().unwrap_or_else(PoisonError::into_inner);
        drop(WOKEN.wait_timeout_while(turnstile, limit, |()| !signal.is_given()));
    }

    fn wake(context: usize) {
        assert_outside("wake");
        WAKES.set(WAKES.get() + 1);
        ALL_WAKES.fetch_add(1, Ordering::Relaxed);
        WOKEN_CONTEXT.store(context, Ordering::Relaxed);
        drop(TURNSTILE.lock().unwrap_or_else(PoisonError::into_inner));
        WOKEN.notify_all();
    }

    fn now_us() -> u64 {
        assert_outside("now_us");
        static ORIGIN: Mutex<Option<Instant>> = Mutex::new(None);
        let mut origin = ORIGIN.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = origin.get_or_insert_with(Instant::now).elapsed();
        // It wraps within a second of any origin.
        (passed.as_micros() as u64).wrapping_sub(500_000)
    }

    fn pend_drain() {
        assert_outside("pend_drain");
        PENDED.set(PENDED.get() + 1);
    }
}

/// What this thread is doing is done by an interrupt that came over it.
pub fn in_interrupt<A>(act: impl FnOnce() -> A) -> A {
    let before = INTERRUPT.replace(true);
    let answer = act();
    INTERRUPT.set(before);
    answer
}

/// What this thread's calls made the port do since it was asked last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Drains asked for.
    pub drains: u32,
    /// Calls of `wait`.
    pub waits: u32,
    /// Calls of `wake`.
    pub wakes: u32,
}

/// See [`Asked`].
pub fn asked() -> Asked {
    Asked { drains: PENDED.take(), waits: WAITS.take(), wakes: WAKES.take() }
}

/// Whether `wait` returns without anything having come.
pub fn be_impatient(impatient: bool) {
    IMPATIENT.set(impatient);
}

/// The context that was woken last; its number as the port gives it.
pub fn woken_context() -> usize {
    WOKEN_CONTEXT.load(Ordering::Relaxed)
}

/// The number of the calling context.
pub fn context() -> usize {
    Threads::context()
}

/// How often the core asked for its context with interrupts masked.
pub fn contexts_inside() -> u32 {
    CONTEXTS_INSIDE.take()
}

/// The outermost sections of `act`: how many instructions each.
pub fn measured(act: impl FnOnce()) -> Vec<u32> {
    trap_steps();
    assert_outside("a measurement");
    SECTIONS.take();
    STEPPING.set(true);
    step_from_here();
    act();
    STEPPING.set(false);
    assert_eq!(DEPTH.get(), 0, "each section is left");
    SECTIONS.take()
}

#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
compile_error!("single steps are x86-64's, and Linux's signals");

/// The processor traps after each instruction while this bit is set.
const TRAP: i64 = 0x100;

extern "C" fn trap(_: i32, _: *mut libc::siginfo_t, context: *mut c_void) {
    if DEPTH.get() > 0 {
        STEPS.set(STEPS.get() + 1);
    }
    if !STEPPING.get() {
        // SAFETY: the kernel hands over the context of what it interrupted.
        let registers = unsafe { &mut (*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs };
        registers[libc::REG_EFL as usize] &= !TRAP;
    }
}

fn trap_steps() {
    // SAFETY: all-zero is a valid action; the handler touches its own thread's
    // numbers only.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = trap as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO;
        assert_eq!(libc::sigaction(libc::SIGTRAP, &raw const action, ptr::null_mut()), 0);
    }
}

fn step_from_here() {
    // SAFETY: sets one flag; the handler for what it brings about is there.
    unsafe {
        std::arch::asm!("pushfq", "or qword ptr [rsp], 0x100", "popfq");
    }
}
