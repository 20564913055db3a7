"""Runs each scenario with the well-behaved requester and with the careless one, and compares what
the reports say with what they have to say: `make vss-demo`.

    demo.py --built DIR --prefix WINEPREFIX --work DIR
"""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import check  # noqa: E402
from expected import BROKEN, EXPECTED, differences  # noqa: E402
from simulator import SCENARIOS, Simulator  # noqa: E402

REQUESTERS = ("well_behaved", "careless")
LIMIT_MS = 1000


def row(*cells):
    print("{:<21} {:<13} {:<10} {:<12} {}".format(*cells).rstrip())


def show(run):
    operations = [each for each in run.report["operations"] if each["method"] == "DoSnapshotSet"]
    row(
        run.scenario,
        run.requester,
        operations[-1]["end"] if operations else "-",
        run.report["objects"][0]["snapshot"].split(" with")[0],
        ", ".join(run.findings()) or "nothing to complain of",
    )


def main():
    parser = argparse.ArgumentParser()
    for option in ("--built", "--prefix", "--work"):
        parser.add_argument(option, required=True, type=Path)
    options = parser.parse_args()
    simulator = Simulator(options.built, options.prefix, options.work)

    def run(job):
        scenario, requester = job
        return simulator.run(requester, LIMIT_MS, scenario=SCENARIOS / f"{scenario}.toml")

    names = [*EXPECTED, "broken"]
    jobs = [(scenario, requester) for scenario in names for requester in REQUESTERS]
    wrong = []
    with ThreadPoolExecutor(2) as pool:
        row("scenario", "requester", "snapshot's", "snapshot", "findings")
        row("", "", "operation", "", "")
        for (scenario, requester), each in zip(jobs, pool.map(run, jobs), strict=True):
            if scenario == "broken":
                error = (each.report or {"scenario": {"error": {}}})["scenario"]["error"] or {}
                row(scenario, requester, "-", "-", f"line {error.get('line')}: {error.get('message')}")
                differ = [
                    f"{key}: {error.get(key)}, not {value}"
                    for key, value in BROKEN.items()
                    if error.get(key) != value
                ]
                if each.code != 3:
                    differ.append(f"exit code: {each.code}, not 3")
            elif each.report is None:
                row(scenario, requester, "-", "-", "NO REPORT")
                differ = ["no report"]
            else:
                show(each)
                differ = differences(each, EXPECTED[scenario][REQUESTERS.index(requester)])
                told_apart = check.verdict(each.report, strict=True)[0]
                if (told_apart == 0) != (requester == "well_behaved"):
                    differ.append(f"check.py --strict says {told_apart}")
            wrong += [f"{scenario}, {requester}: {what}" for what in differ]
    simulator.close()
    for line in wrong:
        print(f"WRONG {line}")
    print(f"{len(jobs)} runs, {len(wrong)} differences; the reports: {options.work}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
