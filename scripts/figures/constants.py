"""Calls of Thumb-1 through a register that holds a constant: where a function is called
more than once, its address is loaded from the pool behind the code, copied, kept on the
stack, and called with `blx`.

One pass over the instructions in their order: what a register or a place on the stack
holds is what was last put there.
"""

import re

READ_ONLY = ("str", "cmp", "cmn", "tst", "b", "push", "stm")


def step(holds, instruction, words):
    """Notes in `holds` what one instruction puts into a register or on the stack."""
    mnemonic, operands = instruction.mnemonic.split(".")[0], instruction.operands
    first, _, rest = operands.partition(", ")
    if mnemonic == "str":
        holds[rest] = holds.get(first)
    elif mnemonic == "ldr" and (at := re.search(r"\(([0-9a-f]+) <", instruction.line)):
        holds[first] = words.get(int(at[1], 16))
    elif mnemonic in ("mov", "movs", "ldr"):
        holds[first] = holds.get(rest)
    elif mnemonic in ("bl", "blx"):
        for register in ("r0", "r1", "r2", "r3", "ip", "lr"):
            holds.pop(register, None)
    elif mnemonic in ("pop", "ldmia"):
        for register in re.findall(r"r\d+", operands):
            holds.pop(register, None)
    elif not mnemonic.startswith(READ_ONLY) or mnemonic.startswith("bic"):
        holds.pop(first, None)


def called(instructions, by_address):
    """The function that each `blx` calls whose register holds one, by the address of
    the instruction. `by_address`: the functions."""
    words = {instruction.address: by_address.get(int(instruction.operands, 16) & ~1)
             for instruction in instructions if instruction.mnemonic == ".word"
             and instruction.operands.startswith("0x")}
    holds, found = {}, {}
    for instruction in instructions:
        if instruction.mnemonic == "blx" and holds.get(instruction.operands):
            found[instruction.address] = holds[instruction.operands]
        step(holds, instruction, words)
    return found
