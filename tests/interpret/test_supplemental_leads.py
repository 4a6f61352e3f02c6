"""Leads of the back and of the right side reach the criteria that need them."""

from dataclasses import replace

import numpy as np
import pytest

import einthoven.examples
from einthoven.interpret.interpretation import Interpretation
from einthoven.interpret.interpreter import Interpreter
from einthoven.recording import LEADS, Recording


def with_supplemental(raised_mv: float, *leads: str) -> Recording:
    """A normal ECG with V6 as further leads, their ST segments and T waves raised."""
    recording = einthoven.examples.recording("normal")
    wave = recording.signal[LEADS.index("V6")].copy()
    measured = Interpreter.load("edge")(recording).measurements
    assert measured
    assert measured.qrs_ms
    slope = np.abs(np.diff(wave))
    tops = [k for k in range(200, len(wave) - 300) if slope[k] == slope[k - 150 : k + 150].max()]
    for top in tops:
        wave[top + round(0.03 * recording.rate) : top + round(0.30 * recording.rate)] += raised_mv
    return replace(recording, supplemental=dict.fromkeys(leads, wave))


def interpreted(recording: Recording) -> Interpretation:
    return Interpreter.load("edge")(recording)


@pytest.mark.parametrize(("leads", "code"), [(("V7", "V8", "V9"), "STEMI-V7V9"), (("V3R", "V4R"), "STEMI-V3RV4R")])
def test_st_elevation_in_supplemental_leads_meets_their_criterion(leads: tuple[str, ...], code: str) -> None:
    answer = interpreted(with_supplemental(0.2, *leads))
    criterion = next(criterion for criterion in answer.criteria if criterion.code == code)
    assert criterion.met is True
    assert set(criterion.leads) == set(leads)
    assert answer.recording.supplemental_leads == leads
    assert answer.measurements
    assert set(leads) < set(answer.measurements.leads)
    assert answer.conclusion != "normal"
    assert answer.acute
    assert answer.acute.decision != "rule-out"


def test_supplemental_leads_change_nothing_else() -> None:
    plain, further = interpreted(einthoven.examples.recording("normal")), interpreted(with_supplemental(0.0, "V7"))
    assert plain.measurements
    assert further.measurements
    assert {**further.measurements.leads} == {**plain.measurements.leads, "V7": further.measurements.leads["V7"]}
    assert (further.mi, further.conclusion, further.rhythm) == (plain.mi, plain.conclusion, plain.rhythm)
    v6 = plain.measurements.leads["V6"]
    assert further.measurements.leads["V7"].r_mv == pytest.approx(v6.r_mv, abs=0.01)


def test_a_lead_without_voltage_is_not_measured() -> None:
    recording = with_supplemental(0.0, "V7", "V8")
    flat = {**recording.supplemental, "V8": np.zeros_like(recording.supplemental["V7"])}
    measurements = interpreted(replace(recording, supplemental=flat)).measurements
    assert measurements
    assert "V7" in measurements.leads
    assert "V8" not in measurements.leads
