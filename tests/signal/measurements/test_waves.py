"""The waves of each lead: drawn ones exactly, simulated ones to some microvolts, and nothing where it is unsure."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import einthoven
from einthoven.recording import LEADS
from einthoven.signal.measurements.delineate import Boundaries
from einthoven.signal.measurements.measure import measure_signal
from einthoven.signal.measurements.median_beat import AFTER, BEFORE
from einthoven.signal.measurements.values import LeadMeasurements
from einthoven.signal.measurements.waves import measure_leads
from einthoven.simulate.heart import normal_heart
from einthoven.simulate.tracing import ELECTRODES, Noise, Rhythm, tracing

AT = Boundaries(qrs_onset=200, qrs_offset=250, p_onset=120, p_offset=170, t_offset=420)
P, T = (145, 0.12), (340, 0.3)  # sample and mV of the tops


def drawn(*corners: tuple[int, float]) -> np.ndarray:
    """A lead of straight lines between corners (sample, mV), with a P and a T wave."""
    corners = (
        (0, 0),
        (120, 0),
        P,
        (170, 0),
        (200, 0),
        *corners,
        (290, corners[-1][1]),
        T,
        (420, 0),
        (BEFORE + AFTER, 0),
    )
    return np.interp(np.arange(BEFORE + AFTER), *zip(*corners, strict=True)).astype(np.float32)


def measured(lead: np.ndarray, odd: np.ndarray | None = None, boundaries: Boundaries = AT) -> LeadMeasurements:
    medians = np.stack([lead, lead, lead if odd is None else odd])[:, None]
    return measure_leads(medians, boundaries, ["V2"], np.array([True]))["V2"]


@pytest.mark.parametrize(
    ("corners", "q", "r", "s", "st"),
    [
        ([(205, -0.2), (210, 0), (220, 1.5), (230, 0), (240, -0.4), (250, 0)], -0.2, 1.5, -0.4, 0),
        ([(225, 1.0), (250, 0)], 0, 1.0, 0, 0),
        ([(225, -1.0), (250, 0.1)], -1.0, 0, 0, 0.1),  # QS, then a raised ST segment that is no R wave
        ([(210, 0.3), (220, 0), (235, -1.8), (250, 0.2)], 0, 0.3, -1.8, 0.2),
        ([(210, 0.3), (215, 0), (225, -0.9), (235, 0), (242, 0.5), (250, 0)], 0, 0.5, -0.9, 0),  # rSR'
        ([(203, -0.015), (206, 0), (225, 1.0), (250, -0.1)], 0, 1.0, 0, -0.1),  # too small for Q; ST, not S
    ],
)
def test_drawn_waves(corners, q, r, s, st):
    lead = measured(drawn(*corners))
    assert lead.q_mv == pytest.approx(q, abs=0.01)
    assert lead.s_mv == pytest.approx(s, abs=0.01)
    assert lead.r_mv == pytest.approx(r, abs=0.01)
    assert lead.st_j_mv == pytest.approx(st, abs=0.02)
    assert lead.st_j60_mv == pytest.approx(st, abs=0.02)
    assert lead.p_mv == pytest.approx(P[1], abs=0.01)
    assert lead.t_mv == pytest.approx(T[1], abs=0.01)


def test_durations():
    lead = measured(drawn((205, -0.2), (210, 0), (220, 1.5), (230, 0), (240, -0.4), (250, 0)))
    assert (lead.q_ms, lead.r_ms, lead.s_ms) == pytest.approx((20, 40, 40), abs=6)


def test_an_r_wave_that_merges_into_the_st_segment_is_unclear():
    assert measured(drawn((210, -0.3), (220, 0), (250, 0.5))).r_mv is None


def test_an_inverted_t_wave_after_a_raised_st_segment():
    lead = drawn((225, 1.0), (250, 0.4))
    lead[290:420] = np.interp(np.arange(290, 420), (290, 340, 420), (0.4, -0.3, 0))
    assert measured(lead).t_mv == pytest.approx(-0.3, abs=0.01)


@pytest.mark.parametrize("name", ["r_mv", "st_j_mv", "t_mv"])
def test_what_even_and_odd_beats_disagree_on_is_unclear(name):
    lead = drawn((225, 0.4), (250, 0.1))
    odd = lead + np.where(np.arange(len(lead)) > 200, 0.1, 0).astype(np.float32)
    assert getattr(measured(lead, odd), name) is None
    assert measured(lead).st_j_mv is not None


def test_no_boundaries_no_amplitudes():
    lead = measured(drawn((225, 1.0), (250, 0)), boundaries=Boundaries(200, 250))
    assert lead.p_mv is None
    assert lead.t_mv is None
    assert lead.r_mv == pytest.approx(1.0, abs=0.01)


@given(st.integers(0, 10**6))
def test_any_signal_has_waves_of_the_right_sign_or_none(seed):
    lead = np.random.default_rng(seed).normal(0, 0.3, BEFORE + AFTER).astype(np.float32)
    found = measured(lead)
    assert (found.q_mv or 0) <= 0 <= (found.r_mv or 0)
    assert (found.s_mv or 0) <= 0
    for name in ("q_ms", "r_ms", "s_ms"):
        assert 0 <= (getattr(found, name) or 0) <= 102
        assert getattr(found, name.replace("_ms", "_mv")) is not None or getattr(found, name) is None


def simulated(wander: float = 0.02, muscle: float = 0.005, rate: int = 500, seed: int = 0) -> np.ndarray:
    noise = Noise(np.full(len(ELECTRODES), wander), np.full(len(ELECTRODES), muscle))
    (units,) = tracing(normal_heart(), Rhythm(70), noise, [rate], np.random.default_rng(seed))
    return np.ascontiguousarray(units.T / np.float32(1000))


@pytest.mark.parametrize("seed", range(5))
def test_wander_does_not_move_the_st_segment(seed):
    calm, moving = (measure_signal(simulated(wander, seed=seed), 500, LEADS).leads for wander in (0.0, 0.1))
    for lead in calm.keys() & moving.keys():
        for name in ("st_j_mv", "st_j60_mv", "t_mv"):
            value = getattr(moving[lead], name)
            assert value is None or value == pytest.approx(getattr(calm[lead], name), abs=0.04)


def test_the_limb_leads_hold_einthovens_law():
    leads = measure_signal(simulated(), 500, LEADS).leads
    assert leads["II"].st_j60_mv == pytest.approx(leads["I"].st_j60_mv + leads["III"].st_j60_mv, abs=0.01)


def test_low_rates_say_that_they_understate():
    fine, coarse = (measure_signal(simulated(rate=rate), rate, LEADS) for rate in (500, 100))
    assert (fine.understated, coarse.understated) == (False, True)
    assert coarse.leads["V4"].r_mv <= fine.leads["V4"].r_mv + 0.02


PHILIPS = {  # what the recorder measured itself: Q, R, S, T and ST80 in mV
    "II": (0, 0.835, -0.234, 0.266, 0.017),
    "aVL": (-0.106, 0.267, 0, -0.093, -0.017),
    "V2": (0, 0.687, -0.483, 0.414, 0.145),
    "V3": (0, 2.034, -0.493, 0.463, 0.111),
    "V5": (0, 1.898, -0.208, 0.265, 0.027),
}


def test_near_to_what_a_recorder_measures(test_data):
    recording = einthoven.read(test_data / "formats/philips-sierra/sierra-1.04.01.xml")
    leads = measure_signal(recording.signal, recording.rate, recording.leads).leads
    for lead, expected in PHILIPS.items():
        found = [getattr(leads[lead], name) for name in ("q_mv", "r_mv", "s_mv", "t_mv", "st_j80_mv")]
        assert found == pytest.approx(expected, abs=0.025), lead
