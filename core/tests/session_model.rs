//! The seat's meaning, exhaustively, against a table written a second time;
//! and long random lives of a session against what must hold of each.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod backup;

use std::sync::atomic::{AtomicUsize, Ordering};

use backup::{Machine, N, USER, code};
use proptest::prelude::*;
use quell::seat::{Duty, Happening, step};
use quell::{Host, Limits, Notice, Phase, Purpose, Session, Stage, Standing, Verdict};

/// A seat, spelled out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spelled {
    standing: Standing,
    failed_at: Option<Notice>,
    busy: Option<Notice>,
    owed: bool,
    told: bool,
    late: bool,
}

impl Spelled {
    fn word(self) -> u32 {
        let number = |notice: Option<Notice>| notice.map_or(0, Notice::raw);
        self.standing.raw()
            | number(self.failed_at) << 3
            | number(self.busy) << 7
            | u32::from(self.owed) << 11
            | u32::from(self.told) << 12
            | u32::from(self.late) << 13
    }

    fn all() -> Vec<Self> {
        let notices: Vec<Option<Notice>> =
            [None].into_iter().chain(Notice::ALL.iter().copied().map(Some)).collect();
        let mut all = Vec::new();
        for standing in Standing::ALL {
            for failed_at in &notices {
                for busy in &notices {
                    for flags in 0..8 {
                        all.push(Self {
                            standing: *standing,
                            failed_at: *failed_at,
                            busy: *busy,
                            owed: flags & 1 != 0,
                            told: flags & 2 != 0,
                            late: flags & 4 != 0,
                        });
                    }
                }
            }
        }
        all
    }

    /// What agreeing leads to: from, notice, to.
    const COURSE: [(Standing, Notice, Standing); 6] = [
        (Standing::Stable, Notice::Prepare, Standing::Stable),
        (Standing::Stable, Notice::PrepareSnapshot, Standing::WaitingForFreeze),
        (Standing::WaitingForFreeze, Notice::Freeze, Standing::WaitingForThaw),
        (Standing::WaitingForThaw, Notice::Thaw, Standing::WaitingForPostSnapshot),
        (Standing::WaitingForPostSnapshot, Notice::PostSnapshot, Standing::WaitingForComplete),
        (Standing::WaitingForComplete, Notice::Complete, Standing::Stable),
    ];

    fn told_now(self, notice: Notice) -> (Self, Duty) {
        (Self { busy: Some(notice), ..self }, Duty::Tell(notice))
    }

    fn after(self, happening: Happening) -> (Self, Duty) {
        let same = (self, Duty::Nothing);
        match happening {
            Happening::Tell(_) if self.busy.is_some() => same,
            Happening::Tell(Notice::Shutdown) => self.told_now(Notice::Shutdown),
            Happening::Tell(_) if self.owed || self.told => same,
            Happening::Tell(notice) => {
                match Self::COURSE.iter().any(|(from, n, _)| (*from, *n) == (self.standing, notice))
                {
                    true => self.told_now(notice),
                    false => same,
                }
            }
            Happening::Returned(agreed) => {
                let Some(notice) = self.busy else { return same };
                let mut next = Self { busy: None, ..self };
                if self.standing != Standing::Failed {
                    if agreed {
                        let course = Self::COURSE.iter().find(|(_, n, _)| *n == notice);
                        next.standing = course.map_or(Standing::Stable, |(_, _, to)| *to);
                    } else {
                        next.standing = Standing::Failed;
                        // A word that no call leads to may have a stray notice.
                        let stray = self.failed_at.map_or(0, Notice::raw);
                        next.failed_at = Notice::from_raw(stray | notice.raw());
                    }
                }
                if next.owed {
                    next = Self { owed: false, told: true, ..next };
                    return next.told_now(Notice::Abort);
                }
                (next, Duty::Noted)
            }
            Happening::Abort if self.owed || self.told => same,
            Happening::Abort if self.busy.is_some() => (Self { owed: true, ..self }, Duty::Owed),
            Happening::Abort => Self { told: true, ..self }.told_now(Notice::Abort),
            Happening::TimeOut => {
                let at = match (self.standing, self.busy) {
                    (Standing::WaitingForFreeze, Some(Notice::Freeze)) => Notice::Freeze,
                    (Standing::WaitingForThaw, None | Some(Notice::Thaw)) => Notice::Thaw,
                    _ => return same,
                };
                let stray = self.failed_at.map_or(0, Notice::raw);
                let failed_at = Notice::from_raw(stray | at.raw());
                (Self { standing: Standing::Failed, failed_at, late: true, ..self }, Duty::Noted)
            }
        }
    }
}

