"""Hypertrophy, low voltage and atrial enlargement."""

from dataclasses import replace

import pytest
from normal_ecg import MAN, NORMAL, ORDINARY, changed, criterion, met

from einthoven.recording import LEADS, Patient

WOMAN, NOBODY = Patient(60, "female"), Patient(60)
LIMB = LEADS[:6]


@pytest.mark.parametrize("lead", ["V5", "V6"])
def test_sokolow_lyon(lead: str) -> None:
    code = "LVH-SOKOLOW-LYON"
    assert met(code, changed({"V1": {"s_mv": -1.5}, lead: {"r_mv": 2.0}})) is True
    assert met(code, changed({"V1": {"s_mv": -1.5}, lead: {"r_mv": 1.999}})) is False
    assert met(code, changed({"V1": {"q_mv": -1.5, "r_mv": 0.0, "s_mv": 0.0}, lead: {"r_mv": 2.0}})) is True  # QS
    assert criterion(code, changed({"V1": {"s_mv": -1.5}, lead: {"r_mv": 2.1}})).quantity == (3.6, 3.5, "mV")
    other = "V6" if lead == "V5" else "V5"
    assert met(code, changed({"V1": {"s_mv": -1.5}, lead: {"r_mv": 2.0}, other: {"r_mv": None}})) is True
    assert met(code, changed({"V1": {"s_mv": -1.5}, lead: {"r_mv": 1.0}, other: {"r_mv": None}})) is None


def test_r_in_avl() -> None:
    assert met("LVH-R-AVL", changed({"aVL": {"r_mv": 1.1}})) is True
    assert met("LVH-R-AVL", changed({"aVL": {"r_mv": 1.099}})) is False


@pytest.mark.parametrize(("patient", "limit"), [(MAN, 2.8), (WOMAN, 2.0)])
def test_cornell_voltage(patient: Patient, limit: float) -> None:
    def judged(sum_mv: float) -> bool | None:
        return met("LVH-CORNELL", changed({"aVL": {"r_mv": 0.8}, "V3": {"s_mv": 0.8 - sum_mv}}), patient)

    assert judged(limit) is False
    assert judged(limit + 0.001) is True


def test_cornell_product_adds_in_women() -> None:
    def judged(sum_mv: float, patient: Patient) -> bool | None:
        leads = {"aVL": {"r_mv": 0.8}, "V3": {"s_mv": 0.8 - sum_mv}}
        return met("LVH-CORNELL-PRODUCT", changed(leads, qrs_ms=100.0), patient)

    assert (judged(2.44, MAN), judged(2.439, MAN)) == (True, False)
    assert (judged(1.64, WOMAN), judged(1.639, WOMAN)) == (True, False)
    assert (judged(2.44, NOBODY), judged(2.0, NOBODY), judged(1.639, NOBODY)) == (True, None, False)
    assert met("LVH-CORNELL-PRODUCT", changed(qrs_ms=None)) is None


@pytest.mark.parametrize(("patient", "limit"), [(MAN, 2.8), (WOMAN, 2.3)])
def test_peguero(patient: Patient, limit: float) -> None:
    def judged(deepest: float) -> bool | None:
        return met("LVH-PEGUERO", changed({"V4": {"s_mv": -1.0}, "V2": {"s_mv": -deepest}}), patient)

    assert judged(limit - 1.0) is True
    assert judged(limit - 1.001) is False
    assert met("LVH-PEGUERO", changed({"V4": {"s_mv": -limit / 2}}), patient) is True  # V4 twice


def test_unknown_sex_has_both_limits() -> None:
    for code, leads in {
        "LVH-CORNELL": {"aVL": {"r_mv": 1.0}, "V3": {"s_mv": -1.5}},
        "LVH-PEGUERO": {"V4": {"s_mv": -1.0}, "V2": {"s_mv": -1.5}},
    }.items():
        result = criterion(code, changed(leads), NOBODY)
        assert result.met is None
        assert "sex is unknown" in result.reason


