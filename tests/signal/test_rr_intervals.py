"""RR intervals in numbers: what distinguishes rhythms, and that they are finite for any beats."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.signal.rr_intervals import FEATURES, describe


def described(*intervals_ms: int) -> dict[str, float]:
    """The numbers of beats with these intervals, by name."""
    times = np.cumsum([0.5, *(interval / 1000 for interval in intervals_ms)])
    return dict(zip(FEATURES, describe(times.tolist()).tolist(), strict=True))


def test_a_steady_rhythm_has_a_rate_and_nothing_else() -> None:
    steady = described(*[1000] * 8)
    named = {name: value for name, value in steady.items() if abs(value) > 1e-9}
    assert named == {"known": 1, "log_median": np.log(1.25), "count": 0.8}


def test_one_early_beat_with_its_pause() -> None:
    early = described(800, 800, 800, 500, 1100, 800, 800, 800)
    assert early["shortest"] == pytest.approx(500 / 800 - 1)
    assert early["longest"] == pytest.approx(1100 / 800 - 1)
    assert (early["early"], early["late"], early["early_then_late"]) == pytest.approx((1 / 8, 1 / 8, 1 / 5))
    assert early["usual_difference"] == pytest.approx(0)


def test_bigeminy_repeats_after_two_and_trigeminy_after_three() -> None:
    two, three = described(*[500, 1000] * 5), described(*[500, 1000, 800] * 4)
    assert two["repeats_after_two"] < 0.01 < 0.9 < two["repeats_after_three"]
    assert three["repeats_after_three"] < 0.01 < 0.9 < three["repeats_after_two"]


def test_breathing_is_slow_and_fibrillation_is_not() -> None:
    breathing = described(800, 840, 900, 940, 900, 840, 800, 760, 720, 760, 800)
    fibrillation = described(800, 600, 950, 720, 840, 560, 1000, 650, 780, 900, 600)
    assert breathing["correlation"] > 0.5 > 0 > fibrillation["correlation"]
    assert breathing["difference"] < 0.1 < fibrillation["difference"]


def test_too_few_intervals_are_unknown() -> None:
    assert not describe([1.0, 1.8, 2.6]).any()
    assert not describe([]).any()


@given(st.lists(st.integers(1, 999), unique=True, max_size=60), st.integers(1, 5))
def test_all_numbers_are_finite_and_relative(beats: list[int], factor: int) -> None:
    times = [beat / 100 for beat in sorted(beats)]
    values, slower = describe(times), describe([factor * time for time in times])
    assert np.isfinite(values).all()
    relative = [name != "log_median" for name in FEATURES]
    np.testing.assert_allclose(slower[relative], values[relative], atol=1e-6)
