"""A previous ECG comes as a recording or as JSON, and errors say that they are about it."""

from functools import cache
from pathlib import Path

import pytest

from einthoven import Interpretation, Interpreter, Recording, examples
from einthoven.errors import EinthovenError
from einthoven.interpret.comparison.previous import read_previous
from einthoven.interpret.interpretation import Failure
from einthoven.interpret.json_text import dumps, dumps_pretty


@cache
def interpreter() -> Interpreter:
    return Interpreter.load("edge")


@cache
def normal() -> Interpretation:
    return interpreter()(examples.recording("normal"))


def test_a_recording() -> None:
    path = str(examples.path("normal"))
    previous = read_previous(path, interpreter())
    assert isinstance(previous, Recording)
    assert previous.source == path


@pytest.mark.parametrize("write", [dumps, dumps_pretty])
def test_the_json_of_an_interpretation(tmp_path: Path, write) -> None:
    path = tmp_path / "old.json"
    path.write_bytes(write(normal().to_dict()))
    assert read_previous(str(path), interpreter()) == normal()
    assert read_previous(path.read_bytes(), interpreter(), "old.json") == normal()
    assert read_previous({"old.json": path.read_bytes()}, interpreter(), "old.json") == normal()


def test_the_json_of_a_recording() -> None:
    recording = examples.recording("normal")
    facts = {"rate_hz": 500, "leads": recording.leads, "unit": "mV", "signal": recording.signal.tolist()}
    previous = read_previous(dumps(facts), interpreter(), "old.json")
    assert isinstance(previous, Recording)
    assert previous.source == "old.json"


def test_the_files_of_a_record() -> None:
    header = examples.path("normal")
    files = {file.name: file.read_bytes() for file in (header, header.with_suffix(".dat"))}
    assert isinstance(read_previous(files, interpreter(), header.name), Recording)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"Dear colleague", "old: cannot be used as the previous ECG: "),
        (b"{", "cannot be used as the previous ECG"),
        (b'{"a": 1}', "cannot be used as the previous ECG"),
        (b'{"schema_version": 2}', "is not an interpretation"),
        (b'{"schema_version": 1}', "schema version 1"),
        (dumps(Failure("old.dcm", "is a PDF.").to_dict()), "give the recording instead"),
        (b"rate_hz,I\n1,2\n", "cannot be used"),
    ],
)
def test_what_is_no_previous_ecg(content: bytes, words: str) -> None:
    with pytest.raises(EinthovenError) as caught:
        read_previous(content, interpreter(), "old")
    assert words in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EinthovenError, match=r"old\.dcm: cannot be used as the previous ECG"):
        read_previous(str(tmp_path / "old.dcm"), interpreter())


def test_a_previous_ecg_that_lacks_leads() -> None:
    recording = examples.recording("normal")
    facts = {"rate_hz": 500, "leads": ["I", "II"], "unit": "mV", "signal": recording.signal[:2].tolist()}
    with pytest.raises(EinthovenError, match=r"old: cannot be used as the previous ECG: lacks V1"):
        read_previous(dumps(facts), interpreter(), "old")
