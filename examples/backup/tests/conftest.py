"""Options and fixtures of the tests of qbackup.

Nothing here skips: a tool that is not built, or a machine that grants neither root nor a user
namespace, is an error.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.dont_write_bytecode = True

from driver import Ledger, Qbackup, Repository, restored  # noqa: E402
from trees import describe, differences, grow  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--qbackup", default=os.environ.get("QBACKUP"), help="the built qbackup (or $QBACKUP)")


@pytest.fixture(scope="session")
def tool(request):
    path = request.config.getoption("--qbackup")
    if not path or not os.access(path, os.X_OK):
        pytest.exit(f"no qbackup at {path!r}: give --qbackup PATH or set QBACKUP", returncode=2)
    return Qbackup(path)


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "repository")


@pytest.fixture
def source(tmp_path):
    return grow(tmp_path / "source", seed=1)


@pytest.fixture
def truthful(tool):
    """Checks that an ended create said nothing that the disk contradicts."""

    def check(run, ledger):
        lies = ledger.lies(run)
        assert not lies, "\n".join([*lies, str(run)])
        assert tool.verify(ledger.repository).code == 0

    return check


@pytest.fixture
def same_after_restore(tool, tmp_path):
    """Checks that a snapshot restores to what `description` says of the source."""
    count = 0

    def check(repository, snapshot, source, description=None):
        nonlocal count
        count += 1
        target = tmp_path / f"restored {count}"
        run = tool.restore(repository, snapshot, target)
        assert run.code == 0, run
        differ = differences(description or describe(source), describe(restored(target, source)))
        assert not differ, differ
        for folder, _, _ in os.walk(target):
            os.chmod(folder, 0o700)
        shutil.rmtree(target)

    return check


@pytest.fixture
def held(tool, repository, source, tmp_path, same_after_restore):
    """A repository with one snapshot that has to survive whatever the test does next."""
    run = tool.create(repository, source)
    assert run.code == 0, run
    content = describe(source)

    class Held:
        snapshot = run.snapshot
        ledger = staticmethod(lambda: Ledger(repository))

        @staticmethod
        def stands():
            assert run.snapshot in repository.manifests()
            verified = tool.verify(repository, run.snapshot)
            assert verified.code == 0, verified
            same_after_restore(repository, run.snapshot, source, content)

    return Held()


class SmallDisk:
    """A tmpfs of its own in a mount namespace of its own: it goes when its holder goes.

    Root needs no user namespace; everyone else becomes root in a new one. The tool runs inside by
    nsenter, because a path through /proc/PID/root does not survive being resolved; plain reads
    from outside do.
    """

    def __init__(self, mount_point):
        mount_point.mkdir()
        user = [] if os.geteuid() == 0 else ["-Ur"]
        self.holder = subprocess.Popen(
            ["unshare", *user, "-m", "--propagation", "private", "sh"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.mount_point = mount_point
        self.inside = Path(f"/proc/{self.holder.pid}/root{mount_point}")
        self.enter = [
            "nsenter",
            "-t",
            self.holder.pid,
            *(["-U", "--preserve-credentials"] if user else []),
            "-m",
            # The holder's root too: the tests may be run in a chroot.
            "-r",
        ]

    def resize(self, size, inodes=0):
        """Empties the disk and gives it `size` bytes (and as many inodes; 0: any number)."""
        self.tell(f"while umount '{self.mount_point}' 2>/dev/null; do :; done")
        self.mount(f"size={size},nr_inodes={inodes}")

    def extend(self, size):
        self.mount(f"remount,size={size},nr_inodes=0")

    def mount(self, options):
        # With the source named too, mount takes no options from the mounted one.
        self.tell(f"mount -t tmpfs -o {options} tmpfs '{self.mount_point}'")

    def tell(self, command):
        try:
            self.holder.stdin.write(f"{command}; echo told $?\n")
            self.holder.stdin.flush()
        except BrokenPipeError:
            pass
        said = []
        for line in self.holder.stdout:
            if line == "told 0\n":
                return
            said.append(line)
            if line.startswith("told"):
                break
        pytest.fail(f"no small disk, neither as root nor in a user namespace: {command}: {''.join(said)}")

    def close(self):
        self.holder.stdin.close()
        self.holder.stdout.close()
        self.holder.wait()


@pytest.fixture
def small_disk(tmp_path):
    disk = SmallDisk(tmp_path / "small disk")
    yield disk
    disk.close()
