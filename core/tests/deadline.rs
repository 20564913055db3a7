//! Deadlines: wrapping counters, order, names, and that each is a request like
//! any other.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::cell::RefCell;

use proptest::prelude::*;
use quell::{
    Answer, Canceller, Cause, Code, DeadlineId, Deadlines, Effects, Entry, Level, Mode, Op, Queue,
    Request, Slots, Verdict,
};

const GRACEFUL: Level = Level::Graceful;

/// What expiring told, by name.
fn expired<const N: usize>(queue: &mut Deadlines<'_, u32, N>, now: u32) -> Vec<(u32, Verdict)> {
    let mut told = Vec::new();
    let count = queue.expire(now, |id, answer| told.push((id, answer.verdict)));
    assert_eq!(count, told.len());
    told
}

#[test]
fn a_deadline_asks_when_its_time_has_come_and_not_before() {
    let op = Op::new();
    let owner = op.arm(Mode::DECISIVE).expect("vacant");
    let mut worker = owner.start().expect("pending");
    let mut queue: Deadlines<'_, u32, 4> = Deadlines::new();
    assert_eq!(queue.next_expiry(), None);
    let id = queue.add(100, 50, Level::Immediate, owner.canceller()).expect("room");
    assert_eq!((queue.len(), queue.next_expiry()), (1, Some(150)));
    assert_eq!(expired(&mut queue, 149), []);
    assert_eq!(worker.poll(), None);
    assert_eq!(expired(&mut queue, 150), [(id.raw(), Verdict::Cancelling)]);
    assert_eq!(worker.poll(), Some(Level::Immediate));
    assert_eq!(worker.request(), Some(Request::new(Level::Immediate, Cause::Deadline)));
    assert!(queue.is_empty());
    assert_eq!(expired(&mut queue, 151), []);
    assert_eq!(worker.acknowledge(Effects::None), Verdict::Ok);
}

/// A shield defers the effect, not the record; leaving it looks again. A
/// deadline is a request like any other.
#[test]
fn race_10_a_deadline_inside_a_shield_is_shown_when_the_shield_comes_down() {
    let op = Op::new();
    let owner = op.arm(Mode::DECISIVE).expect("vacant");
    let mut worker = owner.start().expect("pending");
    let mut queue: Deadlines<'_, u32, 1> = Deadlines::new();
    let id = queue.add(0, 10, GRACEFUL, owner.canceller()).expect("room");
    assert_eq!(worker.shield(), Verdict::Ok);
    assert_eq!(expired(&mut queue, 10), [(id.raw(), Verdict::Cancelling)]);
    assert_eq!(worker.poll(), None);
    assert_eq!(worker.request(), Some(Request::new(GRACEFUL, Cause::Deadline)));
    assert_eq!(worker.unshield(), Ok(Some(GRACEFUL)));
    assert_eq!(worker.poll(), Some(GRACEFUL));
    assert_eq!(worker.finish(), Verdict::Cancelling);
    assert_eq!(worker.acknowledge(Effects::None), Verdict::Ok);
}

/// Every end that an operation may have come to before its deadline does.
#[test]
fn a_deadline_of_an_ended_operation_does_no_harm() {
    let told = |prepare: fn(&Op) -> Canceller<'_>| {
        let op = Op::new();
        let mut queue: Deadlines<'_, u32, 1> = Deadlines::new();
        assert!(queue.add(0, 1, GRACEFUL, prepare(&op)).is_ok());
        let before = op.adopt().status();
        let mut answers = Vec::new();
        queue.expire(1, |_, answer| answers.push(answer));
        assert_eq!(op.adopt().status(), before);
        answers
    };
    fn run(op: &Op, end: impl Fn(quell::Worker<'_>)) -> Canceller<'_> {
        let owner = op.arm(Mode::DECISIVE).expect("vacant");
        end(owner.start().expect("pending"));
        owner.canceller()
    }
    fn finished(op: &Op) -> Canceller<'_> {
        run(op, |mut worker| assert_eq!(worker.finish(), Verdict::Ok))
    }
    fn failed(op: &Op) -> Canceller<'_> {
        run(op, |mut worker| assert_eq!(worker.fail(Code::new(7).expect("a code")), Verdict::Ok))
    }
    fn acknowledged(op: &Op) -> Canceller<'_> {
        run(op, |mut worker| assert_eq!(worker.acknowledge(Effects::None), Verdict::Ok))
    }
    fn reused(op: &Op) -> Canceller<'_> {
        let stale = finished(op);
        op.adopt().retire().expect("ended");
        run(op, |worker| std::mem::forget(worker));
        stale
    }
    let plain = |verdict| vec![Answer { verdict, code: 0 }];
    assert_eq!(told(finished), plain(Verdict::Finished));
    assert_eq!(told(failed), vec![Answer { verdict: Verdict::Failed, code: 7 }]);
    assert_eq!(told(acknowledged), plain(Verdict::AlreadyCancelled));
    assert_eq!(told(reused), plain(Verdict::Stale));
}

