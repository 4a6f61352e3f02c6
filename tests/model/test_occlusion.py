"""An explanation finds what an answer rests on, says where that is, and is the same each time."""

import dataclasses
import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from einthoven import Interpreter, Recording
from einthoven.batch.interpret import InterpretOptions, interpret_files
from einthoven.errors import EinthovenError
from einthoven.model.bundle import Bundle
from einthoven.model.card import Card
from einthoven.model.occlusion import bin_edges, hide, occlusion
from einthoven.recording import LEADS
from einthoven.simulate.cases import draw_case
from einthoven.simulate.tracing import ELECTRODES, Noise, tracing
from model.hostile import facts

SCHEMA = json.loads((resources.files("einthoven.interpret") / "interpretation.schema.json").read_text())
RATE, WINDOW = 100, 250


class _Looks:
    """A session whose one label is the mean of `lead` between two samples of each window, whose other nothing moves."""

    def __init__(self, lead: int, begin: int, end: int) -> None:
        self.place = lead, slice(begin, end)

    def run(self, _names: None, feed: dict[str, np.ndarray[Any, Any]]) -> list[np.ndarray[Any, Any]]:
        windows = feed["signal"]
        assert windows.dtype == np.float32
        assert windows.shape[1:] == (12, WINDOW)
        lead, span = self.place
        seen = windows[:, lead, span].astype(np.float64).mean(1)
        return [np.stack([seen, np.zeros_like(seen)], 1).astype(np.float32)]


def stub(lead: int = 7, begin: int = 100, end: int = 125, stride: int = WINDOW) -> Bundle:
    card = facts()
    card["labels"] = [{**label, "name": name} for name, label in zip(("SEEN", "UNSEEN"), card["labels"], strict=False)]
    card["input"] |= {"rate_hz": RATE, "window_samples": WINDOW, "stride_samples": stride, "edge_margin_samples": 0}
    return Bundle(Path(), Card.from_dict(card), _Looks(lead, begin, end))


