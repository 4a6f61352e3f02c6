"""Pacing spikes that a recorder marks in a channel of their own."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

import einthoven.examples
from einthoven.interpret.interpreter import Interpreter
from einthoven.readers.normalize import make_recording
from einthoven.readers.pacing_channel import is_pacing_channel, marked_spikes
from einthoven.readers.tracing import Channel, Tracing
from einthoven.recording import LEADS

RATE = 500


@pytest.mark.parametrize("name", ["PACE", "Pacer", "pacing spikes", "Pacemaker", "Spike", "PACE_MARKER", "pace pulse"])
def test_names_of_pacing_channels(name: str) -> None:
    assert is_pacing_channel(name)


@pytest.mark.parametrize("name", ["PAC", "II", "V1", "RESP", "space", "pace of life", "", "MLII"])
def test_other_names(name: str) -> None:
    assert not is_pacing_channel(name)


def marks(at_s: list[float], seconds: float = 10, height: float = 1.0, rate: float = RATE) -> NDArray[np.float64]:
    values = np.zeros(round(seconds * rate))
    for at in at_s:
        values[round(at * rate) : round(at * rate) + 3] = height
    return values


@pytest.mark.parametrize("height", [1.0, -5.0, 2000.0])
def test_marks_of_either_sign_and_any_unit(height: float) -> None:
    assert marked_spikes([Channel("PACE", marks([0.5, 1.3], height=height), RATE, "")], 0) == (0.5, 1.3)


def test_a_channel_that_is_flat_empty_or_busy_marks_nothing() -> None:
    empty, busy = np.full(5000, np.nan), np.random.default_rng(0).standard_normal(5000)
    for values in (np.zeros(5000), empty, busy, np.zeros(0)):
        assert marked_spikes([Channel("PACE", values, RATE, "")], 0) == ()


def test_a_channel_of_another_rate_and_start() -> None:
    assert marked_spikes([Channel("PACE", marks([2.0], rate=1000), 1000, "", start=500)], 1.0) == (1.5,)


def test_a_recording_has_the_marks_and_no_warning_about_the_channel() -> None:
    leads = einthoven.examples.recording("normal").signal
    channels = [Channel(lead, wave * 1000.0, RATE, "uV") for lead, wave in zip(LEADS, leads, strict=True)]
    recording = make_recording(Tracing("X", [*channels, Channel("PACE", marks([1.0, 2.0]), RATE, "")]), "x")
    assert recording.leads == LEADS
    assert recording.pacing_spikes_s == (1.0, 2.0)
    assert not recording.warnings


def test_marked_spikes_reach_the_answer() -> None:
    normal = einthoven.examples.recording("normal")
    interpreter = Interpreter.load("edge")
    marked = interpreter(replace(normal, pacing_spikes_s=(1.0, 2.0, 3.0)))
    assert marked.pacing.spikes == (1.0, 2.0, 3.0)
    assert marked.conclusion != "normal"
    assert interpreter(normal).pacing.spikes == ()
