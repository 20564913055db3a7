"""A cancel from anywhere, at any moment: what the requester was told is what became of the backup."""

import os
import pty
import select
import signal
import time

import pytest
from driver import DEADLINE, NOT_NOW, SHUTDOWN, TOO_LATE, USER, Ledger
from trees import content, grow

SOON = 3.0
"""Seconds in which a cancelled backup has ended, on a machine with other work to do."""


@pytest.fixture
def slow(tool, repository, tmp_path):
    """Starts backups that would take about ten seconds, and waits until they are on their way."""
    source = grow(tmp_path / "slow source", seed=3, files=100, largest=200_000)

    def start(*options, **more):
        running = tool.start_create(repository, source, options=["--limit-rate", "1000000", *options], **more)
        assert running.wait_for(lambda: running.progress() > 0.03), running.end()
        return running

    return start


def ended(running, ledger, code, level, cause):
    asked = time.monotonic()
    run = running.end()
    assert (run.code, run.outcome, run.level, run.cause) == (code, "CANCELLED", level, cause), run
    assert run.snapshot is None
    assert time.monotonic() - asked < SOON, run
    return run


def begun(tool, repository, running):
    """Waits until `running` is the backup that the repository speaks of."""
    assert running.wait_for(lambda: str(running.pid) in tool.list(repository).out)


class TestSignals:
    def test_ctrl_c_once(self, slow, repository, truthful):
        ledger, running = Ledger(repository), slow()
        running.signal(signal.SIGINT)
        run = ended(running, ledger, USER, "GRACEFUL", "USER")
        truthful(run, ledger)
        assert run.effects == "PARTIAL" and run.new_chunks > 0
        assert run.verdict == "CANCELLING"
        assert run.request_to_end_ms < SOON * 1000

    def test_what_is_kept_is_reused(self, slow, tool, repository, tmp_path):
        running = slow()
        running.signal(signal.SIGINT)
        kept = running.end().new_chunks
        next_run = tool.create(repository, tmp_path / "slow source")
        assert next_run.reused_chunks >= kept > 0
        assert next_run.new_chunks + kept == len(repository.chunks())

    def test_ctrl_c_with_nothing_new_has_no_effects(self, tool, repository, source, held, truthful):
        ledger = Ledger(repository)
        running = tool.start_create(repository, source, pause="before-commit:5000")
        begun(tool, repository, running)
        running.signal(signal.SIGINT)
        run = ended(running, ledger, USER, "GRACEFUL", "USER")
        assert run.effects == "NONE" and run.new_chunks == 0
        truthful(run, ledger)
        held.stands()

    def test_ctrl_c_twice(self, slow, repository, truthful):
        ledger, running = Ledger(repository), slow(pause="acknowledge:700")
        running.signal(signal.SIGINT)
        time.sleep(0.2)
        running.signal(signal.SIGINT)
        run = ended(running, ledger, USER, "IMMEDIATE", "USER")
        assert run.verdicts[:2] == ["CANCELLING", "RAISED"], run
        truthful(run, ledger)

    def test_ctrl_c_twice_in_the_middle_of_a_large_file(self, tool, repository, tmp_path, truthful):
        """The chunk in hand is abandoned, not waited for, and leaves no temporary."""
        (tmp_path / "large").write_bytes(content("large", 24 << 20))
        ledger = Ledger(repository)
        running = tool.start_create(repository, tmp_path / "large", options=["--limit-rate", "300000"])
        begun(tool, repository, running)
        time.sleep(0.5)
        running.signal(signal.SIGINT)
        running.signal(signal.SIGINT)
        time.sleep(0.01)
        if running.process.poll() is None:
            running.signal(signal.SIGINT)
        asked = time.monotonic()
        run = running.end()
        assert time.monotonic() - asked < SOON
        assert (run.code, run.outcome) == (USER, "CANCELLED"), run
        truthful(run, ledger)

    def test_shutdown(self, slow, repository, truthful):
        ledger, running = Ledger(repository), slow()
        running.signal(signal.SIGTERM)
        truthful(ended(running, ledger, SHUTDOWN, "IMMEDIATE", "SHUTDOWN"), ledger)

    def test_shutdown_after_ctrl_c_raises(self, slow, repository, truthful):
        ledger, running = Ledger(repository), slow(pause="acknowledge:700")
        running.signal(signal.SIGINT)
        time.sleep(0.2)
        running.signal(signal.SIGTERM)
        truthful(ended(running, ledger, SHUTDOWN, "IMMEDIATE", "SHUTDOWN"), ledger)

    def test_ctrl_c_on_a_terminal(self, tool, repository, tmp_path, truthful):
        """A real terminal: a progress bar that redraws, and the key itself."""
        source = grow(tmp_path / "slow source", seed=3, files=60, largest=200_000)
        ledger = Ledger(repository)
        child, terminal = pty.fork()
        if child == 0:
            os.execv(
                tool.path,
                [tool.path, "create", "--repo", str(repository.path), str(source), "--limit-rate", "1000000"],
            )
        shown, pressed, limit = b"", False, time.monotonic() + 20
        while time.monotonic() < limit:
            try:
                if select.select([terminal], [], [], 0.1)[0]:
                    shown += os.read(terminal, 4096)
            except OSError:  # the other side has closed
                break
            if not pressed and ledger.new_chunks() and b"%" in shown:
                os.write(terminal, b"\x03")
                pressed = True
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert pressed, shown
        assert code == USER, shown
        assert b"\r" in shown.replace(b"\r\n", b"") or b"\x1b[" in shown, "no progress bar that redraws"
        assert b"outcome: CANCELLED" in shown
        assert not ledger.new_manifests() and not repository.temporaries()


