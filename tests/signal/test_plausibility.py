"""Leads that are scaled separately, limb leads that contradict each other, a wrong scale, a tracing upside down."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import einthoven
from einthoven.arrays import Float32Array
from einthoven.interpret.interpretation import Interpretation
from einthoven.recording import LEADS, Recording
from einthoven.signal import outlier
from einthoven.signal.bands import split
from einthoven.signal.plausibility import implausible, scaled_separately


@pytest.fixture(scope="module")
def signal() -> Float32Array:
    """Shape (12, samples) in mV."""
    return einthoven.examples.recording("inferior-infarct").signal


@pytest.fixture(scope="module")
def interpreter() -> einthoven.Interpreter:
    return einthoven.Interpreter.load("edge")


def interpret(interpreter: einthoven.Interpreter, signal: Float32Array, format: str = "") -> Interpretation:
    return interpreter(Recording(signal.astype(np.float32), 500, LEADS, format=format))


def codes(interpretation: Interpretation) -> set[str]:
    return {warning.code for warning in interpretation.warnings}


def one_mv(signal: Float32Array) -> Float32Array:
    return signal / np.ptp(signal, axis=1, keepdims=True)


def test_leads_of_one_millivolt_each_are_scaled_separately(
    interpreter: einthoven.Interpreter, signal: Float32Array
) -> None:
    found = interpret(interpreter, one_mv(signal), "WFDB")
    assert "leads-scaled-separately" in codes(found)
    text = next(warning.text for warning in found.warnings if warning.code == "leads-scaled-separately")
    assert "are not to be used" in text
    assert "--scale uv-per-unit" in text
    assert found.mi is not None
    assert found.mi.decision == "undecided"
    assert found.acute is not None
    assert found.acute.decision == "undecided"
    assert found.conclusion != "normal"
    assert found.measurements is not None
    assert found.measurements.qrs_axis_degrees is None
    assert {criterion.met for criterion in found.criteria if criterion.code.startswith(("STEMI", "LVH"))} <= {None}


@given(factors=st.lists(st.floats(0.6, 1.7), min_size=3, max_size=3))
@settings(max_examples=40, deadline=None)
def test_factors_of_the_limb_leads(factors: list[float]) -> None:
    signal = einthoven.examples.recording("normal").signal[:3]
    scaled = (signal * np.array(factors)[:, None]).astype(np.float32)
    spread = np.ptp(np.log(factors))
    if not 0.04 < spread < 0.06:
        assert scaled_separately(split(scaled, 500), LEADS[:3]) == (spread > 0.05)


def test_what_is_not_scaled_separately(signal: Float32Array) -> None:
    for other in (signal, -signal, 3 * signal, np.concatenate([-signal[:1], signal[1:]])):
        assert not scaled_separately(split(other.astype(np.float32), 500), LEADS)
    bands = split(one_mv(signal).astype(np.float32), 500)
    assert not scaled_separately(bands, LEADS, ["III"])
    assert not scaled_separately(bands.of_leads(np.array([0, 1, 6])), ("I", "II", "V1"))
    noise = np.random.default_rng(0).normal(size=(3, 5000)).astype(np.float32)
    assert not scaled_separately(split(noise, 500), LEADS[:3])


def test_limb_leads_that_contradict_each_other(interpreter: einthoven.Interpreter, signal: Float32Array) -> None:
    wrong = signal.copy()
    wrong[2] = wrong[2] + 0.3 * signal[9]
    found = interpret(interpreter, wrong)
    assert "limb-leads-contradict" in codes(found)
    assert found.mi is not None
    assert found.mi.decision == "undecided"


@pytest.mark.parametrize("factor", [5, 0.2, 10, 0.1, 0.001])
def test_a_wrong_scale(factor: float, interpreter: einthoven.Interpreter, signal: Float32Array) -> None:
    found = interpret(interpreter, signal * factor)
    refused = any("unit may be wrong" in reason or "no signal" in reason for reason in found.abstained_because)
    assert refused or "amplitude-unusual" in codes(found)
    assert not found.mi or found.mi.decision == "undecided"


def test_a_tracing_upside_down_is_named(interpreter: einthoven.Interpreter) -> None:
    found = interpret(interpreter, -einthoven.examples.recording("normal").signal)
    assert any(warning.text.startswith("All leads may be inverted") for warning in found.warnings)
    assert found.mi is None or found.mi.decision == "undecided"


def test_usual_amplitudes(signal: Float32Array) -> None:
    for factor in (0.5, 1, 2):
        bands = split(signal * np.float32(factor), 500)
        assert implausible(outlier.score(bands, LEADS), scaled=scaled_separately(bands, LEADS)) is None
