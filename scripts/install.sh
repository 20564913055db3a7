#!/bin/sh
# Builds the libraries and installs the package a C or C++ project uses:
# `install.sh PREFIX`. With DESTDIR set, the files go below it, for PREFIX.
set -eu

[ $# = 1 ] || { echo "usage: install.sh PREFIX" >&2; exit 2; }
case $1 in /*) prefix=$1 ;; *) prefix=$PWD/$1 ;; esac
cd "$(dirname "$0")/.."
to=${DESTDIR:-}$prefix

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
# Before 1.0 each minor version has a binary interface of its own.
so_version=$(echo "$version" | cut -d. -f1,2)
target=${CARGO_TARGET_DIR:-target}/install

archive=$(scripts/static-lib.sh)
cargo rustc --quiet --release -p quell-ffi --lib --target-dir "$target" --crate-type cdylib -- \
    -C "link-arg=-Wl,-soname,libquell.so.$so_version"

fill() {
    sed -e "s|@PREFIX@|$prefix|" -e "s|@VERSION@|$version|" -e "s|@VERSION_SERIES@|$so_version|" \
        -e "s|@SOVERSION@|$so_version|" "scripts/package/$1.in" >"$2"
}

mkdir -p "$to/include/quell_com" "$to/lib/pkgconfig" "$to/lib/cmake/quell"
install -m 644 include/*.h include/*.hpp "$to/include/"
install -m 644 include/quell_com/*.hpp "$to/include/quell_com/"
install -m 644 "$archive" "$to/lib/libquell.a"
install -m 755 "$target/release/libquell_ffi.so" "$to/lib/libquell.so.$version"
ln -sf "libquell.so.$version" "$to/lib/libquell.so.$so_version"
ln -sf "libquell.so.$so_version" "$to/lib/libquell.so"
fill quell.pc "$to/lib/pkgconfig/quell.pc"
fill quell-config.cmake "$to/lib/cmake/quell/quell-config.cmake"
fill quell-config-version.cmake "$to/lib/cmake/quell/quell-config-version.cmake"
# The loader finds a new library in its own directories only after this.
if [ -z "${DESTDIR:-}" ] && [ "$(id -u)" = 0 ] && command -v ldconfig >/dev/null; then
    ldconfig
fi
echo "installed quell $version in $to"
