#!/bin/sh
# Everything that runs on emulated microcontrollers, two parts at a time:
# `run.sh [PART...]`, a part being one of the scripts below. Prints what each
# said; a part that failed comes last.
set -eu

cd "$(dirname "$0")/../.."
target_dir=${CARGO_TARGET_DIR:-target}
case $target_dir in /*) ;; *) target_dir=$PWD/$target_dir ;; esac
logs=$target_dir/firmware-logs

fail() {
    echo "firmware: $*" >&2
    exit 1
}

# shellcheck source=examples/firmware/build.sh
. examples/firmware/build.sh
needs_firmware_tools

# The longest first.
if [ $# = 0 ]; then
    set -- examples/firmware/rust/run.sh examples/firmware/storm/run.sh \
        examples/firmware/freertos/run.sh examples/firmware/controller/run.sh \
        examples/firmware/conformance/run.sh c-tests/qemu/run.sh c-tests/qemu/packages.sh
fi

scripts/check-no-panic.sh --self-test
scripts/check-traces.sh --self-test
for board in $all_boards; do
    describe "$board"
    scripts/firmware-lib.sh "$target" >/dev/null
done

QUELL_FIRMWARE_BUILT=yes
export QUELL_FIRMWARE_BUILT
rm -rf "$logs"
mkdir -p "$logs"
export logs
# shellcheck disable=SC2016 # expanded by the inner shell
printf '%s\n' "$@" | xargs -P 2 -I PART sh -c '
    name=$(echo PART | tr / -)
    if PART >"$logs/$name.log" 2>&1; then echo passed; else echo failed; fi >"$logs/$name.end"'

failed=
for part in "$@"; do
    log=$logs/$(echo "$part" | tr / -)
    if [ "$(cat "$log.end")" = passed ]; then
        echo "--- $part"
        cat "$log.log"
    else
        failed="$failed $part"
    fi
done
for part in $failed; do
    echo "--- $part failed"
    cat "$logs/$(echo "$part" | tr / -).log"
done
[ -z "$failed" ] || fail "failed:$failed"
echo "firmware: $# parts passed"
