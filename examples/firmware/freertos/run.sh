#!/bin/sh
# quell on FreeRTOS: `run.sh [BOARD...] [--overwrite]`, where BOARD is
# lm3s6965evb (Cortex-M3), mps2-an505 (Cortex-M33), virt (RV32IMAC), virt-imc
# (RV32IMC) or posix.
#
# Builds the kernel from the sources that the crate freertos-next carries, and
# on each board runs tasks.c, which has to print tasks.out (--overwrite writes
# it, by the first board), and the storage controller of ../controller as tasks
# and interrupts: in the pace of steps it has to print what it prints without
# an operating system, and in that of timers it must not see a violation.
set -eu

fail() {
    echo "freertos: $*" >&2
    exit 1
}

cd "$(dirname "$0")/../../.."
here=examples/firmware/freertos
controller=examples/firmware/controller
target_dir=${CARGO_TARGET_DIR:-target}
case $target_dir in /*) ;; *) target_dir=$PWD/$target_dir ;; esac
out=$target_dir/firmware/freertos
mkdir -p "$out"

# shellcheck source=examples/firmware/build.sh
. examples/firmware/build.sh

# Where cargo has put the kernel.
kernel_directory() {
    manifest=$(cargo metadata --quiet --locked --format-version 1 \
        --manifest-path $here/kernel/Cargo.toml --filter-platform "$host" |
        grep -o '"manifest_path":"[^"]*/freertos-next-[^"]*"' | cut -d'"' -f4)
    [ -f "$manifest" ] || fail "cargo does not say where freertos-next is"
    echo "$(dirname "$manifest")/FreeRTOS-Kernel"
}

# select_board BOARD: its compiler, its flags, and the kernel's port.
select_board() {
    if [ "$1" = posix ]; then
        board=posix config=posix cc=${CC:-cc} flags="-D_DEFAULT_SOURCE -pthread"
        kernel_port=$kernel/portable/ThirdParty/GCC/Posix
        port_sources="$kernel_port/port.c $kernel_port/utils/wait_for_event.c" interrupts=posix
        return
    fi
    describe "$1"
    config=${board%-imc}
    cc=${tools}gcc flags="$board_flags -ffunction-sections -fdata-sections
        -DBOARD_$(echo "$board" | tr 'a-z-' 'A-Z_')"
    interrupts=cortex_m
    case $board in
    lm3s6965evb) kernel_port=$kernel/portable/GCC/ARM_CM3 port_sources=$kernel_port/port.c ;;
    mps2-an505)
        kernel_port=$kernel/portable/GCC/ARM_CM33_NTZ/non_secure
        port_sources="$kernel_port/port.c $kernel_port/portasm.c"
        ;;
    virt | virt-imc)
        interrupts=riscv
        kernel_port=$kernel/portable/GCC/RISC-V
        port_sources="$kernel_port/port.c $kernel_port/portASM.S"
        # Not for the linker, which would choose no library by it.
        flags=$(echo "$flags" | sed "s/-march=$isa/&_zicsr/")
        flags="$flags -I ports/$port -I $kernel_port/chip_specific_extensions/RISCV_no_extensions"
        ;;
    *) fail "no such board: $1" ;;
    esac
}

# objects DIRECTORY FLAG... -- SOURCE...: compiles each into it.
objects() {
    directory=$1
    shift
    options=
    while [ "$1" != -- ]; do
        options="$options $1"
        shift
    done
    shift
    mkdir -p "$directory"
    for source in "$@"; do
        # shellcheck disable=SC2086 # lists of words
        "$cc" $flags -g -Os $options -c "$source" -o "$directory/$(basename "$source" | sed 's/\.[cS]$//').o"
    done
}

