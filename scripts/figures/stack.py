"""Worst-case stack: frames and the call graph, both of the linked code.

A frame is what the code takes off the stack pointer. The compiler's own note of it
(`-Z emit-stack-sizes`) is never more, or the code was not understood, which is an
error; it may be less, for functions of C have none, and code that the compiler folds
after it made the frames is in none.

Calls through pointers: `pointers.txt` says of each function that makes any what it
calls, where that depends on who called it, for whom: the application's functions,
which count as nothing, or functions of quell.
Whatever function of quell has its address taken has to be among these. Recursion is
an error.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

import constants
from elf import fail

APPLICATION = "the application"
APART = "apart "
# How far back a jump's table is looked for.
NEAR = 16
# Code that functions had in common, folded after the compiler made their frames.
FOLDED = "OUTLINED_FUNCTION"
BRANCHES_OF_RISCV = ("beq", "bne", "blt", "bge", "bgt", "ble", "bltu", "bgeu", "bgtu", "bleu",
                     "beqz", "bnez", "bltz", "bgez", "blez", "bgtz")


@dataclass
class Function:
    """What one takes, whom it calls, whom it goes on as, through how many pointers, and
    whom it calls by an address that it loads."""

    frame: int = 0
    calls: set[str] = field(default_factory=set)
    tails: set[str] = field(default_factory=set)
    pointers: int = 0
    loaded: set[str] = field(default_factory=set)


def is_folded(name):
    return name.startswith(FOLDED)


def registers(operands):
    """How many a list like {r4, r5, r6-r8, lr} names."""
    count = 0
    for part in re.search(r"\{(.*?)\}", operands)[1].split(","):
        ends = [int(number) for number in re.findall(r"\d+", part)]
        count += ends[1] - ends[0] + 1 if len(ends) == 2 else 1
    return count


def arm_taken(instruction):
    """Bytes that it takes off the stack pointer; what it gives back is negative."""
    name, operands = instruction.mnemonic.split(".")[0], instruction.operands
    if name in ("push", "vpush", "pop", "vpop") or operands.startswith("sp!,"):
        bytes_of = registers(operands) * (8 if "{d" in operands else 4)
        return -bytes_of if name in ("pop", "vpop") or name.startswith("ldm") else bytes_of
    if name in ("sub", "subw", "add", "addw") and operands.startswith("sp,"):
        if not (number := re.search(r"#(\d+)", operands)):
            fail(f"a stack frame of variable size: {instruction.address:#x} {operands}")
        return int(number[1]) if name.startswith("sub") else -int(number[1])
    if written := re.search(r"\[sp, #-(\d+)\]!", operands):
        return int(written[1])
    if read := re.search(r"\[sp\], #(\d+)", operands):
        return -int(read[1])
    return 0


def riscv_taken(instruction):
    if instruction.mnemonic in ("add", "addi") and (
            number := re.fullmatch(r"sp,sp,(-?\d+)", instruction.operands)):
        return -int(number[1])
    if instruction.mnemonic in ("add", "addi", "sub", "mv") and re.match(
            "sp,", instruction.operands):
        fail(f"a stack frame of variable size: {instruction.address:#x} {instruction.operands}")
    return 0


def positive(changes):
    return sum(change for change in changes if change > 0)


def kept(changes):
    """What folded code takes and does not give back: the beginning of whoever it was
    folded out of."""
    return max(sum(changes), 0)


def arm_flow(instruction, name, function, _before):
    """Notes where an instruction of Arm goes."""
    mnemonic = instruction.mnemonic.split(".")[0]
    leaves = instruction.target is not None and instruction.target != name
    if mnemonic == "bl" and instruction.target is not None:
        function.calls.add(instruction.target)
    elif mnemonic == "blx" or (mnemonic == "bx" and instruction.operands != "lr"):
        function.pointers += 1
    elif mnemonic.startswith("b") and leaves and not mnemonic.startswith(("bic", "bfi", "bfc")):
        function.tails.add(instruction.target)
    elif mnemonic in ("cbz", "cbnz") and leaves:
        function.tails.add(instruction.target)


def is_jump_table(register, before):
    """Whether a jump goes where a table of addresses says: one that is indexed, so
    that the address it was loaded from is the sum of two registers."""
    base = None
    for instruction in reversed(before):
        written, _, source = instruction.operands.partition(",")
        if base is None and written == register:
            if not (loaded := re.fullmatch(r"0\((\w+)\)", source)):
                return False
            base = loaded[1]
        elif base is not None and written == base:
            return instruction.mnemonic == "add" and bool(re.fullmatch(r"\w\d+,\w\d+", source))
    return False


def riscv_flow(instruction, name, function, before):
    """Notes where an instruction of RISC-V goes."""
    mnemonic, operands = instruction.mnemonic, instruction.operands
    leaves = instruction.target is not None and instruction.target != name
    if mnemonic in ("jal", "jalr"):
        if instruction.target is None:
            function.pointers += 1
        elif leaves or instruction.offset == 0:
            function.calls.add(instruction.target)
    elif mnemonic == "jr" and operands not in ("ra", "t0") and instruction.target is None:
        function.pointers += not is_jump_table(operands, before)
    elif mnemonic in ("j", "jr", *BRANCHES_OF_RISCV) and leaves:
        function.tails.add(instruction.target)


def graph(tools, path, is_arm):
    """The functions of a linked program by name."""
    taken, flow = (arm_taken, arm_flow) if is_arm else (riscv_taken, riscv_flow)
    noted, functions = tools.stack_sizes(path), {}
    code = tools.code(path)
    by_address = {address: name for name, (address, _) in code.items()}
    changes = {name: list(map(taken, instructions)) for name, (_, instructions) in code.items()}
    for name, (address, instructions) in code.items():
        function = functions[name] = Function()
        for at, instruction in enumerate(instructions):
            flow(instruction, name, function, instructions[max(at - NEAR, 0):at])
        if is_arm and function.pointers:
            by_constant = constants.called(instructions, by_address)
            function.loaded = set(by_constant.values())
            function.calls |= function.loaded
            function.pointers -= len(by_constant)
        folded = [changes[other] for other in function.calls | function.tails
                  if is_folded(other)]
        note, own = noted.get(address, 0), positive(changes[name])
        if note > own + sum(map(positive, folded)):
            fail(f"{path}: the compiler says {note} bytes of stack for {name}, its code takes "
                 f"{own}")
        function.frame = own + sum(map(kept, folded)) - kept(changes[name]) * is_folded(name)
    if not noted:
        fail(f"{path} has no .stack_sizes")
    return functions


@dataclass(frozen=True)
class Row:
    """A line of pointers.txt: a function that calls through pointers, which of those
    that call it this is about, and what it then calls."""

    caller: re.Pattern
    user: re.Pattern | None
    callee: re.Pattern
    is_apart: bool

    @classmethod
    def of(cls, line):
        caller, callee = line.split(" > ")
        caller, _, user = caller.partition(" for ")
        return cls(re.compile(caller), re.compile(user) if user else None,
                   re.compile(callee.removeprefix(APART)), callee.startswith(APART))


def split_by_user(functions, names, rows):
    """A copy of each function that calls other things for one user than for another,
    for each of its users."""
    for name in list(functions):
        mine = [row for row in rows if row.user and row.caller.fullmatch(names[name])]
        if not mine or not functions[name].pointers:
            continue
        function = functions.pop(name)
        for user, other in list(functions.items()):
            if name in other.calls | other.tails:
                copy = f"{name} for {user}"
                names[copy] = f"{names[name]} for {names[user]}"
                functions[copy] = Function(function.frame, set(function.calls),
                                           set(function.tails), function.pointers,
                                           function.loaded)
                for edges in (other.calls, other.tails):
                    if name in edges:
                        edges ^= {name, copy}


def resolve(functions, names, taken_by, list_file):
    """Adds what is called through pointers. `names` are the demangled ones, `taken_by`
    the functions whose address is taken by what takes it. Which functions are counted
    apart."""
    taken = set().union(*taken_by.values())
    lines = Path(list_file).read_text().splitlines()
    rows = [Row.of(line) for line in lines if line and not line.startswith("#")]
    split_by_user(functions, names, rows)
    called = set().union(*(function.loaded for function in functions.values()))
    apart = set()
    for name, function in functions.items():
        if function.pointers == 0:
            continue
        plain, _, user = names[name].partition(" for ")
        # Where a user is known, it has handed over what it refers to itself, if anything.
        handed = taken_by.get(name.partition(" for ")[2]) or taken
        mine = [row for row in rows if row.caller.fullmatch(plain)
                and (row.user is None or row.user.fullmatch(user))]
        if not mine:
            fail(f"{names[name]} calls through a pointer, and {list_file} does not say what")
        found = {row: {other for other in (handed if row.user else taken)
                       if row.callee.fullmatch(names[other])}
                 for row in mine}
        if not any(found.values()) and all(row.callee.pattern != APPLICATION for row in mine):
            fail(f"{names[name]} calls nothing of what {list_file} says that it does")
        apart = apart.union(*(found[row] for row in mine if row.is_apart))
        called = called.union(*found.values())
        function.calls |= set().union(*found.values()) - apart
    for other in taken - called:
        fail(f"the address of {names[other]} is taken, and {list_file} does not say who calls it")
    return apart


def depths(functions):
    """The worst case from each function on."""
    found, path = {}, []

    def depth(name):
        if name in found:
            return found[name]
        if name in path:
            fail("recursion, whose stack has no bound: "
                 + " > ".join([*path[path.index(name):], name]))
        if name not in functions:
            fail(f"{path[-1] if path else 'an entry'} calls {name}, whose code is not there")
        path.append(name)
        function = functions[name]
        # Folded code that ends a function gives its frame back, perhaps after a call.
        inside = function.calls | set(filter(is_folded, function.tails))
        below = max(map(depth, inside), default=0)
        after = max(map(depth, function.tails), default=0)
        path.pop()
        found[name] = max(function.frame + below, after)
        return found[name]

    for name in functions:
        depth(name)
    return found
