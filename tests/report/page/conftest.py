"""A recording, and what the shipped model says of it."""

from collections.abc import Callable

import numpy as np
import pytest

from einthoven.interpret.interpretation import Interpretation
from einthoven.interpret.interpreter import Interpreter
from einthoven.recording import LEADS, Recording
from einthoven.simulate.heart import normal_heart
from einthoven.simulate.tracing import Noise, Rhythm, tracing


@pytest.fixture(scope="session")
def recording() -> Recording:
    """Ten seconds of a simulated normal heart at 500 Hz."""
    rng = np.random.default_rng(0)
    (microvolts,) = tracing(normal_heart(), Rhythm(72.0), Noise(np.zeros(9), np.full(9, 0.003)), (500,), rng)
    return Recording(np.float32(microvolts.T / 1000), 500.0, LEADS, source="archive/normal.hea", format="WFDB")


@pytest.fixture(scope="session")
def answered() -> Callable[[Recording], Interpretation]:
    """What the shipped model answers."""
    return Interpreter.load("edge")


@pytest.fixture(scope="session")
def answer(recording: Recording, answered: Callable[[Recording], Interpretation]) -> Interpretation:
    return answered(recording)
