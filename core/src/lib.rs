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
//! `progress` → `deadline` → `lock` → `link` → `seat` → `stage` →
//! `session_cell` → `session` → `requester`.
//! `word` is the meaning (a pure, total function); `op` is its atomic cell,
//! which holds cancel, commit and finish together because they are one race;
//! `role` gives each party of the race a type of its own.
#![cfg_attr(not(quell_loom), no_std)]
#![forbid(unsafe_code)]

mod code;
mod deadline;
mod link;
mod lock;
mod op;
mod progress;
mod requester;
mod role;
pub mod seat;
mod session;
mod session_cell;
mod stage;
mod status;
mod sync;
mod terms;
mod ticket;
pub mod word;

pub use deadline::{Agenda, Deadline, DeadlineId, Deadlines, Entry, Queue, Slots, Store, Tick};
pub use link::{LinkCell, Links};
pub use lock::SessionLock;
pub use op::Op;
pub use progress::{Pace, Progress, Reading, Reporter};
pub use role::{Canceller, Gate, Observer, Owner, Worker};
pub use seat::{Notice, Participant, Seat, Standing};
pub use session::{Session, SessionStorage};
pub use session_cell::SessionCell;
pub use stage::{Aborted, Host, Limits, Purpose, SessionStatus, Stage};
pub use status::{Answer, Outcome, Status};
pub use terms::{Cause, Code, Effects, Level, Mode, Phase, Request, Verdict};
pub use ticket::{Generation, Rights, Ticket};

/// The README's snippets are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
