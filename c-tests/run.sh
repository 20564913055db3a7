#!/bin/sh
# The C and C++ harness: `c-tests/run.sh [PATTERN]`, with PATTERN to run only
# the jobs whose name matches (an extended regular expression).
#
#   plain      every program, gcc and clang, every standard, warnings as errors
#   address    AddressSanitizer and UBSan, with the archive instrumented too
#   thread     ThreadSanitizer, with the archive instrumented too; and that it
#              reports a race that is there, and none that is not
#   valgrind   memcheck
#   helgrind   the programs with threads; and that it reports a race that is
#              there, and none that is not
#   link       the shared library; the archive with the standard library; two
#              Rust archives in one program
#   documents  the C and C++ in README.md and SPEC.md
#   full       10 million races (QUELL_RACES), a tenth as many of each race of
#              the engine; the polls on all 2^32 words
#
# Prints a failed job's output, then one line per kind, then the total.
set -eu

cd "$(dirname "$0")/.."
root=$PWD
target=${CARGO_TARGET_DIR:-target}
case $target in /*) ;; *) target=$root/$target ;; esac
work=$target/c-tests
pattern=${1:-.}
races=${QUELL_RACES:-10000000}

need() {
    command -v "$1" >/dev/null || {
        echo "c-tests: $1 is missing (Debian: $2)" >&2
        exit 1
    }
}
need cargo "rustup, or cargo"
need gcc gcc
need g++ g++
need clang clang
need clang++ clang
need valgrind valgrind
need objcopy binutils
[ -f /usr/include/valgrind/helgrind.h ] || {
    echo "c-tests: valgrind/helgrind.h is missing (Debian: valgrind)" >&2
    exit 1
}
need xargs findutils

rm -rf "$work/jobs"
mkdir -p "$work/jobs"

echo 'int main(void) { return 0; }' >"$work/empty.c"
for compiler in gcc clang; do
    for sanitizer in address,undefined thread; do
        $compiler -fsanitize=$sanitizer "$work/empty.c" -o "$work/empty" 2>/dev/null || {
            echo "c-tests: $compiler has no -fsanitize=$sanitizer (Debian: libgcc-12-dev for gcc," \
                "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev for clang)" >&2
            exit 1
        }
    done
done

# --- the libraries, and the table of conformance
archive=$(scripts/static-lib.sh)
scripts/check-traces.sh "$archive"
archive_address=$(QUELL_SANITIZER=address scripts/static-lib.sh)
archive_thread=$(QUELL_SANITIZER=thread scripts/static-lib.sh)
cargo rustc --quiet --release -p quell-ffi --lib --crate-type staticlib,cdylib,rlib
with_std=$target/release/libquell_ffi.a
shared=$target/release/libquell_ffi.so
cargo run --quiet -p quell-conformance -- c-table "$work/conformance_table.h" >/dev/null
cargo build --quiet --release --manifest-path c-tests/two_archives/Cargo.toml \
    --target-dir "$work/two_archives"
neighbour=$work/two_archives/release/libneighbour.a

# --- the jobs: one shell script each, by the name KIND/what
warnings="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"

# job NAME: its script is the standard input.
job() {
    if echo "$1" | grep -Eq "$pattern"; then
        mkdir -p "$work/jobs/${1%%/*}"
        { echo "set -eu; cd '$root'; me='$work/jobs/$1'"; cat; } >"$work/jobs/$1.sh"
    fi
}

sources() {
    case $1 in
    conformance.*) echo "c-tests/conformance/$1 c-tests/conformance/polls.c" ;;
    dialects.* | aborts.* | sequences.* | mappings.*) echo "c-tests/conformance/$1" ;;
    inline_poll.c) echo "c-tests/inline_poll.c c-tests/symbols.c" ;;
    *) echo "c-tests/$1" ;;
    esac
}

# A smaller number of races where each takes longer.
arguments() {
    case $1:$2 in
    race.c:valgrind) echo 2000 ;;
    race.c:*) echo 20000 ;;
    inline_poll.c:valgrind) echo 65537 ;;
    table.c:valgrind | table.c:helgrind) echo 500 ;;
    table_crash.c:valgrind) echo 5 ;;
    table_crash.c:*) echo 50 ;;
    scope.c:valgrind) echo 200000 20000 ;;
    scope.c:helgrind) echo 20000 20000 ;;
    scope_orders.c:valgrind) echo 20000 ;;
    engine_race.c:valgrind | engine_race.c:helgrind) echo 1000 ;;
    engine_race.c:*) echo 2000 ;;
    interrupt_form.c:valgrind | interrupt_form.c:helgrind) echo 1000 ;;
    interrupt_form.c:*) echo 5000 ;;
    esac
}

# program KIND PROGRAM COMPILER STANDARD LIBRARY FLAGS [RUNNER]
program() {
    case $2 in *.cpp) language="c++" ;; *) language="c" ;; esac
    name=$1/$2-$3-$4
    case $6 in *-fno-exceptions*) name=$name-no-exceptions ;; esac
    job "$name" <<JOB
$3 -std=$4 $warnings $6 -g -pthread -I include -I c-tests -I '$work' \
    -x $language $(sources "$2") -x none '$5' -o "\$me"
${7:-} "\$me" $(arguments "$2" "$1")
JOB
}

c_programs="abi.c bad_input.c foreign_memory.c inline_poll.c race.c conformance.c
    hook.c detach.c source.c scope.c scope_orders.c wait.c interrupt_form.c engine_race.c
    progress.c deadline.c session.c table.c table_bad_input.c table_crash.c
    dialects.c aborts.c sequences.c mappings.c aio.c storage.c hresults.c"
cpp_programs="abi.cpp lifecycle.cpp engine.cpp conformance.cpp session.cpp table.cpp
    dialects.cpp sequences.cpp mappings.cpp"
threaded="detach.c scope.c wait.c interrupt_form.c engine_race.c table.c"
helgrind="valgrind --tool=helgrind -q --error-exitcode=9 --fair-sched=try \
    --suppressions=c-tests/helgrind.supp"

plain() {
    for c in gcc clang; do
        for standard in c99 c11; do
            for p in $c_programs; do program plain "$p" $c $standard "$archive" -O2; done
        done
    done
    for c in g++ clang++; do
        program plain abi.cpp $c c++11 "$archive" -O2
        for standard in c++17 c++20; do
            for p in $cpp_programs; do program plain "$p" $c $standard "$archive" -O2; done
            program plain lifecycle.cpp $c $standard "$archive" "-O2 -fno-exceptions -fno-rtti"
            program plain engine.cpp $c $standard "$archive" \
                "-O2 -fno-exceptions -fno-rtti -DQUELL_COUNT_ALLOCATIONS"
        done
    done
}

# instrumented KIND LIBRARY FLAGS
instrumented() {
    for p in $c_programs; do
        for c in gcc clang; do program "$1" "$p" $c c11 "$2" "$3"; done
    done
    for p in $cpp_programs; do
        for c in g++ clang++; do program "$1" "$p" $c c++17 "$2" "$3"; done
    done
}

seeded_races() {
    for c in gcc clang; do
        job thread/seeded_race.c-$c <<JOB
$c -std=c11 $warnings -O1 -g -pthread -fsanitize=thread -I include -I c-tests \
    c-tests/seeded_race.c '$archive_thread' -o "\$me"
"\$me" ordered
if "\$me" seeded >"\$me.report" 2>&1; then
    echo "the seeded race was not reported"
    exit 1
fi
grep 'WARNING: ThreadSanitizer: data race' "\$me.report"
JOB
    done
}

under_helgrind() {
    for p in $threaded; do
        program helgrind "$p" gcc c11 "$archive" "-O1 -DQUELL_HELGRIND" "$helgrind"
    done
    job helgrind/seeded_race.c-gcc <<JOB
gcc -std=c11 $warnings -O1 -g -pthread -DQUELL_HELGRIND -I include -I c-tests \
    c-tests/seeded_race.c '$archive' -o "\$me"
$helgrind "\$me" ordered
if $helgrind "\$me" seeded >"\$me.report" 2>&1; then
    echo "the seeded race was not reported"
    exit 1
fi
grep 'Possible data race during read' "\$me.report"
JOB
}

link() {
    for p in abi.c inline_poll.c conformance.c hook.c scope_orders.c wait.c; do
        program link "$p" gcc c11 "$shared" -O2
    done
    program link lifecycle.cpp g++ c++17 "$shared" -O2
    program link engine.cpp g++ c++17 "$shared" -O2
    program link abi.c clang c11 "$with_std" -O2
    for order in "'$archive' '$neighbour'" "'$neighbour' '$archive'"; do
        case $order in "'$archive'"*) first=quell ;; *) first=neighbour ;; esac
        job link/two_archives-$first-first <<JOB
gcc -std=c11 $warnings -O2 -pthread -I include -I c-tests c-tests/two_archives/main.c \
    $order -o "\$me"
"\$me"
JOB
    done
}

full() {
    job full/races <<JOB
gcc -std=c11 -O2 -pthread -I include -I c-tests c-tests/race.c '$archive' -o "\$me"
"\$me" $races
JOB
    job full/engine_races <<JOB
gcc -std=c11 -O2 -pthread -I include -I c-tests c-tests/engine_race.c '$archive' -o "\$me"
"\$me" $((races / 10))
JOB
    job full/polls <<JOB
gcc -std=c11 -O2 -I include -I c-tests $(sources inline_poll.c) '$archive' -o "\$me"
"\$me" 1
JOB
}

plain
instrumented address "$archive_address" \
    "-O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
instrumented thread "$archive_thread" "-O1 -fsanitize=thread"
seeded_races
for p in $c_programs; do
    program valgrind "$p" gcc c11 "$archive" -O1 "valgrind -q --error-exitcode=9 --fair-sched=try"
done
for p in $cpp_programs; do
    program valgrind "$p" g++ c++17 "$archive" -O1 \
        "valgrind -q --error-exitcode=9 --leak-check=full"
done
under_helgrind
link
job documents/snippets <<JOB
c-tests/snippets.sh '$archive' README.md SPEC.md
JOB
full

# --- run them, as many at once as there are processors; races last and alone
# shellcheck disable=SC2016 # for the inner shell
run_jobs() {
    sort | xargs -r -n 1 -P "$1" sh -c '
        if sh "$0" >"${0%.sh}.log" 2>&1; then
            : >"${0%.sh}.passed"
        else
            { echo "FAILED ${0%.sh}"; cat "${0%.sh}.log"; } >&2
        fi'
}
find "$work/jobs" -name '*.sh' ! -name '*races.sh' | run_jobs "$(getconf _NPROCESSORS_ONLN)"
find "$work/jobs" -name '*races.sh' | run_jobs 1

count() { find "$1" -name "$2" | wc -l; }
for log in "$work"/jobs/full/*races.log; do [ ! -f "$log" ] || cat "$log"; done
for kind in plain address thread valgrind helgrind link documents full; do
    [ -d "$work/jobs/$kind" ] || continue
    printf '%-10s %3d of %d\n' "$kind" "$(count "$work/jobs/$kind" '*.passed')" \
        "$(count "$work/jobs/$kind" '*.sh')"
done
total=$(count "$work/jobs" '*.sh')
passed=$(count "$work/jobs" '*.passed')
echo "c-tests: $passed passed, $((total - passed)) failed"
[ "$passed" = "$total" ] && [ "$total" -gt 0 ]
