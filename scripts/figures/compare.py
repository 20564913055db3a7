"""FIGURES.md beside what was measured now: exact where the tools are the same; under
others within a tenth, and said so."""

import difflib
import re
import sys

# Of a figure, or this many where that is more: a few instructions are no drift of
# the library's between two compilers.
TOLERANCE = 0.10
ALWAYS = 2


def tools_of(text):
    return re.findall(r"^- (.*)$", text.split("## Budgets")[0], re.M)


def rows(text):
    """The figures of each row of a table by section, table and name; not of the budgets,
    which are made of them."""
    found, section, table, before = {}, "", "", []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("## "):
            section = line[3:]
        elif line.startswith("| :--"):
            table = before[0]
            found.pop((section, "", table), None)
        elif line.startswith("| ") and section not in ("", "Budgets"):
            found[section, table, cells[0]] = [
                [float(number) for number in re.findall(r"\d+(?:\.\d+)?", cell)]
                for cell in cells[1:]]
        else:
            table = ""
        before = cells
    return found


def is_near(one, other):
    return len(one) == len(other) and all(
        abs(a - b) <= max(ALWAYS, TOLERANCE * a) for a, b in zip(one, other))


def far_off(committed, now):
    """What differs by more than the tolerance. Private functions come and go with a
    compiler; everything else has to be there."""
    before, after = rows(committed), rows(now)
    for key in sorted(before.keys() | after.keys()):
        section, _, name = key
        if section == "Functions":
            continue
        if key not in before or key not in after:
            yield f"{section}: {name}: only {'now' if key in after else 'committed'}"
        elif len(before[key]) != len(after[key]) or not all(map(is_near, before[key], after[key])):
            yield f"{section}: {name}: committed {before[key]}, now {after[key]}"


def check(committed, now, path):
    if committed == now:
        print(f"figures: {path} is what was measured")
        return
    before, after = tools_of(committed), tools_of(now)
    if before == after:
        sys.stdout.writelines(difflib.unified_diff(
            committed.splitlines(True), now.splitlines(True), f"{path}, committed", "measured", n=1))
        sys.exit(f"figures: {path} has drifted: make sizes writes it anew")
    print(f"figures: OTHER TOOLS than {path} was written with: compared within "
          f"{TOLERANCE:.0%} of a figure (at least {ALWAYS}), not exactly; private functions not at all")
    for line in difflib.unified_diff(before, after, "committed", "here", n=0, lineterm=""):
        print(f"    {line}")
    if wrong := list(far_off(committed, now)):
        sys.exit("\n".join([*wrong, f"figures: {path} is off by more than that"]))
    print(f"figures: {len(rows(now))} rows are within it")
