"""Errors keep their fields, wherever they go."""

import pickle
from pathlib import Path

import pytest

import einthoven
from einthoven.errors import EinthovenError, RecordingError, ShortageError
from einthoven.workers import KilledError, WorkerError

KINDS = (EinthovenError, RecordingError, ShortageError, WorkerError)


@pytest.mark.parametrize("kind", KINDS)
def test_fields_and_text(kind: type[EinthovenError]) -> None:
    error = kind("is cut short.", Path("a.scp"))
    assert (error.source, error.reason, str(error)) == ("a.scp", "is cut short.", "a.scp: is cut short.")
    assert (kind("is cut short.").source, str(kind("is cut short."))) == ("", "is cut short.")


@pytest.mark.parametrize("error", [*(kind("is cut short.", "a.scp") for kind in KINDS), KilledError()])
def test_another_process_gets_the_same(error: EinthovenError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), copy.source, copy.reason) == (type(error), error.source, error.reason)


def test_a_source_that_a_terminal_would_obey_is_shown_safely() -> None:
    error = RecordingError("is empty.", "a\x1b[2J\ud800" + "b" * 1000 + ".scp")
    assert str(error) == "b" * 296 + ".scp: is empty."
    assert str(RecordingError("is empty.", "a\x1b\n\ud800.scp")) == "a? ?.scp: is empty."


def test_reading_keeps_the_source_as_it_was_given(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b.scp"
    path.touch()
    with pytest.raises(einthoven.RecordingError) as caught:
        einthoven.read(path)
    assert (caught.value.source, caught.value.reason) == (str(path), "is empty.")
