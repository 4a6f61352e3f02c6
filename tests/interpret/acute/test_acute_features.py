"""The probability of an acute pattern: monotone in the ST segment, explicit about what is missing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from einthoven.interpret.acute.features import DEVIATIONS, FEATURES, MEASURED, acute_features
from einthoven.interpret.acute.probability import AcuteModel
from einthoven.interpret.acute.st_levels import largest_in_pair, reciprocal_mv
from einthoven.interpret.criteria.ecg import CONTIGUOUS
from einthoven.recording import LEADS
from einthoven.signal.measurements.values import Measurements
from interpret.acute.acute_evidence import evidence
from interpret.criteria.normal_ecg import MAN, NORMAL, st

LEVELS = some.fixed_dictionaries({lead: some.floats(-0.3, 0.4) for lead in LEADS})


def probability(measurements: Measurements | None, **probabilities: float) -> float:
    features = acute_features(evidence(probabilities=probabilities).probability, measurements, MAN)
    assert features
    return AcuteModel.load().probabilities(features).either


def test_coefficients_have_every_feature_and_grow_with_deviations() -> None:
    model = AcuteModel.load()
    for coefficients in (model.elevation, model.injury):
        assert set(coefficients) == {"intercept", *FEATURES}
        assert all(coefficients[name] >= 0 for name in DEVIATIONS)
    assert 0 < model.rule_out_below < model.criteria_from < model.rule_in_from < 1
    assert model.rule_out_below < model.prevalence


@given(LEVELS, some.sampled_from(CONTIGUOUS), some.floats(0, 0.4), some.floats(0, 1), some.floats(0, 1))
def test_more_elevation_never_lowers_the_probability(
    levels: dict[str, float], pair: tuple[str, str], rise: float, infarct: float, lvh: float
) -> None:
    before = dict(levels)
    for lead in pair:  # leads that are not depressed
        name = lead.removeprefix("-")
        before[name] = -abs(before[name]) if lead == "-aVR" else abs(before[name])
    after = before | {
        lead.removeprefix("-"): before[lead.removeprefix("-")] + (-rise if lead == "-aVR" else rise) for lead in pair
    }
    low, high = (probability(st(values), MI=infarct, LVH=lvh) for values in (before, after))
    assert high >= low - 1e-12


@given(LEVELS, some.sampled_from(CONTIGUOUS), some.floats(0, 0.4), some.floats(0, 1))
def test_more_depression_never_lowers_the_probability(
    levels: dict[str, float], pair: tuple[str, str], fall: float, injury: float
) -> None:
    before = dict(levels)
    for lead in pair:
        name = lead.removeprefix("-")
        before[name] = abs(before[name]) if lead == "-aVR" else -abs(before[name])
    after = before | {
        lead.removeprefix("-"): before[lead.removeprefix("-")] - (-fall if lead == "-aVR" else fall) for lead in pair
    }
    low, high = (probability(st(values), INJAS=injury) for values in (before, after))
    assert high >= low - 1e-12


@pytest.mark.parametrize("measurements", [None, replace(NORMAL, leads={}), Measurements()])
def test_missing_measurements_are_marked_not_guessed(measurements: Measurements | None) -> None:
    features = acute_features(evidence().probability, measurements, MAN)
    assert features
    assert {name: features[name] for name in MEASURED} == {**dict.fromkeys(MEASURED, 0.0), "unmeasured": 1.0}


@pytest.mark.parametrize("label", ["INJIN", "MI", "ACUTE", "INJURY"])
def test_a_model_without_an_output_has_no_features(label: str) -> None:
    probability = evidence().probability
    assert acute_features(lambda name: None if name == label else probability(name), NORMAL, MAN) is None


def test_pairs_and_reciprocal_change_by_hand() -> None:
    assert largest_in_pair({"V1": 0.3, "V3": 0.4}) is None
    assert largest_in_pair({"V1": 0.3, "V2": 0.1, "V3": 0.2}) == 0.1
    assert largest_in_pair({"aVL": 0.1, "I": 0.2, "-aVR": 0.3, "III": 0.4}) == 0.2
    assert reciprocal_mv({"II": 0.2, "aVF": 0.25, "III": 0.3, "aVL": -0.15, "I": 0.0}) == 0.15
    assert reciprocal_mv({"aVL": 0.2, "I": 0.1, "III": -0.05, "aVF": 0.0}) == 0.05
    assert reciprocal_mv({"aVL": 0.2, "I": 0.1}) == 0
    assert reciprocal_mv({"II": -0.2, "aVF": -0.2, "III": -0.2, "aVL": -0.1, "I": -0.1}) == 0
