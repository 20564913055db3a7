#!/bin/sh
# The C and C++ programs on Windows, by way of mingw-w64 and Wine:
# `c-tests/windows/run.sh [PATTERN [DIR]]`, with PATTERN to run only the programs whose
# name matches (an extended regular expression), and DIR for what the fronts of the
# conformance say of each row: `run.sh conformance DIR`.
#
# Each is linked with the archive of scripts/windows.sh, and passes where it ends
# with 0 in time and has said something. Prints a failed program's output, what
# the others said, then the total.
set -eu

from=$PWD
cd "$(dirname "$0")/../.."
root=$PWD
target_dir=${CARGO_TARGET_DIR:-target}
case $target_dir in /*) ;; *) target_dir=$root/$target_dir ;; esac
work=$target_dir/windows/tests
pattern=${1:-.}
rows=${2:-$work/rows}
case $rows in /*) ;; *) rows=$from/$rows ;; esac

fail() {
    echo "windows: $*" >&2
    exit 1
}
need() {
    command -v "$1" >/dev/null || fail "$1 is missing (Debian: $2)"
}
need x86_64-w64-mingw32-gcc-posix gcc-mingw-w64-x86-64-posix
need x86_64-w64-mingw32-g++-posix g++-mingw-w64-x86-64-posix
need x86_64-w64-mingw32-nm binutils-mingw-w64-x86-64
need wine "wine wine64"
need wineserver wine
need timeout coreutils
need xargs findutils

# No display, no debugger for a program that crashes, no offer to fetch .NET.
unset DISPLAY WAYLAND_DISPLAY
export WINEPREFIX="$target_dir/wine" WINEDEBUG=-all WINEARCH=win64
export WINEDLLOVERRIDES="mscoree,mshtml,winedbg.exe="

rm -rf "$work"
mkdir -p "$work/jobs" "$rows"
archive=$(scripts/windows.sh)
cargo run --quiet -p quell-conformance -- c-table "$work/conformance_table.h" >/dev/null

# --- the archive: no panic in it, nothing global but the C ABI, and nothing
# needed but what the documented command line gives
x86_64-w64-mingw32-nm "$archive" | awk '
    NF < 2 { next }
    { kind = $(NF - 1); name = $NF; quell += name ~ /^quell_/ }
    name ~ /panic|begin_unwind|unwrap_failed|expect_failed/ { print "  panic " name; bad = 1 }
    kind ~ /[A-Z]/ && kind != "U" && name !~ /^quell_/ { print "  global " name; bad = 1 }
    kind == "U" && name !~ /^(mem(cpy|move|set|cmp)|WaitOnAddress|WakeByAddressAll|GetCurrentThreadId|SwitchToThread|Sleep|QueryPerformance(Counter|Frequency))$/ {
        print "  needs " name; bad = 1
    }
    END { if (!quell) { print "  no quell_*"; bad = 1 }; exit bad }' ||
    fail "$archive is not as it should be"

# It links beside another archive of Rust: a copy whose C ABI has other names.
x86_64-w64-mingw32-nm -g --defined-only "$archive" |
    awk '$3 ~ /^quell_/ { print $3, "other_" $3 }' >"$work/names"
x86_64-w64-mingw32-objcopy --redefine-syms="$work/names" "$archive" "$work/other.a"
x86_64-w64-mingw32-ld -r --whole-archive -o "$work/two.o" "$archive" "$work/other.a"

# --- the prefix, once
if [ ! -f "$WINEPREFIX/made" ]; then
    rm -rf "$WINEPREFIX"
    timeout -k 5 300 wine wineboot -i >"$work/wineboot.log" 2>&1 </dev/null ||
        { cat "$work/wineboot.log" >&2; fail "wine cannot make $WINEPREFIX"; }
    : >"$WINEPREFIX/made"
fi
trap 'wineserver -k 2>/dev/null || true' EXIT

# --- how a program ends comes through
echo 'int main(void) { return 3; }' >"$work/three.c"
x86_64-w64-mingw32-gcc-posix "$work/three.c" -o "$work/three.exe"
status=0
timeout -k 5 60 wine "$work/three.exe" </dev/null || status=$?
[ "$status" = 3 ] || fail "a program that ends with 3 is said to end with $status"

# --- the jobs: one shell script each
warnings="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"
libraries="-lsynchronization -lole32 -loleaut32 -luuid"
includes="-I include -I c-tests -I c-tests/windows -I '$work'"
cpp="x86_64-w64-mingw32-g++-posix -std=c++17 $warnings -O2"

# The scripted machine of the programs backup_* and of the rows of backups.
for each in backup_machine backup_world; do
    sh -c "$cpp $includes -c c-tests/windows/$each.cpp -o '$work/$each.o'" &
    compiling="${compiling:-} $!"
done
for each in $compiling; do wait "$each" || fail "the scripted machine does not compile"; done

# program NAME LANGUAGE SOURCE... [-- ARGUMENT...]: NAME is unique, LANGUAGE is
# what -std= takes. It is compiled with $includes, once $before has been run.
before=
program() {
    name=$1
    language=$2
    shift 2
    echo "$name" | grep -Eq "$pattern" || return 0
    [ ! -f "$work/jobs/$name.sh" ] || fail "two programs of the name $name"
    case $language in c++*) compiler=g++ ;; *) compiler=gcc ;; esac
    sources=
    while [ $# -gt 0 ]; do
        case $1 in --) shift && break ;; esac
        sources="$sources $1"
        shift
    done
    cat >"$work/jobs/$name.sh" <<JOB
set -eu
cd '$root'
$before
x86_64-w64-mingw32-$compiler-posix -std=$language $warnings -O2 $includes \
    $sources '$archive' -static $libraries -o '$work/jobs/$name.exe'
status=0
timeout -k 5 300 wine '$work/jobs/$name.exe' $* >'$work/jobs/$name.said' 2>&1 </dev/null ||
    status=\$?
tr -d '\\r' <'$work/jobs/$name.said'
[ "\$status" != 124 ] || echo "did not come to its end"
[ "\$status" = 0 ] || { echo "ended with \$status" && exit 1; }
[ -s '$work/jobs/$name.said' ] || { echo "said nothing" && exit 1; }
JOB
}

program abi c99 c-tests/abi.c
program bad_input c99 c-tests/bad_input.c
program conformance c99 c-tests/conformance/conformance.c c-tests/conformance/polls.c
program deadline c99 c-tests/deadline.c
program detach c99 c-tests/detach.c
program engine_race c99 c-tests/engine_race.c -- 2000
program foreign_memory c99 c-tests/foreign_memory.c
program hook c99 c-tests/hook.c
program hresults c99 c-tests/hresults.c
program inline_poll c99 c-tests/inline_poll.c c-tests/symbols.c
program mappings c99 c-tests/conformance/mappings.c
program nvme c11 c-tests/windows/nvme.c
program progress c99 c-tests/progress.c
program race c99 c-tests/race.c -- 20000
program scope c99 c-tests/scope.c
program scope_orders c99 c-tests/scope_orders.c
program session c99 c-tests/session.c
program source c99 c-tests/source.c
program storage c99 c-tests/storage.c
program table c99 c-tests/table.c
program table_bad_input c99 c-tests/table_bad_input.c
program wait c99 c-tests/wait.c
program wait_wake c++17 c-tests/windows/wait_wake.cpp
machine="'$work/backup_machine.o'"
program backup_components c++17 c-tests/windows/backup_components.cpp \
    c-tests/windows/backup_bad_input.cpp "$machine"
program backup_race c++17 c-tests/windows/backup_race.cpp "$machine" -- 100
program backup_slots c++17 c-tests/windows/backup_slots.cpp "$machine"
# One source for each of the rows: as C++ it calls virtual functions, as C by lpVtbl.
world="$machine '$work/backup_world.o'"
for rows_of in aborts sequences; do
    front=com-$rows_of
    [ "$rows_of" = sequences ] || front=com-backup
    program com_${rows_of}_conformance_cpp c++17 c-tests/windows/com_$rows_of.c "$world" \
        -- "'$rows/$front-cpp.rows'"
    program com_${rows_of}_conformance_c c11 c-tests/windows/com_$rows_of.c "$world" -lstdc++ \
        -- "'$rows/$front-c.rows'"
done
program abi_cpp c++17 c-tests/abi.cpp
program engine_cpp c++17 c-tests/engine.cpp
program lifecycle_cpp c++17 c-tests/lifecycle.cpp
program session_cpp c++20 c-tests/session.cpp
program table_cpp c++17 c-tests/table.cpp

# --- the README's program for Windows
awk '/^```cpp-windows$/ { on = 1; next } /^```$/ { on = 0 } on' README.md >"$work/readme.cpp"
[ -s "$work/readme.cpp" ] || fail "no program for Windows in README.md"
program readme c++17 "'$work/readme.cpp'"

# --- the COM objects
sed -n 's/^#define \(QUELL_\(VSS_\)\{0,1\}[ES]_[A-Z0-9_]*\) .*/\1/p' include/quell.h |
    while read -r code; do
        grep -Eq "^SAME(_WIN32)?[(]${code#QUELL_}[,)]" c-tests/windows/com_layout.c ||
            fail "com_layout.c does not compare $code"
    done
