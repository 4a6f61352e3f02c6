"""The acute pattern: when it is ruled in, when never out, and in which words."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from einthoven.interpret.acute.assess import assess_acute
from einthoven.interpret.acute.features import INJURY
from einthoven.interpret.acute.probability import AcuteModel
from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.evidence import Evidence
from einthoven.interpret.rhythm.values import UNCERTAIN, Rhythm
from einthoven.recording import LEADS, Filters, Patient
from interpret.acute.acute_evidence import SINUS, evidence
from interpret.criteria.normal_ecg import NORMAL, changed, st

INFERIOR = st({"II": 0.23, "III": 0.24, "aVF": 0.24, "I": -0.01, "aVL": -0.13, "aVR": -0.12})
INFARCT = {"MI": 0.95, "IMI": 0.9}


def answer(given: Evidence, rhythm: Rhythm = SINUS) -> AcutePattern:
    pattern = assess_acute(given, rhythm)
    assert pattern
    return pattern


def test_a_normal_ecg_is_ruled_out_but_not_an_infarction() -> None:
    pattern = answer(evidence())
    assert pattern.decision == "rule-out"
    assert pattern.in_words == "no acute infarct pattern found; this does not exclude infarction"
    assert pattern.territory == ()
    assert pattern.advice == ("If symptoms persist, repeat the ECG in 5 to 10 minutes.",)
    assert pattern.withheld_because is None


def test_an_inferior_infarct_names_leads_and_reciprocal_change() -> None:
    pattern = answer(evidence(INFERIOR, INFARCT))
    assert pattern.decision == "rule-in"
    assert pattern.in_words == (
        "ST-elevation infarct pattern, inferior; STEMI criteria met in II, III, aVF (up to 2.4 mm), "
        "reciprocal aVL -1.3 mm"
    )
    assert pattern.territory == ("inferior",)
    assert pattern.advice == ("Record V4R (right ventricle).",)
    assert any(reason.startswith("Pre-hospital gate: ") for reason in pattern.reasons)


def test_recorded_right_leads_are_not_advised_again() -> None:
    with_v4r = replace(INFERIOR, leads={**INFERIOR.leads, "V4R": INFERIOR.leads["V1"]})
    assert answer(evidence(with_v4r, INFARCT)).advice == ()


@pytest.mark.parametrize(
    ("leads", "territory"),
    [
        ({"V1": 0.2, "V2": 0.4, "V3": 0.4, "V4": 0.3}, ("septal", "anterior")),
        ({"I": 0.2, "aVL": 0.2}, ("lateral",)),
        ({"V1": 0.15, "II": 0.3, "III": 0.3, "aVF": 0.3}, ("inferior", "right ventricular")),
    ],
)
def test_the_leads_that_meet_the_criteria_name_the_walls(leads: dict[str, float], territory: tuple[str, ...]) -> None:
    pattern = answer(evidence(st(leads), {"MI": 0.9, "ACUTE": 0.2}))
    assert pattern.decision == "rule-in"
    assert set(territory) <= set(pattern.territory)


def test_st_elevation_that_the_model_does_not_support_stays_undecided() -> None:
    pattern = answer(evidence(st({"V2": 0.22, "V3": 0.22}), {"MI": 0.001}))
    assert pattern.decision == "undecided"
    assert "STEMI criteria met in V2, V3 (up to 2.2 mm)" in pattern.in_words
    assert pattern.advice == ("Repeat the ECG in 5 to 10 minutes.",)


def test_injury_is_ruled_in_without_st_elevation() -> None:
    depressed = st({"V3": -0.15, "V4": -0.2, "V5": -0.2, "V6": -0.15})
    pattern = answer(evidence(depressed, {"MI": 0.5, "INJAL": 0.6, "INJURY": 0.6}))
    assert pattern.decision == "rule-in"
    assert pattern.in_words == (
        "acute injury pattern, anterior and lateral; ST depression in V3, V4, V5, V6 (down to -2.0 mm)"
    )


def test_depression_of_the_right_chest_leads_asks_for_posterior_leads() -> None:
    pattern = answer(evidence(st({"V1": -0.1, "V2": -0.15, "V3": -0.1}), {"MI": 0.3}))
    assert "Record V7 to V9 (posterior wall)." in pattern.advice
    assert pattern.decision != "rule-out"


def test_an_old_infarct_is_of_undetermined_age_until_the_acute_pattern_is_ruled_out() -> None:
    assert (
        answer(evidence(probabilities={"MI": 0.999, "ACUTE": 0.02})).in_words == "infarct pattern of undetermined age"
    )
    ruled_out = answer(evidence(probabilities={"MI": 0.51}))
    assert ruled_out.decision == "rule-out"
    assert ruled_out.in_words.startswith("infarct pattern, more likely old; no acute infarct pattern found; ")


FILTERED = replace(evidence(), filters=Filters(high_pass_hz=1.0))


@pytest.mark.parametrize(
    ("given_evidence", "rhythm", "because"),
    [
        (evidence(suspected="RA/LA"), SINUS, "electrodes may be exchanged"),
        (FILTERED, SINUS, "the recorder's high-pass filter of 1 Hz changes the ST segment"),
        (evidence(organized=False), SINUS, "no heart rhythm is found"),
        (evidence(), Rhythm("PACING-NO-CAPTURE", "pacing without capture"), "no heart rhythm is found"),
        (evidence(), Rhythm("WCT", "wide-complex tachycardia"), "wide-complex tachycardia changes the ST segment"),
        (evidence(probabilities={"WPW": 0.9}), SINUS, "pre-excitation changes the ST segment"),
        (evidence(probabilities={"CLBBB": 0.9}), SINUS, "left bundle branch block hides or imitates an infarct"),
        (evidence(captured=True), SINUS, "ventricular pacing hides or imitates an infarct"),
        (evidence(acceptable=False), SINUS, "the signal is unfit"),
        (evidence(changed(qrs_ms=130.0)), UNCERTAIN, "the rhythm is uncertain"),
        (evidence(patient=Patient(10, "male")), SINUS, "the patient is a child"),
        (evidence(None), SINUS, "the ST segment could not be measured in enough leads"),
        (evidence(probabilities={"ACUTE": None}), SINUS, "the model has no outputs for acute patterns"),
    ],
)
def test_a_rule_out_is_withheld(given_evidence: Evidence, rhythm: Rhythm, because: str) -> None:
    pattern = answer(given_evidence, rhythm)
    assert pattern.decision == "undecided"
    assert pattern.withheld_because == because or pattern.probability > AcuteModel.load().rule_out_below
    assert pattern.advice


def test_criteria_alone_decide_without_outputs_for_acute_patterns() -> None:
    pattern = answer(evidence(INFERIOR, {**INFARCT, "ACUTE": None}))
    assert (pattern.decision, pattern.probability, pattern.prevalence) == ("rule-in", None, None)


def test_sgarbossa_rules_in_with_left_bundle_branch_block() -> None:
    concordant = st({"V5": 0.2, "V6": 0.2}, qrs_ms=140.0)
    pattern = answer(evidence(concordant, {"CLBBB": 0.95}))
    assert pattern.decision == "rule-in"
    assert pattern.in_words.startswith("acute infarct pattern in left bundle branch block")
    assert "Sgarbossa criteria met in " in pattern.in_words


def test_the_assumed_prevalence_of_infarcts_changes_nothing() -> None:
    usual = answer(evidence(INFERIOR, {"MI": 0.25}))
    odds = 0.25 / 0.75 * (0.05 / 0.95) / (0.2514 / 0.7486)
    rarer = answer(evidence(INFERIOR, {"MI": odds / (1 + odds)}, infarct_prevalence=0.05))
    assert rarer.probability == pytest.approx(usual.probability, abs=2e-4)


def test_a_recording_that_is_not_interpreted_has_no_answer() -> None:
    assert assess_acute(replace(evidence(), refusal_reasons=("V1 is off",)), SINUS) is None


LEVELS = some.fixed_dictionaries(
    {lead: some.one_of(some.none(), some.floats(-0.5, 0.6).map(lambda mv: round(mv, 3))) for lead in LEADS}
)


@given(LEVELS, some.floats(0, 1), some.floats(0, 1), some.sampled_from(["", "CLBBB", "PACE", "WPW", "LVH"]))
def test_no_rule_out_with_criteria_or_elevation_or_confounders(
    levels: dict[str, float | None], infarct: float, injury: float, confounder: str
) -> None:
    probabilities = {"MI": infarct, INJURY[0]: injury} | ({confounder: 0.9} if confounder else {})
    given_evidence = evidence(st(levels), probabilities)
    pattern = answer(given_evidence)
    pairs = (("II", "aVF"), ("aVF", "III"), ("I", "aVL"), ("V1", "V2"), ("V3", "V4"), ("V4", "V5"), ("V5", "V6"))
    reached = {lead: value is None or value >= (0.2 if lead in ("V2", "V3") else 0.1) for lead, value in levels.items()}
    codes = ("STEMI-UDMI4", "STEMI-POSTERIOR-V1V3", "SGARBOSSA-1996", "SGARBOSSA-SMITH", "BARCELONA-2020", "STD6-AVR")
    if (
        any(reached[one] and reached[other] for one, other in pairs)
        or any(given_evidence.met(code) for code in codes)
        or confounder in ("CLBBB", "PACE", "WPW")
    ):
        assert pattern.decision != "rule-out"
    assert "no infarct" not in pattern.in_words
    assert pattern.decision == "rule-in" or not pattern.territory
    assert pattern.advice or pattern.decision == "rule-in"
    if pattern.decision == "rule-out":
        assert pattern.in_words.endswith("no acute infarct pattern found; this does not exclude infarction")


def test_every_lead_that_is_missing_is_named_as_a_reason() -> None:
    unmeasured = replace(NORMAL, leads={})
    pattern = answer(evidence(unmeasured))
    assert pattern.decision == "undecided"
