"""What forbids to decide about an infarct withholds the answer, and never reassures."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import einthoven
from einthoven import Interpreter, Recording, examples
from einthoven.datasets.dataset import Dataset
from einthoven.interpret.consistency.contradictions import find_contradictions
from einthoven.recording import LEADS
from einthoven.simulate.exchanges import exchange

INTERVALS = {"PR-LONG", "PR-SHORT", "QTC-LONG", "QTC-500"}
CHEST_LEADS = {
    "STEMI-UDMI4",
    "STD-UDMI4",
    "Q-V2V3-UDMI4",
    "LVH-SOKOLOW-LYON",
    "DE-WINTER",
    "TALL-T",
    "BRUGADA-1",
}
INFARCTS = {"NORM", "MI", "IMI", "ASMI", "AMI", "ALMI", "ILMI", "LMI"}


@cache
def interpreter() -> Interpreter:
    return Interpreter.load("edge")


def with_exchange(name: str, seconds: int = 10) -> Recording:
    recording = examples.recording("normal")
    signal = np.tile(exchange(recording.signal, name), (1, seconds // 10))
    return replace(recording, signal=signal)


@pytest.mark.parametrize("name", ["RA/LA", "RA/LL", "RL/RA", "V1-V6 reversed", "dextrocardia", "all inverted"])
@pytest.mark.parametrize("seconds", [10, 40])
def test_the_infarct_answer_is_withheld(name: str, seconds: int) -> None:
    result = interpreter()(with_exchange(name, seconds), force=True)
    assert result.electrodes.suspected == name
    assert result.electrodes.probability
    assert result.electrodes.probability > 0.5
    assert result.quality.arms_swapped == (name == "RA/LA")
    assert result.mi
    assert result.mi.decision == "undecided"
    upside_down = name == "all inverted"
    doubt = "the tracing may be upside down" if upside_down else "electrodes may be exchanged"
    check = (
        "Check the polarity of the file or the recorder." if upside_down else "Check the electrodes and record again."
    )
    assert result.mi.in_words == f"undecided: {doubt}"
    assert result.acute
    assert result.acute.advice == (check,)
    assert not any(f.reported for f in result.findings + result.statements if f.label in INFARCTS)
    told = {criterion.code for criterion in result.criteria if criterion.met is not None}
    limb_leads_hold = name == "V1-V6 reversed"
    assert (told <= INTERVALS) != limb_leads_hold
    assert not told & CHEST_LEADS
    assert ("AXIS-LEFT" in told) == limb_leads_hold
    assert "QTC-LONG" in {criterion.code for criterion in result.criteria}
    texts = {warning.code: warning.text for warning in result.warnings}
    assert texts["electrodes-exchanged"].endswith(check)
    assert "neither ruled in nor out" in texts["infarct-withheld"]
    assert all(segment.mi and segment.mi.decision == "undecided" for segment in result.segments)
    if result.most_abnormal:
        assert result.most_abnormal.mi
        assert result.most_abnormal.mi.decision == "undecided"


def test_an_infarct_in_limb_leads_stands_beside_exchanged_chest_electrodes(test_data: Path) -> None:
    recording = einthoven.read(test_data / "formats" / "philips-sierra" / "sierra-1.03.xml")
    result = interpreter()(replace(recording, signal=exchange(recording.signal, "V1-V6 reversed")))
    assert result.electrodes.suspected == "V1-V6 reversed"
    (criterion,) = [each for each in result.criteria if each.code == "STEMI-UDMI4"]
    assert criterion.met
    assert set(criterion.leads) <= set(LEADS[:6])
    assert result.acute
    assert (result.acute.decision, result.conclusion) == ("undecided", "abnormal")
    assert [value.code for value in result.critical] == ["STEMI"]


def test_a_suspected_exchange_does_not_hide_a_probable_acute_infarct(test_data: Path) -> None:
    result = Interpreter.load("default")(einthoven.read(ptb_xl(test_data, "records100/10000/10458_lr")))
    assert result.electrodes.suspected == "V4/V5"
    assert result.acute
    assert result.mi
    assert (result.acute.decision, result.mi.decision) == ("undecided", "undecided")
    assert result.acute.is_high
    assert result.conclusion == "abnormal"
    (value,) = result.critical
    assert value.code == "STEMI"
    assert value.name == "possible ST-elevation infarct; electrodes may be exchanged (V4 and V5)"
    assert value.reason.startswith("Check and repeat the ECG now. Acute infarct pattern 99 %")


@pytest.mark.parametrize(
    "record", ["records500/00000/00016_hr", "records100/03000/03639_lr", "records100/14000/14067_lr"]
)
def test_a_few_false_spikes_are_no_pacemaker(test_data: Path, record: str) -> None:
    result = interpreter()(einthoven.read(ptb_xl(test_data, record)))
    assert result.acute
    assert result.mi
    because = f"{len(result.pacing.spikes)} possible pacing spikes, so that a paced rhythm is not excluded"
    assert (result.acute.withheld_because, result.mi.withheld_because) == (because, because)
    assert result.conclusion == "borderline"
    assert find_contradictions(result) == ()


def test_a_strip_without_measurements_is_not_normal() -> None:
    recording = examples.recording("normal")
    samples = round(2.6 * recording.rate)
    strips = [recording.signal[:, at : at + samples] for at in range(0, 7 * samples // 2, samples // 2)]
    answers = [interpreter()(replace(recording, signal=strip)) for strip in strips]
    unmeasured = [
        answer
        for answer in answers
        if answer.measurements is None or None in (answer.measurements.qrs_ms, answer.measurements.qt_ms)
    ]
    assert unmeasured
    assert not [answer for answer in unmeasured if answer.conclusion == "normal"]
    assert not [answer for answer in unmeasured if answer.mi and answer.mi.decision == "rule-out"]


def test_a_small_probability_of_pacing_hides_no_st_elevation(test_data: Path) -> None:
    result = interpreter()(Dataset.open(test_data / "ptbxl").recording(7008))
    pacing = next(finding for finding in result.statements if finding.label == "PACE")
    assert pacing.probability is not None
    assert pacing.probability < 0.5
    assert not pacing.reported
    assert result.acute
    assert result.acute.decision == "rule-in"
    assert [value.code for value in result.critical] == ["STEMI"]
    assert {criterion.code: criterion.met for criterion in result.criteria}["STEMI-UDMI4"] is not None


def ptb_xl(test_data: Path, record: str) -> Path:
    return test_data / "ptbxl" / f"{record}.hea"


def test_electrodes_in_their_places_change_nothing() -> None:
    result = interpreter()(examples.recording("normal"))
    assert result.electrodes.suspected is None
    assert "electrodes-exchanged" not in {warning.code for warning in result.warnings}
    assert result.mi
    assert "electrodes" not in result.mi.in_words
