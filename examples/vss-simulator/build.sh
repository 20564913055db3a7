#!/bin/sh
# Builds vssapi.dll and the two requesters, and prints their directory:
# target/vss-simulator.
set -eu

fail() {
    echo "vss-simulator: $*" >&2
    exit 1
}
need() {
    command -v "$1" >/dev/null || fail "$1 is missing (Debian: $2)"
}
target_dir=${CARGO_TARGET_DIR:-target}
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
case $target_dir in /*) ;; *) target_dir=$PWD/$target_dir ;; esac
need cmake cmake
need ninja ninja-build
need x86_64-w64-mingw32-g++-posix g++-mingw-w64-x86-64-posix

out=$target_dir/vss-simulator
mkdir -p "$out/headers"
# /usr/include itself has the host's C library, which is not for Windows.
for headers in toml++:libtomlplusplus-dev nlohmann:nlohmann-json3-dev; do
    name=${headers%%:*}
    [ -d "/usr/include/$name" ] || fail "$name is missing (Debian: ${headers#*:})"
    ln -sfn "/usr/include/$name" "$out/headers/$name"
done
library=$(scripts/windows.sh)
{ cmake -S "$here" -B "$out" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_TOOLCHAIN_FILE="$here/mingw-w64.cmake" -DQUELL_LIBRARY="$library" \
    -DQUELL_INCLUDE="$PWD/include" -DHEADERS="$out/headers" && cmake --build "$out"; } \
    >"$out/build.log" 2>&1 || { cat "$out/build.log" >&2; exit 1; }
echo "$out"
