"""What vssapi.dll exports, and that the requesters really bind to it."""

import subprocess

import pytest

OBJDUMP = "x86_64-w64-mingw32-objdump"
CREATE = "?CreateVssBackupComponents@@YAJPEAPEAVIVssBackupComponents@@@Z"


def headers(simulator, name):
    return subprocess.run(
        [OBJDUMP, "-p", simulator.built / name], capture_output=True, text=True, check=True
    ).stdout


def imports(simulator, name):
    """The names that it imports, by library."""
    found, library = {}, None
    for line in headers(simulator, name).splitlines():
        words = line.split()
        if words[:2] == ["DLL", "Name:"]:
            library = words[2].lower()
            found[library] = set()
        elif library and len(words) == 3 and words[1].isdigit():
            found[library].add(words[2])
        elif not words:
            library = None
    return found


def test_exports(simulator):
    text = headers(simulator, "vssapi.dll").split("[Ordinal/Name Pointer] Table")[1]
    names = {line.split()[-1] for line in text.splitlines() if line.startswith("\t[")}
    assert names == {
        CREATE,
        "?CreateVssExamineWriterMetadata@@YAJPEAGPEAPEAVIVssExamineWriterMetadata@@@Z",
        "CreateVssBackupComponentsInternal",
        "CreateVssExamineWriterMetadataInternal",
        "GetProviderMgmtInterface",
        "GetProviderMgmtInterfaceInternal",
        "IsVolumeSnapshotted",
        "IsVolumeSnapshottedInternal",
        "ShouldBlockRevert",
        "ShouldBlockRevertInternal",
        "VssFreeSnapshotProperties",
        "VssFreeSnapshotPropertiesInternal",
    }


@pytest.mark.parametrize(
    "requester, create",
    [("well_behaved", "CreateVssBackupComponentsInternal"), ("careless", CREATE)],
)
def test_requesters_import_it(simulator, requester, create):
    assert create in imports(simulator, f"{requester}.exe")["vssapi.dll"]


@pytest.mark.parametrize("name", ["vssapi.dll", "well_behaved.exe", "careless.exe"])
def test_nothing_of_mingw_is_needed_beside_it(simulator, name):
    assert not [library for library in imports(simulator, name) if library.startswith("lib")]


def test_without_the_library_the_requester_does_not_meet_the_simulator(simulator):
    """Wine's own vssapi.dll serves nobody: the override is what counts."""
    served = simulator.run("misuse", "create")
    assert served.out.strip() == "CreateVssBackupComponents 0x00000000"
    assert served.report is not None
    alone = simulator.run("misuse", "create", environment={"WINEDLLOVERRIDES": "mscoree,mshtml=;vssapi=b"})
    assert "CreateVssBackupComponents 0x00000000" not in alone.out
    assert alone.report is None
