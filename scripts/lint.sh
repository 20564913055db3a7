#!/bin/sh
# Format and shell lints: `lint.sh [--fix]`, the format mended with --fix.
set -eu

cd "$(dirname "$0")/.."
if [ "${1:-}" = --fix ]; then rust="" && c="-i"; else rust="--check" && c="--dry-run --Werror"; fi

for tool in cargo rustfmt clang-format shellcheck; do
    command -v "$tool" >/dev/null || { echo "lint: $tool is missing" >&2; exit 1; }
done

# shellcheck disable=SC2086 # the options are words
cargo fmt --all $rust
# Not members of the workspace.
# shellcheck disable=SC2086
rustfmt --config-path . --edition 2024 $rust bench/subjects.rs bench/peers/src/lib.rs c-tests/two_archives/src/lib.rs build.rs \
    core/tests/bare/src/lib.rs core/tests/bare/tests/*.rs \
    examples/firmware/rust/build.rs examples/firmware/rust/src/*.rs examples/firmware/rust/src/*/*.rs

sources() { find include ffi ports c-tests bench examples -name target -prune -o "$@" -print; }
# The generated header has cbindgen's format.
# shellcheck disable=SC2086
sources -name '*.[ch]' ! -path include/quell.h | xargs clang-format $c
# shellcheck disable=SC2086
sources -name '*.[ch]pp' | xargs clang-format $c
{ echo .ci/run; find scripts c-tests bench examples -name target -prune -o -name '*.sh' -print; } | xargs shellcheck -x
