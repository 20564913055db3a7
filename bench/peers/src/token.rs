//! tokio-util's `CancellationToken`. A callback is a future that waits for the
//! token, with a waker that counts; a child and its parent are the library's
//! own; two threads that wait are two current-thread runtimes.

use std::hint::black_box;
use std::pin::{Pin, pin};
use std::process::abort;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, RawWaker, RawWakerVTable, Waker};
use std::thread::JoinHandle;

use crate::second_poller::SecondPoller;
use crate::work::{CLibrary, CWork, Work, work};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// A waker that adds one to the number it points at, and counts no references.
fn counting(counter: &'static AtomicUsize) -> Waker {
    const TABLE: RawWakerVTable =
        RawWakerVTable::new(|counter| RawWaker::new(counter, &TABLE), wake, wake, |_| ());
    fn wake(counter: *const ()) {
        // SAFETY: the pointer is to a static, from `counting`.
        let counter = unsafe { &*counter.cast::<AtomicUsize>() };
        // Ordering: read on the same thread.
        counter.fetch_add(1, Ordering::Relaxed);
    }
    let counter: *const AtomicUsize = counter;
    // SAFETY: the table's functions ask nothing but that the static lives.
    unsafe { Waker::from_raw(RawWaker::new(counter.cast(), &TABLE)) }
}

struct Create;
impl Work for Create {
    fn prepare(_: usize) -> Self {
        Create
    }
    fn act(&mut self, size: usize) {
        for _ in 0..size {
            drop(black_box(CancellationToken::new()));
        }
    }
}

struct Callback(CancellationToken);
impl Work for Callback {
    fn prepare(_: usize) -> Self {
        Callback(CancellationToken::new())
    }
    fn act(&mut self, size: usize) {
        static RAN: AtomicUsize = AtomicUsize::new(0);
        let waker = counting(&RAN);
        let mut context = Context::from_waker(&waker);
        for _ in 0..size {
            let added = pin!(self.0.cancelled());
            if added.poll(&mut context).is_ready() {
                abort();
            }
        }
    }
}

struct Cancel(Vec<CancellationToken>);
impl Work for Cancel {
    fn prepare(size: usize) -> Self {
        Cancel((0..size).map(|_| CancellationToken::new()).collect())
    }
    fn act(&mut self, _: usize) {
        for token in &self.0 {
            token.cancel();
        }
    }
    fn tidy(self, _: usize) {
        assert!(self.0.iter().all(CancellationToken::is_cancelled));
    }
}

static MANY: AtomicUsize = AtomicUsize::new(0);
struct CancelMany {
    token: CancellationToken,
    _callbacks: Pin<Box<[WaitForCancellationFutureOwned]>>,
}
impl Work for CancelMany {
    fn prepare(size: usize) -> Self {
        // Ordering: one thread.
        MANY.store(0, Ordering::Relaxed);
        let token = CancellationToken::new();
        let futures: Box<[_]> = (0..size).map(|_| token.clone().cancelled_owned()).collect();
        let mut callbacks = Box::into_pin(futures);
        let waker = counting(&MANY);
        // SAFETY: nothing is moved out of the slice, here or later.
        for future in unsafe { callbacks.as_mut().get_unchecked_mut() } {
            // SAFETY: the slice is pinned, so its parts are.
            let future = unsafe { Pin::new_unchecked(future) };
            assert!(future.poll(&mut Context::from_waker(&waker)).is_pending());
        }
        CancelMany { token, _callbacks: callbacks }
    }
    fn act(&mut self, _: usize) {
        self.token.cancel();
    }
    fn tidy(self, size: usize) {
        // Ordering: one thread.
        assert_eq!(MANY.load(Ordering::Relaxed), size);
    }
}

struct Child(CancellationToken);
impl Work for Child {
    fn prepare(_: usize) -> Self {
        Child(CancellationToken::new())
    }
    fn act(&mut self, size: usize) {
        for _ in 0..size {
            drop(black_box(self.0.child_token()));
        }
    }
}

