"""A service of its own process, and recordings to send to it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from einthoven.readers import read
from einthoven.recording import LEADS, Recording
from einthoven.simulate.heart import normal_heart
from einthoven.simulate.tracing import ELECTRODES, Noise, Rhythm, tracing
from serve.service import Service as Process
from serve.stream.monitors import IDLE_S, MAX_STREAMS, TOKEN, Service


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    file = tmp_path_factory.mktemp("token") / "token"
    file.write_text(TOKEN)
    options = ("--token-file", file, "--max-streams", MAX_STREAMS, "--stream-idle-seconds", IDLE_S)
    with Process(*options, workers=1) as process:
        yield Service(process.port)


@pytest.fixture(scope="session")
def ecg() -> Recording:
    """Ten simulated seconds at 500 Hz."""
    quiet = np.full(len(ELECTRODES), 0.002)
    (units,) = tracing(normal_heart(), Rhythm(70), Noise(quiet, quiet), [500], np.random.default_rng(1))
    return Recording(np.ascontiguousarray(units.T / np.float32(1000)), 500.0, LEADS)


@pytest.fixture(scope="session")
def patient(test_data: Path) -> Callable[[int], Recording]:
    """A record of PTB-XL's fold 9 by its number."""

    def record(number: int) -> Recording:
        return read(test_data / f"ptbxl/records100/{number // 1000 * 1000:05d}/{number:05d}_lr.hea")

    return record
