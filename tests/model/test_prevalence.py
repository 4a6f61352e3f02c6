import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.errors import EinthovenError
from einthoven.model.prevalence import assumed_prevalence, shift

SHARES = st.floats(0.001, 0.999)


@given(SHARES, SHARES, SHARES)
def test_is_bayes_rule(sensitivity: float, false_alarms: float, prevalence: float) -> None:
    """What a positive test of known likelihoods means at 25 %, shifted, is what it means at the other prevalence."""

    def meaning(at: float) -> float:
        return sensitivity * at / (sensitivity * at + false_alarms * (1 - at))

    shifted = shift(np.array(meaning(0.25)), np.array(0.25), np.array(prevalence))
    assert shifted == pytest.approx(meaning(prevalence), rel=1e-4, abs=1e-6)


def test_the_same_prevalence_changes_nothing() -> None:
    probability = np.array([0.0, 1e-9, 0.3, 1.0])
    np.testing.assert_array_equal(shift(probability, np.full(4, 0.2), np.full(4, 0.2)), probability)


@given(st.lists(SHARES, min_size=2, max_size=5), SHARES, SHARES)
def test_keeps_the_order(probabilities: list[float], trained: float, assumed: float) -> None:
    before = np.sort(probabilities)
    assert (np.diff(shift(before, np.array(trained), np.array(assumed))) >= 0).all()


def test_finds_labels_whatever_their_case() -> None:
    found = assumed_prevalence(("NORM", "MI"), np.array([0.4, 0.25]), {"mi": 0.05})
    np.testing.assert_array_equal(found, [0.4, 0.05])


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"XY": 0.1}, "no such label"),
        ({"mi": 0.0}, "is not between 0 and 1"),
        ({"mi": float("nan")}, "is not between 0 and 1"),
        ({"PMI": 0.1}, "too few"),
    ],
)
def test_refuses(wanted: dict[str, float], sentence: str) -> None:
    with pytest.raises(EinthovenError, match=sentence):
        assumed_prevalence(("NORM", "MI", "PMI"), np.array([0.4, 0.25, 0.001]), wanted, ["PMI"])
