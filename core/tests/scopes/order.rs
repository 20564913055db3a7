//! Closed in every order, and from inside hooks of every level.

use std::pin::pin;

use quell::{Cause, Effects, Events, Level, Mode, Request, Rights, Scope, Source, Verdict};

use crate::{Ear, GENTLE, open, scopes};

const DEPTH: usize = 4;

/// A chain with an ear at each level.
fn chain() -> (Box<[Scope<'static>]>, Vec<Ear<'static>>) {
    let chain = scopes(DEPTH);
    let ears: Vec<Ear<'_>> = (0..DEPTH).map(|_| Ear::default()).collect();
    for level in 0..DEPTH {
        let parent = level.checked_sub(1).map(|above| &chain[above]);
        assert_eq!(open(&chain[level], parent), Verdict::Ok);
        assert_eq!(ears[level].listen(&chain[level]), Verdict::Ok);
    }
    (chain, ears)
}

fn each_order(length: usize) -> Vec<Vec<usize>> {
    if length == 0 {
        return vec![vec![]];
    }
    let longer = |order: Vec<usize>| {
        (0..length).map(move |at| {
            let mut order = order.clone();
            order.insert(at, length - 1);
            order
        })
    };
    each_order(length - 1).into_iter().flat_map(longer).collect()
}

#[test]
fn closed_in_every_order() {
    let orders = each_order(DEPTH);
    assert_eq!(orders.len(), 24);
    for order in orders {
        for cancelled in [false, true] {
            let (chain, ears) = chain();
            if cancelled {
                assert_eq!(chain[0].cancel(GENTLE), Verdict::Cancelling);
            }
            for &level in &order {
                assert_eq!(chain[level].close(), Verdict::Ok, "{order:?}");
                assert_eq!(chain[level].close(), Verdict::BadState);
            }
            for ear in &ears {
                assert_eq!(ear.count(Events::REQUEST), usize::from(cancelled), "{order:?}");
                assert_eq!(ear.count(Events::END), 1, "{order:?}");
            }
        }
    }
}

/// Half of the chain is cancelled, then what is above.
#[test]
fn a_request_goes_down_and_not_up() {
    for level in 0..DEPTH {
        let (chain, ears) = chain();
        assert_eq!(chain[level].cancel(GENTLE), Verdict::Cancelling);
        for (at, scope) in chain.iter().enumerate() {
            assert_eq!(scope.poll(), (at >= level).then_some(Level::Graceful));
        }
        let urgent = Request::new(Level::Immediate, Cause::Fault);
        let told = chain[0].cancel(urgent);
        assert_eq!(told, if level == 0 { Verdict::Raised } else { Verdict::Cancelling });
        for (at, (scope, ear)) in chain.iter().zip(&ears).enumerate() {
            assert_eq!(scope.poll(), Some(Level::Immediate));
            assert_eq!(ear.count(Events::REQUEST), 1);
            assert_eq!(ear.count(Events::RAISE), usize::from(at >= level));
            let cause = if at == 0 { Cause::Fault } else { Cause::Parent };
            assert_eq!(ear.heard.borrow().last().unwrap().cause, cause.raw());
        }
        chain.iter().rev().for_each(|scope| assert_eq!(scope.close(), Verdict::Ok));
    }
}

/// The hook at one level closes the scope at another, while the whole is being
/// cancelled.
#[test]
fn closed_from_inside_hooks_of_every_level() {
    for own in 0..DEPTH {
        for closed in 0..DEPTH {
            let (chain, ears) = chain();
            let chain: &'static [Scope<'static>] = Box::leak(chain);
            *ears[own].act.borrow_mut() = Some(Box::new(move |_| {
                assert_eq!(chain[closed].close(), Verdict::Ok, "{own} closes {closed}");
            }));
            assert_eq!(chain[0].cancel(GENTLE), Verdict::Cancelling);
            for (level, (scope, ear)) in chain.iter().zip(&ears).enumerate() {
                let case = format!("{own} closes {closed}; level {level}");
                // One that is closed before the request has come to it keeps it
                // from those below.
                let reached = closed <= own || level < closed;
                assert_eq!(ear.count(Events::REQUEST), usize::from(reached), "{case}");
                assert_eq!(scope.poll().is_some(), reached && level != closed, "{case}");
                let ended = level == closed && level != own;
                assert_eq!(ear.count(Events::END), usize::from(ended), "{case}");
            }
            for (level, (scope, ear)) in chain.iter().zip(&ears).enumerate().rev() {
                if level == closed {
                    continue;
                }
                let case = format!("{own} closes {closed}; level {level}");
                assert_eq!(scope.close(), Verdict::Ok, "{case}");
                // The hook that closed what is above it is told nothing more.
                let hears = level != own || closed > own;
                assert_eq!(ear.count(Events::END), usize::from(hears), "{case}");
            }
        }
    }
}

