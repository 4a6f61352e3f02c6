import json
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from example_results import FAILED, FINDINGS, MODEL, RECORDED, RECORDING, abstained, answered, without_mi
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.operationoutcome import OperationOutcome
from hypothesis import given
from hypothesis import strategies as st

from einthoven.errors import EinthovenError
from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.answer import MI_IN_WORDS, Decision
from einthoven.interpret.comparison.values import Change, Comparison
from einthoven.interpret.consistency.values import CriticalValue
from einthoven.interpret.criteria import Criterion
from einthoven.interpret.criteria.criterion import LeadValue
from einthoven.interpret.interpretation import NOTICE, Interpretation, Result
from einthoven.interpret.rhythm.values import Rhythm
from einthoven.recording import RecordingWarning
from einthoven.report.fhir import CODE_SYSTEM, as_bundle
from einthoven.report.formats import result_writer
from einthoven.signal.beat_values import Pause
from einthoven.signal.electrodes.values import Electrodes

Resource = dict[str, Any]


def resources(bundle: Resource, kind: str) -> list[Resource]:
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def own_code(concept: Resource) -> str:
    return next((str(coding["code"]) for coding in concept["coding"] if coding["system"] == CODE_SYSTEM), "")


def observation(bundle: Resource, label: str) -> Resource:
    return next(o for o in resources(bundle, "Observation") if own_code(o["code"]) == label)


def valid(bundle: Resource) -> Resource:
    """Validated by fhir.resources, and by what it cannot see: references that resolve, and nothing lost on the way."""
    again = Bundle.model_validate(json.loads(json.dumps(bundle, allow_nan=False)))
    assert json.loads(again.model_dump_json(exclude_none=True)) == json.loads(json.dumps(bundle))
    there = {entry["fullUrl"] for entry in bundle["entry"]}
    assert len(there) == len(bundle["entry"])
    (report,), (device, *recorder) = resources(bundle, "DiagnosticReport"), resources(bundle, "Device")
    assert {result["reference"] for result in report["result"]} | {
        f"urn:uuid:{one['id']}" for one in (report, device, *recorder)
    } == there
    for one in resources(bundle, "Observation"):
        assert one["device"]["reference"] == f"urn:uuid:{device['id']}"
        assert one["status"] == "preliminary"
        values = {"valueCodeableConcept", "valueQuantity", "dataAbsentReason"} & one.keys()
        assert len(values) == 1 or (not values and one["component"])  # a lead has only components
    assert report["status"] == "preliminary"
    assert NOTICE in report["conclusion"]
    assert NOTICE in report["text"]["div"]
    assert device["note"] == [{"text": NOTICE}]
    return bundle


def test_when_and_with_which_recorder() -> None:
    bundle = valid(as_bundle(replace(answered(), recording=RECORDED)))
    dated = resources(bundle, "DiagnosticReport") + resources(bundle, "Observation")
    assert {one["effectiveDateTime"] for one in dated} == {"2026-01-01T10:11:12+01:00"}
    _, recorder = resources(bundle, "Device")
    assert recorder["deviceName"] == [{"name": "Philips PageWriter TC70", "type": "user-friendly-name"}]
    local = replace(RECORDED, recorded_at=datetime(2026, 1, 1, 10, 11, 12))  # FHIR has no time of day without zone
    bundle = valid(as_bundle(replace(answered(), recording=local)))
    assert resources(bundle, "DiagnosticReport")[0]["effectiveDateTime"] == "2026-01-01"
    assert "effectiveDateTime" not in json.dumps(as_bundle(answered()))


@pytest.mark.parametrize("decision", MI_IN_WORDS)
def test_the_infarct_pattern_in_its_words(decision: Decision) -> None:
    bundle = valid(as_bundle(answered(decision)))
    mi = observation(bundle, "MI")
    assert own_code(mi["valueCodeableConcept"]) == decision
    assert mi["valueCodeableConcept"]["text"] == MI_IN_WORDS[decision]
    shares = {own_code(part["code"]): part["valueQuantity"]["value"] for part in mi["component"]}
    assert shares == {"probability": 0.5, "prevalence": 0.25, "rule-in-from": 0.55, "rule-out-below": 0.03}
    words = MI_IN_WORDS[decision]
    conclusion = resources(bundle, "DiagnosticReport")[0]["conclusion"]
    assert conclusion.startswith(f"Infarct pattern? {words[0].upper()}{words[1:]}.")
    assert (
        sum("valueCodeableConcept" in o and own_code(o["code"]) == "MI" for o in resources(bundle, "Observation")) == 1
    )