class TestDeadlines:
    def test_in_the_middle(self, slow, repository, truthful):
        ledger, running = Ledger(repository), slow("--deadline", "1.0")
        run = ended(running, ledger, DEADLINE, "GRACEFUL", "DEADLINE")
        assert 0.9 < run.seconds < 1.0 + SOON
        truthful(run, ledger)

    def test_of_zero_seconds(self, tool, repository, source, held):
        run = tool.create(repository, source, options=["--deadline", "0"])
        assert (run.code, run.cause, run.effects, run.snapshot) == (DEADLINE, "DEADLINE", "NONE", None), run
        held.stands()

    def test_far_away(self, tool, repository, source, truthful):
        ledger = Ledger(repository)
        run = tool.create(repository, source, options=["--deadline", "1e9"])
        assert run.code == 0 and run.seconds < SOON, run
        truthful(run, ledger)

    def test_after_the_commit_changes_nothing(self, tool, repository, source, truthful):
        ledger = Ledger(repository)
        run = tool.create(repository, source, options=["--deadline", "1.5"], pause="commit:2500")
        assert (run.code, run.outcome) == (0, "FINISHED"), run
        truthful(run, ledger)


class TestAnotherProcess:
    def test_cancel_and_wait(self, slow, tool, repository, truthful):
        ledger, running = Ledger(repository), slow()
        cancel = tool.cancel(repository, "--wait")
        assert (cancel.code, cancel.verdict, cancel.outcome) == (0, "CANCELLING", "CANCELLED"), cancel
        assert cancel.request_to_end_ms < SOON * 1000
        run = ended(running, ledger, USER, "GRACEFUL", "USER")
        assert (cancel.level, cancel.cause, cancel.effects) == (run.level, run.cause, run.effects)
        truthful(run, ledger)

    def test_every_verdict_on_the_way(self, slow, tool, repository, truthful):
        ledger, running = Ledger(repository), slow()
        running.signal(signal.SIGSTOP)
        told = [tool.cancel(repository, *options) for options in ([], [], ["--immediate"], ["--immediate"], [])]
        assert [run.verdict for run in told] == [
            "CANCELLING",
            "ALREADY_CANCELLING",
            "RAISED",
            "ALREADY_CANCELLING",
            "ALREADY_CANCELLING",
        ]
        assert [run.code for run in told] == [0] * 5
        running.signal(signal.SIGCONT)
        truthful(ended(running, ledger, USER, "IMMEDIATE", "USER"), ledger)
        assert tool.cancel(repository).code == NOT_NOW

    def test_before_a_worker_has_started(self, tool, repository, source, held, truthful):
        """PENDING: the requester is told CANCELLED, and no work is done at all."""
        ledger = Ledger(repository)
        (source / "more").write_bytes(b"more")
        running = tool.start_create(repository, source, pause="start:1000")
        begun(tool, repository, running)
        cancel = tool.cancel(repository)
        assert (cancel.code, cancel.verdict) == (0, "CANCELLED"), cancel
        run = running.end()
        assert (run.code, run.outcome, run.effects, run.new_chunks) == (USER, "CANCELLED", "NONE", 0), run
        truthful(run, ledger)
        (source / "more").unlink()

    def test_when_nothing_runs(self, tool, repository, held):
        cancel = tool.cancel(repository)
        assert cancel.code == NOT_NOW and "no create is running" in cancel.err, cancel
        assert tool.cancel(repository, "--immediate", "--wait").code == NOT_NOW
        held.stands()

    def test_waiting_for_a_backup_that_is_killed(self, tool, repository, source):
        running = tool.start_create(repository, source, pause="before-commit:20000")
        begun(tool, repository, running)
        running.signal(signal.SIGSTOP)
        cancel = tool.start("cancel", "--repo", repository.path, "--wait")
        time.sleep(0.3)
        assert cancel.process.poll() is None, "it did not wait"
        running.process.kill()
        assert running.end().code == -signal.SIGKILL
        told = cancel.end(patience=10)
        assert told.code != 0 and told.err.strip(), told
        assert tool.verify(repository).code == 0

    def test_the_list_shows_the_running_backup(self, slow, tool, repository):
        running = slow()
        listed = tool.list(repository)
        assert listed.code == 0 and str(running.pid) in listed.out and "%" in listed.out, listed
        assert "RUNNING" in listed.out.upper()
        running.signal(signal.SIGINT)
        running.end()
        assert str(running.pid) not in tool.list(repository).out


