"""Bad input gets a clear error, the promised exit code, and costs nothing that was there before."""

import os
import re

import pytest
from driver import ERROR, NOT_NOW, UNREADABLE, USAGE, Ledger, restored


def refused(run, code, *words):
    """`run` failed as promised, and its error names what was wrong."""
    assert run.code == code, run
    for word in words:
        assert word.lower() in run.err.lower(), f"{word!r} is not in the error\n{run}"
    assert "terminate called" not in run.err and "runtime error" not in run.err, run


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["frobnicate"],
        ["create"],
        ["create", "--repo", "r"],
        ["create", "s"],
        ["create", "--repo", "r", "s", "--frobnicate"],
        ["create", "--repo", "r", "s", "--deadline", "soon"],
        ["create", "--repo", "r", "s", "--deadline", "-1"],
        ["create", "--repo", "r", "s", "--deadline", "nan"],
        ["create", "--repo", "r", "s", "--threads", "0"],
        ["create", "--repo", "r", "s", "--threads", "-1"],
        ["create", "--repo", "r", "s", "--threads", "99999999999999999999"],
        ["create", "--repo", "r", "s", "--limit-rate", "0"],
        ["create", "--repo", "r", "s", "--limit-rate", "-5"],
        ["restore", "--repo", "r"],
        ["restore", "--repo", "r", "latest"],
        ["restore", "--repo", "r", "latest", "t", "more"],
        ["verify"],
        ["list"],
        ["cancel"],
        ["cancel", "--repo", "r", "--eventually"],
    ],
    ids=" ".join,
)
def test_wrong_usage(tool, tmp_path, words):
    (tmp_path / "s").mkdir()
    run = tool.run(*words, cwd=tmp_path)
    refused(run, USAGE)
    assert run.err.strip() or run.out.strip(), "not a word about what was wrong"
    assert [entry.name for entry in tmp_path.iterdir()] == ["s"]


def test_help_is_no_error(tool):
    run = tool.run("--help")
    assert run.code == 0
    assert all(command in run.out for command in ("create", "list", "verify", "restore", "cancel"))


def test_missing_source(tool, repository, held, tmp_path):
    ledger = Ledger(repository)
    run = tool.create(repository, tmp_path / "not there")
    refused(run, ERROR, "not there", "no such file")
    assert not ledger.new_manifests() and not ledger.new_chunks()
    run = tool.create(repository, tmp_path / "source", tmp_path / "not there")
    assert run.code in (ERROR, UNREADABLE) and "not there" in run.err, run
    assert (run.code == UNREADABLE) == bool(ledger.new_manifests())
    held.stands()


@pytest.fixture
def unprivileged(tool):
    """The tool without the capabilities that read what the modes forbid; of no effect on a common user."""
    if os.geteuid() != 0:
        return tool
    return tool.behind("setpriv", "--bounding-set=-dac_override,-dac_read_search")


def test_unreadable_file_and_folder(unprivileged, tool, repository, source, truthful, tmp_path):
    secret, closed, entered = source / "secret file", source / "closed folder", source / "folder without search"
    secret.write_bytes(b"secret")
    closed.mkdir()
    (closed / "inside").write_bytes(b"inside")
    entered.mkdir()
    (entered / "hidden").write_bytes(b"hidden")
    os.link(secret, source / "second name")
    secret.chmod(0)
    closed.chmod(0)
    entered.chmod(0o600)
    control = unprivileged.behind(*unprivileged.prefix, "cat")
    control.path = str(secret)
    assert (
        control.run().code != 0
    ), "the file can be read in spite of its mode: this machine cannot run the test"

    ledger = Ledger(repository)
    run = unprivileged.create(repository, source)
    refused(run, UNREADABLE, "secret file", "second name", "closed folder", "hidden", "permission denied")
    assert run.outcome == "FINISHED"
    truthful(run, ledger)
    target = tmp_path / "target"
    assert tool.restore(repository, "latest", target).code == 0
    found = restored(target, source)
    assert not (found / "secret file").exists() and not (found / "second name").exists()
    assert (found / "folder 1" / "file 1").read_bytes() == (source / "folder 1" / "file 1").read_bytes()
    for path in (closed, entered):
        path.chmod(0o700)


def test_nothing_readable_at_all(unprivileged, repository, source):
    source.chmod(0)
    run = unprivileged.create(repository, source)
    source.chmod(0o700)
    assert run.code in (ERROR, UNREADABLE), run
    assert "permission denied" in run.err.lower(), run
    assert (run.code == UNREADABLE) == (run.outcome == "FINISHED") == bool(repository.manifests()), run


