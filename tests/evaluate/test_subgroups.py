"""Subgroups, the stages of infarction, and the acute pattern."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from simulated_predictions import predict
from sklearn.metrics import roc_auc_score

from einthoven.datasets.annotations import Annotations
from einthoven.evaluate.evaluation_data import EvaluationData, evaluation_data, fold_rows
from einthoven.evaluate.infarction import NOT_STATED, acute_pattern, mi_by_stage
from einthoven.evaluate.metrics import SubgroupLabel
from einthoven.evaluate.subgroups import SMALLEST_FAMILY, UNKNOWN, device_families, groups, subgroups
from einthoven.evaluate.thresholds import Thresholds


@pytest.fixture
def everything(annotations, statements):
    """All records with the superclasses, and PTB-XL's columns for them."""
    data = evaluation_data(statements, annotations, np.arange(len(annotations.ecg_ids)), annotations.task("superclass"))
    return data, annotations.table


def test_every_way_to_divide_puts_each_record_in_one_subgroup(everything):
    data, table = everything
    found = subgroups(data, table, n_resamples=20, seed=0)
    for group, values in groups(table):
        parts = [entry for entry in found if entry.group == group]
        assert {entry.value for entry in parts} == set(values)
        assert sum(entry.records for entry in parts) == len(table)
        for k, label in enumerate(data.labels):
            assert sum(entry.per_label[label].positives for entry in parts) == data.truth[:, k].sum()
    assert {entry.group for entry in found} == {"age", "sex", "device", "noise", "validated_by_human"}


def test_a_subgroup_is_measured_on_its_own_records(everything):
    data, table = everything
    found = subgroups(data, table, n_resamples=20, seed=0)
    (entry,) = [e for e in found if (e.group, e.value) == ("sex", "female")]
    women = (table.sex == 1).to_numpy()  # 1 is female in PTB-XL (Wagner et al. 2020)
    assert entry.records == women.sum()
    mi = roc_auc_score(data.truth[women, 1], data.scores[women, 1])
    assert entry.per_label["MI"].auroc.value == pytest.approx(mi)
    macro = roc_auc_score(data.truth[women], data.scores[women])
    assert entry.macro_auroc.value == pytest.approx(macro)
    assert entry.macro_auroc.low < macro < entry.macro_auroc.high


def by_name(table):
    return dict(groups(table))


def test_ages_fall_into_bands_and_300_means_over_89(annotations):
    ages = pd.DataFrame({"age": [0.0, 17.0, 18.0, 39.0, 40.0, 60.0, 79.0, 80.0, 300.0, np.nan]})
    table = annotations.table.iloc[:10].assign(age=ages.age.to_numpy())
    bands = ["0-17", "0-17", "18-39", "18-39", "40-59", "60-79", "60-79", "80+", "80+", UNKNOWN]
    assert by_name(table)["age"].tolist() == bands


def test_any_of_the_noise_columns_flags_a_record(annotations):
    columns = ["baseline_drift", "static_noise", "burst_noise", "electrodes_problems"]
    table = annotations.table.iloc[:5].copy()
    table[columns] = pd.DataFrame(np.where(np.eye(5, 4, dtype=bool), " , V6", None), table.index, columns)
    assert by_name(table)["noise"].tolist() == ["flagged"] * 4 + ["not flagged"]


def test_recorders_lose_their_version_and_rare_ones_are_pooled():
    names = ["CS-12   E"] * SMALLEST_FAMILY + ["AT-6 C 5.5"] * (SMALLEST_FAMILY - 1) + ["AT-6 C"]
    names += ["AT-60    3"] * (SMALLEST_FAMILY - 1) + ["AT-6     6"] + [None] * 3
    assert device_families(pd.Series(names)).value_counts().to_dict() == {
        "CS-12 E": SMALLEST_FAMILY,
        "AT-6 C": SMALLEST_FAMILY,
        "other": SMALLEST_FAMILY,
        UNKNOWN: 3,
    }


