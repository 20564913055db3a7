#!/bin/sh
# The C programs on emulated microcontrollers, each board of
# examples/firmware/build.sh: `run.sh [BOARD...]`.
#
# Builds the firmware archive for each, checks it, links it with a copy of
# itself, and runs the engine's program.
set -eu

cd "$(dirname "$0")/../.."
here=c-tests/qemu
target_dir=${CARGO_TARGET_DIR:-target}
case $target_dir in /*) ;; *) target_dir=$PWD/$target_dir ;; esac
out=$target_dir/qemu
mkdir -p "$out"

fail() {
    echo "qemu: $*" >&2
    exit 1
}

# shellcheck source=examples/firmware/build.sh
. examples/firmware/build.sh
needs_firmware_tools

# says PROGRAM SHIFT LAST-LINE SOURCE...: builds it and runs it; its last line
# has to be that one.
says() {
    program=$1 speed=$2 last=$3
    shift 3
    compile "$out/$board-$program.elf" "$@"
    said=$(emulate "$speed" "$out/$board-$program.elf") ||
        fail "$board: $program ended with $?: $said"
    echo "$said" | tail -1 | grep -qxE "$last" || fail "$board: $program did not come to its end: $said"
    echo "$said" | sed "s/^/$board: /"
}

# Another archive beside this one: a copy whose C ABI has other names. Any
# other global (a panic handler, a critical section) would be defined twice.
links_beside_another() {
    "${tools}nm" -g --defined-only "$1" |
        awk '$3 ~ /^quell_/ { print $3, "other_" $3 }' >"$out/names"
    "${tools}objcopy" --redefine-syms="$out/names" "$1" "$out/other.a"
    # shellcheck disable=SC2086 # an option, or none
    "${tools}ld" $emulation -r --whole-archive -o "$out/two.o" "$1" "$out/other.a"
}

# A program of plain operations links without the engine and without a port, but
# for the critical section where there is no compare-and-swap.
plain_operations_stand_alone() {
    port_of=
    case $target in thumbv6m-* | riscv32imc-*)
        port_of="--defsym=quell_port_1_critical_enter=0 --defsym=quell_port_1_critical_exit=0
            --defsym=quell_has_no_port_1__link_libquell_port_a__or_see_QUELL_PORT_1_in_quell_h=0" ;;
    esac
    # shellcheck disable=SC2046,SC2086 # one argument for each name; lists of words
    "${tools}ld" $emulation --gc-sections $port_of -e quell_op_arm \
        $(printf -- '-u quell_%s ' op_open op_start op_status op_shield op_unshield op_commit \
            op_finish op_fail op_acknowledge op_force op_retire cancel) \
        -o "$out/plain.elf" "$1" || fail "$target: plain operations need what only sources should"
}

# shellcheck disable=SC2086 # a list of words
[ $# != 0 ] || set -- $all_boards
for board in "$@"; do
    describe "$board"
    archive=$(scripts/firmware-lib.sh "$target")/libquell.a
    scripts/check-no-panic.sh "$archive"
    scripts/check-traces.sh "$archive"
    links_beside_another "$archive"
    plain_operations_stand_alone "$archive"
    says engine 10 'engine: all holds' \
        -Wl,--wrap=quell_port_1_wait,--wrap=quell_port_1_pend_drain "$here/port.c" "$here/engine.c"
done
