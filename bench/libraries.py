"""quell beside other libraries, and all beside the floor: what `peers/run.sh`
has measured, as tables. What the clock says is reported and never fails; what
does not depend on it has bars for quell."""

import dataclasses
import json
import statistics

import callgrind
import clock
import strace
import table

LIBRARIES = {
    "std": "std::stop_token",
    "glib": "GCancellable",
    "asio": "Asio",
    "tokio": "tokio-util",
    "core": "quell, Rust",
    "quell": "quell, C",
}

# The work as it is counted | as it is timed | what one of it is
WORKS = [
    ("create", "create", "create + destroy a source"),
    ("callback", "callback", "add + remove a callback"),
    ("cancel", "cancel", "cancel, no callback"),
    ("cancel_many", "cancel_many", "cancel, 1024 callbacks: each"),
    ("child", "child", "child: create + destroy"),
    ("tree", "tree", "tree of 10⁶: each child"),
    ("chain", "chain", "chain of 1000: each level"),
    ("wake", "wake_one", "cancel → wake → back, one processor"),
    ("wake", "wake_two", "cancel → wake → back, two processors"),
    ("poll", "poll", "poll"),
    ("poll_shared", "poll_shared", "poll, two threads"),
]
COUNTED = {work: what.removesuffix(", two processors") for work, _, what in WORKS}

# How many more things the long row of a count has than the short one; and the
# works of two threads, which take turns as it happens: there the mean counts.
MORE = {"wake": 100}
MORE_ELSEWHERE = 1000
TOGETHER = ["wake", "poll_shared"]

DEEP = 1_000_000
STACK = "8 MiB"


@dataclasses.dataclass(frozen=True)
class Bar:
    """What quell may take for one thing; none where nothing is said."""

    swaps: int | None = None
    held: int | None = None
    # These two are reported: what is not met yet is for the reader to see.
    instructions: int | None = None
    ratio: float | None = None


# quell's works, each of which has to be there, and what each may take. Where
# nobody waits, none of them may allocate or enter the kernel.
BARS = {
    "create": Bar(),
    "callback": Bar(instructions=42, swaps=2, held=40),
    "cancel": Bar(),
    "cancel_many": Bar(instructions=21),
    "child": Bar(held=48),
    "tree": Bar(instructions=24),
    "chain": Bar(),
    "wake": Bar(ratio=1.03),
    "poll": Bar(swaps=0, ratio=1.05),
    "poll_shared": Bar(),
}
QUELL = {"core": BARS, "quell": BARS}
QUELL_DEEP = [(library, work) for library in QUELL for work in ("tree", "chain")]


@dataclasses.dataclass(frozen=True)
class Spread:
    """A ratio of medians, and the quartiles of the one above the line."""

    low: float
    middle: float
    high: float

    def __str__(self):
        digits = 0 if self.middle >= 100 else 1 if self.middle >= 10 else 2
        return f"{self.middle:.{digits}f} ({self.low:.{digits}f}–{self.high:.{digits}f})"


@dataclasses.dataclass(frozen=True)
class Cost:
    """What one more thing costs; none where it is not counted."""

    held: int
    allocations: float
    heap: float
    system_calls: float
    instructions: float | None
    swaps: float | None


def ratios(path):
    """(work, library): its times as a ratio to the floor's median."""
    times = {tuple(name.split(":")): rounds for name, rounds in clock.rounds(path).items()}
    found = {}
    for (work, library), rounds in times.items():
        floor = statistics.median(times[work, "floor"])
        found[work, library] = Spread(
            *(quartile / floor for quartile in statistics.quantiles(rounds, n=4))
        )
    return found


def costs(directory):
    """(work, library): what one more of it costs."""
    lines = (directory / "allocations.json").read_text().splitlines()
    held = {row["name"]: row for row in map(json.loads, lines)}
    system_calls = strace.between_marks(directory / "strace.out")
    counted = callgrind.dumps(directory)
    found = {}
    for name in sorted({row.rsplit(":", 1)[0] for row in held}):
        work, library = name.split(":")
        more = MORE.get(work, MORE_ELSEWHERE)
        few, many = f"{name}:few", f"{name}:many"
        executed = callgrind.per_round(counted, name, more) if few in counted else {}
        found[work, library] = Cost(
            held=held[few]["held"],
            allocations=(held[many]["calls"] - held[few]["calls"]) / more,
            heap=(held[many]["bytes"] - held[few]["bytes"]) / more,
            system_calls=system_calls[many] / held[many]["size"]
            if work in TOGETHER
            else (system_calls[many] - system_calls[few]) / more,
            instructions=executed.get("instructions"),
            swaps=executed.get("swaps"),
        )
    return found


def deep(path):
    """(library, work): how a million levels, or children, ended."""
    found = {}
    for line in path.read_text().splitlines():
        library, work, status, stage, *rest = line.split()
        found[library, work] = (int(status), stage, float(rest[0]) if rest else None)
    return found


