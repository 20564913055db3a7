//! Waiting in the form of futures, for any executor.
//!
//! A future is a quiet hook and a cell with the waker of whoever polled last.
//! The hook's function writes down what it was told, and wakes.
//!
//! ```text
//! LISTENING ──the function has written──▶ TOLD ──it has the waker──▶ LEFT
//!     └─────the owner drops──▶ its parker ──────────────────────────▶ LEFT
//! ```
//!
//! 1. The waker is put into its cell before the state is looked at, and taken
//!    out after the state was changed: whoever looked too early is woken.
//! 2. The function touches the future last when it writes LEFT; the waker is
//!    its own by then. A future whose hook is RAN is not gone before that: its
//!    owner leaves its parker in the state, to be signalled by that same swap.
//! 3. Every future asks for the end, whatever else it asks for: a hook that is
//!    RAN at the end has then always had its function called.

use core::cell::Cell;
use core::ffi::c_void;
use core::future::Future;
use core::marker::PhantomPinned;
use core::pin::Pin;
use core::ptr;
use core::task::{Context, Poll};

use crate::events::{Events, Told};
use crate::hook::Hook;
use crate::port::Parker;
use crate::role::{Observer, Worker};
use crate::scope::Scope;
use crate::source::IfHappened;
use crate::status::Outcome;
use crate::sync::{AtomicPtr, Ordering, WakerCell};
use crate::terms::{Effects, Mode, Phase, Verdict};
use crate::word::Word;

/// No parker lies at these addresses.
const LISTENING: *mut Parker = ptr::null_mut();
const TOLD: *mut Parker = ptr::without_provenance_mut(1);
const LEFT: *mut Parker = ptr::without_provenance_mut(2);

#[derive(Clone, Copy, Debug)]
enum Stage {
    New,
    /// The hook has been added.
    Added,
    /// Without a hook.
    Answered(Result<Told, Verdict>),
}

struct Listener<'a> {
    hook: Hook,
    state: AtomicPtr<Parker>,
    told: Cell<Told>,
    waker: WakerCell,
    observer: Observer<'a>,
    events: Events,
    stage: Cell<Stage>,
    _pinned: PhantomPinned,
}

// SAFETY: `told` is written by the function alone, and read after it said so;
// `stage` belongs to whoever polls or drops, which takes a `&mut`. The rest is
// made to be shared.
unsafe impl Send for Listener<'_> {}
// SAFETY: as above.
unsafe impl Sync for Listener<'_> {}

/// # Safety
/// `listener` is of a listener, in place until its state is LEFT; `told` is
/// readable.
unsafe extern "C" fn tell(listener: *mut c_void, told: *const Told) {
    let listener = listener.cast::<Listener<'_>>().cast_const();
    // SAFETY: the caller's promise.
    unsafe { (*listener).told.set(*told) };
    // SAFETY: the caller's promise.
    let (state, waker) = unsafe { (&(*listener).state, &(*listener).waker) };
    // Ordering: Release, partner: the Acquire in `poll`. Failure: Relaxed: the
    // owner drops it, and reads nothing.
    let polled = state.compare_exchange(LISTENING, TOLD, Ordering::Release, Ordering::Relaxed);
    let waker = polled.ok().and_then(|_| waker.take());
    // Ordering: Release, partner: the Acquire in `wait_left`; Acquire, partner:
    // the Release there, for the parker. The last touch of the listener.
    let parker = state.swap(LEFT, Ordering::AcqRel).cast_const();
    if parker != TOLD.cast_const() {
        // SAFETY: then it is of an owner that waits for this signal.
        unsafe { Parker::signal(parker) };
    }
    if let Some(waker) = waker {
        waker.wake();
    }
}

impl<'a> Listener<'a> {
    fn new(observer: Observer<'a>, events: Events) -> Self {
        Self {
            hook: Hook::new(),
            state: AtomicPtr::new(LISTENING),
            told: Cell::new(Told::of(Word::VACANT, 0)),
            waker: WakerCell::new(),
            observer,
            events,
            stage: Cell::new(Stage::New),
            _pinned: PhantomPinned,
        }
    }

    fn poll(self: Pin<&Self>, context: &mut Context<'_>) -> Poll<Result<Told, Verdict>> {
        match self.stage.get() {
            Stage::Answered(answer) => return Poll::Ready(answer),
            Stage::Added => {}
            Stage::New => {
                // Before the hook is added, for it may be told at once.
                self.waker.register(context.waker());
                let stage = self.begin();
                self.stage.set(stage);
                return match stage {
                    Stage::Answered(answer) => Poll::Ready(answer),
                    _ => Poll::Pending,
                };
            }
        }
        if !self.is_told() {
            self.waker.register(context.waker());
            // Told between the look and now, the function may have found an
            // older waker, or none.
            if !self.is_told() {
                return Poll::Pending;
            }
        }
        Poll::Ready(Ok(self.told.get()))
    }

