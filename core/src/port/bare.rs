//! The port of bare metal: critical sections from the `critical-section` crate,
//! the rest from one [`Port`] that the program brings.

use core::cell::Cell;
use core::ptr;
use core::time::Duration;

use crate::sync::{AtomicU32, Ordering};

/// What a waiting context looks at.
#[repr(transparent)]
pub struct Signal(AtomicU32);

impl Signal {
    /// Whether it has been given.
    ///
    /// Context: any. Progress: wait-free. Ordering: sees what was written before
    /// it was given.
    #[must_use]
    pub fn is_given(&self) -> bool {
        // Ordering: Acquire, partner: the Release in `Parker::signal`.
        self.0.load(Ordering::Acquire) != 0
    }
}

/// What quell needs of the system below it, to wait and to defer. Given once
/// per program, with [`set_port!`](crate::set_port).
///
/// # Safety
/// Each function keeps to the MUSTs at it: a context that passes for another one
/// is taken to be inside a hook that another one runs.
pub unsafe trait Port {
    /// Who calls: MUST be the same number in all of one task or interrupt
    /// handler, different from that of any other that may be under way at the
    /// same time, and not zero. It is called with interrupts masked as well.
    fn context() -> usize;

    /// Whether the caller MUST NOT wait: in an interrupt handler, with the
    /// scheduler stopped.
    fn in_interrupt() -> bool;

    /// Waits until `signal` is given, [`Port::wake`] is called for this
    /// context, or `limit` has run out; MAY return earlier. A wake that came
    /// between the caller's last look at `signal` and this call MUST NOT be
    /// lost. MUST NOT be called, nor mask interrupts, for longer than `limit`.
    fn wait(signal: &Signal, limit: Option<Duration>);

    /// [`Port::wait`] by a limit in microseconds, [`u64::MAX`] for none: what
    /// quell calls. A port that counts in microseconds implements this, and is
    /// spared the divisions of a [`Duration`].
    fn wait_us(signal: &Signal, limit_us: u64) {
        Self::wait(signal, (limit_us != u64::MAX).then(|| Duration::from_micros(limit_us)));
    }

    /// Makes a [`Port::wait`] of the context of this number return. MUST be
    /// callable from an interrupt. The context may be gone.
    fn wake(context: usize);

    /// A time in microseconds that only grows, from any origin; wraps.
    fn now_us() -> u64;

    /// Asks for [`drain`](crate::drain) to be called in thread context, or at
    /// the lowest priority of interrupts. MUST be callable from an interrupt;
    /// called again before that drain, it MAY do nothing.
    fn pend_drain();
}

unsafe extern "Rust" {
    safe fn _quell_port_1_context() -> usize;
    safe fn _quell_port_1_in_interrupt() -> bool;
    safe fn _quell_port_1_wait(signal: &Signal, limit_us: u64);
    safe fn _quell_port_1_wake(context: usize);
    safe fn _quell_port_1_now_us() -> u64;
    safe fn _quell_port_1_pend_drain();
}

/// Makes a type that implements [`Port`](crate::Port) the port of the program.
#[macro_export]
macro_rules! set_port {
    ($port:ty) => {
        #[unsafe(no_mangle)]
        fn _quell_port_1_context() -> usize {
            <$port as $crate::Port>::context()
        }
        #[unsafe(no_mangle)]
        fn _quell_port_1_in_interrupt() -> bool {
            <$port as $crate::Port>::in_interrupt()
        }
        #[unsafe(no_mangle)]
        fn _quell_port_1_wait(signal: &$crate::Signal, limit_us: u64) {
            <$port as $crate::Port>::wait_us(signal, limit_us)
        }
        #[unsafe(no_mangle)]
        fn _quell_port_1_wake(context: usize) {
            <$port as $crate::Port>::wake(context)
        }
        #[unsafe(no_mangle)]
        fn _quell_port_1_now_us() -> u64 {
            <$port as $crate::Port>::now_us()
        }
        #[unsafe(no_mangle)]
        fn _quell_port_1_pend_drain() {
            <$port as $crate::Port>::pend_drain()
        }
    };
}

pub(crate) fn me() -> usize {
    _quell_port_1_context()
}

pub(crate) fn in_interrupt() -> bool {
    _quell_port_1_in_interrupt()
}

/// Nothing on bare metal is waited for by spinning: a lock is a critical
/// section.
pub(crate) fn relax(_turn: &mut u32) {
    core::hint::spin_loop();
}

/// A critical section, left when dropped.
pub(crate) struct Section(critical_section::RestoreState);

impl Section {
    /// The section is the lock.
    pub(crate) const LOCK_SPINS: bool = false;

    pub(crate) fn enter() -> Self {
        // SAFETY: left in the reverse order of entering: a section lives in the
        // guard of a list, and the guards of a parent and of its child nest.
        Self(unsafe { critical_section::acquire() })
    }
}

impl Drop for Section {
    fn drop(&mut self) {
        // SAFETY: as above; the state is that of the matching `acquire`.
        unsafe { critical_section::release(self.0) }
    }
}

pub(crate) fn pend_drain() {
    _quell_port_1_pend_drain();
}

/// For how long to wait, in microseconds; `None`: until it is signalled.
pub(crate) type Limit = Option<u64>;

pub(crate) fn limit(limit: Option<Duration>) -> Limit {
    let us = |limit: Duration| limit.as_secs().saturating_mul(1_000_000);
    limit.map(|limit| us(limit).saturating_add(limit.subsec_micros().into()))
}

pub(crate) fn limit_us(limit: Option<u64>) -> Limit {
    limit
}

/// One context that waits for one signal, on its own stack.
pub(crate) struct Parker {
    signal: Signal,
    context: usize,
    pub(crate) next: Cell<*const Parker>,
}

impl Parker {
    pub(crate) fn new() -> Self {
        Self { signal: Signal(AtomicU32::new(0)), context: me(), next: Cell::new(ptr::null()) }
    }

    fn is_signalled(&self) -> bool {
        self.signal.is_given()
    }

    pub(crate) fn wait(&self, limit: Limit) -> bool {
        let begun = _quell_port_1_now_us();
        while !self.is_signalled() {
            let left = match limit {
                None => u64::MAX,
                Some(limit) => {
                    // The microsecond that it began in had partly passed.
                    let passed = _quell_port_1_now_us().wrapping_sub(begun).saturating_sub(1);
                    match limit.saturating_sub(passed) {
                        0 => return self.is_signalled(),
                        left => left,
                    }
                }
            };
            _quell_port_1_wait(&self.signal, left);
        }
        true
    }

    /// Gives the signal.
    ///
    /// # Safety
    /// `this` is of a parker, which stays in place until it has been signalled.
    pub(crate) unsafe fn signal(this: *const Self) {
        // SAFETY: the caller's promise.
        let context = unsafe { (*this).context };
        // Ordering: Release, partner: the Acquire in `is_given`. From here on
        // the parker may be gone.
        // SAFETY: the caller's promise.
        unsafe { (*this).signal.0.store(1, Ordering::Release) };
        _quell_port_1_wake(context);
    }
}
