#!/bin/sh
# Builds libquell.a for a bare-metal Arm target and prints its path:
# `firmware-lib.sh TARGET [cargo arguments]`.
#
# Its critical section, mem* and __aeabi_* come from whoever links it.
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
thumb*) features=panic-handler,c-port ;;
*) fail "not a bare-metal Arm target: $target" ;;
esac
for tool in cargo arm-none-eabi-ar arm-none-eabi-objcopy; do
    command -v "$tool" >/dev/null || fail "$tool is missing (Debian: gcc-arm-none-eabi)"
done

# shellcheck source=/dev/null
. scripts/archive.sh

build_for "$target" --profile firmware --features "$features" "$@"
out=${CARGO_TARGET_DIR:-target}/$target/firmware
one_object arm-none-eabi- "$out/libquell_ffi.a" "$out/libquell.a"
case $out in /*) ;; *) out=$PWD/$out ;; esac
echo "$out/libquell.a"
