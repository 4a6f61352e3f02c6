"""The numbers that a model gets from the median beat."""

from pathlib import Path

import numpy as np
import pytest

from einthoven import examples
from einthoven.datasets.dataset import Dataset
from einthoven.recording import LEADS
from einthoven.signal.measurements.features import AMPLITUDES, FEATURES
from einthoven.signal.measurements.measure import measure_signal
from einthoven.signal.recording_features import RecordingFeatures
from einthoven.signal.resampling import resample


def features_of(signal: np.ndarray, rate: float, leads: tuple[str, ...] = LEADS) -> dict[str, float]:
    waves = RecordingFeatures.measure(signal, rate, leads).waves
    assert waves is not None
    return dict(zip(FEATURES, waves.tolist(), strict=True))


def test_they_are_the_measurements_of_the_beat() -> None:
    recording = examples.recording("normal")
    features = features_of(recording.signal, recording.rate)
    measured = measure_signal(recording.signal, recording.rate, LEADS)
    assert measured.qrs_ms == pytest.approx(features["qrs_ms"])
    assert measured.qrs_axis_degrees is not None
    axis = np.degrees(np.arctan2(features["sin_qrs_axis"], features["cos_qrs_axis"]))
    assert axis == pytest.approx(measured.qrs_axis_degrees, abs=1e-3)
    of_lead = measured.leads["V5"]
    assert of_lead.r_mv is not None
    assert 0.7 * of_lead.r_mv < features["V5_r_mv"] < of_lead.r_mv  # less, because of the filter


def test_they_do_not_depend_on_the_sampling_rate() -> None:
    recording = examples.recording("normal")
    assert recording.rate == 500
    fast, slow = features_of(recording.signal, 500), features_of(resample(recording.signal, 500, 100), 100)
    for name in FEATURES:
        tolerance = 0.03 if name.endswith("_mv") or name.startswith(("cos", "sin")) else 6.0
        assert slow[name] == pytest.approx(fast[name], abs=tolerance, nan_ok=True), name


def test_amplitudes_grow_with_the_gain_and_nothing_else(test_data: Path) -> None:
    dataset = Dataset.open(test_data / "ptbxl")
    for row in dataset.rows((9,))[:20]:
        signal = dataset.signals[row] / np.float32(1000)
        features = RecordingFeatures.measure(signal, 100, LEADS)
        enlarged, measured = features.enlarged(1.5), RecordingFeatures.measure(signal * np.float32(1.5), 100, LEADS)
        np.testing.assert_array_equal(enlarged.rr, features.rr)
        if enlarged.waves is None or measured.waves is None:
            assert enlarged.waves is measured.waves
            continue
        assert features.waves is not None
        np.testing.assert_array_equal(enlarged.waves[~AMPLITUDES], features.waves[~AMPLITUDES])
        st = np.array([name.endswith("st_j_mv") for name in FEATURES])  # waves of 20 uV are counted or not
        both = st & ~np.isnan(enlarged.waves) & ~np.isnan(measured.waves)  # what is clear has limits in mV
        assert both.any()
        np.testing.assert_allclose(enlarged.waves[both], measured.waves[both], atol=1e-3)


def test_a_lead_that_is_missing_or_flat_is_unclear() -> None:
    recording = examples.recording("normal")
    features = features_of(recording.signal[:11], recording.rate, LEADS[:11])
    assert {name for name, value in features.items() if np.isnan(value)} >= {n for n in FEATURES if n.startswith("V6_")}
    flat = recording.signal.copy()
    flat[7] = 0
    assert np.isnan(features_of(flat, recording.rate)["V2_r_mv"])


def test_without_beats_nothing_is_known() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, (12, 1000)).astype(np.float32)
    features = RecordingFeatures.measure(noise, 100, LEADS)
    assert features.waves is None
    assert features.enlarged(2.0).waves is None
