"""A file of more than an hour is interpreted in parts, each with the limits of a file."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import einthoven
from einthoven import Interpreter, examples
from einthoven.batch.interpret import InterpretOptions, interpret_files
from einthoven.interpret.interpretation import Failure, result_from_json
from einthoven.limits import Limits

MINUTES, EVERY_S = 62, 120


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    minute = examples.recording("minute")
    signal = np.tile(minute.signal[:, ::5], (1, MINUTES))
    path = tmp_path_factory.mktemp("long") / "long.hea"
    einthoven.write(replace(minute, signal=signal, rate=100.0), path)
    return path


def test_the_answer_is_that_of_the_whole(long: Path) -> None:
    options = InterpretOptions("edge", every_s=EVERY_S)
    (result,) = map(result_from_json, interpret_files([str(long)], options))
    assert not isinstance(result, Failure), result
    whole = Interpreter.load("edge")(einthoven.read(long), every_s=EVERY_S)
    assert result.to_dict() == whole.to_dict()
    assert result.recording.duration_s == 60 * MINUTES


def test_the_cpu_limit_holds_for_each_part(long: Path) -> None:
    options = InterpretOptions("edge")
    (result,) = map(result_from_json, interpret_files([str(long)], options, limits=Limits(cpu_seconds=0.2)))
    assert isinstance(result, Failure)
    assert "more than 0.2 s of CPU time" in result.reason
