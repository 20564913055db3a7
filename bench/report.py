"""Prints what `run.sh` has measured as one table, and fails where the compiled
code holds more than it may. Times are ratios of medians, and never fail."""

import argparse
import pathlib
import sys

import callgrind
import clock
import libraries
import machine_code
import plot
import table

# The long row of a loop has so many more rounds than the short one.
ROUNDS = 1000
READ_MODIFY_WRITES = {"cancel": 1, "cancel_core": 1, "finish": 1, "finish_core": 1, "commit": 1}

# What | floor | subject | std::stop_token's | bar on the ratio
POLLS = [
    ("poll, C inline", "loop_c_flag", "loop_c_op", "loop_std", 1.05),
    ("worker's poll, C inline", "loop_c_flag", "loop_c_worker", "loop_std", 1.05),
    ("poll, C++ inline", "loop_cpp_flag", "loop_cpp_op", "loop_std", 1.05),
    ("worker's poll, C++ inline", "loop_cpp_flag", "loop_cpp_worker", "loop_std", 1.05),
    ("poll, Rust inline", "loop_rust_flag", "loop_rust_op", None, 1.05),
    ("poll, a call", "call_loop_empty", "call_loop_op", None, None),
    ("poll, shared library", "plt_loop_empty", "plt_loop_op", None, 1.05),
    ("worker's poll, shared library", "plt_loop_empty", "plt_loop_worker", None, None),
]
# What | floor | subject | std::stop_token's | bar on the instructions, over the floor or not
DECISIONS = [
    ("cancel, the core in Rust", "cancel_core", "std_request_stop", 10, False),
    ("cancel, `quell_cancel`", "cancel", "std_request_stop", None, False),
    ("finish, the core in Rust", "finish_core", None, 8, True),
    ("finish, `quell_op_finish`", "finish", None, None, True),
]
LIVES = [
    ("arm, start, finish, retire", "four_swaps", "life", "std_life"),
    ("arm, start, cancel, acknowledge, retire", "five_swaps", "cancelled_life", "std_stopped_life"),
]
COUNTED = ["arm", "start", "commit", "retire"]


class Failures(list):
    def check(self, held, complaint):
        if not held:
            self.append(complaint)


def check_loops(failures, objects):
    """Every loop that polls, beside the loop over a bare flag of the same
    object: one load, no store, and not an instruction more; save the fields of
    the worker that the compiler is known to read again."""
    found_loops = []
    for compiler, objdump, path, prefix, *again in objects:
        found = machine_code.functions(objdump, path)
        rounds = {
            name[len(prefix) :]: machine_code.round_of(body)
            for name, body in found.items()
            if name.startswith(prefix)
        }
        floor = rounds.pop("flag")
        failures.check(floor, f"{compiler}: the loop over a bare flag is no loop")
        for subject in ("op", "worker"):
            got = rounds.get(subject, [])
            loads = sum(one.loads for one in got)
            tests = sum(one.branches for one in got) - 1
            fields = int(again[0]) if again and subject == "worker" else 0
            sound = (
                loads == 1 + fields
                and tests == 1
                and not any(one.stores or one.calls for one in got)
                and weight(got) <= weight(floor) + fields
            )
            name = f"{prefix}{subject}"
            code = "; ".join(f"{one.name} {one.operands}".strip() for one in got)
            failures.check(
                sound,
                f"{name}, {compiler}: {weight(got)} instructions, the flag {weight(floor)}: {code}",
            )
            found_loops.append((name, compiler, weight(got), weight(floor), loads, tests, sound))
    return found_loops


def weight(instructions):
    return sum(one.weight for one in instructions)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument(
        "--loops", nargs="+", required=True, metavar="COMPILER:OBJDUMP:OBJECT:PREFIX[:FIELDS]"
    )
    given = parser.parse_args()

    failures = Failures()
    times = clock.medians(given.out / "ratios.json")
    counted = callgrind.dumps(given.out)
    for name, expected in READ_MODIFY_WRITES.items():
        got = counted[name]["swaps"]
        failures.check(got == expected, f"{name}: {got} read-modify-writes, not {expected}")

    def against(floor, subject):
        return times[subject] / times[floor] if subject else None

    rows = []
    for what, floor, subject, std, bar in POLLS:
        least, got = (callgrind.per_round(counted, name, ROUNDS) for name in (floor, subject))
        measured = against(floor, subject)
        rows.append([
            what, "bare flag" if "flag" in floor else "empty call", table.ratio(measured),
            f"{got['instructions']:.0f} ({least['instructions']:.0f})",
            table.ratio(against("loop_cpp_flag" if std else floor, std)),
            f"≤ {bar:.2f}" if bar else "–", table.yes(measured <= bar if bar else None),
        ])  # fmt: skip
    swap = counted["floor_swap"]["instructions"]
    for what, subject, std, bar, over in DECISIONS:
        got = counted[subject]
        count = got["instructions"]
        shown = f"{count} ({swap}), {got['swaps']} RMW"
        limit = f"≤ {bar}{' over the floor' if over else ''}, 1 RMW" if bar else "1 RMW"
        met = got["swaps"] == 1 and (bar is None or count - (swap if over else 0) <= bar)
        measured = against("floor_swap", subject)
        rows.append([
            what, "one swap", table.ratio(measured), shown, table.ratio(against("floor_swap", std)), limit,
            table.yes(met),
        ])  # fmt: skip
    for what, floor, subject, std in LIVES:
        measured, theirs = against(floor, subject), against(floor, std)
        rows.append([
            what, floor.replace("_", " "), table.ratio(measured), "–", table.ratio(theirs), "–", "–",
        ])  # fmt: skip
    for name in COUNTED:
        got = counted[name]
        rows.append([
            f"`quell_op_{name}`", "one swap", "–",
            f"{got['instructions']} ({swap}), {got['swaps']} RMW", "–", "–", "–",
        ])  # fmt: skip

    header = ["what", "floor", "ratio", "instructions (floor's)", "std::stop_token", "bar", "met"]
    loops = check_loops(failures, [given_loop.split(":") for given_loop in given.loops])
    loop_header = ["loop", "compiler", "instructions", "flag's", "loads", "tests", "met"]
    loop_rows = [[*row[:-1], table.yes(row[-1])] for row in loops]
    timed, beside = libraries.report(failures, given.out / "peers")
    plot.draw(
        given.out / "ratios.svg",
        [(work, what) for _, work, what in libraries.WORKS if (work, "floor") in timed],
        libraries.LIBRARIES,
        timed,
    )
    report = (
        "## The operation\n\n"
        "Ratios of median times to the floor, in one process, in random order; reported, never\n"
        "failed. Instructions: of a round of the loop, or of a call with its return, as callgrind\n"
        "counted them; what a call of C costs on top of the core's are the checks of what C\n"
        "handed over.\n\n"
        f"{table.markdown(header, rows)}\n\n"
        "One round of the loop that polls, in machine code:\n\n"
        f"{table.markdown(loop_header, loop_rows)}\n\n{beside}"
    )
    (given.out / "report.md").write_text(report)
    print(report, end="")
    for failure in failures:
        print(f"bench: FAILED: {failure}", file=sys.stderr)
    sys.exit(bool(failures))


main()
