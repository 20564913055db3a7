//! Races of hooks, scopes and waiters that peers got wrong, on two real cores;
//! `tests/races.rs` has those of the word alone.
//!
//! | module | what it shows |
//! |---|---|
//! | `duel` | two threads, round by round; each way that a race can end has to be seen |
//! | `lives` | sources on pages of their own, which are taken away when they die |
//! | `detach` | race 4: a hook is detached while it is told |
//! | `lifetime` | race 5: the source dies in its last hook |
//! | `signals` | race 6: a signal handler cancels in the middle of every call |
//! | `inside` | race 7: hooks that cancel, add and detach |
//! | `scopes` | race 8: a parent is cancelled while children come and go |
//! | `waiting` | races 11, 12 and 13: grants, many waiters, the lost wake-up |
//!
//! `QUELL_RACES` says how many rounds each race is run for; `QUELL_SEED` from
//! which seed the delays are drawn.
#![cfg(all(target_os = "linux", not(quell_loom)))]
#![allow(clippy::panic, clippy::unwrap_used, clippy::expect_used)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod detach;
mod duel;
mod inside;
mod lifetime;
mod lives;
mod scopes;
mod signals;
mod waiting;
