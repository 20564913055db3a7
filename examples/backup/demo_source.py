"""What the demonstration backs up: real files of a machine that goes on living meanwhile."""

import os
import subprocess
import sys

MEGABYTE = 1_000_000
ENOUGH, TOO_MUCH = 220 * MEGABYTE, 500 * MEGABYTE
TOO_MANY_FILES = 20_000


def du(path):
    """Bytes and files below `path`, as du counts them."""

    def count(*options):
        asked = subprocess.run(["du", "-s", *options, path], capture_output=True, text=True, check=False)
        return int((asked.stdout.split() or [0])[0])

    return count("--bytes"), count("--inodes")


class Source:
    """Whole folders of /usr, the large ones first, and parts of those that are too large, until there are some
    hundred megabytes."""

    def __init__(self):
        self.folders, self.size, self.files = [], 0, 0
        tops = ["/usr/include", "/usr/share", "/usr/lib"]
        while tops and self.size < ENOUGH:
            unfit = [top for top in tops if not self._take(top, *du(top))]
            inner = [entry.path for top in unfit for entry in os.scandir(top) if entry.is_dir(follow_symlinks=False)]
            tops = [folder for _, folder in sorted(((du(folder), folder) for folder in inner), reverse=True)]
        if self.size < ENOUGH:
            sys.exit(f"demo: only {self.size / MEGABYTE:.0f} MB of files in /usr to back up")

    def _take(self, folder, size, files):
        """Whether there is enough now, with this folder where it fits whole."""
        if self.size < ENOUGH and self.size + size <= TOO_MUCH and self.files + files <= TOO_MANY_FILES:
            self.folders.append(folder)
            self.size, self.files = self.size + size, self.files + files
            return True
        return self.size >= ENOUGH

    def __str__(self):
        """Folders that share a parent are counted, not listed."""
        parents = {}
        for folder in self.folders:
            parents.setdefault(os.path.dirname(folder), []).append(folder)
        named = [
            folders[0] if len(folders) == 1 else f"{len(folders)} folders of {parent}"
            for parent, folders in parents.items()
        ]
        return ", ".join(named)

    def warm(self):
        """Reads everything once: the acts are to be measured against each other, not against the disk."""
        for top in self.folders:
            for folder, _, files in os.walk(top):
                for name in files:
                    path = os.path.join(folder, name)
                    if os.path.isfile(path) and os.access(path, os.R_OK):
                        with open(path, "rb", buffering=0) as file:
                            while file.read(1 << 20):
                                pass

    def excuses(self, target, since):
        """How a complaint of diff may begin that is this live system's doing and no fault of the snapshot's:
        what was touched since, and what is not ours to read."""
        excused = []
        for path in self._touched(since):
            folder, name = os.path.split(path)
            excused += [
                f"Files {path} and ",
                f"File {path} is ",
                f"diff: {path}: ",
                f"Only in {folder}: {name}",
            ]
            excused += [f"Only in {path}: ", f"Only in {target}{path}: "]
        return tuple(excused)

    def _touched(self, since):
        for top in self.folders:
            for folder, folders, files in os.walk(top):
                for path in (folder, *(os.path.join(folder, name) for name in folders + files)):
                    try:
                        link = os.path.islink(path)
                        if os.lstat(path).st_ctime >= since or not (link or os.access(path, os.R_OK)):
                            yield path
                    except FileNotFoundError:
                        yield path
