"""What scripts/figures.sh has built and run, as figures: `figures.py MODE WORK
TARGET...`, with write, check, target or self-test for MODE; `figures.py plugin …`
prints the emulator's argument."""

import sys
from pathlib import Path

import compare
import counts
import page
import self_test
from elf import Tools
from measure import measured

PAGE = Path("FIGURES.md")


def main(mode, *arguments):
    if mode == "plugin":
        _target, prefix, emulation, program, plugin, output, *own = arguments
        print(counts.plugin_arguments(Tools(prefix, emulation), program, own, plugin, output))
        return
    work, *targets = arguments
    figures = {target: measured(Path(work, target), target) for target in targets}
    if mode == "target":
        print(page.of_target(*next(iter(figures.items()))))
    elif mode == "self-test":
        self_test.run(Path(work, targets[0]), *next(iter(figures.items())))
    elif mode == "write":
        PAGE.write_text(page.whole(figures))
    elif mode == "check":
        self_test.run(Path(work, targets[0]), *next(iter(figures.items())))
        compare.check(PAGE.read_text(), page.whole(figures), PAGE)
    else:
        sys.exit(f"figures: no such mode: {mode}")


if __name__ == "__main__":
    main(*sys.argv[1:])
