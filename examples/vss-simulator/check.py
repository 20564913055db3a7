#!/usr/bin/env python3
"""Turns a report of the VSS simulator into an exit code for CI.

    check.py REPORT.json [--strict] [--allow FINDING]...

Exits with
  0  no finding of the severity `error` (with --strict: no finding at all)
  1  findings
  2  no report, or not one: the requester never called this vssapi.dll
  3  the scenario has an error, and nothing was simulated
  4  the process was killed, or still runs: the report is of the moment before
"""

import argparse
import json
import sys

FINDINGS, NO_REPORT, BAD_SCENARIO, NOT_ENDED = 1, 2, 3, 4


def load(path):
    """The report, or None where there is none."""
    try:
        with open(path, encoding="utf-8") as file:
            report = json.load(file)
        return report if report["version"] == 1 else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def verdict(report, strict=False, allowed=()):
    """The exit code, and the lines that say why."""
    if report is None:
        return NO_REPORT, ["no report: is QUELL_VSS_REPORT set, and vssapi.dll beside the requester?"]
    error = report["scenario"]["error"]
    if error is not None:
        return BAD_SCENARIO, [error["text"]]
    counted = [
        each
        for each in report["findings"]
        if each["id"] not in allowed and (strict or each["severity"] == "error")
    ]
    lines = [
        f"{each['severity']}: {each['id']}: {each['text']}\n    {each['rule']} ({each['document']})"
        for each in counted
    ]
    if report["process"]["state"] == "running":
        return NOT_ENDED, ["the process was killed, or still runs", *lines]
    return (FINDINGS if counted else 0), lines


def main():
    parser = argparse.ArgumentParser(description="The exit code of a report of the VSS simulator.")
    parser.add_argument("report")
    parser.add_argument("--strict", action="store_true", help="warnings count as well")
    parser.add_argument("--allow", action="append", default=[], metavar="FINDING", help="does not count")
    options = parser.parse_args()
    code, lines = verdict(load(options.report), options.strict, options.allow)
    for line in lines:
        print(line, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
