#!/bin/sh
# How the scripts that build libquell.a for one system or another do it: to be
# sourced, after `fail`, which says what is wrong and ends.

# build_for TARGET [cargo arguments]: core for the target comes from the active
# toolchain where it has it (`rustup target add TARGET`), else it is built from
# Debian's rustc-web and rust-web-src.
build_for() {
    for_target=$1
    shift
    sysroot=$("${RUSTC:-rustc}" --print sysroot)
    if [ ! -d "$sysroot/lib/rustlib/$for_target/lib" ]; then
        if [ ! -d /usr/lib/rustlib/src/rust/library/core ] || [ ! -x /usr/bin/rustc ]; then
            fail "no core for $for_target: rustup target add $for_target," \
                "or Debian's rustc-web and rust-web-src"
        fi
        export RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc
        set -- -Z build-std=core "$@"
    fi
    cargo rustc --quiet -p quell-ffi --lib --crate-type staticlib --no-default-features \
        --target "$for_target" "$@"
}

# one_object PREFIX WHOLE ARCHIVE: of the archive that cargo built, quell's own
# object, whose globals are the C ABI alone. So it links beside other Rust
# archives, whatever panic handler and compiler built-ins those bring. PREFIX is
# that of the target's binutils.
one_object() {
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    cp "$2" "$scratch/whole.a"
    (
        cd "$scratch" || exit
        "$1ar" x whole.a
        set -- "$1" quell_ffi-*.o
        if [ $# != 2 ] || [ ! -f "$2" ]; then
            shift
            fail "link-time optimisation should leave one object, not: $*"
        fi
        "$1objcopy" --wildcard --keep-global-symbol='quell_*' "$2" quell.o
        "$1ar" crD libquell.a quell.o
    )
    mv "$scratch/libquell.a" "$3"
}
