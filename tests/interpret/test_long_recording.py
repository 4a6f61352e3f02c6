"""A recording that is interpreted in parts has the interpretation of the whole."""

from dataclasses import replace

import numpy as np
import pytest

from einthoven import Interpreter, Recording, RecordingError, examples
from einthoven.interpret.long_recording import merge_warnings
from einthoven.recording import RecordingWarning

RATE, PART_S = 250, 50


@pytest.fixture(scope="module")
def whole() -> Recording:
    """Three minutes: one of atrial fibrillation between two others, and noise in some seconds."""
    minute = examples.recording("minute")
    others = examples.recording("atrial-fibrillation")
    fibrillation = np.tile(others.signal, (1, 6))[:, : minute.signal.shape[1]]
    signal = np.concatenate([minute.signal, fibrillation, minute.signal], axis=1)[:, ::2].copy()
    signal[:, 130 * RATE : 135 * RATE] += np.random.default_rng(1).normal(0, 1, (12, 5 * RATE)).astype(np.float32)
    return replace(minute, signal=signal, rate=RATE)


def cut(recording: Recording) -> list[Recording]:
    starts = range(0, recording.signal.shape[1], PART_S * RATE)
    return [replace(recording, signal=recording.signal[:, start : start + PART_S * RATE]) for start in starts]


@pytest.mark.parametrize("every_s", [10, 25])
def test_parts_are_interpreted_as_the_whole(whole: Recording, every_s: float) -> None:
    interpreter = Interpreter.load("edge")
    in_parts, at_once = (
        interpreter.interpret_parts(cut(whole), every_s=every_s),
        interpreter(whole, every_s=every_s),
    )
    assert at_once.over_time
    assert in_parts.to_dict() == at_once.to_dict()


def test_one_part(whole: Recording) -> None:
    interpreter = Interpreter.load("edge")
    part = cut(whole)[0]
    assert interpreter.interpret_parts([part]) == interpreter(part)


def test_parts_of_different_leads_are_refused(whole: Recording) -> None:
    first, second, *_ = cut(whole)
    other = replace(second, leads=second.leads[:-1], signal=second.signal[:-1])
    with pytest.raises(RecordingError, match="changes its leads or its rate"):
        Interpreter.load("edge").interpret_parts([first, other])


def test_warnings_of_parts() -> None:
    flat, paced = RecordingWarning("lead-flat", "Flat."), RecordingWarning("parser", "Unknown field.")
    gaps = [RecordingWarning("signal-gap", f"Gap {k}.") for k in range(30)]
    assert merge_warnings([[flat, paced], [paced]]) == [paced]
    assert merge_warnings([[flat], [flat, paced]]) == [flat, paced]
    assert merge_warnings([[RecordingWarning("lead-flat", "All flat.")], [flat]]) == [flat]
    merged = merge_warnings([gaps[:15], gaps[15:]])
    assert merged[:-1] == gaps[:20]
    assert "at least 10 more gaps" in merged[-1].text


def test_the_reason_of_the_rhythm_says_which_segment_it_describes(whole: Recording) -> None:
    rhythm = Interpreter.load("edge")(whole).rhythm
    start, facts = rhythm.reason.split(": ", 1)
    assert start.startswith("In the segment from ")
    assert facts.startswith(f"rate {rhythm.rate_bpm:.0f} bpm")
