"""Evaluation from predictions to files: which tasks, which records, what is refused, what is written."""

import dataclasses
import json

import numpy as np
import pytest
from rich.console import Console
from simulated_predictions import predict

from einthoven.datasets.annotations import Annotations
from einthoven.errors import EinthovenError
from einthoven.evaluate.evaluation import answered_tasks, evaluate
from einthoven.evaluate.evaluation_data import EvaluationData, fold_rows
from einthoven.evaluate.legacy_scoring import legacy_metrics
from einthoven.evaluate.metrics import Evaluation
from einthoven.evaluate.predictions import Predictions
from einthoven.evaluate.results import write_results
from einthoven.evaluate.tables import summary_table
from einthoven.ptbxl import SIMULATED_MARK
from einthoven.ptbxl.annotations import SUPERCLASSES

STATED = {"model": "a-network", "run": {"seed": 7}, "n_resamples": 20}


@pytest.fixture(scope="module")
def metrics(annotations, statements):
    return measured(statements, annotations)


def measured(*arguments, **options):
    """What metrics.json holds."""
    return evaluate(*arguments, **STATED | options).to_dict()


def printed(metrics):
    table = summary_table(Evaluation.from_dict(metrics))
    console = Console(width=160, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    console.print(table)
    return console.export_text()


def test_a_run_for_statements_answers_the_tasks_that_follow_from_them(annotations, metrics):
    assert metrics["task"] == "superclass"
    assert list(metrics["tasks"]) == ["subclass", "diagnostic", "form", "rhythm", "statements", "mi", "norm"]
    for task, numbers in metrics["tasks"].items():
        assert numbers["labels"] == list(annotations.task(task))
        assert {"macro_auroc", "exact_match", "macro_f1_at_0.5", "fmax"} <= set(numbers)
    assert metrics["tasks"]["mi"]["per_label"]["MI"] == metrics["per_label"]["MI"]


def test_the_top_says_what_was_measured(annotations, metrics):
    rows = fold_rows(annotations, [10])
    assert metrics["model"] == "a-network"
    assert metrics["run"] == {"seed": 7}
    assert metrics["simulated"] is False
    assert (metrics["fold"], metrics["validation_fold"]) == (10, 9)
    assert metrics["thresholds"] == "fold 9"
    assert metrics["records"] == len(rows)
    assert metrics["patients"] == len(np.unique(annotations.patients[rows]))
    assert metrics["bootstrap"] == {"rounds": 20, "seed": 0, "unit": "patient", "incomplete_rounds": 0}
    assert "as_published" not in metrics
    assert {entry["group"] for entry in metrics["subgroups"]} >= {"age", "sex"}
    assert metrics["acute_pattern"]["positives"] == annotations.labels(("acute-pattern",))[rows].sum()
    assert metrics["acute_pattern"]["negatives"] == (~annotations.labels(("MI",))[rows]).sum()
    assert "own" not in metrics["acute_pattern"]


@pytest.mark.parametrize(
    ("task", "answered"),
    [
        ("superclass", ["superclass", "mi", "norm"]),
        ("diagnostic", ["superclass", "subclass", "diagnostic", "mi", "norm"]),
        ("subclass", ["subclass", "norm"]),
        ("rhythm", ["rhythm"]),
        ("mi", ["mi"]),
        ("acute-pattern", ["acute-pattern"]),
    ],
)
def test_which_task_is_on_top_and_which_follow(annotations, task, answered):
    assert answered_tasks(predict(annotations, annotations.task(task)), annotations) == answered


def test_a_network_for_everything_answers_its_superclasses_itself(annotations):
    labels = annotations.task("statements") + SUPERCLASSES[1:] + ("acute-pattern",)
    predictions = predict(annotations, labels)
    metrics = measured(predictions, annotations)
    assert len(metrics["tasks"]) == 8
    rows, column = fold_rows(annotations, [10]), labels.index("MI")
    brier = np.mean((predictions.probabilities[rows, column] - annotations.labels(("MI",))[rows, 0]) ** 2)
    assert metrics["per_label"]["MI"]["brier"] == pytest.approx(brier)
    acute = metrics["acute_pattern"]
    assert acute["own"]["positives"] == acute["positives"]
    assert acute["own"]["auroc"] != acute["auroc"]


def test_a_run_for_the_acute_pattern_alone(annotations):
    metrics = measured(predict(annotations, ("acute-pattern",)), annotations)
    assert metrics["acute_pattern"]["auroc"] is None
    assert metrics["acute_pattern"]["own"]["auroc"]["value"] > 0.5
    assert "mi_by_stage" not in metrics


def test_results_do_not_depend_on_the_order_of_records_or_labels(annotations, statements, metrics):
    rng = np.random.default_rng(0)
    rows, columns = rng.permutation(len(statements.ecg_ids)), rng.permutation(len(statements.labels))
    shuffled = Predictions(
        statements.ecg_ids[rows],
        tuple(statements.labels[k] for k in columns),
        statements.probabilities[rows][:, columns],
    )
    assert measured(shuffled, annotations) == metrics


def test_thresholds_depend_on_the_validation_fold_alone_and_areas_on_the_test_fold(annotations, statements, metrics):
    changed = {}
    for fold in (9, 10):
        probabilities = statements.probabilities.copy()
        rows = fold_rows(annotations, [fold])
        probabilities[rows] = np.random.default_rng(0).random(probabilities[rows].shape)
        other = dataclasses.replace(statements, probabilities=probabilities)
        changed[fold] = measured(other, annotations)["per_label"]["MI"]
    mi = metrics["per_label"]["MI"]
    assert changed[10]["threshold"] == mi["threshold"] != changed[9]["threshold"]
    assert changed[9]["auroc"] == mi["auroc"] != changed[10]["auroc"]


def test_without_validation_fold_thresholds_are_a_half(annotations, statements):
    metrics = measured(statements, annotations, validation_folds=())
    assert metrics["validation_fold"] is None
    assert "0.5" in metrics["thresholds"]
    assert {entry["threshold"] for entry in metrics["per_label"].values()} == {0.5}
    assert metrics["acute_pattern"]["operating_points"] is None
    assert "thresholds: 0.5 (no validation fold)" in printed(metrics)


def test_several_folds_and_the_validation_fold_among_them(annotations, statements):
    metrics = measured(statements, annotations, fold=(9, 10))
    assert metrics["fold"] == [9, 10]
    assert metrics["records"] == len(fold_rows(annotations, [9, 10]))
    assert "too optimistic" in metrics["thresholds"]


def test_a_label_without_positive_in_the_validation_fold_is_named(annotations, statements):
    table = annotations.statements.copy()
    table.loc[annotations.table.strat_fold == 9, "LVH"] = False
    without = dataclasses.replace(annotations, statements=table)
    metrics = measured(statements, without)
    assert "0.5 for HYP" in metrics["thresholds"]
    assert metrics["per_label"]["HYP"]["threshold"] == 0.5
    assert metrics["per_label"]["HYP"]["operating_points"]["sensitivity"]["0.90"]["threshold"] is None


def test_a_tiny_simulated_fold_ends_and_says_what_is_wanting(annotations, statements, tmp_path):
    (tmp_path / SIMULATED_MARK).touch()
    rows = np.r_[fold_rows(annotations, [9]), fold_rows(annotations, [10])[:8]]
    tiny = Annotations(tmp_path, annotations.table.iloc[rows], annotations.statements.iloc[rows], annotations.tasks)
    metrics = measured(statements, tiny)
    assert metrics["simulated"] is True
    assert metrics["records"] == 8
    assert metrics["tasks"]["statements"]["labels_left_out"]
    assert "SIMULATED" in printed(metrics)


def test_the_original_cnn_is_scored_as_published_too(annotations):
    predictions = predict(annotations, SUPERCLASSES)
    metrics = measured(predictions, annotations, **{"model": "original-cnn"})
    rows = fold_rows(annotations, [10])
    logits = np.log(predictions.probabilities[rows] / (1 - predictions.probabilities[rows]))
    softmax = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    given, truth = softmax > 0.9, annotations.labels(SUPERCLASSES)[rows]
    found = metrics["as_published"]
    assert found["global_accuracy"] == pytest.approx((given == truth).mean())
    assert found["all_no_accuracy"] == pytest.approx(1 - truth.mean())
    assert found["per_label"]["MI"]["tp"] == (given & truth)[:, 1].sum()
    f1 = [entry["f1"] for entry in found["per_label"].values()]
    assert found["macro_f1"] == pytest.approx(np.mean(f1))
    assert "scored as published" in printed(metrics)


def test_scoring_as_published_survives_certainty():
    scores = np.array([[1.0, 0.5], [0.0, 0.0], [1.0, 1.0]])
    data = EvaluationData(("A", "B"), np.array([[True, False], [True, False], [True, True]]), scores, np.arange(3))
    found = legacy_metrics(data)
    assert (found.per_label["A"].tp, found.per_label["A"].fn) == (1, 2)
    assert found.global_accuracy == pytest.approx(3 / 6)


def test_files_hold_what_was_measured(annotations, statements, metrics, tmp_path):
    write_results(Evaluation.from_dict(metrics), statements, annotations, tmp_path / "results")
    files = {path.name for path in (tmp_path / "results").iterdir()}
    assert files > {"metrics.json", "predictions.csv", "results.html", "roc.png"}
    text = (tmp_path / "results" / "metrics.json").read_text(encoding="utf-8")
    assert json.loads(text, parse_constant=pytest.fail) == metrics
    read = Predictions.read(tmp_path / "results" / "predictions.csv", annotations.task("statements"))
    rows = fold_rows(annotations, [10])
    assert read.ecg_ids.tolist() == annotations.ecg_ids[rows].tolist()
    assert (read.probabilities == statements.probabilities[rows]).all()


def test_the_table_shows_labels_intervals_and_the_other_tasks(metrics):
    text = printed(metrics)
    mi = metrics["per_label"]["MI"]
    for number in (mi["auroc"]["value"], mi["auroc"]["low"], mi["ppv"], metrics["macro_auroc"]["high"]):
        assert f"{number:.3f}" in text
    assert f"statements {metrics['tasks']['statements']['macro_auroc']['value']:.3f}" in text
    assert "a-network: superclass, fold 10" in text


def test_the_table_shows_dashes_for_what_is_undefined(annotations, statements):
    one = annotations.ecg_ids[fold_rows(annotations, [10])][:1]
    keep = np.isin(annotations.ecg_ids, one) | (annotations.folds == 9)
    tiny = dataclasses.replace(annotations, table=annotations.table[keep], statements=annotations.statements[keep])
    metrics = measured(statements, tiny)
    assert metrics["macro_auroc"] is None
    text = printed(metrics)
    assert "–" in text
    assert "too few records for the macro averages: NORM, MI, STTC, CD, HYP" in text


def test_metrics_survive_json_exactly(annotations, statements):
    labels = annotations.task("statements") + SUPERCLASSES[1:] + ("acute-pattern",)
    for evaluation in (
        evaluate(predict(annotations, labels), annotations, **STATED),
        evaluate(predict(annotations, SUPERCLASSES), annotations, **STATED | {"model": "original-cnn"}),
        evaluate(statements, annotations, fold=(9, 10), validation_folds=(), tasks=("mi",), **STATED),
    ):
        text = json.dumps(evaluation.to_dict(), allow_nan=False)
        assert Evaluation.from_dict(json.loads(text)) == evaluation
        assert json.dumps(Evaluation.from_dict(json.loads(text)).to_dict()) == text


def test_a_field_that_is_missing_is_named(metrics):
    with pytest.raises(KeyError, match="labels_supported"):
        Evaluation.from_dict({name: value for name, value in metrics.items() if name != "labels_supported"})


def refusal(*args, **options):
    with pytest.raises(EinthovenError) as error:
        evaluate(*args, **STATED | options)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_records_without_prediction_are_refused(annotations, statements):
    keep = statements.ecg_ids != annotations.ecg_ids[fold_rows(annotations, [9])][4]
    fewer = Predictions(statements.ecg_ids[keep], statements.labels, statements.probabilities[keep], "theirs.csv")
    message = refusal(fewer, annotations)
    assert "theirs.csv" in message
    assert f"ecg_id {annotations.ecg_ids[fold_rows(annotations, [9])][4]}" in message


def test_a_fold_without_records_is_refused(annotations, statements):
    assert "fold 11" in refusal(statements, annotations, fold=11)
    assert "fold 12" in refusal(statements, annotations, validation_folds=(12,))


def test_unknown_labels_and_labels_that_make_up_no_task_are_refused(annotations):
    half = np.full((len(annotations.ecg_ids), 2), 0.5)
    assert "'XX'" in refusal(Predictions(annotations.ecg_ids, ("MI", "XX"), half), annotations)
    assert "do not make up a whole task" in refusal(Predictions(annotations.ecg_ids, ("SR", "LVH"), half), annotations)
