"""Whatever is done to a card, reading it gives a Card that works everywhere, or one sentence."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from einthoven.cli.models import models_table
from einthoven.errors import EinthovenError
from einthoven.interpret.decisions import DecisionRule
from einthoven.model.bundle_files import SHIPPED, bundle_names
from einthoven.model.card import Card
from einthoven.model.figures import Interval
from einthoven.report.rows import columns
from einthoven.serve.stream.alert import AlertThresholds

EDGE = SHIPPED / "edge"
LABELS = ("NORM", "MI", "DIG")
"""Of full support, with an alert of its own, and of low support."""
_GONE = object()
VALUES: list[Any] = [
    _GONE, None, True, False, 0, 1, -1, 0.5, 1.5, 2**63, -(2**63), 1e308, -1e-308, "", " ", "x", "x" * 10_000,
    "a\nb", "\x1b[2J", "../card.json", "/etc/passwd", [], [1], ["x"], [None], [[]], ["I", "I"], ["V7"],
    {}, {"x": 1}, {"": {}}, {"a\nb": {}}, {"value": None}, {"value": "x", "low": 0, "high": 0},
]  # fmt: skip


@pytest.fixture(scope="module")
def facts() -> dict[str, Any]:
    """The card of `edge` with three of its labels, without most of what nothing reads."""
    facts: dict[str, Any] = orjson.loads((EDGE / "card.json").read_bytes())
    facts["labels"] = [label for label in facts["labels"] if label["name"] in LABELS]
    for label in facts["labels"]:
        for rule in ("rule_in", "rule_out") if label["thresholds"] else ():
            points = label["thresholds"][rule]
            label["thresholds"][rule] = {name: {"threshold": point["threshold"]} for name, point in points.items()}
    mi = facts["results"]["tasks"]["mi"]["per_label"]["MI"]
    mi["operating_points"] = {"specificity": {"0.95": mi["operating_points"]["specificity"]["0.95"]}}
    task = {"macro_auroc": mi["auroc"], "per_label": {"MI": mi}}
    facts["results"] = {"simulated": False, "tasks": {"superclass": task, "mi": task}}
    facts["training"] = {"validation_folds": facts["training"]["validation_folds"], "runs": []}
    return facts


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where all objects, lists and values are."""
    yield at
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield from places(inner, (*at, key))


def changed(facts: dict[str, Any], at: tuple[Any, ...], value: Any) -> Any:
    if not at:
        return None if value is _GONE else value
    result = holder = copy.copy(facts)
    for key in at[:-1]:
        holder[key] = copy.copy(holder[key])
        holder = holder[key]
    if value is _GONE:
        del holder[at[-1]]
    else:
        holder[at[-1]] = value
    return result


def use(card: Card) -> None:
    """Everything that the package does with a card."""
    rule = DecisionRule(card, {})
    scores = np.linspace(0, 1, len(card.labels))
    probabilities = rule.probabilities(scores)
    assert np.isfinite(probabilities).all()
    rule(probabilities)
    rule.normality(probabilities)
    card.decide(card.calibrate(scores))
    assert card.starts(10 * card.rate)
    AlertThresholds.from_card(card)
    columns(card)
    models_table([EDGE], [card])
    assert card.description()
    assert card.validation_folds
    assert Card.from_dict(card.to_dict()) == card


def outcome(content: bytes) -> str:
    """The sentence, or "" if the card can be used."""
    try:
        card = Card.parse(content, Path("card.json"))
    except EinthovenError as error:
        sentence = str(error)
        assert sentence.isprintable(), repr(sentence)
        assert len(sentence) < 400, sentence
        assert sentence.startswith("card.json: "), sentence
        return sentence
    use(card)
    return ""


def test_every_field_with_every_wrong_value(facts: dict[str, Any]) -> None:
    refused = 0
    for at in places(facts):
        for value in VALUES:
            try:
                refused += bool(outcome(orjson.dumps(changed(facts, at, value))))
            except Exception as error:
                raise AssertionError(f"{at} = {value!r}") from error
    assert refused > 1000


def test_truncated_and_flipped(facts: dict[str, Any]) -> None:
    content, rng = orjson.dumps(facts), np.random.default_rng(0)
    for length in rng.integers(len(content), size=50):
        assert "is damaged" in outcome(content[:length])
    for place in rng.integers(len(content), size=300):
        flipped = bytearray(content)
        flipped[place] ^= 1 << rng.integers(8)
        outcome(bytes(flipped))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe{}",
        b"[]",
        b"1",
        b'{"format": NaN}',
        b'{"format": 1e999}',
        b'{"format": ' + b"1" * 10_000 + b"}",
        b'{"name": "\\ud800"}',
        b"[" * 1_000_000,
        b'{"format": 1, "name": ' + b"[" * 1000 + b"]" * 1000 + b"}",
        b'{"format": true}',
        b'{"format": "1"}',
        b'{"format": {"a": "\\u001b[2J\\n"}}',
    ],
)  # fmt: skip
def test_what_is_no_card(content: bytes) -> None:
    assert outcome(content)


