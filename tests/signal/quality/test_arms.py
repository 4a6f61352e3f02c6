"""Swapped arm electrodes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.recording import LEADS
from einthoven.signal.quality import assess
from einthoven.signal.quality.arms import correlations
from einthoven.simulate.heart import normal_heart, rotation
from einthoven.simulate.tracing import ELECTRODES, Noise, Rhythm, tracing

SWAP = [0, 2, 1, 4, 3, 5, 6, 7, 8, 9, 10, 11]


def swapped(signal: np.ndarray) -> np.ndarray:
    out = signal[SWAP].copy()
    out[0] *= -1
    return out


def simulated(axis: float = 0, seed: int = 0, rate: int = 500) -> np.ndarray:
    heart = {name: wave.rotate(rotation(axis, 0)) for name, wave in normal_heart().items()}
    noise = Noise(np.full(len(ELECTRODES), 0.02), np.full(len(ELECTRODES), 0.01))
    (units,) = tracing(heart, Rhythm(70), noise, [rate], np.random.default_rng(seed))
    return np.ascontiguousarray(units.T / np.float32(1000))


@settings(max_examples=25)
@given(st.floats(-40, 25), st.integers(0, 1000), st.sampled_from([100, 500]))
def test_swapped_arms_are_flagged_and_right_ones_are_not(axis, seed, rate):
    signal = simulated(axis, seed, rate)
    assert not assess(signal, rate, LEADS).arms_swapped
    quality = assess(swapped(signal), rate, LEADS)
    assert quality.arms_swapped
    assert quality.acceptable
    assert "the arm electrodes may be swapped" in quality.remarks


def test_a_swap_turns_the_correlations_over():
    beats = np.random.default_rng(0).normal(size=(12, 1000)).astype(np.float32)
    at = np.array([50, 300, 500, 800])
    right = correlations(beats, at, LEADS)
    assert np.abs(right).max() > 0.1
    np.testing.assert_allclose(correlations(swapped(beats), at, LEADS), -right, atol=1e-6)


@pytest.mark.parametrize("leads", [LEADS[:2], LEADS[:6], LEADS[1:], LEADS[6:], LEADS[:11]])
@pytest.mark.parametrize("change", [lambda signal: signal, swapped])
def test_with_a_needed_lead_missing_nothing_is_claimed(leads, change):
    signal = change(simulated())
    assert not assess(signal[[LEADS.index(lead) for lead in leads]], 500, leads).arms_swapped


@pytest.mark.parametrize("lead", ["I", "V1"])
def test_with_a_needed_lead_off_nothing_is_claimed(lead):
    signal = swapped(simulated())
    signal[LEADS.index(lead)] = 0
    assert not assess(signal, 500, LEADS).arms_swapped


def test_without_two_beats_nothing_is_claimed():
    beats = np.ones((12, 300), np.float32)
    assert not correlations(beats, np.array([5, 150]), LEADS).any()
