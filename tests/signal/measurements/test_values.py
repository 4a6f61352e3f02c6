from hypothesis import given
from hypothesis import strategies as st

from einthoven.signal.measurements.values import Measurements, median_measurements


def test_a_single_segment_is_the_whole() -> None:
    only = Measurements(pr_ms=160.0)
    assert median_measurements([only]) == only


def test_medians_of_what_half_of_the_segments_have() -> None:
    whole = median_measurements(
        [
            Measurements(pr_ms=160, qrs_ms=90),
            Measurements(qrs_ms=100),
            Measurements(pr_ms=200, qrs_ms=98),
            Measurements(qt_ms=400),
        ]
    )
    assert (whole.pr_ms, whole.qrs_ms, whole.qt_ms, whole.qrs_axis_degrees) == (180, 98, None, None)


@given(st.floats(-180, 180), st.lists(st.floats(-20, 20), min_size=3, max_size=9))
def test_an_axis_lies_among_the_others_around_the_circle(centre: float, around: list[float]) -> None:
    axes = [(centre + degrees + 180) % 360 - 180 for degrees in around]
    axis = median_measurements([Measurements(qrs_axis_degrees=value) for value in axes]).qrs_axis_degrees
    assert axis in axes
    assert abs((axis - centre + 180) % 360 - 180) <= max(map(abs, around)) + 1e-9
