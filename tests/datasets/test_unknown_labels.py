"""Records of which a label is unknown are left out of the tasks that have it."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from einthoven.datasets.annotations import Annotations
from einthoven.errors import EinthovenError
from einthoven.evaluate.evaluation import evaluate
from einthoven.evaluate.predictions import Predictions
from einthoven.evaluate.tables import summary_table

UNKNOWN = 10


@pytest.fixture
def annotations(challenge_set: Path, tmp_path: Path) -> Annotations:
    """The set, with MI unknown in the first records."""
    table = pd.read_csv(challenge_set / "records.csv", dtype=str, keep_default_na=False)
    table.loc[: UNKNOWN - 1, "MI"] = ""
    table.to_csv(tmp_path / "records.csv", index=False)
    shutil.copy(challenge_set / "dataset.json", tmp_path)
    return Annotations.read(tmp_path)


def test_evaluation_leaves_them_out(annotations: Annotations) -> None:
    labels = ("SR", "MI", "STTC")
    scores = np.random.default_rng(0).random((len(annotations.table), len(labels)))
    predictions = Predictions(annotations.ecg_ids, labels, scores)
    folds = tuple(range(1, 11))
    result = evaluate(
        predictions, annotations, fold=folds, validation_folds=(), model="m", run={}, external=True, n_resamples=5
    )
    assert result.data
    assert result.top.task == "labels"
    assert result.top.labels == ("MI", "SR")
    assert result.top.records == result.tasks["mi"].records == len(annotations.table) - UNKNOWN
    assert result.tasks["rhythm"].records == len(annotations.table)
    assert result.data.records_left_out == UNKNOWN
    assert result.data.labels_lacking == ("STTC",)
    assert result.data.labels_not_predicted == ("LVH", "CLBBB", "AFIB")
    assert f"{UNKNOWN} records of which a label is unknown" in str(summary_table(result).caption)


def test_a_model_of_other_labels(annotations: Annotations) -> None:
    scores = np.full((len(annotations.table), 1), 0.5)
    predictions = Predictions(annotations.ecg_ids, ("STTC",), scores, "other.csv")
    with pytest.raises(EinthovenError, match=r"predicts none of the labels of Somewhere .*; import the set with a map"):
        evaluate(predictions, annotations, model="m", run={})
