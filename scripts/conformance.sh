#!/bin/sh
# Every row of conformance/*.csv in every front: `scripts/conformance.sh`. Rust, C
# and C++ on this host, then the fronts of Windows by way of Wine. The boards of
# examples/firmware/conformance/run.sh, where that has been run, stand beside them.
#
# Leaves what each front said in $target/conformance, and the report beside it:
# report.md. Fails where a front fails or says nothing, where a row differs, and
# where no front replays a row.
set -eu

cd "$(dirname "$0")/.."
root=$PWD
target=${CARGO_TARGET_DIR:-target}
case $target in /*) ;; *) target=$root/$target ;; esac
out=$target/conformance

for tool in gcc g++; do
    command -v "$tool" >/dev/null || {
        echo "conformance: $tool is missing (Debian: $tool)" >&2
        exit 1
    }
done

rm -rf "$out"
mkdir -p "$out/build"
failed=0
# front NAME COMMAND...: what it says on its way is of use only where it fails.
front() {
    name=$1
    shift
    "$@" >"$out/build/$name.log" 2>&1 || {
        echo "conformance: $name has failed:" >&2
        tail -n 40 "$out/build/$name.log" >&2
        failed=1
    }
}

front rust env QUELL_CONFORMANCE_OUT="$out" cargo test --quiet -p quell-conformance --no-fail-fast
fronts="rust-cell rust-roles rust-dialects rust-verdicts rust-aborts rust-sequences rust-mappings"

archive=$(scripts/static-lib.sh)
cargo run --quiet -p quell-conformance -- c-table "$out/build/conformance_table.h" >/dev/null
warnings="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"
# host NAME COMPILER STANDARD SOURCE...
host() {
    name=$1 compiler=$2 standard=$3
    shift 3
    # shellcheck disable=SC2086 # several words
    $compiler -std=$standard $warnings -O2 -pthread -I include -I c-tests \
        -I "$out/build" "$@" "$archive" -o "$out/build/$name"
    front "$name" "$out/build/$name" "$out/$name.rows"
    fronts="$fronts $name"
}
# The polls are C's, also where the program is not.
gcc -std=c99 -O2 -I include -c c-tests/conformance/polls.c -o "$out/build/polls.o"
host c-op gcc c99 c-tests/conformance/conformance.c "$out/build/polls.o"
host c-dialects gcc c99 c-tests/conformance/dialects.c
host c-aborts gcc c99 c-tests/conformance/aborts.c
host c-sequences gcc c99 c-tests/conformance/sequences.c
host c-mappings gcc c99 c-tests/conformance/mappings.c
host cpp-op g++ c++17 c-tests/conformance/conformance.cpp "$out/build/polls.o"
host cpp-dialects g++ c++17 c-tests/conformance/dialects.cpp
host cpp-sequences g++ c++17 c-tests/conformance/sequences.cpp
host cpp-mappings g++ c++17 c-tests/conformance/mappings.cpp

front windows c-tests/windows/run.sh conformance "$out"
fronts="$fronts com-cpp com-c com-backup-cpp com-backup-c com-sequences-cpp com-sequences-c"

echo "$fronts" >"$out/fronts"
scripts/conformance-sum.sh >"$out/sum"
scripts/conformance-report.sh || failed=1
[ "$failed" = 0 ] || {
    echo "conformance: failed" >&2
    exit 1
}
