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
//! Each module uses only those before it (SPEC.md, section 8):
//! `terms` → `ticket` → `word` → `status` → `events` → `sync` → `code` → `op` → `port` →
//! `list` → `hook` → `turn` → `tree` → `drain` → `source` → `role` → the rest.
//! `word` is the meaning (a pure, total function); `op` is its atomic cell,
//! which holds cancel, commit and finish together because they are one race;
//! `role` gives each party of the race a type of its own.
#![cfg_attr(not(quell_loom), no_std)]
#![deny(unsafe_code)]

#[cfg(all(quell_host, not(any(target_os = "linux", windows))))]
extern crate std;

mod code;
mod deadline;
pub mod dialect;
#[allow(unsafe_code)]
mod drain;
mod events;
#[cfg(feature = "future")]
#[allow(unsafe_code)]
mod future;
mod header;
#[allow(unsafe_code)]
mod hook;
mod link;
#[allow(unsafe_code)]
mod list;
mod lock;
mod op;
#[allow(unsafe_code)]
#[cfg_attr(quell_loom, path = "port/model.rs")]
#[cfg_attr(quell_host, path = "port/host.rs")]
#[cfg_attr(quell_bare, path = "port/bare.rs")]
mod port;
mod progress;
mod requester;
mod role;
#[allow(unsafe_code)]
mod scope;
pub mod seat;
mod session;
mod session_cell;
mod slot;
#[allow(unsafe_code)]
mod source;
mod stage;
mod status;
#[allow(unsafe_code)]
mod subscription;
mod sync;
mod table;
mod tenant;
mod terms;
mod ticket;
mod trace;
#[allow(unsafe_code)]
mod tree;
#[allow(unsafe_code)]
mod turn;
mod vacancy;
#[allow(unsafe_code)]
mod wait;
pub mod word;

pub use deadline::{Agenda, Deadline, DeadlineId, Deadlines, Entry, Queue, Slots, Store, Tick};
pub use drain::drain;
pub use events::{Events, Told};
#[cfg(feature = "future")]
pub use future::{Cancelled, Ended, RunUntilCancelled};
pub use header::TableHeader;
pub use hook::{Hook, HookFn};
pub use link::{LinkCell, Links};
pub use lock::SessionLock;
pub use op::{GateRef, Op};
#[cfg(not(quell_bare))]
pub use port::set_pend_drain;
#[cfg(quell_bare)]
pub use port::{Port, Signal};
pub use progress::{Pace, Progress, Reading, Reporter};
pub use role::{Canceller, Gate, Observer, Owner, Worker};
pub use scope::Scope;
pub use seat::{Notice, Participant, Seat, Standing};
pub use session::{Session, SessionStorage};
pub use session_cell::SessionCell;
pub use slot::Slot;
pub use source::{Added, IfHappened};
pub use stage::{Aborted, Host, Limits, Purpose, SessionStatus, Stage};
pub use status::{Answer, Outcome, Status};
pub use subscription::Subscription;
pub use table::{Claim, MAX_OWNER, MAX_SLOTS, Place, Table, TableEntry, TableView};
pub use tenant::{Hold, Tenant};
pub use terms::{Cause, Code, Effects, Level, Mode, Phase, Request, Verdict};
pub use ticket::{Generation, Rights, Ticket};
pub use turn::Source;

/// The README's snippets are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
