//! Futures against whoever cancels: what is polled is woken, what is dropped is
//! not touched any more.

use std::future::Future;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use loom::cell::UnsafeCell;
use loom::future::block_on;
use loom::thread;
use quell::word::Word;
use quell::{Cancelled, Cause, Level, Mode, Outcome, Request, Source, Verdict};

const REQUEST: Request = Request::new(Level::Immediate, Cause::Shutdown);

/// Counts how often it is woken.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Count {
    fn has_been_woken(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

fn model(play: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(4);
    builder.check(play);
}

/// A running operation, and memory that is no atomic.
struct Scene {
    source: Source,
    left: Word,
    note: UnsafeCell<()>,
}

// SAFETY: there is nothing in the note; loom reports what would be a data race.
unsafe impl Sync for Scene {}
// SAFETY: as above.
unsafe impl Send for Scene {}

impl Scene {
    fn new() -> Arc<Self> {
        let source = Source::new();
        let (armed, ticket) = source.arm_ticket(Mode::DECISIVE);
        assert_eq!(armed, Verdict::Ok);
        let started = source.op().start(ticket);
        assert_eq!(started.verdict, Verdict::Ok);
        Arc::new(Self { source, left: started.word, note: UnsafeCell::new(()) })
    }

    fn cancelled(&self) -> Cancelled<'_> {
        self.source.canceller().observer().cancelled()
    }

    /// Writes the note and cancels, in a thread.
    fn cancel_elsewhere(self: &Arc<Self>) -> thread::JoinHandle<()> {
        let scene = self.clone();
        thread::spawn(move || {
            scene.note.with_mut(|_| ());
            assert_eq!(scene.source.canceller().cancel(REQUEST).verdict, Verdict::Cancelling);
        })
    }

    fn read_note(&self) {
        self.note.with(|_| ());
    }
}

/// Storage of a future that outlives it, and shows whoever writes to it then.
struct Place<'a>(Box<MaybeUninit<Cancelled<'a>>>);

const AFTER: u8 = 0xA5;

impl<'a> Place<'a> {
    fn of(future: Cancelled<'a>) -> Self {
        Self(Box::new(MaybeUninit::new(future)))
    }

    fn poll(&mut self, waker: &Arc<Count>) -> Poll<Option<Request>> {
        let waker = Waker::from(waker.clone());
        // SAFETY: boxed, and gone only by `end`, which comes last.
        let future = unsafe { Pin::new_unchecked(self.0.assume_init_mut()) };
        future.poll(&mut Context::from_waker(&waker)).map(|told| told.unwrap().request())
    }

    fn end(mut self) -> After<'a> {
        // SAFETY: `self` is consumed, so this is once.
        unsafe { self.0.assume_init_drop() };
        // SAFETY: the bytes of the box.
        unsafe { self.0.as_mut_ptr().cast::<u8>().write_bytes(AFTER, size_of::<Cancelled<'_>>()) };
        After(self.0)
    }
}

struct After<'a>(Box<MaybeUninit<Cancelled<'a>>>);

impl After<'_> {
    fn is_untouched(&self) -> bool {
        let bytes = self.0.as_ptr().cast::<u8>();
        // SAFETY: all of them have been written; one thread runs at a time.
        (0..size_of::<Cancelled<'_>>()).all(|at| unsafe { bytes.add(at).read_volatile() } == AFTER)
    }
}

#[test]
fn race_13_what_was_polled_just_before_the_cancel_is_woken() {
    model(|| {
        let scene = Scene::new();
        let canceller = scene.cancel_elsewhere();
        let told = block_on(scene.cancelled()).unwrap();
        scene.read_note();
        assert_eq!(told.request(), Some(REQUEST));
        assert_eq!(told.outcome(), None);
        canceller.join().unwrap();
    });
}

/// The same without an executor, whose own wake-ups could hide a lost one: the
/// first poll, or the second, with the same waker, against the cancel.
#[test]
fn race_13_each_poll_against_the_cancel() {
    static BOTH: AtomicUsize = AtomicUsize::new(0);
    model(|| {
        let scene = Scene::new();
        let canceller = scene.cancel_elsewhere();
        let waker = Arc::new(Count::default());
        let mut future = Place::of(scene.cancelled());
        let answers = [future.poll(&waker), future.poll(&waker)];
        if answers[1].is_ready() {
            scene.read_note();
            BOTH.fetch_or(1, Ordering::Relaxed);
        }
        canceller.join().unwrap();
        if answers[1].is_pending() {
            BOTH.fetch_or(2, Ordering::Relaxed);
            assert!(waker.has_been_woken());
        }
        assert_eq!(future.poll(&waker), Poll::Ready(Some(REQUEST)));
        let _ = future.end();
    });
    assert_eq!(BOTH.load(Ordering::Relaxed), 3, "one of the outcomes never came up");
}

#[test]
fn race_13_a_waker_replaced_against_the_cancel() {
    model(|| {
        let scene = Scene::new();
        let (first, second) = (Arc::new(Count::default()), Arc::new(Count::default()));
        let mut future = Place::of(scene.cancelled());
        assert_eq!(future.poll(&first), Poll::Pending);
        let canceller = scene.cancel_elsewhere();
        let answer = future.poll(&second);
        canceller.join().unwrap();
        if answer.is_pending() {
            assert!(second.has_been_woken());
        }
        assert_eq!(future.poll(&second), Poll::Ready(Some(REQUEST)));
        let _ = future.end();
    });
}

/// Nothing touches a future that is gone, and nobody keeps its waker; that it
/// was told is lost with it, and only that.
#[test]
fn a_drop_against_the_cancel() {
    model(|| {
        let scene = Scene::new();
        let waker = Arc::new(Count::default());
        let mut future = Place::of(scene.cancelled());
        assert_eq!(future.poll(&waker), Poll::Pending);
        let canceller = scene.cancel_elsewhere();
        let after = future.end();
        canceller.join().unwrap();
        assert!(after.is_untouched());
        assert_eq!(Arc::strong_count(&waker), 1);
        assert_eq!(scene.source.op().poll(), Some(REQUEST.level));
    });
}

/// One future's drop does not cost another its wake-up.
#[test]
fn a_drop_beside_another_against_the_cancel() {
    model(|| {
        let scene = Scene::new();
        let (gone, stays) = (Arc::new(Count::default()), Arc::new(Count::default()));
        let mut first = Place::of(scene.cancelled());
        let mut second = Place::of(scene.cancelled());
        assert_eq!(first.poll(&gone), Poll::Pending);
        assert_eq!(second.poll(&stays), Poll::Pending);
        let canceller = scene.cancel_elsewhere();
        let after = first.end();
        canceller.join().unwrap();
        assert!(after.is_untouched());
        assert!(stays.has_been_woken());
        assert_eq!(second.poll(&stays), Poll::Ready(Some(REQUEST)));
        let _ = second.end();
    });
}

/// The end tells both kinds, and says how it ended.
#[test]
fn the_end_against_the_first_poll() {
    model(|| {
        let scene = Scene::new();
        let worker = {
            let scene = scene.clone();
            thread::spawn(move || {
                scene.note.with_mut(|_| ());
                assert_eq!(scene.source.finish(scene.left).verdict, Verdict::Ok);
            })
        };
        let observer = scene.source.canceller().observer();
        assert_eq!(block_on(observer.ended()), Ok(Outcome::Finished));
        scene.read_note();
        let told = block_on(observer.cancelled()).unwrap();
        assert_eq!((told.request(), told.outcome()), (None, Some(Outcome::Finished)));
        worker.join().unwrap();
    });
}
