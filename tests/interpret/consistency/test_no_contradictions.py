"""Real, simulated and disturbed ECGs: no answer contradicts itself or its measurements."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from einthoven import Interpreter, Recording, examples
from einthoven.datasets.dataset import Dataset
from einthoven.interpret.consistency.contradictions import find_contradictions
from einthoven.recording import LEADS
from einthoven.simulate.exchanges import EXCHANGES, exchange
from einthoven.simulate.rhythms import RHYTHMS, simulate_rhythm

RECORDS = 150
ORDINARY = {"sinus rhythm", "sinus bradycardia", "sinus tachycardia"}
DANGEROUS = set(RHYTHMS) - {
    *ORDINARY,
    *("supraventricular tachycardia", "junctional rhythm", "atrial fibrillation", "atrial flutter, 2:1"),
    *("atrial flutter, variable", "bigeminy", "trigeminy"),
}


@cache
def interpreter() -> Interpreter:
    return Interpreter.load("edge")


def check(recordings: Iterator[Recording]) -> None:
    for recording, result in zip(*_interpreted(list(recordings)), strict=True):
        assert find_contradictions(result) == (), recording.source


def _interpreted(recordings: list[Recording]) -> tuple[list[Recording], list]:
    return recordings, list(interpreter().batch(recordings, force=False))


def test_ptb_xl(test_data: Path) -> None:
    dataset = Dataset.open(test_data / "ptbxl")
    rows = np.random.default_rng(22).choice(dataset.rows(tuple(range(1, 10))), RECORDS, replace=False)
    check(map(dataset.recording, rows.tolist()))


def test_simulated_ecgs(simulated: Path) -> None:
    dataset = Dataset.open(simulated)
    check(map(dataset.recording, range(len(dataset.signals))))


@pytest.mark.parametrize("name", examples.names())
def test_samples(name: str) -> None:
    recording = examples.recording(name)
    noise = np.random.default_rng(1).normal(0, 0.1, recording.signal.shape).astype(np.float32)
    parts = [recording.signal, recording.signal + noise, 0 * recording.signal]
    check(
        iter(
            [
                recording,
                *(replace(recording, signal=exchange(recording.signal, change)) for change in EXCHANGES),
                replace(recording, signal=recording.signal + noise),
                replace(recording, signal=np.concatenate(parts, axis=1)),
            ]
        )
    )


@pytest.mark.parametrize("name", [name for name in RHYTHMS if name not in ORDINARY])
def test_a_dangerous_rhythm_is_never_normal_or_ruled_out(name: str) -> None:
    rng = np.random.default_rng(22)
    recordings = [Recording(simulate_rhythm(name, 250, rng), 250, LEADS, source=name) for _ in range(4)]
    check(iter(recordings))
    for result in interpreter().batch(recordings, force=True):
        assert find_contradictions(result) == ()
        assert result.conclusion != "normal"
        if name in DANGEROUS:
            assert result.mi
            assert result.mi.decision != "rule-out"
            assert not result.acute or result.acute.decision != "rule-out"
