#!/bin/sh
# Fails where an archive that was built without the features defmt, log and
# tracing has anything of theirs: `check-traces.sh ARCHIVE...`. With
# `--self-test` in place of archives: an archive with the feature defmt, for a
# Cortex-M3, is found out, and has the text of every kind of record in it.
set -eu

cd "$(dirname "$0")/.."
command -v readelf >/dev/null || { echo "check-traces: readelf is missing (Debian: binutils)" >&2; exit 1; }

# Symbols and sections of those crates, in either way of mangling.
traces() {
    table=$(LC_ALL=C readelf -SsW "$1") || exit 1
    echo "$table" | grep -q '\.text' || { echo "check-traces: no archive with code: $1" >&2; exit 1; }
    echo "$table" | grep -E 'defmt|(_|ZN)3log[0-9]|(_|ZN)7tracing[0-9]|(_|ZN)12tracing_core' || true
}

self_test() {
    archive=$(DEFMT_LOG=trace scripts/firmware-lib.sh thumbv7m-none-eabi --features defmt)/libquell.a
    found=$(traces "$archive")
    for text in 'op {=usize:#x} {=str}: {} -> {}, {}' 'tells hook' 'inherits from' 'is left to the drain' \
        'is drained'; do
        echo "$found" | grep '"package":"quell"' | grep -qF "$text" || {
            echo "check-traces: no record in $archive says: $text" >&2
            exit 1
        }
    done
    echo "check-traces: finds defmt where it is, and all its records"
}

case ${1:-} in
--self-test) self_test ;;
'' | -*) echo "usage: check-traces.sh ARCHIVE... | --self-test" >&2; exit 2 ;;
*)
    for archive in "$@"; do
        found=$(traces "$archive")
        [ -z "$found" ] || { echo "check-traces: $archive is not free of traces:" >&2; echo "$found" >&2; exit 1; }
    done
    ;;
esac
