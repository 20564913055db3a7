//! Scopes: deep and wide ones in a small stack, closed in every order, and
//! random trees beside a naive model.
#![cfg(all(target_os = "linux", not(quell_loom)))]
#![allow(clippy::panic, clippy::unwrap_used, clippy::expect_used)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod deep;
mod model;
mod order;

use std::cell::RefCell;
use std::ffi::c_void;
use std::ptr;

use quell::{Cause, Events, Hook, IfHappened, Level, Request, Rights, Scope, Told, Verdict};

pub(crate) const GENTLE: Request = Request::new(Level::Graceful, Cause::User);

type Act<'a> = Box<dyn Fn(&Told) + 'a>;

/// A hook, what it has been told, and what it does when it is.
#[derive(Default)]
pub(crate) struct Ear<'a> {
    pub(crate) hook: Hook,
    pub(crate) heard: RefCell<Vec<Told>>,
    pub(crate) act: RefCell<Option<Act<'a>>>,
}

unsafe extern "C" fn hear(ear: *mut c_void, told: *const Told) {
    // SAFETY: each test hands over an ear that outlives its hook.
    let (ear, told) = unsafe { (&*ear.cast::<Ear<'_>>(), &*told) };
    ear.heard.borrow_mut().push(*told);
    let act = ear.act.borrow_mut().take();
    if let Some(act) = act {
        act(told);
    }
}

impl Ear<'_> {
    pub(crate) fn listen(&self, scope: &Scope<'_>) -> Verdict {
        let held = scope.source().ticket(Rights::OBSERVE);
        let call = (hear as _, ptr::from_ref(self).cast_mut().cast());
        // SAFETY: ears outlive the scopes that they listen to, in each test.
        let added =
            unsafe { scope.source().add(held, &self.hook, call, Events::ALL, IfHappened::Report) };
        added.verdict
    }

    pub(crate) fn count(&self, events: Events) -> usize {
        self.heard.borrow().iter().filter(|told| told.events().intersects(events)).count()
    }
}

pub(crate) fn scopes(count: usize) -> Box<[Scope<'static>]> {
    (0..count).map(|_| Scope::new()).collect()
}

/// Opens a scope that is not moved, and closed before its parent goes.
pub(crate) fn open(scope: &Scope<'_>, parent: Option<&Scope<'_>>) -> Verdict {
    // SAFETY: as said.
    unsafe { scope.open_raw(parent.map(Scope::source), false) }
}
