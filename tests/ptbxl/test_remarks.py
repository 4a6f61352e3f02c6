"""What is remarked of records, on the real PTB-XL and on tables of our own."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from einthoven.errors import EinthovenError
from einthoven.ptbxl.annotations import Annotations
from einthoven.ptbxl.remarks import AGES, AXES, DOUBTED, REPORTED, STAGES, remarks

NAMES = [*REPORTED, *AGES, "sex", *AXES, *STAGES, "extra beats", *DOUBTED]


@pytest.fixture(scope="module")
def real(test_data: Path) -> Annotations:
    return Annotations.read(test_data / "ptbxl")


@pytest.fixture(scope="module")
def said(real: Annotations) -> NDArray[np.float32]:
    return remarks(real)


def test_every_remark_is_known_of_many_and_true_of_some(real: Annotations, said: NDArray[np.float32]) -> None:
    assert said.shape == (len(real.table), len(NAMES))
    training = said[real.folds <= 8]
    assert set(np.unique(training[~np.isnan(training)])) == {0, 1}
    assert (np.isnan(training).mean(0) < 0.5).all()
    assert (np.nansum(training, axis=0) >= 40).all()


def test_reports_say_what_the_statements_do(real: Annotations, said: NDArray[np.float32]) -> None:
    """Remarks and statements were written about the same tracings, so each goes with the other."""
    for remark, label in [("infarct", "MI"), ("left bundle", "CLBBB"), ("fibrillation", "AFIB"), ("normal", "NORM")]:
        stated, column = real.labels((label,))[:, 0], said[:, NAMES.index(remark)]
        assert np.nanmean(column[stated]) > 4 * np.nanmean(column[~stated]), remark


@pytest.mark.parametrize(
    ("report", "remark"),
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
def test_one_meaning_in_three_languages(real: Annotations, report: str, remark: str) -> None:
    table = real.table.iloc[:2].assign(report=[report, "sinusrhythmus normales ekg"])
    found = remarks(Annotations(real.folder, table, real.stated.iloc[:2], real.tasks))[:, NAMES.index(remark)]
    assert found.tolist() == [1, 0]


def test_what_is_not_there_is_not_known(real: Annotations) -> None:
    table = real.table.iloc[:1].assign(report=None, age=np.nan, heart_axis=None)
    (found,) = remarks(Annotations(real.folder, table, real.stated.iloc[:1], real.tasks))
    unknown = {name for name, value in zip(NAMES, found, strict=True) if np.isnan(value)}
    assert unknown == {*REPORTED, *AGES, *AXES}


def test_likelihoods(real: Annotations) -> None:
    codes = ["{'IMI': 35.0}", "{'IMI': 80.0}", "{'IMI': 0.0}", "{'NORM': 100.0}"]
    table = real.table.iloc[:4].assign(scp_codes=codes)
    found = remarks(Annotations(real.folder, table, real.stated.iloc[:4], real.tasks))
    assert found[:, NAMES.index("IMI")].tolist() == [0, 1, 1, 0]


def test_a_table_without_them(real: Annotations) -> None:
    table: pd.DataFrame = real.table.drop(columns="heart_axis")
    with pytest.raises(EinthovenError, match="has no column 'heart_axis', which remarks need"):
        remarks(Annotations(real.folder, table, real.stated, real.tasks))


def test_simulated_records(simulated: Path) -> None:
    assert np.nansum(remarks(Annotations.read(simulated))) > 0
