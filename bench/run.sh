#!/bin/sh
# Ratios to the floor, instruction counts, and what the compiled loops hold;
# then quell beside its peers (peers/run.sh). Builds everything, measures, and
# prints the tables, which are also written to target/bench/report.md, with a
# plot beside them, target/bench/ratios.svg.
#
# Fails where a polling loop holds more than the loop over a bare flag does, a
# decision takes another number of read-modify-writes than one, or quell takes
# more than libraries.py allows. Never on time.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
cd "$root"
target=${CARGO_TARGET_DIR:-target}
# Debian's own, for it is the one that sees Debian's Python packages.
python=${PYTHON:-/usr/bin/python3}
mkdir -p "$target/bench"
target=$(cd "$target" && pwd)
out=$target/bench

need() {
    command -v "$1" >/dev/null 2>&1 || {
        echo "bench: $1 is missing: install the Debian package $2" >&2
        exit 1
    }
}
need cargo "cargo, or rustup's toolchain"
need gcc gcc
need g++ g++
need clang clang
need arm-none-eabi-gcc gcc-arm-none-eabi
need arm-none-eabi-objdump binutils-arm-none-eabi
need objdump binutils
need valgrind valgrind
need "$python" python3
"$python" -c 'import matplotlib' 2>/dev/null || need "Python's matplotlib" python3-matplotlib
echo '#include <benchmark/benchmark.h>' | g++ -x c++ -fsyntax-only - 2>/dev/null ||
    need "<benchmark/benchmark.h>" libbenchmark-dev
[ "$(uname -m)" = x86_64 ] || {
    echo "bench: the checks read x86-64 machine code; this is $(uname -m)" >&2
    exit 1
}

cargo rustc --quiet --release -p quell-ffi --lib --crate-type staticlib,cdylib,rlib --target-dir "$target"
# The core as a Rust caller gets it: inlined, with no optimisation at link time.
CARGO_PROFILE_RELEASE_LTO=off cargo build --quiet --release --package quell \
    --target-dir "$out/rust"
rustc --edition 2024 -O -C codegen-units=1 -C panic=abort --crate-type rlib \
    --crate-name quell_bench --extern "quell=$out/rust/release/libquell.rlib" \
    -L "dependency=$out/rust/release/deps" -o "$out/libquell_bench.rlib" "$here/subjects.rs"
rust="$out/libquell_bench.rlib $out/rust/release/libquell.rlib"

# Loops and functions at the start of a cache line: what is compared is the
# code, not where it came to lie.
plain="-O2 -Wall -Wextra -I$root/include"
placed="$plain -falign-functions=64 -falign-loops=64"
c="-std=c99 -Wpedantic"
cpp="-std=c++20"

# The loops as each compiler has them.
check=
for compiler in gcc clang; do
    # shellcheck disable=SC2086 # flags
    $compiler $c $plain -c "$here/loops.c" -o "$out/loops-c-$compiler.o"
    check="$check $compiler:objdump:$out/loops-c-$compiler.o:loop_c_"
done
for compiler in g++ clang++; do
    # shellcheck disable=SC2086 # flags
    $compiler $cpp $plain -c "$here/loops.cpp" -o "$out/loops-cpp-$compiler.o"
    check="$check $compiler:objdump:$out/loops-cpp-$compiler.o:loop_cpp_"
done
for core in cortex-m0 cortex-m3; do
    for level in Os O2; do
        # At -Os gcc moves no load out of a loop with an atomic one in it: the
        # worker's two fields are read again in each round.
        again=
        [ "$level" = O2 ] || again=:2
        object=$out/loops-$core-$level.o
        # shellcheck disable=SC2086 # flags
        arm-none-eabi-gcc $c -ffreestanding -mcpu=$core -mthumb -$level "-I$root/include" \
            -c "$here/loops.c" -o "$object"
        check="$check $core-$level:arm-none-eabi-objdump:$object:loop_c_$again"
    done
done
check="$check rustc:objdump:$out/libquell_bench.rlib:loop_rust_"

# The measured programs: the static library inside, the shared one behind a
# shared object of its own. Its symbols are kept from the shared object, which
# would else find the program's.
# shellcheck disable=SC2086 # flags
{
    gcc $c $placed -c "$here/loops.c" -o "$out/loops-c.o"
    gcc $c $placed -DCALLS=call -c "$here/calls.c" -o "$out/calls.o"
    gcc $c $placed -DCALLS=call -c "$here/empty.c" -o "$out/empty.o"
    gcc $c $placed -DCALLS=plt -fPIC -shared "$here/empty.c" -o "$out/libempty.so"
    gcc $c $placed -DCALLS=plt -fPIC -shared "$here/calls.c" -o "$out/libcalls.so" \
        "-L$target/release" "-L$out" -lquell_ffi -lempty
    g++ $cpp $placed -c "$here/loops.cpp" -o "$out/loops-cpp.o"
    parts="$out/loops-c.o $out/loops-cpp.o $out/calls.o $out/empty.o $rust"
    below="$out/libcalls.so $target/release/libquell_ffi.a -Wl,--exclude-libs,ALL
        -Wl,-rpath,$out -Wl,-rpath,$target/release -Wl,-rpath-link,$target/release"
    for program in ratios counts; do
        # What the subjects do not use of the core needs more than is linked.
        g++ $cpp $placed -fno-pie -no-pie -Wl,--gc-sections "$here/$program.cpp" $parts $below \
            -lbenchmark -lpthread -ldl -o "$out/$program"
    done
}

export LD_LIBRARY_PATH="$out:$target/release"
rm -f "$out"/callgrind.*
LD_BIND_NOW=1 valgrind --quiet --tool=callgrind --dump-instr=yes --cache-sim=yes \
    --compress-strings=no --compress-pos=no --callgrind-out-file="$out/callgrind" \
    "$out/counts" 2>"$out/callgrind.log" || {
    cat "$out/callgrind.log" >&2
    exit 1
}
"$out/ratios" --benchmark_enable_random_interleaving=true \
    --benchmark_repetitions=300 --benchmark_format=json >"$out/ratios.json" 2>"$out/ratios.log" || {
    cat "$out/ratios.log" >&2
    exit 1
}

"$here/peers/run.sh" "$target" "$out/peers"

# shellcheck disable=SC2086 # a list of words
"$python" -B "$here/report.py" --out "$out" --loops $check
