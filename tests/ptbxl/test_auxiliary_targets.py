"""Auxiliary targets of the real PTB-XL and of small tables."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from einthoven.datasets.annotations import Annotations
from einthoven.errors import EinthovenError
from einthoven.ptbxl import DATABASE
from einthoven.ptbxl.auxiliary_targets import AGES, AXES, REPORT_TERMS, STAGES, UNCERTAIN_STATEMENTS, auxiliary_targets

NAMES = [*REPORT_TERMS, *AGES, "sex", *AXES, *STAGES, "extra beats", *UNCERTAIN_STATEMENTS]


@pytest.fixture(scope="module")
def real(test_data: Path) -> Annotations:
    return Annotations.read(test_data / "ptbxl")


@pytest.fixture(scope="module")
def targets(real: Annotations) -> NDArray[np.float32]:
    return auxiliary_targets(real.table, real.folder)


def test_every_target_is_often_known_and_sometimes_true(real: Annotations, targets: NDArray[np.float32]) -> None:
    assert targets.shape == (len(real.table), len(NAMES))
    training = targets[real.folds <= 8]
    assert set(np.unique(training[~np.isnan(training)])) == {0, 1}
    assert (np.isnan(training).mean(0) < 0.5).all()
    assert (np.nansum(training, axis=0) >= 40).all()


def test_reports_say_what_the_statements_do(real: Annotations, targets: NDArray[np.float32]) -> None:
    """Reports and statements describe the same recordings, so they agree."""
    for term, label in [("infarct", "MI"), ("left bundle", "CLBBB"), ("fibrillation", "AFIB"), ("normal", "NORM")]:
        stated, column = real.labels((label,))[:, 0], targets[:, NAMES.index(term)]
        assert np.nanmean(column[stated]) > 4 * np.nanmean(column[~stated]), term


@pytest.mark.parametrize(
    ("report", "term"),
    [
        ("sinusrhythmus linkstyp qrs(t) abnormal    inferiorer infarkt     alter unbest.", "age undetermined"),
        ("sinus rhythm. left bundle branch block.", "left bundle"),
        ("sinusrytm vänster skänkelblock", "left bundle"),
        ("linksschenkelblock", "left bundle"),
        ("förmaksflimmer", "fibrillation"),
        ("VORHOFFLIMMERN", "fibrillation"),
        ("myokardskada kan ej uteslutas, misstänkt", "possible"),
    ],
)
def test_one_meaning_in_three_languages(real: Annotations, report: str, term: str) -> None:
    table = real.table.iloc[:2].assign(report=[report, "sinusrhythmus normales ekg"])
    found = auxiliary_targets(table, real.folder)[:, NAMES.index(term)]
    assert found.tolist() == [1, 0]


def test_what_is_not_there_is_not_known(real: Annotations) -> None:
    table = real.table.iloc[:1].assign(report=None, age=np.nan, heart_axis=None)
    (found,) = auxiliary_targets(table, real.folder)
    unknown = {name for name, value in zip(NAMES, found, strict=True) if np.isnan(value)}
    assert unknown == {*REPORT_TERMS, *AGES, *AXES}


def test_likelihoods(real: Annotations) -> None:
    codes = ["{'IMI': 35.0}", "{'IMI': 80.0}", "{'IMI': 0.0}", "{'NORM': 100.0}"]
    table = real.table.iloc[:4].assign(scp_codes=codes)
    found = auxiliary_targets(table, real.folder)
    assert found[:, NAMES.index("IMI")].tolist() == [0, 1, 1, 0]


def test_a_table_without_them(real: Annotations) -> None:
    table: pd.DataFrame = real.table.drop(columns="heart_axis")
    with pytest.raises(EinthovenError, match="has no column 'heart_axis', which auxiliary targets need"):
        auxiliary_targets(table, real.folder)


def test_simulated_records(simulated: Path) -> None:
    assert np.nansum(auxiliary_targets(pd.read_csv(simulated / DATABASE, index_col=0), simulated)) > 0
