"""Beats are found in the leads that stay, when others are lost for a while."""

from dataclasses import replace

import numpy as np
import pytest

import einthoven.examples
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
