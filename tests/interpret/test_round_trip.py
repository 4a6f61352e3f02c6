"""Every result comes back from its JSON as it was, and nothing else reads an answer by the keys of its JSON."""

import ast
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import get_args

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import einthoven
from einthoven import Interpretation, Interpreter, Recording, examples
from einthoven.errors import EinthovenError, RecordingError
from einthoven.interpret.interpretation import Failure, Result, result_from_json
from einthoven.interpret.json_text import dumps
from einthoven.recording import WarningCode

SCHEMA = json.loads((resources.files("einthoven.interpret") / "interpretation.schema.json").read_text())


@cache
def interpreter(mi: float | None = None) -> Interpreter:
    return Interpreter.load("edge", {"MI": mi} if mi else None)


def sample(name: str, pieces: int = 1) -> Recording:
    recording = examples.recording(name)
    return replace(recording, signal=np.tile(recording.signal, (1, pieces)))


def check(result: Result) -> None:
    text = dumps(result.to_dict())
    jsonschema.validate(json.loads(text), SCHEMA)
    assert type(result).from_dict(result.to_dict()) == result
    again = result_from_json(text)
    assert again == result
    assert dumps(again.to_dict()) == text


@pytest.mark.parametrize("name", examples.names())
def test_samples(name: str) -> None:
    check(interpreter()(sample(name), explain=("MI", "PSVT")))
    check(interpreter(0.00002)(sample(name), force=True))


def test_a_long_recording_of_which_a_part_is_unfit() -> None:
    recording = sample("normal", 6)
    signal = recording.signal.copy()
    signal[6:, : signal.shape[1] // 6] = 0
    result = interpreter()(replace(recording, signal=signal), explain=("CD",))
    assert result.segments
    assert result.segments[0].abstained_because
    assert result.most_abnormal
    check(result)


def test_an_abstention() -> None:
    recording = sample("normal")
    result = interpreter()(replace(recording, signal=recording.signal * 0))
    assert result.abstained
    check(result)


@given(st.text(min_size=1), st.text())
def test_failures(source: str, reason: str) -> None:
    check(Failure(source, reason))
    assert Failure.from_error(source, RecordingError(reason, source)) == Failure(source, reason)


def test_a_failure_names_the_file_at_fault() -> None:
    assert Failure.from_error("a.scp", EinthovenError("no permission.", "a.pdf")).reason == "a.pdf: no permission."
    assert (
        Failure.from_error("a.scp", EinthovenError("The model has no such label.")).reason
        == "The model has no such label."
    )


def test_every_warning_is_in_the_schema() -> None:
    assert SCHEMA["$defs"]["warning"]["properties"]["code"]["enum"] == list(get_args(WarningCode))


def test_real_files(test_data: Path) -> None:
    for path in sorted((test_data / "formats").rglob("*.*")):
        if path.parent.name != "refused" and path.suffix != ".md":
            check(interpreter()(einthoven.read(path)))


@pytest.mark.parametrize(
    "change", [{"schema_version": 1}, {"mi": 1}, {"mi": {"probability": 0.5}}, {"segments": None}, {"quality": {}}]
)
def test_what_is_no_interpretation(change: dict[str, object]) -> None:
    facts = interpreter()(sample("normal")).to_dict()
    with pytest.raises(EinthovenError):
        Interpretation.from_dict(facts | change)
    for name in facts.keys() - {"notice", "abstained"}:
        with pytest.raises(EinthovenError):
            Interpretation.from_dict({key: value for key, value in facts.items() if key != name})


KEYS = {
    *("mi", "findings", "statements", "scores_only", "recording", "model", "quality", "abstained", "abstained_because"),
    *(
        "heart_rate_bpm",
        "measurements",
        "segments",
        "most_abnormal",
        "explanations",
        "notice",
        "schema_version",
        "error",
    ),
    *("probability", "decision", "in_words", "rule_in_from", "rule_out_below", "present", "score", "duration_s"),
    *("derived_leads", "acceptable", "arms_swapped", "seconds_per_bin", "source"),
}


def subscripts(code: str) -> Iterator[str]:
    """Where `code` reads one of KEYS, as x["key"] or x.get("key")."""
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Subscript(slice=ast.Constant(key)):
                pass
            case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(key), *_]):
                pass
            case _:
                continue
        if key in KEYS:
            yield f"line {node.lineno}: {ast.unparse(node)}"


@pytest.mark.parametrize("package", ["report", "batch", "serve"])
def test_an_answer_is_read_by_its_attributes(package: str) -> None:
    folder = Path(einthoven.__file__).parent / package
    found = {path.name: list(subscripts(path.read_text(encoding="utf-8"))) for path in folder.rglob("*.py")}
    assert found
    assert {name: places for name, places in found.items() if places} == {}


def test_a_subscript_is_noticed() -> None:
    assert len(list(subscripts('a["x"]; answer["mi"]["decision"]; facts.get("error")'))) == 3