def test_a_label_without_positives_in_a_subgroup_is_null_there(everything):
    data, table = everything
    truth = data.truth.copy()
    truth[(table.sex == 0).to_numpy(), 4] = False
    data = EvaluationData(data.labels, truth, data.scores, data.patients)
    (men,) = [e for e in subgroups(data, table, n_resamples=20, seed=0) if e.value == "male"]
    assert men.per_label["HYP"] == SubgroupLabel(0, None)
    there = [men.per_label[label].auroc.value for label in data.labels[:4]]
    assert men.macro_auroc.value == pytest.approx(np.mean(there))


def mi_of(annotations, predictions, folds):
    rows = fold_rows(annotations, folds)
    return evaluation_data(predictions, annotations, rows, ("MI",)), annotations.table.iloc[rows]


def test_each_stage_is_told_from_all_records_without_mi(annotations, statements):
    data, table = mi_of(annotations, statements, [10])
    validation, _ = mi_of(annotations, statements, [9])
    thresholds = Thresholds.fit(validation.truth, validation.scores, "fold 9")
    found = mi_by_stage(data, table, thresholds, n_resamples=50, seed=0)
    assert [entry.stage for entry in found] == ["I", "II-III", NOT_STATED]
    assert sum(entry.records for entry in found) == data.truth.sum()
    truth, scores = data.truth[:, 0], data.scores[:, 0]
    stage_1 = truth & (table.infarction_stadium1 == "Stadium I").to_numpy()
    first = found[0]
    assert first.records == stage_1.sum()
    kept = stage_1 | ~truth
    assert first.auroc.value == pytest.approx(roc_auc_score(stage_1[kept], scores[kept]))
    assert first.sensitivity_interval == "Wilson"
    threshold = thresholds.specificity["0.95"][0]
    point = first.sensitivity["0.95"]
    assert point.detected == (scores[stage_1] >= threshold).sum()
    assert point.sensitivity.value == point.detected / stage_1.sum()
    assert 0 <= point.sensitivity.low <= point.sensitivity.value <= point.sensitivity.high <= 1


def test_stages_without_validation_fold_have_no_sensitivity(annotations, statements):
    data, table = mi_of(annotations, statements, [10])
    found = mi_by_stage(data, table, Thresholds.half(1), n_resamples=10, seed=0)
    assert all(entry.sensitivity is None for entry in found)


def test_the_acute_pattern_is_compared_with_records_without_any_mi(annotations, statements):
    data, table = mi_of(annotations, statements, [10])
    infarct = data.truth[:, 0]
    acute = infarct & (table.infarction_stadium1 == "Stadium I").to_numpy()
    thresholds = Thresholds.fit(data.truth, data.scores, "fold 10")
    found = acute_pattern(data, acute, infarct, thresholds, n_resamples=50, seed=0)
    assert found.positives == acute.sum() < infarct.sum()
    assert found.negatives == (~infarct).sum()
    kept = acute | ~infarct
    assert found.auroc.value == pytest.approx(roc_auc_score(acute[kept], data.scores[kept, 0]))
    point = found.operating_points.specificity["0.90"]
    given = data.scores[:, 0] >= thresholds.specificity["0.90"][0]
    assert point.sensitivity.value == pytest.approx(given[acute].mean())
    assert point.specificity.value == pytest.approx((~given)[~infarct].mean())


def test_ptbxls_fold_10(test_data: Path):
    annotations = Annotations.read(test_data / "ptbxl")
    predictions = predict(annotations, ("MI",))
    data, table = mi_of(annotations, predictions, [10])
    found = mi_by_stage(data, table, Thresholds.half(1), n_resamples=5, seed=0)
    counts = {entry.stage: entry.records for entry in found}
    assert counts == {"I": 14, "II": 7, "II-III": 103, "III": 98, NOT_STATED: 328}
    divided = by_name(table)
    assert divided["device"].value_counts().to_dict() == {
        "CS-12": 703,
        "AT-6 C": 585,
        "CS-12 E": 437,
        "AT-6": 240,
        "AT-60": 174,
        "CS100": 59,
    }
    assert divided["age"].value_counts().to_dict() == {
        "0-17": 13,
        "18-39": 271,
        "40-59": 641,
        "60-79": 933,
        "80+": 340,
    }
    assert divided["noise"].value_counts().to_dict() == {"flagged": 528, "not flagged": 1670}
    assert divided["validated_by_human"].unique().tolist() == ["yes"]  # as in fold 9
