//! Every word that the bits can hold × every event × every kind of ticket,
//! against the table of calls and phases written out a second time, as data.
//!
//! Nothing here is taken from `word.rs`: the layout is the one of the document,
//! the table is [`GRID`], and what a transition writes is its row of bits.
//! Three kinds of word answer three kinds of question:
//!
//! - a **sound** word, which calls lead to ([`Fields::sound`]), goes exactly
//!   where the table says, and that is a sound word again;
//! - an **unsound** word (foreign memory) has an answer by its fields; each
//!   field is left as it is or written as the row of bits says;
//! - a word that is **no phase** never changes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

#[path = "exhaustive/table.rs"]
mod table;

use std::collections::BTreeSet;

use quell::word::{Event, Gate, Step, Word, step};
use quell::{Cause, Effects, Generation, Level, Mode, Request, Rights, Ticket, Verdict};

use table::*;

const GENERATIONS: [u32; 5] = [0, 1, 2, 0x7FFE, LAST];

/// Whether each field is as it was or as the row of bits has it; VIS, which
/// was no true one, may be either.
fn between(was: Fields, row: Fields, now: Fields) -> bool {
    let either = |was: u32, row: u32, now: u32| now == was || now == row;
    either(was.level, row.level, now.level)
        && either(was.cause, row.cause, now.cause)
        && now.phase == row.phase
        && now.detail == row.detail
        && now.mode == row.mode
        && now.generation == row.generation
        && now.source == row.source
}

fn check(raw: u32, held: Ticket, event: Event) {
    let told = step(Word::from_raw(raw), held, event);
    let was = Fields::of(raw);
    let now = Fields::of(told.word.raw());
    let (verdict, bits) = expected(was, held, event);
    let right = match bits {
        None => told.word.raw() == raw,
        Some(bits) if was.sound() => now == written(was, held, event, bits) && now.sound(),
        Some(bits) => between(was, written(was, held, event, bits), now),
    };
    assert!(
        told.verdict == verdict && right,
        "{raw:#010x} {was:?}\n{held:?} {event:?}\ntold {} and {now:?}\nnot  {verdict}",
        told.verdict
    );
}

fn requests(causes: &[Cause]) -> Vec<Event> {
    let mut events = Vec::new();
    for level in Level::ALL {
        for cause in causes {
            for gate in [Gate::Absent, Gate::Allows, Gate::Refuses] {
                events.push(Event::Cancel(Request::new(*level, *cause), gate));
            }
        }
    }
    events
}

fn other_events() -> Vec<Event> {
    let mut events: Vec<Event> = (0..8).filter_map(Mode::from_raw).map(Event::Arm).collect();
    events.extend(Effects::ALL.iter().copied().map(Event::Acknowledge));
    events.extend([Event::Start, Event::Shield, Event::Unshield, Event::Commit]);
    events.extend([Event::Finish, Event::Fail, Event::Force, Event::Retire]);
    events
}

/// Every word of this generation.
fn words(generation: u32) -> impl Iterator<Item = u32> {
    (0..1 << 17).map(move |upper: u32| upper << 15 | generation)
}

/// Every right, of a plain operation's holder and of one that comes through the
/// operation's source.
fn all_rights(generation: u32) -> [Ticket; 2] {
    let plain = Ticket::new(Generation::new(generation), Rights::ALL);
    [plain, plain.through_source()]
}

fn every_event_on_every_word(generation: u32, causes: &[Cause]) {
    let mut events = requests(causes);
    events.extend(other_events());
    for raw in words(generation) {
        for event in &events {
            for held in all_rights(generation) {
                check(raw, held, *event);
            }
        }
    }
}

#[test]
fn the_grid_has_each_row_in_its_place() {
    for (place, (call, _)) in GRID.iter().enumerate() {
        assert_eq!(*call as usize, place);
    }
}

#[test]
fn every_word_and_every_event_in_the_first_generation() {
    every_event_on_every_word(0, Cause::ALL);
}

#[test]
fn every_word_and_every_event_in_the_last_generation() {
    every_event_on_every_word(LAST, Cause::ALL);
}

#[test]
fn every_word_and_every_event_in_generations_between() {
    for generation in GENERATIONS {
        every_event_on_every_word(generation, &[Cause::User, Cause::Application7]);
    }
}

#[test]
fn every_word_and_every_set_of_rights() {
    let urgent = Request::new(Level::Emergency, Cause::Fault);
    let events = [
        Event::Start,
        Event::Cancel(urgent, Gate::Absent),
        Event::Cancel(urgent, Gate::Allows),
        Event::Cancel(urgent, Gate::Refuses),
        Event::Force,
        Event::Retire,
        Event::Arm(Mode::GATED),
        Event::Shield,
        Event::Unshield,
        Event::Commit,
        Event::Finish,
        Event::Fail,
        Event::Acknowledge(Effects::Partial),
    ];
    for generation in [1, LAST] {
        for rights in (0..8).filter_map(Rights::from_raw) {
            let held = Ticket::new(Generation::new(generation), rights);
            for raw in words(generation) {
                for event in events {
                    check(raw, held, event);
                    check(raw, held.through_source(), event);
                }
            }
        }
    }
}