@pytest.mark.parametrize("code", ["LVH-SOKOLOW-LYON", "LVH-R-AVL", "LVH-CORNELL", "LVH-CORNELL-PRODUCT", "LVH-PEGUERO"])
def test_voltages_do_not_hold_in_abnormal_activation(code: str) -> None:
    huge = changed({lead: {"r_mv": 4.0, "s_mv": -4.0} for lead in LEADS})
    assert met(code, huge) is True
    for context in (replace(ORDINARY, lbbb=True), replace(ORDINARY, paced=True), replace(ORDINARY, preexcitation=True)):
        assert met(code, huge, context=context) is None


def test_romhilt_estes_counts_what_is_measured() -> None:
    code = "LVH-ROMHILT-ESTES"
    strain = {"st_j_mv": -0.05, "t_mv": -0.1}
    assert met(code, changed({"V5": {"r_mv": 3.0, **strain}}), context=replace(ORDINARY, digitalis=False)) is True
    assert met(code, changed({"V5": {"r_mv": 2.999}}, qrs_ms=89.0, qrs_axis_degrees=0.0)) is False
    voltage_and_axis = changed({"V5": {"r_mv": 3.0}}, qrs_ms=89.0, qrs_axis_degrees=-30.0)
    assert criterion(code, voltage_and_axis).quantity == (5, 5, "points")
    three = criterion(code, changed({"I": {"r_mv": 2.0}}, qrs_ms=89.0))
    assert three.met is None  # the P terminal force would decide
    assert "P terminal force" in three.reason
    with_digitalis = changed({"V5": strain, "V1": {"s_mv": -3.0}}, qrs_ms=89.0)
    assert criterion(code, with_digitalis, context=replace(ORDINARY, digitalis=True)).quantity == (4, 5, "points")


@pytest.mark.parametrize("lead", ["V5", "V6"])
def test_right_ventricle(lead: str) -> None:
    code = "RVH-SOKOLOW-LYON"
    assert met(code, changed({"V1": {"r_mv": 0.6}, lead: {"s_mv": -0.451}})) is True
    assert met(code, changed({"V1": {"r_mv": 0.6}, lead: {"s_mv": -0.45}})) is False
    assert met(code, changed({"V1": {"r_mv": 2.0}}), context=replace(ORDINARY, rbbb=True)) is None


@pytest.mark.parametrize(
    ("code", "leads", "limit"), [("LOWV-LIMB", LIMB, 0.5), ("LOWV-CHEST", LEADS[6:], 1.0)], ids=["limb", "chest"]
)
def test_low_voltage_in_all_leads(code: str, leads: tuple[str, ...], limit: float) -> None:
    low = {lead: {"q_mv": 0.0, "r_mv": limit / 2 - 0.001, "s_mv": -limit / 2} for lead in leads}
    assert met(code, changed(low)) is True
    assert met(code, changed(low | {leads[0]: {"r_mv": limit / 2, "s_mv": -limit / 2}})) is False
    assert met(code, changed(low | {leads[-1]: {"r_mv": None}})) is None
    assert met(code, changed({leads[-1]: {"r_mv": None}})) is False


def test_atria() -> None:
    verdicts = {119.0: False, 120.0: None, 139.0: None, 140.0: True, None: None}
    assert {p_ms: met("LAE-P-DURATION", changed(p_ms=p_ms)) for p_ms in verdicts} == verdicts
    for lead, limit in (("II", 0.25), ("V1", 0.15)):
        assert met("RAE-P-AMPLITUDE", changed({lead: {"p_mv": limit}})) is False
        assert met("RAE-P-AMPLITUDE", changed({lead: {"p_mv": limit + 0.001}})) is True
        assert met("RAE-P-AMPLITUDE", changed({lead: {"p_mv": -0.5}})) is False
        assert met("RAE-P-AMPLITUDE", changed({lead: {"p_mv": None}})) is None
    assert met("RAE-P-AMPLITUDE", NORMAL) is False
