"""A damaged repository: verify finds it, restore does not pass it on, the rest is still there."""

import shutil

import pytest
from driver import ERROR, NOT_NOW, Ledger, restored
from trees import content


def flip(path, at):
    old = path.read_bytes()
    place = int(at * (len(old) - 1))
    path.write_bytes(old[:place] + bytes([old[place] ^ 0x20]) + old[place + 1 :])


DAMAGES = {
    "first byte": lambda path: flip(path, 0),
    "header": lambda path: flip(path, 0.0002),
    "middle": lambda path: flip(path, 0.5),
    "last byte": lambda path: flip(path, 1),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-5]),
    "empty": lambda path: path.write_bytes(b""),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"!"),
    "doubled": lambda path: path.write_bytes(path.read_bytes() * 2),
    "missing": lambda path: path.unlink(),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.fixture
def two(tool, repository, tmp_path):
    """Two snapshots that share no chunk; the first is to be damaged, the second to survive."""

    class Two:
        first_source, second_source = tmp_path / "first", tmp_path / "second"

    for source in (Two.first_source, Two.second_source):
        source.mkdir()
        (source / "file").write_bytes(content(source.name, 30_000))
    ledger = Ledger(repository)
    Two.first = tool.create(repository, Two.first_source).snapshot
    Two.chunk = next(iter(ledger.new_chunks()))
    Two.second = tool.create(repository, Two.second_source).snapshot
    return Two


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_chunk(tool, repository, two, tmp_path, same_after_restore, damage):
    damage(two.chunk)
    verified = tool.verify(repository)
    assert verified.code == ERROR, verified
    assert two.chunk.name[:12] in verified.err + verified.out, verified
    assert tool.verify(repository, two.first).code == ERROR
    assert tool.verify(repository, two.second).code == 0
    restoring = tool.restore(repository, two.first, tmp_path / "target")
    assert restoring.code == ERROR and "file" in restoring.err, restoring
    wrong = restored(tmp_path / "target", two.first_source) / "file"
    assert not wrong.exists() or wrong.read_bytes() == (two.first_source / "file").read_bytes()
    same_after_restore(repository, two.second, two.second_source)


def test_a_missing_chunk_is_stored_again(tool, repository, two, same_after_restore):
    two.chunk.unlink()
    assert tool.verify(repository).code == ERROR
    assert tool.create(repository, two.first_source).new_chunks == 1
    assert tool.verify(repository).code == 0
    same_after_restore(repository, two.first, two.first_source)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_manifest(tool, repository, two, tmp_path, same_after_restore, damage):
    manifest = repository.manifests()[two.first]
    whole = manifest.read_bytes()
    damage(manifest)
    if manifest.exists():
        verified = tool.verify(repository)
        assert verified.code == ERROR, verified
        assert two.first in verified.err + verified.out, verified
    assert tool.verify(repository, two.first).code == ERROR
    assert tool.verify(repository, two.second).code == 0
    assert tool.restore(repository, two.first, tmp_path / "target").code == ERROR
    listed = tool.list(repository)
    assert two.second in listed.out, listed
    same_after_restore(repository, two.second, two.second_source)
    ledger = Ledger(repository)
    again = tool.create(repository, two.first_source)
    assert again.code == 0 and again.new_chunks == 0 and len(ledger.new_manifests()) == 1, again
    same_after_restore(repository, "latest", two.first_source)
    if manifest.is_dir():
        manifest.rmdir()
    manifest.write_bytes(whole)
    assert tool.verify(repository).code == 0


def test_every_byte_of_a_manifest_counts(tool, repository, two):
    manifest = repository.manifests()[two.first]
    whole = manifest.read_bytes()
    for place in range(0, len(whole), max(1, len(whole) // 60)):
        manifest.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        verified = tool.verify(repository, two.first)
        assert verified.code == ERROR, f"byte {place} of {len(whole)} does not count\n{verified}"
    manifest.write_bytes(whole)
    assert tool.verify(repository).code == 0


def test_unreferenced_chunks_are_counted_and_no_damage(tool, repository, two):
    repository.manifests()[two.first].unlink()
    verified = tool.verify(repository)
    assert verified.code == 0 and "unreferenced: 1 " in verified.out, verified


def test_a_chunk_under_another_name(tool, repository, two):
    """A chunk that is whole, yet not what its name says: the name is the hash of its content."""
    second = next(entry for entry in repository.chunks() if entry != two.chunk)
    shutil.copyfile(second, two.chunk)
    verified = tool.verify(repository)
    assert verified.code == ERROR, verified


@pytest.mark.parametrize("bytes_", [b"noise", b"\xff" * 8192, bytes(4096)], ids=["short", "ones", "zeroes"])
def test_a_garbled_running_file_is_not_taken_for_one(tool, repository, two, bytes_):
    """It may be another program's: refused by name, left alone, and no harm once it is removed."""
    running = repository.path / "running"
    running.write_bytes(bytes_)
    for run in (tool.cancel(repository), tool.create(repository, two.first_source)):
        assert run.code == ERROR and "running" in run.err, run
    assert running.read_bytes() == bytes_
    assert tool.verify(repository).code == 0
    running.unlink()
    assert tool.cancel(repository).code == NOT_NOW
    created = tool.create(repository, two.first_source)
    assert created.code == 0, created


def test_an_empty_running_file_is_one_that_was_never_begun(tool, repository, two):
    (repository.path / "running").write_bytes(b"")
    assert tool.cancel(repository).code == NOT_NOW
    assert tool.create(repository, two.first_source).code == 0
    assert tool.verify(repository).code == 0
