//! Long sequences of calls on a table, against a model that is nothing but
//! lists; and the reuse of a tag at once, on two real cores.
#![allow(clippy::unwrap_used, clippy::panic, clippy::cast_possible_truncation)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

#[allow(dead_code, reason = "the parts for a plain op are not used here")]
mod lockstep;

use lockstep::race;
use proptest::prelude::*;
use quell::{
    Cause, Claim, Code, Effects, Level, Mode, Phase, Place, Request, Rights, Table, TableView,
    Verdict,
};

const GENTLE: Request = Request::new(Level::Graceful, Cause::User);
const NO_GATE: Option<fn(Request) -> u32> = None;

#[derive(Clone, Copy, Debug)]
enum Call {
    Claim(u32),
    /// The others are about the n-th claim that succeeded, modulo their count.
    Start(usize),
    End(usize),
    Retire(usize),
    Hold(usize),
    Release(usize),
    ReleaseAll(usize),
    CancelByTag(u32),
    Find(u32),
    Look(usize),
    Sweep,
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let tag = || 0..12_u32;
    let which = || any::<usize>();
    let call = prop_oneof![
        6 => tag().prop_map(Call::Claim),
        2 => which().prop_map(Call::Start),
        3 => which().prop_map(Call::End),
        5 => which().prop_map(Call::Retire),
        2 => which().prop_map(Call::Hold),
        2 => which().prop_map(Call::Release),
        1 => which().prop_map(Call::ReleaseAll),
        2 => tag().prop_map(Call::CancelByTag),
        1 => tag().prop_map(Call::Find),
        1 => which().prop_map(Call::Look),
        1 => Just(Call::Sweep),
    ];
    proptest::collection::vec(call, 0..400)
}

/// One life of a slot.
#[derive(Clone, Copy, Debug)]
struct Life {
    tag: u32,
    phase: Phase,
    holds: u32,
    retired: bool,
}

/// A slot's generation, and its life, unless it is free.
#[derive(Clone, Debug, Default)]
struct Naive {
    slots: Vec<(u32, Option<Life>)>,
    high: usize,
}

impl Naive {
    fn life(&mut self, place: Place) -> Option<&mut Life> {
        let (generation, life) = &mut self.slots[place.slot];
        let current = *generation == place.ticket.generation().get();
        life.as_mut().filter(|_| current)
    }

    fn claim(&mut self, tag: u32) -> Option<(usize, u32)> {
        let slot = self.slots.iter().position(|(_, life)| life.is_none())?;
        let life = Life { tag, phase: Phase::Pending, holds: 0, retired: false };
        self.slots[slot].1 = Some(life);
        self.high = self.high.max(slot + 1);
        Some((slot, self.slots[slot].0))
    }

    fn free_where_over(&mut self, slot: usize) {
        let (generation, life) = &mut self.slots[slot];
        if life.is_some_and(|life| life.retired && life.holds == 0) {
            *life = None;
            *generation += 1;
        }
    }

    fn retire(&mut self, place: Place) -> Verdict {
        let Some(life) = self.life(place).filter(|life| !life.retired) else {
            return Verdict::Stale;
        };
        if matches!(life.phase, Phase::Pending | Phase::Running) {
            return Verdict::BadState;
        }
        life.retired = true;
        self.free_where_over(place.slot);
        Verdict::Ok
    }

    fn hold(&mut self, place: Place) -> Verdict {
        let Some(life) = self.life(place).filter(|life| !life.retired) else {
            return Verdict::Stale;
        };
        life.holds += 1;
        Verdict::Ok
    }

    fn release(&mut self, place: Place, all: bool) -> Verdict {
        let Some(life) = self.life(place) else { return Verdict::Stale };
        if life.holds == 0 {
            return Verdict::BadState;
        }
        life.holds = if all { 0 } else { life.holds - 1 };
        self.free_where_over(place.slot);
        Verdict::Ok
    }

    fn of_tag(&mut self, tag: u32) -> Option<(usize, u32, &mut Life)> {
        self.slots.iter_mut().enumerate().find_map(|(slot, (generation, life))| {
            let life = life.as_mut().filter(|life| life.tag == tag && !life.retired)?;
            Some((slot, *generation, life))
        })
    }

    fn cancel(&mut self, tag: u32) -> Verdict {
        let Some((_, _, life)) = self.of_tag(tag) else { return Verdict::NotFound };
        match life.phase {
            Phase::Pending => {
                life.phase = Phase::Cancelled;
                Verdict::Cancelled
            }
            // A committed one stands here for a running one that was asked.
            Phase::Running => {
                life.phase = Phase::Committed;
                Verdict::Cancelling
            }
            Phase::Committed => Verdict::AlreadyCancelling,
            Phase::Cancelled => Verdict::AlreadyCancelled,
            _ => Verdict::Failed,
        }
    }
}

