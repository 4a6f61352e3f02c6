"""Services that tests share, and recordings to send."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from einthoven.simulate.heart import normal_heart
from einthoven.simulate.tracing import Noise, Rhythm, tracing
from readers import writers
from serve.service import Service

RECEIVE_SECONDS = 2


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    """The service of most tests."""
    with Service("--receive-seconds", RECEIVE_SECONDS) as service:
        service.wait_until_idle()
        yield service


@pytest.fixture(scope="session")
def token(tmp_path_factory: pytest.TempPathFactory) -> str:
    return secrets.token_hex(16)


@pytest.fixture(scope="session")
def guarded(token: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that other machines can reach, with a token."""
    file = tmp_path_factory.mktemp("token") / "token"
    file.write_text(token + "\n")
    options = ("--host", "0.0.0.0", "--token-file", file, "--allowed-host", "ecg.hospital.example")
    with Service(*options, workers=1) as service:
        yield service


@pytest.fixture
def small() -> Iterator[Service]:
    """A service with one worker and one place in its queue."""
    with Service("--queue", 1, workers=1) as service:
        service.wait_until_idle()
        yield service


@pytest.fixture(scope="session")
def ecg() -> writers.Signal:
    """Ten simulated seconds at 500 Hz, int16 (5000, 12) in uV."""
    noise = Noise(np.full(9, 0.02), np.full(9, 0.01))
    return tracing(normal_heart(), Rhythm(72), noise, (500,), np.random.default_rng(7))[0]


@pytest.fixture(scope="session")
def dicom(ecg: writers.Signal) -> bytes:
    """A recording of Jane Doe, ID 4711."""
    return writers.dicom(ecg, 500)


@pytest.fixture(scope="session")
def wfdb(ecg: writers.Signal) -> writers.Files:
    return writers.wfdb(ecg, 500)


@pytest.fixture(scope="session")
def records(simulated: Path) -> list[Path]:
    """Headers of simulated records at 100 Hz."""
    return sorted((simulated / "records100").rglob("*.hea"))[:6]
