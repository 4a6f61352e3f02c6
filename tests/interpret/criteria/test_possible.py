"""Patterns that are possible at most."""

from dataclasses import replace

import pytest
from normal_ecg import NORMAL, ORDINARY, changed, criterion, met

from einthoven.recording import Patient

# QTc 430, QRS V2 1.5 mV, R V4 1.2 mV, ST60 V3 .2 mV: 22.36 - 2.265 - 3.216 + 2.124 = 19.003
SUBTLE = {"V2": {"st_j_mv": 0.1}, "V3": {"st_j60_mv": 0.2}}


def subtle(qtc_ms: float, **others: float | None):
    return changed(SUBTLE, qtc_bazett_ms=qtc_ms, **others)


def test_smith_formula() -> None:
    code = "SMITH-4V"
    assert criterion(code, subtle(430.0)).quantity == (19.0, 18.2, "points")
    assert met(code, subtle(414.6)) is True
    assert met(code, subtle(414.3)) is False
    assert met(code, changed({**SUBTLE, "V2": {"st_j_mv": 0.099}}, qtc_bazett_ms=430.0)) is None  # no elevation
    assert met(code, subtle(430.0, heart_rate_bpm=59.0, qt_ms=400.0)) is False  # QT is not corrected
    assert met(code, subtle(430.0, heart_rate_bpm=None)) is None


@pytest.mark.parametrize(
    "obvious",
    [
        {"V2": {"st_j_mv": 0.501}},
        {"III": {"st_j_mv": -0.05}},
        {"V5": {"st_j_mv": -0.05}},
        {"V4": {"q_mv": -0.1, "q_ms": 30.0}},
        {"V6": {"t_mv": -0.01}},
    ],
)
def test_smith_formula_is_not_for_obvious_infarcts(obvious: dict[str, dict[str, float]]) -> None:
    leads = {lead: {**SUBTLE.get(lead, {}), **obvious.get(lead, {})} for lead in {**SUBTLE, **obvious}}
    assert met("SMITH-4V", changed(leads, qtc_bazett_ms=450.0)) is None


def test_de_winter() -> None:
    code, wave = "DE-WINTER", {"st_j_mv": -0.1, "st_j80_mv": 0.0, "t_mv": 0.5}
    assert met(code, changed({"V3": wave, "V4": wave})) is True
    for change in ({"st_j_mv": -0.099}, {"st_j80_mv": -0.08}, {"t_mv": 0.499}):
        assert met(code, changed({"V3": wave, "V4": {**wave, **change}})) is False
    assert met(code, changed({"V3": wave, "V5": wave})) is False
    assert met(code, changed({"II": wave, "aVF": wave})) is False
    assert met(code, changed({"V3": wave, "V4": {**wave, "st_j80_mv": None}})) is None


@pytest.mark.parametrize("pair", [("V2", "V3"), ("V3", "V4")])
def test_wellens(pair: tuple[str, str]) -> None:
    code = "WELLENS-B"
    deep = {lead: {"t_mv": -0.5} for lead in pair}
    assert met(code, changed(deep)) is True
    assert met(code, changed({**deep, pair[0]: {"t_mv": -0.499}})) is False
    assert met(code, changed({**deep, pair[0]: {"t_mv": -0.5, "st_j_mv": 0.1}})) is False
    assert met(code, changed({**deep, pair[0]: {"t_mv": -0.5, "q_mv": -0.02}})) is False
    assert met(code, changed(deep), context=replace(ORDINARY, rbbb=True)) is None


def test_aslanger() -> None:
    code = "ASLANGER"
    leads = {
        "III": {"st_j_mv": 0.1},
        "V1": {"st_j_mv": 0.03},
        "V2": {"st_j_mv": 0.02},
        "V5": {"st_j_mv": -0.05, "t_mv": 0.1},
    }
    assert met(code, changed(leads)) is True
    for lead, change in {
        "III": {"st_j_mv": 0.099},
        "II": {"st_j_mv": 0.1},
        "aVF": {"st_j_mv": 0.1},
        "V1": {"st_j_mv": 0.02},
        "V2": {"st_j_mv": -0.05},
        "V5": {"st_j_mv": -0.05, "t_mv": -0.1},
    }.items():
        assert met(code, changed({**leads, lead: change})) is False


def test_tall_t_waves() -> None:
    code, woman = "TALL-T", Patient(age=60, sex="female")
    for pair in (("V2", "V3"), ("V3", "V4")):
        assert met(code, changed({lead: {"t_mv": 1.4} for lead in pair})) is True
        assert met(code, changed({lead: {"t_mv": 1.39} for lead in pair})) is False
        for patient in (woman, Patient()):  # an unknown sex has the stricter limit
            assert met(code, changed({lead: {"t_mv": 1.2} for lead in pair}), patient) is True
            assert met(code, changed({lead: {"t_mv": 1.19} for lead in pair}), patient) is False
    tall = {lead: {"t_mv": 1.6} for lead in ("V2", "V3")}
    assert "V3 1.6 mV (limit 1.4 mV). Check potassium" in criterion(code, changed(tall)).reason
    assert met(code, changed({"V2": {"t_mv": 1.6}, "V4": {"t_mv": 1.6}})) is False
    assert met(code, changed({"V2": {"t_mv": 1.6}, "V3": {"t_mv": None}})) is None
    assert met(code, changed(tall), context=replace(ORDINARY, paced=True)) is None


def test_hyperkalemia() -> None:
    code = "HYPERKALEMIA"
    tall = {"V3": {"t_mv": 1.01}, "V4": {"t_mv": 1.01}}
    assert met(code, changed(tall)) is False  # QRS and PR are short
    assert met(code, changed(tall, pr_ms=201.0)) is True
    assert met(code, changed(tall, qrs_ms=121.0)) is True
    assert met(code, changed({"V3": {"t_mv": 1.01}, "V4": {"t_mv": 1.0}}, pr_ms=201.0)) is False
    limb = {"II": {"t_mv": 0.61}, "aVF": {"t_mv": 0.61}}
    assert met(code, changed(limb, qrs_ms=121.0)) is True
    assert met(code, changed(tall, qrs_ms=150.0), context=replace(ORDINARY, lbbb=True)) is None


def test_brugada() -> None:
    code = "BRUGADA-1"
    coved = {"st_j_mv": 0.25, "st_j40_mv": 0.2, "st_j80_mv": 0.12, "t_mv": -0.2}
    assert met(code, changed({"V1": coved})) is True
    assert met(code, changed({"V2": coved})) is True
    for change in ({"st_j_mv": 0.199}, {"st_j40_mv": 0.12}, {"st_j80_mv": 0.21}, {"t_mv": 0.2}):
        assert met(code, changed({"V1": {**coved, **change}})) is False
    saddle = {"st_j_mv": 0.25, "st_j40_mv": 0.15, "st_j80_mv": 0.2, "t_mv": 0.3}
    assert met(code, changed({"V2": saddle})) is False
    assert met(code, changed({"V3": coved})) is False
    assert met(code, changed({"V1": coved}), context=replace(ORDINARY, lbbb=True)) is None


def test_names_say_possible() -> None:
    for code in ("SMITH-4V", "DE-WINTER", "WELLENS-B", "ASLANGER", "TALL-T", "HYPERKALEMIA", "BRUGADA-1"):
        result = criterion(code, NORMAL)
        assert result.family == "possible"
        assert result.name.startswith("possible")
