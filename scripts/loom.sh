#!/bin/sh
# Runs the loom models of the atomic layer. Arguments go to the test program:
# `scripts/loom.sh orderings` runs the models of that name.
set -eu
cd "$(dirname "$0")/.."

# A build of its own, for the flag would rebuild everything else; optimised,
# for there are millions of performances; without the release profile's
# link-time optimisation, which costs more here than it saves.
export RUSTFLAGS="${RUSTFLAGS:-} --cfg quell_loom"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/loom"
export CARGO_PROFILE_RELEASE_LTO=off
export CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16

exec cargo test --locked --release --package quell --test loom -- "$@"