def test_superclasses_and_the_statements_that_were_found() -> None:
    bundle = valid(as_bundle(answered()))
    found = [o for o in resources(bundle, "Observation") if "valueCodeableConcept" in o]
    rate = resources(bundle, "Observation")[len(found)]
    # The second is the rhythm, which has a code of LOINC.
    assert [own_code(o["code"]) for o in found] == ["MI", "", "NORM", "CD", "AFIB", "CLBBB", "LAO/LAE"]
    assert own_code(observation(bundle, "NORM")["valueCodeableConcept"]) == "not-found"
    assert own_code(observation(bundle, "CD")["valueCodeableConcept"]) == "found"
    assert [part["valueQuantity"]["value"] for part in observation(bundle, "CD")["component"]] == [0.9, 0.31]
    assert rate["code"]["coding"][0]["display"] == "MDC_ECG_HEART_RATE"
    assert rate["valueQuantity"] == {
        "value": 71.6,
        "unit": "bpm",
        "system": "http://unitsofmeasure.org",
        "code": "/min",
    }


def test_intervals_that_are_known() -> None:
    answer = answered()
    assert answer.measurements
    answer = replace(answer, measurements=replace(answer.measurements, pr_ms=None))
    found = [o for o in resources(valid(as_bundle(answer)), "Observation") if "valueQuantity" in o][1:]
    values = {o["code"]["coding"][0]["code"]: (o["valueQuantity"]["value"], o["valueQuantity"]["code"]) for o in found}
    assert values == {
        "147228": (92, "ms"),
        "147232": (399, "ms"),
        "146952": (421, "ms"),
        "146964": (414, "ms"),
        "qtc-framingham": (415, "ms"),
        "qtc-hodges": (411, "ms"),
        "147256": (102, "ms"),
        "147200": (51, "deg"),
        "147204": (-12, "deg"),
        "147208": (40, "deg"),
    }
    assert found[0]["code"]["coding"][0]["display"] == "MDC_ECG_TIME_PD_QRS_GL"
    assert not [
        o for o in resources(as_bundle(replace(answer, measurements=None)), "Observation") if "ms" in json.dumps(o)
    ]


def test_a_label_of_low_support_is_not_there() -> None:
    assert "PMI" in answered().to_json()
    assert "PMI" not in json.dumps(as_bundle(answered()))


def test_codes_of_other_standards() -> None:
    codings = observation(as_bundle(answered()), "CLBBB")["code"]["coding"]
    assert codings[:3] == [
        {"system": "http://snomed.info/sct", "code": "63467002"},
        {
            "system": "urn:iso:std:iso:11073:10101",
            "code": str((10 << 16) + 8464),
            "display": "MDC_ECG_BEAT_LBB_BLK_COMP",
        },
        {"system": "https://doi.org/10.1161/CIRCULATIONAHA.106.180201", "code": "104"},
    ]


def test_a_comparison() -> None:
    rise = Change("measurement", "st_j_mv", "ST at J in V2", 0.02, 0.23, True, "mV", "V2", 0.11)
    block = Change("statement", "CLBBB", "complete left bundle branch block", "absent", "present", significant=True)
    when = RECORDED.recorded_at
    comparison = Comparison("/home/Doe^Jane/old.dcm", when, 60, (rise, block), (), (), "ST rose.")
    bundle = valid(as_bundle(replace(answered(), comparison=comparison)))
    found = resources(bundle, "Observation")[-1]
    assert own_code(found["code"]) == "comparison"
    assert own_code(found["valueCodeableConcept"]) == "changed"
    assert found["note"] == [{"text": "ST rose."}]
    assert found["derivedFrom"][0]["display"].startswith("Previous ECG, recorded 2026-01-01 10:11")
    assert [c["valueString"] for c in found["component"]] == [
        "0.02 mV before, 0.23 mV now",
        "absent before, present now",
    ]
    assert "Doe" not in json.dumps(bundle)
    for lacking, code in (((), "no-change"), (("ST in V2",), "no-change-in-part")):
        same = replace(comparison, changes=(replace(rise, significant=False),), not_compared=lacking)
        found = resources(valid(as_bundle(replace(answered(), comparison=same))), "Observation")[-1]
        assert own_code(found["valueCodeableConcept"]) == code
        assert "component" not in found