/// All below one root, or each below the one before.
struct Tree<const DEEP: bool> {
    root: CancellationToken,
    children: Vec<CancellationToken>,
}
impl<const DEEP: bool> Work for Tree<DEEP> {
    fn prepare(size: usize) -> Self {
        let root = CancellationToken::new();
        let mut children: Vec<CancellationToken> = Vec::with_capacity(size);
        for _ in 0..size {
            let parent = children.last().filter(|_| DEEP).unwrap_or(&root);
            children.push(parent.child_token());
        }
        Tree { root, children }
    }
    fn act(&mut self, _: usize) {
        self.root.cancel();
    }
    fn tidy(mut self, _: usize) {
        assert!(self.children.iter().all(CancellationToken::is_cancelled));
        while self.children.pop().is_some() {}
    }
}

struct Poll(CancellationToken);
impl Work for Poll {
    fn prepare(_: usize) -> Self {
        Poll(CancellationToken::new())
    }
    fn act(&mut self, size: usize) {
        for _ in 0..size {
            if self.0.is_cancelled() {
                abort();
            }
        }
    }
}

struct PollShared {
    polled: Poll,
    second: SecondPoller,
}
impl Work for PollShared {
    fn prepare(size: usize) -> Self {
        let polled = Poll::prepare(size);
        let token = polled.0.clone();
        PollShared { polled, second: SecondPoller::new(move || token.is_cancelled()) }
    }
    fn act(&mut self, size: usize) {
        self.polled.act(size);
    }
    fn tidy(self, _: usize) {
        self.second.stop();
    }
}

struct Wake {
    runtime: tokio::runtime::Runtime,
    sides: [Vec<CancellationToken>; 2],
    second: JoinHandle<()>,
}
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime needs only memory")
}
impl Work for Wake {
    fn prepare(size: usize) -> Self {
        let side = || (0..size).map(|_| CancellationToken::new()).collect::<Vec<_>>();
        let sides = [side(), side()];
        let [mine, theirs] = sides.clone();
        let second = std::thread::spawn(move || {
            runtime().block_on(async {
                for (wait, cancel) in mine.iter().zip(&theirs) {
                    wait.cancelled().await;
                    cancel.cancel();
                }
            });
        });
        Wake { runtime: runtime(), sides, second }
    }
    fn act(&mut self, _: usize) {
        let [theirs, mine] = &self.sides;
        self.runtime.block_on(async {
            for (cancel, wait) in theirs.iter().zip(mine) {
                cancel.cancel();
                wait.cancelled().await;
            }
        });
    }
    fn tidy(self, _: usize) {
        self.second.join().expect("the second thread's turns come to an end");
        assert!(self.sides.iter().flatten().all(CancellationToken::is_cancelled));
    }
}

/// What the programs that measure find here.
#[unsafe(no_mangle)]
pub extern "C" fn bench_tokio() -> &'static CLibrary {
    const TOKEN: usize = size_of::<CancellationToken>();
    const FUTURE: usize = size_of::<tokio_util::sync::WaitForCancellationFuture<'static>>();
    static WORKS: &[CWork] = &[
        work::<Create>(c"create", TOKEN),
        work::<Callback>(c"callback", FUTURE),
        work::<Cancel>(c"cancel", TOKEN),
        work::<CancelMany>(c"cancel_many", FUTURE),
        work::<Child>(c"child", TOKEN),
        work::<Tree<false>>(c"tree", TOKEN),
        work::<Tree<true>>(c"chain", TOKEN),
        work::<Poll>(c"poll", TOKEN),
        work::<PollShared>(c"poll_shared", TOKEN),
        work::<Wake>(c"wake", TOKEN),
    ];
    static LIBRARY: CLibrary =
        CLibrary { name: c"tokio".as_ptr(), works: WORKS.as_ptr(), count: WORKS.len() };
    &LIBRARY
}
