"""The examples are what the simulator draws, and show what they are called after."""

from pathlib import Path

import numpy as np
import pytest

from einthoven import Interpreter, examples
from einthoven.errors import EinthovenError
from einthoven.recording import LEADS
from einthoven.simulate.samples import RATE, sample_signal, write_examples

SHOWS = {
    "normal": {"NORM", "SR"},
    "inferior-infarct": {"IMI", "SR"},
    "anterior-infarct": {"ASMI", "SR"},
    "left-bundle-branch-block": {"CLBBB", "SR"},
    "right-bundle-branch-block": {"CRBBB", "SR"},
    "atrial-fibrillation": {"AFIB"},
    "extra-beats": {"PVC"},
    "minute": {"IMI", "SR"},
}
"""Statements of both bundles for each example that is fit to be interpreted."""


@pytest.mark.parametrize("name", examples.names())
def test_an_example_is_what_the_simulator_draws(name: str) -> None:
    recording = examples.recording(name)
    assert (recording.rate, recording.leads) == (RATE, LEADS)
    assert recording.seconds == (60 if name == "minute" else 10)
    sample_signal.cache_clear()
    assert np.abs(recording.signal * 1000 - sample_signal(name)).max() < 1.5  # uV; libraries round in their own ways


def test_written_examples_are_the_shipped_ones(tmp_path: Path) -> None:
    write_examples(tmp_path)
    shipped = {path.name for path in examples.path("normal").parent.iterdir() if path.suffix in (".hea", ".dat")}
    assert {path.name for path in tmp_path.iterdir()} == shipped
    assert shipped == {f"{name}{suffix}" for name in examples.names() for suffix in (".hea", ".dat")}


@pytest.mark.parametrize("name", examples.names())
def test_an_example_says_that_it_is_simulated(name: str) -> None:
    recording = examples.recording(name)
    assert "simulated" in recording.source
    assert recording.warnings[0].code == "simulated"
    assert "simulated" in Interpreter.load("edge")(recording).to_json()


@pytest.mark.parametrize("bundle", ["default", "edge"])
def test_examples_show_what_they_are_called_after(bundle: str) -> None:
    interpret = Interpreter.load(bundle)
    results = {name: interpret(examples.recording(name)) for name in examples.names()}
    assert {name for name, result in results.items() if result.abstained} == {"leads-off"}
    assert results.keys() == SHOWS.keys() | {"leads-off"}
    for name, labels in SHOWS.items():
        assert labels <= {statement.label for statement in results[name].statements if statement.present}, name
        mi = results[name].mi
        assert mi is not None
        assert (mi.decision == "rule-in") == bool(labels & {"IMI", "ASMI"}), name


def test_an_unknown_example_is_answered_with_the_known_ones() -> None:
    with pytest.raises(EinthovenError, match=r"no example 'nonesuch'.*inferior-infarct"):
        examples.path("nonesuch")


def test_a_long_example_goes_on_without_jumps() -> None:
    """The largest step between samples is not where pieces are joined: a single piece has one as large."""
    steps = np.abs(np.diff(sample_signal("minute")[:6].astype(int), axis=1)).max(axis=1)
    single = np.abs(np.diff(sample_signal("minute")[:6, : 8 * RATE].astype(int), axis=1)).max(axis=1)
    assert np.all(steps < 1.5 * single)
