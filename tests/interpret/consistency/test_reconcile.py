"""The rules of consistency, one by one."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from evidence_strategy import GOOD, lead, rule, with_criteria
from reconciled import interpretation_of

from einthoven import Interpretation
from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.answer import Finding
from einthoven.interpret.consistency.contradictions import find_contradictions
from einthoven.interpret.consistency.reconcile import reconcile
from einthoven.interpret.consistency.segments import with_segments
from einthoven.interpret.evidence import Evidence
from einthoven.interpret.rhythm.values import Rhythm
from einthoven.interpret.segment_results import Episode, TimeShare
from einthoven.ptbxl.vocabulary import NAMES
from einthoven.recording import Patient
from einthoven.signal.beat_values import Beats, Pause
from einthoven.signal.electrodes.values import Electrodes
from einthoven.signal.pacing import Pacing
from einthoven.signal.quality import LeadQuality, Quality
from interpret.criteria.normal_ecg import NORMAL

SINUS = Rhythm("SR", "sinus rhythm", 70.0, regular=True, reason="P waves lead the beats.")


def rhythm(code: str, rate: float | None = 70.0, **fields: Any) -> Rhythm:
    return Rhythm(code, NAMES.get(code, code), rate, reason="Of a test.", **fields)


def evidence(probabilities: dict[str, float] | None = None, **fields: Any) -> Evidence:
    """An ECG that is normal but for what is given."""
    decide = rule("default")
    values = {"NORM": 0.97, "SR": 0.97} | (probabilities or {})
    measured = replace(NORMAL, **{name: fields.pop(name) for name in list(fields) if hasattr(NORMAL, name)})
    known: dict[str, Any] = {
        "patient": Patient(age=60, sex="male"),
        "beats": Beats(),
        "pacing": Pacing(),
        "electrodes": Electrodes(),
        "quality": GOOD,
        "rule_in_strict": decide.rule_in_strict,
        **fields,
    }
    answer = decide(np.array([values.get(label, 0.001) for label in decide.card.labels]))
    return Evidence(answer=answer, measurements=measured, **known)


def answer(known: Evidence, name: Rhythm = SINUS, acute: AcutePattern | None = None) -> Interpretation:
    known = with_criteria(replace(known), name) if not known.refusal_reasons else known
    result = interpretation_of(known, name, acute)
    assert find_contradictions(result) == ()
    return result


def found(result: Interpretation) -> dict[str, Finding]:
    return {finding.label: finding for finding in result.findings + result.statements}


def test_a_normal_ecg() -> None:
    result = answer(evidence())
    assert (result.conclusion, result.conclusion_reasons, result.critical) == ("normal", (), ())
    assert result.mi
    assert result.mi.decision == "rule-out"
    assert found(result)["NORM"].present


@pytest.mark.parametrize(
    ("known", "name", "reason"),
    [
        (evidence(pr_ms=204), SINUS, "PR 204 ms"),
        (evidence(qrs_ms=124), SINUS, "QRS 124 ms"),
        (evidence(qtc_fridericia_ms=452), SINUS, "QTcF 452 ms"),
        (evidence(qtc_fridericia_ms=452, patient=Patient()), SINUS, "QTcF 452 ms"),
        (evidence(), rhythm("SBRAD", 48.0), "heart rate 48 bpm"),
        (evidence(), rhythm("STACH", 104.0), "heart rate 104 bpm"),
        (evidence(), rhythm("SR", None), "heart rate unclear"),
        (evidence(), rhythm("SR", pauses=(Pause(3, 2.4),)), "pause of 2.4 s"),
        (evidence(), rhythm("SR", premature_ventricular=2), "premature ventricular complexes (2)"),
        (evidence(), rhythm("UNCERTAIN"), "UNCERTAIN"),
        (evidence(pacing=Pacing((1.0,))), SINUS, "pacing spikes"),
        (evidence(pacing=Pacing((1.0, 2.0, 4.1)), total_beats=12), SINUS, "3 possible pacing spikes"),
        (evidence(pr_ms=None), SINUS, "PR interval not measured"),
        (evidence(qrs_ms=None), SINUS, "QRS duration not measured"),
        (evidence(qt_ms=None, qtc_fridericia_ms=None), SINUS, "QT interval not measured"),
        (evidence(patient=Patient(age=15, sex="male")), SINUS, "interpreted with the limits of adults"),
        (evidence(electrodes=Electrodes("RA/LL", 0.9)), SINUS, "electrodes may be exchanged"),
        (evidence(qrs_axis_degrees=-45), SINUS, "QRS axis -45 degrees"),
        (evidence(p_ms=150), SINUS, "left atrial enlargement (P wave 150 ms)"),
        (evidence({"LVH": 0.8}), SINUS, "left ventricular hypertrophy (80 %)"),
        (evidence({"LVH": 0.47}), SINUS, "possible left ventricular hypertrophy (47 %)"),
        (evidence({"MI": 0.05}), SINUS, "infarct pattern undecided (5 %)"),
        (evidence({"NORM": 0.45}), SINUS, "normal ECG 45 % (limit 50 %)"),
    ],
)
def test_what_is_not_normal(known: Evidence, name: Rhythm, reason: str) -> None:
    result = answer(known, name)
    assert result.conclusion != "normal"
    assert not found(result)["NORM"].reported
    assert any(reason in text for text in result.conclusion_reasons), result.conclusion_reasons


def test_sinus_bradycardia_from_50_is_normal() -> None:
    result = answer(evidence(), rhythm("SBRAD", 55.0))
    assert result.conclusion == "normal"
    assert found(result)["SBRAD"] == Finding(
        "SBRAD", "sinus bradycardia", 0.001, True, found(result)["SBRAD"].threshold, False, "measurement",
        "Heart rate 55 bpm (limits 60 and 100 bpm).",
    )  # fmt: skip
    assert not found(result)["SR"].reported


SMALL_Q = {"V6": NORMAL.leads["V6"]._replace(q_mv=-0.05, q_ms=15.0)}  # not that of left bundle branch block
RAISED = {name: lead((0.1, 0.0, 0.9, -0.3, 0.4, 0.2, 0.3)) for name in ("II", "III", "aVF")}
TALL_T = {name: NORMAL.leads[name]._replace(t_mv=1.5) for name in ("V2", "V3")}
DE_WINTER = {name: NORMAL.leads[name]._replace(st_j_mv=-0.12, st_j80_mv=0.0, t_mv=0.6) for name in ("V2", "V3", "V4")}
DEPRESSED = {name: lead((0.1, 0.0, 0.9, -0.3, 0.3, -0.1, -0.1)) for name in ("V5", "V6")}
INVERTED_T = {name: NORMAL.leads[name]._replace(t_mv=-0.6) for name in ("V2", "V3")}
Q_WAVES = {name: lead((0.1, -0.4, 0.5, 0.0, 0.3, 0.0, 0.0)) for name in ("II", "III", "aVF")}


@pytest.mark.parametrize(
    ("known", "name", "because"),
    [
        (evidence({"CLBBB": 0.9}, qrs_ms=140), SINUS, "left bundle branch block can hide an infarct pattern"),
        (evidence(), rhythm("PACE"), "a paced rhythm can hide or imitate an infarct pattern"),
        (evidence(pacing=Pacing((1.0, 2.0), True)), SINUS, "a paced rhythm"),
        (
            evidence(qrs_ms=134, leads={**NORMAL.leads, **SMALL_Q}),
            SINUS,
            "a wide QRS complex (134 ms) can hide an infarct pattern",
        ),
        (evidence(), rhythm("IVR", 45.0), "a IVR can hide or imitate an infarct pattern"),
        (evidence(), rhythm("WCT", 160.0), "a WCT can hide or imitate an infarct pattern"),
        (evidence({"WPW": 0.9}), SINUS, "pre-excitation can hide or imitate an infarct pattern"),
        (evidence(electrodes=Electrodes("V1/V2", 0.9)), SINUS, "electrodes may be exchanged"),
        (evidence(), rhythm("UNCERTAIN"), "the rhythm is uncertain"),
        (evidence(), rhythm("NO-BEATS", None), "NO-BEATS"),
        (evidence(leads={**NORMAL.leads, **Q_WAVES}), SINUS, "Q or R waves meet the criteria of an infarct"),
        (evidence(), rhythm("3AVB", 50.0), "third-degree AV block needs attention first"),
        (evidence(), rhythm("SR", 44.0, pauses=(Pause(3, 4.0),)), "pause of 4 s needs attention first"),
        (evidence(), rhythm("SBRAD", 48.0), "heart rate below 50 bpm: AV block is not excluded"),
        (evidence(), rhythm("NCT", 180.0), "heart rate above 150 bpm needs attention first"),
        (evidence(patient=Patient(age=5)), SINUS, "the patient is a child"),
        (evidence({"PACE": 0.4}), SINUS, "the model finds a paced rhythm possible (40 %)"),
        (
            evidence(patient=Patient(age=70, sex="male", pacemaker=True)),
            SINUS,
            "the patient has a pacemaker, so that a paced rhythm is not excluded",
        ),
        (evidence(leads={}), SINUS, "the ST segment could not be measured in enough leads"),
        (
            evidence(pacing=Pacing((1.0, 2.0, 4.1)), total_beats=12),
            SINUS,
            "3 possible pacing spikes, so that a paced rhythm is not excluded",
        ),
        (evidence(leads={**NORMAL.leads, **TALL_T}), SINUS, "T waves in V2 to V4 are tall"),
        (evidence(leads={**NORMAL.leads, **DE_WINTER}), SINUS, "a de Winter pattern is possible"),
        (evidence(leads={**NORMAL.leads, **DEPRESSED}), SINUS, "ST is depressed in two contiguous leads"),
        (evidence(leads={**NORMAL.leads, **INVERTED_T}), SINUS, "a Wellens pattern is possible"),
        (evidence({"IMI": 0.43}), SINUS, "the model finds signs of an infarct (inferior)"),
    ],
)
def test_a_rule_out_is_withheld(known: Evidence, name: Rhythm, because: str) -> None:
    acute = AcutePattern(0.001, "rule-out", in_words="no acute infarct pattern")
    result = answer(known, name, acute)
    assert result.mi
    assert result.mi.decision == "undecided"
    assert result.mi.in_words.startswith(f"undecided: {because}")
    assert result.acute
    if "infarct (" not in because and "criteria" not in because:
        assert result.acute.decision == "undecided"
        assert result.acute.in_words == f"acute infarct pattern {result.mi.in_words}"


UNDECIDED = AcutePattern(0.01, "undecided", in_words="undecided", rule_in_from=0.22)


def test_no_ecg_with_an_undecided_acute_pattern_is_normal() -> None:
    result = answer(evidence(), acute=UNDECIDED)
    assert (result.conclusion, result.conclusion_reasons) == ("borderline", ("acute infarct pattern undecided (1 %)",))


@pytest.mark.parametrize("because", [None, "the recorder's high-pass filter of 1 Hz changes the ST segment"])
def test_an_infarct_of_any_age_is_not_ruled_out_before_an_acute_one(because: str | None) -> None:
    result = answer(evidence(), acute=replace(UNDECIDED, withheld_because=because))
    assert result.mi
    assert (result.mi.decision, result.mi.probability < result.mi.rule_out_below) == ("undecided", True)
    assert result.mi.withheld_because == (because or "an acute infarct pattern is not ruled out")


@pytest.mark.parametrize(
    ("known", "name", "because"),
    [
        (evidence({"CLBBB": 0.45}, qrs_ms=118), SINUS, "left bundle branch block hides or imitates an infarct"),
        (evidence(), rhythm("PACE"), "ventricular pacing hides or imitates an infarct"),
        (evidence(electrodes=Electrodes("V4/V5", 0.3)), SINUS, "electrodes may be exchanged"),
    ],
)
def test_a_high_probability_never_reassures(known: Evidence, name: Rhythm, because: str) -> None:
    result = answer(known, name, replace(UNDECIDED, probability=0.9, withheld_because=because))
    assert result.acute
    assert result.acute.decision == "undecided"
    assert result.conclusion == "abnormal"
    suspected = known.electrodes.suspected is not None
    assert [value.code for value in result.critical] == (["STEMI"] if suspected else [])
    assert suspected or f"acute infarct pattern undecided (90 %): {because}" in result.conclusion_reasons


def test_criteria_of_leads_that_may_be_exchanged_are_critical() -> None:
    known = evidence(electrodes=Electrodes("V4/V5", 0.3))
    raised = with_criteria(replace(evidence(leads={**NORMAL.leads, **RAISED})), SINUS).criteria
    as_named = tuple(each for each in raised if each.met)
    result = answer(replace(known, as_named=as_named), acute=UNDECIDED)
    (value,) = result.critical
    assert (value.code, result.conclusion) == ("STEMI", "abnormal")
    assert "As the leads are named, " in value.reason


def test_right_bundle_branch_block_hides_no_infarct() -> None:
    result = answer(evidence({"CRBBB": 0.9, "IRBBB": 0.6, "CD": 0.9}, qrs_ms=140, leads={**NORMAL.leads, **SMALL_Q}))
    assert result.mi
    assert result.mi.decision == "rule-out"
    assert [found(result)[label].reported for label in ("CRBBB", "IRBBB")] == [True, False]
    assert "QRS-WIDE" not in found(result)


def test_a_rule_in_names_its_territory_and_what_imitates_it() -> None:
    infarct = {"MI": 0.95, "IMI": 0.9, "NORM": 0.01}
    result = answer(evidence(infarct))
    assert result.mi
    assert (result.mi.decision, result.mi.territory, result.mi.caveats) == ("rule-in", ("inferior",), ())
    unclear = answer(evidence({"MI": 0.6, "IMI": 0.3, "NORM": 0.01}))
    assert unclear.mi
    assert unclear.mi.caveats == (
        "The territory is unclear: none reaches its threshold; "
        "the most probable is inferior myocardial infarction 30 %.",
    )
    fibrillation = answer(evidence(infarct | {"AFIB": 0.9}), rhythm("AFIB", 80.0))
    assert fibrillation.mi
    assert fibrillation.mi.decision == "rule-in"
    assert fibrillation.mi.caveats[0].startswith("Atrial fibrillation can imitate an infarct pattern: ")


def test_fibrillation_raises_the_threshold() -> None:
    usual, fibrillation = evidence({"MI": 0.6, "IMI": 0.5, "NORM": 0.01}), rhythm("AFIB", 80.0)
    assert usual.answer.mi
    assert usual.answer.mi.decision == "rule-in"
    result = answer(usual, fibrillation)
    assert result.mi
    assert (result.mi.decision, result.mi.rule_in_from) == ("undecided", usual.rule_in_strict)
    strict, least = (f"{100 * mi.rule_in_from:.0f} %" for mi in (result.mi, usual.answer.mi))
    assert result.mi.caveats == (
        f"With atrial fibrillation, an infarct pattern is ruled in from {strict} instead of {least}.",
    )
    assert strict > least
    assert found(result)["MI"].possible


def test_a_territory_implies_the_infarct() -> None:
    infarct = found(answer(evidence({"MI": 0.3, "IMI": 0.45, "NORM": 0.3})))["MI"]
    assert (infarct.present, infarct.possible) == (False, True)
    assert infarct.reason == "Possible inferior myocardial infarction 45 %."


def test_exchanged_electrodes_withhold_a_rule_in() -> None:
    result = answer(evidence({"MI": 0.95, "IMI": 0.9}, electrodes=Electrodes("RA/LA", 0.9)))
    assert result.mi
    assert (result.mi.decision, result.mi.territory) == ("undecided", ())
    assert not any(found(result)[label].reported for label in ("MI", "IMI"))


def test_measurements_decide() -> None:
    long = found(answer(evidence(pr_ms=236)))
    assert long["1AVB"].present
    assert (long["1AVB"].source, long["1AVB"].reason) == ("measurement", "PR 236 ms (limit 200 ms).")
    assert (long["CD"].present, long["CD"].reason) == (True, "First-degree AV block.")
    short = found(answer(evidence({"1AVB": 0.9}, pr_ms=180)))["1AVB"]
    assert (short.present, short.probability, short.reason) == (False, 0.9, "PR 180 ms (limit 200 ms).")
    assert found(answer(evidence(pr_ms=200)))["1AVB"].possible
    assert found(answer(evidence({"1AVB": 0.9}, pr_ms=None)))["1AVB"].source == "model"
    assert found(answer(evidence(qtc_fridericia_ms=470)))["LNGQT"].present
    assert found(answer(evidence(qtc_fridericia_ms=455, patient=Patient())))["LNGQT"].possible
    assert found(answer(evidence(qrs_ms=130)))["QRS-WIDE"].reason == "QRS 130 ms (limit 120 ms)."
    assert found(answer(evidence({"CLBBB": 0.9}, qrs_ms=112)))["CLBBB"].possible
    assert found(answer(evidence(), rhythm("AFIB", 120.0)))["TACHY"].present


def test_one_rhythm() -> None:
    statements = found(answer(evidence({"SR": 0.9, "AFIB": 0.6, "1AVB": 0.8}, pr_ms=None), rhythm("AFIB", 80.0)))
    assert [label for label in ("SR", "AFIB", "SBRAD", "STACH", "1AVB") if statements[label].reported] == ["AFIB"]
    uncertain = found(answer(evidence({"SR": 0.9, "AFIB": 0.6}), rhythm("UNCERTAIN")))
    assert (uncertain["SR"].present, uncertain["SR"].possible, uncertain["AFIB"].reported) == (False, True, False)
    fibrillation = found(answer(evidence({"PAC": 0.9, "AFIB": 0.9}, pr_ms=None), rhythm("AFIB", 80.0)))
    assert not fibrillation["PAC"].reported
    block = found(answer(evidence({"1AVB": 0.9}, pr_ms=240), rhythm("2AVB", 45.0)))
    assert (block["2AVB"].present, block["1AVB"].reported) == (True, False)


@pytest.mark.parametrize(
    ("known", "name", "codes"),
    [
        (evidence(), rhythm("NO-BEATS", None), ["NO-BEATS"]),
        (evidence(pacing=Pacing((1.0, 2.0, 3.0), False)), rhythm("PACING-NO-CAPTURE", None), ["PACING-NO-CAPTURE"]),
        (evidence(qrs_ms=150), rhythm("WCT", 152.0), ["WCT", "RATE-HIGH"]),
        (evidence(qrs_ms=150), rhythm("AFIB", 130.0), ["WCT"]),
        (evidence(qrs_ms=150), rhythm("STACH", 130.0), []),
        (evidence(), rhythm("3AVB", 38.0, pauses=(Pause(1, 3.2),)), ["AVB-HIGH", "PAUSE", "RATE-LOW"]),
        (evidence(), Rhythm("2AVB", "second-degree AV block, Mobitz I", 60.0), []),
        (evidence(), Rhythm("2AVB", "second-degree AV block, Mobitz II", 60.0), ["AVB-HIGH"]),
        (evidence(qtc_fridericia_ms=510), SINUS, ["QTC-500"]),
        (
            evidence(
                leads={**NORMAL.leads, **{n: lead((0.1, 0, 0.9, -0.3, 0.4, 0.2, 0.3)) for n in ("II", "III", "aVF")}}
            ),
            SINUS,
            ["STEMI"],
        ),
    ],
)
def test_critical_values(known: Evidence, name: Rhythm, codes: list[str]) -> None:
    result = answer(known, name)
    assert [value.code for value in result.critical] == codes
    assert not codes or result.conclusion == "abnormal"


def test_an_acute_pattern_is_critical() -> None:
    result = answer(evidence(), SINUS, AcutePattern(0.9, "rule-in", ("inferior",), "acute infarct pattern, inferior"))
    assert result.critical[0].reason == "Acute infarct pattern, inferior."
    assert result.mi
    assert result.mi.in_words == "undecided: acute infarct pattern needs attention first"


def test_what_is_not_interpreted_has_critical_values() -> None:
    known = replace(evidence(), answer=type(evidence().answer)(), measurements=None, refusal_reasons=("noise",))
    result = answer(known, rhythm("NO-BEATS", None))
    assert (result.conclusion, result.conclusion_reasons) == ("not interpreted", ("noise",))
    assert [value.code for value in result.critical] == ["NO-BEATS"]


def test_the_whole_hides_no_segment() -> None:
    normal, infarct = (with_criteria(known, SINUS) for known in (evidence(), evidence({"MI": 0.95, "IMI": 0.9})))
    good, bad = reconcile(normal, SINUS, None), reconcile(infarct, SINUS, None)
    share = TimeShare("infarct", "MI", "infarct pattern", 0.33, 10.0, 1, Episode(10, 20))
    whole = with_segments(good, [good, bad, good], [share])
    assert whole.answer.mi
    words = "infarct pattern: 33 % of the time, one episode of 10 s from 10 s"
    assert whole.answer.mi.in_words == f"undecided: {words}"
    assert whole.conclusion == "abnormal"
    assert whole.conclusion_reasons[:2] == ("1 of 3 segments are abnormal", words)
    pause = reconcile(normal, rhythm("SR", pauses=(Pause(1, 3.5),)), None)
    whole = with_segments(good, [good, pause], [replace(share, kind="critical", code="PAUSE", name="pause")])
    assert (whole.conclusion, [value.code for value in whole.critical]) == ("abnormal", ["PAUSE"])
    assert with_segments(good, [good, good], []) == good


def test_the_whole_withholds_what_a_segment_withholds() -> None:
    acute = AcutePattern(0.001, "rule-out", in_words="no acute infarct pattern")
    known = [evidence(), evidence({"CLBBB": 0.9}, qrs_ms=140), evidence(leads={**NORMAL.leads, **Q_WAVES})]
    good, block, old = (reconcile(with_criteria(each, SINUS), SINUS, acute) for each in known)
    whole = with_segments(good, [good, good, block], [])
    because = "left bundle branch block can hide an infarct pattern (in 1 of 3 segments)"
    assert whole.acute
    assert whole.answer.mi
    assert (whole.acute.decision, whole.acute.withheld_because) == ("undecided", because)
    assert (whole.answer.mi.decision, whole.answer.mi.withheld_because) == ("undecided", because)
    early = rhythm("SR", premature_supraventricular=1)
    both = [reconcile(with_criteria(each, early), early, acute) for each in (evidence(), evidence({"CLBBB": 0.9}))]
    reasons = with_segments(both[0], both, []).conclusion_reasons
    assert reasons.count("premature supraventricular complexes (1)") == 1
    unsure = reconcile(with_criteria(evidence(), SINUS), SINUS, UNDECIDED)  # the median over the segments decides
    assert unsure.answer.mi
    assert unsure.answer.mi.decision == "undecided"
    assert with_segments(good, [good, unsure, good], []).answer.mi == good.answer.mi
    whole = with_segments(good, [good, old], [])  # signs of an old infarct withhold no acute answer
    assert whole.acute
    assert whole.answer.mi
    assert (whole.acute.decision, whole.answer.mi.decision) == ("rule-out", "undecided")


def test_a_critical_value_of_a_segment_that_is_not_interpreted() -> None:
    good = reconcile(with_criteria(evidence(), SINUS), SINUS, None)
    known = replace(evidence(), answer=type(evidence().answer)(), measurements=None, refusal_reasons=("noise",))
    bad = reconcile(known, rhythm("NO-BEATS", None), None)
    share = TimeShare("critical", "NO-BEATS", "no organised beats", 0.5, 10.0, 1, Episode(10, 20))
    whole = with_segments(good, [good, bad], [share])
    assert whole.conclusion == "abnormal"
    assert whole.conclusion_reasons[0].startswith("no organised beats")


@pytest.mark.parametrize(
    ("known", "name", "reasons"),
    [
        (evidence({"MI": 0.96, "IMI": 0.94, "QWAVE": 0.4}), SINUS, ("infarct pattern, inferior (96 %)",)),
        (evidence({"MI": 0.96, "ASMI": 0.6}), SINUS, ("infarct pattern, septal and anterior (96 %)",)),
        (evidence({"LVH": 0.8, "VCLVH": 0.8}), SINUS, ("left ventricular hypertrophy (80 %)",)),
        (evidence(qtc_fridericia_ms=474), SINUS, ("prolonged QT interval (QTcF 474 ms)",)),
        (evidence(), rhythm("3AVB", 34.0), ("third-degree AV block", "heart rate 34 bpm", "infarct pattern undecided")),
        (evidence(), rhythm("WCT", 152.0), ("WCT", "heart rate 152 bpm", "infarct pattern undecided")),
    ],
)
def test_the_conclusion_names_each_thing_once(known: Evidence, name: Rhythm, reasons: tuple[str, ...]) -> None:
    assert answer(known, name).conclusion_reasons == reasons


def test_leads_that_are_off_need_the_stricter_threshold() -> None:
    off = replace(evidence({"MI": 0.6, "ASMI": 0.6}), quality=Quality(True, (LeadQuality("V1", ("off",), 1.0),), True))
    decisions = [
        result.mi.decision for known in (evidence({"MI": 0.6, "ASMI": 0.6}), off) if (result := answer(known)).mi
    ]
    assert decisions == ["rule-in", "undecided"]


def test_small_qrs_complexes_rule_in_only_what_stays_if_enlarged() -> None:
    halves = {
        name: of_lead._replace(**{wave: (getattr(of_lead, wave) or 0) / 2 for wave in ("q_mv", "r_mv", "s_mv")})
        for name, of_lead in NORMAL.leads.items()
    }
    infarct = evidence({"MI": 0.6, "ASMI": 0.6, "NORM": 0.01}, leads=halves)
    stays, vanishes = (answer(replace(infarct, infarct_if_enlarged=probability)) for probability in (0.55, 0.41))
    assert stays.mi
    assert (stays.mi.decision, stays.mi.caveats) == ("rule-in", ())
    assert vanishes.mi
    assert (vanishes.mi.decision, vanishes.mi.probability) == ("undecided", 0.6)
    assert vanishes.mi.withheld_because == "small QRS complexes can imitate an infarct pattern"
    assert vanishes.mi.caveats == (
        "Small QRS complexes (0.68 mV) can imitate an infarct pattern: enlarged to 1 mV, its probability is 41 %, "
        f"and it is ruled in from {100 * vanishes.mi.rule_in_from:.1f} %.",
    )
    assert (found(vanishes)["MI"].possible, found(vanishes)["MI"].reason) == (True, vanishes.mi.caveats[0])
    assert found(vanishes)["ASMI"].reported