def recorded(seconds: float = 10, kind: str = "MI", seed: int = 0, rate: int = 100) -> Recording:
    rng = np.random.default_rng(seed)
    case = draw_case(kind, rng, rng)
    noise = Noise(wander=np.full(len(ELECTRODES), 0.03), muscle=np.full(len(ELECTRODES), 0.005))
    pieces = [tracing(case.heart, case.rhythm, noise, (rate,), rng)[0] for _ in range(int(-(-seconds // 10)))]
    signal = np.concatenate(pieces).T[:, : round(seconds * rate)] / np.float32(1000)
    return Recording(np.ascontiguousarray(signal, np.float32), rate, LEADS, source="simulated", format="none")


@pytest.fixture(scope="module")
def interpreter() -> Interpreter:
    return Interpreter.load("edge")


@pytest.fixture(scope="module")
def header(simulated: Path) -> str:
    return str(sorted((simulated / "records100").rglob("*.hea"))[0])


def test_finds_the_lead_and_the_quarter_second() -> None:
    signal = np.zeros((12, 1000), np.float32)
    signal[:, 350:375] = 1  # the second window's 1.0 to 1.25 s
    values = occlusion(stub(), signal)
    assert values.shape == (2, 12, 40)
    assert np.argwhere(values[0]).tolist() == [[7, 14]]
    # one of four windows falls from sigmoid(1) to .5
    score = (3 * 0.5 + 1 / (1 + np.exp(-1))) / 4
    assert values[0, 7, 14] == pytest.approx(np.log(score / (1 - score)), abs=1e-6)
    assert not values[1].any()


def test_what_speaks_against_a_label_is_negative() -> None:
    signal = np.zeros((12, 1000), np.float32)
    signal[:, 350:375] = -1
    values = occlusion(stub(), signal)
    assert values[0, 7, 14] < 0
    assert np.count_nonzero(values) == 1


def test_windows_that_overlap_count_together() -> None:
    signal = np.zeros((12, 375), np.float32)
    signal[:, 125:150] = 1  # second 1.25 of the first window, the start of the second one
    whole = occlusion(stub(begin=0, end=WINDOW, stride=125), signal)[0]
    assert np.flatnonzero(whole.any(axis=1)).tolist() == [7]
    assert whole[7].argmax() == 5
    without = signal.copy()
    without[7, 125:150] = 0
    bundle = stub(begin=0, end=WINDOW, stride=125)
    scores = bundle.scores(signal)[0], bundle.scores(without)[0]
    logits = [np.log(score / (1 - score)) for score in scores]
    assert whole[7, 5] == pytest.approx(logits[0] - logits[1], abs=1e-6)


@given(arrays(np.float32, (12, 311), elements=st.floats(-5, 5, width=32)), st.booleans())
def test_always_finite_also_where_leads_are_off(signal: np.ndarray[Any, Any], off: bool) -> None:
    if off:
        signal[3:9] = 0
    values = occlusion(stub(stride=125), signal)
    assert values.shape == (2, 12, len(bin_edges(311, RATE)) - 1)
    assert np.isfinite(values).all()


@pytest.mark.parametrize("samples", [1, 25, 250, 311, 999, 1000])
def test_bins_are_about_a_quarter_second_and_cover_all(samples: int) -> None:
    edges = bin_edges(samples, RATE)
    assert (edges[0], edges[-1]) == (0, samples)
    assert (np.diff(edges) > 0).all()
    assert np.ptp(np.diff(edges)) <= 1
    if samples >= 250:
        assert abs(np.diff(edges).mean() - 25) < 1.5


def test_hides_behind_a_straight_line() -> None:
    signal = np.arange(36, dtype=np.float32).reshape(3, 12) ** 2
    hidden = np.zeros((3, 12), bool)
    hidden[1, 3:5] = hidden[1, :2] = hidden[2] = True
    changed = hide(signal, hidden)
    assert np.allclose(np.diff(changed[1, 2:6]), (signal[1, 5] - signal[1, 2]) / 3)
    assert (changed[1, :2] == signal[1, 2]).all(), "held where nothing stands before it"
    assert not changed[2].any(), "all of a lead"
    assert (changed[~hidden] == signal[~hidden]).all()
    assert changed.dtype == np.float32


def test_an_explanation_beside_the_answer(interpreter: Interpreter) -> None:
    recording = recorded()
    answer = interpreter(recording, explain=["mi", "PSVT"])  # any case, and a label of low support
    published = json.loads(answer.to_json())
    jsonschema.validate(published, SCHEMA)
    assert [e["label"] for e in published["explanations"]] == ["MI", "PSVT"]
    first = published["explanations"][0]
    assert (first["start_s"], first["seconds_per_bin"], first["leads"]) == (0, 0.25, list(LEADS))
    assert np.shape(first["values"]) == (12, 40)
    (alone,) = interpreter(recording, explain=["MI"]).explanations
    np.testing.assert_array_equal(alone.values, answer.explanations[0].values)
    np.testing.assert_allclose(alone.values, first["values"], atol=5e-5)
    assert published | {"explanations": []} == interpreter(recording).to_dict()


def test_short_and_long_recordings(interpreter: Interpreter) -> None:
    (short,) = interpreter(recorded(3.1), explain=["MI"]).explanations
    assert np.shape(short.values) == (12, 12)
    assert short.seconds_per_bin == pytest.approx(3.1 / 12, abs=1e-6)
    pieces = [recorded(10, kind).signal for kind in ("NORM", "CD", "NORM")]
    long = dataclasses.replace(recorded(), signal=np.concatenate(pieces, 1))
    answer = interpreter(long, explain=["CD", "NORM"])
    jsonschema.validate(answer.to_dict(), SCHEMA)
    for explanation in answer.explanations:
        found = [segment.probabilities[explanation.label] for segment in answer.segments]
        assert explanation.start_s == 10 * int(np.argmax(found))
        assert explanation.end_s == explanation.start_s + 10
    (expected,) = interpreter(dataclasses.replace(long, signal=pieces[1]), explain=["CD"]).explanations
    np.testing.assert_array_equal(answer.explanations[0].values, expected.values)


def test_what_is_unfit_is_not_explained_unless_forced(interpreter: Interpreter) -> None:
    signal = recorded().signal.copy()
    signal[6:10] = 0
    recording = dataclasses.replace(recorded(), signal=signal)
    assert interpreter(recording, explain=["MI"]).explanations == ()
    (forced,) = interpreter(recording, explain=["MI"], force=True).explanations
    assert np.max(np.abs(forced.values[6:10])) == 0  # nothing is hidden where nothing is


def test_refuses_a_label_that_the_model_lacks(interpreter: Interpreter, header: str) -> None:
    with pytest.raises(EinthovenError, match="infarct cannot be explained: the model has no such label; it has NORM"):
        interpreter(recorded(), explain=["infarct"])
    with pytest.raises(EinthovenError, match="infarct cannot be explained"):
        list(interpret_files([header], InterpretOptions("edge", explain=["infarct"])))