#[test]
fn full_is_an_answer_and_loses_nothing() {
    let ops = [const { Op::new() }; 3];
    let owners = ops.each_ref().map(|op| op.arm(Mode::DECISIVE).expect("vacant"));
    let mut queue: Deadlines<'_, u32, 2> = Deadlines::new();
    let late = queue.add(0, 9, GRACEFUL, owners[0].canceller()).expect("room");
    let soon = queue.add(0, 5, GRACEFUL, owners[1].canceller()).expect("room");
    assert_eq!(queue.add(0, 1, GRACEFUL, owners[2].canceller()), Err(Verdict::Full));
    assert_eq!((queue.len(), queue.next_expiry()), (2, Some(5)));
    let cancelled = |id: DeadlineId| (id.raw(), Verdict::Cancelled);
    assert_eq!(expired(&mut queue, 9), [cancelled(soon), cancelled(late)]);
    let next = queue.add(9, 1, GRACEFUL, owners[2].canceller()).expect("room again");
    assert!(next != soon && next != late);
    let mut none: Deadlines<'_, u32, 0> = Deadlines::new();
    assert_eq!(none.add(0, 1, GRACEFUL, owners[0].canceller()), Err(Verdict::Full));
}

#[test]
fn a_disarmed_deadline_asks_nothing_and_its_name_is_stale() {
    let op = Op::new();
    let owner = op.arm(Mode::DECISIVE).expect("vacant");
    let mut queue: Deadlines<'_, u32, 3> = Deadlines::new();
    let mut set = |delay| queue.add(0, delay, GRACEFUL, owner.canceller()).expect("room");
    let (first, second, third) = (set(30), set(10), set(20));
    assert_eq!(queue.disarm(second), Verdict::Ok);
    assert_eq!(queue.disarm(second), Verdict::NotFound);
    assert_eq!((queue.len(), queue.next_expiry()), (2, Some(20)));
    let reused = queue.add(0, 40, GRACEFUL, owner.canceller()).expect("room");
    assert_eq!(queue.disarm(second), Verdict::NotFound);
    assert_eq!(expired(&mut queue, 20), [(third.raw(), Verdict::Cancelled)]);
    assert_eq!(queue.disarm(third), Verdict::NotFound);
    assert_eq!(queue.disarm(first), Verdict::Ok);
    assert_eq!(queue.disarm(reused), Verdict::Ok);
    assert!(queue.is_empty());
    assert_eq!(DeadlineId::from_raw(0), None);
    assert_eq!(DeadlineId::from_raw(first.raw()), Some(first));
}

/// The last entry takes the place of one under a later parent, and rises.
#[test]
fn disarming_in_the_middle_keeps_the_order() {
    let op = Op::new();
    let owner = op.arm(Mode::DECISIVE).expect("vacant");
    let mut queue: Deadlines<'_, u32, 7> = Deadlines::new();
    let names = [0, 10, 1, 20, 21, 40, 3]
        .map(|delay| queue.add(0, delay, GRACEFUL, owner.canceller()).expect("room"));
    assert_eq!(queue.disarm(names[3]), Verdict::Ok);
    let told: Vec<u32> = expired(&mut queue, 50).into_iter().map(|(id, _)| id).collect();
    assert_eq!(told, [0, 2, 6, 1, 4, 5].map(|place| names[place].raw()));
}

