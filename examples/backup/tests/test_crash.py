"""SIGKILL at any moment leaves a repository that verifies and can be backed up into again."""

import os
import random
import signal
import struct
import time

import pytest
from driver import NOT_NOW, Ledger, Repository
from trees import content, describe

KILLS = 25


def refresh(source, number):
    """New contents, so that every run has something to store."""
    for name in range(12):
        (source / f"fresh {name}").write_bytes(content(f"{number}/{name}", 150_000))


def killed(running):
    running.process.kill()
    run = running.end()
    assert run.code == -signal.SIGKILL, f"it ended before it was killed\n{run}"
    return run


def survives(tool, repository, source, same_after_restore):
    """The repository verifies, is not busy, takes the next backup, and has lost and kept nothing odd.

    Returns all that was said: the first job after a death reports it.
    """
    said = ""
    if repository.made:
        verified = tool.verify(repository)
        assert verified.code == 0, verified
        said = verified.out + verified.err
        assert tool.cancel(repository).code == NOT_NOW
    ledger = Ledger(repository)
    run = tool.create(repository, source)
    assert run.code == 0, run
    assert not ledger.lies(run), f"{ledger.lies(run)}\n{run}"
    same_after_restore(repository, run.snapshot, source)
    return said + run.out + run.err


def test_killed_at_many_moments(tool, repository, source, held, same_after_restore):
    refresh(source, "warm")
    usual = tool.create(repository, source).seconds
    chance, manifests, cut = random.Random(25), len(repository.manifests()), 0
    for number in range(KILLS):
        refresh(source, number)
        ledger = Ledger(repository)
        running = tool.start_create(repository, source)
        if number % 2:  # from the start on, or from the first new chunk on
            running.wait_for(ledger.new_chunks)
        time.sleep(chance.uniform(0, usual * (0.3 if number % 2 else 1.1)))
        if running.process.poll() is None:
            running.process.kill()
        run = running.end()
        assert run.code in (0, -signal.SIGKILL), run
        cut += run.code != 0 and bool(ledger.new_chunks())
        survives(tool, repository, source, same_after_restore)
        manifests += 1 + (run.code == 0)
        # A kill between the rename and the exit leaves a snapshot that nobody was told of: whole, so fine.
        assert len(repository.manifests()) in (manifests, manifests + 1)
        manifests = len(repository.manifests())
    assert cut >= 5, f"only {cut} of {KILLS} kills hit a run that had stored something"
    held.stands()
    assert tool.verify(repository).code == 0


def test_killed_while_the_repository_is_made(tool, tmp_path, source, same_after_restore):
    chance = random.Random(10)
    for number in range(10):
        repository = Repository(tmp_path / f"repository {number}")
        running = tool.start_create(repository, source)
        time.sleep(chance.uniform(0, 0.02))
        running.process.kill()
        running.end()
        survives(tool, repository, source, same_after_restore)


@pytest.mark.parametrize("place", ["start", "before-commit", "commit"])
def test_the_next_run_recognises_the_dead_one(tool, repository, source, held, same_after_restore, place):
    (source / "more").write_bytes(b"more")
    running = tool.start_create(repository, source, pause=f"{place}:20000")
    assert running.wait_for(lambda: str(running.pid) in tool.list(repository).out)
    if place == "commit":
        assert running.wait_for(lambda: "COMMITTED" in tool.list(repository).out.upper())
    killed(running)
    assert len(repository.manifests()) == 1
    listed = tool.list(repository)
    assert listed.code == 0 and held.snapshot in listed.out, listed
    said = survives(tool, repository, source, same_after_restore)
    assert said.count(f"process {running.pid}, died") == 1, f"not a word about the run that died\n{said}"
    assert "FAILED, effects UNKNOWN" in said
    quiet = tool.create(repository, source)
    assert str(running.pid) not in quiet.err + quiet.out, "a dead run is reported once"
    (source / "more").unlink()


def test_a_process_that_has_the_dead_ones_number_is_not_it(tool, repository, source, same_after_restore):
    """The number of a process is used again: only the lock and the start time tell who it is."""
    running = tool.start_create(repository, source, pause="before-commit:20000")
    assert running.wait_for(lambda: str(running.pid) in tool.list(repository).out)
    killed(running)
    path = repository.path / "running"
    old, theirs, ours = path.read_bytes(), struct.pack("<I", running.pid), struct.pack("<I", os.getpid())
    assert theirs in old, "the running file does not hold the process's number"
    path.write_bytes(old.replace(theirs, ours))
    assert tool.cancel(repository).code == NOT_NOW
    assert tool.cancel(repository, "--wait").code == NOT_NOW
    survives(tool, repository, source, same_after_restore)


def test_stopped_is_not_dead(tool, repository, source):
    running = tool.start_create(repository, source, pause="before-commit:5000")
    assert running.wait_for(lambda: str(running.pid) in tool.list(repository).out)
    running.signal(signal.SIGSTOP)
    time.sleep(0.5)
    assert tool.create(repository, source).code == NOT_NOW
    cancel = tool.cancel(repository)
    assert (cancel.code, cancel.verdict) == (0, "CANCELLING"), cancel
    running.signal(signal.SIGCONT)
    assert running.end().code == 130


def test_temporaries_of_the_dead_are_swept_up(tool, repository, source, held):
    folder = next(iter(repository.chunks())).parent
    refresh(source, 0)
    left = 0
    for number in range(12):
        running = tool.start_create(repository, source, options=["--threads", "4"])
        time.sleep(0.004 * number)
        running.process.kill()
        running.end()
        left = max(left, len(repository.temporaries()))
        refresh(source, number)
    assert tool.verify(repository).code == 0, "a temporary counts as damage"
    assert tool.create(repository, source).code == 0
    assert repository.temporaries() == [] and folder.exists(), f"at most {left} were left by a kill"
    assert describe(source)
