#!/usr/bin/python3
"""The demonstration behind `make demo`: one real backup tool, cancelled at every interesting moment.

usage: demo.py --qbackup PATH --work DIRECTORY [--keep]

Six acts on real files of this machine. For each: the verdict that the requester was told, the
outcome that the worker saw, what stands on disk, and the time from request to end. What the tool
says is held against what this program counts on disk itself; a single contradiction makes the
demonstration fail. DIRECTORY is emptied first, and afterwards too unless --keep is given.

The tool has hooks in the environment for this demonstration and for its tests, to stretch moments
that are too short to hit: QBACKUP_PAUSE_AT=start:MS, =before-commit:MS and =commit:MS sleep for MS
milliseconds before the work starts, before the commit, and between the commit and the rename of
the manifest.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
from demo_source import MEGABYTE, Source, du
from demo_stage import PATIENCE, Stage, escape
from driver import DEADLINE, TOO_LATE, UNREADABLE, USER, Ledger, Qbackup, Repository, restored


RESTORED = "restored"
NEARLY_OVER = 0.97
STANDS = (0, UNREADABLE)
"""The ends that leave a snapshot: some files of a live system may not be ours to read."""


class Demo:
    """The acts, in order. A is left in peace, B is asked three times, C meets a deadline and a SIGKILL."""

    REPOSITORIES = "ABC"

    def __init__(self, tool, work):
        self.tool, self.work, self.stage = tool, work, Stage()
        self.since = time.time()
        self.source = Source()
        self.usual = None

    def repository(self, name):
        return Repository(self.work / name)

    def create(self, repository, *options, **more):
        return self.tool.start_create(repository, *self.source.folders, options=options, **more)

    def under_way(self, name, share):
        """A backup that has come to `share`, and what its repository held before. One that is over
        too soon is played again, throttled."""
        repository = self.repository(name)
        ledger, running = Ledger(repository), self.create(repository)
        if not self.comes_to(running, repository, share):
            running.end(PATIENCE)
            shutil.rmtree(repository.path)
            rate = str(self.source.size // 6)
            ledger, running = Ledger(repository), self.create(repository, "--limit-rate", rate)
            came = self.comes_to(running, repository, share)
            self.stage.claim(came, f"the backup comes to {share:.0%} and is not over")
        return ledger, running

    def comes_to(self, running, repository, share):
        """Near it by the lines that the backup writes, then closely by `list`, which is finer."""
        if not self.stage.watch(running, share - 0.12, "backing up"):
            return False
        while running.process.poll() is None:
            running.seen = self.tool.list(repository).progress
            if running.seen >= share:
                return running.seen < NEARLY_OVER
        return False

    def worker(self, run, codes):
        """What the worker saw, and that the process ended as promised."""
        words = [run.outcome or "nothing said"]
        words += [
            f"{name}={value}"
            for name, value in (("level", run.level), ("cause", run.cause), ("effects", run.effects))
            if value and value != "UNSTATED"
        ]
        self.stage.fact("worker", f"{' '.join(words)}, exit {run.code}", run.code in codes)
        self.stage.claim(
            run.code in codes, f"exit {run.code} where {codes} was promised: {run.err.strip()[-300:]}"
        )

    def disk(self, ledger, run=None):
        """What stands on disk, counted here, beside what the tool says."""
        repository, fresh = ledger.repository, ledger.new_chunks()
        lies = ledger.lies(run) if run else []
        verified = self.tool.verify(repository)
        for lie in lies:
            self.stage.claim(False, lie)
        self.stage.claim(verified.code == 0, f"the repository verifies: {verified.err.strip()[-300:]}")
        manifests, chunks = len(repository.manifests()), repository.chunks()
        new = f"+{len(ledger.new_manifests())}" if ledger.new_manifests() else "none new"
        size, more = sum(chunks.values()) / MEGABYTE, sum(fresh.values()) / MEGABYTE
        self.stage.fact(
            "on disk",
            f"{manifests} snapshot{'s' * (manifests != 1)} ({new}), {len(chunks)} chunks (+{len(fresh)}), "
            f"{size:.1f} MB (+{more:.1f}), verify: exit {verified.code}",
            not lies and verified.code == 0,
        )
        return verified

    def time(self, milliseconds, what="from request to end"):
        self.stage.fact(
            "time",
            f"{milliseconds:.1f} ms {what}" if milliseconds < 1000 else f"{milliseconds / 1000:.2f} s {what}",
        )

    def undisturbed(self):
        self.stage.heading("1  undisturbed", "qbackup create --repo A SOURCES")
        ledger = Ledger(self.repository("A"))
        running = self.create(ledger.repository)
        self.stage.watch(running, 2, "backing up")
        run = running.end(PATIENCE)
        self.usual = run.seconds
        self.stage.fact("requester", "nobody asks")
        self.worker(run, STANDS)
        self.disk(ledger, run)
        self.time(run.seconds * 1000, f"in all, {self.source.size / MEGABYTE / run.seconds:.0f} MB/s")

    def ctrl_c_at_a_third(self):
        self.stage.heading("2  Ctrl-C at a third", "qbackup create --repo B SOURCES    ^C")
        ledger, running = self.under_way("B", 1 / 3)
        share = running.seen
        running.signal(signal.SIGINT)
        run = running.end()
        self.requester(f"SIGINT at {share:.0%}", run.verdict, "CANCELLING")
        self.worker(run, (USER,))
        self.disk(ledger, run)
        self.time(run.request_to_end_ms or 0)

    def requester(self, asked, verdict, promised, more=""):
        self.stage.fact("requester", f"{asked}, told [bold]{verdict}[/]{more}", verdict == promised)
        self.stage.claim(verdict == promised, f"the verdict is {promised}")

    def deadline(self):
        seconds = f"{max(0.2, 0.3 * self.usual):.1f}"
        self.stage.heading("3  a deadline", f"qbackup create --repo C --deadline {seconds} SOURCES")
        ledger = Ledger(self.repository("C"))
        running = self.create(ledger.repository, "--deadline", seconds)
        self.stage.watch(running, 2, "backing up")
        run = running.end(PATIENCE)
        if run.code in STANDS:  # faster than the first act led to expect
            shutil.rmtree(ledger.repository.path)
            ledger = Ledger(ledger.repository)
            rate = int(self.source.size / float(seconds) / 3)
            run = self.create(ledger.repository, "--deadline", seconds, "--limit-rate", str(rate)).end(PATIENCE)
        self.requester(f"the clock at {seconds} s", run.verdict, "CANCELLING")
        self.worker(run, (DEADLINE,))
        self.disk(ledger, run)
        self.time(run.request_to_end_ms or 0)

    def from_a_second_process(self):
        self.stage.heading(
            "4  from a second process",
            "qbackup create --repo B SOURCES    qbackup cancel --repo B --wait    (goes on where 2 left off)",
        )
        ledger, running = self.under_way("B", 0.8)
        share = running.seen
        cancel = self.tool.cancel(ledger.repository, "--wait")
        run = running.end()
        self.requester(
            f"process {cancel.pid} at {share:.0%}",
            cancel.verdict,
            "CANCELLING",
            f", and in the end: {cancel.outcome}",
        )
        self.stage.claim(
            cancel.outcome == run.outcome,
            f"both processes are told the same end: {cancel.outcome}, {run.outcome}",
        )
        self.worker(run, (USER,))
        self.disk(ledger, run)
        self.time(cancel.request_to_end_ms or 0)

    def against_the_commit(self):
        self.stage.heading(
            "5  a cancel that loses against the commit",
            "the same, asked after the commit and before the manifest's rename",
        )
        ledger = Ledger(self.repository("B"))
        running = self.create(ledger.repository, pause="commit:1500")
        self.stage.watch(running, 0.99, "backing up")
        committed = running.wait_for(
            lambda: "COMMITTED" in self.tool.list(ledger.repository).out.upper(), PATIENCE
        )
        self.stage.claim(committed, "the backup comes to its commit")
        before = len(ledger.new_manifests())
        self.stage.claim(before == 0, "the manifest is not in place yet")
        asked = time.monotonic()
        cancel = self.tool.cancel(ledger.repository)
        answered = time.monotonic()
        run = running.end()
        ended = time.monotonic()
        self.requester(
            f"process {cancel.pid}, commit said and manifest not yet in place",
            cancel.verdict,
            "TOO_LATE",
            f", exit {cancel.code}",
        )
        self.stage.claim(cancel.code == TOO_LATE, "a cancel that came too late exits with 4")
        self.worker(run, STANDS)
        self.disk(ledger, run)
        self.stage.fact(
            "reused",
            f"{len(ledger.chunks)} chunks that the cancelled runs had kept; {run.new_chunks} were still to do",
            run.reused_chunks >= len(ledger.chunks),
        )
        self.time(
            (answered - asked) * 1000,
            f"from request to verdict, {(ended - asked) * 1000:.0f} ms to the end (of which 1500 held)",
        )

    def killed(self):
        self.stage.heading(
            "6  SIGKILL, and the run after it",
            "qbackup create --repo C SOURCES    kill -9;    qbackup create --repo C SOURCES",
        )
        ledger, running = self.under_way("C", 0.75)
        share, asked = running.seen, time.monotonic()
        running.signal(signal.SIGKILL)
        run = running.end()
        gone = time.monotonic() - asked
        self.stage.fact("requester", f"SIGKILL at {share:.0%}: asks nobody, hears nothing")
        self.stage.fact("worker", f"gone without a word (signal {-run.code})", run.code == -signal.SIGKILL)
        self.stage.claim(run.code == -signal.SIGKILL and run.outcome is None, "it was killed in the middle")
        after = self.disk(ledger)
        self.time(gone * 1000)
        said = [line.strip() for line in (after.out + after.err).splitlines() if str(running.pid) in line]
        self.stage.claim(said, "the next run, of verify, reports the one that died")
        told = said[0].removeprefix("recovered: ") if said else "not a word about the one that died"
        self.stage.fact("next run", escape(told), bool(said))
        ledger = Ledger(ledger.repository)
        after = self.create(ledger.repository)
        self.stage.watch(after, 2, "next run")
        after = after.end(PATIENCE)
        self.worker(after, STANDS)
        self.disk(ledger, after)
        self.stage.claim(after.reused_chunks >= len(ledger.chunks) > 0, "what the killed run stored is reused")

    def restored(self):
        self.stage.heading(
            "verify and restore",
            "qbackup verify    qbackup restore --repo B latest TARGET    diff -r SOURCES TARGET",
        )
        for name in self.REPOSITORIES:
            verified = self.tool.verify(self.repository(name))
            self.stage.claim(verified.code == 0, f"{name} verifies: {verified.err.strip()}")
            summary = escape(verified.out.strip().rpartition("\n")[2])
            self.stage.fact(f"verify {name}", f"exit {verified.code}: {summary}", verified.code == 0)
        target = self.work / RESTORED
        run = self.tool.restore(self.repository("B"), "latest", target)
        self.stage.claim(run.code == 0, f"the snapshot restores: {run.err.strip()}")
        self.stage.fact(
            "restore", f"exit {run.code}, {du(target)[1]} entries in {run.seconds:.1f} s", run.code == 0
        )
        complaints = [
            complaint
            for folder in self.source.folders
            for complaint in self.diff(folder, restored(target, folder))
        ]
        excuses = self.source.excuses(target.absolute(), self.since)
        excused = [complaint for complaint in complaints if complaint.startswith(excuses)]
        for complaint in complaints:
            if complaint not in excused:
                self.stage.claim(False, complaint)
        aside = f" (this system has itself touched {len(excused)} meanwhile)" if excused else ""
        self.stage.fact(
            "diff -r",
            f"{len(complaints) - len(excused)} differences from the source{aside}",
            len(complaints) == len(excused),
        )

    @staticmethod
    def diff(left, right):
        command = ["diff", "-rq", "--no-dereference", left, str(right.absolute())]
        told = subprocess.run(command, capture_output=True, env={**os.environ, "LC_ALL": "C"}, check=False)
        return (told.stdout + told.stderr).decode("utf-8", "surrogateescape").splitlines()

    def play(self):
        self.stage.console.print(
            f"[bold]qbackup, cancelled at every interesting moment[/]\n"
            f"SOURCES    {self.source}: {self.source.size / MEGABYTE:.0f} MB "
            f"in {self.source.files} files and folders\n"
            f"A, B, C    in {self.work}"
        )
        self.source.warm()
        began = time.monotonic()
        for act in (
            self.undisturbed,
            self.ctrl_c_at_a_third,
            self.deadline,
            self.from_a_second_process,
            self.against_the_commit,
            self.killed,
            self.restored,
        ):
            act()
        wrong = len(self.stage.wrong)
        self.stage.heading("the end")
        if wrong:
            self.stage.console.print(f"  [bold red]{wrong} sentences of this story are not true on disk.[/]")
        else:
            took = time.monotonic() - began
            self.stage.console.print(
                f"  [bold green]Every line marked ✓ was checked on disk, and is true.[/] {took:.0f} s"
            )
        return 1 if wrong else 0


def main():
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--qbackup", required=True, help="the built tool")
    arguments.add_argument("--work", required=True, type=Path, help="emptied first, and afterwards")
    arguments.add_argument("--keep", action="store_true", help="leave the repositories behind")
    given = arguments.parse_args()
    if not made_here(given.work):
        sys.exit(f"demo: {given.work} holds something else and is not emptied")
    shutil.rmtree(given.work, ignore_errors=True)
    given.work.mkdir(parents=True)
    demo = Demo(Qbackup(given.qbackup), given.work)
    if shutil.disk_usage(given.work).free < 4 * demo.source.size:
        sys.exit(f"demo: {4 * demo.source.size / MEGABYTE:.0f} MB of room are needed in {given.work}")
    code = demo.play()
    if not given.keep and code == 0:
        shutil.rmtree(given.work)
    return code


def made_here(work):
    """Whether `work` holds nothing but what an earlier demonstration left."""
    return not work.exists() or {entry.name for entry in work.iterdir()} <= {*Demo.REPOSITORIES, RESTORED}


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