#[test]
fn half_the_range_is_the_longest_delay() {
    let op = Op::new();
    let owner = op.arm(Mode::DECISIVE).expect("vacant");
    const HALF: u32 = u32::MAX / 2;
    let mut queue: Deadlines<'_, u32, 2> = Deadlines::new();
    assert_eq!(queue.longest(), HALF);
    for now in [0, 1, HALF, HALF + 1, u32::MAX] {
        for delay in [HALF + 1, u32::MAX] {
            let refused = queue.add(now, delay, GRACEFUL, owner.canceller());
            assert_eq!(refused, Err(Verdict::Invalid));
        }
        assert!(queue.is_empty());
        let id = queue.add(now, HALF, GRACEFUL, owner.canceller()).expect("the longest");
        let expiry = now.wrapping_add(HALF);
        assert_eq!(queue.next_expiry(), Some(expiry));
        assert_eq!(expired(&mut queue, now), []);
        assert_eq!(expired(&mut queue, expiry.wrapping_sub(1)), []);
        // However late the call, within half the range.
        let late = expiry.wrapping_add(HALF);
        assert_eq!(expired(&mut queue, late).len(), 1);
        assert_eq!(queue.disarm(id), Verdict::NotFound);
    }
}

/// The case that tells an order by pairs from one by distance from a base.
#[test]
fn a_long_delay_behind_an_overdue_deadline_stays_behind_it() {
    let op = Op::new();
    let owner = op.arm(Mode::DECISIVE).expect("vacant");
    const HALF: u32 = u32::MAX / 2;
    for start in [0, 7, u32::MAX - 3] {
        let mut queue: Deadlines<'_, u32, 3> = Deadlines::new();
        let mut set =
            |now, delay| queue.add(now, delay, GRACEFUL, owner.canceller()).expect("room");
        let overdue = set(start, 5);
        let now = start.wrapping_add(5).wrapping_add(HALF);
        let far = set(now, HALF);
        let near = set(now, 1);
        let told: Vec<u32> = [now, now.wrapping_add(1), now.wrapping_add(HALF)]
            .into_iter()
            .flat_map(|now| expired(&mut queue, now))
            .map(|(id, _)| id)
            .collect();
        assert_eq!(told, [overdue.raw(), near.raw(), far.raw()]);
    }
}

