"""What the check is for, broken in a copy of one target's figures: each break has to be
found, and the untouched copy passes."""

import contextlib
import copy
import dataclasses
import io
from pathlib import Path

import compare
import counts
import flash
import page
import stack
from elf import Tools, fail
from measure import seen_is_within


def found(what, check, *arguments):
    """`check` has to end the program."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            check(*arguments)
    except SystemExit as end:
        if end.code:
            return
    fail(f"self-test: not found: {what}")


def grown(figures, name):
    """The calls, with a longer masked stretch in one of them."""
    calls = dict(figures.calls)
    calls[name] = dataclasses.replace(calls[name], longest=calls[name].longest + 1)
    return calls


def run(of, target, figures):
    text = page.of_target(target, figures)
    with contextlib.redirect_stdout(io.StringIO()):
        compare.check(text, page.of_target(target, copy.deepcopy(figures)), "the same")

    heavier = copy.deepcopy(figures)
    title = flash.CONFIGURATIONS[0][0]
    size, *ram = heavier.flash[title]
    heavier.flash[title] = (size + 1, *ram)
    found("a byte more", compare.check, text, page.of_target(target, heavier), "a byte")
    other_tools = text.replace("- rustc ", "- rustc 0.")
    with contextlib.redirect_stdout(io.StringIO()):
        compare.check(other_tools, page.of_target(target, heavier), "other tools")
    heavier.flash[title] = (size * 2, *ram)
    found("twice the size with other tools", compare.check, other_tools,
          page.of_target(target, heavier), "other tools")

    if counts.growing(grown(figures, "cancel: 64 hooks")) == counts.growing(figures.calls):
        fail("self-test: not found: more masked with 64 hooks than with 8")

    found("a missing function", flash.assigned, figures.public - {"quell_op_commit"})
    found("a function of no configuration", flash.assigned, figures.public | {"quell_new"})

    board, prefix, emulation, _ = Path(of, "described").read_text().splitlines()
    functions = stack.graph(Tools(prefix, emulation), Path(of, "whole.elf"), "thumb" in target)
    caller = next(name for name, function in functions.items() if function.calls)
    callee = next(iter(functions[caller].calls))
    functions[callee].calls.add(caller)
    found(f"{callee} calls {caller} again", stack.depths, functions)
    shallow = {name: 0 for name in figures.stack}
    found("more stack seen than the worst case", seen_is_within, target, figures.calls,
          shallow)
    print(f"figures: every break is found ({board})")
