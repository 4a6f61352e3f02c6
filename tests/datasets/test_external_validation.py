"""Bundles and runs on a data set that they were not trained on, and recalibration to it."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from einthoven.datasets.annotations import Annotations
from einthoven.evaluate.as_answered.metrics import AsAnswered
from einthoven.model.bundle import Bundle
from einthoven.model.card import Card
from einthoven.train.run import Run

Einthoven = Callable[..., tuple[int, str, str]]


def test_the_card_sets_the_thresholds(
    einthoven: Einthoven, exported: Path, challenge_set: Path, tmp_path: Path
) -> None:
    out = tmp_path / "results"
    code, text, err = einthoven("evaluate", exported, "--data", challenge_set, "--out", out, "--resamples", 20)
    assert code == 0, err
    assert "External validation on Somewhere: the model was trained on other data" in text
    assert "TRAINED ON" not in text
    metrics = json.loads((out / "metrics.json").read_text())
    card = Card.read(exported)
    assert metrics["task"] == "labels"
    assert metrics["fold"] == list(range(1, 11))
    assert (metrics["validation_fold"], metrics["trained_on"]) == (None, [])
    assert metrics["thresholds"].startswith(f"the card of {card.name}")
    assert metrics["data"]["external"]
    assert set(metrics["data"]["labels_lacking"]) == set(card.labels) - {"SR", "AFIB", "CLBBB", "MI", "LVH"}
    assert metrics["data"]["labels_not_predicted"] == []
    thresholds = {output.label: output.thresholds for output in card.outputs}
    supported = [label for label in metrics["per_label"] if thresholds[label]]
    assert supported
    for label in supported:
        assert metrics["per_label"][label]["threshold"] == thresholds[label].f1
    annotations = Annotations.read(challenge_set)
    assert metrics["per_label"]["MI"]["positives"] == annotations.labels(("MI",)).sum()
    page = (out / "results.html").read_text()
    assert "External validation" in page
    assert "Data: Somewhere, A 2026, CC0." in page
    assert "PTB-XL: " not in page
    comparison = (
        "compare",
        out / "predictions.csv",
        out / "predictions.csv",
        "--data",
        challenge_set,
        "--task",
        "labels",
    )
    assert einthoven(*comparison, "--resamples", 20)[0] == 0


def test_recalibration_refits_what_the_site_supports(
    einthoven: Einthoven, exported: Path, challenge_set: Path, tmp_path: Path
) -> None:
    bundle, out = tmp_path / "site-bundle", tmp_path / "results"
    arguments = ("evaluate", exported, "--data", challenge_set, "--out", out, "--resamples", 20)
    code, text, err = einthoven(*arguments, "--recalibrate", "1-8", "--out-bundle", bundle)
    assert code == 0, err
    assert "thresholds: the card of site-bundle" in text
    assert json.loads((out / "metrics.json").read_text())["fold"] == [9, 10]
    before, after = Card.read(exported), Bundle.load(bundle).card
    facts = after.description()["recalibration"]
    annotations = Annotations.read(challenge_set)
    rows = np.isin(annotations.folds, range(1, 9))
    assert (facts["folds"], facts["records"]) == (list(range(1, 9)), rows.sum())
    assert "MI" in facts["labels"]
    assert after.results is None
    for old, new in zip(before.outputs, after.outputs, strict=True):
        if new.label in facts["labels"]:
            assert new.calibration != old.calibration
            assert new.prevalence == annotations.labels((new.label,))[rows].mean()
        else:
            assert new == old
    with np.load(bundle / "golden.npz") as golden:
        calibrated = after.calibrate(golden["normal/scores"])
        np.testing.assert_array_equal(golden["normal/probabilities"], calibrated)
    again = einthoven("evaluate", bundle, "--data", challenge_set, "--fold", 8, "--out", out, "--resamples", 20)[1]
    assert "(also evaluated, so these metrics" in again
    assert "choose a new folder" in einthoven(*arguments, "--recalibrate", "1", "--out-bundle", bundle)[2]


def test_wrong_recalibrations(
    einthoven: Einthoven, exported: Path, challenge_set: Path, simulated: Path, tmp_path: Path
) -> None:
    arguments = ("evaluate", exported, "--out", tmp_path / "r", "--data")
    new = ("--out-bundle", tmp_path / "new")
    assert "go together" in einthoven(*arguments, challenge_set, "--recalibrate", 1)[2]
    assert "trained on this data set" in einthoven(*arguments, simulated, "--recalibrate", 1, *new)[2]
    assert "need different folds" in einthoven(*arguments, challenge_set, "--recalibrate", 1, "--fold", 1, *new)[2]
    assert "no label of small has 20 positive" in einthoven(*arguments, challenge_set, "--recalibrate", 1, *new)[2]
    assert not (tmp_path / "new").exists()
    code, _, error = einthoven(*arguments, challenge_set, "--into-card")
    assert code == 2
    assert "Leave out --into-card: --out gets the external validation." in error


def test_the_whole_engine_on_an_imported_set(einthoven: Einthoven, challenge_set: Path, tmp_path: Path) -> None:
    arguments = ("evaluate", "edge", "--data", challenge_set, "--out", tmp_path, "--resamples", 20, "--workers", 1)
    code, text, err = einthoven(*arguments, "--as-answered")
    assert code == 0, err
    assert "External validation on Somewhere" in text
    measured = AsAnswered.from_dict(json.loads((tmp_path / "as-answered.json").read_text()))
    annotations = Annotations.read(challenge_set)
    assert (measured.data_set, measured.external, measured.records) == ("Somewhere", True, len(annotations.table))
    assert measured.folds == tuple(range(1, 11))
    assert measured.mi.engine
    assert measured.acute.engine
    assert set(measured.acute.engine.groups) == {"not annotated"}
    assert measured.acute.engine.rule_in.sensitivity is None
    mi = annotations.labels(("MI",))[:, 0]
    known = annotations.known(("MI",))
    groups = measured.mi.engine.groups
    assert (groups["MI"].records, groups["no MI"].records) == ((mi & known).sum(), (~mi & known).sum())
    assert set(measured.labels) <= {"SR", "AFIB", "CLBBB", "MI", "LVH"}
    assert measured.labels["MI"].positives == (mi & known).sum()
    assert set(measured.conclusions) == {"not annotated"}


def test_train_evaluate_and_export_on_an_imported_set(
    einthoven: Einthoven, challenge_set: Path, tmp_path: Path
) -> None:
    run, bundle = tmp_path / "run", tmp_path / "bundle"
    folds = ("--train-folds", "1-4", "--validation-folds", "5-9")
    options = ("--epochs", 1, "--window", 2.5, "--stride", 2.5, "--auxiliary-weight", 0.5, *folds)
    code, _, err = einthoven("train", "--data", challenge_set, "--task", "labels", "--out", run, *options)
    assert code == 0, err
    assert "Somewhere has no auxiliary targets (they are PTB-XL's)" in err
    assert Run.open(run).config.auxiliary_weight == 0
    code, text, err = einthoven("evaluate", run, "--resamples", 20)
    assert code == 0, err
    assert "External" not in text
    assert "thresholds: folds 5, 6, 7, 8, 9" in text
    assert "TRAINED ON fold 1" in einthoven("evaluate", run, "--fold", 1, "--resamples", 20)[1]
    assert einthoven("export", run, "--out", bundle)[0] == 0
    facts = Card.read(bundle).to_dict()
    assert facts["licence"] == "trained on Somewhere, A 2026, CC0"
    text = einthoven("evaluate", bundle, "--data", challenge_set, "--out", tmp_path / "r", "--resamples", 20)[1]
    assert "External" not in text
    assert "fold 10 of Somewhere" in text
    error = einthoven("train", "--data", challenge_set, "--task", "form", "--out", tmp_path / "other")[2]
    assert "There is no task 'form' in Somewhere; choose one of labels, superclass" in error


def test_a_run_on_another_set_claims_no_training_on_it(
    einthoven: Einthoven, trained: Path, challenge_set: Path, tmp_path: Path
) -> None:
    arguments = ("evaluate", trained, "--data", challenge_set, "--fold", "1-3", "--out", tmp_path, "--resamples", 20)
    code, text, err = einthoven(*arguments)
    assert code == 0, err
    assert "TRAINED ON" not in text
    assert "thresholds: 0.5 (no validation fold)" in text
