//! The atomic layer under loom: every interleaving, and every value that a
//! load may answer, of the calls on one op. `scripts/loom.sh` runs them.
//!
//! | module | what it shows |
//! |---|---|
//! | `futures` | futures polled, replaced and dropped against whoever cancels |
//! | `ledger` | the meaning: the table of the design, one call at a time |
//! | `play` | a cast of threads; whatever loom finds must be an order of the ledger |
//! | `pairs` | every pair of calls of parties that may call at the same time |
//! | `races` | the races that need three threads or more than one call each |
//! | `orderings` | each memory ordering: what is read through it |
//! | `queue` | two interrupts and the drain |
//! | `progress` | reads of a count in two digits beside its writes |
//! | `session` | an abort beside everything else that a session does |
//! | `table`, `table_races` | the table: its pairs; its races and orderings |
//! | `stage` | a source on a stage, hooks that listen, the rule for what they hear |
//! | `hooks` | every pair of calls on one source: hooks, requests, ends, waits, interrupts |
//! | `scopes` | every pair of calls on a small tree |
//! | `engine_races` | the races of hooks, scopes and waiters by name, and who frees what when |
//!
//! What loom leaves out: a failed compare-and-swap reads the newest value
//! here, on hardware it may read an older one; a weak one never fails without
//! a cause; a store never becomes visible before a load that precedes it in
//! its thread. That a store comes after a swap because the swap read the store
//! before it, it does not see: a word that is both swapped and stored by two
//! contexts at a time is stored under a lock only.
#![cfg(quell_loom)]
#![allow(clippy::panic, clippy::unwrap_used, clippy::expect_used)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod engine_races;
mod futures;
mod hooks;
mod ledger;
mod orderings;
mod pairs;
mod play;
mod progress;
mod queue;
mod races;
mod scopes;
mod session;
mod stage;
mod table;
mod table_races;
