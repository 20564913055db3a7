#!/bin/sh
# The packages of dist/ as a firmware project takes them: by pkg-config for
# every board, by CMake for one Arm and one RISC-V, from another directory than
# the one they were made in. Then what the linker says where a port is missing.
set -eu

cd "$(dirname "$0")/../.."
root=$PWD
target_dir=${CARGO_TARGET_DIR:-target}
case $target_dir in /*) ;; *) target_dir=$root/$target_dir ;; esac
out=$target_dir/packages
rm -rf "$out"
mkdir -p "$out"

fail() {
    echo "packages: $*" >&2
    exit 1
}

# shellcheck source=examples/firmware/build.sh
. examples/firmware/build.sh
needs_firmware_tools
for tool in pkg-config cmake ninja; do
    command -v "$tool" >/dev/null || fail "$tool is missing (Debian: pkg-config cmake ninja-build)"
done

expected='package: cancelled by an interrupt, and told'

runs() {
    said=$(emulate 0 "$1") || fail "$board: $1 ended with $?: $said"
    [ "$said" = "$expected" ] || fail "$board: $1 said: $said"
}

by_pkg_config() {
    words=$(PKG_CONFIG_LIBDIR=$out/$target/lib/pkgconfig pkg-config --static --cflags --libs quell)
    # shellcheck disable=SC2086 # lists of words
    "${tools}gcc" $board_flags -std=c99 -Os -I "$board_dir" -I "ports/$port" \
        $board_link "$board_dir/semihosting.c" -Wl,--gc-sections,-z,noexecstack,--fatal-warnings \
        c-tests/qemu/package/package.c $words -o "$out/$board.elf"
    runs "$out/$board.elf"
    echo "$board: by pkg-config: $said"
}

# A list as CMake has it: the words with semicolons between.
list() { echo "$*" | tr ' ' ';'; }

by_cmake() {
    sources='' link=''
    for word in $board_link "$board_dir/semihosting.c"; do
        case $word in
        *.c) sources="$sources $root/$word" ;;
        "$board_dir"*) link="$link $root/$word" ;;
        *) link="$link $word" ;;
        esac
    done
    # shellcheck disable=SC2086 # lists of words
    { cmake -S c-tests/qemu/package -B "$out/$board" -G Ninja -DCMAKE_BUILD_TYPE=MinSizeRel \
        -DCMAKE_SYSTEM_NAME=Generic -DCMAKE_C_COMPILER="${tools}gcc" \
        -DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY \
        -DCMAKE_PREFIX_PATH="$out/$target" -DCMAKE_FIND_ROOT_PATH="$out/$target" \
        -DPACKAGE_SOURCES="$(list "$root/c-tests/qemu/package/package.c" $sources)" \
        -DPACKAGE_FLAGS="$(list $board_flags -std=c99)" -DPACKAGE_LINK="$(list $link)" \
        -DPACKAGE_INCLUDES="$(list "$root/$board_dir" "$root/ports/$port")" &&
        cmake --build "$out/$board"; } >"$out/cmake.log" 2>&1 || {
        cat "$out/cmake.log" >&2
        fail "$board: CMake"
    }
    runs "$out/$board/package.elf"
    echo "$board: by CMake: $said"
}

# refused WHAT SOURCE LIBRARIES PATTERN...: the link fails, and says each.
refused() {
    what=$1 source=$2 libraries=$3
    shift 3
    echo "$source" >"$out/refused.c"
    # shellcheck disable=SC2086 # lists of words
    if "${tools}gcc" $board_flags -std=c99 -Os -ffunction-sections -I "$out/$target/include" -nostartfiles \
        -Wl,--gc-sections -Wl,-e,program "$out/refused.c" -L "$out/$target/lib" $libraries \
        -o "$out/refused.elf" 2>"$out/refused.log"; then
        [ $# = 0 ] || fail "$board: $what: links"
    else
        [ $# != 0 ] || { cat "$out/refused.log" >&2; fail "$board: $what: does not link"; }
    fi
    for pattern in "$@"; do
        grep -q -- "$pattern" "$out/refused.log" || {
            cat "$out/refused.log" >&2
            fail "$board: $what: the linker does not say: $pattern"
        }
    done
}

missing='quell_has_no_port_1__link_libquell_port_a__or_see_QUELL_PORT_1_in_quell_h'
waits='#include <quell.h>
uint32_t SystemCoreClock = 1000000u;
#if !defined(__ARM_ARCH)
#include "quell_port_riscv.h"
const quell_riscv_timer_t quell_riscv_timer = {(volatile uint32_t *)4, (volatile uint32_t *)8, 1000000};
#endif
quell_handle_t handle;
quell_verdict_t program(void);
quell_verdict_t program(void) { return quell_wait(&handle, QUELL_EVENT_END, 5u, NULL); }'
own='uint32_t quell_port_1_critical_enter(void) { return 0; }
void quell_port_1_critical_exit(uint32_t saved) { (void)saved; }
uintptr_t quell_port_1_context(void) { return 1; }
uint32_t quell_port_1_in_interrupt(void) { return 0; }
void quell_port_1_wait(const uint32_t *signal, uint64_t limit_us) { (void)signal; (void)limit_us; }
void quell_port_1_wake(uintptr_t context) { (void)context; }
uint64_t quell_port_1_now_us(void) { return 0; }
void quell_port_1_pend_drain(void) {}'

link_errors() {
    refused "no port" "$waits" "-lquell" "undefined reference to .quell_port_1_wait'" \
        "undefined reference to .$missing'"
    refused "a port that does not say that it is one" "$waits
$own" "-lquell" "undefined reference to .$missing'"
    refused "a port of another version" "$waits
$(echo "$own" | sed 's/_port_1_/_port_2_/')
QUELL_PORT_1;" "-lquell" "undefined reference to .quell_port_1_wait'"
    refused "a port of one's own" "$waits
$own
QUELL_PORT_1;" "-lquell"
    refused "a part of one's own" "$waits
void quell_port_1_wait(const uint32_t *signal, uint64_t limit_us) { (void)signal; (void)limit_us; }
void quell_port_1_wake(uintptr_t context) { (void)context; }" "-lquell -lquell_port"
    case $board in
    virt*)
        refused "a RISC-V whose timer is not known" "#include <quell.h>
$(echo "$waits" | sed '/riscv/d; /^#if/d; /^#endif/d; 1d')" "-lquell -lquell_port" \
            "undefined reference to .quell_riscv_timer'"
        ;;
    *)
        refused "a Cortex-M whose clock is not known" "$(echo "$waits" | grep -v SystemCoreClock)" \
            "-lquell -lquell_port" "undefined reference to .SystemCoreClock'"
        refused "a SysTick that is taken" "$waits
void SysTick_Handler(void) {}" "-lquell -lquell_port" "multiple definition of .SysTick_Handler'"
        refused "a PendSV that is taken" "$waits
void PendSV_Handler(void) {}" "-lquell -lquell_port" "multiple definition of .PendSV_Handler'"
        ;;
    esac
    echo "$board: a port that is missing, incomplete or of another version does not link, and the linker says why"
}

scripts/dist.sh >/dev/null
cp -R dist/. "$out/"
for board in $all_boards; do
    describe "$board"
    by_pkg_config
    case $board in lm3s6965evb | virt) by_cmake ;; esac
    case $board in microbit | mps2-an505 | virt) link_errors ;; esac
done
