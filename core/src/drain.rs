//! What interrupts leave to thread context.
//!
//! An interrupt takes no list's lock: the code that it interrupted may hold it.
//! It changes the word, leaves word with whoever has the source's turn, or puts
//! the source on the queue here, and asks the port for a drain.
//!
//! # The queue
//!
//! A stack of sources, linked through their turns. Interrupts push by one swap.
//! One context at a time pops, under a lock that no interrupt takes: so no
//! source that is popped can come back between the look and the swap.
//!
//! # Who is inside
//!
//! An interrupt touches the source once more after it changed the word: to leave
//! word. It counts itself in before the change and out after that, and a source
//! is not retired while anyone is inside. Whoever sees the changed word sees
//! the count as well, for the change publishes it.

use crate::list::List;
use crate::op::Op;
use crate::port;
use crate::sync::{AtomicPtr, AtomicU32, Ordering, const_new, likely};
use crate::trace::record;
use crate::turn::Source;

struct Queue {
    first: AtomicPtr<Source>,
    popping: List,
    inside: AtomicU32,
}

impl Queue {
    const_new! {
        fn new() -> Self {
            Self {
                first: AtomicPtr::new(core::ptr::null_mut()),
                popping: List::new(),
                inside: AtomicU32::new(0),
            }
        }
    }

    fn push(&self, source: &Source) {
        let mut first = likely(&self.first);
        loop {
            source.set_queued_next(first);
            let own = core::ptr::from_ref(source).cast_mut();
            // Ordering: Release, partner: the Acquire in `pop`. Failure:
            // Relaxed: it is tried again.
            match self.first.compare_exchange(first, own, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(now) => first = now,
            }
        }
    }

    fn pop(&self) -> Option<&Source> {
        let _popping = self.popping.lock();
        // Ordering: Acquire, partner: the Release in `push`.
        let mut first = self.first.load(Ordering::Acquire);
        loop {
            // SAFETY: a source on the queue is in place: it is not retired
            // before it has been drained.
            let source = unsafe { first.as_ref() }?;
            let next = source.queued_next();
            // Ordering: Acquire, partner: the Release in `push`; both ways, for
            // a failure is the look again.
            match self.first.compare_exchange(first, next, Ordering::Acquire, Ordering::Acquire) {
                Ok(_) => return Some(source),
                Err(now) => first = now,
            }
        }
    }
}

#[cfg(not(quell_loom))]
fn queue() -> &'static Queue {
    static QUEUE: Queue = Queue::new();
    &QUEUE
}

#[cfg(quell_loom)]
fn queue() -> &'static Queue {
    loom::lazy_static! {
        static ref QUEUE: Queue = Queue::new();
    }
    &QUEUE
}

/// Tells the hooks of what interrupts have done. For the port, whose
/// `pend_drain` asks for it.
///
/// Context: thread, or the one interrupt of the lowest priority. Progress: runs
/// hooks. Ordering: the hooks see what the interrupt wrote before its call.
pub fn drain() {
    while let Some(source) = queue().pop() {
        record!(Drained { op: core::ptr::from_ref(source).addr() });
        source.tell_queued();
    }
}

/// Whether no interrupt is between a change of a word and leaving word of it.
pub(crate) fn is_quiet() -> bool {
    // Ordering: Acquire, partner: the Release in `occur`.
    queue().inside.load(Ordering::Acquire) == 0
}

/// Has `act` make something happen to the operation of `source`, and leaves it
/// to the drain to tell. `act` says whether anything happened.
pub(crate) fn occur<A>(source: &Source, act: impl FnOnce(&Op) -> (A, bool)) -> A {
    let queue = queue();
    // Ordering: Relaxed: the change of the word publishes it.
    queue.inside.fetch_add(1, Ordering::Relaxed);
    let (answer, happened) = act(source.op());
    let queued = happened && source.leave_word();
    if queued {
        record!(Deferred { op: core::ptr::from_ref(source).addr() });
        queue.push(source);
    }
    // Ordering: Release, partner: the Acquire in `is_quiet`.
    queue.inside.fetch_sub(1, Ordering::Release);
    if queued {
        port::pend_drain();
    }
    answer
}
