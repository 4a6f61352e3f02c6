"""The tracing that the tests of reading share."""

import numpy as np
import pytest
from numpy.typing import NDArray

from einthoven.simulate.heart import normal_heart
from einthoven.simulate.tracing import Noise, Rhythm, tracing


@pytest.fixture(scope="session")
def ecg() -> NDArray[np.int16]:
    """Ten simulated seconds at 500 Hz, int16 (5000, 12) in uV."""
    noise = Noise(np.full(9, 0.02), np.full(9, 0.01))
    return tracing(normal_heart(), Rhythm(72), noise, (500,), np.random.default_rng(7))[0]
