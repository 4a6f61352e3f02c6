"""The acute answer on real recordings: a recorder's own "acute MI", and PTB-XL's fold 9."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

import einthoven
from einthoven import Interpreter, Recording
from einthoven.datasets.dataset import Dataset
from einthoven.interpret.acute.features import INJURY
from einthoven.interpret.acute.values import AcutePattern
from einthoven.recording import LEADS


@cache
def interpreter(bundle: str) -> Interpreter:
    return Interpreter.load(bundle)


@pytest.mark.parametrize("bundle", ["default", "edge"])
def test_what_the_recorder_calls_acute_is_ruled_in(test_data: Path, bundle: str) -> None:
    recording = einthoven.read(test_data / "formats" / "philips-sierra" / "sierra-1.03.xml")
    interpretation = interpreter(bundle)(recording)
    acute, measurements = interpretation.acute, interpretation.measurements
    assert acute
    assert measurements
    highest = max(measurements.leads[lead].st_j_mv or 0.0 for lead in ("II", "III", "aVF"))
    opposite = measurements.leads["aVL"].st_j_mv
    assert highest == pytest.approx(0.24, abs=0.02)  # the recorder: 2.3 to 2.4 mm, and -1.3 mm
    assert opposite == pytest.approx(-0.13, abs=0.02)
    assert acute.in_words == (
        f"ST-elevation infarct pattern, inferior; STEMI criteria met in II, III, aVF (up to {10 * highest:.1f} mm), "
        f"reciprocal aVL {10 * opposite:.1f} mm"
    )
    assert acute.territory == ("inferior",)
    assert "Record V4R (right ventricle)." in acute.advice


def test_a_normal_record_of_the_same_recorder_is_ruled_out(test_data: Path) -> None:
    acute = interpreter("default")(
        einthoven.read(test_data / "formats" / "philips-sierra" / "sierra-1.04.01.xml")
    ).acute
    assert acute
    assert acute.decision == "rule-out"


def test_fold_9_separates_acute_from_normal(test_data: Path) -> None:
    dataset = Dataset.open(test_data / "ptbxl")
    rows = dataset.rows((9,))
    acute, normal, infarct = dataset.annotations.labels(("acute-pattern", "NORM", "MI"))[rows].T
    answers = {
        name: _answers(dataset, rows[member])
        for name, member in (("acute", acute), ("normal", normal & ~infarct & (np.arange(len(rows)) % 8 == 0)))
    }
    decisions = {name: [answer.decision for answer in of_group] for name, of_group in answers.items()}
    assert decisions["acute"].count("rule-out") <= 1
    assert decisions["acute"].count("rule-in") >= 20
    assert decisions["normal"].count("rule-in") <= 1
    assert decisions["normal"].count("rule-out") >= 0.8 * len(decisions["normal"])
    assert all(answer.territory for answer in answers["acute"] if answer.decision == "rule-in")
    assert dataset.annotations.labels(INJURY)[rows].any(axis=1).sum() == 36


def _answers(dataset: Dataset, rows: np.ndarray) -> list[AcutePattern]:
    recordings = [Recording(dataset.signals[row] / np.float32(1000), dataset.rate, LEADS) for row in rows]
    results = interpreter("edge").batch(recordings)
    return [result.acute for result in results if result.acute]
