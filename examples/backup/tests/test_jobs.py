"""The jobs of a repository, each in its slot of the table that all processes share."""

import re
import signal
import struct
import time

import pytest
from driver import DONE, ERROR, NOT_NOW, SHUTDOWN, USER
from trees import grow

SLOTS = 15
"""How many jobs a repository's file has room for."""


@pytest.fixture
def slow_verify(tool, repository, tmp_path):
    """A repository whose verification can be stopped by a signal before it ends, and started again."""
    source = grow(tmp_path / "large source", seed=5, files=120, largest=400_000)
    assert tool.create(repository, source).code == DONE

    def start():
        """A verify that stands still in the middle, or None if it was too fast."""
        running = tool.start("verify", "--repo", repository.path)
        seen = 0
        while running.process.poll() is None and not seen:
            seen = f"pid {running.pid}," in jobs(tool, repository).out
        running.signal(signal.SIGSTOP)
        if f"pid {running.pid}," in jobs(tool, repository).out:
            return running
        running.signal(signal.SIGCONT)
        assert running.end().code == DONE
        return None

    def until_caught():
        for _ in range(50):
            running = start()
            if running:
                return running
        pytest.fail("no verify could be stopped in the middle")

    return until_caught


def jobs(tool, repository):
    listed = tool.run("list", "--repo", repository.path, "--running")
    assert listed.code == DONE, listed
    return listed


def number_of(tool, repository, running):
    found = re.search(rf"^running: job (\d+), \w+, pid {running.pid},", jobs(tool, repository).out, re.MULTILINE)
    assert found, jobs(tool, repository)
    return int(found[1])


def paused(tool, repository, source, place="before-commit"):
    running = tool.start_create(repository, source, pause=f"{place}:20000")
    assert running.wait_for(lambda: repository.made and f"pid {running.pid}," in jobs(tool, repository).out)
    return running


def test_the_list_of_jobs_shows_phase_request_and_progress(tool, repository, source):
    running = paused(tool, repository, source)
    shown = rf"^running: job 1, create, pid {running.pid}, RUNNING, 100\.0% of .*, 40 of 40 files$"
    assert running.wait_for(lambda: re.search(shown, jobs(tool, repository).out, re.MULTILINE))
    running.signal(signal.SIGSTOP)
    assert tool.cancel(repository, "--job", "1").verdict == "CANCELLING"
    assert "RUNNING (asked: GRACEFUL USER), 100.0%" in jobs(tool, repository).out
    running.signal(signal.SIGCONT)
    assert running.end().code == USER
    assert jobs(tool, repository).out == ""


def test_only_the_jobs_are_listed(tool, repository, source):
    run = tool.create(repository, source)
    assert run.snapshot in tool.list(repository).out and jobs(tool, repository).out == ""


def test_a_job_is_cancelled_by_its_number_and_no_other(tool, repository, source, slow_verify):
    create = paused(tool, repository, source)
    verify = slow_verify()
    numbers = {number_of(tool, repository, running) for running in (create, verify)}
    assert len(numbers) == 2
    number = number_of(tool, repository, verify)
    told = tool.cancel(repository, "--job", str(number))
    assert (told.code, told.verdict) == (DONE, "CANCELLING"), told
    verify.signal(signal.SIGCONT)
    run = verify.end()
    assert (run.code, run.outcome, run.cause, run.effects) == (USER, "CANCELLED", "USER", "NONE"), run
    assert f"pid {create.pid}, RUNNING," in jobs(tool, repository).out, "the other one runs on"
    # The number of one that is over is nobody's.
    told = tool.cancel(repository, "--job", str(number))
    assert told.code == NOT_NOW and f"no job {number} is running" in told.err, told
    assert tool.cancel(repository).verdict == "CANCELLING"
    assert create.end().code == USER


def test_verifications_run_beside_each_other(tool, repository, slow_verify):
    first, second = slow_verify(), slow_verify()
    assert number_of(tool, repository, first) != number_of(tool, repository, second)
    for running in (first, second):
        running.signal(signal.SIGCONT)
        assert running.end().code == DONE
    assert jobs(tool, repository).out == ""


def test_a_verification_is_stopped_by_a_signal(tool, repository, slow_verify):
    running = slow_verify()
    running.signal(signal.SIGTERM)
    running.signal(signal.SIGCONT)
    run = running.end()
    assert (run.code, run.outcome, run.level, run.cause) == (SHUTDOWN, "CANCELLED", "IMMEDIATE", "SHUTDOWN"), run


def test_more_jobs_than_slots_still_read(tool, repository, slow_verify):
    """A verification that finds no slot is listed nowhere, and says so."""
    held = [slow_verify() for _ in range(SLOTS)]
    assert jobs(tool, repository).out.count("running: job") == SLOTS
    one_more = tool.verify(repository)
    assert one_more.code == DONE and "not listed" in one_more.err, one_more
    refused = tool.create(repository, repository.path.parent / "large source")
    assert refused.code == NOT_NOW and "as many jobs as can be" in refused.err, refused
    for running in held:
        running.signal(signal.SIGCONT)
        assert running.end().code == DONE


