//! The table, call by call: answers, limits, handles of the past, holds, roles.
#![allow(clippy::unwrap_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use quell::{
    Cause, Claim, Code, Effects, Generation, Hold, Level, MAX_OWNER, MAX_SLOTS, Mode, Op, Phase,
    Place, Request, Rights, Table, TableEntry, TableView, Ticket, Verdict,
};

const GENTLE: Request = Request::new(Level::Graceful, Cause::User);
const NO_GATE: Option<fn(Request) -> u32> = None;
const BROKEN: Code = Code::ABANDONED;

fn claim(tag: u32) -> Claim {
    Claim { tag, mode: Mode::DECISIVE, owner: 0 }
}

fn cancel(view: TableView<'_>, tag: u32) -> Verdict {
    view.cancel_by_tag(tag, GENTLE, NO_GATE).verdict
}

/// Ends it, whatever it is, as the owner may.
fn end(view: TableView<'_>, place: Place) {
    assert_eq!(view.op(place.slot).unwrap().force(place.ticket, BROKEN).verdict, Verdict::Ok);
}

fn tags(view: TableView<'_>) -> Vec<u32> {
    view.entries(Rights::OBSERVE).map(|entry| entry.tag).collect()
}

#[test]
fn a_static_table_is_used_from_the_start() {
    static TABLE: Table<4> = Table::new();
    let view = TABLE.view();
    assert_eq!((view.capacity(), view.in_use(), view.high_water()), (4, 0, 0));
    let place = view.claim(claim(7)).unwrap();
    assert_eq!((place.slot, view.in_use(), view.high_water()), (0, 1, 1));
    assert_eq!(view.find(7, Rights::CANCEL).map(|found| found.slot), Some(0));
}

