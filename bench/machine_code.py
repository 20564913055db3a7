"""What one round of a compiled loop executes, read from its disassembly.

A function is a graph of instructions, and the round that nothing interrupts is
the shortest way round in it: whatever a poll does once it has seen a request
stands beside that way, not on it.
"""

import collections
import dataclasses
import re
import subprocess

LINE = re.compile(r"^\s*([0-9a-f]+):\t(\S+)(?:\s+(.*))?$")
LOCKED = re.compile(r"^\s*([0-9a-f]+):\t(?:lock\b|xchg\s[^\n#<]*\()", re.MULTILINE)
REMARK = re.compile(r"\s*(<|@|;|\s#\s).*")
HEAD = re.compile(r"^[0-9a-f]+ <(.+)>:$")
TARGET = re.compile(r"(?:^|,\s*)([0-9a-f]+)\s*$")
ARM_CONDITION = re.compile(r"^b(eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)(\.n|\.w)?$")


@dataclasses.dataclass(frozen=True)
class Instruction:
    address: int
    name: str
    operands: str

    @property
    def locked(self):
        """A read-modify-write that other cores see as one (x86)."""
        return self.name == "lock" or (self.name.startswith("xchg") and "(" in self.operands)

    @property
    def _x86_memory(self):
        quiet = self.name.startswith(("lea", "nop", "data16", "cs"))
        return "(" in self.operands and not quiet

    @property
    def loads(self):
        if self.name.startswith(("ldr", "ldm", "ldrex", "pop")):
            return True
        if not self._x86_memory:
            return self.name in ("pop", "ret", "leave")
        return not (self.name.startswith("mov") and self.operands.rstrip().endswith(")"))

    @property
    def stores(self):
        if self.name.startswith(("str", "stm", "push", "call")) or self.locked:
            return True
        compares = self.name.startswith(("cmp", "test", "mul", "div", "jmp"))
        return self._x86_memory and self.operands.rstrip().endswith(")") and not compares

    @property
    def calls(self):
        return self.name.startswith(("call", "blx")) or self.name == "bl"

    @property
    def leaves(self):
        """Whether nothing of this function follows it."""
        pops_pc = self.name.startswith("pop") and "pc" in self.operands
        return self.name.startswith(("ret", "ud2", "udf", "bx")) or pops_pc

    @property
    def branches(self):
        """Whether it may go elsewhere, and may not."""
        x86 = self.name.startswith("j") and not self.name.startswith("jmp")
        return x86 or bool(ARM_CONDITION.match(self.name)) or self.name.startswith("cb")

    @property
    def weight(self):
        """One; and two for Thumb's compare-with-zero-and-branch, which is two
        instructions in one, and which a compiler may or may not have use for."""
        return 2 if self.name.startswith("cb") else 1

    @property
    def jumps(self):
        return self.name.startswith("jmp") or self.name in ("b", "b.n", "b.w")

    @property
    def target(self):
        found = TARGET.search(self.operands)
        return int(found[1], 16) if found else None


def functions(objdump, path):
    """Every function of an object or a program: its name, its instructions."""
    text = subprocess.run(
        [objdump, "-d", "--no-show-raw-insn", path], check=True, capture_output=True, text=True
    ).stdout
    found, current = {}, None
    for line in text.splitlines():
        if head := HEAD.match(line):
            current = found.setdefault(head[1], [])
        elif current is not None and (match := LINE.match(line)):
            operands = REMARK.sub("", match[3] or "").strip()
            current.append(Instruction(int(match[1], 16), match[2], operands))
    return found


def read_modify_writes(path):
    """The addresses in an object of what other cores see as one (x86)."""
    text = subprocess.run(
        ["objdump", "-d", "--no-show-raw-insn", path], check=True, capture_output=True, text=True
    ).stdout
    return {int(found[1], 16) for found in LOCKED.finditer(text)}


def round_of(instructions):
    """The instructions of the shortest way round, or none where nothing loops."""
    at = {one.address: i for i, one in enumerate(instructions)}

    def successors(i):
        one = instructions[i]
        if one.leaves:
            return
        if (one.branches or one.jumps) and one.target in at:
            yield at[one.target]
        if not one.jumps and i + 1 < len(instructions):
            yield i + 1

    best = []
    for start in range(len(instructions)):
        before, waiting = {}, collections.deque([start])
        while waiting and start not in before:
            i = waiting.popleft()
            for after in successors(i):
                if after not in before:
                    before[after] = i
                    waiting.append(after)
        if start in before:
            way, i = [start], before[start]
            while i != start:
                way.append(i)
                i = before[i]
            if not best or len(way) < len(best):
                best = way
    return [instructions[i] for i in reversed(best)]
