#!/bin/sh
# The storage controller on this machine and on two emulated microcontrollers:
# `run.sh [--overwrite]`.
#
# Pace of steps: what each prints, traces and all, is the golden file's
# (--overwrite writes it, by this machine). Pace of timers: each run differs, and
# must not see a violation.
set -eu

fail() {
    echo "controller: $*" >&2
    exit 1
}

cd "$(dirname "$0")/../../.."
here=examples/firmware/controller
golden=$here/controller-steps.out
boards="lm3s6965evb mps2-an505"
target_dir=${CARGO_TARGET_DIR:-target}
case $target_dir in /*) ;; *) target_dir=$PWD/$target_dir ;; esac
out=$target_dir/firmware/controller
mkdir -p "$out"

# shellcheck source=examples/firmware/build.sh
. examples/firmware/build.sh

program=
for part in abort command controller flash host image lane ledger pace power program queue trace \
    violation; do
    program="$program $here/$part.c"
done

# A million commands, and the first events of a run in words.
steps="--seed 1 --seed 2 --seed 3 --seed 4 --seed 5 --seed 6 --seed 7 --seed 8 --commands 125000"
words="--seed 10 --commands 2000 --trace 100"
# Long enough to meet everything: see program.c.
timers="--seed 2 --commands 20000 --pace timers"

# check WHERE FILE: against the golden file.
check() {
    diff -u "$golden" "$2" >&2 || fail "$1: not what $golden says"
    echo "controller: $1: as $golden says"
}

build_host() {
    archive=$(scripts/static-lib.sh)
    # shellcheck disable=SC2086 # a list of words
    "${CC:-cc}" -std=c99 -O2 -g -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I include \
        -o "$out/host" $program $here/machine_host.c "$archive"
}

# run_host ARGUMENT...
run_host() { timeout -k 5 60 "$out/host" "$@"; }

# build_board BOARD
build_board() {
    describe "$1"
    # shellcheck disable=SC2086 # a list of words
    compile "$out/$1.elf" -O2 -flto -DBOARD_"$(echo "$1" | tr 'a-z-' 'A-Z_')" $program \
        $here/machine_cortex_m.c
}

# run_board BOARD ARGUMENT...
run_board() {
    elf_of=$out/$1.elf
    describe "$1"
    shift
    EMULATE_SECONDS=300 emulate 0 "$elf_of" "$@"
}

# measure HOW WHERE: both paces, on this machine (run_host) or on a board.
measure() {
    how=$1 where=$2
    shift
    [ "$how" != run_host ] || shift
    # shellcheck disable=SC2086 # lists of words
    { "$how" "$@" $words && "$how" "$@" $steps; } >"$out/$where.out" ||
        fail "$where: ended with $?: $(tail -n 20 "$out/$where.out")"
    if [ "$how" = run_host ] && [ "$overwrite" = yes ]; then
        cp "$out/$where.out" "$golden"
    fi
    check "$where" "$out/$where.out"
    # shellcheck disable=SC2086 # a list of words
    "$how" "$@" $timers >"$out/$where-timers.out" ||
        fail "$where: timers: ended with $?: $(cat "$out/$where-timers.out")"
    [ "$(tail -n 1 "$out/$where-timers.out")" = "controller: never both, never neither" ] ||
        fail "$where: timers: did not come to its end: $(cat "$out/$where-timers.out")"
    sed "s/^/$where: /" "$out/$where-timers.out"
}

overwrite=no
case ${1:-} in
'') ;;
--overwrite) overwrite=yes ;;
*) fail "usage: run.sh [--overwrite]" ;;
esac

needs_firmware_tools
command -v diff >/dev/null || fail "diff is missing (Debian: diffutils)"
build_host
measure run_host host
for board_of in $boards; do
    build_board "$board_of"
    measure run_board "$board_of"
done
