//! A logger and a subscriber that keep what one thread says.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, Once, PoisonError};

use tracing::field::Visit;
use tracing::span::{Attributes, Id, Record as SpanRecord};

#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) level: String,
    pub(crate) text: String,
}

thread_local! {
    static LINES: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
    static EVENTS: RefCell<Vec<Event>> = const { RefCell::new(Vec::new()) };
}

/// One life at a time: there is one drain for all of them.
static STAGE: Mutex<()> = Mutex::new(());

fn alone<A>(play: impl FnOnce() -> A) -> A {
    let _stage = STAGE.lock().unwrap_or_else(PoisonError::into_inner);
    play()
}

struct Keep;

impl log::Log for Keep {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        assert_eq!(record.target(), "quell");
        let line = Line { level: record.level().to_string(), text: record.args().to_string() };
        LINES.with_borrow_mut(|lines| lines.push(line));
    }

    fn flush(&self) {}
}

pub(crate) fn with_log<A>(play: impl FnOnce() -> A) -> (A, Vec<Line>) {
    static SET: Once = Once::new();
    SET.call_once(|| {
        log::set_logger(&Keep).expect("the only one");
        log::set_max_level(log::LevelFilter::Trace);
    });
    LINES.take();
    let played = alone(play);
    (played, LINES.take())
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Number(u64),
    Text(String),
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) level: String,
    pub(crate) fields: BTreeMap<&'static str, Field>,
}

impl Visit for Event {
    fn record_u64(&mut self, field: &tracing::field::Field, value: u64) {
        self.fields.insert(field.name(), Field::Number(value));
    }

    fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
        self.fields.insert(field.name(), Field::Text(value.to_owned()));
    }

    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn fmt::Debug) {
        self.fields.insert(field.name(), Field::Text(format!("{value:?}")));
    }
}

impl tracing::Subscriber for Keep {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn event(&self, event: &tracing::Event<'_>) {
        assert_eq!(event.metadata().target(), "quell");
        let level = event.metadata().level().to_string();
        let mut kept = Event { level, fields: BTreeMap::new() };
        event.record(&mut kept);
        EVENTS.with_borrow_mut(|events| events.push(kept));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &SpanRecord<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

pub(crate) fn with_tracing<A>(play: impl FnOnce() -> A) -> (A, Vec<Event>) {
    EVENTS.take();
    let played = tracing::subscriber::with_default(Keep, || alone(play));
    (played, EVENTS.take())
}
