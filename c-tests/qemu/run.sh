#!/bin/sh
# The C programs on emulated microcontrollers: Cortex-M0 (microbit, no
# compare-and-swap) and Cortex-M3 (lm3s6965evb).
#
# Builds the firmware archive for each, checks it, links it with a copy of
# itself, runs the conformance program, the interrupt race and the engine's, and
# prints the archive's sizes.
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

for tool in arm-none-eabi-gcc qemu-system-arm timeout cargo; do
    command -v "$tool" >/dev/null ||
        fail "$tool is missing (Debian: gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm)"
done

# compile BOARD ARCHIVE ELF SOURCE...
compile() {
    board_of=$1 archive_of=$2 elf=$3
    shift 3
    arm-none-eabi-gcc -mcpu="$(cpu_of "$board_of")" -mthumb -std=c99 -Os -g \
        -ffunction-sections -fdata-sections \
        -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I include -I "$out" \
        --specs=rdimon.specs --specs=nano.specs -nostartfiles -L "$here" -T "$board_of.ld" \
        -Wl,--gc-sections,-z,noexecstack,--fatal-warnings \
        -o "$elf" "$here/startup.c" "$here/port.c" "$@" "$archive_of"
}

# emulate BOARD SHIFT ELF: 2^SHIFT ns for an instruction, so that a run is the
# same each time. A guest that hangs is stopped.
emulate() {
    timeout 60 qemu-system-arm -M "$1" -cpu "$(cpu_of "$1")" -icount "shift=$2,sleep=off" \
        -nographic -monitor none -serial none -semihosting-config enable=on,target=native \
        -kernel "$3" </dev/null 2>"$out/qemu.err" || {
        status=$?
        cat "$out/qemu.err"
        return "$status"
    }
}

cpu_of() {
    case $1 in
    microbit) echo cortex-m0 ;;
    lm3s6965evb) echo cortex-m3 ;;
    *) fail "no such board: $1" ;;
    esac
}

# Another archive beside this one: a copy whose C ABI has other names. Any
# other global (a panic handler, a critical section) would be defined twice.
links_beside_another() {
    arm-none-eabi-nm -g --defined-only "$1" |
        awk '$3 ~ /^quell_/ { print $3, "other_" $3 }' >"$out/names"
    arm-none-eabi-objcopy --redefine-syms="$out/names" "$1" "$out/other.a"
    arm-none-eabi-ld -r --whole-archive -o "$out/two.o" "$1" "$out/other.a"
}

# A program of plain operations links without the engine and without a port, but
# for the critical section where there is no compare-and-swap.
plain_operations_stand_alone() {
    port=
    [ "$2" != thumbv6m-none-eabi ] ||
        port="--defsym=quell_port_critical_enter=0 --defsym=quell_port_critical_exit=0"
    # shellcheck disable=SC2046,SC2086 # one argument for each name; a list of words
    arm-none-eabi-ld --gc-sections $port -e quell_op_arm \
        $(printf -- '-u quell_%s ' op_open op_start op_status op_shield op_unshield op_commit \
            op_finish op_fail op_acknowledge op_force op_retire cancel) \
        -o "$out/plain.elf" "$1" || fail "$2: plain operations need what only sources should"
}

# text_of ARCHIVE NAME...: the text that an operation's life needs (arm, start,
# cancel, commit, finish, acknowledge, retire), and these beside.
text_of() {
    archive_of=$1
    shift
    # shellcheck disable=SC2046 # one argument for each name
    arm-none-eabi-ld --gc-sections --unresolved-symbols=ignore-all -e quell_op_arm \
        $(printf -- '-u quell_%s ' op_start cancel op_commit op_finish op_acknowledge \
            op_retire "$@") -o "$out/part.elf" "$archive_of"
    arm-none-eabi-size "$out/part.elf" | awk 'NR == 2 { print $1 }'
}
hooks="source_arm source_open settle hook_add hook_add_and_tell hook_detach hook_detach_sync
    member_add"
scopes="scope_open scope_open_below scope_shield scope_cancel scope_handle scope_close"

sizes() {
    # shellcheck disable=SC2086 # lists of words
    arm-none-eabi-size "$1" | awk -v target="$2" -v life="$(text_of "$1")" \
        -v hooks="$(text_of "$1" $hooks)" -v scopes="$(text_of "$1" $hooks $scopes)" \
        -v waits="$(text_of "$1" $hooks $scopes wait cancel_from_isr drain)" '
        NR == 2 {
            printf "sizes: %s: text %d, data %d, bss %d; ", target, $1, $2, $3
            printf "an operation\047s life %d, and hooks %d, and scopes %d, ", life, hooks, scopes
            printf "and waiting and the interrupt form %d\n", waits
        }'
    arm-none-eabi-nm -S --size-sort -r -t d "$1" | awk '
        NF == 4 && $3 ~ /[tT]/ {
            # A private function of Rust: the last part of its mangled name.
            name = $4
            if (name ~ /^_R/) { match(name, /[a-z_]+$/); name = "(" substr(name, RSTART) ")" }
            printf "%s%5d %-30s", sep, $2, name
            sep = ++shown % 3 ? "" : "\n"
        }
        END { print "" }'
}

scripts/check-no-panic.sh --self-test
scripts/check-traces.sh --self-test
cargo run --quiet -p quell-conformance -- c-table "$out/conformance_table.h" >/dev/null

for board in microbit lm3s6965evb; do
    case $(cpu_of "$board") in
    cortex-m0) target=thumbv6m-none-eabi ;;
    *) target=thumbv7m-none-eabi ;;
    esac
    archive=$(scripts/firmware-lib.sh "$target")
    scripts/check-no-panic.sh "$archive"
    scripts/check-traces.sh "$archive"
    links_beside_another "$archive"
    plain_operations_stand_alone "$archive" "$target"

    compile "$board" "$archive" "$out/$board-conformance.elf" \
        c-tests/conformance/conformance.c c-tests/conformance/polls.c
    said=$(emulate "$board" 0 "$out/$board-conformance.elf") ||
        fail "$board: the conformance program ended with $?: $said"
    echo "$said" | grep -qxE 'conformance: [1-9][0-9]* rows, 0 differing' ||
        fail "$board: the conformance program did not say that no row differs: $said"
    echo "$board: $said"

    compile "$board" "$archive" "$out/$board-interrupt.elf" "$here/interrupt.c"
    said=$(emulate "$board" 10 "$out/$board-interrupt.elf") ||
        fail "$board: the interrupt program ended with $?: $said"
    echo "$said" | grep -qx 'interrupt: never both, never neither' ||
        fail "$board: the interrupt program did not come to its end: $said"
    echo "$said" | sed "s/^/$board: /"

    compile "$board" "$archive" "$out/$board-engine.elf" "$here/engine.c"
    said=$(emulate "$board" 10 "$out/$board-engine.elf") ||
        fail "$board: the engine program ended with $?: $said"
    echo "$said" | grep -qx 'engine: never both, never neither' ||
        fail "$board: the engine program did not come to its end: $said"
    echo "$said" | sed "s/^/$board: /"
    sizes "$archive" "$target"
done
