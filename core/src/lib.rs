//! Cancelling an operation, and knowing what became of it.
//!
//! quell is one 32-bit atomic word and the rules around it. A cancel flag
//! models only the *request*; quell's word holds the request, the **commit
//! point** and the **outcome**, and every race between them is settled by one
//! compare-and-swap, whose loser is told what the winner did.
//!
//! ```
//! use quell::{Cause, Level, Mode, Op, Request, Verdict};
//!
//! let op = Op::new();
//! let owner = op.arm(Mode::DECISIVE).expect("a new op is vacant");
//! let canceller = owner.canceller();
//! let mut worker = owner.start().expect("an armed op starts once");
//!
//! let request = Request::new(Level::Graceful, Cause::User);
//! assert_eq!(canceller.cancel(request).verdict, Verdict::Cancelling);
//! assert_eq!(worker.poll(), Some(Level::Graceful));
//! // Too late to finish: the requester has been promised a cancellation.
//! assert_eq!(worker.finish(), Verdict::Cancelling);
//! assert_eq!(worker.acknowledge(quell::Effects::None), Verdict::Ok);
//! assert_eq!(canceller.cancel(request).verdict, Verdict::AlreadyCancelled);
//! ```
//!
//! # Layers
//!
//! Each module uses only those before it:
//! `terms` → `ticket` → `word` → `status` → `sync` → `code` → `op` → `role` →
//! `slot` → `header` → `vacancy` → `table` → `seat`.
//! `word` is the meaning (a pure, total function); `op` is its atomic cell,
//! which holds cancel, commit and finish together because they are one race;
//! `role` gives each party of the race a type of its own.
#![cfg_attr(not(quell_loom), no_std)]
#![forbid(unsafe_code)]

mod code;
mod header;
mod op;
mod role;
mod seat;
mod slot;
mod status;
mod sync;
mod table;
mod terms;
mod ticket;
mod vacancy;
pub mod word;

pub use header::TableHeader;
pub use op::Op;
pub use role::{Canceller, Gate, Observer, Owner, Worker};
pub use seat::{Hold, Seat};
pub use slot::Slot;
pub use status::{Answer, Outcome, Status};
pub use table::{Claim, Entry, MAX_OWNER, MAX_SLOTS, Place, Table, TableView};
pub use terms::{Cause, Code, Effects, Level, Mode, Phase, Request, Verdict};
pub use ticket::{Generation, Rights, Ticket};

/// The README's snippets are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
