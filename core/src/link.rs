//! Operations that a session cancels when it is aborted, and what they answered.
//!
//! ```text
//!  EMPTY ──claim──▶ CLAIMED ──publish──▶ SET
//!    └──────────────────┴───── ask ───────┴─────▶ ASKED
//! ```
//!
//! Every slot is asked once, by a swap. What is SET by then is cancelled by the
//! asker. A linker that finds its slot ASKED when it publishes, or all slots
//! ASKED when it claims, came too late to be found, and cancels by itself. So
//! each linked operation is told by exactly one side.

use crate::role::Canceller;
use crate::status::Answer;
use crate::sync::{AtomicU32, Ordering};
use crate::terms::{Request, Verdict};

const EMPTY: u32 = 0;
const CLAIMED: u32 = 1;
const SET: u32 = 2;
const ASKED: u32 = 3;

/// The state of one link, and what its operation answered: 12 bytes. All-zero
/// memory is an empty one. What is linked lies beside it, with its user.
#[repr(C)]
#[derive(Debug)]
pub struct LinkCell {
    state: AtomicU32,
    /// The verdict's number plus one; zero until there is one.
    verdict: AtomicU32,
    code: AtomicU32,
}

impl LinkCell {
    /// An empty link.
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self { state: AtomicU32::new(EMPTY), verdict: AtomicU32::new(0), code: AtomicU32::new(0) }
    }

    /// Takes an empty slot, to put an operation beside it and `publish`.
    ///
    /// `OK`; `FULL` where it is taken; `TOO_LATE` where it has been asked.
    #[must_use = "only a slot that was empty is the caller's"]
    pub fn claim(&self) -> Verdict {
        // Ordering: Relaxed: nothing is read through it; `publish` does it.
        match self.state.compare_exchange(EMPTY, CLAIMED, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => Verdict::Ok,
            Err(ASKED) => Verdict::TooLate,
            Err(_) => Verdict::Full,
        }
    }

    /// Says that the operation is in place. `OK`; `TOO_LATE` where the slot has
    /// been asked meanwhile: the caller cancels the operation by itself.
    #[must_use = "told TOO_LATE, the caller cancels"]
    pub fn publish(&self) -> Verdict {
        // Ordering: Release, partner: the Acquire in `ask`: it finds what was
        // put beside the slot. Failure: Relaxed: the caller's own operation.
        match self.state.compare_exchange(CLAIMED, SET, Ordering::Release, Ordering::Relaxed) {
            Ok(_) => Verdict::Ok,
            Err(_) => Verdict::TooLate,
        }
    }

    /// Takes back what was published, so that the operation may go.
    ///
    /// `OK`: the slot is empty again; `BUSY`: the operation is being asked at
    /// this moment; `RAN`: it has been asked, and nobody comes back to it;
    /// `NOT_FOUND`: nothing was published.
    #[must_use = "an operation that is being asked has to stay"]
    pub fn withdraw(&self) -> Verdict {
        // Ordering: Acquire, partner: the swap in `ask`. Failure: Acquire: an
        // answer that is seen below was given by then.
        match self.state.compare_exchange(SET, EMPTY, Ordering::Acquire, Ordering::Acquire) {
            Ok(_) => Verdict::Ok,
            Err(ASKED) if self.answer().is_some() => Verdict::Ran,
            Err(ASKED) => Verdict::Busy,
            Err(_) => Verdict::NotFound,
        }
    }

    /// Whether the asker is to cancel what lies beside this slot: true once, and
    /// only where it was published.
    pub fn ask(&self) -> bool {
        // Ordering: Acquire, partner: the Release in `publish`.
        self.state.swap(ASKED, Ordering::Acquire) == SET
    }

    /// Notes what the operation answered.
    pub fn answered(&self, answer: Answer) {
        // Ordering: Relaxed: the store below publishes it.
        self.code.store(answer.code, Ordering::Relaxed);
        // Ordering: Release, partner: the Acquire in `answer`.
        self.verdict.store(answer.verdict.raw().wrapping_add(1), Ordering::Release);
    }

    /// What the operation answered; `None` where it has not been asked.
    #[must_use]
    pub fn answer(&self) -> Option<Answer> {
        // Ordering: Acquire, partner: the Release in `answered`.
        let verdict = self.verdict.load(Ordering::Acquire).checked_sub(1)?;
        // Ordering: Relaxed: ordered by the load above.
        let code = self.code.load(Ordering::Relaxed);
        Some(Answer { verdict: Verdict::from_raw(verdict)?, code })
    }

    /// An empty link again.
    pub fn clear(&self) {
        // Ordering: Relaxed: nobody else uses the session at this time.
        self.verdict.store(0, Ordering::Relaxed);
        // Ordering: Relaxed: as above.
        self.state.store(EMPTY, Ordering::Relaxed);
    }
}

/// Operations that were armed before the session began.
#[derive(Debug)]
pub struct Links<'a, const M: usize> {
    cancellers: [Canceller<'a>; M],
    cells: [LinkCell; M],
}

impl<'a, const M: usize> Links<'a, M> {
    /// All of these, to be cancelled together.
    #[must_use]
    pub fn new(cancellers: [Canceller<'a>; M]) -> Self {
        let links = Self { cancellers, cells: core::array::from_fn(|_| LinkCell::new()) };
        for cell in &links.cells {
            // Nobody else has them yet.
            let _ = (cell.claim(), cell.publish());
        }
        links
    }

    /// Asks each for a cancel, the first time only.
    pub fn cancel_all(&self, request: Request) {
        for (canceller, cell) in self.cancellers.iter().zip(&self.cells) {
            if cell.ask() {
                cell.answered(canceller.cancel(request));
            }
        }
    }

    /// What the operation at this place answered; `None` where it has not been
    /// asked, or there is none.
    #[must_use]
    pub fn answer(&self, place: usize) -> Option<Answer> {
        self.cells.get(place)?.answer()
    }
}
