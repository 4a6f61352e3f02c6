"""Beats, their kinds, pauses and P waves in tracings whose truth is known."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rhythms import ECTOPIC, WIDE, beats_at, fibrillating_ventricles, noise, p_waves_at

from einthoven.signal.bands import split
from einthoven.signal.beat_values import Beats
from einthoven.signal.beats import analyze_beats
from einthoven.simulate.heart import normal_heart

NORMAL = normal_heart()


def analyzed(signal: np.ndarray, rate: int = 500) -> Beats:
    return analyze_beats(split(signal, rate))


def share(truth: Callable[[Beats], bool], make: Callable[[np.random.Generator, int], np.ndarray]) -> float:
    """The share of 50 drawn tracings of which `truth` holds."""
    rng = np.random.default_rng(1)
    return float(np.mean([truth(analyzed(make(rng, rate), rate)) for rate in (100, 500) for _ in range(25)]))


def sinus(at: np.ndarray, rate: int, pr: float = 0.16) -> np.ndarray:
    return p_waves_at(at - pr, rate) + beats_at(at, NORMAL, rate)


@settings(max_examples=25, deadline=None)
@given(st.floats(42, 110), st.sampled_from([100, 250, 500]), st.floats(0.15, 0.25), st.integers(0, 10**6))
def test_sinus_rhythm(bpm, rate, pr, seed):
    at = np.arange(0.5, 9.8, 60 / bpm)
    beats = analyzed(sinus(at, rate, min(pr, 0.25 * 60 / bpm)) + noise(rate, np.random.default_rng(seed), 0.004), rate)
    assert beats.rate_bpm == pytest.approx(bpm, abs=1)
    assert beats.times_s == pytest.approx(at, abs=0.04)
    assert beats.regular
    assert set(beats.kinds) == {"dominant"}
    assert beats.p_waves in ("leading", None) if bpm > 90 else beats.p_waves == "leading"
    assert not beats.pauses


@pytest.mark.parametrize("times", [1, 2, 5])
def test_ventricular_beats(times):
    at = np.arange(0.5, 9.8, 0.8)
    places = np.linspace(2, len(at) - 3, times).round().astype(int)
    usual, early = np.delete(at, places), at[places] - 0.3
    signal = sinus(usual, 500) + beats_at(early, ECTOPIC, 500) + noise(500, np.random.default_rng(2))
    beats = analyzed(signal)
    assert beats.times_s[np.array(beats.kinds) == "ventricular"] == pytest.approx(early, abs=0.06)
    assert beats.kinds.count("dominant") == len(usual)
    assert beats.regular
    assert beats.rate_bpm == pytest.approx(75, abs=2)


def test_bigeminy_has_a_rate():
    at = np.arange(0.4, 9, 1.5)
    signal = sinus(at, 500) + beats_at(at + 0.5, ECTOPIC, 500) + noise(500, np.random.default_rng(3))
    beats = analyzed(signal)
    assert beats.kinds == ("dominant", "ventricular") * 6
    assert beats.rate_bpm == pytest.approx(60 * 11 / 8, abs=1)


def test_premature_atrial_beats():
    at = np.array([0.4, 1.2, 2.0, 2.5, 3.4, 4.2, 5.0, 5.8, 6.3, 7.2, 8.0, 8.8])
    beats = analyzed(sinus(at, 500) + noise(500, np.random.default_rng(4)))
    assert [k for k, kind in enumerate(beats.kinds) if kind == "supraventricular"] == [3, 8]
    assert beats.regular


def test_wide_complexes_with_steep_t_waves_have_a_rate():
    at = np.arange(0.4, 9.8, 0.85)
    beats = analyzed(p_waves_at(at - 0.2, 500) + beats_at(at, WIDE, 500) + noise(500, np.random.default_rng(5), 0.005))
    assert beats.rate_bpm == pytest.approx(60 / 0.85, abs=1)
    assert len(beats.times_s) == len(at)


def test_a_pause():
    at = np.array([0.5, 1.3, 2.1, 6.1, 6.9, 7.7])
    beats = analyzed(sinus(at, 500) + noise(500, np.random.default_rng(6)))
    between, at_the_end = beats.pauses
    assert between == (pytest.approx(2.1, abs=0.05), pytest.approx(4, abs=0.05))
    assert at_the_end == (pytest.approx(7.7, abs=0.05), pytest.approx(2.3, abs=0.05))
    assert not beats.regular


def test_p_waves_that_are_not_conducted():
    def two_to_one(rng: np.random.Generator, rate: int) -> np.ndarray:
        pp = rng.uniform(0.62, 0.75)
        p = np.arange(0.3, 9.9, pp)
        return p_waves_at(p, rate) + beats_at(p[::2] + 0.16, NORMAL, rate) + noise(rate, rng, 0.004)

    assert share(lambda beats: beats.p_waves == "dropped", two_to_one) >= 0.95
    beats = analyzed(two_to_one(np.random.default_rng(0), 500))
    assert beats.atrial_rate_bpm == pytest.approx(2 * beats.rate_bpm, rel=0.03)


def test_p_waves_that_are_dissociated():
    def complete_block(rng: np.random.Generator, rate: int) -> np.ndarray:
        p, escape = np.arange(0.3, 9.9, rng.uniform(0.6, 0.8)), np.arange(0.5, 9.9, rng.uniform(1.25, 1.6))
        return p_waves_at(p, rate) + beats_at(escape, NORMAL, rate) + noise(rate, rng, 0.004)

    assert share(lambda beats: beats.p_waves in ("dissociated", "dropped"), complete_block) >= 0.8
    assert share(lambda beats: beats.p_waves == "leading", complete_block) <= 0.05


def test_irregular_beats_without_p_waves():
    def fibrillation(rng: np.random.Generator, rate: int) -> np.ndarray:
        at = 0.4 + np.cumsum(rng.uniform(0.5, 1.1, 11))
        return beats_at(at[at < 9.8], NORMAL, rate) + noise(rate, rng, 0.004)

    assert share(lambda beats: beats.p_waves == "absent" and beats.regular is False, fibrillation) >= 0.9


def test_a_fast_wide_rhythm_is_organized():
    def tachycardia(rng: np.random.Generator, rate: int) -> np.ndarray:
        return beats_at(np.arange(0.1, 10, 60 / rng.uniform(130, 200)), ECTOPIC, rate) + noise(rate, rng, 0.004)

    assert share(lambda beats: beats.organized and beats.rate_bpm is not None, tachycardia) >= 0.95
    assert share(lambda beats: beats.regular is True, tachycardia) >= 0.9


@pytest.mark.parametrize("what", ["asystole", "P waves alone", "ventricular fibrillation"])
def test_no_organized_beats(what):
    def silent(rng: np.random.Generator, rate: int) -> np.ndarray:
        signal = noise(rate, rng, 0.005)
        if what == "P waves alone":
            signal += p_waves_at(np.arange(0.3, 9.9, rng.uniform(0.6, 1)), rate)
        elif what == "ventricular fibrillation":
            signal += fibrillating_ventricles(rate, rng)
        return signal

    assert share(lambda beats: not beats.organized and beats.rate_bpm is None, silent) >= 0.95
