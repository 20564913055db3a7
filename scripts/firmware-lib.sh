#!/bin/sh
# Builds libquell.a and libquell_port.a, quell and its ready-made port, for a
# bare-metal target, and prints the directory that they are in:
# `firmware-lib.sh TARGET [cargo arguments]`.
#
# mem* and integer division come from whoever links them: any C toolchain.
#
# With QUELL_FIRMWARE_BUILT set, what was built before is taken as it is.
set -eu

fail() {
    echo "firmware-lib: $*" >&2
    exit 1
}

[ $# -ge 1 ] || { echo "usage: firmware-lib.sh TARGET [cargo arguments]" >&2; exit 2; }
target=$1
shift
cd "$(dirname "$0")/.."

case $target in
thumb*) tools=arm-none-eabi- package=gcc-arm-none-eabi port=cortex-m ;;
riscv32*) tools=riscv64-unknown-elf- package=gcc-riscv64-unknown-elf port=riscv ;;
*) fail "not a bare-metal target: $target" ;;
esac
case $target in
thumbv6m-none-eabi) machine="-mthumb -march=armv6s-m" ;;
thumbv7m-none-eabi) machine="-mthumb -march=armv7-m" ;;
thumbv7em-none-eabi) machine="-mthumb -march=armv7e-m" ;;
thumbv7em-none-eabihf) machine="-mthumb -march=armv7e-m+fp -mfloat-abi=hard" ;;
thumbv8m.main-none-eabi) machine="-mthumb -march=armv8-m.main" ;;
thumbv8m.main-none-eabihf) machine="-mthumb -march=armv8-m.main+fp -mfloat-abi=hard" ;;
riscv32im*) machine="-misa-spec=2.2 -mabi=ilp32 -march=$(echo "$target" | sed 's/riscv\(32[a-z]*\)-.*/rv\1/')" ;;
*) fail "no compiler flags are known for $target" ;;
esac
for tool in cargo "${tools}gcc" "${tools}ar" "${tools}objcopy"; do
    command -v "$tool" >/dev/null || fail "$tool is missing (Debian: $package)"
done

# shellcheck source=scripts/archive.sh
. scripts/archive.sh

out=${CARGO_TARGET_DIR:-target}/$target/firmware
case $out in /*) ;; *) out=$PWD/$out ;; esac
built=$out/libquell_ffi.a
# Another archive than everybody's does not take its place.
[ $# = 0 ] || out=$out/with-arguments
mkdir -p "$out"
if [ $# = 0 ] && [ -n "${QUELL_FIRMWARE_BUILT:-}" ]; then
    for archive in libquell.a libquell_port.a; do
        [ -f "$out/$archive" ] || fail "not built: $out/$archive"
    done
    echo "$out"
    exit
fi
build_for "$target" --profile firmware --features panic-handler,c-port,c-critical-section "$@"
one_object "$tools" "$built" "$out/libquell.a"

# An object for each part of the port: what the program defines of its own is
# not taken from here.
objects=$(mktemp -d)
trap 'rm -rf "$scratch" "$objects"' EXIT
for source in ports/port.c ports/"$port"/*.c; do
    # shellcheck disable=SC2086 # a list of words
    "${tools}gcc" $machine -std=c99 -Os -ffreestanding -ffunction-sections -fdata-sections \
        -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I include \
        -c "$source" -o "$objects/$(basename "$source" .c).o"
done
"${tools}ar" crD "$objects/libquell_port.a" "$objects"/*.o
cp "$objects/libquell_port.a" "$out/libquell_port.a.$$"
mv "$out/libquell_port.a.$$" "$out/libquell_port.a"
echo "$out"
