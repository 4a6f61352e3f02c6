"""ST depression and T-wave inversion."""

from dataclasses import replace

import pytest
from normal_ecg import NORMAL, ORDINARY, changed, criterion, met, st

from einthoven.interpret.criteria import LeadValue
from einthoven.interpret.criteria.ecg import CONTIGUOUS

LATERAL = ("V4", "V5", "V6", "II", "aVF", "I")
LEAD_PAIRS = [pair for pair in CONTIGUOUS if "-aVR" not in pair]


@pytest.mark.parametrize("pair", [*LEAD_PAIRS, *((b, a) for a, b in LEAD_PAIRS)])
def test_depression_in_contiguous_leads(pair: tuple[str, str]) -> None:
    code = "STD-UDMI4"
    assert met(code, st(dict.fromkeys(pair, -0.05))) is True
    assert met(code, st({pair[0]: -0.05, pair[1]: -0.049})) is False
    assert met(code, st(dict.fromkeys(pair, 0.05))) is False
    upsloping = changed({lead: {"st_j_mv": -0.15, "st_j80_mv": -0.12} for lead in pair})
    assert met(code, upsloping) is False
    assert met(code, changed({lead: {"st_j_mv": -0.15, "st_j80_mv": -0.131} for lead in pair})) is True
    assert met(code, changed({lead: {"st_j_mv": -0.15, "st_j80_mv": -0.2} for lead in pair})) is True
    assert met(code, changed({lead: {"st_j_mv": -0.06, "st_j80_mv": -0.045} for lead in pair})) is False
    assert met(code, changed({lead: {"st_j_mv": -0.15, "st_j80_mv": None} for lead in pair})) is None


def test_raised_avr_is_a_depressed_minus_avr() -> None:
    result = criterion("STD-UDMI4", st({"aVR": 0.06, "II": -0.06}))
    assert result.met is True
    assert result.leads == {"II": LeadValue(-0.06, -0.05), "aVR": LeadValue(0.06, 0.05)}


def test_right_bundle_branch_block_hides_v1_to_v3() -> None:
    block = replace(ORDINARY, rbbb=True)
    wide = {"qrs_ms": 140.0}
    assert met("STD-UDMI4", st({"V1": -0.2, "V2": -0.2, "V3": -0.2}, **wide), context=block) is False
    assert met("STD-UDMI4", st({"V4": -0.2, "V5": -0.2}, **wide), context=block) is True


@pytest.mark.parametrize("pair", [("V4", "V5"), ("V5", "V6"), ("aVL", "I"), ("II", "aVF"), ("aVF", "III")])
def test_inversion_with_prominent_r(pair: tuple[str, str]) -> None:
    code = "TINV-UDMI4"
    assert met(code, changed({lead: {"t_mv": -0.101} for lead in pair})) is True
    assert met(code, changed({pair[0]: {"t_mv": -0.101}, pair[1]: {"t_mv": -0.1}})) is False
    deep_s = {"t_mv": -0.3, "r_mv": 0.5, "s_mv": -0.5}
    assert met(code, changed({pair[0]: {"t_mv": -0.3}, pair[1]: deep_s})) is False
    assert met(code, changed({pair[0]: {"t_mv": -0.3}, pair[1]: {**deep_s, "s_mv": -0.499}})) is True
    assert met(code, changed({pair[0]: {"t_mv": -0.3}, pair[1]: {"t_mv": None}})) is None
    assert met(code, changed({lead: {"t_mv": -0.3} for lead in pair}), context=replace(ORDINARY, lbbb=True)) is None


@pytest.mark.parametrize("raised", ["aVR", "V1"])
def test_widespread_depression(raised: str) -> None:
    code = "STD6-AVR"
    depressed = dict.fromkeys(LATERAL, -0.1)
    assert met(code, st(depressed | {raised: 0.05})) is True
    assert met(code, st(depressed | {raised: 0.049})) is False
    assert met(code, st(depressed | {"V4": -0.099, raised: 0.1})) is False
    assert met(code, st(depressed | {"V4": None, raised: 0.1})) is None
    assert criterion(code, st(depressed | {raised: 0.1})).quantity == (6, 6, "leads")
    assert met(code, NORMAL) is False