def test_an_abstention_has_no_value_and_says_why() -> None:
    bundle = valid(as_bundle(abstained()))
    only, rhythm = resources(bundle, "Observation")
    assert rhythm["code"]["coding"][0]["code"] == "8884-9"
    assert only["dataAbsentReason"]["coding"][0]["code"] == "not-performed"
    assert only["dataAbsentReason"]["text"] == "V2 is flat; V3 is noise"
    assert resources(bundle, "DiagnosticReport")[0]["conclusion"].startswith(
        "Not interpreted: V2 is flat; V3 is noise."
    )


def test_a_model_without_mi_says_nothing_of_it() -> None:
    bundle = valid(as_bundle(without_mi()))
    assert "nfarct" not in json.dumps(bundle).replace("infarct patterns", "")
    assert "Most abnormal from 20 to 50 s: conduction" in resources(bundle, "DiagnosticReport")[0]["conclusion"]


def test_the_device_is_the_model() -> None:
    (device,) = resources(as_bundle(answered()), "Device")
    assert device["identifier"][0]["value"] == MODEL.sha256
    assert device["deviceName"] == [{"name": "Einthoven default", "type": "model-name"}]
    assert device["version"][0]["value"] == MODEL.version
    other = replace(answered(), model=replace(MODEL, sha256="cd" * 32))
    assert resources(as_bundle(other), "Device")[0]["id"] != device["id"]
    assert resources(as_bundle(abstained()), "Device")[0] == device


def test_nobody_is_named_unless_asked() -> None:
    assert "Doe" not in json.dumps(as_bundle(answered()))
    assert "subject" not in json.dumps(as_bundle(answered()))
    bundle = valid(as_bundle(answered(), "Patient/a-1.B"))
    for one in resources(bundle, "Observation") + resources(bundle, "DiagnosticReport"):
        assert one["subject"] == {"reference": "Patient/a-1.B"}


@pytest.mark.parametrize(
    "subject", ["", "Patient/", "1", "Patient/a b", "Group/1", "Patient/1/2", "Patient/" + 65 * "x"]
)
def test_a_subject_that_is_none(subject: str) -> None:
    with pytest.raises(EinthovenError, match="write Patient/ID"):
        as_bundle(answered(), subject)
    with pytest.raises(EinthovenError, match="write Patient/ID"):
        result_writer("fhir", subject)


def test_the_same_answer_gives_the_same_bundle() -> None:
    assert as_bundle(answered()) == as_bundle(answered())
    assert as_bundle(answered())["id"] != as_bundle(answered(), "Patient/1")["id"]
    assert as_bundle(answered())["id"] != as_bundle(answered("rule-in"))["id"]


