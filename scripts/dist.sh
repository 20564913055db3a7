#!/bin/sh
# A package for each bare-metal target, in dist/TARGET: `dist.sh [TARGET...]`.
#
#   lib/                 libquell.a, libquell_port.a, CMake and pkg-config files
#   include/             the headers for C and C++
#   share/quell/ports/   the sources of the ready-made ports
#   SIZES.md             what it costs there
#
# A package may be moved: its files find each other.
set -eu

cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
series=$(echo "$version" | cut -d. -f1,2)
if [ $# = 0 ]; then
    set -- thumbv6m-none-eabi thumbv7m-none-eabi thumbv7em-none-eabihf thumbv8m.main-none-eabihf \
        riscv32imc-unknown-none-elf riscv32imac-unknown-none-elf
fi

fill() {
    sed -e "s|@TARGET@|$target|" -e "s|@VERSION@|$version|" -e "s|@VERSION_SERIES@|$series|" \
        "scripts/package/$1.in" >"$to/$2"
}

for target in "$@"; do
    to=dist/$target
    built=$(scripts/firmware-lib.sh "$target")
    rm -rf "$to"
    mkdir -p "$to/include" "$to/lib/pkgconfig" "$to/lib/cmake/quell" "$to/share/quell/ports"
    install -m 644 "$built/libquell.a" "$built/libquell_port.a" "$to/lib/"
    install -m 644 include/quell.h include/quell.hpp include/quell_dialects.hpp "$to/include/"
    case $target in riscv*) install -m 644 ports/riscv/quell_port_riscv.h "$to/include/" ;; esac
    cp -R ports/. "$to/share/quell/ports/"
    fill firmware.pc lib/pkgconfig/quell.pc
    fill firmware-config.cmake lib/cmake/quell/quell-config.cmake
    fill quell-config-version.cmake lib/cmake/quell/quell-config-version.cmake
    scripts/figures.sh --target "$target" >"$to/SIZES.md"
    install -m 644 LICENSE-MIT LICENSE-APACHE "$to/"
    echo "dist: $to"
done
