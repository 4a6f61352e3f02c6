"""Recordings played once and in a loop."""

import numpy as np
import pytest

from einthoven.recording import LEADS, Recording
from einthoven.serve.stream.playback import MUSCLE_MV, WANDER_MV, Noise, Playback, splice
from einthoven.signal.heart_rate import heart_rate_bpm
from einthoven.signal.quality import assess


def test_once() -> None:
    signal = np.arange(24, dtype=np.float32).reshape(12, 2) @ np.ones((2, 600), np.float32)
    playback = Playback(Recording(signal, 100.0, LEADS))
    taken = [playback.take(250) for _ in range(4)]
    assert [len(part) for part in taken] == [250, 250, 100, 0]
    assert (np.concatenate(taken) == signal.T).all()


def test_the_seam_has_no_beat_and_no_step(ecg: Recording) -> None:
    """Half a minute of loops has the heart rate of the recording, and no steeper slope."""
    wandering = ecg.signal + np.linspace(0, 2, ecg.signal.shape[1], dtype=np.float32)
    looped = Playback(Recording(wandering, ecg.rate, LEADS), loop=True).take(15_000).T
    assert heart_rate_bpm(looped, ecg.rate) == pytest.approx(heart_rate_bpm(ecg.signal, ecg.rate), rel=0.02)
    assert np.abs(np.diff(looped)).max() <= 1.1 * np.abs(np.diff(ecg.signal)).max()
    assert np.abs(looped[:, :5000] - looped[:, -5000:]).max() < 4


def test_without_beats_all_is_played() -> None:
    noise = np.random.default_rng(0).normal(0, 0.001, (12, 1000)).astype(np.float32)
    assert splice(noise * 0, 100.0).shape[1] == 980


@pytest.mark.parametrize("rate", [100.0, 500.0])
def test_noise_never_repeats_and_obeys_einthovens_law(rate: float, ecg: Recording) -> None:
    noise = Noise(rate, LEADS, np.random.default_rng(0))
    first, second = noise.take(round(60 * rate)), noise.take(round(60 * rate))
    assert abs(np.corrcoef(first[:, 1], second[:, 1])[0, 1]) < 0.3
    one, two, three = first[:, :3].T
    assert np.abs(one + three - two).max() < 1e-5
    expected = np.sqrt(2 * (WANDER_MV**2 + MUSCLE_MV**2))  # between two electrodes
    assert two.std() == pytest.approx(expected, rel=0.4)


def test_a_noisy_loop_can_be_interpreted(ecg: Recording) -> None:
    samples = Playback(ecg, loop=True, noise=np.random.default_rng(0)).take(5000)
    assert assess(np.ascontiguousarray(samples.T, np.float32), ecg.rate, LEADS).acceptable
