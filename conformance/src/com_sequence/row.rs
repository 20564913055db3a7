//! One step: who calls what, what they are told, and how things stand then.

use super::calls::Call;
use crate::sheet::{Place, Placed};

/// Who takes the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// A thread of a requester: requester (0 or 1), thread (0 or 1).
    Requester(u8, u8),
    /// A writer or the provider.
    Told(Teller),
    /// The clock.
    Clock,
}

/// Who can be told something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Teller {
    /// A writer.
    Writer(u8),
    /// The provider.
    Provider,
}

/// What the call returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Returns {
    /// It is no method.
    Nothing,
    /// It has not returned.
    Held,
    /// One of these.
    OneOf(Vec<u32>),
}

/// What comes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Out {
    /// Nothing.
    Nothing,
    /// One of these codes.
    OneOf(Vec<u32>),
    /// These numbers: a state and a failure, a number, or two.
    Numbers(Vec<u32>),
}

/// What was told since it was looked at last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// It is under way: nobody looks.
    NotLookedAt,
    /// It depends on who came first.
    Anything,
    /// This, in order: who, and the number of what.
    These(Vec<(Teller, u8)>),
}

/// The lock of the machine's snapshot set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "as a cell writes it")]
pub enum Lock {
    Free,
    Held,
    NotLookedAt,
}

/// One step of a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComStep {
    /// `com/sequence/step`, and where it stands.
    pub place: Place,
    /// The document that it comes from.
    pub source: String,
    /// Whether a sequence begins.
    pub first: bool,
    /// Who.
    pub who: Party,
    /// What.
    pub call: &'static Call,
    /// Its arguments as numbers; zero where there is none.
    pub arguments: [u32; 2],
    /// What it returns.
    pub returns: Returns,
    /// What comes with that.
    pub out: Out,
    /// Who was told what.
    pub told: Told,
    /// Whether a set is under way then.
    pub lock: Lock,
    /// How many objects are alive then.
    pub objects: u8,
}

impl Placed for ComStep {
    fn place(&self) -> &Place {
        &self.place
    }
}
