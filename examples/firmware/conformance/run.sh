#!/bin/sh
# The rows of every table, dialect and sequence on each board, by the host's own
# fronts in C: `run.sh [BOARD...] [--overwrite]`.
#
# Several images, since the smallest board has 256 KiB of flash. Calls that wait
# or are held stand in threads of their own (threads.c), and what happens
# meanwhile comes from an interrupt (meanwhile.c). What they said, counted, is
# conformance.out, the same for all boards; --overwrite takes it from the first.
# Leaves $target/conformance-boards/BOARD.rows for the report of all fronts.
set -eu

cd "$(dirname "$0")/../../.."
here=examples/firmware/conformance
fronts=c-tests/conformance
target_dir=${CARGO_TARGET_DIR:-target}
case $target_dir in /*) ;; *) target_dir=$PWD/$target_dir ;; esac
out=$target_dir/conformance-boards
mkdir -p "$out"

fail() {
    echo "firmware conformance: $*" >&2
    exit 1
}

# shellcheck source=examples/firmware/build.sh
. examples/firmware/build.sh
needs_firmware_tools

overwrite='' boards=''
for argument in "$@"; do
    case $argument in
    --overwrite) overwrite=yes ;;
    *) boards="$boards $argument" ;;
    esac
done
[ -n "$boards" ] || boards=$all_boards

com="its calls are methods of COM: on Windows"

# front NAME FLAG-OR-SOURCE...: builds it, runs it, and keeps what it says.
front() {
    program=$1
    shift
    elf=$out/$board/$program.elf
    compile "$elf" -DCONFORMANCE_ON_BOARD -I "$here" -I $fronts -I "$out" \
        -Wl,--wrap=quell_port_1_wait,--wrap=quell_port_1_context \
        "$here/threads.c" "$here/meanwhile.c" "$@"
    emulate 6 "$elf" "$out/$board/$program.rows" >"$elf.said" || {
        tail -n 20 "$elf.said" >&2
        fail "$board: $program ended with a failed exit; what it said last:" \
            "$(tail -n 1 "$out/$board/$program.rows")"
    }
    "${tools}size" "$elf" | awk -v of="$board: $program" 'NR == 2 {
        printf "%s: %d bytes of flash, %d of RAM without heap and stack\n", of, $1 + $2, $2 + $3 }'
}

cargo run --quiet -p quell-conformance -- c-table "$out/conformance_table.h" >/dev/null

# By no reader of rows: lines that are no comment and no heading.
in_files=$(cat conformance/*.csv | grep -cvE '^(#|$|id |sequence )')

for board in $boards; do
    describe "$board"
    rm -rf "${out:?}/$board" "$out/$board.rows" "$out/$board.sum"
    mkdir "$out/$board"
    front c-op $fronts/conformance.c $fronts/polls.c
    front c-dialects-vss -DCONFORMANCE_NO_VDS -DCONFORMANCE_NO_WSB -DCONFORMANCE_NO_GPM \
        -DCONFORMANCE_NO_VERDICTS $fronts/dialects.c
    front c-dialects -DCONFORMANCE_NO_VSS $fronts/dialects.c
    front c-aborts $fronts/aborts.c
    front c-mappings $fronts/mappings.c
    front c-sequences $fronts/sequences.c
    cargo run --quiet -p quell-conformance -- count "$out/$board" sequences-com.csv "$com" \
        >"$out/$board.said" || fail "$board: see $out/$board.said"
    grep -q "^all: $in_files rows, " "$out/$board.said" ||
        fail "$board: the files have $in_files rows; see $out/$board.said"
    if [ -n "$overwrite" ]; then
        cp "$out/$board.said" "$here/conformance.out"
        overwrite=''
    fi
    diff -u "$here/conformance.out" "$out/$board.said" || fail "$board: not what is in conformance.out"
    cat "$out/$board"/*.rows >"$out/$board.rows"
    scripts/conformance-sum.sh >"$out/$board.sum"
    echo "$board: $(tail -n 1 "$out/$board.said")"
done
scripts/conformance-report.sh
