//! The works of `work.h` in Rust: quell's core, and tokio-util's tokens.

mod engine;
mod second_poller;
mod token;
mod work;
