"""Times of beats to a fraction of a sample."""

import numpy as np

from einthoven.signal.beat_times import beat_times, rr_features
from einthoven.signal.rr_intervals import describe


def slope_of(times_s: np.ndarray, width: float = 4.0) -> np.ndarray:
    """A common slope with a symmetric peak at each time."""
    return np.exp(-(((np.arange(1000)[:, None] - 100 * times_s) / width) ** 2)).sum(axis=1).astype(np.float32)


def test_they_are_exact_between_samples() -> None:
    times = 0.503 + 0.8137 * np.arange(11)
    np.testing.assert_allclose(beat_times(slope_of(times)), times, atol=0.0005)


def test_a_peak_that_is_cut_off_has_its_centre() -> None:
    times = 0.503 + 0.8137 * np.arange(11)
    np.testing.assert_allclose(beat_times(np.minimum(slope_of(times), np.float32(0.9))), times, atol=0.005)


def test_beats_at_the_ends_do_not_count() -> None:
    np.testing.assert_allclose(beat_times(slope_of(np.array([0.15, 1, 2, 3, 9.85]))), [1, 2, 3], atol=0.0005)
    assert beat_times(np.zeros(1000, np.float32)) == []


def test_intervals_are_described_from_them() -> None:
    slope = slope_of(np.array([1, 1.8, 2.3, 3.4, 4.2]))
    np.testing.assert_array_equal(rr_features(slope), describe(beat_times(slope)))
