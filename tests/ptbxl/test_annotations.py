"""Labels and tasks, on the real PTB-XL and on damaged tables."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from einthoven.datasets.annotations import Annotations
from einthoven.errors import EinthovenError
from einthoven.ptbxl.annotations import EARLY_STAGES, TASKS, staged


@pytest.fixture(scope="module")
def real(test_data: Path) -> Annotations:
    return Annotations.read(test_data / "ptbxl")


def test_known_counts_of_version_1_0_3(real: Annotations) -> None:
    superclasses = real.labels(real.task("superclass"))
    assert real.task("superclass") == ("NORM", "MI", "STTC", "CD", "HYP")
    assert len(superclasses) == 21_799
    assert superclasses.sum(0).tolist() == [9514, 5469, 5235, 4898, 2649]
    assert (~superclasses.any(1)).sum() == 411
    test = superclasses[real.folds == 10]
    assert len(test) == 2198
    assert test.sum(0).tolist() == [963, 550, 521, 496, 262]
    assert (~test.any(1)).sum() == 40
    assert not real.simulated


def test_known_numbers_of_labels(real: Annotations) -> None:
    assert [len(real.task(name)) for name in TASKS] == [5, 23, 44, 19, 12, 71, 1, 1, 1, 2]


def test_acute_pattern_is_an_early_infarct_or_an_injury(real: Annotations) -> None:
    acute = real.labels(("acute-pattern",))[:, 0]
    assert [int(acute[real.folds == fold].sum()) for fold in (9, 10)] == [48, 43]
    infarct = real.labels(("MI",))[:, 0]
    assert not (acute & ~infarct).any()


def test_acute_is_an_early_infarct_or_one_that_its_report_calls_acute(real: Annotations) -> None:
    known = real.folds < 10
    acute, injury, infarct = real.labels(("ACUTE", "INJURY", "MI"))[known].T
    early = staged(real.table, EARLY_STAGES).to_numpy()[known]
    assert [int(label.sum()) for label in (acute, injury, acute & injury)] == [163, 292, 4]
    assert not (acute & ~infarct).any()
    assert (acute & early == infarct & early).all()
    assert (acute & ~early).sum() == 27


def test_a_label_name_means_one_thing_in_every_task(real: Annotations) -> None:
    meanings: dict[str, set[frozenset[str]]] = {}
    for task in TASKS:
        for label in real.task(task):
            meanings.setdefault(label, set()).add(real.tasks[task][label])
    assert {label for label, meaning in meanings.items() if len(meaning) > 1} == set()
    assert real.members("NORM") == {"NORM"}
    assert real.members("subclass:AMI") > real.members("AMI") == {"AMI"}


def test_statements_count_whatever_their_likelihood(real: Annotations) -> None:
    row = np.flatnonzero(real.ecg_ids == 1)  # {'NORM': 100.0, 'LVOLT': 0.0, 'SR': 0.0}
    labels = real.task("statements")
    stated = {label for label, is_so in zip(labels, real.labels(labels)[row][0], strict=True) if is_so}
    assert stated == {"NORM", "LVOLT", "SR"}


def test_patients_keep_to_one_fold(real: Annotations) -> None:
    assert pd.Series(real.folds).groupby(real.patients).nunique().max() == 1


VOCABULARY = """,description,diagnostic,form,rhythm,diagnostic_class,diagnostic_subclass
NORM,normal,1.0,,,NORM,NORM
IMI,inferior infarct,1.0,,,MI,IMI
SR,sinus rhythm,,,1.0,,
"""
RECORDS = """\
ecg_id,patient_id,age,sex,device,scp_codes,infarction_stadium1,validated_by_human,baseline_drift,static_noise,\
burst_noise,electrodes_problems,strat_fold,filename_lr,filename_hr
1,7,50,0,X,"{'NORM': 100.0, 'SR': 0.0}",,True,,,,,1,records100/00000/00001_lr,records500/00000/00001_hr
2,8,60,1,X,"{'IMI': 50.0}",Stadium I,True,,,,,10,records100/00000/00002_lr,records500/00000/00002_hr
"""


def write(folder: Path, records: str = RECORDS, vocabulary: str = VOCABULARY) -> Path:
    (folder / "ptbxl_database.csv").write_text(records)
    (folder / "scp_statements.csv").write_text(vocabulary)
    return folder


def test_a_small_table(tmp_path: Path) -> None:
    annotations = Annotations.read(write(tmp_path))
    assert annotations.labels(("NORM", "MI", "acute-pattern")).tolist() == [
        [True, False, False],
        [False, True, True],
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"records": RECORDS.replace("'SR'", "'NEWS'")}, "record 1 has the unknown statement 'NEWS'"),
        ({"records": RECORDS.replace("strat_fold", "fold")}, "has no column 'strat_fold'"),
        ({"records": RECORDS.replace("\n2,", "\n1,")}, "1 occurs twice"),
        ({"records": RECORDS.replace("{'IMI': 50.0}", "")}, "record 2 has no list of statements"),
        ({"records": RECORDS.replace("\n2,", "\nabc,")}, "an ecg_id that is not a whole number"),
        ({"records": ""}, "cannot be read as a table"),
        ({"records": RECORDS.replace(",8,", ",,")}, "record 2 has a patient_id that is not a number"),
        ({"records": RECORDS.replace(",10,", ",11x,")}, "strat_fold"),
        ({"vocabulary": "\xff\xfe"}, "scp_statements.csv"),
    ],
)
def test_damaged_tables_are_refused_by_name(tmp_path: Path, change: dict[str, str], sentence: str) -> None:
    with pytest.raises(EinthovenError) as error:
        Annotations.read(write(tmp_path, **change))
    assert sentence in str(error.value)
    assert str(tmp_path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_folder_says_how_to_get_the_data(tmp_path: Path) -> None:
    with pytest.raises(EinthovenError, match="einthoven data get"):
        Annotations.read(tmp_path / "nothing")


def test_unknown_names(tmp_path: Path) -> None:
    annotations = Annotations.read(write(tmp_path))
    with pytest.raises(EinthovenError, match=r"no task 'super'.*superclass"):
        annotations.task("super")
    with pytest.raises(EinthovenError, match="no label 'XYZ'"):
        annotations.labels(("XYZ",))
