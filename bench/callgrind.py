"""What callgrind has counted, dump by dump, and what one more round costs."""

import pathlib
import re

import machine_code


def dumps(directory):
    """Row by row: instructions, loads, stores and read-modify-writes of the
    subject, which is everything but the functions called `harness_…`, in
    whichever object it lies."""
    locked = {}
    rows = {}
    for path in directory.glob("callgrind.*"):
        text = path.read_text()
        trigger = re.search(r"^desc: Trigger: Client Request: (\S+)$", text, re.MULTILINE)
        if not trigger:
            continue
        row = {"instructions": 0, "loads": 0, "stores": 0, "swaps": 0}
        harness, inclusive, here = True, False, ""
        for line in text.splitlines():
            if line.startswith("ob="):
                here = line[3:]
            elif line.startswith("fn="):
                harness = "harness_" in line or line.startswith("fn=main")
            elif line.startswith("calls="):
                inclusive = True
            elif line.startswith("0x"):
                if not harness and not inclusive:
                    address, _, *costs = line.split()
                    costs = [int(cost) for cost in costs] + [0, 0, 0]
                    row["instructions"] += costs[0]
                    row["loads"] += costs[1]
                    row["stores"] += costs[2]
                    if here not in locked:
                        # What lies in no file, callgrind calls ???.
                        in_file = pathlib.Path(here).exists()
                        locked[here] = machine_code.read_modify_writes(here) if in_file else ()
                    if int(address, 16) in locked[here]:
                        row["swaps"] += costs[0]
                inclusive = False
        rows[trigger[1]] = row
    return rows


def per_round(rows, name, rounds):
    """The long row has so many more rounds than the short one."""
    few, many = rows[f"{name}:few"], rows[f"{name}:many"]
    return {key: (many[key] - few[key]) / rounds for key in few}
