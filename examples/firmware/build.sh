#!/bin/sh
# How firmware for the emulated boards is built and run: to be sourced from the
# project's directory, after `fail`, which says what is wrong and ends.
#
#   microbit      Cortex-M0, thumbv6m: no compare-and-swap
#   lm3s6965evb   Cortex-M3, thumbv7m
#   mps2-an386    Cortex-M4F, thumbv7em, hard float
#   mps2-an500    Cortex-M7, thumbv7em, hard float
#   mps2-an505    Cortex-M33, thumbv8m.main, hard float
#   virt          RV32IMAC
#   virt-imc      RV32IMC: no compare-and-swap, and none in the emulated core
#
# shellcheck disable=SC2034 # for whoever sources this

all_boards="microbit lm3s6965evb mps2-an386 mps2-an500 mps2-an505 virt virt-imc"
board_dir=examples/firmware/board

# describe BOARD: its target, cpu, clock, compiler flags and emulator.
describe() {
    board=$1
    case $board in
    microbit) target=thumbv6m-none-eabi cpu=cortex-m0 hz=16000000 ;;
    lm3s6965evb) target=thumbv7m-none-eabi cpu=cortex-m3 hz=12500000 ;;
    mps2-an386) target=thumbv7em-none-eabihf cpu=cortex-m4 hz=25000000 ;;
    mps2-an500) target=thumbv7em-none-eabihf cpu=cortex-m7 hz=25000000 ;;
    mps2-an505) target=thumbv8m.main-none-eabihf cpu=cortex-m33 hz=20000000 ;;
    virt) target=riscv32imac-unknown-none-elf cpu=rv32 ;;
    virt-imc) target=riscv32imc-unknown-none-elf cpu=rv32,a=false ;;
    *) fail "no such board: $board" ;;
    esac
    case $target in
    riscv32*)
        tools=riscv64-unknown-elf- port=riscv emulation=-melf32lriscv
        case $target in riscv32imac*) isa=rv32imac ;; *) isa=rv32imc ;; esac
        board_flags="-march=$isa -mabi=ilp32 -misa-spec=2.2 --specs=picolibc.specs"
        board_link="--oslib=semihost --crt0=hosted -Wl,--wrap=main $board_dir/riscv.c -T $board_dir/virt.ld"
        emulator="qemu-system-riscv32 -M virt -cpu $cpu -bios none"
        # The C library writes to the console, which is standard error otherwise.
        console="-chardev stdio,id=console" console_of=",chardev=console"
        ;;
    *)
        tools=arm-none-eabi- port=cortex-m emulation=
        board_flags="-mcpu=$cpu -mthumb -DBOARD_CLOCK_HZ=${hz}u --specs=rdimon.specs --specs=nano.specs"
        case $target in *hf) board_flags="$board_flags -mfloat-abi=hard -mfpu=$(fpu_of)" ;; esac
        board_link="-nostartfiles $board_dir/cortex_m.c -L $board_dir -T $board.ld"
        emulator="qemu-system-arm -M $board"
        console='' console_of=''
        ;;
    esac
}

fpu_of() {
    case $cpu in
    cortex-m4) echo fpv4-sp-d16 ;;
    *) echo fpv5-sp-d16 ;;
    esac
}

# needs_firmware_tools
needs_firmware_tools() {
    for tool in arm-none-eabi-gcc riscv64-unknown-elf-gcc qemu-system-arm qemu-system-riscv32 timeout cargo; do
        command -v "$tool" >/dev/null ||
            fail "$tool is missing (Debian: gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm" \
                "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf qemu-system-misc)"
    done
    [ -f /usr/lib/picolibc/riscv64-unknown-elf/picolibc.specs ] ||
        riscv64-unknown-elf-gcc --specs=picolibc.specs -E - </dev/null >/dev/null 2>&1 ||
        fail "picolibc is missing (Debian: picolibc-riscv64-unknown-elf)"
}

# compile ELF FLAG-OR-SOURCE...: for the board described, with quell and its
# ready-made port.
compile() {
    elf=$1
    shift
    [ "${libraries_of:-}" = "$target" ] || {
        libraries=$(scripts/firmware-lib.sh "$target")
        libraries_of=$target
    }
    # shellcheck disable=SC2086 # lists of words
    "${tools}gcc" $board_flags -std=c99 -Os -g -ffunction-sections -fdata-sections \
        -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror \
        -I include -I "ports/$port" -I "$board_dir" $board_link $board_dir/semihosting.c \
        -Wl,--gc-sections,-z,noexecstack,--fatal-warnings -o "$elf" \
        "$@" -L "$libraries" -lquell -lquell_port
}

# emulate SHIFT ELF [ARGUMENT...]: 2^SHIFT ns for an instruction, so that a run
# is the same each time. A guest that hangs is stopped after EMULATE_SECONDS.
emulate() {
    shift_of=$1 elf=$2
    shift 2
    arguments=$(printf ',arg=%s' "$(basename "$elf" .elf)" "$@")
    # shellcheck disable=SC2086 # a list of words
    timeout -k 5 "${EMULATE_SECONDS:-60}" $emulator -icount "shift=$shift_of,sleep=off" \
        -nographic -monitor none -serial none \
        $console -semihosting-config "enable=on,target=native$console_of$arguments" -kernel "$elf" </dev/null 2>"$elf.err" || {
        status=$?
        cat "$elf.err" >&2
        return "$status"
    }
}