    fn is_told(&self) -> bool {
        // Ordering: Acquire, partner: the Release in `tell`.
        self.state.load(Ordering::Acquire) != LISTENING
    }

    /// Adds the hook, or says why there is none.
    fn begin(self: Pin<&Self>) -> Stage {
        let Observer { place, ticket } = self.observer;
        let Some(source) = place.source else { return Stage::Answered(Err(Verdict::Unsupported)) };
        let call = (tell as _, ptr::from_ref(self.get_ref()).cast_mut().cast());
        // SAFETY: pinned; it stays until the hook is off, or the function left.
        let added = unsafe {
            source.enlist(ticket, &self.hook, call, self.events, IfHappened::Report, true)
        };
        Stage::Answered(match added.verdict {
            Verdict::Ok => return Stage::Added,
            // By now the next life may have come.
            Verdict::Happened => source.already(ticket, self.events).unwrap_or(Err(Verdict::Stale)),
            refusal => Err(refusal),
        })
    }

    fn wait_left(&self) {
        let parker = Parker::new();
        let own = ptr::from_ref(&parker).cast_mut();
        // Ordering: Acquire, partner: the Release in `tell`.
        let mut now = self.state.load(Ordering::Acquire);
        while now != LEFT {
            // Ordering: Release, partner: the Acquire in `tell`, which reads
            // the parker. Failure: Acquire, as above.
            match self.state.compare_exchange(now, own, Ordering::Release, Ordering::Acquire) {
                Ok(_) => {
                    parker.wait(None);
                    return;
                }
                Err(other) => now = other,
            }
        }
    }
}

impl Drop for Listener<'_> {
    fn drop(&mut self) {
        if !matches!(self.stage.get(), Stage::Added) {
            return;
        }
        let detached = self.observer.place.source.map(|source| source.detach(&self.hook));
        if detached != Some(Verdict::Ok) {
            self.wait_left();
        }
    }
}

impl core::fmt::Debug for Listener<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Listener")
            .field("observer", &self.observer)
            .field("events", &self.events)
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}

/// Resolves when a request is recorded for the operation, or when it has ended
/// without one.
///
/// `Ok`: [`Told::request`] is the request; of an operation that has ended,
/// [`Told::outcome`] says how. A request is seen when it is recorded, inside a
/// shield too. `Err`: `STALE`; `BAD_STATE` where the source is vacant;
/// `UNSUPPORTED` where the operation has no source.
///
/// Polled by another task, it wakes that one and no longer the one before; once
/// resolved, it says the same again. Dropped at any moment it leaves nothing
/// behind.
///
/// Context: any for polling, in an interrupt where no context below it tells
/// the source's hooks. The waker is woken by whoever cancels or ends the
/// operation, or by the drain; never in an interrupt that they are left to.
/// Progress: a bounded lock at the first poll and at the drop, none between.
/// Dropped while another context is telling it, it waits until the few
/// instructions of that are over. Ordering: sees what was written before the
/// thing that it waited for.
#[derive(Debug)]
#[must_use = "a future does nothing unless it is polled"]
pub struct Cancelled<'a>(Listener<'a>);

/// Resolves to the operation's outcome when it has ended.
///
/// `Err` and all else: as for [`Cancelled`].
#[derive(Debug)]
#[must_use = "a future does nothing unless it is polled"]
pub struct Ended<'a>(Listener<'a>);

impl Future for Cancelled<'_> {
    type Output = Result<Told, Verdict>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: the only field is pinned with it.
        unsafe { self.into_ref().map_unchecked(|this| &this.0) }.poll(context)
    }
}

impl Future for Ended<'_> {
    type Output = Result<Outcome, Verdict>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: the only field is pinned with it.
        let listener = unsafe { self.into_ref().map_unchecked(|this| &this.0) };
        listener.poll(context).map(|told| told?.outcome().ok_or(Verdict::BadState))
    }
}

/// Runs a future until it is done, or the operation is cancelled: what came of
/// [`Observer::run_until_cancelled`].
#[derive(Debug)]
#[must_use = "a future does nothing unless it is polled"]
pub struct RunUntilCancelled<'a, F> {
    future: Option<F>,
    begun: bool,
    cancelled: Cancelled<'a>,
}