#[test]
fn every_word_is_left_alone_by_every_other_generation() {
    let mut events = requests(&[Cause::Peer]);
    events.extend(other_events());
    for (generation, others) in [(0, [1, LAST]), (1, [0, 0x4001]), (LAST, [0, 0x7FFE])] {
        for other in others {
            for raw in words(generation) {
                for (event, held) in events.iter().flat_map(|e| all_rights(other).map(|h| (e, h))) {
                    let told = step(Word::from_raw(raw), held, *event);
                    assert_eq!((told.verdict, told.word.raw()), (Verdict::Stale, raw), "{event:?}");
                }
            }
        }
    }
}

/// What calls lead to is what [`Fields::sound`] says, word for word; and a life
/// is left through one door.
#[test]
fn the_sound_words_are_those_that_calls_lead_to() {
    let tickets = [0, LAST].into_iter().flat_map(all_rights);
    for (generation, held) in tickets.map(|held| (held.generation().get(), held)) {
        let mut events = requests(Cause::ALL);
        events.extend(other_events());
        let mut reached = BTreeSet::from([generation]);
        let mut next_lives = BTreeSet::new();
        let mut unseen = vec![generation];
        while let Some(raw) = unseen.pop() {
            for event in &events {
                let next = step(Word::from_raw(raw), held, *event).word.raw();
                if Fields::of(next).generation != generation {
                    next_lives.insert(next);
                } else if reached.insert(next) {
                    unseen.push(next);
                }
            }
        }
        let sound: BTreeSet<u32> =
            words(generation).filter(|raw| Fields::of(*raw).sound_for(held)).collect();
        let first = reached.symmetric_difference(&sound).next();
        assert_eq!(first.map(|raw| Fields::of(*raw)), None, "reached or sound, but not both");
        let vacant_next = if generation == LAST { 0 } else { generation + 1 };
        assert_eq!(next_lives, BTreeSet::from([vacant_next]));
    }
}

/// What a word is asked for, and whether a worker that left it as `left` is to
/// stop.
#[test]
fn every_word_is_read_as_the_layout_says() {
    let other = Word::from_raw(RUNNING << 28 | BEST << 15 | 3);
    for raw in GENERATIONS.into_iter().flat_map(words) {
        let word = Word::from_raw(raw);
        let fields = Fields::of(raw);
        let number = |level: Option<Level>| level.map_or(0, Level::raw);
        let shown = if fields.vis == 1 { fields.level } else { 0 };
        assert_eq!(word.phase().map_or(7, quell::Phase::raw), fields.phase);
        assert_eq!(number(word.level()), fields.level);
        assert_eq!(word.cause().map_or(0, Cause::raw), fields.cause);
        assert_eq!(word.shields(), if fields.phase == RUNNING { fields.detail } else { 0 });
        let ended = matches!(fields.phase, FAILED | CANCELLED);
        assert_eq!(word.effects().raw(), if ended { fields.detail & 3 } else { 0 });
        let kept = fields.phase == CANCELLED && fields.detail & KEPT != 0;
        assert_eq!(word.has_code(), fields.phase == FAILED || kept);
        assert_eq!(word.mode().raw(), fields.mode);
        assert_eq!(word.generation().get(), fields.generation);
        assert_eq!(number(word.visible()), shown);
        for level in Level::ALL {
            let asks = fields.phase == RUNNING
                && fields.mode & (GATE | UNC) == GATE
                && fields.level < level.raw();
            assert_eq!(word.asks_gate(*level), asks);
        }
        let calm = word.without_request();
        let fields_calm = Fields { vis: 0, level: 0, cause: 0, ..fields };
        assert_eq!(Fields::of(calm.raw()), fields_calm);
        assert_eq!(number(word.against(calm)), shown);
        if calm != other {
            assert_eq!(word.against(other), Some(Level::Immediate));
        }
    }
}

/// A worker follows its own steps only: what it was refused leaves it where it
/// was.
#[test]
fn a_worker_holds_what_it_made_of_the_word() {
    let left = Word::from_raw(RUNNING << 28 | 9);
    for verdict in Verdict::ALL {
        for raw in words(9) {
            let told = Step { word: Word::from_raw(raw), verdict: *verdict };
            let made = matches!(verdict, Verdict::Ok | Verdict::Cancelled);
            let fields = Fields::of(raw);
            let calm = Fields { vis: 0, level: 0, cause: 0, ..fields };
            let expected = if made { calm } else { Fields::of(left.raw()) };
            assert_eq!(Fields::of(told.left_behind(left).raw()), expected);
        }
    }
}