class TestTooLate:
    """The commit came first: the requester is told so, and the snapshot stands."""

    @pytest.fixture
    def committed(self, tool, repository, source):
        def start(milliseconds=1500):
            running = tool.start_create(repository, source, pause=f"commit:{milliseconds}")
            assert running.wait_for(lambda: "COMMITTED" in tool.list(repository).out.upper())
            return running

        return start

    @pytest.mark.parametrize("options", [[], ["--immediate"], ["--wait"]], ids=str)
    def test_cancel_from_another_process(
        self, tool, repository, source, committed, truthful, same_after_restore, options
    ):
        ledger, running = Ledger(repository), committed()
        assert not ledger.new_manifests(), "the manifest is in place before the commit was said"
        cancel = tool.cancel(repository, *options)
        assert (cancel.code, cancel.verdict) == (TOO_LATE, "TOO_LATE"), cancel
        run = running.end()
        assert (run.code, run.outcome) == (0, "FINISHED"), run
        if options == ["--wait"]:
            assert cancel.outcome == "FINISHED", cancel
        truthful(run, ledger)
        same_after_restore(repository, run.snapshot, source)

    @pytest.mark.parametrize(
        "signals", [[signal.SIGINT], [signal.SIGINT] * 2, [signal.SIGTERM]], ids=["once", "twice", "shutdown"]
    )
    def test_signals(self, repository, source, committed, truthful, same_after_restore, signals):
        ledger, running = Ledger(repository), committed()
        for number in signals:
            running.signal(number)
            time.sleep(0.1)
        run = running.end()
        assert (run.code, run.outcome) == (0, "FINISHED"), run
        assert set(run.verdicts) == {"TOO_LATE"}, run
        truthful(run, ledger)
        same_after_restore(repository, run.snapshot, source)


class TestExactlyOnce:
    """Swept across the commit, forty times or more: cancelled or done, as said, and never both or neither."""

    ROUNDS, AT_MOST, OF_EACH = 40, 400, 5
    PROMISED = {"CANCELLING": USER, "CANCELLED": USER, "TOO_LATE": 0, "FINISHED": 0}

    @pytest.fixture
    def tiny(self, tmp_path):
        return grow(tmp_path / "tiny", seed=4, files=4, largest=5000)

    def sweep(self, tool, repository, tiny, ask):
        """Asks earlier after each one that committed, and later after each that did not, however fast the
        machine is at the moment; until there are some of each."""
        delay = max(tool.create(repository, tiny).seconds for _ in range(3)) / 2
        ends = []
        while len(ends) < self.ROUNDS or min(ends.count(0), ends.count(USER)) < self.OF_EACH:
            assert len(ends) < self.AT_MOST, f"the sweep missed the commit: {ends}"
            (tiny / "fresh").write_bytes(content(len(ends), 500))
            ledger = Ledger(repository)
            running = tool.start_create(repository, tiny)
            time.sleep(delay)
            told = ask(running)
            run = running.end()
            ends.append(run.code)
            # Coarse at first, fine then; not in equal steps, for these would find the same delays again.
            step = 0.5 / min(len(ends), 8)
            delay *= 1 - step if run.code == 0 else 1 + step
            if run.code == -signal.SIGINT:  # before the tool had taken the signal over: nothing was begun
                assert not ledger.new_manifests(), run
                continue
            assert run.code in (0, USER), run
            assert not ledger.lies(run), f"{ledger.lies(run)}\n{run}"
            assert tool.verify(repository).code == 0
            for verdict in told or run.verdicts:
                assert run.code == self.PROMISED[verdict], f"told {verdict}, and then\n{run}"

    def test_ctrl_c(self, tool, repository, tiny):
        def press(running):
            if running.process.poll() is None:
                running.signal(signal.SIGINT)

        self.sweep(tool, repository, tiny, press)

    def test_from_another_process(self, tool, repository, tiny):
        def ask(running):
            while True:
                over = running.process.poll() is not None
                cancel = tool.cancel(repository)
                if cancel.code != NOT_NOW:
                    return [cancel.verdict]
                if over:
                    return []

        self.sweep(tool, repository, tiny, ask)

    def test_both_at_once(self, tool, repository, tiny, truthful):
        """Two processes and a signal ask together; one of them asked first, all are told the same end."""
        for number in range(10):
            (tiny / "fresh").write_bytes(content(number, 500))
            ledger = Ledger(repository)
            running = tool.start_create(repository, tiny, pause=f"before-commit:{100 + 5 * number}")
            begun(tool, repository, running)
            asking = [
                tool.start("cancel", "--repo", repository.path, *option) for option in ([], ["--immediate"])
            ]
            running.signal(signal.SIGINT)
            told = [cancel.end() for cancel in asking]
            run = running.end()
            truthful(run, ledger)
            firsts = sum(cancel.verdict == "CANCELLING" for cancel in told) + run.verdicts.count("CANCELLING")
            assert firsts == (run.code == USER), (run, *told)
