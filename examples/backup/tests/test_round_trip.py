"""What goes in comes out byte for byte, whatever its shape."""

import os
import shutil
import threading
import time

import pytest
from driver import Ledger, Repository, restored
from trees import content, describe, differences, grow


def test_create_says_what_stands_on_disk(tool, repository, source, truthful, same_after_restore):
    ledger = Ledger(repository)
    run = tool.create(repository, source)
    assert (run.code, run.outcome) == (0, "FINISHED"), run
    assert run.new_chunks > 0
    truthful(run, ledger)
    same_after_restore(repository, run.snapshot, source)
    same_after_restore(repository, "latest", source)


def test_second_backup_stores_almost_nothing(tool, repository, source, truthful):
    first = tool.create(repository, source)
    (source / "one more").write_bytes(content("one more", 1000))
    ledger = Ledger(repository)
    second = tool.create(repository, source)
    truthful(second, ledger)
    assert second.new_chunks == 1, second
    assert second.reused_chunks >= first.new_chunks
    assert second.snapshot != first.snapshot


def test_alike_files_are_stored_once(tool, repository, tmp_path, truthful):
    for name in "abcdef":
        (tmp_path / "alike").mkdir(exist_ok=True)
        (tmp_path / "alike" / name).write_bytes(content("alike", 50_000))
    ledger = Ledger(repository)
    run = tool.create(repository, tmp_path / "alike", options=["--threads", "6"])
    truthful(run, ledger)
    assert run.new_chunks == 1, run


def test_each_snapshot_restores_its_own_time(tool, repository, source, same_after_restore):
    first, before = tool.create(repository, source), describe(source)
    (source / "folder 1" / "file 1").write_bytes(b"changed")
    shutil.rmtree(source / "folder 2")
    second = tool.create(repository, source, options=["--name", "after the change"])
    same_after_restore(repository, second.snapshot, source)
    same_after_restore(repository, first.snapshot, source, before)
    listed = tool.list(repository)
    assert listed.code == 0
    assert all(text in listed.out for text in (first.snapshot, second.snapshot, "after the change")), listed


def odd_names(root):
    folder = os.fsencode(root / "names")
    os.mkdir(folder)
    for name in (
        b"with space",
        b" lead and trail ",
        b"new\nline",
        b"tab\there",
        b'quote"back\\slash',
        b"-dash",
        b"not utf-8 \xff\xfe\x80",
        "ünïcode ☃".encode(),
        b"\x01control\x7f",
        b"#%{}[]$(touch x)",
        b"n" * 255,
        b"...",
        b"\xed\xa0\x80 surrogate",
        b"\\xff",
        b"\xff",
    ):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(name * 3)
        os.mkdir(os.path.join(folder, name[:200] + b".folder"))
    os.symlink(b"target \xff\n", os.path.join(folder, b"link \xff\n"))


def odd_links(root):
    (root / "file").write_bytes(b"linked")
    (root / "folder").mkdir()
    for name, target in {
        "to file": "file",
        "to folder": "folder",
        "dangling": "nowhere/at all",
        "absolute": "/etc/passwd",
        "to itself": "to itself",
        "upwards": "../..",
        "long": "x/" * 500,
    }.items():
        os.symlink(target, root / name)
        os.utime(root / name, ns=(1, 987_654_321_123_456_789), follow_symlinks=False)


def odd_modes_and_times(root):
    for mode in (0o400, 0o444, 0o600, 0o644, 0o755, 0o777, 0o4755, 0o2755, 0o1644, 0o7777):
        (root / f"file {mode:o}").write_bytes(b"mode")
        (root / f"file {mode:o}").chmod(mode)
    for mode in (0o500, 0o555, 0o700, 0o1777, 0o2775):
        (root / f"folder {mode:o}").mkdir()
        (root / f"folder {mode:o}" / "inside").write_bytes(b"inside")
        (root / f"folder {mode:o}").chmod(mode)
    for number, time_ns in enumerate(
        (0, 1, 999_999_999, 1_234_567_890_123_456_789, 4_102_444_800_000_000_001, -1, -1_500_000_001)
    ):
        (root / f"time {number}").write_bytes(b"time")
        os.utime(root / f"time {number}", ns=(time_ns, time_ns))
        (root / f"folder time {number}").mkdir()
        (root / f"folder time {number}" / "inside").write_bytes(b"inside")
        os.utime(root / f"folder time {number}", ns=(time_ns, time_ns))


def odd_sizes(root):
    for size in (0, 1, 4095, 4096, 4097, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 4 << 20, (4 << 20) + 1):
        (root / f"size {size}").write_bytes(content("sizes", size))
    (root / "zeroes").write_bytes(bytes(3_000_000))
    (root / "large").write_bytes(content("large", 1 << 20) * 48 + content("its end", 16 << 20) + b"!")
    with open(root / "sparse", "wb") as file:
        file.seek(80 << 20)
        file.write(b"after the hole")
        file.truncate(100 << 20)


def empty_things(root):
    (root / "empty file").touch()
    (root / "empty folder").mkdir()
    (root / "deep").mkdir()
    (root / "deep" / "/".join(["d"] * 100)).mkdir(parents=True)


