"""The times of Google Benchmark's rounds."""

import json
import statistics


def rounds(path):
    """The times of every round, in any order, benchmark by benchmark."""
    times = {}
    for run in json.loads(path.read_text())["benchmarks"]:
        if run["run_type"] == "iteration":
            name = run["name"].split("/")[0]
            times.setdefault(name, []).append(run["real_time"])
    return times


def medians(path):
    return {name: statistics.median(times) for name, times in rounds(path).items()}