def test_repository_that_cannot_be_written(unprivileged, tool, repository, source, held):
    folders = [repository.path, *(path for path in repository.path.rglob("*") if path.is_dir())]
    (source / "more").write_bytes(b"more")
    for folder in folders:
        folder.chmod(0o500)
    run = unprivileged.create(repository, source)
    for folder in folders:
        folder.chmod(0o700)
    refused(run, ERROR, "permission denied")
    (source / "more").unlink()
    os.utime(source, ns=(0, 0))
    assert [held.snapshot] == list(repository.manifests())
    assert tool.create(repository, source).code == 0


@pytest.mark.parametrize(
    "words",
    [["list"], ["verify"], ["restore", "latest", "t"], ["create", "source"], ["cancel"]],
    ids=lambda words: words[0],
)
class TestForeignRepositories:
    """Each command, on what is not a repository of this version."""

    def run(self, tool, tmp_path, words, repository):
        return tool.run(words[0], "--repo", repository.path, *words[1:], cwd=tmp_path)

    def test_another_version(self, tool, repository, held, tmp_path, words):
        path = repository.path / "format"
        ours = path.read_text()
        numbers = re.findall(r"\d+", ours)
        assert numbers, "the format file names no version"
        for theirs in (re.sub(r"\d+", lambda found: str(int(found[0]) + 1), ours), re.sub(r"\d+", "0", ours)):
            path.write_text(theirs)
            before = repository.state()
            refused(self.run(tool, tmp_path, words, repository), ERROR, "version")
            assert repository.state() == before
        path.write_text(ours)
        held.stands()

    @pytest.mark.parametrize(
        "bytes_",
        [b"", b"\n", b"something else 1\n", b"\xff" * 4096, b"qbackup"],
        ids=["empty", "line", "name", "noise", "half"],
    )
    def test_a_format_file_of_something_else(self, tool, repository, held, tmp_path, words, bytes_):
        path = repository.path / "format"
        ours = path.read_bytes()
        path.write_bytes(bytes_)
        refused(self.run(tool, tmp_path, words, repository), ERROR, "format")
        path.write_bytes(ours)
        held.stands()

    def test_a_folder_of_something_else(self, tool, repository, source, tmp_path, words):
        repository.path.mkdir()
        (repository.path / "letters").write_bytes(b"mine")
        refused(self.run(tool, tmp_path, words, repository), ERROR, "repository")
        assert [entry.name for entry in repository.path.iterdir()] == ["letters"]

    def test_a_file_in_its_place(self, tool, repository, source, tmp_path, words):
        repository.path.write_bytes(b"mine")
        refused(self.run(tool, tmp_path, words, repository), ERROR)
        assert repository.path.read_bytes() == b"mine"


@pytest.mark.parametrize(
    "words", [["list"], ["verify"], ["restore", "latest", "t"], ["cancel"]], ids=lambda words: words[0]
)
def test_no_repository_is_made_but_by_create(tool, tmp_path, words):
    run = tool.run(words[0], "--repo", tmp_path / "nowhere", *words[1:], cwd=tmp_path)
    refused(run, ERROR, "nowhere")
    assert list(tmp_path.iterdir()) == []


def test_restore_onto_what_is_there(tool, repository, held, tmp_path):
    target = tmp_path / "target"
    target.mkdir()
    (target / "mine").write_bytes(b"mine")
    refused(tool.restore(repository, "latest", target), ERROR, "not empty")
    assert [entry.name for entry in target.iterdir()] == ["mine"]
    refused(tool.restore(repository, "latest", target / "mine"), ERROR)
    assert (target / "mine").read_bytes() == b"mine"
    (target / "mine").unlink()
    assert tool.restore(repository, "latest", target).code == 0, "an empty folder is a fine target"


def test_restore_of_an_unknown_snapshot(tool, repository, held, tmp_path):
    for name in ("no-such-snapshot", "", "../snapshots/" + held.snapshot, held.snapshot[:-1], "/etc/passwd"):
        run = tool.restore(repository, name, tmp_path / "target")
        assert run.code in (ERROR, USAGE), run
        assert name in run.err and run.err.strip(), run
        assert not (tmp_path / "target").exists()
    refused(tool.verify(repository, "no-such-snapshot"), ERROR, "no-such-snapshot")


def test_latest_of_nothing(tool, repository, source, tmp_path):
    cancelled = tool.create(repository, source, options=["--deadline", "0"])
    assert cancelled.code == 124, cancelled
    refused(tool.restore(repository, "latest", tmp_path / "target"), ERROR, "snapshot")
    assert tool.list(repository).code == 0


def test_two_creates_at_once(tool, repository, source, held, truthful):
    (source / "more").write_bytes(b"more")
    ledger = Ledger(repository)
    first = tool.start_create(repository, source, pause="before-commit:1500")
    assert first.wait_for(lambda: str(first.pid) in tool.list(repository).out)
    second = tool.create(repository, source)
    refused(second, NOT_NOW, "another create")
    ended = first.end()
    assert ended.code == 0, ended
    truthful(ended, ledger)
    assert tool.create(repository, source).code == 0, "the first has ended and still stands in the way"
    (source / "more").unlink()
