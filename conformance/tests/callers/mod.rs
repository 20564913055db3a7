//! A call on a thread of its own, and whether it waits: known from the system,
//! which says that the thread sleeps.

// Each test program uses a part of it.
#![allow(dead_code)]

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// A call that has not returned by then hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Where a call on another thread is.
pub(crate) struct Call<T> {
    thread: Mutex<Option<PathBuf>>,
    result: Mutex<Option<T>>,
    returned: Condvar,
    /// Set before the result is placed, so that a thread that sleeps on its way
    /// out is not taken for one that waits.
    done: AtomicBool,
}

/// How a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stands {
    Waits,
    Returned,
    Hangs,
}

impl<T> Call<T> {
    pub(crate) fn new() -> Self {
        Self {
            thread: Mutex::new(None),
            result: Mutex::new(None),
            returned: Condvar::new(),
            done: AtomicBool::new(false),
        }
    }

    /// Runs it, on the thread that is to be watched.
    pub(crate) fn run(&self, call: impl FnOnce() -> T) {
        let here = fs::read_link("/proc/thread-self").expect("Linux");
        *self.thread.lock().expect("not poisoned") = Some(PathBuf::from("/proc").join(here));
        let result = call();
        self.done.store(true, Ordering::Release);
        *self.result.lock().expect("not poisoned") = Some(result);
        self.returned.notify_all();
    }

    fn sleeps(&self) -> bool {
        let thread = self.thread.lock().expect("not poisoned").clone();
        let stat = thread.and_then(|thread| fs::read_to_string(thread.join("stat")).ok());
        // The state follows the name, which stands in parentheses.
        stat.is_some_and(|stat| stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('S')))
    }

    /// Until it waits or has returned. A thread that has slept in a row of looks
    /// does not sleep for a lock that is about to be free.
    pub(crate) fn settled(&self) -> Stands {
        let since = Instant::now();
        let mut slept = 0;
        while since.elapsed() < PATIENCE {
            slept = if self.sleeps() { slept + 1 } else { 0 };
            if self.done.load(Ordering::Acquire) {
                return Stands::Returned;
            }
            if slept == 4 {
                return Stands::Waits;
            }
            thread::sleep(Duration::from_micros(100));
        }
        Stands::Hangs
    }

    /// What it returned; nothing where it hangs.
    pub(crate) fn result(&self) -> Option<T> {
        let result = self.result.lock().expect("not poisoned");
        let (mut result, _) = self
            .returned
            .wait_timeout_while(result, PATIENCE, |result| result.is_none())
            .expect("not poisoned");
        result.take()
    }
}
