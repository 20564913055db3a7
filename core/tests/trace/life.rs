//! The small life whose records stand in SPEC.md.

use std::ffi::c_void;
use std::pin::pin;

use quell::{
    Cause, Effects, Events, Hook, HookFn, IfHappened, Level, Mode, Op, Request, Rights, Scope,
    Source, Told, Verdict, drain,
};

/// Names for the addresses in the records.
pub(crate) struct Names {
    pub(crate) source: u64,
    pub(crate) hook: u64,
    pub(crate) op: u64,
    pub(crate) parent: u64,
    pub(crate) child: u64,
}

impl Names {
    pub(crate) fn put_into(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (address, name) in [
            (self.source, "SOURCE"),
            (self.hook, "HOOK"),
            (self.op, "OP"),
            (self.parent, "PARENT"),
            (self.child, "CHILD"),
        ] {
            text = text.replace(&format!("{address:#x}"), name);
        }
        text
    }
}

fn address<T: ?Sized>(of: &T) -> u64 {
    std::ptr::from_ref(of).addr() as u64
}

unsafe extern "C" fn ignore(_: *mut c_void, _: *const Told) {}

pub(crate) fn play() -> Names {
    let source = Source::new();
    let owner = source.arm(Mode::DECISIVE).unwrap();
    let mut worker = owner.start().unwrap();
    let hook = Hook::new();
    let call: (HookFn, _) = (ignore, std::ptr::null_mut());
    let observer = source.ticket(Rights::OBSERVE);
    // SAFETY: the hook stays until the operation has ended; its function may
    // be called with anything.
    let added = unsafe { source.add(observer, &hook, call, Events::ALL, IfHappened::Run) };
    assert_eq!(added.verdict, Verdict::Ok);
    assert_eq!(worker.shield(), Verdict::Ok);
    assert_eq!(worker.unshield(), Ok(None));
    let _ = owner.canceller().cancel(Request::new(Level::Graceful, Cause::User));
    let (held, no_gate) = (source.ticket(Rights::CANCEL), None::<fn(Request) -> u32>);
    let raise = Request::new(Level::Emergency, Cause::Fault);
    // SAFETY: the source stays until it is retired.
    assert_eq!(unsafe { source.cancel_from_isr(held, raise, no_gate) }.verdict, Verdict::Raised);
    drain();
    assert_eq!(worker.acknowledge(Effects::Partial), Verdict::Ok);
    owner.retire().unwrap();

    let op = Op::new();
    let owner = op.arm(Mode::DECISIVE).unwrap();
    let mut worker = owner.start().unwrap();
    assert_eq!(worker.commit(), Verdict::Ok);
    assert_eq!(worker.finish(), Verdict::Ok);

    let parent = pin!(Scope::new());
    let parent = parent.as_ref();
    let child = pin!(Scope::new());
    let child = child.as_ref();
    assert_eq!(parent.open(), Verdict::Ok);
    assert_eq!(child.open_in(parent), Verdict::Ok);
    let _ = parent.cancel(Request::new(Level::Immediate, Cause::Shutdown));
    assert_eq!((child.close(), parent.close()), (Verdict::Ok, Verdict::Ok));

    Names {
        source: address(&source),
        hook: address(&hook),
        op: address(&op),
        parent: address(&*parent),
        child: address(&*child),
    }
}
