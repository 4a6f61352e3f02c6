"""What is interpreted with a doubt, and what is refused for which reason."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rhythms import ECTOPIC, beats_at, fibrillating_ventricles, noise, twelve
from scipy.signal import sawtooth, square

from einthoven.recording import LEADS, Recording
from einthoven.signal.analysis import SegmentAnalysis, analyze_segments
from einthoven.signal.fitness import NO_ORGANIZED_BEATS, NO_SIGNAL
from einthoven.signal.resampling import resample
from einthoven.signal.segments import segments
from einthoven.simulate.cases import draw_case
from einthoven.simulate.tracing import ELECTRODES, Noise, leads_from_electrodes, tracing

RATE = 100
TIME = np.arange(10 * RATE) / RATE
TACHYARRHYTHMIAS = (20, 34, 7296, 7304, 10306)
"""ecg_id of records of fold 9: flutter, wide-complex tachycardia, PSVT."""
PERIODIC = {
    "sine": np.sin,
    "square": square,
    "sawtooth": sawtooth,
    "triangle": lambda phase: sawtooth(phase, 0.5),
    "calibration pulses": lambda phase: square(phase, 0.2),
}


def analyze(signal: np.ndarray, rate: float = RATE) -> SegmentAnalysis:
    recording = Recording(np.ascontiguousarray(signal, np.float32), rate, LEADS)
    return next(iter(analyze_segments(segments(recording, 100), LEADS, force=False)))


def simulated(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    case = draw_case("NORM", rng, rng)
    quiet = Noise(np.full(len(ELECTRODES), 0.01), np.full(len(ELECTRODES), 0.004))
    (units,) = tracing(case.heart, case.rhythm, quiet, [RATE], rng)
    return np.ascontiguousarray(units.T / np.float32(1000))


def muscle(mv: float, rng: np.random.Generator) -> np.ndarray:
    """Noise at each electrode."""
    return twelve(leads_from_electrodes(rng.normal(0, mv, (len(ELECTRODES), len(TIME)))))


def codes(analysis: SegmentAnalysis) -> set[str]:
    return {doubt.code for doubt in analysis.doubts}


@pytest.mark.parametrize("bpm", [130, 150, 180, 210])
def test_a_wide_complex_tachycardia_is_doubted_and_not_ruled_out(bpm: int) -> None:
    rng = np.random.default_rng(bpm)
    analysis = analyze(beats_at(np.arange(0.1, 9.9, 60 / bpm), ECTOPIC, RATE) + noise(RATE, rng))
    assert analysis.refusal_reasons == ()
    assert analysis.heart_rate_bpm == pytest.approx(bpm, rel=0.02)
    assert "rule-out" in {doubt.withholds for doubt in analysis.doubts if doubt.code == "signal-unusual"}


@pytest.mark.parametrize("name", PERIODIC)
@pytest.mark.parametrize("hz", [0.5, 1, 1.3, 2, 3, 5])
@pytest.mark.parametrize("mv", [0.3, 1, 3])
@pytest.mark.parametrize("same", [True, False])
def test_periodic_signals_that_are_not_ecgs_are_refused(name: str, hz: float, mv: float, same: bool) -> None:
    rng = np.random.default_rng(0)
    wave = mv * PERIODIC[name](2 * np.pi * (hz * TIME + rng.random()))
    sizes = np.ones(8) if same else rng.choice([-1, 1], 8) * rng.uniform(0.3, 1, 8)
    assert analyze(twelve(sizes[:, None] * wave) + rng.normal(0, 0.005, (12, len(TIME)))).refusal_reasons


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["sines", "white", "1/f", "walk", "ramp", "hum"]))
def test_other_signals_are_refused(seed: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    phase = 2 * np.pi * (rng.uniform(0.8, 3) * TIME + rng.random((8, 1)))
    white = rng.normal(size=(8, len(TIME)))
    pink = np.fft.irfft(np.fft.rfft(white) / np.sqrt(np.maximum(np.arange(len(TIME) // 2 + 1), 1)), len(TIME))
    signal = {
        "sines": 0.3 * np.sin(phase),
        "white": 0.2 * white,
        "1/f": pink,
        "walk": 0.02 * white.cumsum(axis=1),
        "ramp": rng.normal(size=(8, 1)) * TIME,
        "hum": 0.2 * np.sin(2 * np.pi * 50.3 * TIME + phase[:, :1]),
    }[kind]
    assert analyze(twelve(signal)).refusal_reasons


@pytest.mark.parametrize("seed", range(10))
def test_fibrillation_asystole_and_no_signal_say_what_they_are(seed: int) -> None:
    rng = np.random.default_rng(seed)
    fibrillation = analyze(fibrillating_ventricles(RATE, rng) + noise(RATE, rng))
    assert fibrillation.refusal_reasons[-1] == NO_ORGANIZED_BEATS
    assert analyze(noise(RATE, rng)).refusal_reasons[-1] == NO_ORGANIZED_BEATS
    assert analyze(np.full((12, len(TIME)), rng.normal())).refusal_reasons == (NO_SIGNAL,)


@given(st.sets(st.sampled_from(LEADS[6:]), min_size=1, max_size=3))
@settings(max_examples=15, deadline=None)
def test_without_some_leads_an_infarct_is_not_ruled_out(lost: set[str]) -> None:
    signal = simulated()
    signal[[LEADS.index(lead) for lead in lost]] = 0
    analysis = analyze(signal)
    assert analysis.refusal_reasons == ()
    assert codes(analysis) == {"leads-lost" if len(lost) == 1 else "quality-poor"}
    assert {doubt.withholds for doubt in analysis.doubts} == {"rule-out"}


@given(st.sets(st.sampled_from(LEADS[6:]), min_size=4))
@settings(max_examples=10, deadline=None)
def test_without_too_many_leads_it_is_refused(lost: set[str]) -> None:
    signal = simulated()
    signal[[LEADS.index(lead) for lead in lost]] = 0
    names = [lead for lead in LEADS if lead in lost]
    assert analyze(signal).refusal_reasons == (f"{', '.join(names[:-1])} and {names[-1]} are off",)


def test_copies_of_one_lead_are_refused_or_their_infarct_answer_is_withheld() -> None:
    wave = simulated()[10]
    assert analyze(np.repeat(wave[None], 12, axis=0)).refusal_reasons == (
        "all leads show the same wave, as test signals and copies of one lead do",
    )
    consistent = analyze(twelve(np.repeat(wave[None], 8, axis=0)))
    assert consistent.refusal_reasons or "infarct" in {doubt.withholds for doubt in consistent.doubts}


def test_a_wrong_unit_is_refused() -> None:
    assert "the unit may be wrong" in analyze(simulated() * 7).refusal_reasons[0]


def fold_9(test_data: Path, step: int) -> list[np.ndarray]:
    from einthoven.datasets.dataset import Dataset

    dataset = Dataset.open(test_data / "ptbxl")
    return [dataset.signals[row] / np.float32(1000) for row in dataset.rows((9,))[::step]]


def test_tachyarrhythmias_are_interpreted(test_data: Path) -> None:
    from einthoven.datasets.dataset import Dataset

    dataset = Dataset.open(test_data / "ptbxl")
    for ecg_id in TACHYARRHYTHMIAS:
        row = int(np.flatnonzero(dataset.annotations.ecg_ids == ecg_id)[0])
        analysis = analyze(dataset.signals[row] / np.float32(1000))
        assert analysis.refusal_reasons == ()
        assert analysis.heart_rate_bpm is not None
        assert analysis.heart_rate_bpm > 130


def test_few_records_are_refused_as_they_are_or_with_muscle_noise(test_data: Path) -> None:
    signals, rng = fold_9(test_data, 10), np.random.default_rng(0)
    assert np.mean([bool(analyze(signal).refusal_reasons) for signal in signals]) < 0.01
    noisy = [analyze(signal + muscle(0.05, rng)) for signal in signals]
    assert np.mean([bool(analysis.refusal_reasons) for analysis in noisy]) < 0.05
    assert np.mean(["noise" in codes(analysis) for analysis in noisy if not analysis.refusal_reasons]) > 0.95
    assert np.mean([bool(analyze(signal + muscle(0.1, rng)).refusal_reasons) for signal in signals]) < 0.12


@pytest.mark.parametrize("factor", [0.5, 2])
def test_a_wrong_sampling_rate_is_named(factor: float, test_data: Path) -> None:
    """Of most: at twice its rate a slow heart looks like a fast one, at half of it a fast one like a slow one."""
    signals = fold_9(test_data, 20)
    changed = [resample(signal, RATE, 200)[:, :1000] if factor < 1 else signal for signal in signals]
    reasons = [analyze(signal, RATE * max(factor, 1)).refusal_reasons for signal in changed]
    assert np.mean([any("the sampling rate must be" in text for text in reason) for reason in reasons]) > 0.5
