"""A coved ST segment in V1 and V2 is named, and never reads normal or ruled out."""

from dataclasses import replace

import numpy as np
import pytest

import einthoven.examples
from einthoven.interpret.interpreter import Interpreter
from einthoven.recording import LEADS, Recording
from einthoven.signal.bands import split
from einthoven.signal.beats import analyze_beats


def coved(height_mv: float) -> Recording:
    """A normal ECG whose ST segments in V1 and V2 fall from `height_mv` at J into a negative T wave."""
    recording = einthoven.examples.recording("normal")
    beats = analyze_beats(split(recording.signal[None], recording.rate).select(0))
    at_s = np.array([0.0, 0.03, 0.05, 0.22, 0.30, 0.40])
    shape_mv = np.array([0.0, 0.5, 1.0, -1.0, -1.3, 0.0]) * height_mv
    signal = recording.signal.copy()
    for beat in beats.times_s:
        first = round(beat * recording.rate)
        time = np.arange(min(round(0.4 * recording.rate), signal.shape[1] - first)) / recording.rate
        for lead in ("V1", "V2"):
            signal[LEADS.index(lead), first : first + len(time)] += np.interp(time, at_s, shape_mv)
    return replace(recording, signal=signal)


@pytest.mark.parametrize("height_mv", [0.3, 0.4, 0.6])
def test_a_coved_segment_is_named(height_mv: float) -> None:
    answer = Interpreter.load("default")(coved(height_mv))
    criterion = next(criterion for criterion in answer.criteria if criterion.code == "BRUGADA-1")
    assert criterion.met is True, criterion.reason
    assert answer.conclusion != "normal"
    assert answer.acute
    assert answer.acute.decision != "rule-out"


def test_a_normal_ecg_has_none() -> None:
    answer = Interpreter.load("default")(einthoven.examples.recording("normal"))
    assert next(criterion for criterion in answer.criteria if criterion.code == "BRUGADA-1").met is False
