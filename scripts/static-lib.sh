#!/bin/sh
# Builds libquell.a for this machine and prints its path:
# `static-lib.sh [cargo arguments]`.
#
# The archive holds one object, quell's own, whose globals are the C ABI alone:
# no standard library, no panic handler that could meet another's. So it links
# beside any other Rust archive. QUELL_SANITIZER (address or thread) has the
# compiler instrument it, for programs that run under that sanitizer.
set -eu

fail() {
    echo "static-lib: $*" >&2
    exit 1
}

cd "$(dirname "$0")/.."
for tool in cargo ar objcopy; do
    command -v "$tool" >/dev/null || fail "$tool is missing (Debian: binutils)"
done
target=$(rustc -vV | sed -n 's/^host: //p')
out=${CARGO_TARGET_DIR:-target}/static${QUELL_SANITIZER:+-$QUELL_SANITIZER}
case $out in /*) ;; *) out=$PWD/$out ;; esac
if [ -n "${QUELL_SANITIZER:-}" ]; then
    # The sanitizers' flags are unstable; core itself stays as it was built.
    export RUSTC_BOOTSTRAP=1
    flags="-Zsanitizer=$QUELL_SANITIZER -Cunsafe-allow-abi-mismatch=sanitizer"
    # Older runtimes have no __tsan_memset; they intercept memset itself.
    [ "$QUELL_SANITIZER" != thread ] || flags="$flags -Cllvm-args=-tsan-instrument-memintrinsics=0"
    export RUSTFLAGS="${RUSTFLAGS:-} $flags"
fi
# Position-independent, for programs and shared libraries alike.
cargo rustc --quiet -p quell-ffi --lib --crate-type staticlib --release --target "$target" \
    --target-dir "$out" \
    --no-default-features --features panic-handler "$@"

# shellcheck source=/dev/null
. scripts/archive.sh
one_object "" "$out/$target/release/libquell_ffi.a" "$out/libquell.a"
echo "$out/libquell.a"