def test_when_it_was_issued() -> None:
    bundle = as_bundle(answered(), issued=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    Bundle.model_validate(bundle)
    assert bundle["timestamp"] == resources(bundle, "DiagnosticReport")[0]["issued"] == "2026-01-02T03:04:05+00:00"
    assert "timestamp" not in as_bundle(answered())


def test_a_file_that_failed_is_an_operation_outcome() -> None:
    outcome = as_bundle(FAILED)
    OperationOutcome.model_validate(outcome)
    assert outcome["issue"][0]["diagnostics"] == "ecg.xml: is refused: No rhythm series."


@given(st.text(min_size=1), st.text(min_size=1), st.floats(0, 1))
def test_whatever_words_and_numbers_come(name: str, warning: str, probability: float) -> None:
    finding = FINDINGS[2]._replace(probability=probability)
    answer = replace(answered(), warnings=(RecordingWarning("parser", warning),), findings=(finding,))
    bundle = as_bundle(answer)
    Bundle.model_validate(bundle)
    json.dumps(bundle).encode()
    answer = replace(answer, recording=replace(RECORDING, warnings=(RecordingWarning("parser", name),)))
    Bundle.model_validate(as_bundle(answer))


def written(results: list[Result], subject: str | None = None) -> str:
    file = BytesIO()
    result_writer("fhir", subject)(results, file, None)  # type: ignore[arg-type]
    return file.getvalue().decode()


def test_one_file_is_a_bundle_and_several_are_one_a_line() -> None:
    assert json.loads(written([answered()], "Patient/7")) == as_bundle(answered(), "Patient/7")
    lines = written([answered(), FAILED, abstained()]).splitlines()
    kinds = [json.loads(line)["resourceType"] for line in lines]
    assert kinds == ["Bundle", "OperationOutcome", "Bundle"]
    assert written([]) == ""


def test_other_formats_have_no_use_for_a_subject() -> None:
    with pytest.raises(EinthovenError, match="Only FHIR has a subject"):
        result_writer("json", "Patient/1")


def urgent() -> Interpretation:
    """An answer with everything that must not be missed."""
    acute = AcutePattern(
        probability=0.9, decision="rule-in", territory=("inferior",), in_words="ST-elevation infarct pattern, inferior",
        prevalence=0.05, advice=("Record V4R.",), reasons=("ST +0.24 mV.",),
    )  # fmt: skip
    rhythm = Rhythm("3AVB", "third-degree AV block", 38.0, True, "P waves at 80 bpm.", pauses=(Pause(1.0, 2.4),))
    critical = (CriticalValue("RATE-LOW", "heart rate below 40 bpm", "38 bpm, limit 40 bpm"),)
    electrodes = Electrodes("RA/LA", 0.9)
    criterion = Criterion(
        "STEMI-UDMI4", "ST elevation", True, {"II": LeadValue(0.24, 0.1)}, "ST +0.24 mV in II.", "UDMI4", "ST elevation"
    )
    return replace(
        answered(), acute=acute, rhythm=rhythm, critical=critical, criteria=(criterion,), electrodes=electrodes,
        conclusion="abnormal",
    )  # fmt: skip


def test_what_is_urgent_comes_first_and_is_marked() -> None:
    bundle = valid(as_bundle(urgent()))
    first, acute, *_ = resources(bundle, "Observation")
    assert first["interpretation"][0]["coding"][0]["code"] == "AA"
    assert first["note"] == [{"text": "Heart rate below 40 bpm: 38 bpm, limit 40 bpm."}]
    assert own_code(acute["code"]) == "ACUTE"
    assert [note["text"] for note in acute["note"]] == ["ST +0.24 mV.", "Record V4R."]
    assert acute["component"][-1]["valueString"] == "inferior"
    report = resources(bundle, "DiagnosticReport")[0]
    assert report["conclusion"].startswith("CRITICAL: ")
    assert report["conclusionCode"][0]["coding"][0]["code"] == "102594003"


def test_rhythm_electrodes_criteria_and_leads() -> None:
    found = resources(valid(as_bundle(urgent())), "Observation")
    rhythm = next(o for o in found if o["code"]["text"] == "rhythm")
    assert {"system": "http://snomed.info/sct", "code": "27885002"} in rhythm["valueCodeableConcept"]["coding"]
    assert rhythm["component"][0]["valueString"] == "2.4 s at 1.0 s"
    assert observation(as_bundle(urgent()), "electrodes-exchanged")["valueCodeableConcept"]["text"] == "RA/LA"
    met = observation(as_bundle(urgent()), "STEMI-UDMI4")
    assert met["component"][0]["code"]["coding"][0]["display"] == "MDC_ECG_LEAD_II"
    assert met["component"][0]["valueQuantity"]["value"] == 0.24
    leads = [o for o in found if o["code"]["text"].startswith("lead ")]
    measurements = urgent().measurements
    assert measurements
    assert len(leads) == len(measurements.leads) > 0
