"""The comparison with a previous ECG: what is new, gone or changed, and what it must never pass over in silence."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import resources
from itertools import pairwise
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven import Interpretation, Interpreter, Recording, examples
from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.answer import Finding
from einthoven.interpret.comparison.compare import compare
from einthoven.interpret.comparison.usual_difference import FAMILIES, NEIGHBORS, usual_difference, usual_log_odds
from einthoven.interpret.comparison.values import Change, Comparison
from einthoven.interpret.comparison.words import NO_CHANGE
from einthoven.interpret.consistency.values import CriticalValue
from einthoven.interpret.rhythm.values import UNCERTAIN, Rhythm
from einthoven.recording import LEADS, Filters, Patient
from einthoven.signal.electrodes.values import Electrodes
from einthoven.signal.measurements.values import GLOBAL_NAMES, LeadMeasurements, Measurements

SCHEMA = json.loads((resources.files("einthoven.interpret") / "interpretation.schema.json").read_text())
SINUS = Rhythm("SR", "sinus rhythm", 70.0)
PATIENT = Patient(age=60, sex="male", id="1234")
TIME = datetime(2026, 1, 10, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@cache
def interpreter() -> Interpreter:
    return Interpreter.load("edge")


@cache
def ecg(name: str = "normal") -> Interpretation:
    """A sample of known rhythm and time."""
    result = interpreter()(examples.recording(name))
    recording = replace(result.recording, recorded_at=TIME, filters=Filters(0.05, 150))
    return replace(result, recording=recording, rhythm=SINUS)


def earlier(of: Interpretation, by: timedelta = DAY) -> Interpretation:
    return replace(of, recording=replace(of.recording, recorded_at=TIME - by))


def compared(after: Interpretation, before: Interpretation | None = None) -> Comparison:
    """The comparison with an ECG of the day before, of the same patient."""
    return compare(after, earlier(before or ecg()), PATIENT, PATIENT)


def measured(**values: float | None) -> Interpretation:
    """The normal sample with other measurements."""
    measurements = ecg().measurements
    assert measurements
    rate = values.get("heart_rate_bpm", ecg().heart_rate_bpm)
    return replace(ecg(), heart_rate_bpm=rate, measurements=replace(measurements, **values))  # type: ignore[arg-type]


def raised(shift_mv: float, *leads: str, by: str = "st_j_mv") -> Interpretation:
    measurements = ecg().measurements
    assert measurements
    moved = {
        lead: values._replace(**{by: round((getattr(values, by) or 0) + shift_mv * (lead in leads), 3)})
        for lead, values in measurements.leads.items()
    }
    return replace(ecg(), measurements=replace(measurements, leads=moved))


def with_statement(label: str, name: str, probability: float, before: bool = False) -> Interpretation:
    kept = [finding for finding in ecg().statements if finding.label != label]
    return replace(ecg(), statements=(*kept, Finding(label, name, probability, probability >= 0.5, 0.4)))


def codes(comparison: Comparison) -> set[str]:
    return {change.code for change in comparison.significant}


def warning_codes(comparison: Comparison) -> set[str]:
    return {warning.code for warning in comparison.warnings}


@pytest.mark.parametrize("name", ["normal", "inferior-infarct", "left-bundle-branch-block", "atrial-fibrillation"])
def test_an_ecg_with_itself_has_no_change(name: str) -> None:
    comparison = compared(ecg(name), ecg(name))
    assert comparison.significant == ()
    assert comparison.in_words.startswith(NO_CHANGE)
    assert all(change.before == change.after for change in comparison.changes)


def test_nothing_is_added_to_no_change() -> None:
    assert compared(ecg()).in_words == f"{NO_CHANGE}."


@pytest.mark.parametrize("name", examples.names())
def test_swapping_reverses_from_and_to(name: str) -> None:
    one, other = ecg(), ecg(name)
    there, back = compare(one, other).changes, compare(other, one).changes
    assert {(c.code, c.lead, c.before, c.after, c.significant) for c in there if c.kind != "rhythm"} == {
        (c.code, c.lead, c.after, c.before, c.significant) for c in back if c.kind != "rhythm"
    }


def simple(values: dict[str, float | None], st_mv: dict[str, float]) -> Interpretation:
    leads = {lead: LeadMeasurements(st_j_mv=round(st_mv[lead], 3), st_j60_mv=0.0, t_mv=0.2) for lead in LEADS}
    measurements = Measurements(**values, leads=leads)
    return replace(ecg(), heart_rate_bpm=values["heart_rate_bpm"], measurements=measurements, criteria=())


MEASURED = st.builds(
    simple,
    st.fixed_dictionaries(
        {
            name: st.none() | (st.integers(-180, 180) if name.endswith("_degrees") else st.integers(30, 600)).map(float)
            for name in GLOBAL_NAMES
        }
    ),
    st.fixed_dictionaries({lead: st.floats(-0.5, 0.5) for lead in LEADS}),
)


@given(MEASURED, MEASURED)
def test_any_measurements(one: Interpretation, other: Interpretation) -> None:
    there, back = compare(one, other), compare(other, one)
    assert [(c.code, c.lead, c.before, c.after, c.significant) for c in there.changes] == [
        (c.code, c.lead, c.after, c.before, c.significant) for c in back.changes
    ]
    assert compare(one, one).significant == ()
    assert (NO_CHANGE in there.in_words) == (not there.significant)
    jsonschema.validate(json.loads(replace(one, comparison=there).to_json()), SCHEMA)


def test_the_json_comes_back_whole() -> None:
    result = replace(ecg("inferior-infarct"), comparison=compared(ecg("inferior-infarct")))
    facts = json.loads(result.to_json())
    jsonschema.validate(facts, SCHEMA)
    assert Interpretation.from_dict(facts) == result
    assert facts["comparison"].keys() >= {"with", "recorded_at", "interval_s", "changes", "in_words"}
    assert facts["comparison"]["changes"][0].keys() >= {"what", "from", "to", "significant"}
    assert "comparison" not in ecg().to_dict()


def test_st_that_rose_in_contiguous_leads() -> None:
    comparison = compared(raised(0.2, "V2", "V3", "V4"))
    assert {(c.code, c.lead) for c in comparison.significant if c.kind == "measurement"} == {
        ("st_j_mv", lead) for lead in ("V2", "V3", "V4")
    }
    limit = usual_difference(wide=False).leads["st_j_mv"]["V2"].p95
    assert comparison.in_words.startswith(f"ST rose in V2 to V4 by up to 0.20 mV (at J in V2, limit {limit:.2f} mV).")
    fallen = compared(raised(-0.1, "II", "III", "aVF", by="st_j60_mv"))
    assert fallen.in_words.startswith("ST fell in II, III and aVF by up to 0.10 mV (at J + 60 ms in II, limit 0.0")


def test_a_heart_rate_that_moves_st() -> None:
    rate = ecg().heart_rate_bpm
    assert rate
    faster = replace(raised(0.2, "V2", "V3"), heart_rate_bpm=rate + 30)
    assert "The heart rate differs by 30 bpm, which can move ST, too." in compared(faster).in_words
    assert "The heart rate differs" not in compared(raised(0.2, "V2", "V3")).in_words


def test_st_of_one_lead_alone_is_not_called_changed() -> None:
    assert compared(raised(0.3, "V2")).significant == ()
    assert "st_j_mv" in codes(compared(raised(0.3, "V2", "V3")))
    assert compared(raised(0.3, "II", "V2")).significant == ()  # not contiguous


def test_contiguous_leads() -> None:
    assert set(NEIGHBORS["V2"]) == {("V1", 1), ("V3", 1)}
    assert set(NEIGHBORS["I"]) == {("aVL", 1), ("aVR", -1)}  # -aVR lies between I and II
    assert set(NEIGHBORS["aVR"]) == {("I", -1), ("II", -1)}
    assert NEIGHBORS.keys() == set(LEADS)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"qrs_ms": 150}, "QRS duration 150 ms, before"),
        ({"qtc_fridericia_ms": 520}, "QTcF 520 ms, before"),
        ({"pr_ms": 260}, "PR interval 260 ms, before"),
        ({"heart_rate_bpm": 130.0}, "Heart rate 130 bpm, before"),
        ({"qrs_axis_degrees": -60}, "QRS axis −60°, before"),
    ],
)
def test_a_value_beyond_its_limit(change: dict[str, float], words: str) -> None:
    comparison = compared(measured(**change))
    assert codes(comparison) == set(change)
    assert words in comparison.in_words
    assert "(limit " in comparison.in_words


def test_values_within_the_limit_are_listed() -> None:
    measurements = ecg().measurements
    assert measurements
    assert measurements.qrs_ms is not None
    comparison = compared(measured(qrs_ms=measurements.qrs_ms + 5))
    (change,) = [change for change in comparison.changes if change.code == "qrs_ms"]
    assert (change.before, change.after) == (measurements.qrs_ms, measurements.qrs_ms + 5)
    assert change.unit == "ms"
    assert change.limit
    assert not change.significant
    assert {c.lead for c in comparison.changes if c.code == "st_j_mv"} == set(LEADS)


def test_axes_lie_on_a_circle() -> None:
    assert compared(measured(qrs_axis_degrees=-179), measured(qrs_axis_degrees=179)).significant == ()


def test_a_new_left_bundle_branch_block_comes_before_what_follows_from_it() -> None:
    block = with_statement("CLBBB", "complete left bundle branch block", 0.95)
    measurements = raised(0.4, "V1", "V2", "V3").measurements
    assert measurements
    new = replace(block, measurements=replace(measurements, qrs_ms=150))
    before = with_statement("CLBBB", "complete left bundle branch block", 0.01)
    words = compared(new, before).in_words
    assert words.startswith("New: complete left bundle branch block. ST rose in V1 to V3")
    assert "may follow from the change of the QRS complex" in words
    assert "No longer present: complete left bundle branch block." in compared(before, new).in_words


def test_a_statement_that_hardly_moves_is_not_new() -> None:
    just_present = with_statement("LVH", "left ventricular hypertrophy", 0.52)
    just_absent = with_statement("LVH", "left ventricular hypertrophy", 0.38)
    comparison = compared(just_present, just_absent)
    assert [(c.before, c.after, c.significant) for c in comparison.changes if c.code == "LVH"] == [
        ("absent", "present", False)
    ]
    possible = replace(just_absent, statements=(*just_absent.statements[:-1], _possible(just_absent.statements[-1])))
    (change,) = [c for c in compared(possible, with_statement("LVH", "", 0.0001)).changes if c.code == "LVH"]
    assert (change.after, change.significant) == ("possible", False)


def _possible(finding: Finding) -> Finding:
    return finding._replace(possible=True)


def test_a_statement_by_measurement_changes_with_that_measurement() -> None:
    def block(pr_ms: float) -> Interpretation:
        label = Finding("1AVB", "first-degree AV block", 0.5, pr_ms > 200, 0.3, source="measurement")
        kept = tuple([finding for finding in ecg().statements if finding.label != "1AVB"])
        return replace(measured(pr_ms=pr_ms), statements=(*kept, label))

    assert "1AVB" not in codes(compared(block(204), block(198)))
    assert "1AVB" in codes(compared(block(280), block(198)))


def test_a_measured_statement_is_listed_only_if_it_holds() -> None:
    def with_axis(degrees: float) -> Interpretation:
        axis = Finding("AXIS-RIGHT", "right axis deviation", None, True, None, source="measurement")
        ecg_of = measured(qrs_axis_degrees=degrees)
        return replace(ecg_of, statements=(*ecg_of.statements, axis)) if degrees > 90 else ecg_of

    far = compared(with_axis(150), with_axis(40))
    assert "New: right axis deviation." in far.in_words
    assert "No longer present: right axis deviation." in compared(with_axis(40), with_axis(150)).in_words
    near = compared(with_axis(92), with_axis(88))
    assert [(c.before, c.after, c.significant) for c in near.changes if c.code == "AXIS-RIGHT"] == [
        ("absent", "present", False)
    ]


def test_a_label_that_the_other_model_lacks_is_not_new() -> None:
    before = replace(ecg(), statements=ecg().statements[:3])
    assert not [change for change in compared(ecg("inferior-infarct"), before).changes if change.code == "IMI"]


def test_critical_values_and_decisions_come_first() -> None:
    critical = CriticalValue("STEMI", "ST-elevation infarct pattern", "ST in II 0.3 mV, limit 0.1 mV")
    acute = replace(raised(0.3, "II", "III", "aVF"), critical=(critical,), acute=AcutePattern(0.9, "rule-in"))
    before = replace(ecg(), acute=AcutePattern(0.01, "rule-out"))
    words = compared(acute, before).in_words
    assert words.startswith(
        "New critical value: ST-elevation infarct pattern. Acute infarct pattern: ruled in, before ruled out (this "
        "does not exclude an infarction). ST rose in II, III and aVF"
    )
    assert compared(acute, earlier(acute)).in_words == f"{NO_CHANGE}. Still present: ST-elevation infarct pattern."


def test_an_answer_that_is_withheld_is_not_compared() -> None:
    before = replace(ecg(), acute=AcutePattern(0.9, "undecided", withheld_because="Paced rhythm."))
    comparison = compared(replace(ecg(), acute=AcutePattern(0.9, "rule-in")), before)
    assert comparison.not_compared == ("acute infarct pattern (withheld for the previous ECG)",)
    assert "Not compared: acute infarct pattern" in comparison.in_words
    assert "in what could be compared" in comparison.in_words


@pytest.mark.parametrize(
    ("after", "before", "significant"),
    [
        (Rhythm("AFIB", "atrial fibrillation"), SINUS, True),
        (Rhythm("SBRAD", "sinus bradycardia", 58), SINUS, False),
        (Rhythm("3AVB", "third-degree AV block", 38), Rhythm("SBRAD", "sinus bradycardia", 38), True),
    ],
)
def test_the_rhythm(after: Rhythm, before: Rhythm, significant: bool) -> None:
    comparison = compared(replace(ecg(), rhythm=after), replace(ecg(), rhythm=before))
    (change,) = [change for change in comparison.changes if change.kind == "rhythm"]
    assert (change.before, change.after, change.significant) == (before.name, after.name, significant)
    assert (f"Rhythm: {after.name}, before {before.name}." in comparison.in_words) == significant


def test_an_uncertain_rhythm_is_not_compared() -> None:
    comparison = compared(replace(ecg(), rhythm=UNCERTAIN))
    assert comparison.not_compared == ("rhythm (uncertain in this ECG)",)


def test_an_ecg_that_is_not_interpreted_reassures_nobody() -> None:
    off = ecg("leads-off")
    assert off.abstained
    for one, other in ((off, ecg()), (ecg(), off)):
        comparison = compared(one, other)
        assert NO_CHANGE not in comparison.in_words
        assert "could not be compared as a whole" in comparison.in_words
        assert "is not interpreted: V1, V2, V3, V4 and V5 are off" in comparison.in_words
        assert "ST in all leads" in comparison.not_compared
        assert "comparison-noise" in warning_codes(comparison)


@pytest.mark.parametrize(
    ("days", "code"), [(-1, "comparison-order"), (0, "comparison-order"), (1, None), (None, "comparison-time")]
)
def test_the_order(days: int | None, code: str | None) -> None:
    when = None if days is None else TIME - days * DAY
    before = replace(ecg(), recording=replace(ecg().recording, recorded_at=when))
    comparison = compare(ecg(), before, PATIENT, PATIENT)
    assert warning_codes(comparison) == ({code} if code else set())
    assert comparison.interval_s == (None if days is None else days * 86400)
    assert all(warning.text in comparison.in_words for warning in comparison.warnings)


def test_times_of_which_one_has_no_zone() -> None:
    before = replace(ecg(), recording=replace(ecg().recording, recorded_at=datetime(2026, 1, 1)))
    comparison = compare(ecg(), before, PATIENT, PATIENT)
    assert comparison.interval_s is None
    assert "only one has a time zone" in comparison.in_words


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"id": "99"}, "comparison-patient", "different patient IDs"),
        ({"id": "99", "sex": "female"}, "comparison-patient", "different patient IDs and sexes"),
        ({"id": "", "sex": "female"}, "comparison-patient", "different sexes"),
        ({"id": ""}, "comparison-patient-unknown", "do not show whether"),
    ],
)
def test_the_patient(change: dict[str, str], code: str, words: str) -> None:
    comparison = compare(ecg(), earlier(ecg()), PATIENT, replace(PATIENT, **change))  # type: ignore[arg-type]
    assert warning_codes(comparison) == {code}
    assert words in comparison.in_words
    assert "1234" not in json.dumps(comparison.to_dict())
    assert "99" not in comparison.in_words
    if code == "comparison-patient":
        assert comparison.in_words.startswith("The files state different")


def test_a_patient_known_by_birth_date() -> None:
    patient = Patient(birth_date=date(1960, 1, 1))
    assert compare(ecg(), earlier(ecg()), patient, patient).warnings == ()


def test_another_filter_or_recorder() -> None:
    def filtered(filters: Filters | None, device: str | None = None) -> Interpretation:
        return replace(ecg(), recording=replace(ecg().recording, filters=filters, device=device))

    words = compared(filtered(Filters(0.5, 150))).in_words
    assert "The high-pass filters differ (0.05 Hz before, 0.5 Hz now): ST may differ for that reason alone." in words
    assert "(0.05 Hz before, not stated now)" in compared(filtered(None)).in_words
    assert "The low-pass filters differ (150 Hz before, 40 Hz now)" in compared(filtered(Filters(0.05, 40))).in_words
    other = compared(filtered(Filters(0.05, 150), "A"), filtered(Filters(0.05, 150), "B"))
    assert "The recorders differ" in other.in_words


def test_other_leads_are_named() -> None:
    fewer = replace(ecg(), recording=replace(ecg().recording, leads=LEADS[:9]))
    comparison = compared(fewer)
    assert "Only the previous ECG has V4, V5 and V6, which were not compared." in comparison.in_words
    assert not {change.lead for change in comparison.changes} & set(LEADS[9:])


def test_exchanged_electrodes_are_not_taken_for_a_change() -> None:
    exchanged = replace(raised(0.5, "II", "III"), electrodes=Electrodes("RA/LL", 0.99))
    comparison = compared(exchanged)
    assert not [change for change in comparison.changes if change.lead or change.unit == "degrees"]
    assert "Electrodes may be exchanged in this ECG (RA/LL)" in comparison.in_words
    assert NO_CHANGE in comparison.in_words
    assert "in what could be compared" in comparison.in_words


def test_waves_of_another_sampling_rate_are_not_compared() -> None:
    slow = raised(3.0, "V4", "V5", by="r_mv")
    comparison = compared(replace(slow, recording=replace(slow.recording, rate_hz=100.0)))
    assert comparison.significant == ()
    assert "comparison-rate" in warning_codes(comparison)
    assert "r_mv" in codes(compared(slow))


def test_another_model_is_named() -> None:
    other = replace(ecg(), model=replace(ecg().model, name="other"))
    assert "by another model (other " in compared(ecg(), other).in_words


def test_the_limits() -> None:
    for wide in (False, True):
        limits = usual_difference(wide=wide)
        assert limits.pairs >= 50
        assert limits.measurements.keys() == set(GLOBAL_NAMES)
        assert limits.leads.keys() == {name for family in FAMILIES for name in family}
        every = [*limits.measurements.values(), *(v for of in limits.leads.values() for v in of.values())]
        assert all(0 < limit.p95 <= limit.p99 for limit in every)
    assert 0 < usual_log_odds().p95 < usual_log_odds().p99


def test_the_interpreter_takes_a_recording_or_an_interpretation() -> None:
    new, old = examples.recording("left-bundle-branch-block"), examples.recording("normal")
    plain = interpreter()(new)
    with_recording = interpreter()(new, previous=old)
    with_answer = interpreter()(new, previous=interpreter()(old))
    assert with_recording.comparison
    assert with_recording.comparison == with_answer.comparison
    assert replace(with_recording, comparison=None) == plain
    assert "New: complete left bundle branch block" in with_recording.comparison.in_words


def test_added_noise_alone_changes_little() -> None:
    recording = examples.recording("normal")
    noise = np.random.default_rng(0).normal(0, 0.01, recording.signal.shape).astype(np.float32)
    noisy: Recording = replace(recording, signal=recording.signal + noise)
    result = interpreter()(noisy, previous=recording)
    assert result.comparison
    assert [change.what for change in result.comparison.significant] == []


def test_real_pairs(test_data: Path) -> None:
    from einthoven.datasets.dataset import Dataset

    dataset = Dataset.open(test_data / "ptbxl")
    rows, patients = dataset.rows((9,)), dataset.annotations.patients
    several = [row for row in rows if (patients[rows] == patients[row]).sum() > 1][:60]
    recordings = [Recording(dataset.signals[row] / np.float32(1000), 100, LEADS, source=str(row)) for row in several]
    answers = dict(zip(several, interpreter().batch(recordings), strict=True))
    pairs = [(a, b) for a, b in pairwise(several) if patients[a] == patients[b]]
    assert len(pairs) > 5
    for a, b in pairs:
        there, back = compare(answers[b], answers[a]), compare(answers[a], answers[b])
        assert {(c.what, c.before, c.after, c.significant) for c in there.changes} == {
            (c.what, c.after, c.before, c.significant) for c in back.changes
        }
        assert compare(answers[a], answers[a]).significant == ()
        assert there.in_words
        jsonschema.validate(json.loads(replace(answers[b], comparison=there).to_json()), SCHEMA)


def test_significant_changes() -> None:
    change = Change("rhythm", "AFIB", "rhythm", "sinus rhythm", "atrial fibrillation", significant=True)
    other = replace(change, significant=False)
    assert Comparison("", None, None, (change, other), (), (), "").significant == (change,)
