"""The heart rate, or None."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.signal.heart_rate import heart_rate_bpm
from einthoven.signal.steep_places import find_beats
from einthoven.simulate.cases import draw_case
from einthoven.simulate.heart import normal_heart
from einthoven.simulate.tracing import ELECTRODES, Noise, Rhythm, tracing

CALM = Noise(np.full(len(ELECTRODES), 0.01), np.full(len(ELECTRODES), 0.005))


def simulated(rhythm: Rhythm, rate: int = 500, noise: Noise = CALM, seed: int = 0) -> np.ndarray:
    (units,) = tracing(normal_heart(), rhythm, noise, [rate], np.random.default_rng(seed))
    return np.ascontiguousarray(units.T / np.float32(1000))


@settings(max_examples=40)
@given(st.floats(30, 185), st.sampled_from([100, 250, 500]), st.integers(0, 1000))
def test_the_rate_of_simulated_tracings(bpm, rate, seed):
    signal = simulated(Rhythm(bpm, sinus_arrhythmia=0, irregularity=0), rate, seed=seed)
    assert heart_rate_bpm(signal, rate) == pytest.approx(bpm, rel=0.03)


def test_every_kind_of_simulated_heart_has_about_its_rate_or_none():
    rng = np.random.default_rng(3)
    known = 0
    for kind in ("NORM", "MI", "STTC", "CD", "HYP") * 6:
        case = draw_case(kind, rng, rng)
        case.rhythm.ectopic_beats = 0
        (units,) = tracing(case.heart, case.rhythm, CALM, [100], rng)
        bpm = heart_rate_bpm(units.T / np.float32(1000), 100)
        assert bpm is None or bpm == pytest.approx(case.rhythm.rate, rel=0.15)  # it varies while it is recorded
        known += bpm is not None
    assert known >= 27


def test_irregular_beats_count_as_their_mean():
    assert heart_rate_bpm(simulated(Rhythm(90, irregularity=0.2)), 500) == pytest.approx(90, rel=0.15)


@pytest.mark.parametrize("bad", [0, 4])
def test_bad_leads_do_not_change_it(bad):
    signal = simulated(Rhythm(70, sinus_arrhythmia=0, irregularity=0))
    rng = np.random.default_rng(1)
    signal[6 : 6 + bad] = rng.normal(0, 1, (bad, signal.shape[1]))
    signal[11] = 0
    assert heart_rate_bpm(signal, 500) == pytest.approx(70, rel=0.02)


@pytest.mark.parametrize("recorded", [1, 2, 5])
def test_leads_that_were_not_recorded_do_not_count(recorded):
    signal = simulated(Rhythm(70, sinus_arrhythmia=0, irregularity=0))
    signal[recorded:] = 0
    assert heart_rate_bpm(signal, 500) == pytest.approx(70, rel=0.02)


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.sampled_from([1, 3, 12]))
def test_noise_has_no_rate(seed, leads):
    noise = np.random.default_rng(seed).normal(0, 0.1, (leads, 1000)).astype(np.float32)
    assert heart_rate_bpm(noise, 100) is None


def test_nothing_has_no_rate():
    assert heart_rate_bpm(np.zeros((12, 5000), np.float32), 500) is None


def test_fibrillating_ventricles_have_no_rate():
    time = np.arange(1000) / 100
    phase = 2 * np.pi * 5 * time + np.cumsum(np.random.default_rng(0).normal(0, 0.1, 1000))
    assert heart_rate_bpm(np.outer(np.linspace(-1, 1, 12), np.sin(phase)).astype(np.float32), 100) is None


def test_of_two_peaks_within_a_quarter_of_a_second_the_higher_is_the_beat():
    slope = np.zeros(300, np.float32)
    slope[[50, 60, 150, 160, 250]] = [0.6, 1, 1, 0.6, 1]
    assert find_beats(slope).tolist() == [60, 150, 250]
