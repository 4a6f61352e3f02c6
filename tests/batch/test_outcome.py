"""Tests of what workers return: whole results, or lines of CSV."""

import csv
import dataclasses

import pytest

from einthoven import Interpreter, examples
from einthoven.batch.outcome import outcome_from_json, outcome_to_json, result_or_failure
from einthoven.errors import RecordingError, ShortageError
from einthoven.interpret.interpretation import Failure, Interpretation
from einthoven.report.rows import as_row, columns


@pytest.fixture(scope="module")
def interpretation() -> Interpretation:
    result = Interpreter.load("edge")(examples.recording("normal"), force=True)
    recording = dataclasses.replace(result.recording, source='=a,"b"\nc\rd')
    return dataclasses.replace(result, recording=recording)


def test_results_come_back(interpretation: Interpretation) -> None:
    assert outcome_from_json(outcome_to_json(interpretation)) == interpretation


def test_a_failure_is_no_line(interpretation: Interpretation) -> None:
    """It is counted and shown, whatever the format."""
    failure = Failure("a.dcm", "is empty.")
    assert outcome_from_json(outcome_to_json(failure, ["source"])) == failure


def test_a_line_of_csv(interpretation: Interpretation) -> None:
    names = list(columns(Interpreter.load("edge").bundle.card))
    text = outcome_to_json(interpretation, names)
    assert b"\n" not in text  # a line of OUT.part
    line = outcome_from_json(text)
    assert isinstance(line, str)
    (cells,) = csv.reader([line.removesuffix("\n")])
    expected = ["" if (value := as_row(interpretation).get(name)) is None else str(value) for name in names]
    assert cells[1:] == expected[1:]
    assert cells[0] == '\'=a,"b"\nc\\u000dd'


def test_only_an_error_of_the_file_is_its_failure() -> None:
    def work(error: Exception | None = None, *, cause: Exception | None = None) -> str:
        if error:
            raise error from cause
        return "done"

    damaged = RecordingError("is damaged.")
    assert result_or_failure("a.dcm", work) == "done"
    assert result_or_failure("a.dcm", work, damaged, cause=ValueError()) == Failure("a.dcm", "is damaged.")
    with pytest.raises(ShortageError):
        result_or_failure("a.dcm", work, ShortageError("The disk is full."))
    with pytest.raises(MemoryError):
        result_or_failure("a.dcm", work, damaged, cause=MemoryError())
