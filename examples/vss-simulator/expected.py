"""What the report has to say of the two requesters in each scenario.

Written from the documents that the findings name, and from the table of AbortBackup in SPEC.md;
times are not compared.
"""

from dataclasses import dataclass, field


@dataclass
class Expected:
    """Of one requester in one scenario."""

    code: int
    """The requester's exit code: 0 backed up, 1 given up, 3 no VSS."""
    snapshot_end: str | None
    """How DoSnapshotSet ended, a failure with its code; None: it never began."""
    snapshot: str
    errors: list = field(default_factory=list)
    warnings: list = field(default_factory=list)
    cancels: list = field(default_factory=list)
    """What Cancel of DoSnapshotSet returned."""
    aborts: dict = field(default_factory=dict)
    """How often each writer is told of an abort; those that are not named: never."""
    lock_left: bool = False


TAKEN = "released with its object"
FINISHED = "VSS_S_ASYNC_FINISHED"
TOO_LATE = "VSS_E_BAD_STATE"
WRITER_FAILED = "failed with VSS_E_UNEXPECTED_WRITER_ERROR"
HOLD_DROPPED = "failed with VSS_E_HOLD_WRITES_TIMEOUT"
PROVIDER_FAILED = "failed with VSS_E_INSUFFICIENT_STORAGE"
UNFINISHED = ["complete-missing", "writers-not-asked"]
GIVEN_UP_UNDONE = ["finished-after-cancel-ignored", "orphaned-snapshot"]

EXPECTED = {
    "happy": (
        Expected(0, "finished", TAKEN),
        Expected(0, "finished", TAKEN, warnings=UNFINISHED),
    ),
    "slow-prepare": (
        Expected(1, None, "none", aborts={"Thorough Writer": 1}),
        Expected(
            1,
            None,
            "none",
            errors=[
                "abort-missing",
                "lock-left-held",
                "out-of-order",
                "pending-taken-for-success",
                "released-while-pending",
            ],
            lock_left=True,
        ),
    ),
    "slow-freeze": (
        Expected(1, "cancelled", "none", cancels=["S_OK"], aborts={"Slow Writer": 1}),
        Expected(
            1,
            "pending",
            "none",
            errors=["abort-missing", "lock-left-held", "released-while-pending"],
            cancels=["S_OK"],
            lock_left=True,
        ),
    ),
    "veto": (
        Expected(1, WRITER_FAILED, "none", aborts={"Healthy Writer": 1, "Refusing Writer": 1}),
        Expected(
            1,
            WRITER_FAILED,
            "none",
            errors=["abort-missing"],
            aborts={"Healthy Writer": 1, "Refusing Writer": 1},
        ),
    ),
    "freeze-timeout": (
        Expected(1, WRITER_FAILED, "none", aborts={"Hanging Writer": 1, "Healthy Writer": 1}),
        Expected(
            1,
            WRITER_FAILED,
            "none",
            errors=["abort-missing"],
            aborts={"Hanging Writer": 1, "Healthy Writer": 1},
        ),
    ),
    "hold-timeout": (
        Expected(1, HOLD_DROPPED, "none", aborts={"Healthy Writer": 1}),
        Expected(1, HOLD_DROPPED, "none", errors=["abort-missing"], aborts={"Healthy Writer": 1}),
    ),
    "provider-failure": (
        Expected(1, PROVIDER_FAILED, "none", aborts={"Healthy Writer": 1}),
        Expected(1, PROVIDER_FAILED, "none", errors=["abort-missing"], aborts={"Healthy Writer": 1}),
    ),
    "cancel-before-commit": (
        Expected(1, "cancelled", "none", cancels=["S_OK"], aborts={"Healthy Writer": 1}),
        Expected(
            1,
            "cancelled",
            "none",
            errors=["abort-missing"],
            cancels=["S_OK"],
            aborts={"Healthy Writer": 1},
        ),
    ),
    "cancel-after-commit": (
        Expected(1, "finished", "deleted", cancels=[TOO_LATE]),
        Expected(
            1,
            "finished",
            "orphaned",
            errors=["orphaned-snapshot", "too-late-cancel-ignored"],
            cancels=[TOO_LATE],
        ),
    ),
    "cancel-after-end": (
        Expected(1, "finished", "deleted", cancels=[FINISHED]),
        Expected(1, "finished", "orphaned", errors=GIVEN_UP_UNDONE, cancels=[FINISHED]),
    ),
    "ignores-cancel": (
        Expected(1, "finished", "deleted", cancels=[FINISHED]),
        Expected(1, "finished", "orphaned", errors=GIVEN_UP_UNDONE, cancels=[FINISHED]),
    ),
    "other-requester": (
        Expected(0, "finished", TAKEN),
        Expected(1, None, "none", errors=["leaked-reference", "out-of-order", "out-of-order"]),
    ),
}
"""By scenario: the well-behaved requester, and the careless one."""

BROKEN = {"line": 4, "column": 12, "message": "'dealy' of freeze of 'Registry Writer' is not known"}


def end_of(operation):
    failed = operation["end"] == "failed"
    return f"failed with {operation['code']}" if failed else operation["end"]


def differences(run, expected):
    """What the report says otherwise, in words."""
    found = []

    def compare(what, got, wanted):
        if got != wanted:
            found.append(f"{what}: {got}, not {wanted}")

    if run.report is None:
        return ["no report"]
    began = [each for each in run.report["operations"] if each["method"] == "DoSnapshotSet"]
    compare("exit code", run.code, expected.code)
    compare("process", run.report["process"]["state"], "exited")
    compare("errors", run.findings("error"), expected.errors)
    compare("warnings", run.findings("warning"), expected.warnings)
    compare("DoSnapshotSet", end_of(began[-1]) if began else None, expected.snapshot_end)
    compare("Cancel", began[-1]["cancels"] if began else [], expected.cancels)
    compare("snapshot", run.report["objects"][0]["snapshot"], expected.snapshot)
    aborts = {each["name"]: each["told_abort"] for each in run.report["writers"] if each["told_abort"]}
    compare("aborts", aborts, expected.aborts)
    compare("lock left held", run.report["lock"]["left_held"], expected.lock_left)
    return found
