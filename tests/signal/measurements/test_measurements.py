import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.signal.measurements.values import LeadMeasurements, Measurements, median_measurements


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


WHOLE = Measurements(
    heart_rate_bpm=71.26,
    pr_ms=160.4,
    p_ms=100.6,
    p_axis_degrees=40.2,
    leads={"II": LeadMeasurements(p_mv=0.1234, st_j_mv=-0.00001)},
)


def test_leads_have_medians_too() -> None:
    leads = [{"II": LeadMeasurements(r_mv=r)} for r in (1.0, 1.2)] + [{}]
    assert median_measurements([Measurements(leads=lead) for lead in leads]).leads["II"].r_mv == 1.1
    assert median_measurements([Measurements(leads=lead) for lead in (leads[0], {}, {})]).leads["II"].r_mv is None


def test_the_answer_has_rounded_numbers() -> None:
    rounded = WHOLE.rounded()
    assert (rounded.heart_rate_bpm, rounded.pr_ms, rounded.leads["II"].p_mv) == (71.3, 160, 0.123)
    assert str(rounded.leads["II"].st_j_mv) == "0.0"
    assert Measurements.from_dict(rounded.to_dict()) == rounded


def test_without_p_waves_nothing_of_them_remains() -> None:
    without = WHOLE.without_p_waves()
    assert (without.pr_ms, without.p_ms, without.p_axis_degrees, without.leads["II"].p_mv) == (None,) * 4
    assert without.heart_rate_bpm == WHOLE.heart_rate_bpm


@pytest.mark.parametrize("around", [40, 180])
def test_axis_of_a_day(around: float) -> None:
    """Thousands of segments have the median axis of some of them, within a degree, in little memory."""
    axes = (np.random.default_rng(2).normal(around, 15, 8640) + 180) % 360 - 180
    day, hour = ([Measurements(qrs_axis_degrees=float(axis)) for axis in some] for some in (axes, axes[:900]))
    found, expected = (median_measurements(some).qrs_axis_degrees for some in (day, hour))
    assert found is not None
    assert expected is not None
    assert abs((found - expected + 180) % 360 - 180) <= 2