@pytest.mark.parametrize(
    ("at", "value", "sentence"),
    [
        (("labels", 1, "calibration", "slope"), _GONE, "labels[1].calibration.slope is missing"),
        (("labels", 1, "calibration", "slope"), -1, "labels[1].calibration.slope is -1, not a number from 1e-06 to"),
        (("labels", 1, "thresholds"), None, "labels[1].thresholds is null"),
        (("labels", 1, "thresholds", "rule_in", "0.95"), _GONE, "labels[1].thresholds.rule_in.0.95 is missing"),
        (("labels", 1, "prevalence"), 1, "labels[1].prevalence is 1, not a share between 0 and 1"),
        (("labels", 1, "name"), "norm", "labels[1].name repeats an earlier one"),
        (
            ("labels", 2, "calibration"),
            {"slope": 1, "intercept": 0},
            "labels[2].calibration is not null, although the support is low",
        ),
        (("labels",), {}, "labels is not a list"),
        (("labels",), [], "labels has 0 entries, not 1 to 1000"),
        (("input", "leads", 0), "X", "input.leads[0] is not I or II"),
        (("input", "leads", 0), "II", "input.leads[1] repeats an earlier one"),
        (("input", "unit"), "uV", "input.unit is not mV"),
        (("input", "rate_hz"), -100, "input.rate_hz is -100, not a whole number from 50 to 2000"),
        (("input", "window_samples"), 0, "input.window_samples is 0, not"),
        (("input", "window_samples"), 1001, "input.window_samples is longer than 10 s"),
        (("input", "stride_samples"), 1, "input.stride_samples is shorter than 0.05 s"),
        (("input", "edge_margin_samples"), _GONE, "input.edge_margin_samples is missing"),
        (("files", "model.onnx"), _GONE, "files.model.onnx is missing"),
        (("files", "model.onnx"), "0" * 63, "files.model.onnx is not a SHA-256"),
        (("files", "../secret"), "0" * 64, "files names a file by more than letters"),
        (("files", "/etc/passwd"), "0" * 64, "files names a file by more than letters"),
        (("results", "tasks"), [], "results.tasks is not an object"),
        (("results", "tasks", "mi", "macro_auroc"), 0.9, "results.tasks.mi.macro_auroc is not an object"),
    ],
)
def test_the_sentence_names_the_field(facts: dict[str, Any], at: tuple[Any, ...], value: Any, sentence: str) -> None:
    assert sentence in outcome(orjson.dumps(changed(facts, at, value)))


@pytest.mark.parametrize("bundle", bundle_names())
def test_a_shipped_card_is_written_as_it_was_read(bundle: str) -> None:
    content = (SHIPPED / bundle / "card.json").read_bytes()
    assert Card.parse(content, Path("card.json")).to_json().encode() == content


def test_what_the_package_does_not_use_is_kept(facts: dict[str, Any]) -> None:
    facts = {**facts, "comment": "by hand", "labels": [{**facts["labels"][0], "comment": 1}, *facts["labels"][1:]]}
    assert Card.from_dict(facts).to_dict() == facts


def test_the_attributes_are_the_fields() -> None:
    card = Card.read(EDGE)
    facts = card.to_dict()
    mi = card.output("MI")
    assert mi is not None
    assert mi.thresholds is not None
    assert mi.calibration is not None
    (label,) = [label for label in facts["labels"] if label["name"] == "MI"]
    assert (mi.name, list(mi.kinds), mi.prevalence) == (label["description"], label["kinds"], label["prevalence"])
    assert mi.thresholds.rule_out["0.99"] == label["thresholds"]["rule_out"]["0.99"]["threshold"]
    assert mi.calibration.slope == label["calibration"]["slope"]
    assert card.output("nonesuch") is None
    assert card.results is not None
    figures, stated = card.results.tasks["mi"], facts["results"]["tasks"]["mi"]
    assert figures.macro_auroc is not None
    assert vars(figures.macro_auroc) == stated["macro_auroc"]
    point = figures.per_label["MI"].operating_points.specificity["0.95"]
    stated = stated["per_label"]["MI"]["operating_points"]["specificity"]["0.95"]
    assert point.sensitivity is not None
    assert vars(point.sensitivity) == stated["sensitivity"]


def test_a_label_may_be_of_no_kind(facts: dict[str, Any]) -> None:
    assert not outcome(orjson.dumps(changed(facts, ("labels", 1, "kinds"), [])))


def test_a_value_is_written_with_its_interval() -> None:
    assert f"{Interval(0.9372, 0.9266, 0.947):.3f}" == "0.937 (0.927 to 0.947)"
    assert f"{Interval(0.1, 0.05, 0.2):+.0%}" == "+10% (+5% to +20%)"
