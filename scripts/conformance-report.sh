#!/bin/sh
# Puts together what the fronts of scripts/conformance.sh said, and beside them the
# boards of examples/firmware/conformance/run.sh, in report.md. Whoever has run the
# one or the other calls it; what was said of other sources than these is left out.
set -eu

cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}
host=$target/conformance boards=$target/conformance-boards
sum=$(scripts/conformance-sum.sh)

# of_these_sources FILE: it holds their sum.
of_these_sources() { [ -f "$1" ] && [ "$(cat "$1")" = "$sum" ]; }

if ! of_these_sources "$host/sum"; then
    echo "conformance: no report before \`make conformance\` has run on these sources"
    exit 0
fi
fronts=$(cat "$host/fronts")
found=
for rows in "$boards"/*.rows; do
    board=$(basename "$rows" .rows)
    rm -f "$host/$board.rows"
    if of_these_sources "$boards/$board.sum"; then
        cp "$rows" "$host/$board.rows"
        found="$found $board"
    fi
done
[ -n "$found" ] || echo "conformance: without boards; examples/firmware/conformance/run.sh runs them"
# shellcheck disable=SC2086 # lists
cargo run --quiet -p quell-conformance -- report "$host" $fronts $found
