//! Records of what happens, for whoever watches: features `log`, `tracing` (on
//! hosts) and `defmt` (on targets). Without any of them [`record!`] is nothing,
//! and its arguments are not evaluated.
//!
//! | record | level | when |
//! |---|---|---|
//! | [`Record::Changed`] | debug | a call has changed an operation's word |
//! | [`Record::Moved`] | debug | a session's stage, a participant's seat or a slot's pin has changed |
//! | [`Record::Told`] | trace | a hook is about to be run |
//! | [`Record::Inherited`] | trace | a branch has taken over its parent's request |
//! | [`Record::Deferred`] | trace | an interrupt leaves the telling to the drain |
//! | [`Record::Drained`] | trace | the drain takes it over |
//!
//! A record is made where the thing happens, which may be under a list's lock,
//! with interrupts masked, or in an interrupt. So it is the logger that decides
//! what is bounded then, and a logger does not call the operation that it is
//! told of. A layer with happenings of its own adds a variant.

/// Makes a record: `record!(Told { op, hook, events })`.
macro_rules! record {
    ($name:ident { $($field:ident $(: $value:expr)?),+ $(,)? }) => {
        #[cfg(any(feature = "defmt", feature = "log", feature = "tracing"))]
        $crate::trace::emit($crate::trace::Record::$name { $($field $(: $value)?),+ });
    };
}
pub(crate) use record;

#[cfg(any(feature = "defmt", feature = "log", feature = "tracing"))]
pub(crate) use sinks::{Record, emit};

#[cfg(any(feature = "defmt", feature = "log", feature = "tracing"))]
mod sinks {
    use crate::word::{Packed, Step, Word};

    /// What has happened. Operations and hooks go by their addresses.
    #[derive(Clone, Copy)]
    pub(crate) enum Record {
        Changed {
            op: usize,
            event: Packed,
            before: Word,
            step: Step,
        },
        /// `what` is at this address; both words as SPEC.md lays them out.
        Moved {
            what: &'static str,
            at: usize,
            before: u32,
            after: u32,
        },
        Told {
            op: usize,
            hook: usize,
            events: u32,
        },
        /// `parent` is zero where it has ended.
        Inherited {
            op: usize,
            parent: usize,
        },
        Deferred {
            op: usize,
        },
        Drained {
            op: usize,
        },
    }

    pub(crate) fn emit(record: Record) {
        #[cfg(feature = "defmt")]
        defmt_sink(record);
        #[cfg(feature = "log")]
        log_sink(record);
        #[cfg(feature = "tracing")]
        tracing_sink(record);
    }

    #[cfg(any(feature = "log", feature = "tracing"))]
    mod text {
        use core::fmt;

        use crate::terms::Effects;
        use crate::trace::sinks::Record;
        use crate::word::{Step, Word};

        /// A word for reading: `RUNNING #3 GRACEFUL USER shields=1`.
        struct Decoded(Word);

        impl fmt::Display for Decoded {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let Self(word) = self;
                match word.phase() {
                    Some(phase) => write!(f, "{phase} #{}", word.generation().get())?,
                    None => return write!(f, "{:#010x}", word.raw()),
                }
                if let (Some(level), Some(cause)) = (word.level(), word.cause()) {
                    write!(f, " {level} {cause}")?;
                }
                match (word.shields(), word.effects()) {
                    (0, Effects::Unstated) => Ok(()),
                    (0, effects) => write!(f, " effects={effects}"),
                    (shields, _) => write!(f, " shields={shields}"),
                }
            }
        }

