"""The two requesters in every scenario, and what a report holds of a run that went well."""

from concurrent.futures import ThreadPoolExecutor

import check
import pytest
from expected import BROKEN, EXPECTED, differences
from simulator import SCENARIOS

REQUESTERS = ("well_behaved", "careless")
LIMIT_MS = 1000
JOBS = [(name, requester) for name in EXPECTED for requester in REQUESTERS]


@pytest.fixture(scope="module")
def runs(simulator):
    """Every scenario with both requesters, two at a time."""

    def run(job):
        name, requester = job
        return simulator.run(requester, LIMIT_MS, scenario=SCENARIOS / f"{name}.toml")

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(JOBS, pool.map(run, JOBS), strict=True))


def test_every_scenario_is_expected():
    assert {path.stem for path in SCENARIOS.glob("*.toml")} == {*EXPECTED, "broken"}


@pytest.mark.parametrize("job", JOBS, ids="-".join)
def test_report(runs, job):
    name, requester = job
    run = runs[job]
    assert not differences(run, EXPECTED[name][REQUESTERS.index(requester)]), run.markdown
    assert run.report["process"]["executable"] == f"{requester}.exe"


@pytest.mark.parametrize("name", EXPECTED)
def test_the_report_tells_them_apart(runs, name):
    well_behaved, careless = (check.verdict(runs[name, who].report, strict=True)[0] for who in REQUESTERS)
    assert (well_behaved, careless) == (0, check.FINDINGS)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_well_behaved_leaves_nothing(runs, name):
    report = runs[name, "well_behaved"].report
    for each in [*report["objects"], *report["operations"]]:
        assert each["references"] == "released", each
        assert each["destroyed"], each
    assert not report["lock"]["left_held"]


@pytest.mark.parametrize("job", JOBS, ids="-".join)
def test_whoever_was_frozen_is_thawed_or_told_of_an_abort(runs, job):
    for writer in runs[job].report["writers"]:
        told = [each["notice"] for each in writer["notices"]]
        if "freeze" in told and not writer["silent"]:
            assert {"thaw", "abort"} & set(told[told.index("freeze") :]), told
        assert told.count("abort") <= 1, told


def test_the_order_of_the_notices(runs):
    for writer in runs["happy", "well_behaved"].report["writers"]:
        assert [each["notice"] for each in writer["notices"]] == [
            "prepare",
            "prepare_snapshot",
            "freeze",
            "thaw",
            "post_snapshot",
            "complete",
            "shutdown",
        ]


def test_the_verdict_stands_beside_the_code(runs):
    def said(name, method):
        calls = runs[name, "well_behaved"].report["calls"]
        return [(each["code"], each["verdict"]) for each in calls if each["method"] == method]

    assert said("cancel-before-commit", "Cancel") == [("S_OK", "CANCELLING")]
    assert said("cancel-after-commit", "Cancel") == [("VSS_E_BAD_STATE", "TOO_LATE")]
    assert said("cancel-after-end", "Cancel") == [("VSS_S_ASYNC_FINISHED", "FINISHED")]
    assert said("ignores-cancel", "Cancel") == [("VSS_S_ASYNC_FINISHED", "REQUESTED")]
    assert said("other-requester", "StartSnapshotSet")[0] == ("VSS_E_SNAPSHOT_SET_IN_PROGRESS", "BUSY")
    assert said("other-requester", "StartSnapshotSet")[-1] == ("S_OK", "OK")
    assert said("veto", "AbortBackup") == [("S_OK", "IGNORED")]
    assert said("happy", "GetSnapshotProperties") == [("S_OK", None)]


def test_writers_frozen_for_too_long(runs):
    hanging = runs["freeze-timeout", "well_behaved"].writer("Hanging Writer")
    assert hanging["frozen_too_long"] and hanging["frozen_ms"] > 150
    slow = runs["slow-freeze", "well_behaved"].writer("Slow Writer")
    assert not slow["frozen_too_long"] and slow["frozen_ms"] >= 2400


def test_the_provider_is_named(runs):
    steps = [
        (each["step"], each["code"]) for each in runs["provider-failure", "well_behaved"].report["provider"]
    ]
    assert steps == [("ready", "S_OK"), ("commit", "VSS_E_INSUFFICIENT_STORAGE")]
    deleted = [each["step"] for each in runs["cancel-after-end", "well_behaved"].report["provider"]]
    assert deleted == ["ready", "commit", "delete"]


@pytest.mark.parametrize("job", JOBS, ids="-".join)
def test_the_markdown_says_the_same(runs, job):
    run = runs[job]
    for each in run.report["findings"]:
        assert f"| {each['id']} | {each['severity']} |" in run.markdown
        assert each["rule"] in run.markdown
    for each in run.report["operations"]:
        assert f"| {each['number']} | {each['object']} | {each['method']} | {each['end']} |" in run.markdown
    assert ("No findings." in run.markdown) == (not run.report["findings"])


def test_a_broken_script(simulator):
    for requester in REQUESTERS:
        path = SCENARIOS / "broken.toml"
        run = simulator.run(requester, LIMIT_MS, scenario=path)
        error = run.report["scenario"]["error"]
        assert run.code == 3
        assert {key: error[key] for key in BROKEN} == BROKEN
        assert f"vssapi: {path}:4:12: {BROKEN['message']}" in run.err
        assert f"{path}:4:12: {BROKEN['message']}" in run.markdown
        assert check.verdict(run.report)[0] == check.BAD_SCENARIO
        assert [each["code"] for each in run.report["calls"]] == ["VSS_E_UNEXPECTED"]


@pytest.mark.parametrize("seed, told", [(0, "S_OK"), (1, "VSS_E_BAD_STATE"), (2, "VSS_S_ASYNC_FINISHED")])
def test_a_seed_chooses_the_order(simulator, scenario, seed, told):
    path = scenario(f'seed = {seed}\n[provider]\nrace = "seeded"\n')
    run = simulator.run("well_behaved", 300, scenario=path)
    assert run.operation("DoSnapshotSet")["cancels"] == [told]


def test_without_a_scenario_there_is_one_healthy_writer(simulator):
    run = simulator.run("well_behaved", 5000)
    assert run.code == 0
    assert run.report["scenario"] == {"file": None, "error": None}
    assert [each["name"] for each in run.report["writers"]] == ["Healthy Writer"]
    assert check.verdict(run.report, strict=True) == (0, [])