#[test]
fn full_is_an_answer_and_changes_nothing() {
    let table = Table::<3>::new();
    let view = table.view();
    let places: Vec<_> = (1..=3).map(|tag| view.claim(claim(tag)).unwrap()).collect();
    assert_eq!(places.iter().map(|place| place.slot).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(view.claim(claim(4)), Err(Verdict::Full));
    assert_eq!((tags(view), view.in_use()), (vec![1, 2, 3], 3));
    end(view, places[1]);
    assert_eq!(view.claim(claim(4)), Err(Verdict::Full), "an ended operation keeps its slot");
    assert_eq!(view.retire(places[1]), Verdict::Ok);
    assert_eq!(view.claim(claim(4)).unwrap().slot, 1);
}

#[test]
fn a_table_of_no_slots_is_full() {
    let table = Table::<0>::new();
    assert_eq!(table.view().claim(claim(1)), Err(Verdict::Full));
    assert_eq!((table.view().capacity(), table.view().in_use()), (0, 0));
}

/// Sizes around each level of the tree: every slot is given once, the lowest
/// free one first, and again after each has been retired.
#[test]
fn every_slot_of_every_size_is_given_once() {
    fn sized<const N: usize>() {
        let table = Box::new(Table::<N>::new());
        let view = table.view();
        for slot in 0..N {
            assert_eq!(view.claim(claim(slot as u32)).map(|place| place.slot), Ok(slot));
        }
        assert_eq!(view.claim(claim(0)), Err(Verdict::Full));
        for slot in (0..N).rev() {
            let place = view.look(slot, Rights::ALL).unwrap().place;
            end(view, place);
            assert_eq!(view.retire(place), Verdict::Ok);
            assert_eq!(view.claim(claim(0)).map(|place| place.slot), Ok(slot));
        }
        assert_eq!((view.in_use(), view.high_water()), (N, N));
        assert_eq!(view.claim(claim(0)), Err(Verdict::Full));
    }
    sized::<1>();
    sized::<31>();
    sized::<32>();
    sized::<33>();
    sized::<1023>();
    sized::<1024>();
    sized::<1025>();
    sized::<2081>();
}

#[test]
fn the_largest_table_has_a_slot_for_each_index() {
    let table: Box<Table<MAX_SLOTS>> = Box::new(Table::new());
    let view = table.view();
    for slot in 0..MAX_SLOTS {
        assert_eq!(view.claim(claim(slot as u32)).map(|place| place.slot), Ok(slot));
    }
    assert_eq!(view.claim(claim(0)), Err(Verdict::Full));
    assert_eq!(view.find(MAX_SLOTS as u32 - 1, Rights::OBSERVE).unwrap().slot, MAX_SLOTS - 1);
}

#[test]
fn what_is_prepared_comes_before_anybody_can_find_it() {
    let table = Table::<2>::new();
    let view = table.view();
    let mut prepared = Vec::new();
    let place = view.claim_with(claim(5), |slot| {
        prepared.push(slot);
        assert_eq!(view.find(5, Rights::OBSERVE), None);
        assert_eq!(view.look(slot, Rights::OBSERVE), None);
        assert_eq!(cancel(view, 5), Verdict::NotFound);
        assert_eq!(view.in_use(), 1);
    });
    assert_eq!(prepared, [0]);
    assert_eq!(view.find(5, Rights::ALL), Some(place.unwrap()));
}

#[test]
fn a_claim_out_of_range_is_invalid_and_takes_nothing() {
    let table = Table::<1>::new();
    let asked = Claim { owner: MAX_OWNER + 1, ..claim(1) };
    assert_eq!(table.view().claim(asked), Err(Verdict::Invalid));
    assert_eq!(table.view().in_use(), 0);
    let asked = Claim { owner: MAX_OWNER, ..claim(1) };
    let place = table.view().claim(asked).unwrap();
    assert_eq!(table.view().look(place.slot, Rights::OBSERVE).unwrap().owner, MAX_OWNER);
}

#[test]
fn a_tag_is_found_from_its_claim_to_its_retirement() {
    let table = Table::<2>::new();
    let view = table.view();
    assert_eq!((view.find(7, Rights::ALL), cancel(view, 7)), (None, Verdict::NotFound));
    // Zero is a tag as any other; a free slot has none.
    assert_eq!((view.find(0, Rights::ALL), cancel(view, 0)), (None, Verdict::NotFound));

    let place = view.claim(claim(7)).unwrap();
    assert_eq!(view.find(7, Rights::ALL), Some(place));
    assert_eq!(cancel(view, 7), Verdict::Cancelled);
    assert_eq!(cancel(view, 7), Verdict::AlreadyCancelled);
    assert_eq!(view.retire(place), Verdict::Ok);
    assert_eq!((view.find(7, Rights::ALL), cancel(view, 7)), (None, Verdict::NotFound));
}

#[test]
fn the_tag_of_the_slots_last_life_hits_nothing_of_this_one() {
    let table = Table::<1>::new();
    let view = table.view();
    let old = view.claim(claim(7)).unwrap();
    end(view, old);
    assert_eq!(view.retire(old), Verdict::Ok);
    let new = view.claim(claim(9)).unwrap();
    assert_eq!(new.slot, old.slot);
    assert_eq!(cancel(view, 7), Verdict::NotFound);
    let told = view.op(0).unwrap().cancel(old.ticket, GENTLE, NO_GATE);
    assert_eq!(told.verdict, Verdict::Stale);
    assert_eq!(view.look(0, Rights::OBSERVE).unwrap().status.phase, Phase::Pending);
    assert_eq!(cancel(view, 9), Verdict::Cancelled);
}

#[test]
fn of_two_operations_of_one_tag_the_lower_slot_is_found() {
    let table = Table::<2>::new();
    let view = table.view();
    let first = view.claim(claim(7)).unwrap();
    let second = view.claim(claim(7)).unwrap();
    assert_eq!(view.find(7, Rights::ALL), Some(first));
    assert_eq!(cancel(view, 7), Verdict::Cancelled);
    assert_eq!(view.retire(first), Verdict::Ok);
    assert_eq!(view.find(7, Rights::ALL), Some(second));
}

#[test]
fn cancel_by_tag_brings_the_gate() {
    let table = Table::<1>::new();
    let view = table.view();
    let place = view.claim(Claim { mode: Mode::GATED, ..claim(7) }).unwrap();
    assert_eq!(view.op(0).unwrap().start(place.ticket).verdict, Verdict::Ok);
    assert_eq!(cancel(view, 7), Verdict::Denied);
    let told = view.cancel_by_tag(7, GENTLE, Some(|_| 0xC0DE));
    assert_eq!((told.verdict, told.code), (Verdict::Refused, 0xC0DE));
    let told = view.cancel_by_tag(7, GENTLE, Some(|_| 0));
    assert_eq!((told.verdict, told.code), (Verdict::Cancelling, 0));
}

#[test]
fn a_hold_keeps_the_slot_after_the_retirement() {
    let table = Table::<1>::new();
    let view = table.view();
    let place = view.claim(claim(7)).unwrap();
    let started = view.op(0).unwrap().start(place.ticket);
    assert_eq!(view.hold(place), Verdict::Ok);
    assert_eq!(view.hold(place), Verdict::Ok);
    assert_eq!(view.look(0, Rights::OBSERVE).unwrap().holds, 2);
    end(view, place);
    assert_eq!(view.retire(place), Verdict::Ok);

    // Its life is over, and its slot is not to be had.
    assert_eq!((view.find(7, Rights::OBSERVE), view.in_use()), (None, 1));
    assert_eq!(view.claim(claim(9)), Err(Verdict::Full));
    // The late completion.
    assert_eq!(view.op(0).unwrap().finish(started.word).verdict, Verdict::Stale);
    assert_eq!(view.hold(place), Verdict::Stale);
    assert_eq!(view.retire(place), Verdict::Stale);
    assert_eq!(view.release(place), Verdict::Ok);
    assert_eq!(view.claim(claim(9)), Err(Verdict::Full));
    assert_eq!(view.release(place), Verdict::Ok);
    assert_eq!(view.release(place), Verdict::Stale);
    let next = view.claim(claim(9)).unwrap();
    assert_eq!((view.release(next), view.in_use()), (Verdict::BadState, 1));
}

#[test]
fn holds_are_counted_up_to_their_limit_and_taken_back_at_once() {
    let table = Table::<1>::new();
    let view = table.view();
    let place = view.claim(claim(7)).unwrap();
    for _ in 0..32_767 {
        assert_eq!(view.hold(place), Verdict::Ok);
    }
    assert_eq!(view.hold(place), Verdict::Full);
    assert_eq!(view.look(0, Rights::OBSERVE).unwrap().holds, 32_767);
    end(view, place);
    assert_eq!(view.retire(place), Verdict::Ok);
    let observer = Place { ticket: place.ticket.narrowed(Rights::OBSERVE), ..place };
    assert_eq!(view.release_all(observer), Verdict::Denied);
    assert_eq!(view.claim(claim(9)), Err(Verdict::Full));
    assert_eq!(view.release_all(place), Verdict::Ok);
    assert_eq!(view.claim(claim(9)).unwrap().slot, 0);
}

#[test]
fn places_that_are_none_are_told_so() {
    let table = Table::<2>::new();
    let view = table.view();
    let place = view.claim(claim(7)).unwrap();
    let told = |place: Place| {
        [view.retire(place), view.hold(place), view.release(place), view.release_all(place)]
    };
    for slot in [2, 31, 32, MAX_SLOTS, usize::MAX] {
        assert_eq!(told(Place { slot, ..place }), [Verdict::Invalid; 4], "{slot}");
        assert!(view.op(slot).is_none() && view.look(slot, Rights::ALL).is_none());
    }
    // A free slot, and a generation that has not been.
    let nobody = Place { slot: 1, ..place };
    assert_eq!(told(nobody), [Verdict::BadState, Verdict::Stale, Verdict::Stale, Verdict::Stale]);
    let later = Ticket::new(Generation::new(5), Rights::ALL);
    assert_eq!(told(Place { ticket: later, ..place }), [Verdict::Stale; 4]);
    // Not ended; without the right.
    assert_eq!(view.retire(place), Verdict::BadState);
    let canceller = Place { ticket: place.ticket.narrowed(Rights::CANCEL), ..place };
    assert_eq!(view.retire(canceller), Verdict::Denied);
    assert_eq!(tags(view), [7]);
}

#[test]
fn a_place_is_stale_after_its_retirement_and_for_each_call() {
    let table = Table::<1>::new();
    let view = table.view();
    let old = view.claim(claim(7)).unwrap();
    end(view, old);
    assert_eq!(view.retire(old), Verdict::Ok);
    let new = view.claim(claim(9)).unwrap();
    assert_eq!(view.hold(new), Verdict::Ok);
    for verdict in [view.retire(old), view.hold(old), view.release(old), view.release_all(old)] {
        assert_eq!(verdict, Verdict::Stale);
    }
    assert!(view.adopt(old).is_err_and(|refusal| refusal == Verdict::Stale));
    assert!(view.canceller(old).is_err_and(|refusal| refusal == Verdict::Stale));
    assert_eq!(view.look(0, Rights::OBSERVE).unwrap().holds, 1);
}

/// An op that is retired past the table keeps its slot until the table's own
/// retirement, which says STALE and frees it, or a sweep.
#[test]
fn an_op_retired_past_the_table_is_cleared_up() {
    for by_sweep in [false, true] {
        let table = Table::<1>::new();
        let view = table.view();
        let place = view.claim(claim(7)).unwrap();
        end(view, place);
        let op: &Op = view.op(0).unwrap();
        assert_eq!(op.retire(place.ticket).verdict, Verdict::Ok);
        assert_eq!(view.claim(claim(9)), Err(Verdict::Full));
        if by_sweep {
            assert_eq!(view.sweep(|_| false), 1);
        } else {
            assert_eq!(view.retire(place), Verdict::Stale);
        }
        assert_eq!(view.claim(claim(9)).unwrap().slot, 0);
    }
}

#[test]
fn a_sweep_of_a_sound_table_changes_nothing() {
    let table = Table::<4>::new();
    let view = table.view();
    let place = view.claim(Claim { owner: 3, ..claim(7) }).unwrap();
    let held = view.claim(Claim { owner: 3, ..claim(8) }).unwrap();
    assert_eq!(view.hold(held), Verdict::Ok);
    end(view, held);
    assert_eq!(view.retire(held), Verdict::Ok);
    let before: Vec<TableEntry> = view.entries(Rights::ALL).collect();
    assert_eq!(view.sweep(|_| true), 0);
    assert_eq!(view.entries(Rights::ALL).collect::<Vec<_>>(), before);
    assert_eq!((view.in_use(), before[0].place), (2, place));
}

/// The dead worker: whoever comes next sees whose it is, takes it over, forces
/// and retires it.
#[test]
fn the_operation_of_a_dead_owner_is_adopted_and_forced() {
    let table = Table::<2>::new();
    let view = table.view();
    let lost = view.claim(Claim { owner: 3, ..claim(7) }).unwrap();
    let started = view.op(lost.slot).unwrap().start(lost.ticket);
    let alive = view.claim(Claim { owner: 4, ..claim(8) }).unwrap();

    let of_dead: Vec<TableEntry> =
        view.entries(Rights::ALL).filter(|entry| entry.owner == 3).collect();
    assert_eq!(of_dead.len(), 1);
    let tenant = view.adopt(of_dead[0].place).unwrap();
    assert_eq!(tenant.force(BROKEN), Verdict::Ok);
    let status = tenant.status().unwrap();
    assert_eq!((status.phase, status.effects), (Phase::Failed, Effects::Unknown));
    assert!(tenant.retire().is_ok());
    assert_eq!(view.op(lost.slot).unwrap().finish(started.word).verdict, Verdict::Stale);
    assert_eq!(view.entries(Rights::ALL).map(|entry| entry.place).collect::<Vec<_>>(), [alive]);
}

#[test]
fn the_roles_of_a_table() {
    let table = Table::<1>::new();
    let view = table.view();
    let tenant = view.tenant(claim(7)).unwrap();
    let mut worker = tenant.start().unwrap();
    let canceller = view.canceller(view.find(7, Rights::CANCEL).unwrap()).unwrap();
    let hold: Hold<'_> = tenant.hold().unwrap();
    let hardware = tenant.hold().unwrap().into_place();
    assert_eq!(view.look(0, Rights::OBSERVE).unwrap().holds, 2);
    drop(hold);

    assert_eq!(canceller.cancel(GENTLE).verdict, Verdict::Cancelling);
    assert_eq!(worker.poll(), Some(Level::Graceful));
    let (tenant, refusal) = tenant.retire().unwrap_err();
    assert_eq!(refusal, Verdict::BadState);
    assert_eq!(worker.acknowledge(Effects::None), Verdict::Ok);
    assert_eq!(tenant.observer().status().unwrap().phase, Phase::Cancelled);
    assert!(tenant.retire().is_ok());
    assert_eq!(canceller.cancel(GENTLE).verdict, Verdict::Stale);

    assert_eq!(view.tenant(claim(9)).err(), Some(Verdict::Full));
    assert_eq!(view.release_all(hardware), Verdict::Denied, "the hardware owns nothing");
    assert_eq!(view.release(hardware), Verdict::Ok);
    assert!(view.tenant(claim(9)).is_ok());
}

#[test]
fn a_place_without_the_right_is_denied_its_role() {
    let table = Table::<1>::new();
    let view = table.view();
    let place = view.claim(claim(7)).unwrap();
    let only_look = view.find(7, Rights::OBSERVE).unwrap();
    assert_eq!(view.adopt(only_look).err(), Some(Verdict::Denied));
    assert!(view.canceller(only_look).is_err_and(|refusal| refusal == Verdict::Denied));
    let nowhere = Place { slot: 1, ..place };
    assert_eq!(view.adopt(nowhere).err(), Some(Verdict::Invalid));
    assert!(view.canceller(nowhere).is_err_and(|refusal| refusal == Verdict::Invalid));
}
