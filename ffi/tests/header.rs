//! `include/quell.h` is what the build script makes of `ffi/`.
#![cfg(feature = "header")]
#![allow(clippy::expect_used, clippy::panic)]

use std::fs;

#[test]
fn the_committed_header_is_the_generated_one() {
    let committed_path = concat!(env!("CARGO_MANIFEST_DIR"), "/../include/quell.h");
    let committed = fs::read_to_string(committed_path).expect("include/quell.h is there");
    let generated = fs::read_to_string(env!("QUELL_HEADER")).expect("the build script wrote it");
    assert!(generated.contains("quell_op_arm"), "the generated header is not one");
    if committed == generated {
        return;
    }
    let (number, (old, new)) = committed
        .lines()
        .chain(std::iter::repeat("(end)"))
        .zip(generated.lines().chain(std::iter::repeat("(end)")))
        .enumerate()
        .find(|(_, (old, new))| old != new || *old == "(end)")
        .expect("the two differ");
    let line = number.saturating_add(1);
    panic!("include/quell.h has drifted: run `make header`\nline {line}\n-{old}\n+{new}");
}
