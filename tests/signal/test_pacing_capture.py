"""Capture: whether beats answer pacing spikes."""

import numpy as np

from einthoven.signal.pacing_capture import is_captured, without_remains


def test_what_is_left_of_a_spike_is_no_answer():
    spikes, beats = np.arange(0.5, 9.5, 1), np.arange(0.52, 9.5, 0.5)
    ecg = np.zeros((12, 1000), np.float32)
    ecg[:, np.rint(100 * beats).astype(int)] = 0.3
    np.testing.assert_array_equal(without_remains(beats, spikes, ecg), beats[1::2])
    assert is_captured(spikes, without_remains(beats, spikes, ecg), 10) is False
    ecg[:3, np.rint(100 * beats).astype(int)] = 0.5  # a QRS complex in three leads
    np.testing.assert_array_equal(without_remains(beats, spikes, ecg), beats)
    assert without_remains(np.zeros(0), spikes, ecg).size == 0
    np.testing.assert_array_equal(without_remains(beats, np.zeros(0), ecg), beats)


def test_capture_is_unclear_for_too_few_or_irregular_spikes():
    beats = np.arange(0.5, 10, 0.8)
    assert is_captured(np.zeros(0), beats, 10) is None
    assert is_captured(np.array([0.95, 1.7]), np.zeros(0), 10) is None
    assert is_captured(np.array([0.3, 0.5, 3.1, 7.7]), np.zeros(0), 10) is None
    assert is_captured(np.array([1.0, 2.0, 3.0, 4.0]), np.zeros(0), 10) is False
    assert is_captured(np.array([9.9]), np.zeros(0), 10) is None
    assert is_captured(beats[2:4] - 0.1, beats, 10) is None  # two may be noise
    assert is_captured(beats[2:5] - 0.1, beats, 10) is True
