"""Beats of rhythms in which the leads never rest."""

import numpy as np
import pytest

from einthoven.arrays import Float32Array
from einthoven.signal.bands import Bands, split
from einthoven.signal.fast_rhythms import periodic_beats


def waves(bpm: float, *, noise_mv: float = 0.0) -> Bands:
    """Frequency bands of 10 s of sine waves, shifted and of another size in each lead, as in a wide tachycardia."""
    phase = 2 * np.pi * bpm / 60 * np.arange(1000) / 100
    signal: Float32Array = np.stack([(0.5 + 0.1 * k) * np.sin(phase + 0.3 * k) for k in range(12)]).astype(np.float32)
    noise = noise_mv * np.random.default_rng(0).standard_normal(signal.shape)
    return split(signal + noise.astype(np.float32), 100)


@pytest.mark.parametrize("bpm", [120, 150, 200])
def test_repeated_waves_are_beats_one_period_after_another(bpm: int) -> None:
    beats = periodic_beats(waves(bpm))
    assert len(beats) >= 0.7 * bpm / 6
    np.testing.assert_allclose(np.diff(beats), 6000 / bpm, atol=1.01)


def test_waves_faster_than_hearts_beat_are_not_beats() -> None:
    assert len(periodic_beats(waves(300))) == 0


def test_what_does_not_repeat_itself_has_no_beats() -> None:
    assert len(periodic_beats(waves(150, noise_mv=3.0))) == 0
