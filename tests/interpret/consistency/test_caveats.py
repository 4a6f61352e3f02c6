"""The caveats beside a rule-in state rates that are true of the shipped bundle."""

from pathlib import Path

import numpy as np
import pytest

from einthoven import Interpreter
from einthoven.datasets.dataset import Dataset
from einthoven.interpret.consistency.caveats import FALSE_RULE_IN


@pytest.fixture(scope="module")
def interpreter() -> Interpreter:
    return Interpreter.load("default")


@pytest.mark.parametrize("statement", FALSE_RULE_IN)
def test_the_rate_of_false_rule_ins(interpreter: Interpreter, test_data: Path, statement: str) -> None:
    dataset = Dataset.open(test_data / "ptbxl")
    stated, infarct = dataset.annotations.statements[statement], dataset.annotations.labels(("MI",))[:, 0]
    rows = [row for row in dataset.rows((9,)) if stated.iloc[row] and not infarct[row]]
    answers = interpreter.batch(map(dataset.recording, rows))
    ruled_in = [answer.mi is not None and answer.mi.decision == "rule-in" for answer in answers]
    assert FALSE_RULE_IN[statement] == round(100 * np.mean(ruled_in))
