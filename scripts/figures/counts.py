"""What the program examples/firmware/count printed, and what the emulator's plugin
counted beside it: one line of each for every call."""

import re
from dataclasses import dataclass
from pathlib import Path

from elf import fail

# Where one is the same as many: hooks that are taken off as they are told.
SAME_FROM_ONE = ("cancel, hooks", "acknowledge, hooks", "finish, hooks", "drain, hooks")

@dataclass(frozen=True)
class Call:
    """One call of `entry`: its instructions, its stretches with interrupts masked, the longest of
    these, and the stack that it was seen to use."""

    entry: str
    instructions: int
    sections: int
    longest: int
    stack: int


def plugin_arguments(tools, program, own_objects, plugin, output):
    """QEMU's argument: where windows begin and end, and which code is the program's
    own. Ranges that touch are one."""
    own = set().union(*map(tools.functions_of, own_objects))
    symbols = {symbol.name: symbol for symbol in tools.symbols(program) if symbol.is_code}
    if not {"count_begin", "count_end"} <= own & symbols.keys():
        fail(f"{program} has no count_begin and count_end")
    ranges = []
    for symbol in sorted((symbols[name] for name in own & symbols.keys()),
                         key=lambda symbol: symbol.address):
        start = symbol.address & ~1
        if ranges and start - ranges[-1][1] in range(4):
            ranges[-1][1] = start + symbol.size
        else:
            ranges.append([start, start + symbol.size])
    words = [str(plugin), f"begin={symbols['count_begin'].address & ~1:x}",
             f"end={symbols['count_end'].address & ~1:x}", f"out={output}",
             *(f"ignore={start:x}:{end:x}" for start, end in ranges)]
    return ",".join(words)


def calls(printed, windows, has_counter):
    """The calls by name, and the sizes of types by name. `has_counter`: the core counts
    its instructions itself, which has to be what the plugin saw."""
    lines = Path(printed).read_text().splitlines()
    rows = [line.removeprefix("count ").split("\t") for line in lines
            if line.startswith("count ")]
    sizes = dict(line.removeprefix("sizeof ").split("\t") for line in lines
                 if line.startswith("sizeof "))
    seen = [line.split() for line in Path(windows).read_text().splitlines()]
    if lines[-1] != "count: all held" or len(seen) != len(rows):
        fail(f"{printed}: {lines[-1]}; {len(rows)} calls, {len(seen)} windows: {seen[-1:]}")
    found, beside = {}, set()
    for (name, call, stack, retired), window in zip(rows, seen, strict=True):
        counted, total, sections, longest, _ = map(int, window)
        if name in found:
            fail(f"{printed}: {name} twice")
        entry = re.search(r"(?:quell|measured)_\w+", call)[0]
        found[name] = Call(entry, counted, sections, longest, int(stack))
        beside.add(int(retired) - total)
    if has_counter and len(beside) != 1:
        fail(f"{printed}: the core's own counter and the plugin differ by {sorted(beside)}")
    return found, {name: int(size) for name, size in sizes.items()}


def groups(found):
    """Calls that were made with several numbers of something: their names by number."""
    of = {}
    for name in found:
        if read := re.fullmatch(r"(.*): (\d+) (\w+)", name):
            of.setdefault(f"{read[1]}, {read[3]}", {})[int(read[2])] = name
    return of


def growing(found):
    """The groups whose longest masked stretch depends on how many they are. One alone
    may be another case, but for hooks that are taken off as they are told; nothing may
    be done for each of several."""
    return {group: {number: found[name].longest for number, name in names.items()}
            for group, names in groups(found).items()
            if len({found[name].longest for number, name in names.items()
                    if number > 1 or group in SAME_FROM_ONE}) > 1}