def survival(outcome):
    status, stage, ratio = outcome
    if status == 0:
        return f"survives, {ratio:.2f} × the floor"
    where = {"built": "while cancelling", "cancelled": "while being dropped"}
    return f"**dies of signal {status - 128}** {where.get(stage, stage)}"


def number(value):
    """Without decimals that say nothing."""
    return "–" if value is None else f"{round(value, 2) or 0:g}"


def check(failures, found, ended):
    """What holds of quell, whatever the clock says."""
    for library, works in QUELL.items():
        for work, bar in works.items():
            cost = found.get((work, library))
            failures.check(cost, f"{LIBRARIES[library]}: {work}: not measured")
            if not cost:
                continue
            most = {"allocations": 0, "swaps": bar.swaps, "held": bar.held}
            if work != "wake":
                most["system_calls"] = 0
            for what, limit in most.items():
                got = getattr(cost, what)
                failures.check(
                    limit is None or (got is not None and got <= limit),
                    f"{LIBRARIES[library]}: {work}: {what}: {got}, more than {limit}",
                )
    for library, work in QUELL_DEEP:
        status = ended.get((library, work), ["not run"])[0]
        failures.check(status == 0, f"{LIBRARIES[library]}: {work} of {DEEP}: exit {status}")


def bars_table(found, timed):
    """quell against its bars, one line each."""
    rows = []

    def row(library, what, got, limit, unit):
        if limit is not None and got is not None:
            met = table.yes(got <= limit)
            rows.append([f"{what}: {LIBRARIES[library]}", number(got), f"≤ {limit} {unit}", met])

    for work, kind, what in WORKS:
        for library, works in QUELL.items():
            bar, cost = works.get(work), found.get((work, library))
            if not bar or not cost:
                continue
            if kind in (work, "wake_one"):
                row(library, what, cost.instructions, bar.instructions, "instructions")
                row(library, what, cost.swaps, bar.swaps, "read-modify-writes")
                row(library, what, cost.held, bar.held, "bytes")
            measured = timed.get((kind, library))
            row(library, what, measured and measured.middle, bar.ratio, "× the floor")
    return table.markdown(["what", "got", "bar", "met"], rows)


def cost_table(found, cell):
    """Work by work, library by library: what `cell` makes of a cost."""
    rows = [
        [what, *(cell(found[work, name]) if (work, name) in found else "–" for name in
                 ["floor", *LIBRARIES])]
        for work, what in COUNTED.items()
    ]  # fmt: skip
    return table.markdown(["one more", "floor", *LIBRARIES.values()], rows)


def instructions(cost):
    if cost.instructions is None:
        return "–"
    return number(cost.instructions) + (f", {number(cost.swaps)} RMW" if cost.swaps else "")


def heap(cost):
    return f"{number(cost.heap)} in {cost.allocations:.2g}" if cost.allocations else "0"


def report(failures, directory):
    """The tables; and, for the plot, the ratios."""
    timed = ratios(directory / "time.json")
    found = costs(directory)
    ended = deep(directory / "deep.txt")
    check(failures, found, ended)
    versions = (directory / "versions.txt").read_text().strip()

    times = [
        [what, *(str(timed.get((work, name), "–")) for name in ["floor", *LIBRARIES])]
        for _, work, what in WORKS
    ]
    depths = [
        [f"{work} of 10⁶", *(survival(ended[name, work]) if (name, work) in ended else "–"
                            for name in LIBRARIES)]
        for work in ("tree", "chain")
    ]  # fmt: skip
    text = f"""## Beside other libraries

{versions}.

The floor is written by hand: an intrusive list behind one lock bit, taken with one
read-modify-write; a walk over such lists; a futex. std::stop_token and GCancellable know
no children: theirs are a callback at the parent. Asio's signals hold one handler and belong
to one thread, so no word of theirs is atomic. stdexec's inplace_stop_token is in no package
of Debian's, and is not here. – is what a library does not offer.

Ratios of median times to the floor's, in one process, in random order, with the quartiles:

{table.markdown(["what", "floor", *LIBRARIES.values()], times)}

Counts are of one thing more: of 2000 less those of 1000, by 1000. Instructions as callgrind
counts them, with the read-modify-writes; not counted where two threads take turns:

{cost_table(found, instructions)}

System calls, of all threads, as strace counts them; a mean where two threads take turns:

{cost_table(found, lambda cost: number(cost.system_calls))}

Bytes asked of the heap, in so many allocations (GLib's with its slices off, which else hide them):

{cost_table(found, heap)}

Bytes that the caller holds:

{cost_table(found, lambda cost: str(cost.held))}

A million of them, in a process of their own with a stack of {STACK}:

{table.markdown(["what", *LIBRARIES.values()], depths)}

quell against its bars; it fails on the read-modify-writes and the bytes, and on any allocation,
on a system call where nobody waits, and on a stack that does not hold:

{bars_table(found, timed)}
"""
    return timed, text