/// Makes the call on both, and compares what they say.
fn both(view: TableView<'_>, naive: &mut Naive, places: &mut Vec<Place>, call: Call) {
    let at = |which: usize| places.get(which % places.len().max(1)).copied();
    let is_over = |naive: &mut Naive, place| naive.life(place).is_none_or(|life| life.retired);
    match call {
        Call::Claim(tag) => {
            let claimed = view.claim(Claim { tag, mode: Mode::DECISIVE, owner: 1 });
            let said = claimed.map(|place| (place.slot, place.ticket.generation().get()));
            assert_eq!(said, naive.claim(tag).ok_or(Verdict::Full));
            places.extend(claimed);
        }
        Call::Start(which) => {
            let Some(place) = at(which) else { return };
            let told = view.op(place.slot).unwrap().start(place.ticket).verdict;
            let over = is_over(naive, place);
            let phase = naive.life(place).map(|life| life.phase);
            let expected = match phase {
                _ if over => Verdict::Stale,
                Some(Phase::Pending) => Verdict::Ok,
                Some(Phase::Cancelled) => Verdict::Cancelled,
                _ => Verdict::BadState,
            };
            assert_eq!(told, expected);
            if told == Verdict::Ok {
                naive.life(place).unwrap().phase = Phase::Running;
            }
        }
        Call::End(which) => {
            let Some(place) = at(which) else { return };
            let told = view.op(place.slot).unwrap().force(place.ticket, Code::ABANDONED).verdict;
            let over = is_over(naive, place);
            let life = naive.life(place);
            let expected = match life.as_ref().map(|life| life.phase) {
                _ if over => Verdict::Stale,
                Some(Phase::Pending | Phase::Running | Phase::Committed) => Verdict::Ok,
                _ => Verdict::BadState,
            };
            assert_eq!(told, expected);
            if let Some(life) = life.filter(|_| told == Verdict::Ok) {
                life.phase = Phase::Failed;
            }
        }
        Call::Retire(which) => {
            let Some(place) = at(which) else { return };
            // A running one that was asked has not ended.
            let asked = naive.life(place).is_some_and(|life| life.phase == Phase::Committed);
            let over = is_over(naive, place);
            let told = view.retire(place);
            let expected = if asked && !over { Verdict::BadState } else { naive.retire(place) };
            assert_eq!(told, expected);
        }
        Call::Hold(which) => {
            let Some(place) = at(which) else { return };
            assert_eq!(view.hold(place), naive.hold(place));
        }
        Call::Release(which) => {
            let Some(place) = at(which) else { return };
            assert_eq!(view.release(place), naive.release(place, false));
        }
        Call::ReleaseAll(which) => {
            let Some(place) = at(which) else { return };
            assert_eq!(view.release_all(place), naive.release(place, true));
        }
        Call::CancelByTag(tag) => {
            assert_eq!(view.cancel_by_tag(tag, GENTLE, NO_GATE).verdict, naive.cancel(tag));
        }
        Call::Find(tag) => {
            let found = view.find(tag, Rights::OBSERVE);
            let found = found.map(|place| (place.slot, place.ticket.generation().get()));
            let known = naive.of_tag(tag).map(|(slot, generation, _)| (slot, generation));
            assert_eq!(found, known);
        }
        Call::Look(which) => {
            let slot = which % naive.slots.len();
            let seen = view.look(slot, Rights::OBSERVE).map(|entry| (entry.tag, entry.holds));
            let life = naive.slots[slot].1.filter(|life| !life.retired);
            assert_eq!(seen, life.map(|life| (life.tag, life.holds)));
        }
        Call::Sweep => assert_eq!(view.sweep(|_| true), 0),
    }
    let used = naive.slots.iter().filter(|(_, life)| life.is_some()).count();
    assert_eq!((view.in_use(), view.high_water()), (used, naive.high));
}

