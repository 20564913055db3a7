//! The hook: a function that is told what becomes of an operation.
//!
//! # States
//!
//! ```text
//!            add                      a walk comes to it
//! IDLE ──────────────▶ on the list ──────────────────────▶ RUNNING ──▶ RAN
//!   ▲                    │     ▲                              │
//!   └──────detach────────┘     └──── it wants more, still ────┘
//! ```
//!
//! A hook that runs is on no list. Its `next` is the state, its `prev` the
//! number of the context that runs it, its `third` the frame of that context,
//! which lives on the runner's stack ([`Frame`]).
//!
//! 1. The list's lock orders adding, detaching and being come to.
//! 2. A hook's function runs without any lock, and never twice at a time: to be
//!    told of the next thing it has to be put back on the list first.
//! 3. Whoever waits for a running hook puts WAITED in place of RUNNING, and its
//!    parker on the frame's list, all under the list's lock; the runner that
//!    finds WAITED takes that lock before it lets go of the frame. So the frame
//!    is in place while anyone can come to it.
//! 4. A hook that is detached from inside its own function may be gone when the
//!    function returns: the frame says so, and the runner does not touch it.
//! 5. A *quiet* hook (a waiter's) is RAN before its function is called, and is
//!    not touched after; its owner learns from what the function does that it
//!    has been called.

use core::ffi::c_void;
use core::ptr;

use crate::events::Told;
use crate::list::{List, Locked, Node};
use crate::port::{self, Parker};
use crate::sync::{AtomicPtr, Cell, Ordering, const_new, likely};
use crate::terms::Verdict;

/// A hook's function. It runs with nothing locked, in the context of whoever
/// made the thing happen, or of the drain.
pub type HookFn = unsafe extern "C" fn(context: *mut c_void, told: *const Told);

/// Added to no operation since it was made or detached.
pub(crate) const IDLE: usize = 0;
const RUNNING: usize = 8;
const WAITED: usize = 16;
/// Nothing is left that it could be told.
pub(crate) const RAN: usize = 24;

/// Storage of one registration: its owner's, and pinned while it is on a list.
/// All-zero memory is a valid hook.
///
/// This is the bare form, of which the C ABI is made; in Rust use
/// [`Subscription`](crate::Subscription).
#[repr(C, align(8))]
#[derive(Debug)]
pub struct Hook {
    pub(crate) node: Node,
    context: Cell<*mut c_void>,
}

// SAFETY: a hook is shared between the threads that walk its list and the one
// that owns it by the protocol above.
unsafe impl Send for Hook {}
// SAFETY: as above.
unsafe impl Sync for Hook {}

/// One context's running of hooks, on its stack.
#[repr(C, align(8))]
pub(crate) struct Frame {
    /// Who runs.
    pub(crate) context: usize,
    /// Whether the hook that runs has been detached from inside itself.
    gone: Cell<bool>,
    /// Whether it has said from inside itself that it wants nothing more.
    over: Cell<bool>,
    waiters: AtomicPtr<Parker>,
}

