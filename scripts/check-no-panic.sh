#!/bin/sh
# Fails unless a firmware archive is free of panics and closed to the outside:
# `check-no-panic.sh ARCHIVE`, or `check-no-panic.sh --self-test`, which shows
# that panics of every kind are found.
#
# 1. No member has a symbol or a section, defined or not, of Rust's panic
#    machinery. A handler that nothing refers to is one too.
# 2. The globals are quell_*, so that any other archive links beside this one.
# 3. What it needs is what every C toolchain has, and the functions of the port.
#
# readelf rather than nm: where a compiler plug-in of another version is
# installed, nm shows no symbols of some members.
set -eu

check() {
    table=$(LC_ALL=C readelf -AsSW "$1" 2>&1) || { echo "$table"; return 1; }
    echo "$table" | LC_ALL=C awk '
        BEGIN {
            # A C toolchain has these for Arm and for RISC-V; integers only.
            memory = "mem(cpy|move|set|cmp)|__aeabi_mem(cpy|move|set|clr)[48]?"
            integer = "__aeabi_(u?i(div|divmod)|u?ldivmod|l(lsl|lsr|asr|mul))"
            integer = integer "|__u?(div|mod)di3|__(mul|ashl|lshr|ashr)di3"
            port = "quell_port_1_(critical_(enter|exit)|context|in_interrupt|wait|wake|now_us|pend_drain)"
            missing = "quell_has_no_port_1__link_libquell_port_a__or_see_QUELL_PORT_1_in_quell_h"
            allowed = "^(" port "|" missing "|" memory "|" integer ")$"
        }
        function wrong(what) { print "  " what; bad = 1 }
        function member_ends() { if (member != "" && !named) wrong("no symbols in " member) }
        # quell_op_fail is a verb; what else ends so in core is a panic.
        function is_panic(name) {
            gsub(/quell_op_fail/, "", name)
            return name ~ /panic|begin_unwind|eh_personality|(unwrap|expect)_failed|_fail([^a-z]|$)/
        }
        /^File: / { member_ends(); member = $2; named = 0; members++ }
        /^ *\[ *[0-9]+\]/ { sub(/^ *\[ *[0-9]+\] */, ""); if (is_panic($1)) wrong("section " $1) }
        $1 ~ /^[0-9]+:$/ && NF >= 8 {
            named = 1
            if (is_panic($8)) wrong("panic " $8)
            else if ($7 == "UND") {
                if ($8 !~ allowed) wrong("needs " $8)
            } else if ($5 != "LOCAL" && $8 !~ /^quell_/) wrong("global " $8)
        }
        END {
            member_ends()
            if (!members) wrong("no archive, or an empty one")
            exit bad
        }'
}

# Each piece of Rust, as the compiler at hand compiles it for this machine:
# the first has to pass, all others have to be found.
self_test() {
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    found=0
    for body in \
        'a.get(i).copied().unwrap_or(0)' \
        'a[i]' \
        'a[i..].len()' \
        'a[0] / i' \
        'if i > 9 { panic!("at {i}") } else { i }' \
        'a.get(i).copied().unwrap()' \
        'a.get(i).copied().expect("there")' \
        'Err::<usize, usize>(i).unwrap()' \
        '*cell.borrow_mut()' \
        '#[panic_handler] fn halt(_: &core::panic::PanicInfo) -> ! { loop {} } i'; do
        cat >"$scratch/piece.rs" <<RUST
#![no_std]
#![allow(unused)]
#[unsafe(no_mangle)]
pub fn quell_piece(a: &[usize; 4], i: usize, cell: &core::cell::RefCell<usize>) -> usize { $body }
RUST
        rm -f "$scratch/piece.a"
        rustc --edition 2024 --crate-type lib --emit obj -C panic=abort -C opt-level=s \
            -C codegen-units=1 -o "$scratch/piece.o" "$scratch/piece.rs"
        ar crD "$scratch/piece.a" "$scratch/piece.o"
        if check "$scratch/piece.a" >"$scratch/said"; then
            [ "$found" = 0 ] || { echo "check-no-panic: not found: $body" >&2; exit 1; }
        else
            if [ "$found" = 0 ] || ! grep -q '^  panic ' "$scratch/said"; then
                echo "check-no-panic: wrongly found: $body" >&2
                cat "$scratch/said" >&2
                exit 1
            fi
        fi
        found=$((found + 1))
    done
    echo "check-no-panic: finds $((found - 1)) panics of $((found - 1)), and none where there is none"
}

for tool in readelf ar; do
    command -v "$tool" >/dev/null || {
        echo "check-no-panic: $tool is missing (Debian: binutils)" >&2
        exit 1
    }
done
case ${1:-} in
--self-test) self_test ;;
'' | -*) echo "usage: check-no-panic.sh ARCHIVE | --self-test" >&2; exit 2 ;;
*)
    if ! check "$1"; then
        echo "check-no-panic: $1 is not fit for firmware" >&2
        exit 1
    fi
    ;;
esac
