"""An ECG whose electrodes may be exchanged has no answer about an infarct."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from einthoven import Interpreter, Recording, examples
from einthoven.simulate.exchanges import exchange

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
    met = {criterion.code for criterion in result.criteria if criterion.met is not None}
    assert met <= {"PR-LONG", "PR-SHORT", "QTC-LONG", "QTC-500"}
    assert "QTC-LONG" in {criterion.code for criterion in result.criteria}
    texts = {warning.code: warning.text for warning in result.warnings}
    assert texts["electrodes-exchanged"].endswith(check)
    assert "neither ruled in nor out" in texts["infarct-withheld"]
    assert all(segment.mi and segment.mi.decision == "undecided" for segment in result.segments)
    if result.most_abnormal:
        assert result.most_abnormal.mi
        assert result.most_abnormal.mi.decision == "undecided"


def test_electrodes_in_their_places_change_nothing() -> None:
    result = interpreter()(examples.recording("normal"))
    assert result.electrodes.suspected is None
    assert "electrodes-exchanged" not in {warning.code for warning in result.warnings}
    assert result.mi
    assert "electrodes" not in result.mi.in_words
