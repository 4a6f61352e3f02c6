"""Sgarbossa, Smith and Barcelona in left bundle branch block and pacing."""

from dataclasses import replace

import pytest
from normal_ecg import ORDINARY, changed, criterion, met

from einthoven.interpret.criteria import Context
from einthoven.recording import LEADS

UP = {"q_mv": 0.0, "r_mv": 1.2, "s_mv": -0.2}
DOWN = {"q_mv": 0.0, "r_mv": 0.2, "s_mv": -1.2}
BLOCK = replace(ORDINARY, lbbb=True)
PACED = replace(ORDINARY, paced=True)
CODES = ("SGARBOSSA-1996", "SGARBOSSA-SMITH", "BARCELONA-2020")


def with_st(lead: str, shape: dict[str, float], st_mv: float) -> dict[str, dict[str, float]]:
    return {lead: {**shape, "st_j_mv": st_mv, "st_j40_mv": st_mv}}


def test_the_end_of_a_wide_qrs_complex_is_not_an_st_deviation() -> None:
    down = with_st("V2", DOWN, -0.17)
    assert judged("SGARBOSSA-1996", down) is True
    down["V2"]["st_j40_mv"] = -0.04
    assert judged("SGARBOSSA-1996", down) is judged("SGARBOSSA-SMITH", down) is False


def judged(code: str, leads: dict[str, dict[str, float]], context: Context = BLOCK) -> bool | None:
    return met(code, changed(leads, qrs_ms=150.0), context=context)


@pytest.mark.parametrize("lead", LEADS)
@pytest.mark.parametrize("code", CODES)
def test_concordant_elevation_in_any_lead(lead: str, code: str) -> None:
    assert judged(code, with_st(lead, UP, 0.1)) is True
    assert judged(code, with_st(lead, UP, 0.099)) is False
    assert judged(code, with_st(lead, UP, -0.1)) is False  # discordant, and not low


@pytest.mark.parametrize("lead", LEADS)
def test_concordant_depression(lead: str) -> None:
    in_v1_to_v3 = lead in ("V1", "V2", "V3")
    for code in ("SGARBOSSA-1996", "SGARBOSSA-SMITH"):
        assert judged(code, with_st(lead, DOWN, -0.1)) is in_v1_to_v3
        assert judged(code, with_st(lead, DOWN, -0.099)) is False
    assert judged("BARCELONA-2020", with_st(lead, DOWN, -0.1)) is True
    assert judged("BARCELONA-2020", with_st(lead, DOWN, -0.099)) is False


def test_discordant_elevation_alone_is_no_sgarbossa_score() -> None:
    result = criterion("SGARBOSSA-1996", changed(with_st("V2", DOWN, 0.5), qrs_ms=150.0), context=BLOCK)
    assert (result.met, result.quantity) == (False, (2, 3, "points"))
    assert criterion("SGARBOSSA-1996", changed(with_st("V2", DOWN, 0.499)), context=BLOCK).quantity == (0, 3, "points")
    both = with_st("V2", DOWN, 0.5) | with_st("I", UP, 0.1)
    assert criterion("SGARBOSSA-1996", changed(both), context=BLOCK).quantity == (7, 3, "points")


@pytest.mark.parametrize("lead", ["V1", "V3", "III"])
def test_ratio_of_elevation_and_s(lead: str) -> None:
    assert judged("SGARBOSSA-SMITH", with_st(lead, DOWN, 0.3)) is True
    assert judged("SGARBOSSA-SMITH", with_st(lead, DOWN, 0.299)) is False
    small = {**DOWN, "r_mv": 0.1, "s_mv": -0.3}
    assert judged("SGARBOSSA-SMITH", with_st(lead, small, 0.099)) is False  # below 1 mm, whatever the ratio
    assert judged("SGARBOSSA-SMITH", with_st(lead, {"q_mv": -1.2, "r_mv": 0.0, "s_mv": 0.0}, 0.3)) is True  # QS


def test_low_voltage_of_barcelona() -> None:
    low_down, low_up = {"q_mv": 0.0, "r_mv": 0.2, "s_mv": -0.6}, {"q_mv": 0.0, "r_mv": 0.6, "s_mv": -0.2}
    assert judged("BARCELONA-2020", with_st("V6", low_down, 0.1)) is True
    assert judged("BARCELONA-2020", with_st("V6", low_up, -0.1)) is True
    assert judged("BARCELONA-2020", with_st("V6", {**low_down, "s_mv": -0.601}, 0.1)) is False
    assert judged("BARCELONA-2020", with_st("V6", {**low_up, "r_mv": 0.601}, -0.1)) is False


@pytest.mark.parametrize("code", CODES)
def test_apply_only_to_block_and_pacing(code: str) -> None:
    concordant = with_st("V6", UP, 0.3)
    assert judged(code, concordant, ORDINARY) is None
    assert judged(code, concordant, PACED) is (None if code == "BARCELONA-2020" else True)


def test_measurements_tell_of_a_block() -> None:
    left = {"V1": DOWN, "V5": UP, **with_st("V6", UP, 0.1)}
    assert judged("SGARBOSSA-SMITH", left, Context()) is True
    assert judged("BARCELONA-2020", left, Context()) is None  # pacing is not excluded
    assert judged("SGARBOSSA-SMITH", {**left, "V1": UP}, Context()) is None


@pytest.mark.parametrize("code", CODES)
def test_missing_leads(code: str) -> None:
    assert judged(code, with_st("V6", UP, 0.2) | {"V6": {**UP, "st_j_mv": 0.2, "st_j40_mv": None}}) is None
    assert judged(code, {"V6": {**UP, "st_j_mv": None, "st_j40_mv": None}}) is None
    assert judged(code, {"V6": {**UP, "st_j_mv": None, "st_j40_mv": None}} | with_st("I", UP, 0.2)) is True
    assert judged(code, {"V6": {"st_j_mv": 0.2, "st_j40_mv": 0.2, "r_mv": None}}) is None
