"""A port answers plainly fit ECGs only, and never more than the Interpreter."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from einthoven.arrays import Float32Array
from einthoven.datasets.dataset import Dataset
from einthoven.evaluate.as_answered.port import excess
from einthoven.interpret.consistency.territory import INFARCTS as INFARCT_STATEMENTS
from einthoven.interpret.interpreter import Interpreter
from einthoven.model.bundle import Bundle
from einthoven.model.bundle_files import bundle_names
from einthoven.model.calibration import logit, sigmoid
from einthoven.model.port.answer import PortAnswer, answer
from einthoven.model.port.facts import current_port
from einthoven.model.port.limits import INFARCTS, Limits
from einthoven.recording import LEADS, MIN_SECONDS, Recording
from einthoven.simulate.exchanges import exchange
from einthoven.simulate.rhythms import RHYTHMS, simulate_rhythm
from model.port.port_signals import CHANGES, no_ecgs, simulated


@pytest.fixture(scope="module")
def interpreters() -> dict[str, Interpreter]:
    bundles = {name: Bundle.load(name) for name in bundle_names()}
    ports = {name: dataclasses.replace(bundle, port=current_port(bundle.folder)) for name, bundle in bundles.items()}
    return {name: Interpreter(bundle) for name, bundle in ports.items()}


@pytest.fixture(scope="module")
def interpreter(interpreters: dict[str, Interpreter]) -> Interpreter:
    return interpreters["edge"]


def answer_safely(interpreter: Interpreter, signal: Float32Array, rate: int) -> PortAnswer:
    """What a port answers, which is not more than the Interpreter does."""
    port = answer(interpreter.bundle, signal, rate)
    if signal.shape[1] >= MIN_SECONDS * rate:
        assert not excess(port, interpreter(Recording(np.ascontiguousarray(signal), rate, LEADS)))
    else:
        assert port.reasons == ("input",)
    return port


@settings(max_examples=80)
@given(
    st.sampled_from(bundle_names()),
    st.sampled_from(("NORM", "MI", "STTC", "CD", "HYP", *RHYTHMS)),
    st.sampled_from(list(CHANGES)),
    st.sampled_from((100, 250, 500)),
    st.integers(0, 10**6),
)
@example("edge", "sinus bradycardia", "wrong rate", 250, 424791)  # 21 bpm, but T waves count as beats
@example("default", "complete AV block, narrow escape", "wrong rate", 250, 343348)  # also as strict beats
@example("edge", "junctional rhythm", "wrong rate", 500, 697601)  # measurements lower the probability of a slow sinus
def test_it_never_answers_more_than_the_interpreter(
    interpreters: dict[str, Interpreter], name: str, kind: str, change: str, rate: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    signal = simulate_rhythm(kind, rate, rng) if kind in RHYTHMS else simulated(kind, seed, rate)
    answer_safely(interpreters[name], CHANGES[change](signal, rate, rng), rate)


@pytest.mark.parametrize("rate", [100, 500])
def test_signals_that_are_no_ecgs_are_not_answered(interpreter: Interpreter, rate: int) -> None:
    signals = no_ecgs(rate)
    assert len(signals) == 50
    for name, signal in signals.items():
        assert answer_safely(interpreter, signal, rate).reasons, name


def test_most_real_ecgs_are_answered(interpreter: Interpreter, test_data: Path) -> None:
    dataset = Dataset.open(test_data / "ptbxl")
    rows = np.random.default_rng(1).permutation(dataset.rows(range(1, 10)))[:150]
    answers = []
    for k, row in enumerate(rows):
        signal = dataset.signals[row].astype(np.float32) / np.float32(1000)
        answers.append(answer_safely(interpreter, signal, 100))
        rng = np.random.default_rng(int(row))
        answer_safely(interpreter, CHANGES[list(CHANGES)[k % len(CHANGES)]](signal, 100, rng), 100)
    assert np.mean([port.reasons == () for port in answers]) > 0.88
    assert np.mean([port.infarct is not None for port in answers]) > 0.85


def test_clean_ecgs_are_answered_in_full(interpreter: Interpreter) -> None:
    bundle, normal = interpreter.bundle, simulated("NORM", 7, 500)
    port = answer(bundle, normal, 500)
    assert port.reasons == port.infarct_reasons == ()
    assert port.infarct == "undecided"
    interpretation = interpreter(Recording(normal, 500, LEADS))
    assert port.probabilities is not None
    assert port.present is not None
    of_label = dict(zip(bundle.card.labels, port.probabilities.round(4), strict=True))
    for finding in interpretation.findings:  # only the Interpreter measures
        output = bundle.card.output(finding.label)
        slope = output.calibration.slope if output and output.calibration else 1.0
        most = slope * bundle.layers.limit(finding.label)
        between = sorted(sigmoid(logit(of_label[finding.label]) + change) for change in (-most, most))
        assert between[0] - 1e-4 <= finding.probability <= between[1] + 1e-4, finding.label
    decided = dict(zip(bundle.card.labels, port.present.tolist(), strict=True))
    assert [decided[label] for label in ("NORM", "MI", "ACUTE", "SR", "AFIB")] == [-1, -1, -1, 1, 0]


def test_an_infarct_pattern_is_ruled_in_unless_electrodes_are_exchanged(interpreter: Interpreter) -> None:
    signals = [simulated("MI", seed, 250) for seed in range(12)]
    answers = [answer_safely(interpreter, signal, 250) for signal in signals]
    assert sum(port.infarct == "rule-in" for port in answers) >= 4
    exchanged = [answer_safely(interpreter, exchange(signal, "RA/LA"), 250) for signal in signals]
    assert not any(port.infarct for port in exchanged)
    named = [port for port in exchanged if port.infarct_reasons]
    assert len(named) >= 3
    rows = [interpreter.bundle.card.labels.index(label) for label in ("MI", "AMI", "ACUTE")]
    for port in named:
        assert port.probabilities is not None
        assert np.isnan(port.probabilities[rows]).all()
        assert np.isfinite(port.probabilities).sum() == len(port.probabilities) - len(INFARCTS)


def test_each_code_has_a_signal(interpreter: Interpreter) -> None:
    signal = simulated("NORM", 7, 100)
    contradictory, scaled = signal.copy(), signal.copy()
    contradictory[2] *= -1
    scaled[:2] *= [[1.0], [1.3]]
    rng = np.random.default_rng(0)
    stopped = {
        "spikes": CHANGES["spikes"](signal, 100, rng),
        "lost": CHANGES["leads off"](signal, 100, rng),
        "noise": signal + rng.normal(0, 0.08, signal.shape).astype(np.float32),
        "leads": exchange(signal, "V1-V6 reversed"),
        "limb-leads": contradictory,
        "scaled-separately": scaled,
        "scale": signal * np.float32(0.15),
        "fast": np.tile(signal[:, ::2], 2),
    }
    for code, changed in stopped.items():
        assert code in answer(interpreter.bundle, changed, 100).reasons, code


def test_not_a_number_is_not_answered(interpreter: Interpreter) -> None:
    signal = simulated("NORM", 7, 100)
    for broken in (np.nan, np.inf):
        changed = signal.copy()
        changed[3, 5] = broken
        assert answer(interpreter.bundle, changed, 100).reasons == ("input",)
    for wrong in (signal[:11], signal[:, :249], np.tile(signal, 2), signal[0]):
        assert answer(interpreter.bundle, wrong, 100).reasons == ("input",)
    assert answer(interpreter.bundle, signal, 99).reasons == ("input",)
    assert answer(interpreter.bundle, signal, np.nan).reasons == ("input",)


def test_the_infarct_labels_are_those_of_the_interpreter() -> None:
    assert {*INFARCTS} == {"MI", "ACUTE", "INJURY", *INFARCT_STATEMENTS}


def test_every_limit_has_a_finite_number() -> None:
    assert all(np.isfinite(value) for value in vars(Limits()).values())
