"""Beats are found in muscle noise, or it is stated that their rate is unclear."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rhythms import ECTOPIC, beats_at, fibrillating_ventricles, noise, twelve

from einthoven.recording import LEADS
from einthoven.signal.bands import split
from einthoven.signal.beats import analyze_beats
from einthoven.signal.noisy_beats import analyze_noisy_beats
from einthoven.simulate.heart import normal_heart
from einthoven.simulate.tracing import ELECTRODES, leads_from_electrodes

RATE = 100


def muscle(mv: float, rng: np.random.Generator, samples: int = 1000) -> np.ndarray:
    return twelve(leads_from_electrodes(rng.normal(0, mv, (len(ELECTRODES), samples))))


@settings(max_examples=40, deadline=None)
@given(st.integers(40, 170), st.sampled_from([0.03, 0.05, 0.1]), st.integers(0, 10**6))
def test_the_rate_is_right_or_unclear(bpm: int, mv: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    signal = beats_at(np.arange(0.3, 9.8, 60 / bpm), normal_heart(), RATE) + muscle(mv, rng)
    beats = analyze_noisy_beats(split(signal.astype(np.float32), RATE), LEADS)
    assert beats.organized or mv > 0.05
    assert beats.rate_bpm is None or beats.rate_bpm == pytest.approx(bpm, rel=0.05)
    assert beats.p_waves is None
    assert beats.pauses == ()  # 40 a minute is none


def test_ventricular_beats_count_or_make_the_rate_unclear() -> None:
    rng = np.random.default_rng(0)
    sinus, ectopic = np.arange(0.5, 9.5, 2.0), np.arange(1.1, 9.5, 2.0)
    signal = beats_at(sinus, normal_heart(), RATE) + beats_at(ectopic, ECTOPIC, RATE) + muscle(0.05, rng)
    beats = analyze_noisy_beats(split(signal.astype(np.float32), RATE), LEADS)
    assert beats.rate_bpm is None or beats.rate_bpm == pytest.approx(60, rel=0.1)


@pytest.mark.parametrize("seed", range(20))
def test_noise_and_fibrillation_have_no_beats(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for signal in (muscle(0.1, rng), fibrillating_ventricles(RATE, rng) + muscle(0.05, rng), noise(RATE, rng)):
        assert not analyze_noisy_beats(split(signal.astype(np.float32), RATE), LEADS).organized


def test_rates_of_real_ecgs_in_noise(test_data: Path) -> None:
    from einthoven.datasets.dataset import Dataset

    dataset, rng = Dataset.open(test_data / "ptbxl"), np.random.default_rng(0)
    ratios = []
    for row in dataset.rows((9,))[::15]:
        signal = dataset.signals[row] / np.float32(1000)
        clean = analyze_beats(split(signal, RATE)).rate_bpm
        found = analyze_noisy_beats(split((signal + muscle(0.05, rng)).astype(np.float32), RATE), LEADS).rate_bpm
        if clean is not None:
            ratios.append(found / clean if found else np.nan)
    known = np.array(ratios)[~np.isnan(ratios)]
    assert len(known) / len(ratios) > 0.85
    assert np.mean(np.abs(known - 1) > 0.05) < 0.02
