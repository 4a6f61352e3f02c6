"""Intervals against simulated truth and recorders' own measurements; None instead of nonsense."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import einthoven
from einthoven.recording import LEADS
from einthoven.signal.measurements.measure import SignalMeasurements, corrected_qt, measure_signal
from einthoven.signal.measurements.values import GLOBAL_NAMES
from einthoven.simulate.cases import draw_case
from einthoven.simulate.heart import Wave, frontal_axis, normal_heart, rotation
from einthoven.simulate.tracing import ELECTRODES, Noise, Rhythm, tracing
from simulate.true_intervals import true_intervals

NOTHING = dict.fromkeys(GLOBAL_NAMES)
CALM = Noise(np.full(len(ELECTRODES), 0.02), np.full(len(ELECTRODES), 0.005))


def simulated(heart=None, rhythm=None, rate: int = 500, noise: Noise = CALM, seed: int = 0) -> np.ndarray:
    rhythm = rhythm or Rhythm(70)
    (units,) = tracing(heart or normal_heart(), rhythm, noise, [rate], np.random.default_rng(seed))
    return np.ascontiguousarray(units.T / np.float32(1000))


def numbers(intervals: SignalMeasurements) -> dict[str, float | None]:
    return {name: getattr(intervals, name) for name in GLOBAL_NAMES}


def check(intervals: SignalMeasurements) -> None:
    """Whatever was put in, what comes out can be in a heart."""
    ranges = {"pr_ms": (20, 420), "qrs_ms": (10, 480), "qt_ms": (80, 900), "qrs_axis_degrees": (-180, 180)}
    for name, value in numbers(intervals).items():
        assert value is None or math.isfinite(value)
        low, high = ranges.get(name, (-180, 1500))
        assert value is None or low <= value <= high, name
    if intervals.boundaries is not None:
        places = [
            intervals.boundaries.p_onset,
            intervals.boundaries.p_offset,
            intervals.boundaries.qrs_onset,
            intervals.boundaries.qrs_offset,
            intervals.boundaries.t_offset,
        ]
        known = [place for place in places if place is not None]
        assert known == sorted(known)
        assert known[0] >= 0
        assert known[-1] < intervals.beat.shape[1]


@settings(max_examples=25, derandomize=True)
@given(st.floats(48, 105), st.floats(0.8, 1.6), st.sampled_from([100, 250, 500]), st.integers(0, 1000))
def test_a_healthy_heart_is_measured_to_some_milliseconds(bpm, stretch, rate, seed):
    heart = {
        name: Wave(w.at * (1 if name[0] == "Q" else stretch), w.width, w.vector) if name[0] == "P" else w
        for name, w in normal_heart().items()
    }
    truth = true_intervals(heart, 60 / bpm)
    intervals = measure_signal(simulated(heart, Rhythm(bpm), rate, seed=seed), rate, LEADS)
    assert intervals.qrs_ms == pytest.approx(truth.qrs, abs=12)
    assert intervals.pr_ms is None or intervals.pr_ms == pytest.approx(truth.pr, abs=20)
    assert intervals.qt_ms is None or intervals.qt_ms == pytest.approx(truth.qt, abs=25)
    assert intervals.qrs_axis_degrees == pytest.approx(frontal_axis(heart), abs=8)
    check(intervals)


def test_qt_of_a_fast_heart_whose_p_wave_comes_early():
    heart = normal_heart()
    early = {name: Wave(w.at * 1.59765625, w.width, w.vector) if name[0] == "P" else w for name, w in heart.items()}
    intervals = measure_signal(simulated(early, Rhythm(105), 100, seed=0), 100, LEADS)
    assert intervals.qt_ms is None or intervals.qt_ms == pytest.approx(true_intervals(early, 60 / 105).qt, abs=25)


def test_a_healthy_heart_leaves_nothing_out():
    intervals = measure_signal(simulated(), 500, LEADS)
    assert None not in numbers(intervals).values()
    rr = 60 / 70
    assert intervals.qtc_bazett_ms == pytest.approx(intervals.qt_ms / math.sqrt(rr), rel=0.02)
    assert intervals.qtc_fridericia_ms == pytest.approx(intervals.qt_ms / math.cbrt(rr), rel=0.02)


@pytest.mark.parametrize("rate", [125, 360, 800, 1000])
def test_the_sampling_rate_does_not_matter(rate):
    fine = simulated(rate=500)
    from einthoven.signal.resampling import resample

    other = measure_signal(resample(fine, 500, rate), rate, LEADS)
    for name, value in numbers(measure_signal(fine, 500, LEADS)).items():
        assert getattr(other, name) == pytest.approx(value, abs=4)


@settings(max_examples=15)
@given(st.floats(-140, 140))
def test_a_turned_heart_has_a_turned_axis(angle):
    heart = {name: w.rotate(rotation(angle, 0)) for name, w in normal_heart().items()}
    intervals = measure_signal(simulated(heart), 500, LEADS).qrs_axis_degrees
    assert intervals is None or abs((intervals - frontal_axis(heart) + 180) % 360 - 180) < 12


def test_the_axis_needs_lead_i_and_one_more():
    signal = simulated()
    pick = lambda *leads: measure_signal(signal[[LEADS.index(lead) for lead in leads]], 500, leads)  # noqa: E731
    whole = measure_signal(signal, 500, LEADS).qrs_axis_degrees
    assert pick("I", "II", "V2", "V5").qrs_axis_degrees == pytest.approx(whole, abs=3)
    assert pick("II", "V2", "V5").qrs_axis_degrees is None
    assert pick("I", "V2", "V5").qrs_axis_degrees is None


def test_a_late_wave_widens_the_qrs_complex():
    heart = normal_heart()
    narrow = measure_signal(simulated(heart), 500, LEADS).qrs_ms
    heart["QRS late"] = Wave(60, 14, np.array([-0.3, 0.1, -0.5]))
    wide = measure_signal(simulated(heart), 500, LEADS).qrs_ms
    assert wide == pytest.approx(true_intervals(heart).qrs, abs=14)
    assert wide > narrow + 30


def test_without_p_waves_there_is_no_pr():
    heart = {name: w for name, w in normal_heart().items() if not name.startswith("P")}
    with_pr = 0
    for seed in range(20):
        rhythm = Rhythm(85, sinus_arrhythmia=0, irregularity=0.18, fibrillation=0.04)
        with_pr += measure_signal(simulated(heart, rhythm, seed=seed), 500, LEADS).pr_ms is not None
    assert with_pr <= 2


def test_premature_beats_do_not_change_it():
    alone = measure_signal(simulated(), 500, LEADS)
    axis = np.array([-1.0, 0.8, 0.9])
    odd = {"QRS main": Wave(0, 26, axis), "QRS late": Wave(45, 22, axis), "T": Wave(270, 50, -0.45 * axis)}
    intervals = measure_signal(simulated(rhythm=Rhythm(70, ectopic_beats=3, ectopic_heart=odd)), 500, LEADS)
    assert intervals.qrs_ms == pytest.approx(alone.qrs_ms, abs=5)
    assert intervals.pr_ms == pytest.approx(alone.pr_ms, abs=8)
    assert intervals.qt_ms == pytest.approx(alone.qt_ms, abs=10)


def test_bad_leads_do_not_change_it():
    signal = simulated()
    good = measure_signal(signal, 500, LEADS)
    rng = np.random.default_rng(0)
    signal[7] = rng.normal(0, 0.5, signal.shape[1])
    signal[9] = 0
    intervals = measure_signal(signal, 500, LEADS)
    assert not intervals.leads.keys() & {LEADS[7], LEADS[9]}
    for name in ("pr_ms", "qrs_ms", "qt_ms"):
        assert getattr(intervals, name) == pytest.approx(getattr(good, name), abs=8)


@settings(max_examples=20)
@given(
    st.sampled_from(["NORM", "MI", "STTC", "CD", "HYP", "NONE"]),
    st.integers(0, 10**6),
    st.sampled_from([100, 500]),
    st.floats(0, 0.3),
)
def test_every_heart_in_any_noise_has_possible_intervals_or_none(kind, seed, rate, muscle):
    rng = np.random.default_rng(seed)
    case = draw_case(kind, rng, rng)
    noise = Noise(np.full(len(ELECTRODES), 0.2), np.full(len(ELECTRODES), muscle))
    check(measure_signal(simulated(case.heart, case.rhythm, rate, noise, seed), rate, LEADS))


@settings(max_examples=30)
@given(
    st.integers(0, 10**6),
    st.sampled_from([1e-6, 0.1, 10, 1e6]),
    st.sampled_from([(12, 1000, 100), (1, 1250, 500), (12, 5000, 500), (3, 400, 130)]),
    st.floats(0, 1),
)
def test_noise_has_possible_intervals_or_none(seed, size, shape, smooth):
    leads, samples, rate = shape
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, size, (leads, samples))
    noise = (1 - smooth) * noise + smooth * np.cumsum(noise, axis=1)
    check(measure_signal(noise.astype(np.float32), rate, LEADS[:leads]))


@pytest.mark.parametrize("value", [0, 1, -3e4, 1e9])
def test_a_constant_has_none(value):
    assert numbers(measure_signal(np.full((12, 5000), value, np.float32), 500, LEADS)) == NOTHING


def test_noise_alone_has_none():
    rng = np.random.default_rng(0)
    some = [measure_signal(rng.normal(0, 0.1, (12, 1000)).astype(np.float32), 100, LEADS) for _ in range(30)]
    assert sum(intervals.qrs_ms is not None for intervals in some) == 0


def test_spikes_and_steps_give_possible_intervals_or_none():
    signal = simulated(rate=100)
    signal[:, 300:] += 5
    signal[3, ::97] = 30
    check(measure_signal(signal, 100, LEADS))
    check(measure_signal(np.sign(signal), 100, LEADS))


def test_too_slow_or_too_short_is_refused():
    with pytest.raises(ValueError, match="at least"):
        measure_signal(np.zeros((12, 5000), np.float32), 60, LEADS)
    with pytest.raises(ValueError, match="at least"):
        measure_signal(np.zeros((12, 1000), np.float32), 500, LEADS)


RECORDERS = {  # what the recorders measured themselves: PR, QRS, QT in ms, and the axis
    "ge-muse/braveheart1.xml": (138, 96, 452, 20),
    "ge-muse/cvrg-250hz.xml": (180, 56, 388, 64),
    "philips-sierra/sierra-1.03.xml": (151, 135, 476, -21),
    "philips-sierra/sierra-1.04.01.xml": (164, 102, 399, 22),
    "hl7-aecg/fda-subject1.xml": (148, 120, 420, -61),
    "dicom/waveform_ecg.dcm": (161, 75, 368, 52),
}


@pytest.mark.parametrize(("file", "measured"), RECORDERS.items())
def test_near_to_what_recorders_measure(file, measured, test_data):
    recording = einthoven.read(test_data / "formats" / file)
    intervals = measure_signal(recording.signal, recording.rate, recording.leads)
    for name, value, off in zip(
        ("pr_ms", "qrs_ms", "qt_ms", "qrs_axis_degrees"), measured, (12, 14, 25, 20), strict=True
    ):
        assert getattr(intervals, name) == pytest.approx(value, abs=off), name


@pytest.mark.parametrize("bpm", [100, 115, 130, 150])
@pytest.mark.parametrize("pr_stretch", [1.0, 1.3, 1.6])
def test_at_fast_rates_no_interval_reaches_into_the_next_wave(bpm, pr_stretch):
    heart = {
        name: Wave(w.at * pr_stretch, w.width, w.vector) if name[0] == "P" else w for name, w in normal_heart().items()
    }
    truth = true_intervals(heart, 60 / bpm)
    for seed in range(3):
        measured = measure_signal(simulated(heart, Rhythm(bpm), 250, seed=seed), 250, LEADS)
        assert measured.qt_ms is None or measured.qt_ms == pytest.approx(truth.qt, abs=35)
        assert measured.pr_ms is None or measured.pr_ms == pytest.approx(truth.pr, abs=30)


def test_p_waves_that_do_not_lead_the_beats_give_no_pr():
    beats = {name: w for name, w in normal_heart().items() if name[0] != "P"}
    atria = {name: w for name, w in normal_heart().items() if name[0] == "P"}
    with_pr = 0
    for seed in range(20):
        ventricles = simulated(beats, Rhythm(48, sinus_arrhythmia=0), seed=seed)
        measured = measure_signal(ventricles + simulated(atria, Rhythm(83), seed=seed + 100), 500, LEADS)
        with_pr += measured.pr_ms is not None
    assert with_pr == 0


def test_corrected_qt() -> None:
    assert corrected_qt(400, 60) == dict.fromkeys(corrected_qt(400, 60), 400)
    fast = corrected_qt(320, 100)
    assert fast["qtc_bazett_ms"] == pytest.approx(413, abs=1)
    assert fast["qtc_fridericia_ms"] == pytest.approx(379, abs=1)
    assert fast["qtc_framingham_ms"] == pytest.approx(382, abs=1)
    assert fast["qtc_hodges_ms"] == pytest.approx(390, abs=1)
