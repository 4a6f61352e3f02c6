"""Beats are found in the leads that stay, when others are lost for a while."""

from dataclasses import replace

import numpy as np
import pytest

import einthoven.examples
from einthoven.interpret.interpreter import Interpreter
from einthoven.recording import LEADS
from einthoven.signal.analysis import analyze_segments
from einthoven.signal.beat_values import Beats
from einthoven.signal.segments import segments


def beats(name: str, lost: tuple[str, ...] = (), first_s: float = 0, last_s: float = 10, limb_gain: float = 1) -> Beats:
    recording = einthoven.examples.recording(name)
    signal = recording.signal.copy()
    signal[:6] *= limb_gain
    time = np.arange(signal.shape[1]) / recording.rate
    rows = [LEADS.index(lead) for lead in lost]
    signal[np.ix_(rows, np.flatnonzero((time > first_s) & (time < last_s)))] = 0
    (analysis,) = analyze_segments(segments(replace(recording, signal=signal), 100), LEADS, force=True)
    return analysis.beats


@pytest.mark.parametrize("name", ["normal", "left-bundle-branch-block", "anterior-infarct"])
@pytest.mark.parametrize(("first_s", "last_s"), [(1, 10), (1, 5), (0, 5), (0, 10)])
@pytest.mark.parametrize("limb_gain", [0.3, 0.5, 1.0])  # low limb leads, so that the chest leads decide the form
def test_losing_chest_leads_makes_no_pause(name: str, first_s: float, last_s: float, limb_gain: float) -> None:
    whole = beats(name, limb_gain=limb_gain)
    partial = beats(name, ("V1", "V2", "V3"), first_s, last_s, limb_gain)
    assert partial.pauses == ()
    assert partial.rate_bpm == pytest.approx(whole.rate_bpm, abs=1)
    assert len(partial.times_s) == len(whole.times_s)


@pytest.mark.parametrize("name", ["normal", "inferior-infarct", "anterior-infarct", "atrial-fibrillation"])
@pytest.mark.parametrize(("first_s", "last_s"), [(1, 10), (1, 5), (8, 10), (9.2, 10)])
@pytest.mark.parametrize("lost", [LEADS[6:], LEADS[:6], (*LEADS[3:6], *LEADS[9:])], ids="-".join)
def test_the_rate_stays_when_half_of_the_leads_are_lost(
    name: str, first_s: float, last_s: float, lost: tuple[str, ...]
) -> None:
    assert beats(name, lost, first_s, last_s).rate_bpm == pytest.approx(beats(name).rate_bpm, abs=1)


def test_a_rhythm_in_the_limb_leads_is_no_asystole() -> None:
    recording = einthoven.examples.recording("normal")
    signal = recording.signal.copy()
    signal[6:, int(recording.rate) :] = 0
    result = Interpreter.load("edge")(replace(recording, signal=signal))
    assert result.abstained
    assert result.critical == ()
    assert result.rhythm.rate_bpm == pytest.approx(72, abs=3)
