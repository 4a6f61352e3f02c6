"""A bundle says what its run says, proves itself by its golden values, and refuses what is not whole."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from einthoven.errors import EinthovenError
from einthoven.model.bundle import Bundle
from model.port.golden_values import check_by_hand, check_golden


@pytest.fixture(scope="module")
def bundle(exported: Path) -> Bundle:
    return Bundle.load(exported)


@pytest.fixture
def copy(exported: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(exported, tmp_path / "copy"))


def test_golden_values_are_reproduced_at_each_stage(bundle: Bundle) -> None:
    check_golden(bundle)
    check_by_hand(bundle)


def test_the_card_tells_what_is_needed(bundle: Bundle) -> None:
    facts = bundle.card.to_dict()
    assert facts["embedding"] == {
        "name": "embedding",
        "dimension": bundle.embedding_dimension,
        "version": bundle.card.embedding.version,
    }
    assert facts["input"]["leads"] == ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]
    assert (facts["input"]["unit"], facts["input"]["rate_hz"], facts["input"]["window_samples"]) == ("mV", 100, 250)
    assert len(bundle.card.labels) == 75
    assert facts["training"]["train_folds"] == [1, 2, 3, 4]
    by_name = {label["name"]: label for label in facts["labels"]}
    norm = by_name["NORM"]
    assert norm["support"] == "enough"
    assert 0.2 < norm["prevalence"] < 0.8
    rule_in, rule_out = norm["thresholds"]["rule_in"]["0.95"], norm["thresholds"]["rule_out"]["0.99"]
    assert rule_in["specificity"]["value"] >= 0.95
    assert rule_out["sensitivity"]["value"] >= 0.99
    assert rule_out["threshold"] <= rule_in["threshold"]
    assert set(rule_in["ppv"]) == {"0.05", "0.10", "0.25"}
    for label in facts["labels"]:
        enough = label["validation_positives"] >= 20
        assert label["support"] == ("enough" if enough else "low"), label["name"]
        assert (label["calibration"] is not None) == (label["thresholds"] is not None) == enough


def test_labels_of_low_support_keep_their_score_and_get_no_decision(bundle: Bundle) -> None:
    low = [k for k, label in enumerate(bundle.card.to_dict()["labels"]) if label["support"] == "low"]
    assert low
    scores = np.full(len(bundle.card.labels), 0.9)
    assert (bundle.card.calibrate(scores)[low] == 0.9).all()
    assert (bundle.card.decide(scores)[low] == -1).all()


def test_the_same_from_any_number_of_threads(bundle: Bundle) -> None:
    signals = np.random.default_rng(0).normal(0, 0.3, (16, 12, 1000)).astype(np.float32)
    alone = [bundle.probabilities(signal) for signal in signals]
    with ThreadPoolExecutor(4) as pool:
        assert all(np.array_equal(a, b) for a, b in zip(alone, pool.map(bundle.probabilities, signals), strict=True))


@pytest.mark.parametrize("name", ["default", "edge", "exported"])
def test_scores_of_several_are_those_of_each_to_the_last_bit(exported: Path, name: str) -> None:
    bundle = Bundle.load(exported if name == "exported" else name)
    random = np.random.default_rng(7)
    lengths = [1000] * 11 + [250, 250, 300, 300, 600, 600, 600, 1000]  # of one to four windows
    signals = [random.normal(0, 0.3, (12, length)).astype(np.float32) for length in lengths]
    together = list(bundle.batch_scores(signals))
    assert len(together) == len(signals)
    for scores, signal in zip(together, signals, strict=True):
        np.testing.assert_array_equal(scores, bundle.scores(signal))


def test_a_signal_of_the_wrong_shape_is_refused(bundle: Bundle) -> None:
    for shape in ((12, 249), (8, 1000), (12,)):
        with pytest.raises(ValueError, match="not \\(12, at least 250 samples\\)"):
            bundle.logits(np.zeros(shape, np.float32))


def test_another_file_than_the_card_names_is_refused(copy: Path) -> None:
    content = bytearray((copy / "model.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (copy / "model.onnx").write_bytes(content)
    with pytest.raises(EinthovenError, match=r"model\.onnx: is not the file that the card names"):
        Bundle.load(copy)


@pytest.mark.parametrize(
    "missing", ["model.onnx", "card.json", "gate.json", "placement.onnx", "golden.npz", "golden.json"]
)
def test_a_missing_file_is_named(copy: Path, missing: str) -> None:
    (copy / missing).unlink()
    with pytest.raises(EinthovenError, match=missing):
        Bundle.load(copy)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda card: card.update(format=2), "format 2.*reads 1"),
        (lambda card: card.pop("labels"), "labels is missing"),
        (lambda card: card["input"].pop("leads"), r"input\.leads is missing"),
    ],
)
def test_a_card_that_cannot_be_used_is_refused(copy: Path, change, message: str) -> None:
    card = json.loads((copy / "card.json").read_text())
    change(card)
    (copy / "card.json").write_text(json.dumps(card))
    with pytest.raises(EinthovenError, match=message):
        Bundle.load(copy)


def test_a_damaged_card_is_refused(copy: Path) -> None:
    (copy / "card.json").write_text("{")
    with pytest.raises(EinthovenError, match=r"card\.json: is damaged"):
        Bundle.load(copy)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(EinthovenError, match=r"no such folder.*shipped bundle.*\(.*\)"):
        Bundle.load("nonesuch")
