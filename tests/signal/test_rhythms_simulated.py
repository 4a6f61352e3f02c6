"""Beats and P waves of drawn rhythms: anatomy, rates, noise and sampling rate vary."""

from collections.abc import Callable

import numpy as np
import pytest

from einthoven.signal.bands import split
from einthoven.signal.beat_values import Beats
from einthoven.signal.beats import analyze_beats
from einthoven.signal.pacing import find_spikes, remove_spikes
from einthoven.signal.pacing_capture import is_captured
from einthoven.simulate.rhythms import RHYTHMS, simulate_rhythm


def share(truth: Callable[[Beats], bool], name: str, number: int = 20) -> float:
    """The share of drawn tracings of which `truth` holds."""
    return float(np.mean([truth(analyzed(name, k)) for k in range(number)]))


def drawn(name: str, k: int) -> tuple[np.ndarray, int]:
    rate = (100, 250, 500)[k % 3]
    return simulate_rhythm(name, rate, np.random.default_rng([k, 3])), rate


def analyzed(name: str, k: int) -> Beats:
    return analyze_beats(split(*drawn(name, k)))


@pytest.mark.parametrize("name", RHYTHMS)
def test_rhythms_are_drawn_in_millivolts(name):
    signal, rate = drawn(name, 0)
    assert signal.shape == (12, 10 * rate)
    assert np.abs(signal).max() < 10
    assert signal[1] - signal[0] == pytest.approx(signal[2], abs=0.003)  # Einthoven


@pytest.mark.parametrize(
    ("name", "p_waves", "least"),
    [
        ("sinus rhythm", {"leading"}, 0.95),
        ("sinus bradycardia", {"leading"}, 0.95),
        ("pause", {"leading"}, 0.95),
        ("2:1 AV block", {"dropped"}, 0.85),
        ("Mobitz I", {"dropped"}, 0.75),
        ("Mobitz II", {"dropped"}, 0.85),
        ("complete AV block, narrow escape", {"dissociated", "dropped"}, 0.9),
        ("complete AV block, wide escape", {"dissociated", "dropped"}, 0.9),
    ],
)
def test_p_waves(name, p_waves, least):
    assert share(lambda beats: beats.p_waves in p_waves, name) >= least


@pytest.mark.parametrize("name", ["ventricular tachycardia", "supraventricular tachycardia", "idioventricular rhythm"])
def test_fast_and_slow_beats_are_organized(name):
    assert share(lambda beats: beats.organized and beats.rate_bpm is not None, name) >= 0.95


@pytest.mark.parametrize("name", ["asystole", "ventricular fibrillation"])
def test_what_has_no_beats_is_not_organized(name):
    assert share(lambda beats: not beats.organized, name) == 1


def test_wide_complexes_are_steep_for_longer():
    wide = [analyzed("ventricular tachycardia", k).steep_s or 0 for k in range(15)]
    narrow = [analyzed("supraventricular tachycardia", k).steep_s or 0 for k in range(15)]
    assert np.median(narrow) < 0.08
    assert np.median(wide) > 0.11


def test_pr_lengthens_before_a_dropped_beat():
    lengthening = []
    for k in range(15):
        beats = analyzed("Mobitz I", k)
        rr = np.diff(beats.times_s)
        if beats.p_waves == "dropped" and len(rr):
            longest = int(rr.argmax())
            before, after = beats.pr_s[longest], beats.pr_s[longest + 1]
            lengthening += [before - after] if before is not None and after is not None else []
    assert np.mean(np.array(lengthening) > 0.04) >= 0.8


def test_spikes_without_capture_leave_no_beats_behind():
    def is_told(k: int) -> bool:
        signal, rate = drawn("spikes without capture", k)
        spikes = find_spikes(signal, rate)
        beats = analyze_beats(split(remove_spikes(signal, rate, spikes), rate))
        return len(spikes) > 1 and (not beats.organized or is_captured(spikes, beats.times_s, 10) is False)

    assert np.mean([is_told(k) for k in range(20)]) >= 0.9
