//! The thread that polls beside the one that is measured.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{JoinHandle, spawn, yield_now};

pub struct SecondPoller {
    enough: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl SecondPoller {
    /// Polls until it is stopped; polls when this returns.
    pub fn new(cancelled: impl Fn() -> bool + Send + 'static) -> Self {
        let enough = Arc::new(AtomicBool::new(false));
        let started = Arc::new(AtomicBool::new(false));
        let thread = spawn({
            let (enough, started) = (enough.clone(), started.clone());
            move || {
                // Ordering: Release, partner: the Acquire below.
                started.store(true, Ordering::Release);
                // Ordering: Relaxed, partner: the store in `stop`; it only has
                // to be seen.
                while !enough.load(Ordering::Relaxed) {
                    for _ in 0..64 {
                        assert!(!cancelled());
                    }
                }
            }
        });
        // Ordering: Acquire, partner: the Release above.
        while !started.load(Ordering::Acquire) {
            yield_now();
        }
        SecondPoller { enough, thread }
    }

    pub fn stop(self) {
        // Ordering: Relaxed, partner: the load in the thread.
        self.enough.store(true, Ordering::Relaxed);
        self.thread.join().expect("the second thread polls and ends");
    }
}
