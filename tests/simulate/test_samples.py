import numpy as np
import pytest

from einthoven.recording import LEADS
from einthoven.signal.quality import assess
from einthoven.simulate.samples import RATE, SAMPLES, sample_signal


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_a_tracing_as_long_as_it_says_and_the_same_each_time(name: str) -> None:
    signal = sample_signal(name)
    assert signal.shape == (12, SAMPLES[name].seconds * RATE)
    sample_signal.cache_clear()
    assert np.array_equal(sample_signal(name), signal)


def test_a_long_sample_goes_on_without_jumps() -> None:
    """The largest step between samples is not where pieces are joined: a single piece has one as large."""
    steps = np.abs(np.diff(sample_signal("minute")[:6].astype(int), axis=1)).max(axis=1)
    single = np.abs(np.diff(sample_signal("minute")[:6, : 8 * RATE].astype(int), axis=1)).max(axis=1)
    assert np.all(steps < 1.5 * single)


def test_only_the_sample_with_electrodes_off_is_unfit() -> None:
    fit = {
        name: assess((sample_signal(name)[:, : 10 * RATE] / 1000).astype(np.float32), RATE, LEADS).acceptable
        for name in SAMPLES
    }
    assert {name for name, good in fit.items() if not good} == {"leads-off"}
