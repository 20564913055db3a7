//! quell's core as a Rust caller has it: hooks on sources, scopes, waiting.

use std::ffi::c_void;
use std::hint::black_box;
use std::pin::pin;
use std::process::abort;
use std::ptr::from_ref;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{JoinHandle, spawn};

use quell::{
    Cause, Events, Hook, IfHappened, Level, Mode, Request, Scope, Source, Ticket, Told, Verdict,
};

use crate::second_poller::SecondPoller;
use crate::work::{CLibrary, CWork, Work, work};

const REQUEST: Request = Request::new(Level::Graceful, Cause::User);

/// A source whose operation runs.
struct Running {
    source: Source,
    held: Ticket,
}

impl Running {
    fn new() -> Self {
        let source = Source::new();
        let (verdict, held) = source.arm_ticket(Mode::DECISIVE);
        assert_eq!(verdict, Verdict::Ok);
        assert_eq!(source.op().start(held).verdict, Verdict::Ok);
        Running { source, held }
    }

    fn cancel(&self) -> Verdict {
        self.source.cancel(self.held, REQUEST, None::<fn(Request) -> u32>).verdict
    }

    /// # Safety
    /// The hook and the source stay in place until the hook is detached or has
    /// run; the counter, for ever.
    unsafe fn add(&self, hook: &Hook, ran: &'static AtomicUsize) -> Verdict {
        let call = (count as _, from_ref(ran).cast_mut().cast());
        // SAFETY: the caller's promise.
        unsafe { self.source.add(self.held, hook, call, Events::REQUEST, IfHappened::Report) }
            .verdict
    }
}

/// # Safety
/// `counter` is of a static counter.
unsafe extern "C" fn count(counter: *mut c_void, _: *const Told) {
    // SAFETY: the caller's promise.
    let counter = unsafe { &*counter.cast::<AtomicUsize>() };
    // Ordering: Relaxed: read on the same thread. No swap: the floor has none.
    counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
}

struct Create;
impl Work for Create {
    fn prepare(_: usize) -> Self {
        Create
    }
    fn act(&mut self, size: usize) {
        for _ in 0..size {
            let scope = pin!(Scope::new());
            if scope.as_ref().open() != Verdict::Ok {
                abort();
            }
            black_box(scope.as_ref());
        }
    }
}

struct Callback(Running);
impl Work for Callback {
    fn prepare(_: usize) -> Self {
        Callback(Running::new())
    }
    fn act(&mut self, size: usize) {
        static RAN: AtomicUsize = AtomicUsize::new(0);
        for _ in 0..size {
            let hook = Hook::new();
            // SAFETY: detached in the same breath.
            if unsafe { self.0.add(&hook, &RAN) } != Verdict::Ok {
                abort();
            }
            black_box(&hook);
            if self.0.source.detach(&hook) != Verdict::Ok {
                abort();
            }
        }
    }
}

struct Cancel(Vec<Running>);
impl Work for Cancel {
    fn prepare(size: usize) -> Self {
        Cancel((0..size).map(|_| Running::new()).collect())
    }
    fn act(&mut self, _: usize) {
        for each in &self.0 {
            if each.cancel() != Verdict::Cancelling {
                abort();
            }
        }
    }
}

static MANY: AtomicUsize = AtomicUsize::new(0);
struct CancelMany {
    running: Box<Running>,
    hooks: Vec<Hook>,
}
impl Work for CancelMany {
    fn prepare(size: usize) -> Self {
        // Ordering: Relaxed: one thread.
        MANY.store(0, Ordering::Relaxed);
        let running = Box::new(Running::new());
        let hooks: Vec<Hook> = (0..size).map(|_| Hook::new()).collect();
        for hook in &hooks {
            // SAFETY: both are on the heap until `tidy`.
            assert_eq!(unsafe { running.add(hook, &MANY) }, Verdict::Ok);
        }
        CancelMany { running, hooks }
    }
    fn act(&mut self, _: usize) {
        if self.running.cancel() != Verdict::Cancelling {
            abort();
        }
    }
    fn tidy(self, size: usize) {
        // Ordering: Relaxed: one thread.
        assert_eq!(MANY.load(Ordering::Relaxed), size);
        assert!(self.hooks.iter().all(|hook| self.running.source.detach(hook) == Verdict::Ran));
    }
}