# build_kernel: once for each state of its configuration.
build_kernel() {
    stamp=$({ echo "$kernel $flags"; "$cc" --version; cat $here/config/common.h "$here/config/$config"/*; } | cksum)
    [ "$(cat "$out/$board/kernel/stamp" 2>/dev/null)" != "$stamp" ] || return 0
    rm -rf "${out:?}/$board/kernel"
    # shellcheck disable=SC2086 # a list of words
    objects "$out/$board/kernel" -w -I "$here/config/$config" -I $here/config -I "$kernel/include" \
        -I "$kernel_port" -- "$kernel/tasks.c" "$kernel/list.c" $port_sources
    echo "$stamp" >"$out/$board/kernel/stamp"
}

# build PROGRAM OPTIMISATION SOURCE...: with the kernel and quell's port.
build() {
    program=$1 optimise=$2
    shift 2
    rm -rf "${out:?}/$board/$program"
    # shellcheck disable=SC2086 # a list of words
    objects "$out/$board/$program" -std=c99 $optimise -Wall -Wextra -Wpedantic -Wconversion -Wshadow \
        -Werror -I "$here/config/$config" -isystem "$kernel/include" -isystem "$kernel_port" -I $here/config \
        -I include -I ports/freertos -I $board_dir -I $here -I $controller -- \
        "$@" ports/freertos/*.c "$here/interrupts_$interrupts.c" $here/kernel_hooks.c
    if [ "$board" = posix ]; then
        archive=$(CARGO_TARGET_DIR=$out/posix/archive scripts/static-lib.sh \
            --features c-port,c-critical-section)
        "$cc" -pthread -o "$out/$board/$program.elf" "$out/$board/$program"/*.o \
            "$out/$board/kernel"/*.o "$archive" -lrt
    else
        # shellcheck disable=SC2086 # a list of words
        compile "$out/$board/$program.elf" $optimise "$out/$board/$program"/*.o "$out/$board/kernel"/*.o
    fi
}

# run SHIFT PROGRAM ARGUMENT...: 2^SHIFT ns for an instruction, where it is emulated.
run() {
    speed=$1 program=$2
    shift 2
    if [ "$board" = posix ]; then
        timeout -k 5 "${EMULATE_SECONDS:-60}" "$out/posix/$program.elf" "$@" 2>"$out/posix/$program.err" || {
            status=$?
            cat "$out/posix/$program.err" >&2
            return "$status"
        }
    else
        EMULATE_SECONDS=${EMULATE_SECONDS:-120} emulate "$speed" "$out/$board/$program.elf" "$@"
    fi
}

# check GOLDEN FILE: on POSIX the kernel knows nothing of the stacks.
check() {
    golden=$1
    if [ "$board" = posix ]; then
        grep -v '^stacks: ' "$golden" >"$out/posix/expected.out"
        golden=$out/posix/expected.out
    fi
    diff -u "$golden" "$2" >&2 || fail "$board: not what $1 says"
}

# An instruction lasts about a tick of a timer, for the interrupts of tasks.c.
run_tasks() {
    build tasks -Os $here/tasks.c $here/waits.c $here/hooks.c $here/stage.c $here/actors.c
    run 6 tasks >"$out/$board/tasks.out" || fail "$board: tasks ended with $?: $(cat "$out/$board/tasks.out")"
    if [ "$overwrite" = yes ]; then
        [ "$board" != posix ] || fail "posix does not measure stacks: overwrite by another board"
        cp "$out/$board/tasks.out" $here/tasks.out
        overwrite=no
    fi
    check $here/tasks.out "$out/$board/tasks.out"
    echo "freertos: $board: tasks: as $here/tasks.out says"
}

# only_seed SEED FILE: its run by itself, out of what several print.
only_seed() {
    awk -v seed="$1," '/^controller: / { on = $2 == "seed" && $3 == seed } on { print }' "$2"
}

# compare_seed SEED ARGUMENT...: the pace of steps, with the golden file's run.
compare_seed() {
    seed=$1
    shift
    run 0 controller --seed "$seed" "$@" >"$said" ||
        fail "$board: controller ended with $?: $(tail -n 20 "$said")"
    only_seed "$seed" "$said" >"$said.seed"
    [ -s "$said.seed" ] || fail "$board: controller said nothing of seed $seed"
    only_seed "$seed" $controller/controller-steps.out | diff -u - "$said.seed" >&2 ||
        fail "$board: seed $seed: not what $controller/controller-steps.out says"
    echo "freertos: $board: controller: seed $seed as $controller/controller-steps.out says"
}

# Each run says at its end that it has found nothing; and FAILED, and why, else.
run_controller() {
    sources=
    for part in abort command controller flash host image lane ledger pace power program queue trace \
        violation; do
        sources="$sources $controller/$part.c"
    done
    # shellcheck disable=SC2086 # a list of words
    build controller -O2 $sources $here/machine_freertos.c
    said=$out/$board/controller.out
    compare_seed 10 --commands 2000 --trace 100
    # What differs from virt is met in a short run.
    [ "$board" != virt-imc ] || return 0
    compare_seed 1 --commands 125000
    run 0 controller --seed 2 --commands 20000 --pace timers >"$said" ||
        fail "$board: controller with timers ended with $?: $(cat "$said")"
    sed "s/^/freertos: $board: /" "$said"
    [ "$(tail -n 1 "$said")" = "controller: never both, never neither" ] ||
        fail "$board: controller with timers did not come to its end"
}

all="lm3s6965evb mps2-an505 virt virt-imc posix"
overwrite=no
wanted=
for argument in "$@"; do
    case $argument in
    --overwrite) overwrite=yes ;;
    -*) fail "usage: run.sh [BOARD...] [--overwrite]" ;;
    *) wanted="$wanted $argument" ;;
    esac
done

needs_firmware_tools
for tool in diff cksum "${CC:-cc}" rustc; do
    command -v "$tool" >/dev/null || fail "$tool is missing (Debian: diffutils coreutils gcc; rustup)"
done
host=$(rustc -vV | sed -n 's/^host: //p')
kernel=$(kernel_directory)
for board_of in ${wanted:-$all}; do
    select_board "$board_of"
    build_kernel
    run_tasks
    run_controller
done
