#!/bin/sh
# Installs what a job needs beyond Rust and make: `install-deps.sh JOB...`,
# with demo, vss-demo, conformance, firmware, check, test or bench for JOB.
#
# As root on Debian or Ubuntu, missing packages are installed. Elsewhere they
# are named, and the script fails: nothing is skipped in silence.
set -eu

common="gcc g++ libc6-dev"
demo="$common cmake ninja-build pkg-config libzstd-dev libxxhash-dev libcli11-dev nlohmann-json3-dev python3 python3-pip python3-rich ca-certificates"
check="$common clang clang-format shellcheck strace"
firmware="$common gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf qemu-system-misc cmake ninja-build pkg-config python3 binutils diffutils"
windows="gcc-mingw-w64-x86-64-posix g++-mingw-w64-x86-64-posix binutils-mingw-w64-x86-64 wine wine64"
vss_demo="$common $windows cmake ninja-build libtomlplusplus-dev nlohmann-json3-dev python3"
conformance="$common $windows"
test="$check $demo $vss_demo $firmware libc6-dbg valgrind python3-pytest util-linux"
bench="$common clang libbenchmark-dev valgrind python3 binutils gcc-arm-none-eabi pkg-config strace python3-matplotlib libglib2.0-dev libasio-dev"

firmware_targets="thumbv6m-none-eabi thumbv7m-none-eabi thumbv7em-none-eabihf thumbv8m.main-none-eabihf
    riscv32imc-unknown-none-elf riscv32imac-unknown-none-elf"

if ! command -v cargo >/dev/null 2>&1; then
    echo "install-deps: cargo is not on the PATH: install Rust first (rustup, stable)" >&2
    exit 1
fi
command -v dpkg-query >/dev/null 2>&1 || {
    echo "install-deps: this is not Debian or Ubuntu; needed are the equals of:" >&2
    for job in "$@"; do eval "echo \"  \$$(echo "$job" | tr - _)\"" >&2; done
    exit 1
}

installed() { dpkg-query -W -f='${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed; }

# Whether the active toolchain can build for bare metal and Windows.
cross() {
    root=$(rustc --print sysroot)
    for target in $firmware_targets x86_64-pc-windows-gnu; do
        [ -d "$root/lib/rustlib/$target/lib" ] || return 1
    done
}

get() {
    missing=
    # shellcheck disable=SC2048 # each argument is a list of words
    for package in $*; do
        installed "$package" || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" != 0 ]; then
        echo "install-deps: missing packages; as root: apt-get install$missing" >&2
        exit 1
    fi
    echo "install-deps: installing$missing"
    log=$(mktemp)
    # shellcheck disable=SC2086 # a list of words
    if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
        tail -20 "$log" >&2
        case $missing in *rustc-web*)
            echo "install-deps: where there is no package rustc-web, and rustup is at hand:" \
                "rustup target add $firmware_targets x86_64-pc-windows-gnu" >&2 ;;
        esac
        exit 1
    fi
    rm -f "$log"
}

for job in "$@"; do
    case $job in
    demo) get "$demo" ;;
    vss-demo)
        cross || vss_demo="$vss_demo rustc-web rust-web-src"
        get "$vss_demo"
        ;;
    conformance)
        cross || conformance="$conformance rustc-web rust-web-src"
        get "$conformance"
        ;;
    firmware)
        cross || firmware="$firmware rustc-web rust-web-src"
        get "$firmware"
        ;;
    check) get "$check" ;;
    bench) get "$bench" ;;
    test)
        # All in one, so that whoever is not root is told of all at once.
        cross || test="$test rustc-web rust-web-src"
        get "$test"
        # Clang's sanitizers carry clang's own version in their package's name.
        get "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev"
        ;;
    *)
        echo "install-deps: no such job: $job" >&2
        exit 2
        ;;
    esac
done
