#!/bin/sh
# The interrupt storm on the emulated boards: `run.sh [BOARD...] [--overwrite]`;
# without any named, on those whose code differs: an M4F and an M7 run an M3's, but
# for floating point.
#
# What the calls and the interrupts were told has to be what storm.out says, on
# every board; --overwrite writes it there anew. How many boundaries there are
# depends on the compiler: that is printed only, but without boards named they have
# to be a hundred thousand together.
set -eu

cd "$(dirname "$0")/../../.."
here=examples/firmware/storm
out=${CARGO_TARGET_DIR:-target}/storm
least=100000
mkdir -p "$out"

fail() {
    echo "storm: $*" >&2
    exit 1
}

# shellcheck source=examples/firmware/build.sh
. examples/firmware/build.sh
needs_firmware_tools

each_code="microbit lm3s6965evb mps2-an505 virt virt-imc"
boards='' overwrite=false
for argument; do
    case $argument in
    --overwrite) overwrite=true ;;
    *) boards="$boards $argument" ;;
    esac
done

# Some ten seconds each, on a machine with nothing else to do.
EMULATE_SECONDS=${EMULATE_SECONDS:-200}

total=0
for board in ${boards:-$each_code}; do
    describe "$board"
    compile "$out/$board.elf" -I "$here" \
        -Wl,--wrap=quell_port_1_wait,--wrap=quell_port_1_pend_drain "$here"/*.c
    emulate 10 "$out/$board.elf" >"$out/$board.txt" ||
        fail "$board: ended with $?: $(tail -2 "$out/$board.txt")"
    sed "s/^storm/$board/" "$out/$board.txt"
    sed 's/: [0-9]* boundaries.*//' "$out/$board.txt" >"$out/$board.out"
    if $overwrite; then
        cp "$out/$board.out" "$here/storm.out"
        overwrite=false
    fi
    diff -u "$here/storm.out" "$out/$board.out" >&2 || fail "$board: differs from storm.out"
    total=$((total + $(sed -n 's/^storm: never both, never neither: \([0-9]*\) boundaries$/\1/p' "$out/$board.txt")))
done
echo "storm: $total boundaries"
[ -n "$boards" ] || [ "$total" -ge "$least" ] || fail "fewer than $least boundaries"
