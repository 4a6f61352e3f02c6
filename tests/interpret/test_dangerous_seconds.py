"""Seconds of a dangerous rhythm are never hidden by the normal ECG around them."""

from dataclasses import replace

import numpy as np
import pytest

import einthoven.examples
from einthoven.interpret.consistency.contradictions import find_contradictions
from einthoven.interpret.interpretation import Interpretation
from einthoven.interpret.interpreter import Interpreter
from einthoven.recording import Recording
from einthoven.simulate.rhythms import simulate_rhythm

RATE = 500


def normal(times: int = 1) -> Recording:
    recording = einthoven.examples.recording("normal")
    assert recording.rate == RATE
    return replace(recording, signal=np.tile(recording.signal, (1, times)))


def changed(recording: Recording, rhythm: str, start_s: float, end_s: float, seed: int = 0) -> Recording:
    """The recording with a simulated rhythm in a part of it."""
    drawn = simulate_rhythm(rhythm, RATE, np.random.default_rng(seed))
    first, last = round(start_s * RATE), round(end_s * RATE)
    signal = recording.signal.copy()
    signal[:, first:last] = drawn[:, : last - first]
    return replace(recording, signal=signal)


def interpreted(recording: Recording) -> Interpretation:
    answer = Interpreter.load("edge")(recording)
    assert not find_contradictions(answer)
    return answer


def codes(answer: Interpretation) -> list[str]:
    return [value.code for value in answer.critical]


def assert_alarming(answer: Interpretation, code: str) -> None:
    assert code in codes(answer)
    assert answer.conclusion == "abnormal"
    assert answer.acute
    assert answer.mi
    assert "rule-out" not in (answer.acute.decision, answer.mi.decision)


@pytest.mark.parametrize("seconds", [3, 4, 5])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_ventricular_fibrillation_at_the_end(seconds: int, seed: int) -> None:
    answer = interpreted(changed(normal(), "ventricular fibrillation", 10 - seconds, 10, seed))
    assert_alarming(answer, "NO-BEATS")
    assert answer.rhythm.code == "NO-BEATS"
    assert answer.rhythm.premature_ventricular == answer.rhythm.premature_supraventricular == 0
    assert "ventricular" not in answer.rhythm.reason.replace("ventricular fibrillation", "")
    assert answer.rhythm.rate_bpm is answer.rhythm.regular is None
    assert "to 10.0 s the leads move without organised beats" in answer.rhythm.reason


def test_ventricular_fibrillation_in_one_of_several_segments() -> None:
    answer = interpreted(changed(normal(4), "ventricular fibrillation", 20, 30))
    assert_alarming(answer, "NO-BEATS")


def test_a_segment_that_is_not_interpreted() -> None:
    recording = normal(4)
    recording.signal[:, 10 * RATE : 20 * RATE] *= 1000  # another unit
    answer = interpreted(recording)
    unread = "1 of 4 segments were not interpreted"
    assert unread in answer.conclusion_reasons
    assert answer.conclusion != "normal"
    assert answer.acute
    assert answer.mi
    assert answer.acute.withheld_because
    assert answer.mi.withheld_because
    assert "rule-out" not in (answer.acute.decision, answer.mi.decision)
    assert answer.segments[1].rhythm not in ("SR", "SBRAD", "STACH", "SARRH")


@pytest.mark.parametrize("seconds", [3, 4, 5])
def test_ventricular_tachycardia_at_the_end(seconds: int) -> None:
    answer = interpreted(changed(normal(), "ventricular tachycardia", 10 - seconds, 10))
    assert_alarming(answer, "WCT")
    assert "to the end of the strip (ventricular tachycardia)" in answer.rhythm.name
    assert "non-sustained" not in answer.rhythm.name
    assert answer.rhythm.regular is None


def test_ventricular_tachycardia_within_a_longer_recording() -> None:
    answer = interpreted(changed(normal(3), "ventricular tachycardia", 13, 17))
    assert_alarming(answer, "WCT")
    assert any("wide-complex tachycardia" in reason for reason in answer.conclusion_reasons)


@pytest.mark.parametrize("middle_s", [15.0, 20.0])
def test_a_pause_across_segments_is_one(middle_s: float) -> None:
    recording = normal(3)
    first, last = round((middle_s - 2) * RATE), round((middle_s + 2) * RATE)
    recording.signal[:, first:last] = recording.signal[:, first : first + 1]
    answer = interpreted(recording)
    assert_alarming(answer, "PAUSE")
    (pause,) = answer.rhythm.pauses
    assert pause.start_s < middle_s - 1.5
    assert 3.5 < pause.seconds < 6
