"""Pathological Q waves and broad R waves."""

from dataclasses import replace
from itertools import combinations

import pytest
from normal_ecg import ORDINARY, changed, criterion, met

from einthoven.interpret.criteria import LeadTime

Q = {"q_mv": -0.1, "q_ms": 30.0}
QS = {"q_mv": -0.8, "q_ms": 80.0, "r_mv": 0.0, "r_ms": 0.0, "s_mv": 0.0, "s_ms": 0.0}
GROUPS = [("I", "aVL"), ("II", "III", "aVF"), ("V1", "V2", "V3", "V4", "V5", "V6")]
COUNTED = {"I", "II", "aVL", "aVF", "V4", "V5", "V6"}


@pytest.mark.parametrize("lead", ["V2", "V3"])
def test_q_in_v2_or_v3(lead: str) -> None:
    code = "Q-V2V3-UDMI4"
    assert met(code, changed({lead: {"q_mv": -0.03, "q_ms": 20.0}})) is False
    assert met(code, changed({lead: {"q_mv": -0.03, "q_ms": 21.0}})) is True
    assert criterion(code, changed({lead: {"q_mv": -0.03, "q_ms": 22.0}})).leads == {lead: LeadTime(22.0, 20.0)}
    assert met(code, changed({lead: QS})) is True
    assert met(code, changed({lead: {"q_mv": None, "q_ms": None}})) is None
    assert met(code, changed({lead: QS}), context=replace(ORDINARY, lbbb=True)) is None
    assert met(code, changed({"V1": QS})) is False  # normal


@pytest.mark.parametrize("pair", [pair for group in GROUPS for pair in combinations(group, 2)])
@pytest.mark.parametrize("wave", [Q, QS], ids=["Q", "QS"])
def test_two_leads_of_a_group(pair: tuple[str, str], wave: dict[str, float]) -> None:
    expected = not COUNTED.isdisjoint(pair)
    assert met("Q-UDMI4", changed(dict.fromkeys(pair, wave))) is expected
    assert met("Q-UDMI4", changed({pair[0]: wave})) is False


@pytest.mark.parametrize("almost", [{"q_mv": -0.099, "q_ms": 30.0}, {"q_mv": -0.1, "q_ms": 29.0}])
def test_almost_pathological(almost: dict[str, float]) -> None:
    assert met("Q-UDMI4", changed({"II": Q, "aVF": almost})) is False
    assert met("Q-UDMI4", changed({"II": Q, "aVF": {"q_mv": 0.2, "q_ms": 50.0}})) is False  # reversed sign
    assert met("Q-UDMI4", changed({"II": Q, "aVF": {"q_ms": None, "q_mv": -0.2}})) is None
    assert met("Q-UDMI4", changed({"II": Q, "aVF": {"q_ms": None, "q_mv": -0.05}})) is False


def test_groups_are_not_mixed() -> None:
    assert met("Q-UDMI4", changed({"I": Q, "II": Q, "V5": Q})) is False


def test_posterior_leads_count() -> None:
    assert met("Q-UDMI4", changed({"V7": Q, "V8": Q})) is True
    assert met("Q-UDMI4", changed({"V6": Q, "V7": Q})) is True


def test_broad_r() -> None:
    broad = {"r_mv": 0.8, "r_ms": 41.0, "s_mv": -0.7, "t_mv": 0.1}
    code = "R-V1V2-UDMI4"
    assert met(code, changed({"V1": broad, "V2": broad})) is True
    for change in ({"r_ms": 40.0}, {"s_mv": -0.8}, {"t_mv": 0.0}):
        assert met(code, changed({"V1": broad, "V2": {**broad, **change}})) is False
    assert met(code, changed({"V1": broad, "V2": broad}), context=replace(ORDINARY, rbbb=True)) is None