fn happenings() -> Vec<Happening> {
    let others = [
        Happening::Returned(true),
        Happening::Returned(false),
        Happening::Abort,
        Happening::TimeOut,
    ];
    Notice::ALL.iter().map(|notice| Happening::Tell(*notice)).chain(others).collect()
}

#[test]
fn every_seat_and_every_happening() {
    let mut compared = 0;
    for seat in Spelled::all() {
        for happening in happenings() {
            // Strays that are no notice once combined are not spelled here.
            let (expected, duty) = seat.after(happening);
            if seat.standing != Standing::Failed && seat.failed_at.is_some() {
                continue;
            }
            let told = step(seat.word(), happening);
            assert_eq!(told, (expected.word(), duty), "{seat:?} {happening:?}");
            compared += 1;
        }
    }
    assert_eq!(compared, (5 + 9) * 9 * 8 * 12);
}

/// Over every 14 bits: no panic, one abort, nothing told to who is busy.
#[test]
fn every_word_and_every_happening() {
    for word in 0..1_u32 << 14 {
        let (busy, told) = (word >> 7 & 15, word >> 12 & 1);
        for happening in happenings() {
            let (next, duty) = step(word, happening);
            assert!(told <= next >> 12 & 1, "{word:#x}: an abort is not taken back");
            match duty {
                Duty::Tell(notice) => {
                    let returned = matches!(happening, Happening::Returned(_));
                    assert!(busy == 0 || Notice::from_raw(busy).is_none() || returned);
                    assert_eq!(next >> 7 & 15, notice.raw());
                    assert!(notice != Notice::Abort || next >> 12 & 1 == 1);
                }
                Duty::Nothing => assert_eq!(word, next),
                Duty::Owed | Duty::Noted => {}
            }
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Call {
    Verb(usize),
    Abort,
    ProviderFailed,
    Pass(u32),
    Expire,
}

fn any_call() -> impl Strategy<Value = Call> {
    prop_oneof![
        12 => (0..backup::VERBS.len()).prop_map(Call::Verb),
        1 => Just(Call::Abort),
        1 => Just(Call::ProviderFailed),
        1 => prop_oneof![0..20_u32, 9_000..70_000_u32].prop_map(Call::Pass),
        1 => Just(Call::Expire),
    ]
}

/// What happens inside the callback of this number.
#[derive(Clone, Copy, Debug)]
enum Inside {
    Refuse,
    Call(Call),
}

fn inside() -> impl Strategy<Value = (usize, Inside)> {
    let what = prop_oneof![Just(Inside::Refuse), any_call().prop_map(Inside::Call)];
    (0..40_usize, what)
}

/// The machine, with something happening inside some callbacks.
struct Eventful<'a> {
    machine: &'a Machine<'a>,
    inside: Vec<(usize, Inside)>,
    count: AtomicUsize,
}

impl Eventful<'_> {
    fn session(&self) -> Session<'_> {
        self.machine.storage.session(&self.machine.lock, self, Limits::default())
    }

    fn call(&self, call: Call) {
        let session = self.session();
        match call {
            Call::Verb(verb) => {
                let _ = backup::VERBS[verb].1(&session);
            }
            Call::Abort => {
                let _ = session.abort(USER);
            }
            Call::ProviderFailed => {
                let _ = session.provider_failed(code(9));
            }
            Call::Pass(ticks) => self.machine.host.pass(ticks),
            Call::Expire => {
                let _ = session.expire(self.now());
            }
        }
    }
}

