//! What `make bench` looks at in Rust: the loops that poll, and the two calls
//! that decide, each inlined from the core into one function with a C name.
//!
//! Only references cross from C here, and each is to the memory that the
//! other side says it is: the callers are in this directory.
#![no_std]

use core::sync::atomic::{AtomicU32, Ordering};

use quell::{Cause, Level, Op, Request, Ticket, Worker, word::Word};

/// The floor of every poll: a bare flag, read relaxed.
#[unsafe(no_mangle)]
pub extern "C" fn loop_rust_flag(polled: &AtomicU32, mut rounds: u32) -> u32 {
    loop {
        if polled.load(Ordering::Relaxed) != 0 {
            return rounds;
        }
        rounds = rounds.wrapping_sub(1);
        if rounds == 0 {
            return 0;
        }
    }
}

/// The same loop over an operation.
#[unsafe(no_mangle)]
pub extern "C" fn loop_rust_op(polled: &Op, mut rounds: u32) -> u32 {
    loop {
        if polled.poll().is_some() {
            return rounds;
        }
        rounds = rounds.wrapping_sub(1);
        if rounds == 0 {
            return 0;
        }
    }
}

/// The same loop over a worker.
#[unsafe(no_mangle)]
pub extern "C" fn loop_rust_worker(polled: &Worker<'_>, mut rounds: u32) -> u32 {
    loop {
        if polled.poll().is_some() {
            return rounds;
        }
        rounds = rounds.wrapping_sub(1);
        if rounds == 0 {
            return 0;
        }
    }
}

/// The floor of every decision: one swap from a word that the caller knows.
#[unsafe(no_mangle)]
pub extern "C" fn rust_swap(word: &AtomicU32, from: u32, to: u32) -> bool {
    word.compare_exchange(from, to, Ordering::Release, Ordering::Acquire).is_ok()
}

/// [`Op::cancel`] with a handle's ticket, for a fixed request.
#[unsafe(no_mangle)]
#[expect(improper_ctypes_definitions, reason = "a ticket is one number: role.rs, ticket.rs")]
pub extern "C" fn rust_cancel(op: &Op, held: Ticket) -> u32 {
    let request = Request::new(Level::Graceful, Cause::User);
    op.cancel(held, request, None::<fn(Request) -> u32>).verdict.raw()
}

/// [`Op::finish`] by the word that a worker left.
#[unsafe(no_mangle)]
pub extern "C" fn rust_finish(op: &Op, left: u32) -> u32 {
    op.finish(Word::from_raw(left)).verdict.raw()
}
