import dataclasses
import json
from collections.abc import Callable
from datetime import date
from importlib import resources
from pathlib import Path

import jsonschema
import numpy as np
import pytest

import einthoven
from einthoven import Interpreter, Recording, RecordingError
from einthoven.errors import EinthovenError
from einthoven.interpret.answer import MI_IN_WORDS, Finding
from einthoven.interpret.decisions import PRESENT
from einthoven.interpret.interpretation import Interpretation, result_from_json
from einthoven.recording import LEADS, Patient
from einthoven.signal.measurements.measure import measure_signal
from einthoven.simulate.cases import draw_case
from einthoven.simulate.tracing import ELECTRODES, Noise, tracing

SCHEMA = json.loads((resources.files("einthoven.interpret") / "interpretation.schema.json").read_text())


def simulated(kind: str = "NORM", seconds: int = 10, rate: int = 500, seed: int = 0) -> Recording:
    rng = np.random.default_rng(seed)
    case = draw_case(kind, rng, rng)
    noise = Noise(wander=np.full(len(ELECTRODES), 0.03), muscle=np.full(len(ELECTRODES), 0.005))
    pieces = [tracing(case.heart, case.rhythm, noise, (rate,), rng)[0] for _ in range(-(-seconds // 10))]
    signal = np.concatenate(pieces).T[:, : seconds * rate] / np.float32(1000)
    return Recording(np.ascontiguousarray(signal, np.float32), rate, LEADS, source="simulated", format="none")


@pytest.fixture(scope="module")
def interpreter() -> Interpreter:
    return Interpreter.load("edge")


def checked(answer: Interpretation) -> Interpretation:
    """In the published shape, from which it comes back whole."""
    jsonschema.validate(json.loads(answer.to_json()), SCHEMA)
    assert Interpretation.from_dict(answer.to_dict()) == answer
    assert result_from_json(answer.to_json()) == answer
    return answer


def test_the_answer(interpreter: Interpreter) -> None:
    answer = checked(interpreter(simulated()))
    assert not answer.abstained
    assert [finding.label for finding in answer.findings] == ["NORM", "MI", "STTC", "CD", "HYP"]
    labels = {f.label for f in answer.statements} | {score.label for score in answer.scores_only}
    assert len(labels) == 71 + 2  # ACUTE and INJURY
    assert all(f.present == (f.probability >= f.threshold) for f in answer.findings + answer.statements)
    assert answer.mi is not None
    assert answer.mi.probability == answer.findings[1].probability
    assert answer.mi.rule_out_below < answer.mi.rule_in_from


def test_probabilities_are_the_bundle_s(interpreter: Interpreter) -> None:
    recording = simulated(rate=100)
    expected = dict(
        zip(interpreter.bundle.card.labels, interpreter.bundle.probabilities(recording.signal), strict=True)
    )
    answer = interpreter(recording)
    assert {f.label: f.probability for f in answer.findings + answer.statements} | {
        score.label: score.score for score in answer.scores_only
    } == pytest.approx(expected, abs=5.1e-5)


@pytest.mark.parametrize("probability", [0.0, 0.02, 0.1, 0.5, 0.9, 1.0])
def test_the_decision(interpreter: Interpreter, monkeypatch: pytest.MonkeyPatch, probability: float) -> None:
    acute = [label in ("ACUTE", "INJURY") for label in interpreter.bundle.card.labels]  # 2 % would leave it open
    given = np.where(acute, 0.0, probability)
    monkeypatch.setattr(type(interpreter._rule), "probabilities", lambda _, scores: np.tile(given, (len(scores), 1)))
    answer = interpreter(simulated())
    assert answer.mi is not None
    ruled_in, ruled_out = probability >= answer.mi.rule_in_from, probability < answer.mi.rule_out_below
    assert answer.mi.decision == ("rule-in" if ruled_in else "rule-out" if ruled_out else "undecided")
    assert MI_IN_WORDS[answer.mi.decision]


def test_prevalence_moves_probabilities_and_no_decision(interpreter: Interpreter) -> None:
    rarer = Interpreter(interpreter.bundle, {"mi": 0.02})
    for kind in ("NORM", "MI", "CD"):
        usual, rare = interpreter(simulated(kind)), checked(rarer(simulated(kind)))
        assert usual.mi is not None
        assert rare.mi is not None
        assert rare.mi.prevalence == 0.02
        assert usual.mi.prevalence == pytest.approx(0.25, abs=0.01)
        assert rare.mi.probability < usual.mi.probability
        assert rare.mi.decision == usual.mi.decision
        assert [f.reported for f in rare.findings] == [f.reported for f in usual.findings]


def test_says_which_prevalence_it_assumes(interpreter: Interpreter) -> None:
    rare = Interpreter(interpreter.bundle, {"mi": 0.00002, "cd": 0.5, "imi": 0.012})
    answer = rare(simulated("MI"))
    assert answer.mi
    assert answer.mi.prevalence == 0.00002
    assert 0 < answer.mi.rule_out_below < answer.mi.rule_in_from < 0.001
    assert answer.warnings[-1] == ("assumed-prevalence", "Assumed prevalence, as requested: CD 50 %, IMI 1.2 %.")
    assert "assumed-prevalence" not in [warning.code for warning in interpreter(simulated("MI")).warnings]


def test_refuses_a_prevalence_of_no_label() -> None:
    with pytest.raises(EinthovenError, match="no such label"):
        Interpreter.load("edge", {"infarct": 0.1})


def test_abstains_from_the_unfit_unless_forced(interpreter: Interpreter) -> None:
    signal = simulated().signal.copy()
    signal[6:10] = 0
    recording = dataclasses.replace(simulated(), signal=signal)
    answer = checked(interpreter(recording))
    assert answer.abstained
    assert answer.abstained_because == ("V1, V2, V3 and V4 are off",)
    assert answer.mi is None
    assert answer.findings == answer.statements == answer.scores_only == ()
    assert answer.to_dict()["mi"] is None
    forced = checked(interpreter(recording, force=True))
    assert not forced.abstained
    assert not forced.quality.acceptable
    assert forced.warnings[0] == ("forced", "Interpreted as requested, although unfit: V1, V2, V3 and V4 are off.")


def test_refuses_what_lacks_leads(interpreter: Interpreter) -> None:
    recording = simulated()
    limb = dataclasses.replace(recording, signal=recording.signal[:6], leads=LEADS[:6])
    with pytest.raises(RecordingError, match="lacks V1, V2, V3, V4, V5, V6"):
        interpreter(limb)


@pytest.mark.parametrize(
    ("patient", "codes"),
    [
        (Patient(age=12), ["child", "infarct-withheld"]),
        (Patient(pacemaker=True), ["paced", "infarct-withheld"]),
        (Patient(age=60), []),
    ],
)
def test_warns_of_patients_it_did_not_learn_from(interpreter: Interpreter, patient: Patient, codes: list[str]) -> None:
    warnings = interpreter(dataclasses.replace(simulated(), patient=patient)).warnings
    assert [warning.code for warning in warnings] == codes


def test_names_no_person(interpreter: Interpreter) -> None:
    patient = Patient(id="ID-4711", name="Mustermann^Erika", birth_date=date(1960, 2, 29), age=60)
    text = interpreter(dataclasses.replace(simulated(), patient=patient)).to_json()
    assert not [word for word in ("4711", "Mustermann", "1960", "Erika") if word in text]


def test_a_short_recording_is_marked(interpreter: Interpreter) -> None:
    recording = simulated()
    for samples in (1250, 1249, 3000):
        answer = checked(interpreter(dataclasses.replace(recording, signal=recording.signal[:, :samples])))
        assert answer.recording.short
        assert any(warning.code == "short" for warning in answer.warnings)
    assert not interpreter(recording).recording.short


def test_a_long_recording(interpreter: Interpreter) -> None:
    """Normal, but for 30 s of something else and one segment that is off."""
    normal, other = simulated(seconds=10), simulated("CD", seconds=30, seed=5)
    pieces = [normal.signal] * 3 + [other.signal] + [normal.signal, np.zeros_like(normal.signal), normal.signal]
    recording = dataclasses.replace(normal, signal=np.concatenate(pieces, axis=1))
    answer = checked(interpreter(recording))
    assert len(answer.segments) == 9
    assert [bool(part.abstained_because) for part in answer.segments] == [False] * 7 + [True, False]
    assert ("segments-left-out", "1 of 9 segments are unfit and left out.") in answer.warnings
    assert answer.most_abnormal is not None
    assert (answer.most_abnormal.start_s, answer.most_abnormal.end_s) == (30, 60)
    of_segments = [part.probabilities["NORM"] for part in answer.segments if part.probabilities]
    assert answer.findings[0].probability == pytest.approx(np.median(of_segments), abs=1e-4)
    assert interpreter(dataclasses.replace(normal, signal=np.tile(normal.signal, (1, 2)))).most_abnormal is None


def test_measurements_are_medians_over_the_segments(interpreter: Interpreter) -> None:
    recording = simulated()
    found = checked(interpreter(recording))
    expected = measure_signal(recording.signal, recording.rate, recording.leads)
    assert found.to_dict()["measurements"]["qrs_ms"] == round(expected.qrs_ms or 0)
    assert found.to_dict()["measurements"]["leads"]["V2"]["r_mv"] == round(expected.leads["V2"].r_mv or 0, 3)
    long_recording = simulated(seconds=30)
    long = checked(interpreter(long_recording))
    alone = [measure_signal(long_recording.signal[:, k : k + 5000], 500, LEADS).qt_ms for k in (0, 5000, 10000)]
    assert long.measurements is not None
    assert long.measurements.qt_ms == round(np.median([qt for qt in alone if qt is not None]))
    off = dataclasses.replace(recording, signal=recording.signal * np.repeat([1, 0], 6)[:, None].astype(np.float32))
    assert checked(interpreter(off)).measurements is None


@pytest.mark.parametrize("fibrillating", [True, False])
def test_no_pr_where_the_model_sees_fibrillation(
    interpreter: Interpreter, monkeypatch: pytest.MonkeyPatch, fibrillating: bool
) -> None:
    labels = interpreter.bundle.card.labels
    probabilities = np.array([float(fibrillating and label == "AFIB") for label in labels])
    monkeypatch.setattr(
        type(interpreter._rule), "probabilities", lambda _, scores: np.broadcast_to(probabilities, scores.shape)
    )
    found = interpreter(simulated()).measurements
    assert found is not None
    assert (found.pr_ms is None) == fibrillating
    assert (found.leads["II"].p_mv is None) == fibrillating
    assert found.qrs_ms is not None


def test_the_same_alone_and_in_a_batch(interpreter: Interpreter) -> None:
    recordings = [simulated(kind, rate=rate) for rate in (100, 500, 257) for kind in ("MI", "NORM", "HYP")]
    alone = [interpreter(recording).to_json() for recording in recordings]
    assert [answer.to_json() for answer in interpreter.batch(recordings)] == alone
    assert [answer.to_json() for answer in interpreter.batch(reversed(recordings))] == alone[::-1]


@pytest.mark.parametrize("build", [lambda s: s * 0, lambda s: s * 100, lambda s: np.full_like(s, 3)])
def test_strange_signals_get_an_answer_in_shape(
    interpreter: Interpreter, build: Callable[[np.ndarray], np.ndarray]
) -> None:
    recording = simulated()
    checked(interpreter(dataclasses.replace(recording, signal=build(recording.signal)), force=True))


def of_model(answer: Interpretation) -> list[Finding]:
    """Without the statements that no model has, which are there only if a measurement decides so."""
    return [finding for finding in answer.findings + answer.statements if finding.probability is not None]


@pytest.mark.parametrize("name", ["default", "edge"])
def test_real_pairs_at_100_and_500_hz_agree(name: str, test_data: Path) -> None:
    interpreter = Interpreter.load(name)
    differences, flips = [], 0
    for fast in sorted((test_data / "ptbxl" / "records500").rglob("*.hea")):
        slow = test_data / "ptbxl" / "records100" / fast.parent.name / fast.name.replace("_hr", "_lr")
        one, two = (interpreter(einthoven.read(path), force=True) for path in (fast, slow))
        for a, b in zip(of_model(one), of_model(two), strict=True):
            differences.append(abs(a.probability - b.probability))
            by_model = a.source == b.source == "model"
            flips += by_model and a.present != b.present and abs(a.probability - max(a.threshold, PRESENT)) > 0.02
    assert np.mean(np.array(differences) <= 0.02) >= 0.999
    assert max(differences) <= 0.05
    assert flips == 0


def test_one_tracing_in_several_formats_has_one_answer(test_data: Path) -> None:
    interpreter = Interpreter.load("default")
    files = ("dicom/ecgtoolkit-nan-padding.dcm", "hl7-aecg/fda-subject1.xml", "scp-ecg/ecgtoolkit.scp")
    found = [interpreter(einthoven.read(test_data / "formats" / file)) for file in files]
    for answer in found:
        assert not answer.abstained
        for a, b in zip(of_model(answer), of_model(found[0]), strict=True):
            assert a.probability == pytest.approx(b.probability, abs=0.002)
            assert a.present == b.present


def test_every_real_file_is_interpreted_or_refused_as_it_should_be(test_data: Path) -> None:
    interpreter, unfit = Interpreter.load("edge"), set()
    for path in sorted((test_data / "formats").rglob("*.*")):
        if path.parent.name == "refused":
            with pytest.raises(RecordingError):
                interpreter(einthoven.read(path))
        elif path.suffix != ".md" and interpreter(einthoven.read(path)).abstained:
            unfit.add(path.name)
    # Chest leads that are off; and a made-up tracing of two beats in 10 s
    assert unfit == {"contec-800hz.edf", "liryc-100hz.xml"}


def test_an_embedding_for_each_segment_is_no_part_of_the_interpretation(exported: Path) -> None:
    interpreter = Interpreter.load(exported)
    short, long = simulated(), simulated(seconds=30)
    (alone,) = interpreter.embed(short)
    assert alone.shape == (interpreter.bundle.embedding_dimension,)
    assert np.isfinite(alone).all()
    assert interpreter.embed(long).shape == (3, len(alone))
    assert "embedding" not in interpreter(short).to_json()


def test_a_segment_that_is_unfit_has_no_embedding(exported: Path) -> None:
    silent = dataclasses.replace(simulated(), signal=np.zeros((12, 5000), np.float32))
    assert np.isnan(Interpreter.load(exported).embed(silent)).all()


def test_a_bundle_without_an_embedding_says_so(exported: Path) -> None:
    interpreter = Interpreter.load(exported)
    card = dataclasses.replace(interpreter.bundle.card, embedding=None)
    without = Interpreter(dataclasses.replace(interpreter.bundle, card=card))
    with pytest.raises(EinthovenError, match="has no embedding; export the bundle again"):
        without.embed(simulated())
