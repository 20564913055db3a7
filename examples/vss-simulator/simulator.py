"""Runs requesters under Wine beside the simulator's vssapi.dll, for the demo and the tests."""

import os
import shutil
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

import check

HERE = Path(__file__).resolve().parent
SCENARIOS = HERE / "scenarios"
NO_DLL = "mscoree,mshtml="


@dataclass
class Run:
    requester: str
    scenario: str
    code: int
    out: str
    err: str
    report: dict | None
    markdown: str

    def findings(self, severity=None):
        return sorted(
            each["id"] for each in self.report["findings"] if severity in (None, each["severity"])
        )

    def operation(self, method):
        """The last operation of this method."""
        return [each for each in self.report["operations"] if each["method"] == method][-1]

    def writer(self, name):
        return next(each for each in self.report["writers"] if each["name"] == name)


class Simulator:
    def __init__(self, built, prefix, work):
        self.built, self.work = Path(built).resolve(), Path(work).resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        for tool in ("wine", "wineserver"):
            if shutil.which(tool) is None:
                raise SystemExit(f"vss-simulator: {tool} is missing (Debian: wine wine64)")
        for needed in ("vssapi.dll", "well_behaved.exe", "careless.exe"):
            if not (self.built / needed).exists():
                raise SystemExit(f"vss-simulator: no {self.built / needed}: run build.sh")
        self.prefix = Path(prefix).resolve()
        self.count, self.counting = 0, threading.Lock()
        self.make_prefix()

    def environment(self, **more):
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in ("DISPLAY", "WAYLAND_DISPLAY") and not name.startswith("QUELL_VSS_")
        }
        wine = {
            "WINEPREFIX": str(self.prefix),
            "WINEDEBUG": "-all",
            "WINEARCH": "win64",
            "WINEDLLOVERRIDES": f"{NO_DLL};vssapi=n,b",
        }
        return {**kept, **wine, **{name: str(value) for name, value in more.items()}}

    def make_prefix(self):
        made = self.prefix / "made"
        if made.exists():
            return
        shutil.rmtree(self.prefix, ignore_errors=True)
        self.prefix.mkdir(parents=True)
        log = self.work / "wineboot.log"
        with open(log, "wb") as said:
            told = subprocess.run(
                ["wine", "wineboot", "-i"],
                env=self.environment(WINEDLLOVERRIDES=NO_DLL),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                timeout=300,
                check=False,
            )
        if told.returncode != 0:
            raise SystemExit(f"vss-simulator: wine cannot make {self.prefix}: {log.read_text()}")
        made.touch()

    def start(self, requester, *arguments, report, scenario=None, environment=None):
        """A running requester. `report`: the path without its ending. What it says goes to
        `report`.out and .err: the end of a pipe would not come before that of Wine's own
        processes, which the first requester starts."""
        more = {"QUELL_VSS_REPORT": report, **(environment or {})}
        if scenario is not None:
            more["QUELL_VSS_SCENARIO"] = scenario
        with open(f"{report}.out", "wb") as out, open(f"{report}.err", "wb") as err:
            return subprocess.Popen(
                ["wine", str(self.built / f"{requester}.exe"), *map(str, arguments)],
                env=self.environment(**more),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )

    def run(self, requester, *arguments, scenario=None, environment=None, limit=60):
        """Runs a requester to its end. `scenario`: a path; None: the default one."""
        report = self.fresh_report()
        running = self.start(
            requester, *arguments, report=report, scenario=scenario, environment=environment
        )
        try:
            running.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            running.kill()
            raise SystemExit(f"vss-simulator: {requester} did not end with {scenario}") from None
        name = Path(scenario).stem if scenario else "default"
        said = [
            Path(f"{report}.{ending}").read_text(encoding="utf-8", errors="replace")
            for ending in ("out", "err")
        ]
        return Run(requester, name, running.returncode, *said, *self.reports(report))

    def fresh_report(self):
        with self.counting:
            self.count += 1
            report = self.work / f"report-{self.count}"
        for old in self.work.glob(f"{report.name}.*"):
            old.unlink()
        return report

    @staticmethod
    def reports(report):
        markdown = report.with_name(report.name + ".md")
        text = markdown.read_text(encoding="utf-8") if markdown.exists() else ""
        return check.load(report.with_name(report.name + ".json")), text

    def close(self):
        subprocess.run(["wineserver", "-k"], env=self.environment(), check=False)
