//! The drain's queue: two interrupts leave two sources to it, while somebody
//! drains. Each hook is told once, and reads what its interrupt wrote before.

use std::sync::Arc;

use loom::cell::UnsafeCell;
use loom::model::Builder;
use loom::thread;
use quell::{Events, IfHappened, Source, Told, Verdict, drain};

use crate::pairs::GENTLE;
use crate::stage::{Ear, NO_GATE, TICKET, running};

struct Left {
    source: Source,
    ear: Ear,
    note: UnsafeCell<u32>,
}

// SAFETY: loom watches the cell; the rest is the engine's to share.
unsafe impl Sync for Left {}
// SAFETY: as above.
unsafe impl Send for Left {}

fn reads(left: *const std::ffi::c_void, _: &Told) {
    // SAFETY: it outlives the hook.
    let left = unsafe { &*left.cast::<Left>() };
    // SAFETY: loom watches it.
    assert_eq!(left.note.with(|note| unsafe { *note }), 7, "before what led to it");
}

impl Left {
    fn new() -> Arc<Self> {
        let left = Arc::new_cyclic(|own: &std::sync::Weak<Self>| {
            let (source, mut ear) = (Source::new(), Ear::new());
            running(&source);
            ear.act = Some((reads, own.as_ptr().cast()));
            Self { source, ear, note: UnsafeCell::new(0) }
        });
        let added = left.ear.add(&left.source, Events::REQUEST, IfHappened::Report);
        assert_eq!(added.verdict, Verdict::Ok);
        left
    }

    fn interrupt(&self) {
        // SAFETY: loom watches it.
        self.note.with_mut(|note| unsafe { *note = 7 });
        // SAFETY: the source stays till the play is over.
        let told = unsafe { self.source.cancel_from_isr(TICKET, GENTLE, NO_GATE) };
        assert_eq!(told.verdict, Verdict::Cancelling);
    }
}

#[test]
fn race_06_two_interrupts_and_a_drain() {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(|| {
        let both = [Left::new(), Left::new()];
        let interrupts = both.clone().map(|left| thread::spawn(move || left.interrupt()));
        drain();
        for interrupt in interrupts {
            interrupt.join().unwrap();
        }
        drain();
        for left in &both {
            assert_eq!(left.ear.heard().requests, 1);
            assert_eq!(left.source.detach(&left.ear.hook), Verdict::Ran);
        }
    });
}