program com_layout c11 c-tests/windows/com_layout.c
program com_layout_vds c11 -DMINGW_VDS c-tests/windows/com_layout.c
program com_bad_input c++17 c-tests/windows/com_bad_input.cpp
program com_progress c++17 c-tests/windows/com_progress.cpp
program com_threads c++17 c-tests/windows/com_threads.cpp
before="$cpp $includes -fno-exceptions -fno-rtti -c c-tests/windows/subject.cpp -o '$work/jobs/cpp.o'"
program com_conformance c++17 c-tests/windows/com_conformance.cpp "'$work/jobs/cpp.o'" \
    -- "'$rows/com-cpp.rows'"
before="$cpp $includes -fno-exceptions -fno-rtti -c c-tests/windows/subject.cpp -o '$work/jobs/c.o'"
program com_conformance_c c11 c-tests/windows/com_conformance.c "'$work/jobs/c.o'" -lstdc++ \
    -- "'$rows/com-c.rows'"
# The requester has nothing of quell's: its provider is in a DLL beside it.
with_quell=$includes
before="$cpp $includes -shared c-tests/windows/com_factory.cpp '$archive' -static $libraries \
    -o '$work/jobs/com_factory.dll'"
includes="-I c-tests"
program com_requester c++17 c-tests/windows/com_requester.cpp
includes=$with_quell
before=

# --- run them, as many at once as there are processors
# shellcheck disable=SC2016 # for the inner shell
find "$work/jobs" -name '*.sh' | sort | xargs -r -n 1 -P "$(getconf _NPROCESSORS_ONLN)" sh -c '
    if sh "$0" >"${0%.sh}.log" 2>&1; then
        : >"${0%.sh}.passed"
    else
        { echo "FAILED ${0%.sh}"; cat "${0%.sh}.log"; } >&2
    fi'

count() { find "$work/jobs" -name "$1" | wc -l; }
total=$(count '*.sh')
passed=$(count '*.passed')
for log in "$work"/jobs/*.log; do [ ! -f "${log%.log}.passed" ] || sed 's/^/windows: /' "$log"; done
echo "windows: $passed passed, $((total - passed)) failed"
[ "$passed" = "$total" ] && [ "$total" -gt 0 ]
