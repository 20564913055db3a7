"""Scripts with errors: each is told at its place, and nothing is simulated."""

from concurrent.futures import ThreadPoolExecutor

import check
import pytest

ERRORS = {
    "no TOML": ("[[writer\n", 1, None, ""),
    "a value that ends too early": ("seed = \n", 1, None, ""),
    "a key twice": ("seed = 1\nseed = 2\n", 2, None, ""),
    "no UTF-8": (b'[[writer]]\nname = "\xff"\n', 2, None, ""),
    "an unknown key": ("\nwriters = 1\n", 2, 1, "'writers' is not known"),
    "an unknown table": ("[limit]\nfreeze = 1\n", 1, 2, "'limit' is not known"),
    "an unknown notice": (
        '[[writer]]\nname = "A"\nthawing = {}\n',
        3,
        1,
        "'thawing' of a writer is not known",
    ),
    "an unknown key of a notice": (
        '[[writer]]\nname = "A"\nthaw = { delay = 1, vetoes = 1 }\n',
        3,
        21,
        "'vetoes' of thaw of 'A' is not known",
    ),
    "an unknown operation": (
        "[operation.snapshot]\ndelay = 1\n",
        1,
        12,
        "'snapshot' of 'operation' is not known",
    ),
    "a string for a number": (
        '[limits]\nfreeze = "60 s"\n',
        2,
        10,
        "'freeze' of the limits is to be a whole number of milliseconds",
    ),
    "a number for a flag": (
        "[operation.do_snapshot_set]\nignores_cancel = 1\n",
        2,
        18,
        "'ignores_cancel' of do_snapshot_set is to be true or false",
    ),
    "a fraction": ("seed = 1.5\n", 1, 8, "'seed' is to be a whole number"),
    "a negative delay": (
        "[provider]\ncommit = { delay = -1 }\n",
        2,
        20,
        "'delay' of 'commit' of the provider is to be from 0 to 3600000 milliseconds",
    ),
    "a limit of nothing": (
        "[limits]\nhold = 0\n",
        2,
        8,
        "'hold' of the limits is to be from 1 to 3600000 milliseconds",
    ),
    "no such code": (
        '[[writer]]\nname = "A"\nfreeze = { veto = "VSS_E_NO" }\n',
        3,
        19,
        "'veto' of freeze of 'A': there is no code of this name",
    ),
    "a code of success": (
        '[provider]\nready = { fails_with = "VSS_S_ASYNC_FINISHED" }\n',
        2,
        24,
        "'fails_with' of 'ready' of the provider: VSS_S_ASYNC_FINISHED is not a failure",
    ),
    "a number that is no failure": (
        "[operation.backup_complete]\nfails_with = 5\n",
        2,
        14,
        "'fails_with' of backup_complete: 0x00000005 is not a failure",
    ),
    "a writer without a name": ("[[writer]]\n", 1, None, "a writer without a 'name'"),
    "two writers of a name": (
        '[[writer]]\nname = "A"\n[[writer]]\nname = "A"\n',
        3,
        None,
        "a second writer 'A'",
    ),
    "a writer that is no table": ("writer = 1\n", 1, 10, "'writer' is to be tables: [[writer]]"),
    "no identifier": (
        '[[writer]]\nname = "A"\nclass_id = "4711"\n',
        3,
        12,
        "'class_id' of a writer is to be {xxxxxxxx-xxxx-xxxx-xxxx-…}",
    ),
    "an abort that hangs": (
        '[[writer]]\nname = "A"\nabort = { hangs = true }\n',
        3,
        19,
        "'hangs' of abort of 'A': nothing would end that but the process",
    ),
    "hangs and refuses": (
        '[[writer]]\nname = "A"\nthaw = { hangs = true, veto = "E_FAIL" }\n',
        3,
        31,
        "'veto' of thaw of 'A': it hangs already",
    ),
    "no such order": (
        '[provider]\nrace = "both"\n',
        2,
        8,
        "'race' of the provider is to be cancel_first, commit_first, end_first or seeded",
    ),
    "another requester without a time": (
        "[other_requester]\n",
        1,
        None,
        "the other requester without 'holds_set_for'",
    ),
}


@pytest.fixture(scope="module")
def runs(simulator, tmp_path_factory):
    folder = tmp_path_factory.mktemp("scripts")

    def run(item):
        place, (text, *_) = item
        path = folder / f"{place}.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return simulator.run("misuse", "create", scenario=path)

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(ERRORS, pool.map(run, enumerate(ERRORS.values())), strict=True))


@pytest.mark.parametrize("case", ERRORS)
def test_an_error(runs, case):
    _, line, column, message = ERRORS[case]
    run = runs[case]
    assert run.code == 0, "it has crashed"
    assert run.out.strip() == "CreateVssBackupComponents 0x80042302"
    error = run.report["scenario"]["error"]
    assert error["line"] == line
    assert error["column"] == column or (column is None and error["column"] >= 1)
    assert error["message"] == message or (not message and error["message"])
    assert f":{error['line']}:{error['column']}: {error['message']}" in run.err
    assert check.verdict(run.report)[0] == check.BAD_SCENARIO
    assert run.report["objects"] == []


def test_a_file_that_is_not_there(simulator, tmp_path):
    missing = tmp_path / "missing.toml"
    run = simulator.run("misuse", "create", scenario=missing)
    error = run.report["scenario"]["error"]
    assert run.out.strip() == "CreateVssBackupComponents 0x80042302"
    assert (error["line"], error["message"]) == (None, "cannot be read")
    assert f"vssapi: {missing}: cannot be read" in run.err


def test_a_folder_is_no_file(simulator, tmp_path):
    run = simulator.run("misuse", "create", scenario=tmp_path)
    assert run.report["scenario"]["error"]["message"] == "cannot be read"


def test_every_key_is_taken(simulator, scenario):
    """All keys of the README's reference at once, in a script that is good."""
    path = scenario(
        """
seed = 7
[provider]
name = "Provider"
ready = { delay = 1 }
commit = { delay = 1 }
race = "cancel_first"
race_window = 1
[limits]
freeze = 60000
hold = 10000
[operation.gather_writer_metadata]
delay = 1
ignores_cancel = true
[operation.prepare_for_backup]
delay = 1
[operation.do_snapshot_set]
delay = 1
[operation.gather_writer_status]
delay = 1
[operation.backup_complete]
fails_with = 0x80042319
[other_requester]
holds_set_for = 0
[[writer]]
name = "Wörter | Writer"
class_id = "{A6AD56C2-B509-4E6C-BB19-49D8F43532F0}"
instance_id = "{C11E4C2C-F0CB-4A9F-A9A8-1F6C2F8AD01A}"
prepare = { delay = 1 }
prepare_snapshot = { delay = 1 }
freeze = { delay = 1 }
thaw = { delay = 1 }
post_snapshot = { delay = 1, veto = "VSS_E_WRITERERROR_NONRETRYABLE" }
complete = { delay = 1 }
abort = { delay = 1 }
shutdown = { delay = 1 }
"""
    )
    run = simulator.run("misuse", "abort_after_complete", scenario=path)
    assert run.report["scenario"]["error"] is None, run.err
    writer = run.writer("Wörter | Writer")
    assert writer["class_id"] == "{A6AD56C2-B509-4E6C-BB19-49D8F43532F0}"
    assert writer["refused"] == 1
    complete = run.operation("BackupComplete")
    assert (complete["end"], complete["code"]) == ("failed", "VSS_E_WRITER_NOT_RESPONDING")
    assert "Wörter \\| Writer" in run.markdown
