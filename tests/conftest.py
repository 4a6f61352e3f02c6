"""What all tests share."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# The machines are shared: no test fails for being slow.
settings.register_profile("einthoven", deadline=None)
settings.load_profile("einthoven")


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder with real data: `ptbxl/` (unpacked PTB-XL 1.0.3) and `benchmark/`."""
    folder = os.environ.get("EINTHOVEN_TEST_DATA")
    if not folder:
        pytest.skip("EINTHOVEN_TEST_DATA is not set: no real data here")
    return Path(folder)


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated data set of 200 records at 100 Hz."""
    from einthoven.simulate.dataset import simulate

    folder = tmp_path_factory.mktemp("simulated") / "data"
    simulate(folder, records=200, seed=1)
    return folder
