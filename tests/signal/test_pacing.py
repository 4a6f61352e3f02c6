"""Pacing spikes: found, cut out, judged; and never seen in what is none."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rhythms import WIDE, beats_at, fibrillating_ventricles, noise, p_waves_at, spikes_at
from scipy.signal import resample_poly

from einthoven.recording import LEADS, Recording
from einthoven.signal.analysis import SegmentAnalysis, analyze_segments
from einthoven.signal.measurements.measure import measure_signal
from einthoven.signal.pacing import find_spikes, remove_spikes
from einthoven.signal.segments import segments
from einthoven.simulate.cases import draw_case
from einthoven.simulate.heart import normal_heart
from einthoven.simulate.rhythms import simulate_rhythm
from einthoven.simulate.tracing import ELECTRODES, Noise, tracing

RATES = (100, 250, 500, 1000)


def analyzed(signal: np.ndarray, rate: int) -> SegmentAnalysis:
    recording = Recording(signal=signal, rate=rate, leads=LEADS)
    (analysis,) = analyze_segments(segments(recording, 100), LEADS, force=True)
    return analysis


def sinus(rate: int, rng: np.random.Generator, bpm: float = 72) -> np.ndarray:
    at = np.arange(0.5, 9.8, 60 / bpm)
    return noise(rate, rng) + p_waves_at(at - 0.16, rate) + beats_at(at, normal_heart(), rate)


def stored_by_a_recorder(times: np.ndarray, mv: float, width_ms: float, rate: int) -> np.ndarray:
    """A train of rectangular spikes, sampled at 10 kHz and filtered to half of `rate`."""
    train = np.zeros(100_000)
    for at in times:
        train[round(at * 10_000) : round(at * 10_000 + width_ms * 10)] = mv
    return resample_poly(train, rate, 10_000).astype(np.float32)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(("mv", "width_ms"), [(2, 2), (5, 1), (10, 0.5)])
def test_spikes_are_found_where_they_are(rate, mv, width_ms):
    rng = np.random.default_rng(rate)
    found = expected = 0
    for _ in range(10):
        times = np.arange(rng.uniform(0.1, 0.6), 9.8, 60 / rng.uniform(60, 90))
        train = stored_by_a_recorder(times, mv, width_ms, rate)
        direction = spikes_at([5], 1, rate, rng).sum(axis=1, keepdims=True)
        spikes = find_spikes(sinus(rate, rng) + direction * train, rate)
        distance = np.abs(spikes[:, None] - times)
        found += (distance.min(axis=0, initial=9) < 0.012).sum()
        expected += len(times)
        assert (distance.min(axis=1, initial=9) < 0.05).all()
    # at 100 Hz the recorder's filter leaves 0.2 mV of them
    assert found >= (0.6 if rate == 100 else 0.8) * expected


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(RATES),
    st.floats(2, 10),
    st.floats(0.06, 0.12),
    st.floats(60, 95),
    st.integers(0, 10**6),
)
def test_spikes_before_the_qrs_complex_change_neither_it_nor_the_rate(rate, mv, before, bpm, seed):
    rng = np.random.default_rng(seed)
    plain = sinus(rate, rng, bpm)
    paced = plain + spikes_at(np.arange(0.5, 9.8, 60 / bpm) - before, mv, rate, rng)
    one, other = analyzed(plain, rate), analyzed(paced, rate)
    assert other.pacing.spikes
    assert other.heart_rate_bpm == pytest.approx(one.heart_rate_bpm, abs=1)
    assert other.measurements.qrs_ms == pytest.approx(one.measurements.qrs_ms, abs=10)


@pytest.mark.parametrize("rate", [100, 500])
def test_spikes_at_any_time_leave_the_rate_of_a_sinus_rhythm(rate):
    rng = np.random.default_rng(3)
    close = 0
    for mv in np.linspace(2, 10, 20):
        plain = sinus(rate, rng)
        paced = plain + spikes_at(np.arange(rng.uniform(0.2, 0.8), 9.7, 0.93), mv, rate, rng)
        measured = measure_signal(remove_spikes(paced, rate, find_spikes(paced, rate)), rate, LEADS)
        close += abs(measured.qrs_ms - measure_signal(plain, rate, LEADS).qrs_ms) <= 10
        assert analyzed(paced, rate).beats.rate_bpm == pytest.approx(analyzed(plain, rate).beats.rate_bpm, abs=1)
    assert close >= 19


@pytest.mark.parametrize("rate", [100, 500])
@pytest.mark.parametrize("rest", ["nothing", "P waves", "fibrillation"])
def test_spikes_without_capture_have_no_rate(rate, rest):
    rng = np.random.default_rng(5)
    silent = 0
    for _ in range(50):
        signal = noise(rate, rng, rng.uniform(0.003, 0.01))
        signal += spikes_at(np.arange(0.3, 9.8, 60 / rng.uniform(50, 90)), rng.uniform(1, 10), rate, rng)
        if rest == "P waves":
            signal += p_waves_at(np.arange(0.2, 9.9, 60 / rng.uniform(60, 110)), rate)
        elif rest == "fibrillation":
            signal += fibrillating_ventricles(rate, rng)
        analysis = analyzed(signal, rate)
        silent += analysis.heart_rate_bpm is None and analysis.pacing.captured is False
    assert silent >= 48


@pytest.mark.parametrize("rate", [100, 500])
def test_captured_spikes(rate):
    rng = np.random.default_rng(6)
    at = np.arange(0.4, 9.5, 0.86)
    ventricular = noise(rate, rng, 0.005) + spikes_at(at, 3, rate, rng) + beats_at(at + 0.1, WIDE, rate)
    atrial = noise(rate, rng, 0.005) + spikes_at(at, 3, rate, rng) + p_waves_at(at + 0.06, rate)
    atrial += beats_at(at + 0.22, normal_heart(), rate)
    for signal in (ventricular, atrial):
        analysis = analyzed(signal, rate)
        assert analysis.pacing.captured is True
        assert analysis.heart_rate_bpm == pytest.approx(60 / 0.86, abs=1)
        assert len(analysis.pacing.spikes) == pytest.approx(len(at), abs=1)


def test_an_escape_rhythm_does_not_answer_spikes():
    rng = np.random.default_rng(7)
    escape = beats_at(np.arange(0.9, 10, 1.71), WIDE, 500)
    analysis = analyzed(noise(500, rng, 0.005) + escape + spikes_at(np.arange(0.3, 9.8, 0.75), 4, 500, rng), 500)
    assert analysis.pacing.captured is False
    assert analysis.heart_rate_bpm is None
    assert analysis.measurements.heart_rate_bpm is None
    assert analysis.measurements.qtc_fridericia_ms is None
    assert analysis.beats.rate_bpm == pytest.approx(35, abs=1)


def test_spikes_without_capture_are_told_though_something_is_left_of_them():
    told = []
    for k in range(60):
        rate = RATES[k % 3]
        signal = simulate_rhythm("spikes without capture", rate, np.random.default_rng([k, 22]))
        analysis = analyzed(signal, rate)
        told.append(analysis.pacing.captured is False or not analysis.beats.organized)
    assert np.mean(told) >= 0.97


@pytest.mark.parametrize("kind", ["NORM", "MI", "STTC", "CD", "HYP"])
def test_simulated_hearts_have_no_spikes(kind):
    rng = np.random.default_rng(8)
    for _ in range(15):
        case = draw_case(kind, rng, rng)
        muscle = np.full(len(ELECTRODES), rng.uniform(0.005, 0.1))
        units = tracing(case.heart, case.rhythm, Noise(muscle, muscle, rng.uniform(0, 0.2)), [100, 500], rng)
        for signal, rate in zip(units, (100, 500), strict=True):
            assert not len(find_spikes(signal.T.astype(np.float32) / 1000, rate))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(RATES), st.floats(0.001, 1))
def test_noise_has_no_spikes(seed, rate, mv):
    assert not len(find_spikes(noise(rate, np.random.default_rng(seed), mv), rate))


def test_a_pop_of_one_electrode_is_no_spike():
    signal = sinus(500, np.random.default_rng(9))
    signal[9, 2000:2003] += 3
    assert not len(find_spikes(signal, 500))


def test_a_signal_without_spikes_stays_as_it_is():
    signal = sinus(100, np.random.default_rng(10))
    assert remove_spikes(signal, 100, np.zeros(0)) is signal