impl Frame {
    pub(crate) fn new() -> Self {
        Self {
            context: port::me(),
            gone: Cell::new(false),
            over: Cell::new(false),
            waiters: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// Has `parker` signalled when this frame lets go of something.
    ///
    /// # Safety
    /// Something keeps the frame in place meanwhile: a lock that it needs.
    pub(crate) unsafe fn wait_with(&self, parker: &Parker) {
        let mut first = likely(&self.waiters);
        loop {
            parker.next.set(first);
            let own = ptr::from_ref(parker).cast_mut();
            // Ordering: Release, partner: the Acquire in `let_go`, which reads
            // the parker. Failure: Relaxed: it is tried again.
            match self.waiters.compare_exchange(first, own, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(now) => first = now,
            }
        }
    }

    /// Signals all who wait on this frame.
    #[cfg_attr(not(quell_bare), inline(always))]
    pub(crate) fn let_go(&self) {
        // Ordering: Relaxed: whoever waits came under a lock that this context
        // has held since.
        if self.waiters.load(Ordering::Relaxed).is_null() {
            return;
        }
        self.signal_all();
    }

    #[cold]
    #[inline(never)]
    fn signal_all(&self) {
        // Ordering: Acquire, partner: the Release in `wait_with`.
        let mut parker = self.waiters.swap(ptr::null_mut(), Ordering::Acquire).cast_const();
        while !parker.is_null() {
            // SAFETY: a parker on the list waits for its signal, so it is in
            // place; it is left before it gets it.
            let next = unsafe { (*parker).next.get() };
            // SAFETY: as above.
            unsafe { Parker::signal(parker) };
            parker = next;
        }
    }
}

/// A hook that has been taken off its list to be run.
pub(crate) struct Call {
    hook: *const Hook,
    function: *mut (),
    context: *mut c_void,
    /// What it waits for after this; nothing, where it is told the end.
    pub(crate) rest: u32,
    pub(crate) quiet: bool,
}

impl Hook {
    const_new! {
        /// A hook that has not been added.
        #[must_use]
        pub fn new() -> Self {
            Self { node: Node::new(), context: Cell::new(ptr::null_mut()) }
        }
    }

    /// Whether it is on no list and not running, so that it may be added.
    ///
    /// Context: any. Progress: wait-free. Ordering: sees what its function wrote.
    #[must_use]
    pub fn is_free(&self) -> bool {
        matches!(self.node.state(), Some(IDLE | RAN))
    }

    /// Prepares it for being added; false where it is on a list or running.
    #[cfg_attr(not(quell_bare), inline(always))]
    pub(crate) fn prepare(&self, function: HookFn, context: *mut c_void) -> bool {
        if !self.is_free() {
            return false;
        }
        // Ordering: Relaxed: the list's lock publishes it.
        self.node.third.store(function as *mut (), Ordering::Relaxed);
        self.context.set(context);
        true
    }

    /// Takes note that `frame` runs it now. The hook is unlinked, but nobody has
    /// been able to see that yet.
    #[cfg_attr(not(quell_bare), inline(always))]
    pub(crate) fn begin(&self, frame: &Frame, rest: u32, quiet: bool) -> Call {
        // Ordering: Relaxed: the list's lock orders it.
        let function = self.node.third.load(Ordering::Relaxed);
        if quiet {
            self.node.set_state(RAN);
        } else {
            self.node.set_number(frame.context);
            // Ordering: Relaxed: read by the same context, or under the lock.
            self.node.third.store(ptr::from_ref(frame).cast_mut().cast(), Ordering::Relaxed);
            self.node.set_state(RUNNING);
        }
        Call { hook: self, function, context: self.context.get(), rest, quiet }
    }

    /// What `detach` says of a hook that is on no list; it was on `list`.
    pub(crate) fn detached(&self, state: usize, list: &List) -> Verdict {
        match state {
            RUNNING | WAITED => {
                if self.node.number() == port::me() {
                    // Ordering: Relaxed: this context wrote it.
                    let frame = self.node.third.load(Ordering::Relaxed).cast::<Frame>();
                    // SAFETY: this context is inside the function that the
                    // frame, further down its stack, runs.
                    unsafe { (*frame).gone.set(true) };
                    if self.node.exchange(RUNNING, IDLE).is_err() {
                        // Somebody waits, and may have the lock to put a parker
                        // on the frame, which is left without a lock (fact 3).
                        let _locked = list.lock();
                        self.node.set_state(IDLE);
                    }
                }
                Verdict::Running
            }
            RAN => Verdict::Ran,
            _ => Verdict::NotFound,
        }
    }

    /// Whether it runs in the caller's own context.
    pub(crate) fn runs_here(&self) -> bool {
        matches!(self.node.state(), Some(RUNNING | WAITED)) && self.node.number() == port::me()
    }

    /// Where it runs in the caller's own context: is told nothing more, and is
    /// RAN when it has returned, till when it stays in place.
    pub(crate) fn retract(&self) -> bool {
        let here = self.runs_here();
        if here {
            // Ordering: Relaxed: this context wrote it.
            let frame = self.node.third.load(Ordering::Relaxed).cast::<Frame>();
            // SAFETY: this context is inside the function that the frame,
            // further down its stack, runs.
            unsafe { (*frame).over.set(true) };
        }
        here
    }

    /// Waits until it has returned, where it runs in another context.
    pub(crate) fn wait_returned(&self, list: &List) {
        loop {
            let parker = Parker::new();
            let locked = list.lock();
            if !matches!(self.node.exchange(RUNNING, WAITED), Ok(()) | Err(WAITED)) {
                return;
            }
            // Ordering: Relaxed: the lock orders it.
            let frame = self.node.third.load(Ordering::Relaxed).cast::<Frame>();
            // SAFETY: under the lock the runner does not leave a hook that is
            // WAITED (fact 3).
            unsafe { (*frame).wait_with(&parker) };
            drop(locked);
            parker.wait(None);
        }
    }
}

impl Default for Hook {
    fn default() -> Self {
        Self::new()
    }
}

impl Call {
    /// Runs the function.
    ///
    /// # Safety
    /// The hook was prepared with a function that may be called with its
    /// context.
    #[cfg_attr(not(quell_bare), inline(always))]
    pub(crate) unsafe fn run(&self, told: &Told, frame: &Frame) {
        frame.gone.set(false);
        frame.over.set(false);
        // SAFETY: `prepare` wrote a function of this type.
        let function = unsafe { core::mem::transmute::<*mut (), HookFn>(self.function) };
        // SAFETY: the caller's promise.
        unsafe { function(self.context, told) }
    }

    /// Whether the hook may be touched after its function has returned.
    pub(crate) fn remains(&self, frame: &Frame) -> bool {
        !self.quiet && !frame.gone.get()
    }

    /// Whether it is to be told of nothing after what it was told now.
    pub(crate) fn is_over(&self, frame: &Frame) -> bool {
        self.rest == 0 || frame.over.get() || !self.remains(frame)
    }

    /// Lets go of the hook after its function returned: back on the list where
    /// it waits for more, else RAN. Who waits for it is to be signalled when the
    /// lock is free again.
    #[cfg_attr(not(quell_bare), inline(always))]
    pub(crate) fn settle(&self, frame: &Frame, locked: &Locked<'_>) {
        if !self.remains(frame) {
            return;
        }
        // SAFETY: it remains, and it is on no list.
        let hook = unsafe { &*self.hook };
        if self.rest != 0 && !frame.over.get() {
            // Ordering: Relaxed: the list's lock publishes it.
            hook.node.third.store(self.function, Ordering::Relaxed);
            // SAFETY: on no list; its owner keeps it in place while it is added.
            unsafe { locked.push(self.hook.cast::<Node>().cast_mut(), self.rest, false) };
        } else {
            hook.node.set_state(RAN);
        }
    }

    /// Lets go of the hook where its source may be gone, except that somebody
    /// who waits for the hook keeps it in place.
    pub(crate) fn settle_alone(&self, frame: &Frame, list: *const List) {
        if !self.remains(frame) {
            frame.let_go();
            return;
        }
        // SAFETY: it remains.
        if unsafe { (*self.hook).node.exchange(RUNNING, RAN) }.is_err() {
            // SAFETY: somebody waits for this hook, and keeps the source.
            let locked = unsafe { (*list).lock() };
            // SAFETY: it remains until the waiter is told.
            unsafe { (*self.hook).node.set_state(RAN) };
            drop(locked);
            frame.let_go();
        }
    }
}
