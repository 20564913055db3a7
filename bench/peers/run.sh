#!/bin/sh
# Builds quell beside its peers, in programs of their own, and measures:
# `run.sh TARGET OUT`, with quell's libraries in TARGET/release. Leaves in OUT
# what libraries.py reads.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
target=$1
out=$2
mkdir -p "$out"

need() {
    command -v "$1" >/dev/null 2>&1 || {
        echo "bench: $1 is missing: install the Debian package $2" >&2
        exit 1
    }
}
need pkg-config pkg-config
need strace strace
pkg-config --exists gio-2.0 || need gio-2.0 libglib2.0-dev
echo '#include <asio/cancellation_signal.hpp>' | g++ -std=c++20 -DASIO_STANDALONE -x c++ \
    -fsyntax-only - 2>/dev/null || need "<asio/cancellation_signal.hpp>" "libasio-dev, 1.19 or later"

cargo build --quiet --release --locked --manifest-path "$here/Cargo.toml" --target-dir "$out/rust"
cp "$out/rust/release/libbench_rust.so" "$out"

# As in bench/run.sh: what is compared is the code, not where it came to lie.
flags="-std=c++20 -O2 -Wall -Wextra -falign-functions=64 -falign-loops=64 -fno-pie
    -DASIO_STANDALONE -I$here/../../include $(pkg-config --cflags gio-2.0)"
objects=
for library in floor floor_wake std glib asio quell_polls quell_hooks quell_scopes quell_wait; do
    # shellcheck disable=SC2086 # flags
    g++ $flags -c "$here/$library.cpp" -o "$out/$library.o"
    objects="$objects $out/$library.o"
done
gcc -std=c99 -O2 -Wall -Wextra -fPIC -shared "$here/allocations.c" -o "$out/liballocations.so"
for program in time count deep; do
    # shellcheck disable=SC2046,SC2086 # flags
    g++ $flags -no-pie "$here/$program.cpp" $objects "-L$out" -lbench_rust "-Wl,-rpath,$out" \
        "$target/release/libquell_ffi.a" $(pkg-config --libs gio-2.0) \
        -lbenchmark -lpthread -ldl -o "$out/$program"
done

crate() { sed -n "/^name = \"$1\"/{n;s/version = \"\(.*\)\"/\1/p}" "$here/Cargo.lock"; }
asio=$(echo '#include <asio/version.hpp>
ASIO_VERSION' | g++ -DASIO_STANDALONE -E -P -x c++ - | tail -1)
echo "libstdc++ $(g++ -dumpfullversion), GLib $(pkg-config --modversion gio-2.0)," \
    "Asio $((asio / 100000)).$((asio / 100 % 1000)).$((asio % 100))," \
    "tokio-util $(crate tokio-util) on tokio $(crate tokio)" >"$out/versions.txt"

quietly() {
    "$@" 2>"$out/log" || {
        cat "$out/log" >&2
        exit 1
    }
}
rm -f "$out"/callgrind.*
quietly env LD_BIND_NOW=1 valgrind --quiet --tool=callgrind --dump-instr=yes --cache-sim=yes \
    --compress-strings=no --compress-pos=no --callgrind-out-file="$out/callgrind" \
    "$out/count" >/dev/null
quietly strace -f -qq -s 80 -o "$out/strace.out" "$out/count" >/dev/null
quietly env G_SLICE=always-malloc LD_PRELOAD="$out/liballocations.so" "$out/count" \
    >"$out/allocations.json"

# Each in a process of its own, for some overflow the stack: that is a result.
# One line each: library, work, exit status, the last stage said, the ratio.
"$out/deep" >"$out/deep-all.txt"
: >"$out/deep.txt"
while read -r library work; do
    status=0
    # In a shell of its own, which says of what signal it died: not here.
    said=$(sh -c '"$@"; exit $?' sh "$out/deep" "$library" "$work" 1000000 2>"$out/log") || status=$?
    case $status in
    0) said="dropped $(echo "$said" | tail -1)" ;;
    139) said=$(echo "$said" | tail -1) ;;
    *)
        cat "$out/log" >&2
        exit 1
        ;;
    esac
    echo "$library $work $status $said" >>"$out/deep.txt"
done <"$out/deep-all.txt"

quietly "$out/time" --benchmark_enable_random_interleaving=true --benchmark_format=json \
    >"$out/time.json"
