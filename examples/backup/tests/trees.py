"""Source trees for the tests: grown from a seed, and compared without the tool's help."""

import hashlib
import os
import random
import stat
from pathlib import Path


def content(seed, size):
    """Bytes that compress to about half, as ordinary files do."""
    noise = random.Random(seed)
    return b"".join(noise.randbytes(32) + b"ordinary text, ordinary text, ok" for _ in range(size // 64 + 1))[
        :size
    ]


def grow(root, seed, files=40, largest=400_000):
    """A tree of `files` files in a few directories; another seed gives other contents."""
    noise = random.Random(seed)
    root = Path(root)
    for number in range(files):
        folder = root / f"folder {number % 5}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"file {number}").write_bytes(content(f"{seed}/{number}", noise.randrange(largest)))
    return root


def grow_alike(root, files):
    """Many entries that share one chunk: a manifest much larger than the chunks."""
    root = Path(root)
    root.mkdir(parents=True, exist_ok=True)
    for number in range(files):
        (root / f"one of very many files that are alike, number {number:06}").write_bytes(b"alike\n")
    return root


def describe(root, skip=()):
    """Every entry below `root`, by its name in bytes: type, mode, time, and content or target."""
    root = os.fsencode(root)
    entries = {b"": _entry(root)}
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if os.path.join(folder, name) not in skip]
        for name in folders + files:
            path = os.path.join(folder, name)
            entries[os.path.relpath(path, root)] = _entry(path)
    return entries


def _entry(path):
    status = os.lstat(path)
    kind = stat.S_IFMT(status.st_mode)
    if stat.S_ISLNK(status.st_mode):
        return kind, os.readlink(path), status.st_mtime_ns
    if stat.S_ISDIR(status.st_mode):
        return kind, stat.S_IMODE(status.st_mode), status.st_mtime_ns
    return kind, stat.S_IMODE(status.st_mode), status.st_mtime_ns, status.st_size, _digest(path)


def _digest(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def differences(left, right):
    """The names at which two descriptions differ, with both sides."""
    return {
        name: (left.get(name), right.get(name))
        for name in left.keys() | right.keys()
        if left.get(name) != right.get(name)
    }