@pytest.mark.parametrize("odd", [odd_names, odd_links, odd_modes_and_times, odd_sizes, empty_things])
def test_odd_sources(tool, repository, tmp_path, truthful, same_after_restore, odd):
    root = tmp_path / "odd"
    root.mkdir()
    odd(root)
    ledger = Ledger(repository)
    run = tool.create(repository, root)
    assert run.code == 0, run
    truthful(run, ledger)
    same_after_restore(repository, "latest", root)


def test_hard_links_stay_together(tool, repository, source, same_after_restore):
    os.link(source / "folder 1" / "file 1", source / "folder 2" / "the same file")
    assert tool.create(repository, source).code == 0
    same_after_restore(repository, "latest", source)
    target = source.parent / "target"
    assert tool.restore(repository, "latest", target).code == 0
    found = restored(target, source)
    assert (found / "folder 1" / "file 1").samefile(found / "folder 2" / "the same file")


def test_an_empty_source_is_a_snapshot(tool, repository, tmp_path, truthful, same_after_restore):
    (tmp_path / "empty").mkdir()
    ledger = Ledger(repository)
    truthful(tool.create(repository, tmp_path / "empty"), ledger)
    same_after_restore(repository, "latest", tmp_path / "empty")


def test_several_sources_and_single_files(tool, repository, tmp_path, same_after_restore):
    one, two = grow(tmp_path / "a" / "same name", 1, files=3), grow(tmp_path / "b" / "same name", 2, files=3)
    single = tmp_path / "single file"
    single.write_bytes(b"single")
    run = tool.create(repository, one, two, single)
    assert run.code == 0, run
    for source in (one, two, single):
        same_after_restore(repository, "latest", source)


def test_relative_and_overlapping_sources(tool, repository, source, same_after_restore):
    run = tool.create(repository, "source/", "./source/folder 1", "source/../source", cwd=source.parent)
    assert run.code == 0, run
    same_after_restore(repository, "latest", source)


def test_a_repository_inside_its_source_is_left_out(tool, source, truthful):
    inside = Repository(source / "folder 1" / "repository")
    for attempt in range(2):
        ledger = Ledger(inside)
        run = tool.create(inside, source)
        assert run.code == 0, run
        truthful(run, ledger)
    assert run.new_chunks == 0, "the second backup backed up the first"
    target = source.parent / "target"
    assert tool.restore(inside, "latest", target).code == 0
    left, right = describe(source, skip=[os.fsencode(inside.path)]), describe(restored(target, source))
    assert set(differences(left, right)) <= {
        b"folder 1"
    }  # the repository's own making moved this folder's time


def test_special_files_are_named_and_do_not_hang(tool, repository, source, same_after_restore):
    os.mkfifo(source / "a pipe nobody writes")
    run = tool.create(repository, source, patience=20)
    assert run.code in (0, 5) and "a pipe nobody writes" in run.err, run
    os.unlink(source / "a pipe nobody writes")
    target = source.parent / "target"
    assert tool.restore(repository, "latest", target).code == 0
    differ = differences(describe(source), describe(restored(target, source)))
    assert set(differ) <= {b""}, differ  # the pipe's coming and going moved the folder's time


def test_files_that_change_while_they_are_read(tool, repository, source):
    quiet = describe(source)
    changing, done = source / "changing", threading.Event()

    def change():
        size = 0
        while not done.is_set():
            size = (size + 1_234_567) % 8_000_000
            changing.write_bytes(content("c", 65_536) * (size // 65_536))
            os.truncate(changing, size // 2)
            (source / f"vanishing {size}").write_bytes(b"soon gone")
            time.sleep(0.0005)
            (source / f"vanishing {size}").unlink()

    changer = threading.Thread(target=change)
    changer.start()
    try:
        for _ in range(10):
            run = tool.create(repository, source)
            assert run.code in (0, 5), run
            if run.code == 5:
                assert "changing" in run.err or "vanishing" in run.err, run
    finally:
        done.set()
        changer.join()
    assert tool.verify(repository).code == 0
    target = source.parent / "target"
    restoring = tool.restore(repository, "latest", target)
    assert restoring.code == 0, restoring
    found = describe(restored(target, source))
    for name in quiet.keys() - {b""}:
        assert found[name] == quiet[name]


def test_threads_and_limit_do_not_change_what_is_stored(tool, tmp_path, source):
    stores = []
    for number, options in enumerate(
        (["--threads", "1"], ["--threads", "16"], ["--limit-rate", "100000000", "--quiet"])
    ):
        one = Repository(tmp_path / f"repository {number}")
        assert tool.create(one, source, options=options).code == 0
        stores.append({entry.name for entry in one.chunks()})
    assert stores[0] == stores[1] == stores[2]


def test_the_rate_is_limited(tool, repository, tmp_path):
    folder = tmp_path / "one megabyte"
    folder.mkdir()
    for number in range(32):
        (folder / str(number)).write_bytes(content(number, 32_768))
    run = tool.create(repository, folder, options=["--limit-rate", "1000000"])
    assert run.code == 0
    assert 0.7 < run.seconds < 3, run.seconds