#[test]
fn a_counter_of_fewer_bits_wraps_where_it_wraps() {
    let op = Op::new();
    let owner = op.arm(Mode::DECISIVE).expect("vacant");
    let mut queue: Deadlines<'_, u32, 2> = Queue::with_bits(24).expect("24 bits");
    assert_eq!(queue.longest(), 0x7F_FFFF);
    assert_eq!(queue.add(1 << 24, 1, GRACEFUL, owner.canceller()), Err(Verdict::Invalid));
    assert_eq!(queue.add(0, 0x80_0000, GRACEFUL, owner.canceller()), Err(Verdict::Invalid));
    assert!(queue.add(0xFF_FFF0, 0x20, GRACEFUL, owner.canceller()).is_ok());
    assert_eq!(queue.next_expiry(), Some(0x10));
    assert_eq!(expired(&mut queue, 0xFF_FFFF), []);
    assert_eq!(expired(&mut queue, 0x0F), []);
    assert_eq!(expired(&mut queue, 0x10).len(), 1);
    for bits in [0, 1, 33, u32::MAX] {
        assert!(Deadlines::<'_, u32, 1>::with_bits(bits).is_none());
    }
    assert!(Deadlines::<'_, u64, 1>::with_bits(64).is_some());
    assert!(Deadlines::<'_, u64, 1>::with_bits(65).is_none());
}

/// An entry that notes by name what it is asked.
struct Note<'a>(&'a RefCell<Vec<u32>>, u64, DeadlineId);

impl Entry<u64> for Note<'_> {
    fn expiry(&self) -> u64 {
        self.1
    }

    fn id(&self) -> u32 {
        self.2.raw()
    }

    fn request(&self) -> Answer {
        self.0.borrow_mut().push(self.2.raw());
        Answer { verdict: Verdict::Cancelling, code: 0 }
    }
}

#[derive(Clone, Debug)]
enum Call {
    Add(u64),
    Disarm(usize),
    Pass(u64),
    PassAndExpire(u64),
}

fn calls(half: u64) -> impl Strategy<Value = Vec<Call>> {
    let span = prop_oneof![0..20_u64, 0..=half, half - 3..=half];
    let call = prop_oneof![
        4 => span.clone().prop_map(move |delay| Call::Add(delay.min(half))),
        2 => (0..24_usize).prop_map(Call::Disarm),
        1 => (0..20_u64).prop_map(Call::Pass),
        3 => span.prop_map(Call::PassAndExpire),
    ];
    prop::collection::vec(call, 0..120)
}

/// The queue against a list of true times, of a clock that does not wrap.
fn against_true_time(bits: u32, start: u64, calls: Vec<Call>) -> Result<(), TestCaseError> {
    const ROOM: usize = 16;
    let mask = u64::MAX >> (64 - bits);
    let half = u128::from(mask >> 1);
    let asked = RefCell::new(Vec::new());
    let mut queue: Queue<u64, Note<'_>, Slots<_, ROOM>> = Queue::with_bits(bits).expect("bits");
    let mut time = u128::from(start & mask);
    let tick = |time: u128| (time & u128::from(mask)) as u64;
    let mut model: Vec<(u128, DeadlineId)> = Vec::new();
    let mut names = Vec::new();
    for call in calls {
        match call {
            Call::Add(delay) => {
                match queue.set(tick(time), delay, |expiry, id| Note(&asked, expiry, id)) {
                    Ok(id) => {
                        prop_assert!(model.len() < ROOM);
                        prop_assert!(!names.contains(&id));
                        model.push((time + u128::from(delay), id));
                        names.push(id);
                    }
                    Err(verdict) => {
                        prop_assert_eq!((verdict, model.len()), (Verdict::Full, ROOM));
                    }
                }
            }
            Call::Disarm(which) => {
                if let Some(id) = names.get(which).copied() {
                    let there = model.iter().position(|(_, name)| *name == id);
                    let expected = if there.is_some() { Verdict::Ok } else { Verdict::NotFound };
                    prop_assert_eq!(queue.disarm(id), expected);
                    there.map(|place| model.remove(place));
                }
            }
            Call::Pass(span) | Call::PassAndExpire(span) => {
                // Nothing is left overdue for longer than half the range.
                let limit = model.iter().map(|(expiry, _)| expiry + half).min();
                time = (time + u128::from(span)).min(limit.unwrap_or(u128::MAX));
                if matches!(call, Call::PassAndExpire(_)) {
                    asked.borrow_mut().clear();
                    let mut told = Vec::new();
                    queue.expire(tick(time), |id, _| told.push(id));
                    let mut due: Vec<_> =
                        model.iter().filter(|(expiry, _)| *expiry <= time).copied().collect();
                    model.retain(|(expiry, _)| *expiry > time);
                    due.sort_by_key(|(expiry, _)| *expiry);
                    let order: Vec<u128> = told
                        .iter()
                        .filter_map(|id| due.iter().find(|(_, name)| name.raw() == *id))
                        .map(|(expiry, _)| *expiry)
                        .collect();
                    let expected: Vec<u128> = due.iter().map(|(expiry, _)| *expiry).collect();
                    prop_assert_eq!(order, expected);
                    prop_assert_eq!(&*asked.borrow(), &told);
                }
            }
        }
        prop_assert_eq!(queue.len(), model.len());
        let next = model.iter().map(|(expiry, _)| *expiry).min().map(tick);
        prop_assert_eq!(queue.next_expiry(), next);
    }
    Ok(())
}

proptest! {
    #[test]
    fn of_32_bits_it_keeps_true_time(start: u64, calls in calls(u64::from(u32::MAX / 2))) {
        against_true_time(32, start, calls)?;
    }

    #[test]
    fn of_64_bits_it_keeps_true_time(start: u64, calls in calls(u64::MAX / 2)) {
        against_true_time(64, start, calls)?;
    }

    #[test]
    fn of_5_bits_it_keeps_true_time(start: u64, calls in calls(15)) {
        against_true_time(5, start, calls)?;
    }
}
