//! What a session keeps: its two operations, and a few words beside them.

use crate::op::Op;
use crate::sync::AtomicU32;
use crate::terms::{Phase, Request, Verdict};
use crate::ticket::{Rights, Ticket};
use crate::word::Word;

pub(crate) const NOT_HOLDING: u32 = 0;
pub(crate) const HOLDING: u32 = 1;
pub(crate) const DROPPED: u32 = 2;
pub(crate) const RELEASED: u32 = 3;

pub(crate) const TOLD: u32 = 1 << 31;
pub(crate) const PURPOSE_SHIFT: u32 = 8;
pub(crate) const STAGE_MASK: u32 = 0xFF;

/// What a session keeps besides its seats: 40 bytes. All-zero memory is a
/// session that is not initialised.
#[repr(C)]
#[derive(Debug)]
pub struct SessionCell {
    pub(crate) set: Op,
    pub(crate) completion: Op,
    /// Stage and purpose.
    pub(crate) stage: AtomicU32,
    pub(crate) callers: AtomicU32,
    pub(crate) hold: AtomicU32,
    pub(crate) hold_since: AtomicU32,
    /// The provider's code; zero for none.
    pub(crate) code: AtomicU32,
    /// The number of the hold on the lock.
    pub(crate) lock_hold: AtomicU32,
}

impl SessionCell {
    /// A session that is not initialised.
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self {
            set: Op::new(),
            completion: Op::new(),
            stage: AtomicU32::new(0),
            callers: AtomicU32::new(0),
            hold: AtomicU32::new(NOT_HOLDING),
            hold_since: AtomicU32::new(0),
            code: AtomicU32::new(0),
            lock_hold: AtomicU32::new(0),
        }
    }
}

/// The word of a set or a completion that runs, as its worker left it.
pub(crate) fn left(op: &Op) -> Word {
    Word::undisturbed(owner(op).generation())
}

pub(crate) fn owner(op: &Op) -> Ticket {
    op.ticket(Rights::ALL)
}

pub(crate) fn cancel(op: &Op, request: Request) -> Verdict {
    op.cancel(owner(op), request, None::<fn(Request) -> u32>).verdict
}

pub(crate) fn phase(op: &Op) -> Phase {
    // Ordering: the status acquires: who sees an end sees what led to it.
    op.status(owner(op)).map_or(Phase::Vacant, |status| status.phase)
}

/// Running, and nobody has asked anything.
pub(crate) fn undisturbed(op: &Op) -> bool {
    op.status(owner(op)).is_some_and(|s| s.phase == Phase::Running && s.level.is_none())
}