impl Host for Eventful<'_> {
    fn tell(&self, participant: usize, notice: Notice) -> Result<(), quell::Code> {
        let answer = self.machine.host.tell(participant, notice);
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        for (at, what) in &self.inside {
            match what {
                _ if *at != number => {}
                Inside::Refuse => return Err(code(7)),
                Inside::Call(call) => self.call(*call),
            }
        }
        answer
    }

    fn now(&self) -> u32 {
        self.machine.host.now()
    }
}

/// What must hold of every life, whatever happened in it.
fn check(told: &[(usize, Notice)]) -> Result<(), TestCaseError> {
    let first_post = told.iter().position(|(_, notice)| *notice == Notice::PostSnapshot);
    for participant in 0..N {
        let own: Vec<(usize, Notice)> = told
            .iter()
            .enumerate()
            .filter(|(_, (of, _))| *of == participant)
            .map(|(at, (_, notice))| (at, *notice))
            .collect();
        for notice in Notice::ALL {
            let times = own.iter().filter(|(_, told)| told == notice).count();
            prop_assert!(times <= 1, "{notice:?} told {times} times: {told:?}");
        }
        let find = |wanted: Notice| own.iter().position(|(_, notice)| *notice == wanted);
        if let Some(freeze) = find(Notice::Freeze) {
            let ends = |notice: Notice| find(notice).is_some_and(|at| at > freeze);
            prop_assert!(ends(Notice::Thaw) || ends(Notice::Abort), "frozen for ever: {told:?}");
        }
        if let Some(abort) = find(Notice::Abort) {
            let after = own.iter().skip(abort + 1).all(|(_, notice)| *notice == Notice::Shutdown);
            prop_assert!(after, "told more after the abort: {told:?}");
            prop_assert!(first_post.is_none_or(|post| post > own[abort].0), "{told:?}");
        }
    }
    let aborted = told.iter().any(|(_, notice)| *notice == Notice::Abort);
    prop_assert!(!(aborted && first_post.is_some()), "aborted and committed: {told:?}");
    if aborted {
        let count = told.iter().filter(|(_, notice)| *notice == Notice::Abort).count();
        prop_assert_eq!(count, N, "everybody or nobody: {:?}", told);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn every_life_keeps_the_promises(
        start in 0..backup::VERBS.len(),
        calls in prop::collection::vec(any_call(), 0..30),
        inside in prop::collection::vec(inside(), 0..4),
    ) {
        let machine = Machine::new();
        let eventful = Eventful { machine: &machine, inside, count: AtomicUsize::new(0) };
        let session = eventful.session();
        prop_assert_eq!(session.initialise(Purpose::Backup), Verdict::Ok);
        // The happy path for a while, then anything.
        (0..start).for_each(|verb| eventful.call(Call::Verb(verb)));
        for call in calls {
            eventful.call(call);
            let status = session.status();
            let terminal = matches!(status.set.phase, Phase::Vacant | Phase::Finished | Phase::Cancelled);
            prop_assert_eq!(machine.lock.is_held(), !terminal, "{:?}", status);
            if status.aborted().is_some() && status.set.phase == Phase::Cancelled {
                prop_assert!(status.over());
            }
        }
        prop_assert_eq!(session.release(), Verdict::Ok);
        prop_assert_eq!(session.status().stage, Stage::Vacant);
        prop_assert!(!machine.lock.is_held());
        check(&machine.told())?;
        // Its memory is as good as new.
        prop_assert_eq!(machine.at(Stage::Completed).release(), Verdict::Ok);
    }
}
