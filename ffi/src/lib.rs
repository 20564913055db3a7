//! The C ABI of quell: one function per verb, over the cell and the roles of
//! the `quell` crate.
//!
//! Nothing here decides anything. Each function turns what C handed over into
//! what the core takes (or answers `QUELL_INVALID`), makes the call, and hands
//! the answer back. What the functions mean stands in `include/quell.h`, which
//! is generated from the documentation here.
//!
//! Types are spelled as C spells them, for cbindgen takes the names from here.
//! A number that C hands over is a `u32` until it has been checked: an enum
//! value out of range never becomes a Rust enum.
#![no_std]
#![allow(non_camel_case_types)]
#![deny(unsafe_op_in_unsafe_fn)]

#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "c-critical-section")]
mod critical_section;
pub mod deadline;
pub mod dialect;
pub mod entry;
pub mod handle;
pub mod hook;
#[cfg(all(any(feature = "std", target_os = "linux", windows), not(feature = "c-port")))]
pub mod host;
pub mod name;
pub mod op;
#[cfg(all(feature = "panic-handler", not(feature = "std")))]
mod panic;
mod pointer;
pub mod poll;
#[cfg(feature = "c-port")]
mod port;
#[cfg(any(feature = "c-port", feature = "c-critical-section"))]
mod port_missing;
pub mod progress;
pub mod scope;
pub mod session;
pub mod session_link;
pub mod session_lock;
pub mod session_storage;
pub mod session_terms;
pub mod source;
pub mod status;
pub mod table;
mod telling;
pub mod terms;
pub mod version;
pub mod wait;
pub mod worker;