fn play<const N: usize>(calls: &[Call]) {
    let table = Table::<N>::new();
    let mut naive = Naive { slots: vec![(0, None); N], high: 0 };
    let mut places = Vec::new();
    for call in calls {
        both(table.view(), &mut naive, &mut places, *call);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_small_table_is_as_the_model(calls in calls()) {
        play::<3>(&calls);
    }

    #[test]
    fn a_table_of_two_levels_is_as_the_model(calls in calls()) {
        play::<34>(&calls);
    }
}

const ROUNDS: usize = 300_000;

/// One thread runs command after command through one slot, each under a tag
/// of its own; the other cancels the tag of the round. It reaches that one or
/// none: no command of another tag is ever asked to stop.
#[test]
fn race_03_cancel_by_tag_and_reuse() {
    let table = Table::<1>::new();
    let view = table.view();
    let claim = |tag: usize| Claim { tag: tag as u32, mode: Mode::DECISIVE, owner: 1 };
    let mut place = view.claim(claim(0)).unwrap();
    let live_on = |round: usize| {
        let op = view.op(0).unwrap();
        let started = op.start(place.ticket);
        let ended = if started.verdict == Verdict::Ok {
            match op.finish(started.word).verdict {
                Verdict::Ok => Phase::Finished,
                told => {
                    assert_eq!(told, Verdict::Cancelling);
                    let undone = op.acknowledge(started.word, Effects::None);
                    assert_eq!(undone.verdict, Verdict::Ok);
                    Phase::Cancelled
                }
            }
        } else {
            assert_eq!(started.verdict, Verdict::Cancelled);
            Phase::Cancelled
        };
        assert_eq!(view.retire(place), Verdict::Ok);
        place = view.claim(claim(round + 1)).unwrap();
        let next = op.status(place.ticket).unwrap();
        (ended, next.phase == Phase::Pending && next.level.is_none())
    };
    let cancel = |round: usize| view.cancel_by_tag(round as u32, GENTLE, NO_GATE).verdict;
    let (mut cancelled, mut gone) = (0, 0);
    for ((ended, next_untouched), told) in race(ROUNDS, live_on, cancel) {
        assert!(next_untouched, "the tag of the last life hit the next one");
        match (ended, told) {
            (Phase::Cancelled, Verdict::Cancelled | Verdict::Cancelling) => cancelled += 1,
            (Phase::Finished, Verdict::Finished) => {}
            (Phase::Finished, Verdict::NotFound) => gone += 1,
            lie => panic!("the command and its requester were told {lie:?}"),
        }
    }
    assert!(cancelled > 0 && gone > 0, "no race: {cancelled} cancelled, {gone} gone");
}

/// The owner gives up on a command that the hardware still has, and wants the
/// slot for the next one at once; the hardware completes late. It gets the slot
/// after the hardware let go, and the completion reaches no other command.
#[test]
fn race_03_late_completion_and_reuse() {
    const AT_ONCE: usize = 2048;
    let (mut late, mut in_time) = (0, 0);
    for _ in 0..64 {
        let tables: Vec<Table<1>> = (0..AT_ONCE).map(|_| Table::new()).collect();
        let claim = |tag| Claim { tag, mode: Mode::BEST_EFFORT, owner: 1 };
        let handed_over: Vec<_> = tables
            .iter()
            .map(|table| {
                let view = table.view();
                let place = view.claim(claim(7)).unwrap();
                let started = view.op(0).unwrap().start(place.ticket);
                assert_eq!((started.verdict, view.hold(place)), (Verdict::Ok, Verdict::Ok));
                (view, place, started.word)
            })
            .collect();
        let complete = |round: usize| {
            let (view, place, word) = handed_over[round];
            let told = view.op(0).unwrap().finish(word).verdict;
            assert_eq!(view.release(place), Verdict::Ok);
            told
        };
        let give_up = |round: usize| {
            let (view, place, _) = handed_over[round];
            let forced = view.op(0).unwrap().force(place.ticket, Code::ABANDONED).verdict;
            assert_eq!(view.retire(place), Verdict::Ok);
            loop {
                if let Ok(next) = view.claim(claim(9)) {
                    let started = view.op(0).unwrap().start(next.ticket);
                    break (forced, next, started.verdict);
                }
                std::hint::spin_loop();
            }
        };
        for (round, (told, (forced, next, started))) in
            race(AT_ONCE, complete, give_up).into_iter().enumerate()
        {
            match (told, forced) {
                (Verdict::Ok, Verdict::BadState) => in_time += 1,
                (Verdict::BadState | Verdict::Stale, Verdict::Ok) => late += 1,
                lie => panic!("hardware and owner were told {lie:?}"),
            }
            let (view, _, word) = handed_over[round];
            assert_eq!(started, Verdict::Ok, "the next command was ended by the last one's");
            assert_eq!(view.op(0).unwrap().finish(word).verdict, Verdict::Stale);
            let status = view.op(0).unwrap().status(next.ticket).unwrap();
            assert_eq!((status.phase, view.in_use()), (Phase::Running, 1));
        }
    }
    assert!(late > 0 && in_time > 0, "no race: {late} late, {in_time} in time");
}
