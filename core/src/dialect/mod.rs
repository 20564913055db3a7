//! What another system's calls return for what quell says.
//!
//! A dialect is a table from verdicts and outcomes to codes, and the few rules
//! around it: whether a cancel waits for the end, what a time-out returns. It
//! holds no state and no atomics. A code means something only in its dialect:
//! seventeen of VSS's numbers are VDS's as well, with other meanings.
//!
//! # How a front uses one
//!
//! ```text
//! cancel:  answer = canceller.cancel(…)
//!          dialect.cancel(answer) ── Now(code) ──────────────▶ return code
//!                        └────────── AfterEnd: wait for the end, look
//!                                    dialect.cancel_end(verdict, status) ▶ return it
//! status:  dialect.status(status) ▶ return it
//! ```
//!
//! The verdict says more than any code made of it: a front keeps it at hand.
//!
//! # Choices
//!
//! Where the documents leave an answer open, the one here is quell's own, and
//! says so: *choice*. SPEC.md has the tables.

/// The flags of what a dialect's documents tell apart: a type, its way from and
/// to the C ABI. Before the modules, which use it.
macro_rules! profile {
    ($(#[$doc:meta])* { $($(#[$fdoc:meta])* $flag:ident = $bits:literal,)+ } of $all:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Profile(u32);

        impl Profile {
            $($(#[$fdoc])* pub const $flag: Self = Self($bits);)+

            /// The profile of untrusted flag bits, or `None` where a bit is unknown.
            #[must_use]
            pub const fn from_raw(raw: u32) -> Option<Self> {
                if raw <= $all { Some(Self(raw)) } else { None }
            }

            /// The flag bits that cross the C ABI.
            #[must_use]
            pub const fn raw(self) -> u32 {
                self.0
            }

            /// Both profiles' flags.
            #[must_use]
            pub const fn with(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            const fn has(self, flags: Self) -> bool {
                self.0 & flags.0 == flags.0
            }
        }
    };
}

pub mod aio;
pub mod errno;
pub mod gpm;
pub mod hresult;
pub mod io_uring;
pub mod nvme;
pub mod scsi;
pub mod stop_token;
pub mod vds;
pub mod vss;
pub mod vss_session;
pub mod wsb;

pub use crate::dialect::errno::Errno;
pub use crate::dialect::hresult::HResult;

/// What a cancel returns, in the dialect's codes, or that it has to wait first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub enum Reply<C = HResult> {
    /// It returns this at once.
    Now(C),
    /// It waits for the operation's end and returns what `cancel_end` says.
    AfterEnd,
}