@pytest.mark.parametrize("place", ["start", "before-commit", "commit"])
def test_a_killed_process_leaves_a_slot_that_the_next_one_clears(tool, repository, source, place):
    """Another process sees the dead one, forces its operation, says so, and goes on."""
    running = paused(tool, repository, source, place)
    phase = {"start": "PENDING", "before-commit": "RUNNING", "commit": "COMMITTED"}[place]
    assert running.wait_for(lambda: phase in jobs(tool, repository).out)
    running.process.kill()
    assert running.end().code == -signal.SIGKILL

    listed = jobs(tool, repository)
    assert re.search(rf"^died: job 1, the create of process {running.pid}, while {phase}", listed.out), listed
    told = tool.cancel(repository, "--job", "1", "--wait")
    assert told.code == NOT_NOW, told
    run = tool.create(repository, source)
    assert run.code == DONE, run
    died = rf"^recovered: job 1, the create of process {running.pid}, died while {phase}; .*FAILED, effects UNKNOWN$"
    assert re.search(died, run.out, re.MULTILINE), run
    assert jobs(tool, repository).out == ""
    assert "recovered" not in tool.create(repository, source).out, "it is said once"


def test_killed_one_after_the_other_until_every_slot_was_used(tool, repository, source):
    for number in range(1, SLOTS + 4):
        running = paused(tool, repository, source)
        assert number_of(tool, repository, running) == number
        running.process.kill()
        assert running.end().code == -signal.SIGKILL
    assert tool.create(repository, source).code == DONE
    assert jobs(tool, repository).out == ""


def test_a_waiter_that_is_killed_keeps_no_slot_for_good(tool, repository, source):
    """It holds the slot of the job that it waits for: as many as there are slots, and then some."""
    for _ in range(SLOTS + 2):
        running = paused(tool, repository, source)
        running.signal(signal.SIGSTOP)
        waiter = tool.start("cancel", "--repo", repository.path, "--wait")
        assert waiter.wait_for(lambda: "verdict: CANCELLING" in "".join(waiter.out))
        waiter.process.kill()
        waiter.end()
        running.signal(signal.SIGCONT)
        assert running.end().code == USER
    assert tool.create(repository, source).code == DONE


def test_a_waiter_is_told_how_it_ended_though_the_next_job_begins_at_once(tool, repository, source):
    for _ in range(10):
        running = paused(tool, repository, source)
        running.signal(signal.SIGSTOP)
        waiter = tool.start("cancel", "--repo", repository.path, "--wait")
        assert waiter.wait_for(lambda: "verdict: CANCELLING" in "".join(waiter.out))
        waiter.signal(signal.SIGSTOP)
        running.signal(signal.SIGCONT)
        assert running.end().code == USER
        assert tool.create(repository, source).code == DONE
        waiter.signal(signal.SIGCONT)
        told = waiter.end()
        assert (told.code, told.outcome) == (DONE, "CANCELLED"), told


def test_a_file_of_the_version_before_is_called_so(tool, repository, source):
    """Version 1: 120 bytes, one operation and no table. Left as it is."""
    assert tool.create(repository, source).code == DONE
    path = repository.path / "running"
    old = struct.pack("<8sII", b"QBACKUP\0", 1, 120) + bytes(104)
    path.write_bytes(old)
    for run in (tool.create(repository, source), tool.cancel(repository), tool.list(repository)):
        assert run.code == ERROR and "of version 1, and this program knows version 2" in run.err, run
    assert path.read_bytes() == old
    assert tool.verify(repository).code == DONE, "what only reads goes on"
    path.unlink()
    assert tool.create(repository, source).code == DONE


@pytest.mark.parametrize("place", range(24, 40, 4), ids=["magic", "layout", "slot size", "slots"])
def test_a_damaged_table_is_called_so(tool, repository, source, place):
    assert tool.create(repository, source).code == DONE
    path = repository.path / "running"
    whole = path.read_bytes()
    path.write_bytes(whole[:place] + b"\xee" * 4 + whole[place + 4 :])
    for run in (tool.create(repository, source), tool.cancel(repository), tool.list(repository)):
        assert run.code == ERROR and "its table is damaged" in run.err, run
    path.write_bytes(whole)
    assert tool.create(repository, source).code == DONE


def test_noise_in_the_slots_is_answered(tool, repository, source):
    """Whatever lies in the slots, every command ends, and says something true of its own backup."""
    assert tool.create(repository, source).code == DONE
    path = repository.path / "running"
    whole = path.read_bytes()
    for fill in (b"\xff", b"\x5a", b"\x80", b"\x2c"):
        path.write_bytes(whole[:40] + fill * (len(whole) - 40))
        began = time.monotonic()
        for run in (tool.list(repository), tool.cancel(repository), tool.cancel(repository, "--job", "1")):
            assert run.code in (DONE, ERROR, NOT_NOW), run
        assert tool.verify(repository).code == DONE
        created = tool.create(repository, source)
        assert created.code in (DONE, ERROR, NOT_NOW), created
        assert time.monotonic() - began < 20
    path.write_bytes(whole)
    assert tool.create(repository, source).code == DONE
