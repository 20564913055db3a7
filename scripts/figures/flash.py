"""Flash and static RAM: by configuration, each linked with what it needs and nothing
else, and by function.

Every public function belongs to one noun or one dialect below; one that does not, or
one that is listed and not in the archive, is an error.
"""

import re
from pathlib import Path

from elf import fail

# An operation's life, and everything else that can be done with a plain operation.
LIFE = ["op_arm", "op_start", "cancel", "op_commit", "op_finish", "op_acknowledge", "op_retire"]
# Each configuration has those before it. `name` stands for quell_name; a star for
# whatever follows.
CONFIGURATIONS = [
    ("an operation's life: arm, start, cancel, commit, finish, acknowledge, retire", LIFE),
    ("+ its other verbs: open, status, shields, polls, fail, force, narrowed and gated handles",
     ["op_open", "op_status", "op_shield", "op_unshield", "op_poll", "worker_*", "op_fail",
      "op_force", "handle_*"]),
    ("+ hooks", ["source_*", "hook_*", "member_add", "settle"]),
    ("+ scopes", ["scope_*"]),
    ("+ waiting, cancel from an interrupt, drain", ["wait", "cancel_from_isr", "drain"]),
    ("+ deadlines and progress", ["deadlines_*", "progress_*", "report*", "percent", "permille"]),
    ("+ table", ["table_*"]),
    ("+ session", ["session_*"]),
    ("everything but dialects: + names, version", ["*_name", "abi_version"]),
]
DIALECTS = [
    ("AbortBackup and IVssAsync (VSS)", ["vss_*"]),
    ("IVdsAsync (VDS)", ["vds_*"]),
    ("IWsbApplicationAsync (WSB)", ["wsb_*"]),
    ("IGPMAsyncCancel (GPM)", ["gpm_*"]),
    ("HRESULTs of failures", ["hresult_*"]),
    ("NVMe Abort", ["nvme_*"]),
    ("SCSI task management", ["scsi_*"]),
    ("aio_cancel", ["aio_*"]),
    ("io_uring", ["uring_*"]),
    ("errno", ["errno_*"]),
    ("std::stop_token", ["stop_token_*"]),
]


def assigned(public):
    """The functions of each configuration and dialect by its title."""
    left, found = set(public), {}
    for title, patterns in CONFIGURATIONS + DIALECTS:
        found[title] = []
        for pattern in patterns:
            expression = re.compile("quell_" + pattern.replace("*", ".*"))
            names = sorted(name for name in left if expression.fullmatch(name))
            if not names:
                fail(f"{title}: the archive has no quell_{pattern}")
            found[title] += names
            left -= set(names)
    if left:
        fail(f"of no configuration in flash.py: {' '.join(sorted(left))}")
    return found


def by_configuration(tools, archive, scratch):
    """Text with read-only data, .data and .bss of each configuration, of all, and of
    each dialect alone."""
    public = [s.name for s in tools.symbols(archive) if s.is_code and s.is_public]
    sizes, entries, of = {}, [], assigned(public)
    output = Path(scratch, "part.elf")
    for title, _ in CONFIGURATIONS:
        entries += of[title]
        tools.link(archive, entries, output)
        sizes[title] = tools.sections(output)
    for title, _ in DIALECTS:
        tools.link(archive, of[title], output)
        sizes[title] = tools.sections(output)
        entries += of[title]
    tools.link(archive, entries, output)
    sizes[ALL] = tools.sections(output)
    return sizes


ALL = "everything"


def of_port(tools, archive):
    """The ready-made port's parts: text, .data, .bss of each object."""
    lines = tools.run("size", archive).splitlines()[1:]
    return {words[5].removesuffix(".o"): tuple(map(int, words[:3]))
            for words in map(str.split, lines)}


def by_function(tools, archive):
    """Bytes of each function; those that differ only in what they were made for are
    one."""
    symbols = [symbol for symbol in tools.symbols(archive) if symbol.is_code]
    names = tools.demangled([symbol.name for symbol in symbols])
    sizes = {}
    for symbol in symbols:
        name = names[symbol.name]
        sizes[name] = sizes.get(name, 0) + symbol.size
    return sizes
