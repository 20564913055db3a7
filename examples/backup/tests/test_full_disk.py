"""A disk that fills up at every place where it can: an error, no snapshot, nothing lost."""

import os

import pytest
from driver import ERROR, Ledger, Repository, restored
from trees import content, describe, differences, grow, grow_alike

PAGE = 4096


@pytest.fixture
def disk(small_disk, tool):
    small_disk.tool = tool.behind(*small_disk.enter)
    small_disk.repository = Repository(small_disk.inside / "repository")
    small_disk.path = small_disk.mount_point / "repository"
    return small_disk


def used(disk):
    status = os.statvfs(disk.inside)
    return (status.f_blocks - status.f_bfree) * status.f_frsize


def full(run):
    return run.code == ERROR and "no space" in run.err.lower()


def test_full_at_every_size(disk, tmp_path):
    """From a disk of one page to one that suffices: error or whole, nothing between."""
    source = grow(tmp_path / "source", seed=7, files=12, largest=12_000)
    disk.resize(1 << 24)
    assert disk.tool.create(disk.path, source).code == 0
    enough = used(disk)
    codes, failed_with_chunks = [], 0
    for size in range(PAGE, enough + 3 * PAGE, PAGE):
        disk.resize(size)
        run = disk.tool.create(disk.path, source)
        assert full(run) or run.code == 0, run
        codes.append(run.code)
        assert bool(disk.repository.manifests()) == (run.code == 0), run
        assert not disk.repository.temporaries(), run
        if run.code == ERROR:
            failed_with_chunks += bool(disk.repository.chunks())
            disk.extend(1 << 24)
            again = disk.tool.create(disk.path, source)
            assert again.code == 0, f"after a full disk of {size}: {again}"
        assert disk.tool.verify(disk.path).code == 0
    assert codes[0] == ERROR and codes[-1] == 0, codes
    assert failed_with_chunks > 5, "the disk never filled up between two chunks"


def test_out_of_inodes(disk, tmp_path):
    source = grow(tmp_path / "source", seed=8, files=12, largest=12_000)
    codes = []
    for inodes in [*range(2, 8), *range(20, 320, 25), *range(260, 290, 3)]:
        disk.resize(1 << 24, inodes)
        run = disk.tool.create(disk.path, source)
        assert full(run) or run.code == 0, run
        codes.append(run.code)
        assert bool(disk.repository.manifests()) == (run.code == 0), run
        disk.extend(1 << 24)
        assert disk.tool.create(disk.path, source).code == 0
        assert disk.tool.verify(disk.path).code == 0
    assert set(codes) == {ERROR, 0}, codes


def test_full_before_the_first_byte(disk, tmp_path):
    """Not even the page fits in which the operation is shared: an error, and no fatal signal."""
    source = grow(tmp_path / "source", seed=9, files=3, largest=3000)
    disk.resize(64 * PAGE)
    ballast = disk.inside / "ballast"
    with pytest.raises(OSError), open(ballast, "wb", buffering=0) as file:
        while file.write(bytes(PAGE)):
            pass
    run = disk.tool.create(disk.path, source)
    assert full(run), run
    ballast.unlink()
    assert disk.tool.create(disk.path, source).code == 0
    assert disk.tool.verify(disk.path).code == 0


def test_full_at_the_manifest(disk, tmp_path):
    """All chunks fit, the manifest does not: no snapshot, no half of one."""
    source = grow_alike(tmp_path / "source", 3000)
    disk.resize(1 << 20)
    small = tmp_path / "small"
    small.mkdir()
    assert disk.tool.create(disk.path, small).code == 0
    (small / "alike").write_bytes(b"alike\n")
    ledger = Ledger(disk.repository)
    assert disk.tool.create(disk.path, small).code == 0
    assert len(ledger.new_chunks()) == 1
    disk.extend(used(disk) + 4 * PAGE)
    ledger = Ledger(disk.repository)
    run = disk.tool.create(disk.path, source)
    assert full(run), run
    assert run.outcome == "FAILED" and run.snapshot is None, run
    assert not ledger.lies(run), ledger.lies(run)
    assert disk.tool.verify(disk.path).code == 0
    disk.extend(1 << 24)
    assert disk.tool.create(disk.path, source).code == 0


def test_what_was_there_before_survives(disk, tmp_path):
    first, second = grow(tmp_path / "first", 1, files=6), grow(tmp_path / "second", 2, files=30)
    disk.resize(1 << 25)
    held = disk.tool.create(disk.path, first)
    assert held.code == 0
    disk.extend(used(disk) + 1_500_000)
    for _ in range(2):
        ledger = Ledger(disk.repository)
        run = disk.tool.create(disk.path, second)
        assert full(run) and run.outcome == "FAILED", run
        assert not ledger.lies(run), ledger.lies(run)
        assert disk.tool.verify(disk.path).code == 0
    target = tmp_path / "target"
    assert disk.tool.restore(disk.path, held.snapshot, target).code == 0
    assert not differences(describe(first), describe(restored(target, first)))


def test_restore_onto_a_full_disk(disk, tool, repository, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "large").write_bytes(content("large", 600_000))
    assert tool.create(repository, source).code == 0
    disk.resize(200_000)
    run = disk.tool.restore(repository.path, "latest", disk.mount_point / "target")
    assert full(run), run
    assert tool.verify(repository).code == 0
