#!/bin/sh
# Builds the Rust firmware, runs it on emulated boards (Cortex-M0 without
# compare-and-swap, Cortex-M3), decodes what its logger sent, and compares that
# with the golden file: `run.sh [--overwrite]`. The boards differ in nothing but
# addresses, so each program has one golden file; addresses are numbered in the
# order in which they appear.
set -eu

cd "$(dirname "$0")/../../.."
here=examples/firmware/rust
target_dir=${CARGO_TARGET_DIR:-target}
case $target_dir in /*) ;; *) target_dir=$PWD/$target_dir ;; esac
out=$target_dir/rust-firmware
defmt_print_version=1.2.0

fail() {
    echo "rust firmware: $*" >&2
    exit 1
}

case $* in
"") overwrite= ;;
--overwrite) overwrite=yes ;;
*) fail "usage: run.sh [--overwrite]" ;;
esac
for tool in cargo arm-none-eabi-gcc qemu-system-arm timeout; do
    command -v "$tool" >/dev/null ||
        fail "$tool is missing (Debian: gcc-arm-none-eabi qemu-system-arm)"
done

# shellcheck source=/dev/null
. scripts/archive.sh

# Installed once, the quickest way: it decodes a few kilobytes.
defmt_print=$target_dir/tools/bin/defmt-print
case $("$defmt_print" --version 2>/dev/null || true) in
*" $defmt_print_version"*) ;;
*) CARGO_PROFILE_DEV_DEBUG=0 cargo install --quiet --debug --locked --root "$target_dir/tools" \
    --target-dir "$target_dir/tools/build" defmt-print --version "$defmt_print_version" ;;
esac

# build TARGET: its programs, from the folder that has their linker's options.
build() {
    core_options=
    use_toolchain_for "$1"
    # shellcheck disable=SC2086 # a list of options
    (cd "$here" && cargo build --quiet --locked --profile firmware --bins --target "$1" \
        --target-dir "$target_dir" $core_options)
}

# emulate BOARD CPU ELF: what the logger sent, decoded. A guest that hangs is
# stopped; 1 ns for an instruction, so that a run is the same each time.
emulate() {
    status=0
    timeout 60 qemu-system-arm -M "$1" -cpu "$2" -icount shift=0,sleep=off \
        -nographic -monitor none -serial none -semihosting-config enable=on,target=native \
        -kernel "$3" </dev/null >"$out/frames" 2>"$out/qemu.err" || status=$?
    "$defmt_print" -e "$3" --log-format '{t} {L} {s}' <"$out/frames" >"$out/decoded" ||
        fail "$3: defmt-print cannot read what it sent"
    [ "$status" = 0 ] || {
        cat "$out/decoded" "$out/qemu.err" >&2
        fail "$3 on $1 ended with $status"
    }
    awk '{
        line = ""
        while (match($0, /0x2000[0-9a-f]+/)) {
            address = substr($0, RSTART, RLENGTH)
            if (!(address in number)) number[address] = ++known
            line = line substr($0, 1, RSTART - 1) "@" number[address]
            $0 = substr($0, RSTART + RLENGTH)
        }
        print line $0
    }' "$out/decoded"
}

# show LANGUAGE FILE: what the README shows is what is built and said here.
show() {
    awk -v fence="\`\`\`$1" '$0 == fence { inside = 1; next } /^```$/ { inside = 0 } inside' \
        "$here/README.md" >"$out/shown"
    diff -u "$2" "$out/shown" >&2 || fail "the README shows something else than $2"
}

mkdir -p "$out"
show rust,ignore "$here/src/bin/start.rs"
for pair in thumbv6m-none-eabi:microbit:cortex-m0 thumbv7m-none-eabi:lm3s6965evb:cortex-m3; do
    target=${pair%%:*} cpu=${pair##*:} board=${pair#*:}
    board=${board%:*}
    build "$target"
    for program in start rtic embassy mixed; do
        elf=$target_dir/$target/firmware/$program
        said=$out/$board-$program.out
        emulate "$board" "$cpu" "$elf" >"$said"
        if [ "$board$overwrite" = microbityes ]; then cp "$said" "$here/$program.out"; fi
        diff -u "$here/$program.out" "$said" >&2 ||
            fail "$program on $board said something else (left: the golden file)"
        arm-none-eabi-size "$elf" | awk -v what="$program on $board" '
            NR == 2 { printf "rust firmware: %s: as the golden file says; flash %d, RAM %d\n",
                what, $1 + $2, $2 + $3 }'
    done
done
show text "$here/start.out"
