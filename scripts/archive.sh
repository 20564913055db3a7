#!/bin/sh
# How the scripts that build libquell.a for one system or another do it: to be
# sourced, after `fail`, which says what is wrong and ends.

# use_toolchain_for TARGET: core comes from the active toolchain where it has it
# (`rustup target add TARGET`), else it is built from Debian's rustc-web and
# rust-web-src. Leaves cargo's options for that in core_options.
use_toolchain_for() {
    core_options=
    sysroot=$("${RUSTC:-rustc}" --print sysroot)
    [ ! -d "$sysroot/lib/rustlib/$1/lib" ] || return 0
    if [ ! -d /usr/lib/rustlib/src/rust/library/core ] || [ ! -x /usr/bin/rustc ]; then
        fail "no core for $1: rustup target add $1, or Debian's rustc-web and rust-web-src"
    fi
    export RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc
    core_options="-Z build-std=core"
    # Debian's has no linker for it. Named for archives as well, which link
    # nothing: cargo builds core anew where this differs.
    case $1 in thumb*) linker=arm-none-eabi-ld ;; *) return 0 ;; esac
    export "CARGO_TARGET_$(echo "$1" | tr 'a-z.-' 'A-Z__')_LINKER=$linker"
}

# build_for TARGET [cargo arguments]: the whole archive, as cargo builds it.
build_for() {
    for_target=$1
    shift
    use_toolchain_for "$for_target"
    # shellcheck disable=SC2086 # a list of options
    cargo rustc --quiet -p quell-ffi --lib --crate-type staticlib --no-default-features \
        --target "$for_target" $core_options "$@"
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
    # In one step, for another script may be linking it.
    cp "$scratch/libquell.a" "$3.$$"
    mv "$3.$$" "$3"
}
