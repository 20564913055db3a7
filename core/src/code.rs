//! The error code beside the word.
//!
//! The field holds the operation's error code, or a blank: a value that no
//! code may have, different in each generation.
//!
//! ```text
//!  blank(g) ──fail, force: CAS──▶ e ──retire: store──▶ blank(g+1)
//!      └────────────retire: store──────────────────────────▲
//! ```
//!
//! 1. A code is written before the word says FAILED (or CANCELLED, keeping
//!    it), by a swap from this generation's blank. So the first code stands,
//!    and a worker that was forced off the op and wakes up generations later
//!    finds another blank, or a code, and changes nothing.
//! 2. Retire blanks the code before the word turns VACANT. A reader that
//!    still saw the ended word and meets another generation's blank has been
//!    overtaken by a retirement, and says `STALE`.
//! 3. A reader that meets a code looks at the word again: if it is still the
//!    one that it saw first, the code belongs to it.

use crate::sync::{AtomicU32, Ordering, const_new};
use crate::terms::Code;
use crate::ticket::Generation;

/// What the field says to a reader of one generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// No code has been written.
    Blank,
    /// A code, of this generation if the word has not moved since.
    Code(Code),
    /// Another generation's blank: the op is being retired.
    Overtaken,
}

/// The value that says "no code yet" in this generation. Zero in the first
/// one, so that all-zero memory is a vacant op.
const fn blank(generation: Generation) -> u32 {
    match generation.get() {
        0 => 0,
        number => 0x7FFF_8000 | number,
    }
}

#[repr(transparent)]
#[derive(Debug)]
pub(crate) struct CodeCell(AtomicU32);

impl CodeCell {
    const_new! {
        pub(crate) fn new() -> Self {
            Self(AtomicU32::new(0))
        }
    }

    /// Writes the code, unless this generation has one, or is over.
    #[cfg_attr(not(quell_bare), inline(always))]
    pub(crate) fn write(&self, generation: Generation, code: u32) {
        // Ordering: Release, partner: the Acquire in `read`: a reader that
        // meets this code while it still holds an ended word of an earlier
        // generation then sees that the word has moved on. Failure: Relaxed:
        // another code stands, and nothing is read through it.
        let _ =
            self.0.compare_exchange(blank(generation), code, Ordering::Release, Ordering::Relaxed);
    }

    /// What the field says to a reader of `generation`.
    pub(crate) fn read(&self, generation: Generation) -> Written {
        // Ordering: Acquire, partner: the Release in `write`.
        let code = self.0.load(Ordering::Acquire);
        if code == blank(generation) {
            return Written::Blank;
        }
        Code::new(code).map_or(Written::Overtaken, Written::Code)
    }

    /// Makes it ready for `next`, before the word turns VACANT.
    #[cfg_attr(not(quell_bare), inline(always))]
    pub(crate) fn blank(&self, next: Generation) {
        // Ordering: Relaxed: the swap of the word that follows publishes it to
        // the next life; readers of this life know a foreign blank by its value.
        self.0.store(blank(next), Ordering::Relaxed);
    }
}
