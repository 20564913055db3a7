"""Runs qbackup and looks at what it left on disk.

Two witnesses, kept apart on purpose: `Run` holds what the tool *said* (its exit code and its last
lines), `Repository` counts what *stands* in the directory without asking the tool. The demo and the
tests compare the two; neither module of theirs parses or walks anything by itself.
"""

import os
import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

# Exit codes of the tool, as its --help promises them.
DONE, ERROR, USAGE, NOT_NOW, TOO_LATE, UNREADABLE = 0, 1, 2, 3, 4, 5
DEADLINE, USER, SHUTDOWN = 124, 130, 143

PATIENCE = 60.0
"""Seconds after which a command that has not ended counts as hung."""

_PERCENT = re.compile(r"(\d+(?:\.\d+)?) ?%")
_CHUNK = re.compile(r"[0-9a-f]{16,}")


def _field(pattern, text):
    found = re.findall(pattern, text, re.MULTILINE)
    return found[-1] if found else None


def _share(lines):
    """The last percentage in `lines`, 0 to 1."""
    for line in reversed(lines):
        found = _PERCENT.search(line)
        if found:
            return float(found[1]) / 100
    return 0.0


def _upper(text):
    return text and text.upper()


@dataclass
class Run:
    """What one invocation said."""

    command: list
    pid: int
    code: int
    out: str
    err: str
    seconds: float

    @property
    def outcome(self):
        return _field(r"^outcome: (\w+)", self.out)

    @property
    def level(self):
        return _upper(_field(r"^outcome: .*\blevel=(\w+)", self.out))

    @property
    def cause(self):
        return _upper(_field(r"^outcome: .*\bcause=(\w+)", self.out))

    @property
    def effects(self):
        return _upper(_field(r"^outcome: .*\beffects=(\w+)", self.out))

    @property
    def snapshot(self):
        name = _field(r"^snapshot: (\S+)", self.out)
        return None if name == "none" else name

    @property
    def new_chunks(self):
        return int(_field(r"^new: (\d+) chunks", self.out) or -1)

    @property
    def new_bytes(self):
        return int(_field(r"^new: .*?(\d+) bytes stored", self.out) or -1)

    @property
    def reused_chunks(self):
        return int(_field(r"^new: .*\breused: (\d+) chunks", self.out) or -1)

    @property
    def progress(self):
        """The share that `list` shows of a running backup."""
        return _share(self.out.splitlines())

    @property
    def verdicts(self):
        """Every verdict that was told, in order."""
        return re.findall(r"\bverdict: (\w+)", self.out)

    @property
    def verdict(self):
        return self.verdicts[-1] if self.verdicts else None

    @property
    def request_to_end_ms(self):
        found = _field(r"^request to end: ([\d.]+) ms", self.out)
        return None if found is None else float(found)

    def __str__(self):
        shown = " ".join(os.fsdecode(word) for word in self.command)
        return f"$ {shown}\nexit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


@dataclass
class Running:
    """An invocation that has not ended yet, with its output gathered as it comes."""

    command: list
    process: subprocess.Popen
    began: float
    out: list = field(default_factory=list)
    err: list = field(default_factory=list)

    def __post_init__(self):
        self.grown = threading.Condition()
        self.readers = [
            threading.Thread(target=self._gather, args=(stream, lines), daemon=True)
            for stream, lines in ((self.process.stdout, self.out), (self.process.stderr, self.err))
        ]
        for reader in self.readers:
            reader.start()

    def _gather(self, stream, lines):
        for line in stream:
            with self.grown:
                lines.append(line.decode("utf-8", "backslashreplace"))
                self.grown.notify_all()
        with self.grown:
            self.grown.notify_all()

    @property
    def pid(self):
        return self.process.pid

    def progress(self):
        """The share of the work done, 0 to 1, by the last progress line."""
        return _share(self.out)

    def wait_for(self, condition, patience=PATIENCE):
        """Whether `condition()` came true before the process closed its output."""
        limit = time.monotonic() + patience
        with self.grown:
            while not condition():
                if not any(reader.is_alive() for reader in self.readers):
                    return condition()
                if time.monotonic() > limit:
                    raise TimeoutError(f"nothing of the sort said in {patience:g} s: {self.command}")
                self.grown.wait(0.01)
        return True

    def reach(self, share, patience=PATIENCE):
        return self.wait_for(lambda: self.progress() >= share, patience)

    def signal(self, number=signal.SIGINT):
        self.process.send_signal(number)

    def end(self, patience=PATIENCE):
        try:
            code = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        seconds = time.monotonic() - self.began
        for reader in self.readers:
            reader.join()
        self.process.stdout.close()
        self.process.stderr.close()
        return Run(self.command, self.pid, code, "".join(self.out), "".join(self.err), seconds)


