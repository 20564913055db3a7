#!/bin/sh
# Compiles and runs the documents' C and C++: `snippets.sh LIBQUELL.A FILE.md...`.
#
# Every ```c block is a C99 program and every ```cpp block a C++17 one: with the
# harness's warnings as errors, linked with the archive, and run; it has to exit
# with zero. A block that is only part of a program is refused, for nothing
# would keep it true. Rust blocks are run by the core crate's doctests.
set -eu

[ $# -ge 2 ] || { echo "usage: snippets.sh LIBQUELL.A FILE.md..." >&2; exit 2; }
archive=$1
shift
include=$(dirname "$0")/../include
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Blocks become FILE.LINE.c and FILE.LINE.cpp.
for file in "$@"; do
    awk -v out="$scratch/$(basename "$file")" -v file="$file" '
        inside && /^```[ \t]*$/ { inside = 0; if (name != "") close(name); name = ""; next }
        inside { if (name != "") print > name; next }
        /^```/ {
            inside = 1
            language = substr($0, 4)
            if (language == "c" || language == "cpp") {
                name = out "." NR "." language
                printf "" > name
            } else if (language ~ /^[ \t]*(c|C|h|cpp|c\+\+|C\+\+|cc|cxx|hpp)([ \t,{].*)?$/) {
                print file ":" NR ": not a whole program: ```" language
                wrong = 1
            }
        }
        END {
            if (inside) { print file ": a block without its end"; wrong = 1 }
            exit wrong
        }' "$file" >&2
done

warnings="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"
run=0
for source in "$scratch"/*.c "$scratch"/*.cpp; do
    [ -f "$source" ] || continue
    case $source in
    *.cpp) compilers="g++ clang++" standard=c++17 ;;
    *) compilers="gcc clang" standard=c99 ;;
    esac
    for compiler in $compilers; do
        # shellcheck disable=SC2086 # a list of flags
        if ! "$compiler" -std=$standard $warnings -I "$include" -pthread "$source" "$archive" \
            -o "$scratch/program" || ! "$scratch/program"; then
            echo "snippets: $(basename "$source" | sed 's/\.\([0-9]*\)\.c[p]*$/:\1/') with $compiler" >&2
            exit 1
        fi
        run=$((run + 1))
    done
done
[ "$run" -gt 0 ] || { echo "snippets: no block found" >&2; exit 1; }
echo "snippets: $run programs"
