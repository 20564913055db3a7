#!/bin/sh
# FIGURES.md: flash, RAM, stack, instructions and masked stretches of each
# bare-metal target, as binutils, the compiler and the emulator say them.
#
#   figures.sh            measures, and writes FIGURES.md
#   figures.sh --check    measures, and compares with FIGURES.md
#   figures.sh --target T measures one target, and prints its tables
#   figures.sh --self-test  breaks what is measured, and sees it found
#
# The compiler of the archives is what scripts/firmware-lib.sh takes; python3 of
# Debian's suffices.
set -eu

cd "$(dirname "$0")/.."
target_dir=${CARGO_TARGET_DIR:-target}
case $target_dir in /*) ;; *) target_dir=$PWD/$target_dir ;; esac
work=$target_dir/figures
count=examples/firmware/count
python=${PYTHON:-/usr/bin/python3}
# One board for each target: an M7 runs what an M4F runs.
boards="microbit lm3s6965evb mps2-an386 mps2-an505 virt virt-imc"

fail() {
    echo "figures: $*" >&2
    exit 1
}

# shellcheck source=examples/firmware/build.sh
. examples/firmware/build.sh
needs_firmware_tools
for tool in cc c++filt diff "$python"; do
    command -v "$tool" >/dev/null || fail "$tool is missing (Debian: gcc binutils diffutils python3)"
done

figures() { "$python" -B scripts/figures/figures.py "$@"; }

# The archive as it is shipped, and the same with the compiler's notes of stack
# sizes in it, which is built only where the first has changed.
archives() {
    libraries=$(scripts/firmware-lib.sh "$target")
    if [ ! -f "$of/noted.a" ] || ! cmp -s "$libraries/libquell.a" "$of/quell.a"; then
        rm -f "$of/quell.a"
        scripts/check-no-panic.sh "$libraries/libquell.a" >/dev/null
        noted=$(RUSTC_BOOTSTRAP=1 scripts/firmware-lib.sh "$target" -- -Z emit-stack-sizes)
        cp "$noted/libquell.a" "$of/noted.a"
        cp "$libraries/libquell.a" "$of/quell.a"
    fi
    cp "$libraries/libquell_port.a" "$of/quell_port.a"
}

# Everything, for the call graph: nothing is left out, nothing is left open.
whole_program() {
    # shellcheck disable=SC2086 # a list of words
    "${tools}gcc" $board_flags -nostartfiles -Wl,--no-gc-sections,-z,noexecstack,-e,quell_op_arm \
        -Wl,--defsym=SystemCoreClock=0,--defsym=quell_riscv_timer=0 \
        -Wl,--whole-archive "$of/noted.a" "$of/quell_port.a" -Wl,--no-whole-archive \
        -o "$of/whole.elf"
}

counting_program() {
    own=
    for source in "$count"/*.c; do
        name=$(basename "$source" .c)
        [ "$name" != plugin ] || continue
        # shellcheck disable=SC2086 # a list of words
        "${tools}gcc" $board_flags -std=c99 -Os -g -ffunction-sections -fdata-sections \
            -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I include \
            -c "$source" -o "$of/$name.o"
        [ "$name" = measured ] || own="$own $of/$name.o"
    done
    # shellcheck disable=SC2086 # a list of words
    (
        export QUELL_FIRMWARE_BUILT=yes
        compile "$of/count.elf" $own "$of/measured.o"
    )
}

# run NUMBER: the program under the plugin; a line for each call from both.
run() {
    # shellcheck disable=SC2086 # a list of words
    plugin=$(figures plugin "$target" "$tools" "$emulation" "$of/count.elf" "$work/plugin.so" \
        "$of/windows.$1" $own)
    emulator="$emulator -plugin $plugin"
    emulate 0 "$of/count.elf" >"$of/printed.$1" || {
        cat "$of/printed.$1" >&2
        fail "$board: the counting program failed"
    }
    describe "$board"
}

measure() {
    describe "$1"
    of=$work/$target
    mkdir -p "$of"
    archives
    whole_program
    counting_program
    run 1
    run 2
    for what in windows printed; do
        cmp "$of/$what.1" "$of/$what.2" || fail "$board: two runs are not the same"
    done
    printf '%s\n' "$board" "$tools" "$emulation" "$cpu" >"$of/described"
    "${tools}gcc" --version | head -1 >"$of/versions"
    "${tools}ld" --version | head -1 >>"$of/versions"
    "${emulator%% *}" --version | head -1 >>"$of/versions"
}

mode=write only=
case ${1:-} in
'') ;;
--check) mode=check ;;
--self-test) mode=self-test only=thumbv6m-none-eabi ;;
--target) mode=target only=${2:?figures.sh --target TARGET} ;;
*) fail "no such argument: $1" ;;
esac

mkdir -p "$work"
cc -std=c99 -O2 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -shared -fPIC \
    "$count/plugin.c" -o "$work/plugin.so"
measured=
for board in $boards; do
    describe "$board"
    [ -z "$only" ] || [ "$only" = "$target" ] || continue
    measure "$board"
    measured="$measured $target"
done
[ -n "$measured" ] || fail "no such target: $only"
# shellcheck disable=SC2086 # a list of words
figures "$mode" "$work" $measured
