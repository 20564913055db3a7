"""What binutils say of an archive or a linked program: symbols, sizes, code.

`Tools` runs one target's binutils; every answer is parsed here and nowhere else.
"""

import re
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path


def fail(message):
    sys.exit(f"figures: {message}")


@dataclass(frozen=True)
class Symbol:
    """A function or an object of an archive or a program."""

    name: str
    kind: str
    address: int
    size: int

    @property
    def is_code(self):
        return self.kind in "tTwW"

    @property
    def is_public(self):
        return self.kind in "TDBRW"


@dataclass
class Instruction:
    """One line of a disassembly: `target` is the function that its operand names,
    `line` all that stands behind the mnemonic."""

    address: int
    mnemonic: str
    operands: str
    target: str | None
    offset: int
    line: str


class Tools:
    """The binutils of one target."""

    def __init__(self, prefix, emulation):
        self.prefix = prefix
        self.emulation = emulation.split()

    def run(self, tool, *arguments):
        done = subprocess.run([self.prefix + tool, *map(str, arguments)],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            fail(f"{self.prefix}{tool} {' '.join(map(str, arguments))}:\n{done.stderr}")
        return done.stdout

    def symbols(self, path):
        """All that are defined in it, with a size."""
        found = []
        for line in self.run("nm", "-S", "--defined-only", path).splitlines():
            words = line.split()
            if len(words) == 4:
                found.append(Symbol(words[3], words[2], int(words[0], 16), int(words[1], 16)))
        return found

    def functions_of(self, path):
        """The names of its functions, of no size as well: an assembler's."""
        words = [line.split() for line in self.run("nm", "--defined-only", path).splitlines()]
        return {line[-1] for line in words if len(line) == 3 and line[1] in "tTwW"}

    def link(self, archive, entries, output):
        """Links what these need of it and nothing else, whatever stays open."""
        wanted = [argument for name in entries for argument in ("-u", name)]
        self.run("ld", *self.emulation, "--gc-sections", "--unresolved-symbols=ignore-all",
                 "-e", entries[0], *wanted, "-o", output, archive)

    def sections(self, path):
        """Bytes of text with read-only data, of .data and of .bss, as `size` has them."""
        words = self.run("size", path).splitlines()[1].split()
        return tuple(map(int, words[:3]))

    def demangled(self, names):
        """Each name as a person reads it, without the crates' hashes."""
        done = subprocess.run(["c++filt", "-r"], input="\n".join(names), text=True,
                              capture_output=True, check=True)
        return dict(zip(names, map(short, done.stdout.splitlines()), strict=True))

    def addresses_taken(self, archive):
        """The functions that code or data refers to otherwise than by a call, by what
        refers to them: a function, or data by its symbol."""
        functions, taken, section = self.functions_of(archive), {}, ""
        for line in self.run("objdump", "-r", archive).splitlines():
            if line.startswith("RELOCATION RECORDS FOR"):
                section = line.split("[")[1].removesuffix("]:")
            words = line.split()
            where = re.match(r"\.(?:text|rodata|data)\w*(?:\.rel\.ro)?\.(.*)", section)
            if len(words) == 3 and where and not re.search(r"CALL|JUMP|_NONE|PLT", words[1]):
                taken.setdefault(where[1], set()).add(words[2].split("+")[0])
        data = {name: found & functions for name, found in taken.items()}
        return {name: found.union(*(data.get(other, set()) for other in taken[name]))
                for name, found in data.items()}

    def stack_sizes(self, path):
        """Frames by address, as the compiler noted them in .stack_sizes."""
        with tempfile.TemporaryDirectory() as scratch:
            dump = Path(scratch, "dump")
            self.run("objcopy", "--dump-section", f".stack_sizes={dump}", path,
                     Path(scratch, "copy"))
            data = dump.read_bytes()
        frames, at = {}, 0
        while at < len(data):
            (address,) = struct.unpack_from("<I", data, at)
            frames[address & ~1], at = uleb128(data, at + 4)
        return frames

    def code(self, path):
        """The disassembly, by function: its address and its instructions."""
        functions, name = {}, None
        for line in self.run("objdump", "-d", "--no-show-raw-insn", path).splitlines():
            if begun := re.fullmatch(r"([0-9a-f]+) <(.+)>:", line):
                name = begun[2]
                functions[name] = (int(begun[1], 16), [])
            elif read := re.match(r" *([0-9a-f]+):\t(\S+)(?:\s+(.*))?$", line):
                operands = read[3] or ""
                named = re.search(r"<([^>+]+(?:\{.*?\})?)(?:\+0x([0-9a-f]+))?>", operands)
                functions[name][1].append(Instruction(
                    int(read[1], 16), read[2], re.split(r"\t@|\s;|\s#\s", operands)[0].strip(),
                    named[1] if named else None,
                    int(named[2] or "0", 16) if named else 0, operands))
        return functions


def uleb128(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return value, at


def short(name):
    """`quell::op::Op::arm` of `<quell[1a2b]::op::Op>::arm::<…>`: the crates' hashes and
    the types that something generic was made for are left out."""
    name = re.sub(r"\[[0-9a-f]+\]", "", name).replace("->", "to")
    kept, depth = "", 0
    for at, letter in enumerate(name):
        # At the front they enclose the type, `<Type>` or `<Type as Trait>`.
        if letter == "<" and at > 0:
            depth += 1
        if depth == 0:
            kept += letter
        if letter == ">" and depth:
            depth -= 1
    kept = kept.replace("::::", "::").removesuffix("::")
    return kept if " as " in kept else kept.replace("<", "", 1).replace(">", "", 1)