/// Shielded, it hears when it leaves the shield what it was asked meanwhile.
#[test]
fn a_shield_against_the_parent() {
    let parent = pin!(Scope::new());
    let parent = parent.as_ref();
    let child = pin!(Scope::new());
    let child = child.as_ref();
    let below = pin!(Scope::new());
    assert_eq!(parent.open(), Verdict::Ok);
    assert_eq!(child.open_shielded_in(parent), Verdict::Ok);
    assert_eq!(below.as_ref().open_in(child), Verdict::Ok);
    assert_eq!(parent.cancel(GENTLE), Verdict::Cancelling);
    assert_eq!((child.poll(), below.poll()), (None, None));
    // Its own requests are no affair of the shield's.
    let urgent = Request::new(Level::Immediate, Cause::User);
    assert_eq!(parent.cancel(urgent), Verdict::Raised);
    assert_eq!(child.set_shielded(true), Verdict::Ok);
    assert_eq!(child.poll(), None);
    assert_eq!(child.set_shielded(false), Verdict::Ok);
    assert_eq!((child.poll(), below.poll()), (Some(Level::Immediate), Some(Level::Immediate)));
    assert_eq!(child.set_shielded(false), Verdict::Ok);
    // There is nothing to be shielded from without a parent.
    assert_eq!(parent.set_shielded(true), Verdict::BadState);
    assert_eq!(parent.close(), Verdict::Ok);
    assert_eq!(child.set_shielded(true), Verdict::BadState);
}

#[test]
fn opened_twice_closed_twice_and_in_what_is_closed() {
    let (parent, child) = (Scope::new(), Scope::new());
    assert_eq!(child.close(), Verdict::BadState);
    assert_eq!(open(&child, Some(&parent)), Verdict::BadState);
    // It is not left half open.
    assert_eq!(open(&child, None), Verdict::Ok);
    assert_eq!(open(&child, None), Verdict::BadState);
    assert_eq!(open(&parent, None), Verdict::Ok);
    assert_eq!(open(&child, Some(&parent)), Verdict::BadState);
    assert_eq!(parent.cancel(GENTLE), Verdict::Cancelling);
    assert_eq!(child.poll(), None, "it is not this one's child");
    assert_eq!(child.close(), Verdict::Ok);
    assert_eq!(child.close(), Verdict::BadState);
    assert_eq!(child.cancel(GENTLE), Verdict::BadState);
    assert_eq!(open(&child, Some(&parent)), Verdict::Ok);
    assert_eq!(child.poll(), Some(Level::Graceful), "told as it comes");
    assert_eq!(child.close(), Verdict::Ok);
}

/// A parent that has ended cancelled passes that on; one that has finished has
/// nothing to take anybody in for.
#[test]
fn opened_in_what_has_ended() {
    let end = |source: &Source, cancelled: bool| {
        let owner = source.arm(Mode::DECISIVE).unwrap();
        let mut worker = owner.start().unwrap();
        let end = if cancelled { worker.acknowledge(Effects::None) } else { worker.finish() };
        assert_eq!(end, Verdict::Ok);
    };
    for cancelled in [false, true] {
        let (parent, child) = (Source::new(), Scope::new());
        end(&parent, cancelled);
        // SAFETY: the parent outlives the child.
        let told = unsafe { child.open_raw(Some(&parent), false) };
        assert_eq!(told, if cancelled { Verdict::Ok } else { Verdict::BadState });
        assert_eq!(child.poll(), cancelled.then_some(Level::Graceful));
        let held = parent.ticket(Rights::ALL);
        assert_eq!(parent.retire(held), Verdict::Ok, "the child is not on its list");
    }
}
