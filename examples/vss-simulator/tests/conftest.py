"""Options and fixtures of the simulator's tests. Nothing here skips: what is not built, or not
installed, is an error."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.dont_write_bytecode = True

from simulator import Simulator  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--built", required=True, help="where build.sh has built it")
    parser.addoption("--prefix", required=True, help="the WINEPREFIX")


@pytest.fixture(scope="session")
def simulator(request, tmp_path_factory):
    options = request.config
    made = Simulator(options.getoption("--built"), options.getoption("--prefix"), tmp_path_factory.mktemp("reports"))
    yield made
    made.close()


@pytest.fixture
def scenario(tmp_path):
    """Writes a scenario, and gives its path."""

    def write(text, name="scenario.toml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write
