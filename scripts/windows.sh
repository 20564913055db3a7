#!/bin/sh
# Builds libquell.a for 64-bit Windows and prints its path: `windows.sh [OUT]`,
# with OUT in place of target/windows/libquell.a.
#
# A program that is linked with it by mingw-w64 needs `-lsynchronization`
# beside, for WaitOnAddress: `x86_64-w64-mingw32-gcc … libquell.a
# -lsynchronization`. The archive has no standard library and no start-up code.
set -eu

fail() {
    echo "windows: $*" >&2
    exit 1
}

[ $# -le 1 ] || { echo "usage: windows.sh [OUT]" >&2; exit 2; }
target_dir=${CARGO_TARGET_DIR:-target}
case ${1:-} in
'' | /*) out=${1:-} ;;
*) out=$PWD/$1 ;;
esac
cd "$(dirname "$0")/.."
case $target_dir in /*) ;; *) target_dir=$PWD/$target_dir ;; esac
out=${out:-$target_dir/windows/libquell.a}
# shellcheck source=/dev/null
. scripts/archive.sh

# dlltool: the compiler describes Windows's own libraries by it.
for tool in cargo ar objcopy dlltool; do
    case $tool in cargo) ;; *) tool=x86_64-w64-mingw32-$tool ;; esac
    command -v "$tool" >/dev/null || fail "$tool is missing (Debian: binutils-mingw-w64-x86-64)"
done
target=x86_64-pc-windows-gnu
build_for "$target" --locked --release --features panic-handler
mkdir -p "$(dirname "$out")"
one_object x86_64-w64-mingw32- "$target_dir/$target/release/libquell_ffi.a" "$out"
echo "$out"
