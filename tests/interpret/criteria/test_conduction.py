"""Bundle branch and fascicular blocks, pre-excitation, and the limits of intervals and axis."""

from dataclasses import replace

import pytest
from normal_ecg import MAN, NORMAL, ORDINARY, changed, criterion, met

from einthoven.interpret.criteria import Context
from einthoven.interpret.criteria.ecg import Ecg
from einthoven.interpret.criteria.evaluate import complete_context
from einthoven.recording import Patient

WOMAN, NOBODY = Patient(60, "female"), Patient(60)
RIGHT = {"V1": {"r_mv": 0.9, "s_mv": -0.5}, "I": {"s_mv": -0.3, "s_ms": 41.0}, "V6": {"s_mv": -0.3, "s_ms": 41.0}}
LEFT = {
    "V1": {"r_mv": 0.1, "s_mv": -1.5},
    "V2": {"r_mv": 0.2, "s_mv": -2.0},
    "V4": {"r_ms": 122.0},
    "V5": {"r_ms": 122.0},
    "V6": {"r_ms": 122.0},
}


@pytest.mark.parametrize(("code", "shortest", "longest"), [("RBBB-AHA", 120.0, 200.0), ("IRBBB-AHA", 110.0, 119.0)])
def test_right_bundle_branch_block(code: str, shortest: float, longest: float) -> None:
    assert met(code, changed(RIGHT, qrs_ms=shortest)) is True
    assert met(code, changed(RIGHT, qrs_ms=longest)) is True
    assert met(code, changed(RIGHT, qrs_ms=shortest - 1)) is False
    for lead in ("I", "V6"):
        assert met(code, changed({**RIGHT, lead: {"s_mv": -0.3, "s_ms": 40.0, "r_ms": 40.0}}, qrs_ms=shortest)) is False
        assert met(code, changed({**RIGHT, lead: {"s_mv": -0.3, "s_ms": 35.0, "r_ms": 34.0}}, qrs_ms=shortest)) is True
        assert met(code, changed({**RIGHT, lead: {"s_mv": 0.0, "s_ms": 0.0}}, qrs_ms=shortest)) is False
    small = changed({**RIGHT, "V1": {"r_mv": 0.2, "s_mv": -0.5}}, qrs_ms=shortest)
    assert met(code, small) is None  # R' is not measured
    assert met(code, changed(RIGHT, qrs_ms=shortest), context=replace(ORDINARY, paced=True)) is None


def test_left_bundle_branch_block_lacks_notches() -> None:
    for code in ("LBBB-AHA", "LBBB-STRAUSS"):
        result = criterion(code, changed(LEFT, qrs_ms=150.0))
        assert result.met is None
        assert "notche" in result.reason
    assert met("LBBB-AHA", changed(LEFT, qrs_ms=119.0)) is False
    assert met("LBBB-AHA", changed({**LEFT, "V6": {"q_mv": -0.1, "q_ms": 20.0}}, qrs_ms=150.0)) is False
    assert met("LBBB-AHA", changed({**LEFT, "V6": {"r_ms": 120.0}}, qrs_ms=150.0)) is False


@pytest.mark.parametrize(("patient", "limit"), [(MAN, 140.0), (WOMAN, 130.0)])
def test_strauss_by_sex(patient: Patient, limit: float) -> None:
    assert met("LBBB-STRAUSS", changed(LEFT, qrs_ms=limit - 1), patient) is False
    assert met("LBBB-STRAUSS", changed(LEFT, qrs_ms=limit), patient) is None
    assert "sex unknown" in criterion("LBBB-STRAUSS", changed(LEFT, qrs_ms=135.0), NOBODY).reason


def test_left_pattern() -> None:
    code = "LBBB-PATTERN"
    assert met(code, changed(LEFT, qrs_ms=120.0)) is True
    assert met(code, changed(LEFT, qrs_ms=119.0)) is False
    assert met(code, changed({**LEFT, "V1": {"r_mv": 0.6, "s_mv": -0.5}}, qrs_ms=120.0)) is False
    for lead in ("V5", "V6"):
        assert met(code, changed({**LEFT, lead: {"q_mv": -0.05}}, qrs_ms=120.0)) is False
        assert met(code, changed({**LEFT, lead: {"q_mv": None}}, qrs_ms=120.0)) is None


def test_incomplete_left_block_needs_hypertrophy() -> None:
    code, large = "ILBBB-AHA", replace(ORDINARY, lvh=True)
    assert met(code, changed(LEFT, qrs_ms=110.0), context=large) is True
    assert met(code, changed(LEFT, qrs_ms=110.0)) is False
    assert met(code, changed(LEFT, qrs_ms=120.0), context=large) is False
    assert met(code, changed({**LEFT, "V4": {"r_ms": 120.0}}, qrs_ms=110.0), context=large) is False


def test_left_anterior_fascicular_block() -> None:
    code, avl = "LAFB-AHA", {"aVL": {"q_mv": -0.05, "q_ms": 20.0, "r_ms": 50.0}}
    assert met(code, changed(avl, qrs_axis_degrees=-45.0)) is True
    assert met(code, changed(avl, qrs_axis_degrees=-90.0)) is True
    assert met(code, changed(avl, qrs_axis_degrees=-44.0)) is False
    assert met(code, changed(avl, qrs_axis_degrees=-91.0)) is False
    assert met(code, changed(avl, qrs_axis_degrees=-60.0, qrs_ms=120.0)) is False
    assert met(code, changed({"aVL": {**avl["aVL"], "r_ms": 49.0}}, qrs_axis_degrees=-60.0)) is False
    assert met(code, changed({"aVL": {"q_mv": 0.0, "r_ms": 90.0}}, qrs_axis_degrees=-60.0)) is False
    assert met(code, changed(avl, qrs_axis_degrees=None)) is None


