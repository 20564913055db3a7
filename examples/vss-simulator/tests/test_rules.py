"""Each rule, broken by a requester that breaks it and no other; and how processes end."""

import time

import check
import pytest
from simulator import HERE, SCENARIOS

SLOW = HERE / "tests" / "slow-commit.toml"

CASES = {
    "abort_not_initialised": ["abort-not-initialised"],
    "abort_twice": ["abort-twice"],
    "abort_after_complete": ["abort-after-complete"],
    "cancelled_taken_for_success": ["cancelled-taken-for-success"],
    "pending_taken_for_success": ["out-of-order", "pending-taken-for-success"],
    "wait_timeout_ignored": ["released-while-pending", "wait-timeout-ignored"],
    "status_not_looked_at": ["status-not-looked-at"],
    "abort_missing_before_snapshot": ["abort-missing"],
    "snapshot_left": ["complete-missing"],
    "null_pointers": [],
    "many_threads": [],
}
"""What is found of the backup object of each; the objects are numbered in this order."""


@pytest.fixture(scope="module")
def misused(simulator):
    return simulator.run("misuse", *CASES, scenario=SLOW)


@pytest.mark.parametrize("case", CASES)
def test_a_broken_rule(misused, case):
    number = [*CASES].index(case) + 1
    found = sorted(each["id"] for each in misused.report["findings"] if each["object"] == number)
    assert found == CASES[case], misused.markdown


def test_nothing_is_found_of_nobody(misused):
    assert all(each["object"] for each in misused.report["findings"])
    assert len(misused.report["objects"]) == len(CASES)


def test_no_object_is_left(misused):
    for each in [*misused.report["objects"], *misused.report["operations"]]:
        assert each["destroyed"], each


def test_codes(misused):
    said = misused.out.split()
    assert said[said.index("CreateVssBackupComponents") + 1] == "0x80070057"
    assert said[said.index("GatherWriterMetadata") + 1] == "0x80070057"
    assert said[said.index("QueryStatus") + 1] == "0x80070057"
    cancels = [said[place + 1] for place, word in enumerate(said) if word == "Cancel"]
    assert cancels[:2] == ["0x00000000", "0x0004230B"]


def test_a_requester_that_polls_is_a_few_lines(misused):
    number = [*CASES].index("many_threads") + 1
    looks = [
        each
        for each in misused.report["calls"]
        if each["object"] == number and each["method"] == "QueryStatus"
    ]
    assert sum(each["times"] for each in looks) > len(looks)
    # Eight threads, and two things to be seen; PrepareForBackup's look beside.
    assert len(looks) <= 40


def test_failed_taken_for_success(simulator):
    run = simulator.run("misuse", "failed_taken_for_success", scenario=SCENARIOS / "provider-failure.toml")
    assert run.findings() == ["failed-taken-for-success", "out-of-order"]
    assert run.report["operations"][1]["code"] == "VSS_E_INSUFFICIENT_STORAGE"


def test_after_a_failed_prepare_release_alone_will_do(simulator, scenario):
    path = scenario('[operation.prepare_for_backup]\nfails_with = "VSS_E_WRITER_INFRASTRUCTURE"\n')
    run = simulator.run("misuse", "prepare_failed", scenario=path)
    assert run.operation("PrepareForBackup")["code"] == "VSS_E_WRITER_INFRASTRUCTURE"
    assert run.findings() == []


def test_a_report_that_cannot_be_written(simulator, tmp_path):
    nowhere = tmp_path / "nowhere" / "report"
    run = simulator.run("misuse", "create", environment={"QUELL_VSS_REPORT": nowhere})
    assert run.out.strip() == "CreateVssBackupComponents 0x00000000"
    assert run.err.count("the report cannot be written") == 1


def test_without_a_place_for_it_there_is_no_report(simulator):
    run = simulator.run("misuse", "create", environment={"QUELL_VSS_REPORT": ""})
    assert run.out.strip() == "CreateVssBackupComponents 0x00000000"
    assert (run.report, run.err) == (None, "")


def test_the_other_exports(simulator):
    run = simulator.run("misuse", "others")
    assert run.code == 0
    assert [line.split()[-1] for line in run.out.splitlines()] == [
        "0x00000000",
        "0x00000000",
        "0x80070057",
        "0x00000000",
        "0x00000000",
        "0x80004001",
        "0x80042304",
    ]
    assert run.report is None
    assert check.verdict(run.report)[0] == check.NO_REPORT


def test_a_process_that_ends_with_everything_alive(simulator):
    run = simulator.run("misuse", "ended_while_pending", scenario=SLOW)
    assert run.code == 0
    assert run.report["process"]["state"] == "exited"
    assert run.findings() == [
        "abort-missing",
        "ended-while-pending",
        "leaked-reference",
        "leaked-reference",
        "lock-left-held",
    ]
    assert run.report["objects"][0]["references"] == "held"
    assert run.operation("DoSnapshotSet")["references"] == "held"
    assert run.operation("DoSnapshotSet")["end"] == "pending"


def test_exits_in_the_middle_of_a_report(simulator):
    """Threads are stopped while they write: the report of the end is there all the same, or the
    one before it is whole."""
    for _ in range(10):
        run = simulator.run("misuse", "wait_timeout_ignored", "ended_while_pending")
        assert run.report is not None
        assert run.markdown.startswith("# VSS report of misuse.exe")


def test_a_requester_that_is_killed(simulator, scenario):
    """What it had done until then is there, and the report says that it is not the end."""
    path = scenario('[[writer]]\nname = "Hanging Writer"\nprepare = { hangs = true }\n')
    report = simulator.fresh_report()
    running = simulator.start("well_behaved", 60000, scenario=path, report=report)
    until = time.monotonic() + 30
    seen = None
    while time.monotonic() < until:
        seen, _ = simulator.reports(report)
        if seen and any(each["method"] == "PrepareForBackup" for each in seen["operations"]):
            break
        time.sleep(0.05)
    running.kill()
    running.wait()
    seen, markdown = simulator.reports(report)
    assert seen["process"]["state"] == "running"
    prepare = seen["operations"][-1]
    assert (prepare["method"], prepare["end"], prepare["references"]) == (
        "PrepareForBackup",
        "pending",
        "held",
    )
    assert "was killed" in markdown
    assert check.verdict(seen)[0] == check.NOT_ENDED
