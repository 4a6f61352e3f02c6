"""The median beat: which beats it is made of, and how they are aligned."""

import numpy as np
import pytest

from einthoven.signal.bands import cosine_spectrum, split
from einthoven.signal.measurements.median_beat import (
    AFTER,
    BEFORE,
    RATE,
    MedianBeat,
    filter_spectrum,
    median_beat,
    soft_gain,
)
from einthoven.simulate.heart import Wave, normal_heart
from einthoven.simulate.tracing import ELECTRODES, Noise, Rhythm, tracing


def simulated(rhythm: Rhythm, muscle: float = 0.005, rate: int = 500) -> np.ndarray:
    noise = Noise(np.full(len(ELECTRODES), 0.02), np.full(len(ELECTRODES), muscle))
    (units,) = tracing(normal_heart(), rhythm, noise, [rate], np.random.default_rng(0))
    return np.ascontiguousarray(units.T / np.float32(1000))


def measured(signal: np.ndarray, rate: int = 500) -> MedianBeat | None:
    return median_beat(split(signal, rate), rate)


def test_it_is_the_beat_without_the_noise():
    steady = Rhythm(60, sinus_arrhythmia=0, irregularity=0)
    clean, noisy = (measured(simulated(steady, muscle)) for muscle in (0.002, 0.05))
    assert clean.medians[0].shape == (12, BEFORE + AFTER)
    assert clean.rr_ms == pytest.approx(1000, abs=20)
    assert np.abs(noisy.medians[0] - clean.medians[0]).mean() < 0.07 / 2  # a lead has two electrodes' noise
    assert abs(int(np.abs(clean.medians[0]).max(axis=0).argmax()) - BEFORE) <= 15


def test_ectopic_beats_are_left_out():
    axis = np.array([-1.0, -0.8, 0.9])
    odd = {"QRS main": Wave(0, 26, axis), "T": Wave(270, 50, -0.45 * axis)}
    alone, mixed = (measured(simulated(Rhythm(70, ectopic_beats=n, ectopic_heart=odd))) for n in (0, 3))
    assert len(mixed.places) <= len(alone.places) - 2
    np.testing.assert_allclose(mixed.medians[0], alone.medians[0], atol=0.12)


def test_too_few_beats_make_none():
    assert measured(simulated(Rhythm(60))[:, :1500]) is None
    assert measured(np.zeros((12, 5000), np.float32)) is None


@pytest.mark.parametrize("rate", [100, 250, 500, 800])
def test_resampling_keeps_a_slow_wave(rate):
    seconds = 10
    wave = lambda at: np.sin(2 * np.pi * 8 * at) * np.exp(-(((at - 5) / 2) ** 2))  # noqa: E731
    coarse = wave((np.arange(seconds * rate) + 0.5) / rate)[None].astype(np.float32) + 4
    fine = wave((np.arange(seconds * RATE) + 0.5) / RATE)
    spectrum = cosine_spectrum(coarse)
    filtered = filter_spectrum(spectrum, rate, soft_gain(spectrum.shape[1], rate))[0]
    assert filtered.shape == fine.shape
    assert np.corrcoef(filtered, fine)[0, 1] > 0.999