        /// Bits 0 to 2: [`Events`](crate::Events).
        pub(super) fn names(events: u32) -> &'static str {
            match events & 7 {
                0 => "NONE",
                1 => "REQUEST",
                2 => "RAISE",
                3 => "REQUEST+RAISE",
                4 => "END",
                5 => "REQUEST+END",
                6 => "RAISE+END",
                _ => "REQUEST+RAISE+END",
            }
        }

        impl fmt::Display for Record {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match *self {
                    Self::Changed { op, event, before, step: Step { word: after, verdict } } => {
                        let (event, before, after) =
                            (event.name(), Decoded(before), Decoded(after));
                        write!(f, "op {op:#x} {event}: {before} -> {after}, {verdict}")
                    }
                    Self::Moved { what, at, before, after } => {
                        write!(f, "{what} {at:#x}: {before:#x} -> {after:#x}")
                    }
                    Self::Told { op, hook, events } => {
                        write!(f, "op {op:#x} tells hook {hook:#x}: {}", names(events))
                    }
                    Self::Inherited { op, parent } => {
                        write!(f, "op {op:#x} inherits from {parent:#x}")
                    }
                    Self::Deferred { op } => write!(f, "op {op:#x} is left to the drain"),
                    Self::Drained { op } => write!(f, "op {op:#x} is drained"),
                }
            }
        }
    }

    #[cfg(feature = "log")]
    fn log_sink(record: Record) {
        let level = match record {
            Record::Changed { .. } | Record::Moved { .. } => log::Level::Debug,
            _ => log::Level::Trace,
        };
        log::log!(target: "quell", level, "{record}");
    }

    /// The text as the message, and each of its parts as a field.
    #[cfg(feature = "tracing")]
    fn tracing_sink(record: Record) {
        match record {
            Record::Changed { op, event, before, step: Step { word: after, verdict } } => {
                tracing::debug!(
                    target: "quell",
                    op,
                    event = event.name(),
                    before = before.raw(),
                    after = after.raw(),
                    phase = after.phase().map(|phase| phase.name()),
                    level = after.level().map(|level| level.name()),
                    cause = after.cause().map(|cause| cause.name()),
                    generation = after.generation().get(),
                    verdict = verdict.name(),
                    "{record}"
                )
            }
            Record::Moved { what, at, before, after } => {
                tracing::debug!(target: "quell", what, at, before, after, "{record}");
            }
            Record::Told { op, hook, events } => {
                let events = text::names(events);
                tracing::trace!(target: "quell", op, hook, events, "{record}");
            }
            Record::Inherited { op, parent } => {
                tracing::trace!(target: "quell", op, parent, "{record}");
            }
            Record::Deferred { op } | Record::Drained { op } => {
                tracing::trace!(target: "quell", op, "{record}");
            }
        }
    }

    #[cfg(feature = "defmt")]
    fn defmt_sink(record: Record) {
        match record {
            Record::Changed { op, event, before, step: Step { word: after, verdict } } => {
                let event = event.name();
                defmt::debug!(
                    "op {=usize:#x} {=str}: {} -> {}, {}",
                    op,
                    event,
                    before,
                    after,
                    verdict
                );
            }
            Record::Moved { what, at, before, after } => {
                defmt::debug!(
                    "{=str} {=usize:#x}: {=u32:#x} -> {=u32:#x}",
                    what,
                    at,
                    before,
                    after
                );
            }
            Record::Told { op, hook, events } => defmt::trace!(
                "op {=usize:#x} tells hook {=usize:#x}: request={2=0..1} raise={2=1..2} end={2=2..3}",
                op,
                hook,
                events
            ),
            Record::Inherited { op, parent } => {
                defmt::trace!("op {=usize:#x} inherits from {=usize:#x}", op, parent);
            }
            Record::Deferred { op } => defmt::trace!("op {=usize:#x} is left to the drain", op),
            Record::Drained { op } => defmt::trace!("op {=usize:#x} is drained", op),
        }
    }

    #[cfg(feature = "defmt")]
    impl defmt::Format for Word {
        fn format(&self, f: defmt::Formatter<'_>) {
            let Some(phase) = self.phase() else {
                return defmt::write!(f, "{=u32:#010x}", self.raw());
            };
            defmt::write!(f, "{} #{=u32}", phase, self.generation().get());
            if let (Some(level), Some(cause)) = (self.level(), self.cause()) {
                defmt::write!(f, " {} {}", level, cause);
            }
            match (self.shields(), self.effects()) {
                (0, crate::terms::Effects::Unstated) => {}
                (0, effects) => defmt::write!(f, " effects={}", effects),
                (shields, _) => defmt::write!(f, " shields={=u32}", shields),
            }
        }
    }
}