class Qbackup:
    """The tool at `path`, run behind `prefix` (another namespace, other capabilities)."""

    def __init__(self, path, prefix=()):
        self.path = str(Path(path).absolute())
        self.prefix = [str(word) for word in prefix]

    def behind(self, *prefix):
        return Qbackup(self.path, prefix)

    def start(self, *words, pause=None, **popen):
        command = [
            *self.prefix,
            self.path,
            *(os.fspath(word) if isinstance(word, Path) else word for word in words),
        ]
        environment = {name: value for name, value in os.environ.items() if name != "QBACKUP_PAUSE_AT"}
        if pause:
            environment["QBACKUP_PAUSE_AT"] = pause
        began = time.monotonic()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            **popen,
        )
        return Running(command, process, began)

    def run(self, *words, patience=PATIENCE, **start):
        return self.start(*words, **start).end(patience)

    def start_create(self, repository, *sources, options=(), **start):
        return self.start("create", "--repo", _path(repository), *options, *sources, **start)

    def create(self, repository, *sources, patience=PATIENCE, **start):
        return self.start_create(repository, *sources, **start).end(patience)

    def cancel(self, repository, *options):
        return self.run("cancel", "--repo", _path(repository), *options)

    def list(self, repository):
        return self.run("list", "--repo", _path(repository))

    def verify(self, repository, *snapshot):
        return self.run("verify", "--repo", _path(repository), *snapshot)

    def restore(self, repository, snapshot, target):
        return self.run("restore", "--repo", _path(repository), snapshot, target)


def _path(repository):
    return repository.path if isinstance(repository, Repository) else repository


def restored(target, source):
    """Where `restore` puts what `create` read at `source`."""
    return Path(target) / os.path.abspath(source).lstrip("/")


class Repository:
    """A repository as it stands on disk, read without the tool."""

    def __init__(self, path):
        self.path = Path(path)

    @property
    def made(self):
        return (self.path / "format").exists()

    def manifests(self):
        return {entry.stem: entry for entry in self._in("snapshots") if entry.suffix == ".json"}

    def chunks(self):
        """Size on disk of every chunk, by its file."""
        return {
            entry: entry.stat().st_size
            for folder in self._in("chunks")
            if folder.is_dir()
            for entry in folder.iterdir()
            if self._is_chunk(folder, entry)
        }

    def temporaries(self):
        """Every file that is neither a chunk nor a manifest nor one of the repository's own two."""
        kept = set(self.chunks()) | set(self.manifests().values())
        kept |= {self.path / "format", self.path / "running"}
        files = (Path(folder) / name for folder, _, names in os.walk(self.path) for name in names)
        return [file for file in files if file not in kept]

    def state(self):
        """Manifests and chunks by content, to show that a command changed nothing."""
        files = [*self.manifests().values(), *self.chunks(), self.path / "format"]
        return {entry: entry.read_bytes() for entry in files}

    def _in(self, folder):
        folder = self.path / folder
        return sorted(folder.iterdir()) if folder.is_dir() else []

    @staticmethod
    def _is_chunk(folder, entry):
        return bool(_CHUNK.fullmatch(entry.name)) and entry.name.startswith(folder.name)


class Ledger:
    """What a repository held before a run, to hold the run's words against what it changed."""

    def __init__(self, repository):
        self.repository = repository
        self.manifests = set(repository.manifests())
        self.chunks = repository.chunks()

    def new_manifests(self):
        return set(self.repository.manifests()) - self.manifests

    def new_chunks(self):
        return {entry: size for entry, size in self.repository.chunks().items() if entry not in self.chunks}

    def lies(self, run):
        """Every sentence of an ended create that the disk contradicts."""
        said, fresh, stored = [], self.new_manifests(), self.new_chunks()

        def claim(truth, sentence):
            if not truth:
                said.append(sentence)

        claim(self.manifests <= set(self.repository.manifests()), "an earlier snapshot is gone")
        claim(set(self.chunks) <= set(self.repository.chunks()), "an earlier chunk is gone")
        claim(not self.repository.temporaries(), f"temporaries are left: {self.repository.temporaries()}")
        claim(run.outcome in ("FINISHED", "CANCELLED", "FAILED"), f"no outcome said: {run.outcome}")
        if run.outcome is None:
            return said
        claim(
            (run.code in (DONE, UNREADABLE)) == (run.outcome == "FINISHED"),
            f"exit {run.code} with {run.outcome}",
        )
        claim(
            (run.code in (DEADLINE, USER, SHUTDOWN)) == (run.outcome == "CANCELLED"),
            f"exit {run.code} with {run.outcome}",
        )
        claim(
            fresh == ({run.snapshot} if run.snapshot else set()),
            f"snapshot {run.snapshot} said, {fresh} on disk",
        )
        claim((run.outcome == "FINISHED") == bool(fresh), f"{run.outcome} with manifests {fresh}")
        claim(run.new_chunks == len(stored), f"{run.new_chunks} new chunks said, {len(stored)} on disk")
        claim(
            run.new_bytes == sum(stored.values()),
            f"{run.new_bytes} new bytes said, {sum(stored.values())} on disk",
        )
        if run.outcome == "CANCELLED":
            claim(
                run.effects == ("PARTIAL" if stored else "NONE"),
                f"effects={run.effects} with {len(stored)} new chunks",
            )
            claim(run.request_to_end_ms is not None, "no time from request to end said")
        return said