impl<F: Future> Future for RunUntilCancelled<'_, F> {
    type Output = Result<F::Output, Verdict>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: nothing is moved out; `future` and `cancelled` are used
        // pinned only.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: as above.
        let mut future = unsafe { Pin::new_unchecked(&mut this.future) };
        // SAFETY: as above.
        let mut cancelled = unsafe { Pin::new_unchecked(&mut this.cancelled) };
        let mut stop = None;
        if !this.begun {
            this.begun = true;
            stop = cancelled.as_mut().why_to_stop(context);
        }
        if stop.is_none() {
            let Some(running) = future.as_mut().as_pin_mut() else { return Poll::Pending };
            if let Poll::Ready(output) = running.poll(context) {
                future.set(None);
                return Poll::Ready(Ok(output));
            }
            stop = cancelled.why_to_stop(context);
        }
        let Some(verdict) = stop else { return Poll::Pending };
        future.set(None);
        Poll::Ready(Err(verdict))
    }
}

impl Cancelled<'_> {
    /// Why a future that runs until this resolves is to run no longer.
    fn why_to_stop(self: Pin<&mut Self>, context: &mut Context<'_>) -> Option<Verdict> {
        let Observer { place, ticket } = self.0.observer;
        let told = match self.poll(context) {
            Poll::Pending => return None,
            Poll::Ready(Err(refusal)) => return Some(refusal),
            Poll::Ready(Ok(told)) => told,
        };
        match Phase::from_raw(told.phase) {
            Some(Phase::Cancelled) => Some(Verdict::Cancelled),
            // Forced: its worker is to stop. Else the worker ended it, which
            // may well be the future itself.
            Some(Phase::Failed) if told.effects == Effects::Unknown.raw() => Some(Verdict::Failed),
            Some(Phase::Failed | Phase::Finished) => None,
            _ => {
                let word = place.op.glance();
                if word.generation() != ticket.generation() {
                    Some(Verdict::Stale)
                } else if word.mode().contains(Mode::BEST_EFFORT) {
                    Some(Verdict::Requested)
                } else {
                    Some(Verdict::Cancelling)
                }
            }
        }
    }
}

impl<'a> Observer<'a> {
    /// A future of the next request.
    pub fn cancelled(&self) -> Cancelled<'a> {
        Cancelled(Listener::new(*self, Events::REQUEST.with(Events::END)))
    }

    /// A future of the end.
    pub fn ended(&self) -> Ended<'a> {
        Ended(Listener::new(*self, Events::END))
    }

    /// Runs `future` until it is done, or the operation is cancelled, and then
    /// drops it before it says so. A future that is done at the moment of the
    /// cancel is done; one whose operation has been cancelled before is not
    /// polled at all.
    ///
    /// The commit point stands as it does everywhere: past it no request is
    /// recorded, so nothing stops the future any more but force; and a request
    /// that was recorded makes the commit fail. So a future that works for this
    /// operation, and is stopped by a request, has not committed it, and what
    /// it left behind is for the worker to undo and to acknowledge. A worker
    /// that lives inside the future fails with
    /// [`Code::ABANDONED`](crate::Code::ABANDONED) when it is dropped: keep it
    /// outside, and lend it. An operation that the future itself has ended, but
    /// as cancelled, does not stop it.
    ///
    /// Context, Progress, Ordering: as [`Cancelled`], and as the future has
    /// them.
    ///
    /// # Errors
    /// Why it was stopped: `CANCELLING`, of a decisive operation: undo, then
    /// acknowledge; `REQUESTED`, of a best-effort one; `CANCELLED`: it has ended
    /// so; `FAILED`: it was forced; `STALE`; `BAD_STATE` where the source is
    /// vacant; `UNSUPPORTED` where the operation has no source.
    pub fn run_until_cancelled<F: Future>(&self, future: F) -> RunUntilCancelled<'a, F> {
        RunUntilCancelled { future: Some(future), begun: false, cancelled: self.cancelled() }
    }
}

impl<'a> Worker<'a> {
    /// A future of the next request. For `run_until_cancelled`, see
    /// [`Worker::observer`].
    pub fn cancelled(&self) -> Cancelled<'a> {
        self.observer().cancelled()
    }
}

impl Scope<'_> {
    /// A future of the next request, to this scope or one above it.
    pub fn cancelled(&self) -> Cancelled<'_> {
        self.canceller().observer().cancelled()
    }

    /// Runs `future` until it is done, or the scope is cancelled: as
    /// [`Observer::run_until_cancelled`].
    ///
    /// # Errors
    /// As there.
    pub fn run_until_cancelled<F: Future>(&self, future: F) -> RunUntilCancelled<'_, F> {
        self.canceller().observer().run_until_cancelled(future)
    }
}