struct Child(Box<Scope<'static>>);
impl Work for Child {
    fn prepare(_: usize) -> Self {
        let parent = Box::new(Scope::new());
        // SAFETY: there is no parent.
        assert_eq!(unsafe { parent.open_raw(None, false) }, Verdict::Ok);
        Child(parent)
    }
    fn act(&mut self, size: usize) {
        for _ in 0..size {
            let child = Scope::new();
            // SAFETY: closed in the same breath, and the parent is on the heap.
            if unsafe { child.open_raw(Some(self.0.source()), false) } != Verdict::Ok {
                abort();
            }
            black_box(&child);
        }
    }
}

/// All below one root, or each below the one before.
struct Tree<const DEEP: bool>(Vec<Scope<'static>>);
impl<const DEEP: bool> Work for Tree<DEEP> {
    fn prepare(size: usize) -> Self {
        let scopes: Vec<Scope<'static>> = (0..=size).map(|_| Scope::new()).collect();
        for (at, scope) in scopes.iter().enumerate() {
            let above = if DEEP { at.checked_sub(1) } else { (at > 0).then_some(0) };
            let parent = above.map(|above| scopes[above].source());
            // SAFETY: the scopes stay where they are until `tidy`.
            assert_eq!(unsafe { scope.open_raw(parent, false) }, Verdict::Ok);
        }
        Tree(scopes)
    }
    fn act(&mut self, _: usize) {
        if self.0[0].cancel(REQUEST) != Verdict::Cancelling {
            abort();
        }
    }
    fn tidy(self, _: usize) {
        assert!(self.0.iter().all(|scope| scope.poll() == Some(Level::Graceful)));
        assert!(self.0.iter().rev().all(|scope| scope.close() == Verdict::Ok));
    }
}

struct Poll(Arc<Running>);
impl Work for Poll {
    fn prepare(_: usize) -> Self {
        Poll(Arc::new(Running::new()))
    }
    fn act(&mut self, size: usize) {
        let polled = self.0.source.op();
        for _ in 0..size {
            if polled.poll().is_some() {
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
        let running = polled.0.clone();
        PollShared {
            polled,
            second: SecondPoller::new(move || running.source.op().poll().is_some()),
        }
    }
    fn act(&mut self, size: usize) {
        self.polled.act(size);
    }
    fn tidy(self, _: usize) {
        self.second.stop();
    }
}

type Sides = [Vec<Running>; 2];
struct Wake {
    sides: Arc<Sides>,
    second: JoinHandle<()>,
}
fn await_request(of: &Running) {
    if of.source.wait(of.held, Events::REQUEST, None).is_err() {
        abort();
    }
}
impl Work for Wake {
    fn prepare(size: usize) -> Self {
        let side = || (0..size).map(|_| Running::new()).collect();
        let sides: Arc<Sides> = Arc::new([side(), side()]);
        let second = spawn({
            let sides = sides.clone();
            move || {
                for (wait, cancel) in sides[0].iter().zip(&sides[1]) {
                    await_request(wait);
                    let _ = cancel.cancel();
                }
            }
        });
        Wake { sides, second }
    }
    fn act(&mut self, _: usize) {
        for (cancel, wait) in self.sides[0].iter().zip(&self.sides[1]) {
            let _ = cancel.cancel();
            await_request(wait);
        }
    }
    fn tidy(self, _: usize) {
        self.second.join().expect("the second thread's turns come to an end");
        assert!(self.sides.iter().flatten().all(|each| each.source.op().poll().is_some()));
    }
}

/// What the programs that measure find here.
#[unsafe(no_mangle)]
pub extern "C" fn bench_quell_core() -> &'static CLibrary {
    const SOURCE: usize = size_of::<Source>();
    const HOOK: usize = size_of::<Hook>();
    const SCOPE: usize = size_of::<Scope<'static>>();
    static WORKS: &[CWork] = &[
        work::<Create>(c"create", SCOPE),
        work::<Callback>(c"callback", HOOK),
        work::<Cancel>(c"cancel", SOURCE),
        work::<CancelMany>(c"cancel_many", HOOK),
        work::<Child>(c"child", SCOPE),
        work::<Tree<false>>(c"tree", SCOPE),
        work::<Tree<true>>(c"chain", SCOPE),
        work::<Poll>(c"poll", size_of::<quell::Op>()),
        work::<PollShared>(c"poll_shared", size_of::<quell::Op>()),
        work::<Wake>(c"wake", SOURCE),
    ];
    static LIBRARY: CLibrary =
        CLibrary { name: c"core".as_ptr(), works: WORKS.as_ptr(), count: WORKS.len() };
    &LIBRARY
}