def test_left_posterior_fascicular_block() -> None:
    code = "LPFB-AHA"
    small_r, q = {"r_mv": 0.1, "s_mv": -0.8}, {"q_mv": -0.1, "q_ms": 20.0}
    leads = {"I": small_r, "aVL": small_r, "III": q, "aVF": q}
    assert met(code, changed(leads, qrs_axis_degrees=90.0)) is True
    assert met(code, changed(leads, qrs_axis_degrees=89.0)) is False
    assert met(code, changed(leads, qrs_axis_degrees=110.0, qrs_ms=120.0)) is False
    for lead in leads:
        other = {"q_mv": 0.0} if lead in ("III", "aVF") else {"r_mv": 0.9, "s_mv": -0.8}
        assert met(code, changed({**leads, lead: other}, qrs_axis_degrees=110.0)) is False


def test_nonspecific_delay() -> None:
    code = "IVCD-AHA"
    assert met(code, changed(qrs_ms=111.0)) is True
    assert met(code, changed(qrs_ms=110.0)) is False
    for context in ("lbbb", "rbbb", "paced", "preexcitation"):
        assert met(code, changed(qrs_ms=130.0), context=replace(ORDINARY, **{context: True})) is False
    assert met(code, changed(RIGHT, qrs_ms=115.0)) is False  # incomplete right bundle branch block
    left = changed(LEFT, qrs_ms=140.0)
    assert met("LBBB-PATTERN", left) is True
    assert met(code, left) is False
    unknown = {**left.leads, **{name: left.leads[name]._replace(q_mv=None) for name in ("I", "V5", "V6")}}
    assert met(code, replace(left, leads=unknown)) is None  # the pattern of a left bundle branch block is unknown


def test_preexcitation_needs_a_delta_wave() -> None:
    code, delta = "WPW-AHA", replace(ORDINARY, preexcitation=True)
    assert met(code, changed(pr_ms=119.0, qrs_ms=121.0), context=delta) is True
    assert met(code, changed(pr_ms=120.0, qrs_ms=121.0), context=delta) is False
    assert met(code, changed(pr_ms=119.0, qrs_ms=120.0), context=delta) is False
    assert met(code, changed(pr_ms=119.0, qrs_ms=121.0), context=replace(ORDINARY, preexcitation=None)) is None


def test_intervals() -> None:
    assert (met("PR-LONG", changed(pr_ms=201.0)), met("PR-LONG", changed(pr_ms=200.0))) == (True, False)
    assert (met("PR-SHORT", changed(pr_ms=119.0)), met("PR-SHORT", changed(pr_ms=120.0))) == (True, False)
    assert (met("QTC-500", changed(qtc_fridericia_ms=500.0)), met("QTC-500", changed(qtc_fridericia_ms=499.0))) == (
        True,
        False,
    )
    for code in ("PR-LONG", "PR-SHORT", "QTC-LONG", "QTC-500"):
        assert met(code, changed(pr_ms=None, qtc_fridericia_ms=None)) is None


@pytest.mark.parametrize(("patient", "low", "high"), [(MAN, 450, 450), (WOMAN, 460, 460), (NOBODY, 450, 460)])
def test_qtc_by_sex(patient: Patient, low: float, high: float) -> None:
    assert met("QTC-LONG", changed(qtc_fridericia_ms=low - 1.0), patient) is False
    assert met("QTC-LONG", changed(qtc_fridericia_ms=float(high)), patient) is True
    if low < high:
        assert met("QTC-LONG", changed(qtc_fridericia_ms=455.0), patient) is None


@pytest.mark.parametrize(
    ("axis", "code"), [(-31, "LEFT"), (-90, "LEFT"), (91, "RIGHT"), (180, "RIGHT"), (-91, "EXTREME"), (-180, "EXTREME")]
)
def test_axis(axis: float, code: str) -> None:
    for each in ("LEFT", "RIGHT", "EXTREME"):
        assert met(f"AXIS-{each}", changed(qrs_axis_degrees=float(axis))) is (each == code)
        assert met(f"AXIS-{each}", changed(qrs_axis_degrees=-30.0)) is False
        assert met(f"AXIS-{each}", changed(qrs_axis_degrees=90.0)) is False
        assert met(f"AXIS-{each}", changed(qrs_axis_degrees=None)) is None


def test_measurements_complete_the_context() -> None:
    def complete(measurements: object, context: Context = Context()) -> Context:  # noqa: B008
        return complete_context(Ecg.of(measurements, MAN, context)).context

    narrow = complete(NORMAL)
    assert (narrow.lbbb, narrow.rbbb, narrow.paced, narrow.preexcitation, narrow.lvh) == (False,) * 5
    wide = complete(changed(LEFT, qrs_ms=140.0))
    assert (wide.lbbb, wide.rbbb, wide.paced) == (True, False, None)
    assert complete(changed(RIGHT, qrs_ms=140.0)).rbbb is True
    assert complete(changed(LEFT, qrs_ms=140.0), Context(lbbb=False)).lbbb is False  # what is said is kept
    assert complete(changed(qrs_ms=None)).lbbb is not True
