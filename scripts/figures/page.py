"""FIGURES.md, and one target's tables."""

import budgets
import counts
import flash

SHORT = {
    "thumbv6m-none-eabi": "M0",
    "thumbv7m-none-eabi": "M3",
    "thumbv7em-none-eabihf": "M4F, M7",
    "thumbv8m.main-none-eabihf": "M33",
    "riscv32imac-unknown-none-elf": "RV32IMAC",
    "riscv32imc-unknown-none-elf": "RV32IMC",
}
NONE = "–"


def table(header, rows):
    """Markdown; all columns but the first are figures."""
    lines = [header, [":--", *["--:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def folded(title, text):
    return f"<details><summary>{title}</summary>\n\n{text}\n</details>\n"


def header(of, first):
    return [first, *(SHORT[target] for target in of)]


def across(of, first, names, cell):
    """A table with a row for each of `names`, a column for each target."""
    return table(header(of, first),
                 [[name, *(cell(figures, name) for figures in of.values())] for name in names])


def flash_tables(of):
    configurations = [title for title, _ in flash.CONFIGURATIONS]
    dialects = [title for title, _ in flash.DIALECTS]
    size = lambda figures, title: figures.flash[title][0]  # noqa: E731
    ram = lambda figures, title: sum(figures.flash[title][1:])  # noqa: E731
    parts = list(dict.fromkeys(part for figures in of.values() for part in figures.port))
    return f"""## Flash

Bytes of code and constants of `libquell.a` that a link with `--gc-sections` leaves of it where a program calls these;
each line has the ones before it. `mem*` and division are the C library's and not in it; the port is below.

{across(of, "configuration", configurations, size)}
Each dialect by itself (its functions are pure: they need no operation), and everything together:

{across(of, "dialect", [*dialects, flash.ALL], size)}
The ready-made port, `libquell_port.a`, part by part, its RAM after a plus: a program takes those that it does not define
itself.

{across(of, "part", parts, port_part)}
## Static RAM

Bytes of `.data` and `.bss`: there is no heap, and what tells is in the caller's memory.

{across(of, "configuration", configurations, ram)}
What the caller places, in bytes, the same on all targets:

{table(["type", "bytes"], sizes(of))}"""


def port_part(figures, part):
    text, data, bss = figures.port[part]
    return f"{text} + {data + bss}" if data + bss else str(text)


def sizes(of):
    first, *others = (figures.sizes for figures in of.values())
    for other in others:
        if other != first:
            raise SystemExit("figures: the types are not of one size on all targets")
    return [[f"`{name}`" if name.startswith("quell") else name, size]
            for name, size in first.items()]


def per_one(of):
    """What each further hook, child and so on costs: between the greatest two numbers."""
    rows = []
    for group, names in counts.groups(next(iter(of.values())).calls).items():
        few, many = sorted(names)[-2:]
        rows.append([group, *(
            f"{(figures.calls[names[many]].instructions - figures.calls[names[few]].instructions) / (many - few):.1f}"
            for figures in of.values())])
    return rows


def masked_cell(figures, name):
    call = figures.calls[name]
    return f"{call.longest} ({call.sections})" if call.sections else NONE


def call_tables(of):
    calls = list(next(iter(of.values())).calls)
    return f"""## Instructions

Of one call, from its first instruction to its return, with the port's and the C library's `mem*`; the caller's, a hook's
and a callback's own are not counted. The floor is the least that can decide: written by hand, `examples/firmware/count/measured.c`.

{across(of, "call", calls, lambda figures, name: figures.calls[name].instructions)}
Each further one, of hooks, children, sources, slots, participants:

{table(header(of, "call, for each of its"), per_one(of))}
## Interrupts masked

The longest stretch of a call with interrupts masked, in instructions, from behind the one that masks to the one that
unmasks, and how many stretches there are. {NONE}: none.

{across(of, "call", calls, masked_cell)}"""


def stack_tables(of):
    public = sorted(set().union(*(figures.public for figures in of.values())))
    seen = {}
    for name, call in next(iter(of.values())).calls.items():
        if call.entry in public:
            seen.setdefault(call.entry, []).append(name)

    def both(figures, entry):
        most = max(figures.calls[name].stack for name in seen[entry])
        return f"{figures.stack[entry]} ({most})"

    apart = sorted(set().union(*(figures.apart for figures in of.values())))
    worst = lambda figures, name: figures.stack.get(name, NONE)  # noqa: E731
    return f"""## Stack

Bytes in the worst case: the compiler's note of each frame, along the call graph of the linked code, the port's functions
with it; in brackets the most that a painted stack showed of the calls above, which is never more and need not reach it.
Hooks, gates and callbacks count as nothing: add the application's own.

{across(of, "function", sorted(seen), both)}
What passes a cancel on to a member is such a hook, and quell's own: where members have members, add it for each level.

{across(of, "function", apart, lambda figures, name: figures.apart.get(name, NONE))}
{folded("The worst case of every public function",
        across(of, "function", public, worst))}"""


def function_table(of):
    names = set().union(*(figures.functions for figures in of.values()))
    most = {name: max(figures.functions.get(name, 0) for figures in of.values()) for name in names}

    def part(name):
        """The public functions first, then the private ones by module."""
        public = any(name in figures.public for figures in of.values())
        return ("" if public else name.strip("<").rsplit("::", 1)[0], -most[name], name)

    return folded("Flash by function: the public ones, then the private ones by module",
                  across(of, "function", sorted(names, key=part),
                         lambda figures, name: figures.functions.get(name, NONE)))


def versions(of):
    """A line for each tool."""
    return list(dict.fromkeys(line for figures in of.values() for line in figures.versions))


def whole(of):
    rows = budgets.budgets(of)
    why = "\n".join(budgets.reasons(rows))
    boards = [[SHORT[target], target, figures.board] for target, figures in of.items()]
    return f"""# Figures

Of the bare-metal targets, as binutils, the compiler and the emulator say them: `make sizes` writes this page, and
`scripts/figures.sh --check` compares it with what it measures: exactly, with these tools:

{chr(10).join(f"- {line}" for line in versions(of))}

{table(["column", "target", "counted on"], boards)}
## Budgets

{table(["what", "bar", "measured", ""], [
    *(row.row() for row in rows), ["panic symbols in the archive", "none", "none", "met"]])}
{why}
{flash_tables(of)}
{call_tables(of)}
{stack_tables(of)}
## Functions

{function_table(of)}"""


def of_target(target, figures):
    of = {target: figures}
    return f"""# {target}

{chr(10).join(f"- {line}" for line in versions(of))}

{flash_tables(of)}
{call_tables(of)}
{stack_tables(of)}"""
