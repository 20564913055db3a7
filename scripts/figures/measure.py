"""All figures of one target, from what scripts/figures.sh has left in its directory."""

import re
from dataclasses import dataclass
from pathlib import Path

import counts
import flash
import stack
from elf import Tools, fail

POINTERS = Path(__file__).parent / "pointers.txt"


@dataclass
class Figures:
    """Of one target. `flash` is text with read-only data, .data and .bss by
    configuration; `stack` the worst case of every function of quell's, by name, and
    `apart` of those that are listed by themselves; `calls` what was counted."""

    board: str
    versions: list[str]
    flash: dict[str, tuple[int, int, int]]
    port: dict[str, tuple[int, int, int]]
    functions: dict[str, int]
    public: set[str]
    stack: dict[str, int]
    apart: dict[str, int]
    calls: dict[str, counts.Call]
    sizes: dict[str, int]


def compiler_of(tools, archive):
    """Rust's own note in the archive."""
    noted = re.search(r"rustc version [^\n]*", tools.run("readelf", "-p", ".comment", archive))
    if not noted:
        fail(f"{archive} does not say which rustc made it")
    return noted[0].replace(" version", "")


def same_code(tools, shipped, noted):
    """The archive with notes of stack sizes has to have the code of the other."""
    if tools.code(shipped) != tools.code(noted):
        fail(f"{noted} has other code than {shipped}")


def stacks(tools, of, target, archive):
    """The worst case of each function, demangled, and of those counted apart."""
    functions = stack.graph(tools, of / "whole.elf", target.startswith("thumb"))
    names = tools.demangled(list(functions))
    apart = stack.resolve(functions, names, tools.addresses_taken(archive), POINTERS)
    depths = stack.depths(functions)
    return depths, {names[name]: depths[name] for name in sorted(apart)}


def seen_is_within(target, calls, depths):
    """No call may have been seen to use more stack than its worst case."""
    for name, call in calls.items():
        if call.entry in depths and call.stack > depths[call.entry]:
            fail(f"{target}: {name} used {call.stack} bytes of stack, and the worst case of {call.entry} "
                 f"is {depths[call.entry]}")


def measured(of, target):
    board, prefix, emulation, _ = (of / "described").read_text().splitlines()
    tools = Tools(prefix, emulation)
    archive = of / "quell.a"
    same_code(tools, archive, of / "noted.a")
    depths, apart = stacks(tools, of, target, archive)
    calls, sizes = counts.calls(of / "printed.1", of / "windows.1", target.startswith("riscv"))
    seen_is_within(target, calls, depths)
    if grows := counts.growing(calls):
        fail(f"{target}: the longest masked stretch depends on the number: {grows}")
    functions = flash.by_function(tools, archive)
    return Figures(
        board=board,
        versions=[compiler_of(tools, archive), *(of / "versions").read_text().splitlines()],
        flash=flash.by_configuration(tools, archive, of),
        port=flash.of_port(tools, of / "quell_port.a"),
        functions=functions,
        public={s.name for s in tools.symbols(archive) if s.is_code and s.is_public},
        stack=depths,
        apart=apart,
        calls=calls,
        sizes=sizes,
    )
