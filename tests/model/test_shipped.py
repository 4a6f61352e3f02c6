"""The shipped bundles keep what their cards promise, on the real fold 10."""

from pathlib import Path

import pytest

from einthoven.datasets.dataset import Dataset
from einthoven.evaluate.bundles import calibrate_predictions, predict_with_bundle
from einthoven.evaluate.evaluation import evaluate
from einthoven.model.bundle import Bundle
from einthoven.model.bundle_files import bundle_names
from einthoven.model.port.facts import current_port
from einthoven.signal.electrodes.network import MODEL as PLACEMENT_NETWORK
from model.port.golden_values import check_by_hand, check_golden

LARGEST = {"default": 12e6, "edge": 1.2e6}
DIMENSION = {"default": 256 + 96 + 192 + 256, "edge": 96 + 128}


@pytest.fixture(scope="module", params=bundle_names())
def bundle(request: pytest.FixtureRequest) -> Bundle:
    return Bundle.load(request.param)


def test_both_are_there() -> None:
    assert bundle_names() == ["default", "edge"]


def test_it_is_small_and_answers_all_statements(bundle: Bundle) -> None:
    assert (bundle.folder / "model.onnx").stat().st_size <= LARGEST[bundle.card.name]
    assert len(bundle.card.labels) == 77
    assert [output.label for output in bundle.card.outputs if output.kinds == ("acute",)] == ["ACUTE", "INJURY"]
    assert bundle.embedding_dimension == DIMENSION[bundle.card.name]
    assert bundle.card.labels[:5] == ("NORM", "MI", "STTC", "CD", "HYP")


def test_fold_10_had_no_part_in_it(bundle: Bundle) -> None:
    training = bundle.card.to_dict()["training"]
    assert training["train_folds"] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert training["validation_folds"] == [9]
    assert all(run["train_folds"] == training["train_folds"] for run in training["runs"])
    assert bundle.card.to_dict()["results"]["fold"] == 10
    assert not bundle.card.to_dict()["results"]["simulated"]


def test_golden_values(bundle: Bundle) -> None:
    check_golden(bundle)
    check_by_hand(bundle)


def test_the_gate_is_that_of_this_release(bundle: Bundle) -> None:
    assert bundle.required_port.gate.content == current_port(bundle.folder).gate.content
    assert (bundle.folder / "placement.onnx").read_bytes() == PLACEMENT_NETWORK.read_bytes()


def test_the_card_s_figures_come_out_of_the_model_on_the_real_fold_10(bundle: Bundle, test_data: Path) -> None:
    dataset = Dataset.open(test_data / "ptbxl", bundle.card.rate)
    predictions = calibrate_predictions(bundle, predict_with_bundle(bundle, dataset, (9, 10)))
    measured = evaluate(predictions, dataset.annotations, model=bundle.card.name, run={}, n_resamples=1).to_dict()
    tasks = {measured["task"]: measured, **measured["tasks"]}
    stated = bundle.card.to_dict()["results"]["tasks"]
    assert stated.keys() == tasks.keys()
    for name, task in stated.items():
        found = tasks[name]
        for figure in ("macro_auroc", "macro_auroc_supported", "macro_auprc", "macro_f1", "global_accuracy"):
            if task[figure] is not None:
                assert found[figure]["value"] == pytest.approx(task[figure]["value"], abs=5e-4), (name, figure)
        for label, row in task["per_label"].items():
            if row["auroc"] is not None:
                value = found["per_label"][label]["auroc"]["value"]
                assert value == pytest.approx(row["auroc"]["value"], abs=5e-4), (name, label)
    for label, row in stated["superclass"]["per_label"].items():
        found = measured["per_label"][label]
        assert found["ece"] == pytest.approx(row["ece"], abs=2e-3)
        assert found["calibration_slope"] == pytest.approx(row["calibration_slope"], abs=2e-3)
        for kind, points in row["operating_points"].items():
            for target, point in points.items():
                again = found["operating_points"][kind][target]
                assert again["sensitivity"]["value"] == pytest.approx(point["sensitivity"]["value"], abs=5e-3)
                assert again["specificity"]["value"] == pytest.approx(point["specificity"]["value"], abs=5e-3)
    single = stated["superclass"]["single_label"]["accuracy"]
    assert measured["single_label"]["accuracy"] == pytest.approx(single, abs=2e-3)
