#!/bin/sh
# Builds libquell.a for a bare-metal Arm target and prints its path:
# `firmware-lib.sh TARGET [cargo arguments]`.
#
# Core for the target comes from the active toolchain where it has it
# (`rustup target add TARGET`), else it is built from Debian's rustc-web and
# rust-web-src.
#
# The archive holds one object, quell's own, whose globals are the C ABI alone.
# So it links beside other Rust archives, whatever panic handler, critical
# section and compiler built-ins those bring; mem* and __aeabi_* come from the
# C toolchain.
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

build() {
    cargo rustc --quiet -p quell-ffi --lib --crate-type staticlib --profile firmware \
        --no-default-features --features "$features" --target "$target" "$@"
}

sysroot=$("${RUSTC:-rustc}" --print sysroot)
if [ -d "$sysroot/lib/rustlib/$target/lib" ]; then
    build "$@"
elif [ -d /usr/lib/rustlib/src/rust/library/core ] && [ -x /usr/bin/rustc ]; then
    export RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc
    build -Z build-std=core "$@"
else
    fail "no core for $target: rustup target add $target, or Debian's rustc-web and rust-web-src"
fi

out=${CARGO_TARGET_DIR:-target}/$target/firmware
case $out in /*) ;; *) out=$PWD/$out ;; esac
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp "$out/libquell_ffi.a" "$scratch/whole.a"
cd "$scratch"
arm-none-eabi-ar x whole.a
set -- quell_ffi-*.o
if [ $# != 1 ] || [ ! -f "$1" ]; then
    fail "link-time optimisation should leave one object, not: $*"
fi
arm-none-eabi-objcopy --wildcard --keep-global-symbol='quell_*' "$1" quell.o
arm-none-eabi-ar crD libquell.a quell.o
mv libquell.a "$out/libquell.a"
echo "$out/libquell.a"
